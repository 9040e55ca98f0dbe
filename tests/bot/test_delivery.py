"""Delivery against a channel that fails on purpose, in a time that passes only when nothing else happens."""

import asyncio
import json
import random
import selectors
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from bot.channels.base import (
    Address,
    Context,
    Delivered,
    Incoming,
    Locked,
    Lost,
    Moved,
    Outgoing,
    Refused,
    SendFailed,
    Throttled,
    Unchanged,
    Unreachable,
    Update,
)
from bot.delivery import Delivery, Pace
from bot.delivery.pace import Bucket, Window, retry_after
from flows.session import Effect
from storage import outbox as rows
from storage import schema
from storage.db import StorageUnavailable, Tx
from storage.driver import driver
from storage.outbox import Message
from storage.sqlite import _WriterTx, drive
from storage.statements import DialectName, Statements

T = TypeVar("T")
STARTED_AT = 1_700_000_000_000
DAY_S = 24 * 3600.0


def said(outgoing: Outgoing) -> Any:
    """The text of a request, written already where it came out of the outbox."""
    return (json.loads(outgoing.written) if outgoing.written else outgoing.body)["text"]


class Jumping(selectors.DefaultSelector):
    """Waits no real time: what it would have waited is added to `at`."""

    at = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen again")
        self.at += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while there is something to do, and jumps to the next timer when there is not."""

    def __init__(self) -> None:
        self._jumping = Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.at


def virtually(test: Callable[[], Coroutine[Any, Any, T]]) -> T:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(test())


def now() -> float:
    return asyncio.get_running_loop().time()


def clock() -> int:
    return STARTED_AT + int(now() * 1000)


class Shelf:
    """A database with an outbox and nothing else, in memory, without threads. `down`: it takes nothing."""

    dialect: DialectName = "sqlite"

    def __init__(self) -> None:
        self._connection = driver.connect(":memory:", isolation_level=None)
        self._connection.row_factory = driver.Row
        self._statements = Statements("sqlite")
        self.down = False
        self.writes = 0
        indexes = sorted(schema.outbox.indexes, key=lambda index: str(index.name))
        made: list[DDLElement] = [CreateTable(schema.outbox), *map(CreateIndex, indexes)]
        for ddl in made:
            self._connection.execute(str(ddl.compile(dialect=sqlite.dialect())))

    async def write(self, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        await asyncio.sleep(0.001)
        if self.down:
            raise StorageUnavailable("disk full")
        self.writes += 1
        return drive(work, _WriterTx(self._connection, self._statements))

    async def read(self, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        return drive(work, _WriterTx(self._connection, self._statements))

    async def check(self) -> None:
        return

    async def close(self) -> None:
        self._connection.close()

    async def add(self, *messages: Message) -> list[Message]:
        async def put(tx: Tx) -> list[Message]:
            return await rows.add(tx, messages)

        return drive(put, _WriterTx(self._connection, self._statements))

    def states(self) -> dict[int, str]:
        return dict(self._connection.execute("SELECT id, state FROM outbox ORDER BY id").fetchall())

    def row(self, known: int) -> dict[str, Any]:
        return dict(self._connection.execute("SELECT * FROM outbox WHERE id = ?", (known,)).fetchone())


Reaction = Callable[["Fickle", Outgoing, str, str], Awaitable[Delivered]]


@dataclass
class Sent:
    at: float
    chat: str
    text: str
    message: str  # "" for a new one


@dataclass
class Fickle:
    """A channel that notes every try, takes `takes_s` seconds, and fails as `react` says."""

    name: str = "telegram"
    bot: str = "1"
    takes_s: float = 0.05
    tries: list[Sent] = field(default_factory=list)
    taken: list[Sent] = field(default_factory=list)
    react: Callable[[Outgoing, str, str], SendFailed | None] = lambda _outgoing, _chat, _message: None

    def read(self, update: Update) -> Incoming:
        return Incoming(Address(self.name, self.bot, update.chat), ignored="fake")

    def render(self, effects: Sequence[Effect], context: Context) -> list[Outgoing]:
        return []

    async def fetch(self, media: Mapping[str, Any]) -> tuple[bytes, str, str]:
        raise Unreachable("nothing to fetch")

    async def send(self, outgoing: Outgoing, chat: str, message: str) -> Delivered:
        tried = Sent(now(), chat, str(said(outgoing)), message)
        self.tries.append(tried)
        await asyncio.sleep(self.takes_s)
        fault = self.react(outgoing, chat, message)
        if fault is not None:
            raise fault
        self.taken.append(tried)
        return Delivered(message or f"m{len(self.tries)}")

    def texts(self, chat: str) -> list[str]:
        return [sent.text for sent in self.taken if sent.chat == chat]


def message(chat: str, text: str, **more: Any) -> Message:
    key = f"{chat}:{text}:{random.random()}"
    return Message(
        channel="telegram", bot="1", chat=chat, key=key, method="sendMessage", body=json.dumps({"text": text}),
        created_at=clock(), **more,
    )  # fmt: skip


def delivery(shelf: Shelf, channel: Fickle, **more: Any) -> Delivery:
    return Delivery(shelf, {(channel.name, channel.bot): channel}, clock, dice=lambda: 0.0, **more)


async def sent_through(shelf: Shelf, channel: Fickle, *messages: Message, **more: Any) -> Delivery:
    sender = delivery(shelf, channel, **more)
    sender.put(await shelf.add(*messages))
    await sender.settled()
    return sender


def test_a_chat_gets_its_messages_in_order_and_chats_do_not_wait_for_each_other() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=1.0)
        await sent_through(shelf, channel, *(message(f"c{n % 10}", f"{n}") for n in range(20)))
        assert all(channel.texts(f"c{n}") == [f"{n}", f"{n + 10}"] for n in range(10))
        assert now() < 3
        assert set(shelf.states().values()) == {"sent"}

    virtually(test)


def test_rows_handed_over_in_the_wrong_order_go_in_the_order_of_their_numbers() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        first, second, third = await shelf.add(message("c", "1"), message("c", "2"), message("c", "3"))
        sender = delivery(shelf, channel, pace=Pace(chat_burst=1))
        sender.put([first])
        await asyncio.sleep(0.01)
        sender.put([third])
        sender.put([second])
        await sender.settled()
        assert channel.texts("c") == ["1", "2", "3"]

    virtually(test)


def test_the_next_message_of_a_chat_waits_until_the_mark_of_the_one_before_is_on_disk() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        seen: list[dict[int, str]] = []

        def look(*_: Any) -> None:
            seen.append(shelf.states())

        channel.react = look
        await sent_through(shelf, channel, message("c", "1"), message("c", "2"), message("c", "3"))
        assert [list(states.values()).count("sent") for states in seen] == [0, 1, 2]

    virtually(test)


def test_marks_of_many_chats_are_written_in_few_transactions() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        await sent_through(shelf, channel, *(message(f"c{n}", "x") for n in range(25)))
        assert set(shelf.states().values()) == {"sent"}
        assert shelf.writes <= 3

    virtually(test)


def test_a_row_handed_over_twice_is_sent_once() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        added = await shelf.add(message("c", "1"))
        sender = delivery(shelf, channel)
        sender.put(added)
        await sender.start()
        sender.put(added)
        await sender.settled()
        assert len(channel.tries) == 1

    virtually(test)


def test_start_takes_up_everything_that_waits() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=0.0)
        await shelf.add(*(message(f"c{n}", "x") for n in range(1500)))
        sender = delivery(shelf, channel, pace=Pace(bot_per_s=10_000))
        await sender.start()
        await sender.settled()
        assert len(channel.taken) == 1500

    virtually(test)


def test_rows_of_other_channels_are_left_alone() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        web = Message(channel="web", bot="web", chat="w", key="k", method="card", body="{}", created_at=clock())
        sender = delivery(shelf, channel)
        sender.put(await shelf.add(web))
        assert sender.waiting == 0
        assert list(shelf.states().values()) == ["waiting"]

    virtually(test)


def test_an_edit_finds_the_message_of_its_card_also_after_a_restart() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        await sent_through(shelf, channel, message("c", "card", card="s:1"))
        await sent_through(shelf, channel, message("c", "receipt", card="s:1", edit=True))
        assert [(sent.text, sent.message) for sent in channel.taken] == [("card", ""), ("receipt", "m1")]

    virtually(test)


def test_an_edit_of_a_card_that_never_went_out_is_sent_as_new_or_dropped_when_pointless() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        await sent_through(
            shelf, channel,
            message("c", "receipt", card="s:1", edit=True, drop_if_unsent=True),
            message("c", "card", card="s:2", edit=True),
        )  # fmt: skip
        assert [(sent.text, sent.message) for sent in channel.tries] == [("card", "")]
        assert list(shelf.states().values()) == ["dropped", "sent"]

    virtually(test)


def test_a_card_that_people_deleted_is_sent_again_and_edited_there_from_then_on() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda _outgoing, _chat, message: Lost("gone") if message == "m1" else None
        await sent_through(
            shelf, channel,
            message("c", "card", card="s:1"),
            message("c", "page 2", card="s:1", edit=True),
            message("c", "page 3", card="s:1", edit=True),
        )  # fmt: skip
        assert [(sent.text, sent.message) for sent in channel.taken] == [("card", ""), ("page 2", ""), ("page 3", "m3")]
        assert set(shelf.states().values()) == {"sent"}

    virtually(test)


def test_a_receipt_of_a_deleted_card_is_dropped() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda _outgoing, _chat, message: Lost("gone") if message else None
        receipt = {"card": "s:1", "edit": True, "drop_if_unsent": True}
        await sent_through(shelf, channel, message("c", "card", card="s:1"), message("c", "receipt", **receipt))
        assert list(shelf.states().values()) == ["sent", "dropped"]

    virtually(test)


def test_a_message_that_says_so_already_counts_as_sent() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda outgoing, _chat, _message: Unchanged("same") if outgoing.edit else None
        await sent_through(
            shelf, channel, message("c", "card", card="s:1"), message("c", "card", card="s:1", edit=True)
        )
        assert list(shelf.states().values()) == ["sent", "sent"]

    virtually(test)


def test_only_the_chat_that_was_told_to_wait_waits() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        told: list[float] = []

        def once(_outgoing: Outgoing, chat: str, _message: str) -> SendFailed | None:
            if chat == "slow" and not told:
                told.append(now())
                return Throttled(60)
            return None

        channel.react = once
        await sent_through(shelf, channel, message("slow", "1"), message("slow", "2"), message("quick", "1"))
        at = {(sent.chat, sent.text): sent.at for sent in channel.taken}
        assert at["quick", "1"] < 1
        assert 60 <= at["slow", "1"] - told[0] < 61
        assert channel.texts("slow") == ["1", "2"]
        assert shelf.row(1)["tries"] == 1

    virtually(test)


def test_when_several_chats_are_told_to_wait_at_once_the_whole_bot_takes_a_breath() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda *_: Throttled(10) if now() < 1 else None
        sender = delivery(shelf, channel)
        sender.put(await shelf.add(*(message(f"c{n}", "x") for n in range(5))))
        await asyncio.sleep(2)
        sender.put(await shelf.add(message("later", "x")))
        await sender.settled()
        assert next(sent.at for sent in channel.taken if sent.chat == "later") >= 10

    virtually(test)


def test_what_did_not_arrive_is_tried_again_with_growing_waits() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=0.0)
        channel.react = lambda *_: Unreachable("502") if len(channel.tries) < 5 else None
        await sent_through(shelf, channel, message("c", "1"))
        gaps = [round(b.at - a.at) for a, b in pairwise(channel.tries)]
        assert gaps == [1, 2, 4, 8]
        assert list(shelf.states().values()) == ["sent"]

    virtually(test)


def test_after_a_day_a_message_is_given_up_and_somebody_hears_of_it() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        heard: list[tuple[int, str]] = []

        async def failed(row: Message, error: str) -> None:
            heard.append((row.id, error))

        channel.react = lambda outgoing, _chat, _message: Unreachable("502") if said(outgoing) == "1" else None
        await sent_through(shelf, channel, message("c", "1"), message("c", "2"), on_failed=failed)
        assert DAY_S <= now() < DAY_S + 400
        assert list(shelf.states().values()) == ["failed", "sent"]
        assert [row for row, _ in heard] == [1]
        assert "502" in shelf.row(1)["error"]

    virtually(test)


def test_a_restart_does_not_forget_how_long_a_message_has_to_wait() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda *_: Throttled(3600) if now() < 60 else None
        sender = delivery(shelf, channel)
        sender.put(await shelf.add(message("c", "1")))
        await asyncio.sleep(5)
        await sender.stop(1)
        await asyncio.sleep(100)
        again = delivery(shelf, channel)
        await again.start()
        await again.settled()
        assert len(channel.tries) == 2
        assert channel.taken[0].at >= 3600

    virtually(test)


def test_a_refused_message_fails_at_once_and_the_next_one_goes() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda outgoing, _chat, _message: Refused("too long") if said(outgoing) == "1" else None
        await sent_through(shelf, channel, message("c", "1"), message("c", "2"))
        assert [sent.text for sent in channel.tries] == ["1", "2"]
        assert (shelf.row(1)["state"], shelf.row(1)["error"]) == ("failed", "too long")

    virtually(test)


def test_a_fault_of_ours_in_one_message_does_not_hold_up_the_chat() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        broken = message("c", "1")
        sender = delivery(shelf, channel)
        sender.put(
            await shelf.add(
                Message(**{n: getattr(broken, n) for n in broken.__slots__} | {"body": "{}"}), message("c", "2")
            )
        )
        await sender.settled()
        assert list(shelf.states().values()) == ["failed", "sent"]
        assert "KeyError" in shelf.row(1)["error"]

    virtually(test)


def test_nobody_writes_to_somebody_who_is_gone() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        gone: list[tuple[str, str, str]] = []

        async def note(name: str, bot: str, chat: str) -> None:
            gone.append((name, bot, chat))

        channel.react = lambda _outgoing, chat, _message: Refused("blocked", gone=True) if chat == "left" else None
        await sent_through(
            shelf, channel, *(message("left", f"{n}") for n in range(4)), message("here", "x"), on_gone=note
        )
        assert gone == [("telegram", "1", "left")]
        assert [sent.chat for sent in channel.tries].count("left") == 1
        assert list(shelf.states().values()) == ["failed", "dropped", "dropped", "dropped", "sent"]

    virtually(test)


def test_somebody_who_comes_back_is_written_to_again() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda *_: Refused("blocked", gone=True) if now() < 1 else None
        sender = await sent_through(shelf, channel, message("c", "1"))
        await asyncio.sleep(2)
        sender.put(await shelf.add(message("c", "2")))
        await sender.settled()
        assert channel.texts("c") == ["2"]

    virtually(test)


def test_a_group_that_moved_is_written_to_at_its_new_address_also_after_a_restart() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        moves: list[tuple[str, str]] = []

        async def note(_name: str, _bot: str, before: str, after: str) -> None:
            moves.append((before, after))

        channel.react = lambda _outgoing, chat, _message: Moved("-1002") if chat == "-5" else None
        await sent_through(shelf, channel, message("-5", "1"), message("-5", "2"), on_moved=note)
        assert channel.texts("-1002") == ["1", "2"]
        assert moves == [("-5", "-1002")]
        assert {shelf.row(n)["chat"] for n in (1, 2)} == {"-1002"}

    virtually(test)


def test_a_group_that_moves_in_circles_fails_instead_of_going_on_for_ever() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda _outgoing, chat, _message: Moved("-2" if chat == "-1" else "-1")
        await sent_through(shelf, channel, message("-1", "1"))
        assert list(shelf.states().values()) == ["failed"]

    virtually(test)


def test_a_locked_bot_waits_as_a_whole_says_so_once_and_one_message_tries_for_all() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda *_: Locked("HTTP 401") if now() < 100 else None
        with structlog.testing.capture_logs() as told:
            await sent_through(shelf, channel, *(message(f"c{n}", "x") for n in range(10)))
        assert [entry["event"] for entry in told] == ["bot_locked", "bot_unlocked"]
        tried = [sent.at for sent in channel.tries if sent.at < 100]
        assert len(tried) == 11  # ten that were under way, then one a minute later
        assert set(shelf.states().values()) == {"sent"}

    virtually(test)


def test_while_the_database_takes_nothing_nothing_is_sent_that_it_could_not_remember() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        sender = delivery(shelf, channel, pace=Pace(bot_per_s=1000))
        first = await shelf.add(*(message("c", f"{n}") for n in range(3)))
        second = await shelf.add(*(message(f"d{n}", "x") for n in range(50)))
        shelf.down = True
        sender.put(first)
        await asyncio.sleep(2)
        sender.put(second)
        await asyncio.sleep(20)
        assert [sent.chat for sent in channel.tries] == ["c"]
        shelf.down = False
        await sender.settled()
        assert len(channel.tries) == 53
        assert set(shelf.states().values()) == {"sent"}

    virtually(test)


def test_stopping_finishes_what_is_under_way_and_leaves_the_rest_for_the_next_start() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=1.0)
        sender = delivery(shelf, channel)
        sender.put(await shelf.add(*(message("c", f"{n}") for n in range(3))))
        await asyncio.sleep(0.5)
        await sender.stop(5)
        assert list(shelf.states().values()) == ["sent", "waiting", "waiting"]
        again = delivery(shelf, channel)
        await again.start()
        await again.settled()
        assert channel.texts("c") == ["0", "1", "2"]
        assert len(channel.tries) == 3

    virtually(test)


def test_stopping_does_not_wait_longer_than_told() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=100.0)
        sender = delivery(shelf, channel)
        sender.put(await shelf.add(message("c", "1")))
        sender.fire(Outgoing("answerCallbackQuery", {"text": "x"}, durable=False), Address("telegram", "1", "c"))
        await asyncio.sleep(0.5)
        before = now()
        await sender.stop(2)
        assert now() - before < 2.1
        assert list(shelf.states().values()) == ["waiting"]

    virtually(test)


@pytest.mark.parametrize("when_s", [0.01, 0.06, 0.2, 1.0, 1.5])
def test_a_crash_repeats_at_most_one_message_to_each_chat_and_loses_none(when_s: float) -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=0.05)
        sender = delivery(shelf, channel)
        sender.put(await shelf.add(*(message(f"c{n % 4}", f"{n}") for n in range(16))))
        await asyncio.sleep(when_s)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()  # nothing is finished, marked or closed, as when the process dies
        sender._stopping = True
        again = delivery(shelf, channel)
        await again.start()
        await again.settled()
        for chat in range(4):
            told = channel.texts(f"c{chat}")
            assert sorted(set(told), key=int) == [f"{n}" for n in range(chat, 16, 4)]
            assert len(told) - len(set(told)) <= 1
        assert set(shelf.states().values()) == {"sent"}

    virtually(test)


def test_an_acknowledgement_that_fails_disturbs_nobody() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        channel.react = lambda *_: Unreachable("502")
        sender = delivery(shelf, channel)
        for _ in range(300):
            sender.fire(Outgoing("answerCallbackQuery", {"text": "x"}, durable=False), Address("telegram", "1", "c"))
        await sender.settled()
        assert len(channel.tries) == 256
        assert shelf.states() == {}

    virtually(test)


# Pace.


def most_within(times: Sequence[float], span_s: float) -> int:
    return max((sum(start <= at < start + span_s for at in times) for start in times), default=0)


def test_a_bot_never_sends_more_than_thirty_a_second() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        await sent_through(shelf, channel, *(message(f"c{n}", "x") for n in range(200)))
        times = [sent.at for sent in channel.tries]
        assert most_within(times, 1.0) == 30
        assert times[-1] < 8

    virtually(test)


def test_a_chat_gets_three_at_once_and_then_one_a_second_but_edits_do_not_wait() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=0.0)
        await sent_through(shelf, channel, *(message("c", f"{n}", card=f"s:{n}") for n in range(8)))
        assert [round(sent.at) for sent in channel.tries] == [0, 0, 0, 1, 2, 3, 4, 5]
        before = now()
        await sent_through(shelf, channel, *(message("c", f"e{n}", card=f"s:{n}", edit=True) for n in range(8)))
        assert now() - before < 0.5

    virtually(test)


def test_a_group_gets_no_more_than_twenty_a_minute_edits_included() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        await sent_through(
            shelf, channel, *(message("-100", f"{n}", card=f"s:{n // 2}", edit=n % 2 == 1) for n in range(60))
        )
        assert most_within([sent.at for sent in channel.tries], 60.0) == 20

    virtually(test)


def test_a_reply_goes_before_a_broadcast_that_was_there_first() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        sender = delivery(shelf, channel)
        sender.put(await shelf.add(*(message(f"b{n}", "news", priority=9) for n in range(300))))
        await asyncio.sleep(3)
        asked_at = now()
        sender.put(await shelf.add(message("person", "card")))
        await sender.settled()
        answered = next(sent.at for sent in channel.tries if sent.chat == "person")
        assert answered - asked_at < 1.1
        assert len(channel.taken) == 301

    virtually(test)


def test_in_a_rush_questions_go_before_receipts_and_no_receipt_is_lost() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle()
        sender = delivery(shelf, channel)
        sender.put(await shelf.add(*(message(f"c{n}", "first", card=f"s{n}:1") for n in range(400))))
        await sender.settled()
        asked: dict[str, float] = {}
        for n in range(400):  # twenty answers a second, each with a receipt and a question: forty messages
            chat = f"c{n}"
            asked[chat] = now()
            receipt = message(chat, "receipt", card=f"s{n}:1", edit=True, drop_if_unsent=True)
            sender.put(await shelf.add(receipt, message(chat, "second", card=f"s{n}:2")))
            await asyncio.sleep(1 / 20)
        await sender.settled()
        waits = sorted(sent.at - asked[sent.chat] for sent in channel.taken if sent.text == "second")
        assert waits[380] < 1.0  # 95 of 100
        assert [sent.message != "" for sent in channel.taken if sent.text == "receipt"] == [True] * 400
        assert most_within([sent.at for sent in channel.tries], 1.0) <= 30
        assert channel.texts("c0") == ["first", "receipt", "second"]  # before it was crowded

    virtually(test)


def test_broadcasts_that_hang_leave_room_for_replies() -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=1000.0)
        sender = delivery(shelf, channel, pace=Pace(in_flight=8, background_in_flight=5))
        sender.put(await shelf.add(*(message(f"b{n}", "news", priority=9) for n in range(20))))
        await asyncio.sleep(5)
        assert sender.in_flight == 5
        sender.put(await shelf.add(message("person", "card")))
        await asyncio.sleep(0.1)
        assert "person" in {sent.chat for sent in channel.tries}
        await sender.stop(0.1)

    virtually(test)


def test_waits_before_another_try_grow_to_five_minutes_and_chance_takes_half_at_most() -> None:
    assert [retry_after(n, 0.0) for n in (1, 2, 3, 9, 10, 500)] == [1, 2, 4, 256, 300, 300]
    assert retry_after(3, 0.999) > 2


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 5))
def test_no_window_and_no_bucket_lets_more_through_than_it_says(gaps: list[float], most: int) -> None:
    window, bucket, at = Window(most, 1.0), Bucket(2.0, most), 0.0
    through: dict[str, list[float]] = defaultdict(list)
    for gap in gaps:
        at += gap
        for name, gate in (("window", window), ("bucket", bucket)):
            if gate.wait_s(at) == 0:
                gate.take(at)
                through[name].append(at)
    assert most_within(through["window"], 1.0) <= most
    for span in (0.5, 1.0, 5.0):
        assert most_within(through["bucket"], span) <= most + span * 2.0 + 1e-6


# Whatever goes wrong.

FAULTS = ("ok", "ok", "throttled", "unreachable", "unchanged", "lost", "refused", "moved", "fault", "locked")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.floats(0, 2)), min_size=1, max_size=25),
    st.lists(st.sampled_from(FAULTS), max_size=40),
    st.randoms(use_true_random=False),
)
def test_whatever_goes_wrong_each_chat_is_told_in_order_and_nothing_twice(
    wanted: list[tuple[int, bool, float]], faults: list[str], dice: random.Random
) -> None:
    async def test() -> None:
        shelf, channel = Shelf(), Fickle(takes_s=0.1)
        left = iter(faults)

        def react(_outgoing: Outgoing, chat: str, message: str) -> SendFailed | None:
            match next(left, "ok"):
                case "throttled":
                    return Throttled(dice.choice([1, 5, 30]))
                case "unreachable":
                    return Unreachable("reset")
                case "unchanged" if message:
                    return Unchanged("same")
                case "lost" if message:
                    return Lost("gone")
                case "refused":
                    return Refused("no")
                case "moved" if chat.startswith("-"):
                    return Moved(f"{chat}0")
                case "locked":
                    return Locked("401")
                case "fault":
                    raise ZeroDivisionError
                case _:
                    return None

        channel.react = react
        sender = delivery(shelf, channel)
        order: dict[str, list[str]] = defaultdict(list)
        for n, (chat, edit, gap_s) in enumerate(wanted):
            name = f"-{chat}" if chat == 3 else f"c{chat}"
            order[name].append(f"{n}")
            sender.put(await shelf.add(message(name, f"{n}", card=f"{name}:1" if edit else "", edit=edit)))
            await asyncio.sleep(gap_s)
        await sender.settled()
        assert set(shelf.states().values()) <= {"sent", "failed"}
        assert sender.in_flight == 0
        for name, texts in order.items():
            told = [sent.text for sent in channel.taken if sent.chat.rstrip("0") == name.rstrip("0")]
            assert len(told) == len(set(told))
            assert told == [text for text in texts if text in set(told)]
            given_up = {
                f"{json.loads(shelf.row(k)['body'])['text']}" for k, s in shelf.states().items() if s == "failed"
            }
            assert set(told).isdisjoint(given_up)

    with structlog.testing.capture_logs():  # a hundred printed tracebacks cost more than all the rest
        virtually(test)
