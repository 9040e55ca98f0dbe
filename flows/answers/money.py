"""Money as people type it: "1,5 tỷ", "20tr5", "hai tỷ ba", "từ 500 triệu đến 1 tỷ" → VND."""

import re
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from flows.answers.courtesy import COURTESY
from flows.answers.fractions import fraction_in
from flows.answers.numerals import MONEY_UNITS, Amount, Numerals
from flows.answers.reading import Candidate, Fact, Range, Reading, confirm, none, sure, vague
from flows.answers.text import plain
from flows.answers.tokens import Lexicon, Token, tokens

BARE_FROM: Final = 1_000_000  # a number without a unit is đồng from here up; below, people leave out "triệu" or "tỷ"
MOST: Final = 10**15  # đồng; more is read back as surely mistyped
LONGEST: Final = 60  # tokens; a longer text is a story, not an amount

_MEANING: Final = Lexicon(
    [
        ("đô", "USD"),  # before "độ" and other words it may be without marks
        *((word, "filler") for word in COURTESY),
        *(
            (word, "filler")
            for word in (
                "vốn", "vốn điều lệ", "vốn đầu tư", "vốn góp", "số vốn", "doanh thu", "doanh số", "lợi nhuận", "lãi", "lời", "chi phí",
                "chi", "thu", "ngân sách", "kinh phí", "số tiền", "tiền", "mức", "gọi", "gọi vốn", "huy động", "vay", "đầu tư",
                "công ty", "công ty em", "cty", "doanh nghiệp", "năm nay", "năm ngoái", "năm trước", "năm rồi", "năm vừa rồi",
                "quy đổi", "bằng", "bằng chữ", "tiền mặt", "việt nam", "tiền việt", "chẵn", "tròn", "đúng", "cả", "thêm", "trong", "ra",
                "vnd", "một chút", "một ít", "xíu", "tý", "tí", "chút", "amount", "revenue", "capital", "in", "total", "giá", "trị giá", "giá trị",
            )
        ),
        *((word, "approx") for word in (
            "khoảng", "khoảng chừng", "tầm", "tầm tầm", "tầm khoảng", "cỡ", "cỡ khoảng", "chừng", "áng chừng", "độ", "đâu đó", "ước", "ước tính",
            "ước chừng", "ước khoảng", "ước đạt", "gần", "gần được", "hơn", "xấp xỉ", "ngót", "ngót nghét", "ngót ngét", "suýt soát", "quãng",
            "loanh quanh", "xung quanh", "trên dưới", "xêm xêm", "sấp sỉ", "phỏng", "phỏng chừng", "chắc", "chắc là", "có lẽ",
            "hình như", "dự kiến", "tạm tính", "đổ đồng", "trung bình", "bình quân", "about", "around", "approximately", "approx", "roughly", "nearly",
            "gần bằng", "gần như", "lẻ", "có dư", "dư", "≈", "±", "ca", "kiểu", "chắc tầm", "chắc khoảng", "đổ lại đây",
        )),
        *((word, "to") for word in ("đến", "tới", "đến khoảng", "tới khoảng", "đến tầm", "cho đến", "cho tới", "to", "-", "–", "—", "→", "~", "…")),
        *((word, "or") for word in ("hoặc", "hay", "hoặc là", "hay là", "or")),
        *((word, "from") for word in ("từ", "from", "between")),
        *((word, "under") for word in (
            "dưới", "chưa đến", "chưa tới", "chưa được", "chưa quá", "chưa đầy", "không đến", "không tới", "không quá", "không hơn", "không vượt quá",
            "ko quá", "ko đến", "ít hơn", "nhỏ hơn", "bé hơn", "thấp hơn", "kém hơn", "tối đa", "nhiều nhất", "cao nhất", "lớn nhất", "max",
            "under", "below", "less than", "up to", "at most", "no more than", "<", "≤", "< =", "nhiều nhất là", "tối đa là", "cùng lắm",
        )),
        *((word, "over") for word in (
            "trên", "nhiều hơn", "lớn hơn", "cao hơn", "ít nhất", "ít nhất là", "tối thiểu", "tối thiểu là", "thấp nhất", "không dưới", "ko dưới",
            "không ít hơn", "min", "over", "above", "more than", "at least", ">", "≥", "> =", "từ trên", "vượt", "quá",
        )),
        *((word, "and_less") for word in ("trở xuống", "đổ xuống", "đổ lại", "trở lại", "là cùng", "là nhiều", "là tối đa", "or less")),
        *((word, "and_more") for word in ("trở lên", "đổ lên", "trở đi", "là ít", "là tối thiểu", "or more", "+", "and up")),
        *((word, "minus") for word in ("lỗ", "âm", "thua lỗ", "bị lỗ", "thâm hụt", "bội chi", "loss", "minus")),
        *((word, "vague") for word in (
            "vài", "mấy", "dăm", "nhiều", "rất nhiều", "vô số", "hàng", "bạc tỷ", "tiền tỷ", "bạc triệu", "ít", "một ít", "một vài", "một số",
            "kha khá", "không nhiều", "nhiều lắm", "tùy", "tuỳ", "thỏa thuận", "mươi", "vài ba", "dăm ba", "dăm bảy", "several", "some",
            "few", "đâu",
        )),
        *((word, "plain") for word in ("máy", "máy móc", "mua máy")),  # without its tone "mấy", "how many"
        *((word, "approx") for word in ("một chút", "một ít nữa", "chút đỉnh", "chút")),
        *((word, "unknown") for word in (
            "chưa biết", "không biết", "ko biết", "k biết", "hông biết", "chưa rõ", "không rõ", "ko rõ", "chưa tính", "chưa xác định", "không nhớ",
            "chưa chắc", "không chắc", "chưa có", "chưa nghĩ", "bí mật", "don't know", "not sure",
        )),
        *((word, "not") for word in ("không phải", "không", "ko", "không có", "chưa", "đừng", "chẳng", "not", "chả")),
        *((word, "gold") for word in ("cây vàng", "cây", "lượng vàng", "lượng", "chỉ vàng", "chỉ", "vàng", "phân vàng", "sjc", "gold")),
        *((word, "VND") for word in ("đồng", "đ", "vnd", "vnđ", "₫", "đồng chẵn", "đồng việt nam", "việt nam đồng")),
        *((word, "USD") for word in (
            "đô", "đô la", "đôla", "đô mỹ", "đô la mỹ", "đola", "dola", "dollar", "dollars", "usd", "$", "us $", "usdt", "mỹ kim", "bucks", "đồng đô",
            "vé",
        )),
        *((word, "EUR") for word in ("euro", "euros", "eur", "€", "ơ rô")),
        *((word, "JPY") for word in ("yên nhật", "yên", "yen", "jpy", "¥", "man nhật")),
        *((word, "GBP") for word in ("bảng anh", "bảng", "gbp", "£", "pound", "pounds")),
        *((word, "CNY") for word in ("nhân dân tệ", "tệ", "cny", "rmb", "ndt", "đồng nhân dân tệ")),
        *((word, "KRW") for word in ("won", "krw", "₩", "won hàn")),
        *((word, "SGD") for word in ("sgd", "đô sing", "đô la singapore", "đô singapore")),
        *((word, "AUD") for word in ("aud", "đô úc", "đô la úc")),
        *((word, "CAD") for word in ("cad", "đô canada")),
        *((word, "HKD") for word in ("hkd", "đô hồng kông", "đô hồng công")),
        *((word, "THB") for word in ("baht", "bạt thái", "thb", "bath thái")),
        *((word, "TWD") for word in ("twd", "đài tệ")),
        *((word, "CHF") for word in ("chf", "franc")),
        *((word, "INR") for word in ("inr", "rupee", "rupees", "₹")),
        *((word, "BTC") for word in ("btc", "bitcoin")),
        *((word, "LAK") for word in ("kíp", "lak")),
        *((word, "per") for word in ("mỗi năm", "hàng năm", "hằng năm", "một năm", "1 năm", "mỗi tháng", "hàng tháng", "hằng tháng", "một tháng",
            "1 tháng", "mỗi quý", "một quý", "một ngày", "mỗi ngày", "/ năm", "/ tháng", "/ quý", "/ ngày", "/ người", "/ năm ạ", "per year", "per month")),
        *((word, "dated") for word in ("năm", "tháng", "quý", "in", "year")),
        *((word, "vague") for word in ("cả tỷ", "cả tỉ", "cả triệu", "cả trăm", "cả chục", "cả nghìn", "cả ngàn")),
        ("đồng ý", "junk"), ("đồng chí", "junk"), ("đồng hồ", "junk"), ("đồng bộ", "junk"), ("đồng nghiệp", "junk"), ("đồng sáng lập", "junk"),
        ("đồng đội", "junk"), ("đồng hành", "junk"), ("%", "junk"), ("phần trăm", "junk"),
    ]
)  # fmt: skip
_CURRENCIES: Final = frozenset(
    ["USD", "EUR", "JPY", "GBP", "CNY", "KRW", "SGD", "AUD", "CAD", "HKD", "THB", "TWD", "CHF", "INR", "BTC", "LAK"]
)
_DIRECT: Final = {
    "do",
    "bang",
    "te",
    "yen",
    "won",
    "ve",
    "kip",
    "cay",
    "chi",
    "luong",
    "phan",
}  # words of their own without marks


@dataclass(slots=True)
class _Said:
    """One amount with what stands around it."""

    amount: Amount
    bound: str = ""  # under, over
    currency: str = ""
    minus: bool = False
    link: str = ""  # what joins it to the amount before: to, or
    taken: bool = False  # has a word of currency


@dataclass(slots=True)
class _Waiting:
    """What was said before an amount and belongs to it."""

    bound: str = ""
    currency: str = ""
    minus: bool = False
    link: str = ""
    taken: bool = False


@dataclass(slots=True)
class _Text:
    """What was found in a text."""

    said: list[_Said] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


def read_money(text: str, *, allow_negative: bool = False) -> Reading:
    """VND as an int, or a `Range` of them.

    Sure: an amount with its unit, or a bare number from a million up. Confirm: a range, a unit with two meanings,
    words around it that are not understood. Vague: "vài trăm triệu", "500" without a unit, other currencies, a loss
    where only gains are asked for. A bare "hơn", "gần", "khoảng" is dropped and kept as `approx`.

    >>> read_money("dạ tầm 2 tỷ 3 ạ").value
    2300000000
    >>> read_money("500").ask
    'read.money.which_unit'
    """
    row = tokens(plain(text), LONGEST + 1)
    if not row or len(row) > LONGEST:
        return none("read.money.again")
    part = _part(text)
    if part is not None:
        return part
    found = _scan(Numerals(row, MONEY_UNITS))
    if not found.said:
        return _without_amount(found)
    if "gold" in found.flags:
        return vague("read.money.gold")
    foreign = [each for each in found.said if each.currency]
    if foreign:
        home = [each for each in found.said if not each.currency and (each.taken or each.amount.scale > 1)]
        if not home or len(home) > 1 or len(foreign) > 1 or _joined(found.said):
            return _foreign(foreign[-1])
        found.said, found.flags = home, found.flags | {"doubt"}
    if "junk" in found.flags or "vague" in found.flags:
        has_unit = any(each.amount.scale > 1 for each in found.said)
        return vague("read.money.bands") if has_unit or "vague" in found.flags else none("read.money.again")
    return _told(found, allow_negative=allow_negative)


_PART_OF: Final = {"ty": 10**9, "ti": 10**9, "trieu": 10**6, "tr": 10**6, "billion": 10**9, "million": 10**6}


def _part(text: str) -> Reading | None:
    """Such as "một phần tư tỷ", read back where it comes out even; None: no part is said."""
    found = fraction_in(text)
    if found is None:
        return None
    size = _PART_OF.get(found[1].partition(" ")[0], 0)
    value = found[0] * size
    if not size or value.denominator != 1:
        return vague("read.money.again")
    return confirm(int(value), "read.money.confirm", {"amount": int(value)})


def _scan(numerals: Numerals) -> _Text:
    """Walk the tokens: amounts, and what each word around them says."""
    scan = _Scan(numerals)
    i = 0
    while i < len(numerals.row):
        i = scan.step(i)
    return scan.found


class _Scan:
    """One walk over the tokens of a text; what is waiting belongs to the next amount."""

    def __init__(self, numerals: Numerals) -> None:
        self.found = _Text()
        self._numerals = numerals
        self._row = numerals.row
        self._waiting = _Waiting()

    def step(self, i: int) -> int:
        """Take what stands at token `i`; the token behind it."""
        if self.found.said and self._numerals.is_until(i):
            self._take("to", i, 1)
            return i + 1
        meaning = self._meaning(i)
        if self._row[i].text == "tam" and meaning == ("approx", 2):  # "tầm tầm", or "tầm tám"
            meaning = ("approx", 1)
        if meaning is not None and meaning[0] == "dated":
            behind = _dated(self._row, i)
            if behind is not None:
                self.found.flags.add("dated")
                return behind
            meaning = None
        amount = self._numerals.at(i) if self._may_begin(i, meaning) else None
        if amount is not None and self._row[i].text == "tam" and amount.end > i + 1:  # "tám mươi" or "tầm mười"
            amount = replace(amount, doubt=True)
        if amount is not None and self._is_count(i, amount):
            self.found.flags.add("dated")
            return amount.end + 1
        if amount is not None and not _is_idle(self._row, i, amount):
            ahead, self._waiting = self._waiting, _Waiting()
            self.found.said.append(_Said(amount, ahead.bound, ahead.currency, ahead.minus, ahead.link, ahead.taken))
            return amount.end
        unit = self._numerals.one_of(i) if i and not self.found.said and self._is_about(i - 1) else None
        if unit is not None and unit.scale >= BARE_FROM and (meaning is None or meaning[0] == "filler"):
            ahead, self._waiting = self._waiting, _Waiting()
            self.found.said.append(_Said(unit, ahead.bound))
            return unit.end
        if meaning is None:
            if self._row[i].kind != "sign":
                self.found.unknown.append(self._row[i].text)
            return i + 1
        self._take(meaning[0], i, meaning[1])
        return i + meaning[1]

    def _meaning(self, i: int) -> tuple[str, int] | None:
        """What the word or phrase at `i` says; currencies spelt like other words count right behind an amount only."""
        row = self._row
        meaning = _MEANING.at(row, i)
        if meaning is not None and meaning[1] == 1 and row[i].said.bare in _DIRECT and row[i].text.isascii():
            ends = i + 1 == len(row) or row[i + 1].kind != "word" or _MEANING.at(row, i + 1) is not None
            return meaning if self._behind_amount(i) and ends else ("filler", 1)
        return meaning

    def _is_about(self, i: int) -> bool:
        """Whether "hơn", "gần", "dưới" or their like stands at `i`."""
        found = _MEANING.at(self._row, i)
        return found is not None and found[0] in {"approx", "under", "over"}

    def _may_begin(self, i: int, meaning: tuple[str, int] | None) -> bool:
        """Whether an amount is looked for at `i`; phrases go before the words they begin with."""
        if self._row[i].text == "tam":  # "tám" or "tầm" without marks
            behind = self._row[i + 1].said.bare if i + 1 < len(self._row) else ""
            is_unit = i + 1 < len(self._row) and (self._numerals.one_of(i + 1) is not None)
            return behind in {"muoi", "tram", "chuc"} or is_unit
        if self._row[i].kind == "num":
            return meaning is None or meaning[0] != "per"
        if meaning is not None and meaning[0] == "vague":
            return self._row[i].text == "muoi"  # "mười" without marks, before it is "mươi"
        return meaning is None or (meaning[1] == 1 and meaning[0] in {"filler", "not", "unknown", "VND"})

    def _is_count(self, i: int, amount: Amount) -> bool:
        """Whether it is a number of years, people or machines: "3 tỷ trong 2 năm"."""
        counted = amount.scale == 1 and self._row[i].kind == "num" and self._numerals.counts(amount.end)
        return counted and (_MEANING.at(self._row, amount.end) or ("", 1))[0] in {"", "dated", "filler"}

    def _last(self) -> _Said | None:
        return self.found.said[-1] if self.found.said else None

    def _behind_amount(self, i: int) -> bool:
        last = self._last()
        return last is not None and last.amount.end == i

    def _take(self, tag: str, i: int, length: int) -> None:
        last, waiting = self._last(), self._waiting
        if tag in {"to", "or"}:
            self._link(tag, i)
        elif tag in {"under", "over"}:
            waiting.bound = tag
        elif tag in {"and_less", "and_more"}:
            if last is not None:
                last.bound = "under" if tag == "and_less" else "over"
        elif tag == "minus":
            waiting.minus = True
            self.found.flags.add("loss")
        elif tag == "VND":
            if last is not None and self._behind_amount(i):
                last.taken = True
            waiting.taken = _before_amount(self._row, i + length)
        elif tag in _CURRENCIES:
            if _before_amount(self._row, i + length) and not self._behind_amount(i):
                waiting.currency = tag
            elif last is not None and not (self._behind_amount(i) and last.taken):
                last.currency = tag
        elif tag != "gold" or length > 1 or self._behind_amount(i) or self._row[i].text in {"vàng", "sjc"}:
            self.found.flags.add(tag)

    def _link(self, tag: str, i: int) -> None:
        """A dash, "đến", "~" or "hoặc": between two amounts, before the first, or a minus sign."""
        row, last, waiting = self._row, self._last(), self._waiting
        if row[i].text == "-" and (last is None or waiting.link == "to" or waiting.bound) and _is_glued(row, i):
            waiting.minus = True
        elif last is not None:
            waiting.link = waiting.link or tag
        elif row[i].text == "~":
            self.found.flags.add("approx")
        elif row[i].kind == "word" and tag == "to":
            waiting.bound = "under"  # "đến 2 tỷ"


def _dated(row: list[Token], i: int) -> int | None:
    """Behind "năm 2025", "quý 3", "tháng 11" in a sentence about money."""
    if i + 1 < len(row) and row[i + 1].kind == "num" and row[i + 1].text.isdigit():
        number, word = int(row[i + 1].text), row[i].said.bare
        if (word in {"nam", "in", "year"} and 1990 <= number <= 2100) or (word in {"thang", "quy"} and number <= 12):
            return i + 2
    return None


def _is_idle(row: list[Token], i: int, amount: Amount) -> bool:
    """Whether what looks like a number is a word of the sentence: "không", a lone "ba" or "năm"."""
    return (
        amount.scale == 1
        and row[i].kind == "word"
        and amount.end == i + 1
        and amount.value == 0
        and not _is_dong(row, amount.end)
    )


def _is_dong(row: list[Token], i: int) -> bool:
    found = _MEANING.at(row, i)
    return found is not None and found[0] == "VND"


def _is_glued(row: list[Token], i: int) -> bool:
    return i + 1 < len(row) and row[i + 1].glued and row[i + 1].kind == "num"


def _before_amount(row: list[Token], i: int) -> bool:
    return i < len(row) and row[i].kind == "num"


def _joined(said: list[_Said]) -> bool:
    return any(each.link == "to" for each in said)


def _without_amount(found: _Text) -> Reading:
    if "gold" in found.flags:
        return vague("read.money.gold")
    if found.flags & {"vague", "unknown"}:
        return vague("read.money.bands")
    return none("read.money.again")


def _foreign(said: _Said) -> Reading:
    amount = said.amount.value
    facts: dict[str, Fact] = {"amount": _number(amount), "currency": said.currency}
    return vague("read.money.foreign", facts, currency=said.currency)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _told(found: _Text, *, allow_negative: bool) -> Reading:
    """The reading of one or more amounts in đồng."""
    if "loss" in found.flags:
        found.said = [replace(each, minus=True) for each in found.said]
    found.said = _without_years(found)
    said = _inherited(found.said)
    has_unit = all(each.amount.scale > 1 or each.taken for each in said)
    if not has_unit and found.unknown and "vague" not in found.flags:
        big = [each for each in said if _is_big(each)]
        if len(big) != 1 or len(said) > 1:
            return none("read.money.again")
    if found.flags & {"unknown", "not"}:
        return vague("read.money.bands")
    if any(each.minus for each in said) and not allow_negative:
        return vague("read.money.no_negative", {"amount": _vnd(said[0])})
    if not has_unit and any(not _is_big(each) and each.amount.scale == 1 and not each.taken for each in said):
        first = said[0].amount
        if len(said) == 1 and first.value == 0:
            return confirm(0, "read.money.confirm", {"amount": 0})
        return vague("read.money.which_unit", {"number": _number(first.value)})
    if len(said) == 1:
        return _one(said[0], found)
    return _several(said, found)


def _without_years(found: _Text) -> list[_Said]:
    """The amounts but for bare years beside amounts with a unit: "doanh thu 2025 là 5 tỷ"."""
    whole = [each for each in found.said if each.amount.scale > 1 or each.taken]
    others = [each for each in found.said if each not in whole]
    if (
        not whole
        or not others
        or any(each.link or not re.fullmatch("(?:19|20)[0-9]{2}", each.amount.bare) for each in others)
    ):
        return found.said
    found.flags.add("dated")
    return whole


def _is_big(said: _Said) -> bool:
    amount = said.amount
    return amount.scale == 1 and amount.value >= BARE_FROM and not amount.doubt


def _inherited(said: list[_Said]) -> list[_Said]:
    """The amounts of a range, the one without a unit taking over the other's: "1-2 tỷ", "500 - 1 tỷ" (triệu)."""
    if len(said) != 2 or (
        said[1].link not in {"to", "or"} and not (said[0].bound == "over" and said[1].bound == "under")
    ):
        return said
    first, second = said
    if first.amount.scale == second.amount.scale == 1:
        # "500.000 - 1.000.000": what makes the greater one đồng makes the smaller one so
        both = second.taken or (_is_big(second) and first.amount.value >= 1000)
        return [replace(first, taken=both), replace(second, taken=both)]
    if first.amount.scale == 1 and second.amount.scale > 1 and not first.taken and not _is_big(first):
        scale = second.amount.scale
        while scale > 1 and first.amount.value * scale > second.amount.value:
            scale //= 1000
        first = replace(
            first, amount=replace(first.amount, value=first.amount.value * max(scale, 1), scale=max(scale, 1))
        )
    elif second.amount.scale == 1 and first.amount.scale > 1 and not second.taken and not _is_big(second):
        scale = first.amount.scale
        while second.amount.value * scale < first.amount.value and scale < 10**9:
            scale *= 1000
        second = replace(second, amount=replace(second.amount, value=second.amount.value * scale, scale=scale))
    return [first, second]


def _vnd(said: _Said) -> int:
    return _rounded(-said.amount.value if said.minus else said.amount.value)


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))


def _one(said: _Said, found: _Text) -> Reading:
    amount, approx = said.amount, "approx" in found.flags
    value = _vnd(said)
    if amount.other is not None:
        ends = sorted((value, _rounded(-amount.other if said.minus else amount.other)))
        return _range(ends[0], ends[1], approx=approx)
    if said.bound == "under":
        return _range(None, value, approx=approx)
    if said.bound == "over" or ("from" in found.flags and not said.link):
        return _range(value, None, approx=approx)
    whole = amount.value == amount.value.to_integral_value()
    if not whole and amount.scale == 1:
        return none("read.money.again")
    risky = (
        amount.doubt
        or not whole
        or abs(value) > MOST
        or bool(found.unknown)
        or bool(found.flags & {"doubt", "per", "dated"})
    )
    if risky:
        return confirm(value, "read.money.confirm", {"amount": value}, approx=approx)
    return sure(value, approx=approx)


def _several(said: list[_Said], found: _Text) -> Reading:
    values = [_vnd(each) for each in said]
    approx = "approx" in found.flags
    if len(set(values)) == 1:  # the same said twice: "1.500.000.000 đồng (1,5 tỷ)"
        return _one(said[0], found)
    if len(said) == 2 and (said[1].link == "to" or (said[0].bound == "over" and said[1].bound == "under")):
        ends = sorted(_ends(said))
        return _range(ends[0], ends[-1], approx=approx)
    shown = tuple(Candidate(value, str(value)) for value in dict.fromkeys(values))
    return vague("read.money.which_one", {"count": len(shown)}, candidates=shown[:5])


def _ends(said: list[_Said]) -> list[int]:
    others = [
        _Said(replace(each.amount, value=each.amount.other), minus=each.minus)
        for each in said
        if each.amount.other is not None
    ]
    return [_vnd(each) for each in (*said, *others)]


def _range(low: int | None, high: int | None, *, approx: bool) -> Reading:
    facts: dict[str, Fact] = {}
    if low is not None:
        facts["min"] = low
    if high is not None:
        facts["max"] = high
    ask = "read.money.range" if len(facts) == 2 else "read.money.at_most" if low is None else "read.money.at_least"
    return confirm(Range(low, high), ask, facts, approx=approx)
