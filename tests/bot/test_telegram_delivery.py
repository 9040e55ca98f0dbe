"""The whole way out: rows in a real database, over real HTTP, to a Bot API that refuses and fails like Telegram."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Address, Context, Incoming
from bot.channels.telegram import TelegramChannel
from bot.delivery import Delivery, Pace
from bot.i18n import words
from flows.session import Option, Say, Settle, Show, Shown, Tell, View
from storage import outbox
from storage.db import Database, Tx, open_database
from storage.outbox import Message
from tests.fake_telegram import Fake, fake_telegram

SESSION = "01hzzzzzzzzzzzzzzzzzabc123"
_numbers = count()


def clock() -> int:
    return time.time_ns() // 1_000_000


class Out:
    """What is under test, and the ways to look at it."""

    def __init__(self, db: Database, fake: Fake, channel: TelegramChannel) -> None:
        self.db, self.fake, self.channel = db, fake, channel
        self.gone: list[str] = []
        self.delivery = self.fresh()

    def fresh(self, **more: Any) -> Delivery:
        async def gone(_channel: str, _bot: str, chat: str) -> None:
            self.gone.append(chat)

        self.delivery = Delivery(self.db, {("telegram", self.channel.bot): self.channel}, clock, on_gone=gone, **more)
        return self.delivery

    async def rows(self, *messages: Message) -> list[Message]:
        async def put(tx: Tx) -> list[Message]:
            return await outbox.add(tx, messages)

        return await self.db.write(put)

    async def sends(self, *messages: Message) -> None:
        self.delivery.put(await self.rows(*messages))
        async with asyncio.timeout(20):
            await self.delivery.settled()

    async def states(self, chat: int) -> list[tuple[str, str]]:
        """(state, error) of a chat's rows, in order."""

        async def look(tx: Tx) -> list[Message]:
            return await outbox.transcript(tx, "telegram", self.channel.bot, str(chat))

        return [(row.state, row.error) for row in await self.db.read(look)]

    def message(self, chat: int, text: str, **more: Any) -> Message:
        body = json.dumps({"text": text, "parse_mode": "HTML"}, ensure_ascii=False)
        return Message(
            channel="telegram", bot=self.channel.bot, chat=str(chat), key=f"{next(_numbers)}", method="sendMessage",
            body=body, created_at=clock(), **more,
        )  # fmt: skip

    def shown(self, chat: int, *effects: Show | Settle | Tell, tap: str = "") -> list[Message]:
        """Rows of effects, as the runner makes them; what is only worth one try is fired."""
        address = Address("telegram", self.channel.bot, str(chat))
        incoming = Incoming(address, ignored="x", tap=tap)
        made: list[Message] = []
        for one in self.channel.render(effects, Context(address, SESSION, "vi", incoming)):
            if not one.durable:
                self.delivery.fire(one, address)
                continue
            row = self.message(chat, "", card=one.card, edit=one.edit, drop_if_unsent=one.drop_if_unsent)
            made.append(
                Message(
                    **{n: getattr(row, n) for n in row.__slots__} | {"method": one.method, "body": json.dumps(one.body)}
                )
            )
        return made


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Out]:
    async with fake_telegram() as fake:
        db = await open_database(f"sqlite:///{tmp_path / 'k.sqlite'}", free_mb=1)
        channel = TelegramChannel(fake.token, secret=b"s" * 32, words=words(), base_url=fake.url, read_s=0.3)
        await channel.register()
        made = Out(db, fake, channel)
        yield made
        await made.delivery.stop(1)
        await channel.close()
        await db.close()


async def seen(fake: Fake, chat: int) -> list[str]:
    return [message.text for message in await fake.user(chat).chat.from_bot()]


QUESTION = View(
    kind="question", lang="vi", ref="2f", type="select_one", text="Ngành?", options=(Option("may", "May mặc"),), total=1
)
RECEIPT = View(
    kind="settled",
    lang="vi",
    ref="2f",
    type="select_one",
    text="Ngành?",
    shown=Shown("options", "may", ("May mặc",)),
    actions=("edit",),
)


async def test_a_card_becomes_a_receipt_and_the_next_one_comes_below(out: Out) -> None:
    lan = out.fake.user(7)
    await lan.opens()
    await out.sends(*out.shown(7, Show(1, QUESTION)))
    tap = await lan.taps("May mặc")
    await out.sends(*out.shown(7, Tell(Say("format.none")), Settle(1, RECEIPT), Show(2, QUESTION), tap=tap.query_id))
    assert await seen(out.fake, 7) == ["✔ Ngành? May mặc", "Ngành?"]
    assert (await lan.toast(tap)).text == "chưa trả lời"
    assert await out.fake.violations() == []


async def test_sharing_a_phone_number_leaves_no_key_behind(out: Out) -> None:
    lan = out.fake.user(7)
    await lan.opens()
    ask = View(
        kind="question", lang="vi", ref="2f", type="text", widget="share_phone", parse="phone_vn", text="Điện thoại?"
    )
    done = View(
        kind="settled",
        lang="vi",
        ref="2f",
        type="text",
        parse="phone_vn",
        text="Điện thoại?",
        shown=Shown("text", "+84912345678"),
    )
    await out.sends(*out.shown(7, Show(1, ask)))
    await lan.presses("📱 Chia sẻ số điện thoại")
    await out.sends(*out.shown(7, Settle(1, done)))
    assert await seen(out.fake, 7) == ["✔ Điện thoại? +84912345678"]
    assert await out.fake.violations() == []


@pytest.mark.parametrize("kind", ["429", "500", "502", "504", "html", "reset", "half", "hang"])
async def test_a_fault_delays_a_chat_and_loses_nothing(out: Out, kind: Any) -> None:
    await out.fake.user(7).opens()
    await out.fake.user(8).opens()
    await out.fake.fault(kind, chat=7, times=1, seconds=5, retry_after=1)
    started = time.monotonic()
    rows = await out.rows(*(out.message(chat, text) for chat in (7, 8) for text in ("một", "hai")))
    out.delivery.put(rows)
    async with asyncio.timeout(1):
        while await seen(out.fake, 8) != ["một", "hai"]:  # noqa: ASYNC110  # the fake is asked over HTTP and cannot call back
            await asyncio.sleep(0.02)
    async with asyncio.timeout(10):
        await out.delivery.settled()
    assert time.monotonic() - started > 0.4
    told = await seen(out.fake, 7)
    repeated = ["một", "một", "hai"] if kind == "half" else ["một", "hai"]  # its answer broke off after it was sent
    assert told == repeated
    assert [state for state, _ in await out.states(7)] == ["sent", "sent"]


async def test_somebody_who_blocked_us_is_tried_once_and_marked(out: Out) -> None:
    lan = out.fake.user(7)
    await lan.starts()
    await lan.blocks()
    await out.sends(*(out.message(7, f"{n}") for n in range(3)))
    assert out.gone == ["7"]
    assert len(await out.fake.calls("sendMessage")) == 1
    assert (await out.states(7))[0] == ("failed", "Forbidden: bot was blocked by the user")


async def test_a_group_that_became_a_supergroup_is_followed(out: Out) -> None:
    await out.fake.group(-5, kind="group")
    new = await out.fake.user(7).migrates(-5)
    await out.sends(out.message(-5, "phiếu mới"))
    assert [state for state, _ in await out.states(new)] == ["sent"]


async def test_a_message_that_telegram_refuses_is_failed_with_its_reason_and_the_next_one_goes(out: Out) -> None:
    await out.fake.user(7).opens()
    await out.sends(out.message(7, "<b>hỏng"), out.message(7, "lành"))
    assert await seen(out.fake, 7) == ["lành"]
    states = await out.states(7)
    assert [state for state, _ in states] == ["failed", "sent"]
    assert "can't parse entities" in states[0][1]


async def test_a_hundred_chats_are_served_without_telegram_complaining(out: Out) -> None:
    await out.fake.limits(enforce=True)
    for chat in range(1, 51):
        await out.fake.user(chat).opens()
    await out.sends(*(out.message(chat, f"{n}") for n in range(2) for chat in range(1, 51)))
    calls = await out.fake.calls("sendMessage")
    assert len(calls) == 100
    assert {call["code"] for call in calls} == {200}
    assert await out.fake.violations() == []


async def test_what_a_stopped_process_left_is_sent_by_the_next_one(out: Out) -> None:
    await out.fake.user(7).opens()
    await out.fake.fault("502", times=1)
    out.delivery.put(await out.rows(*(out.message(7, f"{n}") for n in range(3))))
    await asyncio.sleep(0.1)
    await out.delivery.stop(1)
    assert await seen(out.fake, 7) == []
    again = out.fresh(pace=Pace(chat_burst=10))
    await again.start()
    async with asyncio.timeout(10):
        await again.settled()
    assert await seen(out.fake, 7) == ["0", "1", "2"]


async def test_random_faults_keep_each_chat_in_order_and_leave_every_row_decided(out: Out) -> None:
    chats = range(1, 5)
    for chat in chats:
        await out.fake.user(chat).opens()
    for kind, p in (("429", 0.1), ("502", 0.05), ("reset", 0.05), ("refuse", 0.05)):
        await out.fake.fault(kind, p=p, retry_after=1)  # type: ignore[arg-type]  # one of the kinds
    out.fresh(pace=Pace(chat_burst=20), dice=lambda: 0.99)
    await out.sends(*(out.message(chat, f"{n}") for n in range(6) for chat in chats))
    for chat in chats:
        states = [state for state, _ in await out.states(chat)]
        assert set(states) <= {"sent", "failed"}
        told = [int(text) for text in await seen(out.fake, chat)]
        assert told == [n for n, state in enumerate(states) if state == "sent"]
