"""Sessions and their answers: what a person has said, where they stand, and what it was before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from sqlalchemy import ColumnElement, bindparam, delete, func, insert, literal_column, select, update

from flows import recall
from flows.session import OPEN, Answer, Event, Session, Status
from storage import text
from storage.memory import Memory
from storage.schema import answer_history, answers, events, sessions
from storage.statements import add_to
from storage.tx import Row, Stale, Tx

_SESSION: Final = TypeAdapter(Session)
_EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session it is, and where it is held."""

    person: str
    channel: str
    bot: str
    chat: str
    source: str  # of the deep link it began with, "" without one


async def create(
    tx: Tx,
    session: Session,
    *,
    channel: str,
    bot: str,
    chat: str,
    person: str,
    source: str = "",
    at: int,
    campaign: str = "",
    first_source: str = "",
) -> None:
    """Store a new session with the answers it has."""
    state, is_clean = _state(session)
    await tx.run(
        _CREATE,
        id=session.id, channel=channel, bot=bot, chat=chat, person=person, flow=session.flow, version=session.version,
        status=session.status.value, state=state, revision=session.revision, started_at=session.started_at or at,
        touched_at=at, ended_at=_ended_at(session, at), source=source,
        campaign=campaign, first_source=first_source,
    )  # fmt: skip
    await _put_answers(tx, session, session.answers)
    if tx.memory is not None:
        _remember(tx.memory, (channel, bot, chat), session, session.answers, is_clean=is_clean)


async def save(tx: Tx, before: Session, after: Session, at: int) -> None:
    """Store what has changed between the two; answers that changed or fell away go into their history.

    Raises:
        Stale: the stored session is not at `before.revision`.
    """
    state, is_clean = _state(after)
    held = await tx.one(
        _SAVE,
        known=before.id, expected=before.revision, to_version=after.version, to_status=after.status.value,
        to_state=state, to_revision=after.revision, touched=at, ended=_ended_at(after, at),
    )  # fmt: skip
    if held is None:
        if tx.memory is not None:
            tx.memory.clear()
        raise Stale(f"session {before.id} is not at revision {before.revision}")
    changed, gone = _changes(before.answers, after.answers)
    old = [path for path in changed if path in before.answers] + gone
    if old:
        await tx.many(_REMEMBER, [{"of_session": before.id, "of_path": path, "now": at} for path in old])
    if gone:
        await tx.many(_DROP, [{"of_session": before.id, "of_path": path} for path in gone])
    await _put_answers(tx, after, changed)
    if tx.memory is not None:
        _remember(tx.memory, (held["channel"], held["bot"], held["chat"]), after, changed, is_clean=is_clean)


async def load(tx: Tx, known: str) -> Session | None:
    """The session with that id, with its answers in the order they were given."""
    row = await tx.one(_LOAD, known=known)
    return None if row is None else await _session(tx, row)


async def open_of(tx: Tx, channel: str, bot: str, chat: str) -> Session | None:
    """The session of this address that may go on; of several the one touched last."""
    memory = tx.memory
    if memory is not None and (known := memory.get((channel, bot, chat))) is not None:
        return cast("Session", known)
    row = await tx.one(_OPEN_OF, in_channel=channel, of_bot=bot, in_chat=chat)
    if row is None:
        return None
    found = await _session(tx, row)
    if memory is not None:
        memory.put((channel, bot, chat), found)
    return found


async def open_in_flow(tx: Tx, person: str, flow: str) -> Session | None:
    """The session of this person in that flow that may go on, wherever it is held; of several the one touched last."""
    row = await tx.one(_OPEN_IN_FLOW, of_person=person, in_flow=flow)
    return None if row is None else await _session(tx, row)


async def closed_in_flow(tx: Tx, person: str, flow: str, status: Status) -> Session | None:
    """The session of this person in that flow that ended so; of several the one touched last."""
    row = await tx.one(_CLOSED_IN_FLOW, of_person=person, in_flow=flow, as_status=status.value)
    return None if row is None else await _session(tx, row)


async def last_of(tx: Tx, channel: str, bot: str, chat: str) -> Session | None:
    """The session of this address touched last, whether it may go on or not."""
    row = await tx.one(_LAST_OF, in_channel=channel, of_bot=bot, in_chat=chat)
    return None if row is None else await _session(tx, row)


async def holder(tx: Tx, known: str) -> Holder | None:
    """Whose session it is, and where it is held."""
    row = await tx.one(_HOLDER, known=known)
    return None if row is None else Holder(row["person"], row["channel"], row["bot"], row["chat"], row["source"])


async def touched_at(tx: Tx, known: str) -> int:
    """When something last happened in the session; 0 when there is none."""
    row = await tx.one(_TOUCHED, known=known)
    return 0 if row is None else int(row["touched_at"])


async def move(tx: Tx, known: str, channel: str, bot: str, chat: str) -> None:
    """Hold the session somewhere else from now on."""
    if tx.memory is not None:
        tx.memory.clear()
    await tx.run(_MOVE, known=known, to_channel=channel, to_bot=bot, to_chat=chat)


async def untouched_since(tx: Tx, before: int, limit: int, after: int = 0) -> list[tuple[str, int]]:
    """Sessions that may go on and were touched last between `after` and `before`: (id, touched_at), oldest first."""
    rows = await tx.all(_UNTOUCHED, after=after, before=before, most=limit)
    return [(row["id"], row["touched_at"]) for row in rows]


async def count_open(tx: Tx, flow: str) -> Mapping[str, int]:
    """How many sessions of a flow may go on, by version."""
    return {row["version"]: row["n"] for row in await tx.all(_COUNT_OPEN, in_flow=flow)}


async def add_event(tx: Tx, session: str, seq: int, event: Event) -> None:
    """Write what has happened into the journal; `seq` counts from 1 within the session."""
    await tx.run(_ADD_EVENT, session=session, seq=seq, at=event.at, body=_json(_EVENT, event)[0])


async def events_of(tx: Tx, session: str) -> list[Event]:
    """The journal of a session, in order."""
    return [_EVENT.validate_json(row["body"]) for row in await tx.all(_EVENTS_OF, of_session=session)]


async def answer_history_of(tx: Tx, session: str) -> list[Row]:
    """What its answers were before, oldest first: rows of path, revision, raw, value (JSON), at."""
    return list(await tx.all(_HISTORY_OF, of_session=session))


async def erase_answers(tx: Tx, session: str) -> None:
    """Remove everything that was said in the session: answers, their history, the journal, drafts and the way taken.

    That there was a session, of whom, when, and how it ended, stays.
    """
    stored = await load(tx, session)
    if stored is None:
        return
    if tx.memory is not None:
        tx.memory.clear()
    recall.forget(session)
    for statement in (_ERASE_ANSWERS, _ERASE_HISTORY, _ERASE_EVENTS):
        await tx.run(statement, of_session=session)
    bare = Session(
        id=stored.id, flow=stored.flow, version=stored.version, lang=stored.lang, seed=0, status=stored.status,
        card=stored.card, revision=stored.revision, started_at=stored.started_at,
    )  # fmt: skip
    await tx.run(_ERASE_STATE, known=session, to_state=_state(bare)[0])


def _remember(
    memory: Memory, address: tuple[str, str, str], session: Session, written: Mapping[str, Answer], *, is_clean: bool
) -> None:
    """The session touched last at an address, while it may go on. Another may be open there when it may not.

    Nor is one remembered whose texts were cleaned on their way into the database, for there they are others now.
    """
    memory.drop(address)
    if is_clean and session.status in OPEN and all(_says_clean(one) for one in written.values()):
        memory.put(address, session)


def _says_clean(answer: Answer) -> bool:
    value = answer.value
    return text.clean(answer.raw) is answer.raw and (type(value) is not str or text.clean(value) is value)


def _changes(before: Mapping[str, Answer], after: Mapping[str, Answer]) -> tuple[dict[str, Answer], list[str]]:
    """Answers that are new or others, and the paths of those that are gone."""
    if before is after:
        return {}, []
    changed = {
        path: one for path, one in after.items() if (was := before.get(path)) is not one and was != one
    }  # mostly the very same object, which need not be compared
    gone = [] if before.keys() <= after.keys() else [path for path in before if path not in after]
    return changed, gone


def _state(session: Session) -> tuple[str, bool]:
    return _json(_SESSION, session, exclude={"answers"})


def _json(adapter: TypeAdapter[Any], value: Any, exclude: set[str] | None = None) -> tuple[str, bool]:
    r"""The value as clean JSON, and whether its texts were clean, as they nearly always are.

    pydantic refuses lone surrogates, and hides control characters behind an escape, "\u0000" among them.
    """
    try:
        written = adapter.dump_json(value, exclude=exclude).decode()
    except PydanticSerializationError:
        pass
    else:
        if "\\u00" not in written:
            return written, True
    return text.dumps(adapter.dump_python(value, mode="json", exclude=exclude)), False


def _ended_at(session: Session, at: int) -> int | None:
    return None if session.status in OPEN or session.status is Status.NEW else at


async def _session(tx: Tx, row: Row) -> Session:
    said = {
        one["path"]: Answer(
            one["raw"],
            json.loads(one["value"]),
            one["certainty"],
            one["asked_at"],
            one["answered_at"],
            one["tries"],
        )
        for one in await tx.all(_ANSWERS_OF, of_session=row["id"])
    }
    return replace(_SESSION.validate_json(row["state"]), answers=said)


async def _put_answers(tx: Tx, session: Session, changed: Mapping[str, Answer]) -> None:
    rows = [
        {
            "session": session.id,
            "path": path,
            "name": path.rpartition("/")[2].partition("[")[0],
            "raw": one.raw,
            "value": text.dumps(one.value),
            "certainty": one.certainty,
            "asked_at": one.asked_at,
            "answered_at": one.answered_at,
            "tries": one.tries,
            "revision": session.revision,
        }
        for path, one in changed.items()
    ]
    if rows:
        await tx.many(_PUT_ANSWER, rows)


_KNOWN: Final = sessions.c.id == bindparam("known")
_ADDRESS: Final = (
    sessions.c.channel == bindparam("in_channel"),
    sessions.c.bot == bindparam("of_bot"),
    sessions.c.chat == bindparam("in_chat"),
)
_OPEN: Final = sessions.c.ended_at.is_(None)
_ONE: Final[ColumnElement[int]] = literal_column("1")
_STORED: Final = (sessions.c.id, sessions.c.state)
_LATEST: Final = (sessions.c.touched_at.desc(), sessions.c.id.desc())

_CREATE: Final = add_to(sessions)
_SAVE: Final = (
    update(sessions)
    .where(_KNOWN, sessions.c.revision == bindparam("expected"))
    .values(
        version=bindparam("to_version"),
        status=bindparam("to_status"),
        state=bindparam("to_state"),
        revision=bindparam("to_revision"),
        touched_at=bindparam("touched"),
        ended_at=bindparam("ended"),
    )
    .returning(sessions.c.channel, sessions.c.bot, sessions.c.chat)
)
_LOAD: Final = select(*_STORED).where(_KNOWN)
_OPEN_OF: Final = select(*_STORED).where(*_ADDRESS, _OPEN).order_by(*_LATEST).limit(_ONE)
_LAST_OF: Final = select(*_STORED).where(*_ADDRESS).order_by(*_LATEST).limit(_ONE)
_OPEN_IN_FLOW: Final = (
    select(*_STORED)
    .where(sessions.c.person == bindparam("of_person"), sessions.c.flow == bindparam("in_flow"), _OPEN)
    .order_by(*_LATEST)
    .limit(_ONE)
)
_CLOSED_IN_FLOW: Final = (
    select(*_STORED)
    .where(
        sessions.c.person == bindparam("of_person"),
        sessions.c.flow == bindparam("in_flow"),
        sessions.c.status == bindparam("as_status"),
    )
    .order_by(*_LATEST)
    .limit(_ONE)
)
_HOLDER: Final = select(
    sessions.c.person, sessions.c.channel, sessions.c.bot, sessions.c.chat, sessions.c.source
).where(_KNOWN)
_TOUCHED: Final = select(sessions.c.touched_at).where(_KNOWN)
_MOVE: Final = (
    update(sessions)
    .where(_KNOWN)
    .values(channel=bindparam("to_channel"), bot=bindparam("to_bot"), chat=bindparam("to_chat"))
)
_UNTOUCHED: Final = (
    select(sessions.c.id, sessions.c.touched_at)
    .where(_OPEN, sessions.c.touched_at > bindparam("after"), sessions.c.touched_at <= bindparam("before"))
    .order_by(sessions.c.touched_at, sessions.c.id)
    .limit(bindparam("most"))
)
_COUNT_OPEN: Final = (
    select(sessions.c.version, func.count().label("n"))
    .where(sessions.c.flow == bindparam("in_flow"), _OPEN)
    .group_by(sessions.c.version)
)
_ERASE_STATE: Final = update(sessions).where(_KNOWN).values(state=bindparam("to_state"))

_ANSWERS_OF: Final = (
    select(answers).where(answers.c.session == bindparam("of_session")).order_by(answers.c.answered_at, answers.c.path)
)
_ADD_ANSWER: Final = add_to(answers)
_PUT_ANSWER: Final = _ADD_ANSWER.on_conflict_do_update(
    index_elements=["session", "path"],
    set_={
        column.name: _ADD_ANSWER.excluded[column.name]
        for column in answers.columns
        if column.name not in {"session", "path"}
    },
)
_ONE_ANSWER: Final = (answers.c.session == bindparam("of_session"), answers.c.path == bindparam("of_path"))
_DROP: Final = delete(answers).where(*_ONE_ANSWER)
_REMEMBER: Final = insert(answer_history).from_select(
    ["session", "path", "revision", "raw", "value", "at"],
    select(
        answers.c.session,
        answers.c.path,
        answers.c.revision,
        answers.c.raw,
        answers.c.value,
        bindparam("now", type_=answer_history.c.at.type),
    ).where(*_ONE_ANSWER),
)
_HISTORY_OF: Final = (
    select(answer_history).where(answer_history.c.session == bindparam("of_session")).order_by(answer_history.c.id)
)

_ADD_EVENT: Final = add_to(events)
_EVENTS_OF: Final = select(events.c.body).where(events.c.session == bindparam("of_session")).order_by(events.c.seq)

_ERASE_ANSWERS: Final = delete(answers).where(answers.c.session == bindparam("of_session"))
_ERASE_HISTORY: Final = delete(answer_history).where(answer_history.c.session == bindparam("of_session"))
_ERASE_EVENTS: Final = delete(events).where(events.c.session == bindparam("of_session"))
