"""What only PostgreSQL has: transactions that get in each other's way, and a server that may be gone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import bindparam, make_url, select, text, update

from storage.db import Database, StorageUnavailable, Tx, Unsafe, open_database
from storage.postgres import TRIES
from storage.schema import counters
from storage.statements import add_to

ADD = add_to(counters)
LOCKED = select(counters.c.value).where(counters.c.name == bindparam("wanted")).with_for_update()
ADD_ONE = update(counters).where(counters.c.name == bindparam("wanted")).values(value=counters.c.value + 1)
EVERY = select(counters.c.name, counters.c.value).order_by(counters.c.name)


pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = await open_database(url, sole=True)
    yield opened
    await opened.close()


async def values(database: Database) -> dict[str, int]:
    async def read(tx: Tx) -> dict[str, int]:
        return {row["name"]: row["value"] for row in await tx.all(EVERY)}

    return await database.read(read)


async def two_counters(tx: Tx) -> None:
    await tx.many(ADD, [{"name": "a", "value": 0}, {"name": "b", "value": 0}])


async def test_a_deadlock_is_tried_again_until_both_are_through(database: Database) -> None:
    await database.write(two_counters)
    tries = 0
    meeting = asyncio.Barrier(2)

    async def work(tx: Tx, first: str, second: str) -> None:
        nonlocal tries
        tries += 1
        await tx.one(LOCKED, wanted=first)
        if tries <= 2:
            await meeting.wait()  # each holds its first now: neither can have its second
        await tx.run(ADD_ONE, wanted=second)
        await tx.run(ADD_ONE, wanted=first)

    await asyncio.gather(
        database.write(lambda tx: work(tx, "a", "b")),
        database.write(lambda tx: work(tx, "b", "a")),
    )
    assert tries >= 3  # a busy machine may let them meet once more
    assert await values(database) == {"a": 2, "b": 2}


async def test_what_is_in_the_way_every_time_is_unavailable(database: Database) -> None:
    tries = 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        await tx.run(ADD, name=f"{tries}", value=tries)
        await tx.run(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"))

    with pytest.raises(StorageUnavailable, match="40001"):
        await database.write(work)
    assert tries == TRIES
    assert await values(database) == {}


async def test_a_connection_that_is_cut_saves_nothing_and_the_next_one_works(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await two_counters(tx)
        await tx.run(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await tx.run(ADD_ONE, wanted="a")

    with pytest.raises(StorageUnavailable):
        await database.write(work)
    assert await values(database) == {}
    await database.write(two_counters)
    assert await values(database) == {"a": 0, "b": 0}


async def test_a_lost_lock_is_noticed(database: Database) -> None:
    async def cut_everybody_else(tx: Tx) -> None:
        await tx.all(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    await database.check()
    await database.write(cut_everybody_else)
    with pytest.raises(StorageUnavailable):
        await database.check()


async def test_a_server_that_is_not_there_is_unavailable(url: str) -> None:
    nowhere = make_url(url).set(query={"host": "/nonexistent"}).render_as_string()
    with pytest.raises(StorageUnavailable):
        await open_database(nowhere)
    with pytest.raises(StorageUnavailable):
        await open_database(nowhere, sole=True)


async def test_a_server_that_forgets_commits_is_refused(url: str) -> None:
    first = await open_database(url)

    async def forget(tx: Tx) -> None:
        name = make_url(url).database
        await tx.run(text(f"ALTER DATABASE \"{name}\" SET synchronous_commit = 'off'"))

    await first.write(forget)
    await first.close()
    with pytest.raises(Unsafe) as refused:
        await open_database(url, sole=True)
    assert (refused.value.code, refused.value.facts) == ("not_durable", {"setting": "synchronous_commit"})


async def test_an_error_of_the_work_itself_is_not_taken_for_the_servers(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await two_counters(tx)
        raise FileNotFoundError("mine")

    with pytest.raises(FileNotFoundError):
        await database.write(work)
    with pytest.raises(FileNotFoundError):
        await database.read(lambda _: reading_fails())
    assert await values(database) == {}


async def reading_fails() -> None:
    raise FileNotFoundError("mine")
