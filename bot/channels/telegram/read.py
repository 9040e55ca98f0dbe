"""What an update of Telegram means. Reads the JSON itself: every field is checked where it is used, nothing raises."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from bot.channels.base import Address, Command, Incoming, Update
from bot.channels.telegram.buttons import Buttons, Press
from bot.channels.telegram.limits import PAYLOAD_MAX
from flows.session import Contacted, Corrected, Event, Located, Odd, Tapped, Typed

COMMANDS: Final[Mapping[str, Command]] = {
    "start": "start",
    "batdau": "start",
    "help": "help",
    "trogiup": "help",
    "language": "language",
    "ngonngu": "language",
    "privacy": "privacy",
    "dulieu": "privacy",
    "stop": "stop",
    "dung": "stop",
    "status": "status",
    "trangthai": "status",
    "edit": "amend",
    "sua": "amend",
}

_COMMAND: Final = re.compile(r"/([A-Za-z][A-Za-z0-9_]{0,31})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?\s*", re.DOTALL)
_PAYLOAD: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{PAYLOAD_MAX}}}")

# (field, our word for it, name and type when Telegram tells none); the order decides where a message has two of them
_MEDIA: Final = (
    ("voice", "audio", "voice.ogg", "audio/ogg"),
    ("audio", "audio", "audio.mp3", "audio/mpeg"),
    ("video_note", "video", "video_note.mp4", "video/mp4"),
    ("video", "video", "video.mp4", "video/mp4"),
    ("document", "file", "file", "application/octet-stream"),
)
_ODD: Final = (
    "sticker", "animation", "dice", "game", "poll", "story", "checklist", "paid_media", "invoice",
    "successful_payment", "giveaway", "giveaway_winners", "users_shared", "chat_shared", "web_app_data",
)  # fmt: skip
# Written by Telegram itself, not by a person: nobody waits for an answer.
_SERVICE: Final = frozenset({
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
    "group_chat_created", "supergroup_chat_created", "channel_chat_created", "message_auto_delete_timer_changed",
    "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message", "connected_website", "write_access_allowed",
    "proximity_alert_triggered", "boost_added", "chat_background_set", "forum_topic_created", "forum_topic_edited",
    "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
    "video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited",
    "giveaway_created", "giveaway_completed", "refunded_payment", "gift", "unique_gift",
})  # fmt: skip


class Reader:
    """Reads updates for one bot. `username` is known once the bot is registered; "" before."""

    def __init__(self, buttons: Buttons) -> None:
        self._buttons = buttons
        self.username = ""

    def read(self, update: Update) -> Incoming:
        """What the update means. Never raises: what cannot be read is ignored as "unreadable"."""
        try:
            raw = update.raw if update.raw is not None else json.loads(update.body)
            return self._read(raw, update)
        except Exception:  # an update is other people's data: whatever is wrong with it stays its own fault
            return Incoming(Address(update.channel, update.bot, update.chat), ignored="unreadable")

    def _read(self, raw: Mapping[str, Any], update: Update) -> Incoming:
        if isinstance(message := raw.get("message"), dict):
            return self._message(message, update)
        if isinstance(query := raw.get("callback_query"), dict):
            return self._tap(query, update)
        if isinstance(edited := raw.get("edited_message"), dict):
            return self._edited(edited, update)
        if isinstance(member := raw.get("my_chat_member"), dict):
            return self._reach(member, update)
        return Incoming(
            Address(update.channel, update.bot, update.chat), ignored="channel" if "channel_post" in raw else "unknown"
        )

    def _message(self, message: Mapping[str, Any], update: Update) -> Incoming:
        sender = message.get("from") or {}
        if message.get("via_bot") or message.get("sender_chat") or sender.get("is_bot"):
            return self._incoming(message, update, ignored="bot")
        if _SERVICE & message.keys():
            return self._incoming(message, update, ignored="service")
        private = _is_private(message)
        text = message.get("text")
        command = self._command(text, private=private) if isinstance(text, str) else None
        if command is not None:
            return self._incoming(message, update, command=command[0], argument=command[1])
        if not private:
            return self._incoming(message, update, ignored="group")
        if isinstance(text, str) and not _looks_like_command(text):
            return self._typed(message, text, update)
        if (media := _media(message)) is not None:
            return self._incoming(message, update, media=media)
        return self._incoming(message, update, event=_event(message, update.at))

    def _typed(self, message: Mapping[str, Any], text: str, update: Update) -> Incoming:
        """Words; in reply to a card of ours, its buttons tell which question that is about."""
        replied = message.get("reply_to_message")
        press = self._pressable(replied, update.chat) if isinstance(replied, dict) else None
        typed = Typed(
            update.at,
            text,
            path=f"#{press.ref}" if press is not None else None,
            message=_number(message),
            reply=isinstance(replied, dict),
            reply_to=_number(replied) if isinstance(replied, dict) else "",
            forwarded="forward_origin" in message,
        )
        return self._incoming(message, update, event=typed, session=press.tag if press is not None else "")

    def _pressable(self, card: Mapping[str, Any], chat: str) -> Press | None:
        """What a button of an old card of ours says of the question it stood under."""
        markup = card.get("reply_markup") or {}
        buttons = [button for row in markup.get("inline_keyboard") or () for button in row]
        read = (self._buttons.read(chat, str(button.get("callback_data", ""))) for button in buttons)
        return next((press for press in read if press is not None and press.ref and press.op != "open"), None)

    def _edited(self, message: Mapping[str, Any], update: Update) -> Incoming:
        """An edited message of words; captions and places that move are nobody's answer."""
        sender, text = message.get("from") or {}, message.get("text")
        if not isinstance(text, str) or sender.get("is_bot") or message.get("via_bot") or not _is_private(message):
            return self._incoming(message, update, ignored="edited")
        return self._incoming(message, update, event=Corrected(update.at, text, _number(message)))

    def _command(self, text: str, *, private: bool) -> tuple[Command, str] | None:
        """A command and its argument. In a group only those that name us: others' commands are not ours to answer."""
        found = _COMMAND.fullmatch(text)
        if found is None:
            return None
        name, addressed, rest = found[1].lower(), (found[2] or "").lower(), (found[3] or "").strip()
        command = COMMANDS.get(name)
        ours = addressed == self.username.lower() if addressed else private
        if command is None or not ours:
            return None
        if command == "start":
            return command, rest if _PAYLOAD.fullmatch(rest) else ""
        return command, rest[:PAYLOAD_MAX]

    def _tap(self, query: Mapping[str, Any], update: Update) -> Incoming:
        message = query.get("message") or {}
        message = {**message, "from": query.get("from") or {}}
        tap = str(query["id"])
        chat = str((message.get("chat") or {}).get("id", ""))
        data = query.get("data")
        press = self._buttons.read(chat, data) if isinstance(data, str) else None
        if press is None:
            return self._incoming(message, update, tap=tap, ignored="forged")
        if press.op == "open":
            return self._incoming(message, update, tap=tap, open_flow=press.arg)
        tapped = Tapped(update.at, press.op, f"#{press.ref}" if press.ref else None, press.arg, press.card)
        return self._incoming(message, update, tap=tap, event=tapped, session=press.tag)

    def _reach(self, member: Mapping[str, Any], update: Update) -> Incoming:
        status = (member.get("new_chat_member") or {}).get("status")
        if status in {"kicked", "left"}:
            return self._incoming(member, update, reach="blocked")
        if status in {"member", "administrator", "creator"}:
            return self._incoming(member, update, reach="reachable")
        return self._incoming(member, update, ignored="member")

    def _incoming(self, message: Mapping[str, Any], update: Update, **meaning: Any) -> Incoming:
        """What all updates have in common, and what this one means."""
        lang = (message.get("from") or {}).get("language_code")
        private = _is_private(message)
        return Incoming(
            address=Address(update.channel, update.bot, update.chat),
            private=private,
            invite=f"https://t.me/{self.username}?start=group" if self.username and not private else "",
            lang=lang if isinstance(lang, str) else "",
            message=_number(message),
            **meaning,
        )


def chat_of(raw: Mapping[str, Any]) -> str:
    """Whose lane an update belongs to; "" when it belongs to nobody's."""
    for part in _parts(raw):
        chat = part.get("chat")
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            return str(chat["id"])
    query = raw.get("callback_query")
    sender = query.get("from") if isinstance(query, dict) else None
    return str(sender["id"]) if isinstance(sender, dict) and isinstance(sender.get("id"), int) else ""


def key_of(raw: Mapping[str, Any]) -> str:
    """The same for the same update sent twice, and for no other.

    `update_id` alone is not: after a week without updates Telegram goes on from a random number, which may be one we
    have seen. What the update is about settles it: the tap's own id, or chat, message and date.
    """
    parts = [str(raw.get("update_id", ""))]
    query = raw.get("callback_query")
    if isinstance(query, dict):
        return ":".join([*parts, f"q{query.get('id', '')}"])
    for part in _parts(raw):
        chat = part.get("chat")
        about = (
            chat.get("id") if isinstance(chat, dict) else "",
            part.get("message_id", ""),
            part.get("edit_date") or part.get("date", ""),
        )
        parts.append("m" + ".".join(str(one) for one in about))
    return ":".join(parts)


def _parts(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The objects of an update that say which chat it is about."""
    query = raw.get("callback_query")
    held = (
        [query.get("message")]
        if isinstance(query, dict)
        else [value for key, value in raw.items() if key != "update_id"]
    )
    return [part for part in held if isinstance(part, dict)]


def _number(message: Mapping[str, Any]) -> str:
    number = message.get("message_id")
    return str(number) if isinstance(number, int) else ""


def _is_private(message: Mapping[str, Any]) -> bool:
    return (message.get("chat") or {"type": "private"}).get("type") == "private"


def _looks_like_command(text: str) -> bool:
    """Whether it is meant for a bot ("/abc") and is nobody's answer to a question."""
    return _COMMAND.fullmatch(text) is not None


def _media(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A file that must be fetched before it is an answer: {kind, file_id, name, mime, size, caption, group}."""
    if "animation" in message:  # Telegram repeats it as a document
        return None
    photos = message.get("photo")
    if isinstance(photos, list) and photos:
        return _file(photos[-1], "image", "photo.jpg", "image/jpeg", message)  # the last one is the largest
    for field, kind, name, mime in _MEDIA:
        if isinstance(message.get(field), dict):
            return _file(message[field], kind, name, mime, message)
    return None


def _file(file: Mapping[str, Any], kind: str, name: str, mime: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
    size = file.get("file_size")
    return {
        "kind": kind,
        "file_id": str(file["file_id"]),
        "name": str(file.get("file_name") or name),
        "mime": str(file.get("mime_type") or mime),
        "size": size if isinstance(size, int) else 0,  # 0: Telegram does not say
        "caption": str(message.get("caption") or ""),
        "group": str(message.get("media_group_id") or ""),
    }


def _event(message: Mapping[str, Any], at: int) -> Event:
    """A place, a contact card, or something that no question takes."""
    location, contact = message.get("location"), message.get("contact")
    if isinstance(location, dict):
        accuracy = location.get("horizontal_accuracy")
        return Located(
            at,
            float(location["latitude"]),
            float(location["longitude"]),
            float(accuracy) if accuracy is not None else None,
        )
    if isinstance(contact, dict):
        sender = (message.get("from") or {}).get("id")
        return Contacted(
            at, _phone(str(contact["phone_number"])), own=sender is not None and contact.get("user_id") == sender
        )
    what = next((kind for kind in _ODD if kind in message), "command" if "text" in message else "unknown")
    sticker = message.get("sticker")
    says = sticker.get("emoji") if isinstance(sticker, dict) else None
    return Odd(at, what, says if isinstance(says, str) else "")


def _phone(number: str) -> str:
    """Telegram tells numbers with their country's code but often without "+"."""
    return f"+{number}" if number.isdigit() and not number.startswith("0") else number
