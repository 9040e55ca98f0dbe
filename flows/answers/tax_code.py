"""Vietnamese tax codes: ten digits with a check digit, or thirteen with a hyphen for a dependent unit."""

import re
from typing import Final

from stdnum.vn import mst

from flows.answers.reading import Candidate, Reading, none, sure, vague
from flows.answers.text import plain

LONGEST: Final = 200  # characters

_BRANCH: Final = re.compile(
    r"(?<=\d)[ ,(–-]*(?:chi nhánh|chi nhanh|cn|đơn vị phụ thuộc|don vi phu thuoc|đvpt)(?: số| so)?[ :]*(?=\d{3}(?!\d))"
)
_CUT_SHORT: Final = re.compile(r"\d{10} ?[-–/] ?\d{2}")  # a branch with a figure missing, no personal number
_SPAN: Final = re.compile(r"(?<![^\W_])[\do][\do .\-–/]*[\do](?![^\W_])")


def read_tax_code(text: str) -> Reading:
    """Ten digits, or "0199999991-001".

    Nothing is repaired in silence: a lost leading zero or a letter O is shown as a candidate. Twelve digits are
    somebody's personal number, which is not asked for and so not taken.

    >>> read_tax_code("MST: 0199999991001").value
    '0199999991-001'
    """
    said = _BRANCH.sub("-", plain(text).replace("_", "-"))
    if len(said) > LONGEST:
        return none("read.tax_code.again")
    spans = [span for span in _SPAN.findall(said) if sum(map(str.isdigit, span)) >= 8]
    readings = [_one(code) for span in spans for code in _codes(span)]
    taken = {reading.value: reading for reading in readings if reading.value is not None}
    if len(taken) > 1:
        shown = tuple(Candidate(str(value), str(value)) for value in taken)
        return vague("read.tax_code.which_one", {"count": len(shown)}, candidates=shown[:5])
    if taken:
        return next(iter(taken.values()))
    return readings[0] if readings else none("read.tax_code.again")


def _codes(span: str) -> list[str]:
    """The codes in a stretch of digits; two whole ones may stand side by side."""
    code = re.sub(r"[ .\-–/]", "", span)
    halves = [code[:10], code[10:]]
    if len(code) == 20 and all(map(_valid, halves)):
        return halves
    return [code[:10] + "-" + code[10:]] if _CUT_SHORT.fullmatch(span) else [code]


def _one(code: str) -> Reading:
    if "-" in code:
        return none("read.tax_code.length", {"digits": len(code) - 1})
    if "o" in code:
        meant = _valid(code.replace("o", "0"))
        return (
            vague("read.tax_code.letter_o", {"code": meant}, candidates=(Candidate(meant, meant),))
            if meant
            else none("read.tax_code.again")
        )
    meant = _valid(code)
    if meant:
        return sure(meant)
    if len(code) == 12:
        return vague("read.tax_code.personal")
    lost = _valid("0" + code) if len(code) in {9, 12} else None
    if lost:
        return vague("read.tax_code.lost_zero", {"code": lost}, candidates=(Candidate(lost, lost),))
    if len(code) in {10, 13}:
        return none("read.tax_code.check_digit", {"code": code})
    return none("read.tax_code.length", {"digits": len(code)})


def _valid(code: str) -> str | None:
    """The code as it is printed, if it can exist."""
    if len(code) not in {10, 13} or not mst.is_valid(code):
        return None
    return str(mst.format(mst.compact(code)))
