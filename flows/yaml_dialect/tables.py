"""CSV text → a table, as spreadsheets in any language write it."""

import csv
import io
from collections import Counter
from typing import Final

from flows.model import Table
from flows.problems import BadFlow, Place, Problem

BYTES_MAX: Final = 10_000_000  # 100,000 rows of 100 letters
ROWS_MAX: Final = 200_000


def read_table(text: str, name: str) -> Table:
    """The rows of a CSV file by the names in its first line; cells are stripped texts, blank lines are passed over.

    A byte order mark is accepted, and `;` or tab for the comma where the first line has more of those:
    a Vietnamese Excel writes semicolons.

    Raises:
        BadFlow: table_empty, table_column, table_row, table_too_large or table_syntax, each with its line.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > BYTES_MAX:
        raise BadFlow([Problem(code="table_too_large", place=Place(file=name), facts={"most": str(BYTES_MAX)})])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    problems: list[Problem] = []
    columns: tuple[str, ...] | None = None
    rows: list[tuple[str, ...]] = []
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            place = Place(file=name, line=reader.line_num)
            if not any(cells):
                continue
            if columns is None:
                columns = cells
                problems += _bad_columns(columns, place)
            elif len(cells) != len(columns):
                facts = {"cells": str(len(cells)), "columns": str(len(columns))}
                problems.append(Problem(code="table_row", place=place, facts=facts))
            else:
                rows.append(cells)
            if len(rows) > ROWS_MAX:
                raise BadFlow([Problem(code="table_too_large", place=place, facts={"most": str(ROWS_MAX)})])
    except csv.Error as wrong:
        place = Place(file=name, line=max(reader.line_num, 1))
        problems.append(Problem(code="table_syntax", place=place, facts={"what": str(wrong)}))
    if columns is None and not problems:
        problems.append(Problem(code="table_empty", place=Place(file=name)))
    if problems:
        raise BadFlow(problems)
    return Table(columns=columns or (), rows=tuple(rows))


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _bad_columns(columns: tuple[str, ...], place: Place) -> list[Problem]:
    bad = sorted(name for name, times in Counter(columns).items() if not name or times > 1)
    return [Problem(code="table_column", place=place, facts={"column": name}) for name in bad]
