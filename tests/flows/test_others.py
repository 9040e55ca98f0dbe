"""What is not in the list: offered a place behind "other", where the form has one."""

from flows.session import Tell
from tests.scenario import Scenario

FORM = """
flow: others
version: "1"
title: {vi: Khác, en: Others}
languages: [vi, en]
default_language: vi
choices:
  fruit:
    - {name: apple, label: {vi: "Táo", en: "Apple"}}
    - {name: pear, label: {vi: "Lê", en: "Pear"}}
    - {name: nil, label: {vi: "Không loại nào", en: "None"}, exclusive: true}
    - {name: other, label: {vi: "Khác", en: "Other"}}
questions:
  - {name: one, type: select_one fruit, required: true, label: {vi: "Quả nào?", en: "Which?"}}
  - {name: one_other, type: text, required: true, relevant: "${one} = 'other'", label: {vi: "Quả gì khác?", en: "Which other?"}, constraint: "string-length(.) <= 40"}
  - {name: several, type: select_multiple fruit, required: true, label: {vi: "Những quả nào?", en: "Which ones?"}}
  - {name: several_other, type: text, required: true, relevant: "selected(${several}, 'other')", label: {vi: "Quả nào nữa?", en: "Which more?"}}
  - {name: plain, type: select_one fruit, required: true, label: {vi: "Quả cuối?", en: "Last one?"}}
"""


def test_words_that_are_in_no_list_are_kept_behind_other_once_that_was_confirmed() -> None:
    s = Scenario(FORM).they_say("Sầu riêng")
    s.bot_objects("Danh sách chưa có “Sầu riêng”").bot_reads_back("Khác")
    assert s.answers == {}
    s.press("yes")
    s.bot_asks("Những quả nào?")
    assert s.answers == {"one": "other", "one_other": "Sầu riêng"}


def test_no_leaves_everything_as_it_was() -> None:
    s = Scenario(FORM).they_say("Sầu riêng").press("no")
    s.bot_asks("Quả nào?")
    s.they_tap("Táo")
    assert s.answers == {"one": "apple"}


def test_where_several_may_be_chosen_the_card_stays_open_for_more() -> None:
    s = Scenario(FORM).they_tap("Táo").press("on", "pear").they_say("Sầu riêng").press("yes")
    s.bot_asks("Những quả nào?")
    assert [o.name for o in s.view.options if o.on] == ["pear", "other"]
    s.press("on", "apple").press("done")
    s.bot_asks("Quả cuối?")
    assert (s.answers["several"], s.answers["several_other"]) == ("apple pear other", "Sầu riêng")


def test_other_by_its_button_asks_for_its_words_next() -> None:
    s = Scenario(FORM).they_tap("Khác")
    s.bot_asks("Quả gì khác?").they_say("Mít")
    s.bot_asks("Những quả nào?")


def test_nothing_is_offered_where_the_form_has_no_place_for_it_or_the_words_do_not_fit() -> None:
    s = Scenario(FORM).they_say("Sầu riêng " * 6)
    assert s.view.kind == "question"
    for text in ("???", "12345", "31/02/2026"):
        s.they_say(text)
        assert s.view.kind == "question", text
    s = Scenario(FORM).they_tap("Táo").they_choose("Lê").they_say("Sầu riêng")
    s.bot_asks("Quả cuối?")
    assert s.view.kind == "question"
    assert s.objection()
    assert not any(isinstance(effect, Tell) for effect in s.effects)
