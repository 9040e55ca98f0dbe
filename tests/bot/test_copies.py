"""Copies of the database that the process makes by itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.copies import AGAIN_MS, Copies
from tests.bot.conftest import Clock

QUARTER_S = 15 * 60


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one submission's worth of tables."""
    with closing(sqlite3.connect(tmp_path / "khaosat.sqlite")) as db:
        db.executescript("PRAGMA journal_mode=WAL; CREATE TABLE submissions (id); CREATE TABLE answers (id);")
    return tmp_path / "khaosat.sqlite"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_one_is_made_every_quarter_of_an_hour_also_over_a_restart_and_the_oldest_goes(
    database: Path, tmp_path: Path, clock: Clock
) -> None:
    for _ in range(4):
        copies = Copies(database, tmp_path / "copies", 15, clock=clock, kept=3)  # as after a start
        await copies.due()
        clock.passes(60)
        await copies.due()  # it is not time yet
        clock.passes(QUARTER_S - 60)
    found = names(tmp_path / "copies")
    assert len(found) == 3
    assert not copies.failing
    with closing(sqlite3.connect(tmp_path / "copies" / found[-1])) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_clock_that_is_set_back_keeps_none_from_being_made(
    database: Path, tmp_path: Path, clock: Clock
) -> None:
    copies = Copies(database, tmp_path / "copies", 15, clock=clock)
    await copies.due()
    clock.passes(-24 * 3600)
    await copies.due()
    assert len(names(tmp_path / "copies")) == 2


async def test_one_that_fails_is_told_and_tried_again(database: Path, tmp_path: Path, clock: Clock) -> None:
    copies = Copies(database, tmp_path / "copies", 15, clock=clock)
    (tmp_path / "copies").write_text("in the way", encoding="ascii")
    failed = []
    for passes_s in (0, 1, AGAIN_MS / 1000):
        clock.passes(passes_s)
        await copies.due()
        failed.append(copies.failing)
        if (tmp_path / "copies").is_file():
            (tmp_path / "copies").unlink()
    assert failed == [True, True, False]  # not tried again at once
    assert len(names(tmp_path / "copies")) == 1


async def test_a_copy_in_the_making_is_given_up_when_the_house_stops(
    database: Path, tmp_path: Path, clock: Clock
) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.executemany("INSERT INTO answers VALUES (?)", ((n,) for n in range(50_000)))
        db.commit()
    copies = Copies(database, tmp_path / "copies", 15, clock=clock, is_over=lambda: True)
    await copies.due()
    assert names(tmp_path / "copies") == []
    assert not copies.failing
