"""The way in: on disk before it is acknowledged, each once, a person's updates in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from bot.app import House, opened, run
from bot.channels.base import Outgoing, Update
from bot.config import read_settings
from bot.intake import Arrived, Intake, lane
from bot.web.app import Web
from storage import inbox, sessions
from storage.db import StorageUnavailable, Tx, Work
from storage.inbox import Kept
from storage.schema import inbox as table
from tests.bot.conftest import Clock

T = TypeVar("T")


def typed(n: int, text: str = "1", chat: str = "c1", kind: str = "typed", **more: Any) -> Update:
    body = {"type": kind, "text": text, **more} if kind == "typed" else {"type": kind, **more}
    return Update("web", "web", f"{chat}-{n}", chat, json.dumps(body), n)


def opening(n: int = 0, chat: str = "c1") -> Update:
    return typed(n, chat=chat, kind="open", flow="article_rating", lang="vi")


class Counting:
    """Stands between the house and its database: counts commits, and lets them fail."""

    def __init__(self, house: House) -> None:
        self.db = house.db
        self.writes = 0
        self.down = False
        self.before: Callable[[], Awaitable[None]] | None = None
        house.intake._db = self  # type: ignore[assignment]
        house.lanes._handle.__self__._db = self  # type: ignore[attr-defined]

    async def write(self, work: Work[T]) -> T:
        if self.before is not None:
            await self.before()
        if self.down:
            raise StorageUnavailable("disk full")
        self.writes += 1
        return await self.db.write(work)


async def waiting(house: House) -> list[Kept]:
    return await house.db.read(lambda tx: inbox.undone(tx, 100))


async def answers(house: House, chat: str = "c1") -> list[str]:
    session = await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", chat))
    return [] if session is None else [one.raw for one in session.answers.values()]


async def test_an_update_of_somebody_who_waits_for_nothing_is_one_commit(house: House) -> None:
    counting = Counting(house)
    await house.intake.accept([opening()])
    await house.lanes.settled()
    assert counting.writes == 1
    assert await waiting(house) == []


async def test_when_accept_returns_the_update_is_handled_or_waits_on_disk(house: House) -> None:
    counting = Counting(house)
    hold = asyncio.Event()
    await house.intake.accept([opening()])
    await house.lanes.settled()
    first = True

    async def held() -> None:
        nonlocal first
        if first:
            first = False
            await hold.wait()

    counting.before = held
    one = asyncio.create_task(house.intake.accept([typed(1, "1")]))
    await asyncio.sleep(0.05)
    two = asyncio.create_task(house.intake.accept([typed(2, "2")]))
    await asyncio.sleep(0.05)
    assert not one.done()
    assert not two.done()  # its place on disk is behind that of the first
    hold.set()
    await asyncio.gather(one, two)
    await house.lanes.settled()
    assert await keys_of(house) == ["c1-0", "c1-1", "c1-2"]


async def keys_of(house: House) -> list[str]:
    """The keys in the inbox, in the order of their numbers."""

    async def look(tx: Tx) -> list[str]:
        return [row["key"] for row in await tx.all(select(table.c.key).order_by(table.c.id))]

    return await house.db.read(look)


async def test_many_at_once_of_one_person_are_kept_in_order_and_others_do_not_wait(house: House) -> None:
    await asyncio.gather(*(house.intake.accept([opening(chat=chat)]) for chat in ("c1", "c2")))
    batch = [typed(n, f"{n % 5 + 1}", chat) for n in range(1, 8) for chat in ("c1", "c2")]
    await house.intake.accept(batch)
    await asyncio.gather(*(house.intake.accept([typed(n, "1")]) for n in range(8, 30)))
    await house.lanes.settled()
    keys = await keys_of(house)
    mine = [int(key.partition("-")[2]) for key in keys if key.startswith("c1-")]
    assert mine == sorted(mine) == list(range(30))
    assert sum(key.startswith("c2-") for key in keys) == 8


async def test_while_nothing_can_be_stored_nothing_is_acknowledged_and_it_may_come_again(house: House) -> None:
    counting = Counting(house)
    counting.down = True
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            await house.intake.accept([opening()])
    await house.lanes.settled()
    counting.down = False
    await house.intake.accept([opening()])
    await house.lanes.settled()
    assert await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1")) is not None


async def test_what_cannot_be_handled_is_in_the_inbox_before_it_is_acknowledged(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.handling.Handling.run", fails)
    monkeypatch.setattr("bot.lanes.RETRY_FIRST_S", 0.2)
    await house.intake.accept([opening()])
    [kept] = await waiting(house)
    assert kept.key == "c1-0"
    monkeypatch.undo()
    await house.lanes.settled()
    assert await waiting(house) == []
    assert await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1")) is not None


async def test_the_same_update_ten_times_at_once_is_handled_once(house: House) -> None:
    await house.intake.accept([opening()])
    await asyncio.gather(*(house.intake.accept([typed(1, "3")]) for _ in range(10)))
    await house.intake.accept([typed(1, "3")])
    await house.lanes.settled()
    assert len(await answers(house)) == 1


async def test_what_is_left_when_we_stop_is_not_acknowledged(house: House) -> None:
    counting = Counting(house)
    hold = asyncio.Event()
    counting.before = hold.wait  # type: ignore[assignment]
    accepting = asyncio.create_task(house.intake.accept([opening()]))
    await asyncio.sleep(0.02)
    await house.lanes.stop(0.05)
    with pytest.raises(StorageUnavailable):
        await accepting


@pytest.fixture
async def telegram(tmp_path: Path, clock: Clock) -> AsyncIterator[House]:
    settings = read_settings({}, data_dir=tmp_path / "t", free_min_mb=0, telegram_token="123456:abc")
    async with opened(settings, clock=clock) as made:
        yield made
        await made.lanes.settled()


async def test_a_taps_acknowledgement_goes_back_with_ours_and_words_get_none(telegram: House) -> None:
    assert telegram.telegram is not None
    person = {"id": 7, "is_bot": False, "first_name": "An"}
    chat = {"id": 7, "type": "private"}

    async def comes(raw: dict[str, Any]) -> list[Outgoing]:
        assert telegram.telegram is not None
        replies: list[Outgoing] = []
        await telegram.intake.accept([telegram.telegram.update_of(raw)], replies)
        return replies

    said = {"message_id": 1, "from": person, "chat": chat, "date": 1, "text": "/start article_rating"}
    assert await comes({"update_id": 1, "message": said}) == []
    tap = {"id": "99", "from": person, "message": {"message_id": 2, "chat": chat, "date": 1}, "data": "forged"}
    [reply] = await comes({"update_id": 2, "callback_query": tap})
    assert (reply.method, reply.body["callback_query_id"]) == ("answerCallbackQuery", "99")
    assert reply.body["text"]


def test_a_lane_is_a_chats() -> None:
    assert lane(typed(1, chat="x")) == "web:web:x"
    assert Arrived(1, typed(1)).waited_for is False


async def test_what_waits_from_before_is_taken_up_before_anybody_can_post(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    async def take_up(_: Intake) -> int:
        await asyncio.sleep(0.02)
        order.append("taken up")
        return 0

    async def serve(_: Web) -> None:
        order.append("serving")

    async def ready(house: House, _: int) -> None:
        await asyncio.sleep(0)
        house.stopping.set()

    monkeypatch.setattr(Intake, "take_up", take_up)
    monkeypatch.setattr(Web, "serve", serve)
    assert await run(read_settings({}, data_dir=tmp_path / "d", free_min_mb=0, port=0, samples=False), ready) == 0
    assert order == ["taken up", "serving"]
