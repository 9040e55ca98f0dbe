"""Years in words: "hai nghìn không trăm hai mươi lăm", "hai không hai lăm", "một chín chín tám"."""

import re
import unicodedata
from typing import Final

_DIGITS: Final = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5, "sau": 6, "bay": 7, "tam": 8,
    "chin": 9,
}  # fmt: skip
_D: Final = "|".join(_DIGITS)
_TAIL: Final = (
    rf"(?:(?:{_D}) muoi(?: (?:{_D}))?|muoi(?: (?:{_D}))?|ham (?:{_D})|(?:{_D}) (?:lam|mot|tu)|(?:linh|le) (?:{_D}))"
)
_COUNTED: Final = re.compile(
    rf"\b(?:(?P<new>hai (?:nghin|ngan)(?: khong tram)?)|(?P<old>(?:mot )?(?:nghin|ngan) chin tram)) (?P<tail>{_TAIL})\b"
)
_SPELT: Final = re.compile(rf"\b(?P<age>hai khong|mot chin) (?:(?P<tail>{_TAIL})|(?P<tens>{_D}) (?P<ones>{_D}))\b")


def with_years(text: str) -> str:
    """The text with years in words as four figures; everything else stands as it was.

    >>> with_years("ngày 5/3 năm hai không hai lăm"), with_years("hai nghìn không trăm linh chín")
    ('ngày 5/3 năm 2025', '2009')
    """
    text = unicodedata.normalize("NFC", text)
    bare = "".join(_bare(char) for char in text)
    for pattern in (_COUNTED, _SPELT):
        while (found := pattern.search(bare)) is not None:
            year = str(_year(found))
            text = text[: found.start()] + year + text[found.end() :]
            bare = bare[: found.start()] + year + bare[found.end() :]
    return text


def _year(found: re.Match[str]) -> int:
    said = found.groupdict()
    is_old = said.get("old") is not None or said.get("age") == "mot chin"
    century = 1900 if is_old else 2000
    if said["tail"] is not None:
        return century + _below_hundred(said["tail"].split())
    return century + 10 * _DIGITS[found["tens"]] + _DIGITS[found["ones"]]


def _below_hundred(words: list[str]) -> int:
    """The words of `_TAIL` as a number."""
    if words[0] in {"linh", "le"}:
        return _DIGITS[words[1]]
    if words[0] in {"muoi", "ham"}:
        tens = 1 if words[0] == "muoi" else 2
        return 10 * tens + (_DIGITS[words[1]] if len(words) > 1 else 0)
    return 10 * _DIGITS[words[0]] + (_DIGITS[words[-1]] if words[-1] != "muoi" else 0)


def _bare(char: str) -> str:
    """A letter without its marks, still one letter."""
    plain = unicodedata.normalize("NFD", char.lower())[:1]
    return "d" if plain == "đ" else plain
