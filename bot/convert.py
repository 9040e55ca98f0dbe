"""A flow in another spelling: YAML, a workbook, or the XForm that ODK's own tools take."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.i18n import Words
from bot.workbooks import workbook_of
from flows.model import Flow
from flows.xlsform import flow_to_sheets
from flows.yaml_dialect import flow_to_yaml


class NotConverted(Exception):
    """Another tool does not take the form; the message is its own."""


def convert(flow: Flow, ending: str, words: Words) -> bytes:
    """The flow as the file of that ending, one of `ENDINGS`.

    Raises:
        NotConverted: pyxform does not take the form.
    """
    return _WRITERS[ending](flow, words)


def _yaml(flow: Flow, _words: Words) -> bytes:
    return flow_to_yaml(flow).encode()


def _xform(flow: Flow, _words: Words) -> bytes:
    """XForm XML by pyxform; our own keys have no place there."""
    from pyxform.errors import PyXFormError  # noqa: PLC0415 — a third of a second that no other ending should wait for
    from pyxform.xls2xform import convert as make  # noqa: PLC0415

    sheets = {
        sheet.name: [{key: cell for key, cell in row.items() if not _is_ours(key)} for row in sheet.rows]
        for sheet in flow_to_sheets(flow)
    }
    sheets["settings"] = [{**row, "allow_choice_duplicates": "yes"} for row in sheets["settings"]]
    try:
        made: str = make({**sheets}, form_name="data").xform
    except PyXFormError as wrong:
        raise NotConverted(str(wrong)) from None
    return made.encode()


def _is_ours(header: str) -> bool:
    return header.startswith(("chat::", "form_title::")) or header in {"pii", "official", "indicator"}


_WRITERS: Final[Mapping[str, Callable[[Flow, Words], bytes]]] = {
    ".yaml": _yaml,
    ".xlsx": workbook_of,
    ".xml": _xform,
}
ENDINGS: Final = tuple(_WRITERS)
