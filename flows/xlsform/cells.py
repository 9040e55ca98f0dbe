"""One row while it is read: what stands under a column, in which language, and where."""

import re
from collections.abc import Mapping
from typing import Final, get_args

from flows.expressions.functions import FUNCTIONS
from flows.expressions.functions.refused import UNSUPPORTED, VENDOR, VENDOR_PREFIXES
from flows.model import MediaKind, Text
from flows.problems import Place
from flows.xlsform.columns import Column
from flows.xlsform.languages import without_marks
from flows.xlsform.notes import Notes, place_of
from flows.xlsform.sheets import Row


class Cells:
    """A row by the keys of its columns. `places` collects where each value stands; "label.en" for one language."""

    def __init__(
        self, sheet: str, columns: tuple[Column, ...], row: Row, tongues: Mapping[str, str], notes: Notes | None = None
    ) -> None:
        self.sheet = sheet
        self.row = row
        self.columns = columns
        self.places: dict[str, Place] = {}
        self._tongues = tongues
        self._notes = notes or Notes()

    @property
    def place(self) -> Place:
        """The whole row."""
        return place_of(self.sheet, self.row)

    def at(self, key: str) -> Place:
        """The cell under a key, or the whole row."""
        return self.places.get(key, self.place)

    def text(self, key: str) -> str:
        """What a cell says; "" when it is blank or not there."""
        for column in self.columns:
            if column.key == key and (cell := self.row.cells.get(column.header)):
                self.places.setdefault(key, place_of(self.sheet, self.row, column.header))
                return cell
        return ""

    def word(self, key: str) -> str:
        """See `flows.yaml_dialect.questions.Row`."""
        return self.text(key)

    def expression(self, key: str) -> str | None:
        """An expression, with the quotes that a word processor bent made straight; None: blank.

        One that calls a function of another tool is left out, and noted: the form runs without it.
        """
        source = self.text(key).translate(STRAIGHT)
        foreign = next((name for name in _CALLED.findall(_QUOTED.sub("''", source)) if _is_foreign(name)), None)
        if foreign is not None:
            self._notes.add("sheet_function_dropped", self.at(key), function=foreign, column=key)
            return None
        return source or None

    def words(self, key: str) -> Text:
        """A text in every language it is written in; a lone "-" is a blank, as other tools write it."""
        found: dict[str, str] = {}
        plain = [c for c in self.columns if c.key == key and not c.language]
        for column in [*(c for c in self.columns if c.key == key and c.language), *plain]:
            cell = self.row.cells.get(column.header, "")
            code = self._tongues.get(column.language.lower(), "")
            if cell and cell != "-" and code and code not in found:
                found[code] = cell
                self.places.setdefault(f"{key}.{code}", place_of(self.sheet, self.row, column.header))
        first = self._tongues.get("", "")  # the default language
        return dict(sorted(found.items(), key=lambda each: each[0] != first))

    def media(self) -> dict[MediaKind, Text]:
        """The names of files by kind and language."""
        return {kind: files for kind in get_args(MediaKind) if (files := self.words(kind))}

    def named(self, name: str) -> Text:
        """A name in the place of missing words, in the default language."""
        return {code: name for code in (self._tongues.get("", ""),) if code}

    def truth(self, key: str) -> bool | None:
        """Yes or no in any of its spellings; None: blank or something else."""
        return TRUTHS.get(without_marks(self.text(key)))

    def rule(self, key: str) -> bool | str:
        """Yes, no, or the expression that decides it."""
        known = self.truth(key)
        return known if known is not None else self.expression(key) or False


def parted(cell: str) -> tuple[str, ...]:
    """The parts of a list: by bars, or by commas where there is no bar."""
    return tuple(part.strip() for part in cell.split("|" if "|" in cell else ",") if part.strip())


def _is_foreign(name: str) -> bool:
    return name not in FUNCTIONS and (name in VENDOR or name in UNSUPPORTED or name.startswith(VENDOR_PREFIXES))


_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALLED: Final = re.compile(r"([A-Za-z_][\w:.-]*)\s*\(")
STRAIGHT: Final = {ord(bent): "'" for bent in "\u2018\u2019\u201a\u2032"} | {
    ord(bent): '"' for bent in "\u201c\u201d\u201e\u2033"
}
TRUTHS: Final = {
    "yes": True, "y": True, "true": True, "true()": True, "1": True, "co": True, "x": True,
    "no": False, "n": False, "false": False, "false()": False, "0": False, "khong": False,
}  # fmt: skip
