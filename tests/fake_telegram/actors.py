"""People and groups as a test drives and watches them."""

import asyncio
import base64
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.fake_telegram.seen import Message, Tap, Toast

if TYPE_CHECKING:
    from tests.fake_telegram.client import Fake

PATIENCE_S = 5.0
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")  # of a deep link; core.telegram.org/bots/features#deep-linking


class NotSeen(AssertionError):
    """What a test waited for did not come; the words show what the chat looks like instead."""


@dataclass
class Room:
    """A chat as it can be watched."""

    fake: "Fake"
    chat_id: int

    async def messages(self, *, deleted: bool = False) -> list[Message]:
        """All messages, oldest first, as they are now; `deleted` ones only when asked for."""
        told = await self.fake.ctl("transcript", {"chat": self.chat_id})
        return [m for m in map(Message.of, told["messages"]) if deleted or not m.deleted]

    async def message(self, message_id: int) -> Message:
        """One message, also a deleted one; raises `KeyError`."""
        found = [m for m in await self.messages(deleted=True) if m.id == message_id]
        if not found:
            raise KeyError(message_id)
        return found[0]

    async def from_bot(self) -> list[Message]:
        return [m for m in await self.messages() if m.from_bot]

    async def last(self) -> Message:
        """The newest message of the bot; raises `NotSeen` when it never wrote."""
        written = await self.from_bot()
        if not written:
            raise NotSeen("the bot has written nothing here")
        return written[-1]

    async def pinned(self) -> list[int]:
        told = await self.fake.ctl("transcript", {"chat": self.chat_id})
        return [int(message_id) for message_id in told["pinned"]]

    async def written(self) -> str:
        """The talk as text, for failure messages: `bot: …`, `you: …`, with buttons."""
        return "\n".join(
            f"{'bot' if m.from_bot else 'you'} {m.id}: {m.text}" + (f" {m.labels}" if m.labels else "")
            for m in await self.messages()
        )

    async def changes(self, after: int, timeout_s: float) -> AsyncIterator[tuple[int, str, Message]]:
        """(number, kind, message as it is now) of what happens after change `after`, until the time is over."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            told = await self.fake.ctl("wait", {"chat": self.chat_id, "after": after, "timeout_s": left})
            for change in told["changes"]:
                after = change["number"]
                yield after, change["kind"], Message.of(change["message"])


@dataclass
class Group(Room):
    """A group chat."""

    async def topic(self, name: str) -> int:
        """A new topic; gives its thread id."""
        return int((await self.fake.ctl("topic", {"chat": self.chat_id, "name": name}))["message_thread_id"])

    async def closes_topic(self, thread: int, *, closed: bool = True) -> None:
        await self.fake.ctl("topic", {"chat": self.chat_id, "thread": thread, "closed": closed})


@dataclass
class User:
    """One person. Every act may be in a group with `chat=`, in a topic with `topic=`."""

    fake: "Fake"
    profile: dict[str, Any]
    taken: dict[int, int] = field(default_factory=dict)  # by chat: last change `next_message` has given
    acted: dict[int, int] = field(default_factory=dict)  # by chat: last change when they did something last

    @property
    def id(self) -> int:
        return int(self.profile["id"])

    @property
    def chat(self) -> Room:
        """Their private chat with the bot."""
        return Room(self.fake, self.id)

    async def opens(self) -> None:
        """Make the private chat known to the bot, without any update."""
        await self._do("open")

    async def starts(self, payload: str = "") -> int:
        """Follow a deep link; raises `ValueError` for a payload that no link can carry."""
        if not PAYLOAD.fullmatch(payload):
            raise ValueError(f"{payload!r} is not up to 64 of A-Z a-z 0-9 _ -")
        return await self.sends(f"/start {payload}".rstrip())

    async def sends(self, text: str, **where: Any) -> int:
        """A text; `where`: chat, topic, reply_to, forwarded. Gives the message id, as all `sends_…` do."""
        return await self._send("say", text=text, **where)

    async def sends_photo(self, data: bytes = b"\xff\xd8\xff\xd9", **more: Any) -> int:
        """`more` for every file: caption, name, mime, size (told, in bytes), album, and where."""
        return await self._file("photo", data, **more)

    async def sends_document(self, name: str, data: bytes = b"x", **more: Any) -> int:
        return await self._file("document", data, name=name, **more)

    async def sends_voice(self, data: bytes = b"OggS", **more: Any) -> int:
        return await self._file("voice", data, **more)

    async def sends_media(
        self, kind: Literal["audio", "video", "video_note", "animation"], data: bytes = b"x", **more: Any
    ) -> int:
        return await self._file(kind, data, **more)

    async def sends_sticker(self, **more: Any) -> int:
        return await self._file("sticker", b"RIFF", **more)

    async def sends_location(self, latitude: float, longitude: float, **where: Any) -> int:
        return await self._send(
            "send_content", content={"location": {"latitude": latitude, "longitude": longitude}}, **where
        )

    async def sends_contact(self, phone: str, *, own: bool = True, first_name: str | None = None, **where: Any) -> int:
        """Their own number, as the button "share my contact" sends it, or somebody else's."""
        contact: dict[str, Any] = {"phone_number": phone, "first_name": first_name or self.profile["first_name"]}
        contact |= {"user_id": self.id} if own else {}
        return await self._send("send_content", content={"contact": contact}, **where)

    async def sends_content(self, content: dict[str, Any], **where: Any) -> int:
        """A message of any other kind: `{"dice": {"emoji": "🎲", "value": 3}}`."""
        return await self._send("send_content", content=content, **where)

    async def sends_raw(self, kind: str, body: Any) -> int | None:
        """Any update; gives its update id."""
        told = await self._do("raw", kind=kind, body=body)
        return told["update_id"] and int(told["update_id"])

    async def edits(self, message: "int | Message", text: str, **where: Any) -> None:
        """Edit a message of their own."""
        await self._do("edit", message_id=_id(message), text=text, **where)

    async def taps(self, button: str | int, *, message: "int | Message | None" = None, **where: Any) -> Tap:
        """Tap the button with these words, or beginning-to-end number of the newest keyboard (or `message`'s)."""
        return self._tapped(await self._do("tap", button=button, message_id=message and _id(message), **where))

    async def taps_data(self, message: "int | Message", data: str, **where: Any) -> Tap:
        """Tap with any data: an old button, or a forged one."""
        return self._tapped(await self._do("tap_data", message_id=_id(message), data=data, **where))

    async def presses(
        self, key: str, *, phone: str = "+84912345678", place: tuple[float, float] = (21.0, 105.5)
    ) -> int:
        """Press a key of the reply keyboard shown: sends its words, or the contact or location it asks for."""
        for message in reversed(await self.chat.messages()):
            if message.removes_keyboard:
                break
            for pressed in (k for row in message.keyboard or [] for k in row):
                if (pressed if isinstance(pressed, str) else pressed["text"]) == key:
                    return await self._press(key, pressed if isinstance(pressed, dict) else {}, phone, place)
        raise NotSeen(f"no key {key!r} is shown\n{await self.chat.written()}")

    async def reacts(self, message: "int | Message", emoji: str, **where: Any) -> None:
        await self._do("react", message_id=_id(message), emoji=emoji, **where)

    async def blocks(self) -> None:
        await self._do("block", blocked=True)

    async def unblocks(self) -> None:
        await self._do("block", blocked=False)

    async def deactivates(self) -> None:
        """Delete their account; the bot is not told."""
        await self._do("deactivate")

    async def moves_bot(self, chat: "int | Room", status: Literal["member", "administrator", "kicked", "left"]) -> None:
        """Put the bot into a group, make it administrator, or throw it out."""
        await self._do("move_bot", chat=chat, status=status)

    async def migrates(self, chat: "int | Room") -> int:
        """Make a basic group a supergroup; gives the new chat id."""
        return int((await self._do("migrate", chat=chat))["chat_id"])

    async def next_message(self, timeout_s: float = PATIENCE_S, *, chat: "int | Room | None" = None) -> Message:
        """The bot's next message not yet taken by this, in order; raises `NotSeen`."""
        return await self._next({"new"}, timeout_s, chat)

    async def next_change(self, timeout_s: float = PATIENCE_S, *, chat: "int | Room | None" = None) -> Message:
        """As `next_message`, but edits count as well."""
        return await self._next({"new", "edit"}, timeout_s, chat)

    async def sees(
        self, text: str | None = None, timeout_s: float = PATIENCE_S, *, chat: "int | Room | None" = None
    ) -> Message:
        """The bot's message, new or edited since this person did something last, that contains `text` (any when
        None); raises `NotSeen`."""
        room = self._room(chat)
        after = self.acted.get(room.chat_id, 0)
        async for _, kind, message in room.changes(after, timeout_s):
            if kind in {"new", "edit"} and message.from_bot and not message.deleted and (text or "") in message.text:
                return message
        raise NotSeen(f"not seen within {timeout_s} s: {text!r}\n{await room.written()}")

    async def sees_nothing(self, for_s: float = 0.3, *, chat: "int | Room | None" = None) -> None:
        """Raises `AssertionError` when the bot writes or edits within that time."""
        room = self._room(chat)
        async for _, kind, message in room.changes(self.acted.get(room.chat_id, 0), for_s):
            assert not (kind in {"new", "edit"} and message.from_bot), f"the bot wrote: {message.text}"

    async def toast(self, tap: Tap, timeout_s: float = PATIENCE_S) -> Toast:
        """How the bot answered that tap; raises `NotSeen`."""
        end = time.monotonic() + timeout_s
        while True:
            answer = (await self.fake.ctl("query", {"id": tap.query_id}))["answer"]
            if answer is not None:
                return Toast(answer["text"], answer["show_alert"], answer["url"])
            if time.monotonic() > end:
                raise NotSeen(f"the tap on message {tap.message_id} was not answered within {timeout_s} s")
            await asyncio.sleep(0.01)

    async def _next(self, kinds: set[str], timeout_s: float, chat: "int | Room | None") -> Message:
        room = self._room(chat)
        async for number, kind, message in room.changes(self.taken.get(room.chat_id, 0), timeout_s):
            self.taken[room.chat_id] = number
            if kind in kinds and message.from_bot:
                return message
        raise NotSeen(f"the bot wrote nothing more within {timeout_s} s\n{await room.written()}")

    async def _press(self, key: str, asks: dict[str, Any], phone: str, place: tuple[float, float]) -> int:
        if asks.get("request_contact"):
            return await self.sends_contact(phone)
        if asks.get("request_location"):
            return await self.sends_location(*place)
        return await self.sends(key)

    async def _file(self, kind: str, data: bytes, **more: Any) -> int:
        return await self._send("send_file", kind=kind, data=base64.b64encode(data).decode(), **more)

    async def _send(self, what: str, **how: Any) -> int:
        return int((await self._do(what, **how))["message_id"])

    async def _do(self, what: str, *, chat: "int | Room | None" = None, **how: Any) -> dict[str, Any]:
        where = self._room(chat).chat_id
        told: dict[str, Any] = await self.fake.ctl("act", {"do": what, "person": self.profile, "chat": where} | how)
        self.acted[where] = told["change"]
        return told

    def _room(self, chat: "int | Room | None") -> Room:
        return chat if isinstance(chat, Room) else Room(self.fake, chat or self.id)

    def _tapped(self, told: dict[str, Any]) -> Tap:
        return Tap(told["query_id"], told["message_id"], told["update_id"])


def _id(message: int | Message) -> int:
    return message.id if isinstance(message, Message) else message
