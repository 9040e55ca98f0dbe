from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.answers.dates import Prefers, read_date
from tests.flows.answers.tables import DATES, PERIODS

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(("text", "prefers", "iso", "certainty"), DATES)
def test_a_day_is_read(text: str, prefers: Prefers | None, iso: str, certainty: str) -> None:
    reading = read_date(text, TODAY, prefers)
    assert (reading.value, reading.certainty, reading.precision) == (iso, certainty, "day")


@pytest.mark.parametrize(("text", "prefers", "iso", "precision"), PERIODS)
def test_a_period_means_its_last_day_and_is_read_back(
    text: str, prefers: Prefers | None, iso: str, precision: str
) -> None:
    reading = read_date(text, TODAY, prefers)
    assert (reading.value, reading.certainty, reading.precision) == (iso, "confirm", precision)


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("30/2/2026", "no_such_day"), ("31/11", "no_such_day"), ("20/13/2026", "no_such_day"), ("rằm tháng giêng", "lunar"), ("sau Tết", "lunar"),
        ("20/11 - 25/11", "which_one"), ("abc", "again"), ("", "again"), ("0912345678", "again"), ("không biết", "again"), ("2 tỷ", "again"),
    ],
)  # fmt: skip
def test_what_is_no_day_gives_none(text: str, ask: str) -> None:
    reading = read_date(text, TODAY)
    assert (reading.value, reading.ask) == (None, f"read.date.{ask}")


@given(
    st.dates(date(1950, 1, 1), date(2090, 12, 31)),
    st.sampled_from(
        ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "ngày %d tháng %m năm %Y", "ngay %d thang %m nam %Y", "%Y-%m-%d"]
    ),
    st.sampled_from(["", "dạ ", "dạ là ", "em nghĩ là "]),
    st.sampled_from(["", " ạ", " nhé", ".", " ạ 🙂"]),
)
def test_a_whole_date_is_sure_in_every_spelling(day: date, spelling: str, before: str, behind: str) -> None:
    reading = read_date(before + day.strftime(spelling) + behind, TODAY)
    assert (reading.value, reading.certainty) == (day.isoformat(), "sure")


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), st.integers(1, 28), st.integers(1, 12))
def test_without_a_year_the_day_lies_where_it_is_looked_for(today: date, day: int, month: int) -> None:
    for text in (f"{day}/{month}", f"ngày {day} tháng {month}"):
        past, future = read_date(text, today, "past").value, read_date(text, today, "future").value
        assert isinstance(past, str)
        assert isinstance(future, str)
        assert past <= today.isoformat() <= future
        assert past[5:] == future[5:] == f"{month:02}-{day:02}"
        assert (date.fromisoformat(future) - date.fromisoformat(past)).days <= 366
