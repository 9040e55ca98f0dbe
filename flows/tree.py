"""Answers and tables as trees that paths walk through (`flows.expressions.env.Node`)."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from flows.expressions.env import Atom
from flows.expressions.env import Node as TreeNode
from flows.machine import ROOT, Ids, Kind, Machine


class Answers(Protocol):
    """What a tree of answers is drawn from."""

    machine: Machine

    def instances(self, index: int, ids: Ids) -> tuple[int, ...]:
        """The instance ids of a repeat."""
        ...

    def value(self, index: int, ids: Ids) -> Atom:
        """What a question is worth."""
        ...


class Place:
    """A node of the tree of answers (`flows.expressions.env.Node`); ROOT is the top."""

    __slots__ = ("ids", "index", "world")

    def __init__(self, world: Answers, index: int, ids: Ids) -> None:
        self.world = world
        self.index = index
        self.ids = ids

    @property
    def name(self) -> str:
        """See Node."""
        return self.world.machine.name if self.index == ROOT else self.world.machine.nodes[self.index].name

    def parent(self) -> TreeNode | None:
        """A repeat's own questions stand in its instance, which carries the repeat's name."""
        if self.index == ROOT:
            return None
        above = self.world.machine.nodes[self.index].parent
        if above == ROOT:
            return Place(self.world, ROOT, ())
        depth = len(self.world.machine.nodes[above].repeats) + (self.world.machine.nodes[above].kind is Kind.REPEAT)
        return Place(self.world, above, self.ids[:depth])

    def children(self, name: str) -> Sequence[TreeNode]:
        """See Node."""
        nodes = self.world.machine.nodes
        start, end = (0, len(nodes)) if self.index == ROOT else (self.index + 1, nodes[self.index].end)
        found: list[TreeNode] = []
        while start < end:
            child = nodes[start]
            if name in ("*", child.name):
                if child.kind is Kind.REPEAT:
                    found.extend(
                        Place(self.world, start, (*self.ids, i)) for i in self.world.instances(start, self.ids)
                    )
                else:
                    found.append(Place(self.world, start, self.ids))
            start = child.end
        return found

    def value(self) -> Atom:
        """See Node."""
        return "" if self.index == ROOT or self._instance else self.world.value(self.index, self.ids)

    @property
    def _instance(self) -> bool:
        return self.world.machine.nodes[self.index].kind is Kind.REPEAT

    def position(self) -> int:
        """See Node."""
        if self.index == ROOT or not self._instance or not self.ids:
            return 1
        siblings = self.world.instances(self.index, self.ids[:-1])
        return siblings.index(self.ids[-1]) + 1 if self.ids[-1] in siblings else 1

    def key(self) -> str:
        """See Node."""
        return f"{self.index}:{self.ids}"


class TableRoot:
    """`instance('name')`: root/item/column (`flows.expressions.env.Node`)."""

    __slots__ = ("depth", "name", "rows")

    def __init__(self, name: str, rows: Sequence[Mapping[str, str]], depth: int = 0) -> None:
        self.name = name if depth == 0 else "root"
        self.rows = rows
        self.depth = depth

    def parent(self) -> TreeNode | None:
        """See Node."""
        return None

    def children(self, name: str) -> Sequence[TreeNode]:
        """See Node."""
        if self.depth == 0:
            return [TableRoot(self.name, self.rows, 1)] if name in ("*", "root") else []
        return [TableRow("item", row, n) for n, row in enumerate(self.rows, 1)] if name in ("*", "item") else []

    def value(self) -> Atom:
        """See Node."""
        return ""

    def position(self) -> int:
        """See Node."""
        return 1

    def key(self) -> str:
        """See Node."""
        return f"table:{self.name}:{self.depth}"


class TableRow:
    """One row of a table."""

    __slots__ = ("cells", "name", "number")

    def __init__(self, name: str, cells: Mapping[str, str], number: int) -> None:
        self.name = name
        self.cells = cells
        self.number = number

    def parent(self) -> TreeNode | None:
        """See Node."""
        return None

    def children(self, name: str) -> Sequence[TreeNode]:
        """See Node."""
        return [TableCell(column, cell) for column, cell in self.cells.items() if name in ("*", column)]

    def value(self) -> Atom:
        """See Node."""
        return ""

    def position(self) -> int:
        """See Node."""
        return self.number

    def key(self) -> str:
        """See Node."""
        return f"row:{self.number}:{id(self.cells)}"


class TableCell:
    """One cell of a table."""

    __slots__ = ("cell", "name")

    def __init__(self, name: str, cell: str) -> None:
        self.name = name
        self.cell = cell

    def parent(self) -> TreeNode | None:
        """See Node."""
        return None

    def children(self, name: str) -> Sequence[TreeNode]:  # noqa: ARG002 — a leaf has none
        """See Node."""
        return []

    def value(self) -> Atom:
        """See Node."""
        return self.cell

    def position(self) -> int:
        """See Node."""
        return 1

    def key(self) -> str:
        """See Node."""
        return f"cell:{self.name}:{self.cell}"
