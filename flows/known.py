"""Answers known before they are given: from the person's earlier form, or from the link they came by. Offered, never assumed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from flows.machine import Ids, Listed
from flows.matrix import table_of
from flows.model import NUMBERS, SELECTS
from flows.session import Answer, Known, Scalar, Session
from flows.walk import Stop
from flows.world import World

SAME: Final = frozenset({"nhu lan truoc", "nhu cu", "giong lan truoc", "same as last time", "same as before"})  # folded


def offered(world: World, session: Session, stop: Stop, options: Sequence[Listed]) -> Known | None:
    """What may be offered for the open question: it must still fit the form, and nothing else has been answered there."""
    known = session.known.get(stop.path)
    if known is None or stop.kind != "question" or stop.path in session.answers:
        return None
    if world.machine.nodes[stop.index].question.pii == "consent" or table_of(world.machine, stop.index) is not None:
        return None
    return known if fits(world, stop.index, stop.ids, known.value, options) else None


def begun_with(world: World, known: Mapping[str, Known], at: int) -> dict[str, Answer]:
    """Answers that the link has given and the form does not ask for then (`hide_if_prefilled`)."""
    found: dict[str, Answer] = {}
    for path, one in known.items():
        place = world.machine.find(path)
        if not one.hide or place is None:
            continue
        index, ids = place
        options = world.options(index, ids) if world.machine.nodes[index].question.type in SELECTS else ()
        if fits(world, index, ids, one.value, options):
            found[path] = Answer("", one.value, "confirmed", at, at)
    return found


def fits(world: World, index: int, ids: Ids, value: Scalar, options: Sequence[Listed]) -> bool:
    """Whether a value may be the answer as things look now."""
    question = world.machine.nodes[index].question
    kind = question.type
    if kind in SELECTS:
        names = {option.name for option in options}
        given = [value] if kind == "select_one" else str(value or "").split()
        if not given or any(name not in names for name in given):
            return False
    elif kind in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else int | float):
            return False
    elif kind == "date":
        if not _is_day(value):
            return False
    elif kind != "text" or not isinstance(value, str) or not value.strip():
        return False
    return world.constraint_holds(index, ids, value)


def _is_day(value: Scalar) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True
