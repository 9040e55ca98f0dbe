"""Source to tokens, with what people and spreadsheets do to quotes, spaces and operators."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.expressions.errors import ExpressionError

Kind: TypeAlias = Literal["number", "text", "reference", "name", "operator", "sign", "end"]

WORDS: Final = ("and", "or", "div", "mod")  # operators that look like names


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `value` is the name, the text without quotes, the digits or the sign."""

    kind: Kind
    value: str
    at: int


def tokens(source: str) -> list[Token]:
    """Cut a source into tokens, the last one of kind "end".

    `*` and the words and, or, div, mod are operators where an operand came before them, else names (XPath 1.0 §3.7).

    Raises:
        ExpressionError: syntax, unclosed_text, unclosed_reference.
    """
    found: list[Token] = []
    at = 0
    while True:
        blank = _BLANK.match(source, at)
        at = blank.end() if blank else at
        if at >= len(source):
            found.append(Token("end", "", at))
            return found
        token, at = _next(source, at, operand_before=_ends_operand(found))
        found.append(token)


# Excel leaves non-breaking spaces, and web pages zero-width ones and byte order marks.
_BLANK: Final = re.compile(r"[\s\u00a0\u200b-\u200d\u2060\ufeff]*")
_NUMBER: Final = re.compile(r"[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+")
_LETTER: Final = r"[^\W\d]"
_NAME: Final = re.compile(rf"{_LETTER}[\w.\-\u0300-\u036f]*(?::(?!:)(?:{_LETTER}[\w.\-\u0300-\u036f]*|\*))?")
_SIGN: Final = re.compile(r"!=|<=|>=|::|//|\.\.|[-+=<>|/()\[\],.@*]")
_WORD: Final = re.compile(r"(and|or|div|mod)(?![^\W\d])")
_QUOTES: Final = {"'": "'", '"': '"', "“": "“”", "”": "“”", "„": "“”", "‘": "‘’", "’": "‘’"}
_OPERATORS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "+", "-", "|"})


def _ends_operand(found: list[Token]) -> bool:
    if not found:
        return False
    last = found[-1]
    return last.kind in ("number", "text", "reference", "name") or last.value in (")", "]", ".", "..")


def _next(source: str, at: int, *, operand_before: bool) -> tuple[Token, int]:
    char = source[at]
    if char in _QUOTES:
        return _text(source, at)
    if source.startswith("${", at):
        return _reference(source, at)
    # `or.` is how some write `or .`; `1div1` is legal. After an operand no name can stand, so an operator is meant.
    if operand_before and (word := _WORD.match(source, at)):
        return Token("operator", word[1], at), word.end()
    if number := _NUMBER.match(source, at):
        return Token("number", number[0], at), number.end()
    if name := _NAME.match(source, at):
        return Token("name", name[0], at), name.end()
    if sign := _SIGN.match(source, at):
        return Token(_kind_of(sign[0], operand_before), sign[0], at), sign.end()
    raise ExpressionError("syntax", at, {"found": char})


def _kind_of(sign: str, operand_before: bool) -> Kind:
    if sign == "*":
        return "operator" if operand_before else "name"
    return "operator" if sign in _OPERATORS else "sign"


def _text(source: str, at: int) -> tuple[Token, int]:
    closing = _QUOTES[source[at]]
    ends = [end for quote in closing if (end := source.find(quote, at + 1)) >= 0]
    if not ends:
        raise ExpressionError("unclosed_text", at)
    end = min(ends)
    return Token("text", source[at + 1 : end], at), end + 1


def _reference(source: str, at: int) -> tuple[Token, int]:
    end = source.find("}", at)
    name = source[at + 2 : end].strip() if end >= 0 else ""
    if end < 0 or "${" in name:
        raise ExpressionError("unclosed_reference", at)
    if not name:
        raise ExpressionError("syntax", at, {"found": source[at : end + 1]})
    return Token("reference", name, at), end + 1
