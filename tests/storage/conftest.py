"""A fresh database for every test: SQLite always, PostgreSQL where there is one."""

import asyncio
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage.db import Database, open_database

_MAINTENANCE = "postgres"  # the database every server has


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A URL of a database that nobody has used."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'khaosat.sqlite'}"
        return
    server = str(request.getfixturevalue("postgres_server"))
    name = f"khaosat_{secrets.token_hex(6)}"
    _administer(server, f'CREATE DATABASE "{name}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The same, opened."""
    opened = await open_database(url, free_mb=1)
    yield opened
    await opened.close()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """Where a SQLite database may be put."""
    return tmp_path / "khaosat.sqlite"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A URL of a server that takes `CREATE DATABASE`: the one named in the environment, else one of our own."""
    given = os.environ.get("KHAOSAT_TEST_POSTGRES")
    if given:
        yield make_url(given).set(database=_MAINTENANCE).render_as_string(hide_password=False)
        return
    tools = _postgres_tools()
    if tools is None:
        reason = "no PostgreSQL: set KHAOSAT_TEST_POSTGRES, or install the server"
        if os.environ.get("KHAOSAT_REQUIRE_POSTGRES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="khaosat-pg-"))  # not below pytest's own, which only its user may enter
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


def _administer(server: str, statement: str) -> None:
    import asyncpg  # noqa: PLC0415  # an extra

    async def run() -> None:
        connection = await asyncpg.connect(server)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
