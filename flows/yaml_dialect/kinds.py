"""The `type` cell of a question: XLSForm's types with their old spellings, and what stands in for those a chat cannot do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast, get_args

from flows.model import Meta, QuestionType


@dataclass(frozen=True, slots=True)
class Kind:
    """What a `type` cell says: the type, and the list, file or question of a repeat a select chooses from."""

    type: QuestionType
    list_name: str | None = None
    file: str | None = None
    answers_of: str | None = None
    meta: Meta | None = None


class BadKind(Exception):
    """A `type` cell cannot be used; `code` and `facts` are those of the problem."""

    def __init__(self, code: str, **facts: str) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)


def read_kind(cell: str) -> Kind:
    """The kind of question that a `type` cell names.

    Raises:
        BadKind: unknown_type, unsupported_type, type_without_list, or_other.

    >>> read_kind("select all that apply from needs").list_name
    'needs'
    >>> read_kind("dateTime").type
    'datetime'
    """
    words = " ".join(cell.split())
    select = _SELECT.fullmatch(words)
    if select:
        return _select(select, words)
    folded = words.lower()
    plain = ALIASES.get(folded) or ALIASES.get(folded.replace(" ", "_"))
    if plain is not None:
        return Kind(plain)
    meta = METAS.get(folded.replace(" ", "_"))
    if meta is not None:
        return Kind("hidden", meta=meta)
    instead = UNSUPPORTED.get(folded.replace(" ", "_")) or UNSUPPORTED.get(folded.split(" ")[0])
    if instead is not None:
        raise BadKind("unsupported_type", type=words, instead=instead)
    raise BadKind("unknown_type", type=words)


def names_in(cell: str) -> tuple[str, ...]:
    """The questions that a list of references names: `${a}, ${b}`, or their bare names.

    >>> names_in("${a}, b")
    ('a', 'b')
    """
    parts = (part.strip().removeprefix("${").removesuffix("}").strip() for part in cell.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def references(names: Iterable[str]) -> str:
    """The cell that `names_in` reads as these names."""
    return ", ".join(f"${{{name}}}" for name in names)


def write_kind(kind: Kind) -> str:
    """The `type` cell that `read_kind` reads as this kind."""
    if kind.meta is not None:
        return kind.meta
    if kind.file is not None:
        return f"{kind.type}_from_file {kind.file}"
    if kind.answers_of is not None:
        return f"{kind.type} {references([kind.answers_of])}"
    return f"{kind.type} {kind.list_name}" if kind.list_name is not None else kind.type


_NAMES: Final = get_args(QuestionType)

ALIASES: Final[dict[str, QuestionType]] = {
    **{name: name for name in _NAMES if name not in {"select_one", "select_multiple", "rank"}},
    "string": "text", "str": "text", "q_string": "text",
    "int": "integer", "q_int": "integer", "number": "decimal", "double": "decimal", "float": "decimal",
    "trigger": "acknowledge", "ack": "acknowledge",
    "q_date": "date", "date_time": "datetime", "datetime-local": "datetime",
    "gps": "geopoint", "location": "geopoint", "q_geopoint": "geopoint",
    "photo": "image", "picture": "image", "q_image": "image", "q_audio": "audio", "voice": "audio", "q_video": "video",
    "document": "file", "upload": "file",
    "q_calculate": "calculate", "q_note": "note",
}  # fmt: skip

UNSUPPORTED: Final = {  # a chat cannot do it, or not yet → the nearest thing that works; also what new forms should use
    "barcode": "text", "osm": "geopoint",
    "background-geopoint": "geopoint", "background-audio": "audio", "bearing": "decimal",
    "simserial": "hidden", "subscriberid": "hidden", "imei": "hidden", "printer": "note", "range-slider": "range",
    "xml-external": "select_one_from_file", "csv-external": "select_one_from_file",
    "select_one_external": "select_one_from_file", "entity": "hidden", "matrix": "select_one", "signature": "image",
    "begin_group": "group", "begin_repeat": "repeat", "end_group": "group", "end_repeat": "repeat",
}  # fmt: skip

METAS: Final[dict[str, Meta]] = {
    **{name: name for name in get_args(Meta)}, "start_time": "start", "end_time": "end", "device_id": "deviceid",
    "uri:deviceid": "deviceid", "get_device_id": "deviceid", "phone_number": "phonenumber",
}  # fmt: skip
_ANSWERS: Final = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
_SELECT: Final = re.compile(
    r"(?P<head>"
    r"select_one_from_file|select_multiple_from_file|select (?:one|multiple) from file|"
    r"(?:add )?select one(?: prompt)? (?:from|using)|(?:add )?select multiple(?: prompt)? (?:from|using)|"
    r"select_one|select one|select1|select_multiple|select multiple|"
    r"select all that apply from|select all that apply|rank)"
    r"(?: (?P<rest>.+))?",
    re.IGNORECASE,
)


def _select(found: re.Match[str], words: str) -> Kind:
    head = found["head"].lower()
    rest = found["rest"] or ""
    if rest.endswith((" or_other", " or specify other")):
        raise BadKind("or_other", type=words)
    answers_of = _ANSWERS.fullmatch(rest)
    if not answers_of and (not rest or " " in rest or "${" in rest):
        raise BadKind("type_without_list", type=words)
    name = "rank" if head == "rank" else "select_multiple" if "multiple" in head or "all" in head else "select_one"
    kind = cast("QuestionType", name)
    if answers_of:
        return Kind(kind, answers_of=answers_of[1])
    return Kind(kind, file=rest) if "file" in head else Kind(kind, list_name=rest)
