"""Selects whose options are what was answered in a repeat."""

import pytest

from bot.codebook import Codebook
from flows.checks import check
from flows.machine import compile
from flows.problems import BadFlow
from flows.record import record_of
from flows.views import choosable
from flows.xlsform import flow_to_sheets, make_sheet, read_markdown, to_flow
from flows.yaml_dialect import flow_to_yaml, read_flow, without_places
from tests.flows.test_xlsform_semantics import Talk, machine

PEOPLE = (
    "relevant | choice_filter | calculation |\n| | begin repeat | person | Người | | | |\n| | text | name | Tên? | | | |\n"
    "| | integer | age | Tuổi? | | | |\n"
    "| | end repeat | | | | | |\n| | select_one ${name} | head | Ai là chủ hộ? | | FILTER | |\n"
    "| | calculate | said | | | | jr:choice-name(${head}, '${head}') |\n| | text | end | Hết? | | | |\n"
)


def people(choice_filter: str = "") -> Talk:
    talk = Talk(machine(PEOPLE.replace("FILTER", choice_filter)))
    for name, age in (("Lan Anh", "40"), ("Bình", "9"), ("Lan Anh", "41")):
        talk.says(name, age).taps("add" if age != "41" else "enough")
    return talk


def options(talk: Talk) -> list[str]:
    return [option.label for option in talk.view.options]


def test_the_options_are_what_was_answered_and_alike_ones_stand_once() -> None:
    talk = people()
    assert talk.view.path == "head"
    assert options(talk) == ["Lan Anh", "Bình"]
    talk.says("bình")
    assert {k: v for k, v in record_of(talk.world).items() if "/" not in k} == {"head": "Bình", "said": "Bình"}


def test_a_filter_sees_the_instance_an_option_came_from() -> None:
    assert options(people("${age} > 18")) == ["Lan Anh"]
    assert options(people("${age} > 40 or ${age} < 10")) == ["Bình", "Lan Anh"]


def test_within_the_repeat_all_are_offered_and_current_is_the_one_who_chooses() -> None:
    talk = Talk(
        machine(
            "choice_filter |\n| | begin repeat | p | Người | |\n| | text | name | Tên? | |\n"
            "| | select_one ${name} | friend | Bạn? | ${name} != current()/../name |\n| | end repeat | | | |\n"
        )
    )
    talk.says("A").taps("skip").taps("add").says("B")
    assert options(talk) == ["A"]
    talk.taps("pick", "A").taps("add").says("C")
    assert options(talk) == ["A", "B"]


def test_an_answer_that_is_no_longer_there_is_dropped_and_told() -> None:
    talk = people()
    talk.taps("pick", "Bình").edits("person[2]/name").says("Chi")
    assert "engine.choice_dropped" in talk.told
    assert talk.view.path == "head"
    assert options(talk) == ["Lan Anh", "Chi"]


def test_where_nothing_was_answered_words_are_taken_and_stay() -> None:
    talk = Talk(
        machine(
            "required | repeat_count |\n| | begin repeat | p | P | | 0 |\n| | text | name | Tên? | | |\n| | end repeat | | | | |\n"
            "| | select_one ${name} | head | Ai? | yes | |\n| | text | z | Z? | | |\n"
        )
    )
    talk.says("Dũng", "x")
    assert (talk.status, record_of(talk.world)) == ("review", {"head": "Dũng", "z": "x"})


def test_several_are_kept_without_blanks_in_their_names() -> None:
    talk = Talk(machine(PEOPLE.replace("FILTER", "").replace("select_one ${name}", "select_multiple ${name}")))
    talk.says("Lan Anh", "4").taps("add").says("Bình", "5").taps("enough")
    talk.taps("on", "Lan_Anh").taps("on", "Bình").taps("done")
    assert record_of(talk.world)["head"] == "Lan_Anh Bình"


def test_of_a_select_people_read_the_labels() -> None:
    sheet = (
        "| survey |\n| | type | name | label |\n| | begin repeat | r | R |\n| | select_one fruit | f | Quả? |\n| | end repeat | | |\n"
        "| | select_one ${f} | best | Nhất? |\n| choices |\n| | list_name | name | label |\n| | fruit | a | Cam |\n| | fruit | b | Bưởi |\n"
    )
    flow, problems = to_flow(read_markdown(sheet))
    assert flow is not None
    assert problems == ()
    talk = Talk(compile(flow)).says("Bưởi").taps("enough")
    assert [(o.name, o.label) for o in talk.view.options] == [("b", "Bưởi")]
    assert choosable(talk.world, talk.form.by_name["best"][0], ()) != ()


def test_a_name_that_stands_in_no_repeat_is_refused_with_its_place() -> None:
    flow, _ = to_flow(
        read_markdown("| survey |\n| | type | name | label |\n| | text | a | A |\n| | select_one ${a} | b | B |\n")
    )
    assert flow is not None
    with pytest.raises(BadFlow) as bad:
        compile(flow)
    told = [(p.code, p.place.row, p.place.column) for p in bad.value.problems]
    assert (
        told
        == [("choices_from_repeat", 4, "type")]
        == [(p.code, p.place.row, p.place.column) for p in check(flow) if p.is_error]
    )


def test_it_never_leaves_as_if_it_were_a_list_of_the_form() -> None:
    flow = machine(PEOPLE.replace("FILTER", "")).flow
    book = Codebook(flow)
    field = book.named("head")
    assert field is not None
    assert not book.may_leave(field)
    assert [p.code for p in check(flow.but(summary=("head",))) if p.is_error] == ["summary_free_text"]


def test_it_goes_both_ways() -> None:
    flow = machine(PEOPLE.replace("FILTER", "${age} > 18")).flow
    sheets = [
        make_sheet(s.name, [s.headers, *([row.get(h, "") for h in s.headers] for row in s.rows)])
        for s in flow_to_sheets(flow)
    ]
    again, _ = to_flow(sheets)
    assert again is not None
    assert without_places(again) == without_places(flow)
    assert without_places(read_flow(flow_to_yaml(flow), file="f.yaml")) == without_places(flow)
