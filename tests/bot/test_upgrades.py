"""A database with a whole survey in it comes from every earlier schema to the newest, and loses nothing on the way."""

from collections.abc import Callable
from contextlib import closing
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from bot.app import opened
from bot.config import read_settings
from storage import migrations
from storage.driver import driver
from storage.schema import VERSION
from tests.bot.conftest import Clock
from tests.bot.test_runner import Web, finish
from tests.storage.test_migrations import sqlite_connection


def versions() -> list[str]:
    """Every schema there has been before the newest."""
    with as_file(files("storage.migrations")) as folder:
        found = ScriptDirectory.from_config(migrations._config(str(folder))).walk_revisions()
    return sorted(one.revision for one in found if one.revision != VERSION)


def rows(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Everything that is stored, by table."""
    with closing(driver.connect(str(file))) as db:
        db.row_factory = driver.Row
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in tables if not name.startswith("sqlite_") and name != "alembic_version"]
        return {name: [dict(row) for row in db.execute(f"SELECT * FROM {name} ORDER BY rowid")] for name in kept}


def back_to(version: str, file: Path) -> None:
    with sqlite_connection(make_url(f"sqlite:///{file}")) as connection, as_file(files("storage.migrations")) as folder:
        config = migrations._config(str(folder))
        config.attributes["connection"] = connection
        command.downgrade(config, version)


@pytest.mark.parametrize("version", versions())
async def test_from_every_earlier_schema_nothing_is_lost(
    version: str, tmp_path: Path, clock: Callable[[], int]
) -> None:
    assert isinstance(clock, Clock)
    settings = read_settings({}, data_dir=tmp_path, free_min_mb=0)
    async with opened(settings, clock=clock) as house:
        await finish(Web(house, clock), "article_rating")
    file = tmp_path / "khaosat.sqlite"
    back_to(version, file)
    before = rows(file)
    assert before["submissions"]
    assert before["answers"]
    async with opened(settings, clock=clock) as house:
        await house.library.load(house.db)
    after = rows(file)
    for table, stored in before.items():
        assert len(after[table]) == len(stored), table
        for old, new in zip(stored, after[table], strict=True):
            assert old == {name: new[name] for name in old}, table
    with closing(driver.connect(str(file))) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("SELECT version_num FROM alembic_version").fetchone()[0] == VERSION
