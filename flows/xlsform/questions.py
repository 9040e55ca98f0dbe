"""One row of the survey sheet → a question, or what stands in for one."""

from collections.abc import Container, Mapping
from typing import Any, Final, get_args

from pydantic import ValidationError

from flows.model import SILENT, Chat, Choice, End, Jump, Meta, Question, Text
from flows.nearest import nearest
from flows.problems import problem
from flows.xlsform.cells import TRUTHS, Cells, parted
from flows.xlsform.notes import Notes, lived_with
from flows.xlsform.types import BLANK, KNOWN_TYPES, Asked, Attached, Begin, Cell, Finish, Noted, Passed, read_type
from flows.yaml_dialect.kinds import BadKind
from flows.yaml_dialect.questions import question_of


class Questions:
    """Makes the questions of one workbook. `lists` grows by those that `or_other` needs."""

    def __init__(
        self,
        notes: Notes,
        lists: Mapping[str, tuple[Choice, ...]],
        option: Text,
        question: Text,
        languages: tuple[str, ...],
        files: Container[str] = (),
    ) -> None:
        self._files = files
        self.lists = dict(lists)
        self._notes = notes
        self._option = _spoken(option, languages)
        self._question = _spoken(question, languages)

    def kind(self, cells: Cells) -> Cell | None:
        """What the row is; None: nothing, and why has been noted."""
        word = cells.text("type")
        if not word:
            self._without_type(cells)
            return None
        try:
            found = read_type(word)
        except BadKind:
            self._notes.add("sheet_type_skipped", cells.at("type"), type=word, instead="select_one LIST")
            return Passed("")
        if found is None:
            self._notes.add("sheet_type_skipped", cells.at("type"), type=word, instead=nearest(word, KNOWN_TYPES))
            return Passed("")
        return found

    def _without_type(self, cells: Cells) -> None:
        if cells.text("name") and cells.words("label"):
            self._notes.add("sheet_type_missing", cells.place, name=cells.text("name"))
        elif cells.text("name") or cells.words("label"):
            self._notes.add("sheet_row_incomplete", cells.place, column="type")

    def name(self, cells: Cells, kind: str) -> str:
        """The row's name, or one made from what it is and where it stands."""
        found = cells.text("name").removeprefix("${").removesuffix("}").strip()
        if found:
            return found
        made = (
            f"generated_note_name_{cells.row.number}" if kind == "note" else f"{kind}_{cells.row.number}"
        )  # pyxform's
        self._notes.add("sheet_name_given", cells.place, name=made)
        return made

    def items(self, cells: Cells, kind: Cell) -> tuple[Question, ...]:
        """The questions a row makes: one, two with `or_other`, none where nothing can refer to it."""
        match kind:
            case Noted(meta):
                return self._noted(cells, meta)
            case Passed(instead):
                if instead:
                    self._notes.add("sheet_type_skipped", cells.at("type"), type=cells.text("type"), instead=instead)
                return self._empty(cells)
            case Asked():
                return self._asked(cells, kind)
            case Attached(ending):
                self._attached(cells, cells.text("name") + ending)
                return ()
            case Begin() | Finish():
                return ()

    def _attached(self, cells: Cells, file: str) -> None:
        if file not in self._files:
            missing = problem("missing_table", cells.place, file=file, name=cells.text("name"))
            self._notes.problems.append(lived_with(missing))

    def _noted(self, cells: Cells, meta: Meta | None) -> tuple[Question, ...]:
        name = cells.text("name") or ("audit" if meta == "audit" else "")
        if meta is None or meta in BLANK:
            self._notes.add("sheet_metadata", cells.at("type"), type=cells.text("type"))
        if not name:
            return ()
        self._looks(cells)
        parameters = _parameters(cells.text("parameters"))
        return (Question(name=name, type="hidden", meta=meta, parameters=parameters, place=cells.place),)

    def _empty(self, cells: Cells) -> tuple[Question, ...]:
        """A value nobody fills, so that expressions that name it still run."""
        name = cells.text("name")
        return (Question(name=name, type="hidden", place=cells.place),) if name else ()

    def _asked(self, cells: Cells, asked: Asked) -> tuple[Question, ...]:
        if asked.instead:
            self._notes.add("sheet_type_replaced", cells.at("type"), type=cells.text("type"), instead=asked.instead)
        self._looks(cells)
        question = self._question_of(cells, asked)
        if not asked.or_other or question.list_name is None:
            return (question,)
        return self._with_other(question, question.list_name)

    def _looks(self, cells: Cells) -> None:
        """Says of each look and parameter that needs what a chat has not that the question is asked without it."""
        for word in cells.text("appearance").lower().split():
            if word in UNSEEN or word.startswith(UNSEEN_PREFIXES):
                self._notes.add("sheet_looks", cells.at("appearance"), word=word)
        for word in _parameters(cells.text("parameters")):
            if word.lower() in UNUSED:
                self._notes.add("sheet_looks", cells.at("parameters"), word=word)

    def _question_of(self, cells: Cells, asked: Asked) -> Question:
        kind = asked.kind
        name = self.name(cells, kind.type)
        question = question_of(
            cells,
            cells.place,
            name=name,
            type=kind.type,
            list_name=kind.list_name or (cells.text("chat::list") or None if kind.type in SILENT else None),
            file=kind.file,
            answers_of=kind.answers_of,
            label=cells.words("label") if kind.type in SILENT else self._label(cells, name),
            parameters=_parameters(cells.text("parameters")),
            media=cells.media(),
            chat=self._chat(cells),
            next=_jumps(cells),
            end=_end(cells),
        )
        empty = question.type == "calculate" and question.calculation is None
        return question.but(type="hidden") if empty else question

    def _label(self, cells: Cells, name: str) -> Text:
        label = cells.words("label") or cells.words("hint")
        if not label:
            self._notes.add("sheet_label_missing", cells.place, name=name)
        return label or cells.named(name)

    def _chat(self, cells: Cells) -> Chat:
        found: dict[str, Any] = {}
        for key in dict.fromkeys(c.key for c in cells.columns if c.key.startswith("chat::") and c.key not in _APART):
            word = cells.text(key)
            field = key.removeprefix("chat::")
            if not word:
                continue
            try:
                Chat.model_validate({field: _as_field(field, word)})
            except ValidationError:
                self._notes.add("sheet_word", cells.at(key), column=key, word=word)
            else:
                found[field] = _as_field(field, word)
        return Chat(**found)

    def _with_other(self, question: Question, list_name: str) -> tuple[Question, ...]:
        """Adds the option `other` and a free text after it, as other tools do, in our own words."""
        options = self.lists.get(list_name)
        if options is None:
            return (question,)
        if all(option.name != "other" for option in options):
            list_name = f"{list_name}_or_other"
            place = question.place
            self.lists[list_name] = (*options, Choice(name="other", label=self._option, place=place))
        more = Question(
            name=f"{question.name}_other",
            type="text",
            label=self._question,
            relevant=f"selected(${{{question.name}}}, 'other')",
            place=question.place,
        )
        return question.but(list_name=list_name), more


UNSEEN: Final = frozenset({  # drawing, maps, other apps, what is hidden while it is typed
    "draw", "annotate", "signature", "map", "maps", "quickmap", "image-map", "placement-map", "bearing", "masked",
})  # fmt: skip
UNSEEN_PREFIXES: Final = ("ex:", "printer:")
UNUSED: Final = frozenset({
    "max-pixels", "quality", "capture-accuracy", "warning-accuracy", "allow-mock-accuracy", "location-priority",
    "location-min-interval", "location-max-age", "track-changes", "track-changes-reasons", "identify-user", "app",
})  # fmt: skip
_APART: Final = frozenset({"chat::next", "chat::end", "chat::end_message", "chat::list"})


def _jumps(cells: Cells) -> tuple[Jump, ...]:
    """A line each: "question" or "question if condition"."""
    found = []
    for line in cells.text("chat::next").splitlines():
        to, _, when = line.strip().partition(" if ")
        if to:
            found.append(Jump(to=to.strip(), when=when.strip() or None, place=cells.at("chat::next")))
    return tuple(found)


def _end(cells: Cells) -> End | None:
    when = cells.expression("chat::end")
    return End(when=when, message=cells.words("chat::end_message"), place=cells.at("chat::end")) if when else None


def _spoken(words: Text, languages: tuple[str, ...]) -> Text:
    """Our words in the languages of the form; English where we have none."""
    return {language: words.get(language.split("-")[0]) or words.get("en", "") for language in languages}


def _parameters(cell: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in _spaced(cell).replace(",", " ").replace(";", " ").split())
    return {name: value for name, equals, value in pairs if equals and value}


def _spaced(cell: str) -> str:
    """`start = 1` as `start=1`."""
    return "=".join(part.strip() for part in cell.split("="))


def _as_field(field: str, word: str) -> object:
    """A cell as a field of `Chat` takes it: a list is parted by bars, or by commas where there is no bar."""
    known = Chat.model_fields.get(field)
    annotation: Any = known.annotation if known else None
    if bool in {annotation, *get_args(annotation)}:
        return TRUTHS.get(word.lower(), word)
    if Ellipsis in get_args(annotation):
        return parted(word)
    return word
