"""The values that matter for the truth of conditions: finitely many stand for all, so that trying them decides.

A comparison of a number with constants only depends on where the number stands between them; `selected(x, 'a')` only
on whether 'a' is in x. Whatever is not of such a form becomes a truth of its own that may be either: that way nothing
is called impossible that is not.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from typing import Final, TypeAlias

Value: TypeAlias = str | float | bool
Assignment: TypeAlias = Mapping[str, Value]

TRIED_MAX: Final = 5_000  # combinations for one question; beyond, nothing is claimed
MENTIONED_MAX: Final = 6  # options of one select_multiple that a condition names


@dataclass(frozen=True, slots=True)
class Formula:
    """A condition over variables. `holds` is only asked with a value for each of `over`."""

    over: frozenset[str]
    holds: Callable[[Assignment], bool]


def always(truth: bool) -> Formula:
    """The condition that is that, whatever the values."""
    return Formula(frozenset(), lambda _values: truth)


def negated(inner: Formula) -> Formula:
    """The opposite."""
    return Formula(inner.over, lambda values: not inner.holds(values))


def all_of(parts: Sequence[Formula]) -> Formula:
    """True when every part is."""
    return Formula(_over(parts), lambda values: all(part.holds(values) for part in parts))


def any_of(parts: Sequence[Formula]) -> Formula:
    """True when one part is."""
    return Formula(_over(parts), lambda values: any(part.holds(values) for part in parts))


def _over(parts: Sequence[Formula]) -> frozenset[str]:
    return frozenset().union(*(part.over for part in parts)) if parts else frozenset()


@dataclass(slots=True)
class Numbers:
    """A number, or blank (NaN)."""

    whole: bool = False
    may_be_blank: bool = True
    least: float = -math.inf
    most: float = math.inf
    compared: set[float] = field(default_factory=set)  # the constants it is held against

    def values(self) -> list[Value]:
        """One from every stretch between the constants, and the constants."""
        marks = sorted({mark for mark in (*self.compared, self.least, self.most, 0.0) if math.isfinite(mark)})
        if self.whole:
            near = {math.floor(mark) + step for mark in marks for step in (-1, 0, 1, 2)}
            found = [float(number) for number in sorted(near)]
        else:
            between = [(one + other) / 2 for one, other in pairwise(marks)]
            found = sorted([marks[0] - 1, *marks, *between, marks[-1] + 1])
        blank = [math.nan] if self.may_be_blank else []
        return [*(number for number in found if self.least <= number <= self.most), *blank]


@dataclass(slots=True)
class Words:
    """A text: blank, one of the words it is held against, or another."""

    options: frozenset[str] | None = None  # the only ones it can be; None: anything
    may_be_blank: bool = True
    compared: set[str] = field(default_factory=set)

    def values(self) -> list[Value]:
        """All that can be told apart."""
        blank = [""] if self.may_be_blank else []
        if self.options is not None:
            return [*sorted(self.options), *blank]
        other = "another"
        while other in self.compared:
            other += "_"
        return [other, *sorted(self.compared - {""}), *blank]


@dataclass(slots=True)
class Several:
    """The options chosen in a select_multiple, as names joined by blanks."""

    options: Sequence[str]
    may_be_blank: bool = True
    mentioned: set[str] = field(default_factory=set)
    counted_to: float = 0.0  # the largest number their count is held against

    def values(self) -> list[Value] | None:
        """Every choice among the mentioned ones, with every number of others that matters; None: too many."""
        named = [option for option in self.options if option in self.mentioned]
        others = [option for option in self.options if option not in self.mentioned]
        if len(named) > MENTIONED_MAX:
            return None
        most = min(len(others), int(max(self.counted_to, 0.0)) + 2)
        counts = {*range(most + 1), len(others)}
        found = [
            " ".join([*some, *others[:count]])
            for size in range(len(named) + 1)
            for some in combinations(named, size)
            for count in sorted(counts)
        ]
        return [value for value in found if value or self.may_be_blank]


class Truths:
    """Something that may be true or false; why is not known."""

    def values(self) -> list[Value]:
        """Both."""
        return [True, False]


Variable: TypeAlias = Numbers | Words | Several | Truths


def can_hold(parts: Iterable[Formula], variables: Mapping[str, Variable]) -> bool:
    """Whether values exist for which all parts hold; True too when there is too much to try."""
    left = list(parts)
    if any(not part.over and not part.holds({}) for part in left):
        return False
    return all(_tried(group, variables) for group in _connected(part for part in left if part.over))


def _connected(parts: Iterable[Formula]) -> list[list[Formula]]:
    """Parts that share variables, together: the others can be looked at on their own."""
    groups: list[tuple[set[str], list[Formula]]] = []
    for part in parts:
        over, together = set(part.over), [part]
        apart: list[tuple[set[str], list[Formula]]] = []
        for names, group in groups:
            if names & over:
                over |= names
                together = [*group, *together]
            else:
                apart.append((names, group))
        groups = [*apart, (over, together)]
    return [group for _, group in groups]


def _tried(parts: list[Formula], variables: Mapping[str, Variable]) -> bool:
    """Whether one combination makes all of them hold; when there are too many, what hangs on one variable alone."""
    values: dict[str, list[Value]] = {}
    for name in sorted(_over(parts)):
        found = variables[name].values()
        if found is None:
            return True
        values[name] = found
    if math.prod(len(each) for each in values.values()) <= TRIED_MAX:
        return any(all(part.holds(chosen) for part in parts) for chosen in _combinations(values))
    alone = [[part for part in parts if part.over == {name}] for name in values]
    return all(
        any(all(part.holds({name: value}) for part in group) for value in values[name])
        for name, group in zip(values, alone, strict=True)
    )


def _combinations(values: Mapping[str, list[Value]]) -> Iterator[Assignment]:
    for chosen in product(*values.values()):
        yield dict(zip(values, chosen, strict=True))
