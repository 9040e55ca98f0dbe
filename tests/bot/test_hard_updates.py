"""Updates as they should never come: repeated, at the same instant, late, mutilated. None changes what it must not."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.app import House, opened
from bot.channels.base import Update
from bot.config import read_settings
from flows.session import Session
from storage import inbox, outbox, sessions
from storage.db import Tx
from storage.outbox import Message
from tests.bot.conftest import Clock
from tests.taps import OnTelegram, OnTheWeb, double_taps

HOUR_S = 3600
CHAT = {"id": 7, "type": "private"}
PERSON = {"id": 7, "is_bot": False, "first_name": "An", "language_code": "vi"}


@pytest.fixture
async def house(tmp_path: Path, clock: Clock) -> AsyncIterator[House]:
    settings = read_settings(
        {},
        data_dir=tmp_path / "d",
        free_min_mb=0,
        telegram_token="123456:abc",
        telegram_base_url="http://127.0.0.1:1",
        flood_per_min=0,
    )
    async with opened(settings, clock=clock) as made:
        yield made
        await made.lanes.settled()


async def comes(house: House, *raws: dict[str, Any]) -> None:
    assert house.telegram is not None
    await asyncio.gather(*(house.intake.accept([house.telegram.update_of(raw)]) for raw in raws))
    await house.lanes.settled()


def said(n: int, text: str, **more: Any) -> dict[str, Any]:
    message = {"message_id": n, "from": PERSON, "chat": CHAT, "date": 1_790_000_000 + n, "text": text, **more}
    return {"update_id": n, "message": message}


def tap(n: int, data: str) -> dict[str, Any]:
    message = {"message_id": 1, "chat": CHAT, "date": 1}
    return {"update_id": n, "callback_query": {"id": f"q{n}", "from": PERSON, "message": message, "data": data}}


async def session_of(house: House) -> Session:
    assert house.telegram is not None
    bot = house.telegram.bot
    found = await house.db.read(lambda tx: sessions.open_of(tx, "telegram", bot, "7"))
    assert found is not None
    return found


async def buttons(house: House) -> list[str]:
    """The data of the newest card's buttons that are options."""
    assert house.telegram is not None
    bot = house.telegram.bot

    async def look(tx: Tx) -> list[Message]:
        return await outbox.transcript(tx, "telegram", bot, "7")

    cards = [json.loads(row.body) for row in await house.db.read(look) if row.method == "sendMessage"]
    keyboard = cards[-1]["reply_markup"]["inline_keyboard"]
    return [b["callback_data"] for row in keyboard for b in row if b["callback_data"].startswith("p")]


async def test_an_update_that_comes_ten_times_and_once_more_two_days_later_is_one_answer(
    house: House, clock: Clock
) -> None:
    await comes(house, said(1, "/start article_rating"))
    data = (await buttons(house))[0]
    await comes(house, *[tap(2, data)] * 10)
    before = await session_of(house)
    assert len(before.answers) == 1
    clock.passes(48 * HOUR_S)
    await comes(house, tap(2, data), said(1, "/start article_rating"))
    assert await session_of(house) == before


async def test_two_taps_at_the_same_instant_are_one_answer_and_one_next_question(house: House) -> None:
    for who in (OnTelegram(house), OnTheWeb(house)):
        assert await double_taps(house, who, 30, random.Random(3)) == []


@pytest.mark.parametrize("hours", [1, -1, 24, -24])
async def test_a_clock_that_jumps_neither_repeats_a_reminder_nor_loses_it(
    hours: int, house: House, clock: Clock
) -> None:
    assert house.telegram is not None
    bot = house.telegram.bot
    await comes(house, said(1, "/start article_rating"))

    async def reminders() -> int:
        async def look(tx: Tx) -> int:
            rows = await outbox.transcript(tx, "telegram", bot, "7")
            return sum(row.key.startswith("remind:") for row in rows)

        return await house.db.read(look)

    clock.passes(hours * HOUR_S)
    for _ in range(3):
        await house.timers.run_due()
    early = await reminders()
    clock.passes(3 * 24 * HOUR_S)  # whatever it showed before, three days on the first is due
    for _ in range(3):
        await house.timers.run_due()
    assert (early, await reminders()) in {(0, 1), (1, 2)}
    clock.passes(-2 * 24 * HOUR_S)
    for _ in range(3):
        await house.timers.run_due()
    assert await reminders() <= 2


def mutilated(raw: Any, dice: random.Random) -> Any:
    """The same with something in it missing, doubled, of another type, huge or strange."""
    odd: tuple[Any, ...] = (
        None,
        True,
        -1,
        2**63,
        "",
        "\x00",
        "\ud800",
        "a" * 5000,
        [],
        {},
        [[]],
        {"id": "x"},
        1e308,
        "７",
        "/start",
    )
    if isinstance(raw, dict) and raw and dice.random() < 0.85:
        key = dice.choice(sorted(raw))
        changed = dict(raw)
        match dice.randrange(4):
            case 0:
                del changed[key]
            case 1:
                changed[dice.choice(("x", "text", "photo", "location", "contact", "sticker"))] = dice.choice(odd)
            case _:
                changed[key] = mutilated(raw[key], dice)
        return changed
    if isinstance(raw, list) and raw:
        return [mutilated(each, dice) for each in raw] * dice.choice((1, 1, 3))
    return dice.choice(odd)


async def test_a_thousand_mutilated_updates_raise_nothing_and_the_next_answer_is_taken(house: House) -> None:
    assert house.telegram is not None
    dice = random.Random(17)
    await comes(house, said(1, "/start article_rating"))
    kinds = [
        said(0, "xin chào", entities=[{"type": "bold", "offset": 0, "length": 3}]),
        tap(0, "pabc:0:1:1xxxxxxxx"),
        {"update_id": 0, "edited_message": said(0, "khác")["message"] | {"edit_date": 5}},
        said(0, "x", location={"latitude": 21.0, "longitude": 105.8}, contact={"phone_number": "1", "user_id": 7}),
        said(
            0, "x", reply_to_message={"message_id": 3, "reply_markup": {"inline_keyboard": [[{"callback_data": "p"}]]}}
        ),
        {"update_id": 0, "my_chat_member": {"chat": CHAT, "from": PERSON, "new_chat_member": {"status": "member"}}},
        {"update_id": 0, "message": {"sticker": {"emoji": "👍"}, **said(0, "x")["message"]}},
    ]
    with structlog.testing.capture_logs() as told:
        for n in range(1000):
            raw = mutilated(dice.choice(kinds), dice)
            raw = raw if isinstance(raw, dict) else {"x": raw}
            raw["update_id"] = 100 + n
            body = json.dumps(raw)
            update = house.telegram.update_of(json.loads(body), body)
            await house.intake.accept([Update(update.channel, update.bot, update.key, update.chat, body, update.at)])
        await house.lanes.settled()
    assert [entry for entry in told if entry["log_level"] in {"error", "critical"}] == []
    assert await house.db.read(lambda tx: inbox.dead(tx, 10)) == []
    assert await house.db.read(lambda tx: inbox.undone(tx, 10)) == []
    await comes(house, said(5000, "/stop"), said(5001, "/start article_rating"))
    await comes(house, tap(5002, (await buttons(house))[0]))
    assert len((await session_of(house)).answers) == 1


async def test_buttons_of_earlier_questions_change_nothing_wherever_one_stands(house: House) -> None:
    dice, n = random.Random(9), 1
    old: list[str] = []
    await comes(house, said(n, "/start article_rating"))
    for _ in range(60):
        before = await session_of(house)
        options = await buttons(house) if before.at else []
        if not options:
            await comes(house, said(n := n + 1, "/stop"), said(n := n + 1, "/start article_rating"))
            continue
        if old:
            late = dice.sample(old, min(len(old), 3))
            await comes(house, *(tap(n := n + 1, data) for data in late))
            after = await session_of(house)
            assert (after.id, after.at, after.answers) == (before.id, before.at, before.answers)
        old += options
        await comes(house, tap(n := n + 1, dice.choice(options)))
