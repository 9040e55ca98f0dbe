"""Dates of figures and signs: "20/11", "5.3.2026", "2026-11-20", "11/2026", "20 11 2026"."""

import re
from datetime import date
from typing import Final

from flows.answers.dates.calendar import Found, Prefers, last_of_month, nearest, shift_of
from flows.answers.text import fold

_NUMERIC: Final = re.compile(r"(?<![\d/.-])(\d{1,2}) ?([/.\-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})(?![\d/]|[.-]\d)")
_ISO: Final = re.compile(r"(?<![\d/.-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)(\d{2})(\d{2})((?:19|20)\d{2})(?!\d)")
_SPACED: Final = re.compile(r"^(\d{1,2}) (\d{1,2}) (\d{4})$")
_MONTH_APART: Final = re.compile(r"^(\d{1,2}) ((?:19|20)\d{2})$")
_DAY_MONTH: Final = re.compile(r"(?<![\d/.-])(\d{1,2}) ?([/\-.]) ?(\d{1,2})(?![\d/]|[.-]\d)")
_MONTH_YEAR: Final = re.compile(r"(?<![\w/.-])(\d{1,2}) ?[/\-.] ?(\d{4})(?![\d/]|[.-]\d)")
_YEAR_MONTH: Final = re.compile(r"(?<![\d/.-])((?:19|20)\d{2})-(\d{1,2})(?![\d/]|[.-]\d)")
_QUARTER_SAID: Final = re.compile(r"\b(?:quý|quí|quy|qui|q) ?[1-4]\b")
_NO_QUARTER: Final = re.compile(r"\b(?:quý|quí|quy|qui|q) ?(?:[05-9]|\d{2})\b")
_EDGE_OF_MONTH: Final = re.compile(r"\b(?:đầu|dau|giữa|giua|cuối|cuoi|hết|het) (?:tháng|thang|t) ?\d")
_TWO_DAYS: Final = re.compile(
    r"(?<![\d/.-])(\d{1,2}) ?(?:-|–|đến|tới|den|toi|hoặc|hoac) ?(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\d/])"
)
_SLASHED: Final = re.compile(r"(?<![\d/.-])(\d{1,2})/(\d{1,2})(?![\d/])")


def in_figures(said: str, today: date, prefers: Prefers | None) -> list[Found]:
    """Dates written with figures and signs; ISO before day first, with a year before without."""
    found = [Found(date(int(y), int(m), int(d)), "day", risky=False) for y, _, m, d in _ISO.findall(said)]
    for day, _, month, year in _NUMERIC.findall(said):
        found.append(_day_first(int(day), int(month), int(year)))
    days = _TWO_DAYS.findall(said)
    if days:
        return [_in_month(int(day), int(days[0][2]), days[0][3], today, prefers) for day in days[0][:2]]
    if found:
        year = str(found[0].day.year)  # "từ 1/1 đến 31/3/2027"
        return found + [_in_month(int(day), int(month), year, today, prefers) for day, month in _SLASHED.findall(said)]
    loose = _SPACED.match(said) or _COMPACT.search(said)
    if loose:
        return [Found(date(int(loose[3]), int(loose[2]), int(loose[1])), "day", risky=True)]
    if _NO_QUARTER.search(said):
        raise ValueError("no such quarter")
    if _QUARTER_SAID.search(said) or _EDGE_OF_MONTH.search(said):
        return []
    apart = _MONTH_APART.match(said)
    if apart:
        return [last_of_month(int(apart[2]), int(apart[1]))]
    found = [last_of_month(int(year), int(month)) for month, year in _MONTH_YEAR.findall(said)]
    found += [last_of_month(int(year), int(month)) for year, month in _YEAR_MONTH.findall(said)]
    if found:
        return found
    if re.search(r"\d ?[/.-] ?\d{1,2} năm|\d ?[/.-] ?\d{1,2} nam", said):
        dated = _with_word_year(said, today)
        if dated:
            return dated
    return [
        Found(nearest(int(day), int(month), today, prefers), "day", risky=True)
        for day, sign, month in _DAY_MONTH.findall(said)
        if sign != "." or int(month) <= 12
    ]


def _in_month(day: int, month: int, year: str, today: date, prefers: Prefers | None) -> Found:
    if year:
        return Found(date(int(year), month, day), "day", risky=True)
    return Found(nearest(day, month, today, prefers), "day", risky=True)


def _with_word_year(said: str, today: date) -> list[Found]:
    """Such as "20/11 năm nay"."""
    found = re.search(r"(\d{1,2}) ?[/.-] ?(\d{1,2}) nam (?:(\d{4})|(\w+))", _folded_with_signs(said))
    if not found:
        return []
    year = int(found[3]) if found[3] else today.year + shift_of(found[4])
    return [Found(date(year, int(found[2]), int(found[1])), "day", risky=False)]


def _folded_with_signs(said: str) -> str:
    """Folded word by word, so that slashes and dots stay."""
    return " ".join(fold(part) if part.isalpha() else part for part in said.split(" "))


def _day_first(day: int, month: int, year: int) -> Found:
    short = year < 100
    if short:
        year += 2000 if year < 70 else 1900
    if month > 12 >= day:  # can only be month first: read back, never silently turned round
        return Found(date(year, day, month), "day", risky=True)
    return Found(date(year, month, day), "day", risky=short)
