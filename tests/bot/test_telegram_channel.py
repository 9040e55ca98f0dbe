"""The channel against a Bot API that refuses what Telegram refuses and fails on purpose."""

import asyncio
import contextlib
import json
import logging
import socket
import time
import traceback
from collections.abc import AsyncIterator, Generator, Sequence
from typing import Any, Literal

import httpx
import pytest
import structlog
import uvicorn
from telegram import InputFile
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channels.base import (
    Address,
    Context,
    Delivered,
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
from bot.channels.telegram import FileTooBig, TelegramChannel, Webhook
from bot.channels.telegram import channel as telegram_channel
from bot.channels.telegram.limits import SECRET_HEADER, WEBHOOK_BODY_MAX
from bot.channels.telegram.polling import LONGEST_WAIT_S, Poller
from bot.channels.telegram.render import acknowledgement
from bot.channels.telegram_request import AiohttpRequest, NotOk
from bot.i18n import words
from flows.session import Option, Show, Tapped, View
from storage.db import StorageUnavailable
from tests.fake_telegram import Fake, fake_telegram

CANARY = "123456789:CANARY-canary-CANARY-canary-CANARY0"
SECRET = b"s" * 32
HOOK_SECRET = "hook-secret_1"


class Intake:
    """Keeps what it is given; fails while `down` is set."""

    def __init__(self) -> None:
        self.updates: list[Update] = []
        self.batches = 0
        self.down: Exception | None = None
        self.came = asyncio.Event()
        self.toast = ""  # acknowledges taps with these words

    async def accept(self, updates: Sequence[Update], replies: list[Outgoing] | None = None) -> None:
        if self.down is not None:
            raise self.down
        self.batches += 1
        self.updates.extend(updates)
        for query in (json.loads(update.body).get("callback_query") for update in updates if self.toast):
            if query and replies is not None:
                replies.append(acknowledgement(query["id"], self.toast))
        self.came.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.updates) < count:
                self.came.clear()
                await self.came.wait()


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    async with fake_telegram(token=CANARY) as made:
        yield made


@pytest.fixture
async def channel(fake: Fake) -> AsyncIterator[TelegramChannel]:
    async with contextlib.AsyncExitStack() as stack:
        made = TelegramChannel(fake.token, secret=SECRET, words=words(), base_url=fake.url, read_s=0.5, poll_s=1)
        stack.push_async_callback(made.close)
        await made.register()
        yield made


def say(text: str, **more: Any) -> Outgoing:
    return Outgoing("sendMessage", {"text": text, "parse_mode": "HTML"}, **more)


def edit(text: str) -> Outgoing:
    return Outgoing("editMessageText", {"text": text, "parse_mode": "HTML"}, edit=True)


# Registering.


async def test_registering_learns_the_name_and_tells_the_commands_in_both_languages(
    fake: Fake, channel: TelegramChannel
) -> None:
    assert channel.bot == "123456789"
    assert channel.username
    told = await fake.commands()
    vi, en, rest = (told[f"all_private_chats::{lang}"] for lang in ("vi", "en", ""))
    assert [command["command"] for command in vi] == ["start", "help", "language", "privacy", "status", "edit", "stop"]
    assert vi == rest
    assert [command["command"] for command in told["all_group_chats::vi"]] == ["start"]
    assert {c["description"] for c in vi}.isdisjoint(c["description"] for c in en)
    assert await fake.violations() == []


async def test_the_staff_chat_has_commands_of_its_own_and_not_where_the_bot_is_not(fake: Fake) -> None:
    channel = TelegramChannel(fake.token, secret=SECRET, words=words(), base_url=fake.url, staff_chat="-100200")
    await channel.register()
    told = await fake.commands()
    assert [c["command"] for c in told["chat:-100200:vi"]] == ["status"]
    await fake.fault("refuse", "setMyCommands", code=400, description="Bad Request: chat not found", times=9)
    await channel.register()
    assert channel._telling is None or channel._telling.done()  # a refusal is not tried again for ever
    await channel.close()


async def test_commands_that_cannot_be_told_hold_nothing_up_and_are_told_later(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_channel, "COMMANDS_AGAIN_S", 0.01)
    await fake.fault("502", "setMyCommands", times=2, skip=1)
    channel = TelegramChannel(fake.token, secret=SECRET, words=words(), base_url=fake.url)
    await channel.register()  # raises nothing
    assert len(await fake.commands()) == 1
    async with asyncio.timeout(10):
        while len(await fake.commands()) < 6:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await fake.fault("502", "setMyCommands")
    await channel.register()
    await channel.close()  # in the middle of trying
    revoked = TelegramChannel(fake.token, secret=SECRET, words=words(), base_url=fake.url)
    await fake.calm()
    await fake.fault("refuse", "setMyCommands", code=401, description="Unauthorized")
    with pytest.raises(Locked):
        await revoked.register()
    await revoked.close()


async def test_registering_tells_how_far_our_clock_is_off(fake: Fake) -> None:
    ahead = TelegramChannel(
        fake.token, secret=SECRET, words=words(), base_url=fake.url, clock=lambda: int(time.time() * 1000) + 90_000
    )
    assert ahead.clock_off_s == 0.0
    await ahead.register()
    assert 85 < ahead.clock_off_s < 95
    await ahead.close()


async def test_a_wrong_token_is_locked_and_never_shown(fake: Fake) -> None:
    wrong = "123456789:WRONG-wrong-WRONG-wrong-WRONG-wrong0"
    channel = TelegramChannel(wrong, secret=SECRET, words=words(), base_url=fake.url)
    with pytest.raises(Locked) as caught:
        await channel.register()
    assert "WRONG" not in "".join(traceback.format_exception(caught.value, chain=True))
    await channel.close()


@pytest.mark.parametrize("token", ["", "abc", "123456789", "123456789:", ":abc"])
def test_what_is_no_token_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(ValueError, match="a bot token reads"):
        TelegramChannel(token, secret=SECRET, words=words())


async def test_a_webhook_without_a_secret_is_refused(channel: TelegramChannel) -> None:
    with pytest.raises(ValueError, match="needs a secret"):
        await channel.register(webhook_url="https://example.vn/telegram/webhook")


# Sending.


async def test_a_message_is_sent_edited_and_deleted(fake: Fake, channel: TelegramChannel) -> None:
    lan = fake.user(7)
    await lan.opens()
    sent = await channel.send(say("Xin <b>chào</b> ệ 👩‍👩‍👧"), "7", "")
    await channel.send(edit("Chào lại"), "7", sent.message)
    (seen,) = await lan.chat.from_bot()
    assert (str(seen.id), seen.text) == (sent.message, "Chào lại")
    assert seen.edits[0]["text"] == "Xin chào ệ 👩‍👩‍👧"
    assert await channel.send(Outgoing("deleteMessage", {}, edit=True), "7", sent.message) == Delivered("")
    assert await lan.chat.from_bot() == []
    assert await fake.violations() == []


async def test_an_edit_without_a_message_is_sent_as_new_and_a_delete_without_one_is_lost(
    fake: Fake, channel: TelegramChannel
) -> None:
    lan = fake.user(7)
    await lan.opens()
    assert (await channel.send(edit("Mới"), "7", "")).message == str((await lan.chat.last()).id)
    with pytest.raises(Lost):
        await channel.send(Outgoing("deleteMessage", {}, edit=True), "7", "")


async def test_a_rendered_card_arrives_and_its_button_comes_back(fake: Fake, channel: TelegramChannel) -> None:
    lan = fake.user(7)
    await lan.opens()
    view = View(
        kind="question",
        lang="vi",
        ref="2f",
        type="select_one",
        text="Ngành?",
        options=(Option("may", "May mặc"),),
        total=1,
    )
    (card,) = channel.render(
        (Show(3, view),), Context(Address("telegram", channel.bot, "7"), "s" * 20 + "abc123", "vi")
    )
    await channel.send(card, "7", "")
    intake = Intake()
    polling = asyncio.create_task(channel.poll(intake))
    tap = await lan.taps("May mặc")
    await intake.until(1)
    read = channel.read(intake.updates[0])
    assert read.event == Tapped(intake.updates[0].at, "pick", "#2f", "may", 3)
    assert (read.session, read.tap) == ("abc123", tap.query_id)
    (acknowledged,) = channel.render((), Context(read.address, "", "vi", read))
    await channel.send(acknowledged, "7", "")
    assert (await lan.toast(tap)).text == ""
    with pytest.raises(Unchanged):
        await channel.send(acknowledged, "7", "")
    await stopped(polling)
    assert await fake.violations() == [] or {v["kind"] for v in await fake.violations()} <= {"refused"}


REFUSALS: dict[str, tuple[dict[str, Any], type[SendFailed], dict[str, Any]]] = {
    "too many requests": ({"kind": "429", "retry_after": 7}, Throttled, {"wait_s": 7.0}),
    "a server that is down": ({"kind": "500"}, Unreachable, {}),
    "a bad gateway": ({"kind": "502"}, Unreachable, {}),
    "a gateway that waited": ({"kind": "504"}, Unreachable, {}),
    "the page of a proxy": ({"kind": "html"}, Unreachable, {}),
    "half an answer": ({"kind": "half"}, Unreachable, {}),
    "a broken line": ({"kind": "reset"}, Unreachable, {}),
    "no answer in time": ({"kind": "hang", "seconds": 30}, Unreachable, {}),
    "the same again": ({"kind": "refuse", "code": 400, "description": "Bad Request: message is not modified: specified new message content is the same"}, Unchanged, {}),
    "a message that is gone": ({"kind": "refuse", "code": 400, "description": "Bad Request: message to edit not found"}, Lost, {}),
    "a message that is not ours": ({"kind": "refuse", "code": 400, "description": "Bad Request: message can't be edited"}, Lost, {}),
    "a chat that is gone": ({"kind": "refuse", "code": 400, "description": "Bad Request: chat not found"}, Refused, {"gone": True}),
    "somebody who blocked us": ({"kind": "refuse", "code": 403, "description": "Forbidden: bot was blocked by the user"}, Refused, {"gone": True}),
    "an account that is no more": ({"kind": "refuse", "code": 403, "description": "Forbidden: user is deactivated"}, Refused, {"gone": True}),
    "a group that threw us out": ({"kind": "refuse", "code": 403, "description": "Forbidden: bot was kicked from the supergroup chat"}, Refused, {"gone": True}),
    "too long": ({"kind": "refuse", "code": 400, "description": "Bad Request: message is too long"}, Refused, {"gone": False}),
    "too much": ({"kind": "refuse", "code": 413, "description": "Request Entity Too Large"}, Refused, {"gone": False}),
    "no such method": ({"kind": "refuse", "code": 404, "description": "Not Found"}, Refused, {"gone": False}),
    "a token that was revoked": ({"kind": "refuse", "code": 401, "description": "Unauthorized"}, Locked, {}),
    "a conflict": ({"kind": "refuse", "code": 409, "description": "Conflict: terminated by other getUpdates request"}, Locked, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
async def test_what_telegram_answers_means(name: str, fake: Fake, channel: TelegramChannel) -> None:
    how, wanted, facts = REFUSALS[name]
    await fake.user(7).opens()
    await fake.fault(**how)
    with pytest.raises(SendFailed) as caught:
        await channel.send(say("Điện thoại của tôi là 0912345678"), "7", "")
    assert type(caught.value) is wanted
    assert {fact: getattr(caught.value, fact) for fact in facts} == facts
    told = "".join(traceback.format_exception(caught.value, chain=True)) + repr(caught.value.__context__)
    assert "CANARY" not in told
    assert "0912345678" not in str(caught.value)


async def test_a_group_that_became_a_supergroup_tells_its_new_number(fake: Fake, channel: TelegramChannel) -> None:
    await fake.group(-5, kind="group")
    new = await fake.user(7).migrates(-5)
    with pytest.raises(Moved) as caught:
        await channel.send(say("x"), "-5", "")
    assert caught.value.chat == str(new)


async def test_somebody_who_blocked_us_is_gone_and_real_refusals_say_why_without_what_was_written(
    fake: Fake, channel: TelegramChannel
) -> None:
    lan = fake.user(7)
    await lan.starts()
    with pytest.raises(Refused) as long:
        await channel.send(say("a" * 4097), "7", "")
    assert str(long.value) == "Bad Request: message is too long"
    with pytest.raises(Refused) as broken:
        await channel.send(say("<bí-mật>x</bí-mật>"), "7", "")
    assert "bí-mật" not in str(broken.value)
    await lan.blocks()
    with pytest.raises(Refused) as gone:
        await channel.send(say("x"), "7", "")
    assert (long.value.gone, broken.value.gone, gone.value.gone) == (False, False, True)


async def test_a_fault_of_ours_is_not_taken_for_one_of_the_world(channel: TelegramChannel) -> None:
    with pytest.raises(TelegramError, match="no JSON: TypeError") as caught:
        await channel.send(Outgoing("sendMessage", {"text": lambda: "bí mật"}), "7", "")
    assert not isinstance(caught.value, SendFailed)
    assert "bí mật" not in f"{caught.value!r} {caught.value.__context__!r} {caught.value.__cause__!r}"


async def test_a_closed_channel_sends_nothing(channel: TelegramChannel) -> None:
    await channel.close()
    with pytest.raises(Unreachable):
        await channel.send(say("x"), "7", "")


async def test_the_token_is_in_no_log_and_in_no_error(
    fake: Fake, channel: TelegramChannel, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("telegram").setLevel(logging.WARNING)
    await fake.user(7).opens()
    errors: list[str] = []
    with structlog.testing.capture_logs() as told:
        kinds: tuple[Literal["500", "html", "half", "reset", "hang"], ...] = ("500", "html", "half", "reset", "hang")
        for kind in kinds:
            await fake.fault(kind, times=1, seconds=5)
            with pytest.raises(SendFailed) as caught:
                await channel.send(say("x"), "7", "")
            errors.append("".join(traceback.format_exception(caught.value)) + repr(caught.value))
        await fake.fault("reset", "getUpdates", times=1)
        polling = asyncio.create_task(channel.poll(Intake()))
        await asyncio.sleep(0.3)
        await stopped(polling)
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name != "uvicorn.access")  # that is the fake's own log
    nowhere = (ours, capsys.readouterr().out, json.dumps(told), *errors)
    assert not any("CANARY" in text for text in nowhere)
    assert any(entry["event"] == "telegram_unreachable" for entry in told)


# Files.


async def test_a_file_is_fetched_with_its_name_and_type(fake: Fake, channel: TelegramChannel) -> None:
    intake = Intake()
    await fake.user(7).sends_document("báo cáo.pdf", b"%PDF-1.7 x", mime="application/pdf")
    polling = asyncio.create_task(channel.poll(intake))
    await intake.until(1)
    await stopped(polling)
    media = channel.read(intake.updates[0]).media
    assert media is not None
    assert await channel.fetch(media) == (b"%PDF-1.7 x", "báo cáo.pdf", "application/pdf")


async def test_a_file_of_more_than_20_mb_is_not_even_asked_for(fake: Fake, channel: TelegramChannel) -> None:
    media = {"kind": "file", "file_id": "F", "name": "x", "mime": "y", "size": 20_000_001, "caption": "", "group": ""}
    with pytest.raises(FileTooBig):
        await channel.fetch(media)
    assert await fake.calls("getFile") == []


async def test_a_file_that_is_gone_is_refused(channel: TelegramChannel) -> None:
    media = {"kind": "file", "file_id": "gone", "name": "x", "mime": "y", "size": 0, "caption": "", "group": ""}
    with pytest.raises(Refused):
        await channel.fetch(media)


# Polling.


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@contextlib.asynccontextmanager
async def polled(channel: TelegramChannel, intake: Intake) -> AsyncIterator[None]:
    task = asyncio.create_task(channel.poll(intake))
    try:
        yield
    finally:
        await stopped(task)


async def test_updates_are_confirmed_only_after_they_were_stored(fake: Fake, channel: TelegramChannel) -> None:
    intake = Intake()
    intake.down = StorageUnavailable("disk full")
    await fake.user(7).sends("một")
    async with polled(channel, intake):
        await asyncio.sleep(0.3)
        assert (await fake.counts())["pending"] == 1
        intake.down = None
        await intake.until(1)
        await fake.user(7).sends("hai")
        await intake.until(2)
        await eventually_confirmed(fake)
    assert [channel.read(update).event.text for update in intake.updates] == ["một", "hai"]  # type: ignore[union-attr]


async def eventually_confirmed(fake: Fake) -> None:
    async with asyncio.timeout(5):
        while (await fake.counts())["pending"]:  # noqa: ASYNC110  # the fake is asked over HTTP and cannot call back
            await asyncio.sleep(0.02)


async def test_what_was_not_confirmed_comes_again_to_the_next_poller_with_the_same_key(
    fake: Fake, channel: TelegramChannel
) -> None:
    first, second = Intake(), Intake()
    await fake.user(7).sends("một")
    async with polled(channel, first):
        await first.until(1)
    async with polled(channel, second):
        await fake.user(7).sends("hai")
        await second.until(1)
        await asyncio.sleep(0.1)
    keys = [update.key for update in second.updates]
    assert first.updates[0].key in keys or (await fake.counts())["pending"] == 0
    assert len(set(keys)) == len(keys)


async def test_numbers_that_start_again_from_a_lower_one_are_still_read(fake: Fake, channel: TelegramChannel) -> None:
    intake = Intake()
    async with polled(channel, intake):
        await fake.user(7).sends("trước")
        await intake.until(1)
        await eventually_confirmed(fake)
        await asyncio.sleep(1.2)  # one empty poll: the old number is no longer sent
        await fake.jump()
        await fake.user(7).sends("sau")
        await intake.until(2)
    numbers = [json.loads(update.body)["update_id"] for update in intake.updates]
    assert numbers[1] < numbers[0]


async def test_what_confirms_is_sent_once_and_follows_the_last_update_not_the_highest() -> None:
    offsets: list[int | None] = []
    answers = [[{"update_id": 900}, {"update_id": 5}], [], [{"update_id": 6}], []]

    async def ask(offset: int | None) -> Sequence[dict[str, Any]]:
        offsets.append(offset)
        if len(offsets) > len(answers):
            raise asyncio.CancelledError
        return answers[len(offsets) - 1]

    with pytest.raises(asyncio.CancelledError):
        await Poller(ask, lambda raw: Update("t", "1", "k", "c", "{}", 0), Intake()).run()
    assert offsets == [None, 6, None, 7, None]


async def test_a_hundred_updates_come_in_one_batch_each_once(fake: Fake, channel: TelegramChannel) -> None:
    intake = Intake()
    for n in range(120):
        await fake.user(7 + n % 3).sends(f"{n}")
    async with polled(channel, intake):
        await intake.until(120)
    assert intake.batches == 2
    assert len({update.key for update in intake.updates}) == 120


async def test_a_second_poller_is_told_of_once_and_waited_for(fake: Fake, channel: TelegramChannel) -> None:
    await fake.fault(
        "refuse", "getUpdates", times=3, code=409, description="Conflict: terminated by other getUpdates request"
    )
    waits: list[float] = []
    intake = Intake()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    poller = Poller(channel._updates, channel.update_of, intake, sleep=sleep, dice=lambda: 1.0)
    await fake.user(7).sends("một")
    with structlog.testing.capture_logs() as told:
        task = asyncio.create_task(poller.run())
        await intake.until(1)
        await stopped(task)
    assert [entry["event"] for entry in told] == ["telegram_other_poller", "telegram_polling_again"]
    assert waits == [1.0, 2.0, 4.0]


async def test_a_token_that_is_revoked_ends_polling_with_a_clear_error(fake: Fake, channel: TelegramChannel) -> None:
    await fake.fault("refuse", "getUpdates", code=401, description="Unauthorized")
    with pytest.raises(Locked, match="does not know this bot's token"):
        await channel.poll(Intake())


async def test_waits_between_failed_polls_grow_to_a_minute_and_half_is_left_to_chance() -> None:
    waits: list[float] = []

    async def ask(_offset: int | None) -> Sequence[dict[str, Any]]:
        if len(waits) >= 12:
            raise asyncio.CancelledError
        raise NetworkError("x")

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    with pytest.raises(asyncio.CancelledError):
        await Poller(
            ask, lambda raw: Update("t", "1", "k", "c", "{}", 0), Intake(), sleep=sleep, dice=lambda: 0.0
        ).run()
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == LONGEST_WAIT_S / 2


async def test_whatever_storing_raises_polling_goes_on_and_confirms_nothing(
    fake: Fake, channel: TelegramChannel
) -> None:
    intake = Intake()
    intake.down = ZeroDivisionError()
    await fake.user(7).sends("một")
    with structlog.testing.capture_logs() as told:
        async with polled(channel, intake):
            await asyncio.sleep(0.2)
    assert told[0] == {"event": "updates_not_stored", "why": "ZeroDivisionError", "log_level": "warning"}
    assert (await fake.counts())["pending"] == 1


async def test_polling_stops_at_once_when_told(fake: Fake, channel: TelegramChannel) -> None:
    task = asyncio.create_task(channel.poll(Intake()))
    await asyncio.sleep(0.2)
    before = asyncio.get_running_loop().time()
    await stopped(task)
    assert asyncio.get_running_loop().time() - before < 0.2


# The webhook.

BODY = {
    "update_id": 5,
    "message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "xin chào"},
}


async def posted(
    intake: Intake, content: bytes, *, secret: str = HOOK_SECRET, header: str | bytes | None = HOOK_SECRET
) -> int:
    channel = TelegramChannel(CANARY, secret=SECRET, words=words(), webhook_secret=secret)
    app = Webhook(channel, intake)
    headers = (
        [] if header is None else [(SECRET_HEADER.encode(), header.encode() if isinstance(header, str) else header)]
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        return (await client.post("/telegram/webhook", content=content, headers=headers)).status_code


async def test_a_posted_update_is_stored_before_it_is_acknowledged() -> None:
    intake = Intake()
    assert await posted(intake, json.dumps(BODY).encode()) == 200
    (update,) = intake.updates
    assert (update.chat, json.loads(update.body)) == ("7", BODY)


@pytest.mark.parametrize("header", [None, "", "hook-secret_2", "hook-secret_1x", "hook-secret_", "ệ".encode()])
async def test_a_post_without_the_right_secret_is_forbidden(header: str | bytes | None) -> None:
    intake = Intake()
    assert await posted(intake, json.dumps(BODY).encode(), header=header) == 403
    assert intake.updates == []


@pytest.mark.parametrize("header", [None, "", "anything"])
async def test_while_no_secret_is_set_every_post_is_forbidden(header: str | None) -> None:
    assert await posted(Intake(), json.dumps(BODY).encode(), secret="", header=header) == 403


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b'{"update_id": "x"}', b"\xff\xfe", b"[" * 100_000, b'{"update_id":' + b"9" * 5000 + b"}"],
)
async def test_what_is_no_update_is_a_bad_request(content: bytes) -> None:
    assert await posted(Intake(), content) == 400


async def test_a_body_of_more_than_a_mebibyte_is_too_large() -> None:
    assert await posted(Intake(), b" " * (WEBHOOK_BODY_MAX + 1)) == 413
    assert await posted(Intake(), json.dumps(BODY).encode().ljust(WEBHOOK_BODY_MAX)) == 200


async def test_while_nothing_can_be_stored_telegram_is_asked_to_come_again() -> None:
    intake = Intake()
    intake.down = StorageUnavailable("disk full")
    assert await posted(intake, json.dumps(BODY).encode()) == 503


async def test_a_tap_is_acknowledged_with_the_answer_to_telegrams_own_post(fake: Fake) -> None:
    channel = TelegramChannel(fake.token, secret=SECRET, words=words(), base_url=fake.url, webhook_secret=HOOK_SECRET)
    intake = Intake()
    intake.toast = "đã nhận"
    lan = fake.user(7)
    await lan.opens()
    keyboard = {"inline_keyboard": [[{"text": "A", "callback_data": "x"}]]}
    await channel.send(Outgoing("sendMessage", {"text": "?", "reply_markup": keyboard}), "7", "")
    async with served(Webhook(channel, intake)) as url:
        await channel.register(webhook_url=f"{url}/telegram/webhook")
        tap = await lan.taps("A")
        async with asyncio.timeout(5):
            assert (await lan.toast(tap)).text == "đã nhận"
        await channel.register()
    await channel.close()


class Quiet(uvicorn.Server):
    """Leaves signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@contextlib.asynccontextmanager
async def served(app: Webhook) -> AsyncIterator[str]:
    server = Quiet(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none"))
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        while not server.started:  # noqa: ASYNC110  # uvicorn tells by no event
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = True
        await serving


async def test_telegram_posts_updates_to_a_webhook_and_repeats_them_until_they_are_stored(fake: Fake) -> None:
    channel = TelegramChannel(fake.token, secret=SECRET, words=words(), base_url=fake.url, webhook_secret=HOOK_SECRET)
    intake = Intake()
    intake.down = StorageUnavailable("disk full")
    await fake.settings(hook_first_s=0.05, hook_longest_s=0.1)
    async with served(Webhook(channel, intake)) as url:
        await channel.register(webhook_url=f"{url}/telegram/webhook")
        await fake.user(7).sends("một")
        await asyncio.sleep(0.3)
        assert (await fake.counts())["pending"] == 1
        intake.down = None
        await intake.until(1)
        await eventually_confirmed(fake)
        statuses = [attempt["status"] for attempt in (await fake.log()).attempts]
        assert (statuses[0], statuses[-1]) == (503, 200)
        await channel.register()
    await channel.close()


# The request class.


async def request_of(fake: Fake, method: str, data: RequestData | None = None, **timeouts: Any) -> bytes:
    request = AiohttpRequest(connections=2)
    async with request:
        code, body = await request.do_request(f"{fake.base_url}{fake.token}/{method}", "POST", data, **timeouts)
        assert code == 200
        return body


async def test_a_call_with_a_file_goes_out_in_parts(fake: Fake) -> None:
    await fake.user(7).opens()
    sent = {"chat_id": 7, "caption": "Biểu đồ", "document": InputFile(b"PNG", filename="biểu đồ.png")}
    data = RequestData([RequestParameter.from_input(key, value) for key, value in sent.items()])
    await request_of(fake, "sendDocument", data)
    (call,) = await fake.calls("sendDocument")
    assert call["params"]["document"] == {"file": "biểu đồ.png", "bytes": 3}
    assert call["params"]["caption"] == "Biểu đồ"


async def test_no_is_told_with_telegrams_own_words_and_numbers(fake: Fake) -> None:
    await fake.fault("429", retry_after=9)
    with pytest.raises(NotOk) as caught:
        await request_of(fake, "getMe")
    assert (caught.value.code, caught.value.retry_after) == (429, 9.0)


@pytest.mark.parametrize("payload", [b"", b"<html>", b"[]", b"{}", b"null", b"[" * 100_000])
def test_what_is_no_answer_of_the_bot_api_is_a_broken_line(payload: bytes) -> None:
    with pytest.raises(NetworkError):
        AiohttpRequest.parse_json_payload(payload)


def test_an_answer_with_an_absurd_number_can_still_be_read() -> None:
    answer = b'{"ok": true, "result": [{"update_id": 5, "message": {"date": ' + b"9" * 5000 + b"}}]}"
    assert AiohttpRequest.parse_json_payload(answer)["result"][0]["update_id"] == 5


async def test_a_lone_surrogate_in_a_text_does_not_stop_the_message(fake: Fake, channel: TelegramChannel) -> None:
    await fake.user(7).opens()
    await channel.send(say("a\ud800b"), "7", "")
    assert (await fake.user(7).chat.last()).text == "a?b"


def test_the_request_class_waits_as_long_as_it_says() -> None:
    assert AiohttpRequest(read_s=3.0).read_timeout == 3.0
    assert issubclass(AiohttpRequest, BaseRequest)
