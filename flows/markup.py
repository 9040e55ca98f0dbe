"""The markup that authors put into labels, taken out: a chat shows words, and marks would be read as words."""

import re
from typing import Final

_MARKS: Final = frozenset("*_<#[&\\")
_KEPT: Final = re.compile(
    r"\$\{[^}]*\}|\\([\\*_#\[\]<>&])"
)  # what is filled in, and marks that are meant as they stand
_TAG: Final = re.compile(
    r"</?(?:span|b|i|em|strong|u|sup|sub|font|small|big|center|a|div|p|br|h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_BREAK: Final = re.compile(r"<(?:br|/p|/div|/h[1-6])\s*/?>", re.IGNORECASE)
_LINK: Final = re.compile(r"\[([^\[\]\n]+)\]\(((?:https?://|mailto:)[^\s()]+)\)")
_HEADING: Final = re.compile(r"^#{2,6}[ \t]+", re.MULTILINE)  # one alone is "number of" to most authors: "# of days"
_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_STRESSED: Final = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])([^\n]*?[^\s*_]|[^\s*_])\1(?![\w*_])")
_ENTITIES: Final = (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&"))


def bare(words: str) -> str:
    r"""The words without markup; `${name}` stays as it is.

    >>> bare("**Tên** ${ho_ten}: <span style='color:red'>*bắt buộc*</span>")
    'Tên ${ho_ten}: bắt buộc'
    >>> bare("2 * 3 * 4 = snake_case_name, 5 \\* 6")
    '2 * 3 * 4 = snake_case_name, 5 * 6'
    """
    if _MARKS.isdisjoint(words):
        return words
    kept: list[str] = []

    def put_by(found: re.Match[str]) -> str:
        kept.append(found[1] or found[0])
        return f"\x00{len(kept) - 1}\x01"

    told = _KEPT.sub(put_by, words)
    told = _TAG.sub("", _BREAK.sub("\n", told))
    told = _LINK.sub(lambda link: link[2] if link[1] == link[2] else f"{link[1]} ({link[2]})", told)
    told = _HEADING.sub("", told)
    told = _STRESSED.sub(r"\2", _STRONG.sub(r"\2", told))
    for entity, letter in _ENTITIES:
        told = told.replace(entity, letter)
    return re.sub(r"\x00(\d+)\x01", lambda place: kept[int(place[1])], told)
