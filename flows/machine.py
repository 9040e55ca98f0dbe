"""A flow, made ready to run: a state per question, guards that are compiled expressions, options ready to be shown.

Questions, groups and repeats are numbered in the order of the form, a group before what stands in it, so that a
subtree is a range of numbers. An *instance* is a number and the ids of the repeat instances it stands in, outermost
first; its path is what sessions and records call it by.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from enum import Enum, auto
from functools import cached_property
from typing import Final, Literal

from flows.answers.gazetteer import Gazetteer
from flows.answers.option import Named, Options
from flows.answers.text import fold
from flows.effort import seconds
from flows.expressions import Expression, ExpressionError, compile_leniently
from flows.expressions.env import Ref
from flows.markup import bare
from flows.model import SELECTS, SILENT, Choice, End, Flow, Group, Item, MediaKind, Meta, Question, Repeat, Table, Text
from flows.nearest import nearest
from flows.problems import BadFlow, Place, Problem
from flows.recorded import is_meta, recorded
from flows.session import short

HANOI: Final = timezone(timedelta(hours=7), "ICT")  # Vietnam keeps no summer time
ROOT: Final = -1
GAZETTEER: Final = ("hanoi_units.csv", "hanoi_old_ward_map.csv", "provinces.csv")  # what places are read by
MORE: Final = "#more"

Ids = tuple[int, ...]


class Kind(Enum):
    """What a node is."""

    QUESTION = auto()
    GROUP = auto()
    REPEAT = auto()


@dataclass(frozen=True, slots=True)
class Template:
    """Words with `${name}` in them: literal pieces and expressions in turn."""

    pieces: tuple[str | Expression, ...]
    whole: str | None = None  # the words where there is nothing to fill in, placeholders included


@dataclass(frozen=True, slots=True)
class Way:
    """A compiled `next:` entry: from question `origin`, when `when` holds, to `target`."""

    origin: int
    target: int
    when: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One question, group or repeat of a machine."""

    index: int
    kind: Kind
    name: str
    path: str  # without instance ids
    parent: int  # ROOT at the top
    end: int  # one past the last node inside it
    repeats: Ids  # node numbers of the repeats it stands in, outermost first
    item: Question | Group | Repeat
    pattern: str  # the path with %d where instance ids go
    labels: Mapping[str, Template] = field(default_factory=dict)
    hints: Mapping[str, Template] = field(default_factory=dict)
    relevant: Expression | None = None
    calculation: Expression | None = None
    constraint: Expression | None = None
    required: Expression | bool = False
    choice_filter: Expression | None = None
    shuffles: bool = False  # its options come in an order of chance
    seed: Expression | None = None  # of that order; without one it is the session's own
    source: int | None = None  # the question whose answers it is chosen from
    read_only: Expression | bool = False
    default: Expression | None = None
    meta: Meta | None = None  # what about the talk itself it is worth
    fixed_once: bool = False  # its default is an expression, worked out when the form or its instance begins
    sets: Expression | None = None  # what is put in when one of its triggers changes
    count: Expression | None = None
    end_when: Expression | None = None
    stop: Literal["", "question", "note", "perhaps"] = ""  # what it is on the way; perhaps: where it is read-only
    ways: tuple[Way, ...] = ()  # out of this question
    passed_by: tuple[Way, ...] = ()  # of earlier questions, leading past this one

    @property
    def question(self) -> Question:
        """The form's row, of a node known to be a question."""
        if not isinstance(self.item, Question):
            raise TypeError(self.path)
        return self.item


@dataclass(frozen=True, slots=True)
class Listed:
    """One choice, ready to be shown and found."""

    name: str
    labels: Mapping[str, str]
    aliases: tuple[str, ...]
    columns: Mapping[str, str]
    media: Mapping[MediaKind, Text] = field(default_factory=dict)


class Wordings:
    """Every wording of some options, made ready to be found: a list of 126 wards costs milliseconds, so once per list."""

    def __init__(self, listed: Sequence[Listed]) -> None:
        self.options = Options(
            Named(o.name, tuple(dict.fromkeys((*filter(None, o.labels.values()), *o.aliases)))) for o in listed
        )
        self._labels: dict[str, list[str]] = {}
        for option in listed:
            for label in {fold(label) for label in option.labels.values()}:
                self._labels.setdefault(label, []).append(option.name)

    def labelled(self, text: str) -> Sequence[str]:
        """Names of the options that have these very words on their button, in any language, marks or not."""
        return self._labels.get(fold(text), ())


class Machine:
    """A compiled flow. Immutable: one serves every session of its version at once."""

    def __init__(self, flow: Flow, placeholders: Mapping[str, Text]) -> None:
        self.flow = flow
        self.placeholders = placeholders
        self.nodes: tuple[Node, ...] = ()
        self.lists: dict[str, tuple[Listed, ...]] = {}
        self.by_name: dict[str, list[int]] = {}
        self.triggers: dict[int, tuple[int, ...]] = {}  # by node: those that are set when it changes
        self._wordings: dict[str, Wordings] = {}
        self._by_option: dict[str, Mapping[str, Listed]] = {}

    @property
    def name(self) -> str:
        """The flow's name."""
        return self.flow.name

    @property
    def version(self) -> str:
        """The flow's version."""
        return self.flow.version

    @cached_property
    def consent(self) -> int | None:
        """The question that asks for consent to process; None when the flow asks for none."""
        for node in self.nodes:
            if node.kind is Kind.QUESTION and node.question.pii == "consent" and node.question.required is True:
                return node.index
        return None

    @cached_property
    def filtered(self) -> tuple[int, ...]:
        """Selects whose options depend on other answers."""
        return tuple(
            node.index
            for node in self.nodes
            if (node.choice_filter is not None or node.source is not None) and node.question.type in SELECTS
        )

    @cached_property
    def fixed_once(self) -> tuple[int, ...]:
        """Questions whose default is worked out once."""
        return tuple(node.index for node in self.nodes if node.fixed_once)

    @cached_property
    def efforts(self) -> tuple[int, ...]:
        """By node: the seconds that a question takes most people; 0 for what is no question."""
        return tuple(seconds(node.question) if node.kind is Kind.QUESTION else 0 for node in self.nodes)

    @cached_property
    def tops(self) -> Mapping[str, tuple[int, ...]]:
        """Nodes by path without instance ids."""
        return {node.path: (node.index,) for node in self.nodes}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Wards and provinces, from the tables that came with the flow."""
        units, old_wards, provinces = (_cells(self.flow.tables.get(name)) for name in GAZETTEER)
        return Gazetteer(units, old_wards, provinces)

    def listed(self, node: Node) -> tuple[Listed, ...]:
        """Every choice of a select or rank, before its filter; none of one that is made of answers."""
        question = node.question
        return self.lists.get(question.file or question.list_name or "", ())

    def by_option(self, node: Node) -> Mapping[str, Listed]:
        """The same by name; of two of one name the last."""
        key = node.question.file or node.question.list_name or ""
        found = self._by_option.get(key)
        if found is None:
            found = self._by_option[key] = {option.name: option for option in self.listed(node)}
        return found

    def wordings(self, node: Node) -> Wordings:
        """How people may call the choices of a select or rank, before its filter."""
        key = node.question.file or node.question.list_name or ""
        found = self._wordings.get(key)
        if found is None:
            found = self._wordings[key] = Wordings(self.listed(node))
        return found

    def path(self, index: int, ids: Ids) -> str:
        """The path of an instance: "household/member[2]/age"."""
        node = self.nodes[index]
        return node.pattern % ids if ids else node.path

    def ref(self, index: int, ids: Ids) -> str:
        """A short stand-in for the path, good within this version: the number and ids in base 16."""
        return ".".join(f"{n:x}" for n in (index, *ids))

    def find(self, path: str) -> tuple[int, Ids] | None:
        """The instance a path or "#" and a ref means, as far as the form goes; None when it means nothing."""
        found = self.tops.get(path)
        if found is not None and not self.nodes[found[0]].repeats:
            return found[0], ()
        return self._by_ref(path[1:]) if path.startswith("#") else self._by_path(path)

    def _by_ref(self, ref: str) -> tuple[int, Ids] | None:
        try:
            index, *ids = (int(part, 16) for part in ref.split("."))
        except ValueError:
            return None
        if not 0 <= index < len(self.nodes) or len(self.nodes[index].repeats) != len(ids):
            return None
        return index, tuple(ids)

    def _by_path(self, path: str) -> tuple[int, Ids] | None:
        found = self.tops.get(_INSTANCE.sub("", path).removesuffix(MORE))
        if found is None:
            return None
        ids = tuple(int(n) for n in _INSTANCE.findall(path) if n.isascii())
        return (found[0], ids) if len(ids) == len(self.nodes[found[0]].repeats) else None

    def language(self, wanted: str | None) -> str:
        """The flow's language that is nearest to a wanted one, "pt-BR" or "PT"; its own where it has none such."""
        code = (wanted or "").replace("_", "-").lower()
        spoken = {lang.lower(): lang for lang in self.flow.languages}
        return spoken.get(code) or spoken.get(code.split("-")[0]) or self.flow.default_language

    def words(self, text: Text, lang: str) -> str:
        """A text in the session's language, or in the flow's own, or in any it has; {placeholders} filled."""
        found = text.get(lang) or text.get(self.flow.default_language) or next((t for t in text.values() if t), "")
        return self.placed(bare(found), lang)

    def placed(self, found: str, lang: str) -> str:
        """Words with their {placeholders} filled."""
        for name, filling in self.placeholders.items():
            if "{" not in found:
                break
            found = found.replace("{" + name + "}", self.words(filling, lang) if filling else "")
        return found

    def dot(self) -> str:
        """The machine as a graph in Graphviz' language: a state per question, an edge per way out of it."""
        return "\n".join(_dot(self)) + "\n"


_INSTANCE: Final = re.compile(r"\[(\d{1,9})\]")
_HOLE: Final = re.compile(r"\$\{\s*([^}\s]+)\s*\}")


def compile(flow: Flow, placeholders: Mapping[str, Text] | None = None) -> Machine:  # noqa: A001 — the design's word for it
    """Make a flow ready to run.

    Args:
        flow: as read; `checks.check` tells what is doubtful, this only what cannot run.
        placeholders: what {name} in the flow's words stands for, by language.

    Raises:
        BadFlow: an expression cannot be compiled, or a list, table or jump target is missing. All of them at once.
    """
    machine = Machine(flow, dict(placeholders or {}))
    _Builder(machine).build()
    return machine


class _Builder:
    """One compilation: numbers the nodes, then compiles what stands in them, gathering every problem."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.flow = machine.flow
        self.raw: list[Node] = []
        self.problems: list[Problem] = []

    def build(self) -> None:
        self._number(recorded(self.flow), ROOT, (), "", "")
        self._list()
        by_name = self.machine.by_name
        for node in self.raw:
            if not is_meta(node.path):  # what is recorded beside the form's questions is no name of the form's
                by_name.setdefault(node.name, []).append(node.index)
        self.machine.nodes = tuple(self.raw)
        ways = self._ways()
        self._triggers()
        self.machine.nodes = tuple(self._compiled(node, ways) for node in self.raw)
        if self.problems:
            raise BadFlow(self.problems)

    def _number(self, items: Sequence[Item], parent: int, repeats: Ids, path: str, pattern: str) -> None:
        for item in items:
            index = len(self.raw)
            kind = {"question": Kind.QUESTION, "group": Kind.GROUP, "repeat": Kind.REPEAT}[item.kind]
            here, formed = path + item.name, pattern + item.name.replace("%", "%%")
            self.raw.append(Node(index, kind, item.name, here, parent, index + 1, repeats, item, formed))
            if not isinstance(item, Question):
                inner = (*repeats, index) if kind is Kind.REPEAT else repeats
                mark = "[%d]/" if kind is Kind.REPEAT else "/"
                self._number(item.items, index, inner, here + "/", formed + mark)
                node = self.raw[index]
                self.raw[index] = _with(node, end=len(self.raw))

    def _list(self) -> None:
        languages = self.flow.languages
        for name, choices in self.flow.choices.items():
            self.machine.lists[name] = tuple(_listed(choice) for choice in choices)
        for node in self.raw:
            item = node.item
            if not isinstance(item, Question) or item.type not in SELECTS:
                continue
            if item.file is not None:  # one that does not lie here has no rows: `check` tells, and words are taken
                table = self.flow.tables.get(item.file, Table(columns=(), rows=()))
                self.machine.lists[item.file] = _rows(table, item.parameters, languages)
            elif item.answers_of is None and item.list_name not in self.machine.lists:
                self._problem("unknown_list", item.place, {"list": item.list_name or "", "name": item.name})

    def _triggers(self) -> None:
        for node in self.raw:
            for name in node.item.trigger if isinstance(node.item, Question) else ():
                found = NodeScope(self.machine, node).name(name)
                if found is None or not found.leaf:
                    near = nearest(name, self.machine.by_name) or ""
                    facts = {"reference": name, "nearest": near, "name": node.name, "cell": "trigger", "at": "1"}
                    self._problem("unknown_name", node.item.places.get("trigger", node.item.place), facts)
                else:
                    told = self.machine.triggers.get(found.node, ())
                    self.machine.triggers[found.node] = tuple(sorted({*told, node.index}))

    def _ways(self) -> list[Way]:
        ways = []
        for node in self.raw:
            if not isinstance(node.item, Question):
                continue
            for jump in node.item.next:
                later = [i for i in self.machine.by_name.get(jump.to, ()) if i > node.index]
                if not later or self.raw[later[0]].repeats != node.repeats:
                    self._problem("unknown_target", jump.place, {"name": node.name, "to": jump.to})
                    continue
                when = self._expression(node, "next", jump.when, jump.place)
                ways.append(Way(node.index, later[0], when))
        return ways

    def _compiled(self, node: Node, ways: Sequence[Way]) -> Node:
        item = node.item
        labels = {lang: self._template(node, words) for lang, words in item.label.items() if words}
        relevant = self._expression(node, "relevant", item.relevant)
        if isinstance(item, Repeat):
            return _with(node, labels=labels, relevant=relevant, count=self._expression(node, "count", item.count))
        if isinstance(item, Group):
            return _with(node, labels=labels, relevant=relevant)
        source = self._source(node, item)
        return _with(
            node,
            labels=labels,
            relevant=relevant,
            hints={lang: self._template(node, words) for lang, words in item.hint.items() if words},
            calculation=None if item.trigger else self._expression(node, "calculation", item.calculation),
            sets=self._expression(node, "calculation", item.calculation or "''") if item.trigger else None,
            constraint=self._expression(node, "constraint", item.constraint),
            required=item.required
            if isinstance(item.required, bool)
            else self._needed(node, "required", item.required),
            choice_filter=self._expression(node, "choice_filter", item.choice_filter, source=source),
            source=source,
            shuffles=item.parameters.get("randomize", "").lower() in {"true", "yes", "1", "true()"},
            seed=self._expression(node, "parameters", item.parameters.get("seed")),
            read_only=item.read_only
            if isinstance(item.read_only, bool)
            else self._needed(node, "read_only", item.read_only),
            default=self._default(node, item),
            meta=item.meta,
            fixed_once=item.default is not None and looks_like_expression(item.default),
            end_when=self._end(node, item.end),
            stop=_stop(item),
            ways=tuple(way for way in ways if way.origin == node.index),
            passed_by=tuple(way for way in ways if way.origin < node.index < way.target),
        )

    def _source(self, node: Node, item: Question) -> int | None:
        """The question in a repeat whose answers are the options."""
        if item.answers_of is None:
            return None
        found = NodeScope(self.machine, node).name(item.answers_of)
        if found is None or not found.leaf or not self.raw[found.node].repeats:
            place = item.places.get("type", item.place)
            self._problem("choices_from_repeat", place, {"name": item.name, "question": item.answers_of})
            return None
        return found.node

    def _end(self, node: Node, end: End | None) -> Expression | None:
        return self._expression(node, "end", end.when, end.place) if end is not None else None

    def _default(self, node: Node, item: Question) -> Expression | None:
        """A default is an expression when it looks like one, else it is a text (XLSForm has no mark for it)."""
        if item.default is None:
            return None
        if looks_like_expression(item.default):
            return self._expression(node, "default", item.default)
        return self._expression(node, "default", "'" + item.default.replace("'", "’") + "'")

    def _needed(self, node: Node, cell: str, source: str) -> Expression | bool:
        return self._expression(node, cell, source) or False

    def _expression(
        self, node: Node, cell: str, words: str | None, place: Place | None = None, *, source: int | None = None
    ) -> Expression | None:
        """`source`: where the names are looked up, of a filter over the answers to that question."""
        if words is None or not words.strip():
            return None
        scope = NodeScope(self.machine, node, filtering=cell == "choice_filter")
        if source is not None:
            scope = AnsweredScope(self.machine, self.machine.nodes[source])
        try:
            return compile_leniently(words, scope)[0]
        except ExpressionError as error:
            where = place or node.item.places.get(cell, node.item.place)
            wanted = error.facts.get("reference", "")
            hint = {"nearest": nearest(wanted, self.machine.by_name) or ""} if error.code == "unknown_name" else {}
            self._problem(
                error.code, where, {**error.facts, **hint, "name": node.name, "cell": cell, "at": str(error.at + 1)}
            )
            return None

    def _template(self, node: Node, words: str) -> Template:
        pieces: list[str | Expression] = []
        for n, piece in enumerate(_HOLE.split(bare(words))):
            if n % 2 == 0:
                pieces.append(piece)
            elif (found := self._expression(node, "label", "${" + piece + "}")) is not None:
                pieces.append(found)
        kept = tuple(piece for piece in pieces if piece != "")
        literal = "".join(piece for piece in kept if isinstance(piece, str))
        return Template(kept, literal if "{" not in literal and all(isinstance(each, str) for each in kept) else None)

    def _problem(self, code: str, place: Place, facts: Mapping[str, str]) -> None:
        self.problems.append(Problem(code=code, place=place, facts=facts))


class NodeScope:
    """Names as one node sees them (`flows.expressions.env.Scope`)."""

    def __init__(self, machine: Machine, node: Node, *, filtering: bool = False) -> None:
        self.machine = machine
        self.node = node
        self.filtering = filtering

    def name(self, name: str) -> Ref | None:
        """The nearest node of that name: the one sharing the most repeats and groups with this one."""
        candidates = self.machine.by_name.get(name, ())
        if not candidates:
            return None
        best = max(candidates, key=lambda i: _shared(self.machine.nodes[i].path, self.node.path))
        return self._ref(best)

    def path(self, steps: Sequence[str], *, absolute: bool) -> Ref | None:
        """A plain path, from the root (whose own name comes first) or from this node."""
        here = [] if absolute else self.node.path.split("/")
        for step in steps[1:] if absolute else steps:
            if step == "..":
                if not here:
                    return None
                here.pop()
            elif step != ".":
                here.append(step)
        found = self.machine.tops.get("/".join(here))
        return self._ref(found[0]) if found else None

    def column(self, name: str) -> bool:
        """Whether a choice of the list being filtered has that column."""
        return self.filtering and any(
            name == "name" or name in choice.columns or name == "label" for choice in self.machine.listed(self.node)
        )

    def table(self, name: str) -> bool:
        """Any: a list or file that is not there has no rows, and `check` tells."""
        return bool(name)

    def _ref(self, index: int) -> Ref:
        node, mine = self.machine.nodes[index], self.node.repeats
        needed = (*node.repeats, index) if node.kind is Kind.REPEAT else node.repeats
        return Ref(index, node.name, many=needed != mine[: len(needed)], leaf=node.kind is Kind.QUESTION)


class AnsweredScope(NodeScope):
    """Names in a filter over the answers to a question of a repeat: those of its instance, which is known at run time only."""

    def path(self, steps: Sequence[str], *, absolute: bool) -> Ref | None:
        """A bare name is one of the instance's questions; `current()/../x` is walked."""
        if absolute:
            return super().path(steps, absolute=True)
        return self.name(steps[0]) if len(steps) == 1 and steps[0] not in {".", ".."} else None


def looks_like_expression(default: str) -> bool:
    """Whether a default is worked out and not just a text; XLSForm has no mark for it."""
    return any(mark in default for mark in ("${", "(", "'"))


def _stop(question: Question) -> Literal["", "question", "note", "perhaps"]:
    """Nothing, a question, a note, or (where it may be read-only) one or the other."""
    if not is_shown(question):
        return ""
    if question.type == "note":
        return "note"
    return "question" if question.read_only is False else "perhaps"


def _shared(a: str, b: str) -> int:
    """How many leading steps two paths share."""
    n = 0
    for one, other in zip(a.split("/"), b.split("/"), strict=False):
        if one != other:
            break
        n += 1
    return n


def _with(node: Node, **changes: object) -> Node:
    return Node(**{name: changes.get(name, getattr(node, name)) for name in Node.__slots__})  # type: ignore[arg-type]


def _listed(choice: Choice) -> Listed:
    labels = {lang: bare(label) for lang, label in choice.label.items()}
    return Listed(choice.name, labels, choice.aliases, dict(choice.columns), choice.media)


def _rows(table: Table, parameters: Mapping[str, str], languages: Sequence[str]) -> tuple[Listed, ...]:
    """The rows of a file as choices. `label=name` means column "name", or "name_en" where there is one for English."""
    value, label = parameters.get("value", "name"), parameters.get("label", "label")
    stem = label.removesuffix("_vi")
    column = {lang: next((c for c in (f"{stem}_{lang}", label) if c in table.columns), label) for lang in languages}
    found = []
    for cells in _cells(table):
        labels = {lang: cells.get(column[lang], "") for lang in languages}
        aliases = tuple(a for a in (cells.get("short_name", ""), cells.get("ascii", "")) if a)
        found.append(Listed(cells.get(value, ""), labels, aliases, cells))
    return tuple(found)


def _cells(table: Table | None) -> list[dict[str, str]]:
    """The rows of a table by column name."""
    return [] if table is None else [dict(zip(table.columns, row, strict=False)) for row in table.rows]


def labelled(listed: Listed, lang: str, fallback: str) -> str:
    """A choice's label in a language, else in the flow's own, else its name."""
    return (
        listed.labels.get(lang) or listed.labels.get(fallback) or next(iter(listed.labels.values()), "") or listed.name
    )


def by_name(options: Sequence[Listed], wanted: str) -> Listed | None:
    """The option of that name, or the one its `short` stand-in means."""
    for option in options:
        if option.name == wanted or (wanted.startswith("~") and short(option.name) == wanted):
            return option
    return None


def is_shown(question: Question) -> bool:
    """Whether people ever see it."""
    return question.type not in SILENT


def _dot(machine: Machine) -> Iterator[str]:
    """A question's ways out: to the next, past what may be skipped, and by its jumps and its end."""
    yield f'digraph "{_quoted(machine.name)}" {{'
    yield "  rankdir=TB; node [shape=box, style=rounded, fontname=sans];"
    for state in ("start", "review", "submitted", "paused", "withdrawn", "ended_early", "expired"):
        yield f'  "{state}" [shape={"circle" if state == "start" else "oval"}];'
    asked = [n for n in machine.nodes if n.kind is Kind.QUESTION and is_shown(n.question)]
    before = "start"
    for node in asked:
        label = next(iter(node.item.label.values()), node.name)[:60]
        guard = _guards(machine, node)
        shape = ", color=blue" if node.index == machine.consent else ""
        yield f'  "{node.path}" [label="{_quoted(node.name)}\\n{_quoted(label)}"{shape}];'
        yield f'  "{before}" -> "{node.path}" [label="{_quoted(guard)}"];'
        for way in node.ways:
            when = way.when.source if way.when else "always"
            yield f'  "{node.path}" -> "{machine.nodes[way.target].path}" [style=bold, label="{_quoted(when)}"];'
        if node.end_when is not None:
            yield f'  "{node.path}" -> "ended_early" [label="{_quoted(node.end_when.source)}"];'
        if node.index == machine.consent:
            yield f'  "{node.path}" -> "ended_early" [label="declined"];'
        before = node.path
    yield f'  "{before}" -> "review"; "review" -> "submitted"; "review" -> "paused"; "paused" -> "review" [style=dashed];'
    yield '  "review" -> "withdrawn" [style=dashed]; "paused" -> "expired" -> "review" [style=dashed];'
    yield "}"


def _guards(machine: Machine, node: Node) -> str:
    """`relevant` of the node and of everything it stands in."""
    sources, index = [], node.index
    while index != ROOT:
        here = machine.nodes[index]
        if here.relevant is not None:
            sources.append(here.relevant.source)
        index = here.parent
    return " and ".join(reversed(sources))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")[:160]
