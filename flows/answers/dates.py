"""Dates as people type them: "20/11", "ngày 20 tháng 11 năm 2026", "cuối tháng", "quý IV/2026", "thứ sáu tuần sau"."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from flows.answers.courtesy import trimmed
from flows.answers.numerals import PLAIN_UNITS, Numerals
from flows.answers.reading import Candidate, Fact, Precision, Reading, confirm, none, sure, vague
from flows.answers.text import fold, plain
from flows.answers.tokens import Lexicon, tokens
from flows.answers.years import with_years

Prefers = Literal["past", "future"]
YEARS: Final = (1900, 2100)  # what a date may lie in
LONGEST: Final = 300  # characters

_NUMERIC: Final = re.compile(r"(?<![\d/.-])(\d{1,2}) ?([/.\-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})(?![\d/]|[.-]\d)")
_ISO: Final = re.compile(r"(?<![\d/.-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)(\d{2})(\d{2})((?:19|20)\d{2})(?!\d)")
_SPACED: Final = re.compile(r"^(\d{1,2}) (\d{1,2}) (\d{4})$")
_MONTH_APART: Final = re.compile(r"^(\d{1,2}) ((?:19|20)\d{2})$")
_DAY_MONTH: Final = re.compile(r"(?<![\d/.-])(\d{1,2}) ?([/\-.]) ?(\d{1,2})(?![\d/]|[.-]\d)")
_MONTH_YEAR: Final = re.compile(r"(?<![\w/.-])(\d{1,2}) ?[/\-.] ?(\d{4})(?![\d/]|[.-]\d)")
_QUARTER_SAID: Final = re.compile(r"\b(?:quý|quí|quy|qui|q) ?[1-4]\b")
_YEAR_MONTH: Final = re.compile(r"(?<![\d/.-])((?:19|20)\d{2})-(\d{1,2})(?![\d/]|[.-]\d)")

# Behind here texts are folded, and number words are figures already.
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
_LUNAR: Final = re.compile(r"\b(?:am lich|am$|ram|tet|giao thua|al|trung thu|vu lan)\b")
_DAYS: Final = (  # the longer before the shorter
    ("hom kia", -2), ("hom truoc", None), ("hom no", None), ("hom qua", -1), ("toi qua", -1), ("dem qua", -1), ("sang qua", -1), ("chieu qua", -1), ("hom nay", 0), ("bua nay", 0), ("ngay hom nay", 0),
    ("ngay mai", 1), ("hom sau", 1), ("ngay kia", 2), ("ngay mot", 2), ("mot", 2), ("mai", 1), ("nay", 0), ("yesterday", -1),
    ("day after tomorrow", 2), ("tomorrow", 1), ("today", 0), ("now", 0),
)  # fmt: skip
_FEASTS: Final = (  # of the solar calendar, always read back for the year
    (re.compile(r"\btet (?:duong lich|duong|tay)\b"), "ngay 1 thang 1"), (re.compile(r"\b(?:noel|giang sinh|christmas)\b"), "ngay 25 thang 12"),
    (re.compile(r"\bquoc khanh\b"), "ngay 2 thang 9"),
)  # fmt: skip
_BOUND: Final = re.compile(
    r"\b(?:truoc|sau|tu|den|toi|qua|muon nhat|cham nhat|before|after|until|by|since) (?:ngay |hom )?\d"
)
_COMMAS: Final = re.compile(r"(?<!\d)(\d{1,2}), ?(\d{1,2}), ?(\d{4})(?!\d)")
_TAIL: Final = re.compile(r"(?: (?:nhe|nha|a|em|anh|chi|oi|luon|thoi|nghen|hen|ha))+$")
_NO_QUARTER: Final = re.compile(r"\b(?:quý|quí|quy|qui|q) ?(?:[05-9]|\d{2})\b")
_EDGE_OF_MONTH: Final = re.compile(r"\b(?:đầu|dau|giữa|giua|cuối|cuoi|hết|het) (?:tháng|thang|t) ?\d")
_HALF_YEAR: Final = re.compile(
    r"\b(?:nua|6 thang|sau thang) (?P<half>dau|cuoi)(?: cua)? nam(?: (?P<year>(?:19|20)\d{2})| (?P<other>nay|ngoai|truoc|roi|sau|toi))?\b"
)
_TWO_DAYS: Final = re.compile(
    r"(?<![\d/.-])(\d{1,2}) ?(?:-|–|đến|tới|den|toi|hoặc|hoac) ?(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\d/])"
)
_SLASHED: Final = re.compile(r"(?<![\d/.-])(\d{1,2})/(\d{1,2})(?![\d/])")
_SPANS: Final = {
    "tuan": "week", "thang": "month", "quy": "quarter", "nam": "year", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip
_SPAN: Final = re.compile(
    r"\b(?:(?P<unit>tuan|thang|quy|nam) ?(?P<which>sau nua|toi nua|truoc nua|nay|sau|toi|truoc|roi|qua|ngoai|vua roi|vua qua|ke tiep)?"
    r"|(?P<ewhich>this|next|last) (?P<eunit>week|month|quarter|year))\b"
)
_MONTH_NAMES: Final = Lexicon({"tháng giêng": 1, "tháng chạp": 12, "tháng tư": 4})
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


@dataclass(frozen=True, slots=True)
class _Found:
    day: date
    precision: Precision
    risky: bool


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
    words = _figured(said)
    words = _TAIL.sub("", words.replace("sang nam", "nam sau"))
    words = words.replace("nam kia", f"nam {today.year - 2}")
    for feast, day in _FEASTS:
        words = feast.sub(day, words)
    if _LUNAR.search(words) or "thang chap" in fold(said):
        return vague("read.date.lunar")
    try:
        found = _numeric(said, today, prefers) or _worded(words, today, prefers)
    except (ValueError, OverflowError):
        return none("read.date.no_such_day", {"text": said[:40]})
    if not found:
        return vague("read.date.again") if _UNKNOWN & {words, _short(said)} else none("read.date.again")
    days = tuple(dict.fromkeys(each.day for each in found))
    if len(days) > 1:
        shown = tuple(Candidate(day.isoformat(), day.strftime("%d/%m/%Y")) for day in days)
        return vague("read.date.which_one", {"count": len(shown)}, candidates=shown[:5])
    one = found[0]
    return _told(_Found(one.day, one.precision, risky=one.risky or bool(_BOUND.search(words))))


def _told(found: _Found) -> Reading:
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


# Figures only.


def _numeric(said: str, today: date, prefers: Prefers | None) -> list[_Found]:
    """Dates written with figures and signs; ISO before day first, with a year before without."""
    found = [_Found(date(int(y), int(m), int(d)), "day", risky=False) for y, _, m, d in _ISO.findall(said)]
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
        return [_Found(date(int(loose[3]), int(loose[2]), int(loose[1])), "day", risky=True)]
    if _NO_QUARTER.search(said):
        raise ValueError("no such quarter")
    if _QUARTER_SAID.search(said) or _EDGE_OF_MONTH.search(said):
        return []
    apart = _MONTH_APART.match(said)
    if apart:
        return [_last_of_month(int(apart[2]), int(apart[1]))]
    found = [_last_of_month(int(year), int(month)) for month, year in _MONTH_YEAR.findall(said)]
    found += [_last_of_month(int(year), int(month)) for year, month in _YEAR_MONTH.findall(said)]
    if found:
        return found
    if re.search(r"\d ?[/.-] ?\d{1,2} năm|\d ?[/.-] ?\d{1,2} nam", said):
        dated = _with_word_year(said, today)
        if dated:
            return dated
    return [
        _Found(_nearest(int(day), int(month), today, prefers), "day", risky=True)
        for day, sign, month in _DAY_MONTH.findall(said)
        if sign != "." or int(month) <= 12
    ]


def _in_month(day: int, month: int, year: str, today: date, prefers: Prefers | None) -> _Found:
    if year:
        return _Found(date(int(year), month, day), "day", risky=True)
    return _Found(_nearest(day, month, today, prefers), "day", risky=True)


def _with_word_year(said: str, today: date) -> list[_Found]:
    """Such as "20/11 năm nay"."""
    found = re.search(r"(\d{1,2}) ?[/.-] ?(\d{1,2}) nam (?:(\d{4})|(\w+))", _folded_with_signs(said))
    if not found:
        return []
    year = int(found[3]) if found[3] else today.year + _shift(found[4])
    return [_Found(date(year, int(found[2]), int(found[1])), "day", risky=False)]


def _folded_with_signs(said: str) -> str:
    """Folded word by word, so that slashes and dots stay."""
    return " ".join(fold(part) if part.isalpha() else part for part in said.split(" "))


def _day_first(day: int, month: int, year: int) -> _Found:
    short = year < 100
    if short:
        year += 2000 if year < 70 else 1900
    if month > 12 >= day:  # can only be month first: read back, never silently turned round
        return _Found(date(year, day, month), "day", risky=True)
    return _Found(date(year, month, day), "day", risky=short)


def _nearest(day: int, month: int, today: date, prefers: Prefers | None) -> date:
    """The day without its year: in the direction preferred (today counts for both), else the nearest of all."""
    if month > 12 >= day:
        day, month = month, day
    years = range(today.year - 4, today.year + 5)  # 29 February comes every four years
    days = [date(year, month, day) for year in years if day <= monthrange(year, month)[1]]
    wanted = [each for each in days if prefers is None or (each <= today if prefers == "past" else each >= today)]
    if not wanted:
        raise ValueError(f"no {day}/{month}")
    return min(wanted, key=lambda each: abs((each - today).days))


# In words.


def _figured(said: str) -> str:
    """Folded, signs but slashes gone, and number words turned to figures: "tháng mười một" → "thang 11"."""
    row = tokens(said)
    numerals = Numerals(row, PLAIN_UNITS)
    row = numerals.row
    parts: list[str] = []
    i = 0
    while i < len(row):
        token = row[i]
        month = _MONTH_NAMES.at(row, i)
        if month is not None:
            parts += ["thang", str(month[0])]
            i += month[1]
            continue
        if (
            token.kind == "word"
            and parts
            and parts[-1] in {"ngay", "thang", "quy", "nam", "mung", "mong", "thu", "sau", "hom"}
        ):
            if parts[-1] == "thu" and token.said.bare in {"tu", "sau"}:
                parts.append("4" if token.said.bare == "tu" else "6")
                i += 1
                continue
            amount = numerals.at(i)
            if (
                amount is not None
                and amount.scale == 1
                and amount.other is None
                and not _is_word(token.text, parts[-1])
            ):
                parts.append(str(int(amount.value)))
                i = amount.end
                continue
        elif token.kind == "word":
            amount = numerals.at(i)
            behind = row[amount.end].said.bare if amount is not None and amount.end < len(row) else ""
            if (
                amount is not None
                and amount.scale == 1
                and behind in {"ngay", "tuan", "thang", "nam", "hom"}
                and token.said.bare not in {"nam", "sau"}
            ):
                parts.append(str(int(amount.value)))
                i = amount.end
                continue
        if token.kind == "sign":
            parts.append(token.text if token.text in "/-" else "")
        else:
            parts.append(token.said.bare or token.text)
        i += 1
    return re.sub(
        r" ?([/-]) ?", r"\1", re.sub(r"(?<=\d) (?=th\b|st\b)", "", " ".join(part for part in parts if part))
    ).strip()


def _is_word(word: str, before: str) -> bool:
    """Whether it is no figure: "tháng sau", "ngày mốt"."""
    return word == "sau" or (word in {"mốt", "mot"} and before in {"ngay", "hom"})


def _worded(words: str, today: date, prefers: Prefers | None) -> list[_Found]:
    found = [_worded_day(match, today, prefers) for match in _WORDED.finditer(words)]
    if found:
        return found
    half = _HALF_YEAR.search(words)
    if half:
        year = int(half["year"]) if half["year"] else today.year + _shift(half["other"])
        return [_Found(date(year, 6, 30) if half["half"] == "dau" else date(year, 12, 31), "day", risky=True)]
    edge = _EDGE.search(words)
    if edge:
        at_edge = _edge(edge["edge"], edge["rest"], today, prefers)
        if at_edge:
            return [at_edge]
    for reader in (_relative, _weekday, _day_only, _quarter, _month, _english, _near_day, _span, _year):
        one = reader(words, today, prefers)
        if one and reader is _year:  # "2019 đến 2021"
            return [_Found(date(int(year), 12, 31), "year", risky=True) for year in _YEAR.findall(words)]
        if one:
            return [one]
    return []


def _worded_day(match: re.Match[str], today: date, prefers: Prefers | None) -> _Found:
    day, month = int(match["day"]), int(match["month"])
    year = _said_year(match, today)
    if year is None:
        return _Found(
            _nearest(day, month, today, prefers) if month <= 12 else date(today.year, month, day), "day", risky=True
        )
    return _Found(date(year, month, day), "day", risky=False)


def _said_year(match: re.Match[str], today: date) -> int | None:
    if match["year"]:
        return int(match["year"])
    return today.year + _shift(match["other"]) if match["other"] else None


def _shift(which: str | None) -> int:
    """How many periods from this one."""
    if which is None or which in {"nay", "this"}:
        return 0
    if which.endswith(" nua"):
        return -2 if which.startswith("truoc") else 2
    return 1 if which in {"sau", "toi", "ke tiep", "next"} else -1


def _relative(words: str, today: date, _: Prefers | None) -> _Found | None:
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
        return _Found(today + timedelta(days=n), "day", risky=True)
    if unit.startswith(("tuan", "week")):
        return _Found(today + timedelta(weeks=n), "day", risky=True)
    if unit.startswith("hour"):
        return None
    return _Found(_months_on(today, n if unit.startswith(("thang", "month")) else n * 12), "day", risky=True)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _weekday(words: str, today: date, prefers: Prefers | None) -> _Found | None:
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
        return _Found(monday + timedelta(days=index, weeks=1), "day", risky=True)
    if match["week"]:
        return _Found(
            monday + timedelta(days=index, weeks=_shift(match["week"].removeprefix("tuan "))), "day", risky=True
        )
    day = monday + timedelta(days=index)
    if prefers == "past" and day > today:
        day -= timedelta(weeks=1)
    elif prefers != "past" and day < today:
        day += timedelta(weeks=1)
    return _Found(day, "day", risky=True)


def _day_only(words: str, today: date, prefers: Prefers | None) -> _Found | None:
    """Such as "ngày 5", "mùng 5 tháng sau"."""
    match = _DAY_ONLY.search(words)
    if match is None:
        return None
    day, which = int(match["day"] or match["day2"]), match["which"] or match["which2"]
    if which:
        first = _months_on(today.replace(day=1), _shift(which))
        return _Found(first.replace(day=day), "day", risky=True)
    if not 1 <= day <= 31:
        raise ValueError(f"no day {day}")
    days = [
        first.replace(day=day) for k in range(-2, 3) if day <= _length(first := _months_on(today.replace(day=1), k))
    ]
    wanted = [each for each in days if prefers is None or (each <= today if prefers == "past" else each >= today)]
    return _Found(min(wanted, key=lambda each: abs((each - today).days)), "day", risky=True)


def _length(first: date) -> int:
    return monthrange(first.year, first.month)[1]


def _last_of_month(year: int, month: int) -> _Found:
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    return _Found(date(year, month, monthrange(year, month)[1]), "month", risky=True)


def _month(words: str, today: date, prefers: Prefers | None) -> _Found | None:
    match = _MONTH.search(words)
    if match is None:
        slashed = re.search(r"\b(?:thang|t) ?(\d{1,2})/((?:19|20)\d{2})", words)
        return _last_of_month(int(slashed[2]), int(slashed[1])) if slashed else None
    month, year = int(match["month"]), _said_year(match, today)
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    if year is None:
        ends = [_last_of_month(today.year + k, month).day for k in (-1, 0, 1)]
        first_day = today.replace(day=1)
        wanted = [
            end
            for end in ends
            if prefers is None or (end.replace(day=1) <= today if prefers == "past" else end >= today)
        ]
        year = min(wanted, key=lambda end: abs((end.replace(day=1) - first_day).days)).year
    return _last_of_month(year, month)


def _quarter(words: str, today: date, prefers: Prefers | None) -> _Found | None:
    match = _QUARTER.search(words)
    if match is None:
        return None
    number = {"i": 1, "ii": 2, "iii": 3, "iv": 4}.get(match["quarter"]) or int(match["quarter"])
    year = _said_year(match, today)
    if year is None:
        ends = [_last_of_month(today.year + k, number * 3).day for k in (-1, 0, 1)]
        wanted = [
            end
            for end in ends
            if prefers is None or (_months_on(end, -2).replace(day=1) <= today if prefers == "past" else end >= today)
        ]
        year = min(wanted, key=lambda end: abs((end - today).days)).year
    return _Found(_last_of_month(year, number * 3).day, "quarter", risky=True)


def _english(words: str, today: date, prefers: Prefers | None) -> _Found | None:
    match = _ENGLISH.search(words)
    if match is None:
        return None
    month = _ENGLISH_MONTHS.index(match["m"][:3]) + 1
    day, year = match["d1"] or match["d2"], match["y"]
    if day is None:
        return _last_of_month(int(year), month) if year else None
    if year is None:
        return _Found(_nearest(int(day), month, today, prefers), "day", risky=True)
    return _Found(date(int(year), month, int(day)), "day", risky=False)


def _near_day(words: str, today: date, _: Prefers | None) -> _Found | None:
    for phrase, shift in _DAYS:
        if re.search(rf"\b{phrase}\b", words) and not (
            phrase in {"nay", "mot", "mai"} and words != phrase and not words.endswith(" " + phrase)
        ):
            if phrase == "nay" and re.search(r"\b(?:tuan|thang|quy|nam) nay\b", words):
                continue
            return (
                None
                if shift is None
                else _Found(today + timedelta(days=shift), "day", risky=phrase in {"mot", "nay", "now"})
            )
    return None


def _span(words: str, today: date, _: Prefers | None) -> _Found | None:
    """Such as "tuần sau", "tháng này", "năm ngoái": the last day of it."""
    match = _SPAN.search(words)
    if match is None or not (match["which"] or match["ewhich"]):
        return None
    return _Found(
        *_ends(_SPANS[match["unit"] or match["eunit"]], _shift(match["which"] or match["ewhich"]), today)[1:],
        risky=True,
    )


def _ends(span: str, shift: int, today: date) -> tuple[date, date, Precision]:
    """First and last day of a period, so many periods from the one `today` is in."""
    if span == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
        return monday, monday + timedelta(days=6), "week"
    months: dict[str, tuple[int, Precision]] = {"month": (1, "month"), "quarter": (3, "quarter"), "year": (12, "year")}
    length, precision = months[span]
    first = _months_on(today.replace(month=(today.month - 1) // length * length + 1, day=1), shift * length)
    return first, _months_on(first, length) - timedelta(days=1), precision


def _edge(edge: str, rest: str, today: date, prefers: Prefers | None) -> _Found | None:
    """Such as "đầu tháng", "cuối năm 2026", "giữa tháng sau": first, fifteenth or last day; read back always."""
    whole = _quarter(rest, today, prefers) or _month(rest, today, prefers) or _year(rest, today, prefers)
    if whole is not None:
        span = "quarter" if whole.precision == "quarter" else whole.precision
        first, last, _ = _ends(span, 0, whole.day)
    else:
        match = _SPAN.search(rest)
        if match is None:
            return None
        first, last, _ = _ends(
            _SPANS[match["unit"] or match["eunit"]], _shift(match["which"] or match["ewhich"]), today
        )
    if edge == "dau":
        return _Found(first, "day", risky=True)
    if edge == "giua":
        return _Found(first + (last - first) // 2, "day", risky=True)
    return _Found(last, "day", risky=True)


def _year(words: str, today: date, prefers: Prefers | None) -> _Found | None:  # noqa: ARG001 - one of the readers in a row
    match = _YEAR.search(words)
    return _Found(date(int(match["year"]), 12, 31), "year", risky=True) if match else None
