"""Parts of a whole as people say them: "một phần ba", "3/4", "½". "Phần trăm" is no part but a percentage."""

import re
from fractions import Fraction
from typing import Final

from flows.answers.text import fold

_SIGNS: Final = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5"}
_FIGURES: Final = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
}  # fmt: skip
_FIGURE: Final = rf"\d{{1,2}}|{'|'.join(_FIGURES)}"
_SAID: Final = re.compile(rf"\b({_FIGURE})\s+phan\s+({_FIGURE})\b(?!\s*%)")
_WRITTEN: Final = re.compile(r"(?<![\d.,/])(\d{1,2})\s*/\s*(\d{1,2})(?![\d/]|[.,]\d)")


def fraction_in(text: str) -> tuple[Fraction, str] | None:
    """A part below one, and the words behind it, folded; None where there is none, or where it may be a date or a score.

    >>> fraction_in("một phần ba"), fraction_in("1/2 tỷ"), fraction_in("mười phần trăm"), fraction_in("20/11")
    ((Fraction(1, 3), ''), (Fraction(1, 2), 'ty'), None, None)
    """
    for sign, written in _SIGNS.items():
        text = text.replace(sign, f" {written} ")
    lowered = " ".join(text.lower().split())
    found = _WRITTEN.search(lowered)
    behind = fold(lowered[found.end() :]) if found is not None else ""
    if found is None:
        folded = fold(lowered)
        found = _SAID.search(folded)
        behind = folded[found.end() :].strip() if found is not None else ""
    if found is None:
        return None
    part, whole = (_FIGURES[one] if one in _FIGURES else int(one) for one in found.groups())
    return (Fraction(part, whole), behind.strip()) if 0 < part < whole <= 10 else None
