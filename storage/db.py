"""Opens the database that a URL names, safely."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url

from storage.driver import driver, reason
from storage.safety import FREE_MB, Lock, Unsafe, check_sqlite
from storage.schema import VERSION
from storage.sqlite import GROUP_MAX, connect, open_sqlite
from storage.tx import Database, ForeignAwait, ReadOnly, Row, Stale, StorageUnavailable, Tx, Work
from storage.upgrade import migrate

BUSY_MS: Final = 5000


async def open_database(
    url: str,
    *,
    sole: bool = False,
    free_mb: int = FREE_MB,
    busy_ms: int = BUSY_MS,
    readers: int = 4,
    group_max: int = GROUP_MAX,
) -> Database:
    """Check that it is safe, bring the schema up to date, and open it.

    Args:
        url: "sqlite:///path/to/file.sqlite" (made when it is not there) or "postgresql://user@host/name".
        sole: hold the lock that says "this process runs the bot", until `close()`. A command beside it does without.
        free_mb: megabytes that must be free beside a SQLite file.
        busy_ms: how long a SQLite write waits while another process writes.
        readers: connections for reading (SQLite), or in all (PostgreSQL).
        group_max: transactions in one commit (SQLite).

    Raises:
        Unsafe: it must not be used as it is; among others `in_use`, when another process runs on it.
        StorageUnavailable: it cannot be reached now.
        ValueError: no such kind of URL.
    """
    address = make_url(url)
    match address.get_backend_name():
        case "sqlite":
            path = sqlite_path(address)
            await asyncio.to_thread(check_sqlite, path, free_mb=free_mb)
            lock = Lock(path)
            if sole:
                lock.take()
            try:
                if not path.exists():
                    path.touch(mode=0o600)  # what people say is nobody else's; SQLite's other files take after it
                await _migrate_sqlite(address, lock)
                return await open_sqlite(
                    path, busy_ms=busy_ms, readers=readers, group_max=group_max, let_go=lock.release
                )
            except BaseException:
                await lock.release()
                raise
        case "postgresql":
            from storage.postgres import open_postgres  # noqa: PLC0415  # asyncpg is an extra: not everybody has it

            return await open_postgres(address, sole=sole, size=readers)
        case other:
            raise ValueError(f"the database is sqlite or postgresql, not {other}")


def sqlite_path(address: URL) -> Path:
    """The file that a SQLite URL names; raises `ValueError` when it names none."""
    if not address.database or address.database == ":memory:":
        raise ValueError("a SQLite URL needs a file: sqlite:///path/to/file.sqlite")
    return Path(address.database)


async def _migrate_sqlite(address: URL, lock: Lock) -> None:
    """Bring the file's schema up to date, alone: a process that runs on an older schema is not disturbed."""
    path = sqlite_path(address)
    if await asyncio.to_thread(_version, path) == VERSION:
        return
    alone = not lock.held
    if alone:
        lock.take()
    try:
        await migrate(address, await asyncio.to_thread(_version, path))
    finally:
        if alone:
            await lock.release()


def _version(path: Path) -> str:
    """The migration that the file is at, "" for a new one. It is only read: one of a later version is left as it is."""
    with closing(connect(path, only_read=True)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except driver.OperationalError:  # no such table
            return ""
        except driver.Error as error:
            raise StorageUnavailable(reason(error)) from error
    return str(row[0]) if row else ""


__all__ = [
    "Database",
    "ForeignAwait",
    "ReadOnly",
    "Row",
    "Stale",
    "StorageUnavailable",
    "Tx",
    "Unsafe",
    "Work",
    "open_database",
    "sqlite_path",
]
