"""How we speak, as far as a machine can tell: docs/voice.md, held in the catalogues and the sample flows."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import pytest
import yaml

from bot.i18n import LANGUAGES
from tests.test_catalogues import catalogue, forms
from tests.test_house import ROOT

TALK: Final = (
    "engine.",
    "read.",
    "telegram.",
    "bot.",
    "widgets.",
    "web.",
)  # said to who answers; the rest is for staff
CODE: Final = re.compile(r"`[^`]*`|'\w+'")
NOT_OURS: Final = {
    "vi": re.compile(
        r"\b(?:bạn|quý khách|quý vị|người dùng|ông/bà|thực hiện việc|tiến hành|không hợp lệ)\b", re.IGNORECASE
    ),
    "en": re.compile(r"\b(?:kindly|invalid|dear customer|the user|oops|sorry)\b", re.IGNORECASE),
}
ONE_WORD: Final = {
    "vi": re.compile(
        r"biên nhận|nhân viên chương trình|liên kết này|\bemail này sai\b|\bgiúp nhé|\bgiúp\.", re.IGNORECASE
    ),
    "en": re.compile(r"\b(?:e-mail|log in|login link|hyperlink)\b", re.IGNORECASE),
}
KEYBOARD: Final = re.compile(r"\.\.\.|\"|(?<=\w)'(?=\w)| - |\?\?|!!|  ")
OLDER_PLACE: Final = re.compile(r"(?<![qQ])(?:o[àáảãạ]|o[èéẻẽẹ]|u[ỳýỷỹỵ])(?!\w)")  # "hoà" for "hòa"


@cache
def flow_words() -> tuple[tuple[str, str, str], ...]:
    """(where, language, words) for all words of the sample flows."""
    found: list[tuple[str, str, str]] = []

    def walk(place: str, node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in LANGUAGES and isinstance(value, str):
                    found.append((place, key, value))
                else:
                    walk(f"{place}/{node.get('name', key)}", value)
        elif isinstance(node, list):
            for item in node:
                walk(place, item)

    for path in sorted((ROOT / "flows" / "samples").glob("*.yaml")):
        walk(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")))
    return tuple(found)


def sentences(lang: str, *, talk: bool = False) -> Iterator[tuple[str, str]]:
    """(where, words) in a language: all that we say, code left out; only what is said to who answers if `talk`."""
    for key, message in catalogue(lang).items():
        if not talk or key.startswith(TALK):
            yield from ((key, CODE.sub("", form)) for form in forms(message))
    yield from ((place, words) for place, its, words in flow_words() if its == lang)


def test_the_flows_have_words_to_look_at() -> None:
    assert {lang for _, lang, _ in flow_words()} == set(LANGUAGES)
    assert ("article_rating/title", "vi", "Đánh giá của anh/chị") in flow_words()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_we_call_people_and_things_by_one_name(lang: str) -> None:
    wrong = [(where, words) for where, words in sentences(lang) if ONE_WORD[lang].search(words)]
    wrong += [(where, words) for where, words in sentences(lang, talk=True) if NOT_OURS[lang].search(words)]
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_signs_are_those_of_print_and_not_of_the_keyboard(lang: str) -> None:
    assert [(where, words) for where, words in sentences(lang, talk=True) if KEYBOARD.search(words.strip())] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_begins_a_second_sentence_ends_it(lang: str) -> None:
    open_end = re.compile(r"\w\w[.?!] [A-ZÀ-Ỹ].*[^.?!…”)}]$")
    assert [(where, words) for where, words in sentences(lang, talk=True) if open_end.search(words.strip())] == []


def test_tones_stand_on_the_older_place() -> None:
    assert [(where, words) for where, words in sentences("vi") if OLDER_PLACE.search(words)] == []


def test_the_bot_asks_for_help_or_speaks_politely_but_not_both_at_once() -> None:
    both = re.compile(r"nhé ạ|ạ nhé|ạ ạ|vui lòng[^.]*giúp em nhé", re.IGNORECASE)
    assert [(where, words) for where, words in sentences("vi") if both.search(words)] == []


def test_a_vietnamese_word_is_not_left_without_its_marks() -> None:
    bare = re.compile(r"\b(?:anh chi|khong|duoc|nhung|nguoi|cau hoi|tra loi|khao sat|vui long)\b", re.IGNORECASE)
    assert [(where, words) for where, words in sentences("vi") if bare.search(words)] == []
