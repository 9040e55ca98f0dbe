"""What every room's tests share: a clock that stands still, and a whole house on a database of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.app import House, opened
from bot.config import Settings, read_settings
from tests.scenario import MONDAY


class Clock:
    """Milliseconds since 1970, as the test says."""

    def __init__(self, at: int = MONDAY) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at

    def passes(self, seconds: float) -> None:
        """Time goes by."""
        self.at += int(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a house in a folder of its own."""
    return read_settings({}, data_dir=tmp_path / "data", port=0, free_min_mb=0, signing_key="0123456789abcdef" * 2)


@pytest.fixture
async def house(settings: Settings, clock: Callable[[], int]) -> AsyncIterator[House]:
    """A whole house with its database, nothing listening."""
    async with opened(settings, clock=clock) as built:
        yield built
