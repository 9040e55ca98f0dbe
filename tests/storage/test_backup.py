"""A backup is whole, checked, and under its name only then."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import Copied, Damaged, backup, looked_through
from storage.sqlite import connect
from storage.tx import StorageUnavailable


def filled(file: Path, rows: int = 500) -> None:
    with closing(connect(file)) as db:
        for n in range(rows):
            db.execute("INSERT INTO people (id, lang, created_at) VALUES (?, 'vi', 1)", (f"p{n}",))


def test_a_copy_while_somebody_writes_is_whole_and_of_one_instant(ready_file: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def writes() -> None:
        with closing(connect(ready_file)) as db:
            n = 0
            while not stop.is_set():
                n += 1
                db.execute("BEGIN IMMEDIATE")
                for half in ("a", "b"):
                    db.execute("INSERT INTO people (id, lang, created_at) VALUES (?, 'vi', 1)", (f"{half}{n}",))
                db.execute("COMMIT")

    writer = threading.Thread(target=writes)
    writer.start()
    try:
        for n in range(5):
            to = tmp_path / f"copy{n}.sqlite"
            assert backup(ready_file, to) == Copied(to.stat().st_size, 0, 0)
            with closing(sqlite3.connect(to)) as db:
                counted = dict(db.execute("SELECT substr(id, 1, 1), count(*) FROM people GROUP BY 1").fetchall())
            assert counted.get("a") == counted.get("b")
            assert to.stat().st_mode & 0o077 == 0
    finally:
        stop.set()
        writer.join()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_what_is_there_is_not_written_over_and_what_is_not_there_is_told(ready_file: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine", encoding="ascii")
    with pytest.raises(FileExistsError):
        backup(ready_file, there)
    assert there.read_text(encoding="ascii") == "mine"
    with pytest.raises(FileNotFoundError):
        backup(tmp_path / "nowhere", tmp_path / "new")
    with pytest.raises(StorageUnavailable):
        backup(ready_file, tmp_path / "no such folder" / "new")


def test_a_damaged_page_is_found(ready_file: Path, tmp_path: Path) -> None:
    filled(ready_file)
    to = tmp_path / "copy"
    backup(ready_file, to)
    whole = to.read_bytes()
    page = whole.index(b"p250") // 4096 * 4096
    to.write_bytes(whole[:page] + bytes(2048) + whole[page + 2048 :])
    with pytest.raises(Damaged):
        looked_through(to)


def test_a_row_that_refers_to_nothing_is_found_and_such_a_copy_is_not_kept(ready_file: Path, tmp_path: Path) -> None:
    with closing(connect(ready_file)) as db:
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute(
            "INSERT INTO addresses (channel, bot, chat, person, reach, first_source, last_source, created_at, updated_at)"
            " VALUES ('web', 'web', 'c', 'nobody', 'reachable', '', '', 1, 1)"
        )
    with pytest.raises(Damaged, match="addresses"):
        backup(ready_file, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert not (tmp_path / "copy.part").exists()
