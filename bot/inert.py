"""Words of strangers, made harmless to read: nothing in them turns text around, hides, or means something to a chat."""

import html
import re
import unicodedata
from typing import Final

from markupsafe import Markup

_ZWJ: Final = "\u200d"
_FLAG: Final = "\U0001f3f4"  # the black flag, which tag characters make into a region's: 🏴󠁧󠁢󠁷󠁬󠁳󠁿
_TAGS: Final = "".join(map(chr, range(0xE0020, 0xE0080)))
_ORDINARY: Final = frozenset("\n\t")
_DEFUSED: Final = re.compile(r"(?<!\w)([@/#])(?=\w)|(?<=\w)(://(?=\w)|\.(?=[^\W\d]))")
_APART: Final = "\u2060"  # word joiner: unseen, and no chat finds a mention or an address across it


def shown(text: str) -> Markup:
    r"""HTML of a text: isolated from what stands around it, and every character that turns or hides made visible.

    >>> str(shown("an\u202eb"))
    '<bdi>an<span class="unseen" title="U+202E RIGHT-TO-LEFT OVERRIDE">U+202E</span>b</bdi>'
    """
    return Markup(f"<bdi>{''.join(_marked(text, n) for n in range(len(text)))}</bdi>")  # noqa: S704 — every piece is escaped


def bare(text: str) -> str:
    r"""The text without what turns or hides: for places that hold no HTML.

    >>> bare("an\u202eb")
    'anb'
    """
    return "".join(character for n, character in enumerate(text) if not _is_unseen(text, n))


def told(text: str) -> str:
    r"""Telegram's HTML of a text: no markup, no mention, command, hashtag or link comes out of it.

    >>> told("<@admin>") == "&lt;\u2060@\u2060admin&gt;"
    True
    """
    return html.escape(_DEFUSED.sub(lambda m: f"{_APART}{m[0]}{_APART}", bare(text)), quote=False)


def _marked(text: str, n: int) -> str:
    character = text[n]
    if not _is_unseen(text, n):
        return html.escape(character)
    name = unicodedata.name(character, "CONTROL")
    code = f"U+{ord(character):04X}"
    return f'<span class="unseen" title="{code} {html.escape(name)}">{code}</span>'


def _is_unseen(text: str, n: int) -> bool:
    """Whether the character turns or hides text, and is not part of an emoji that needs it."""
    character = text[n]
    if character in _ORDINARY or unicodedata.category(character) not in {"Cf", "Cc", "Zl", "Zp", "Co", "Cs"}:
        return character in "\u115f\u1160\u3164\uffa0\u034f"  # fillers and joiners that print nothing
    if character == _ZWJ:
        return not (_is_picture(text, n - 1) and _is_picture(text, n + 1))
    if character in _TAGS:
        return not text[:n].rstrip(_TAGS).endswith(_FLAG)
    return True


def _is_picture(text: str, n: int) -> bool:
    """Whether an emoji, or what colours one, stands there."""
    if not 0 <= n < len(text):
        return False
    return unicodedata.category(text[n]) == "So" or text[n] == "\ufe0f" or 0x1F3FB <= ord(text[n]) <= 0x1F3FF
