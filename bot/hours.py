"""When a reminder may go out: by day, by the clock of Hanoi, and not on a Vietnamese public holiday."""

from datetime import datetime, time, timedelta
from functools import cache
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

import holidays

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
OPENS: Final = time(8)
CLOSES: Final = time(20, 1)  # as long as the clock shows 20:00
EVENING: Final = time(20)
MORNING: Final = time(8, 30)
FEW_DAYS: Final = 3

When = Literal["evening", "morning", "monday", "days"]
WHENS: Final[tuple[When, ...]] = get_args(When)


def opens_at(at: int) -> int:
    """The first moment from `at` on (milliseconds since 1970, UTC) when a reminder may go out: `at` itself, or a later 08:00.

    >>> saturday = 1_767_434_400_000  # 3 January 2026, 17:00 in Hanoi
    >>> opens_at(saturday) == saturday, (opens_at(saturday + 4 * 3_600_000) - saturday) / 3_600_000
    (True, 15.0)
    """
    moment = _local(at)
    if moment.time() >= CLOSES:
        moment = datetime.combine(moment.date() + timedelta(days=1), OPENS, HANOI)
    elif moment.time() < OPENS:
        moment = datetime.combine(moment.date(), OPENS, HANOI)
    while moment.date() in _holidays(moment.year):
        moment = datetime.combine(moment.date() + timedelta(days=1), OPENS, HANOI)
    return at if moment == _local(at) else _instant(moment)


def midnight(at: int) -> int:
    """When the day of `at` began in Hanoi."""
    return _instant(datetime.combine(_local(at).date(), time(0), HANOI))


def chosen(when: When, at: int) -> int:
    """The moment that somebody means who says it at `at`: a holiday moves it to the next working 08:00."""
    today = _local(at).date()
    match when:
        case "evening":
            moment = datetime.combine(today, EVENING, HANOI)
        case "morning":
            moment = datetime.combine(today + timedelta(days=1), MORNING, HANOI)
        case "monday":
            moment = datetime.combine(today + timedelta(days=7 - today.weekday()), MORNING, HANOI)
        case "days":
            moment = datetime.combine(today + timedelta(days=FEW_DAYS), MORNING, HANOI)
    return opens_at(max(_instant(moment), at))


def offered(at: int) -> tuple[When, ...]:
    """What can be chosen at that moment: no evening that is over, or that is a holiday's."""
    today = datetime.combine(_local(at).date(), EVENING, HANOI)
    evening = at < _instant(today) and today.date() not in _holidays(today.year)
    return WHENS if evening else WHENS[1:]


@cache
def _holidays(year: int) -> frozenset[object]:
    """The public holidays of a year, Tết among them, as dates."""
    return frozenset(holidays.country_holidays("VN", years=year))


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, HANOI)


def _instant(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
