"""What is to happen because time passes: one row per kind and key, leased while somebody works on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, literal_column, select, tuple_, update

from storage.schema import jobs
from storage.statements import add_to
from storage.tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do."""

    kind: str
    key: str
    due_at: int
    tries: int  # begun so far, this one counted once it is claimed
    body: str  # JSON


async def put(tx: Tx, kind: str, key: str, due_at: int, body: str = "{}") -> bool:
    """Put a job there unless there is one of that kind and key; False when there is."""
    return await tx.run(_PUT, kind=kind, key=key, due_at=due_at, lease_until=0, tries=0, body=body) == 1


async def put_again(tx: Tx, kind: str, key: str, due_at: int, body: str = "{}") -> None:
    """Put a job there; one of that kind and key is due then instead, with this body, and nobody works on it."""
    await tx.run(_PUT_AGAIN, kind=kind, key=key, due_at=due_at, lease_until=0, tries=0, body=body)


async def get(tx: Tx, kind: str, key: str) -> Job | None:
    """The job of that kind and key."""
    row = await tx.one(_GET, of_kind=kind, of_key=key)
    return None if row is None else _job(row)


async def claim(tx: Tx, kind: str, now: int, lease_ms: int, limit: int = 100) -> Sequence[Job]:
    """Jobs of that kind that are due, oldest first, and nobody's else until the lease runs out.

    Whoever claims them does them and then calls `done` or `later`; a process that dies does neither, and they are
    claimed again: so a job must be harmless when done twice.
    """
    rows = await tx.all(_CLAIM, of_kind=kind, now=now, until=now + lease_ms, most=limit)
    return sorted((_job(row) for row in rows), key=lambda job: (job.due_at, job.key))


async def done(tx: Tx, kind: str, key: str) -> None:
    """It is done, or need not be any more."""
    await tx.run(_DONE, of_kind=kind, of_key=key)


async def later(tx: Tx, kind: str, key: str, due_at: int) -> None:
    """It is to be done at that instant (again)."""
    await tx.run(_LATER, of_kind=kind, of_key=key, due=due_at)


async def next_due_at(tx: Tx) -> int | None:
    """When the next job is due that nobody works on; None when there is none."""
    row = await tx.one(_NEXT)
    return None if row is None else int(row["due_at"])


def _job(row: Row) -> Job:
    return Job(row["kind"], row["key"], row["due_at"], row["tries"], row["body"])


_ONE: Final = (jobs.c.kind == bindparam("of_kind"), jobs.c.key == bindparam("of_key"))
_PUT: Final = add_to(jobs).on_conflict_do_nothing(index_elements=["kind", "key"])
_ADD: Final = add_to(jobs)
_PUT_AGAIN: Final = _ADD.on_conflict_do_update(
    index_elements=["kind", "key"],
    set_={name: _ADD.excluded[name] for name in ("due_at", "lease_until", "tries", "body")},
)
_GET: Final = select(jobs).where(*_ONE)
_DUE: Final = (
    select(jobs.c.kind, jobs.c.key)
    .where(
        jobs.c.kind == bindparam("of_kind"), jobs.c.due_at <= bindparam("now"), jobs.c.lease_until <= bindparam("now")
    )
    .order_by(jobs.c.due_at, jobs.c.key)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM: Final = (
    update(jobs)
    .where(tuple_(jobs.c.kind, jobs.c.key).in_(_DUE))
    .values(lease_until=bindparam("until"), tries=jobs.c.tries + literal_column("1"))
    .returning(jobs)
)
_DONE: Final = delete(jobs).where(*_ONE)
_LATER: Final = update(jobs).where(*_ONE).values(due_at=bindparam("due"), lease_until=literal_column("0"))
_NEXT: Final = (
    select(jobs.c.due_at)
    .where(jobs.c.lease_until == literal_column("0"))
    .order_by(jobs.c.due_at)
    .limit(literal_column("1"))
)
