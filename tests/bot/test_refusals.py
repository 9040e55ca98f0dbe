"""It does not start where it could lose, forge or send twice: each refusal with its own words and what to do about it."""

import asyncio
import json
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import ASKED_WRONGLY, COULD_NOT, app
from storage import driver, safety
from storage.db import open_database
from storage.safety import Lock

MADE_UP = "4242:FAKE-token-for-tests-only-0123456789"
HELD: list[Lock] = []  # so that it lives as long as the test
Prepare = Callable[[Path, pytest.MonkeyPatch], None]


@contextmanager
def listening() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


def old_sqlite(folder: Path, patch: pytest.MonkeyPatch) -> None:
    del folder
    patch.setattr(driver, "VERSION", (3, 46, 1))


def network_disk(folder: Path, patch: pytest.MonkeyPatch) -> None:
    mounts = folder / "mounts"
    mounts.write_text(f"server:/x {folder.resolve()} nfs4 rw 0 0\n", encoding="utf-8")
    patch.setattr(safety, "_MOUNTS", mounts)


def a_file_in_the_way(folder: Path, patch: pytest.MonkeyPatch) -> None:
    del patch
    (folder / "data").write_text("", encoding="utf-8")


def in_use(folder: Path, patch: pytest.MonkeyPatch) -> None:
    del patch
    (folder / "data").mkdir()
    lock = Lock(folder / "data" / "khaosat.sqlite")
    lock.take()
    HELD.append(lock)


def no_database(folder: Path, patch: pytest.MonkeyPatch) -> None:
    del patch
    (folder / "data").mkdir()
    (folder / "data" / "khaosat.sqlite").write_bytes(os.urandom(8192))


def newer(folder: Path, patch: pytest.MonkeyPatch) -> None:
    del patch
    (folder / "data").mkdir()
    with sqlite3.connect(folder / "data" / "khaosat.sqlite") as db:
        db.execute("CREATE TABLE alembic_version (version_num TEXT)")
        db.execute("INSERT INTO alembic_version VALUES ('9999_later')")


def nothing(folder: Path, patch: pytest.MonkeyPatch) -> None:
    del folder, patch


REFUSALS: dict[str, tuple[Prepare, dict[str, str], int, tuple[str, str]]] = {
    # by name: (what is made wrong, settings, exit code, (what is said, what to do))
    "an SQLite that loses commits": (old_sqlite, {}, COULD_NOT, ("SQLite 3.46.1", "pip install")),
    "a network disk": (network_disk, {}, COULD_NOT, ("nfs4", "PostgreSQL")),
    "a folder that takes no file": (
        a_file_in_the_way,
        {},
        COULD_NOT,
        ("Không ghi được vào thư mục", "chọn thư mục khác"),
    ),
    "little space": (nothing, {"FREE_MIN_MB": "1000000"}, COULD_NOT, ("MB", "mở rộng ổ đĩa")),
    "another process on it": (in_use, {}, COULD_NOT, (str(os.getpid()), "dừng tiến trình đó")),
    "a file that is no database": (no_database, {}, COULD_NOT, ("NOTADB", "bản sao lưu")),
    "a schema of a later version": (newer, {}, COULD_NOT, ("9999_later", "bản sao lưu")),
    "a server that is not there": (
        nothing,
        {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"},
        COULD_NOT,
        ("cơ sở dữ liệu", "KHAOSAT_DATABASE_URL"),
    ),
    "another kind of database": (
        nothing,
        {"DATABASE_URL": "mysql://x/y"},
        ASKED_WRONGLY,
        ("database_url", "sqlite:///"),
    ),
    "a signing key that is short": (nothing, {"SIGNING_KEY": "abcdefgh"}, ASKED_WRONGLY, ("signing_key", "openssl")),
    "a signing key to be guessed": (nothing, {"SIGNING_KEY": "a" * 64}, ASKED_WRONGLY, ("signing_key", "openssl")),
    "what is no token": (nothing, {"TELEGRAM_TOKEN": "abc"}, ASKED_WRONGLY, ("telegram_token", "@BotFather")),
    "a webhook without a secret": (
        nothing,
        {"TELEGRAM_TOKEN": MADE_UP, "TELEGRAM_MODE": "webhook"},
        ASKED_WRONGLY,
        ("telegram_webhook_secret", "needed"),
    ),
    "a webhook's secret to be guessed": (
        nothing,
        {"TELEGRAM_TOKEN": MADE_UP, "TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": "s" * 40},
        ASKED_WRONGLY,
        ("telegram_webhook_secret", "openssl"),
    ),
    "a folder of flows that is not there": (
        nothing,
        {"FLOWS_DIR": "/not/there"},
        ASKED_WRONGLY,
        ("flows_dir", "/not/there"),
    ),
    "a misspelt setting": (
        nothing,
        {"SIGNING_KEE": "x"},
        ASKED_WRONGLY,
        ("KHAOSAT_SIGNING_KEE", "KHAOSAT_SIGNING_KEY"),
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_it_does_not_start_and_says_why_and_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, given, code, words = REFUSALS[name]
    prepare(tmp_path, monkeypatch)
    env = {"DATA_DIR": str(tmp_path / "data"), "PORT": "0", "FREE_MIN_MB": "0", "SAMPLES": "false"} | given
    found = CliRunner().invoke(app, ["run"], env={f"KHAOSAT_{key}": value for key, value in env.items()})
    assert found.exit_code == code, found.output
    while HELD:
        asyncio.run(HELD.pop().release())
    for part in words:
        assert part in found.output
    assert "Traceback" not in found.output
    for secret in ("SIGNING_KEY", "TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET"):
        assert given.get(secret) is None or given[secret] not in found.output


def test_a_port_that_is_taken_is_told_as_such(tmp_path: Path) -> None:
    with listening() as port:
        env = {"DATA_DIR": str(tmp_path / "data"), "PORT": str(port), "FREE_MIN_MB": "0", "SAMPLES": "false"}
        found = CliRunner().invoke(app, ["run"], env={f"KHAOSAT_{key}": value for key, value in env.items()})
    assert found.exit_code == COULD_NOT
    assert f"cổng {port}" in found.output
    assert "KHAOSAT_PORT" in found.output


def test_no_refusal_is_left_out() -> None:
    shown = {"old_sqlite", "network_disk", "unwritable", "little_space", "in_use", "newer_schema", "no_database"}
    elsewhere = {"not_durable"}  # needs a PostgreSQL of its own: tests/storage/test_postgres.py
    words = json.dumps(sorted(shown | elsewhere))
    from tests.storage.test_safety import HOLES  # noqa: PLC0415

    assert json.dumps(sorted(HOLES)) == words


@pytest.mark.parametrize("command", [["run"], ["export", "startup_support_needs"], ["link", "list"]])
def test_a_database_of_a_later_version_is_left_as_it_is(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "khaosat.sqlite"
    asyncio.run(_opened_once(file))
    with closing(driver.driver.connect(str(file))) as db:
        db.executescript("CREATE TABLE of_tomorrow (id TEXT); UPDATE alembic_version SET version_num = '9999_later';")
    held = driver.driver.connect(str(file))  # what a process that died has left: rows that are in the log only
    held.execute("INSERT INTO of_tomorrow VALUES ('x')")
    held.commit()
    before = {path.name: path.read_bytes() for path in tmp_path.glob("khaosat.sqlite*") if path.suffix != ".lock"}
    assert before["khaosat.sqlite-wal"]
    env = {"KHAOSAT_DATA_DIR": str(tmp_path), "KHAOSAT_PORT": "0", "KHAOSAT_FREE_MIN_MB": "0"}
    found = CliRunner().invoke(app, command, env=env)
    assert found.exit_code == COULD_NOT, found.output
    for name in ("khaosat.sqlite", "khaosat.sqlite-wal"):
        assert (tmp_path / name).read_bytes() == before[name]
    held.close()
    if command == ["run"]:
        assert "9999_later" in found.output


async def _opened_once(file: Path) -> None:
    await (await open_database(f"sqlite:///{file}", free_mb=0)).close()
