"""What both databases promise about transactions."""

import asyncio

import pytest
from sqlalchemy import bindparam, select

from storage.db import Database, ReadOnly, StorageUnavailable, Tx, Unsafe, open_database
from storage.schema import counters
from storage.statements import add_to

ADD = add_to(counters)
NAMED = select(counters).where(counters.c.name == bindparam("wanted"))
EVERY = select(counters).order_by(counters.c.name)


async def names(database: Database) -> list[str]:
    async def read(tx: Tx) -> list[str]:
        return [row["name"] for row in await tx.all(EVERY)]

    return await database.read(read)


async def test_what_a_transaction_wrote_is_there_once_it_returned(database: Database) -> None:
    async def write(tx: Tx) -> int:
        return await tx.run(ADD, name="a", value=1 << 60)

    assert await database.write(write) == 1

    async def read(tx: Tx) -> dict[str, object]:
        row = await tx.one(NAMED, wanted="a")
        assert row is not None
        return dict(zip(row.keys(), row, strict=True))

    assert await database.read(read) == {"name": "a", "value": 1 << 60}


async def test_a_transaction_that_raises_leaves_nothing_and_its_error_comes_out(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await tx.run(ADD, name="a", value=1)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await database.write(write)
    assert await names(database) == []


async def test_transactions_side_by_side_do_not_undo_each_other(database: Database) -> None:
    async def write(number: int) -> None:
        async def work(tx: Tx) -> None:
            await tx.run(ADD, name=f"{number:03}", value=number)
            if number % 3 == 0:
                raise LookupError(number)

        await database.write(work)

    ended = await asyncio.gather(*(write(number) for number in range(60)), return_exceptions=True)
    assert [isinstance(one, LookupError) for one in ended] == [number % 3 == 0 for number in range(60)]
    assert await names(database) == [f"{number:03}" for number in range(60) if number % 3]


async def test_a_statement_that_fails_fails_alone(database: Database) -> None:
    async def twice(tx: Tx) -> None:
        await tx.run(ADD, name="same", value=1)
        await tx.run(ADD, name="same", value=2)

    async def once(tx: Tx) -> None:
        await tx.run(ADD, name="other", value=1)

    first, second = await asyncio.gather(database.write(twice), database.write(once), return_exceptions=True)
    assert "Unique" in type(first).__name__ or "Integrity" in type(first).__name__
    assert not isinstance(first, StorageUnavailable)
    assert second is None
    assert await names(database) == ["other"]


async def test_many_rows_go_in_at_once(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await tx.many(ADD, [{"name": f"{number}", "value": number} for number in range(5)])
        await tx.many(ADD, [])

    await database.write(write)
    assert await names(database) == ["0", "1", "2", "3", "4"]


async def test_a_reader_cannot_write(database: Database) -> None:
    async def run(tx: Tx) -> None:
        await tx.run(ADD, name="a", value=1)

    async def many(tx: Tx) -> None:
        await tx.many(ADD, [{"name": "a", "value": 1}])

    async def returning(tx: Tx) -> None:
        await tx.one(ADD.returning(counters.c.name), name="a", value=1)

    for work in (run, many, returning):
        with pytest.raises(ReadOnly):
            await database.read(work)
    assert await names(database) == []


async def test_a_reader_sees_one_moment(database: Database) -> None:
    began, written = asyncio.Event(), asyncio.Event()

    async def read(tx: Tx) -> tuple[int, int]:
        first = len(await tx.all(EVERY))
        began.set()
        await written.wait()
        return first, len(await tx.all(EVERY))

    async def write(tx: Tx) -> None:
        await tx.run(ADD, name="a", value=1)

    reading = asyncio.create_task(database.read(read))
    await began.wait()
    await database.write(write)
    written.set()
    assert await reading == (0, 0)
    assert await names(database) == ["a"]


async def test_more_readers_than_connections_take_turns(database: Database) -> None:
    async def read(tx: Tx) -> int:
        await asyncio.sleep(0.001)
        return len(await tx.all(EVERY))

    assert await asyncio.gather(*(database.read(read) for _ in range(40))) == [0] * 40


async def test_a_reader_that_raises_or_is_cancelled_leaves_the_pool_whole(database: Database) -> None:
    async def bad(_: Tx) -> None:
        raise LookupError

    async def slow(tx: Tx) -> None:
        await tx.all(EVERY)
        await asyncio.sleep(60)

    for _ in range(10):
        with pytest.raises(LookupError):
            await database.read(bad)
        task = asyncio.create_task(database.read(slow))
        await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await names(database) == []


@pytest.mark.parametrize("given", [{"name": "a"}, {"name": "a", "value": 1, "valeu": 2}, {}])
async def test_a_parameter_too_few_or_too_many_is_told(database: Database, given: dict[str, object]) -> None:
    async def write(tx: Tx) -> None:
        await tx.run(ADD, **given)

    with pytest.raises(TypeError, match="parameter"):
        await database.write(write)


async def test_text_that_one_of_them_would_refuse_is_kept_the_same_by_both(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await tx.run(ADD, name="nul\x00 lone\ud800 bell\x07 tab\t line\r\nĐặng 👩‍👩‍👧", value=1)

    await database.write(write)
    assert await names(database) == ["nul\ufffd lone\ufffd bell tab\t line\nĐặng 👩‍👩‍👧"]


async def test_check_makes_its_round_trip(database: Database) -> None:
    await database.check()


async def test_a_closed_database_takes_nothing_more(url: str) -> None:
    database = await open_database(url, free_mb=1)
    await database.close()

    async def write(tx: Tx) -> None:
        await tx.run(ADD, name="a", value=1)

    for call in (database.write, database.read):
        with pytest.raises(StorageUnavailable):
            await call(write)
    with pytest.raises(StorageUnavailable):
        await database.check()


async def test_only_one_process_runs_on_a_database(url: str) -> None:
    first = await open_database(url, sole=True, free_mb=1)
    with pytest.raises(Unsafe) as refused:
        await open_database(url, sole=True, free_mb=1)
    assert refused.value.code == "in_use"
    assert refused.value.facts["pid"] != "?"
    beside = await open_database(url, free_mb=1)
    await beside.check()
    await beside.close()
    await first.close()
    again = await open_database(url, sole=True, free_mb=1)
    await again.check()
    await again.close()


async def test_a_database_of_a_newer_version_is_refused(url: str) -> None:
    from sqlalchemy import text  # noqa: PLC0415  # nowhere else do we write SQL by hand

    database = await open_database(url, free_mb=1)

    async def write(tx: Tx) -> None:
        await tx.run(text("UPDATE alembic_version SET version_num = '9999'"))

    await database.write(write)
    await database.close()
    with pytest.raises(Unsafe) as refused:
        await open_database(url, free_mb=1)
    assert refused.value.code == "newer_schema"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/x"])
async def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite"):
        await open_database(url)
