"""A flow laid out for checking: every question, group and repeat by number, and every cell that holds an expression."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from flows.expressions.env import Ref
from flows.machine import looks_like_expression
from flows.model import SELECTS, Flow, Group, Item, Question, Repeat
from flows.problems import Place

ROOT: Final = -1
HOLE: Final = re.compile(r"\$\{\s*([^}\s]*)\s*\}")  # ${name} in words


@dataclass(frozen=True, slots=True)
class Node:
    """One item. What stands in it has the numbers after its own, up to `end`."""

    index: int
    item: Question | Group | Repeat
    parent: int  # ROOT at the top
    repeats: tuple[int, ...]  # it stands in, outermost first
    path: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One expression of the form, and the item it belongs to; None: the flow itself."""

    node: Node | None
    name: str  # "relevant", "next.0.when", "label.en"…
    source: str
    place: Place

    @property
    def owner(self) -> str:
        """The name of the item, for the words of a problem."""
        return self.node.item.name if self.node is not None else ""

    def spot(self, at: int) -> Place:
        """Where the character number `at` of the source stands; a sheet's place stays the cell's."""
        if self.place.line is None or not isinstance(self.place.column, int):
            return self.place
        lines = self.source[:at].count("\n")
        within = at - (self.source.rfind("\n", 0, at) + 1)
        return self.place.but(line=self.place.line + lines, column=self.place.column + within)


class Form:
    """A flow with its items numbered in the order of the form."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.nodes: list[Node] = []
        self.ends: list[int] = []  # by number: one past the last item inside it
        self.by_name: dict[str, list[int]] = {}
        self._number(flow.items, ROOT, (), "")

    def _number(self, items: Sequence[Item], parent: int, repeats: tuple[int, ...], path: str) -> None:
        for item in items:
            node = Node(len(self.nodes), item, parent, repeats, path + item.name)
            self.nodes.append(node)
            self.ends.append(node.index + 1)
            self.by_name.setdefault(item.name, []).append(node.index)
            if not isinstance(item, Question):
                inner = (*repeats, node.index) if isinstance(item, Repeat) else repeats
                self._number(item.items, node.index, inner, node.path + "/")
                self.ends[node.index] = len(self.nodes)

    @cached_property
    def questions(self) -> list[tuple[Node, Question]]:
        """The questions in order."""
        return [(node, node.item) for node in self.nodes if isinstance(node.item, Question)]

    def lineage(self, node: Node) -> Iterator[Node]:
        """The item and what it stands in, innermost first."""
        yield node
        while node.parent != ROOT:
            node = self.nodes[node.parent]
            yield node

    def question(self, index: int) -> Question | None:
        """The question of that number; None for a group or repeat."""
        item = self.nodes[index].item
        return item if isinstance(item, Question) else None

    def source(self, node: Node) -> Node | None:
        """The question in a repeat whose answers a select chooses from."""
        name = node.item.answers_of if isinstance(node.item, Question) else None
        found = FormScope(self, node).name(name) if name is not None else None
        return self.nodes[found.node] if found is not None else None

    def options(self, question: Question) -> frozenset[str] | None:
        """The names a select or rank can take; None when they are not known here."""
        if question.type not in SELECTS:
            return None
        if question.file is not None:
            table = self.flow.tables.get(question.file)
            column = question.parameters.get("value", "name")
            if table is None or column not in table.columns:
                return None
            at = table.columns.index(column)
            return frozenset(row[at] for row in table.rows)
        found = self.flow.choices.get(question.list_name or "")
        return None if found is None else frozenset(choice.name for choice in found)

    @cached_property
    def cells(self) -> list[Cell]:
        """Every expression, in the order of the form; `${name}` in words is not among them."""
        found = [cell for node in self.nodes for cell in _cells(node)]
        if self.flow.instance_name is not None:
            place = self.flow.places.get("instance_name", self.flow.place)
            found.append(Cell(None, "instance_name", self.flow.instance_name, place))
        for entity in self.flow.entities:
            told = (entity.label, entity.create_if, entity.update_if, entity.entity_id)
            found += [Cell(None, "entities", source, entity.place) for source in told if source]
        return found

    def relevances(self, node: Node) -> list[Cell]:
        """What must hold for the item to be asked, the outermost condition first."""
        chain = [cell for each in self.lineage(node) for cell in _cells(each) if cell.name == "relevant"]
        return chain[::-1]


class FormScope:
    """Names as one item sees them (`flows.expressions.env.Scope`)."""

    def __init__(self, form: Form, node: Node | None, *, filtering: bool = False) -> None:
        self._form = form
        self._node = node
        self._filtering = filtering

    def name(self, name: str) -> Ref | None:
        """The nearest item of that name: the one that shares most of the way down with this one."""
        found = self._form.by_name.get(name, ())
        mine = self._node.path.split("/") if self._node is not None else []
        return self._ref(max(found, key=lambda index: _shared(self._form.nodes[index].path, mine))) if found else None

    def path(self, steps: Sequence[str], *, absolute: bool) -> Ref | None:
        """The item that a plain path leads to, from the top (whose own name comes first) or from here."""
        here = [] if absolute or self._node is None else self._node.path.split("/")
        for step in steps[1:] if absolute else steps:
            if step == ".." and not here:
                return None
            if step == "..":
                here.pop()
            elif step != ".":
                here.append(step)
        found = self._form.by_name.get(here[-1], ()) if here else ()
        return next((self._ref(index) for index in found if self._form.nodes[index].path == "/".join(here)), None)

    def column(self, name: str) -> bool:
        """Whether the options being filtered have that column."""
        item = self._node.item if self._node is not None else None
        if not self._filtering or not isinstance(item, Question):
            return False
        if item.file is not None:
            table = self._form.flow.tables.get(item.file)
            return table is None or name in {*table.columns, "name", "label"}
        options = self._form.flow.choices.get(item.list_name or "", ())
        return name in {"name", "label"} or any(name in option.columns for option in options)

    def table(self, name: str) -> bool:
        """Whether the flow has a list or file of that name."""
        flow = self._form.flow
        return name in flow.choices or flow.table(name) is not None

    def _ref(self, index: int) -> Ref:
        node, mine = self._form.nodes[index], self._node.repeats if self._node is not None else ()
        many = node.repeats != mine[: len(node.repeats)]
        return Ref(index, node.item.name, many=many, leaf=isinstance(node.item, Question))


def _shared(path: str, mine: Sequence[str]) -> int:
    count = 0
    for one, other in zip(path.split("/"), mine, strict=False):
        if one != other:
            break
        count += 1
    return count


def _cells(node: Node) -> Iterator[Cell]:
    item = node.item
    sources: list[tuple[str, str | bool | None, Place]] = [("relevant", item.relevant, item.place)]
    if isinstance(item, Repeat):
        sources.append(("count", item.count, item.place))
    if isinstance(item, Question):
        cells = ("required", "constraint", "calculation", "choice_filter", "read_only")
        # what a trigger sets is no calculation: it may look at itself, and at what it sets off
        sources += [
            ("trigger" if name == "calculation" and item.trigger else name, getattr(item, name), item.place)
            for name in cells
        ]
        if item.default is not None and looks_like_expression(item.default):
            sources.append(("default", item.default, item.place))
        sources += [(f"next.{n}.when", jump.when, jump.place) for n, jump in enumerate(item.next)]
        if item.end is not None:
            sources.append(("end.when", item.end.when, item.end.place))
    for name, source, otherwise in sources:
        if isinstance(source, str) and source.strip():
            yield Cell(node, name, source, item.places.get(name, otherwise))
