"""What is kept in memory of chats that went quiet stays within a bound, however many come."""

from typing import Any

import pytest

from bot.delivery import desk as desks
from bot.delivery.desk import IDLE_S, TIDY_AT, Desk
from bot.delivery.pace import Window, pace_of


class Nobody:
    """A channel that is never asked to send."""

    name = "telegram"
    bot = "1"


async def test_chats_that_went_quiet_are_forgotten_and_those_of_now_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    at = 0.0
    monkeypatch.setattr(desks, "now", lambda: at)
    channel: Any = Nobody()
    desk = Desk(channel, pace_of(30), lambda *_: True)
    for n in range(20 * TIDY_AT):
        at = n * IDLE_S / 50  # fifty people in the time after which one is quiet
        desk.lane(str(n))
        desk.tidy()
    assert len(desk._lanes) <= TIDY_AT
    assert str(n) in desk._lanes


def test_a_pace_that_holds_nobody_up_remembers_no_more_than_its_span() -> None:
    window = Window(10**6, 1.0)
    for n in range(10_000):
        assert window.wait_s(n / 100) == 0
        window.take(n / 100)  # a hundred a second
    assert len(window._times) <= 101
