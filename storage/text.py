"""Text as both databases can keep it: without NUL, lone surrogates and other control characters."""

import json
import re
from typing import Any, Final

_CONTROL: Final = bytes(code for code in range(0x20) if code not in b"\n\t")
_ODD: Final = dict.fromkeys(_CONTROL) | {0: "\ufffd"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    r"""The same text; NUL and lone surrogates become U+FFFD, control characters other than newline and tab go.

    SQLite cuts a text at NUL, PostgreSQL refuses it, and neither driver takes a lone surrogate: so it is done here, for
    every text that goes in, and both databases keep the same.

    >>> clean("a\x00b\r\n\ud800")
    'a�b\n�'
    """
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return clean(_SURROGATE.sub("\ufffd", text))
    if len(data.translate(None, _CONTROL)) == len(data):
        return text
    return text.translate(_ODD)


def dumps(value: Any) -> str:
    """The value as compact JSON, its texts cleaned also where JSON would have hidden them behind an escape."""
    return json.dumps(_cleaned(value), ensure_ascii=False, separators=(",", ":"))


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(str(key)): _cleaned(item) for key, item in value.items()}
        case list() | tuple():
            return [_cleaned(item) for item in value]
        case _:
            return value
