"""Phone numbers as people type them → E.164: "0912 345 678", "+84 (0)912.345.678", old eleven-digit mobiles."""

import re
from typing import Final

from flows.answers.numerals import PLAIN_UNITS, Numerals
from flows.answers.reading import Candidate, Reading, confirm, none, sure, vague
from flows.answers.text import plain
from flows.answers.tokens import tokens

LONGEST: Final = 200  # characters

# Looser than what is allocated today, on purpose: allocations grow, and numbers are ported.
_MOBILE: Final = re.compile(r"(?:3[0-9]|5[125689]|7[06-9]|8[1-9]|9[0-9])\d{7}")
_LANDLINE: Final = re.compile(
    r"(?:24|28)\d{8}"
    r"|2(?:0[3-9]|1[0-689]|2[0-25-9]|3[2-9]|5[124-9]|6[0-39]|7[0-7]|9[0-4679])\d{7}"
)
OLD_MOBILES: Final = {  # until 15 September 2018 → since
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip
_OLD: Final = re.compile(r"1\d{9}")
_SPAN: Final = re.compile(r"\+? ?\(?\d[\d ().\-–/+]*\d")
_EXTENSION: Final = re.compile(r"(?:\bext\.?|\bmáy lẻ|\bmay le|\bnội bộ|\bnoi bo|\bsố lẻ|#) ?:? ?\d{1,6}\b")
_GROUPS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")  # "0912,345,678"
_WHOLE: Final = re.compile(r"(?<![\d/])(0\d{3})/(\d{3})/(\d{3})(?![\d/])")
_ENDINGS: Final = {"mốt": 1, "lăm": 5, "nhăm": 5, "tư": 4, "lẻ": 0, "linh": 0}  # figures as they sound behind others
_RUN: Final = "01234567890123456789"  # fingers along the keyboard


def read_phone(text: str, *, foreign: bool = True) -> Reading:
    """E.164.

    Sure: a Vietnamese number written whole, or a foreign one with its "+". Confirm: the leading 0 is missing, an old
    eleven-digit mobile (read back in its new form), an extension, digits said as words. Vague: two numbers, a foreign
    one where only Vietnamese are taken.

    >>> read_phone("sđt em là 0912.345.678 ạ").value
    '+84912345678'
    """
    said = plain(text).replace("_", " ")
    if len(said) > LONGEST:
        return none("read.phone.again")
    said = _GROUPS.sub(" ", _WHOLE.sub(r"\1 \2 \3", said))
    said, extended = _EXTENSION.subn(" ", said)
    readings = [reading for span in _spans(said) if (reading := _one(span, foreign=foreign)) is not None]
    if not readings and not any(char.isdigit() for char in said):
        return _in_words(said)
    taken = {reading.value: reading for reading in readings if reading.value is not None}
    if len(taken) > 1:
        shown = tuple(Candidate(str(value), shown_phone(str(value))) for value in taken)
        return vague("read.phone.which_one", {"count": len(shown)}, candidates=shown[:5])
    if not taken:
        told = [reading for reading in readings if reading.certainty == "vague"]
        return told[0] if told else none("read.phone.again")
    reading = next(iter(taken.values()))
    if reading.certainty == "sure" and extended:
        return _confirmed(str(reading.value))
    return reading


def shown_phone(e164: str) -> str:
    """As people here write it: "0912 345 678", "024 3812 3456"; foreign numbers as they are."""
    if not e164.startswith("+84"):
        return e164
    national = "0" + e164[3:]
    if len(national) == 10:
        return f"{national[:4]} {national[4:7]} {national[7:]}"
    area = 3 if national.startswith(("024", "028")) else 4
    return f"{national[:area]} {national[area:-4]} {national[-4:]}"


def _spans(said: str) -> list[str]:
    """Stretches of digits; what an "or", a comma or a slash parts is two numbers."""
    spans: list[str] = []
    for found in _SPAN.findall(said):
        for part in re.split(r"/| [-–] (?=\+?0)", found):
            pieces = re.split(r"(?<=\d)[ -]+(?=(?:\+|0\d{2,3}[ .]|0\d{9}))", part)
            whole = len(re.sub(r"\D", "", part)) <= 13
            spans += [part] if whole else pieces
    return spans


def _one(span: str, *, foreign: bool) -> Reading | None:
    """The reading of one stretch; None: too short to be meant as a phone number."""
    digits = re.sub(r"\D", "", span)
    plus = span.lstrip(" (").startswith("+")
    if len(digits) < 8:
        return None
    if digits.startswith("00"):
        plus, digits = True, digits[2:]
    if plus and not digits.startswith("84"):
        return _foreign(digits, foreign=foreign)
    if digits.startswith("84") and (plus or len(digits) in {11, 12, 13}):
        national = digits[2:].removeprefix("0")
        if _good(national):
            return sure("+84" + national)
        return _old(national) if plus or _OLD.fullmatch(national) else none("read.phone.again")
    if digits.startswith("0"):
        national = digits[1:]
        if _good(national):
            return sure("+84" + national)
        return _old(national)
    if _good(digits):
        return _confirmed("+84" + digits)
    return none("read.phone.again")


def _good(national: str) -> bool:
    return bool(_MOBILE.fullmatch(national) or _LANDLINE.fullmatch(national))


def _old(national: str) -> Reading:
    """An old eleven-digit mobile in its new form."""
    new = OLD_MOBILES.get(national[:3])
    if new is None or not _OLD.fullmatch(national) or national in _RUN:
        return none("read.phone.again")
    e164 = "+84" + new + national[3:]
    return confirm(e164, "read.phone.old_form", {"old": f"0{national}", "phone": shown_phone(e164)})


def _confirmed(e164: str) -> Reading:
    return confirm(e164, "read.phone.confirm", {"phone": shown_phone(e164)})


def _foreign(digits: str, *, foreign: bool) -> Reading:
    from phonenumbers import NumberParseException, is_valid_number, parse  # noqa: PLC0415 - 190 ms, for few people

    try:
        good = is_valid_number(parse("+" + digits, None))
    except NumberParseException:
        good = False
    if not good:
        return none("read.phone.again")
    return sure("+" + digits) if foreign else vague("read.phone.vietnamese", {"phone": "+" + digits})


def _in_words(said: str) -> Reading:
    """Such as "không chín một hai…": read back."""
    figures = ""
    numerals = Numerals(tokens(said), PLAIN_UNITS)
    for i in range(len(numerals.row)):
        digit = _ENDINGS.get(numerals.row[i].text, numerals.digit(i))
        figures += "" if digit is None else str(digit)
    reading = _one(figures, foreign=False)
    return (
        _confirmed(str(reading.value))
        if reading is not None and reading.value is not None
        else none("read.phone.again")
    )
