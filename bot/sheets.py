"""Workbooks as they come in: bytes → sheets → a flow with all that is wrong or doubtful about it."""

import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from bot.i18n import LANGUAGES, words
from bot.library import PLACEHOLDERS
from flows.checks import check
from flows.model import Flow, Table, Text
from flows.problems import BadFlow, Problem
from flows.xlsform import (
    COLUMNS_MAX,
    READ,
    ROWS_MAX,
    Other,
    Sheet,
    lived_with,
    make_sheet,
    read_csv,
    read_markdown,
    to_flow,
)
from flows.xlsform.notes import sheet_problem

BYTES_MAX: Final = 5_000_000
UNPACKED_MAX: Final = 100_000_000  # bytes of all parts of a workbook together
ENDINGS: Final = (".xlsx", ".xlsm", ".xls", ".csv", ".md")
_CELLS_MAX: Final = 4 * ROWS_MAX * COLUMNS_MAX  # of one sheet's rectangle: the reader keeps every cell of it in memory


def is_workbook(name: str) -> bool:
    """Whether a file of this name is for `draft_workbook`."""
    return name.lower().endswith(ENDINGS)


def draft_workbook(
    data: bytes, name: str, tables: Mapping[str, Table] | None = None
) -> tuple[Flow | None, tuple[Problem, ...]]:
    """A flow as far as a workbook can be read, and everything that is wrong or doubtful about it.

    Args:
        data: of a file .xlsx, .xls, .csv or .md; what it is is seen from the bytes.
        name: of the file.
        tables: files that lie beside it, by name.
    """
    try:
        sheets = read_workbook(data, name)
    except BadFlow as bad:
        return None, bad.problems
    flow, problems = to_flow(sheets, PurePath(name).stem, tables=tables, other=_other())
    if flow is not None:
        problems = (*problems, *map(lived_with, check(flow, placeholders=PLACEHOLDERS)))
    return flow, problems


def read_workbook(data: bytes, name: str) -> tuple[Sheet, ...]:
    """The sheets of a form that mean something to us: survey, choices, settings, external_choices.

    Raises:
        BadFlow: sheet_not_workbook, sheet_too_large or sheet_unreadable.
    """
    if len(data) > BYTES_MAX:
        raise _too_large()
    if data.startswith(_ZIP):
        _look_into(data)
        return _calamine(data)
    if data.startswith(_OLE):
        return _calamine(data)
    return _text(data, name)


_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _too_large() -> BadFlow:
    return BadFlow([sheet_problem("sheet_too_large", rows=str(ROWS_MAX), columns=str(COLUMNS_MAX))])


def _text(data: bytes, name: str) -> tuple[Sheet, ...]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFlow([sheet_problem("sheet_not_workbook", name=name)]) from None
    if "\x00" in text or not text.strip():
        raise BadFlow([sheet_problem("sheet_not_workbook", name=name)])
    return read_markdown(text) if text.lstrip().startswith("|") else read_csv(text)


def _look_into(data: bytes) -> None:
    """Refuses a package that unpacks to too much, or whose cells stand too far apart, before it is unpacked for good."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            if sum(info.file_size for info in infos) > UNPACKED_MAX:
                raise _too_large()
            for info in infos:  # whatever it is called: a workbook may keep its sheets anywhere
                part = package.read(info)
                if b"sheetData" in part:
                    _measure(part)
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
        zlib.error,
    ) as wrong:
        raise BadFlow([sheet_problem("sheet_unreadable", what=str(wrong))]) from None


def _measure(sheet: bytes) -> None:
    """Refuses a sheet whose filled cells span too much; cells need not say where they are, then they follow each other."""
    rows = columns = 0
    for letters, digits in _FILLED.findall(sheet):
        rows = max(rows, int(digits))
        columns = max(columns, _number(letters))
    if _UNPLACED.search(sheet):
        lines = _LINE.split(sheet)[1:]
        columns = max(columns, *(len(_UNPLACED.findall(line)) for line in lines), 0)
        rows = max(rows, len(lines), *(int(digits) for digits in _LINE_NUMBER.findall(sheet)))
    if rows * columns > _CELLS_MAX:
        raise _too_large()


_FILLED: Final = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^<>]*(?<!/)>")
_UNPLACED: Final = re.compile(rb"<(?:\w+:)?c(?=[\s>])(?![^<>]*\sr=)[^<>]*(?<!/)>")
_LINE: Final = re.compile(rb"<(?:\w+:)?row(?=[\s>/])")
_LINE_NUMBER: Final = re.compile(rb"<(?:\w+:)?row\s(?:[^<>]*?\s)?r=[\"'](\d{1,7})[\"']")


def _number(letters: bytes) -> int:
    """A column's number: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _calamine(data: bytes) -> tuple[Sheet, ...]:
    """Reads in a process of its own: a torn workbook can make the library ask for more memory than there is and abort."""
    command = [sys.executable, "-I", "-c", _CHILD, str(_MEMORY_MAX), json.dumps(READ), str(ROWS_MAX + 2)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS_MAX, check=True)  # noqa: S603 — our own words only
    except subprocess.SubprocessError as wrong:
        raise BadFlow([sheet_problem("sheet_unreadable", what=type(wrong).__name__)]) from None
    return tuple(make_sheet(name, lines) for name, lines in json.loads(done.stdout))


_MEMORY_MAX: Final = 2_000_000_000  # bytes
_SECONDS_MAX: Final = 20
_CHILD: Final = """
import io, json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
wanted = [name for name in book.sheet_names if name.strip().lower() in json.loads(sys.argv[2])]
sheets = [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=int(sys.argv[3]))) for name in wanted]
json.dump(sheets, sys.stdout, default=str)
"""


def _other() -> Other:
    def in_all(key: str) -> Text:
        return {lang: words().say(lang, key) for lang in LANGUAGES}

    return Other(in_all("xlsform.other"), in_all("xlsform.specify"))
