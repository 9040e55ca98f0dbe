"""A sheet as rows that remember where they stood."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from flows.problems import BadFlow, Place, Problem

ROWS_MAX: Final = 20_000
COLUMNS_MAX: Final = 200
READ: Final = ("survey", "choices", "settings", "external_choices", "entities")  # sheets that mean something to us


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the sheet, counted from 1 with the headers, and its filled cells by header."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name in small letters, its headers in order as written, its rows that hold anything."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def make_sheet(name: str, lines: Iterable[Sequence[object]]) -> Sheet:
    """A sheet of raw cells: the first line that holds anything has the headers; a header twice counts once.

    Raises:
        BadFlow: sheet_too_large.
    """
    name = name.strip().lower()
    headers: tuple[str, ...] = ()
    rows: list[Row] = []
    for number, line in enumerate(islice(lines, ROWS_MAX + 2), start=1):
        cells = [cell_text(cell) for cell in line]
        while cells and not cells[-1]:
            cells.pop()
        if number > ROWS_MAX + 1 or len(cells) > COLUMNS_MAX:
            raise too_large(name)
        if not cells:
            continue
        if not headers:
            headers = tuple(cells)
        elif filled := _by_header(headers, cells):
            rows.append(Row(number, filled))
    return Sheet(name, tuple(dict.fromkeys(header for header in headers if header)), tuple(rows))


def too_large(sheet: str) -> BadFlow:
    """What is raised where a sheet has more than anybody asks people."""
    facts = {"rows": str(ROWS_MAX), "columns": str(COLUMNS_MAX)}
    return BadFlow([Problem(code="sheet_too_large", place=Place(sheet=sheet), facts=facts)])


def cell_text(cell: object) -> str:
    """What a cell says: stripped, 1.0 as 1, truths as TRUE and FALSE, control characters gone.

    >>> cell_text(1.0)
    '1'
    """
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return _CONTROLS.sub("", str(cell)).replace("\u00a0", " ").strip() if cell is not None else ""


_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\ud800-\udfff]")


def _by_header(headers: tuple[str, ...], cells: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header, cell in zip(headers, cells, strict=False):
        if header and cell:
            found.setdefault(header, cell)
    return found
