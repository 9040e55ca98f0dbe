"""How an input is read, for `khaosat read`: the same readers as a talk uses, with today and the places filled in."""

import datetime as dt
from typing import Final

from bot.i18n import HANOI
from bot.library import sample_flows
from flows.answers.kinds import KINDS, Kind, read_answer
from flows.answers.option import Options
from flows.answers.reading import Reading
from flows.machine import Machine, compile

__all__ = ["KINDS", "read_as"]

_PLACES: Final = frozenset({"ward", "province"})


def read_as(kind: Kind, text: str, *, date: str = "", machine: Machine | None = None, question: str = "") -> Reading:
    """What `text` means as an answer of that kind.

    Args:
        kind: one of KINDS.
        text: as a person typed it.
        date: today as YYYY-MM-DD; "": the real one in Hanoi.
        machine: for options and places: the flow they belong to; places have the samples' own otherwise.
        question: for options: the select they are chosen in.

    Raises:
        ValueError: `date` is no date.
        LookupError: the flow has no such question, or an option was asked for without one.
    """
    today = dt.date.fromisoformat(date) if date else dt.datetime.now(HANOI).date()
    options = _options(machine, question) if kind == "option" else Options(())
    places = (machine or _sample_with_places()).gazetteer if kind in _PLACES else None
    return read_answer(kind, text, today=today, options=options, gazetteer=places)


def _options(machine: Machine | None, question: str) -> Options:
    if machine is None or question not in machine.by_name:
        raise LookupError(question)
    node = machine.nodes[machine.by_name[question][0]]
    if node.item.kind != "question" or not machine.listed(node):
        raise LookupError(question)
    return machine.wordings(node).options


def _sample_with_places() -> Machine:
    return compile(next(flow for flow in sample_flows() if "hanoi_units.csv" in flow.tables))
