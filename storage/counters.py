"""Numbers given out one after the other, without a gap: a transaction that is undone gives its number back."""

from typing import Final

from sqlalchemy import bindparam, literal_column, select

from storage.schema import counters
from storage.statements import add_to
from storage.tx import Tx

RESTORED: Final = (
    "restored_at"  # no number given out: when the file was put back from a copy, milliseconds since 1970, UTC
)


async def following(tx: Tx, name: str) -> int:
    """The next number of that name, from 1. Others who want one of this name wait for this transaction to end."""
    row = await tx.one(_NEXT, name=name)
    assert row is not None  # noqa: S101  # an upsert always returns its row
    return int(row["value"])


async def last(tx: Tx, name: str) -> int:
    """The last number given, 0 when none was."""
    row = await tx.one(_LAST, wanted=name)
    return 0 if row is None else int(row["value"])


_NEXT: Final = (
    add_to(counters, leaving_out=("value",))
    .values(value=literal_column("1"))
    .on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + literal_column("1")})
    .returning(counters.c.value)
)
_LAST: Final = select(counters.c.value).where(counters.c.name == bindparam("wanted"))
