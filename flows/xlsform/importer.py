"""Sheets → a flow: settings, lists, and the rows of the survey as groups and repeats within each other."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flows.model import Choice, Entity, Flow, Group, Item, Question, Repeat, Table, Text
from flows.problems import Place, Problem
from flows.xlsform.cells import Cells, parted
from flows.xlsform.choices import read_lists
from flows.xlsform.columns import CHOICES, SETTINGS, SURVEY, Column, read_columns
from flows.xlsform.notes import Notes
from flows.xlsform.questions import Questions
from flows.xlsform.sheets import Row, Sheet
from flows.xlsform.tongues import Tongues, read_tongues
from flows.xlsform.types import Begin, Finish, Nest

GROUPS_DEEP: Final = 20  # within each other; deeper ones are not nested any further


@dataclass(frozen=True, slots=True)
class Other:
    """Our words for the two things that `or_other` adds, by language: the option, and the question after it."""

    option: Text = field(default_factory=lambda: {"en": "Other"})
    question: Text = field(default_factory=lambda: {"en": "Please specify"})


def to_flow(
    sheets: Sequence[Sheet],
    name: str = "form",
    *,
    language: str = "vi",
    tables: Mapping[str, Table] | None = None,
    other: Other | None = None,
) -> tuple[Flow | None, tuple[Problem, ...]]:
    """The flow that sheets describe, and everything that is wrong or doubtful about reading them.

    Args:
        sheets: as `make_sheet` makes them.
        name: of the file without its ending, for a form that does not say its own.
        language: code of the words that stand under a header without a language, where settings name none.
        tables: files that selects and expressions look into, by name.
        other: our words for `or_other`.

    None instead of a flow where there is no survey to read. Nothing in the sheets raises.
    """
    by_name = {sheet.name: sheet for sheet in reversed(sheets)}
    notes = Notes()
    survey = by_name.get("survey")
    if survey is None:
        notes.add("sheet_missing", Place(), sheet="survey", found=", ".join(sheet.name for sheet in sheets)[:200])
        return None, tuple(notes.problems)
    columns = read_columns(survey.headers)
    foreign = _dialect(survey)
    if foreign or not any(column.key == "type" for column in columns):
        code, facts = (
            ("sheet_other_dialect", {"dialect": foreign}) if foreign else ("sheet_column_missing", {"column": "type"})
        )
        notes.add(code, Place(sheet="survey", row=1), **facts)
        return None, tuple(notes.problems)
    flow = _Importer(by_name, columns, notes, language, other or Other()).flow(survey, name, tables or {})
    return flow, tuple(notes.problems)


def _dialect(survey: Sheet) -> str:
    headers = {header.lower() for header in survey.headers}
    if "clause" in headers or "values_list" in headers:
        return "ODK-X"
    return "formr" if "showif" in headers else ""


@dataclass(slots=True)
class _Nest:
    """A group or repeat whose rows are still coming in."""

    kind: Nest
    name: str
    cells: Cells
    items: list[Item] = field(default_factory=list)


class _Importer:
    """Reads one workbook."""

    def __init__(
        self, sheets: Mapping[str, Sheet], survey: tuple[Column, ...], notes: Notes, language: str, other: Other
    ) -> None:
        self._notes = notes
        self._other = other
        self._columns = {name: read_columns(sheet.headers) for name, sheet in sheets.items()} | {"survey": survey}
        settings = sheets.get("settings", Sheet("settings", (), ()))
        self._settings = self._cells(settings, 0, {}) if settings.rows else None
        self._tongues = self._languages(sheets, language)
        if settings.rows:
            self._settings = self._cells(settings, 0, self._tongues.codes)
        self._lists = self._choices(sheets)
        rows = sheets["entities"] if "entities" in sheets else Sheet("entities", (), ())
        self._entity_rows = [self._cells(rows, number, self._tongues.codes) for number in range(len(rows.rows))]

    def _languages(self, sheets: Mapping[str, Sheet], language: str) -> Tongues:
        spelled = self._settings.text("default_language") if self._settings else ""
        looked_at = [(self._columns[name], sheets[name]) for name in ("survey", "choices") if name in sheets]
        tongues = read_tongues(looked_at, spelled, language)
        for spelling, code in tongues.made.items():
            self._notes.add("sheet_language_unknown", Place(), language=spelling, language_code=code)
        return tongues

    def _choices(self, sheets: Mapping[str, Sheet]) -> dict[str, tuple[Choice, ...]]:
        found: dict[str, tuple[Choice, ...]] = {}
        for name in ("external_choices", "choices"):
            if name in sheets:
                rows = [self._cells(sheets[name], n, self._tongues.codes) for n in range(len(sheets[name].rows))]
                found |= read_lists(rows, self._notes)
        return found

    def _cells(self, sheet: Sheet, number: int, tongues: Mapping[str, str]) -> Cells:
        return Cells(sheet.name, self._columns.get(sheet.name, ()), sheet.rows[number], tongues, self._notes)

    def flow(self, survey: Sheet, name: str, tables: Mapping[str, Table]) -> Flow:
        """Everything together."""
        self._columns_told()
        other = self._other
        questions = Questions(self._notes, self._lists, other.option, other.question, self._tongues.all, tables)
        items = self._items(survey, questions)
        said = self._settings or Cells("settings", (), _NOTHING, {})
        form_id = said.text("form_id") or name
        title = said.words("form_title") or {self._tongues.default: form_id}
        entities = self._entities()
        self._saved_nowhere(items, entities)
        return Flow(
            name=_slug(form_id) or _slug(name) or "form",
            version=said.text("version") or "1",
            title=title,
            default_language=self._tongues.default,
            languages=self._tongues.all,
            items=items,
            choices=questions.lists,
            tables=dict(tables),
            welcome=said.words("chat::welcome"),
            thank_you=said.words("chat::thank_you"),
            declined=said.words("chat::declined"),
            instance_name=said.expression("instance_name"),
            audience=said.text("chat::audience") or None,
            channels=parted(said.text("chat::channels")),
            staff_only=said.truth("chat::staff_only") or False,
            anonymous_allowed=said.truth("chat::anonymous_allowed") or False,
            one_open_per=parted(said.text("chat::one_open_per")),
            summary=parted(said.text("chat::summary")),
            entities=entities,
            place=Place(sheet="survey"),
            places=said.places,
        )

    def _entities(self) -> tuple[Entity, ...]:
        """The rows of the sheet `entities`: what a record creates or updates elsewhere."""
        found: list[Entity] = []
        for cells in self._entity_rows:
            name = cells.text("list_name") or cells.text("dataset")
            if not name:
                self._notes.add("sheet_row_incomplete", cells.place, column="list_name")
                continue
            label, create_if, update_if, entity_id = map(
                cells.expression, ("label", "create_if", "update_if", "entity_id")
            )
            found.append(
                Entity(
                    list_name=name, label=label, create_if=create_if, update_if=update_if, entity_id=entity_id,
                    place=cells.place,
                )
            )  # fmt: skip
        return tuple(found)

    def _saved_nowhere(self, items: Sequence[Item], entities: tuple[Entity, ...]) -> None:
        """Says of `save_to` without a sheet `entities` that it has no effect."""
        todo = list(reversed(items))
        while todo and not entities:
            item = todo.pop()
            if not isinstance(item, Question):
                todo.extend(reversed(item.items))
            elif item.save_to:
                place = item.places.get("save_to", item.place)
                self._notes.add("sheet_column_ignored", place, column="save_to")
                return

    def _columns_told(self) -> None:
        """Says once of each column that means something elsewhere, or that nobody knows, that it is not used."""
        if self._settings is not None and self._settings.text("public_key"):
            self._notes.add("sheet_encrypted", self._settings.at("public_key"))
        known = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}
        for sheet, keys in known.items():
            for column in self._columns.get(sheet, ()):
                inert = column.key in keys or column.key.startswith("chat::") or sheet == "choices"
                if not inert and column.key not in _INERT:
                    place = Place(sheet=sheet, row=1, column=column.header)
                    self._notes.add("sheet_column_ignored", place, column=column.header)

    def _items(self, survey: Sheet, questions: Questions) -> tuple[Item, ...]:
        top: list[Item] = []
        path: list[_Nest] = []
        for number in range(len(survey.rows)):
            cells = self._cells(survey, number, self._tongues.codes)
            if cells.truth("disabled") or cells.text("type").startswith("#"):
                continue
            kind = questions.kind(cells)
            if isinstance(kind, Begin):
                for medium, files in cells.media().items():  # a heading has no room for them
                    place = cells.at(f"{medium}.{next(iter(files))}")
                    self._notes.add("sheet_column_ignored", place, column=medium)
                path.append(_Nest(kind.nest, questions.name(cells, kind.nest), cells))
            elif isinstance(kind, Finish):
                self._close(kind, cells, path, top)
            elif kind is not None:
                (path[-1].items if path else top).extend(questions.items(cells, kind))
        for nest in reversed(path):
            self._notes.add("sheet_group_open", nest.cells.at("type"), name=nest.name, kind=nest.kind)
        while path:
            self._frozen(path, top)
        return tuple(top)

    def _close(self, end: Finish, cells: Cells, path: list[_Nest], top: list[Item]) -> None:
        opened = path[-1].kind if path else ""
        if end.nest != opened:
            self._notes.add("sheet_end_unexpected", cells.at("type"), kind=end.nest, open=opened)
        if path:
            self._frozen(path, top)

    def _frozen(self, path: list[_Nest], top: list[Item]) -> None:
        """Closes the innermost group and puts it where it belongs."""
        nest = path.pop()
        into = path[-1].items if path else top
        if len(path) >= GROUPS_DEEP:
            self._notes.add("sheet_groups_deep", nest.cells.place, name=nest.name, most=str(GROUPS_DEEP))
            into.extend(nest.items)
            return
        into.append(_group(nest))


def _group(nest: _Nest) -> Item:
    cells, items = nest.cells, tuple(nest.items)
    label, relevant, appearance = cells.words("label"), cells.expression("relevant"), cells.text("appearance")
    if nest.kind == "repeat":
        count = cells.expression("repeat_count")
        return Repeat(
            name=nest.name, label=label, relevant=relevant, appearance=appearance, place=cells.place,
            places=cells.places, count=count, items=items,
        )  # fmt: skip
    return Group(
        name=nest.name, label=label, relevant=relevant, appearance=appearance, place=cells.place,
        places=cells.places, items=items,
    )  # fmt: skip


def _slug(words: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", words).strip("_")[:40].strip("_")


_INERT: Final = frozenset({  # columns that change nothing in a chat, or are notes of the author
    "note", "notes", "comment", "comments", "autoplay", "rows", "publishable", "minimum_seconds", "response_note",
    "style", "submission_url", "public_key", "allow_choice_duplicates", "auto_send", "auto_delete", "namespaces",
    "clean_text_values", "sms_keyword", "sms_separator", "client_editable", "list_name",
})  # fmt: skip
_NOTHING: Final = Row(1, {})
