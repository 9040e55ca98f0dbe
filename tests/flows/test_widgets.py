"""Toggles, ranks and scales: counts, limits, options that go alone."""

from tests.scenario import Scenario

FORM = """
flow: widgets
version: "1"
title: {vi: Chọn, en: Choose}
languages: [vi, en]
default_language: vi
choices:
  fruit:
    - {name: apple, label: {vi: "Táo", en: "Apple"}}
    - {name: plum, label: {vi: "Mận", en: "Plum"}}
    - {name: pear, label: {vi: "Lê", en: "Pear"}}
    - {name: nil, label: {vi: "Không loại nào", en: "None"}, exclusive: true}
questions:
  - {name: fruits, type: select_multiple fruit, required: true, label: {vi: "Quả gì?", en: "Which?"}, constraint: "count-selected(.) <= 2"}
  - {name: best, type: rank fruit, required: true, label: {vi: "Xếp hai loại.", en: "Rank two."}, chat: {top_n: 2}}
  - {name: nps, type: range, required: true, label: {vi: "Có giới thiệu không?", en: "Recommend?"}, chat: {widget: nps}}
"""


def on(s: Scenario) -> list[str]:
    return [option.name for option in s.view.options if option.on]


def test_an_option_that_goes_alone_clears_the_others_even_when_all_are_used() -> None:
    s = Scenario(FORM).press("on", "apple").press("on", "plum")
    assert (s.view.least, s.view.most) == (0, 2)
    s.press("on", "pear").bot_says("tối đa 2")
    assert on(s) == ["apple", "plum"]
    s.press("on", "nil")
    assert on(s) == ["nil"]
    s.press("on", "pear")
    assert on(s) == ["pear"]


def test_an_option_that_goes_alone_is_not_taken_beside_another_by_words() -> None:
    s = Scenario(FORM).they_say("táo, không loại nào")
    s.bot_objects("không đi cùng")
    s.press("set", "apple nil").bot_objects("không đi cùng")
    s.they_say("không loại nào")
    assert s.answers["fruits"] == "nil"


def test_a_rank_asks_for_the_first_few_and_a_tap_takes_one_back() -> None:
    s = Scenario(FORM).they_choose("Táo")
    s.press("on", "pear").press("on", "apple").press("on", "plum").bot_says("tối đa 2")
    s.press("off", "pear").press("on", "plum").press("done")
    assert s.answers["best"] == "apple plum"


def test_a_double_tap_does_what_one_does() -> None:
    s = Scenario(FORM).press("on", "apple").press("on", "apple").press("off", "plum")
    assert on(s) == ["apple"]


WAY = """
flow: way
version: "1"
title: {vi: Đường, en: Way}
languages: [vi, en]
default_language: vi
choices:
  yes_no:
    - {name: "yes", label: {vi: "Có", en: "Yes"}}
    - {name: "no", label: {vi: "Không", en: "No"}}
questions:
  - {name: a, type: select_one yes_no, required: true, label: {vi: "A?", en: "A?"}, guidance_hint: {vi: "Để chia nhóm.", en: "To group answers."}}
  - {name: b, type: text, required: true, relevant: "${a} = 'yes'", label: {vi: "B?", en: "B?"}, chat: {voice_ok: true}}
  - {name: c, type: integer, required: true, label: {vi: "C?", en: "C?"}}
"""


def test_the_time_left_is_that_of_the_way_as_it_looks_now() -> None:
    s = Scenario(WAY)
    at_first = s.view.left_s
    with_story = Scenario(WAY).they_tap("Có").view.left_s
    without = Scenario(WAY).they_tap("Không").view.left_s
    assert without < at_first < with_story
    s.they_tap("Không").they_say("3").press("back")
    assert s.view.left_s == 0


def test_why_a_question_is_asked_is_told_when_somebody_asks() -> None:
    s = Scenario(WAY)
    assert (s.view.why, s.view.why_told) == ("Để chia nhóm.", False)
    s.press("why")
    assert s.view.why_told
    assert s.session.answers == {}
    s.they_tap("Không")
    assert not s.view.why_told


def test_an_answer_that_stands_can_be_left_as_it_is() -> None:
    s = Scenario(WAY).they_tap("Không").press("back")
    s.bot_asks("A?")
    assert "keep" in s.view.actions
    s.press("keep")
    s.bot_asks("C?")
    s.press("back").they_say("tiếp tục")
    s.bot_asks("C?")
    assert "keep" not in s.view.actions
    s.press("keep").bot_says("câu trước")
    s.they_say("3").bot_shows_review().they_edit("C?").press("keep").bot_shows_review()
