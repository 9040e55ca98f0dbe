"""What an expression needs to know: names when it is compiled, values when it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol, TypeAlias

Atom: TypeAlias = str | float | bool | date | datetime | time  # blank is "" ; numbers are always float, NaN included
XValue: TypeAlias = Atom | Sequence["Node"]  # or a node-set, in document order


class Node(Protocol):
    """A place in a tree of answers, or in a table (`instance('list')/root/item/column`)."""

    @property
    def name(self) -> str:
        """Local name."""
        ...

    def parent(self) -> "Node | None":
        """The node it stands in; None at the root."""
        ...

    def children(self, name: str) -> "Sequence[Node]":
        """Its children of that name in document order ("*": all); those that are not relevant included."""
        ...

    def value(self) -> Atom:
        """Its typed value; "" when empty, not relevant, or not a leaf."""
        ...

    def position(self) -> int:
        """From 1, among its same-named siblings."""
        ...

    def key(self) -> str:
        """The same for two objects that stand for the same node."""
        ...


@dataclass(frozen=True, slots=True)
class Ref:
    """A question, group or repeat that `${name}` means, seen from where the expression stands."""

    node: int  # the machine's number for it
    name: str
    many: bool  # stands in a repeat that the expression does not stand in: a node-set, not one value
    leaf: bool = True  # a question; groups and repeats are only good in paths and counts


class Scope(Protocol):
    """Names, when an expression is compiled."""

    def name(self, name: str) -> Ref | None:
        """What `${name}` means here; None: there is no such question."""
        ...

    def path(self, steps: Sequence[str], *, absolute: bool) -> Ref | None:
        """The same for a plain path without predicates, "../x" or "/data/group/x"; None: walk the tree when it runs."""
        ...

    def column(self, name: str) -> bool:
        """Whether a bare name means a column of the choice being filtered (only in a choice_filter)."""
        ...

    def table(self, name: str) -> bool:
        """Whether `instance('name')` or a pulldata file of that name exists."""
        ...


class Env(Protocol):
    """Values, when it runs. One object per step and repeat instance; every method is cheap."""

    @property
    def now(self) -> datetime:
        """Aware, in the form's time zone; the same through one step."""
        ...

    @property
    def candidate(self) -> Atom:
        """What `.` is: the value on trial in a constraint, else the node's own."""
        ...

    def value(self, node: int) -> Atom:
        """The value of that question in the instance the expression stands in."""
        ...

    def nodes(self, node: int) -> Sequence[Node]:
        """Every instance of it, within the repeats that it shares with the expression."""
        ...

    def here(self) -> Node:
        """The node the expression belongs to; in a choice_filter or predicate, the row on trial."""
        ...

    def current(self) -> Node:
        """The node the expression belongs to, also within a predicate."""
        ...

    def root(self) -> Node:
        """The top of the tree of answers: the form itself, or, when it has no name, what stands above the form."""
        ...

    def at(self, node: Node) -> "Env":
        """The same world with `here()` moved to another node."""
        ...

    def cell(self, column: str) -> str:
        """A column of the choice being filtered."""
        ...

    def table(self, name: str) -> Node | None:
        """The root of a table: `.children('root')[0].children('item')` are its rows. None: no such table."""
        ...

    def rows(self, table: str, column: str, key: str) -> Sequence[Mapping[str, str]]:
        """Rows of a table whose `column` is `key`, by an index: for pulldata and equality predicates.

        Empty when there is no such table or column: a name in quotes was looked up in the scope, but one that an
        answer gives was not.
        """
        ...

    def choice_label(self, node: int, name: str) -> str:
        """The label, in the session's language, of the choice `name` of that select; "" if there is none."""
        ...

    def text(self, key: str) -> str:
        """A translation by its id, for jr:itext."""
        ...

    def random(self) -> float:
        """The session's own dice, 0 ≤ x < 1."""
        ...
