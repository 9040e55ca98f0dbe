"""The languages of a workbook: which there are, which is the first, and the code of each spelling."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from flows.xlsform.columns import MEDIA, Column
from flows.xlsform.languages import language_code, made_code
from flows.xlsform.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Tongues:
    """`codes` by spelling in small letters, "" for headers without a language; `made` for languages nobody knows."""

    default: str
    all: tuple[str, ...]
    codes: Mapping[str, str]
    made: Mapping[str, str]


def read_tongues(sheets: Iterable[tuple[tuple[Column, ...], Sheet]], spelled: str, fallback: str) -> Tongues:
    """The languages in which these sheets have words.

    Args:
        sheets: their columns and rows.
        spelled: the default language as settings spell it; "" when they do not.
        fallback: code of words without a language where nothing tells.
    """
    found: dict[str, str] = {}
    plain = False
    for columns, sheet in sheets:
        filled = {header for row in sheet.rows for header in row.cells}
        for column in columns:
            if column.key in _WORDED and column.header in filled:
                if column.language:
                    found.setdefault(column.language.lower(), column.language)
                plain = plain or (column.key == "label" and not column.language)
    codes = {key: language_code(spelling) or made_code(spelling) for key, spelling in found.items()}
    made = {spelling: codes[key] for key, spelling in found.items() if language_code(spelling) is None}
    default = _default(spelled, plain, codes, fallback)
    codes.setdefault("default", default)
    languages = (default, *codes.values()) if plain or default in codes.values() else tuple(codes.values())
    every = tuple(dict.fromkeys(languages))
    return Tongues(default, every, {**codes, "": default}, made)


def _default(spelled: str, plain: bool, codes: Mapping[str, str], fallback: str) -> str:
    if spelled and spelled.lower() != "default":
        return codes.get(spelled.lower()) or language_code(spelled) or made_code(spelled)
    if not plain and codes:
        return next(iter(codes.values()))
    taken = set(codes.values())
    return "en" if fallback in taken and "en" not in taken else fallback


_WORDED: Final = MEDIA | {"label", "hint", "guidance_hint", "constraint_message", "required_message"}
