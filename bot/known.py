"""What is known of a person's answers before they give them: by `chat.prefill_from`, and from their last form of a flow."""

import json
from collections.abc import Mapping
from typing import Final

from bot.codebook import Codebook
from flows.machine import Machine
from flows.model import MEDIA, NUMBERS, SILENT, Flow, Question
from flows.session import Known, Scalar
from storage import submissions
from storage.tx import Tx

BY_LINK: Final = "deep_link"
BY_NOTHING: Final = "none"  # asked anew each time, as an opinion should be
BY_LAST: Final = "previous_report"  # also of answers that would not be offered otherwise
_OPINIONS: Final = frozenset({"stars", "nps", "likert"})  # asked anew each time: a last opinion must not sway this one
_NEVER: Final = MEDIA | SILENT | {"note", "range", "rank", "acknowledge", "geopoint", "geotrace", "geoshape"}


async def known_of(tx: Tx, machine: Machine, person: str, prefill: Mapping[str, str]) -> dict[str, Known]:
    """By path, what may be offered (or, from a link, taken) in a new session of a flow."""
    records: dict[str, Mapping[str, Scalar]] = {}
    for one in await submissions.of_person(tx, person):  # the newest first
        if one.flow not in records:
            records[one.flow] = json.loads(one.record)
    found: dict[str, Known] = {}
    book = Codebook(machine.flow)
    last = records.get(machine.name, {})
    for path, value in last.items():
        field = book.field(path)
        if field is not None and _is_offered(field.question):
            found[path] = Known(value, "last")
    for field in book.fields:
        wanted, question = field.question.chat.prefill_from or "", field.question
        if question.pii == "consent" or question.type in _NEVER or field.repeat:
            continue
        if wanted == BY_LINK and field.name in prefill:
            value = as_typed(question, prefill[field.name])
            if value is not None:
                found[field.path] = Known(value, "link", hide=question.chat.hide_if_prefilled)
        elif "." in wanted and field.path not in found:
            flow, _, name = wanted.partition(".")
            other = next((v for p, v in records.get(flow, {}).items() if p.rpartition("/")[2] == name), None)
            if other is not None:
                found[field.path] = Known(other, "last")
    return found


def as_typed(question: Question, text: str) -> Scalar:
    """A link's text as the question stores it; None: it is no number where one is asked."""
    if question.type not in NUMBERS:
        return text
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def unfit(flow: Flow, prefill: Mapping[str, str]) -> str:
    """The first question that a link cannot fill in so: not of the flow, not open to links, no such option; "": none."""
    asked = {question.name: question for question in flow.questions()}
    for name, text in prefill.items():
        question = asked.get(name)
        if question is None or question.chat.prefill_from != BY_LINK or as_typed(question, text) in {None, ""}:
            return name
        listed = flow.choices.get(question.list_name or "")
        if listed is not None and any(part not in {one.name for one in listed} for part in text.split()):
            return name
    return ""


def _is_offered(question: Question) -> bool:
    """Whether the answer of last time is offered: no consent, no opinion, and nothing sensitive unless the form says so."""
    if question.pii == "consent" or question.type in _NEVER or question.chat.prefill_from in {BY_LINK, BY_NOTHING}:
        return False
    if question.chat.prefill_from == BY_LAST:
        return True
    widget = (question.chat.widget or question.appearance).split()
    return question.pii != "sensitive" and not _OPINIONS.intersection(widget)
