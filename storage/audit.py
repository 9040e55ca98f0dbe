"""Who of the staff did what, when. It only grows, and every row is chained to the one before."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from storage import text
from storage.counters import following, last
from storage.schema import audit
from storage.statements import add_to
from storage.tx import Row, Tx

_COUNTER: Final = "audit"
_PAGE: Final = 1000  # rows read at once when the chain is verified


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `hash` is the SHA-256 of all the other fields, in hexadecimal."""

    seq: int
    at: int
    actor: str
    action: str
    object: str
    detail: str  # JSON; never an answer
    previous_hash: str  # "" of the first
    hash: str


async def add(tx: Tx, *, at: int, actor: str, action: str, object: str, detail: Mapping[str, Any] | None = None) -> int:  # noqa: A002  # it is what the column is called
    """Write one row, in the transaction that does what it tells: its number."""
    seq = await following(tx, _COUNTER)  # holds others back until this transaction ends, so the chain cannot fork
    previous = await tx.one(_HASH, wanted=seq - 1)
    hashed = "" if previous is None else str(previous["hash"])
    who, what, which = text.clean(actor), text.clean(action), text.clean(object)
    entry = Entry(seq, at, who, what, which, text.dumps(dict(detail or {})), hashed, "")
    await tx.run(_ADD, **asdict(entry) | {"hash": _hash(entry)})
    return seq


async def verify(tx: Tx) -> int | None:
    """The number of the first row that was changed, or of the first that is missing; None when all is as written."""
    known, hashed = 0, ""
    while rows := await tx.all(_AFTER, after=known, most=_PAGE):
        for row in rows:
            entry = _entry(row)
            if entry.seq != known + 1 or entry.previous_hash != hashed or entry.hash != _hash(entry):
                return known + 1
            known, hashed = entry.seq, entry.hash
    return None if known == await last(tx, _COUNTER) else known + 1


async def latest(tx: Tx, limit: int, before: int = 1 << 62) -> list[Entry]:
    """The last rows, the newest first, numbers below `before`."""
    return [_entry(row) for row in await tx.all(_LATEST, before=before, most=limit)]


def _hash(entry: Entry) -> str:
    told = {name: value for name, value in asdict(entry).items() if name != "hash"}
    return hashlib.sha256(text.dumps(told).encode()).hexdigest()


def _entry(row: Row) -> Entry:
    return Entry(*(row[name] for name in _COLUMNS))


_COLUMNS: Final = tuple(column.name for column in audit.columns)
_ADD: Final = add_to(audit)
_HASH: Final = select(audit.c.hash).where(audit.c.seq == bindparam("wanted"))
_AFTER: Final = select(audit).where(audit.c.seq > bindparam("after")).order_by(audit.c.seq).limit(bindparam("most"))
_LATEST: Final = (
    select(audit).where(audit.c.seq < bindparam("before")).order_by(audit.c.seq.desc()).limit(bindparam("most"))
)
