"""A compiled piece of an expression: a closure, and what is known about its result before it runs.

What is known saves work: `${age} > 18` asks the env once and compares floats. The functions at the bottom make one
kind of result into another by wrapping a closure, or by leaving it as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from flows.expressions.env import Atom, Node, Ref
from flows.expressions.values import to_boolean, to_number, to_text, truth_of_nodes

Run: TypeAlias = Callable[[Any], Any]  # takes an Env, or the Focus of a walk, which is one


class Kind(Enum):
    """What a piece is known to give."""

    NUMBER = auto()  # float
    TEXT = auto()  # str
    BOOLEAN = auto()  # bool
    ANY = auto()  # an atom of a kind that is only known when it runs
    NODES = auto()  # a sequence of nodes


@dataclass(frozen=True, slots=True)
class Code:
    """One piece."""

    kind: Kind
    run: Run
    literal: Atom | None = None  # the value, of a literal
    ref: Ref | None = None  # of a plain `${name}` or path to one question, group or repeat
    first: Run | None = None  # of NODES: the first node's value, where that is cheaper than all nodes
    nodes: Run | None = None  # of ANY: the same as a node-set, where a function asks for one


def constant(value: Atom) -> Code:
    """A literal."""
    return Code(_KINDS.get(type(value), Kind.ANY), lambda _env: value, literal=value)


_KINDS: Final = {bool: Kind.BOOLEAN, float: Kind.NUMBER, str: Kind.TEXT}


def one_ref(ref: Ref) -> Code:
    """`${name}` of one question."""
    node = ref.node
    return Code(Kind.ANY, lambda env: env.value(node), ref=ref, nodes=lambda env: env.nodes(node))


def many_refs(ref: Ref) -> Code:
    """`${name}` of a question in a repeat that is looked at from outside, of a group or of a repeat."""
    node = ref.node
    return Code(Kind.NODES, lambda env: env.nodes(node), ref=ref)


def is_one(code: Code) -> bool:
    """Whether it is a plain reference to one question."""
    return code.ref is not None and code.kind is Kind.ANY


def nodes_of(code: Code) -> Run | None:
    """It as a node-set; None when it can be no more than a value."""
    return code.run if code.kind is Kind.NODES else code.nodes


def atom_of(code: Code) -> Run:
    """Its value as one atom: of a node-set the first node's."""
    if code.kind is not Kind.NODES:
        return code.run
    if code.first is not None:
        return code.first
    nodes = code.run

    def first(env: Any) -> Atom:
        found: Sequence[Node] = nodes(env)
        return found[0].value() if found else ""

    return first


def number_of(code: Code) -> Run:
    """Its value as a number."""
    if code.kind is Kind.NUMBER:
        return code.run
    if code.literal is not None:
        number = to_number(code.literal)
        return lambda _env: number
    if is_one(code) and code.ref is not None:
        return _number_of_ref(code.ref.node)
    run = atom_of(code)
    if code.kind is Kind.BOOLEAN:
        return lambda env: 1.0 if run(env) else 0.0

    def number_of_any(env: Any) -> float:
        value = run(env)
        return value if value.__class__ is float else to_number(value)

    return number_of_any


def _number_of_ref(node: int) -> Run:
    def number(env: Any) -> float:
        value = env.value(node)
        return value if value.__class__ is float else to_number(value)

    return number


def text_of(code: Code) -> Run:
    """Its value as text."""
    if code.kind is Kind.TEXT:
        return code.run
    if code.literal is not None:
        text = to_text(code.literal)
        return lambda _env: text
    if is_one(code) and code.ref is not None:
        return _text_of_ref(code.ref.node)
    run = atom_of(code)

    def text_of_any(env: Any) -> str:
        value = run(env)
        return value if value.__class__ is str else to_text(value)

    return text_of_any


def _text_of_ref(node: int) -> Run:
    def text(env: Any) -> str:
        value = env.value(node)
        return value if value.__class__ is str else to_text(value)

    return text


def boolean_of(code: Code) -> Run:
    """Its value as a truth; of a node-set its first value's (xlsform-in-chat §3.1.12)."""
    if code.kind is Kind.BOOLEAN:
        return code.run
    if code.literal is not None:
        truth = to_boolean(code.literal)
        return lambda _env: truth
    run = code.run
    if code.kind is Kind.NODES:
        return lambda env: truth_of_nodes(run(env))

    def boolean_of_any(env: Any) -> bool:
        value = run(env)
        return value != "" if value.__class__ is str else to_boolean(value)

    return boolean_of_any


OF: Final = {"t": text_of, "n": number_of, "b": boolean_of, "a": atom_of}
