"""Dates as people type them: "20/11", "ngày 20 tháng 11 năm 2026", "cuối tháng", "quý IV/2026", "thứ sáu tuần sau"."""

import re
from datetime import date
from typing import Final

from flows.answers.courtesy import trimmed
from flows.answers.dates.calendar import Found, Prefers
from flows.answers.dates.figured import figured
from flows.answers.dates.in_figures import in_figures
from flows.answers.dates.in_words import in_words
from flows.answers.reading import Candidate, Fact, Reading, confirm, none, sure, vague
from flows.answers.text import fold, plain
from flows.answers.tokens import tokens
from flows.answers.years import with_years

__all__ = ["LONGEST", "YEARS", "Prefers", "read_date"]

YEARS: Final = (1900, 2100)  # what a date may lie in
LONGEST: Final = 300  # characters
_LUNAR: Final = re.compile(r"\b(?:am lich|am$|ram|tet|giao thua|al|trung thu|vu lan)\b")
_FEASTS: Final = (  # of the solar calendar, always read back for the year
    (re.compile(r"\btet (?:duong lich|duong|tay)\b"), "ngay 1 thang 1"), (re.compile(r"\b(?:noel|giang sinh|christmas)\b"), "ngay 25 thang 12"),
    (re.compile(r"\bquoc khanh\b"), "ngay 2 thang 9"),
)  # fmt: skip
_BOUND: Final = re.compile(
    r"\b(?:truoc|sau|tu|den|toi|qua|muon nhat|cham nhat|before|after|until|by|since) (?:ngay |hom )?\d"
)
_COMMAS: Final = re.compile(r"(?<!\d)(\d{1,2}), ?(\d{1,2}), ?(\d{4})(?!\d)")
_TAIL: Final = re.compile(r"(?: (?:nhe|nha|a|em|anh|chi|oi|luon|thoi|nghen|hen|ha))+$")
_UNKNOWN: Final = frozenset(
    {
        "chua biet",
        "khong biet",
        "ko biet",
        "chua ro",
        "khong ro",
        "khong nho",
        "chua xac dinh",
        "chua co",
        "som",
        "sap toi",
        "tuy",
        "chua chot",
    }
)


def read_date(text: str, today: date, prefers: Prefers | None = None) -> Reading:
    """An ISO date; of a week, month, quarter or year alone its last day, with that `precision`.

    Day comes first. Sure: a day with its year ("5/3/2026", "20/11/2026", ISO) or counted from today ("hôm qua").
    Confirm: a year that was not said (the nearest in the direction preferred, else the nearest), two-digit years,
    month before day, a period instead of a day. Vague: lunar dates, two dates, an impossible day.

    >>> read_date("ngày 20/11 nhé", date(2026, 11, 25), "past").value
    '2026-11-20'
    """
    said = _COMMAS.sub(r"\1/\2/\3", with_years(plain(text)))
    if not said or len(said) > LONGEST:
        return none("read.date.again")
    words = figured(said)
    words = _TAIL.sub("", words.replace("sang nam", "nam sau"))
    words = words.replace("nam kia", f"nam {today.year - 2}")
    for feast, day in _FEASTS:
        words = feast.sub(day, words)
    if _LUNAR.search(words) or "thang chap" in fold(said):
        return vague("read.date.lunar")
    try:
        found = in_figures(said, today, prefers) or in_words(words, today, prefers)
    except (ValueError, OverflowError):
        return none("read.date.no_such_day", {"text": said[:40]})
    if not found:
        return vague("read.date.again") if _UNKNOWN & {words, _short(said)} else none("read.date.again")
    days = tuple(dict.fromkeys(each.day for each in found))
    if len(days) > 1:
        shown = tuple(Candidate(day.isoformat(), day.strftime("%d/%m/%Y")) for day in days)
        return vague("read.date.which_one", {"count": len(shown)}, candidates=shown[:5])
    one = found[0]
    return _told(Found(one.day, one.precision, risky=one.risky or bool(_BOUND.search(words))))


def _told(found: Found) -> Reading:
    if not YEARS[0] <= found.day.year <= YEARS[1]:
        return none("read.date.no_such_day", {"text": found.day.strftime("%d/%m/%Y")})
    value = found.day.isoformat()
    if found.risky or found.precision != "day":
        ask = "read.date.confirm" if found.precision == "day" else f"read.date.confirm_{found.precision}"
        facts: dict[str, Fact] = {"date": value, "shown": found.day.strftime("%d/%m/%Y")}
        return confirm(value, ask, facts, precision=found.precision)
    return sure(value, precision="day")


def _short(said: str) -> str:
    return " ".join(token.said.bare or token.text for token in trimmed(tokens(said)))
