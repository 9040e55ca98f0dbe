"""Those who talk with the bot, and the chats they talk in."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fake_telegram.messages import Message

ChatKind = Literal["private", "group", "supergroup"]


@dataclass
class Person:
    """A Telegram account; `blocked` and `deactivated` are what the bot finds out by a 403."""

    id: int
    first_name: str = "Người dùng"
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "vi"
    is_bot: bool = False
    blocked: bool = False
    deactivated: bool = False

    def json(self) -> dict[str, Any]:
        known = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        named = {name: value for name, value in known.items() if value}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name} | named


@dataclass
class Topic:
    """A thread of a forum."""

    id: int
    name: str
    closed: bool = False


@dataclass
class Change:
    """Something a person sees happen in a chat; `number` counts up within the chat from 1."""

    number: int
    kind: Literal["new", "edit", "delete", "reaction", "toast"]
    message_id: int


@dataclass
class Chat:
    """A conversation with all its messages.

    `known` is whether the bot may write: a person has written first, or the bot was put into the group.
    `bot_status` is the bot's place in a group: member, administrator, kicked, left.
    """

    id: int
    kind: ChatKind
    title: str | None = None
    person: Person | None = None
    known: bool = False
    is_forum: bool = False
    bot_status: str = "member"
    moved_to: int | None = None
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    waiters: list["asyncio.Future[None]"] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 1  # used by supergroups, which count their own messages; 1 is the one that made the group

    def json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"id": self.id, "type": self.kind}
        if self.person:
            person = self.person.json()
            return body | {name: person[name] for name in ("first_name", "last_name", "username") if name in person}
        return body | {"title": self.title or "Nhóm"} | ({"is_forum": True} if self.is_forum else {})

    def changed(self, kind: Literal["new", "edit", "delete", "reaction", "toast"], message_id: int) -> None:
        """Note what happened and wake whoever watches this chat."""
        self.changes.append(Change(len(self.changes) + 1, kind, message_id))
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def latest(self) -> list[Message]:
        """Messages that are still there, newest first."""
        return [m for m in reversed(self.messages.values()) if not m.deleted]
