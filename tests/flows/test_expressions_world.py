"""A small world for expressions, with the answers of the reference traps, and what is true of it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Final

from flows.expressions import Expression, compile_expression
from flows.expressions.env import Atom, Env, Node, Ref

HANOI: Final = timezone(timedelta(hours=7))
NOON: Final = datetime(2026, 11, 23, 12, 0, tzinfo=HANOI)
MEMBERS: Final = ("n", "nm", "m")
QUESTIONS: Final = ("a", "e", "b", "t", "d", "d2", "fls")
NAMES: Final = ("data", *QUESTIONS, "r", *MEMBERS)
ROWS: Final = tuple(
    {"name": name, "label": f"{name.upper()} label", "price": str(price)}
    for name, price in zip("wxyz", (10, 20, 30, 40), strict=True)
)


@dataclass
class Leaf:
    """A node of a tree in memory."""

    name: str
    worth: Atom = ""
    below: "list[Leaf]" = field(default_factory=list)
    above: "Leaf | None" = None

    def add(self, leaf: "Leaf") -> "Leaf":
        leaf.above = self
        self.below.append(leaf)
        return leaf

    def parent(self) -> Node | None:
        return self.above

    def children(self, name: str) -> Sequence[Node]:
        return [leaf for leaf in self.below if name in ("*", leaf.name)]

    def value(self) -> Atom:
        return self.worth

    def position(self) -> int:
        siblings = self.above.below if self.above else [self]
        return [leaf for leaf in siblings if leaf.name == self.name].index(self) + 1

    def key(self) -> str:
        return str(id(self))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class Form:
    """Names as the form's last question sees them, outside the repeat; or, with `inside`, within it."""

    def __init__(self, *, inside: bool = False, columns: Sequence[str] = ()) -> None:
        self.inside = inside
        self.columns = columns

    def name(self, name: str) -> Ref | None:
        if name not in NAMES:
            return None
        in_repeat = name in MEMBERS
        return Ref(NAMES.index(name), name, many=in_repeat and not self.inside, leaf=name not in ("data", "r"))

    def path(self, steps: Sequence[str], *, absolute: bool) -> Ref | None:
        here = [] if absolute else ["data", "r", "nm"] if self.inside else ["data", "t"]
        for step in steps:
            here = here[:-1] if step == ".." else [*here, step]
        name = here[-1] if here else ""
        known = ["data", "r", name] if name in MEMBERS else ["data", name] if name in NAMES[1:] else ["data"]
        return self.name(name) if here == known else None

    def column(self, name: str) -> bool:
        return name in self.columns

    def table(self, name: str) -> bool:
        return name == "l"


class World:
    """Values; an `Env` in itself."""

    def __init__(self, answers: Mapping[str, Atom] | None = None, *, candidate: Atom = "", instance: int = 0) -> None:
        self.now = NOON
        self.candidate = candidate
        self.row: Mapping[str, str] = {}
        self.dice = random.Random(7)
        self.tree = Leaf("")
        data = self.tree.add(Leaf("data"))
        for name in QUESTIONS:
            data.add(Leaf(name, (ANSWERS if answers is None else answers).get(name, "")))
        for number, m in ((1.0, 10.0), (2.0, ""), (3.0, 30.0)):
            repeat = data.add(Leaf("r"))
            repeat.add(Leaf("n", number))
            repeat.add(Leaf("nm", f"N{number:.0f}"))
            repeat.add(Leaf("m", m))
        self.data = data
        self.instance = instance  # of the repeat that the expression stands in, from 1; 0: in none

    def value(self, node: int) -> Atom:
        holder = self.data.children("r")[self.instance - 1] if NAMES[node] in MEMBERS else self.data
        found = holder.children(NAMES[node])
        return found[0].value() if found else ""

    def nodes(self, node: int) -> Sequence[Node]:
        name = NAMES[node]
        if name in MEMBERS:
            return [leaf for repeat in self.data.children("r") for leaf in repeat.children(name)]
        return [self.data] if name == "data" else self.data.children(name)

    def here(self) -> Node:
        return (
            self.data.children("r")[self.instance - 1].children("nm")[0]
            if self.instance
            else self.data.children("t")[0]
        )

    def current(self) -> Node:
        return self.here()

    def root(self) -> Node:
        return self.tree

    def at(self, node: Node) -> Env:
        raise AssertionError(node)

    def cell(self, column: str) -> str:
        return self.row.get(column, "")

    def table(self, name: str) -> Node | None:
        if name != "l":
            return None
        table = Leaf("l")
        root = table.add(Leaf("root"))
        for row in ROWS:
            item = root.add(Leaf("item"))
            for column, cell in row.items():
                item.add(Leaf(column, cell))
        return table

    def rows(self, table: str, column: str, key: str) -> Sequence[Mapping[str, str]]:
        return [row for row in ROWS if table == "l" and row.get(column) == key]

    def choice_label(self, node: int, name: str) -> str:
        rows = [row for row in ROWS if NAMES[node] == "b" and row["name"] == name]
        return rows[0]["label"] if rows else ""

    def text(self, key: str) -> str:
        return {"greeting": "Xin chào"}.get(key, key)

    def random(self) -> float:
        return self.dice.random()


ANSWERS: Final[Mapping[str, Atom]] = {
    "a": 25.0,
    "b": "w x y",
    "d": date(2024, 2, 29),
    "d2": date(2026, 11, 23),
    "fls": "false",
}


def compiled(source: str, *, inside: bool = False, columns: Sequence[str] = ()) -> Expression:
    """An expression of this world."""
    return compile_expression(source, Form(inside=inside, columns=columns))


def test_the_world_knows_its_own_names() -> None:
    world = World()
    assert world.value(NAMES.index("a")) == 25.0
    assert [node.value() for node in world.nodes(NAMES.index("nm"))] == ["N1", "N2", "N3"]
    assert Form().path(["..", "a"], absolute=False) == Form().name("a")
    assert Form(inside=True).path(["..", "n"], absolute=False) == Ref(NAMES.index("n"), "n", many=False)
