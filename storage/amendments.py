"""Corrections that people ask for after they have handed a form in. The record as it was stays beside the new one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import bindparam, literal_column, select, update

from storage.schema import amendments, submissions
from storage.statements import add_to
from storage.tx import Row, Tx

REPLACED: Final = "replaced"  # a request in whose place a later one has come


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One request, and what became of it."""

    id: str
    submission: str
    session: str  # in which the new answers were given
    requested_at: int
    before: str  # JSON: the record as it was then
    record: str  # JSON: the record as it is to be
    reason: str = ""
    state: str = "waiting"  # "waiting", "accepted", "refused", "replaced"
    decided_at: int | None = None
    decided_by: str = ""
    words: str = ""  # to the person


async def add(tx: Tx, amendment: Amendment) -> None:
    """Store a request; one for the same submission that still waits is replaced by it."""
    await tx.run(_REPLACE, of_submission=amendment.submission, now=amendment.requested_at)
    await tx.run(_ADD, **asdict(amendment))


async def get(tx: Tx, known: str) -> Amendment | None:
    """The request with that id."""
    row = await tx.one(_GET, known=known)
    return None if row is None else _amendment(row)


async def of_session(tx: Tx, session: str) -> Amendment | None:
    """The request that a session led to."""
    row = await tx.one(_OF_SESSION, in_session=session)
    return None if row is None else _amendment(row)


async def of_submission(tx: Tx, submission: str) -> list[Amendment]:
    """All that was asked for, the oldest first."""
    return [_amendment(row) for row in await tx.all(_OF_SUBMISSION, of_submission=submission)]


async def accepted(tx: Tx, flow: str) -> list[Amendment]:
    """Every accepted one of a flow's submissions, the oldest first: for whoever reads them all."""
    return [_amendment(row) for row in await tx.all(_ACCEPTED, in_flow=flow)]


async def waiting(tx: Tx, limit: int = 50) -> Sequence[Row]:
    """Requests that wait for staff, the oldest first: submission, receipt, requested_at."""
    return await tx.all(_WAITING, most=limit)


async def decide(tx: Tx, known: str, *, accepted: bool, by: str, words: str, at: int) -> bool:
    """Note what staff decided; False when somebody has decided already, or a later request has replaced it.

    An accepted record is the submission's from now on.
    """
    state = "accepted" if accepted else "refused"
    row = await tx.one(_DECIDE, known=known, to_state=state, by=by, told=words, now=at)
    if row is not None and accepted:
        await tx.run(_CORRECT, of_submission=row["submission"], to_record=row["record"])
    return row is not None


def _amendment(row: Row) -> Amendment:
    return Amendment(**{name: row[name] for name in _COLUMNS})


_COLUMNS: Final = tuple(column.name for column in amendments.columns)
_IS_WAITING: Final = amendments.c.state == literal_column("'waiting'")  # as the index has it
_KNOWN: Final = amendments.c.id == bindparam("known")
_OF: Final = amendments.c.submission == bindparam("of_submission")

_ADD: Final = add_to(amendments)
_REPLACE: Final = (
    update(amendments)
    .where(_OF, _IS_WAITING)
    .values(state=literal_column(f"'{REPLACED}'"), decided_at=bindparam("now"))
)
_GET: Final = select(amendments).where(_KNOWN)
_OF_SESSION: Final = select(amendments).where(amendments.c.session == bindparam("in_session"))
_OF_SUBMISSION: Final = select(amendments).where(_OF).order_by(amendments.c.requested_at, amendments.c.id)
_ACCEPTED: Final = (
    select(amendments)
    .join(submissions, submissions.c.id == amendments.c.submission)
    .where(submissions.c.flow == bindparam("in_flow"), amendments.c.state == literal_column("'accepted'"))
    .order_by(amendments.c.requested_at, amendments.c.id)
)
_WAITING: Final = (
    select(amendments.c.submission, submissions.c.receipt, amendments.c.requested_at)
    .join(submissions, submissions.c.id == amendments.c.submission)
    .where(_IS_WAITING)
    .order_by(amendments.c.requested_at)
    .limit(bindparam("most"))
)
_DECIDE: Final = (
    update(amendments)
    .where(_KNOWN, _IS_WAITING)
    .values(
        state=bindparam("to_state"), decided_by=bindparam("by"), words=bindparam("told"), decided_at=bindparam("now")
    )
    .returning(amendments.c.submission, amendments.c.record)
)
_CORRECT: Final = (
    update(submissions).where(submissions.c.id == bindparam("of_submission")).values(record=bindparam("to_record"))
)
