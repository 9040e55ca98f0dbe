"""Values of expressions and how one kind becomes another (XPath 1.0 as JavaRosa understands it)."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from flows.expressions.env import Atom, Node, XValue

NAN: Final = math.nan
TEXT_MAX: Final = 10_000  # characters of any text that an expression makes
EQUAL_WITHIN: Final = 1e-12  # 0.1 + 0.2 = 0.3 holds in JavaRosa
EPOCH: Final = date(1970, 1, 1).toordinal()
DAY_S: Final = 86_400


def to_number(value: object) -> float:
    """An atom as a number; what is not one is NaN. Never raises.

    Dates are whole days since 1970-01-01, moments days in UTC with their fraction, times a fraction of a day.

    >>> to_number(" 12.50 "), to_number(True), to_number(date(1970, 1, 2)), to_number("2024-02-29")
    (12.5, 1.0, 1.0, 19782.0)
    >>> to_number(""), to_number("1e6"), to_number("Infinity")
    (nan, nan, nan)
    """
    if value.__class__ is float:
        return value
    if isinstance(value, str):
        return text_number(value)
    if isinstance(value, int):  # a bool is one too
        return _float(value)
    if isinstance(value, datetime):
        return moment_days(value)
    if isinstance(value, date):
        return float(value.toordinal() - EPOCH)
    if isinstance(value, time):
        return time_fraction(value)
    return float(value) if isinstance(value, float) else NAN


def text_number(text: str) -> float:
    """A text as a number: ASCII digits, one point, a minus; blanks around it. Also whole ISO dates, in days.

    No exponent and no "Infinity", as in JavaRosa. A date as text is a number in Enketo and web-forms and NaN in
    JavaRosa; it is taken, since authors write `${d} > '2024-02-28'` and mean it.
    """
    if _NUMBER.fullmatch(text):
        return float(text)
    if _DATE_START.match(text):
        moment = to_moment(text)
        return NAN if moment is None else to_number(moment)
    return NAN


_NUMBER: Final = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*")
_DATE_START: Final = re.compile(r"[ \t\r\n]*[0-9]{4}-[0-9]")


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def to_text(value: object) -> str:
    """An atom as text within an expression: numbers without exponent or needless zeros, dates ISO, NaN blank.

    >>> to_text(3.0), to_text(1.50), to_text(1e21), to_text(math.nan), to_text(True), to_text(date(2024, 2, 29))
    ('3', '1.5', '1000000000000000000000', '', 'true', '2024-02-29')
    """
    if value.__class__ is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return number_text(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="milliseconds")
    return str(value) if isinstance(value, str) else ""


def to_stored(value: object) -> str:
    """An atom as it is stored in a record: as `to_text`, but booleans are 1 and 0 (JavaRosa).

    >>> to_stored(True), to_stored(False), to_stored("false")
    ('1', '0', 'false')
    """
    if isinstance(value, bool):
        return "1" if value else "0"
    return to_text(value)


def number_text(number: float) -> str:
    """A number as text.

    >>> number_text(-0.0), number_text(0.1 + 0.2), number_text(1e-7), number_text(math.inf)
    ('0', '0.30000000000000004', '0.0000001', 'Infinity')
    """
    if isinstance(number, int):
        number = _float(number)
    if number != number:  # noqa: PLR0124 — only NaN differs from itself
        return ""
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def to_boolean(value: object) -> bool:
    """An atom as a truth: text that is not blank, numbers other than 0 and NaN, every date.

    >>> to_boolean("false"), to_boolean("0"), to_boolean(0.0), to_boolean(math.nan), to_boolean("")
    (True, True, False, False, False)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, float | int):
        return value == value and value != 0  # noqa: PLR0124 — only NaN differs from itself
    if isinstance(value, str):
        return value != ""
    return isinstance(value, date | time)


def to_atom(value: XValue) -> Atom:
    """A value, or of a node-set the first node's; no node is blank."""
    if isinstance(value, str | float | bool | date | time):
        return value
    return value[0].value() if value else ""


def truth_of_nodes(nodes: Sequence[Node]) -> bool:
    """A node-set as a truth: its first value, and not that there is one (`if(${blank}, …)`, xlsform-in-chat §3.1.12).

    A group or repeat has no value; of those, being there is what is asked.
    """
    if not nodes:
        return False
    value = nodes[0].value()
    return to_boolean(value) if value != "" else bool(nodes[0].children("*"))


def equal(left: Atom, right: Atom, zone: tzinfo | None = None) -> bool:
    """`=`: as booleans if either is one, else as numbers if either is one, else dates as dates, else as text.

    `zone`: where a date begins when it is compared with a moment; None: UTC.

    >>> equal("10", 10.0), equal("10", "10.0"), equal(0.1 + 0.2, 0.3), equal("", 0.0), equal(True, "x")
    (True, False, True, False, True)
    """
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) is to_boolean(right)
    if left == "" or right == "":
        return False
    a, b = comparable(left, right, zone)
    if a != a or b != b:  # noqa: PLR0124 — only NaN differs from itself
        if isinstance(left, float) or isinstance(right, float):
            return False
        return to_text(left) == to_text(right)
    return a == b or abs(a - b) < EQUAL_WITHIN


def comparable(left: Atom, right: Atom, zone: tzinfo | None = None) -> tuple[float, float]:
    """Both as numbers to be put in order or subtracted.

    A date against a moment is its local midnight; against a time, a text is read as a time.
    """
    if isinstance(left, datetime) and is_day(right):
        return moment_days(left), midnight_days(right, zone)
    if isinstance(right, datetime) and is_day(left):
        return midnight_days(left, zone), moment_days(right)
    if isinstance(left, time) and isinstance(right, str):
        return time_fraction(left), text_fraction(right, zone)
    if isinstance(right, time) and isinstance(left, str):
        return text_fraction(left, zone), time_fraction(right)
    return to_number(left), to_number(right)


def is_day(value: Atom) -> bool:
    """Whether it is a date without a time, typed or as text."""
    if isinstance(value, str):
        return _DATE_START.match(value) is not None and "T" not in value
    return isinstance(value, date) and not isinstance(value, datetime)


def moment_days(moment: datetime) -> float:
    """Days since 1970-01-01T00:00Z with their fraction; a moment without a zone counts as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH_MOMENT
    return since.days + (since.seconds + since.microseconds / 1e6) / DAY_S


_EPOCH_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)


def midnight_days(day: Atom, zone: tzinfo | None) -> float:
    """The midnight that a date begins with in a zone, in days of UTC; NaN when it is no date."""
    found = to_moment(day) if isinstance(day, str) else day
    if not isinstance(found, date) or isinstance(found, datetime):
        return to_number(found) if found is not None else NAN
    try:
        return moment_days(datetime(found.year, found.month, found.day, tzinfo=zone or UTC))
    except (OverflowError, ValueError):  # the first and the last day there is, moved across the edge by the zone
        return NAN


def time_fraction(moment: time) -> float:
    """A time of day as a fraction of the day.

    >>> time_fraction(time(6, 0))
    0.25
    """
    return (moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6) / DAY_S


def text_fraction(text: str, zone: tzinfo | None) -> float:
    """A time written as "HH:MM", "HH:MM:SS.sss" or with an offset, as a fraction of the day in `zone`; else NaN."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return NAN
    hour, minute, second, offset = int(found[1]), int(found[2]), float(found[3] or 0), found[4]
    shift = _offset(offset)
    if hour > 23 or minute > 59 or second >= 60 or (offset and shift is None):
        return NAN
    seconds = hour * 3600 + minute * 60 + second
    if shift is not None:
        here = (zone or UTC).utcoffset(datetime(1970, 1, 1)) or timedelta()  # noqa: DTZ001 — a zone is asked, not a clock
        seconds = (seconds - shift.total_seconds() + here.total_seconds()) % DAY_S
    return seconds / DAY_S


_TIME: Final = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]{1,9})?))?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?")


def _offset(text: str | None) -> timedelta | None:
    if not text:
        return None
    if text == "Z":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 14 or minutes > 59:
        return None
    return (-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def to_moment(value: object, zone: tzinfo | None = None) -> date | datetime | None:
    """A date, or a moment, from what may be one: ISO text, a number of days, a date; None when it is none.

    A text with a time and no offset is a moment in `zone`; None when there is no zone either.

    >>> to_moment("2024-02-29"), to_moment(0.0), to_moment("2024-02-30"), to_moment("")
    (datetime.date(2024, 2, 29), datetime.date(1970, 1, 1), None, None)
    """
    if isinstance(value, date):  # a moment is one too
        return value
    if isinstance(value, bool) or not isinstance(value, float | str):
        return None
    if isinstance(value, float):
        return day_of(value)
    found = _ISO.fullmatch(value.strip())
    if found is None:
        number = text_number(value) if _NUMBER.fullmatch(value) else NAN
        return day_of(number)
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
        return day if found[4] is None else _moment(day, found[4], zone)
    except (ValueError, OverflowError):
        return None


_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ](.+))?")


def _moment(day: date, clock: str, zone: tzinfo | None) -> datetime | None:
    found = _TIME.fullmatch(clock)
    if found is None:
        return None
    shift = _offset(found[4])
    if found[4] and shift is None:
        return None
    if shift is None and zone is None:
        return None
    second = float(found[3] or 0)
    whole = int(second)
    moment = datetime(
        day.year,
        day.month,
        day.day,
        int(found[1]),
        int(found[2]),
        whole,
        min(round((second - whole) * 1e6), 999_999),
        UTC,
    )
    if shift is None:
        return moment.replace(tzinfo=zone)
    return (moment - shift).astimezone(zone or UTC)


def day_of(days: float) -> date | None:
    """The date that many days after 1970-01-01, a fraction dropped; None when there is no such date."""
    if not -EPOCH < days < 3_000_000:  # NaN fails this too
        return None
    try:
        return date.fromordinal(math.floor(days) + EPOCH)
    except (ValueError, OverflowError):
        return None
