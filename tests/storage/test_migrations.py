"""The migrations lead to the schema, on both databases, and back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, create_engine, inspect, make_url, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage import migrations, schema
from storage.db import Database, Tx, open_database
from storage.driver import driver

T = TypeVar("T")


async def over(url: str, work: Callable[[Connection], T]) -> T:
    """What `work` gives over a connection of SQLAlchemy's own, committed."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with sqlite_connection(address) as connection:
            return work(connection)
    engine = create_async_engine(address.set(drivername="postgresql+asyncpg"), poolclass=pool.NullPool)
    try:
        async with engine.begin() as opened:
            return await opened.run_sync(work)
    finally:
        await engine.dispose()


@contextmanager
def sqlite_connection(address: URL) -> Iterator[Connection]:
    engine = create_engine("sqlite://", creator=lambda: driver.connect(address.database), module=driver)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, schema.metadata))


async def test_the_migrations_end_where_the_schema_is(url: str) -> None:
    await migrations.upgrade(make_url(url))
    assert await over(url, differences) == []


async def test_a_difference_would_be_seen(url: str) -> None:
    await migrations.upgrade(make_url(url))
    for change in (
        "ALTER TABLE jobs ADD COLUMN more TEXT",
        "DROP INDEX ix_outbox_waiting",
        "ALTER TABLE people DROP COLUMN lang",
    ):
        before = len(await over(url, differences))
        await over(url, lambda connection, sql=change: connection.execute(text(sql)))  # type: ignore[misc]
        assert len(await over(url, differences)) == before + 1


async def test_the_migrations_can_be_undone_to_nothing_and_run_again(url: str) -> None:
    await migrations.upgrade(make_url(url))

    def undo(connection: Connection) -> None:
        with as_file(files("storage.migrations")) as folder:
            config = migrations._config(str(folder))
            config.attributes["connection"] = connection
            command.downgrade(config, "base")

    await over(url, undo)
    assert await over(url, lambda connection: inspect(connection).get_table_names()) == ["alembic_version"]
    await migrations.upgrade(make_url(url))
    assert await over(url, differences) == []


async def test_partial_indexes_have_their_conditions_in_both(url: str) -> None:
    await migrations.upgrade(make_url(url))

    def conditions(connection: Connection) -> dict[str, str]:
        dialect = connection.dialect.name
        return {
            str(index["name"]): str(index["dialect_options"][f"{dialect}_where"])
            for table in schema.metadata.tables
            for index in inspect(connection).get_indexes(table)
            if index.get("dialect_options", {}).get(f"{dialect}_where") is not None
        }

    expected = {
        str(index.name)
        for table in schema.metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["where"] is not None
    }
    assert set(await over(url, conditions)) == expected
    assert len(expected) >= 6


def test_the_version_in_the_schema_is_that_of_the_newest_migration() -> None:
    assert migrations.newest() == schema.VERSION


async def test_a_database_that_is_up_to_date_is_opened_without_migrating(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await open_database(url, free_mb=1)
    await first.close()
    monkeypatch.delattr(migrations, "upgrade")
    again = await open_database(url, free_mb=1)
    await again.check()
    await again.close()


async def test_a_migration_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "run", half(migrations.run))
    with pytest.raises(LookupError):
        await open_database(url, free_mb=1, sole=True)
    assert await over(url, lambda connection: inspect(connection).get_table_names()) == []
    monkeypatch.undo()
    database = await open_database(url, free_mb=1, sole=True)
    assert await database.read(how_many_people) == 0
    await database.close()


def half(run: Callable[[Connection], None]) -> Callable[[Connection], None]:
    def failing(connection: Connection) -> None:
        run(connection)
        raise LookupError("the power went")

    return failing


async def how_many_people(tx: Tx) -> int:
    return len(await tx.all(schema.people.select()))


async def test_numbers_are_never_given_twice(database: Database) -> None:
    async def add_and_delete(tx: Tx) -> int:
        row = await tx.one(
            text(
                "INSERT INTO inbox (channel, bot, key, chat, body, at, tries, error, dead) "
                "VALUES ('web', '1', 'k', 'c', '{}', 0, 0, '', false) RETURNING id"
            )
        )
        assert row is not None
        await tx.run(text("DELETE FROM inbox"))
        return int(row["id"])

    first = await database.write(add_and_delete)
    assert await database.write(add_and_delete) > first
