"""What only SQLite has: one writer, groups, savepoints, and a disk that may be full or locked."""

import asyncio
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text

from storage import counters as counters_
from storage import db, sqlite
from storage.db import Database, ForeignAwait, StorageUnavailable, Tx, open_database
from storage.driver import driver
from storage.schema import counters
from storage.statements import Statements, add_to

ADD = add_to(counters)
EVERY = select(counters.c.name).order_by(counters.c.name)


@pytest.fixture
async def database(ready_file: Path) -> AsyncIterator[sqlite.SqliteDatabase]:
    opened = await open_database(f"sqlite:///{ready_file}", free_mb=1, busy_ms=200)
    assert isinstance(opened, sqlite.SqliteDatabase)
    yield opened
    await opened.close()


def adding(name: str, then: Callable[[], None] = lambda: None) -> Callable[[Tx], Any]:
    async def work(tx: Tx) -> str:
        await tx.run(ADD, name=name, value=1)
        then()
        return name

    return work


async def names(database: Database) -> list[str]:
    async def read(tx: Tx) -> list[str]:
        return [row["name"] for row in await tx.all(EVERY)]

    return await database.read(read)


async def held(database: Database) -> tuple[threading.Event, "asyncio.Task[None]"]:
    """Keep the writer busy, so that what is asked next waits and becomes one group. Set the event to go on."""
    inside, go_on = threading.Event(), threading.Event()

    async def work(_: Tx) -> None:
        inside.set()
        go_on.wait(10)

    task = asyncio.create_task(database.write(work))
    await asyncio.to_thread(inside.wait, 10)
    return go_on, task


async def grouped(database: Database, *works: Callable[[Tx], Any]) -> list[Any]:
    """What each of them ended with, all of them in one commit."""
    go_on, blocker = await held(database)
    tasks = [asyncio.create_task(database.write(work)) for work in works]
    await asyncio.sleep(0.01)
    go_on.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    await blocker
    return list(ended)


class Recorder:
    """A connection that notes what is executed."""

    def __init__(self, connection: Any) -> None:
        self.said: list[str] = []
        connection.set_trace_callback(self.said.append)


def writers_connection(database: sqlite.SqliteDatabase) -> Any:
    return database._writer._connection


async def test_what_waits_is_committed_together(database: sqlite.SqliteDatabase) -> None:
    recorder = Recorder(writers_connection(database))
    assert await grouped(database, *(adding(f"{n:02}") for n in range(20))) == [f"{n:02}" for n in range(20)]
    assert recorder.said.count("COMMIT") == 2  # that of the transaction they waited for, and theirs
    assert len(await names(database)) == 20


async def test_a_group_has_an_upper_size(sqlite_file: Path) -> None:
    database = await open_database(f"sqlite:///{sqlite_file}", free_mb=1, group_max=8)
    assert isinstance(database, sqlite.SqliteDatabase)
    recorder = Recorder(writers_connection(database))
    await grouped(database, *(adding(f"{n:02}") for n in range(20)))
    assert recorder.said.count("COMMIT") == 1 + 3
    assert len(await names(database)) == 20
    await database.close()


async def test_one_that_raises_in_a_group_is_undone_alone(database: sqlite.SqliteDatabase) -> None:
    def fail() -> None:
        raise LookupError("mine")

    first, bad, third = await grouped(database, adding("a"), adding("b", fail), adding("c"))
    assert (first, third) == ("a", "c")
    assert isinstance(bad, LookupError)
    assert await names(database) == ["a", "c"]


async def test_a_foreign_await_raises_at_once_and_undoes_only_that_one(database: sqlite.SqliteDatabase) -> None:
    async def sleeps(tx: Tx) -> None:
        await tx.run(ADD, name="b", value=1)
        await asyncio.sleep(60)

    async def yields(tx: Tx) -> None:
        await tx.run(ADD, name="d", value=1)
        await asyncio.sleep(0)

    async def waits_for_another_task(tx: Tx) -> None:
        await tx.run(ADD, name="e", value=1)
        await another

    another: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    began = time.monotonic()
    ended = await grouped(database, adding("a"), sleeps, adding("c"), yields, waits_for_another_task)
    assert time.monotonic() - began < 5
    assert (ended[0], ended[2]) == ("a", "c")
    assert isinstance(ended[3], ForeignAwait)
    assert isinstance(ended[4], ForeignAwait)
    # asyncio.sleep itself looks for the loop it runs in, and there is none in the database's thread.
    assert isinstance(ended[1], ForeignAwait | RuntimeError)
    assert await names(database) == ["a", "c"]
    await database.check()


async def test_a_transaction_is_not_to_be_kept_beyond_its_work(database: sqlite.SqliteDatabase) -> None:
    kept: list[Tx] = []

    async def work(tx: Tx) -> None:
        kept.append(tx)

    await database.write(work)
    with pytest.raises(RuntimeError, match="over"):
        await kept[0].run(ADD, name="a", value=1)
    with pytest.raises(RuntimeError, match="over"):
        await kept[0].many(ADD, [{"name": "a", "value": 1}])
    assert await names(database) == []


async def test_callers_hear_of_it_only_after_the_commit(database: sqlite.SqliteDatabase, sqlite_file: Path) -> None:
    order: list[str] = []

    def trace(statement: str) -> None:
        if statement == "COMMIT":  # about to be executed
            time.sleep(0.05)  # time enough for a caller who had been told too early
            order.append("commit")

    writers_connection(database).set_trace_callback(trace)

    async def ask(name: str) -> None:
        await database.write(adding(name))
        order.append(name)
        # By the same library: two of them in one process undo each other's locks on the file.
        with closing(driver.connect(str(sqlite_file))) as other:
            assert other.execute("SELECT count(*) FROM counters WHERE name = ?", [name]).fetchone() == (1,)

    for name in "abc":
        await ask(name)
    assert order == ["commit", "a", "commit", "b", "commit", "c"]


async def test_a_commit_that_fails_saves_nothing_and_everybody_hears_of_it(database: sqlite.SqliteDatabase) -> None:
    async def breaks_the_commit(tx: Tx) -> None:
        await tx.run(text("PRAGMA defer_foreign_keys=ON"))
        await tx.run(text("INSERT INTO web_links VALUES ('t', 'nobody', 'c', 0, 0)"))

    def fail() -> None:
        raise LookupError("mine")

    ended = await grouped(database, adding("a"), breaks_the_commit, adding("b", fail), adding("c"))
    assert [type(one) for one in ended] == [StorageUnavailable, StorageUnavailable, LookupError, StorageUnavailable]
    assert await names(database) == []
    assert await database.write(adding("later")) == "later"
    assert await names(database) == ["later"]


async def test_a_full_disk_loses_nothing_that_was_acknowledged_and_heals(database: sqlite.SqliteDatabase) -> None:
    connection = writers_connection(database)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 20}")
    acknowledged = []
    refused = 0
    for number in range(200):
        name = f"{number:03} {'x' * 1000}"
        try:
            acknowledged.append(await database.write(adding(name)))
        except StorageUnavailable:
            refused += 1
    assert refused > 0
    assert len(acknowledged) > 10
    assert await names(database) == acknowledged
    connection.execute("PRAGMA max_page_count=1000000")
    assert await database.write(adding("zz")) == "zz"
    assert await names(database) == [*acknowledged, "zz"]


async def test_a_full_disk_in_a_group_is_told_to_whoever_was_not_saved(database: sqlite.SqliteDatabase) -> None:
    connection = writers_connection(database)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 20}")
    ended = await grouped(database, *(adding(f"{n:03} {'x' * 1000}") for n in range(100)))
    saved = [one for one in ended if isinstance(one, str)]
    assert all(isinstance(one, str | StorageUnavailable) for one in ended)
    assert len(saved) < 100
    assert await names(database) == saved


async def test_a_database_locked_by_another_process_says_try_again_and_then_works(
    database: sqlite.SqliteDatabase, sqlite_file: Path
) -> None:
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); sys.stdin.read()"
    )
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(sqlite_file), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdin is not None
    assert other.stdout is not None
    assert await other.stdout.readline() == b"locked\n"
    began = time.monotonic()
    with pytest.raises(StorageUnavailable, match="SQLITE_BUSY"):
        await database.write(adding("a"))
    assert 0.15 < time.monotonic() - began < 5
    assert await names(database) == []  # readers are not held up
    waiting = asyncio.create_task(database.write(adding("b")))
    await asyncio.sleep(0.02)
    other.stdin.close()
    assert await waiting == "b"
    await other.wait()
    assert await names(database) == ["b"]


async def test_two_writers_that_read_before_they_write_wait_for_each_other(ready_file: Path) -> None:
    url = f"sqlite:///{ready_file}"
    both = [await open_database(url, free_mb=1) for _ in range(2)]

    async def count(tx: Tx) -> None:
        await counters_.following(tx, "turns")

    async def read_then_count(tx: Tx) -> None:
        await tx.all(EVERY)
        await count(tx)

    async def take_turns(database: Database) -> None:
        for _ in range(50):
            await database.write(read_then_count)

    await asyncio.gather(*(take_turns(database) for database in both))
    assert await both[0].read(lambda tx: counters_.last(tx, "turns")) == 100
    for database in both:
        await database.close()


async def test_every_connection_keeps_what_is_committed(database: sqlite.SqliteDatabase, sqlite_file: Path) -> None:
    await names(database)
    (reader,) = database._readers._free

    async def setting(name: str) -> tuple[Any, Any]:
        (read,) = await reader.execute_fetchall(f"PRAGMA {name}")
        return writers_connection(database).execute(f"PRAGMA {name}").fetchone()[0], read[0]

    assert await setting("synchronous") == (2, 2)
    assert await setting("foreign_keys") == (1, 1)
    assert await setting("journal_mode") == ("wal", "wal")
    assert await setting("query_only") == (0, 1)
    assert await setting("busy_timeout") == (200, 200)
    with closing(sqlite.connect(sqlite_file)) as another:
        assert another.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert another.execute("PRAGMA busy_timeout").fetchone()[0] == 5000


@pytest.fixture
def no_database(sqlite_file: Path) -> None:
    sqlite_file.write_bytes(b"no database at all" * 1000)


@pytest.mark.usefixtures("no_database")
async def test_a_file_that_is_no_database_cannot_be_opened(sqlite_file: Path) -> None:
    with pytest.raises(StorageUnavailable):
        await open_database(f"sqlite:///{sqlite_file}", free_mb=1)


async def test_a_caller_that_gives_up_does_not_disturb_the_others(database: sqlite.SqliteDatabase) -> None:
    go_on, blocker = await held(database)
    given_up = asyncio.create_task(database.write(adding("a")))
    other = asyncio.create_task(database.write(adding("b")))
    await asyncio.sleep(0.01)
    given_up.cancel()
    go_on.set()
    assert await other == "b"
    with pytest.raises(asyncio.CancelledError):
        await given_up
    await blocker
    assert "b" in await names(database)


async def test_closing_commits_what_was_asked_before(sqlite_file: Path) -> None:
    database = await open_database(f"sqlite:///{sqlite_file}", free_mb=1)
    tasks = [asyncio.create_task(database.write(adding(f"{n:03}"))) for n in range(300)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*tasks) == [f"{n:03}" for n in range(300)]
    with closing(driver.connect(str(sqlite_file))) as other:
        assert other.execute("SELECT count(*) FROM counters").fetchone()[0] == 300


ROOT = Path(db.__file__).parent.parent

KILLED = """
import asyncio, sys
from sqlalchemy import text
from storage.db import open_database
from storage.schema import counters
from storage.statements import add_to

ADD = add_to(counters)

async def main() -> None:
    database = await open_database(sys.argv[1], sole=True, free_mb=1)

    async def lane(number: int) -> None:
        for turn in range(1_000_000):
            name = f"{number}-{turn}"
            async def work(tx):
                await tx.run(ADD, name=name, value=turn)
                await tx.run(ADD, name=name + "+", value=turn)
            await database.write(work)
            print(name, flush=True)

    await asyncio.gather(*(lane(number) for number in range(8)))

asyncio.run(main())
"""


async def test_kill_9_in_the_middle_of_writes_loses_nothing_that_was_acknowledged(sqlite_file: Path) -> None:
    url = f"sqlite:///{sqlite_file}"
    acknowledged: set[str] = set()
    for turn in range(4):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KILLED, url, stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        assert process.stdout is not None
        said = [await process.stdout.readline()]
        await asyncio.sleep(0.03 * (turn + 1))
        process.send_signal(signal.SIGKILL)
        said += (await process.stdout.read()).splitlines(keepends=True)
        assert await process.wait() == -signal.SIGKILL
        new = {line.decode().strip() for line in said if line.endswith(b"\n")}
        assert new
        acknowledged |= new
        database = await open_database(url, sole=True, free_mb=1)  # the dead process holds no lock
        kept = set(await names(database))
        assert acknowledged <= kept
        assert {name for name in kept if not name.endswith("+")} == {name[:-1] for name in kept if name.endswith("+")}

        async def clear(tx: Tx) -> None:
            await tx.run(text("DELETE FROM counters"))

        await database.write(clear)
        await database.close()
        acknowledged.clear()


async def test_nobody_else_may_read_the_files(sqlite_file: Path) -> None:
    database = await open_database(f"sqlite:///{sqlite_file}", free_mb=1)
    await database.write(adding("a"))
    found = await asyncio.to_thread(lambda: {one.name: one.stat().st_mode & 0o077 for one in files_of(sqlite_file)})
    assert {name for name in found if not name.endswith(".lock")} == {
        sqlite_file.name + end for end in ("", "-wal", "-shm")
    }
    assert {mode for name, mode in found.items() if not name.endswith(".lock")} == {0}
    await database.close()


def files_of(database: Path) -> list[Path]:
    return list(database.parent.glob(f"{database.name}*"))


async def test_a_read_that_outlives_closing_gives_its_connection_up(database: sqlite.SqliteDatabase) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def read(tx: Tx) -> int:
        inside.set()
        await go_on.wait()
        return len(await tx.all(EVERY))

    reading = asyncio.create_task(database.read(read))
    await inside.wait()
    await database.close()
    go_on.set()
    assert await reading == 0
    assert database._readers._free == []


def test_driving_gives_back_what_the_work_returned_or_raised() -> None:
    connection = driver.connect(":memory:", isolation_level=None)
    tx = sqlite._WriterTx(connection, Statements("sqlite"))

    async def returns(_: Tx) -> int:
        return 7

    async def stops(_: Tx) -> None:
        raise StopAsyncIteration

    assert sqlite.drive(returns, tx) == 7
    with pytest.raises((StopAsyncIteration, RuntimeError)):
        sqlite.drive(stops, tx)
    connection.close()


def test_statements_are_compiled_once() -> None:
    statements = Statements("sqlite")
    statement = select(counters).where(counters.c.name == bindparam("wanted"))
    assert statements.prepared(statement) is statements.prepared(statement)
    for _ in range(3000):
        statements.prepared(select(counters))
    assert len(statements._compiled) <= 2000
