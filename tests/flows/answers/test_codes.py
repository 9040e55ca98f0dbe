"""Phone numbers, tax codes and e-mail addresses."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.vn import mst

from flows.answers.email import read_email
from flows.answers.phone import OLD_MOBILES, read_phone, shown_phone
from flows.answers.tax_code import read_tax_code
from tests.flows.answers.tables import PHONES, TAX_CODES


@pytest.mark.parametrize(("text", "e164"), PHONES.items())
@pytest.mark.parametrize("around", ["{}", "sđt em là {} ạ", "ĐT: {}.", "zalo {} nhé anh", "{} 🙂"])
def test_a_phone_number_is_found_in_what_is_said(text: str, e164: str, around: str) -> None:
    reading = read_phone(around.format(text))
    assert (reading.value, reading.certainty) == (e164, "sure")


@pytest.mark.parametrize(
    "text", ["091234567", "0123", "01234567890", "0612345678", "09123456789", "abc", "", "1900 1234", "3812 3456"]
)
def test_what_is_no_phone_number_gives_none(text: str) -> None:
    assert read_phone(text).value is None


@pytest.mark.parametrize(
    "text", ["912345678", "O912345678", "024 3812 3456 máy lẻ 12", "không chín một hai ba bốn năm sáu bảy tám"]
)
def test_a_phone_number_with_a_flaw_is_read_back(text: str) -> None:
    assert read_phone(text).certainty == "confirm"


@given(st.sampled_from(sorted(OLD_MOBILES.items())), st.integers(1_000_000, 9_999_999))
def test_an_old_mobile_is_read_back_in_its_new_form(prefix: tuple[str, str], rest: int) -> None:
    old, new = prefix
    reading = read_phone(f"0{old}{rest}")
    if f"{old}{rest}" in "01234567890":
        return
    assert (reading.value, reading.certainty, reading.ask) == (f"+84{new}{rest}", "confirm", "read.phone.old_form")


@pytest.mark.parametrize(
    "text",
    ["0912345678 hoặc 0987654321", "0912 345 678, 0987 654 321", "0912345678/0987654321", "0912345678 - 0987654321"],
)
def test_of_two_phone_numbers_one_is_asked_for(text: str) -> None:
    reading = read_phone(text)
    assert reading.ask == "read.phone.which_one"
    assert [each.value for each in reading.candidates] == ["+84912345678", "+84987654321"]


def test_a_foreign_number_can_be_refused() -> None:
    assert read_phone("+1 650 253 0000", foreign=False).ask == "read.phone.vietnamese"
    assert read_phone("+1 650 253 00", foreign=True).value is None


@given(
    st.integers(2_000_000_000, 9_999_999_999).map(lambda n: f"0{n}"[:11])
    | st.integers(200_000_000, 999_999_999).map(lambda n: f"0{n}")
)
def test_every_number_that_is_allocated_is_taken(national: str) -> None:
    number = phonenumbers.parse(national, "VN")
    mobile_or_fixed = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE}
    if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in mobile_or_fixed:
        assert read_phone(national).value == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.sampled_from(sorted(set(PHONES.values()))))
def test_a_phone_number_as_we_show_it_reads_as_itself(e164: str) -> None:
    assert read_phone(shown_phone(e164)).value == e164


@pytest.mark.parametrize(("text", "code"), TAX_CODES.items())
@pytest.mark.parametrize("around", ["{}", "MST: {}", "mã số thuế của em là {} ạ.", "{} nhé"])
def test_a_tax_code_is_found_in_what_is_said(text: str, code: str, around: str) -> None:
    reading = read_tax_code(around.format(text))
    assert (reading.value, reading.certainty) == (code, "sure")


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("0199999990", "check_digit"), ("0198765430", "check_digit"), ("0100000000", "check_digit"), ("0199999991-000", "check_digit"),
        ("199999991", "lost_zero"), ("01999999911", "length"), ("O199999991", "letter_o"), ("012345678901", "personal"), ("abc", "again"), ("", "again"),
    ],
)  # fmt: skip
def test_a_wrong_tax_code_says_what_is_wrong(text: str, ask: str) -> None:
    reading = read_tax_code(text)
    assert (reading.value, reading.ask) == (None, f"read.tax_code.{ask}")


@given(st.integers(0, 9_999_999_999).map(lambda n: f"{n:010}"))
def test_a_tax_code_is_taken_when_its_check_digit_fits(code: str) -> None:
    assert (read_tax_code(code).value == code) == mst.is_valid(code)


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("a@b.vn", "a@b.vn"), ("email em là An.Le@Example.COM ạ.", "An.Le@example.com"), ("<a@b.vn>", "a@b.vn"),
        ("mailto:a.b+c@d-e.com.vn", "a.b+c@d-e.com.vn"), ("dạ, a_b@c.edu.vn nhé!", "a_b@c.edu.vn"),
    ],
)  # fmt: skip
def test_an_email_address_is_found_in_what_is_said(text: str, email: str) -> None:
    reading = read_email(text)
    assert (reading.value, reading.certainty) == (email, "sure")


@pytest.mark.parametrize("text", ["a@gmial.com", "ten a còng gmail chấm com", "ten @ gmail.com", "ten@gmail.con"])
def test_an_email_address_with_a_flaw_is_read_back(text: str) -> None:
    reading = read_email(text)
    assert reading.certainty == "confirm"
    assert str(reading.value).endswith("@gmail.com")


@pytest.mark.parametrize("text", ["nguyễn@gmail.com", "a@b", "không có", "", "a..b@c.vn", "@b.vn", "a@b.vn và c@d.vn"])
def test_what_is_no_single_email_address_gives_none(text: str) -> None:
    assert read_email(text).value is None
