"""What a flow's questions and options are called, and which of them may leave the console: for pages and tables."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from flows.model import MEDIA, NUMBERS, SELECTS, SILENT, Flow, Item, Question, Repeat, Table, Text
from flows.recorded import recorded
from flows.session import Scalar, Shown
from flows.views import number_kind

Record = Mapping[str, Scalar]  # as `flows.session.Submitted` has it: values by instance path

_INSTANCE: Final = re.compile(r"\[\d+\]")
_HOLE: Final = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
_NAME: Final = re.compile(r"[^\W\d][\w.\-]*")
_ANY_NAME: Final = re.compile(r"/\s*\*|//|::")  # a path that may reach a question without naming it
_PLAIN: Final = SELECTS | NUMBERS | {"acknowledge", "date", "time", "datetime"}  # answers out of a form's own range

_CLOCKS: Final = frozenset({"start", "end", "today", "audit"})  # what a talk records of itself and names nobody


@dataclass(frozen=True, slots=True)
class Field:
    """One question as a place for values."""

    path: str  # without instance ids: "household/member/age"
    question: Question
    sections: tuple[Text, ...]  # the headings it stands under, outermost first
    repeat: str  # path of the innermost repeat it stands in; "" outside of all

    @property
    def name(self) -> str:
        """The question's name."""
        return self.question.name


class Codebook:
    """One flow's fields, in the order of the form, with their labels and options. Cheap to make, made once a flow."""

    def __init__(self, flow: Flow, also_kept: frozenset[str] = frozenset()) -> None:
        """`also_kept`: names of questions that stay inside although this version does not mark them."""
        self.flow = flow
        self._also_kept = also_kept
        self.fields: tuple[Field, ...] = tuple(_fields(recorded(flow), "", (), ""))
        self._by_path = {field.path: field for field in self.fields}
        self._by_name = {field.name: field for field in reversed(self.fields)}
        self._options: dict[str, Mapping[str, Text]] = {}

    def field(self, path: str) -> Field | None:
        """The field an instance path belongs to; None: the flow has no such question."""
        return self._by_path.get(_INSTANCE.sub("", path))

    def named(self, name: str) -> Field | None:
        """The first field of that name."""
        return self._by_name.get(name)

    def options(self, field: Field) -> Mapping[str, Text]:
        """Labels by option name, in the order of the list; empty when it is no select, or its list is made of answers.

        A calculation has options when a list bears its name: `sme_class` gives `micro`, the list `sme_class` its label.
        """
        question = field.question
        key = question.file or question.list_name or (question.name if question.type == "calculate" else "")
        if key not in self._options:
            self._options[key] = self._listed(key, question)
        return self._options[key]

    def words(self, text: Text, lang: str) -> str:
        """A text in that language, else in the flow's own, else in any it has."""
        return text.get(lang) or text.get(self.flow.default_language) or next((t for t in text.values() if t), "")

    def label(self, field: Field, lang: str, record: Record | None = None) -> str:
        """The question's label; `${name}` in it is filled from `record`, or shown as "…" without one."""

        def filled(hole: re.Match[str]) -> str:
            return self._told(hole[1], lang, record) if record is not None else "…"

        return _HOLE.sub(filled, self.words(field.question.label, lang)).strip() or field.name

    def option(self, field: Field, name: str, lang: str) -> str | None:
        """An option's label; None: the list has no such option."""
        found = self.options(field).get(name)
        return None if found is None else _HOLE.sub("…", self.words(found, lang)) or name

    def shown(self, field: Field, value: Scalar, lang: str) -> Shown:
        """A stored value as staff read it; a name that is in no list is shown as it is."""
        question = field.question
        if value is None or value == "":
            return Shown("none")
        if question.type in SELECTS or (question.type == "calculate" and self.options(field)):
            names = [str(value)] if question.type in {"select_one", "calculate"} else str(value).split()
            return Shown("options", str(value), tuple(self.option(field, name, lang) or name for name in names))
        if question.type in NUMBERS and not isinstance(value, str):
            return Shown(number_kind(question), value)
        if question.type in MEDIA:
            return Shown("file", str(value))
        match question.type:
            case "date" | "time" | "datetime":
                return Shown(question.type, str(value))
            case "geopoint":
                return Shown("place", str(value))
            case _:
                return Shown("text", value if isinstance(value, str) else f"{value:g}")

    def may_leave(self, field: Field) -> bool:
        """Whether its values can name nobody: not marked personal, no consent, no words of the respondent's own.

        A calculation may leave when nothing it is made of, however far back, is kept.
        """
        return field.path not in self._kept

    @cached_property
    def _kept(self) -> frozenset[str]:
        """Paths of what stays inside. A calculation that only names such a question counts as made of it."""
        kept = {f.path for f in self.fields if f.question.type != "calculate" and not _is_plain(f.question)}
        kept |= {f.path for f in self.fields if f.question.pii is not None or f.name in self._also_kept}
        formulas = {f.path: _mentioned(f.question) for f in self.fields if f.question.type == "calculate"}
        while True:
            names = {path.rsplit("/", 1)[-1] for path in kept}
            found = {path for path, mentioned in formulas.items() if mentioned is None or mentioned & names} - kept
            if not found:
                return frozenset(kept)
            kept |= found

    def _listed(self, key: str, question: Question) -> Mapping[str, Text]:
        if key in self.flow.choices:
            return {choice.name: choice.label for choice in self.flow.choices[key]}
        if key in self.flow.tables:
            return dict(_rows(self.flow.tables[key], question.parameters, self.flow.languages))
        return {}

    def _told(self, name: str, lang: str, record: Record) -> str:
        """What `${name}` in a label says: an answer, told the short way."""
        field = self.named(name)
        if field is None:
            return "…"
        shown = self.shown(field, record.get(field.path), lang)
        return ", ".join(shown.labels) or ("…" if shown.value is None else str(shown.value))


class Codebooks:
    """Codebooks by flow and version, made once: a version never changes."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Codebook] = {}

    def get(self, flow: str, version: str) -> Codebook | None:
        """One that was made before."""
        return self._made.get((flow, version))

    def of(self, flow: Flow) -> Codebook:
        """The codebook of a version."""
        key = (flow.name, flow.version)
        if key not in self._made:
            self._made[key] = Codebook(flow)
        return self._made[key]


def _fields(items: Iterable[Item], path: str, sections: tuple[Text, ...], repeat: str) -> Iterator[Field]:
    for item in items:
        here = path + item.name
        if isinstance(item, Question):
            yield Field(here, item, sections, repeat)
        else:
            inner = here if isinstance(item, Repeat) else repeat
            yield from _fields(item.items, here + "/", (*sections, item.label), inner)


def _is_plain(question: Question) -> bool:
    """Whether its answers come out of a range the form sets, so that nobody can write a name into them."""
    if question.meta is not None:
        return question.meta in _CLOCKS
    return (question.type in _PLAIN and question.answers_of is None) or question.type == "note"


def _mentioned(question: Question) -> frozenset[str] | None:
    """Every word of a calculation that could be a question's name; None: it may reach any."""
    source = f"{question.calculation or ''} {question.default or ''}"
    return None if _ANY_NAME.search(source) else frozenset(_NAME.findall(source))


def _rows(table: Table, parameters: Mapping[str, str], languages: Iterable[str]) -> Iterator[tuple[str, Text]]:
    """A file's rows as options: `value=` and `label=` name the columns, "name_en" goes before "name" in English."""
    value, label = parameters.get("value", "name"), parameters.get("label", "label")
    stem = label.removesuffix("_vi")
    columns = {lang: next((c for c in (f"{stem}_{lang}", label) if c in table.columns), label) for lang in languages}
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=False))
        yield cells.get(value, ""), {lang: cells.get(column, "") for lang, column in columns.items()}


def is_asked(field: Field) -> bool:
    """Whether people see it and answer it."""
    return field.question.type not in SILENT and field.question.type != "note"
