"""The calendar on a date's card: which days, months or years to offer, and which of them the form forbids."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from flows.model import Question
from flows.session import Calendar, Cell, Precision, Session
from flows.walk import Stop
from flows.world import World

YEARS_MIN: Final = 1900
YEARS_MAX: Final = 2100
DOZEN: Final = 12  # years shown together

_VALUE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_TURNS: Final = re.compile(r"\d{4}(?:s|-\d{2})?")
_BOUND: Final = re.compile(r"(?<![\w/)\].])\.\s*(<=|>=|<|>)\s*(?:(today\(\))|(?:date\()?'(\d{4}-\d{2}-\d{2})'\)?)")


def precision_of(question: Question) -> Precision:
    """How much of a date is asked: `month-year` and `year` are XLSForm's appearances for less than a day."""
    looks = question.appearance.split()
    if "year" in looks:
        return "year"
    return "month" if "month-year" in looks else "day"


def calendar_of(world: World, session: Session, stop: Stop) -> Calendar | None:
    """The calendar of a date's card; None for other questions and for the appearance `no-calendar`."""
    question = world.machine.nodes[stop.index].question
    if question.type != "date" or "no-calendar" in question.appearance.split():
        return None
    precision = precision_of(question)
    today = world.now.date()
    least, most = _bounds(question.constraint or "", today)
    answer = session.answers.get(stop.path)
    standing = str(answer.value) if answer is not None and answer.value else ""
    at = _shown_at(session.draft.turned, standing, precision, min(max(today, least), most))
    cells = tuple(Cell(value, _is_free(world, stop, value, least, most), _is_on(value, standing)) for value in _of(at))
    return Calendar(
        precision,
        at,
        cells,
        least.isoformat() if least.year > YEARS_MIN else "",
        most.isoformat() if most.year < YEARS_MAX else "",
        tuple((name, value) for name, value in _chips(precision, today) if _is_free(world, stop, value, least, most)),
    )


def turned(arg: str) -> str:
    """Where a button turns the calendar to; "" for what no calendar has.

    >>> turned("2026-11"), turned("2020s"), turned("26"), turned("2026-13")
    ('2026-11', '2020s', '', '')
    """
    if _TURNS.fullmatch(arg) is None or not YEARS_MIN <= int(arg[:4]) <= YEARS_MAX:
        return ""
    return arg if len(arg) != len("2026-11") or 1 <= int(arg[5:]) <= 12 else ""


def picked(arg: str, precision: Precision) -> tuple[str, str] | None:
    """(raw, value) of a cell that was pressed; None when it is none of that precision. A period is its first day.

    >>> picked("2025-08", "month"), picked("2025-08", "day"), picked("2025-02-30", "day")
    (('08/2025', '2025-08-01'), None, None)
    """
    found = _VALUE.fullmatch(arg)
    wanted = {"day": 10, "month": 7, "year": 4}[precision]
    if found is None or len(arg) != wanted:
        return None
    try:
        day = date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None
    return "/".join(part for part in (found[3], found[2], found[1]) if part), day.isoformat()


def coarse(arg: str) -> Precision:
    """The precision that a cell has by its length."""
    return "year" if len(arg) == len("2026") else "month" if len(arg) == len("2026-11") else "day"


def beside(at: str, step: int) -> str:
    """The month, year or dozen of years before (-1) or after (1); "" beyond the ends of time.

    >>> beside("2026-12", 1), beside("2026", -1), beside("1992s", 1)
    ('2027-01', '2025', '2004s')
    """
    year = int(at[:4])
    if at.endswith("s"):
        return turned(f"{year + DOZEN * step:04}s")
    if len(at) == len("2026"):
        return turned(f"{year + step:04}")
    months = year * 12 + int(at[5:]) - 1 + step
    return turned(f"{months // 12:04}-{months % 12 + 1:02}")


def wider(at: str) -> str:
    """What the title of a calendar leads to: from days to months, from months to years; "" from years.

    >>> wider("2026-11"), wider("2026"), wider("2016s")
    ('2026', '2016s', '')
    """
    if at.endswith("s"):
        return ""
    return at[:4] if len(at) > len("2026") else _dozen(int(at))


def _dozen(year: int) -> str:
    return f"{year - (year - YEARS_MIN + 4) % DOZEN:04}s"


def _shown_at(at: str, standing: str, precision: Precision, near: date) -> str:
    """Where the calendar stands: where it was turned to, else at the answer, else near today."""
    if at:
        return at
    month = standing[:7] if _VALUE.match(standing) else near.isoformat()[:7]
    if precision == "day":
        return month
    return month[:4] if precision == "month" else _dozen(int(month[:4]))


def _of(at: str) -> list[str]:
    """The cells of a page."""
    year = int(at[:4])
    if at.endswith("s"):
        return [f"{each:04}" for each in range(year, year + DOZEN)]
    if len(at) == len("2026"):
        return [f"{at}-{month:02}" for month in range(1, 13)]
    return [f"{at}-{day:02}" for day in range(1, monthrange(year, int(at[5:]))[1] + 1)]


def _is_free(world: World, stop: Stop, value: str, least: date, most: date) -> bool:
    """Whether the form may take it. The bounds tell of periods; of a single day, and of a kept one, the constraint."""
    start, end = _span(value)
    if end < least or start > most:
        return False
    precision = precision_of(world.machine.nodes[stop.index].question)
    if picked(value, precision) is None:
        return True
    return world.constraint_holds(stop.index, stop.ids, start.isoformat())


def _span(value: str) -> tuple[date, date]:
    year, month, day = (int(part) if part else 0 for part in _VALUE.fullmatch(value).groups())  # type: ignore[union-attr]
    if day:
        return date(year, month, day), date(year, month, day)
    if month:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return date(year, 1, 1), date(year, 12, 31)


def _is_on(value: str, standing: str) -> bool:
    return bool(standing) and standing.startswith(value)


def _bounds(constraint: str, today: date) -> tuple[date, date]:
    """The first and last day that the constraint allows, where it says so plainly. A hint: the constraint decides."""
    least, most = date(YEARS_MIN, 1, 1), date(YEARS_MAX, 12, 31)
    if " or " in constraint or "not(" in constraint:
        return least, most
    for sign, is_today, written in _BOUND.findall(constraint):
        try:
            day = today if is_today else date.fromisoformat(written)
        except ValueError:
            continue
        match sign:
            case ">=":
                least = max(least, day)
            case ">":
                least = max(least, day + timedelta(days=1))
            case "<=":
                most = min(most, day)
            case _:
                most = min(most, day - timedelta(days=1))
    return (least, most) if least <= most else (date(YEARS_MIN, 1, 1), date(YEARS_MAX, 12, 31))


def _chips(precision: Precision, today: date) -> list[tuple[str, str]]:
    """Near dates worth one tap."""
    start = today.replace(day=1)
    match precision:
        case "day":
            near = {"today": today, "yesterday": today - timedelta(days=1), "month_start": start}
            return [(name, day.isoformat()) for name, day in near.items()]
        case "month":
            before = start - timedelta(days=1)
            return [("this_month", today.isoformat()[:7]), ("last_month", before.isoformat()[:7])]
        case _:
            return []
