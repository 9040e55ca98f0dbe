"""The `type` cell of a sheet: a question, the begin or end of a group, or what becomes of a type a chat has not."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.model import Meta, QuestionType
from flows.yaml_dialect.kinds import ALIASES, METAS, UNSUPPORTED, BadKind, Kind, read_kind

Nest: TypeAlias = Literal["group", "repeat"]


@dataclass(frozen=True, slots=True)
class Begin:
    """The row `begin group`, `begin_repeat` and their like."""

    nest: Nest


@dataclass(frozen=True, slots=True)
class Finish:
    """The row that ends one."""

    nest: Nest


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. `instead` tells that another type stands in for what was written; `or_other` adds a free text."""

    kind: Kind
    or_other: bool = False
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Metadata: what a talk knows of itself, or empty where it cannot know it."""

    meta: Meta | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A type that cannot be asked: the row becomes an empty hidden value. `instead` is the nearest that works."""

    instead: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file beside the form that expressions look into by the row's name; no question, and no value."""

    ending: str


Cell: TypeAlias = Begin | Finish | Asked | Noted | Passed | Attached


def read_type(cell: str) -> Cell | None:
    """What a `type` cell means; None: nobody knows it.

    Raises:
        BadKind: type_without_list.

    >>> read_type("begin lgroup"), read_type("select one from yes_no or specify other").or_other
    (Begin(nest='repeat'), True)
    """
    words = " ".join(cell.split())
    folded = words.lower()
    nest = _NEST.fullmatch(folded)
    if nest:
        kind = _nest(nest[2])
        return Begin(kind) if nest[1] == "begin" else Finish(kind)
    key = folded.replace(" ", "_")
    if key in METADATA:
        return Noted()
    if key in METAS:
        return Noted(METAS[key])
    if key in FILES:
        return Attached(FILES[key])
    if key in REPLACED:
        return Asked(Kind(REPLACED[key]), instead=REPLACED[key])
    external = _EXTERNAL.fullmatch(words)
    if external:
        return Asked(read_kind(f"select_{external[1].lower()} {external[2]}"))
    return _question(words, key)


def _question(words: str, key: str) -> Cell | None:
    bare = _OR_OTHER.sub("", words)
    bare = _ADD.sub(r"\1", _MULTI.sub("select_multiple ", bare))
    try:
        return Asked(read_kind(bare), or_other=bare != words and bool(_OR_OTHER.search(words)))
    except BadKind as wrong:
        if wrong.code == "type_without_list":
            raise
        if wrong.code == "unsupported_type":
            return Passed(wrong.facts["instead"])
    instead = VENDORS.get(key) or VENDORS.get(key.split("_", maxsplit=1)[0])
    return Passed(instead) if instead is not None else None


def _nest(word: str) -> Nest:
    return "repeat" if word in {"repeat", "lgroup", "looped group", "looped_group"} else "group"


KNOWN_TYPES: Final = frozenset({*ALIASES, *UNSUPPORTED, "select_one", "select_multiple", "rank"})
METADATA: Final = frozenset({  # nothing that a chat could know
    "simserial", "sim_id", "subscriberid", "subscriber_id", "imei", "caseid", "background-geopoint", "background-audio",
    "text_audit", "audio_audit", "speed_violations_count", "speed_violations_list", "speed_violations_audit", "comments",
})  # fmt: skip
BLANK: Final = frozenset({"username", "email", "start-geopoint"})  # kept for the way back, and blank
REPLACED: Final[dict[str, QuestionType]] = {
    "calculate_here": "calculate", "barcode": "text", "tel": "text", "numeric": "decimal", "url": "text", "signature": "image",
    "range-slider": "range", "bearing": "decimal",
}  # fmt: skip
FILES: Final = {"csv-external": ".csv", "xml-external": ".xml"}
VENDORS: Final = {
    "sensor": "calculate", "speed": "hidden", "db:person": "text", "country": "select_one",
}  # fmt: skip
_NEST: Final = re.compile(r"(begin|end)[ _-]?(group|repeat|lgroup|looped[ _]group)")
_EXTERNAL: Final = re.compile(r"select_(one|multiple)_external (\S+)", re.IGNORECASE)
_OR_OTHER: Final = re.compile(r"\s+or[ _](?:other|specify[ _]other)$", re.IGNORECASE)
_ADD: Final = re.compile(r"^(?:add|q) (\w+)(?: prompt)?$", re.IGNORECASE)
_MULTI: Final = re.compile(r"^select all(?: that apply)?(?: from)? ", re.IGNORECASE)
