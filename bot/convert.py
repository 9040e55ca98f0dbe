"""A flow in another spelling: YAML, a workbook, or the XForm that ODK's own tools take."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.i18n import Words
from bot.judge import ask_judge
from bot.workbooks import workbook_of
from flows.model import Flow
from flows.xlsform import flow_to_sheets, make_sheet, plain_sheets
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
    sheets = [
        make_sheet(
            sheet.name, [sheet.headers, *([row.get(header, "") for header in sheet.headers] for row in sheet.rows)]
        )
        for sheet in flow_to_sheets(flow)
    ]
    verdict = ask_judge(plain_sheets(sheets))
    if verdict.refused:
        raise NotConverted(verdict.refused)
    return verdict.xform.encode()


_WRITERS: Final[Mapping[str, Callable[[Flow, Words], bytes]]] = {
    ".yaml": _yaml,
    ".xlsx": workbook_of,
    ".xml": _xform,
}
ENDINGS: Final = tuple(_WRITERS)
