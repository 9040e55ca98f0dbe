"""The rows of a choices sheet → lists."""

from collections.abc import Iterable
from typing import Final

from flows.model import Choice
from flows.xlsform.cells import STRAIGHT, Cells, parted
from flows.xlsform.columns import MEDIA
from flows.xlsform.notes import Notes


def read_lists(rows: Iterable[Cells], notes: Notes) -> dict[str, tuple[Choice, ...]]:
    """Every list by name; an option without a label is called by its name. Rows that belong to no list are passed."""
    found: dict[str, list[Choice]] = {}
    for cells in rows:
        list_name, name = cells.text("list_name"), cells.text("name")
        if list_name and name:
            found.setdefault(list_name, []).append(_choice(cells, name))
        elif list_name or name:
            notes.add("sheet_row_incomplete", cells.place, column="name" if list_name else "list_name")
    return {name: tuple(options) for name, options in found.items()}


def _choice(cells: Cells, name: str) -> Choice:
    label = cells.words("label")
    name = name.translate(STRAIGHT)  # expressions are straightened too, and have to find it
    columns = {
        column.header: cell
        for column in cells.columns
        if column.key not in _OWN and (cell := cells.row.cells.get(column.header))
    }
    aliases = parted(cells.text("chat::aliases"))
    return Choice(
        name=name,
        label=label or cells.named(name),
        aliases=aliases,
        media=cells.media(),
        columns=columns,
        place=cells.place,
    )


_OWN: Final = frozenset({"list_name", "name", "label", "chat::aliases"}) | MEDIA
