r"""Regular expressions of form authors, on text that anybody may send: matched in linear time by RE2.

RE2 thinks in ASCII; here `\w` and `\b` know that "Đạt" is one word. `\d` stays ASCII on purpose: it guards phone
numbers and codes, and an Arabic-Indic digit in one of those would break whatever reads it next.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import re2

PATTERN_MAX: Final = 500  # characters; e-mail patterns that go round among form authors have more than 200
INPUT_MAX: Final = 10_000  # characters; as long as any text here may be


class BadPattern(Exception):
    """The pattern cannot be used; `construct` is what in it is not supported, or why it cannot be read."""

    def __init__(self, construct: str) -> None:
        self.construct = construct
        super().__init__(construct)


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_bounded", "_compiled")

    def __init__(self, source: str) -> None:
        """Raises `BadPattern`."""
        if len(source) > PATTERN_MAX:
            raise BadPattern(f"{len(source)} > {PATTERN_MAX}")
        self._bounded = r"\b" in source
        translated = "".join(_translated(source, bounded=self._bounded))
        if self._bounded:
            translated = f"(?:{translated}){_SKIP}"
        try:
            self._compiled: Any = re2.compile(translated, _OPTIONS)
        except (re2.error, UnicodeEncodeError) as error:
            raise BadPattern(_reason(error)) from error

    def matches(self, text: str) -> bool:
        """Whether the whole text fits, as the documentation of XLSForm says (some engines search)."""
        if self._bounded:
            text = _marked(text)
        try:
            return self._compiled.fullmatch(text) is not None
        except UnicodeEncodeError:  # half of a surrogate pair is in no pattern
            return False


@lru_cache(maxsize=256)
def pattern(source: str) -> Pattern | None:
    """A pattern that is only known when the expression runs; None when it cannot be used."""
    try:
        return Pattern(source)
    except BadPattern:
        return None


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    return options


_OPTIONS: Final = _options()

WORD: Final = r"\p{L}\p{M}\p{N}_"

# RE2 knows where words of ASCII begin. To know it of all words, the text gets a mark at each word's edges, `\b` is
# that mark, and whatever takes a character first steps over one. The mark is from Unicode's private use area.
MARK: Final = "\ue000"
_SKIP: Final = MARK + "?"
_UNSUPPORTED: Final = ("(?=", "(?!", "(?<=", "(?<!", "(?>", "(?#", "(?(", "(?R", "(?P=", "(?P>")


def _translated(source: str, *, bounded: bool) -> Iterator[str]:
    at = 0
    while at < len(source):
        char = source[at]
        if char == "\\":
            piece, at = _escape(source, at)
            yield _atom(piece, bounded=bounded)
        elif char == "[":
            piece, at = _class(source, at, bounded=bounded)
            yield f"(?:{_SKIP}{piece})" if bounded else piece
        elif char == "(":
            piece = _group(source, at)
            at += len(piece)
            yield piece
        elif times := _TIMES.match(source, at):
            at = times.end()
            yield times[0]
        else:
            at += 1
            yield _plain(char, bounded=bounded)


_TIMES: Final = re.compile(r"\{[0-9]+(,[0-9]*)?\}")


def _plain(char: str, *, bounded: bool) -> str:
    if not bounded or char in "|)*+?^":
        return char
    if char == "$":
        return _SKIP + "$"
    if char == ".":
        return f"(?:{_SKIP}[^\\n{MARK}])"
    return f"(?:{_SKIP}{char})"


def _atom(piece: str, *, bounded: bool) -> str:
    if piece == r"\b":
        return MARK
    if not bounded or piece == r"\A":
        return piece
    if piece == r"\z":
        return _SKIP + piece
    if piece.startswith("[^"):
        piece = f"[^{MARK}{piece[2:]}"
    elif piece[1:2] in ("D", "S", "P"):
        piece = f"[^{MARK}\\{piece[1].lower()}{piece[2:]}]"
    return f"(?:{_SKIP}{piece})"


def _group(source: str, at: int) -> str:
    for opening in _UNSUPPORTED:
        if source.startswith(opening, at):
            raise BadPattern(opening)
    if not source.startswith("(?", at):
        return "("
    end = at + 2
    while end < len(source) and (source[end].isalnum() or source[end] in "-<_P"):
        end += 1
    return source[at : end + 1] if end < len(source) and source[end] in ":>)" else source[at:end]


def _escape(source: str, at: int) -> tuple[str, int]:
    """An escape outside a class, as RE2 has it, and where it ends."""
    letter = source[at + 1 : at + 2]
    if letter in _WORDS:
        return _WORDS[letter], at + 2
    if letter == "u" and len(digits := source[at + 2 : at + 6]) == 4:
        return rf"\x{{{digits}}}", at + 6
    if letter in "pPx" and letter:
        end = source.find("}", at) + 1 if source[at + 2 : at + 3] == "{" else at + (4 if letter == "x" else 3)
        return source[at : end or len(source)], end or len(source)
    if letter.isdigit() and letter != "0":
        raise BadPattern("\\" + letter)
    if letter in ("B", "k", "K", "G", "X", "R", "Q", "E", "C"):
        raise BadPattern("\\" + letter)
    return source[at : at + 2], at + 2


_WORDS: Final = {"w": f"[{WORD}]", "W": f"[^{WORD}]", "Z": r"\z", "h": r"[ \t\p{Zs}]"}


def _class(source: str, at: int, *, bounded: bool) -> tuple[str, int]:
    r"""A class `[…]` and where it ends. Within it `\w` is laid out; `\W` has no layout in RE2."""
    pieces = ["["]
    n = at + 1
    if source.startswith("^", n):
        pieces.append("^" + (MARK if bounded else ""))
        n += 1
    if source.startswith("]", n):
        pieces.append(r"\]")
        n += 1
    while n < len(source) and source[n] != "]":
        if source[n] == "\\":
            piece, n = _escape(source, n)
            if piece.startswith("[^"):
                raise BadPattern(r"[\W]")
            if piece == r"\b":
                raise BadPattern(r"[\b]")
            pieces.append(piece[1:-1] if piece.startswith("[") else piece)
            if source.startswith("-", n) and _is_set(piece):  # `[\w-.]`: no range can begin with a set
                pieces.append(r"\-")
                n += 1
        elif source.startswith("[:", n) and (end := source.find(":]", n)) > 0:
            pieces.append(source[n : end + 2])
            n = end + 2
        elif source.startswith("&&", n):
            raise BadPattern("&&")  # Java's intersection of classes
        else:
            pieces.append("\\[" if source[n] == "[" else source[n])
            n += 1
    if n >= len(source):
        raise BadPattern("[")
    pieces.append("]")
    return "".join(pieces), n + 1


def _is_set(piece: str) -> bool:
    return piece.startswith("[") or piece[1:2] in ("d", "D", "s", "S", "p", "P")


def _marked(text: str) -> str:
    """The text with a mark at every edge of a word."""
    pieces: list[str] = []
    inside = False
    for char in text.replace(MARK, ""):
        is_word = _is_word(char)
        if is_word is not inside:
            pieces.append(MARK)
            inside = is_word
        pieces.append(char)
    if inside:
        pieces.append(MARK)
    return "".join(pieces)


def _is_word(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char == "_"
    return _A_WORD.fullmatch(char) is not None if not 0xD800 <= ord(char) <= 0xDFFF else False


_A_WORD: Final[Any] = re2.compile(f"[{WORD}]", _OPTIONS)


def _reason(error: Exception) -> str:
    """What RE2 says, which comes as bytes."""
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
