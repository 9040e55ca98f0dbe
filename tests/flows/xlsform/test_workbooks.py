"""Bytes that are a workbook are read, whatever their name says; bytes that are not are told, and none does harm."""

import io
import os
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sheets import BYTES_MAX, UNPACKED_MAX, draft_workbook, is_workbook, read_workbook
from flows.problems import BadFlow
from tests.corpus import forms

SHARED: Final = os.environ.get("KHAOSAT_SHARED", "")
MARKDOWN: Final = "| survey |\n| | type | name | label |\n| | text | a | Tên của anh/chị? |\n"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"


def workbook(cells: str) -> bytes:
    """An .xlsx of one sheet `survey` with these rows of XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SPREADSHEET}.worksheet+xml"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Survey" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        package.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        )
    return out.getvalue()


def cell(where: str, words: str) -> str:
    return f'<c r="{where}" t="inlineStr"><is><t>{words}</t></is></c>'


SMALL: Final = workbook(
    f'<row r="1">{cell("A1", "type")}{cell("B1", "name")}{cell("C1", "label")}</row>'
    f'<row r="3">{cell("A3", "integer")}<c r="B3"><v>7.0</v></c>{cell("C3", "Tuổi")}</row>'
)


def refused(data: bytes, name: str = "form.xlsx") -> str:
    with pytest.raises(BadFlow) as bad:
        read_workbook(data, name)
    return bad.value.problems[0].code


@pytest.mark.parametrize("name", ["form.xlsx", "form.xls", "form.csv", "form"])
def test_a_workbook_is_known_by_its_bytes_and_not_by_its_name(name: str) -> None:
    (sheet,) = read_workbook(SMALL, name)
    assert (sheet.name, sheet.headers) == ("survey", ("type", "name", "label"))
    assert [(row.number, row.cells["name"]) for row in sheet.rows] == [(3, "7")]


def test_a_text_becomes_a_flow_without_a_complaint() -> None:
    flow, problems = draft_workbook(MARKDOWN.encode(), "form.md")
    assert flow is not None
    assert [q.name for q in flow.questions()] == ["a"]
    assert [p for p in problems if p.is_error] == []
    assert is_workbook("form.MD")


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert refused(b"PK\x03\x04" + b"0" * BYTES_MAX) == "sheet_too_large"


def test_a_package_that_unpacks_to_too_much_is_not_unpacked() -> None:
    bomb = workbook("<row/>" + " " * UNPACKED_MAX)
    assert len(bomb) < BYTES_MAX
    assert refused(bomb) == "sheet_too_large"


def test_a_package_that_lies_about_its_sizes_is_counted_as_it_comes_out() -> None:
    bomb = bytearray(workbook("<row/>" + " " * UNPACKED_MAX))
    real = (len(f'<worksheet xmlns="{_MAIN}"><sheetData><row/></sheetData></worksheet>') + UNPACKED_MAX).to_bytes(
        4, "little"
    )
    assert bomb.count(real) == 2  # in the part's own head, and in the table of contents
    assert refused(bytes(bomb.replace(real, (1000).to_bytes(4, "little")))) in {"sheet_too_large", "sheet_unreadable"}


def test_more_rows_than_a_form_can_have_are_told() -> None:
    data = workbook("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 100_000)))
    flow, problems = draft_workbook(data, "form.xlsx")
    assert flow is None
    assert [p.code for p in problems] == ["sheet_too_large"]


def test_merged_cells_formulas_dates_and_hidden_sheets_are_read() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        survey, choices = book.add_worksheet("survey"), book.add_worksheet("choices")
        choices.hide()
        survey.write_row(0, 0, ["type", "name", "label", "default"])
        survey.merge_range(1, 0, 2, 0, "date")
        survey.write_row(1, 1, ["born", "Ngày sinh?"])
        survey.write_datetime(1, 3, datetime(1990, 5, 6, tzinfo=None), book.add_format({"num_format": "dd/mm/yyyy"}))  # noqa: DTZ001
        survey.write_row(3, 0, ["select_one yn", "ok", "Được?"])
        survey.write_formula(4, 0, '="te"&"xt"', None, "text")
        survey.write_row(4, 1, ["last", "Cuối?"])
        choices.write_row(0, 0, ["list_name", "name", "label"])
        choices.write_row(1, 0, ["yn", 1, "Có"])
        choices.write_row(2, 0, ["yn", 0, "Không"])
    flow, problems = draft_workbook(out.getvalue(), "form.xlsx")
    assert flow is not None, problems
    assert [(q.name, q.type) for q in flow.questions()] == [("born", "date"), ("ok", "select_one"), ("last", "text")]
    assert [choice.name for choice in flow.choices["yn"]] == ["1", "0"]


def test_cells_that_stand_too_far_apart_are_not_given_room() -> None:
    assert refused(workbook(f'<row r="1048576">{cell("XFD1048576", "x")}</row>')) == "sheet_too_large"


def test_cells_that_do_not_say_where_they_are_are_measured_too() -> None:
    far = '<row r="1"><c><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c>" * 16_384 + "</row>"
    assert refused(workbook(far)) == "sheet_too_large"


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"\xff\xfe\xfa", b"%PDF-1.7 \xff"])
def test_what_is_no_workbook_is_called_so(data: bytes) -> None:
    assert refused(data) == "sheet_not_workbook"


def test_an_empty_package_is_unreadable() -> None:
    assert refused(b"PK\x03\x04") == "sheet_unreadable"


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b""]), st.binary(max_size=700))
def test_any_bytes_are_read_or_told(magic: bytes, rest: bytes) -> None:
    flow, problems = draft_workbook(magic + rest, "form.xls")
    assert flow is not None or problems


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SMALL)), st.integers(0, 60), st.binary(max_size=6))
def test_a_workbook_torn_apart_is_read_or_told(at: int, cut: int, put: bytes) -> None:
    flow, problems = draft_workbook(SMALL[:at] + put + SMALL[at + cut :], "form.xlsx")
    assert flow is not None or problems


# Forms of others.


@pytest.mark.skipif(not SHARED, reason="KHAOSAT_SHARED does not say where the shared folder is")
def test_real_forms_are_read_without_a_crash_and_most_of_them_run() -> None:
    figures, lines = forms.run(Path(SHARED) / "corpus" / "xlsform", seeds=(1,), steps=150)
    assert figures["crashed"] == 0, lines
    assert figures["refused_without_place_or_remedy"] == 0, lines
    assert figures["read"] == figures["forms"] == 138
    assert figures["runs"] >= 130, lines
    assert figures["walked"] >= 70, lines  # the others are longer, or have constraints that no guess meets
