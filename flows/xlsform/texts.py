"""Workbooks that are texts: a CSV file with a column for the sheet, and Markdown tables."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flows.problems import BadFlow
from flows.xlsform.notes import sheet_problem
from flows.xlsform.sheets import READ, Row, Sheet, make_sheet


def read_csv(text: str) -> tuple[Sheet, ...]:
    """The sheets of a CSV file: a filled first cell names a sheet, its headers stand in the same or the next line.

    A file whose first line has the header `type` is a survey and nothing else.

    Raises:
        BadFlow: sheet_unreadable or sheet_too_large.
    """
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as wrong:
        raise BadFlow([sheet_problem("sheet_unreadable", what=str(wrong))]) from None
    head = next((line for line in lines if any(cell.strip() for cell in line)), [])
    if "type" in {cell.strip().lower() for cell in head}:
        return (make_sheet("survey", lines),)
    return _sheets(lines)


def read_markdown(text: str) -> tuple[Sheet, ...]:
    """The sheets of a text with `| survey | | |` above each table, as forms are shown in forums and tests.

    Raises:
        BadFlow: sheet_too_large.
    """
    return _sheets([_cells(line) for line in text.splitlines()])


def _cells(line: str) -> list[str]:
    line = line.strip()
    if not line.startswith("|") or _RULE.fullmatch(line):
        return []
    inner = line[1:-1] if len(line) > 1 and line.endswith("|") else line[1:]
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(inner)]


_BAR: Final = re.compile(r"(?<!\\)\|")
_RULE: Final = re.compile(r"[|\s:-]*")


def _sheets(lines: Sequence[Sequence[str]]) -> tuple[Sheet, ...]:
    """Each sheet with the line numbers of the whole text."""
    found: dict[str, list[tuple[int, Sequence[str]]]] = {}
    name = ""
    for number, line in enumerate(lines, start=1):
        if line and line[0].strip().lower() in READ:
            name = line[0].strip().lower()
            found.setdefault(name, [])
        if name and any(cell.strip() for cell in line[1:]):
            found[name].append((number, line[1:]))
    return tuple(_renumbered(name, numbered) for name, numbered in found.items())


def _renumbered(name: str, numbered: Sequence[tuple[int, Sequence[str]]]) -> Sheet:
    sheet = make_sheet(name, (cells for _, cells in numbered))
    return Sheet(sheet.name, sheet.headers, tuple(_moved(sheet.rows, {n: m for n, (m, _) in enumerate(numbered, 1)})))


def _moved(rows: Sequence[Row], lines: Mapping[int, int]) -> Iterator[Row]:
    for row in rows:
        yield Row(lines[row.number], row.cells)
