import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.answers.money import read_money
from flows.answers.reading import Range
from flows.answers.text import fold
from tests.flows.answers.tables import (
    MONEY,
    MONEY_FOREIGN,
    MONEY_RANGES,
    MONEY_REFUSED,
    MONEY_TO_CONFIRM,
    M,
    T,
)

BEFORE = (
    "",
    "dạ ",
    "Dạ, ",
    "em nghĩ là ",
    "khoảng ",
    "chắc tầm ",
    "bên em có ",
    "vốn của em là ",
    "thưa anh ",
    "doanh thu: ",
    "😀 ",
)
BEHIND = ("", " ạ", " nhé", " ạ.", " thôi ạ", " anh ơi", "!", " nha em", " 🙂", " ạ, em cảm ơn")


@pytest.mark.parametrize(("text", "vnd"), MONEY.items())
def test_an_amount_with_its_unit_is_taken(text: str, vnd: int) -> None:
    reading = read_money(text)
    assert (reading.value, reading.certainty, reading.ask) == (vnd, "sure", None)


@pytest.mark.parametrize(("text", "vnd"), MONEY_TO_CONFIRM.items())
def test_a_risky_amount_is_read_back(text: str, vnd: int) -> None:
    reading = read_money(text)
    assert (reading.value, reading.certainty) == (vnd, "confirm")


@pytest.mark.parametrize(("text", "ends"), MONEY_RANGES.items())
def test_a_range_has_its_ends(text: str, ends: tuple[int | None, int | None]) -> None:
    assert read_money(text).value == Range(*ends)


@pytest.mark.parametrize("text", MONEY_REFUSED)
def test_what_is_no_amount_gives_none(text: str) -> None:
    reading = read_money(text)
    assert reading.value is None
    assert reading.certainty in {"vague", "none"}
    assert reading.ask is not None


@pytest.mark.parametrize(("text", "amount"), MONEY_FOREIGN.items())
def test_another_currency_is_named_and_not_converted(text: str, amount: tuple[str, int]) -> None:
    reading = read_money(text)
    assert (reading.value, reading.ask) == (None, "read.money.foreign")
    assert (reading.currency, reading.facts["amount"]) == amount


@pytest.mark.parametrize("text", ["lỗ 200 triệu", "-200tr", "âm 200 triệu", "bên em lỗ khoảng 200 triệu ạ"])
def test_a_loss_is_taken_only_where_it_is_asked_for(text: str) -> None:
    assert read_money(text, allow_negative=True).value == -200 * M
    assert read_money(text).ask == "read.money.no_negative"


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("500", "which_unit"),
        ("1.500", "which_unit"),
        ("vài tỷ", "bands"),
        ("5 cây vàng", "gold"),
        ("chưa biết", "bands"),
    ],
)
def test_each_refusal_says_what_is_missing(text: str, ask: str) -> None:
    assert read_money(text).ask == f"read.money.{ask}"


def test_a_loss_between_two_amounts_is_one_range() -> None:
    assert read_money("lỗ 100-200 triệu", allow_negative=True).value == Range(-200 * M, -100 * M)
    assert read_money("-5 đến 10 triệu", allow_negative=True).value == Range(-5 * M, 10 * M)


def test_about_is_kept_as_a_note() -> None:
    assert read_money("khoảng 2 tỷ").approx
    assert not read_money("2 tỷ").approx


def test_a_mark_that_makes_another_word_is_not_overlooked() -> None:
    assert read_money("2 tỷ").value == read_money("2 ty").value == 2 * T
    assert read_money("2 tý").value is None


@given(
    st.sampled_from(sorted(MONEY.items())),
    st.sampled_from(BEFORE),
    st.sampled_from(BEHIND),
    st.booleans(),
    st.booleans(),
)
def test_politeness_around_an_amount_keeps_it(
    row: tuple[str, int], before: str, behind: str, loud: bool, apart: bool
) -> None:
    text, vnd = row
    text = before + text + behind
    text = text.upper() if loud else text
    assert read_money(unicodedata.normalize("NFD", text) if apart else text).value == vnd


@given(st.integers(1_000_000, 10**14))
def test_our_own_way_to_write_an_amount_reads_as_itself(vnd: int) -> None:
    grouped = f"{vnd:,}".replace(",", ".")
    assert read_money(f"{grouped} đồng").value == vnd
    assert read_money(grouped).value == vnd
    million = vnd // M
    assert read_money(f"{million * M:,} đồng ({million:,} triệu)".replace(",", ".")).value == million * M


@given(st.integers(1, 999), st.integers(1, 999))
def test_billions_and_millions_add_up_with_and_without_marks(billions: int, millions: int) -> None:
    text = f"{billions} tỷ {millions} triệu"
    assert read_money(text).value == read_money(fold(text)).value == billions * T + millions * M
