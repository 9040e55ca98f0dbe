"""An env within a walk through nodes: which node is looked at, which place it has, and how much work is left."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from flows.expressions.env import Atom, Env, Node

WORK_MAX: Final = 100_000  # nodes visited by one evaluation


class OutOfWork(Exception):
    """One evaluation visited more nodes than it may; its result is blank."""


class Meter:
    """The work that one evaluation may still do."""

    __slots__ = ("left",)

    def __init__(self, left: int = WORK_MAX) -> None:
        self.left = left

    def spend(self, nodes: int) -> None:
        """Count visited nodes. Raises `OutOfWork` past the limit."""
        self.left -= nodes
        if self.left < 0:
            raise OutOfWork


class Focus:
    """An `Env` that also knows `position()` and `last()`. One per predicate: `node` and `place` move along."""

    __slots__ = ("candidate", "meter", "node", "now", "outer", "place", "size")

    def __init__(self, outer: Env, meter: Meter, node: Node | None = None, size: int = 1) -> None:
        self.outer = outer
        self.meter = meter
        self.node = node  # None: what the expression belongs to
        self.place = 1
        self.size = size
        self.now: datetime = outer.now
        self.candidate: Atom = outer.candidate

    def here(self) -> Node:
        """The node on trial."""
        return self.outer.here() if self.node is None else self.node

    def within(self, size: int) -> "Focus":
        """A focus for a predicate over `size` nodes."""
        return Focus(self.outer, self.meter, self.node, size)

    def value(self, node: int) -> Atom:
        """See Env."""
        return self.outer.value(node)

    def nodes(self, node: int) -> Sequence[Node]:
        """See Env; visiting them is work."""
        found = self.outer.nodes(node)
        self.meter.spend(len(found))
        return found

    def current(self) -> Node:
        """See Env."""
        return self.outer.current()

    def root(self) -> Node:
        """See Env."""
        return self.outer.root()

    def at(self, node: Node) -> Env:
        """See Env."""
        return Focus(self.outer, self.meter, node)

    def cell(self, column: str) -> str:
        """See Env."""
        return self.outer.cell(column)

    def table(self, name: str) -> Node | None:
        """See Env."""
        return self.outer.table(name)

    def rows(self, table: str, column: str, key: str) -> Sequence[Mapping[str, str]]:
        """See Env."""
        return self.outer.rows(table, column, key)

    def choice_label(self, node: int, name: str) -> str:
        """See Env."""
        return self.outer.choice_label(node, name)

    def text(self, key: str) -> str:
        """See Env."""
        return self.outer.text(key)

    def random(self) -> float:
        """See Env."""
        return self.outer.random()
