"""A header cell: which column it is, and in which language its words are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """What a header says. `language` is as written, "" when none is; `key` of an unknown column is as written."""

    header: str
    key: str
    language: str = ""


TRANSLATED: Final = frozenset({
    "label", "hint", "guidance_hint", "constraint_message", "required_message", "image", "audio", "video", "big-image",
    "form_title", "chat::welcome", "chat::thank_you", "chat::declined", "chat::end_message",
})  # fmt: skip


def read_columns(headers: Sequence[str]) -> tuple[Column, ...]:
    """Each header understood; where two mean the same, both stand here and the first filled cell counts.

    >>> read_columns(["label : Tiếng Việt (vi)"])[0].language
    'Tiếng Việt (vi)'
    """
    return tuple(_column(header) for header in headers)


def _column(header: str) -> Column:
    parts = [part.strip() for part in _COLONS.split(header)]
    head = _folded(parts[0])
    if head in {"media", "bind", "control", "body", "jr", "chat"} and len(parts) > 1:
        return _prefixed(header, head, parts[1:])
    key = ALIASES.get(head, head)
    if len(parts) > 1 and key in TRANSLATED:
        return Column(header, key, " ".join(parts[1:]).strip())
    return Column(header, key if len(parts) == 1 and key in KNOWN else header)


def _prefixed(header: str, head: str, rest: list[str]) -> Column:
    name = _folded(rest[0])
    if head == "chat":
        return Column(header, f"chat::{name}", " ".join(rest[1:]))
    if head == "media":
        return Column(header, ALIASES.get(name, name), " ".join(rest[1:]))
    key = ALIASES.get(name, name)
    if head == "bind" and name == "jr" and len(rest) > 1:
        key = {"constraintmsg": "constraint_message", "requiredmsg": "required_message"}.get(_folded(rest[1]), header)
        return Column(header, key, " ".join(rest[2:]))
    if (head == "bind" and key in _BOUND) or (head == "jr" and name == "count"):
        return Column(header, "repeat_count" if name == "count" else key)
    return Column(header, header)


def _folded(part: str) -> str:
    return "_".join(part.lower().split())


_COLONS: Final = re.compile(r"\s*::?\s*")
_BOUND: Final = frozenset({"relevant", "constraint", "required", "read_only", "calculation"})

ALIASES: Final = {
    "relevance": "relevant", "relevancy": "relevant", "skip_logic": "relevant", "constraints": "constraint",
    "calculate": "calculation", "calculations": "calculation", "readonly": "read_only",
    "constraintmessage": "constraint_message", "requiredmessage": "required_message", "require": "required",
    "count": "repeat_count", "guidance": "guidance_hint", "caption": "label", "command": "type", "tag": "name",
    "choicefilter": "choice_filter", "parameter": "parameters", "defaults": "default",
    "listname": "list_name", "value": "name", "title": "form_title", "id_string": "form_id", "set_form_title": "form_title",
    "set_form_id": "form_id", "big_image": "big-image",
}  # fmt: skip
SURVEY: Final = frozenset({
    "type", "name", "label", "hint", "guidance_hint", "required", "required_message", "constraint",
    "constraint_message", "relevant", "calculation", "trigger", "choice_filter", "default", "read_only", "repeat_count",
    "appearance", "parameters", "disabled", "pii", "official", "indicator", "image", "big-image", "audio", "video",
    "save_to",
})  # fmt: skip
CHOICES: Final = frozenset({"list_name", "name", "label", "image", "big-image", "audio", "video"})
SETTINGS: Final = frozenset({
    "form_title", "form_id", "version", "default_language", "instance_name", "name",
})  # fmt: skip
MEDIA: Final = frozenset({"image", "audio", "video", "big-image"})
KNOWN: Final = SURVEY | CHOICES | SETTINGS | MEDIA | {"autoplay", "public_key"}
ENTITIES: Final = frozenset({"list_name", "label", "create_if", "update_if", "entity_id"})
