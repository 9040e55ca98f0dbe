"""XLSForm: sheets of rows → a flow, as people really write them, and what stands in the way."""

from flows.xlsform.importer import Other, to_flow
from flows.xlsform.notes import CODES, WARNINGS, lived_with
from flows.xlsform.plain import plain_sheets
from flows.xlsform.sheets import COLUMNS_MAX, READ, ROWS_MAX, Row, Sheet, make_sheet
from flows.xlsform.texts import read_csv, read_markdown
from flows.xlsform.writer import Written, flow_to_sheets

__all__ = [
    "CODES",
    "COLUMNS_MAX",
    "READ",
    "ROWS_MAX",
    "WARNINGS",
    "Other",
    "Row",
    "Sheet",
    "Written",
    "flow_to_sheets",
    "lived_with",
    "make_sheet",
    "plain_sheets",
    "read_csv",
    "read_markdown",
    "to_flow",
]
