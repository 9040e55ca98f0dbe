"""Whole talks on Telegram: a house with its database, and a Bot API that refuses what Telegram refuses."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import House, opened
from bot.config import read_settings
from bot.delivery import Pace
from flows.session import Scalar
from storage import amendments, sessions, submissions
from tests.fake_telegram import Fake, User, fake_telegram
from tests.fake_telegram.actors import Room

LAN = 7
STAFF = -1007  # the staff chat
FORM = """
flow: shop
version: "1"
title: {vi: Cửa hàng, en: Shop}
languages: [vi, en]
default_language: vi
choices:
  yes_no:
    - {name: "yes", label: {vi: Có, en: "Yes"}}
    - {name: "no", label: {vi: Không, en: "No"}}
questions:
  - {name: owner, type: text, required: true, label: {vi: "Ai là chủ?", en: "Who owns it?"}}
  - {name: people, type: integer, required: true, label: {vi: "Mấy người?", en: "How many people?"}, constraint: ". > 0", constraint_message: {vi: "Ít nhất một người.", en: "At least one."}}
  - {name: open, type: select_one yes_no, required: true, label: {vi: "Có mở cửa không?", en: "Is it open?"}}
  - {name: place, type: text, required: true, label: {vi: "Ở đâu?", en: "Where?"}}
"""

WIDGETS = """
flow: widgets
version: "1"
title: {vi: Đủ kiểu, en: All kinds}
languages: [vi, en]
default_language: vi
choices:
  level:
    - {name: low, label: {vi: "Thấp", en: "Low"}}
    - {name: high, label: {vi: "Cao", en: "High"}}
groups:
  rating: {label: {vi: "Đánh giá", en: "Rating"}, appearance: table-list}
questions:
  - {name: day, type: date, required: true, label: {vi: "Ngày nào?", en: "Which day?"}, constraint: ". <= today()", constraint_message: {vi: "Không sau hôm nay.", en: "Not after today."}, guidance_hint: {vi: "Để xếp lịch.", en: "To plan."}}
  - {name: price, group: rating, type: select_one level, required: true, label: {vi: "Giá", en: "Price"}}
  - {name: speed, group: rating, type: select_one level, required: true, label: {vi: "Tốc độ", en: "Speed"}}
  - {name: taste, group: rating, type: select_one level, required: true, label: {vi: "Vị", en: "Taste"}}
  - {name: photos, type: image, required: true, label: {vi: "Ảnh?", en: "Photos?"}}
  - {name: story, type: text, required: true, label: {vi: "Kể chuyện?", en: "Your story?"}, chat: {voice_ok: true}}
"""


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    async with fake_telegram() as made:
        yield made


@pytest.fixture
async def house(fake: Fake, tmp_path: Path) -> AsyncIterator[House]:
    """The bot at work: it polls, answers and sends, all in this process."""
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "shop.yaml").write_text(FORM, encoding="utf-8")
    (flows / "widgets.yaml").write_text(WIDGETS, encoding="utf-8")
    given = {
        "data_dir": str(tmp_path / "data"),
        "free_min_mb": 0,
        "samples": False,
        "flows_dir": str(flows),
        "flood_per_min": 2,
        "telegram_staff_chat": str(STAFF),
        "telegram_token": fake.token,
        "telegram_base_url": fake.url,
    }
    await fake.group(STAFF)
    async with opened(read_settings({}, **given)) as made:
        assert made.telegram is not None
        for desk in made.delivery._desks.values():
            desk._pace = Pace(chat_per_s=100.0, chat_burst=20)  # a person of flesh and blood would wait
        await made.telegram.register()
        await made.delivery.start()
        polling = asyncio.create_task(made.telegram.poll(made.intake))
        try:
            yield made
        finally:
            polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await polling
            await made.lanes.stop(1)
            await made.delivery.stop(1)
            await made.telegram.close()


@pytest.fixture
async def lan(house: House, fake: Fake) -> User:
    """A person who is at the first question."""
    del house
    user = fake.user(LAN)
    await user.starts("shop")
    await user.sees("Ai là chủ?")
    return user


async def complaints(fake: Fake) -> list[dict[str, Any]]:
    """What Telegram would have to say against us, but for the pace, which is let go here."""
    return [each for each in await fake.violations() if each["kind"] != "pace"]


async def answers(house: House) -> dict[str, Scalar]:
    """What is stored of the open session."""
    assert house.telegram is not None
    bot = house.telegram.bot
    session = await house.db.read(lambda tx: sessions.open_of(tx, "telegram", bot, str(LAN)))
    assert session is not None
    return {path: answer.value for path, answer in session.answers.items()}


async def test_editing_ones_message_corrects_the_answer_with_a_reaction_as_receipt(
    house: House, fake: Fake, lan: User
) -> None:
    said = await lan.sends("Lam")
    await lan.sees("Mấy người?")
    await lan.edits(said, "Lan")
    await lan.sees("Lan")
    await house.delivery.settled()
    assert (await lan.chat.message(said)).reactions
    assert await answers(house) == {"owner": "Lan"}
    assert (await lan.chat.last()).text.startswith("Mấy người?")
    assert await complaints(fake) == []


async def test_the_longest_message_with_all_its_markup_is_kept_whole(house: House, fake: Fake, lan: User) -> None:
    written = "Nhà chị Lan, ba đời" + " họp" * 3 + "! " + "👩‍👩‍👧" * 507  # 8 UTF-16 units each
    marks = [{"type": "bold", "offset": each, "length": 1} for each in range(150)]
    assert 4080 < len(written.encode("utf-16-le")) // 2 <= 4096  # what Telegram lets through
    await lan.sends(written, entities=marks)
    await lan.sees("Mấy người?")
    assert await answers(house) == {"owner": written}
    assert await complaints(fake) == []


async def test_replying_to_an_old_card_asks_before_it_changes_the_answer(house: House, fake: Fake, lan: User) -> None:
    card = await lan.chat.last()
    await lan.sends("Lam")
    await lan.sees("Mấy người?")
    await lan.sends("Lan", reply_to=card.id)
    read_back = await lan.sees("đổi câu trả lời trước")
    assert await answers(house) == {"owner": "Lam"}
    await lan.taps(read_back.labels[0])
    await lan.sees("Mấy người?")
    assert await answers(house) == {"owner": "Lan"}
    assert await complaints(fake) == []


async def test_a_flood_gets_one_notice_then_quiet_and_a_right_answer_still_counts(
    house: House, fake: Fake, lan: User
) -> None:
    await lan.sends("Lan")
    await lan.sees("Mấy người?")
    for _ in range(house.settings.flood_per_min + 4):
        await lan.sends("rau sạch ngoại thành")
    await lan.sees("nhiều tin quá nhanh")
    await house.lanes.settled()
    await house.delivery.settled()
    before = len(await lan.chat.from_bot())
    await lan.sends("???")
    await lan.sends("5")
    await lan.sees("Có mở cửa không?")
    assert len(await lan.chat.from_bot()) == before + 1
    assert (await answers(house))["people"] == 5
    told = [m for m in await lan.chat.from_bot() if "nhiều tin quá nhanh" in m.text]
    assert len(told) == 1


async def test_stickers_and_photos_are_answered_and_stored_nowhere(house: House, fake: Fake, lan: User) -> None:
    await lan.sends_sticker()
    await lan.sees("Cảm ơn anh/chị")
    await lan.sends_photo()
    await lan.sees("không cần tệp")
    assert await answers(house) == {}
    assert await complaints(fake) == []


async def test_every_widget_works_by_taps_and_the_chat_stays_tidy(house: House, fake: Fake) -> None:
    lan = fake.user(LAN)
    await lan.starts("widgets")
    calendar = await lan.sees("Ngày nào?")
    assert "Để xếp lịch." not in calendar.text
    await lan.taps("❔ Vì sao hỏi?")
    await lan.sees("Để xếp lịch.")
    await lan.taps("▾")
    await lan.sees("Ngày nào?")
    await lan.taps("Tháng 1")
    await lan.sees("Ngày nào?")
    assert "15" in (await lan.chat.message(calendar.id)).labels
    await lan.taps("15")
    first = await lan.sees("▶ 1. Giá")
    await lan.taps("Cao")
    await lan.sees("✓ 1. Giá: Cao")
    await lan.taps("Các dòng còn lại: Cao")
    await lan.sees("Ảnh?")
    table = await lan.chat.message(first.id)
    assert "Giá: Cao; Tốc độ: Cao; Vị: Cao" in table.text
    for n in range(3):
        await lan.sends_photo(b"\xff\xd8\xff" + bytes([n]), album="77")
    await lan.sees("Kể chuyện?")
    await lan.sends_voice()
    await lan.sees("đã nhận tin thoại")
    await lan.sends("Bên em bán rau sạch")
    await lan.sees("xem lại")
    await house.lanes.settled()
    stored = await answers(house)
    assert str(stored["day"]).endswith("-01-15")
    assert [stored[f"rating/{name}"] for name in ("price", "speed", "taste")] == ["high"] * 3
    assert len(str(stored["photos"]).split()) == 3
    assert any("đã nhận 3 tệp" in message.text for message in await lan.chat.from_bot())
    assert stored["story"] == "Bên em bán rau sạch"
    asked = [message for message in await lan.chat.from_bot() if "Kể chuyện?" in message.text]
    assert len(asked) <= 3  # the card, once more with the voice, and its line in the review
    assert await complaints(fake) == []


async def test_a_correction_is_asked_for_by_the_button_under_the_receipt(house: House, fake: Fake, lan: User) -> None:
    for said, then in (("Lan", "Mấy người?"), ("3", "Có mở cửa không?"), ("có", "Ở đâu?"), ("Hà Đông", "xem lại")):
        await lan.sends(said)
        await lan.sees(then)
    await lan.taps("Gửi phiếu")
    await lan.sees("Phiếu đã được gửi")
    await lan.taps("Yêu cầu sửa phiếu")
    await lan.sees("Gửi yêu cầu sửa")
    await lan.taps("✏ Mấy người?")
    await lan.sees("Câu trả lời hiện tại: 3")
    await lan.sends("30")
    await lan.sees("Mấy người? 30")
    await lan.sends("em gõ nhầm")
    await lan.sees("Lý do: em gõ nhầm")
    await lan.taps("Gửi yêu cầu sửa")
    await lan.sees("đã chuyển yêu cầu sửa 1 câu")
    await house.lanes.settled()
    [stored] = await house.db.read(submissions.page)
    [asked] = await house.db.read(lambda tx: amendments.of_submission(tx, stored.id))
    assert await house.amendments.decide(stored.id, asked.id, accepted=True, by="x", words="")
    await lan.sees("Cán bộ đã sửa phiếu")
    assert '"people": 30' in (await house.db.read(submissions.page))[0].record
    assert await complaints(fake) == []


async def test_the_staff_chat_may_ask_how_the_day_goes_and_other_groups_not(
    house: House, fake: Fake, lan: User
) -> None:
    assert house.telegram is not None
    assert lan.id == LAN
    asked = f"/status@{house.telegram.username}"
    groups = [Room(fake, STAFF), await fake.group(-1008)]
    for each in groups:
        await fake.user(70).sends(asked, chat=each.chat_id)
    async with asyncio.timeout(10):
        while not all([await each.from_bot() for each in groups]):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    told, refused = [(await each.last()).text for each in groups]
    assert "Hôm nay đã nhận: 0 phiếu" in told
    assert "Đang trả lời dở: 1 phiếu" in told
    assert "/staff/submissions" in told
    assert "dở" not in refused
