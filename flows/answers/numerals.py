"""Numbers in digits and Vietnamese words, with units: "2 tỷ 3", "hai mươi mốt", "trăm rưỡi", "1.500"."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from flows.answers.text import spelling
from flows.answers.tokens import Lexicon, Token

MOST_DIGITS: Final = 18
UNIT_FORMS: Final = {
    1_000: ("nghìn", "ngàn", "nghàn", "k", "thousand"),
    10_000: ("vạn",),
    1_000_000: ("triệu", "tr", "million", "millions", "mil"),
    1_000_000_000: ("tỷ", "tỉ", "billion", "billions", "bil", "bn"),
}
SLANG_FORMS: Final = {100_000: ("xị",), 1_000_000: ("củ",), 1_000_000_000: ("tỏi",)}
DOUBTFUL_FORMS: Final = {  # taken only after "is that what you mean?"
    1_000: ("cành",),
    100_000: ("lít", "loét"),
    1_000_000: ("m", "chai"),
    1_000_000_000: ("b",),
}


class Unit(NamedTuple):
    """A unit of a number, and how well it is known as one."""

    size: int
    manner: Literal["plain", "slang", "doubtful"]


def _unit_words(slang: bool) -> list[tuple[str, Unit]]:
    words = [(form, Unit(size, "plain")) for size, forms in UNIT_FORMS.items() for form in forms]
    if slang:
        words += [(form, Unit(size, "slang")) for size, forms in SLANG_FORMS.items() for form in forms]
        words += [(form, Unit(size, "doubtful")) for size, forms in DOUBTFUL_FORMS.items() for form in forms]
    return words


MONEY_UNITS: Final = Lexicon(_unit_words(slang=True))
PLAIN_UNITS: Final = Lexicon(_unit_words(slang=False))

# Words that begin like a unit and are none.
NOT_UNITS: Final = Lexicon(
    (word, word)
    for word in (
            "tỷ lệ", "tỉ lệ", "tỷ số", "tỉ số", "tỷ giá", "tỉ giá", "tỷ trọng", "tỉ trọng", "tỷ suất", "tỉ suất",
            "tỷ phú", "tỉ phú", "tỷ thí", "tỉ mỉ", "triệu chứng", "triệu tập", "triệu hồi", "triệu phú", "vạn vật",
            "vạn sự", "vạn tuế", "củ khoai", "củ sắn", "củ hành", "củ tỏi", "củ cải", "củ gừng", "củ sen", "củ nghệ",
            "củ chi", "củ quả", "tr em", "lít xăng", "lít dầu", "lít nước", "lít sữa", "lít rượu", "lít bia", "chai nước",
            "chai bia", "chai rượu", "chai dầu", "cành cây", "cành hoa", "cành đào", "m 2", "m 3", "tỷ vi", "ti vi", "k g",
    )
)  # fmt: skip

_DIGITS: Final = Lexicon(
    {
        "không": 0, "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
    }
)  # fmt: skip
_ENDINGS: Final = Lexicon({"mốt": 1, "tư": 4, "lăm": 5, "nhăm": 5, "rưởi": 5, "rưỡi": 5})  # said only behind tens
_ENDINGS_SAID: Final = {"mốt": 1, "tư": 4}  # with their marks, also behind a unit
_TENS: Final = Lexicon({"mươi": "x10", "chục": "chuc"})
_TEN: Final = Lexicon({"mười": 10, "hăm": 20, "băm": 30})
_HUNDRED: Final = Lexicon({"trăm": 100})
_ODD: Final = Lexicon({"linh": 0, "lẻ": 0})
_HALF: Final = Lexicon({"rưỡi": True, "rưởi": True})
_HALF_OF: Final = Lexicon({"một nửa": True, "nửa": True})
_POINT: Final = Lexicon({"phẩy": True, "chấm": True})
_AND: Final = Lexicon({"và": True, "linh": True, "lẻ": True, "cộng": True, ",": True})
_COUNTED: Final = Lexicon(  # what 3 counts in "2 tỷ 3 năm": then it is not 2,3 tỷ
    dict.fromkeys(
        (
            "năm", "tháng", "quý", "ngày", "tuần", "người", "nhân sự", "nhân viên", "lần", "đợt", "vòng", "bên", "công ty",
            "cổ đông", "thành viên", "phần", "suất", "kỳ", "khoản", "gói", "sản phẩm", "dự án", "%",
            "chút", "tẹo", "xíu", "máy", "chiếc", "cái", "lớp", "nhóm", "đội", "điểm",
        ),
        True,
    )
)  # fmt: skip
_GLUED: Final = re.compile(r"(ty|ti|tr|trieu|k|nghin|ngan|cu|toi|ruoi)(ruoi|dong|vnd|d|usd|do)(dong|vnd|d)?$")


@dataclass(frozen=True, slots=True)
class Amount:
    """One number in a text, and how it was said."""

    value: Decimal
    scale: int  # the first unit said, 1 if none: what a number before a dash takes over
    end: int  # index of the token behind it
    other: Decimal | None = None  # "hai ba tỷ": up to this
    doubt: bool = False  # said in a way that has two readings
    grouped: bool = False  # "1.500": dot or comma may be a decimal mark
    bare: str = ""  # the digits as typed, when there is nothing but digits
    worded: bool = False  # begins with a word, not a digit
    tail: bool = False  # ends in digits without a unit, "2 tỷ 3"


class _Small(NamedTuple):
    """A number below a unit."""

    value: Decimal
    end: int
    other: Decimal | None = None
    doubt: bool = False
    grouped: bool = False
    bare: str = ""
    tens: bool = False  # had mười, mươi, trăm…


def unglued(row: list[Token]) -> list[Token]:
    """The tokens with "tỷrưỡi" in "2tỷrưỡi" cut into its two words."""
    cut: list[Token] = []
    for token in row:
        found = _GLUED.match(token.said.bare) if token.kind == "word" and token.glued else None
        if found is None:
            cut.append(token)
            continue
        begin = 0
        for part in found.groups(default=""):
            text = token.text[begin : begin + len(part)]
            begin += len(part)
            if text:
                cut.append(Token("word", text, spelling(text), glued=True))
    return cut


def literal(text: str) -> tuple[Decimal, bool] | None:
    """What digits with dots and commas mean, and whether one separator could be read the other way.

    A separator before exactly three digits groups, unless nothing but 0 stands before it; with two kinds the last is
    the decimal mark.

    >>> literal("1.500"), literal("1,5"), literal("1.500.000,25"), literal("1.50.0")
    ((Decimal('1500'), True), (Decimal('1.5'), False), (Decimal('1500000.25'), False), None)
    """
    if sum(map(str.isdigit, text)) > MOST_DIGITS:
        return None
    if text.isdigit():
        return (Decimal(text), False) if len(text) == 1 or text[0] != "0" else None
    text = text.replace("'", ",") if "," not in text else text.replace("'", "")
    marks = [char for char in text if not char.isdigit()]
    if len(set(marks)) > 1:
        head, _, fraction = text.rpartition(marks[-1])
        whole = _grouped(head)
        return None if whole is None or marks.count(marks[-1]) > 1 else (Decimal(f"{whole}.{fraction}"), False)
    whole = _grouped(text)
    if whole is not None:
        return Decimal(whole), len(marks) == 1
    if len(marks) > 1:
        return None
    head, _, fraction = text.partition(marks[0])
    return (Decimal(f"{head}.{fraction}"), False) if len(head) == 1 or head[0] != "0" else None


def _grouped(text: str) -> str | None:
    """The digits of "1.500.000", if it is grouped by threes."""
    parts = re.split("[.,]", text)
    good = (
        len(parts) > 1 and 1 <= len(parts[0]) <= 3 and parts[0][0] != "0" and all(len(part) == 3 for part in parts[1:])
    )
    return "".join(parts) if good else None


class Numerals:
    """Reads numbers out of the tokens of one text."""

    def __init__(self, row: list[Token], units: Lexicon[Unit]) -> None:
        self.row = unglued(row)
        self._units = units
        self._marked = any(token.kind == "word" and not token.text.isascii() for token in self.row)

    def at(self, i: int) -> Amount | None:
        """The number that begins with token `i`, as long as it goes."""
        small = self._half(i) or self._small(i) or self._implied(i)
        if small is None:
            return None
        unit = self._unit(small.end)
        if unit is None:
            if small.end == i:
                return None
            return Amount(
                small.value,
                1,
                small.end,
                small.other,
                small.doubt,
                small.grouped,
                small.bare,
                self.row[i].kind == "word",
            )
        return self._amount(i, small, unit)

    def unit(self, i: int) -> Unit | None:
        """The unit at token `i`, if one stands there."""
        return self._unit(i)[0] if self._unit(i) else None  # type: ignore[index]

    def _unit(self, i: int) -> tuple[Unit, int] | None:
        if i < len(self.row) and self.row[i].kind == "word" and not self._is_other(i) and not self.is_until(i):
            return self._units.at(self.row, i)
        return None

    def is_until(self, i: int) -> bool:
        """Whether a bare "toi" is "tới", not "tỏi": "500 toi 700 tr"."""
        behind = self.row[i + 1] if i + 1 < len(self.row) else None
        return self.row[i].text == "toi" and behind is not None and (behind.kind == "num" or bool(self._digit(i + 1)))

    def _is_other(self, i: int) -> bool:
        """Whether a word that looks like a unit is another one: "tỷ trọng", but not the "tỷ trong" of "3 tỷ trong 2 năm"."""
        found = NOT_UNITS.at(self.row, i)
        if found is None:
            return False
        if found[0] == " ".join(token.text for token in self.row[i : i + found[1]]):
            return True
        counted = i > 0 and self.row[i - 1].kind == "num" and self.row[i + found[1] - 1].text == "trong"
        return not self._marked and not counted

    def _amount(self, start: int, small: _Small, unit: tuple[Unit, int]) -> Amount:
        """A number with units: "2 tỷ 300 triệu", "2 nghìn tỷ", "2 tỷ 3", "2 tỷ rưỡi"."""
        scale, i, doubt = self._scaled(small.end, unit)
        total = small.value * scale
        other = None if small.other is None else small.other * scale
        doubt = doubt or small.doubt or (small.grouped and scale >= 10**9)
        first, grouped = scale, False
        fraction = small.value != small.value.to_integral_value()
        tail = False
        while i < len(self.row):
            if _HALF.at(self.row, i):
                total += Decimal(scale) / 2
                i += 1
                break
            joined = _AND.at(self.row, i)
            j = i + 1 if joined else i
            part = self._small(j)
            if part is None:
                if i == j and i < len(self.row) and self.row[i].text in {"tư", "mốt"} and not fraction:  # "bảy tỷ tư"
                    total, i, tail = total + _ENDINGS_SAID[self.row[i].text] * Decimal(scale) / 10, i + 1, True
                break
            below = self._unit(part.end)
            if below is not None:
                smaller, end, unsure = self._scaled(part.end, below)
                if smaller < scale and part.other is None and not fraction:
                    total += part.value * smaller
                    scale, i, doubt = smaller, end, doubt or unsure or part.doubt
                    continue
                wide = self._wide(total, scale, first, part, smaller)
                if wide is not None and not joined:
                    total, first, scale, i = wide, smaller, smaller, end
                    continue
                break
            rest = None if joined or fraction else self._tail(part, scale, j)
            if rest is not None:
                total, i, tail, doubt = total + rest[0], rest[1], True, doubt or rest[2]
            break
        return Amount(total, first, i, other, doubt, grouped, "", self.row[start].kind == "word", tail)

    def _scaled(self, at: int, unit: tuple[Unit, int]) -> tuple[int, int, bool]:
        """Size of the units from token `at` on, chained as in "nghìn tỷ"; where they end; whether they are in doubt."""
        size, end = unit[0].size, at + unit[1]
        doubt = unit[0].manner == "doubtful"
        nxt = self._unit(end)
        while nxt is not None and unit[0].manner == nxt[0].manner == "plain" and size < 10**12 and nxt[0].size > 10_000:
            size, end = size * nxt[0].size, end + nxt[1]
            nxt = self._unit(end)
        return size, end, doubt

    @staticmethod
    def _wide(total: Decimal, scale: int, first: int, part: _Small, size: int) -> Decimal | None:
        """Such as "2 nghìn 500 tỷ": what was said so far counts the greater unit too."""
        if scale == first == 1_000 and size >= 10**6 and part.value >= 100 and part.other is None:
            return (total + part.value) * size
        return None

    def _tail(self, part: _Small, scale: int, at: int) -> tuple[Decimal, int, bool] | None:
        """Digits behind a unit without their own: tenths, hundredths or thousandths of it, by how many there are."""
        if part.other is not None or self._counted(part.end) or (self._sign(part.end) in {"%", "/"}):
            return None
        token = self.row[at]
        if token.said.bare == "nam" and at + 1 < len(self.row) and self.row[at + 1].kind == "num":
            return None  # "3 tỷ năm 2025"
        if token.kind == "num":
            if part.end == at + 1 and token.text.isdigit() and len(token.text) <= 3:
                rest, end = Decimal(int(token.text)) * scale / 10 ** len(token.text), part.end
                if _HALF.at(self.row, end):
                    return rest + Decimal(scale) / 10 ** len(token.text) / 2, end + 1, True
                return rest, end, len(token.text) == 2 and token.text[0] != "0"  # "1 tỷ 50": 1,5 or 1,05
            if (
                part.value < scale
                and part.value == part.value.to_integral_value()
                and part.grouped is False
                and not part.bare
            ):
                return part.value * scale / 1000, part.end, part.doubt or part.value < 100
            if part.value < scale and "." in token.text.replace(",", "."):
                return (part.value, part.end, True) if part.value == part.value.to_integral_value() else None
            return None
        if part.value < 10 and not part.tens:
            return part.value * scale / 10, part.end, part.doubt or token.said.bare in {"nam", "sau"}
        if any(_HUNDRED.at(self.row, k) for k in range(at, part.end)):  # "không trăm linh năm" too
            return part.value * scale / 1000, part.end, part.doubt
        return part.value * scale / (1000 if self._says_tens(at, part.end) else 100), part.end, True

    def _says_tens(self, at: int, end: int) -> bool:
        return any(_TENS.at(self.row, k) or _TEN.at(self.row, k) for k in range(at, end))

    def _sign(self, i: int) -> str:
        return self.row[i].text if i < len(self.row) else ""

    def _half(self, i: int) -> _Small | None:
        """Such as "nửa" before a unit."""
        found = _HALF_OF.at(self.row, i)
        return _Small(Decimal("0.5"), i + found[1]) if found and self._unit(i + found[1]) else None

    def _implied(self, i: int) -> _Small | None:
        """A unit that begins the number: "tỷ rưỡi", "triệu hai"."""
        unit = self._unit(i)
        if unit is None or unit[0].manner == "doubtful" or len(self.row[i].text) < 2:
            return None
        end = i + unit[1]
        if _HALF.at(self.row, end):
            return _Small(Decimal(1), i)
        follows = end < len(self.row) and (_DIGITS.at(self.row, end) or self.row[end].text.isdigit())
        return _Small(Decimal(1), i, doubt=True) if follows else None

    def one_of(self, i: int) -> Amount | None:
        """One of the unit that stands at token `i`, in doubt; None where none does."""
        found = self._unit(i)
        if found is None or self._is_other(i):
            return None
        size, end, _ = self._scaled(i, found)
        return Amount(Decimal(size), size, end, doubt=True)

    def counts(self, i: int) -> bool:
        """Whether what a number before it counts stands at token `i`: years, people, machines."""
        return self._counted(i) and self._sign(i) != "%"

    def digit(self, i: int) -> int | None:
        """The figure that the word at token `i` says."""
        return self._digit(i)

    # Below a unit.

    def _small(self, i: int) -> _Small | None:
        """A number that may stand before a unit."""
        if i >= len(self.row):
            return None
        if _HUNDRED.at(self.row, i) and not self._follows_vague(i):
            return self._hundreds(Decimal(1), i + 1, None, doubt=False, implied=True)
        small = self._lead(i)
        if small is None:
            return None
        if _HUNDRED.at(self.row, small.end) and small.value < 100 and small.value == small.value.to_integral_value():
            return self._hundreds(small.value, small.end + 1, small.other, doubt=small.doubt, implied=False)
        pointed = self._pointed(small)
        if pointed is not None:
            return pointed
        if _HALF.at(self.row, small.end) and small.value == small.value.to_integral_value():
            return small._replace(value=small.value + Decimal("0.5"), end=small.end + 1, bare="")
        return small

    def _follows_vague(self, i: int) -> bool:
        return i + 1 < len(self.row) and self.row[i + 1].text == "%"

    def _lead(self, i: int) -> _Small | None:
        """Digits, a word, or tens."""
        token = self.row[i]
        if token.kind == "num":
            return self._digits(i)
        ten = _TEN.at(self.row, i)
        if ten is not None:
            ending = self._unit_digit(i + 1)
            value = ten[0] + (ending[0] if ending else 0)
            if ten[0] > 10 and ending is None:
                return None
            return _Small(Decimal(value), i + 1 + (1 if ending else 0), tens=True)
        digit = self._digit(i)
        if digit is not None:
            return self._tens(Decimal(digit), i + 1)
        chuc = _TENS.at(self.row, i)
        if chuc is not None and chuc[0] == "chuc":
            half = _HALF.at(self.row, i + 1)
            return _Small(Decimal(15 if half else 10), i + (2 if half else 1), doubt=not half, tens=True)
        return None

    def _digits(self, i: int) -> _Small | None:
        """A number in digits, with blanks between groups of three if there are."""
        text, end = self.row[i].text, i + 1
        if text.isdigit() and len(text) <= 3 and text[0] != "0":
            while end < len(self.row) and self.row[end].kind == "num" and re.fullmatch(r"\d{3}", self.row[end].text):
                text, end = text + self.row[end].text, end + 1
        tens = _TENS.at(self.row, end)
        if tens is not None and text.isdigit() and len(text) <= 2:
            return self._tens(Decimal(text), end)
        before = self.row[i - 1] if i else None
        if (
            before is not None
            and before.text in {",", "."}
            and self.row[i].glued
            and not before.glued
            and text.isdigit()
        ):
            return _Small(Decimal(f"0.{text}"), end, doubt=True) if len(text) <= MOST_DIGITS else None  # ",5 tỷ"
        read = literal(text)
        if read is None:
            # "1 tỷ 050": a fraction; only a tail looks at it
            return _Small(Decimal(int(text)), end, bare=text) if re.fullmatch(r"0\d{1,2}", text) else None
        return _Small(read[0], end, grouped=read[1], bare=text)

    def _tens(self, lead: Decimal, i: int) -> _Small:
        """Behind one digit: "mươi mốt", "chục", a second digit ("hai ba" is two to three)."""
        tens = _TENS.at(self.row, i)
        if tens is not None:
            value, end = lead * 10, i + 1
            if tens[0] == "chuc":
                if _HALF.at(self.row, end):
                    return _Small(value + 5, end + 1, tens=True)
                return _Small(value, end, tens=True)
            ending = self._unit_digit(end)
            return _Small(value + (ending[0] if ending else 0), end + (1 if ending else 0), tens=True)
        ending = _ENDINGS.at(self.row, i)
        if ending is not None and not _HALF.at(self.row, i) and lead >= 2:
            return _Small(lead * 10 + ending[0], i + 1, tens=True)
        second = self._digit(i)
        if second is None or self._counted(i):
            return _Small(lead, i)
        if second == lead + 1 or (int(lead), second) in {(5, 7), (3, 5)}:
            further = _TENS.at(self.row, i + 1)
            if further is not None:
                return _Small(lead * 10, i + 2, other=Decimal(second) * 10, doubt=True, tens=True)
            return _Small(lead, i + 1, other=Decimal(second), doubt=True)
        return _Small(lead, i)

    def _hundreds(self, lead: Decimal, i: int, other: Decimal | None, *, doubt: bool, implied: bool) -> _Small | None:
        """Behind "trăm": nothing, "linh năm", "rưỡi", tens, or a digit that means tens ("hai trăm ba" is 230)."""
        value = lead * 100
        if other is not None:
            return _Small(value, i, other=other * 100, doubt=True, tens=True)
        if _HALF.at(self.row, i):
            return _Small(value + 50, i + 1, doubt=doubt, tens=True)
        if _ODD.at(self.row, i):
            said = self._digit(i + 1)
            digit = self._unit_digit(i + 1) if said is None else (said, 1)
            if digit is None and i + 1 < len(self.row) and re.fullmatch("[1-9]", self.row[i + 1].text):
                digit = (int(self.row[i + 1].text), 1)
            if digit is not None:
                return _Small(value + digit[0], i + 2, doubt=doubt, tens=True)
        rest = self._lead(i) if i < len(self.row) else None
        if rest is None or rest.value >= 100 or rest.other is not None or rest.value != rest.value.to_integral_value():
            if implied and self._unit(i) is None:
                return _Small(value, i, doubt=True, tens=True)
            return _Small(value, i, doubt=doubt or implied, tens=True)
        if rest.tens or (rest.bare and len(rest.bare) == 2):
            return _Small(value + rest.value, rest.end, doubt=doubt, tens=True)
        if self._counted(i):
            return _Small(value, i, doubt=doubt or implied, tens=True)
        return _Small(value + rest.value * 10, rest.end, doubt=True, tens=True)

    def _pointed(self, small: _Small) -> _Small | None:
        """Such as "một phẩy hai lăm": 1,25."""
        if (
            not _POINT.at(self.row, small.end)
            or small.value != small.value.to_integral_value()
            or small.other is not None
        ):
            return None
        figures, i = "", small.end + 1
        while i < len(self.row) and len(figures) < 6:
            if self.row[i].kind == "num" and self.row[i].text.isdigit() and not figures:
                figures, i = self.row[i].text, i + 1
                break
            said = self._digit(i)
            digit = self._unit_digit(i) if said is None else (said, 1)
            if digit is None:
                break
            figures, i = figures + str(digit[0]), i + 1
        if not figures or len(figures) > 9:
            return None
        return _Small(Decimal(f"{int(small.value)}.{figures}"), i)

    def _unit_digit(self, i: int) -> tuple[int, int] | None:
        """The last figure: as said behind tens, or as any digit."""
        if _HALF.at(self.row, i):
            return None
        ending = _ENDINGS.at(self.row, i)
        if ending is not None:
            return ending
        digit = None if self._counted(i) else self._digit(i)
        return None if digit is None else (digit, 1)

    def _counted(self, i: int) -> bool:
        """Whether a counted thing stands there; "năm" is a year unless it goes on as the figure 5."""
        found = _COUNTED.at(self.row, i)
        if found is None or self.row[i].said.bare != "nam":
            return found is not None
        return not (
            self._unit(i + 1)
            or _HUNDRED.at(self.row, i + 1)
            or _TENS.at(self.row, i + 1)
            or _COUNTED.at(self.row, i + 1)
        )

    def _digit(self, i: int) -> int | None:
        found = _DIGITS.at(self.row, i)
        if found is None:
            return None
        word = self.row[i].text
        if self._marked and word == "sau":
            return None
        return found[0]
