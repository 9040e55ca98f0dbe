"""Yes and no as people say them; and consent, which is neither."""

import re
from typing import Final

from flows.answers.courtesy import trimmed
from flows.answers.reading import Reading, confirm, none, sure, vague
from flows.answers.text import plain, spelling
from flows.answers.tokens import Lexicon, Token, tokens

LONGEST: Final = 40  # tokens

_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{2,}")  # "okkkk", "vânggg"

# Each "no" before each of these words is one "no": "ko dc", "hok có", "chưa phải".
_NOT: Final = (
    "không",
    "ko",
    "k",
    "kg",
    "hông",
    "hong",
    "hok",
    "hem",
    "khum",
    "khom",
    "hổng",
    "hỏng",
    "khg",
    "hk",
    "chưa",
    "chả",
    "chẳng",
    "đâu",
    "làm gì",
    "đâu có",
)
_NEGATED: Final = ("có", "được", "đc", "dc", "đúng", "phải", "đồng ý", "cần", "muốn", "có đâu", "phải đâu", "chắc chắn")
_YES: Final = (
    "có", "ok", "oke", "okê", "okie", "ô kê", "ô kề", "okela", "okay", "oki", "uki", "uk", "ukm", "ừa", "ừ thì có", "vag", "vg", "of course", "right", "correct", "absolutely", "ừ", "uh", "ừm", "uhm", "ờ", "dạ", "vâng", "đồng ý", "đúng", "đúng rồi", "đúng vậy",
    "đúng thế", "chuẩn", "chuẩn rồi", "chính xác", "rồi", "yes", "y", "yep", "yeah", "yup", "sure", "được", "được chứ", "nhất trí", "tất nhiên",
    "dĩ nhiên", "chắc chắn", "chắc chắn rồi", "hẳn rồi", "phải", "phải rồi", "có chứ", "có rồi", "có luôn", "đã có", "tôi đồng ý", "em đồng ý",
    "đã", "đc", "dc", "r", "yess", "đương nhiên", "tất nhiên rồi", "đồng ý rồi", "có nhiều", "true", "1", "👍", "✅", "👌", "🆗", "✔", "☑", "không sai", "không có vấn đề gì", "vâng ạ", "dạ có", "dạ vâng", "dạ đúng", "có ạ",
)  # fmt: skip
_NO: Final = (
    "không", "ko", "k", "kg", "hông", "hong", "hok", "hem", "khum", "khom", "hổng", "khg", "hk", "kco", "kcó", "never", "no way", "wrong", "incorrect", "không đồng ý", "ko đồng ý", "k đồng ý", "chưa", "chưa có", "chưa đồng ý", "thôi", "no", "n", "nope", "nah",
    "sai", "sai rồi", "không có", "ko có", "không phải", "ko phải", "không đúng", "ko đúng", "không được", "ko được", "chưa được", "chưa đúng",
    "tôi không đồng ý", "em không đồng ý", "không cần", "ko cần", "không muốn", "ko muốn", "từ chối", "không hề", "chẳng", "chả", "chưa hề", "chưa bao giờ",
    "false", "👎", "❌", "🙅", "✖", "✗", "không nhé", "không em", "chưa em", "không rồi", "thôi khỏi", "khỏi", "không ạ", "not yet", "chưa từng", "không đâu", "chưa đâu",
    "tất nhiên là không", "dĩ nhiên là không", "đương nhiên là không", "chắc chắn là không", "chắc chắn không",
    *(f"{no} {word}" for no in _NOT for word in _NEGATED),
)  # fmt: skip
_MAYBE: Final = (
    "có thể", "có lẽ", "không biết", "ko biết", "k biết", "k bt", "ko bt", "k rõ", "hk biết", "no idea", "k bik", "ko bik", "ko bít", "k bít", "hem bít", "hok bít", "hông biết", "hầu như không", "gần như có", "gần như không",
    "không hoàn toàn", "không rõ", "ko rõ", "chưa rõ", "chưa biết", "chưa chắc", "không chắc", "không hẳn", "chưa hẳn",
    "tùy", "tuỳ", "hên xui", "sao cũng được", "gì cũng được", "lúc có lúc không", "có hay không", "có không", "vừa có vừa không", "thỉnh thoảng", "đôi khi",
    "một phần", "maybe", "not sure", "don't know", "50/50", "chắc vậy", "hình như", "để xem", "để em xem", "suy nghĩ", "không phải là không",
    "không phải không", "chắc có", "chắc là có", "chắc không", "chắc là không", "chắc chưa", "không chắc chắn", "chưa chắc chắn", "sắp có", "sắp",
    "đang làm", "đang xin", "hiếm khi", "không sao", "ko sao", "no problem", "không vấn đề gì", "không thành vấn đề", "sao không", "được không", "đúng không", "phải không", "cũng được",
    "chưa nhiều", "không nhiều", "chút chút", "một ít", "một chút", "sơ sơ", "ít",
)  # fmt: skip
_FIRST_YES: Final = Lexicon(dict.fromkeys(("có", "đúng", "rồi", "được", "đồng ý", "yes", "vâng", "chuẩn", "đã"), True))
_ANSWERS: Final = Lexicon([
    *((word, "maybe") for word in _MAYBE), *((word, "no") for word in _NO), *((word, "yes") for word in _YES),
])  # fmt: skip
_KEPT: Final = Lexicon(dict.fromkeys((*_YES, *_NO, *_MAYBE), True))
_SOFT: Final = frozenset({"dạ", "da", "vâng", "vang", "ừ", "u", "ok", "oke", "ờ", "ừm", "uh"})  # said before any answer
_BUT: Final = Lexicon(dict.fromkeys(("nhưng", "tuy nhiên", "nếu", "song", "trừ", "but", "if", "ngoại trừ"), True))


def read_yes_no(text: str) -> Reading:
    """Such as "yes" or "no".

    Sure: one of the words for it, with politeness around. Confirm: a sentence that begins with one ("có, bên em có
    hai bằng"). Vague: "có thể", "không biết", both at once, conditions.

    >>> read_yes_no("dạ không ạ").value, read_yes_no("không đồng ý").value, read_yes_no("ok em").value
    ('no', 'no', 'yes')
    """
    row = tokens(_DRAWN_OUT.sub(r"\1", plain(text)), LONGEST + 1)
    if not row or len(row) > LONGEST or not _ANSWERS.stands_in(row):
        return none("read.yes_no.again")
    row = [token for token in row if token.kind != "sign" or _ANSWERS.at([token], 0)]
    if row and row[0].kind == "num" and len(row) > 1:
        return none("read.yes_no.again")
    core = trimmed(row, _KEPT)
    if not core:
        return none("read.yes_no.again")
    said, rest = _spoken(core)
    if "maybe" in said or (any(_BUT.at(core, i) for i in range(len(core))) and said):
        return vague("read.yes_no.which")
    meant = [each for each in said if each != "soft"]
    if not meant:
        return sure("yes") if "soft" in said and not rest else none("read.yes_no.again")
    if len(set(meant)) > 1:
        return vague("read.yes_no.which")
    if not rest:
        return sure(meant[0])
    first = _ANSWERS.at(core, 0)
    if first is not None and (meant[0] == "no" or _FIRST_YES.at(core, 0)) and rest <= 12:
        return confirm(meant[0], f"read.yes_no.confirm_{meant[0]}")
    return none("read.yes_no.again")


def _spoken(core: list[Token]) -> tuple[list[str], int]:
    """What the words say one after the other, and how many say neither."""
    said: list[str] = []
    rest = i = 0
    while i < len(core):
        found = _ANSWERS.at(core, i)
        if found is None:
            polite = trimmed(core[i : i + 1])
            rest += 1 if polite else 0
            i += 1
            continue
        tag = "soft" if found[0] == "yes" and core[i].text in _SOFT and found[1] == 1 else found[0]
        said.append(tag)
        i += found[1]
    return said, rest


def read_consent(text: str, yes: str, no: str) -> Reading:
    """Such as "yes" or "no" to a consent: only the whole words of one of the two buttons `yes` and `no` count.

    Politeness around them, capitals and missing marks do not matter. "ok", "dạ", "đồng ý", a thumb or a number never
    count, in either direction: consent must be said, and so must refusing it.

    >>> read_consent("Dạ, tôi đồng ý ạ", "Tôi đồng ý", "Tôi không đồng ý").value
    'yes'
    >>> read_consent("đồng ý", "Tôi đồng ý", "Tôi không đồng ý").ask
    'read.consent.whole'
    """
    row = tokens(plain(text), LONGEST + 1)
    for value, button in (("no", no), ("yes", yes)):
        words = [token for token in tokens(plain(button)) if token.kind != "sign"]
        if words and _says(row, words):
            return sure(value)
    return vague("read.consent.whole", {"yes": yes, "no": no})


def _says(row: list[Token], words: list[Token]) -> bool:
    """Whether the tokens are the words, and nothing else but politeness and signs."""
    if any(token.kind == "sign" and token.text not in ".,!;:\"'“”()-" for token in row):
        return False
    said = [token for token in row if token.kind != "sign"]
    label = Lexicon({" ".join(token.text for token in words): True})
    for begin in range(len(said) - len(words) + 1):
        found = label.at(said, begin)
        if found and found[1] == len(words):
            around = said[:begin] + said[begin + len(words) :]
            return all(
                spelling(token.text).bare in {"da", "vang", "a", "em", "anh", "chi", "oi", "nhe", "thua"}
                for token in around
            )
    return False
