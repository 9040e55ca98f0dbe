"""What people write on a phone, in a hurry and without marks: read, read back, or asked about; never guessed."""

from datetime import date

import pytest

from flows.answers.dates import read_date
from flows.answers.money import read_money
from flows.answers.number import Kind, read_number
from flows.answers.phone import read_phone
from flows.answers.place import read_ward
from flows.answers.tax_code import read_tax_code
from flows.answers.years import with_years
from flows.answers.yes_no import read_yes_no
from tests.flows.answers.test_place import GAZETTEER

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "vnd", "certainty"),
    [
        ("tam tram trieu", 800_000_000, "confirm"),  # "tám trăm" or "tầm trăm"
        ("tam muoi trieu", 80_000_000, "confirm"),
        ("tam tam tram trieu", 800_000_000, "confirm"),
        ("gan tam tram trieu", 800_000_000, "confirm"),
        ("tam ty", 8_000_000_000, "confirm"),
        ("tam 3 ti", 3_000_000_000, "sure"),
        ("tầm tầm 3 tỷ", 3_000_000_000, "sure"),
        ("hơn tỷ", 1_000_000_000, "confirm"),
        ("gan ty", 1_000_000_000, "confirm"),
        ("gan ty ruoi", 1_500_000_000, "sure"),
        ("2ty5", 2_500_000_000, "sure"),
        ("1tỉ rưỡi", 1_500_000_000, "sure"),
        ("1/2 tỷ", 500_000_000, "confirm"),
        ("¼ tỷ", 250_000_000, "confirm"),
        ("một phần tư tỷ", 250_000_000, "confirm"),
        ("một phần ba tỷ", None, "vague"),
        ("500 hoặc 600 triệu", None, "vague"),
        ("vai tram trieu", None, "vague"),
        ("cả tỷ", None, "vague"),
        ("tỷ lệ 5", None, "none"),
    ],
)
def test_money(text: str, vnd: int | None, certainty: str) -> None:
    reading = read_money(text)
    assert (reading.value, reading.certainty) == (vnd, certainty)


def test_two_amounts_with_one_unit_are_both_told() -> None:
    found = read_money("500 hoặc 600 triệu")
    assert [one.value for one in found.candidates] == [500_000_000, 600_000_000]


@pytest.mark.parametrize(
    ("text", "kind", "value", "certainty"),
    [
        ("một phần ba", "percent", 33.33, "confirm"),
        ("ba phần tư", "percent", 75, "confirm"),
        ("½", "percent", 50, "confirm"),
        ("mười phần trăm", "percent", 10, "sure"),
        ("ba phần tư", "decimal", None, "vague"),
        ("1/3", "integer", None, "vague"),
        ("tam muoi", "integer", 80, "confirm"),
    ],
)
def test_numbers(text: str, kind: Kind, value: float | None, certainty: str) -> None:
    reading = read_number(text, kind)
    assert (reading.value, reading.certainty) == (value, certainty)


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("năm hai nghìn hai mươi lăm", "2025-12-31", "year"),
        ("nam hai nghin khong tram hai muoi bon", "2024-12-31", "year"),
        ("năm hai không hai lăm", "2025-12-31", "year"),
        ("hai ngàn lẻ chín", "2009-12-31", "year"),
        ("một chín chín tám", "1998-12-31", "year"),
        ("một nghìn chín trăm tám mươi", "1980-12-31", "year"),
        ("20/11 năm hai không hai tư", "2024-11-20", "day"),
        ("ngày hai mươi tháng mười một năm hai nghìn không trăm hai mươi bốn", "2024-11-20", "day"),
        ("th11 2026", "2026-11-30", "month"),
    ],
)
def test_years_in_words(text: str, iso: str, precision: str) -> None:
    reading = read_date(text, TODAY)
    assert (reading.value, reading.precision) == (iso, precision)


@pytest.mark.parametrize("text", ["hai năm nữa", "hai nghìn người", "năm hai", "một chín", "hai không"])
def test_other_numbers_are_no_years(text: str) -> None:
    assert with_years(text) == text


@pytest.mark.parametrize(
    "text", ["tháng chạp", "23 tháng chạp", "10/3 âm lịch", "rằm tháng bảy", "mùng 1 Tết", "20/11 al"]
)
def test_lunar_dates_are_asked_back(text: str) -> None:
    reading = read_date(text, TODAY)
    assert (reading.value, reading.ask) == (None, "read.date.lunar")


@pytest.mark.parametrize(
    "text",
    [
        "0912 345 678", "0912.345.678", "0912,345,678", "0912/345/678", "+84 912 345 678", "0084912345678", "84912345678",
        "(+84) 912-345-678", "+84 (0) 912 345 678", "84 91 234 56 78", "không chín mốt hai ba bốn lăm sáu bảy tám",
    ],
)  # fmt: skip
def test_phones(text: str) -> None:
    assert read_phone(text).value == "+84912345678"


@pytest.mark.parametrize("text", ["0912345678,0987654321", "0912345678/0987654321", "0912 345 678 hoặc 0987 654 321"])
def test_two_phones_are_asked_about(text: str) -> None:
    assert read_phone(text).ask == "read.phone.which_one"


@pytest.mark.parametrize("mark", ["-", " ", "", "/", ".", "_", "–", " chi nhánh "])
def test_branches_are_never_lost(mark: str) -> None:
    assert read_tax_code(f"0100109106{mark}001").value == "0100109106-001"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, "yes") for text in ("uk", "ukm", "uki bạn", "uk em", "ừa", "vag", "of course", "right")),
        *((text, "no") for text in ("hổng có", "hk", "khg", "kco", "khom", "hok", "hk có", "never", "wrong")),
        *((text, None) for text in ("k bt", "uk mà chưa", "no problem", "hok bít")),
    ],
)
def test_yes_and_no_as_they_are_typed(text: str, value: str | None) -> None:
    assert read_yes_no(text).value == value


@pytest.mark.parametrize("text", ["minh khai hbt", "Minh Khai, HBT", "P. Minh Khai, Q.HBT", "minh khai q hbt"])
def test_districts_by_their_letters(text: str) -> None:
    assert read_ward(text, GAZETTEER).value == "00256"


@pytest.mark.parametrize("text", ["CG", "q. cg", "quận CG"])
def test_a_district_by_its_letters_alone_is_asked_about(text: str) -> None:
    reading = read_ward(text, GAZETTEER)
    assert (reading.value, reading.ask) == (None, "read.ward.which_in_district")
