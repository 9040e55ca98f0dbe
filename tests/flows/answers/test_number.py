import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.answers.number import read_number
from flows.answers.reading import Range
from tests.flows.answers.tables import DECIMALS, INTEGERS

FIGURES = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def in_words(n: int) -> str:
    """A number below 1000 as it is said: the rule of the language, written a second time for the test."""
    hundreds, rest = divmod(n, 100)
    tens, ones = divmod(rest, 10)
    words = [FIGURES[hundreds], "trăm"] if hundreds else []
    if tens == 0:
        return " ".join(
            [*words, *(["linh"] if hundreds and ones else []), *([FIGURES[ones]] if ones or not hundreds else [])]
        )
    words += ["mười"] if tens == 1 else [FIGURES[tens], "mươi"]
    if ones:
        words.append("lăm" if ones == 5 else "mốt" if ones == 1 and tens > 1 else FIGURES[ones])
    return " ".join(words)


@pytest.mark.parametrize(("text", "number"), INTEGERS.items())
def test_a_whole_number_is_taken(text: str, number: int) -> None:
    reading = read_number(text, "integer")
    assert (reading.value, reading.certainty) == (number, "sure")


@pytest.mark.parametrize(("text", "number"), DECIMALS.items())
def test_a_decimal_number_is_taken(text: str, number: float) -> None:
    reading = read_number(text)
    assert (reading.value, reading.certainty) == (number, "sure")


@pytest.mark.parametrize(("text", "number"), [("12,5%", 12.5), ("mười hai phần trăm", 12), ("100 %", 100), ("7", 7)])
def test_a_percentage_is_in_percent(text: str, number: float) -> None:
    assert read_number(text, "percent").value == number


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("1.200", "decimal", 1200),
        ("0,5", "percent", 0.5),
        ("không có ai", "integer", 0),
        ("không", "integer", 0),
        ("một nửa", "percent", 50),
    ],
)
def test_what_has_two_readings_is_read_back(text: str, kind: str, number: float) -> None:
    reading = read_number(text, "integer" if kind == "integer" else "percent" if kind == "percent" else "decimal")
    assert (reading.value, reading.certainty) == (number, "confirm")


@pytest.mark.parametrize(
    "text",
    [
        "vài người",
        "không biết",
        "5 nam 3 nữ",
        "abc",
        "",
        "0912345678",
        "chưa rõ ạ",
        "12,5",
        "1,5 (1,5)",
        "1,5 - 2 người",
        "nửa chục",
        "một tá",
    ],
)
def test_what_is_no_whole_number_gives_none(text: str) -> None:
    reading = read_number(text, "integer")
    assert reading.value is None
    assert reading.ask is not None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("3-5 người", (3, 5)),
        ("hai ba người", (2, 3)),
        ("từ 3 đến 5", (3, 5)),
        ("trên 10", (10, None)),
        ("10+", (10, None)),
        ("dưới 10 người", (None, 10)),
    ],
)
def test_a_range_of_numbers_has_its_ends(text: str, ends: tuple[int | None, int | None]) -> None:
    reading = read_number(text, "integer")
    assert (reading.value, reading.certainty) == (Range(*ends), "confirm")


def test_a_negative_number_is_refused_where_none_can_be() -> None:
    assert read_number("-5", "integer").value == -5
    assert read_number("-5", "integer", allow_negative=False).ask == "read.number.no_negative"


@given(st.integers(0, 999))
def test_every_number_below_a_thousand_is_read_in_words(n: int) -> None:
    assert read_number(f"{in_words(n)} người", "integer").value == n


@given(st.integers(1, 999), st.integers(1, 999))
def test_thousands_in_words_are_read(thousands: int, rest: int) -> None:
    text = f"{in_words(thousands)} nghìn {in_words(rest) if rest >= 100 else 'không trăm ' + ('linh ' if rest < 10 else '') + in_words(rest)}"
    assert read_number(text, "integer").value == thousands * 1000 + rest
