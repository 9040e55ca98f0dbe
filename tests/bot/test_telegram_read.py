"""A table of updates as Telegram sends them, and what each means to us."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Update
from bot.channels.telegram.buttons import Buttons, Press
from bot.channels.telegram.read import COMMANDS, Reader, chat_of, key_of
from flows.session import Contacted, Corrected, Located, Odd, Tapped, Typed

AT = 1_700_000_000_123
LAN = {"id": 42, "is_bot": False, "first_name": "Lan", "language_code": "vi"}
CHAT = {"id": 42, "type": "private", "first_name": "Lan"}
GROUP = {"id": -100, "type": "supergroup", "title": "Nhóm"}
BUTTONS = Buttons(b"s" * 32)


def message(**fields: Any) -> dict[str, Any]:
    return {"update_id": 9, "message": {"message_id": 7, "date": 1_700_000_000, "from": LAN, "chat": CHAT} | fields}


def in_group(**fields: Any) -> dict[str, Any]:
    return message(chat=GROUP, **fields)


def tap(data: str | None, **fields: Any) -> dict[str, Any]:
    query: dict[str, Any] = {
        "id": "77",
        "from": LAN,
        "chat_instance": "1",
        "message": {"message_id": 5, "date": 0, "chat": CHAT},
    }
    return {"update_id": 9, "callback_query": query | ({} if data is None else {"data": data}) | fields}


def member(status: str, chat: dict[str, Any] = CHAT) -> dict[str, Any]:
    change = {
        "chat": chat,
        "from": LAN,
        "date": 1,
        "old_chat_member": {"status": "x"},
        "new_chat_member": {"status": status},
    }
    return {"update_id": 9, "my_chat_member": change}


def card_with(op: Any, chat: str = "42") -> dict[str, Any]:
    """A card of ours, as Telegram repeats it in a reply."""
    data = BUTTONS.data(chat, Press(op, "2f", 3, "", "abc123"))
    keyboard = {"inline_keyboard": [[{"text": "✏", "callback_data": data}]]}
    return {"message_id": 5, "chat": CHAT, "date": 0, "reply_markup": keyboard}


def reader() -> Reader:
    made = Reader(BUTTONS)
    made.username = "khaosat_bot"
    return made


def update(raw: dict[str, Any] | str) -> Update:
    body = raw if isinstance(raw, str) else json.dumps(raw)
    chat = "" if isinstance(raw, str) else chat_of(raw)
    return Update("telegram", "1", "k", chat, body, AT)


def file(**fields: Any) -> dict[str, Any]:
    return {"file_id": "F", "file_unique_id": "U", "file_size": 10} | fields


def media(kind: str, name: str, mime: str, *, size: int = 10, caption: str = "", group: str = "") -> dict[str, Any]:
    return {
        "media": {
            "kind": kind,
            "file_id": "F",
            "name": name,
            "mime": mime,
            "size": size,
            "caption": caption,
            "group": group,
        }
    }


PRESSED = Press("on", "2f.1", 12, "capital", "abc123")

MEANINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "words are an answer": (message(text="1,5 tỷ"), {"event": Typed(AT, "1,5 tỷ", message="7")}),
    "a number after a slash is an answer": (message(text="/2024"), {"event": Typed(AT, "/2024", message="7")}),
    "start opens": (message(text="/start"), {"command": "start"}),
    "start with a payload": (message(text="/start hoi-thao_12"), {"command": "start", "argument": "hoi-thao_12"}),
    "a payload that no link can carry is none": (message(text="/start <b>"), {"command": "start"}),
    "a payload of 65 characters is none": (message(text="/start " + "a" * 65), {"command": "start"}),
    "a command in capitals": (message(text="/HELP"), {"command": "help"}),
    "a command in Vietnamese": (message(text="/trogiup"), {"command": "help"}),
    "a command with our name": (message(text="/help@Khaosat_Bot"), {"command": "help"}),
    "language with its code": (message(text="/ngonngu  en "), {"command": "language", "argument": "en"}),
    "a command of another bot": (message(text="/help@other_bot"), {"event": Odd(AT, "command")}),
    "a command nobody has": (message(text="/abc"), {"event": Odd(AT, "command")}),
    "a tapped button": (
        tap(BUTTONS.data("42", PRESSED)),
        {"event": Tapped(AT, "on", "#2f.1", "capital", 12), "session": "abc123", "tap": "77", "message": "5"},
    ),
    "a button without a question": (
        tap(BUTTONS.data("42", Press("submit", card=3))),
        {"event": Tapped(AT, "submit", None, "", 3), "tap": "77", "message": "5"},
    ),
    "a survey chosen from a menu": (
        tap(BUTTONS.data("42", Press("open", arg="startup_support_needs"))),
        {"open_flow": "startup_support_needs", "tap": "77", "message": "5"},
    ),
    "a button of another chat": (
        tap(BUTTONS.data("43", PRESSED)), {"ignored": "forged", "tap": "77", "message": "5"},
    ),
    "a button nobody made": (tap("x"), {"ignored": "forged", "tap": "77", "message": "5"}),
    "a button without data": (tap(None), {"ignored": "forged", "tap": "77", "message": "5"}),
    "a photo, the largest of its sizes": (
        message(photo=[file(file_id="small"), file(file_size=99)], caption="Sổ", media_group_id="g1"),
        media("image", "photo.jpg", "image/jpeg", size=99, caption="Sổ", group="g1"),
    ),
    "a voice": (message(voice=file(mime_type="audio/ogg")), media("audio", "voice.ogg", "audio/ogg")),
    "a song": (message(audio=file(file_name="a.mp3", mime_type="audio/mpeg")), media("audio", "a.mp3", "audio/mpeg")),
    "a video": (message(video=file(file_size=None)), media("video", "video.mp4", "video/mp4", size=0)),
    "a round video": (message(video_note=file()), media("video", "video_note.mp4", "video/mp4")),
    "a document": (
        message(document=file(file_name="bc.pdf", mime_type="application/pdf")), media("file", "bc.pdf", "application/pdf"),
    ),
    "an animation is no document": (message(animation=file(), document=file()), {"event": Odd(AT, "animation")}),
    "a place": (
        message(location={"latitude": 21.0, "longitude": 105.5, "horizontal_accuracy": 12}),
        {"event": Located(AT, 21.0, 105.5, 12.0)},
    ),
    "a venue is a place": (
        message(venue={"title": "x"}, location={"latitude": 21, "longitude": 105}), {"event": Located(AT, 21.0, 105.0)},
    ),
    "their own contact": (
        message(contact={"phone_number": "84912345678", "user_id": 42}), {"event": Contacted(AT, "+84912345678", own=True)},
    ),
    "somebody else's contact": (
        message(contact={"phone_number": "0912345678", "user_id": 43}), {"event": Contacted(AT, "0912345678", own=False)},
    ),
    "a contact without an account": (
        message(contact={"phone_number": "+84 91"}), {"event": Contacted(AT, "+84 91", own=False)},
    ),
    "a sticker": (message(sticker=file(emoji="👍")), {"event": Odd(AT, "sticker", "👍")}),
    "a dice": (message(dice={"emoji": "🎲", "value": 3}), {"event": Odd(AT, "dice")}),
    "a kind that does not exist yet": (message(hologram={}), {"event": Odd(AT, "unknown")}),
    "an edited caption": (
        {"update_id": 9, "edited_message": message(caption="b")["message"]}, {"ignored": "edited"},
    ),
    "an edited message in a group": (
        {"update_id": 9, "edited_message": in_group(text="b")["message"]}, {"ignored": "edited", "private": False},
    ),
    "words in reply to an old card": (
        message(text="5", reply_to_message=card_with("edit")),
        {"event": Typed(AT, "5", "#2f", "7", reply=True, reply_to="5"), "session": "abc123"},
    ),
    "words in reply to a card with a forged button": (
        message(text="5", reply_to_message=card_with("edit", chat="43")),
        {"event": Typed(AT, "5", message="7", reply=True, reply_to="5"), "session": ""},
    ),
    "words in reply to one's own": (
        message(text="5", reply_to_message={"message_id": 3, "chat": CHAT, "date": 0}),
        {"event": Typed(AT, "5", message="7", reply=True, reply_to="3")},
    ),
    "forwarded words": (
        message(text="5", forward_origin={"type": "hidden_user"}), {"event": Typed(AT, "5", message="7", forwarded=True)},
    ),
    "an edited message": (
        {"update_id": 9, "edited_message": message(text="b")["message"]}, {"event": Corrected(AT, "b", "7")},
    ),
    "a pinned message": (message(pinned_message={}), {"ignored": "service"}),
    "a message by another bot": (message(text="x", via_bot={"id": 5}), {"ignored": "bot"}),
    "a bot that writes": (message(text="x", **{"from": LAN | {"is_bot": True}}), {"ignored": "bot"}),
    "a channel post": ({"update_id": 9, "channel_post": message(text="x")["message"]}, {"ignored": "channel", "lang": "", "message": ""}),
    "words in a group": (in_group(text="xin chào"), {"ignored": "group", "private": False}),
    "a file in a group": (in_group(document=file()), {"ignored": "group", "private": False}),
    "a command in a group, to nobody": (in_group(text="/help"), {"ignored": "group", "private": False}),
    "a command in a group, to us": (
        in_group(text="/help@khaosat_bot"),
        {"command": "help", "private": False, "invite": "https://t.me/khaosat_bot?start=group"},
    ),
    "a group that moves": (in_group(migrate_to_chat_id=-1001), {"ignored": "service", "private": False}),
    "somebody who blocks us": (member("kicked"), {"reach": "blocked", "message": ""}),
    "somebody who comes back": (member("member"), {"reach": "reachable", "message": ""}),
    "a group that throws us out": (member("left", GROUP), {"reach": "blocked", "private": False, "message": ""}),
    "a kind of update that does not exist yet": ({"update_id": 9, "dream": {}}, {"ignored": "unknown", "lang": "", "message": ""}),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANINGS)
def test_an_update_means(name: str) -> None:
    raw, meaning = MEANINGS[name]
    read = reader().read(update(raw))
    assert (read.address.channel, read.address.bot, read.address.chat) == ("telegram", "1", chat_of(raw))
    told = {"lang": "vi", "message": "7"} | meaning
    assert {field: getattr(read, field) for field in told} == told
    said = [read.event, read.media, read.command, read.open_flow, read.reach, read.ignored]
    assert sum(bool(one) for one in said) == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_read(name: str) -> None:
    assert reader().read(update(message(text=f"/{name}"))).command == COMMANDS[name]


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "3", "{", '{"message": 3}', '{"message": {}}', '{"message": {"from": 3, "text": "x"}}',
     '{"callback_query": {}}', '{"callback_query": {"id": 1, "message": 5}}', '{"my_chat_member": {"new_chat_member": 3}}',
     '{"message": {"contact": {}, "chat": {"type": "private"}}}', '{"message": {"location": {"latitude": "x"}}}',
     '{"message": {"text": "\\ud800"}}', '{"message": {"date": ' + "9" * 5000 + "}}", "[" * 100_000],
)  # fmt: skip
def test_an_update_that_makes_no_sense_raises_nothing(body: str) -> None:
    read = reader().read(update(body))
    assert read.ignored or read.event


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "text",
    "photo",
    "voice",
    "document",
    "location",
    "contact",
    "sticker",
    "from",
    "chat",
    "message_id",
    "via_bot",
    "caption",
    "date",
)


@given(
    st.sampled_from(("message", "edited_message", "callback_query", "my_chat_member", "channel_post")),
    st.dictionaries(
        st.sampled_from((*FIELDS, "data", "id", "message", "new_chat_member", "status")), json_values, max_size=6
    ),
)
def test_no_update_raises_whatever_its_fields_are(kind: str, fields: dict[str, Any]) -> None:
    raw = {"update_id": 1, kind: fields}
    read = reader().read(update(raw))
    assert read.address.chat == chat_of(raw)
    assert key_of(raw) == key_of(json.loads(json.dumps(raw)))


def test_an_update_sent_again_has_the_same_key() -> None:
    for raw, _ in MEANINGS.values():
        assert key_of(raw) == key_of(json.loads(json.dumps(raw)))


def test_a_number_given_anew_after_an_idle_week_makes_another_key() -> None:
    before, after = message(text="a"), message(text="a", message_id=8, date=1_700_900_000)
    assert before["update_id"] == after["update_id"]
    assert key_of(before) != key_of(after)
    assert key_of(tap("x")) != key_of(tap("x", id="78"))
    assert key_of(member("kicked")) != key_of(
        {"update_id": 9, "my_chat_member": member("member")["my_chat_member"] | {"date": 2}}
    )


def test_two_edits_of_one_message_have_different_keys() -> None:
    edits = [{"update_id": 9, "edited_message": message(text="b", edit_date=at)["message"]} for at in (5, 6)]
    assert key_of(edits[0]) != key_of(edits[1])


@pytest.mark.parametrize(
    ("raw", "chat"),
    [(message(text="x"), "42"), (in_group(text="x"), "-100"), (tap("x"), "42"), (member("kicked"), "42"),
     (tap("x", message=None), "42"), ({"update_id": 1, "poll": {"id": "1"}}, "")],
)  # fmt: skip
def test_an_update_belongs_to_the_lane_of_its_chat(raw: dict[str, Any], chat: str) -> None:
    assert chat_of(raw) == chat
