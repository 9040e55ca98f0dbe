"""Functions of truths, and those that choose between values."""

from collections.abc import Sequence
from typing import Any, Final

from flows.expressions.code import Code, Kind, Run, atom_of, boolean_of, constant, number_of
from flows.expressions.env import Atom
from flows.expressions.table import Function, Site, plain, values_of
from flows.expressions.values import to_boolean, to_number


def from_string(value: Atom) -> bool:
    """What a stored truth says: only "true" and 1 are true."""
    if isinstance(value, str):
        return value in ("true", "1")
    return to_number(value) == 1


def is_within(truths: float, least: float, most: float) -> bool:
    """Whether a count or weight is in a range; a negative bound is none."""
    return not (least >= 0 and truths < least) and not (0 <= most < truths)


def checklist(least: float, most: float, values: Sequence[Atom]) -> bool:
    """Whether the number of true values is in a range."""
    return is_within(sum(map(to_boolean, values)), least, most)


def _if(args: Sequence[Code], _site: Site) -> Code:
    condition, yes, no = args
    holds = boolean_of(condition)
    kind = yes.kind if yes.kind is no.kind and yes.kind is not Kind.NODES else Kind.ANY
    if yes.literal is not None and no.literal is not None:
        a, b = yes.literal, no.literal
        return Code(kind, lambda env: a if holds(env) else b)
    then, other = atom_of(yes), atom_of(no)
    return Code(kind, lambda env: then(env) if holds(env) else other(env))


def _coalesce(args: Sequence[Code], _site: Site) -> Code:
    *firsts, last = [atom_of(arg) for arg in args]

    def first_filled(env: Any) -> Atom:
        for run in firsts:
            value: Atom = run(env)
            if value != "" and value == value:  # noqa: PLR0124 — NaN is blank too
                return value
        found: Atom = last(env)
        return found

    return Code(Kind.ANY, first_filled)


def _once(args: Sequence[Code], _site: Site) -> Code:
    run = atom_of(args[0])
    return Code(Kind.ANY, lambda env: env.candidate if env.candidate != "" else run(env))


def _boolean(args: Sequence[Code], site: Site) -> Code:
    return Code(Kind.BOOLEAN, boolean_of(args[0] if args else site.here()))


def _not(args: Sequence[Code], _site: Site) -> Code:
    run = boolean_of(args[0])
    return Code(Kind.BOOLEAN, lambda env: not run(env))


def _constant(value: bool) -> Any:
    return lambda _args, _site: constant(value)


def _weighted(args: Sequence[Code], _site: Site) -> Code:
    """After the range come pairs of a value and its weight; a pair of node-sets is laid out side by side."""
    least, most = number_of(args[0]), number_of(args[1])
    pairs = [(values_of([value]), values_of([weight])) for value, weight in zip(args[2::2], args[3::2], strict=False)]

    def weighed(env: Any) -> bool:
        weight = 0.0
        for values, weights in pairs:
            weight += sum(to_number(w) for v, w in zip(values(env), weights(env), strict=False) if to_boolean(v))
        return is_within(weight, least(env), most(env))

    run: Run = weighed
    return Code(Kind.BOOLEAN, run)


FUNCTIONS: Final = (
    Function("true", 0, 0, Kind.BOOLEAN, _constant(True), "true()"),
    Function("false", 0, 0, Kind.BOOLEAN, _constant(False), "not(false())"),
    Function("not", 1, 1, Kind.BOOLEAN, _not, "not('' > 3)"),
    Function("boolean", 0, 1, Kind.BOOLEAN, _boolean, "boolean('0') and not(boolean(0))"),
    plain(
        "boolean-from-string",
        "a",
        Kind.BOOLEAN,
        from_string,
        "boolean-from-string('true') and not(boolean-from-string('yes'))",
    ),
    Function("if", 3, 3, Kind.ANY, _if, "if(1 > 2, 'a', 'b') = 'b'"),
    Function("coalesce", 1, None, Kind.ANY, _coalesce, "coalesce('', 0) + 1 = 1"),
    Function("once", 1, 1, Kind.ANY, _once, "once(5) = 5", volatile=True),
    plain("checklist", "nna*", Kind.BOOLEAN, checklist, "checklist(1, 2, 1=1, 1=2)", least=2),
    Function("weighted-checklist", 4, None, Kind.BOOLEAN, _weighted, "weighted-checklist(3, 5, 1=1, 3, 1=2, 9)"),
)
