"""Workbooks as they come in: bytes → sheets → a flow with all that is wrong or doubtful about it."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final

from bot.i18n import LANGUAGES, words
from bot.judge import judged
from bot.library import PLACEHOLDERS, tables_beside, torn
from bot.media import with_media
from bot.sheet_reader import ZIP
from flows.checks import check
from flows.model import Flow, Table, Text
from flows.problems import BadFlow, Problem
from flows.xform import read_xform
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
    data: bytes, name: str, tables: Mapping[str, Table] | None = None, *, with_judge: bool = False
) -> tuple[Flow | None, tuple[Problem, ...]]:
    """A flow as far as a workbook can be read, and everything that is wrong or doubtful about it.

    Args:
        data: of a file .xlsx, .xls, .csv or .md; what it is is seen from the bytes.
        name: of the file.
        tables: files that lie beside it, by name.
        with_judge: also hear pyxform, which takes about a second.
    """
    try:
        sheets = read_workbook(data, name)
    except BadFlow as bad:
        return None, bad.problems
    flow, problems = to_flow(sheets, PurePath(name).stem, tables=tables, other=_other())
    if flow is not None:
        problems = (*problems, *map(lived_with, check(flow, placeholders=PLACEHOLDERS)))
    return flow, judged(sheets, problems) if with_judge and flow is not None else problems


def draft_beside(path: Path, *, with_judge: bool = False) -> tuple[Flow | None, tuple[Problem, ...]]:
    """The same of a file on disk, with the tables and media that lie beside it; what cannot be read is told as well."""
    if path.suffix.lower() == ".xml":
        return draft_xform(path.read_text(encoding="utf-8-sig"), path.name)
    tables, bad = tables_beside(path.parent)
    flow, problems = draft_workbook(path.read_bytes(), path.name, tables, with_judge=with_judge)
    problems = (*map(lived_with, torn(bad, problems)), *problems)
    if flow is None:
        return None, problems
    flow, missing = with_media(flow, path.parent, path.name)
    return flow, (*problems, *missing)


def draft_xform(text: str, name: str) -> tuple[Flow | None, tuple[Problem, ...]]:
    """The same of an XForm, as ODK's tools make it."""
    flow, problems = read_xform(text, name)
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
    if data.startswith(ZIP):
        try:
            zipfile.ZipFile(io.BytesIO(data)).close()  # only its table of contents, which is no larger than the file
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as wrong:
            raise BadFlow([sheet_problem("sheet_unreadable", what=str(wrong))]) from None
    if data.startswith((ZIP, _OLE)):
        return _apart(data)
    return _text(data, name)


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


def _apart(data: bytes) -> tuple[Sheet, ...]:
    """Reads in a process of its own, with bounds to its time and memory."""
    asked = {
        "memory": _MEMORY_MAX, "unpacked": UNPACKED_MAX, "cells": _CELLS_MAX, "rows": ROWS_MAX + 2, "names": list(READ),
    }  # fmt: skip
    command = [sys.executable, "-I", str(PurePath(__file__).with_name("sheet_reader.py")), json.dumps(asked)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS_MAX, check=True)  # noqa: S603 — our own words only
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as wrong:
        raise BadFlow([sheet_problem("sheet_unreadable", what=type(wrong).__name__)]) from None
    if "sheets" in told:
        return tuple(make_sheet(name, lines) for name, lines in told["sheets"])
    raise _too_large() if "too_large" in told else BadFlow([sheet_problem("sheet_unreadable", what=told["unreadable"])])


_MEMORY_MAX: Final = 500_000_000  # bytes, of address space
_SECONDS_MAX: Final = 20


def _other() -> Other:
    def in_all(key: str) -> Text:
        return {lang: words().say(lang, key) for lang in LANGUAGES}

    return Other(in_all("xlsform.other"), in_all("xlsform.specify"))
