"""A copy of a SQLite database while it is in use, looked through before it gets its name."""

import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage import driver
from storage.counters import RESTORED
from storage.sqlite import connect
from storage.tx import StorageUnavailable

ASKED_EVERY: Final = 10_000  # of SQLite's own steps: some milliseconds


class Damaged(Exception):
    """The copy is not what a database must be; SQLite's words say where."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that is whole."""

    size: int  # bytes
    submissions: int
    answers: int  # of all sessions, handed in or not


def backup(database: Path, to: Path, *, is_over: Callable[[], bool] = lambda: False) -> Copied:
    """Copy the whole database, as it is at one instant, into a new file.

    With the library that writes it: an older SQLite beside it would bring the bug that safety.py refuses. The copy is
    read through, page by page and row by row, and on disk before it stands under its name. `is_over`: asked now and
    then; it is given up once this holds.

    Raises:
        FileExistsError: there is such a file; nothing is written over.
        FileNotFoundError: there is no such database.
        StorageUnavailable: the disk is full, the database cannot be read, or the copy was given up.
        Damaged: it could be copied, and the copy is not sound: nor is the database.
    """
    if to.exists():
        raise FileExistsError(to)
    if not database.exists():
        raise FileNotFoundError(database)
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)  # of one that was ended in the middle
    try:
        with closing(connect(database)) as connection:
            connection.set_progress_handler(is_over, ASKED_EVERY)
            connection.execute("VACUUM INTO ?", (str(part),))
        part.chmod(0o600)
        copied = looked_through(part, is_over)
        _synced(part)
        part.rename(to)
        _synced(to.parent)
    except driver.driver.Error as error:
        raise StorageUnavailable(driver.reason(error)) from error
    except OSError as error:
        raise StorageUnavailable(error.strerror or type(error).__name__) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return copied


def looked_through(file: Path, is_over: Callable[[], bool] = lambda: False) -> Copied:
    """What is in a copy that nobody uses.

    Raises:
        Damaged: see there.
    """
    with closing(driver.driver.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
        connection.set_progress_handler(is_over, ASKED_EVERY)
        try:
            told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
            if told != ["ok"]:
                raise Damaged("; ".join(told))
            if (loose := connection.execute("PRAGMA foreign_key_check").fetchone()) is not None:
                raise Damaged(f"a row of {loose[0]} refers to one of {loose[2]} that is not there")
            (submissions,) = connection.execute("SELECT count(*) FROM submissions").fetchone()
            (answers,) = connection.execute("SELECT count(*) FROM answers").fetchone()
        except driver.driver.DatabaseError as error:
            if is_over():
                raise StorageUnavailable("given up") from error
            raise Damaged(driver.reason(error)) from error
    return Copied(file.stat().st_size, submissions, answers)


def mark_restored(file: Path, at: int) -> None:
    """Note in a copy that nobody uses that it is put back at that instant; `counters.RESTORED` tells it.

    Raises:
        StorageUnavailable: the disk does not take it.
        Damaged: it has no such table.
    """
    with closing(driver.driver.connect(str(file))) as connection:
        try:
            connection.execute("INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)", (RESTORED, at))
            connection.commit()
        except driver.driver.DatabaseError as error:
            if driver.is_unavailable(error):
                raise StorageUnavailable(driver.reason(error)) from error
            raise Damaged(driver.reason(error)) from error


def version(file: Path) -> str:
    """The migration that a copy nobody uses is at, "" when that cannot be told."""
    with closing(driver.driver.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except driver.driver.DatabaseError:
            return ""
    return str(row[0]) if row else ""


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
