"""The fake must refuse what Telegram refuses and fail when told to: a lenient fake would prove nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fake_telegram import Fake, Impossible, NotSeen, User, fake_telegram, fake_telegram_process
from tests.fake_telegram.limits import Limits, Pace
from tests.fake_telegram.refused import CARD, GONE, LAN, OLD, PHOTO, REFUSED, button, keyboard

JPEG = b"\xff\xd8\xff\xe0" + b"x" * 40


class Caller:
    """A bot reduced to its calls."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake

    async def tries(self, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
        async with self.fake.http.post(f"{self.fake.base_url}{self.fake.token}/{method}", json=params) as answer:
            return answer.status, await answer.json()

    async def does(self, method: str, **params: Any) -> Any:
        status, body = await self.tries(method, **params)
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def sends(self, text: str = "Chào anh/chị", chat: int = LAN, **params: Any) -> int:
        return int((await self.does("sendMessage", chat_id=chat, text=text, **params))["message_id"])

    async def updates(self, offset: int = 0, **params: Any) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = await self.does("getUpdates", offset=offset, **params)
        return told


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    async with fake_telegram() as made:
        yield made


@pytest.fixture
def bot(fake: Fake) -> Caller:
    return Caller(fake)


@pytest.fixture
async def lan(fake: Fake) -> User:
    user = fake.user(LAN)
    await user.opens()
    return user


async def furnish(bot: Caller, lan: User) -> None:
    """Write the messages that the table of refusals speaks of."""
    assert await lan.sends("/start") == OLD
    assert await bot.sends("Đúng?", reply_markup=keyboard([button()])) == CARD
    await bot.sends("Gửi số", reply_markup={"keyboard": [["Gửi"]]})
    await lan.sends_photo(JPEG)  # a file of which the bot knows the id
    photo = await bot.does("sendPhoto", chat_id=LAN, photo="AgADfakephoto0")
    assert photo["message_id"] == PHOTO
    assert await bot.sends("bỏ") == GONE
    await bot.does("deleteMessage", chat_id=LAN, message_id=GONE)


@pytest.mark.parametrize("what", REFUSED)
async def test_what_telegram_refuses_is_refused_in_its_words(fake: Fake, bot: Caller, lan: User, what: str) -> None:
    method, params, words = REFUSED[what]
    await furnish(bot, lan)
    status, body = await bot.tries(method, **params)
    assert (status, body["error_code"], body["ok"]) == (400, 400, False)
    assert body["description"].startswith(f"Bad Request: {words}")
    assert (await fake.violations())[-1]["kind"] == "refused"


ACCEPTED: dict[str, tuple[dict[str, Any], str]] = {
    "4096 letters": ({"text": "ệ" * 4096}, "ệ" * 4096),
    "4096 after parsing": ({"text": f"<b>{'x' * 4095}</b>&lt;", "parse_mode": "HTML"}, "x" * 4095 + "<"),
    "white space around": ({"text": "\n x \n"}, "x"),
    "a named reference it does not know": ({"text": "a&nbsp;b", "parse_mode": "HTML"}, "a&nbsp;b"),
    "a numbered reference": ({"text": "&#65;&#x42;&quot;", "parse_mode": "HTML"}, 'AB"'),
    "64 bytes of data": ({"text": "x", "reply_markup": keyboard([button(callback_data="ệ" * 21 + "a")])}, "x"),
}


@pytest.mark.parametrize("what", ACCEPTED)
async def test_what_telegram_takes_is_taken(bot: Caller, lan: User, what: str) -> None:
    params, shown = ACCEPTED[what]
    assert (await bot.does("sendMessage", chat_id=LAN, **params))["text"] == shown


async def test_what_is_silently_dropped_is_a_violation(fake: Fake, bot: Caller, lan: User) -> None:
    sent = await bot.does(
        "sendMessage", chat_id=LAN, text="Q&A", parse_mode="HTML", reply_markup=keyboard([button()] * 9)
    )
    assert len(sent["reply_markup"]["inline_keyboard"][0]) == 8
    assert {v["kind"] for v in await fake.violations()} == {"odd text", "odd keyboard"}


async def test_a_wrong_token_and_an_unknown_method_are_told_apart(fake: Fake, bot: Caller) -> None:
    async with fake.http.get(f"{fake.base_url}1:wrong/getMe") as answer:
        assert (answer.status, (await answer.json())["description"]) == (401, "Unauthorized")
    status, body = await bot.tries("sendLove")
    assert (status, body["description"]) == (404, "Not Found: method not found")


async def test_updates_come_again_until_a_higher_offset_confirms_them(fake: Fake, bot: Caller, lan: User) -> None:
    for n in range(3):
        await lan.sends(f"{n}")
    first = await bot.updates()
    assert [u["message"]["text"] for u in first] == ["0", "1", "2"]
    assert await bot.updates() == first
    assert await bot.updates(first[1]["update_id"] + 1) == first[2:]
    assert [u["fate"] for u in (await fake.log()).updates] == ["confirmed", "confirmed", "waiting"]
    assert await bot.updates(limit=1) == first[2:]


async def test_a_batch_has_at_most_100_updates(bot: Caller, lan: User) -> None:
    for n in range(102):
        await lan.sends(f"{n}")
    assert len(await bot.updates()) == 100
    assert len(await bot.updates(limit=2)) == 2


async def test_a_waiting_poll_ends_as_soon_as_somebody_writes(bot: Caller, lan: User) -> None:
    poll = asyncio.create_task(bot.updates(timeout=20))
    await asyncio.sleep(0.05)
    await lan.sends("đây")
    assert [u["message"]["text"] for u in await asyncio.wait_for(poll, 2)] == ["đây"]


async def test_the_second_of_two_pollers_ends_the_first_by_409(fake: Fake, bot: Caller, lan: User) -> None:
    first = asyncio.create_task(bot.tries("getUpdates", timeout=20))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(bot.tries("getUpdates", timeout=20))
    status, body = await first
    assert (status, body["description"][:35]) == (409, "Conflict: terminated by other getUp")
    await lan.sends("x")
    assert (await second)[0] == 200
    assert [v["kind"] for v in await fake.violations()] == ["second poller"]


async def test_a_poller_that_hung_up_is_forgotten(fake: Fake, bot: Caller, lan: User) -> None:
    poll = asyncio.create_task(bot.updates(timeout=20))
    await asyncio.sleep(0.05)
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)
    await asyncio.sleep(0.05)
    await lan.sends("x")
    assert len(await bot.updates(timeout=1)) == 1
    assert await fake.violations() == []


async def test_update_ids_may_jump_down_and_the_old_offset_does_not_hide_what_is_new(
    fake: Fake, bot: Caller, lan: User
) -> None:
    await lan.sends("trước")
    with pytest.raises(Impossible, match="1 updates wait still"):
        await fake.jump()
    offset = (await bot.updates())[0]["update_id"] + 1
    assert await bot.updates(offset) == []
    assert await fake.jump() < offset
    await lan.sends("sau")
    assert [u["message"]["text"] for u in await bot.updates(offset)] == ["sau"]


async def test_updates_are_repeated_and_shuffled_on_demand(fake: Fake, bot: Caller, lan: User) -> None:
    await fake.mess(repeat=1.0, shuffle=True)
    for n in range(20):
        await lan.sends(f"{n}")
    first = [u["update_id"] for u in await bot.updates()]
    assert first != sorted(first)
    again = [u["update_id"] for u in await bot.updates(max(first) + 1)]
    assert sorted(again) == sorted(first)


async def test_updates_older_than_a_day_are_lost(fake: Fake, bot: Caller, lan: User) -> None:
    await lan.sends("x")
    await fake.advance(24 * 3600 + 1)
    assert await bot.updates() == []
    assert (await fake.log()).updates[0]["fate"] == "expired"


async def test_only_allowed_updates_come(fake: Fake, bot: Caller, lan: User) -> None:
    await bot.updates(allowed_updates=["callback_query"])
    await lan.sends("x")
    assert await bot.updates() == []
    await bot.updates(allowed_updates=["message", "my_chat_member"])
    await lan.blocks()
    assert [u["my_chat_member"]["new_chat_member"]["status"] for u in await bot.updates()] == ["kicked"]


async def test_a_person_taps_sees_and_gets_one_answer(fake: Fake, bot: Caller, lan: User) -> None:
    card = await bot.sends(
        "Đúng không?", reply_markup=keyboard([button("Có", callback_data="y"), button("Không", callback_data="n")])
    )
    tap = await lan.taps("Không")
    query = (await bot.updates())[0]["callback_query"]
    assert (query["data"], query["message"]["message_id"], query["from"]["id"]) == ("n", card, LAN)
    await bot.does("editMessageText", chat_id=LAN, message_id=card, text="✔ Không")
    await bot.does("answerCallbackQuery", callback_query_id=query["id"], text="Đã lưu ✓")
    seen = await lan.sees("✔ Không")
    assert (seen.labels, [e["text"] for e in seen.edits]) == ([], ["Đúng không?"])
    assert (await lan.toast(tap)).text == "Đã lưu ✓"
    status, body = await bot.tries("answerCallbackQuery", callback_query_id=query["id"])
    assert (status, body["description"][:36]) == (400, "Bad Request: query is too old and re")
    with pytest.raises(Impossible, match="no button 'Có'"):
        await lan.taps("Có")
    assert (await lan.taps_data(card, "forged")).message_id == card


async def test_a_tap_grows_too_old_to_answer(fake: Fake, bot: Caller, lan: User) -> None:
    await bot.sends(reply_markup=keyboard([button()]))
    tap = await lan.taps(0)
    await fake.advance(31)
    assert (await bot.tries("answerCallbackQuery", callback_query_id=tap.query_id))[0] == 400
    assert "unanswered tap" in {v["kind"] for v in await fake.violations()}


async def test_next_message_gives_each_once_and_says_when_there_is_none(bot: Caller, lan: User) -> None:
    for n in range(2):
        await bot.sends(f"{n}")
    assert [(await lan.next_message()).text for _ in range(2)] == ["0", "1"]
    with pytest.raises(NotSeen, match="wrote nothing more"):
        await lan.next_message(0.05)


async def test_files_go_both_ways_and_large_ones_cannot_be_fetched(fake: Fake, bot: Caller, lan: User) -> None:
    await lan.sends_document("khảo sát.xlsx", b"PK\x03\x04", caption="đây ạ")
    await lan.sends_document("phim.mp4", size=20_971_521)
    small, large = [u["message"]["document"] for u in await bot.updates()]
    path = (await bot.does("getFile", file_id=small["file_id"]))["file_path"]
    async with fake.http.get(f"{fake.base_file_url}{fake.token}/{path}") as answer:
        assert await answer.read() == b"PK\x03\x04"
    assert (await bot.tries("getFile", file_id=large["file_id"]))[1]["description"] == "Bad Request: file is too big"
    form = aiohttp.FormData({"chat_id": str(LAN), "caption": "<b>báo cáo</b>", "parse_mode": "HTML"})
    form.add_field("document", b"a;b", filename="ra.csv", content_type="text/csv")
    async with fake.http.post(f"{fake.base_url}{fake.token}/sendDocument", data=form) as answer:
        assert (await answer.json())["result"]["document"]["file_name"] == "ra.csv"
    assert (await lan.sees("báo cáo")).media == "document"


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "sendChatAction"])
async def test_who_blocked_the_bot_is_closed_to_it(fake: Fake, bot: Caller, lan: User, method: str) -> None:
    card = await bot.sends()
    await lan.blocks()
    params = {"chat_id": LAN, "text": "x", "message_id": card, "action": "typing"}
    status, body = await bot.tries(method, **params)
    assert (status, body["description"]) == (403, "Forbidden: bot was blocked by the user")
    assert await fake.violations() == []
    await bot.tries(method, **params)
    assert [v["kind"] for v in await fake.violations()] == ["write after 403"]
    await lan.unblocks()
    assert (await bot.tries(method, **params))[0] == 200
    await lan.deactivates()
    assert (await bot.tries(method, **params))[1]["description"] == "Forbidden: user is deactivated"


async def test_a_group_has_topics_privacy_and_may_move(fake: Fake, bot: Caller, lan: User) -> None:
    desk = await fake.group(-1001, topics=True, bot_is="member")
    thread = await desk.topic("Vốn")
    await lan.sends("chuyện riêng", chat=desk)
    await lan.sends("/viec", chat=desk, topic=thread)
    (update,) = await bot.updates()
    assert (update["message"]["text"], update["message"]["message_thread_id"]) == ("/viec", thread)
    assert (await desk.message(await bot.sends("thẻ", -1001, message_thread_id=thread))).thread == thread
    await desk.closes_topic(thread)
    assert (await bot.tries("sendMessage", chat_id=-1001, text="x", message_thread_id=thread))[0] == 400
    await lan.moves_bot(-1001, "kicked")
    assert (await bot.tries("sendMessage", chat_id=-1001, text="x"))[1]["description"].startswith(
        "Forbidden: bot was kicked"
    )
    await fake.group(-5, kind="group")
    new = await lan.migrates(-5)
    status, body = await bot.tries("sendMessage", chat_id=-5, text="x")
    assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": new})
    assert await bot.sends("x", new)


async def test_limits_are_told_of_and_enforced_on_demand(fake: Fake, bot: Caller, lan: User) -> None:
    await fake.limits(chat_burst=1)
    await bot.sends()
    await bot.sends()
    assert [v["kind"] for v in await fake.violations()] == ["pace"]
    await fake.limits(enforce=True)
    await bot.sends()
    status, body = await bot.tries("sendMessage", chat_id=LAN, text="x")
    assert (status, body["parameters"], body["description"]) == (
        429,
        {"retry_after": 1},
        "Too Many Requests: retry after 1",
    )
    await fake.advance(1.1)
    await bot.sends()


def test_a_group_takes_20_a_minute_and_a_bot_writes_30_a_second() -> None:
    group = Pace(Limits(enforce=True, chat_burst=100))
    assert [group.over_s(100 + n / 100, -1, group=True, is_edit=False) > 0 for n in range(21)] == [False] * 20 + [True]
    assert group.over_s(160.1, -1, group=True, is_edit=False) == 0
    everyone = Pace(Limits(enforce=True))
    assert [everyone.over_s(100, n, group=False, is_edit=False) > 0 for n in range(31)] == [False] * 30 + [True]


FAULTS = {
    "429": (429, True),
    "500": (500, True),
    "502": (502, True),
    "504": (504, True),
    "html": (502, False),
}


@pytest.mark.parametrize("kind", FAULTS)
async def test_answers_go_wrong_as_often_as_asked(fake: Fake, bot: Caller, lan: User, kind: Any) -> None:
    await fake.fault(kind, "sendMessage", times=1, skip=1, retry_after=7)
    await bot.sends()
    url = f"{fake.base_url}{fake.token}/sendMessage"
    async with fake.http.post(url, json={"chat_id": LAN, "text": "x"}) as answer:
        code, is_json = FAULTS[kind]
        assert (answer.status, answer.content_type == "application/json") == (code, is_json)
        assert kind != "429" or (await answer.json())["parameters"] == {"retry_after": 7}
    assert len(await lan.chat.from_bot()) == 1
    await bot.sends()
    assert [c["fault"] for c in await fake.calls("sendMessage")] == [None, kind, None]


@pytest.mark.parametrize(
    ("kind", "applied", "arrived"), [("reset", False, 0), ("reset", True, 1), ("half", None, 1), ("hang", True, 1)]
)
async def test_connections_break_before_or_after_the_message_arrived(
    fake: Fake, bot: Caller, lan: User, kind: Any, applied: bool | None, arrived: int
) -> None:
    await fake.fault(kind, times=1, applied=applied, seconds=0.1)
    with pytest.raises(aiohttp.ClientError):
        await bot.sends()
    assert len(await lan.chat.from_bot()) == arrived
    await bot.sends()


async def test_a_frozen_api_answers_when_it_thaws(fake: Fake, bot: Caller, lan: User) -> None:
    await fake.freeze()
    call = asyncio.create_task(bot.sends())
    await asyncio.sleep(0.05)
    assert not call.done()
    await fake.thaw()
    assert await asyncio.wait_for(call, 2)


async def test_a_call_given_up_during_a_freeze_is_lost(fake: Fake, bot: Caller, lan: User) -> None:
    await fake.freeze()
    call = asyncio.create_task(bot.sends())
    await asyncio.sleep(0.05)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await asyncio.sleep(0.05)
    await fake.calm()
    await bot.sends("sau")
    assert [m.text for m in await lan.chat.messages()] == ["sau"]


async def test_a_key_of_the_reply_keyboard_sends_what_it_asks_for(bot: Caller, lan: User) -> None:
    keys = [[{"text": "Gửi số", "request_contact": True}], ["Bỏ qua"]]
    await bot.sends("Số điện thoại?", reply_markup={"keyboard": keys})
    await lan.presses("Gửi số", phone="+84987654321")
    await lan.presses("Bỏ qua")
    contact, skipped = [u["message"] for u in await bot.updates()]
    assert (contact["contact"]["phone_number"], contact["contact"]["user_id"]) == ("+84987654321", LAN)
    assert skipped["text"] == "Bỏ qua"
    await bot.sends("Cảm ơn", reply_markup={"remove_keyboard": True})
    with pytest.raises(NotSeen, match="no key"):
        await lan.presses("Bỏ qua")


async def test_no_link_carries_a_payload_of_65(lan: User) -> None:
    await lan.starts("a" * 64)
    with pytest.raises(ValueError, match="not up to 64"):
        await lan.starts("a" * 65)


async def test_somebody_never_met_sees_nothing(fake: Fake) -> None:
    await fake.user(99).sees_nothing(0.05)
    with pytest.raises(NotSeen):
        await fake.user(99).sees("x", 0.05)


async def test_calling_again_before_retry_after_is_a_violation(fake: Fake, bot: Caller, lan: User) -> None:
    await fake.fault("429", times=1, retry_after=5)
    assert (await bot.tries("sendMessage", chat_id=LAN, text="x"))[0] == 429
    await bot.sends()
    assert [v["kind"] for v in await fake.violations()] == ["impatient"]


async def test_a_process_of_its_own_serves_the_same_client() -> None:
    async with fake_telegram_process() as fake:
        lan = fake.user(LAN)
        await lan.sends("Xin chào")
        bot = Caller(fake)
        assert (await bot.updates())[0]["message"]["text"] == "Xin chào"
        await bot.sends("Chào chị Lan")
        assert (await lan.sees("chị Lan")).from_bot
        await fake.reset()
        assert (await fake.counts()) == {"calls": 0, "updates": 0, "pending": 0, "violations": 0}
