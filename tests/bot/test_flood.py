"""Who writes far too fast gets one notice, then quiet; answers count all the same; others feel nothing."""

from pathlib import Path

import pytest

from bot.app import opened
from bot.channels.base import Update
from bot.config import read_settings
from bot.flood import DROP_AT, TIDY_AT, WINDOW_MS, Floods
from storage import sessions
from storage.db import StorageUnavailable

PER_MIN = 3


def idle(floods: Floods, count: int, at: int = 0, chat: str = "a") -> list[str]:
    """Verdicts on messages that lead nowhere."""
    found: list[str] = []
    for _ in range(count):
        assert floods.arrives(chat, "telegram", at)
        found.append(floods.verdict(chat, at))
        floods.handled(chat, at, led_on=False)
    return found


def test_a_flood_gets_one_notice_and_then_silence_and_nobody_else_feels_it() -> None:
    floods = Floods(PER_MIN)
    assert idle(floods, 6) == ["answer"] * 3 + ["notice"] + ["silence"] * 2
    assert idle(floods, 2, chat="b") == ["answer", "answer"]


def test_who_goes_on_is_not_told_again_and_who_stops_starts_afresh() -> None:
    floods = Floods(PER_MIN)
    idle(floods, 5)
    assert idle(floods, 5, WINDOW_MS) == ["answer"] * 3 + ["silence"] * 2
    assert idle(floods, 5, 5 * WINDOW_MS) == ["answer"] * 3 + ["notice", "silence"]


def test_answers_are_no_flood_however_fast_they_come() -> None:
    floods = Floods(PER_MIN)
    for _ in range(500):
        assert floods.arrives("a", "telegram", 0)
        assert floods.verdict("a", 0) == "answer"
        floods.handled("a", 0, led_on=True)


def test_what_is_far_too_much_is_not_kept() -> None:
    floods = Floods(PER_MIN)
    kept = [floods.arrives("a", "telegram", 0) for _ in range(PER_MIN * DROP_AT + 5)]
    assert kept == [True] * (PER_MIN * DROP_AT) + [False] * 5
    assert floods.arrives("a", "telegram", WINDOW_MS)


def test_what_was_not_kept_and_comes_again_is_no_flood() -> None:
    floods = Floods(PER_MIN)
    for _ in range(500):
        assert floods.arrives("a", "telegram", 0)
        floods.forgives("a", 0)


async def test_a_database_that_is_down_makes_no_flood_of_what_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"data_dir": tmp_path, "free_min_mb": 0, "flood_per_min": 1}
    async with opened(read_settings({}, **given)) as house:
        update = Update("web", "web", "k1", "c1", '{"type": "open", "flow": "article_rating", "lang": "vi"}', 1)
        with monkeypatch.context() as broken:
            broken.setattr(house.db, "write", failing)
            for _ in range(2 * DROP_AT):
                with pytest.raises(StorageUnavailable):
                    await house.intake.accept([update])
        for _ in range(2 * DROP_AT):
            await house.intake.accept([update])
        await house.lanes.settled()
        assert await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1")) is not None


async def failing(put: object) -> None:
    raise StorageUnavailable("down")


def test_without_a_limit_nothing_is_counted() -> None:
    floods = Floods(0)
    assert idle(floods, 1000) == ["answer"] * 1000


def test_of_those_who_went_quiet_nothing_is_remembered_however_many_come() -> None:
    floods = Floods(PER_MIN)
    for n in range(20 * TIDY_AT):
        idle(floods, 1, n * WINDOW_MS // 10, chat=str(n))  # ten new people a minute
    assert len(floods._chats) <= TIDY_AT
