"""Defaults that are worked out once, and what triggers set: apart from calculations, each at its own moment."""

import pytest

from flows.machine import compile
from flows.model import Question
from flows.problems import BadFlow
from flows.record import record_of
from flows.xlsform import flow_to_sheets, make_sheet, read_markdown, to_flow
from flows.yaml_dialect import flow_to_yaml, read_flow, without_places
from tests.flows.test_xlsform_semantics import Talk, machine


def test_a_default_is_worked_out_once() -> None:
    talk = Talk(
        machine(
            "default | calculation |\n| | text | town | Nơi? | 'Hà ' | |\n"
            "| | hidden | first | | ${town} | |\n| | calculate | now | | | ${town} |\n"
        )
    )
    talk.says("Huế")
    assert record_of(talk.world) == {"town": "Huế", "first": "Hà ", "now": "Huế"}


def test_dice_are_thrown_once() -> None:
    talk = Talk(
        machine(
            "default |\n| | hidden | lot | | uuid() |\n| | hidden | other | | uuid() |\n| | text | a | A? | |\n| | text | b | B? | |\n"
        )
    )
    lot = record_of(talk.world)["lot"]
    assert lot != record_of(talk.world)["other"]
    talk.says("x", "y")
    assert record_of(talk.world)["lot"] == lot != ""


def test_an_added_instance_gets_its_default_when_it_is_entered() -> None:
    talk = Talk(
        machine(
            "default |\n| | begin repeat | tree | Cây | |\n"
            "| | text | kind | Loài? | ${tree}[position() = position(current()/..) - 1]/kind |\n| | end repeat | | | |\n"
        )
    )
    talk.says("xoan").taps("add")
    assert talk.view.quick == ("xoan",)
    talk.says("lim").taps("add")
    assert talk.view.quick == ("lim",)


def test_counted_instances_get_theirs_one_after_another() -> None:
    talk = Talk(
        machine(
            "default | repeat_count |\n| | integer | n | Mấy? | | |\n| | begin repeat | tree | Cây | | ${n} |\n"
            "| | text | kind | Loài? | ${tree}[position() = position(current()/..) - 1]/kind | |\n| | end repeat | | | | |\n"
        )
    )
    talk.says("3", "xoan")
    assert talk.view.quick == ("xoan",)
    talk.says("lim")
    assert talk.view.quick == ("lim",)


def test_a_trigger_sets_what_is_calculated_and_nothing_else_does() -> None:
    talk = Talk(
        machine(
            "calculation | trigger |\n| | text | a | A? | | |\n| | text | b | B? | | |\n"
            "| | calculate | both | | concat(${a}, '+', ${b}) | ${a} |\n"
        )
    )
    assert record_of(talk.world) == {}
    talk.says("1")
    assert record_of(talk.world) == {"a": "1", "both": "1+"}
    talk.says("2")
    assert record_of(talk.world)["both"] == "1+"  # b is no trigger
    talk.edits("a").says("3")
    assert record_of(talk.world)["both"] == "3+2"
    talk.edits("a").says("3")
    assert record_of(talk.world)["both"] == "3+2"


def test_the_same_answer_again_sets_nothing() -> None:
    talk = Talk(
        machine(
            "calculation | trigger |\n| | text | a | A? | | |\n| | calculate | n | | coalesce(${n}, 0) + 1 | ${a} |\n"
        )
    )
    talk.says("x")
    assert record_of(talk.world)["n"] == 1
    talk.edits("a").says("x")
    assert record_of(talk.world)["n"] == 1
    talk.edits("a").says("y")
    assert record_of(talk.world)["n"] == 2


def test_an_answer_that_a_trigger_sets_anew_is_asked_again() -> None:
    talk = Talk(
        machine("calculation | trigger |\n| | text | a | A? | | |\n| | text | b | B? | concat('b', ${a}) | ${a} |\n")
    )
    talk.says("1")
    assert talk.view.quick == ("b1",)
    talk.says("mine")
    assert record_of(talk.world) == {"a": "1", "b": "mine"}
    talk.edits("a").says("2")
    assert "engine.set_anew" in talk.told
    assert (talk.view.path, talk.view.quick) == ("b", ("b2",))


def test_a_trigger_without_a_calculation_clears() -> None:
    talk = Talk(machine("trigger |\n| | text | a | A? | |\n| | text | b | B? | ${a} |\n"))
    talk.says("1", "2")
    talk.edits("a").says("3")
    assert talk.view.path == "b"
    assert record_of(talk.world) == {"a": "3"}


def test_within_a_repeat_a_trigger_sets_its_own_instance() -> None:
    talk = Talk(
        machine(
            "calculation | trigger |\n| | begin repeat | r | R | | |\n| | text | a | A? | | |\n"
            "| | calculate | c | | ${a} | ${a} |\n| | end repeat | | | | |\n"
        )
    )
    talk.says("1").taps("add").says("2")
    assert record_of(talk.world) == {"r[1]/a": "1", "r[1]/c": "1", "r[2]/a": "2", "r[2]/c": "2"}


def test_triggers_chain_and_a_circle_of_them_ends() -> None:
    chain = (
        "calculation | trigger |\n| | text | a | A? | | |\n| | calculate | b | | concat(${a}, ${c}) | ${a}, ${c} |\n"
        "| | calculate | c | | concat(${b}, 'c') | ${b} |\n| | text | d | D? | | |\n"
    )
    talk = Talk(machine(chain)).says("1")
    assert talk.view.path == "d"
    talk = Talk(machine(chain.replace("${a}, ${c}", "${a}"))).says("1")
    assert record_of(talk.world) == {"a": "1", "b": "1", "c": "1c"}


def test_a_trigger_may_be_a_calculation() -> None:
    talk = Talk(
        machine(
            "calculation | trigger |\n| | integer | a | A? | | |\n| | calculate | big | | ${a} > 5 | |\n"
            "| | calculate | said | | ${a} | ${big} |\n"
        )
    )
    talk.says("3")
    assert "said" not in record_of(talk.world)
    talk.edits("a").says("7")
    assert record_of(talk.world)["said"] == 7
    talk.edits("a").says("8")
    assert record_of(talk.world)["said"] == 7


def test_a_trigger_that_is_not_there_is_named() -> None:
    flow, _ = to_flow(
        read_markdown(
            "| survey |\n| | type | name | label | trigger |\n| | text | abc | A | |\n| | text | b | B | ${abd} |\n"
        ),
        "f",
    )
    assert flow is not None
    with pytest.raises(BadFlow) as bad:
        compile(flow)
    [told] = bad.value.problems
    assert (told.code, told.facts["nearest"], told.place.row, told.place.column) == (
        "unknown_name",
        "abc",
        4,
        "trigger",
    )


def test_triggers_go_both_ways() -> None:
    flow = machine(
        "calculation | trigger |\n| | text | a | A? | | |\n| | text | b | B? | | |\n| | calculate | c | | ${a} | ${a}, b |\n"
    ).flow
    sheets = [
        make_sheet(s.name, [s.headers, *([row.get(h, "") for h in s.headers] for row in s.rows)])
        for s in flow_to_sheets(flow)
    ]
    again, _ = to_flow(sheets)
    assert again is not None
    assert without_places(again) == without_places(flow)
    back = read_flow(flow_to_yaml(flow), file="f.yaml")
    assert without_places(back) == without_places(flow)
    [_, _, c] = back.items
    assert isinstance(c, Question)
    assert c.trigger == ("a", "b")
