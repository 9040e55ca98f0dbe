"""HTML text to plain text with entities, as Telegram's server reads it.

It is no HTML parser: tags nest strictly, unknown ones are refused, and an unknown `&name;` stays as it is typed.
Offsets and lengths of entities are in UTF-16 units; offsets in error words are in bytes of UTF-8.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fake_telegram.refusal import Refusal, bad_request

TEXT_MAX: Final = 4096  # UTF-16 units after parsing; core.telegram.org/bots/api#sendmessage
CAPTION_MAX: Final = 1024  # UTF-16 units after parsing
ENTITIES_MAX: Final = 100  # more are dropped, not refused

KINDS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+))|([a-zA-Z]+));?")
_SPACE: Final = " \t\n\r\f\v"


@dataclass(frozen=True)
class Formatted:
    """What a reader sees, and what Telegram took in silence though it is likely a fault of ours."""

    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 units."""
    return len(text) + sum(1 for c in text if c > "\uffff")


def plain(text: str) -> Formatted:
    """Text without markup, trimmed as the server does."""
    return _trimmed(_utf8(text), [], [])


def parse_html(source: str) -> Formatted:
    """Text and entities of `source`; raises `Refusal` 400 "can't parse entities: …"."""
    return _Reader(_utf8(source)).read()


def given(text: str, entities: list[dict[str, Any]]) -> Formatted:
    """Text with the entities the bot counted itself; raises `Refusal` for one that is not an entity."""
    for entity in entities:
        if not isinstance(entity, dict) or not {"type", "offset", "length"} <= entity.keys():
            raise bad_request('can\'t parse MessageEntity: Field "type" must be of type String')
    inside = [e for e in entities if 0 <= e["offset"] < units(text) and e["length"] > 0]
    return _trimmed(_utf8(text), inside, ["entity outside the text"] if len(inside) < len(entities) else [])


def _utf8(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as e:
        raise bad_request("strings must be encoded in UTF-8") from e
    return text.replace("\r", "").replace("\x00", "")


@dataclass
class _Open:
    tag: str
    value: str
    start: int  # UTF-16 units of the text so far
    at: int  # characters of the text so far
    source_at: int


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[dict[str, Any]] = []
        self.oddities: list[str] = []

    def read(self) -> Formatted:
        while self.at < len(self.source):
            c = self.source[self.at]
            if c == "<":
                self._close() if self._peek(1) == "/" else self._begin()
            elif c == "&":
                self._put(self._reference(note=True))
            else:
                self.at += 1
                self._put(c)
        if self.open:
            last = self.open[-1]
            at = self._offset(last.source_at)
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{last.tag}" at byte offset {at}')
        ordered = sorted(self.entities, key=lambda e: (e["offset"], -e["length"]))
        if len(ordered) > ENTITIES_MAX:
            self.oddities.append(f"{len(ordered)} entities, only {ENTITIES_MAX} are kept")
        return _trimmed("".join(self.out), ordered[:ENTITIES_MAX], self.oddities)

    def _put(self, text: str) -> None:
        self.out.append(text)
        self.length += units(text)

    def _peek(self, ahead: int = 0) -> str:
        """The character there, or "" at the end."""
        return self.source[self.at + ahead : self.at + ahead + 1]

    def _offset(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _reference(self, *, note: bool) -> str:
        """The character an `&…;` stands for; the ampersand itself where it stands for none."""
        found = _REFERENCE.match(self.source, self.at)
        if found:
            hexadecimal, decimal, name = found.groups()
            code = int(hexadecimal, 16) if hexadecimal else int(decimal[:9]) if decimal else 0
            known = _NAMED.get(name or "") or (chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "")
            if known:
                self.at = found.end()
                return known
        if note:
            # Telegram does not refuse it; the reader would see the raw reference or a bare ampersand
            self.oddities.append(f"unescaped & before {self.source[self.at + 1 : self.at + 9]!r}")
        self.at += 1
        return "&"

    def _skip_space(self) -> None:
        while self._peek() and self._peek() in _SPACE:
            self.at += 1

    def _word(self, stops: str) -> str:
        start = self.at
        while self._peek() and self._peek() not in _SPACE + stops:
            self.at += 1
        return self.source[start : self.at]

    def _begin(self) -> None:
        start = self.at
        self.at += 1
        tag = self._word(">").lower()
        where = f"at byte offset {self._offset(start)}"
        if not self._peek():
            raise _unparsable(f"Unclosed start tag {where}")
        if tag not in KINDS:
            raise _unparsable(f'Unsupported start tag "{tag}" {where}')
        value = ""
        while self._peek() != ">":
            self._skip_space()
            if self._peek() == ">":
                break
            name, given_value = self._attribute(tag, where)
            value = _value_of(tag, name, given_value) or value
        self.at += 1
        if tag == "span" and value != "tg-spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" {where}')
        self.open.append(_Open(tag, value, self.length, len(self.out), start))

    def _attribute(self, tag: str, where: str) -> tuple[str, str]:
        name = self._word("=>")
        if not self._peek():
            raise _unparsable(f"Unclosed start tag {where}")
        if not name:
            raise _unparsable(f'Empty attribute name in the tag "{tag}" {where}')
        self._skip_space()
        if self._peek() != "=":
            return name.lower(), ""
        self.at += 1
        self._skip_space()
        quote = self._peek()
        value = self._quoted(quote) if quote and quote in "'\"" else self._token()
        if not self._peek():
            raise _unparsable(f"Unclosed start tag {where}")
        return name.lower(), value

    def _quoted(self, quote: str) -> str:
        self.at += 1
        parts: list[str] = []
        while self._peek() and self._peek() != quote:
            if self._peek() == "&":
                parts.append(self._reference(note=False))
            else:
                parts.append(self._peek())
                self.at += 1
        self.at += 1
        return "".join(parts)

    def _token(self) -> str:
        start = self.at
        while self._peek() and (self._peek().isalnum() or self._peek() in ".-"):
            self.at += 1
        if self._peek() and self._peek() not in _SPACE + ">":
            raise _unparsable(f"Unexpected end of name token at byte offset {self._offset(start)}")
        return self.source[start : self.at].lower()

    def _close(self) -> None:
        start = self.at
        where = f"at byte offset {self._offset(start)}"
        self.at += 2
        if not self.open:
            raise _unparsable(f"Unexpected end tag {where}")
        name = self._word(">").lower()
        self._skip_space()
        if self._peek() != ">":
            raise _unparsable(f"Unclosed end tag {where}")
        self.at += 1
        last = self.open.pop()
        if name and name != last.tag:
            raise _unparsable(f'Unmatched end tag {where}, expected "</{last.tag}>", found "</{name}>"')
        if self.length > last.start:
            self._add(last)

    def _add(self, last: _Open) -> None:
        kind = KINDS[last.tag]
        entity: dict[str, Any] = {"type": kind, "offset": last.start, "length": self.length - last.start}
        if last.tag == "a":
            url = last.value or "".join(self.out[last.at :])
            if not _is_link(url):
                self.oddities.append(f"a link Telegram drops: {url[:40]!r}")
                return
            entity["url"] = url
        elif last.tag == "tg-emoji":
            entity["custom_emoji_id"] = last.value
        elif last.tag == "tg-time":
            entity["unix_time"] = int(last.value or 0)
        elif last.tag == "blockquote" and last.value:
            entity["type"] = "expandable_blockquote"
        elif last.tag == "code" and last.value and self.open and self.open[-1].tag == "pre":
            self.open[-1].value = last.value  # <pre><code class="language-x"> is one entity
            return
        elif last.tag == "pre" and last.value:
            entity["language"] = last.value
        self.entities.append(entity)


def _value_of(tag: str, name: str, value: str) -> str:
    """What of an attribute Telegram keeps; "" when it is ignored."""
    match tag, name:
        case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "unix") | ("span", "class"):
            return value
        case "code", "class" if value.startswith("language-"):
            return value.removeprefix("language-")
        case "blockquote", "expandable":
            return "expandable"
    return ""


def _is_link(url: str) -> bool:
    return bool(re.match(r"(?i)(https?://|tg://|ton://|mailto:|tel:)?[^\s/]+[.:/][^\s]+$|(tel|mailto):\S+$", url))


def _trimmed(text: str, entities: list[dict[str, Any]], oddities: list[str]) -> Formatted:
    """Without white space at both ends; entities follow, and those left with nothing go."""
    body = "".join(c if c == "\n" or c >= " " else " " for c in text).rstrip()
    cut = units(body) - units(body.lstrip())
    body = body.lstrip()
    end = units(body)
    moved: list[dict[str, Any]] = []
    for entity in entities:
        start = max(0, entity["offset"] - cut)
        stop = min(end, entity["offset"] + entity["length"] - cut)
        if stop > start:
            moved.append(entity | {"offset": start, "length": stop - start})
    return Formatted(body, moved, list(oddities))


def _unparsable(why: str) -> Refusal:
    return bad_request(f"can't parse entities: {why}")
