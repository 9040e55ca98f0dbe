"""SQLite: one writer in one thread, whatever waits committed together, and read-only connections beside it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

import aiosqlite
from sqlalchemy import literal, select
from sqlalchemy.sql.base import Executable

from storage.driver import READONLY, code, driver, is_unavailable, reason
from storage.memory import Memory
from storage.statements import DialectName, Statements
from storage.tx import ForeignAwait, ReadOnly, Row, StorageUnavailable, Tx, Work

T = TypeVar("T")

GROUP_MAX: Final = 256  # transactions in one commit: what waits longer than that waits for the next
_FULL: Final = 2  # PRAGMA synchronous: with less, commits since the last checkpoint are gone after a power cut
_WAL_KEPT: Final = 64 * 1024 * 1024  # bytes the WAL file is cut back to after a checkpoint
_ROUND_TRIP: Final = select(literal(1))

logging.getLogger("aiosqlite").setLevel(logging.INFO)  # below that it logs every statement with its values


class SqliteDatabase:
    """A database in one file."""

    dialect: Final[DialectName] = "sqlite"

    def __init__(self, path: Path, writer: "Writer", readers: "Readers", let_go: Callable[[], Awaitable[None]]) -> None:
        self.path = path
        self._writer = writer
        self._readers = readers
        self._let_go = let_go

    async def write(self, work: Work[T]) -> T:
        """See `storage.tx.Database`."""
        return await self._writer.put(work)

    async def read(self, work: Work[T]) -> T:
        """See `storage.tx.Database`."""
        return await self._readers.run(work)

    async def check(self) -> None:
        """See `storage.tx.Database`."""
        await self.write(_round_trip)
        await self.read(_round_trip)

    async def close(self) -> None:
        """See `storage.tx.Database`."""
        await self._writer.close()
        await self._readers.close()
        await self._let_go()


async def open_sqlite(
    path: Path,
    *,
    busy_ms: int,
    readers: int,
    group_max: int = GROUP_MAX,
    let_go: Callable[[], Awaitable[None]],
) -> SqliteDatabase:
    """Open a file whose schema is up to date already; `let_go` runs after everything is closed.

    Raises:
        StorageUnavailable: the file cannot be opened.
    """
    statements = Statements("sqlite")
    writer = Writer(lambda: connect(path, busy_ms=busy_ms), statements, group_max)
    await asyncio.to_thread(writer.start)
    pool = Readers(lambda: connect(path, busy_ms=busy_ms, only_read=True), statements, readers)
    return SqliteDatabase(path, writer, pool, let_go)


def connect(path: Path, *, busy_ms: int = 5000, only_read: bool = False) -> Any:
    """A connection with everything set that keeps data safe, in autocommit mode: `BEGIN` is always ours.

    Raises:
        StorageUnavailable: the file cannot be opened, or will not keep what is committed.
    """
    try:
        connection = driver.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if only_read else 'rwc'}",
            uri=True,
            timeout=busy_ms / 1000,
            isolation_level=None,
            check_same_thread=False,  # opened in one thread, then used by exactly one other
            cached_statements=512,
        )
    except driver.Error as error:
        raise StorageUnavailable(reason(error)) from error
    try:
        _set_up(connection, only_read=only_read)
    except driver.Error as error:
        connection.close()
        raise StorageUnavailable(reason(error)) from error
    except StorageUnavailable:
        connection.close()
        raise
    return connection


def _set_up(connection: Any, *, only_read: bool) -> None:
    connection.row_factory = driver.Row
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    if only_read:
        connection.execute("PRAGMA query_only=ON")
    else:
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            raise StorageUnavailable(f"journal mode is {mode}, not WAL")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_KEPT}")
        connection.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten, not only unlinked
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    if level != _FULL:
        raise StorageUnavailable(f"synchronous is {level}, not FULL")


def drive(work: Work[T], tx: Tx) -> T:
    """What `work(tx)` returns, run to its end here and now.

    Our `tx` never suspends, so a coroutine that does has awaited something else: a timer, a socket, another task.
    Waiting for that would hold the write lock, so it raises instead.

    Raises:
        ForeignAwait: see above.
    """
    coroutine = work(tx)
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # StopIteration's value is Any
    coroutine.close()
    raise ForeignAwait(f"{getattr(work, '__qualname__', work)} awaited something other than its transaction")


@dataclass(slots=True)
class _Job:
    work: Callable[[Tx], Coroutine[Any, Any, Any]]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    value: Any = None
    error: BaseException | None = None


class Writer:
    """The one connection that writes, and its thread.

    Everything that waits when the thread is free becomes one `BEGIN IMMEDIATE … COMMIT`, each transaction in a
    savepoint of its own; the callers hear of it after the COMMIT has returned.
    """

    def __init__(self, connect_: Callable[[], Any], statements: Statements, group_max: int = GROUP_MAX) -> None:
        self._connect = connect_
        self._statements = statements
        self._group_max = group_max
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._connection: Any = None
        self._memory = Memory()
        self._seen = -1  # data_version: another one means that another process has written
        self._thread = Thread(target=self._run, name="storage-writer", daemon=True)
        self._closed = False

    def start(self) -> None:
        """Connect, then begin to take work. Blocks for as long as connecting takes."""
        self._connection = self._connect()
        self._thread.start()

    async def put(self, work: Work[T]) -> T:
        """Queue a transaction and wait for its commit."""
        if self._closed:
            raise StorageUnavailable("the database is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Job(work, loop, future))
        return await future

    async def close(self) -> None:
        """Commit what waits, then stop."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while group := self._take():
            self._commit(group)
            _report(group)
        self._disconnect()
        self._refuse_the_rest()

    def _refuse_the_rest(self) -> None:
        """What another thread's event loop asked while this one closed."""
        late: list[_Job] = []
        with suppress(Empty):
            while True:
                job = self._queue.get_nowait()
                if job is not None:
                    job.error = StorageUnavailable("the database is closed")
                    late.append(job)
        _report(late)

    def _take(self) -> list[_Job]:
        """What waits, `group_max` at most; nothing when it is time to stop."""
        group: list[_Job] = []
        job = self._queue.get()
        while job is not None:
            group.append(job)
            if len(group) >= self._group_max:
                return group
            try:
                job = self._queue.get_nowait()
            except Empty:
                return group
        if group:
            self._queue.put(None)  # stop when asked again
        return group

    def _commit(self, group: list[_Job]) -> None:
        """Run and commit all of them. Afterwards each has its value or its error."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.execute("BEGIN IMMEDIATE")
            self._look_round()
            for job in group:
                self._attempt(job)
            self._connection.execute("COMMIT")
            self._memory.group_done()
        except Exception as error:  # nothing of this group is saved, whatever it was: they all must hear of it
            self._memory.clear()
            lost = error if isinstance(error, StorageUnavailable) else StorageUnavailable(reason(error))
            for job in group:
                job.error = job.error or lost
            self._recover(error)

    def _look_round(self) -> None:
        """Forget what is remembered when another process has written since. Asked with the write lock held."""
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen:
            self._memory.clear()
            self._seen = version

    def _attempt(self, job: _Job) -> None:
        """Run one transaction; if it raises, undo that one.

        Raises:
            StorageUnavailable: SQLite has undone the whole group.
        """
        connection = self._connection
        connection.execute("SAVEPOINT job")
        tx = _WriterTx(connection, self._statements, self._memory)
        try:
            job.value = drive(job.work, tx)
        except BaseException as error:  # it is the caller's, who gets it
            job.error = _translated(error)
        finally:
            tx.over = True
        if not connection.in_transaction:
            raise StorageUnavailable("the whole transaction was undone") from job.error
        if job.error is None:
            self._memory.job_done()
        else:
            self._memory.job_undone()
            connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")

    def _recover(self, error: Exception) -> None:
        """Make the connection fit for the next group; drop it where that is in doubt."""
        try:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except driver.Error:
            self._disconnect()
        else:
            if code(error) == READONLY:  # the file was replaced or its file system remounted under us
                self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._seen = -1  # another connection counts anew
        if connection is not None:
            with suppress(driver.Error):
                connection.close()


def _report(group: list[_Job]) -> None:
    """Tell the callers, with one call per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in group:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        with suppress(RuntimeError):  # that loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, jobs)


def _resolve(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():  # cancelled by its caller
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.value)


def _translated(error: BaseException) -> BaseException:
    """The world's faults as `StorageUnavailable`, everything else as it is."""
    if not is_unavailable(error):
        return error
    unavailable = StorageUnavailable(reason(error))
    unavailable.__cause__ = error
    return unavailable


class _WriterTx:
    """A transaction whose methods never suspend."""

    __slots__ = ("_connection", "_statements", "memory", "over")

    def __init__(self, connection: Any, statements: Statements, memory: Memory | None = None) -> None:
        self._connection = connection
        self._statements = statements
        self.memory = memory
        self.over = False

    async def one(self, statement: Executable, /, **params: Any) -> Row | None:
        row: Row | None = self._execute(statement, params).fetchone()
        return row

    async def all(self, statement: Executable, /, **params: Any) -> Sequence[Row]:
        rows: list[Row] = self._execute(statement, params).fetchall()
        return rows

    async def run(self, statement: Executable, /, **params: Any) -> int:
        return int(self._execute(statement, params).rowcount)

    async def many(self, statement: Executable, params: Sequence[Mapping[str, Any]], /) -> None:
        self._must_be_open()
        prepared = self._statements.prepared(statement)
        self._connection.executemany(prepared.sql, [prepared.arguments(given) for given in params])

    def _execute(self, statement: Executable, params: Mapping[str, Any]) -> Any:
        if self.over:
            self._must_be_open()
        prepared = self._statements.prepared(statement)
        return self._connection.execute(prepared.sql, prepared.arguments(params))

    def _must_be_open(self) -> None:
        if self.over:
            raise RuntimeError("this transaction is over: `tx` was kept beyond its work")


class Readers:
    """A few read-only connections over aiosqlite, opened when first needed."""

    def __init__(self, connect_: Callable[[], Any], statements: Statements, size: int) -> None:
        self._connect = connect_
        self._statements = statements
        self._free: list[aiosqlite.Connection] = []
        self._places = asyncio.Semaphore(size)
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """Run `work` in one snapshot."""
        async with self._places:
            connection = await self._connection()
            try:
                await connection.execute("BEGIN")
                value = await work(_ReaderTx(connection, self._statements))
                await connection.execute("ROLLBACK")
            except BaseException as error:
                await self._give_up(connection)
                if code(error) == READONLY:
                    raise ReadOnly(reason(error)) from error
                raise _translated(error) from None
            if self._closed:
                await self._give_up(connection)
            else:
                self._free.append(connection)
            return value

    async def close(self) -> None:
        """Close what is free; whoever reads still gives its own up."""
        self._closed = True
        while self._free:
            await self._free.pop().close()

    async def _connection(self) -> aiosqlite.Connection:
        if self._closed:
            raise StorageUnavailable("the database is closed")
        if self._free:
            return self._free.pop()
        return await aiosqlite.Connection(self._connect, iter_chunk_size=64)

    async def _give_up(self, connection: aiosqlite.Connection) -> None:
        """Close it: after an error or a cancelled wait its thread may still be busy with an old statement."""
        await asyncio.shield(connection.close())


class _ReaderTx:
    """A read-only transaction, statement by statement in aiosqlite's thread."""

    __slots__ = ("_connection", "_statements")
    memory = None  # a reader sees what was committed when it began

    def __init__(self, connection: aiosqlite.Connection, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    async def one(self, statement: Executable, /, **params: Any) -> Row | None:
        rows = await self._fetch(statement, params)
        return rows[0] if rows else None

    async def all(self, statement: Executable, /, **params: Any) -> Sequence[Row]:
        return await self._fetch(statement, params)

    async def run(self, statement: Executable, /, **_params: Any) -> int:
        raise ReadOnly(self._statements.prepared(statement).sql)

    async def many(self, statement: Executable, _params: Sequence[Mapping[str, Any]], /) -> None:
        raise ReadOnly(self._statements.prepared(statement).sql)

    async def _fetch(self, statement: Executable, params: Mapping[str, Any]) -> list[Any]:
        prepared = self._statements.prepared(statement)
        return list(await self._connection.execute_fetchall(prepared.sql, prepared.arguments(params)))


async def _round_trip(tx: Tx) -> None:
    await tx.one(_ROUND_TRIP)
