"""A flow as a workbook that people open and edit: widths, frozen headers, lists of types, and a sheet that explains."""

import datetime as dt
import io
from typing import Any, Final

from bot.i18n import LANGUAGES, Words
from flows.model import Flow
from flows.xlsform import Written, flow_to_sheets

WIDTHS: Final = {"type": 26, "name": 24, "list_name": 22, "label": 46, "hint": 34, "constraint": 34, "relevant": 34}
WIDTH: Final = 20
TYPES: Final = (
    "begin_group", "end_group", "begin_repeat", "end_repeat", "note", "text", "integer", "decimal", "range", "acknowledge",
    "date", "time", "datetime", "geopoint", "geotrace", "geoshape", "image", "audio", "video", "file", "calculate", "hidden",
)  # fmt: skip
GUIDE: Final = "Hướng dẫn"
KINDS: Final = "types"  # a hidden sheet: a rule of its own holds 255 characters
EXPLAINED: Final = {  # column: an example
    "type": "select_one giai_doan",
    "name": "ten_doanh_nghiep",
    "label::Tiếng Việt (vi)": "Tên doanh nghiệp của anh/chị?",
    "hint::Tiếng Việt (vi)": "Ghi như trên giấy đăng ký.",
    "guidance_hint::Tiếng Việt (vi)": "Để gọi đúng tên khi liên hệ lại.",
    "required": "yes",
    "relevant": "${giai_doan} = 'tang_truong'",
    "constraint": ". >= 0 and . <= 10000",
    "constraint_message::Tiếng Việt (vi)": "Xin anh/chị nhập một số từ 0 đến 10.000.",
    "calculation": "${von} * 0.1",
    "choice_filter": "tinh = ${tinh}",
    "default": "1",
    "read_only": "yes",
    "appearance": "month-year",
    "parameters": "start=1 end=5 step=1",
    "repeat_count": "${so_thanh_vien}",
    "pii": "basic",
    "chat::parse": "money_vi",
    "chat::next": "lien_he if ${da_co_doanh_thu} = 'chua'",
    "chat::end": "${dong_y} = 'no'",
    "list_name": "giai_doan",
    "form_id": "nhu_cau_ho_tro",
    "version": "2026-11",
    "default_language": "Tiếng Việt (vi)",
}
ROWS_LISTED: Final = 2000  # rows below the last that still offer the list of types


def workbook_of(flow: Flow, words: Words) -> bytes:
    """The flow as an .xlsx. The same flow gives the same bytes."""
    import xlsxwriter  # noqa: PLC0415 — a quarter of a second that no other command should wait for

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": flow.name, "created": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)})
    head = book.add_format({"bold": True, "bg_color": "#0b6b4b", "font_color": "#ffffff", "valign": "top", "border": 1})
    cell = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    group = book.add_format(
        {"text_wrap": True, "valign": "top", "num_format": "@", "bg_color": "#dff1e8", "bold": True}
    )
    offered = [
        *TYPES,
        *(f"{kind} {name}" for kind in ("select_one", "select_multiple", "rank") for name in flow.choices),
    ]
    for written in flow_to_sheets(flow):
        _sheet(book.add_worksheet(written.name), written, (head, cell, group), offered)
    _guide(book.add_worksheet(GUIDE), words, head, cell)
    kinds = book.add_worksheet(KINDS)
    kinds.hide()
    for row, kind in enumerate(offered):
        kinds.write_string(row, 0, kind)
    book.close()
    return out.getvalue()


def _sheet(sheet: Any, written: Written, formats: tuple[Any, Any, Any], offered: list[str]) -> None:
    head, cell, group = formats
    sheet.freeze_panes(1, 2 if written.name != "settings" else 0)
    for column, header in enumerate(written.headers):
        sheet.set_column(column, column, WIDTHS.get(header.split("::")[0], WIDTH), cell)
        sheet.write_string(0, column, header, head)
    for number, row in enumerate(written.rows, start=1):
        bold = row.get("type", "").startswith(("begin_", "end_"))
        for column, header in enumerate(written.headers):
            if header in row:
                sheet.write_string(number, column, row[header], group if bold else cell)
    if written.name == "survey":  # another type may be typed: the list only offers
        last = len(written.rows) + ROWS_LISTED
        offer = {"validate": "list", "source": f"={KINDS}!$A$1:$A${len(offered)}", "error_type": "information"}
        sheet.data_validation(1, 0, last, 0, offer)
    sheet.autofilter(0, 0, max(len(written.rows), 1), len(written.headers) - 1)


def _guide(sheet: Any, words: Words, head: Any, cell: Any) -> None:
    """Each column with what it is for, in every language of ours, and an example."""
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 34, cell)
    sheet.set_column(1, len(LANGUAGES), 60, cell)
    sheet.set_column(len(LANGUAGES) + 1, len(LANGUAGES) + 1, 40, cell)
    titles = ["", *(words.say(lang, "workbook.title") for lang in LANGUAGES), words.say("vi", "workbook.example")]
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, head)
    for row, (header, example) in enumerate(EXPLAINED.items(), start=1):
        sheet.write_string(row, 0, header, cell)
        for column, lang in enumerate(LANGUAGES, start=1):
            sheet.write_string(row, column, words.say(lang, _key(header)), cell)
        sheet.write_string(row, len(LANGUAGES) + 1, example, cell)


def _key(header: str) -> str:
    name = header.removeprefix("chat::").split("::")[0]
    return f"workbook.{name}"
