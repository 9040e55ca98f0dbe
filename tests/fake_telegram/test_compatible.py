"""python-telegram-bot's own Bot talks with the fake and meets the errors it knows."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.request import HTTPXRequest

from tests.fake_telegram import Fake, User, fake_telegram

LAN = 7


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fake]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # without it reading `retry_after` warns
    async with fake_telegram() as made:
        yield made


@pytest.fixture
async def lan(fake: Fake) -> User:
    user = fake.user(LAN)
    await user.opens()
    return user


@pytest.fixture
async def bot(fake: Fake) -> AsyncIterator[Bot]:
    calls, polls = (HTTPXRequest(read_timeout=2, httpx_kwargs={"trust_env": False}) for _ in range(2))
    made = Bot(
        fake.token,
        base_url=fake.base_url,
        base_file_url=fake.base_file_url,
        request=calls,
        get_updates_request=polls,
    )
    async with made:
        yield made


async def test_it_learns_who_it_is_and_reads_an_update(bot: Bot, lan: User) -> None:
    assert (bot.id, bot.username) == (4242, "khaosat_thu_bot")
    await lan.starts("hoi-thao-12_8")
    (update,) = await bot.get_updates(timeout=1)
    assert update.message is not None
    assert update.message.from_user is not None
    assert (update.message.text, update.message.from_user.language_code) == ("/start hoi-thao-12_8", "vi")
    assert await bot.get_updates(offset=update.update_id + 1) == ()


async def test_it_sends_edits_and_hears_when_nothing_changed(bot: Bot, lan: User) -> None:
    rows = InlineKeyboardMarkup([[InlineKeyboardButton("Có", callback_data="y", style="success")]])
    sent = await bot.send_message(LAN, "<b>Đúng</b>?", parse_mode="HTML", reply_markup=rows)
    assert (sent.entities[0].type, sent.reply_markup) == ("bold", rows)
    edited = await bot.edit_message_text("Rồi", LAN, sent.message_id)
    assert getattr(edited, "text", None) == "Rồi"
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("Rồi", LAN, sent.message_id)


async def test_it_sends_a_file_and_fetches_it_again(bot: Bot, lan: User) -> None:
    sent = await bot.send_document(LAN, b"x", filename="a.csv", caption="tệp")
    assert sent.document is not None
    assert await (await sent.document.get_file()).download_as_bytearray() == b"x"


async def test_it_reads_every_kind_of_update(bot: Bot, lan: User) -> None:
    await bot.get_updates(allowed_updates=Update.ALL_TYPES)
    rows = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Có", callback_data="y"))
    card = await bot.send_message(LAN, "?", reply_markup=rows)
    await lan.sends_photo(caption="ảnh", album=1)
    await lan.sends_document("a.xlsx")
    await lan.sends_voice()
    for kind in ("audio", "video", "video_note", "animation"):
        await lan.sends_media(kind)
    await lan.sends_sticker()
    await lan.sends_location(21.0, 105.5)
    await lan.sends_contact("+84912345678")
    await lan.sends_content({"dice": {"emoji": "🎲", "value": 3}}, reply_to=card.message_id)
    await lan.edits(await lan.sends("sai", forwarded=True), "đúng")
    await lan.taps("Có")
    await lan.reacts(card.message_id, "👍")
    await lan.blocks()
    read = await bot.get_updates()
    sent = [update.message for update in read if update.message]
    shown = ["photo", "document", "voice", "audio", "video", "video_note", "animation", "sticker", "location"]
    assert [name for m, name in zip(sent, [*shown, "contact", "dice", "text"], strict=True) if getattr(m, name)] == [
        *shown,
        "contact",
        "dice",
        "text",
    ]
    rest = ["edited_message", "callback_query", "message_reaction", "my_chat_member"]
    assert [name for update, name in zip(read[len(sent) :], rest, strict=True) if getattr(update, name)] == rest


async def test_it_asks_and_sets(fake: Fake, bot: Bot, lan: User) -> None:
    assert (await bot.get_chat(LAN)).first_name == "Lan"
    assert (await bot.get_chat_member(LAN, bot.id)).status == "member"
    await bot.set_my_commands([("start", "bắt đầu")], language_code="vi")
    assert await fake.commands() == {"default::vi": [{"command": "start", "description": "bắt đầu"}]}
    await bot.set_webhook("https://a.vn/x", allowed_updates=["message"])
    assert (await bot.get_webhook_info()).allowed_updates == ("message",)
    with pytest.raises(Conflict):
        await bot.get_updates()
    await bot.delete_webhook()


async def test_it_meets_the_errors_it_knows(fake: Fake, bot: Bot, lan: User) -> None:
    await fake.fault("429", times=1, retry_after=3)
    with pytest.raises(RetryAfter):
        await bot.send_message(LAN, "x")
    await fake.fault("reset", times=1)
    with pytest.raises(NetworkError):
        await bot.send_message(LAN, "x")
    await fake.fault("hang", times=1, seconds=5)
    with pytest.raises(TimedOut):
        await bot.send_message(LAN, "x", read_timeout=0.2)
    await lan.blocks()
    with pytest.raises(Forbidden):
        await bot.send_message(LAN, "x")
    with pytest.raises(InvalidToken):
        await Bot("1:wrong", base_url=fake.base_url, request=bot.request).initialize()
