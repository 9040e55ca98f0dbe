"""What people do, and the updates that come of it."""

import base64
import re
from collections.abc import Callable
from typing import Any, Final

from tests.fake_telegram.asking import member
from tests.fake_telegram.fields import Upload
from tests.fake_telegram.files import content_of
from tests.fake_telegram.messages import Message
from tests.fake_telegram.people import Chat, Person
from tests.fake_telegram.world import Query, World

MIMES: Final = {
    "photo": "image/jpeg",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "sticker": "image/webp",
}


class Impossible(Exception):
    """A person cannot do this: there is no such button, the message is gone."""


def act(world: World, what: dict[str, Any]) -> dict[str, Any]:
    """Let somebody do something.

    `what`: `{"do": name, "person": profile, "chat": id or None (their own chat), …}`; answers
    `{"update_id", "message_id", "query_id"}` as far as there are such, and `change`, the number of the chat's last
    change. Raises `Impossible`.
    """
    person = world.person(what["person"])
    chat = world.chats.get(what.get("chat") or person.id)
    if chat is None:
        raise Impossible(f"there is no chat {what.get('chat')}")
    doing = ACTS.get(str(what["do"]))
    if doing is None:
        raise Impossible(f"nobody can {what['do']!r}")
    came_of_it = doing(world, person, chat, what)
    return came_of_it | {"change": len(chat.changes)}


def _opens(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    """The chat becomes known to the bot without a word."""
    chat.known = True
    return {}


def _says(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    text = str(what["text"])
    entities = _commands_in(text)
    return _posts(world, person, chat, what, {"text": text} | ({"entities": entities} if entities else {}))


def _sends_file(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    kind = str(what["kind"])
    data = base64.b64decode(what.get("data") or "")
    mime = what.get("mime") or MIMES.get(kind, "application/octet-stream")
    file = world.files.keep(kind, Upload(what.get("name") or "", mime, data), size=what.get("size"))
    content = content_of(file)
    if what.get("caption"):
        content["caption"] = what["caption"]
    if what.get("album"):
        content["media_group_id"] = str(what["album"])
    return _posts(world, person, chat, what, content)


def _sends_content(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    """A location, a contact, dice, anything: `content` is the part of the message that shows it."""
    return _posts(world, person, chat, what, dict(what["content"]))


def _edits(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    message = world.message(chat, int(what["message_id"]))
    if message is None or message.sender["id"] != person.id:
        raise Impossible("people edit only their own messages that are still there")
    name = "text" if "text" in message.content else "caption"
    message.becomes(int(world.now()), message.content | {name: str(what["text"])}, None)
    chat.changed("edit", message.id)
    return _told(world, "edited_message", message.json(), chat, message)


def _taps(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    message, button = _button(world, chat, what)
    if "callback_data" not in button:
        raise Impossible(f"the button {button['text']!r} tells the bot nothing")
    return _query(world, person, chat, message, str(button["callback_data"]))


def _taps_data(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    """A tap with any data: on a keyboard long gone, or forged."""
    message = chat.messages.get(int(what["message_id"]))
    if message is None:
        raise Impossible(f"message {what['message_id']} was never there")
    return _query(world, person, chat, message, str(what["data"]))


def _blocks(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    person.blocked = bool(what["blocked"])
    before, after = ("member", "kicked") if person.blocked else ("kicked", "member")
    return _bot_moved(world, person, chat, before, after)


def _deactivates(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    person.deactivated = True
    return {}


def _moves_bot(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    """Put the bot into a group, make it administrator, throw it out."""
    before, chat.bot_status = chat.bot_status, str(what["status"])
    return _bot_moved(world, person, chat, before, chat.bot_status)


def _migrates(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    new = world.migrate(chat)
    old_words = world.add(chat, person, {"migrate_to_chat_id": new.id})
    new_words = world.add(new, person, {"migrate_from_chat_id": chat.id})
    world.tell_bot("message", old_words.json(), chat.id)
    return _told(world, "message", new_words.json(), new, new_words) | {"chat_id": new.id}


def _reacts(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    message = world.message(chat, int(what["message_id"]))
    if message is None:
        raise Impossible("the message is gone")
    before = message.reactions.get(str(person.id), [])
    message.reactions[str(person.id)] = [str(what["emoji"])]
    body = {
        "chat": chat.json(),
        "message_id": message.id,
        "user": person.json(),
        "date": int(world.now()),
        "old_reaction": [{"type": "emoji", "emoji": e} for e in before],
        "new_reaction": [{"type": "emoji", "emoji": what["emoji"]}],
    }
    return _told(world, "message_reaction", body, chat, message)


def _sends_raw(world: World, person: Person, chat: Chat, what: dict[str, Any]) -> dict[str, Any]:
    """Any update at all, also one no Telegram ever sent."""
    chat.known = True
    return _told(world, str(what["kind"]), what["body"], chat, None)


ACTS: Final[dict[str, Callable[[World, Person, Chat, dict[str, Any]], dict[str, Any]]]] = {
    "open": _opens,
    "say": _says,
    "send_file": _sends_file,
    "send_content": _sends_content,
    "edit": _edits,
    "tap": _taps,
    "tap_data": _taps_data,
    "block": _blocks,
    "deactivate": _deactivates,
    "move_bot": _moves_bot,
    "migrate": _migrates,
    "react": _reacts,
    "raw": _sends_raw,
}


def _posts(world: World, person: Person, chat: Chat, what: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    if chat.kind == "private" and person.blocked:
        raise Impossible("one unblocks the bot before writing to it")
    chat.known = True
    if what.get("forwarded"):
        origin = {"type": "hidden_user", "date": int(world.now()), "sender_user_name": "Ai đó"}
        content |= {"forward_origin": origin}
    reply_to = world.message(chat, int(what["reply_to"])) if what.get("reply_to") else None
    message = world.add(chat, person, content, thread=what.get("topic"), reply_to=reply_to)
    if not _bot_sees(world, chat, message):
        return {"message_id": message.id}
    return _told(world, "message", message.json(), chat, message)


def _bot_sees(world: World, chat: Chat, message: Message) -> bool:
    """In a group with privacy mode a bot gets commands, mentions and replies to itself, unless it is administrator."""
    if chat.kind == "private":
        return True
    if chat.bot_status not in {"member", "administrator"}:
        return False
    if chat.bot_status == "administrator" or not world.privacy_mode:
        return True
    is_reply = message.reply_to is not None and message.reply_to.from_bot
    return is_reply or message.text.startswith("/") or f"@{world.bot.username}" in message.text


def _told(world: World, kind: str, body: dict[str, Any], chat: Chat, message: Message | None) -> dict[str, Any]:
    entry = world.tell_bot(kind, body, chat.id)
    known = {"update_id": entry.update_id if entry.fate != "unwanted" else None}
    return known | ({"message_id": message.id} if message else {})


def _bot_moved(world: World, person: Person, chat: Chat, before: str, after: str) -> dict[str, Any]:
    body = {
        "chat": chat.json(),
        "from": person.json(),
        "date": int(world.now()),
        "old_chat_member": member(world.bot, before),
        "new_chat_member": member(world.bot, after),
    }
    return _told(world, "my_chat_member", body, chat, None)


def _button(world: World, chat: Chat, what: dict[str, Any]) -> tuple[Message, dict[str, Any]]:
    """The button of that label (whole, otherwise within) or number, on the newest message that has it."""
    wanted = what["button"]
    with_buttons = [m for m in chat.latest() if m.inline]
    if what.get("message_id"):
        with_buttons = [m for m in with_buttons if m.id == int(what["message_id"])]
    for fits in _fitting(wanted):
        for message in with_buttons:
            buttons = [b for row in message.inline for b in row]
            if isinstance(wanted, int):
                buttons = buttons[wanted : wanted + 1] if wanted >= 0 else buttons[wanted:][:1]
            found = next((b for b in buttons if fits(b["text"])), None)
            if found:
                return message, found
            if isinstance(wanted, int):
                break
    shown = [b["text"] for m in with_buttons[:2] for row in m.inline for b in row]
    raise Impossible(f"no button {wanted!r}; the latest are {shown}")


def _fitting(wanted: str | int) -> list[Callable[[str], bool]]:
    if isinstance(wanted, int):
        return [lambda _label: True]
    return [lambda label: label == wanted, lambda label: wanted in label]


def _query(world: World, person: Person, chat: Chat, message: Message, data: str) -> dict[str, Any]:
    query = Query(str(len(world.queries) + 10**15), world.now(), person.id, chat.id, message.id, data)
    world.queries[query.id] = query
    # of a deleted message Telegram tells only that it was there
    gone = {"chat": chat.json(), "message_id": message.id, "date": 0}
    body = {
        "id": query.id,
        "from": person.json(),
        "message": gone if message.deleted else message.json(),
        "chat_instance": str(chat.id * 31),
        "data": data,
    }
    return _told(world, "callback_query", body, chat, message) | {"query_id": query.id}


def _commands_in(text: str) -> list[dict[str, Any]]:
    """`bot_command` entities; all that stands before them counts in UTF-16 units."""
    found = re.finditer(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w+)?", text)
    return [
        {
            "type": "bot_command",
            "offset": len(text[: m.start()].encode("utf-16-le", "surrogatepass")) // 2,
            "length": len(m[0]),
        }
        for m in found
    ]
