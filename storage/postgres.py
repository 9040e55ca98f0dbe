"""PostgreSQL: a pool of connections over asyncpg, each transaction awaited statement by statement."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import URL, literal, select
from sqlalchemy.sql.base import Executable

from storage.safety import Unsafe
from storage.statements import DialectName, Statements
from storage.tx import ReadOnly, Row, StorageUnavailable, Tx, Work
from storage.upgrade import migrate

T = TypeVar("T")

PAUSE_S: Final = 0.02
_DICE: Final = secrets.SystemRandom()
TRIES: Final = 5  # of a transaction that another one got in the way of
_WAIT_S: Final = 30.0  # for a connection, and for one statement
_SOLE: Final = 0x6B68616F  # our advisory locks, within one database: "khao", this process runs the bot
_MIGRATING: Final = _SOLE + 1  # and this one changes the schema
_ROUND_TRIP: Final = select(literal(1))

# Classes of SQLSTATE that are the world's fault: connection, resources, operator, system, and a lock not given.
_UNAVAILABLE: Final = ("08", "53", "57", "58", "55P03")
_IN_THE_WAY: Final = ("40001", "40P01")  # serialisation failure, deadlock
_READ_ONLY: Final = "25006"


class PostgresDatabase:
    """A database on a server."""

    dialect: Final[DialectName] = "postgresql"

    def __init__(self, pool: Any, lock: "_Lock | None") -> None:
        self._pool = pool
        self._lock = lock
        self._statements = Statements("postgresql")

    async def write(self, work: Work[T]) -> T:
        """See `storage.tx.Database`; run again, `TRIES` times in all, when another transaction got in its way."""
        for tried in range(1, TRIES):
            try:
                return await self._once(work, readonly=False)
            except asyncpg.PostgresError as error:
                if error.sqlstate not in _IN_THE_WAY:
                    raise
            await asyncio.sleep(_DICE.uniform(0, PAUSE_S * tried))  # two that met would meet again at once
        try:
            return await self._once(work, readonly=False)
        except asyncpg.PostgresError as error:
            if error.sqlstate in _IN_THE_WAY:
                raise StorageUnavailable(_reason(error)) from error
            raise

    async def read(self, work: Work[T]) -> T:
        """See `storage.tx.Database`."""
        return await self._once(work, readonly=True)

    async def check(self) -> None:
        """See `storage.tx.Database`; also that the lock is still held."""
        await self.write(_round_trip)
        await self.read(_round_trip)
        if self._lock is not None:
            await self._lock.check()

    async def close(self) -> None:
        """See `storage.tx.Database`."""
        try:
            await asyncio.wait_for(self._pool.close(), _WAIT_S)
        except TimeoutError:
            self._pool.terminate()
        if self._lock is not None:
            await self._lock.release()

    async def _once(self, work: Work[T], *, readonly: bool) -> T:
        async with _translated():
            connection = await self._pool.acquire(timeout=_WAIT_S)
        try:
            # A view that does not change while it is read needs more than READ COMMITTED.
            isolation = "repeatable_read" if readonly else "read_committed"
            transaction = connection.transaction(isolation=isolation, readonly=readonly)
            async with _translated():
                await transaction.start()
            try:
                value = await work(_PostgresTx(connection, self._statements))
            except BaseException:
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
                    await transaction.rollback()
                raise
            async with _translated():
                await transaction.commit()
            return value
        finally:
            await self._pool.release(connection)


async def open_postgres(address: URL, *, sole: bool, size: int) -> PostgresDatabase:
    """Bring the schema up to date and connect.

    Raises:
        Unsafe: in_use (with `sole`), not_durable, newer_schema.
        StorageUnavailable: the server cannot be reached.
    """
    async with _translated():
        lock = await _Lock.take(_dsn(address), _SOLE) if sole else None
        try:
            await _prepare(address)
            pool = await asyncpg.create_pool(_dsn(address), min_size=1, max_size=max(2, size), command_timeout=_WAIT_S)
        except BaseException:
            if lock is not None:
                await lock.release()
            raise
    return PostgresDatabase(pool, lock)


def _dsn(address: URL) -> str:
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


async def _prepare(address: URL) -> None:
    """See that commits are kept and that the schema is ours, one process at a time."""
    connection = await asyncpg.connect(_dsn(address), timeout=_WAIT_S)
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            if await connection.fetchval(f"SHOW {setting}") == "off":
                raise Unsafe("not_durable", {"setting": setting})
        await connection.execute(f"SELECT pg_advisory_lock({_MIGRATING})")
        await migrate(address, await _version(connection))
    finally:
        await connection.close()


async def _version(connection: Any) -> str:
    """The migration that the database is at, "" for a new one."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return ""
    return str(await connection.fetchval("SELECT version_num FROM alembic_version") or "")


class _Lock:
    """An advisory lock, held by a connection of its own: the server takes it away when the process dies."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    @classmethod
    async def take(cls, dsn: str, key: int) -> "_Lock":
        """Take it; raises `Unsafe` in_use when another process has it."""
        connection = await asyncpg.connect(dsn, timeout=_WAIT_S)
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", key):
            return cls(connection)
        pid = await connection.fetchval(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid::bigint = $1 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            key,
        )
        await connection.close()
        raise Unsafe("in_use", {"path": "pg_advisory_lock", "pid": str(pid or "?")})

    async def check(self) -> None:
        """Raises `StorageUnavailable` when the connection is gone, and the lock with it."""
        async with self._turn, _translated():  # a connection does one thing at a time
            await self._connection.fetchval("SELECT 1", timeout=_WAIT_S)

    async def release(self) -> None:
        """Give it back."""
        try:
            await self._connection.close(timeout=_WAIT_S)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
            self._connection.terminate()


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """The world's faults as `StorageUnavailable`, everything else as it is."""
    try:
        yield
    except asyncpg.PostgresError as error:
        state = error.sqlstate or ""
        if state == _READ_ONLY:
            raise ReadOnly(_reason(error)) from error
        if state.startswith(_UNAVAILABLE):
            raise StorageUnavailable(_reason(error)) from error
        raise
    except (OSError, TimeoutError, asyncpg.InternalClientError) as error:  # the last: cut off between two messages
        raise StorageUnavailable(_reason(error)) from error
    except asyncpg.InterfaceError as error:
        if "clos" not in str(error):  # "connection is closed", "pool is closing"; anything else is a misuse of ours
            raise
        raise StorageUnavailable(_reason(error)) from error


def _reason(error: BaseException) -> str:
    """The kind of error and its SQLSTATE; the server's own words may hold values."""
    return f"{type(error).__name__} {getattr(error, 'sqlstate', '')}".strip()


class _PostgresTx:
    """A transaction on one connection."""

    __slots__ = ("_connection", "_statements")
    memory = None  # other processes write too

    def __init__(self, connection: Any, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    async def one(self, statement: Executable, /, **params: Any) -> Row | None:
        prepared = self._statements.prepared(statement)
        arguments = prepared.arguments(params)
        async with _translated():
            row: Row | None = await self._connection.fetchrow(prepared.sql, *arguments)
        return row

    async def all(self, statement: Executable, /, **params: Any) -> Sequence[Row]:
        prepared = self._statements.prepared(statement)
        arguments = prepared.arguments(params)
        async with _translated():
            rows: Sequence[Row] = await self._connection.fetch(prepared.sql, *arguments)
        return rows

    async def run(self, statement: Executable, /, **params: Any) -> int:
        prepared = self._statements.prepared(statement)
        arguments = prepared.arguments(params)
        async with _translated():
            status: str = await self._connection.execute(prepared.sql, *arguments)
        touched = status.rpartition(" ")[2]  # "UPDATE 3", "INSERT 0 1", "ALTER TABLE"
        return int(touched) if touched.isdecimal() else 0

    async def many(self, statement: Executable, params: Sequence[Mapping[str, Any]], /) -> None:
        prepared = self._statements.prepared(statement)
        arguments = [prepared.arguments(given) for given in params]
        async with _translated():
            await self._connection.executemany(prepared.sql, arguments)


async def _round_trip(tx: Tx) -> None:
    await tx.one(_ROUND_TRIP)
