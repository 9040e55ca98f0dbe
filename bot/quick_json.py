"""JSON, read and written by pydantic's own core, which takes a third of the time; what it refuses, Python's json does."""

import json
from typing import Any, Final

from pydantic_core import PydanticSerializationError, from_json, to_json

_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def read(body: bytes | str) -> Any:
    """What the JSON says. Python's json is asked where the quick one refuses: lone surrogates, very deep nesting.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply for either.
    """
    try:
        return from_json(body, cache_strings="keys")
    except ValueError:
        return json.loads(body)


def written(value: Any) -> str:
    """The value as compact JSON, letters as they are.

    Raises:
        TypeError, ValueError: it holds what JSON has no words for.
    """
    try:
        return to_json(value).decode()
    except (PydanticSerializationError, ValueError):  # a lone surrogate, for one
        return _ENCODE(value)
