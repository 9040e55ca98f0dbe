"""Functions of numbers."""

import math
from collections.abc import Callable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_FLOOR, Context, Decimal
from typing import Final

from flows.expressions.code import Code, Kind, number_of
from flows.expressions.env import Atom
from flows.expressions.table import Function, Site, plain
from flows.expressions.values import NAN, to_number


def truncated(number: float) -> float:
    """Without its fraction, towards zero.

    >>> truncated(-3.7), truncated(-0.5), truncated(math.inf)
    (-3.0, -0.0, nan)
    """
    return math.copysign(math.floor(abs(number)), number) if math.isfinite(number) else NAN


def rounded(number: float, places: float = 0.0) -> float:
    """To that many decimal places, or tens when negative; a half goes up, as in JavaRosa.

    >>> rounded(2.345, 2), rounded(-2.5), rounded(12350.1, -2), rounded(0.5)
    (2.35, -2.0, 12400.0, 1.0)
    """
    if math.isnan(number) or math.isnan(places):
        return NAN
    if math.isinf(number):
        return number
    shift = int(max(-PLACES_MAX, min(places, PLACES_MAX)))
    moved = _WIDE.add(Decimal(repr(number)).scaleb(shift, _WIDE), _HALF)
    whole = moved.to_integral_value(ROUND_FLOOR, _WIDE).scaleb(-shift, _WIDE)
    return math.copysign(float(whole), number)


PLACES_MAX: Final = 330  # a float has no digit further away from its point
_WIDE: Final = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN)
_HALF: Final = Decimal("0.5")


def total(values: Sequence[Atom]) -> float:
    """The sum; blanks do not count (JavaRosa), text that is no number makes it NaN."""
    result = 0.0
    for number in _numbers(values):  # one after the other: Python's own sum() rounds otherwise from 3.12 on
        result += number
    return result


def largest(values: Sequence[Atom]) -> float:
    """The largest; blanks do not count, text that is no number makes it NaN; of nothing NaN."""
    return _extreme(max, values)


def smallest(values: Sequence[Atom]) -> float:
    """The smallest; as `largest`."""
    return _extreme(min, values)


def _extreme(pick: Callable[[list[float]], float], values: Sequence[Atom]) -> float:
    numbers = _numbers(values)
    return NAN if not numbers or any(map(math.isnan, numbers)) else pick(numbers)


def _numbers(values: Sequence[Atom]) -> list[float]:
    return [to_number(value) for value in values if value != ""]


def power(base: float, exponent: float) -> float:
    """`base` to the power; too large is infinite."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf


def logarithm(work: Callable[[float], float]) -> Callable[[float], float]:
    """A logarithm that is -Infinity at 0."""
    return lambda number: -math.inf if number == 0 else work(number)


def exponential(base: float) -> Callable[[float], float]:
    """`base` to the power of the argument."""
    return lambda number: power(base, number)


def floored(number: float) -> float:
    """The whole number below."""
    return float(math.floor(number)) if math.isfinite(number) else number


def ceiled(number: float) -> float:
    """The whole number above."""
    return float(math.ceil(number)) if math.isfinite(number) else number


def _number(args: Sequence[Code], site: Site) -> Code:
    return Code(Kind.NUMBER, number_of(args[0] if args else site.here()))


def _of_number(name: str, work: Callable[[float], float], example: str) -> Function:
    return plain(name, "n", Kind.NUMBER, work, example)


FUNCTIONS: Final = (
    Function("number", 0, 1, Kind.NUMBER, _number, "number('12.50') = 12.5"),
    _of_number("int", truncated, "int(-3.7) = -3"),
    plain("round", "nn", Kind.NUMBER, rounded, "round(2.345, 2) = 2.35", least=1),
    _of_number("floor", floored, "floor(-1.5) = -2"),
    _of_number("ceiling", ceiled, "ceiling(1.2) = 2"),
    _of_number("abs", abs, "abs(-3) = 3"),
    plain("sum", "a*", Kind.NUMBER, total, "sum(1, '', 2) = 3"),
    plain("max", "a*", Kind.NUMBER, largest, "max(-4, -1, -3) = -1"),
    plain("min", "a*", Kind.NUMBER, smallest, "min('', 3, 5) = 3"),
    plain("pow", "nn", Kind.NUMBER, power, "pow(2, 10) = 1024"),
    _of_number("sqrt", math.sqrt, "sqrt(9) = 3"),
    _of_number("exp", exponential(math.e), "exp(0) = 1"),
    _of_number("exp10", exponential(10.0), "exp10(3) = 1000"),
    _of_number("log", logarithm(math.log), "log(1) = 0"),
    _of_number("log10", logarithm(math.log10), "log10(1000) = 3"),
    _of_number("sin", math.sin, "sin(0) = 0"),
    _of_number("cos", math.cos, "cos(0) = 1"),
    _of_number("tan", math.tan, "tan(0) = 0"),
    _of_number("asin", math.asin, "asin(1) = pi() div 2"),
    _of_number("acos", math.acos, "acos(1) = 0"),
    _of_number("atan", math.atan, "atan(1) = pi() div 4"),
    plain("atan2", "nn", Kind.NUMBER, math.atan2, "atan2(1, 1) = pi() div 4"),
    plain("pi", "", Kind.NUMBER, lambda: math.pi, "round(pi(), 4) = 3.1416"),
)
