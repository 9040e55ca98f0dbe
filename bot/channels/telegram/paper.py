"""Text with marks, cut into Telegram messages: never over the limit, never inside a mark, never inside a character.

Cards are made of blocks, blocks of lines, lines of runs. HTML is only written at the very end, from plain text that is
escaped there and nowhere else, so that no variable can ever become a tag.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal, TypeAlias

from bot.channels.telegram.limits import ENTITIES_MAX, TEXT_MAX

Mark: TypeAlias = Literal["", "b", "i", "code"]

_JOINER: Final = "\u200d"  # 👩‍👧 is three characters that are one
_SKIN_TONES: Final = ("\U0001f3fb", "\U0001f3ff")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_BLANKS: Final = "\u115f\u1160\u2800\u3164\uffa0"  # letters by category, empty to look at
_REGIONAL: Final = ("\U0001f1e6", "\U0001f1ff")  # two of them are a flag


@dataclass(frozen=True, slots=True)
class Run:
    """Plain text with at most one mark."""

    text: str
    mark: Mark = ""


Line: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together; `quote`: in an expandable blockquote, which folds when it is long."""

    lines: tuple[Line, ...]
    quote: bool = False


def plain(text: str, mark: Mark = "", *, quote: bool = False) -> Block:
    """A block of one text, whose own line breaks are kept."""
    return Block(tuple((Run(line, mark),) for line in text.strip().split("\n")), quote)


def units(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 code units.

    >>> units("phở"), units("👩‍👩‍👧")
    (3, 8)
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: str, limit: int) -> list[str]:
    """`text` cut into parts of at most `limit` units, after a blank where there is one; joined they are `text` again.

    >>> pieces("một hai ba", 5)
    ['một ', 'hai ', 'ba']
    """
    found: list[str] = []
    while units(text) > limit:
        at = _cut(text, limit)
        found.append(text[:at])
        text = text[at:]
    return [*found, text]


def cut(text: str, limit: int) -> str:
    """The first `limit` characters, the last of them "…" when something was left out.

    >>> cut("Nông nghiệp", 6)
    'Nông…'
    """
    text = " ".join(text.split())
    if units(text) <= limit:
        return text
    return text[: _whole(text, limit - 1)].rstrip() + "…"


def is_visible(text: str) -> bool:
    """Whether there is anything to see: blanks, controls and marks that join or order letters are nothing."""
    return any(unicodedata.category(character) not in _UNSEEN and character not in _BLANKS for character in text)


def messages(blocks: Sequence[Block], limit: int = TEXT_MAX) -> list[str]:
    """The blocks as HTML messages of at most `limit` visible units, a blank line between blocks.

    A message without anything to see is left out: Telegram refuses it as empty.
    """
    short = _together(blocks, limit)
    if short is not None:
        return short
    sheet = _Sheet(limit)
    for block in blocks:
        sheet.between_blocks()
        for line in block.lines:
            for part in _fitting(line, limit):
                sheet.write(part, quote=block.quote)
    return sheet.finished()


def _together(blocks: Sequence[Block], limit: int) -> list[str] | None:
    """The blocks as one message where that is plain to see, as it nearly always is; None: count exactly."""
    characters = marks = 0
    seen = False
    written: list[str] = []
    for block in blocks:
        if block.quote:
            return None
        lines: list[str] = []
        for line in block.lines:
            for run in line:
                characters += len(run.text)
                marks += bool(run.mark)
                seen = seen or is_visible(run.text)
            lines.append("".join([_html(run) for run in line]) if len(line) != 1 else _html(line[0]))
        written.append("\n".join(lines))
        characters += len(lines) + 1
    if 2 * characters > limit or marks > ENTITIES_MAX:  # a character is two units at most
        return None
    return ["\n\n".join(written)] if seen else []


class _Sheet:
    """Messages as they fill up."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._done: list[str] = []
        self._html: list[str] = []
        self._units = 0
        self._entities = 0
        self._gap = 0  # line breaks to come before the next line
        self._quoting = False
        self._seen = False  # something that is not blank

    def between_blocks(self) -> None:
        self._unquote()
        self._gap = 2

    def write(self, line: Line, *, quote: bool) -> None:
        length = sum(units(run.text) for run in line)
        entities = sum(bool(run.mark) for run in line) + (quote and not self._quoting)
        if self._html and (self._units + self._gap + length > self._limit or self._entities + entities > ENTITIES_MAX):
            self._turn()
        if self._html:
            self._units += self._gap
            self._html.append("\n" * self._gap)
        if quote and not self._quoting:
            self._html.append("<blockquote expandable>")
            self._quoting = True
        self._html.extend(_html(run) for run in line)
        self._units += length
        self._entities += entities
        self._seen = self._seen or any(is_visible(run.text) for run in line)
        self._gap = 1

    def finished(self) -> list[str]:
        self._turn()
        return self._done

    def _turn(self) -> None:
        self._unquote()
        if self._seen:
            self._done.append("".join(self._html))
        self._html, self._units, self._entities, self._seen = [], 0, 0, False

    def _unquote(self) -> None:
        if self._quoting:
            self._html.append("</blockquote>")
            self._quoting = False


def _html(run: Run) -> str:
    text = escape(run.text, quote=False)
    return f"<{run.mark}>{text}</{run.mark}>" if run.mark and text else text


def _fitting(line: Line, limit: int) -> Iterator[Line]:
    """The line, or its parts when it alone is too long for a message."""
    if sum(units(run.text) for run in line) <= limit:
        yield line
        return
    for run in line:
        for piece in pieces(run.text, limit):
            yield (Run(piece, run.mark),)


def _cut(text: str, limit: int) -> int:
    """Where to cut: after the last blank that fits, unless that wastes half of it; else between two characters."""
    end = _whole(text, limit)
    blank = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end)) + 1
    return blank if blank > end // 2 else end


def _whole(text: str, limit: int) -> int:
    """How many code points of `text` fit into `limit` units without cutting a character that people see as one."""
    end, left = 0, limit
    for character in text:
        left -= 2 if character > "\uffff" else 1
        if left < 0:
            break
        end += 1
    whole = end
    while whole > 0 and whole < len(text) and _joined(text, whole):
        whole -= 1
    return whole or max(end, 1)  # one character longer than a whole message: no reader will miss its shape


def _joined(text: str, at: int) -> bool:
    """Whether the code points before and after `at` are parts of one character. Near enough to UAX #29 for a cut."""
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or unicodedata.category(after).startswith("M"):
        return True
    if _SKIN_TONES[0] <= after <= _SKIN_TONES[1] or (before == "\r" and after == "\n"):
        return True
    if _REGIONAL[0] <= before <= _REGIONAL[1] and _REGIONAL[0] <= after <= _REGIONAL[1]:
        run = 0
        while run < at and _REGIONAL[0] <= text[at - 1 - run] <= _REGIONAL[1]:
            run += 1
        return run % 2 == 1
    return False
