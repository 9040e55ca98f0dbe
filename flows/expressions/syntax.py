"""The shapes an expression can have once it is read, before it runs. `at` is where it stands in the source, from 0."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """`18`, `.5`."""

    value: float
    at: int


@dataclass(frozen=True, slots=True)
class Text:
    """`'yes'`."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Reference:
    """`${name}`."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """`selected(${a}, 'x')`."""

    name: str
    args: tuple["Syntax", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Minus:
    """`-x`."""

    operand: "Syntax"
    at: int


@dataclass(frozen=True, slots=True)
class Chain:
    """`a or b or c`: one operator, or operators that bind alike, from left to right.

    `operators[i]` stands between `operands[i]` and `operands[i + 1]`. A chain as long as a list of choices is
    common in real forms, and kept flat it costs no depth.
    """

    operators: tuple[str, ...]
    operands: tuple["Syntax", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Step:
    """`child::name[predicate]`. `test`: a name, "*", or "node()", "text()", "comment()"."""

    axis: str
    test: str
    predicates: tuple["Syntax", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Path:
    """`../a`, `/data/a`, `${r}[1]/a`. `start`: None from here, "/" from the root, else what the steps lead out of."""

    start: "Syntax | str | None"
    filters: tuple["Syntax", ...]  # predicates on the start itself
    steps: tuple[Step, ...]
    at: int


Syntax: TypeAlias = Number | Text | Reference | Call | Minus | Chain | Path
