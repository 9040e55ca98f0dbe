import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inert import bare, shown, told

TURNING = [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\u200e", "\u200f", "\u061c"]
HIDING = ["\u200b", "\u200c", "\u2060", "\ufeff", "\u00ad", "\U000e0041", "\u3164", "\u115f", "\u2028"]


@pytest.mark.parametrize("character", TURNING + HIDING, ids=lambda c: f"U+{ord(c):04X}")
def test_what_turns_or_hides_is_shown_by_its_number(character: str) -> None:
    page = str(shown(f"a{character}b"))
    assert character not in page
    assert f">U+{ord(character):04X}<" in page
    assert bare(f"a{character}b") == "ab"


@pytest.mark.parametrize(
    "picture",
    [
        "👩‍💻",
        "👨‍👩‍👧‍👦",
        "❤️‍🔥",
        "🏳️‍🌈",
        "👩🏽‍🚀",
        "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
        "🇻🇳",
    ],
)
def test_an_emoji_made_of_several_stays_whole(picture: str) -> None:
    assert bare(picture) == picture
    assert str(shown(picture)) == f"<bdi>{picture}</bdi>"


def test_a_joiner_between_letters_is_shown() -> None:
    assert "U+200D" in shown("a\u200db")


@given(st.text())
def test_a_page_shows_every_character_and_no_markup_of_the_writer(text: str) -> None:
    page = str(shown(text))
    assert page.startswith("<bdi>")
    assert page.endswith("</bdi>")
    inside = re.sub(
        r'<span class="unseen" title="[^"<>]*">U\+([0-9A-F]+)</span>', lambda m: chr(int(m[1], 16)), page[5:-6]
    )
    assert "<" not in inside
    assert html.unescape(inside) == text


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cf", "Cc", "Cs", "Co", "Zl", "Zp"]).filter(
            lambda c: c not in "\u115f\u1160\u3164\uffa0\u034f"
        )
    )
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert bare(text) == text


@given(st.text())
def test_nothing_that_turns_text_is_left_in_a_message(text: str) -> None:
    assert not [
        c
        for c in told(text)
        if unicodedata.bidirectional(c) in {"RLE", "LRE", "RLO", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI"}
    ]


def test_a_decimal_number_is_no_address() -> None:
    assert told("1.500.000 đồng, 2,5 tỷ") == "1.500.000 đồng, 2,5 tỷ"
