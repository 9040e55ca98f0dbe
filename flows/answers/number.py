"""Numbers as people type them: "12,5", "mười hai", "một trăm hai mươi", "hai chục", "tám người", "12,5%"."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from flows.answers.courtesy import COURTESY
from flows.answers.fractions import fraction_in
from flows.answers.numerals import PLAIN_UNITS, Amount, Numerals
from flows.answers.reading import Candidate, Fact, Range, Reading, confirm, none, sure, vague
from flows.answers.text import plain
from flows.answers.tokens import Lexicon, Token, tokens

Kind = Literal["decimal", "integer", "percent"]
LONGEST: Final = 60  # tokens

_COUNTED: Final = (
    "người", "nhân viên", "nhân sự", "lao động", "thành viên", "bạn", "cổ đông", "cán bộ", "kỹ sư", "chuyên gia", "cộng tác viên",
    "khách", "khách hàng", "năm", "tháng", "tuần", "ngày", "giờ", "tiếng", "phút", "quý", "tuổi", "lần", "đợt", "vòng", "sản phẩm",
    "dịch vụ", "dự án", "đề tài", "nhiệm vụ", "đơn", "đơn hàng", "hợp đồng", "cái", "chiếc", "bộ", "máy", "cây", "con", "cửa hàng", "chi nhánh",
    "công ty", "doanh nghiệp", "đơn vị", "đối tác", "bằng", "bằng sáng chế", "sáng chế", "giải", "giải thưởng", "chứng nhận", "suất", "chỗ", "gian",
    "gian hàng", "phòng", "tỉnh", "thành phố", "nước", "quốc gia", "ha", "m", "km", "kg", "tấn", "lít", "điểm", "sao", "câu", "mục",
    "sao ạ", "phần", "people", "persons", "employees", "staff", "years", "year", "months", "month", "days", "times", "nhé", "nhân công",
    "công nhân", "học viên", "sinh viên", "hộ", "xã viên", "kênh", "trang", "bài", "lượt", "user", "users", "người dùng", "tài khoản", "ca",
    "ng", "nv", "nvien", "ngừi", "ngươi", "mạng", "mống", "đứa", "ae", "anh em", "chị em", "bạn nhân viên", "người nữa", "full time", "fulltime",
    "part time", "parttime", "chính thức", "bán thời gian", "toàn thời gian", "mem", "member", "members", "hecta", "cổ phần", "hạng mục", "mẫu",
)  # fmt: skip
_MEANING: Final = Lexicon(
    [
        *((word, "filler") for word in COURTESY),
        *((word, "counted") for word in _COUNTED),
        *((word, "filler") for word in ("đội ngũ", "team", "team em", "gồm", "bao gồm", "có tất cả", "tất cả", "hết", "đúng", "tròn", "chỉ", "chỉ có", "mới", "mới có", "cty", "cty em", "công ty em", "kể cả", "full")),
        *((word, "approx") for word in (
            "khoảng", "khoảng chừng", "tầm", "cỡ", "chừng", "độ", "đâu đó", "ước", "ước tính", "ước chừng", "gần", "hơn", "xấp xỉ", "ngót",
            "ngót nghét", "quãng", "loanh quanh", "trên dưới", "chắc", "chắc là", "chắc tầm", "có lẽ", "hình như", "dự kiến", "trung bình", "bình quân",
            "about", "around", "approximately", "nearly", "gần như", "lẻ", "≈", "±",
        )),
        *((word, "to") for word in ("đến", "tới", "to", "-", "–", "—", "~", "…", "→")),
        *((word, "or") for word in ("hoặc", "hay", "or", "/")),
        *((word, "from") for word in ("từ", "from")),
        *((word, "under") for word in (
            "dưới", "chưa đến", "chưa tới", "không quá", "không đến", "chưa quá", "chưa đầy", "ít hơn", "nhỏ hơn", "thấp hơn", "tối đa",
            "nhiều nhất", "cao nhất", "max", "under", "less than", "at most", "<", "≤",
        )),
        *((word, "over") for word in (
            "trên", "nhiều hơn", "lớn hơn", "cao hơn", "ít nhất", "tối thiểu", "thấp nhất", "không dưới", "min", "over", "more than", "at least", ">", "≥",
        )),
        *((word, "and_less") for word in ("trở xuống", "đổ lại", "đổ xuống", "là cùng")),
        *((word, "and_more") for word in ("trở lên", "đổ lên", "+")),
        *((word, "minus") for word in ("âm", "trừ", "minus", "giảm")),
        *((word, "percent") for word in ("%", "phần trăm", "percent", "pt", "℅")),
        *((word, "vague") for word in (
            "vài", "mấy", "dăm", "nhiều", "rất nhiều", "ít", "một ít", "một vài", "một số", "kha khá", "nhiều lắm", "tùy", "tuỳ", "mươi", "vài ba",
            "dăm ba", "dăm bảy", "several", "some", "few", "vô số", "vài chục", "hàng", "tá", "đôi ba", "một đôi", "một vài", "đôi", "cặp", "‰", "phần nghìn", "phần ngàn",
        )),
        *((word, "unknown") for word in (
            "chưa biết", "không biết", "ko biết", "k biết", "chưa rõ", "không rõ", "ko rõ", "chưa tính", "không nhớ", "không chắc", "chưa chắc",
            "don't know", "not sure",
        )),
        *((word, "no_one") for word in ("không có ai", "không ai", "chưa có ai", "không có", "chưa có", "ko có", "ko ai", "k ai", "ko có ai", "k có ai", "không có người nào", "none", "zero")),
        *((word, "not") for word in ("không phải", "chưa", "đừng", "chẳng", "not")),
        ("một nửa", "half"), ("phân nửa", "half"), ("nửa", "half"), ("half", "half"),
    ]
)  # fmt: skip


@dataclass(slots=True)
class _Said:
    amount: Amount
    bound: str = ""
    link: str = ""
    minus: bool = False


def read_number(text: str, kind: Kind = "decimal", *, allow_negative: bool = True) -> Reading:
    """An int where the number is whole, else a float; a percentage in percent ("12,5%" is 12.5).

    Comma is the decimal mark, dot groups thousands, but a dot before other than three digits is a decimal mark too.
    "1.500" alone could be either: read back, unless only whole numbers are asked for. What is counted ("tám người")
    may follow. Vague: "vài", two numbers, a fraction where whole numbers are asked for.

    >>> read_number("dạ mười hai người ạ").value, read_number("12,5%", "percent").value
    (12, 12.5)
    """
    row = tokens(plain(text), LONGEST + 1)
    if not row or len(row) > LONGEST:
        return none(_again(kind))
    part = fraction_in(text)
    if part is not None and not part[1]:
        if kind != "percent":
            return vague(_again(kind))
        number = _plain((Decimal(100 * part[0].numerator) / part[0].denominator).quantize(Decimal("0.01")).normalize())
        return confirm(number, "read.number.confirm", {"number": number})
    numerals = Numerals(row, PLAIN_UNITS)
    said, flags, unknown = _scan(numerals)
    if not said:
        return _without_number(flags, unknown, kind)
    if flags & {"vague", "not", "unknown", "half"}:
        return vague(_again(kind))
    if any(each.minus for each in said) and not allow_negative:
        return vague("read.number.no_negative")
    if len(said) > 1:
        return _several(said, flags, unknown, kind)
    return _one(said[0], flags, unknown, kind)


def _scan(numerals: Numerals) -> tuple[list[_Said], set[str], list[str]]:
    row = numerals.row
    said: list[_Said] = []
    flags: set[str] = set()
    unknown: list[str] = []
    bound = link = ""
    minus = False
    i = 0
    while i < len(row):
        if said and numerals.is_until(i):
            link, i = link or "to", i + 1
            continue
        meaning = _MEANING.at(row, i)
        amount = None
        if meaning is None or meaning[1] == 1:
            amount = _padded(row, i) or (numerals.at(i) if _may_begin(numerals, i, meaning, said) else None)
        if amount is not None:
            if row[i].text == "tam" and amount.end > i + 1:  # "tám mươi" or "tầm mười"
                amount = replace(amount, doubt=True)
            said.append(_Said(amount, bound, link, minus))
            bound = link = ""
            minus = False
            i = amount.end
            continue
        if meaning is None:
            if said and _is_half_more(row, i, said[-1]):  # "5 năm rưỡi"
                said[-1].amount = replace(said[-1].amount, value=said[-1].amount.value + Decimal("0.5"))
            elif row[i].kind != "sign":
                unknown.append(row[i].text)
            i += 1
            continue
        tag, length = meaning
        if tag == "to" and row[i].text == "-" and (not said or link) and i + 1 < len(row) and row[i + 1].glued:
            minus = True
        elif tag in {"to", "or"}:
            if said:
                link = link or tag
            elif row[i].text == "~":
                flags.add("approx")
        elif tag in {"under", "over"}:
            bound = tag
        elif tag in {"and_less", "and_more"} and said:
            said[-1].bound = "under" if tag == "and_less" else "over"
        elif tag == "minus":
            minus = True
        else:
            flags.add(tag)
        i += length
    return said, flags, unknown


def _is_half_more(row: list[Token], i: int, said: _Said) -> bool:
    """Whether half of what was counted right before is added."""
    whole = said.amount.value == said.amount.value.to_integral_value() and said.amount.other is None
    return row[i].said.bare == "ruoi" and whole and said.amount.end < i <= said.amount.end + 3


def _may_begin(numerals: Numerals, i: int, meaning: tuple[str, int] | None, said: list[_Said]) -> bool:
    """Whether the token is read as a number though it is a word of the sentence too: "năm" behind a number is years."""
    row = numerals.row
    if meaning is None or row[i].kind == "num":
        return True
    if row[i].text == "tam":  # "tám" or "tầm" without marks
        return numerals.at(i + 1) is None or row[i + 1].said.bare in {"muoi", "tram"}
    if meaning[0] == "counted":
        return not said and not _names_a_year(row, i)
    return meaning[0] in {"vague", "filler"} and row[i].said.bare in {"muoi", "tram", "khong"}


def _names_a_year(row: list[Token], i: int) -> bool:
    """Whether "năm" stands before a year: "từ năm 2020"."""
    behind = row[i + 1].text if i + 1 < len(row) else ""
    return row[i].said.bare == "nam" and len(behind) == 4 and behind.isdigit()


def _padded(row: list[Token], i: int) -> Amount | None:
    """Such as "05": people copy it so from forms."""
    text = row[i].text
    if row[i].kind == "num" and text.isdigit() and len(text) in {2, 3} and text[0] == "0":
        return Amount(Decimal(int(text)), 1, i + 1, bare=text)
    return None


def _without_number(flags: set[str], unknown: list[str], kind: Kind) -> Reading:
    if "half" in flags and kind == "percent" and not unknown:
        return confirm(50, "read.number.confirm", {"number": 50})
    if flags & {"vague", "unknown"}:
        return vague(_again(kind))
    if "no_one" in flags and not unknown:
        return confirm(0, "read.number.confirm", {"number": 0})
    return none(_again(kind))


def _again(kind: Kind) -> str:
    return {
        "decimal": "read.number.again",
        "integer": "read.number.again_integer",
        "percent": "read.number.again_percent",
    }[kind]


def _signed(said: _Said) -> Decimal:
    return -said.amount.value if said.minus else said.amount.value


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _one(said: _Said, flags: set[str], unknown: list[str], kind: Kind) -> Reading:
    value, amount, approx = _signed(said), said.amount, "approx" in flags
    if kind == "integer" and value != value.to_integral_value():
        return vague("read.number.whole", {"number": float(value)})
    number = _plain(value)
    if amount.other is not None:
        return _range(number, _plain(amount.other), approx=approx)
    if said.bound == "under":
        return _range(None, number, approx=approx)
    if said.bound == "over":
        return _range(number, None, approx=approx)
    risky = (
        amount.doubt
        or bool(unknown)
        or (amount.grouped and kind != "integer")
        or ("percent" in flags and kind == "integer")
        or (kind == "percent" and "percent" not in flags and abs(value) < 1 and value != 0)
        or (value == 0 and amount.worded and "counted" not in flags)  # "không" may mean that there is no answer
    )
    if not risky:
        return sure(number, approx=approx)
    facts: dict[str, Fact] = {"number": number}
    return confirm(number, "read.number.confirm", facts, approx=approx)


def _several(said: list[_Said], flags: set[str], unknown: list[str], kind: Kind) -> Reading:
    numbers = [_plain(_signed(each)) for each in said]
    if len(set(numbers)) == 1:  # "12 (mười hai)"
        return _one(said[0], flags, unknown, kind)
    fractions = [number for number in numbers if isinstance(number, float)]
    if kind == "integer" and fractions:
        return vague("read.number.whole", {"number": fractions[0]})
    if len(said) == 2 and (said[1].link == "to" or (said[0].bound == "over" and said[1].bound == "under")):
        low, high = sorted(numbers)
        return _range(low, high, approx="approx" in flags)
    shown = tuple(Candidate(number, str(number)) for number in dict.fromkeys(numbers))
    return vague("read.number.which_one", {"count": len(shown)}, candidates=shown[:5])


def _range(low: float | None, high: float | None, *, approx: bool) -> Reading:
    facts: dict[str, Fact] = {}
    if low is not None:
        facts["min"] = low
    if high is not None:
        facts["max"] = high
    ask = "read.number.range" if len(facts) == 2 else "read.number.at_most" if low is None else "read.number.at_least"
    return confirm(Range(low, high), ask, facts, approx=approx)
