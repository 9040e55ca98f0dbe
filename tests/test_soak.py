"""The soak can fail: what grows is seen, what only fills its caches at the beginning is not blamed."""

import pytest

from tests.soak import Sample, grown, slope

MINUTE = 60.0


def hours(rss_mb_an_hour: float, **more: float) -> list[Sample]:
    """Two hours, a sample a minute; `more`: what `files`, `threads` and `wal_mb` gain over all of it."""
    gains = {"files": 0.0, "threads": 0.0, "wal_mb": 0.0} | more
    return [
        Sample(
            n * MINUTE,
            150 + rss_mb_an_hour * n / 60,
            30 + round(gains["files"] * n / 120),
            11 + round(gains["threads"] * n / 120),
            4 + gains["wal_mb"] * n / 120,
        )
        for n in range(121)
    ]


def test_what_stays_is_no_fault() -> None:
    assert grown(hours(0.5)) == []
    filled = [Sample(one.at, min(150 + one.at / 60, 165), 30, 11, 4.0) for one in hours(0)]
    assert grown(filled) == []  # caches that are full after a quarter of an hour
    assert slope(filled) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("samples", "what"),
    [
        (hours(20), "memory"),
        (hours(0, files=40), "files"),
        (hours(0, threads=20), "threads"),
        (hours(0, wal_mb=80), "log"),
    ],
)
def test_what_grows_is_a_fault(samples: list[Sample], what: str) -> None:
    [fault] = grown(samples)
    assert what in fault


def test_the_slope_is_in_megabytes_an_hour() -> None:
    assert slope(hours(7)) == pytest.approx(7)
