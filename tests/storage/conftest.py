"""A fresh database for every test: SQLite always, PostgreSQL where there is one."""

import asyncio
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage.db import Database, open_database

_MAINTENANCE = "postgres"  # the database every server has
_ROOM = 2_000_000_000  # bytes


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'khaosat.sqlite'}"
    else:
        with _database_on(str(request.getfixturevalue("postgres_server"))) as made:
            yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A URL of a database with every table in it and nothing else."""
    if request.param == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('ready_file')}"
    else:
        template = str(request.getfixturevalue("postgres_template"))
        with _database_on(template, template=make_url(template).database) as made:
            yield made


@pytest.fixture
async def database(ready_url: str) -> AsyncIterator[Database]:
    """The same, opened."""
    opened = await open_database(ready_url, free_mb=1)
    yield opened
    await opened.close()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """Where a SQLite database may be put."""
    return tmp_path / "khaosat.sqlite"


@pytest.fixture
def ready_file(sqlite_file: Path, sqlite_template: Path) -> Path:
    """A SQLite file with every table in it and nothing else: migrating one for each test would take longer than they do."""
    shutil.copy(sqlite_template, sqlite_file)
    return sqlite_file


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ready_file` is copied from."""
    path = tmp_path_factory.mktemp("template") / "khaosat.sqlite"
    asyncio.run(_make_ready(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """What `ready_url` is copied from."""
    with _database_on(postgres_server) as made:
        asyncio.run(_make_ready(made))
        yield made


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A URL of a server that takes `CREATE DATABASE`: the one named in the environment, else one of our own."""
    given = os.environ.get("KHAOSAT_TEST_POSTGRES")
    if given:
        yield _named(given, _MAINTENANCE)
        return
    tools = _postgres_tools()
    if tools is None:
        reason = "no PostgreSQL: set KHAOSAT_TEST_POSTGRES, or install the server"
        if os.environ.get("KHAOSAT_REQUIRE_POSTGRES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    # Not below pytest's own folder, which only its user may enter; in memory where that is large enough, for every test
    # makes a database and drops it.
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM
    folder = Path(tempfile.mkdtemp(prefix="khaosat-pg-", dir=memory if roomy else None))
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    if user is not None:
        shutil.chown(folder, user)
    try:
        _run(
            [tools / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"], user
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=60"
        control: list[str | Path] = [tools / "pg_ctl", "-D", folder / "data", "-w"]
        _run([*control, "-o", options, "-l", folder / "log", "start"], user)
        try:
            yield f"postgresql://postgres@/{_MAINTENANCE}?host={folder}"
        finally:
            _run([*control, "-m", "immediate", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_tools() -> Path | None:
    """The folder of initdb and pg_ctl, the newest where there are several."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    candidates = [*installed, *([Path(on_path).parent] if on_path else [])]
    return next((found for found in candidates if (found / "initdb").exists() and (found / "pg_ctl").exists()), None)


def _run(command: Sequence[str | Path], user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a pipe would be kept open by the server
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command} gave {done.returncode}"


async def _make_ready(url: str) -> None:
    database = await open_database(url, free_mb=1)
    await database.close()


@contextmanager
def _database_on(server: str, template: str | None = None) -> Iterator[str]:
    """A database of its own on that server, dropped afterwards."""
    name = f"khaosat_{secrets.token_hex(6)}"
    maintenance = _named(server, _MAINTENANCE)
    _administer(maintenance, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    try:
        yield _named(server, name)
    finally:
        _administer(maintenance, f'DROP DATABASE "{name}" WITH (FORCE)')


def _named(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def _administer(server: str, statement: str) -> None:
    import asyncpg  # noqa: PLC0415  # an extra

    async def run() -> None:
        connection = await asyncpg.connect(server)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
