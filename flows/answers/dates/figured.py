"""A text made ready for `in_words`: folded, its number words turned to figures."""

import re
from typing import Final

from flows.answers.numerals import PLAIN_UNITS, Numerals
from flows.answers.tokens import Lexicon, tokens

_MONTH_NAMES: Final = Lexicon({"tháng giêng": 1, "tháng chạp": 12, "tháng tư": 4})


def figured(said: str) -> str:
    """Folded, signs but slashes gone, and number words turned to figures: "tháng mười một" → "thang 11"."""
    row = tokens(said)
    numerals = Numerals(row, PLAIN_UNITS)
    row = numerals.row
    parts: list[str] = []
    i = 0
    while i < len(row):
        token = row[i]
        month = _MONTH_NAMES.at(row, i)
        if month is not None:
            parts += ["thang", str(month[0])]
            i += month[1]
            continue
        if (
            token.kind == "word"
            and parts
            and parts[-1] in {"ngay", "thang", "quy", "nam", "mung", "mong", "thu", "sau", "hom"}
        ):
            if parts[-1] == "thu" and token.said.bare in {"tu", "sau"}:
                parts.append("4" if token.said.bare == "tu" else "6")
                i += 1
                continue
            amount = numerals.at(i)
            if (
                amount is not None
                and amount.scale == 1
                and amount.other is None
                and not _is_word(token.text, parts[-1])
            ):
                parts.append(str(int(amount.value)))
                i = amount.end
                continue
        elif token.kind == "word":
            amount = numerals.at(i)
            behind = row[amount.end].said.bare if amount is not None and amount.end < len(row) else ""
            if (
                amount is not None
                and amount.scale == 1
                and behind in {"ngay", "tuan", "thang", "nam", "hom"}
                and token.said.bare not in {"nam", "sau"}
            ):
                parts.append(str(int(amount.value)))
                i = amount.end
                continue
        if token.kind == "sign":
            parts.append(token.text if token.text in "/-" else "")
        else:
            parts.append(token.said.bare or token.text)
        i += 1
    return re.sub(
        r" ?([/-]) ?", r"\1", re.sub(r"(?<=\d) (?=th\b|st\b)", "", " ".join(part for part in parts if part))
    ).strip()


def _is_word(word: str, before: str) -> bool:
    """Whether it is no figure: "tháng sau", "ngày mốt"."""
    return word == "sau" or (word in {"mốt", "mot"} and before in {"ngay", "hom"})
