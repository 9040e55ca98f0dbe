"""A flow → the sheets of an XLSForm that reads as the same flow. What XLSForm has no column for stands under `chat::`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flows.model import SILENT, Chat, Choice, Entity, Flow, Group, Item, Jump, Question, Repeat, Text
from flows.yaml_dialect.kinds import Kind, references, write_kind

LANGUAGES: Final = {"vi": "Tiếng Việt", "en": "English", "fr": "Français", "pt": "Português", "es": "Español"}


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet to be written: `rows[r]` are the filled cells of a row by header."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


def flow_to_sheets(flow: Flow) -> tuple[Written, ...]:
    """The sheets survey, choices and settings; files that a form looks into stay files of their own."""
    survey = [_told(row) for item in flow.items for row in _rows(item)]
    choices = [
        _told({"list_name": name, **_choice(option)}) for name, options in flow.choices.items() for option in options
    ]
    settings = [_told(_settings(flow))]
    entities = [_told(_entity(entity)) for entity in flow.entities]
    sheets = (
        Written("survey", _headers(survey, ("type", "name", *_spelled("label", flow))), tuple(survey)),
        Written("choices", _headers(choices, ("list_name", "name", *_spelled("label", flow))), tuple(choices)),
        Written("settings", _headers(settings, ()), tuple(settings)),
    )
    return (*sheets, Written("entities", _headers(entities, ("list_name",)), tuple(entities))) if entities else sheets


def _entity(entity: Entity) -> dict[str, Any]:
    return {
        "list_name": entity.list_name,
        "label": entity.label,
        "create_if": entity.create_if,
        "update_if": entity.update_if,
        "entity_id": entity.entity_id,
    }


def spelling(language: str) -> str:
    """A language as headers call it.

    >>> spelling("vi"), spelling("xx")
    ('Tiếng Việt (vi)', 'xx')
    """
    return f"{LANGUAGES[language]} ({language})" if language in LANGUAGES else language


def _spelled(key: str, flow: Flow) -> Iterator[str]:
    return (f"{key}::{spelling(language)}" for language in flow.languages)


def _headers(rows: Iterable[Mapping[str, str]], first: Sequence[str]) -> tuple[str, ...]:
    """The headers of these rows: those that come first, then the others as they are met, alike ones together."""
    met = dict.fromkeys(first)
    for row in rows:
        met.update(dict.fromkeys(row))
    order = {header.split("::")[0]: n for n, header in reversed(list(enumerate(met)))}
    return tuple(sorted(met, key=lambda header: (order[header.split("::")[0]], header.startswith("chat::"))))


def _told(cells: Mapping[str, Any]) -> dict[str, str]:
    """Cells as texts; words by language under a header for each."""
    found: dict[str, str] = {}
    for key, value in cells.items():
        if isinstance(value, Mapping):
            found |= {f"{key.strip()}::{spelling(language)}": words for language, words in value.items() if words}
        elif value is True or value is False:
            found[key] = "yes" if value else "no"
        elif value is not None and value != "":
            found[key] = str(value)
    return found


def _rows(item: Item) -> Iterator[dict[str, Any]]:
    if isinstance(item, Question):
        yield _question(item)
        return
    kind = "group" if isinstance(item, Group) else "repeat"
    yield {
        "type": f"begin_{kind}",
        "name": item.name,
        "label": item.label,
        "relevant": item.relevant,
        "appearance": item.appearance,
        "repeat_count": item.count if isinstance(item, Repeat) else None,
    }
    for inner in item.items:
        yield from _rows(inner)
    yield {"type": f"end_{kind}", "name": item.name}


def _question(question: Question) -> dict[str, Any]:
    silent = question.type in SILENT  # its list says how its value is told, and is no part of its type
    kind = Kind(
        question.type, None if silent else question.list_name, question.file, question.answers_of, question.meta
    )
    found: dict[str, Any] = {"type": write_kind(kind), "name": question.name}
    if silent:
        found["chat::list"] = question.list_name
    for key in _TEXTS:
        words: Text = getattr(question, key)
        found[key] = words
    for key in _CELLS:
        found[key] = getattr(question, key) or None
    found |= {f"media::{kind}": files for kind, files in question.media.items()}
    found["trigger"] = references(question.trigger)
    found["parameters"] = " ".join(f"{name}={value}" for name, value in question.parameters.items())
    for name in Chat.model_fields:
        value = getattr(question.chat, name)
        if value is not False or name == "skip":  # `skip` alone says something by saying no
            found[f"chat::{name}"] = _chat(value)
    found["chat::next"] = "\n".join(_jump(jump) for jump in question.next)
    if question.end is not None:
        found |= {"chat::end": question.end.when, "chat::end_message": question.end.message}
    return found


_TEXTS: Final = ("label", "hint", "guidance_hint", "required_message", "constraint_message")
_CELLS: Final = (
    "required", "relevant", "constraint", "calculation", "choice_filter", "default", "read_only", "save_to", "appearance", "pii",
    "official", "indicator",
)  # fmt: skip


def _chat(value: object) -> object:
    """A field of `Chat` as a cell."""
    if isinstance(value, tuple):
        return " | ".join(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _jump(jump: Jump) -> str:
    return f"{jump.to} if {jump.when}" if jump.when else jump.to


def _choice(option: Choice) -> dict[str, Any]:
    media = {f"media::{kind}": files for kind, files in option.media.items()}
    return {
        "name": option.name,
        "label": option.label,
        **media,
        "chat::aliases": " | ".join(option.aliases),
        **option.columns,
    }


def _settings(flow: Flow) -> dict[str, Any]:
    return {
        "form_title": flow.title.get(flow.default_language),  # other tools know no title in other languages
        "form_title ": {language: title for language, title in flow.title.items() if language != flow.default_language},
        "form_id": flow.name,
        "version": flow.version,
        "default_language": spelling(flow.default_language),
        "instance_name": flow.instance_name,
        "chat::welcome": flow.welcome,
        "chat::thank_you": flow.thank_you,
        "chat::declined": flow.declined,
        "chat::audience": flow.audience,
        "chat::channels": " | ".join(flow.channels),
        "chat::staff_only": flow.staff_only or None,
        "chat::anonymous_allowed": flow.anonymous_allowed or None,
        "chat::one_open_per": " | ".join(flow.one_open_per),
        "chat::summary": " | ".join(flow.summary),
    }
