"""A moment to come, as people name one: "8h tối mai", "2 tiếng nữa", "sáng thứ hai", "nhắc em lúc 20:00"."""

import re
from datetime import datetime, time, timedelta
from typing import Final

from flows.answers.dates import read_date
from flows.answers.text import fold

LONGEST: Final = 60  # characters: who writes more is telling something else
AHEAD_MAX: Final = timedelta(days=60)

_PARTS: Final = {"sang": time(8, 30), "trua": time(12), "chieu": time(14), "toi": time(20), "dem": time(20)}
_AFTERNOON: Final = frozenset({"chieu", "toi", "dem"})
_UNITS: Final = {
    "phut": timedelta(minutes=1), "minute": timedelta(minutes=1), "minutes": timedelta(minutes=1),
    "tieng": timedelta(hours=1), "gio": timedelta(hours=1), "hour": timedelta(hours=1), "hours": timedelta(hours=1),
    "ngay": timedelta(days=1), "hom": timedelta(days=1), "day": timedelta(days=1), "days": timedelta(days=1),
    "tuan": timedelta(weeks=1), "week": timedelta(weeks=1), "weeks": timedelta(weeks=1),
}  # fmt: skip
_FIGURES: Final = {
    word: str(n)
    for n, word in enumerate(["mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi"], 1)
    if word not in {"nam", "sau"}  # without its mark that is "year", and "later"
}
_ASKED: Final = re.compile(
    r"^(?:(?:da|vang|ok|a|thoi|the|em|hay|xin|please)\s+)*(?:nhac(?: lai)?|hen|remind(?: me)?)\b"
)
_AROUND: Final = re.compile(
    r"\b(?:da|vang|ok|thoi|the|nhe|nha|a|giup|giu?m|em|anh|chi|toi nhe|minh|lai|nhac|hen|vao|luc|khoang|cho|xin|hay|please|remind|me|at|on|in)\b"
)
_FROM_NOW: Final = re.compile(
    r"\b(?P<n>\d{1,3}|nua) (?P<unit>[a-z]+)(?P<half> ruoi)?(?: (?:nua|sau|toi|later|from now))?\b"
)
_CLOCK: Final = re.compile(
    r"\b(?P<h>\d{1,2}) ?(?:h|gio) ?(?P<m>\d{2}|ruoi|kem \d{1,2})?(?: ?(?P<part>sang|trua|chieu|toi|dem|am|pm))?\b"
)
_WEEKDAY: Final = re.compile(r"thu (?:\d|hai|ba|tu|nam|sau|bay)|chu nhat|cn|(?:mon|tues|wednes|thurs|fri|satur|sun)day")
_ENGLISH: Final = re.compile(r"\b(?P<h>\d{1,2}) ?(?P<part>am|pm)\b")
_PART: Final = re.compile(
    r"\b(?P<part>sang|trua|chieu|toi|dem|morning|noon|afternoon|evening|tonight)\b(?: (?P<day>nay|mai|kia))?"
)
_ENGLISH_PARTS: Final = {"morning": "sang", "noon": "trua", "afternoon": "chieu", "evening": "toi", "tonight": "toi"}


def read_moment(text: str, now: datetime) -> datetime | None:
    """The moment meant, later than `now` and within 60 days; None: the words name none, or something else beside.

    >>> now = datetime(2026, 11, 26, 10, 0)
    >>> [str(read_moment(words, now)) for words in ("8h tối mai nhé", "2 tiếng nữa", "sáng thứ hai", "20:00", "rau sạch")]
    ['2026-11-27 20:00:00', '2026-11-26 12:00:00', '2026-11-30 08:30:00', '2026-11-26 20:00:00', 'None']
    """
    if len(text) > LONGEST:
        return None
    words = _figured(_folded(text))
    asked = _ASKED.match(words) is not None
    found = _from_now(words, now) or _on_a_day(words, now, asked=asked)
    return found if found is not None and now < found <= now + AHEAD_MAX else None


def asks_to_be_reminded(text: str) -> bool:
    """Whether it says so in so many words."""
    return _ASKED.match(_folded(text)) is not None


def _folded(text: str) -> str:
    """Without case, marks and signs; clocks and days keep what they mean."""
    said = re.sub(r"^\s*toi\s*$", " ", re.sub(r"\bt([2-7])\b", r"thứ \1", text.lower()))
    said = re.sub(r"\btôi\b", " ", said)  # "I"; "tối" is the evening, and without marks both are "toi"
    said = re.sub(r"\b(nh[aắ]c|h[eẹ]n|remind)( l[aạ]i)? toi (?=sang|trua|chieu|toi|dem|luc|vao|\d)", r"\1 ", said)
    said = re.sub(r"(\d)\s*[:h]\s*(\d{2})\b", r"\1 gio \2", said)
    said = re.sub(r"\b(\d{1,2})/(\d{1,2})\b", r"ngay \1 thang \2", said)
    return re.sub(r"^(?:tuan sau|tuan toi|next week)$", "thu hai tuan sau", fold(said))


def _figured(words: str) -> str:
    return " ".join(_FIGURES.get(word, word) for word in words.split())


def _from_now(words: str, now: datetime) -> datetime | None:
    """So many minutes, hours, days or weeks on: "2 tiếng nữa", "nửa tiếng nữa", "3 ngày sau"."""
    match = _FROM_NOW.search(words)
    if match is None or match["unit"] not in _UNITS or not re.search(r"\b(?:nua|sau|later|from now)\b|^in\b", words):
        return None
    rest = _AROUND.sub(" ", words[: match.start()] + " " + words[match.end() :]).strip()
    if rest and rest not in {"nua", "sau", "toi"}:
        return None
    span = _UNITS[match["unit"]]
    moment = now + (span / 2 if match["n"] == "nua" else span * (int(match["n"]) + (0.5 if match["half"] else 0)))
    return moment if span < timedelta(days=1) else datetime.combine(moment.date(), _PARTS["sang"], now.tzinfo)


def _on_a_day(words: str, now: datetime, *, asked: bool) -> datetime | None:
    """A day, a part of it, a clock, or some of these."""
    clock: time | None = None
    part = ""
    if (match := _CLOCK.search(words) or _ENGLISH.search(words)) is not None:
        hour, minute = int(match["h"]), 0
        said = match.groupdict().get("m") or ""
        if said == "ruoi":
            minute = 30
        elif said.startswith("kem"):
            hour, minute = hour - 1, 60 - int(said.split()[1])
        elif said:
            minute = int(said)
        part = match["part"] or ""
        words = words[: match.start()] + " " + words[match.end() :]
        if hour > 23 or not 0 <= minute < 60:
            return None
        clock = time(hour, minute)
    if (match := _PART.search(words)) is not None:
        part = part or _ENGLISH_PARTS.get(match["part"], match["part"])
        day = match["day"] or ("nay" if match["part"] == "tonight" else "")
        words = f"{words[: match.start()]} {day} {words[match.end() :]}"
    if clock is not None and (part in _AFTERNOON or part == "pm") and clock.hour < 12:
        clock = clock.replace(hour=clock.hour + 12)
    rest = " ".join(_AROUND.sub(" ", words).split())
    if clock is None and not part and not rest:
        return None
    if rest:
        read = read_date(rest, today=now.date(), prefers="future")
        if (
            read.certainty not in {"sure", "confirm"}
            or not isinstance(read.value, str)
            or len(read.value) != len("2026-11-26")
        ):
            return None
        date = datetime.fromisoformat(read.value).date()
        if date == now.date() and _WEEKDAY.fullmatch(rest):  # said on that very day: the next of its name
            date += timedelta(days=7)
        return datetime.combine(date, clock or _PARTS.get(part, _PARTS["sang"]), now.tzinfo)
    if clock is None and not asked and part not in _PARTS:
        return None
    moment = datetime.combine(now.date(), clock or _PARTS.get(part, _PARTS["sang"]), now.tzinfo)
    if moment <= now and clock is not None and not part and clock.hour < 12:  # "8h" in the afternoon is this evening's
        later = moment + timedelta(hours=12)
        moment = later if later > now else moment
    return moment if moment > now else moment + timedelta(days=1)
