"""What an event turned out to be for the open question: an answer, a reading to confirm, a choice of a few, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from flows.machine import by_name, labelled
from flows.session import Certainty, Say, Scalar
from flows.views import choosable
from flows.walk import Stop
from flows.world import World


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer. `also`: what the same words say about other questions (a range: the maximum)."""

    raw: str
    value: Scalar
    certainty: Certainty = "sure"
    exact: bool = False  # the very words of an option: not to be taken for a command
    also: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Confirm:
    """A reading to be read back."""

    raw: str
    value: Scalar
    ask: Say | None
    other: str = ""  # where the words go when the value is the option "other"


@dataclass(frozen=True, slots=True)
class Narrow:
    """Several options may be meant."""

    names: tuple[str, ...]
    say: Say


@dataclass(frozen=True, slots=True)
class Refused:
    """No answer to this question: our reason, or the form author's."""

    say: Say | None = None
    words: str = ""
    noise: str = ""  # the words, where they say nothing: said once more, they are taken


@dataclass(frozen=True, slots=True)
class Toggled:
    """The card changed, nothing is answered yet."""

    chosen: tuple[str, ...]
    say: Say | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A voice was sent where words are asked: kept, and its words may follow."""

    file: str


@dataclass(frozen=True, slots=True)
class Written:
    """A quick reply was pressed: the words it stands for."""

    text: str


Outcome: TypeAlias = Taken | Confirm | Narrow | Refused | Toggled | Heard


def why_not(outcome: Refused | Narrow) -> Say:
    """The reason as a sentence to be said in passing."""
    if isinstance(outcome, Refused) and outcome.words:
        return Say("widgets.words", {"words": outcome.words})
    return outcome.say or Say("engine.not_understood")


def judged(
    world: World,
    stop: Stop,
    raw: str,
    value: Scalar,
    *,
    certainty: Certainty = "sure",
    exact: bool = False,
    also: Mapping[str, Scalar] | None = None,
) -> Outcome:
    """A value, once the constraint has had its say."""
    node = world.machine.nodes[stop.index]
    if not world.constraint_holds(stop.index, stop.ids, value):
        words = world.machine.words(node.question.constraint_message, world.lang)
        return Refused(None if words else Say("engine.constraint"), words)
    return Taken(raw, value, certainty, exact, also or {})


def named(world: World, stop: Stop, name: str) -> str:
    """The label of a chosen option, as it stands on its button."""
    found = by_name(choosable(world, stop.index, stop.ids), name)
    return labelled(found, world.lang, world.machine.flow.default_language) if found else name
