"""What holds for all readers."""

import ast
import unicodedata
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flows.answers
from flows.answers import (
    ASKS,
    KINDS,
    Kind,
    Range,
    clean,
    fold,
    read_answer,
    read_command,
    read_consent,
    read_options,
    read_rank,
)
from flows.answers.reading import Reading
from tests.flows.answers.tables import DATES, INTEGERS, MONEY, MONEY_RANGES, MONEY_REFUSED, PERIODS, PHONES, TAX_CODES
from tests.flows.answers.test_option import NEEDS
from tests.flows.answers.test_place import GAZETTEER

PIECES = st.sampled_from([
    *(row[0] for row in (*DATES, *PERIODS)), *MONEY, *MONEY_RANGES, *MONEY_REFUSED, *INTEGERS, *PHONES, *TAX_CODES, "ngày", "tháng", "quý", "năm", "cuối", "thứ", "phường", "quận", "xã", "-", "~", ",", "%",
    "trăm", "mươi", "chục", "rưỡi", "linh", "phẩy", "tỷ", "triệu", "tr", "không", "có", "@", "gmail.com", "đô", "vàng", "từ", "đến", "31", "0", "999999999999999999999",
])  # fmt: skip
ANYTHING = (
    st.text(st.characters(codec=None), max_size=80)
    | st.lists(PIECES, max_size=8).map(" ".join)
    | st.lists(PIECES, max_size=8).map("".join)
)


def read(kind: Kind, text: str) -> Reading:
    return read_answer(kind, text, today=date(2026, 11, 25), options=NEEDS, gazetteer=GAZETTEER)


@pytest.mark.parametrize("kind", get_args(Kind))
@given(text=ANYTHING)
@settings(max_examples=150)
def test_no_text_raises_and_every_reading_is_whole(kind: Kind, text: str) -> None:
    reading = read(kind, text)
    assert (reading.value is not None) == (reading.certainty in {"sure", "confirm"})
    assert (reading.ask is None) == (reading.certainty == "sure")
    if reading.ask is not None:
        assert set(ASKS[reading.ask]) <= set(reading.facts)


@given(text=ANYTHING)
def test_the_readers_outside_the_kinds_do_not_raise_either(text: str) -> None:
    for reading in (
        read_options(text, NEEDS),
        read_rank(text, NEEDS, 3),
        read_command(text),
        read_consent(text, "Tôi đồng ý", "Tôi không đồng ý"),
    ):
        assert (reading.ask is None) == (reading.certainty == "sure")
        if reading.ask is not None:
            assert set(ASKS[reading.ask]) <= set(reading.facts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    ["9" * 5000, "tỷ " * 2000, "a@" * 2000, "1." * 2000, "phường " * 1000, "(" * 4000, "không " * 1000, "1 " * 2000],
)
def test_a_very_long_text_is_answered_soon(kind: Kind, text: str) -> None:
    assert read(kind, text).value is None or kind in {"yes_no", "option"}


@given(text=ANYTHING)
def test_money_is_an_int_or_a_range_in_order(text: str) -> None:
    value = read("money", text).value
    if isinstance(value, Range):
        assert value.min is not None or value.max is not None
        assert value.min is None or value.max is None or value.min <= value.max
    else:
        assert value is None or (isinstance(value, int) and value >= 0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "option"])
@given(
    row=st.sampled_from(
        [*MONEY, *INTEGERS, *PHONES, *TAX_CODES, "20/11/2026", "hôm qua", "xã Hòa Lạc", "Đà Nẵng", "không", "a.b@c.vn"]
    )
)
@settings(max_examples=60)
def test_composed_and_decomposed_marks_read_the_same(kind: Kind, row: str) -> None:
    assert read(kind, unicodedata.normalize("NFD", row)) == read(kind, row)


def test_a_number_is_never_the_place_of_an_option() -> None:
    assert read("integer", "3").value == 3
    assert read("option", "3").value == "digital"


def test_a_reader_without_what_it_needs_says_so() -> None:
    with pytest.raises(ValueError, match="date"):
        read_answer("date", "hôm nay")
    with pytest.raises(ValueError, match="ward"):
        read_answer("ward", "Hòa Lạc")


def test_a_reading_is_told_as_json_with_a_range_by_its_ends() -> None:
    assert read("money", "1-2 tỷ").as_json()["value"] == {"min": 10**9, "max": 2 * 10**9}
    assert read("money", "2 tỷ").as_json() == {"value": 2 * 10**9, "certainty": "sure", "ask": None}


def test_every_sentence_asked_back_with_is_listed_and_no_other() -> None:
    named: set[str] = set()
    for file in Path(flows.answers.__file__).parent.rglob("*.py"):
        if file.name == "asks.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.JoinedStr)
                and isinstance(node.values[0], ast.Constant)
                and str(node.values[0].value).startswith("read.")
            ):
                named |= {key for key in ASKS if key.startswith(str(node.values[0].value))}
            elif (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node.value.startswith("read.")
                and not node.value.endswith("_")
            ):
                named.add(node.value)
    assert named == set(ASKS)


@given(st.text(st.characters(codec=None)))
def test_cleaned_text_can_be_kept_and_stays_as_it_is(text: str) -> None:
    kept = clean(text)
    assert kept.encode("utf-8").decode("utf-8") == kept == clean(kept) == unicodedata.normalize("NFC", kept)
    assert not any(char < " " and char not in "\n\t" for char in kept)


def test_nul_and_half_a_character_leave_a_mark_and_other_controls_none() -> None:
    assert clean("a\x00b\ud800c\x07d\r\n\te") == "a\ufffdb\ufffdcd\n\te"


@given(st.text(st.characters(codec=None)))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"), [("Hoà  Lạc", "hòa lạc."), ("ĐẶNG", "dang"), ("Đặng Hiền", "Đặng Hiền"), ("Quý-Hợi", "quy hoi")]
)
def test_spellings_of_one_word_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)
