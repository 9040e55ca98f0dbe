"""Whatever is done in whatever order, inbox, outbox and sessions hold what a simple model holds."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from flows.session import Answer, Session, Status
from storage import inbox, outbox, people, sessions
from storage.db import Database, Stale, Tx, open_database
from storage.ids import new_id
from storage.text import clean

CHATS = ("a", "b")
KEYS = st.integers(0, 12).map(str)
PATHS = st.sampled_from(["name", "age", "member[1]/age", "member[2]/age"])
SAID = st.text(st.characters(exclude_categories=()), max_size=8)


class Undo(Exception):
    """The power goes in the middle of a transaction."""


@dataclass
class House:
    """A database, and the event loop it lives in."""

    url: str
    loop: asyncio.Runner
    database: Database

    def do(self, function: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **named: Any) -> Any:
        async def work(tx: Tx) -> Any:
            return await function(tx, *args, **named)

        return self.loop.run(self.database.write(work))

    def restart(self) -> None:
        self.loop.run(self.database.close())
        self.database = self.loop.run(open_database(self.url, free_mb=1))


@dataclass
class Model:
    """The same in plain Python."""

    undone: list[inbox.Kept] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    messages: list[outbox.Message] = field(default_factory=list)
    sessions: dict[str, list[Session]] = field(default_factory=lambda: {chat: [] for chat in CHATS})
    history: dict[str, list[str]] = field(default_factory=dict)


class Machine(RuleBasedStateMachine):
    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house
        self.bot = new_id()  # nothing of another run is seen
        self.model = Model()
        self.now = 1_790_000_000_000

    def tick(self) -> int:
        self.now += 1
        return self.now

    @initialize()
    def everybody_is_known(self) -> None:
        self.person = {
            chat: self.house.do(people.arrive, "web", self.bot, chat, lang="vi", at=self.now).id for chat in CHATS
        }

    @rule(key=KEYS, chat=st.sampled_from(CHATS), said=SAID)
    def an_update_arrives(self, key: str, chat: str, said: str) -> None:
        at = self.tick()
        number = self.house.do(inbox.add, "web", self.bot, key, chat, said, at)
        assert (number is None) == (key in self.model.seen)
        if number is not None:
            self.model.seen.add(key)
            self.model.undone.append(inbox.Kept(number, "web", self.bot, key, chat, clean(said), at, 0, ""))

    @precondition(lambda self: self.model.undone)
    @rule(path=PATHS, said=SAID, drop=st.booleans(), end=st.booleans(), undo=st.booleans(), copies=st.integers(0, 2))
    def an_update_is_handled(self, path: str, said: str, *, drop: bool, end: bool, undo: bool, copies: int) -> None:
        kept = self.model.undone[0]
        at = self.tick()
        before = self.open_session(kept.chat)
        after = moved_on(before, path, said, at, drop=drop, end=end) if before else self.new_session(at)
        messages = [
            outbox.Message(
                channel="web", bot=self.bot, chat=kept.chat, key=f"{self.bot}:{kept.id}:{number}", method="card",
                body=said, created_at=at, session=after.id, card=f"{after.id}:{number}",
            )
            for number in range(copies)
        ]  # fmt: skip

        async def handle(tx: Tx) -> list[outbox.Message]:
            assert await inbox.done(tx, kept.id, at)
            if before is None:
                await sessions.create(
                    tx, after, channel="web", bot=self.bot, chat=kept.chat, person=self.person[kept.chat], at=at
                )
            else:
                await sessions.save(tx, before, after, at)
            added = await outbox.add(tx, messages)
            if undo:
                raise Undo
            return added

        try:
            added = self.house.do(handle)
        except Undo:
            assert undo
            return
        self.model.undone.pop(0)
        self.model.messages += [replace(one, body=clean(one.body)) for one in added]
        assert [replace(one, id=0) for one in added] == messages
        self.remember(kept.chat, before, after)

    @precondition(lambda self: any(self.model.sessions.values()))
    @rule(path=PATHS, said=SAID, chat=st.sampled_from(CHATS))
    def a_step_from_an_old_state_is_refused(self, path: str, said: str, chat: str) -> None:
        known = self.model.sessions[chat]
        if not known or known[-1].revision == 0:
            return
        old = replace(known[-1], revision=known[-1].revision - 1)
        try:
            self.house.do(sessions.save, old, moved_on(old, path, said, self.tick()), self.now)
        except Stale:
            return
        raise AssertionError("a stale step was saved")

    @precondition(lambda self: self.model.undone)
    @rule(often=st.integers(1, 2), bury=st.booleans())
    def handling_an_update_fails(self, often: int, *, bury: bool) -> None:
        kept = self.model.undone[0]
        for turn in range(often):
            assert self.house.do(inbox.failed, kept.id, "ValueError") == kept.tries + turn + 1
        self.model.undone[0] = replace(kept, tries=kept.tries + often, error="ValueError")
        if bury:
            self.house.do(inbox.bury, kept.id, "ValueError", self.tick())
            self.model.undone.pop(0)

    @precondition(lambda self: self.waiting())
    @rule(end=st.sampled_from(["sent", "failed", "dropped", "later"]), which=st.integers(0, 50))
    def a_message_meets_its_end(self, end: str, which: int) -> None:
        waiting = self.waiting()
        one = waiting[which % len(waiting)]
        at = self.tick()
        match end:
            case "sent":
                self.house.do(outbox.sent_many, [(one.id, f"m{one.id}", at)])
                self.change(one, state="sent", message=f"m{one.id}", sent_at=at)
            case "failed":
                self.house.do(outbox.failed, one.id, "too long", at)
                self.change(one, state="failed", error="too long", sent_at=at)
            case "dropped":
                self.house.do(outbox.dropped, one.id, at)
                self.change(one, state="dropped", sent_at=at)
            case _:
                self.house.do(outbox.later, one.id, at + 1000)
                self.change(one, tries=one.tries + 1, not_before=at + 1000)

    @rule()
    def the_program_starts_again(self) -> None:
        self.house.restart()

    @invariant()
    def the_database_holds_what_the_model_holds(self) -> None:
        self.house.do(self.compare)

    async def compare(self, tx: Tx) -> None:
        assert [one for one in await inbox.undone(tx, 10_000) if one.bot == self.bot] == self.model.undone
        assert [one for one in await outbox.waiting(tx, 10_000) if one.bot == self.bot] == self.waiting()
        for chat in CHATS:
            assert await sessions.open_of(tx, "web", self.bot, chat) == self.open_session(chat)
            shown = [one for one in self.model.messages if one.chat == chat and one.state != "dropped"]
            assert await outbox.transcript(tx, "web", self.bot, chat) == shown
            for session in self.model.sessions[chat]:
                assert await sessions.load(tx, session.id) == session
                history = await sessions.answer_history_of(tx, session.id)
                assert [row["raw"] for row in history] == self.model.history.get(session.id, [])
        sent = {one.card: one.message for one in self.model.messages if one.state == "sent"}  # the last one counts
        for card in {one.card for one in self.model.messages}:
            assert await outbox.message_of_card(tx, card) == sent.get(card)

    def waiting(self) -> list[outbox.Message]:
        return [one for one in self.model.messages if one.state == "waiting"]

    def change(self, message: outbox.Message, /, **changes: Any) -> None:
        place = self.model.messages.index(message)
        self.model.messages[place] = replace(message, **changes)

    def open_session(self, chat: str) -> Session | None:
        known = self.model.sessions[chat]
        return known[-1] if known and known[-1].status is Status.ASKING else None

    def new_session(self, at: int) -> Session:
        return Session(
            id=new_id(at), flow="intake", version="1", lang="vi", seed=1, status=Status.ASKING, started_at=at
        )

    def remember(self, chat: str, before: Session | None, after: Session) -> None:
        cleaned = {
            path: replace(one, raw=clean(one.raw), value=clean(str(one.value))) for path, one in after.answers.items()
        }
        known = self.model.sessions[chat]
        if before is None:
            known.append(after)
            return
        for path, old in before.answers.items():
            if after.answers.get(path) != old and path in after.answers:
                self.model.history.setdefault(after.id, []).append(old.raw)
        gone = [old.raw for path, old in before.answers.items() if path not in after.answers]
        self.model.history.setdefault(after.id, []).extend(gone)
        known[-1] = replace(after, answers=cleaned)


def moved_on(before: Session, path: str, said: str, at: int, *, drop: bool = False, end: bool = False) -> Session:
    """The session after one answer, given or taken back."""
    answers = {known: one for known, one in before.answers.items() if known != path or not drop}
    if not drop:
        answers[path] = Answer(said, said, "sure", at - 1, at)
    status = Status.SUBMITTED if end else Status.ASKING
    return replace(before, answers=answers, revision=before.revision + 1, at=path, status=status)


def test_inbox_outbox_and_sessions_are_as_a_simple_model_says(url: str) -> None:
    with asyncio.Runner() as loop:
        house = House(url, loop, loop.run(open_database(url, free_mb=1)))
        try:
            run_state_machine_as_test(
                lambda: Machine(house),  # type: ignore[arg-type]  # it calls what it is given, class or not
                settings=settings(
                    max_examples=15,
                    stateful_step_count=20,
                    deadline=None,
                    database=None,
                    phases=[Phase.generate],  # to make a failure smaller takes minutes with a real database
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            loop.run(house.database.close())
