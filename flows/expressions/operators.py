"""What stands between operands: and, or, =, <, +, div, |."""

import math
import operator
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from flows.expressions.code import Code, Kind, Run, atom_of, boolean_of, constant, is_one, nodes_of, number_of
from flows.expressions.env import Atom, Node
from flows.expressions.values import EQUAL_WITHIN, NAN, comparable, equal, to_number

ORDERS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def either(operands: Sequence[Code]) -> Code:
    """`a or b or …`, from left to right, no further than needed."""
    runs = [boolean_of(operand) for operand in operands]
    if len(runs) == 2:
        a, b = runs
        return Code(Kind.BOOLEAN, lambda env: a(env) or b(env))

    def any_of(env: Any) -> bool:
        for run in runs:  # noqa: SIM110 — a loop is twice as fast as any() over a generator
            if run(env):
                return True
        return False

    return Code(Kind.BOOLEAN, any_of)


def both(operands: Sequence[Code]) -> Code:
    """`a and b and …`, from left to right, no further than needed."""
    runs = [boolean_of(operand) for operand in operands]
    if len(runs) == 2:
        a, b = runs
        return Code(Kind.BOOLEAN, lambda env: a(env) and b(env))

    def all_of(env: Any) -> bool:
        for run in runs:  # noqa: SIM110 — a loop is twice as fast as all() over a generator
            if not run(env):
                return False
        return True

    return Code(Kind.BOOLEAN, all_of)


def negative(operand: Code) -> Code:
    """`-a`."""
    if operand.literal is not None:
        return constant(-to_number(operand.literal))
    run = number_of(operand)
    return Code(Kind.NUMBER, lambda env: -run(env))


def binary(sign: str, left: Code, right: Code) -> Code:
    """One operator between two operands."""
    if sign in ("=", "!="):
        return _equality(left, right, wanted=sign == "=")
    if sign in ORDERS:
        return _order(ORDERS[sign], left, right)
    if sign == "-":
        return _minus(left, right)
    return _arithmetic(ARITHMETIC[sign], number_of(left), number_of(right))


def _equality(left: Code, right: Code, *, wanted: bool) -> Code:
    if Kind.NODES in (left.kind, right.kind):
        return _between_sets(lambda a, b, env: equal(a, b, env.now.tzinfo) is wanted, left, right)
    if isinstance(right.literal, str) and left.kind in (Kind.ANY, Kind.TEXT):
        return Code(Kind.BOOLEAN, _is_word(left, right.literal, wanted=wanted))
    if isinstance(left.literal, str) and right.kind in (Kind.ANY, Kind.TEXT):
        return Code(Kind.BOOLEAN, _is_word(right, left.literal, wanted=wanted))
    if Kind.NUMBER in (left.kind, right.kind) and Kind.BOOLEAN not in (left.kind, right.kind):
        return Code(Kind.BOOLEAN, _are_numbers(left, right, wanted=wanted))
    a, b = left.run, right.run

    def compare(env: Any) -> bool:
        x, y = a(env), b(env)
        if x.__class__ is str and y.__class__ is str:
            return (x == y) is wanted
        return equal(x, y, env.now.tzinfo) is wanted

    return Code(Kind.BOOLEAN, compare)


def _is_word(code: Code, word: str, *, wanted: bool) -> Run:
    """`${a} = 'word'`, the commonest guard there is."""
    if is_one(code) and code.ref is not None:
        node = code.ref.node
        if wanted:

            def is_word(env: Any) -> bool:
                value = env.value(node)
                return value == word if value.__class__ is str else equal(value, word)

            return is_word

        def is_not_word(env: Any) -> bool:
            value = env.value(node)
            return value != word if value.__class__ is str else not equal(value, word)

        return is_not_word
    run = code.run

    def compare(env: Any) -> bool:
        value = run(env)
        return (value == word if value.__class__ is str else equal(value, word, env.now.tzinfo)) is wanted

    return compare


def _are_numbers(left: Code, right: Code, *, wanted: bool) -> Run:
    """One side is a number, so the other is taken as one; a truth is not (`true() = 5` compares truths)."""
    a, b = left.run, right.run

    def compare(env: Any) -> bool:
        x, y = a(env), b(env)
        if x.__class__ is not float or y.__class__ is not float:
            return equal(x, y, env.now.tzinfo) is wanted
        return (x == y or abs(x - y) < EQUAL_WITHIN) is wanted

    return compare


def _order(compare: Callable[[float, float], bool], left: Code, right: Code) -> Code:
    """`<` and its kin are always numeric (xlsform-in-chat §3.1.4); with NaN all of them are false."""
    if Kind.NODES in (left.kind, right.kind):
        return _between_sets(lambda a, b, env: compare(*comparable(a, b, env.now.tzinfo)), left, right)
    if isinstance(right.literal, float):
        number, limit = number_of(left), right.literal
        if is_one(left) and left.ref is not None:
            return Code(Kind.BOOLEAN, _ref_against(compare, left.ref.node, limit))
        return Code(Kind.BOOLEAN, lambda env: compare(number(env), limit))
    if Kind.ANY not in (left.kind, right.kind):
        first, second = number_of(left), number_of(right)
        return Code(Kind.BOOLEAN, lambda env: compare(first(env), second(env)))
    a, b = left.run, right.run

    def ordered(env: Any) -> bool:
        x, y = a(env), b(env)
        kind = x.__class__
        if kind is y.__class__ and (kind is float or kind is date):
            return compare(x, y)
        return compare(*comparable(x, y, env.now.tzinfo))

    return Code(Kind.BOOLEAN, ordered)


def _ref_against(compare: Callable[[float, float], bool], node: int, limit: float) -> Run:
    def against(env: Any) -> bool:
        value = env.value(node)
        return compare(value if value.__class__ is float else to_number(value), limit)

    return against


def _between_sets(compare: Callable[[Atom, Atom, Any], bool], left: Code, right: Code) -> Code:
    """A comparison holds when it does for any pair (XPath 1.0 §3.4); no node at all counts as one blank value."""
    a, b = _atoms(left), _atoms(right)

    def any_pair(env: Any) -> bool:
        ours, theirs = a(env), b(env)
        env.meter.spend(len(ours) * len(theirs))
        return any(compare(x, y, env) for x in ours for y in theirs)

    return Code(Kind.BOOLEAN, any_pair)


def _atoms(code: Code) -> Callable[[Any], Sequence[Atom]]:
    if code.kind is not Kind.NODES:
        run = code.run
        return lambda env: (run(env),)
    if code.first is not None:
        first = code.first
        return lambda env: (first(env),)
    nodes = code.run

    def atoms(env: Any) -> Sequence[Atom]:
        found: Sequence[Node] = nodes(env)
        return [node.value() for node in found] or ("",)

    return atoms


def _minus(left: Code, right: Code) -> Code:
    if Kind.ANY not in (left.kind, right.kind) and Kind.NODES not in (left.kind, right.kind):
        return _arithmetic(operator.sub, number_of(left), number_of(right))
    a, b = atom_of(left), atom_of(right)

    def minus(env: Any) -> float:
        x, y = a(env), b(env)
        if x.__class__ is float and y.__class__ is float:
            return x - y
        before, after = comparable(x, y, env.now.tzinfo)
        return before - after

    return Code(Kind.NUMBER, minus)


def _arithmetic(work: Callable[[float, float], float], a: Run, b: Run) -> Code:
    return Code(Kind.NUMBER, lambda env: work(a(env), b(env)))


def divided(a: float, b: float) -> float:
    """`div`; by zero it is an infinity or NaN.

    >>> divided(1, 0.0), divided(-1, 0.0), divided(1, -0.0), divided(0, 0.0)
    (inf, -inf, -inf, nan)
    """
    if b == 0:
        return NAN if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)  # noqa: PLR0124 — NaN
    return a / b


def remainder(a: float, b: float) -> float:
    """`mod`; the sign is the dividend's.

    >>> remainder(-5, 3), remainder(5, -3), remainder(1.5, 0.5), remainder(1, 0)
    (-2.0, 2.0, 0.0, nan)
    """
    return NAN if b == 0 or math.isinf(a) else math.fmod(a, b)


ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": divided,
    "mod": remainder,
}


def long_sum(first: Run, rest: Sequence[tuple[str, Run]]) -> Code:
    """Very many terms in a row, in a loop and not in nested calls."""
    works = [(ARITHMETIC[sign], run) for sign, run in rest]

    def reckoned(env: Any) -> float:
        result: float = first(env)
        for work, run in works:
            result = work(result, run(env))
        return result

    return Code(Kind.NUMBER, reckoned)


def union(operands: Sequence[Code]) -> Code:
    """`a | b`: the nodes of all, none twice."""
    runs = [run for operand in operands if (run := nodes_of(operand)) is not None]

    def united(env: Any) -> list[Node]:
        found: dict[str, Node] = {}
        for run in runs:
            for node in run(env):
                found.setdefault(node.key(), node)
        env.meter.spend(len(found))
        return list(found.values())

    return Code(Kind.NODES, united)
