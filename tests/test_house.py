"""The rules of the house, so that nobody has to remember them."""

import ast
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import pytest
import typer
from packaging.requirements import Requirement
from typer.main import get_command

from bot.cli import app
from bot.config import PREFIX, SECRETS, Settings

ROOT: Final = Path(__file__).parent.parent
MAY_IMPORT: Final = {
    "flows": {"flows"},
    "storage": {"storage", "flows"},
    "bot": {"bot", "storage", "flows", "locales"},
    "locales": {"locales"},
}
ROOMS: Final = {*MAY_IMPORT, "tests"}
WORLDLY: Final = {
    "aiohttp", "asyncio", "glob", "http", "httpx", "locale", "logging", "multiprocessing", "os", "pathlib", "platform", "requests",
    "secrets", "select", "shutil", "signal", "socket", "sqlite3", "ssl", "structlog", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib", "uuid", "warnings",
}  # fmt: skip
ASKS_THE_WORLD: Final = {"now", "today", "utcnow", "time_ns", "monotonic", "urandom", "uuid4", "SystemRandom"}
SPEAKS_SQL: Final = {"sqlalchemy", "alembic", "aiosqlite", "sqlite3", "pysqlite3", "asyncpg"}
TEXT: Final = {
    "", ".cfg", ".css", ".csv", ".html", ".in", ".ini", ".js", ".json", ".lock", ".mako", ".md", ".po", ".py", ".sh", ".svg", ".toml", ".txt", ".yaml", ".yml",
}  # fmt: skip


# Rooms.


@cache
def tree(path: Path) -> ast.Module:
    """A module's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(room: str) -> list[Path]:
    """Every Python file of a room."""
    return sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of what a module imports, wherever the import stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: import by the full name"
            yield node.module or "", node.lineno


def where(path: Path, line: int, what: str) -> str:
    """As an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}: {what}"


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_from_downstairs(room: str) -> None:
    upstairs = ROOMS - MAY_IMPORT[room]
    wrong = [
        where(path, line, name)
        for path in modules(room)
        for name, line in imports(path)
        if name.split(".")[0] in upstairs
    ]
    assert modules(room)
    assert wrong == []


def test_flows_touches_nothing_of_the_world() -> None:
    wrong = [
        where(path, line, name)
        for path in modules("flows")
        for name, line in imports(path)
        if name.split(".")[0] in WORLDLY
    ]
    for path in modules("flows"):
        wrong.extend(
            where(path, getattr(node, "lineno", 0), ast.unparse(node)[:60])
            for node in ast.walk(tree(path))
            if is_worldly(node)
        )
    assert wrong == []


def is_worldly(node: ast.AST) -> bool:
    """Awaits, opens, prints, or asks for the time or for chance without a seed."""
    if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
        return True
    if not isinstance(node, ast.Call):
        return False
    match node.func:
        case ast.Name(id="open" | "print" | "input" | "eval" | "exec" | "__import__"):
            return True
        case ast.Name(id="Random") | ast.Attribute(value=ast.Name(id="random"), attr="Random"):
            return not node.args
        case ast.Attribute(value=ast.Name(id="random")):
            return True
        case ast.Attribute(attr=attr):
            return (
                attr in ASKS_THE_WORLD
                and isinstance(node.func.value, ast.Name | ast.Attribute)
                and is_clock(node.func.value)
            )
        case _:
            return False


def is_clock(owner: ast.expr) -> bool:
    """A class or module of the standard library that knows the time, not a name of ours that holds one."""
    return ast.unparse(owner) in {
        "date",
        "datetime",
        "dt",
        "dt.date",
        "dt.datetime",
        "datetime.date",
        "datetime.datetime",
        "os",
        "uuid",
    }


@pytest.mark.parametrize(
    "source",
    ["date.today()", "datetime.now(tz)", "random.random()", "Random()", "open('x')", "async def f(): pass", "print(1)"],
)
def test_the_rule_of_purity_sees(source: str) -> None:
    assert any(is_worldly(node) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize(
    "source", ["Random(7)", "random.Random(seed)", "world.now.date()", "self.today()", "date(2026, 1, 1)"]
)
def test_the_rule_of_purity_lets_pass(source: str) -> None:
    assert not any(is_worldly(node) for node in ast.walk(ast.parse(source)))


def test_sql_is_spoken_in_storage_only() -> None:
    wrong = [
        where(path, line, name)
        for room in ("bot", "flows", "locales")
        for path in modules(room)
        for name, line in imports(path)
        if name.split(".")[0] in SPEAKS_SQL
    ]
    for path in (*modules("bot"), *modules("flows")):
        wrong.extend(
            where(path, node.lineno, node.value[:60])
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.match(r"\s*(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE)\b", node.value)
        )
    assert wrong == []


def test_every_package_that_is_shipped_is_there_and_every_module_is_in_one() -> None:
    shipped = pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(shipped) == set(MAY_IMPORT)
    without = {path.parent for room in shipped for path in modules(room) if not (path.parent / "__init__.py").exists()}
    scripts = {ROOT / "storage" / "migrations" / "versions"}  # read by Alembic from the folder, never imported
    assert without <= scripts


# README and docs.


def readme() -> str:
    """README.md."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def pages() -> list[Path]:
    """Every page for people."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def section(name: str) -> str:
    """What stands between the two marks of a generated part of README."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", readme(), re.DOTALL)
    assert found is not None, name
    return found[1]


def commands() -> dict[str, str]:
    """Every command as it is typed, and the first line of its help."""
    found: dict[str, str] = {}

    def walk(command: typer.core.TyperCommand | object, prefix: str) -> None:
        for name, one in getattr(command, "commands", {}).items():
            if hasattr(one, "commands"):
                walk(one, f"{prefix}{name} ")
            else:
                found[f"{prefix}{name}"] = (one.help or "").strip().split("\n")[0]

    walk(get_command(app), "")
    return found


def test_readme_tells_every_setting_its_default_and_meaning() -> None:
    rows = {cells[0]: cells[1:] for cells in map(cells_of, section("settings").splitlines()) if len(cells) == 3}
    for name, field in Settings.model_fields.items():
        default, meaning = rows[f"`{PREFIX}{name.upper()}`"]
        value = field.get_default()
        value = value.get_secret_value() if name in SECRETS else value
        told = "" if value is None or value == "" else f"`{str(value).lower() if isinstance(value, bool) else value}`"
        assert (default, meaning) == (told, field.description), name


def cells_of(line: str) -> list[str]:
    """The cells of a table's row."""
    return (
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if line.startswith("|")
        else []
    )


def test_readme_tells_every_command_with_its_help() -> None:
    rows = dict(cells[:2] for cells in map(cells_of, section("commands").splitlines()) if len(cells) == 2)
    told = {key.strip("`").removeprefix("khaosat "): words for key, words in rows.items() if key.startswith("`")}
    assert {" ".join(takewhile(str.islower, key.split())): words for key, words in told.items()} == commands()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.name))
def test_no_page_names_a_setting_or_command_that_does_not_exist(page: Path) -> None:
    words = page.read_text(encoding="utf-8")
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {
        f"{PREFIX}{name.upper()}_FILE" for name in SECRETS
    }
    assert set(re.findall(rf"{PREFIX}[A-Z0-9_]+", words)) - known == set()
    first = {command.split()[0] for command in commands()}
    named = re.findall(r"(?:`|^\s*(?:\$ )?)(?:\.venv/bin/)?(?:khaosat|python -m bot) ([a-z_]+)", words, re.MULTILINE)
    assert set(named) - first == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.name))
def test_every_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    ours = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in ours if not (page.parent / link).exists()] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = "\n".join(page.read_text(encoding="utf-8") for page in pages())
    taken = (ROOT / "tests" / "pictures.py").read_text(encoding="utf-8")
    for picture in (ROOT / "docs" / "pictures").glob("*"):
        assert picture.name in shown or picture.stem in taken, picture.name


# What we ship that others wrote.


def test_vendored_files_are_those_that_were_looked_at() -> None:
    folder = ROOT / "bot" / "web" / "static" / "vendor"
    entries = json.loads((folder / "vendor.json").read_text(encoding="utf-8"))
    for entry in entries:
        assert hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]
        assert (folder / entry["licence_file"]).exists()
    named = {entry[key] for entry in entries for key in ("file", "licence_file")} | {"vendor.json"}
    assert {path.name for path in folder.iterdir()} == named


def test_no_page_loads_anything_from_elsewhere() -> None:
    harmless = (
        r"https?://www\.w3\.org/[\w/]+"  # XML namespaces are names, nothing is fetched
        r"|href=\"https://t\.me/"  # a link that people press to go on in Telegram
    )
    wrong: list[str] = []
    for path in sorted((ROOT / "bot" / "web").rglob("*")):
        if path.suffix in {".css", ".html", ".js"}:
            words = re.sub(r"/\*!.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)  # licence headers
            found = re.findall(r"(?:https?:)?//[\w-]+\.[\w./-]+|@import", re.sub(harmless, "", words))
            wrong.extend(f"{path.name}: {one}" for one in found)
    assert wrong == []


# Dependencies.


def pyproject() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(name: str) -> dict[str, int]:
    """How many hashes each pinned project of a requirements file has."""
    found: dict[str, int] = {}
    last = ""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", line):
            last = normal(match[1])
            found.setdefault(last, 0)
        elif line.strip().startswith("--hash=sha256:"):
            found[last] += 1
        else:
            assert line.startswith("#") or not line.strip(), f"{name}: {line}"
    return found


def normal(project: str) -> str:
    """A project's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", project).lower()


def wanted(lines: list[str]) -> set[str]:
    """The projects that requirements name."""
    return {normal(Requirement(line).name) for line in lines}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes_and_no_address(name: str) -> None:
    assert min(pinned(name).values()) >= 1
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_every_dependency_is_among_the_requirements() -> None:
    project = pyproject()
    own = wanted(project["project"]["dependencies"]) | wanted(project["project"]["optional-dependencies"]["postgres"])
    assert own - set(pinned("requirements.txt")) == set()
    assert (own | wanted(project["dependency-groups"]["dev"])) - set(pinned("requirements-dev.txt")) == set()


def test_what_is_imported_is_a_dependency() -> None:
    project = pyproject()
    own = wanted(project["project"]["dependencies"]) | wanted(project["project"]["optional-dependencies"]["postgres"])
    called = {
        "telegram": "python-telegram-bot",
        "stdnum": "python-stdnum",
        "yaml": "pyyaml",
        "re2": "google-re2",
        "argon2": "argon2-cffi",
    }
    comes_with = {"markupsafe": "jinja2", "pydantic_core": "pydantic"}  # their own other halves
    tops = {
        name.split(".")[0]: where(path, line, name)
        for room in ("bot", "flows", "storage")
        for path in modules(room)
        for name, line in imports(path)
    }
    strange = {
        place
        for top, place in tops.items()
        if top not in ROOMS
        and top not in sys.stdlib_module_names
        and normal(called.get(top) or comes_with.get(top) or top) not in own
    }
    assert strange == set()


# What no file may tell.


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    hosts = [
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "npm" + "js.org",
        "npm" + "js.com",
        "js" + "delivr.net",
        "un" + "pkg.com",
    ]
    paths = re.compile(r"/(?:work|home)/|(?<!\))/root/")  # behind a bracket it is XPath: instance('list')/root/item
    wrong: list[str] = []
    for path in files():
        words = path.read_text(encoding="utf-8")
        found = [host for host in hosts if host in words] + paths.findall(words)
        wrong.extend(f"{path.relative_to(ROOT)}: {one}" for one in found)
    assert wrong == []


def files() -> list[Path]:
    """Every text file that belongs to the project."""
    ours = [ROOT / name for name in (*ROOMS, "docs", ".ci")]
    top = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in TEXT and path.name != ".git"]
    inside = (path for folder in ours for path in sorted(folder.rglob("*")) if path.is_file())
    return [*top, *(path for path in inside if path.suffix in TEXT and "__pycache__" not in path.parts)]
