"""What a reader made of a text: a value, how sure it is, and what to ask back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Certainty: TypeAlias = Literal["sure", "confirm", "vague", "none"]
Precision: TypeAlias = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Range:
    """From `min` to `max`, both included; None: open on that side."""

    min: int | float | None
    max: int | float | None


Value: TypeAlias = str | int | float | Range | None
Fact: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several things a text may mean: what would be stored, and the words to show it by."""

    value: str | int | float
    label: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means.

    Certainties: `sure`, take the value; `confirm`, read it back for one tap; `vague`, something was understood but
    there is no value, ask again for what is missing; `none`, not understood.
    `value` is set when and only when the certainty is sure or confirm. A `Range` is never an answer in itself:
    the question either has a place for both ends or asks for one number.
    """

    value: Value
    certainty: Certainty
    ask: str | None = None  # key of the sentence to ask back with; None when sure
    facts: Mapping[str, Fact] = field(default_factory=dict)  # what stands in the holes of that sentence
    candidates: tuple[Candidate, ...] = ()  # the likeliest first
    approx: bool = False  # said with "about", "nearly", "more than"
    currency: str | None = None  # of an amount that is not in đồng, ISO 4217
    precision: Precision | None = None  # of a date: what was said; the value is its last day

    def as_json(self) -> dict[str, Any]:
        """{"value", "certainty", "ask"}, a range as {"min", "max"}; the other fields only where they say something."""
        value: Any = {"min": self.value.min, "max": self.value.max} if isinstance(self.value, Range) else self.value
        told: dict[str, Any] = {"value": value, "certainty": self.certainty, "ask": self.ask}
        if self.facts:
            told["facts"] = dict(self.facts)
        if self.candidates:
            told["candidates"] = [{"value": each.value, "label": each.label} for each in self.candidates]
        if self.approx:
            told["approx"] = True
        if self.currency:
            told["currency"] = self.currency
        if self.precision:
            told["precision"] = self.precision
        return told


def sure(value: Value, *, approx: bool = False, precision: Precision | None = None) -> Reading:
    """Take it."""
    return Reading(value, "sure", approx=approx, precision=precision)


def confirm(
    value: Value,
    ask: str,
    facts: Mapping[str, Fact] | None = None,
    *,
    candidates: Sequence[Candidate] = (),
    approx: bool = False,
    precision: Precision | None = None,
) -> Reading:
    """Read it back for one tap."""
    return Reading(value, "confirm", ask, facts or {}, tuple(candidates), approx=approx, precision=precision)


def vague(
    ask: str,
    facts: Mapping[str, Fact] | None = None,
    *,
    candidates: Sequence[Candidate] = (),
    currency: str | None = None,
) -> Reading:
    """Something was understood, and `ask` asks for what is missing."""
    return Reading(None, "vague", ask, facts or {}, tuple(candidates), currency=currency)


def none(ask: str, facts: Mapping[str, Fact] | None = None) -> Reading:
    """Not understood."""
    return Reading(None, "none", ask, facts or {})
