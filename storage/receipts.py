"""Receipt numbers that can be read out over the telephone: "HN-26-000123-C"."""

import re
from typing import Final

from stdnum.iso7064 import mod_37_36

_SHAPE: Final = re.compile(r"([A-Z]{1,8})([0-9]{2})([0-9]{6,})([0-9A-Z])")
_NOISE: Final = re.compile(r"[\s\-‐-―_.]+")


def receipt(prefix: str, year: int, number: int) -> str:
    """The receipt for the number-th submission of a year.

    Its last character checks the rest (ISO 7064, MOD 37,36): one wrong character is always noticed.

    >>> receipt("HN", 2026, 123)
    'HN-26-000123-8'
    """
    stem = f"{prefix}{year % 100:02d}{number:06d}"
    return f"{prefix}-{year % 100:02d}-{number:06d}-{mod_37_36.calc_check_digit(stem)}"


def read_receipt(typed: str) -> str | None:
    """The receipt that somebody means, however they space it; None when it cannot be one.

    >>> read_receipt("hn 26 000123 8"), read_receipt("HN-26-000132-8")
    ('HN-26-000123-8', None)
    """
    found = _SHAPE.fullmatch(_NOISE.sub("", typed).upper())
    if found is None or not mod_37_36.is_valid("".join(found.groups())):
        return None
    return "-".join(found.groups())
