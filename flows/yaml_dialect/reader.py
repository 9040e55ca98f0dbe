"""YAML text → a flow, or every problem that keeps it from being one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, get_args

from flows.model import (
    SILENT,
    Chat,
    Choice,
    End,
    Entity,
    Flow,
    Group,
    Item,
    Jump,
    MediaKind,
    Question,
    Repeat,
    Table,
    Text,
)
from flows.problems import BadFlow, Place, Problem
from flows.yaml_dialect.attached import ENDINGS
from flows.yaml_dialect.kinds import ALIASES, BadKind, Kind, read_kind
from flows.yaml_dialect.nodes import Fields, Scalar, parse, walk
from flows.yaml_dialect.questions import question_of
from flows.yaml_dialect.record import Notes, Record

Lists: TypeAlias = Mapping[str, tuple[Choice, ...]]

READERS_FILES: Final = {  # chat.parse → files that reading such an answer looks into, besides the list shown
    "ward_vn": ("hanoi_units.csv", "hanoi_old_ward_map.csv", "provinces.csv"),
}
GROUPS_DEEP: Final = 8  # groups in groups; a chat shows one heading at a time


def read_flow(text: str, *, file: str, shared: Lists | None = None, tables: Mapping[str, Table] | None = None) -> Flow:
    """The flow that a YAML text describes.

    Args:
        text: at most 1 MB.
        file: its name, for the places of problems.
        shared: lists of options that the flow may name besides its own; only those it names become part of it.
        tables: the files that its questions choose from, by name; only those it names become part of it.

    Raises:
        BadFlow: with every problem of reading. Whether what was read makes sense is for `flows.checks.check`.
    """
    flow, problems = read_draft(text, file=file, shared=shared, tables=tables)
    if flow is None or any(problem.is_error for problem in problems):
        raise BadFlow(problems)
    return flow


def read_draft(
    text: str, *, file: str, shared: Lists | None = None, tables: Mapping[str, Table] | None = None
) -> tuple[Flow | None, tuple[Problem, ...]]:
    """The same as far as it goes: a flow to check all the same, and the problems met. None: there is no flow at all."""
    root, problems = parse(text, file=file)
    notes = Notes(file, problems)
    if isinstance(root, Fields):
        return _Reader(notes, shared or {}, tables or {}).flow(root), tuple(notes.problems)
    if root is not None:
        notes.add("not_a_mapping", root.spot, key="-")
    return None, tuple(notes.problems)


def read_choices(text: str, file: str, languages: tuple[str, ...] = ("vi", "en")) -> dict[str, tuple[Choice, ...]]:
    """The lists of options in a file that several flows share: `choices: {list: [{name, label}, …]}`.

    Raises:
        BadFlow: with every problem.
    """
    root, problems = parse(text, file=file)
    notes = Notes(file, problems)
    found: dict[str, tuple[Choice, ...]] = {}
    if isinstance(root, Fields):
        record = Record(notes, root, languages)
        found = _choices(notes, record)
        record.close()
    elif root is not None:
        notes.add("not_a_mapping", root.spot, key="-")
    if notes.problems:
        raise BadFlow(notes.problems)
    return found


def _choices(notes: Notes, record: Record) -> dict[str, tuple[Choice, ...]]:
    lists = record.record("choices")
    if lists is None:
        return {}
    found = {name: tuple(_choice(notes, entry) for entry in lists.records(name)) for name in lists.fields.nodes}
    lists.close()
    return found


def _choice(notes: Notes, record: Record) -> Choice:
    return Choice(
        name=record.needed("name"),
        label=record.words("label"),
        aliases=record.texts("aliases"),
        media=_media(record),
        columns=record.rest(),
        place=notes.place(record.spot),
    )


def _media(record: Record) -> dict[MediaKind, Text]:
    """Names of files by kind and language."""
    inner = record.record("media")
    if inner is None:
        return {}
    kinds: tuple[MediaKind, ...] = get_args(MediaKind)
    found: dict[MediaKind, Text] = {kind: files for kind in kinds if (files := inner.words(kind))}
    inner.close()
    record.places.update(inner.places)
    return found


@dataclass(slots=True)
class _Section:
    """A group or repeat whose questions are still coming in."""

    name: str
    record: Record
    parent: str | None
    is_repeat: bool
    count: str | None
    items: list["Question | _Section"] = field(default_factory=list)
    is_open: bool = False
    is_closed: bool = False


class _Reader:
    """Reads one file. The order of the methods is the order of the form."""

    def __init__(self, notes: Notes, shared: Lists, tables: Mapping[str, Table]) -> None:
        self._notes = notes
        self._shared = shared
        self._tables = tables

    def flow(self, root: Fields) -> Flow:
        default, languages = _languages(Record(Notes(self._notes.file), root))
        record = Record(self._notes, root, (default, *languages))
        record.texts("languages")
        record.text("default_language")
        own = self._own_choices(record)
        items = self._items(record)
        if "questions" not in root.nodes:
            self._notes.add("missing_key", record.spot, key="questions")
        flow = Flow(
            name=record.needed("flow"),
            version=record.needed("version"),
            title=record.words("title"),
            default_language=default,
            languages=languages,
            items=items,
            choices=own,
            welcome=record.words("welcome"),
            thank_you=record.words("thank_you"),
            declined=record.words("declined"),
            audience=record.text("audience"),
            channels=record.texts("channels"),
            staff_only=self._staff_only(record),
            anonymous_allowed=record.truth("anonymous_allowed") or False,
            one_open_per=record.texts("one_open_per"),
            summary=record.texts("summary"),
            instance_name=record.text("instance_name"),
            entities=tuple(self._entity(entry) for entry in record.records("entities")),
            place=self._notes.place(record.spot),
        )
        self._always_resumes(record)
        record.close()
        used = _named_outside(root, flow)
        return flow.but(
            choices={
                **{name: list_ for name, list_ in self._shared.items() if name in used and name not in own},
                **own,
            },
            tables={name: table for name, table in self._tables.items() if name in used},
            places=record.places,
        )

    def _entity(self, entry: Record) -> Entity:
        entity = Entity(
            list_name=entry.needed("list_name"),
            label=entry.text("label"),
            create_if=entry.text("create_if"),
            update_if=entry.text("update_if"),
            entity_id=entry.text("entity_id"),
            place=self._notes.place(entry.spot),
        )
        entry.close()
        return entity

    def _own_choices(self, record: Record) -> dict[str, tuple[Choice, ...]]:
        own = _choices(self._notes, record)
        for name, options in own.items():
            if name in self._shared and _bare(self._shared[name]) != _bare(options):
                lists = record.fields.nodes["choices"]
                spot = lists.keys[name] if isinstance(lists, Fields) else record.spot
                self._notes.add("list_redefined", spot, list=name)
        return own

    def _staff_only(self, record: Record) -> bool:
        who = record.text("auth")
        if who not in {None, "staff_only"}:
            self._notes.unknown("unknown_word", record.fields.nodes["auth"].spot, who or "", ["staff_only"], key="auth")
        return bool(record.truth("staff_only")) or who == "staff_only"

    def _always_resumes(self, record: Record) -> None:
        if record.truth("resume") is False:
            self._notes.add("always_resumes", record.fields.nodes["resume"].spot)

    # Groups: a flat list of questions that name their group becomes a tree.

    def _items(self, record: Record) -> tuple[Item, ...]:
        sections = self._sections(record)
        top: list[Question | _Section] = []
        path: list[_Section] = []
        for entry in record.records("questions"):
            chain = self._chain(entry, sections)
            path = self._move(path, chain, top, entry)
            item = self._entry(entry, depth=len(chain))
            if item is not None:
                (path[-1].items if path else top).append(item)
        top.extend(section for section in sections.values() if not section.is_open and not section.is_closed)
        return tuple(self._frozen(item) for item in top)

    def _sections(self, record: Record) -> dict[str, _Section]:
        groups = record.record("groups")
        if groups is None:
            return {}
        found: dict[str, _Section] = {}
        for name in groups.fields.nodes:
            spec = groups.record(name)
            if spec is not None:
                found[name] = self._section(
                    name, spec, parent=spec.text("parent"), is_repeat=spec.truth("repeat") or False
                )
        groups.close()
        return found

    def _section(self, name: str, spec: Record, *, parent: str | None, is_repeat: bool) -> _Section:
        count = spec.text("count")
        return _Section(name, spec, parent, is_repeat or count is not None, count)

    def _chain(self, entry: Record, sections: dict[str, _Section]) -> list[_Section]:
        """The groups an entry stands in, the outermost first."""
        chain: list[_Section] = []
        asked_in = entry
        while (name := asked_in.text("group") if asked_in is entry else chain[0].parent) is not None:
            if name not in sections:
                spot = asked_in.fields.nodes["group" if asked_in is entry else "parent"].spot
                self._notes.unknown("unknown_group", spot, name, sections)
                break
            if sections[name] in chain or len(chain) >= GROUPS_DEEP:
                self._notes.add("groups_in_circle", sections[name].record.spot, group=name, most=str(GROUPS_DEEP))
                break
            chain.insert(0, sections[name])
            asked_in = sections[name].record
        return chain

    def _move(
        self, path: list[_Section], chain: list[_Section], top: list[Question | _Section], entry: Record
    ) -> list[_Section]:
        """Closes the groups that end before this entry and opens those that begin; the groups it stands in."""
        same = 0
        while same < min(len(path), len(chain)) and path[same] is chain[same]:
            same += 1
        for section in path[same:]:
            section.is_open, section.is_closed = False, True
        for depth in range(same, len(chain)):
            section = chain[depth]
            if section.is_closed:
                line, _ = section.record.spot
                self._notes.add("group_split", entry.spot, group=section.name, line=str(line))
            else:
                (chain[depth - 1].items if depth else top).append(section)
            section.is_open = True
        return chain

    def _entry(self, entry: Record, depth: int) -> "Question | _Section | None":
        cell = entry.text("type")
        folded = (cell or "").lower().replace(" ", "_").removeprefix("begin_")
        if folded in {"group", "repeat"}:
            return self._nested(entry, depth + 1, is_repeat=folded == "repeat")
        return self._question(entry, cell)

    def _nested(self, entry: Record, depth: int, *, is_repeat: bool) -> "_Section | None":
        section = self._section(entry.needed("name"), entry, parent=None, is_repeat=is_repeat)
        if depth > GROUPS_DEEP:
            self._notes.add("groups_in_circle", entry.spot, group=section.name, most=str(GROUPS_DEEP))
            return None
        for inner in entry.records("questions"):
            if inner.text("group") is not None:
                self._notes.add("group_in_nested", inner.fields.nodes["group"].spot, group=section.name)
            item = self._entry(inner, depth)
            if item is not None:
                section.items.append(item)
        return section

    def _frozen(self, item: "Question | _Section") -> Item:
        if isinstance(item, Question):
            return item
        record, inner = item.record, tuple(self._frozen(each) for each in item.items)
        label, relevant = record.words("label"), record.text("relevant")
        appearance, place = record.text("appearance") or "", self._notes.place(record.spot)
        record.close()
        if item.is_repeat:
            return Repeat(
                name=item.name, label=label, relevant=relevant, appearance=appearance,
                place=place, places=record.places, count=item.count, items=inner,
            )  # fmt: skip
        return Group(
            name=item.name, label=label, relevant=relevant, appearance=appearance,
            place=place, places=record.places, items=inner,
        )  # fmt: skip

    # Questions.

    def _question(self, record: Record, cell: str | None) -> Question:
        kind = self._kind(record, cell)
        question = question_of(
            record,
            self._notes.place(record.spot),
            name=record.needed("name"),
            type=kind.type,
            list_name=record.text("list") if kind.type in SILENT else kind.list_name,
            file=kind.file,
            meta=kind.meta,
            answers_of=kind.answers_of,
            label=record.words("label"),
            parameters=self._parameters(record),
            media=_media(record),
            chat=self._chat(record),
            next=self._jumps(record),
            end=self._end(record),
        )
        record.close()
        return question

    def _kind(self, record: Record, cell: str | None) -> Kind:
        if cell is None:
            self._notes.add("missing_key", record.spot, key="type")
            return Kind("text")
        try:
            return read_kind(cell)
        except BadKind as wrong:
            spot = record.fields.nodes["type"].spot
            if wrong.code == "unknown_type":
                known = {*ALIASES, "select_one LIST", "select_multiple LIST", "rank LIST", "group", "repeat"}
                self._notes.unknown("unknown_type", spot, cell, known)
            else:
                self._notes.add(wrong.code, spot, **wrong.facts)
            return Kind("text")  # so that what refers to it is not reported as well

    def _parameters(self, record: Record) -> dict[str, str]:
        node = record.take("parameters")
        if isinstance(node, Fields):
            inner = Record(self._notes, node)
            return {key: inner.text(key) or "" for key in node.nodes}
        cell = record.text("parameters") or ""
        pairs = [part.partition("=") for part in cell.replace(",", " ").replace(";", " ").split()]
        for name, equals, _ in pairs:
            if not equals and node is not None:
                self._notes.add("bad_parameter", node.spot, parameter=name)
        return {name: value for name, equals, value in pairs if equals}

    def _chat(self, record: Record) -> Chat:
        chat = record.record("chat")
        if chat is None:
            return Chat()
        top_n = chat.number("top_n")
        if top_n is not None and (top_n < 1 or top_n != int(top_n)):
            self._notes.add("not_a_number", chat.fields.nodes["top_n"].spot, key="top_n")
            top_n = None
        cells: dict[str, Any] = {"skip": chat.truth("skip"), "max_mb": chat.number("max_mb")}
        cells |= {"top_n": None if top_n is None else int(top_n)}
        cells |= {key: chat.text(key) for key in _CHAT_TEXTS}
        cells |= {key: chat.truth(key) or False for key in _CHAT_TRUTHS}
        cells |= {key: chat.texts(key) for key in _CHAT_LISTS}
        found = Chat(**cells)
        chat.close()
        record.places.update({f"chat.{key}": place for key, place in chat.places.items()})
        return found

    def _jumps(self, record: Record) -> tuple[Jump, ...]:
        node = record.take("next")
        if isinstance(node, Scalar):
            record.places["next.0.to"] = record.places["next"]
            return (Jump(to=node.text.strip(), place=record.places["next"]),)
        found: list[Jump] = []
        for number, entry in enumerate(record.records("next")):
            found.append(Jump(to=entry.needed("to"), when=entry.text("when"), place=self._notes.place(entry.spot)))
            entry.close()
            record.places.update({f"next.{number}.{key}": place for key, place in entry.places.items()})
        return tuple(found)

    def _end(self, record: Record) -> End | None:
        entry = record.record("end")
        if entry is None:
            return None
        end = End(when=entry.needed("when"), message=entry.words("message"), place=self._notes.place(entry.spot))
        entry.close()
        record.places.update({f"end.{key}": place for key, place in entry.places.items()})
        return end


_CHAT_TEXTS: Final = ("widget", "parse", "prefill_from", "filter")
_CHAT_TRUTHS: Final = (
    "confirm", "voice_ok", "hide_if_prefilled", "default_last_complete_year", "accept_location", "allow_negative",
    "no_default", "log_evidence",
)  # fmt: skip
_CHAT_LISTS: Final = ("quick_replies", "accept", "accept_range")


_INSTANCE: Final = re.compile(r"(?:instance|pulldata)\s*\(\s*['\"]([^'\"]+)['\"]")


def _languages(record: Record) -> tuple[str, tuple[str, ...]]:
    """The default language, and all languages of the form in the order written."""
    named = tuple(dict.fromkeys(record.texts("languages")))
    default = record.text("default_language") or (named[0] if named else "vi")
    return default, named if default in named else (default, *named)


def _bare(options: tuple[Choice, ...]) -> tuple[Choice, ...]:
    return tuple(option.model_copy(update={"place": Place()}) for option in options)


def _named_outside(root: Fields, flow: Flow) -> set[str]:
    """Names of lists and files that questions choose from or expressions look into."""
    named: set[str] = set()
    for question in flow.questions():
        named.update(name for name in (question.list_name, question.file) if name)
        named.update(READERS_FILES.get(question.chat.parse or "", ()))
    for node in walk(root):
        if isinstance(node, Scalar) and "(" in node.text:
            named.update(_INSTANCE.findall(node.text))
    return named | {name + ending for name in named for ending in ENDINGS}
