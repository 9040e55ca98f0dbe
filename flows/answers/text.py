"""Text as it comes from a keyboard: made safe to keep, and folded for comparing."""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

TONES: Final = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}  # grave, acute, tilde, hook, dot below
SHAPES: Final = {"\u0302", "\u0306", "\u031b"}  # circumflex, breve, horn: they make another letter
LONGEST: Final = 4096  # characters of a message; what a channel lets through

_UNSAFE: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff]"
    "|[\U0001f3fb-\U0001f3ff]|[\U000e0000-\U000e0fff]"  # skin tones; tags
)
_LAST_Y: Final = re.compile(r"\b([hklmstv]|qu)y\b")
_SPACES: Final = re.compile(r"\s+")
_UNUSUAL: Final = re.compile(r"[^\x00-\u02ff\u1e00-\u1eff]")  # beyond Latin letters
_LOOSE_MARKS: Final = re.compile("[\u0300-\u036f]")
_PUNCTUATION: Final = re.compile(r"[^\w\s]|_")


def clean(text: str) -> str:
    """Text that every database keeps unchanged.

    NUL and lone surrogates become U+FFFD, other control characters but newline and tab go, the rest is NFC.
    """
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNSAFE.sub(_replacement, text))


def plain(text: str) -> str:
    """The text in lower case and NFC for reading: what cannot be seen is gone, digits and spaces are the usual ones."""
    text = clean(text[:LONGEST])
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        if _UNUSUAL.search(text):
            text = unicodedata.normalize("NFC", "".join(map(_usual, text)))
        text = _LOOSE_MARKS.sub("", unicodedata.normalize("NFC", text.lower()))
        return _SPACES.sub(" ", text).strip()
    return _SPACES.sub(" ", text.lower()).strip()


def is_visible(text: str) -> bool:
    """Whether there is anything to see beside blanks, joiners and marks of direction.

    >>> is_visible(" \u200b"), is_visible("👍"), is_visible("?")
    (False, True, True)
    """
    return bool(_INVISIBLE.sub("", text).strip())


def fold(text: str) -> str:
    """Without case, marks, punctuation and doubled blanks: "Hoà  Lạc" and "hòa lạc." are both "hoa lac"."""
    text = plain(text)
    if not text.isascii():
        text = _LOOSE_MARKS.sub("", unicodedata.normalize("NFD", text.casefold())).replace("đ", "d")
    return _SPACES.sub(" ", _PUNCTUATION.sub(" ", text)).strip()


def alike(folded: str) -> str:
    """Folded text with "y" written "i" where both are in use: "pháp lý" and "pháp lí", "Mỹ Đức" and "Mĩ Đức"."""
    return _LAST_Y.sub(r"\1i", folded)


class Spelling(NamedTuple):
    """One word taken apart: bare letters, its tone, and per letter the marks that make it another letter."""

    bare: str
    tone: str
    shapes: tuple[str, ...]


@lru_cache(maxsize=8192)
def spelling(word: str) -> Spelling:
    """The letters, tone and letter marks of one lower-case NFC word, wherever in it the tone was put."""
    if word.isascii():
        return Spelling(word, "", ("",) * len(word))
    bare: list[str] = []
    shapes: list[str] = []
    tone = ""
    for char in unicodedata.normalize("NFD", word):
        if char in TONES:
            tone = char
        elif char in SHAPES and shapes:
            shapes[-1] += char
        elif char == "đ":
            bare.append("d")
            shapes.append("-")
        elif not unicodedata.combining(char):
            bare.append(char)
            shapes.append("")
    return Spelling("".join(bare), tone, tuple(shapes))


def may_be(typed: Spelling, word: Spelling) -> bool:
    """Whether `typed` can stand for `word`: marks may be missing, but none may be another one ("tý" is not "tỷ")."""
    return (
        typed.bare == word.bare
        and typed.tone in ("", word.tone)
        and all(had in ("", whole) for had, whole in zip(typed.shapes, word.shapes, strict=True))
    )


def _replacement(found: re.Match[str]) -> str:
    char = found.group()
    return "\ufffd" if char == "\x00" or char > "\x1f" else ""


def _usual(char: str) -> str:
    """Digits of any script and full-width letters as ASCII; dashes and blanks as the common ones."""
    if char.isascii():
        return char
    if "\u2460" <= char <= "\u2473":  # circled figures
        return str(ord(char) - 0x245F)
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0)
    if char.isspace():
        return " "
    return {"\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2212": "-", "－": "-", "’": "'", "‘": "'", "🔟": "10"}.get(
        char, char
    )
