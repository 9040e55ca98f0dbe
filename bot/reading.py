"""How inputs are read, for `khaosat read`: the same readers as a talk uses, with today and the places filled in."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from bot.i18n import HANOI
from bot.library import sample_flows
from flows.answers.gazetteer import Gazetteer
from flows.answers.kinds import KINDS, Kind, read_answer
from flows.answers.option import Options, read_option, read_options, read_rank
from flows.answers.reading import Reading
from flows.machine import Machine, compile

__all__ = ["KINDS", "reader"]

_PLACES: Final = frozenset({"ward", "province"})


def reader(
    kind: Kind, *, date: str = "", machine: Machine | None = None, question: str = ""
) -> Callable[[str], tuple[Reading, dict[str, Any]]]:
    """Reads one text after the other as answers of that kind: what it means, and that as JSON.

    In the JSON a ward or province is {"code", "name"}.

    Args:
        kind: one of KINDS.
        date: today as YYYY-MM-DD; "": the real one in Hanoi.
        machine: for options and places: the flow they belong to; places have the samples' own otherwise.
        question: for options: the select they are chosen in; several of them, joined by blanks, if it takes several.

    Raises:
        ValueError: `date` is no date.
        LookupError: the flow has no such question, or an option was asked for without one.
    """
    today = dt.date.fromisoformat(date) if date else dt.datetime.now(HANOI).date()
    places = (machine or _sample_with_places()).gazetteer if kind in _PLACES else None
    choose = _choosing(machine, question) if kind == "option" else None

    def read(text: str) -> tuple[Reading, dict[str, Any]]:
        found = choose(text) if choose is not None else read_answer(kind, text, today=today, gazetteer=places)
        return found, _told(kind, found, places)

    return read


def _told(kind: Kind, found: Reading, places: Gazetteer | None) -> dict[str, Any]:
    """The reading as JSON, with the name of a place beside its code."""
    told = found.as_json()
    if places is not None and found.value is not None:
        code = str(found.value)
        place = places.units[code] if kind == "ward" else places.provinces[code]
        told["value"] = {"code": code, "name": place.name}
    return told


def _choosing(machine: Machine | None, question: str) -> Callable[[str], Reading]:
    """The reader of one option, of several or of their order, as the question takes them."""
    if machine is None or question not in machine.by_name:
        raise LookupError(question)
    node = machine.nodes[machine.by_name[question][0]]
    if node.item.kind != "question" or not machine.listed(node):
        raise LookupError(question)
    many: dict[str, Callable[[str, Options], Reading]] = {"select_multiple": read_options, "rank": read_rank}
    read, options = many.get(node.question.type, read_option), machine.wordings(node).options
    return lambda text: read(text, options)


def _sample_with_places() -> Machine:
    return compile(next(flow for flow in sample_flows() if "hanoi_units.csv" in flow.tables))
