"""Answers known before they are given: offered beside the question, checked like any other, never assumed."""

import pytest

from flows.session import Known, Scalar, Session, Started
from tests.scenario import MONDAY, Scenario, machine_of

FORM = """
flow: shop
version: "1"
title: {vi: Cửa hàng, en: Shop}
languages: [vi, en]
default_language: vi
choices:
  kind:
    - {name: food, label: {vi: "Đồ ăn", en: "Food"}}
    - {name: books, label: {vi: "Sách", en: "Books"}}
questions:
  - {name: owner, type: text, required: true, label: {vi: "Ai là chủ?", en: "Who owns it?"}}
  - {name: people, type: integer, required: true, label: {vi: "Mấy người?", en: "How many people?"}, constraint: ". > 0"}
  - {name: sells, type: select_multiple kind, required: true, label: {vi: "Bán gì?", en: "What does it sell?"}}
  - {name: since, type: date, label: {vi: "Từ ngày nào?", en: "Since when?"}}
"""


def begun(**known: Known) -> Scenario:
    s = Scenario(machine_of(FORM))
    bare = Session("s", s.session.flow, s.session.version, "vi", seed=1)
    s.session = bare
    return s.happens(Started(MONDAY, "vi", known))


def last(value: Scalar) -> Known:
    return Known(value, "last")


def test_a_known_answer_is_one_tap() -> None:
    s = begun(owner=last("Lan"), people=last(3), sells=last("food books"), since=last("2020-01-02"))
    for asked in ("Ai là chủ?", "Mấy người?", "Bán gì?", "Từ ngày nào?"):
        s.bot_asks(asked)
        assert s.view.known is not None
        s.they_press("same")
    assert s.answers == {"owner": "Lan", "people": 3, "sells": "food books", "since": "2020-01-02"}


def test_words_do_it_too_and_another_answer_is_as_welcome() -> None:
    s = begun(owner=last("Lan"), people=last(3))
    s.bot_asks("Ai là chủ?").they_say("Như lần trước")
    s.bot_asks("Mấy người?").they_say("4")
    assert s.answers == {"owner": "Lan", "people": 4}


@pytest.mark.parametrize("value", [0, -1, "ba", None, True, 2.5])
def test_what_no_longer_fits_is_not_offered(value: Scalar) -> None:
    s = begun(owner=last("Lan"), people=last(value)).they_press("same").bot_asks("Mấy người?")
    assert s.view.known is None
    s.they_press("same")
    assert s.answers == {"owner": "Lan"}


def test_an_option_that_is_gone_is_not_offered() -> None:
    s = begun(sells=last("food shoes")).they_say("Lan").they_say("3").bot_asks("Bán gì?")
    assert s.view.known is None


def test_a_link_fills_in_and_the_question_is_not_asked_but_can_be_changed() -> None:
    s = begun(owner=Known("Lan", "link", hide=True), people=Known(0, "link", hide=True)).bot_asks("Mấy người?")
    assert s.answers == {"owner": "Lan"}
    s.they_say("3").they_choose("Sách").they_press("skip").bot_shows_review().they_edit("Ai là chủ?").they_say("Mai")
    assert s.answers["owner"] == "Mai"


def test_nothing_known_is_kept_when_consent_is_taken_back() -> None:
    s = begun(owner=last("Lan")).they_withdraw()
    assert s.session.known == {}
