"""A flow → YAML text that reads as the same flow."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from flows.model import SILENT, Chat, Choice, Flow, Group, Item, Jump, Question
from flows.problems import Place
from flows.value import Value
from flows.yaml_dialect.kinds import Kind, references, write_kind


def flow_to_yaml(flow: Flow) -> str:
    """The flow in the YAML dialect, groups nested; the tables it chooses from stay files of their own."""
    body = {
        "flow": flow.name,
        "version": flow.version,
        "default_language": flow.default_language,
        "languages": list(flow.languages),
        **_filled(flow, _FLOW_KEYS),
        "choices": {name: [_choice(option) for option in options] for name, options in flow.choices.items()},
        "questions": [_item(item) for item in flow.items],
    }
    if not flow.choices:
        del body["choices"]
    if flow.entities:
        body["entities"] = [_filled(entity, _ENTITY_KEYS) for entity in flow.entities]
    return yaml.dump(body, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=118)


def without_places(flow: Flow) -> Flow:
    """The flow without line numbers: equal for two spellings of the same, and what a version's hash is made of."""
    return Flow.model_validate(_bare(flow.model_dump()))


_FLOW_KEYS: Final = (
    "title", "welcome", "thank_you", "declined", "audience", "channels", "staff_only", "anonymous_allowed",
    "one_open_per", "summary", "instance_name",
)  # fmt: skip
_QUESTION_KEYS: Final = (
    "label", "hint", "guidance_hint", "media", "relevant", "required", "required_message", "constraint", "constraint_message",
    "calculation", "choice_filter", "default", "read_only", "save_to", "appearance", "parameters", "pii", "official", "indicator",
)  # fmt: skip
_ENTITY_KEYS: Final = ("list_name", "label", "create_if", "update_if", "entity_id")
_GROUP_KEYS: Final = ("label", "relevant", "appearance", "count")


class _Dumper(yaml.SafeDumper):
    """Writes every value out where it stands, and texts of several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (the name and shape are PyYAML's)
        return True

    def block(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _Dumper.block)


def _filled(value: Value, keys: tuple[str, ...]) -> dict[str, Any]:
    """The fields that say something, as plain data."""
    found: dict[str, Any] = {}
    for key in keys:
        field = getattr(value, key, None)
        if field is None or field is False or (not isinstance(field, bool | int | float) and not field):
            continue
        found[key] = _data(field)
    return found


def _data(field: Any) -> Any:
    if isinstance(field, Mapping):
        return {key: _data(inner) for key, inner in field.items()}
    return list(field) if isinstance(field, tuple) else field


def _choice(option: Choice) -> dict[str, Any]:
    return {"name": option.name, **_filled(option, ("label", "aliases", "media")), **option.columns}


def _item(item: Item) -> dict[str, Any]:
    if isinstance(item, Question):
        return _question(item)
    kind = "group" if isinstance(item, Group) else "repeat"
    inner = {"questions": [_item(each) for each in item.items]} if item.items else {}
    return {"type": kind, "name": item.name, **_filled(item, _GROUP_KEYS), **inner}


def _question(question: Question) -> dict[str, Any]:
    kind = Kind(question.type, question.list_name, question.file, question.answers_of, question.meta)
    found = {"name": question.name, "type": write_kind(kind), **_filled(question, _QUESTION_KEYS)}
    if question.trigger:
        found["trigger"] = references(question.trigger)
    if question.type in SILENT and question.list_name is not None:
        found |= {"type": question.type, "list": question.list_name}
    chat = _filled(question.chat, tuple(Chat.model_fields))
    if question.chat.skip is False:  # says something: otherwise a question that is not required may be skipped
        chat["skip"] = False
    if chat:
        found["chat"] = chat
    if question.next:
        found["next"] = [_jump(jump) for jump in question.next]
    if question.end is not None:
        found["end"] = {"when": question.end.when, **_filled(question.end, ("message",))}
    return found


def _jump(jump: Jump) -> dict[str, Any]:
    return {"to": jump.to, **_filled(jump, ("when",))}


def _bare(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _blank(key, inner) for key, inner in node.items()}
    return [_bare(inner) for inner in node] if isinstance(node, list | tuple) else node


def _blank(key: str, inner: Any) -> Any:
    if key == "place" and isinstance(inner, Mapping) and inner.keys() == Place.model_fields.keys():
        return Place().model_dump()
    if key == "places" and isinstance(inner, Mapping):
        return {}
    return _bare(inner)
