"""What was submitted: a record that stays as it was, under a receipt number."""

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import Final

from sqlalchemy import bindparam, func, select, tuple_, update

from storage.counters import following
from storage.receipts import receipt
from storage.schema import submissions
from storage.statements import add_to
from storage.tx import Row, Tx

PREFIX: Final = "HN"
_LATEST: Final = 1 << 62  # later than any instant
_HANOI: Final = dt.timezone(dt.timedelta(hours=7))  # no summer time since 1975: the year of a receipt is Hanoi's


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One submission."""

    id: str
    session: str
    flow: str
    version: str
    person: str
    lang: str
    channel: str
    submitted_at: int  # milliseconds since 1970, UTC
    record: str  # JSON: value by path
    summary: str  # JSON: what may be shown outside the console
    receipt: str = ""  # given when it is added
    noticed_at: int | None = None  # when staff were told


async def add(tx: Tx, submission: Submission, prefix: str = PREFIX) -> Submission:
    """Store it under the next receipt number of its year; a session submitted before gives back what it was then."""
    before = await of_session(tx, submission.session)
    if before is not None:
        return before
    year = dt.datetime.fromtimestamp(submission.submitted_at / 1000, _HANOI).year
    number = await following(tx, f"receipt:{prefix}:{year}")
    stored = replace(submission, receipt=receipt(prefix, year, number))
    await tx.run(_ADD, **asdict(stored))
    return stored


async def get(tx: Tx, known: str) -> Submission | None:
    """The submission with that id."""
    return _perhaps(await tx.one(_GET, known=known))


async def of_session(tx: Tx, session: str) -> Submission | None:
    """What a session led to."""
    return _perhaps(await tx.one(_OF_SESSION, wanted=session))


async def by_receipt(tx: Tx, number: str) -> Submission | None:
    """The submission with that receipt number, written as `storage.receipts.read_receipt` gives it."""
    return _perhaps(await tx.one(_BY_RECEIPT, wanted=number))


async def of_person(tx: Tx, person: str) -> list[Submission]:
    """Those of a person, the newest first."""
    return [_submission(row) for row in await tx.all(_OF_PERSON, wanted=person)]


async def page(
    tx: Tx,
    *,
    flow: str | None = None,
    since: int = 0,
    until: int = _LATEST,
    before: tuple[int, str] = (_LATEST, ""),
    limit: int = 50,
) -> list[Submission]:
    """At most `limit` of them, the newest first, submitted from `since` on and before `until`.

    `before` is the (submitted_at, id) of the last one on the page before; `flow`: only of this flow.
    """
    given = {"since": since, "until": until, "mark_at": before[0], "mark_id": before[1], "most": limit}
    rows = await (tx.all(_PAGE, **given) if flow is None else tx.all(_PAGE_OF_FLOW, in_flow=flow, **given))
    return [_submission(row) for row in rows]


async def following_on(tx: Tx, flow: str, after: tuple[int, str] = (0, ""), limit: int = 500) -> list[Submission]:
    """The next ones of a flow in the order they came, after (submitted_at, id): for whoever reads them all."""
    rows = await tx.all(_FOLLOWING, in_flow=flow, mark_at=after[0], mark_id=after[1], most=limit)
    return [_submission(row) for row in rows]


async def noticed(tx: Tx, known: str, at: int) -> None:
    """Staff were told of it."""
    await tx.run(_NOTICED, known=known, now=at)


async def count_by_flow(tx: Tx) -> dict[str, int]:
    """How many there are of each flow."""
    return {row["flow"]: row["n"] for row in await tx.all(_COUNT)}


def _perhaps(row: Row | None) -> Submission | None:
    return None if row is None else _submission(row)


def _submission(row: Row) -> Submission:
    return Submission(**{name: row[name] for name in _COLUMNS})


_COLUMNS: Final = tuple(column.name for column in submissions.columns)
_KNOWN: Final = submissions.c.id == bindparam("known")
_IN_FLOW: Final = submissions.c.flow == bindparam("in_flow")
_KEY: Final = tuple_(submissions.c.submitted_at, submissions.c.id)
_MARK: Final = tuple_(
    bindparam("mark_at", type_=submissions.c.submitted_at.type), bindparam("mark_id", type_=submissions.c.id.type)
)
_NEWEST_FIRST: Final = (submissions.c.submitted_at.desc(), submissions.c.id.desc())

_ADD: Final = add_to(submissions)
_GET: Final = select(submissions).where(_KNOWN)
_OF_SESSION: Final = select(submissions).where(submissions.c.session == bindparam("wanted"))
_BY_RECEIPT: Final = select(submissions).where(submissions.c.receipt == bindparam("wanted"))
_OF_PERSON: Final = select(submissions).where(submissions.c.person == bindparam("wanted")).order_by(*_NEWEST_FIRST)
_PAGE: Final = (
    select(submissions)
    .where(
        submissions.c.submitted_at >= bindparam("since"),
        submissions.c.submitted_at < bindparam("until"),
        _KEY < _MARK,
    )
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("most"))
)
_PAGE_OF_FLOW: Final = _PAGE.where(_IN_FLOW)
_FOLLOWING: Final = (
    select(submissions)
    .where(_IN_FLOW, _KEY > _MARK)
    .order_by(submissions.c.submitted_at, submissions.c.id)
    .limit(bindparam("most"))
)
_NOTICED: Final = (
    update(submissions).where(_KNOWN, submissions.c.noticed_at.is_(None)).values(noticed_at=bindparam("now"))
)
_COUNT: Final = select(submissions.c.flow, func.count().label("n")).group_by(submissions.c.flow)
