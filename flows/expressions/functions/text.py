"""Functions of text."""

import math
from collections.abc import Sequence
from typing import Any, Final

from flows.expressions.code import Code, Kind, text_of
from flows.expressions.env import Atom
from flows.expressions.patterns import BadPattern, Pattern, pattern
from flows.expressions.table import Function, Site, plain
from flows.expressions.values import TEXT_MAX, to_text


def concat(parts: Sequence[Atom]) -> str:
    """All parts as one text, node-sets laid out; no longer than `TEXT_MAX`."""
    return join("", parts)


def join(between: str, parts: Sequence[Atom]) -> str:
    """All parts with something between them; no longer than `TEXT_MAX`."""
    found: list[str] = []
    length = 0
    for part in parts:
        text = to_text(part)
        found.append(text)
        length += len(text) + len(between)
        if length > TEXT_MAX + len(between):
            break
    return between.join(found)[:TEXT_MAX]


def substr(text: str, start: float, end: float = math.inf) -> str:
    """Characters from `start` up to `end`, both from 0; negative ones count from the end."""
    return text[_place(start, text) : _place(end, text)]


def _place(place: float, text: str) -> int:
    if math.isnan(place):
        return 0
    bounded = int(max(-len(text), min(place, len(text))))
    return bounded + len(text) if place < 0 else bounded


def substring(text: str, start: float, length: float | None = None) -> str:
    """XPath's own: `length` characters from the `start`-th, which is 1 for the first; both are rounded."""
    first = _rounded(start)
    end = math.inf if length is None else first + _rounded(length)
    if math.isnan(first) or math.isnan(end):
        return ""
    low, high = max(first, 1), min(end, len(text) + 1)
    return text[int(low) - 1 : int(high) - 1] if low < high else ""


def _rounded(number: float) -> float:
    return number if math.isnan(number) or math.isinf(number) else math.floor(number + 0.5)


def before(text: str, mark: str) -> str:
    """What stands before the first `mark`; blank without one."""
    found = text.find(mark)
    return text[:found] if found > 0 else ""


def after(text: str, mark: str) -> str:
    """What stands after the first `mark`; blank without one."""
    found = text.find(mark)
    return text[found + len(mark) :] if found >= 0 else ""


def translate(text: str, old: str, new: str) -> str:
    """Each character of `old` becomes the one at the same place in `new`, or goes away when there is none."""
    table: dict[int, str | None] = {}
    for place, char in enumerate(old):
        table.setdefault(ord(char), new[place] if place < len(new) else None)
    return text.translate(table)


def normalize_space(text: str) -> str:
    """Without blanks at the ends, and one blank where there were several."""
    return " ".join(text.split())


def matches(text: str, source: str) -> bool:
    """Whether the whole text fits a pattern that is only known now; a pattern that cannot be used fits nothing."""
    found = pattern(source)
    return found is not None and found.matches(text)


def _regex(args: Sequence[Code], site: Site) -> Code:
    value, source = args
    if not isinstance(source.literal, str):
        first, second = text_of(value), text_of(source)
        return Code(Kind.BOOLEAN, lambda env: matches(first(env), second(env)))
    try:
        fits = Pattern(source.literal).matches
    except BadPattern as bad:
        raise site.fault("bad_regex", 1, pattern=source.literal[:100], construct=bad.construct) from bad
    text = text_of(value)
    return Code(Kind.BOOLEAN, lambda env: fits(text(env)))


def _text(args: Sequence[Code], site: Site) -> Code:
    return Code(Kind.TEXT, text_of(args[0] if args else site.here()))


def _of_text_or_here(kind: Kind, work: Any) -> Any:
    """A builder for a function of one text, which is the node's own value when there is no argument."""

    def build(args: Sequence[Code], site: Site) -> Code:
        text = text_of(args[0] if args else site.here())
        return Code(kind, lambda env: work(text(env)))

    return build


FUNCTIONS: Final = (
    Function("string", 0, 1, Kind.TEXT, _text, "string(1.50) = '1.5'"),
    plain("concat", "a*", Kind.TEXT, concat, "concat('n=', 25, '/', 1.50) = 'n=25/1.5'", least=0),
    plain("join", "ta*", Kind.TEXT, join, "join(', ', 'a', 'b') = 'a, b'", least=1),
    plain("contains", "tt", Kind.BOOLEAN, lambda text, part: part in text, "contains('hello', 'ell')"),
    plain("starts-with", "tt", Kind.BOOLEAN, str.startswith, "starts-with('hello', 'he')"),
    plain("ends-with", "tt", Kind.BOOLEAN, str.endswith, "ends-with('hello', 'lo')"),
    plain("substr", "tnn", Kind.TEXT, substr, "substr('hello', -3) = 'llo'", least=2),
    plain("substring", "tnn", Kind.TEXT, substring, "substring('12345', 2, 3) = '234'", least=2),
    plain("substring-before", "tt", Kind.TEXT, before, "substring-before('a=b', '=') = 'a'"),
    plain("substring-after", "tt", Kind.TEXT, after, "substring-after('a=b', '=') = 'b'"),
    plain("translate", "ttt", Kind.TEXT, translate, "translate('0912 345', ' ', '') = '0912345'"),
    Function(
        "string-length",
        0,
        1,
        Kind.NUMBER,
        _of_text_or_here(Kind.NUMBER, lambda t: float(len(t))),
        "string-length('Việt') = 4",
    ),
    Function(
        "normalize-space",
        0,
        1,
        Kind.TEXT,
        _of_text_or_here(Kind.TEXT, normalize_space),
        "normalize-space('  a  b ') = 'a b'",
    ),
    Function("regex", 2, 2, Kind.BOOLEAN, _regex, "regex('123', '[0-9]+') and not(regex('abc123', '[0-9]+'))"),
)
