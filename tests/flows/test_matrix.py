"""A table of questions on one card: rows, columns, all that is left at once; stored as the answers they are."""

from flows.checks import check
from flows.session import Matrix, Settle, Show
from flows.yaml_dialect import read_flow
from tests.scenario import Scenario

FORM = """
flow: table
version: "1"
title: {vi: Bảng, en: Table}
languages: [vi, en]
default_language: vi
choices:
  level:
    - {name: low, label: {vi: "Thấp", en: "Low"}}
    - {name: mid, label: {vi: "Vừa", en: "Medium"}}
    - {name: high, label: {vi: "Cao", en: "High"}}
groups:
  rating: {label: {vi: "Đánh giá", en: "Rating"}, appearance: table-list}
questions:
  - {name: who, type: text, required: true, label: {vi: "Ai?", en: "Who?"}}
  - {name: price, group: rating, type: select_one level, required: true, label: {vi: "Giá", en: "Price"}}
  - {name: speed, group: rating, type: select_one level, required: true, label: {vi: "Tốc độ", en: "Speed"}}
  - {name: care, group: rating, type: select_one level, relevant: "${price} != 'low'", label: {vi: "Chăm sóc", en: "Care"}}
  - {name: taste, group: rating, type: select_one level, required: true, label: {vi: "Vị", en: "Taste"}}
  - {name: end, type: text, label: {vi: "Gì nữa?", en: "More?"}}
"""


def table(s: Scenario) -> Matrix:
    assert s.view.matrix is not None
    return s.view.matrix


def rows(s: Scenario) -> list[str]:
    """Each row with what was chosen; the open one in brackets."""
    told = [f"{row.label}={row.value}" for row in table(s).rows]
    return [f"[{each}]" if row.here else each for each, row in zip(told, table(s).rows, strict=True)]


def at_table(lang: str = "vi") -> Scenario:
    return Scenario(FORM, lang).they_say("Lan")


def test_rows_are_answered_one_after_another_on_one_card() -> None:
    s = at_table()
    card = s.session.card
    assert s.view.heading == "Đánh giá"
    assert rows(s) == ["[Giá=]", "Tốc độ=", "Chăm sóc=", "Vị="]
    s.they_tap("Cao")
    assert rows(s) == ["Giá=Cao", "[Tốc độ=]", "Chăm sóc=", "Vị="]
    assert [(e.card, e.replace) for e in s.effects if isinstance(e, Show)] == [(card, True)]
    s.they_say("vừa").they_tap("Thấp").they_tap("Cao")
    s.bot_asks("Gì nữa?")
    assert s.session.card == card + 1
    [receipt] = [e.view for e in s.effects if isinstance(e, Settle)]
    assert receipt.text == "Đánh giá"
    assert receipt.shown is not None
    assert receipt.shown.value == "Giá: Cao; Tốc độ: Vừa; Chăm sóc: Thấp; Vị: Cao"
    assert s.answers == {"who": "Lan", "price": "high", "speed": "mid", "care": "low", "taste": "high"}


def test_all_that_is_left_takes_the_answer_given_last() -> None:
    s = at_table()
    assert table(s).fill == ""
    s.they_tap("Vừa")
    assert (table(s).fill, table(s).fill_label) == ("mid", "Vừa")
    s.press("fill", "mid")
    s.bot_asks("Gì nữa?")
    assert {name: s.answers[name] for name in ("price", "speed", "care", "taste")} == dict.fromkeys(
        ("price", "speed", "care", "taste"), "mid"
    )


def test_a_row_may_be_gone_to_and_changed_before_the_last_one() -> None:
    s = at_table().they_tap("Cao").they_tap("Cao")
    s.press("edit", path=table(s).rows[0].path)
    assert rows(s)[0] == "[Giá=Cao]"
    s.they_tap("Thấp")
    assert rows(s) == ["Giá=Thấp", "Tốc độ=Cao", "[Vị=]"]
    s.press("back")
    assert rows(s)[0] == "[Giá=Thấp]"
    s.they_tap("Thấp").they_tap("Cao")
    s.bot_asks("Gì nữa?")


def test_a_row_that_may_be_passed_over_is() -> None:
    s = at_table().they_tap("Cao").they_tap("Cao")
    assert rows(s)[2] == "[Chăm sóc=]"
    s.press("skip").they_tap("Cao")
    s.bot_asks("Gì nữa?")
    assert s.session.answers["rating/care"].value is None


def test_a_double_tap_answers_one_row() -> None:
    s = at_table()
    ref = s.view.path
    s.press("pick", "high", path=ref).press("pick", "high", path=ref)
    s.bot_says("câu trước")
    assert "speed" not in s.answers


def test_a_row_is_changed_from_the_review_and_leads_back_there() -> None:
    s = at_table().they_tap("Cao").press("fill", "high").press("skip").bot_shows_review()
    s.they_edit("Tốc độ")
    assert rows(s)[1] == "[Tốc độ=Cao]"
    s.they_tap("Thấp").bot_shows_review()
    assert s.answers["speed"] == "low"
    s.press("submit")
    assert s.record["speed"] == "low"


def test_back_from_the_first_row_leads_to_the_question_before() -> None:
    s = at_table().press("back")
    s.bot_asks("Ai?")


def test_what_cannot_be_a_row_is_told_and_asked_on_its_own() -> None:
    form = FORM.replace("care, group: rating, type: select_one level", "care, group: rating, type: integer")
    found = [p.code for p in check(read_flow(form, file="t.yaml"))]
    assert "mixed_table" in found
    assert "mixed_table" not in [p.code for p in check(read_flow(FORM, file="t.yaml"))]
    s = Scenario(form).they_say("Lan").they_tap("Cao").they_tap("Vừa").they_say("3")
    assert rows(s) == ["Giá=Cao", "Tốc độ=Vừa", "[Vị=]"]
