"""Dates in words: "ngày 20 tháng 11 năm 2026", "cuối tháng", "quý IV", "thứ sáu tuần sau", "3 ngày nữa".

Every text here is folded already, and its number words are figures: see `figured`.
"""

import re
from datetime import date, timedelta
from typing import Final

from flows.answers.dates.calendar import Found, Prefers, ends_of, last_of_month, length_of, months_on, nearest, shift_of

_OF_YEAR: Final = r"(?: ?(?:nam|,|-|/)? ?(?P<year>(?:19|20)\d{2})| nam (?P<other>nay|ngoai|truoc|roi|sau|toi))?"
_WORDED: Final = re.compile(
    rf"(?:\b(?:ngay|mung|mong|hom)? ?)\b(?P<day>\d{{1,2}}) ?(?:thang|thg|th|t) ?(?P<month>\d{{1,2}})\b{_OF_YEAR}"
)
_DAY_ONLY: Final = re.compile(
    r"\b(?:ngay|mung|mong|hom) (?P<day>\d{1,2})\b(?: (?:cua )?thang (?P<which>nay|sau|toi|truoc|roi))?"
    r"|\b(?P<day2>\d{1,2}) (?:cua )?thang (?P<which2>nay|sau|toi|truoc|roi)\b"
)
_MONTH: Final = re.compile(
    rf"\b(?:thang|thg|th(?= ?(?:[89]|1[0-2])\b| ?\d{{1,2}} ?(?:nam|,|-|/)? ?(?:19|20)\d\d)|t) ?(?P<month>\d{{1,2}})\b{_OF_YEAR}"
)
_QUARTER: Final = re.compile(rf"\b(?:quy|q) ?(?P<quarter>[1-4]|iv|i{{1,3}})\b{_OF_YEAR}")
_YEAR: Final = re.compile(r"\b(?:nam )?(?P<year>(?:19|20)\d{2})\b")
_EDGE: Final = re.compile(r"\b(?P<edge>dau|giua|cuoi|het) (?:cua )?(?P<rest>.+)")
_AGO: Final = re.compile(
    r"(?<!quy )(?<!thang )(?<!thu )(?<!ngay )(?<!nam )(?<!\bt )\b(?:(?P<before>cach day|truoc day|sau|trong|con|in) )?(?:khoang )?(?P<n>\d{1,3}) (?P<unit>ngay|hom|tuan|thang|nam|hours?|days?|weeks?|months?|years?)"
    r"(?: (?P<after>nua|toi|truoc|sau|ago|later))?\b"
)
_ENGLISH: Final = re.compile(
    r"\b(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)? (?:of )?)?(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
    r"(?: (?P<d2>\d{1,2})(?:st|nd|rd|th)?)?(?: (?P<y>\d{4}))?\b"
)
_ENGLISH_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY: Final = re.compile(
    r"\b(?:thu (?P<day>[2-7])|t ?(?P<short>[2-7])|(?P<sunday>chu nhat|cn)|(?P<next>next )?(?P<english>monday|tuesday|wednesday|thursday|friday|saturday|sunday))\b"
    r"(?: (?P<week>(?:tuan )?(?:sau nua|toi nua|truoc nua|nay|sau|toi|truoc|roi|qua)))?"
)
_ENGLISH_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final = (  # the longer before the shorter
    ("hom kia", -2), ("hom truoc", None), ("hom no", None), ("hom qua", -1), ("toi qua", -1), ("dem qua", -1), ("sang qua", -1), ("chieu qua", -1), ("hom nay", 0), ("bua nay", 0), ("ngay hom nay", 0),
    ("ngay mai", 1), ("hom sau", 1), ("ngay kia", 2), ("ngay mot", 2), ("mot", 2), ("mai", 1), ("nay", 0), ("yesterday", -1),
    ("day after tomorrow", 2), ("tomorrow", 1), ("today", 0), ("now", 0),
)  # fmt: skip
_HALF_YEAR: Final = re.compile(
    r"\b(?:nua|6 thang|sau thang) (?P<half>dau|cuoi)(?: cua)? nam(?: (?P<year>(?:19|20)\d{2})| (?P<other>nay|ngoai|truoc|roi|sau|toi))?\b"
)
_SPANS: Final = {
    "tuan": "week", "thang": "month", "quy": "quarter", "nam": "year", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip
_SPAN: Final = re.compile(
    r"\b(?:(?P<unit>tuan|thang|quy|nam) ?(?P<which>sau nua|toi nua|truoc nua|nay|sau|toi|truoc|roi|qua|ngoai|vua roi|vua qua|ke tiep)?"
    r"|(?P<ewhich>this|next|last) (?P<eunit>week|month|quarter|year))\b"
)


def in_words(words: str, today: date, prefers: Prefers | None) -> list[Found]:
    """The days that the words may mean: the first way of saying it that fits. Raises ValueError for a day that is none."""
    found = [_worded_day(match, today, prefers) for match in _WORDED.finditer(words)]
    if found:
        return found
    half = _HALF_YEAR.search(words)
    if half:
        year = int(half["year"]) if half["year"] else today.year + shift_of(half["other"])
        return [Found(date(year, 6, 30) if half["half"] == "dau" else date(year, 12, 31), "day", risky=True)]
    edge = _EDGE.search(words)
    if edge:
        at_edge = _edge(edge["edge"], edge["rest"], today, prefers)
        if at_edge:
            return [at_edge]
    for reader in (_relative, _weekday, _day_only, _quarter, _month, _english, _near_day, _span, _year):
        one = reader(words, today, prefers)
        if one and reader is _year:  # "2019 đến 2021"
            return [Found(date(int(year), 12, 31), "year", risky=True) for year in _YEAR.findall(words)]
        if one:
            return [one]
    return []


def _worded_day(match: re.Match[str], today: date, prefers: Prefers | None) -> Found:
    day, month = int(match["day"]), int(match["month"])
    year = _said_year(match, today)
    if year is None:
        return Found(
            nearest(day, month, today, prefers) if month <= 12 else date(today.year, month, day), "day", risky=True
        )
    return Found(date(year, month, day), "day", risky=False)


def _said_year(match: re.Match[str], today: date) -> int | None:
    if match["year"]:
        return int(match["year"])
    return today.year + shift_of(match["other"]) if match["other"] else None


def _relative(words: str, today: date, _: Prefers | None) -> Found | None:
    """Such as "3 ngày nữa", "cách đây 2 tuần"."""
    match = _AGO.search(words)
    if match is None:
        return None
    before, after = match["before"] or "", match["after"] or ""
    ahead = after in {"nua", "toi", "sau", "later"} or (not after and before in {"sau", "trong", "con", "in"})
    back = before in {"cach day", "truoc day"} or after in {"truoc", "ago"}
    if ahead == back or (match["unit"] == "thang" and int(match["n"]) > 12 and not before and after != "nua"):
        return None  # "15 tháng sau" is a day
    n = int(match["n"]) * (1 if ahead else -1)
    unit = match["unit"]
    if unit.startswith(("ngay", "hom", "day")):
        return Found(today + timedelta(days=n), "day", risky=True)
    if unit.startswith(("tuan", "week")):
        return Found(today + timedelta(weeks=n), "day", risky=True)
    if unit.startswith("hour"):
        return None
    return Found(months_on(today, n if unit.startswith(("thang", "month")) else n * 12), "day", risky=True)


def _weekday(words: str, today: date, prefers: Prefers | None) -> Found | None:
    match = _WEEKDAY.search(words)
    if match is None or (match["short"] and not match["week"]):
        return None
    if match["sunday"]:
        index = 6
    elif match["english"]:
        index = _ENGLISH_DAYS.index(match["english"])
    else:
        index = int(match["day"] or match["short"]) - 2
    monday = today - timedelta(days=today.weekday())
    if match["next"]:
        return Found(monday + timedelta(days=index, weeks=1), "day", risky=True)
    if match["week"]:
        return Found(
            monday + timedelta(days=index, weeks=shift_of(match["week"].removeprefix("tuan "))), "day", risky=True
        )
    day = monday + timedelta(days=index)
    if prefers == "past" and day > today:
        day -= timedelta(weeks=1)
    elif prefers != "past" and day < today:
        day += timedelta(weeks=1)
    return Found(day, "day", risky=True)


def _day_only(words: str, today: date, prefers: Prefers | None) -> Found | None:
    """Such as "ngày 5", "mùng 5 tháng sau"."""
    match = _DAY_ONLY.search(words)
    if match is None:
        return None
    day, which = int(match["day"] or match["day2"]), match["which"] or match["which2"]
    if which:
        first = months_on(today.replace(day=1), shift_of(which))
        return Found(first.replace(day=day), "day", risky=True)
    if not 1 <= day <= 31:
        raise ValueError(f"no day {day}")
    days = [
        first.replace(day=day) for k in range(-2, 3) if day <= length_of(first := months_on(today.replace(day=1), k))
    ]
    wanted = [each for each in days if prefers is None or (each <= today if prefers == "past" else each >= today)]
    return Found(min(wanted, key=lambda each: abs((each - today).days)), "day", risky=True)


def _month(words: str, today: date, prefers: Prefers | None) -> Found | None:
    match = _MONTH.search(words)
    if match is None:
        slashed = re.search(r"\b(?:thang|t) ?(\d{1,2})/((?:19|20)\d{2})", words)
        return last_of_month(int(slashed[2]), int(slashed[1])) if slashed else None
    month, year = int(match["month"]), _said_year(match, today)
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    if year is None:
        ends = [last_of_month(today.year + k, month).day for k in (-1, 0, 1)]
        first_day = today.replace(day=1)
        wanted = [
            end
            for end in ends
            if prefers is None or (end.replace(day=1) <= today if prefers == "past" else end >= today)
        ]
        year = min(wanted, key=lambda end: abs((end.replace(day=1) - first_day).days)).year
    return last_of_month(year, month)


def _quarter(words: str, today: date, prefers: Prefers | None) -> Found | None:
    match = _QUARTER.search(words)
    if match is None:
        return None
    number = {"i": 1, "ii": 2, "iii": 3, "iv": 4}.get(match["quarter"]) or int(match["quarter"])
    year = _said_year(match, today)
    if year is None:
        ends = [last_of_month(today.year + k, number * 3).day for k in (-1, 0, 1)]
        wanted = [
            end
            for end in ends
            if prefers is None or (months_on(end, -2).replace(day=1) <= today if prefers == "past" else end >= today)
        ]
        year = min(wanted, key=lambda end: abs((end - today).days)).year
    return Found(last_of_month(year, number * 3).day, "quarter", risky=True)


def _english(words: str, today: date, prefers: Prefers | None) -> Found | None:
    match = _ENGLISH.search(words)
    if match is None:
        return None
    month = _ENGLISH_MONTHS.index(match["m"][:3]) + 1
    day, year = match["d1"] or match["d2"], match["y"]
    if day is None:
        return last_of_month(int(year), month) if year else None
    if year is None:
        return Found(nearest(int(day), month, today, prefers), "day", risky=True)
    return Found(date(int(year), month, int(day)), "day", risky=False)


def _near_day(words: str, today: date, _: Prefers | None) -> Found | None:
    for phrase, shift in _DAYS:
        if re.search(rf"\b{phrase}\b", words) and not (
            phrase in {"nay", "mot", "mai"} and words != phrase and not words.endswith(" " + phrase)
        ):
            if phrase == "nay" and re.search(r"\b(?:tuan|thang|quy|nam) nay\b", words):
                continue
            return (
                None
                if shift is None
                else Found(today + timedelta(days=shift), "day", risky=phrase in {"mot", "nay", "now"})
            )
    return None


def _span(words: str, today: date, _: Prefers | None) -> Found | None:
    """Such as "tuần sau", "tháng này", "năm ngoái": the last day of it."""
    match = _SPAN.search(words)
    if match is None or not (match["which"] or match["ewhich"]):
        return None
    return Found(
        *ends_of(_SPANS[match["unit"] or match["eunit"]], shift_of(match["which"] or match["ewhich"]), today)[1:],
        risky=True,
    )


def _edge(edge: str, rest: str, today: date, prefers: Prefers | None) -> Found | None:
    """Such as "đầu tháng", "cuối năm 2026", "giữa tháng sau": first, fifteenth or last day; read back always."""
    whole = _quarter(rest, today, prefers) or _month(rest, today, prefers) or _year(rest, today, prefers)
    if whole is not None:
        span = "quarter" if whole.precision == "quarter" else whole.precision
        first, last, _ = ends_of(span, 0, whole.day)
    else:
        match = _SPAN.search(rest)
        if match is None:
            return None
        first, last, _ = ends_of(
            _SPANS[match["unit"] or match["eunit"]], shift_of(match["which"] or match["ewhich"]), today
        )
    if edge == "dau":
        return Found(first, "day", risky=True)
    if edge == "giua":
        return Found(first + (last - first) // 2, "day", risky=True)
    return Found(last, "day", risky=True)


def _year(words: str, today: date, prefers: Prefers | None) -> Found | None:  # noqa: ARG001 - one of the readers in a row
    match = _YEAR.search(words)
    return Found(date(int(match["year"]), 12, 31), "year", risky=True) if match else None
