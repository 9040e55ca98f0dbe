"""What may leave for a staff chat about a submission: labels of options and rough sizes, never who or in which words."""

import math
import re
from collections.abc import Iterator
from typing import Final

from bot.codebook import Codebook, Field, Record
from bot.i18n import Words
from flows.model import NUMBERS, SELECTS, Question
from flows.session import Scalar
from flows.value import Value

LINES_MAX: Final = 10
LABEL_MAX: Final = 80  # letters; a card is read at a glance
VALUE_MAX: Final = 200
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)
_FLAG: Final = re.compile(r",\s*1\s*,\s*0\s*\)\s*$")
STEPS_MAX: Final = 11  # a scale of so few steps (stars, 0-10) is told exactly: it sizes nothing


class Summary(Value):
    """A submission in a few lines, each a label and what was answered, in the reader's language."""

    lines: tuple[tuple[str, str], ...] = ()


def masked(codebook: Codebook, record: Record, lang: str, words: Words) -> Summary:
    """The lines of `flow.summary` that say nothing personal, in its order, at most `LINES_MAX`.

    Only this is ever told: the form author's own words for an option, between which round numbers a number lies, a year,
    and the month of a date. What a respondent wrote has no way in, whatever `flow.summary` names.
    """
    lines = []
    for name in dict.fromkeys(codebook.flow.summary):
        field = codebook.named(name)
        if field is None or not codebook.may_leave(field):
            continue
        told = _told(codebook, field, record, lang, words)
        if told:
            lines.append(
                (
                    shortened(codebook.label(field, lang).rstrip("?:. "), LABEL_MAX),
                    shortened(", ".join(told), VALUE_MAX),
                )
            )
    return Summary(lines=tuple(lines[:LINES_MAX]))


def cut(codebook: Codebook, record: Record) -> dict[str, Scalar]:
    """The part of a record that `masked` needs, in no language: small enough to be kept beside a submission."""
    wanted = {f.path for f in map(codebook.named, codebook.flow.summary) if f is not None and codebook.may_leave(f)}
    return {path: value for path, value in record.items() if _path(codebook, path) in wanted}


def needs(codebook: Codebook, record: Record) -> tuple[str, ...]:
    """The options chosen in the first select of `flow.summary`: what a digest counts."""
    for field in map(codebook.named, codebook.flow.summary):
        if field is not None and codebook.may_leave(field) and field.question.type in SELECTS:
            return tuple(n for value in _values(codebook, field, record) for n in _names(codebook, field, value))
    return ()


def need(codebook: Codebook, name: str, lang: str) -> str:
    """The label of what `needs` names."""
    for field in map(codebook.named, codebook.flow.summary):
        if field is not None and codebook.may_leave(field) and field.question.type in SELECTS:
            return shortened(codebook.option(field, name, lang) or name, LABEL_MAX)
    return name


def shortened(text: str, most: int) -> str:
    """The text on one line of at most so many letters."""
    whole = " ".join(text.split())
    return whole if len(whole) <= most else whole[: most - 1] + "…"


def band(value: float) -> tuple[float, float]:
    """The neighbours of a number in …, 1, 2, 5, 10, 20, 50, …; the lower one belongs to the band.

    >>> band(37), band(0), band(2_000_000_000), band(-3)
    ((20.0, 50.0), (0.0, 0.0), (2000000000.0, 5000000000.0), (-5.0, -2.0))
    """
    if value == 0 or not math.isfinite(value):
        return 0.0, 0.0
    if value < 0:
        low, high = band(-value)
        return -high, -low
    power = 10.0 ** math.floor(math.log10(value))
    steps = [0.5 * power, power, 2 * power, 5 * power, 10 * power, 20 * power]  # one to spare: log10 is not exact
    low = max(step for step in steps if step <= value)
    return low, steps[steps.index(low) + 1]


def _told(codebook: Codebook, field: Field, record: Record, lang: str, words: Words) -> list[str]:
    """Each different thing answered to a field, whatever instances of a repeat it was answered in."""
    told: list[str] = []
    for value in _values(codebook, field, record):
        if field.question.type == "rank":
            names = _names(codebook, field, value)
            told.extend(f"{n}. {codebook.option(field, name, lang)}" for n, name in enumerate(names, 1))
        elif names := _names(codebook, field, value):
            told.extend(codebook.option(field, name, lang) or "" for name in names)
        elif field.question.type in NUMBERS | {"calculate", "date", "datetime"} and not codebook.options(field):
            told.extend(_sized(field, value, lang, words))
    return list(dict.fromkeys(told))


def _values(codebook: Codebook, field: Field, record: Record) -> Iterator[Scalar]:
    for path, value in record.items():
        if value is not None and _path(codebook, path) == field.path:
            yield value


def _path(codebook: Codebook, instance: str) -> str | None:
    found = codebook.field(instance)
    return None if found is None else found.path


def _names(codebook: Codebook, field: Field, value: Scalar) -> tuple[str, ...]:
    """The options a value names. What is in no list (an answer of "other", say) is left out."""
    if value is None:
        return ()
    options = codebook.options(field)
    chosen = str(value).split() if field.question.type in {"select_multiple", "rank"} else [str(value)]
    return tuple(name for name in chosen if name in options)


def _sized(field: Field, value: Scalar, lang: str, words: Words) -> Iterator[str]:
    """Between which round numbers it lies, or in which month. A text that a calculation made is never told."""
    question = field.question
    if isinstance(value, str):
        if question.type in {"date", "datetime"} and _DATE.match(value):
            yield words.instant(lang, value[: len("2026-11")])
    elif value is None or not math.isfinite(value):
        return
    elif _is_flag(question):
        yield words.say(lang, "notice.yes" if value else "notice.no")
    elif _is_year(question):
        yield f"{value:g}"
    elif question.type == "range" and _steps(field) <= STEPS_MAX:
        yield words.number(lang, value)
    elif question.chat.parse == "money_vi":
        yield _span(lang, words, *(words.money(lang, edge) for edge in band(value)))
    else:
        low, high = band(value)
        last = high - 1 if float(value).is_integer() and low >= 1 else high  # of whole numbers: 20 - 49, not 20 - 50
        yield _span(lang, words, words.number(lang, low), words.number(lang, last))


def _span(lang: str, words: Words, low: str, high: str) -> str:
    return words.say(lang, "notice.band", low=low, high=high) if low != high else low


def _is_flag(question: Question) -> bool:
    """Whether a calculation only says yes or no: `if(…, 1, 0)`."""
    return question.type == "calculate" and _FLAG.search(question.calculation or "") is not None


def _is_year(question: Question) -> bool:
    """Whether it asks for a year, which is no size: the last complete one, or one up to this year."""
    return question.type == "integer" and (
        question.chat.default_last_complete_year or "'%Y'" in (question.constraint or "")
    )


def _steps(field: Field) -> float:
    def number(name: str, default: float) -> float:
        try:
            return float(field.question.parameters.get(name, default))
        except ValueError:
            return default

    step = number("step", 1)
    return (number("end", 10) - number("start", 0)) / step + 1 if step > 0 else math.inf
