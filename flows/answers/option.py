"""Options as people name them: by number, label, part of a label, another word for it, or nearly so."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rapidfuzz import fuzz, process

from flows.answers.courtesy import trimmed
from flows.answers.numerals import PLAIN_UNITS, Numerals
from flows.answers.reading import Candidate, Reading, confirm, none, sure, vague
from flows.answers.text import alike, fold, plain
from flows.answers.tokens import tokens

ACCEPT: Final = 90  # likeness in percent from which a near miss is taken…
GAP: Final = 10  # …if the next best is this much less like it
OFFER: Final = 62  # likeness from which an option is offered
MOST_OFFERED: Final = 5
LONGEST: Final = 500  # characters

_ORDINAL: Final = re.compile(
    r"(?:(?:so|cau|muc|phuong an|lua chon|dap an|y|chon|cai|option|number|thu|no|em chon|loai|nhom) )*(\d{1,3})"
)
_FIRST: Final = {
    "dau tien",
    "cai dau tien",
    "cai dau",
    "thu nhat",
    "cai thu nhat",
    "first",
    "the first",
    "phuong an dau",
    "cau dau tien",
}
_LAST: Final = {"cuoi cung", "cai cuoi", "cai cuoi cung", "last", "the last", "phuong an cuoi", "sau cung"}
_ALL: Final = {
    "tat ca",
    "tat",
    "all",
    "het",
    "chon het",
    "tat ca cac muc",
    "tat ca cac y",
    "toan bo",
    "chon tat ca",
    "everything",
}
_NONE: Final = {
    "khong cai nao",
    "khong muc nao",
    "khong co muc nao",
    "khong y nao",
    "none",
    "khong chon",
    "khong cai nao ca",
    "khong co",
}
_NEGATIONS: Final = frozenset({"khong", "ko", "chua", "not", "chang"})
_NO_NEGATION: Final = re.compile(r"\bkhong (?:gian|khi|quan|trung|quang|lo)\b")
_EXCEPT: Final = re.compile(
    r"^(?:(?:chọn|chon|lấy|lay|em chọn) )?(?:tất cả|tat ca|hết|het|chọn hết|toàn bộ|toan bo|all|cả|ca)(?: các mục| cac muc)?(?: đều)?,? ?"
    r"(?:ngoại trừ|ngoai tru|loại trừ|trừ ra|trừ|tru|bỏ|bo|không lấy|except|but not) (?P<rest>.+)$"
)
_UNKNOWN: Final = frozenset(
    {"khong biet", "ko biet", "k biet", "khong ro", "ko ro", "chua biet", "chua ro", "khong chac"}
)
_LEFT_OUT: Final = ("tru ", "ngoai tru ", "loai tru ", "khong phai ", "ko phai ", "k phai ", "dung ", "bo ")
_ALL_OF: Final = re.compile(r"(?:chon |lay )?ca (\d{1,2}|hai|ba|bon|nam|sau|bay|tam)(?: cai| muc| y)?")
_SAID_COUNTS: Final = {"hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8}
_LETTER: Final = re.compile(r"(?:(?:dap an|phuong an|cau|y|muc|chon|option) )?([a-j])")
_OR: Final = re.compile(r"\s(?:hoặc là|hoặc|hoac|hay là|hay|or)\s", re.IGNORECASE)

_SEPARATORS: Final = re.compile(r"[,;\n+&|/]|\s(?:và|va|với|voi|cùng|cung|and|lẫn|cả)\s", re.IGNORECASE)
_RANK_SEPARATORS: Final = re.compile(
    r"[,;\n>→|/]+|-(?=>|\s|\d)|\s(?:rồi đến|roi den|rồi tới|roi toi|rồi|roi|sau đó là|sau đó|sau do|tiếp theo là|tiếp theo|tiep theo|kế đến|ke den|và|va|then|and|đến|cuối cùng là|cuối cùng)\s",
    re.IGNORECASE,
)
_MINUS: Final = re.compile(r"-\d+$")
_SPANNED: Final = re.compile(r"(?:từ |tu )?(?:số |so )?(\d{1,2}) ?(?:[-–]|đến|den|tới|toi|to) ?(?:số |so )?(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Named:
    """One option: what is stored, and the words for it, its label first."""

    name: str
    words: tuple[str, ...]

    @property
    def label(self) -> str:
        """What people read."""
        return self.words[0] if self.words else self.name


class Options:
    """The options of one question in their order, made ready to be found by words. Build it once per question."""

    def __init__(self, options: Iterable[Named]) -> None:
        self.all = tuple(options)
        self._exact: dict[str, list[int]] = {}
        self._folded: dict[str, list[int]] = {}
        self._parts: dict[str, list[int]] = {}
        self._fuzzy: dict[int, str] = {}
        self._owner: list[int] = []
        for place, option in enumerate(self.all):
            for word in dict.fromkeys((*option.words, option.name)):
                self._add(place, word)

    def _add(self, place: int, word: str) -> None:
        folded = alike(fold(word))
        for index, key in ((self._exact, plain(word)), (self._folded, folded)):
            if key and place not in index.setdefault(key, []):
                index[key].append(place)
        if folded:
            self._fuzzy[len(self._owner)] = folded
            self._owner.append(place)
        parts = re.split(r"[,;/()–:]| - | và | hoặc ", plain(word))
        for part in parts if len(parts) > 1 else ():
            key = alike(fold(part))
            if key and place not in self._parts.setdefault(key, []):
                self._parts[key].append(place)

    def said(self, text: str) -> list[int]:
        """The places of options whose label, other word or name is exactly this; else those with it as a part."""
        exact = self._exact.get(plain(text))
        if exact and len(exact) == 1:
            return exact
        folded = alike(fold(text))
        return self._folded.get(folded) or self._parts.get(folded) or []

    def containing(self, folded: str) -> list[int]:
        """The places of options with these words, together, in their label; those that begin with them if any do."""
        inside: list[int] = []
        begins: list[int] = []
        for key, label in self._fuzzy.items():
            place = self._owner[key]
            if f" {folded} " in f" {label} " and _same_sense(folded, label):
                inside += [place] if place not in inside else []
                begins += [place] if label.startswith(folded) and place not in begins else []
        return begins or inside

    def like(self, folded: str) -> list[tuple[int, float]]:
        """Options by likeness in percent, the likest first; each once."""
        best: dict[int, float] = {}
        for _, score, key in process.extract(folded, self._fuzzy, scorer=fuzz.WRatio, score_cutoff=OFFER, limit=12):
            place = self._owner[key]
            if _same_figures(folded, self._fuzzy[key]) and _same_sense(folded, self._fuzzy[key]):
                best[place] = max(score, best.get(place, 0.0))
        return sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))

    def candidate(self, place: int) -> Candidate:
        """The option as something to choose."""
        return Candidate(self.all[place].name, self.all[place].label)


def _same_figures(typed: str, label: str) -> bool:
    """Figures are never near misses: "3" is not "30"."""
    return set(re.findall(r"\d+", typed)) <= set(re.findall(r"\d+", label))


def _same_sense(typed: str, label: str) -> bool:
    """Nor is "không đồng ý" a near miss of "đồng ý"."""
    return _denies(typed) == _denies(label)


def _denies(folded: str) -> bool:
    """Whether a "no" is said; "không gian" is a space, not a "no"."""
    return bool(_NEGATIONS & set(_NO_NEGATION.sub("", folded).split()))


def _ready(options: Options | Sequence[Named]) -> Options:
    return options if isinstance(options, Options) else Options(options)


def read_option(text: str, options: Options | Sequence[Named]) -> Reading:
    """The name of one option.

    By its label or another word for it, with or without marks; by its number, from 1; by a part of its label no other
    has; by a near miss of at least 90 % with no other within 10. A number that is one option's label and another's
    number is asked back, as is every nearer miss; the candidates come with it.
    """
    options = _ready(options)
    if len(text) > LONGEST or not options.all:
        return none("read.option.again")
    said = options.said(text)
    number = _number(text, options)
    if len(said) == 1 and (number is None or number == said[0] or not fold(text).isdigit()):
        return sure(options.all[said[0]].name)
    if number is not None and not said:
        if not 0 <= number < len(options.all):
            return none("read.option.out_of_range", {"number": number + 1, "most": len(options.all)})
        return sure(options.all[number].name)
    if said:
        both = said if number is None or not 0 <= number < len(options.all) else list(dict.fromkeys((*said, number)))
        return _offered(both, options) if len(both) > 1 else sure(options.all[both[0]].name)
    reading = _near(text, options)
    if reading.certainty == "none" or len(reading.candidates) > 2:
        return _lettered(text, options) or _one_of(text, options) or reading
    return reading


def _lettered(text: str, options: Options) -> Reading | None:
    """Such as "B" for the second: read back, for the list shows numbers."""
    found = _LETTER.fullmatch(fold(text)) or _LETTER.fullmatch(_core(text))
    place = ord(found[1]) - ord("a") if found else len(options.all)
    return _offered([place], options) if place < len(options.all) else None


def _one_of(text: str, options: Options) -> Reading | None:
    """Several where one is asked for: just these to choose from."""
    pieces = [part for piece in _OR.split(f" {plain(text)} ") for part in _split(piece, _SEPARATORS)]
    if not 2 <= len(pieces) <= MOST_OFFERED:
        return None
    found = [_place_of(read_option(piece, options), options) for piece in pieces]
    places = [place for place in dict.fromkeys(found) if place is not None]
    return _offered(places, options) if None not in found and len(places) > 1 else None


def _place_of(reading: Reading, options: Options) -> int | None:
    """The place of the option a reading is sure of."""
    if reading.certainty != "sure":
        return None
    return next(place for place, option in enumerate(options.all) if option.name == reading.value)


def _number(text: str, options: Options) -> int | None:
    """The place, from 0, that a number alone means; -1 and beyond: there is no such option."""
    folded = fold(text)
    if folded in _FIRST:
        return 0
    if folded in _LAST:
        return len(options.all) - 1
    if _MINUS.match(plain(text)):
        return -1
    core = _core(text)
    found = _ORDINAL.fullmatch(core)
    if found is not None:
        return int(found[1]) - 1
    row = tokens(plain(text))
    while row and row[0].said.bare in {"so", "chon", "thu", "cai", "muc"}:
        row = row[1:]
    if row and row[0].kind == "word":
        numerals = Numerals(trimmed(row), PLAIN_UNITS)
        amount = numerals.at(0) if numerals.row else None
        if (
            amount is not None
            and amount.end == len(numerals.row)
            and amount.scale == 1
            and amount.other is None
            and amount.value >= 1
        ):
            return int(amount.value) - 1 if amount.value == int(amount.value) else None
    return None


def _core(text: str) -> str:
    """Folded, without the politeness around it."""
    return " ".join(token.said.bare or token.text for token in trimmed(tokens(plain(text))))


def _near(text: str, options: Options) -> Reading:
    for core in _cores(text):
        said = options.said(core)
        if len(said) == 1:
            return sure(options.all[said[0]].name)
        if said:
            return _offered(said, options)
    folded = alike(_core(text) or fold(text))
    if len(folded) < 3:
        return none("read.option.again")
    inside = options.containing(folded)
    if not inside and (folded.startswith(_LEFT_OUT) or folded in _UNKNOWN):
        return none("read.option.again")
    if len(inside) == 1 and not (
        any(map(str.isdigit, folded)) and not fold(options.all[inside[0]].label).startswith(folded)
    ):
        return sure(options.all[inside[0]].name)
    if inside:
        return _offered(inside, options)
    like = options.like(folded)
    if not like:
        return none("read.option.again")
    best, score = like[0]
    if score >= ACCEPT and (len(like) == 1 or score - like[1][1] >= GAP):
        return sure(options.all[best].name)
    return _offered([place for place, _ in like], options)


def _cores(text: str) -> Iterator[str]:
    """The text with less and less of the politeness around it: "chuyển đổi số ạ" still ends in "số"."""
    row = [token for token in tokens(plain(text)) if token.kind != "sign"]
    core = trimmed(row)
    if not core:
        return
    begin = next(i for i in range(len(row)) if row[i : i + len(core)] == core)
    end = begin + len(core)
    for first in range(min(begin, 6) + 1):
        for last in range(len(row), max(end, len(row) - 6) - 1, -1):
            yield " ".join(token.text for token in row[first if begin <= 6 else begin : last])


def _offered(places: Sequence[int], options: Options) -> Reading:
    """Candidates to choose from; a single one is a yes or no."""
    shown = tuple(options.candidate(place) for place in places[:MOST_OFFERED])
    if len(shown) == 1:
        return confirm(shown[0].value, "read.option.confirm", {"option": shown[0].label}, candidates=shown)
    return vague("read.option.which", {"count": len(shown)}, candidates=shown)


def read_options(text: str, options: Options | Sequence[Named]) -> Reading:
    """Names joined by blanks, in the order of the options: "1,3", "vốn và nhân lực", "1-3", "tất cả".

    Confirm: "tất cả", a span of numbers, or a piece that was only nearly understood. Vague: a piece that was not; the
    candidates are those it may mean, `facts["part"]` is the piece.
    """
    options = _ready(options)
    if len(text) > LONGEST or not options.all:
        return none("read.option.again")
    whole = options.said(text)
    if len(whole) == 1 and _number(text, options) is None:
        return sure(options.all[whole[0]].name)
    excepted = _EXCEPT.match(plain(text))
    if excepted and not whole:
        return _all_but(excepted["rest"], options)
    counted = _ALL_OF.fullmatch(fold(text)) or _ALL_OF.fullmatch(_core(text))
    if counted and not whole:
        wanted = _SAID_COUNTS.get(counted[1]) or int(counted[1])
        if wanted != len(_ordinary(options)) and wanted != len(options.all):
            return vague("read.option.all_of", {"count": len(options.all)})
        return _many(_ordinary(options), options, risky=True)
    folded = _core(text) or fold(text)
    if folded in _ALL or fold(text) in _ALL:
        return _many(_ordinary(options), options, risky=True)
    if (folded in _NONE or fold(text) in _NONE) and not whole:
        return vague("read.option.none_of_these")
    spans = _SPANNED.fullmatch(plain(text))
    if spans and int(spans[1]) < int(spans[2]) <= len(options.all) and int(spans[1]) >= 1:
        return _many(list(range(int(spans[1]) - 1, int(spans[2]))), options, risky=True)
    return _pieces(_split(text, _SEPARATORS), options, ordered=False)


def _ordinary(options: Options) -> list[int]:
    """The places of all options but those that say there is none ("Không có nhu cầu nào")."""
    places = [
        p
        for p, option in enumerate(options.all)
        if not _denies("".join(_NO_NEGATION.sub("", fold(option.label)).split()[:1]))
    ]
    return places if len(places) > 1 else list(range(len(options.all)))


def _all_but(rest: str, options: Options) -> Reading:
    """All options but those named, read back."""
    out = _pieces(_split(rest, _SEPARATORS), options, ordered=False)
    if out.value is None:
        return out
    named = set(str(out.value).split())
    left = [place for place in _ordinary(options) if options.all[place].name not in named]
    return _many(left, options, risky=True) if left else vague("read.option.none_of_these")


def read_rank(text: str, options: Options | Sequence[Named], top: int | None = None) -> Reading:
    """Names joined by blanks, the first first: "2,1,3", "vốn rồi đến nhân lực", "2 > 1 > 3", "213".

    Vague: one named twice, fewer than `top` (None: than there are).
    """
    options = _ready(options)
    if len(text) > LONGEST or not options.all:
        return none("read.option.again")
    wanted = min(top or len(options.all), len(options.all))
    figures = fold(text)
    if figures.isdigit() and len(figures) == wanted > 1 and len(options.all) <= 9:
        places = [int(figure) - 1 for figure in figures]
        if len(set(places)) == len(places) and all(0 <= place < len(options.all) for place in places):
            return _many(places, options, risky=True, ordered=True)
    reading = _pieces(_split(text, _RANK_SEPARATORS), options, ordered=True)
    if reading.value is None:
        return reading
    names = str(reading.value).split()
    if len(names) < wanted:
        return vague("read.rank.missing", {"count": len(names), "wanted": wanted})
    return Reading(" ".join(names[:wanted]), reading.certainty, reading.ask, reading.facts)


def _split(text: str, separators: re.Pattern[str]) -> list[str]:
    """The pieces of an enumeration; bare numbers may stand apart by blanks alone."""
    said = plain(text)
    if re.fullmatch(r"\d{1,2}(?: \d{1,2})+", said):
        return said.split()
    return [piece.strip() for piece in separators.split(f" {said} ") if piece and piece.strip()]


def _pieces(pieces: list[str], options: Options, *, ordered: bool) -> Reading:
    """Each piece read as one option; where a label itself has a comma, pieces are put together again first."""
    places: list[int] = []
    risky = False
    i = 0
    while i < len(pieces):
        joined = _joined(pieces, i, options)
        if joined is not None:
            place, i = joined
            places.append(place)
            continue
        span = _SPANNED.fullmatch(pieces[i])
        if span and not ordered and 1 <= int(span[1]) < int(span[2]) <= len(options.all):
            places += range(int(span[1]) - 1, int(span[2]))
            risky = True
            i += 1
            continue
        reading = read_option(pieces[i], options)
        if reading.value is None:
            facts = {**reading.facts, "part": pieces[i][:60]}
            return Reading(None, reading.certainty, reading.ask, facts, reading.candidates)
        if len(pieces) > 1 and reading.certainty != "sure" and _denies(fold(pieces[i])):  # "vốn, không cần nhân lực"
            return vague("read.option.again", {"part": pieces[i][:60]}, candidates=reading.candidates)
        risky = risky or reading.certainty != "sure"
        places.append(next(place for place, option in enumerate(options.all) if option.name == reading.value))
        i += 1
    if not places:
        return none("read.option.again")
    if ordered and len(set(places)) < len(places):
        return vague("read.rank.twice")
    return _many(places, options, risky=risky, ordered=ordered)


def _joined(pieces: list[str], i: int, options: Options) -> tuple[int, int] | None:
    """The place of the option whose label begins with piece `i` and has at least two pieces; the piece behind it."""
    for end in range(min(len(pieces), i + 6), i + 1, -1):
        said = options.said(" ".join(pieces[i:end]))
        if len(said) == 1:
            return said[0], end
    return None


def _many(places: Sequence[int], options: Options, *, risky: bool, ordered: bool = False) -> Reading:
    unique = list(dict.fromkeys(places)) if ordered else sorted(set(places))
    value = " ".join(options.all[place].name for place in unique)
    if not risky:
        return sure(value)
    shown = tuple(options.candidate(place) for place in unique)
    certainty: Literal["confirm"] = "confirm"
    return Reading(value, certainty, "read.option.confirm", {"option": ", ".join(each.label for each in shown)}, shown)
