"""What is known of the files that people sent. The bytes stand under the data directory, so that they can be erased."""

from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from storage.schema import files
from storage.statements import add_to
from storage.tx import Row, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file."""

    id: str
    session: str = ""  # "" until it belongs to one
    path: str = ""  # of the question it answers
    name: str  # as the person's device called it
    mime: str
    size: int  # bytes
    sha256: str  # in hexadecimal
    stored_as: str  # our name of it under the data directory
    at: int  # milliseconds since 1970, UTC


async def add(tx: Tx, file: File) -> None:
    """Remember a file; its bytes are on disk already."""
    await tx.run(_ADD, **asdict(file))


async def get(tx: Tx, known: str) -> File | None:
    """The file with that id."""
    row = await tx.one(_GET, known=known)
    return None if row is None else _file(row)


async def of_session(tx: Tx, session: str) -> list[File]:
    """Those of a session, in the order they came."""
    return [_file(row) for row in await tx.all(_OF_SESSION, wanted=session)]


async def attach(tx: Tx, known: str, session: str, path: str) -> None:
    """It answers that question of that session."""
    await tx.run(_ATTACH, known=known, of_session=session, of_path=path)


async def forget(tx: Tx, session: str) -> list[str]:
    """Forget those of a session: `stored_as` of each, to be removed from disk after the commit."""
    return [row["stored_as"] for row in await tx.all(_FORGET, wanted=session)]


async def unattached(tx: Tx, before: int, limit: int) -> list[File]:
    """Files that came before that instant and belong to no session, the oldest first."""
    return [_file(row) for row in await tx.all(_UNATTACHED, nobody="", before=before, most=limit)]


def _file(row: Row) -> File:
    return File(**{name: row[name] for name in _COLUMNS})


_COLUMNS: Final = tuple(column.name for column in files.columns)
_KNOWN: Final = files.c.id == bindparam("known")
_ORDER: Final = (files.c.at, files.c.id)
_ADD: Final = add_to(files)
_GET: Final = select(files).where(_KNOWN)
_OF_SESSION: Final = select(files).where(files.c.session == bindparam("wanted")).order_by(*_ORDER)
_ATTACH: Final = update(files).where(_KNOWN).values(session=bindparam("of_session"), path=bindparam("of_path"))
_FORGET: Final = delete(files).where(files.c.session == bindparam("wanted")).returning(files.c.stored_as)
_UNATTACHED: Final = (
    select(files)
    .where(files.c.session == bindparam("nobody"), files.c.at < bindparam("before"))
    .order_by(*_ORDER)
    .limit(bindparam("most"))
)
