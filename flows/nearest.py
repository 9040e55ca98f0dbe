"""The known word that somebody who wrote an unknown one most likely meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LISTED: Final = 40  # words that are listed when none comes near


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, or all of them when none is.

    >>> nearest("requird", ["required", "relevant"])
    'required'
    """
    words = sorted(known)
    close = get_close_matches(word[:100], words, n=1, cutoff=0.6)
    return close[0] if close else ", ".join(words[:LISTED])
