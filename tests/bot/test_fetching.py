"""A file that cannot be fetched once is asked for again, and given up where that is of no use."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.channels.base import Refused, SendFailed, Throttled, Unreachable
from bot.fetching import WAITS_S, fetched

FILE = (b"\xff\xd8", "a.jpg", "image/jpeg")


class Shelf:
    """Fails as it is told, then gives the file."""

    def __init__(self, *errors: SendFailed) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def fetch(self, media: Mapping[str, Any]) -> tuple[bytes, str, str]:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return FILE


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none takes any time."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("bot.fetching.asyncio.sleep", sleep)
    return pauses


async def test_bad_luck_is_not_told_to_the_person_who_sent_a_file(slept: list[float]) -> None:
    shelf = Shelf(Unreachable("502"), Throttled(3.0))
    assert await fetched(shelf.fetch, {}) == FILE
    assert slept == [WAITS_S[0], 3.0]


@pytest.mark.parametrize(
    ("errors", "asked"),
    [
        ([Refused("no such file")], 1),
        ([Throttled(60.0)], 1),
        ([Unreachable("down")] * 9, len(WAITS_S) + 1),
    ],
    ids=["gone", "not soon", "down"],
)
async def test_what_cannot_be_had_is_given_up(errors: list[SendFailed], asked: int, slept: list[float]) -> None:
    shelf = Shelf(*errors)
    with pytest.raises(SendFailed):
        await fetched(shelf.fetch, {})
    assert shelf.asked == asked
