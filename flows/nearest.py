"""The known word that somebody who wrote an unknown one most likely meant."""

from bisect import bisect_left
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LISTED: Final = 40  # words that are listed when none comes near
COMPARED: Final = 60  # words that are looked at closely: a form of thousands of names has as many that are misspelt


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, or all of them when none is.

    >>> nearest("requird", ["required", "relevant"])
    'required'
    """
    words = sorted(known)
    likely = words
    if len(words) > COMPARED:  # those that begin alike, and stand beside it
        likely = [each for each in words if each[:1] == word[:1] and abs(len(each) - len(word)) <= _LONGER]
        at = bisect_left(likely, word)
        likely = likely[max(0, at - COMPARED // 2) : at + COMPARED // 2]
    close = get_close_matches(word[:100], likely, n=1, cutoff=0.6)
    return close[0] if close else ", ".join(words[:LISTED])


_LONGER: Final = 3  # letters too many or too few
