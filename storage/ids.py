"""Ids that sort by the time they were made."""

import secrets
import time
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u to misread
_LENGTH: Final = 26  # 26 letters of 5 bits hold 128 bits


def new_id(at: int | None = None) -> str:
    """26 letters: 48 bits of `at` (milliseconds since 1970, UTC; now, if left out), then 80 random bits.

    Ids of different milliseconds sort as their times do; within one millisecond the order is random.
    """
    now = time.time_ns() // 1_000_000 if at is None else at
    number = (now & (1 << 48) - 1) << 80 | secrets.randbits(80)
    return "".join([_ALPHABET[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5)])
