"""Everything that is doubtful about a flow, before anybody is asked a question of it."""

from collections.abc import Set as AbstractSet
from typing import Final

from flows.checks.expressions import expressions, read_all
from flows.checks.form import Form
from flows.checks.privacy import privacy
from flows.checks.structure import QUESTIONS_MAX, structure
from flows.checks.truths import truths
from flows.checks.words import TELEGRAM, Limits, words
from flows.model import Flow
from flows.problems import Place, Problem, problem

__all__ = ["PLACEHOLDERS", "TELEGRAM", "Limits", "check"]

PLACEHOLDERS: Final = frozenset({"organiser", "retention", "contact"})  # what the settings fill, everywhere


def check(
    flow: Flow, *, placeholders: AbstractSet[str] = PLACEHOLDERS, channels: tuple[Limits, ...] = (TELEGRAM,)
) -> tuple[Problem, ...]:
    """Everything wrong or doubtful, all at once, in the order of the file; empty: publish it.

    Args:
        flow: as read.
        placeholders: the {words} that are filled in at run time; {receipt} is besides known in `thank_you`.
        channels: what the channels it goes to can show.

    What it calls unreachable or impossible is so whatever people answer; it never guesses.
    """
    form = Form(flow)
    if len(form.questions) > QUESTIONS_MAX:
        facts = {"count": str(len(form.questions)), "most": str(QUESTIONS_MAX)}
        return (problem("too_many_questions", flow.place, **facts),)
    reading = read_all(form)
    found = [
        *structure(form),
        *words(form, placeholders, channels),
        *privacy(form),
        *expressions(form, reading),
        *truths(form, reading),
    ]
    return tuple(sorted(found, key=lambda each: _order(each.place)))


def _order(place: Place) -> tuple[str, str, int, int]:
    column = place.column if isinstance(place.column, int) else 0
    return place.file or "", place.sheet or "", place.line or place.row or 0, column
