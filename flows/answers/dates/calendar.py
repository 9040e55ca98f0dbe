"""Days, and what may be meant by part of one: the nearest 20 November, the last day of a month, a quarter from now."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from flows.answers.reading import Precision

Prefers = Literal["past", "future"]


@dataclass(frozen=True, slots=True)
class Found:
    """A day that may be meant; of a period its last one. `risky`: to be read back."""

    day: date
    precision: Precision
    risky: bool


def nearest(day: int, month: int, today: date, prefers: Prefers | None) -> date:
    """The day without its year: in the direction preferred (today counts for both), else the nearest of all."""
    if month > 12 >= day:
        day, month = month, day
    years = range(today.year - 4, today.year + 5)  # 29 February comes every four years
    days = [date(year, month, day) for year in years if day <= monthrange(year, month)[1]]
    wanted = [each for each in days if prefers is None or (each <= today if prefers == "past" else each >= today)]
    if not wanted:
        raise ValueError(f"no {day}/{month}")
    return min(wanted, key=lambda each: abs((each - today).days))


def months_on(day: date, months: int) -> date:
    """The same day so many months on, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def length_of(first: date) -> int:
    """Days of the month that a day is in."""
    return monthrange(first.year, first.month)[1]


def last_of_month(year: int, month: int) -> Found:
    """A month; raises ValueError when there is none of that number."""
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    return Found(date(year, month, monthrange(year, month)[1]), "month", risky=True)


def ends_of(span: str, shift: int, today: date) -> tuple[date, date, Precision]:
    """First and last day of a period, so many periods from the one `today` is in."""
    if span == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
        return monday, monday + timedelta(days=6), "week"
    months: dict[str, tuple[int, Precision]] = {"month": (1, "month"), "quarter": (3, "quarter"), "year": (12, "year")}
    length, precision = months[span]
    first = months_on(today.replace(month=(today.month - 1) // length * length + 1, day=1), shift * length)
    return first, months_on(first, length) - timedelta(days=1), precision


def shift_of(which: str | None) -> int:
    """How many periods from this one."""
    if which is None or which in {"nay", "this"}:
        return 0
    if which.endswith(" nua"):
        return -2 if which.startswith("truoc") else 2
    return 1 if which in {"sau", "toi", "ke tiep", "next"} else -1
