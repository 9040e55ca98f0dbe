"""Chance: the session's own dice, so that a stored session replays to the same end."""

import math
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from flows.expressions.code import Code, Kind, number_of
from flows.expressions.env import Env, Node
from flows.expressions.functions.nodes import needed
from flows.expressions.table import Function, Site, plain
from flows.expressions.values import TEXT_MAX

T = TypeVar("T")

_MODULUS: Final = 2_147_483_647
_FACTOR: Final = 16_807
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def shuffled(items: Sequence[T], seed: float) -> list[T]:
    """The items in the order that ODK's engines give for that seed.

    An inside-out Fisher-Yates shuffle over the generator of Park and Miller (x → 16807 x mod 2³¹ - 1). A seed that is
    no number is 0, as all of them are that have no whole part.

    >>> shuffled("ABCDEF", 42) == shuffled("ABCDEF", 42)
    True
    """
    state = int(math.fmod(seed, _MODULUS)) if math.isfinite(seed) else 0  # with the seed's sign, as in JavaScript
    if state <= 0:
        state += _MODULUS - 1
    found: list[T] = []
    for n, item in enumerate(items):
        state = state * _FACTOR % _MODULUS
        place = int((state - 1) / (_MODULUS - 1) * (n + 1))
        if place == n:
            found.append(item)
        else:
            found.append(found[place])
            found[place] = item
    return found


def uuid(env: Env, length: float = math.nan) -> str:
    """A random id, version 4; or that many letters and digits."""
    if math.isnan(length):
        digits = [int(env.random() * 16) for _ in range(32)]
        digits[12], digits[16] = 4, 8 + digits[16] % 4
        text = "".join(f"{digit:x}" for digit in digits)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    wanted = int(max(0, min(length, TEXT_MAX)))
    return "".join(_LETTERS[int(env.random() * len(_LETTERS))] for _ in range(wanted))


def _randomize(args: Sequence[Code], site: Site) -> Code:
    nodes = needed(args, site)
    if len(args) == 1:
        return Code(Kind.NODES, lambda env: shuffled(nodes(env), math.floor(env.random() * _MODULUS)))
    seed = number_of(args[1])

    def in_order(env: Any) -> list[Node]:
        return shuffled(nodes(env), seed(env))

    return Code(Kind.NODES, in_order)


FUNCTIONS: Final = (
    plain("random", "E", Kind.NUMBER, lambda env: env.random(), "random() < 1", volatile=True),
    plain(
        "uuid",
        "En",
        Kind.TEXT,
        uuid,
        "string-length(uuid()) = 36 and string-length(uuid(6)) = 6",
        least=0,
        volatile=True,
    ),
    Function("randomize", 1, 2, Kind.NODES, _randomize, "count(randomize(${n}, 42)) = 3", volatile=True),
)
