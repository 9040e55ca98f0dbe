"""Every form of a folder: YAML read here, workbooks in a process of their own, started only where there are any."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from bot.library import FORM_CSV, read_folder
from bot.media import MediaStore
from flows.model import Flow
from flows.problems import BadFlow, Place, Problem, problem

SECONDS_MAX: Final = 30  # of one workbook
MEMORY_MAX: Final = 500_000_000  # bytes of address space for one workbook, beyond what its reader has already
_STARTING_S: Final = 30  # for the reader itself, on a machine that is busy
_BOOKS: Final = (".xlsx", ".xlsm", ".xls")
_HEAD: Final = 65_536  # bytes of a .csv that are looked at to tell a form from a table


def read_flows(folder: Path, store: MediaStore) -> list[Flow]:
    """Every flow of a folder, in YAML or in a workbook; what they show is kept in `store`.

    Raises:
        BadFlow: the problems of all files at once.
        OSError: a file cannot be read.
    """
    found: list[Flow] = []
    problems: list[Problem] = []
    for read in (read_folder, _read_books):
        try:
            found += read(folder, store)
        except BadFlow as bad:
            problems += bad.problems
    if problems:
        raise BadFlow(problems)
    return found


def books_in(folder: Path) -> list[str]:
    """Names of the workbooks; of `.csv` files only those that are a form, and nothing that an editor left for itself."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith(("~$", ".")))
    return [name for name in names if name.lower().endswith(_BOOKS) or _is_form(folder / name)]


def _is_form(path: Path) -> bool:
    if path.suffix.lower() != ".csv":
        return False
    with path.open("rb") as stream:
        return re.search(FORM_CSV, stream.read(_HEAD).decode("utf-8", "replace")) is not None


def _read_books(folder: Path, store: MediaStore) -> list[Flow]:
    names = books_in(folder)
    if not names:
        return []
    found: list[Flow] = []
    problems: list[Problem] = []
    for name, told in zip(names, _told(folder, names), strict=True):
        if told is None:
            most = {"seconds": str(SECONDS_MAX), "megabytes": str(MEMORY_MAX // 1_000_000)}
            problems.append(problem("takes_too_much", Place(file=name), **most))
            continue
        problems += (_of_file(Problem.model_validate(each), name) for each in told["errors"])
        if told["flow"]:
            flow = Flow.model_validate_json(told["flow"])
            store.take(flow, folder, name)
            found.append(flow)
    if problems:
        raise BadFlow(problems)
    return found


def _of_file(one: Problem, name: str) -> Problem:
    return one.but(place=one.place.but(file=one.place.file or name))


def _told(folder: Path, names: list[str]) -> list[dict[str, str] | None]:
    """What the reader says of each workbook; None of one that took too much, or that it did not come to."""
    root = str(Path(__file__).resolve().parents[1])
    env = {key: value for key, value in os.environ.items() if not key.startswith("KHAOSAT_")}  # no secret goes there
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (root, env.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "bot.books_reader"]
    asked = {"folder": str(folder.resolve()), "names": names, "seconds": SECONDS_MAX, "memory": MEMORY_MAX}
    most = _STARTING_S + SECONDS_MAX * len(names)
    try:
        done = subprocess.run(  # noqa: S603 — our own words only
            command, input=json.dumps(asked), capture_output=True, text=True, env=env, timeout=most, check=False
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
    except (subprocess.TimeoutExpired, ValueError):
        lines = []
    return [*lines, *[None] * (len(names) - len(lines))]
