"""Walking the tree of answers and the tables: axes, tests and predicates."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from flows.expressions.code import Code, Kind, Run, atom_of, boolean_of
from flows.expressions.env import Atom, Node, Ref
from flows.expressions.focus import Focus, Meter
from flows.expressions.values import to_boolean

Axis: TypeAlias = Callable[[Node, str, Meter], Sequence[Node]]
Keep: TypeAlias = Callable[[Focus, Sequence[Node]], Sequence[Node]]


def from_here(focus: Focus) -> Sequence[Node]:
    """Where a relative path begins."""
    return (focus.here(),)


def from_current(focus: Focus) -> Sequence[Node]:
    """What the expression belongs to, also within a predicate."""
    return (focus.current(),)


def from_root(focus: Focus) -> Sequence[Node]:
    """The top of the tree of answers."""
    return (focus.root(),)


def top(name: str) -> Run:
    """The first step of an absolute path: the root where it has a name, whatever the path calls it, else its child.

    XLSForm's root is "data" in one tool and the form's id in another, and generated paths are carried between them.
    """

    def begin(focus: Focus) -> Sequence[Node]:
        root = focus.root()
        return (root,) if root.name else root.children(name)

    return begin


def walk(start: Run, steps: Sequence[Keep]) -> Run:
    """All steps, one after the other. A step takes a focus and nodes and gives nodes."""
    if len(steps) == 1:
        only = steps[0]
        return lambda focus: only(focus, start(focus))

    def walked(focus: Focus) -> Sequence[Node]:
        nodes: Sequence[Node] = start(focus)
        for each in steps:
            if not nodes:
                break
            nodes = each(focus, nodes)
        return nodes

    return walked


def step(axis: str, test: str, keeps: Sequence[Keep]) -> Keep:
    """One step: the axis and its predicates for each node, none twice."""
    along = AXES[axis]
    may_meet = axis not in ("child", "self", "attribute")  # the others reach one node from several

    def stepped(focus: Focus, nodes: Sequence[Node]) -> Sequence[Node]:
        meter = focus.meter
        found: list[Node] = []
        for node in nodes:
            reached = along(node, test, meter)
            meter.spend(len(reached) + 1)
            for keep in keeps:
                reached = keep(focus, reached)
            found.extend(reached)
        return _each_once(found) if may_meet and len(nodes) > 1 else found

    return stepped


def _each_once(nodes: Sequence[Node]) -> Sequence[Node]:
    found: dict[str, Node] = {}
    for node in nodes:
        found.setdefault(node.key(), node)
    return list(found.values())


def predicate(code: Code) -> Keep:
    """`[…]`: a number is a position, all else is a truth."""
    if isinstance(code.literal, float):
        place = int(code.literal) if 1 <= code.literal < 1e9 and code.literal.is_integer() else 0
        return lambda _focus, nodes: nodes[place - 1 : place] if place else ()
    holds = boolean_of(code) if code.kind in (Kind.BOOLEAN, Kind.TEXT, Kind.NODES) else _numbered(code.run)

    def keep(focus: Focus, nodes: Sequence[Node]) -> Sequence[Node]:
        focus.meter.spend(len(nodes))
        inner = focus.within(len(nodes))
        found: list[Node] = []
        for place, node in enumerate(nodes, 1):
            inner.node, inner.place = node, place
            if holds(inner):
                found.append(node)
        return found

    return keep


def _numbered(run: Run) -> Run:
    def holds(focus: Focus) -> bool:
        value = run(focus)
        return value == focus.place if value.__class__ is float else to_boolean(value)

    return holds


def filtered(start: Run, keeps: Sequence[Keep]) -> Run:
    """`${r}[…]`: predicates on a whole node-set."""

    def filter_all(focus: Focus) -> Sequence[Node]:
        nodes: Sequence[Node] = start(focus)
        for keep in keeps:
            nodes = keep(focus, nodes)
        return nodes

    return filter_all


def below(node: Node, name: str, meter: Meter) -> Sequence[Node]:
    """The nodes of that name nearest below, through groups."""
    level: Sequence[Node] = (node,)
    while level:
        found = [child for above in level for child in above.children(name)]
        if found:
            return found
        level = [child for above in level for child in above.children("*")]
        meter.spend(len(level))
    return ()


def of_row(ref: Ref) -> Code:
    """`${n}` within the predicate of `${r}[${n} > 1]`: the one of the instance on trial, as in JavaRosa; else all."""
    name, node = ref.name, ref.node
    return Code(Kind.NODES, lambda focus: below(focus.node, name, focus.meter) or focus.nodes(node), ref=ref)


def _self(node: Node, test: str, _meter: Meter) -> Sequence[Node]:
    return (node,) if _passes(node, test) else ()


def _child(node: Node, test: str, _meter: Meter) -> Sequence[Node]:
    if test in ("*", "node()"):
        return node.children("*")
    return () if test.endswith("()") else node.children(test)  # answers have no text nodes apart from their values


def _parent(node: Node, test: str, _meter: Meter) -> Sequence[Node]:
    parent = node.parent()
    return (parent,) if parent is not None and _passes(parent, test) else ()


def _attribute(node: Node, test: str, _meter: Meter) -> Sequence[Node]:
    """Answers have none; a tree that has some gives them as children named "@name", and "@*" all of them."""
    return node.children("@*" if test == "node()" else f"@{test}")


def _ancestor(node: Node, test: str, meter: Meter) -> Sequence[Node]:
    found: list[Node] = []
    parent = node.parent()
    while parent is not None:
        meter.spend(1)
        if _passes(parent, test):
            found.append(parent)
        parent = parent.parent()
    return found


def _ancestor_or_self(node: Node, test: str, meter: Meter) -> Sequence[Node]:
    return [*_self(node, test, meter), *_ancestor(node, test, meter)]


def _descendant(node: Node, test: str, meter: Meter) -> Sequence[Node]:
    found: list[Node] = []
    stack = list(reversed(node.children("*")))
    while stack:
        below = stack.pop()
        meter.spend(1)
        if _passes(below, test):
            found.append(below)
        stack.extend(reversed(below.children("*")))
    return found


def _descendant_or_self(node: Node, test: str, meter: Meter) -> Sequence[Node]:
    return [*_self(node, test, meter), *_descendant(node, test, meter)]


def _following(node: Node, test: str, meter: Meter) -> Sequence[Node]:
    siblings, at = _siblings(node, meter)
    return [sibling for sibling in siblings[at + 1 :] if _passes(sibling, test)]


def _preceding(node: Node, test: str, meter: Meter) -> Sequence[Node]:
    """Nearest first, as the axis counts."""
    siblings, at = _siblings(node, meter)
    return [sibling for sibling in reversed(siblings[: max(at, 0)]) if _passes(sibling, test)]


def _siblings(node: Node, meter: Meter) -> tuple[Sequence[Node], int]:
    parent = node.parent()
    if parent is None:
        return (), 0
    siblings = parent.children("*")
    meter.spend(len(siblings))
    key = node.key()
    return siblings, next((at for at, sibling in enumerate(siblings) if sibling.key() == key), len(siblings))


def _passes(node: Node, test: str) -> bool:
    return test in ("*", "node()") or node.name == test


AXES: Final[Mapping[str, Axis]] = {
    "self": _self,
    "child": _child,
    "parent": _parent,
    "attribute": _attribute,
    "ancestor": _ancestor,
    "ancestor-or-self": _ancestor_or_self,
    "descendant": _descendant,
    "descendant-or-self": _descendant_or_self,
    "following-sibling": _following,
    "preceding-sibling": _preceding,
}


class Cell:
    """One cell of a table, found by an index and not by walking (`flows.expressions.env.Node`)."""

    __slots__ = ("name", "row", "table")

    def __init__(self, table: str, name: str, row: Mapping[str, str]) -> None:
        self.table = table
        self.name = name
        self.row = row

    def parent(self) -> Node | None:
        """See Node; nothing leads up from a looked-up cell."""
        return None

    def children(self, name: str) -> Sequence[Node]:  # noqa: ARG002 — a cell has none
        """See Node."""
        return ()

    def value(self) -> Atom:
        """See Node."""
        return self.row.get(self.name, "")

    def position(self) -> int:
        """See Node."""
        return 1

    def key(self) -> str:
        """See Node."""
        return f"{self.table}/{id(self.row)}/{self.name}"


def looked_up(table: str, column: str, key: Code, leaf: str, slow: Run) -> Code:
    """`instance('table')/root/item[column = key]/leaf` by the table's index.

    The index knows text; a key that turns out to be a number is compared as one, by walking (`slow`).
    """
    key_of = atom_of(key)

    def nodes(focus: Focus) -> Sequence[Node]:
        wanted = key_of(focus)
        if wanted.__class__ is not str:
            found: Sequence[Node] = slow(focus)
            return found
        rows = focus.rows(table, column, wanted)
        focus.meter.spend(len(rows))
        return [Cell(table, leaf, row) for row in rows if leaf in row]

    def first(focus: Focus) -> Atom:
        wanted = key_of(focus)
        if wanted.__class__ is not str:
            found: Sequence[Node] = slow(focus)
            return found[0].value() if found else ""
        rows = focus.rows(table, column, wanted)
        return rows[0].get(leaf, "") if rows else ""

    return Code(Kind.NODES, nodes, first=first)
