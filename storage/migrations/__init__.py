"""Brings a database's schema up to date: numbered steps, each in one transaction, never edited once released."""

import asyncio
from importlib.resources import as_file, files
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, event, pool
from sqlalchemy.ext.asyncio import create_async_engine

from storage.driver import driver

_HERE: Final = files("storage.migrations")


def newest() -> str:
    """The number of the newest step."""
    with as_file(_HERE) as folder:
        head = ScriptDirectory.from_config(_config(str(folder))).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations in this installation")
    return head


async def upgrade(address: URL) -> None:
    """Run every step that the database has not seen. One that fails is undone and raises what it raised."""
    if address.get_backend_name() == "sqlite":
        await asyncio.to_thread(_upgrade_sqlite, str(address.database))
        return
    engine = create_async_engine(address.set(drivername="postgresql+asyncpg"), poolclass=pool.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


def run(connection: Connection) -> None:
    """The same over an open connection, in its transaction."""
    with as_file(_HERE) as folder:
        config = _config(str(folder))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _upgrade_sqlite(path: str) -> None:
    engine = create_engine("sqlite://", creator=lambda: _connect(path), module=driver)
    # SQLite's schema changes are transactional, but only where BEGIN comes before them.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            run(connection)
    finally:
        engine.dispose()


def _connect(path: str) -> Any:
    connection = driver.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _config(folder: str) -> Config:
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
