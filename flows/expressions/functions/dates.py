"""Functions of dates, moments and times."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from flows.expressions.code import Code, Kind, constant
from flows.expressions.env import Atom, Env
from flows.expressions.table import Function, Site, plain
from flows.expressions.values import (
    NAN,
    TEXT_MAX,
    midnight_days,
    moment_days,
    text_fraction,
    time_fraction,
    to_moment,
)

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_date(env: Env, value: Atom) -> Atom:
    """A date; blank when it is none. A text that says a time of day keeps it, as every ODK engine does."""
    found = to_moment(value, env.now.tzinfo)
    if isinstance(value, datetime):
        return value.astimezone(env.now.tzinfo).date()
    return "" if found is None else found


def to_date_time(env: Env, value: Atom) -> Atom:
    """A moment; a number is days since 1970-01-01T00:00Z. A date stays a date, which compares as its midnight."""
    if isinstance(value, float):
        return (_EPOCH + timedelta(days=value)).astimezone(env.now.tzinfo) if math.isfinite(value) else ""
    found = to_moment(value, env.now.tzinfo)
    return "" if found is None else found


def decimal_date_time(env: Env, value: Atom) -> float:
    """Days since 1970-01-01T00:00Z with their fraction; a date is its local midnight."""
    if isinstance(value, float):
        return value
    found = to_moment(value, env.now.tzinfo)
    if isinstance(found, datetime):
        return moment_days(found)
    return NAN if found is None else midnight_days(found, env.now.tzinfo)


def decimal_time(env: Env, value: Atom) -> float:
    """The local time of day as a fraction of the day."""
    if isinstance(value, time):
        return time_fraction(value)
    found = to_moment(value, env.now.tzinfo)
    if isinstance(found, datetime):
        return time_fraction(found.astimezone(env.now.tzinfo).time())
    return text_fraction(value, env.now.tzinfo) if isinstance(value, str) else NAN


def format_date(env: Env, value: Atom, form: str) -> str:
    """A date in words; see `MARKS`. Blank when it is no date."""
    moment = _moment(env, value)
    if moment is None:
        return ""
    pieces: list[str] = []
    mark = False
    for char in form:
        if mark:
            pieces.append(MARKS[char](moment) if char in MARKS else char)
        elif char != "%":
            pieces.append(char)
        mark = char == "%" and not mark
    return "".join(pieces)[:TEXT_MAX]


def _moment(env: Env, value: Atom) -> datetime | None:
    zone = env.now.tzinfo
    if isinstance(value, time):
        return datetime.combine(env.now.date(), value.replace(tzinfo=zone))
    found = to_moment(value, zone)
    if isinstance(found, datetime):
        return found.astimezone(zone)
    return None if found is None else datetime(found.year, found.month, found.day, tzinfo=zone)


# Months and days are named in English, as ODK's engines do without a language of their own.
MARKS: Final[dict[str, Callable[[datetime], str]]] = {
    "Y": lambda m: f"{m.year:04}",
    "y": lambda m: f"{m.year % 100:02}",
    "m": lambda m: f"{m.month:02}",
    "n": lambda m: f"{m.month}",
    "b": lambda m: MONTHS[m.month - 1],
    "d": lambda m: f"{m.day:02}",
    "e": lambda m: f"{m.day}",
    "H": lambda m: f"{m.hour:02}",
    "h": lambda m: f"{m.hour}",
    "M": lambda m: f"{m.minute:02}",
    "S": lambda m: f"{m.second:02}",
    "3": lambda m: f"{m.microsecond // 1000:03}",
    "a": lambda m: DAYS[m.weekday()],
    "%": lambda _m: "%",
}


def _date(args: Sequence[Code], site: Site) -> Code:
    """A date in quotes is made once, and not each time it is compared with."""
    found = to_moment(args[0].literal)
    return constant(found) if found is not None else _TO_DATE.build(args, site)


_TO_DATE: Final = plain("date", "Ea", Kind.ANY, to_date, "")


def today(env: Env) -> date:
    """The date in the form's zone, the same through one step."""
    return env.now.date()


def now(env: Env) -> datetime:
    """The moment, the same through one step."""
    return env.now


FUNCTIONS: Final = (
    plain("today", "E", Kind.ANY, today, "today() <= now()", volatile=True),
    plain("now", "E", Kind.ANY, now, "now() >= today()", volatile=True),
    Function("date", 1, 1, Kind.ANY, _date, "date('2024-02-28') + 2 = date('2024-03-01')"),
    plain("date-time", "Ea", Kind.ANY, to_date_time, "date-time(1.5) = date-time('1970-01-02T12:00:00Z')"),
    plain("decimal-date-time", "Ea", Kind.NUMBER, decimal_date_time, "decimal-date-time('1970-01-02T12:00:00Z') = 1.5"),
    plain("decimal-time", "Ea", Kind.NUMBER, decimal_time, "decimal-time('06:00:00') = 0.25"),
    plain(
        "format-date", "Eat", Kind.TEXT, format_date, "format-date('2024-02-09', '%e/%n/%Y %b %a') = '9/2/2024 Feb Fri'"
    ),
    plain(
        "format-date-time", "Eat", Kind.TEXT, format_date, "format-date-time('2024-02-09T08:05:00', '%H:%M') = '08:05'"
    ),
)
