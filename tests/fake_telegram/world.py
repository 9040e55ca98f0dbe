"""Everything Telegram knows: one bot, its chats, people, messages and files."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.fake_telegram.faults import Faults
from tests.fake_telegram.files import Files
from tests.fake_telegram.journal import Call, Journal
from tests.fake_telegram.limits import Limits, Pace, whole_seconds
from tests.fake_telegram.messages import Message
from tests.fake_telegram.people import Chat, ChatKind, Person, Topic
from tests.fake_telegram.refusal import Refusal, bad_request, forbidden, too_many
from tests.fake_telegram.updates import Entry, Updates

TOKEN: Final = "4242:FAKE-token-for-tests-only-0123456789"
QUERY_LIFE_S: Final = 30.0  # after so long a tap can no longer be answered; Telegram says only "too old"


@dataclass
class Query:
    """A tap that waits for its answer."""

    id: str
    at: float
    person: int
    chat: int
    message_id: int
    data: str
    answer: dict[str, Any] | None = None  # text, show_alert, url, at

    def json(self) -> dict[str, Any]:
        return asdict(self)


class World:
    """The state behind the API. `clock` gives seconds since 1970; `advance` moves it on."""

    def __init__(
        self, *, token: str = TOKEN, clock: Callable[[], float] = time.time, limits: Limits | None = None
    ) -> None:
        self.token = token
        self.clock = clock
        self.shift = 0.0
        self.query_life_s = QUERY_LIFE_S
        self.privacy_mode = True
        self.bot = Person(
            int(token.split(":", maxsplit=1)[0]), "Khảo sát thử", None, "khaosat_thu_bot", None, is_bot=True
        )
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files = Files()
        self.queries: dict[str, Query] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.journal = Journal()
        self.updates = Updates(self.now, self.journal)
        self.faults = Faults()
        self.pace = Pace(limits or Limits())
        self.told_to_wait: dict[int, float] = {}  # by chat: not before
        self.refused_for_good: set[int] = set()  # chats that answered 403
        self.thawed = asyncio.Event()
        self.thawed.set()
        self.closing = asyncio.Event()
        self._last_message = 0

    def now(self) -> float:
        return self.clock() + self.shift

    def person(self, profile: dict[str, Any]) -> Person:
        """The person of that id, made or changed to fit `profile`."""
        person = self.people.setdefault(int(profile["id"]), Person(int(profile["id"])))
        for name, value in profile.items():
            setattr(person, name, value)
        chat = self.chats.setdefault(person.id, Chat(person.id, "private"))
        chat.person = person
        return person

    def group(self, chat_id: int, kind: ChatKind, title: str, *, is_forum: bool = False) -> Chat:
        """The group of that id, with the bot in it."""
        chat = self.chats.setdefault(chat_id, Chat(chat_id, kind))
        chat.kind, chat.title, chat.is_forum, chat.known = kind, title, is_forum, True
        return chat

    def migrate(self, chat: Chat) -> Chat:
        """Make a basic group a supergroup: a new id, and the old one only tells where it went."""
        new = self.group(-1_000_000_000_000 + chat.id, "supergroup", chat.title or "Nhóm")
        chat.moved_to = new.id
        return new

    def chat(self, chat_id: str | None) -> Chat:
        """A chat by what the bot calls it; raises `Refusal` 400 for one it has never met."""
        if not chat_id:
            raise bad_request("chat_id is empty")
        if chat_id.startswith("@"):
            named = (c for c in self.chats.values() if c.person and f"@{c.person.username}" == chat_id)
            found = next(named, None)
        else:
            found = self.chats.get(int(chat_id)) if chat_id.lstrip("-").isdecimal() else None
        if found is None or not (found.known or found.moved_to):
            raise bad_request("chat not found")
        return found

    def open_chat(self, chat_id: str | None) -> Chat:
        """A chat the bot may write to now; raises `Refusal` 400 or 403 saying why not."""
        chat = self.chat(chat_id)
        if chat.moved_to:
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to)
        if chat.person and chat.person.deactivated:
            raise forbidden("user is deactivated")
        if chat.person and chat.person.blocked:
            raise forbidden("bot was blocked by the user")
        place = "supergroup" if chat.kind == "supergroup" else "group"
        if chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {place} chat")
        if chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {place} chat")
        return chat

    def pay(self, chat: Chat, method: str, *, is_edit: bool = False) -> None:
        """Count a message against the limits; raises `Refusal` 429 where they are enforced."""
        now = self.now()
        if now < self.told_to_wait.get(chat.id, 0.0):
            self.journal.blame(now, "impatient", "called again before retry_after was over", method, chat.id)
        wait = self.pace.over_s(now, chat.id, group=chat.kind != "private", is_edit=is_edit)
        if wait:
            self.journal.blame(now, "pace", f"{wait:.2f} s too early", method, chat.id)
        if wait and self.pace.limits.enforce:
            self.told_to_wait[chat.id] = now + whole_seconds(wait)
            raise too_many(whole_seconds(wait))

    def topic(self, chat: Chat, thread: int) -> Topic | None:
        """The topic of that id, None for the general one; raises `Refusal` for one that is not there or closed."""
        if thread <= 1 or not chat.is_forum:
            if thread > 1:
                raise bad_request("message thread not found")
            return None
        if thread not in chat.topics:
            raise bad_request("message thread not found")
        if chat.topics[thread].closed:
            raise bad_request("TOPIC_CLOSED")
        return chat.topics[thread]

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """The message of that id, when it is still there."""
        found = chat.messages.get(message_id)
        return None if found is None or found.deleted else found

    def add(
        self,
        chat: Chat,
        sender: Person,
        content: dict[str, Any],
        *,
        markup: dict[str, Any] | None = None,
        thread: int | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """A new message in a chat, seen by everyone in it."""
        message = Message(
            self._next_message(chat),
            chat.json(),
            sender.json(),
            sender is self.bot,
            int(self.now()),
            content,
            markup,
            thread,
            reply_to,
        )
        chat.messages[message.id] = message
        chat.changed("new", message.id)
        return message

    def tell_bot(self, kind: str, body: dict[str, Any], chat: int | None) -> Entry:
        """An update for the bot."""
        return self.updates.push(kind, body, chat)

    def answered(self, call: Call, outcome: Refusal | None) -> None:
        """Complain about a call the server refused, and about one made though the chat is closed for good."""
        if call.chat is not None and (outcome is None or outcome.code != 403):
            self.refused_for_good.discard(call.chat)
        if outcome is None or outcome.code in {429, 409}:
            return
        if outcome.code != 403:
            kind = "wrong token" if outcome.code == 401 else "refused"
            self.journal.blame(self.now(), kind, outcome.description, call.method, call.chat)
        elif call.chat in self.refused_for_good:
            self.journal.blame(self.now(), "write after 403", outcome.description, call.method, call.chat)
        elif call.chat is not None:
            self.refused_for_good.add(call.chat)

    def _next_message(self, chat: Chat) -> int:
        """Private chats and groups share one count; a supergroup has its own."""
        if chat.kind == "supergroup":
            chat.last_id += 1
            return chat.last_id
        self._last_message += 1
        return self._last_message
