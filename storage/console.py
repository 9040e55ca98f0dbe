"""What the staff console and the exports read: lists turned page by page, by key and newest first."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    tuple_,
    update,
)

from storage.consents import Consent
from storage.schema import (
    amendments,
    answers,
    consents,
    inbox,
    outbox,
    sessions,
    submissions,
)
from storage.tx import Row, Tx

LATEST: Final = (1 << 63) - 1  # later than any instant
_AFTER_ALL: Final = "~"  # sorts after every id, which are lower-case letters and digits
_COUNTED_MAX: Final = 10_000  # a count is told to so many: beyond it nobody reads the number


class Mark(NamedTuple):
    """Where a page ended: the next one begins after it."""

    at: int
    id: str


class Health(NamedTuple):
    """How far behind we are."""

    oldest_undone_at: int | None  # when the oldest update came that waits to be processed
    waiting: int  # messages to send
    failed: int  # messages that no channel took
    dead: int  # updates given up


class Day(NamedTuple):
    """A day in numbers; each counted to 10,000."""

    submitted: int
    unfinished: int  # forms that are being answered, or were put aside
    corrections: int  # that wait for a decision
    failed: int  # messages that no channel took


async def day(tx: Tx, since: int) -> Day:
    """What has come since an instant, and what waits now."""
    counted = [await tx.one(one, most=_COUNTED_MAX) for one in (_DRAFTS_OPEN, _ASKED, _FAILED)]
    came = await tx.one(_CAME, since=since, most=_COUNTED_MAX)
    return Day(*(int(row["n"]) if row is not None else 0 for row in (came, *counted)))


async def drafts(tx: Tx, *, closed: bool, after: Mark | None = None, limit: int = 50) -> Sequence[Row]:
    """A page of forms not handed in, the one touched last first: open ones, or those closed after too long a silence.

    Each: id, flow, version, channel, status, started_at, touched_at, answers (how many); never what was answered, nor whose.
    """
    mark = after or Mark(LATEST, _AFTER_ALL)
    return await tx.all(_DRAFTS_CLOSED if closed else _DRAFTS, mark_at=mark.at, mark_id=mark.id, page=limit)


async def submitted(
    tx: Tx, *, flow: str = "", since: int = 0, until: int = LATEST, after: Mark | None = None, limit: int = 50
) -> Sequence[Row]:
    """A page of submissions, `since` ≤ submitted_at < `until`, with `notice` (see `notice_state`), without their records."""
    mark = after or Mark(LATEST, _AFTER_ALL)
    known = {"since": since, "until": until, "mark_at": mark.at, "mark_id": mark.id, "page": limit}
    return await (tx.all(_OF_FLOW, flow=flow, **known) if flow else tx.all(_OF_ALL, **known))


async def by_receipt(tx: Tx, receipt: str, limit: int = 50) -> Sequence[Row]:
    """Submissions whose receipt number begins so, or whose running number it is ("123"), as `submitted` gives them."""
    wanted = receipt.strip().upper().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    pattern = f"%-{wanted:0>6}-%" if wanted.isdecimal() else f"{wanted}%"
    return await tx.all(_BY_RECEIPT, pattern=pattern, page=limit)


async def submission(tx: Tx, known: str) -> Row | None:
    """One submission whole, with `notice`."""
    return await tx.one(_ONE, known=known)


async def consented(tx: Tx, *, after: Mark | None = None, limit: int = 50) -> list[Consent]:
    """A page of the register of consents, newest first."""
    mark = after or Mark(LATEST, _AFTER_ALL)
    rows = await tx.all(_CONSENTED, mark_at=mark.at, mark_id=mark.id, page=limit)
    return [Consent(**{column: row[column] for column in row.keys()} | {"given": bool(row["given"])}) for row in rows]  # noqa: SIM118 — a row iterates over its values


async def undelivered(tx: Tx, *, before: int = LATEST, limit: int = 50) -> Sequence[Row]:
    """A page of messages that failed for good, ids below `before`: all about them but their words."""
    return await tx.all(_UNDELIVERED, before=before, page=limit)


async def dead_letters(tx: Tx, *, before: int = LATEST, limit: int = 50) -> Sequence[Row]:
    """A page of updates given up, ids below `before`: id, channel, at, tries, error; never what stood in them."""
    return await tx.all(_DEAD, before=before, page=limit)


async def health(tx: Tx) -> Health:
    """How far behind we are. Counts stop at 10,000."""
    oldest = await tx.one(_OLDEST)
    counted = [await tx.one(statement, most=_COUNTED_MAX) for statement in (_WAITING, _FAILED, _BURIED)]
    waiting, failed, dead = (int(row["n"]) if row is not None else 0 for row in counted)
    return Health(None if oldest is None else oldest["at"], waiting, failed, dead)


async def latest_to(tx: Tx, channel: str, bot: str, chat: str, limit: int) -> Sequence[Row]:
    """The last messages to a chat, newest first: key, created_at."""
    return await tx.all(_LATEST_TO, channel=channel, bot=bot, chat=chat, page=limit)


async def is_cut_off(tx: Tx, channel: str, bot: str, chat: str) -> bool:
    """Whether the last message to a chat that is not waiting any more did not arrive."""
    row = await tx.one(_LAST_STATE, channel=channel, bot=bot, chat=chat)
    return row is not None and row["state"] != "sent"


async def unnoticed(tx: Tx, since: int, limit: int) -> Sequence[Row]:
    """Submissions from `since` on that staff were not told of, oldest first: id, flow, version, summary."""
    return await tx.all(_UNNOTICED, since=since, page=limit)


async def summarised(tx: Tx, known: str, summary: str, noticed_at: int | None) -> None:
    """Keep what may be shown of a submission (JSON), and when staff were told of it, if they were."""
    await tx.run(_SUMMARISED, known=known, summary=summary, at=noticed_at)


async def noticed(tx: Tx, known: Sequence[str], at: int) -> None:
    """Staff were told of them."""
    await tx.many(_NOTICED, [{"known": one, "at": at} for one in known])


def notice_state(row: Row) -> str:
    """Where the notice of a submission stands: "waiting", "sent", "failed", "dropped"; "none": there is none, or not yet."""
    return str(row["notice"] or row["digest"] or "none")


def _number(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=BigInteger)


def _text(name: str) -> ColumnElement[str]:
    return bindparam(name, type_=Text)


_PAGE: Final = bindparam("page", type_=BigInteger)
_MARK: Final = tuple_(_number("mark_at"), _text("mark_id"))

_NOTICE: Final = outbox.alias("notice")
_DIGEST: Final = outbox.alias("digest")
_TOLD: Final = (
    submissions.outerjoin(_NOTICE, _NOTICE.c.key == "notice:" + submissions.c.id)
    .outerjoin(_DIGEST, _DIGEST.c.key == "digest:" + cast(submissions.c.noticed_at, Text))
)  # fmt: skip
_STATES: Final = (_NOTICE.c.state.label("notice"), _DIGEST.c.state.label("digest"))
_BRIEF: Final = [column for column in submissions.c if column.name != "record"]


def _newest(*conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*_BRIEF, *_STATES)
        .select_from(_TOLD)
        .where(*conditions)
        .order_by(submissions.c.submitted_at.desc(), submissions.c.id.desc())
        .limit(_PAGE)
    )


_WITHIN: Final = (
    submissions.c.submitted_at >= _number("since"),
    submissions.c.submitted_at < _number("until"),
    tuple_(submissions.c.submitted_at, submissions.c.id) < _MARK,
)
_OF_ALL: Final = _newest(*_WITHIN)
_OF_FLOW: Final = _newest(submissions.c.flow == _text("flow"), *_WITHIN)
_BY_RECEIPT: Final = _newest(submissions.c.receipt.like(_text("pattern"), escape="!"))
_ONE: Final = select(*submissions.c, *_STATES).select_from(_TOLD).where(submissions.c.id == _text("known"))
_UNNOTICED: Final = (
    select(submissions.c.id, submissions.c.flow, submissions.c.version, submissions.c.summary)
    .where(submissions.c.submitted_at >= _number("since"), submissions.c.noticed_at.is_(None))
    .order_by(submissions.c.submitted_at, submissions.c.id)
    .limit(_PAGE)
)
_NOTICED: Final = update(submissions).where(submissions.c.id == _text("known")).values(noticed_at=_number("at"))

_SUMMARISED: Final = (
    update(submissions)
    .where(submissions.c.id == _text("known"))
    .values(summary=_text("summary"), noticed_at=_number("at"))
)

_CONSENTED: Final = (
    select(*consents.c)
    .where(tuple_(consents.c.at, consents.c.id) < _MARK)
    .order_by(consents.c.at.desc(), consents.c.id.desc())
    .limit(_PAGE)
)

_UNDELIVERED: Final = (
    select(
        outbox.c.id, outbox.c.channel, outbox.c.chat, outbox.c.key, outbox.c.session, outbox.c.edit, outbox.c.error,
        outbox.c.tries, outbox.c.created_at, outbox.c.sent_at,
    )
    .where(outbox.c.state == literal_column("'failed'"), outbox.c.id < _number("before"))
    .order_by(outbox.c.id.desc())
    .limit(_PAGE)
)  # fmt: skip
_LATEST_TO: Final = (
    select(outbox.c.key, outbox.c.created_at)
    .where(outbox.c.channel == _text("channel"), outbox.c.bot == _text("bot"), outbox.c.chat == _text("chat"))
    .order_by(outbox.c.id.desc())
    .limit(_PAGE)
)
_LAST_STATE: Final = (
    select(outbox.c.state)
    .where(outbox.c.channel == _text("channel"), outbox.c.bot == _text("bot"), outbox.c.chat == _text("chat"))
    .where(outbox.c.state != literal_column("'waiting'"))
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_DEAD: Final = (
    select(inbox.c.id, inbox.c.channel, inbox.c.at, inbox.c.tries, inbox.c.error)
    .where(inbox.c.dead, inbox.c.id < _number("before"))
    .order_by(inbox.c.id.desc())
    .limit(_PAGE)
)
_OLDEST: Final = select(inbox.c.at).where(inbox.c.done_at.is_(None)).order_by(inbox.c.id).limit(1)


def _counted(table: FromClause, condition: ColumnElement[bool]) -> Select[Any]:
    some = (
        select(literal_column("1").label("one")).select_from(table).where(condition).limit(_number("most")).subquery()
    )
    return select(func.count().label("n")).select_from(some)


_WAITING: Final = _counted(outbox, outbox.c.state == literal_column("'waiting'"))  # as the index has it
_FAILED: Final = _counted(outbox, outbox.c.state == literal_column("'failed'"))
_BURIED: Final = _counted(inbox, inbox.c.dead)
_CAME: Final = _counted(submissions, submissions.c.submitted_at >= _number("since"))
_ASKED: Final = _counted(amendments, amendments.c.state == literal_column("'waiting'"))  # as the index has it
_IS_OPEN: Final = sessions.c.ended_at.is_(None)
_DRAFTS_OPEN: Final = _counted(sessions, _IS_OPEN)


def _drafts(condition: ColumnElement[bool]) -> Select[Any]:
    said = select(func.count()).where(answers.c.session == sessions.c.id).correlate(sessions).scalar_subquery()
    return (
        select(
            sessions.c.id, sessions.c.flow, sessions.c.version, sessions.c.channel, sessions.c.status,
            sessions.c.started_at, sessions.c.touched_at, said.label("answers"),
        )
        .where(condition, tuple_(sessions.c.touched_at, sessions.c.id) < _MARK)
        .order_by(sessions.c.touched_at.desc(), sessions.c.id.desc())
        .limit(_PAGE)
    )  # fmt: skip


_DRAFTS: Final = _drafts(_IS_OPEN)
_DRAFTS_CLOSED: Final = _drafts(sessions.c.status == literal_column("'expired'"))  # as the index has it
