"""Sheets as ODK's own tools want them: one spelling for each header, each row where it stood, nothing that is only ours."""

from collections.abc import Iterable, Mapping
from typing import Final

from flows.xlsform.columns import MEDIA, Column, read_columns
from flows.xlsform.sheets import Sheet

OURS: Final = frozenset({"pii", "official", "indicator"})


def plain_sheets(sheets: Iterable[Sheet]) -> dict[str, list[dict[str, str]]]:
    """The rows of each sheet that has any, by its name, a row as its cells by header; `survey_header` and so on name the headers.

    Row n of the sheet is row n - 2 of the list, blank ones included, since ODK's tools number rows from there. The same list
    may have an option twice: ODK's setting that allows it is set.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for sheet in sheets:
        if sheet.rows:
            rows = _rows(sheet)  # of entities no row may be blank, not even where a line above the sheet was
            found[sheet.name] = list(filter(None, rows)) if sheet.name == "entities" else rows
            found[f"{sheet.name}_header"] = [dict.fromkeys((h for row in found[sheet.name] for h in row), "")]
    settings = next((row for row in found.get("settings", ()) if row), {})
    settings = {**settings, "allow_choice_duplicates": "yes"}
    return found | {"settings": [settings], "settings_header": [dict.fromkeys(settings, "")]}


def _rows(sheet: Sheet) -> list[dict[str, str]]:
    headers = {column.header: spelled for column in read_columns(sheet.headers) if (spelled := _header(column))}
    rows: list[dict[str, str]] = [{} for _ in range(sheet.rows[-1].number - 1)] if sheet.rows else []
    for row in sheet.rows:
        rows[row.number - 2] = _cells(headers, row.cells)
    return rows


def _cells(headers: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    """Where two headers mean the same, the first filled cell counts."""
    found: dict[str, str] = {}
    for header, spelled in headers.items():
        if cell := cells.get(header):
            found.setdefault(spelled, cell)
    return found


def _header(column: Column) -> str:
    if column.key.startswith("chat::") or column.key in OURS or (column.language and column.key == "form_title"):
        return ""
    key = f"media::{column.key}" if column.key in MEDIA else column.key
    return f"{key}::{column.language}" if column.language else key
