"""Answers as people type them in a chat: with courtesy, slips, short forms, and more than was asked for."""

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.answers import Kind, Options, Range, read_answer, read_command, read_consent, read_options
from flows.answers.option import Named
from tests.flows.answers.test_place import GAZETTEER

M: Final = 1_000_000
TODAY: Final = date(2026, 11, 23)
NEEDS: Final = Options(
    (
        Named("capital", ("Vốn", "tiền")),
        Named("people", ("Nhân lực",)),
        Named("market", ("Thị trường và khách hàng",)),
        Named("space", ("Không gian làm việc",)),
        Named("nothing", ("Không có nhu cầu nào",)),
    )
)

SURE: Final[tuple[tuple[Kind, str, object], ...]] = (
    ("money", "1ty2", 1200 * M), ("money", "2tỷ rưỡi nhé", 2500 * M), ("money", "900tr nha em", 900 * M), ("money", "５００ triệu", 500 * M), ("money", "2 bil", 2000 * M), ("money", "mot ti hai", 1200 * M), ("money", "bon ty", 4000 * M), ("money", "muoi lam trieu", 15 * M),
    ("money", "hơn 500 triệu một chút", 500 * M), ("money", "💰 2 tỷ!!!", 2000 * M), ("money", "vốn điều lệ 5 tỷ", 5000 * M), ("money", "bay tram nam muoi trieu", 750 * M),
    ("number", "12ng ạ", 12), ("number", "cty có 12 nv", 12), ("number", "team em 12 mạng", 12), ("number", "mới có 12", 12), ("number", "từ năm 2020", 2020),
    ("number", "5 năm rưỡi", 5.5), ("number", "năm năm", 5), ("number", "năm người", 5), ("percent", "10 phần trăm rưỡi", 10.5), ("integer", "khoảng 1.200", 1200),
    ("phone", "sđt em là 0912_345_678 (zalo)", "+84912345678"), ("phone", "gọi 0912 345 678 gặp chị Lan", "+84912345678"),
    ("tax_code", "0199999991 chi nhánh 001", "0199999991-001"), ("tax_code", "MST em là 0199999991 ạ", "0199999991"),
    ("date", "mai nha em", "2026-11-24"), ("date", "20,11,2026", "2026-11-20"), ("yes_no", "okkkk", "yes"), ("yes_no", "vânggg ạ", "yes"), ("yes_no", "r ạ", "yes"), ("yes_no", "đương nhiên", "yes"), ("yes_no", "ko dc", "no"),
    ("yes_no", "hok có", "no"), ("yes_no", "chưa phải", "no"), ("yes_no", "làm gì có", "no"), ("yes_no", "tất nhiên là không", "no"), ("yes_no", "not yet", "no"), ("yes_no", "dạ không đúng ạ", "no"), ("yes_no", "ô kê", "yes"),
    ("option", "②", "people"), ("option", "cái thứ hai", "people"), ("option", "làm việc", "space"), ("option", "khong gian", "space"),
    ("province", "thủ đô Hà Nội", "01"),
)  # fmt: skip
TO_CONFIRM: Final[tuple[tuple[Kind, str, object], ...]] = (
    ("money", "2 tỷ/3 năm", 2000 * M), ("money", "bên em cần 2 tỷ để mua máy", 2000 * M), ("money", "em cần tầm 3 tỷ trong 2 năm", 3000 * M),
    ("money", "3 ty trong 2 nam", 3000 * M), ("money", "50 triệu/tháng", 50 * M), ("money", ",5 tỷ", 500 * M), ("money", "1 tỷ 50", 1500 * M), ("money", "doanh thu 2025 là 5 tỷ", 5000 * M),
    ("money", "khoang 500 toi 700 tr", Range(500 * M, 700 * M)), ("number", "20 toi 25", Range(20, 25)), ("number", "tam muoi nguoi", 80), ("number", "20 tới 25", Range(20, 25)), ("number", "ko có ai", 0),
    ("date", "tuần sau nữa", "2026-12-13"), ("date", "thứ tư tuần sau nữa", "2026-12-09"), ("date", "next monday", "2026-11-30"), ("date", "đầu tháng 3/2027", "2027-03-01"), ("date", "in 2 weeks", "2026-12-07"), ("money", "800-1 tỷ", Range(800 * M, 1000 * M)),
    ("date", "trước ngày 20/12/2026", "2026-12-20"), ("date", "từ 12/5/2019", "2019-05-12"), ("date", "12 2026", "2026-12-31"), ("date", "năm kia", "2024-12-31"),
    ("date", "nửa đầu năm 2027", "2027-06-30"), ("date", "6 tháng đầu năm sau", "2027-06-30"), ("date", "noel", "2026-12-25"), ("date", "tết dương lịch", "2027-01-01"),
    ("province", "da nag", "48"), ("ward", "Hòa Lạk", "09988"), ("option", "B", "people"), ("option", "đáp án b", "people"),
)  # fmt: skip
ASKED: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("money", "2 tỷ mấy", "bands"), ("money", "vài trăm triệu", "bands"), ("money", "1.500", "which_unit"), ("money", "tỷ trọng 5%", "again"), ("money", "ty trong 5%", "again"), ("money", "$50k", "foreign"), ("money", "−5 triệu", "no_negative"),
    ("number", "12 trên 15", "which_one"), ("number", "3 năm 6 tháng", "which_one"),
    ("date", "từ 1/1 đến 31/3/2027", "which_one"), ("date", "2019 đến 2021", "which_one"), ("date", "quý 5/2026", "no_such_day"), ("date", "25 tháng chạp âm", "lunar"),
    ("number", "đôi ba người", "again"), ("date", "20-25/11", "which_one"), ("date", "mùng 1 tết", "lunar"), ("date", "trung thu", "lunar"),
    ("date", "29/2/2023", "no_such_day"), ("tax_code", "0199999991 0123456787", "which_one"), ("tax_code", "0199999991-01", "length"), ("tax_code", "001099012345", "personal"),
    ("yes_no", "có nhưng chưa nhiều", "which"), ("yes_no", "chắc là có", "which"), ("yes_no", "không sao", "which"), ("yes_no", "sắp có", "which"),
    ("option", "1 hoặc 2", "which"), ("option", "vốn hoặc nhân lực", "which"), ("option", "-1", "out_of_range"), ("option", "trừ vốn", "again"),
    ("option", "không phải vốn", "again"), ("option", "không biết", "again"), ("ward", "không biết", "again"), ("yes_no", "k bik", "which"), ("province", "tây nguyên", "again"),
)  # fmt: skip


def read(kind: Kind, text: str) -> tuple[object, str, str | None]:
    reading = read_answer(kind, text, today=TODAY, options=NEEDS, gazetteer=GAZETTEER)
    return reading.value, reading.certainty, reading.ask


@pytest.mark.parametrize(("kind", "text", "value"), SURE)
def test_what_is_clear_is_taken(kind: Kind, text: str, value: object) -> None:
    assert read(kind, text) == (value, "sure", None)


@pytest.mark.parametrize(("kind", "text", "value"), TO_CONFIRM)
def test_what_is_risky_is_read_back(kind: Kind, text: str, value: object) -> None:
    found, certainty, _ = read(kind, text)
    assert (found, certainty) == (value, "confirm")


@pytest.mark.parametrize(("kind", "text", "ask"), ASKED)
def test_what_is_unclear_is_asked_back_and_never_guessed(kind: Kind, text: str, ask: str) -> None:
    value, _, asked = read(kind, text)
    assert (value, asked) == (None, f"read.{kind}.{ask}")


@pytest.mark.parametrize(
    ("text", "names", "certainty"),
    [
        ("1,3 và 5", "capital market nothing", "sure"), ("vốn với khách hàng ạ", "capital market", "sure"), ("từ 1 đến 3", "capital people market", "confirm"),
        ("tất cả", "capital people market space", "confirm"), ("cả 4", "capital people market space", "confirm"), ("tất cả trừ 2", "capital market space", "confirm"),
        ("hết trừ vốn và nhân lực", "market space", "confirm"), ("cả 2", None, "vague"), ("vốn, không cần nhân lực", None, "vague"), ("không chọn gì", "nothing", "confirm"), ("vốn chứ không phải nhân lực", None, "none"),
        ("tất cả trừ xe đạp", None, "none"),
    ],
)  # fmt: skip
def test_several_options_are_named_counted_and_left_out(text: str, names: str | None, certainty: str) -> None:
    reading = read_options(text, NEEDS)
    assert (reading.value, reading.certainty) == (names, certainty)


@pytest.mark.parametrize(
    "text", ["ok", "dạ", "đồng ý", "👍", "1", "tôi đồng ý 👍", "tôi đồng ý nhưng đừng gọi", "tôi chưa đồng ý"]
)
def test_nothing_but_the_words_of_a_button_is_consent(text: str) -> None:
    assert read_consent(text, "Tôi đồng ý", "Tôi không đồng ý").value is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("dạ cho em quay lại câu trước ạ", "back"), ("bo qua", "skip"), ("em muốn dừng", "stop"), ("cho em gặp cán bộ ạ", "human"), ("English please", "language:en"),
        ("dừng chân ở Hà Nội", None), ("gửi cho đối tác", None),
    ],
)  # fmt: skip
def test_words_that_steer_the_talk_are_told_from_answers(text: str, command: str | None) -> None:
    assert read_command(text).value == command


@given(
    row=st.sampled_from([row for row in SURE if row[0] != "option"]),
    before=st.sampled_from(["", "dạ ", "Dạ, ", "em ơi ", "😀 ", "  "]),
    behind=st.sampled_from(["", " ạ", " nhé", " ạ.", " nha em", "!", " 🙏", "   "]),
    change=st.sampled_from(
        [str, str.upper, lambda text: unicodedata.normalize("NFD", text), lambda text: text.replace(" ", "  ")]
    ),
)
def test_courtesy_capitals_marks_apart_and_blanks_change_nothing(
    row: tuple[Kind, str, object], before: str, behind: str, change: Callable[[str], str]
) -> None:
    kind, text, value = row
    assert read(kind, change(before + text + behind)) == (value, "sure", None)
