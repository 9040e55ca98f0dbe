"""What is handed in: the relevant answers and calculations, once every one of them may stand."""

from datetime import date, datetime, time

from flows.expressions.env import Atom
from flows.expressions.values import to_text
from flows.machine import Ids, Kind, Node, is_shown
from flows.session import Say, Scalar
from flows.walk import Stop
from flows.world import World


def unmet(world: World, stop: Stop, *, as_given: bool = False) -> Say | None:
    """Why an answer may no longer stand; None: it may.

    `as_given`: what could stand on the day it was given still may ("a date to come" in a form that is being corrected).
    """
    answer = world.answers.get(stop.path)
    value = answer.value if answer is not None else None
    if stop.kind == "note":  # read-only: what it is worth counts, and a required note without a value blocks
        value = computed(world, world.machine.nodes[stop.index], stop.ids)
    if (value is None or value == "") and world.required(stop.index, stop.ids):
        return Say("engine.required")
    if world.constraint_holds(stop.index, stop.ids, value):
        return None
    if as_given and answer is not None and world.constraint_held(stop.index, stop.ids, value, answer.answered_at):
        return None
    return Say("engine.constraint")


def record_of(world: World) -> dict[str, Scalar]:
    """Relevant answers and calculations by path; what is hidden or blank is cut."""
    found: dict[str, Scalar] = {}
    for node in world.machine.nodes:
        if node.kind is not Kind.QUESTION or node.question.type == "note":
            continue
        for ids in world.every(node.repeats, ()):
            if not world.relevant(node.index, ids):
                continue
            path = world.machine.path(node.index, ids)
            answer = world.answers.get(path)
            value = answer.value if answer is not None and is_shown(node.question) else computed(world, node, ids)
            if value is not None and value != "":
                found[path] = value
    return found


def computed(world: World, node: Node, ids: Ids) -> Scalar:
    """What a calculation is worth, as it is stored: whole numbers as integers, dates as ISO."""
    return stored(world.value(node.index, ids))


def stored(worth: Atom) -> Scalar:
    """A value of expressions as it is stored."""
    if isinstance(worth, bool):
        return to_text(worth)
    if isinstance(worth, float):
        return int(worth) if worth.is_integer() and abs(worth) < 1e15 else worth
    if isinstance(worth, date | datetime | time):
        return to_text(worth)
    return worth
