"""What a record holds beside its questions: its name, and the entities it creates or updates in another system."""

import re

import pytest

from bot.codebook import Codebook
from flows.checks import check
from flows.machine import compile
from flows.model import Entity
from flows.problems import BadFlow
from flows.record import record_of
from flows.xlsform import plain_sheets, read_markdown, to_flow
from flows.yaml_dialect import flow_to_yaml, read_flow, without_places
from tests.flows.test_xlsform_semantics import Talk, by_sheets

SURVEY = """\
| survey |
| | type | name | label | save_to |
| | text | kind | Loài? | species |
| | integer | age | Tuổi? | age |
| settings |
| | instance_name |
| | concat('Cây ', ${kind}) |
"""
TREES = "| entities |\n| | list_name | label | create_if |\n| | trees | concat(${kind}, ' ', ${age}) | ${age} > 5 |\n"


def read(text: str) -> Talk:
    flow, problems = to_flow(read_markdown(text), "form")
    assert flow is not None
    assert problems == ()
    assert [p for p in check(flow) if p.is_error] == []
    return Talk(compile(flow))


def meta(talk: Talk) -> dict[str, object]:
    return {path: value for path, value in record_of(talk.world).items() if "meta/" in path}


def test_an_entity_is_made_where_its_condition_holds() -> None:
    talk = read(SURVEY + TREES).says("lim", "7")
    found = meta(talk)
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", str(found.pop("meta/entity/id"))
    )
    assert found == {
        "meta/instanceName": "Cây lim", "meta/entity/dataset": "trees", "meta/entity/create": "1",
        "meta/entity/label": "lim 7", "meta/entity/properties/species": "lim", "meta/entity/properties/age": 7,
    }  # fmt: skip
    assert meta(read(SURVEY + TREES).says("lim", "3")) == {"meta/instanceName": "Cây lim"}


def test_its_id_stays_what_it_was() -> None:
    talk = read(SURVEY + TREES).says("lim", "7")
    before = meta(talk)["meta/entity/id"]
    talk.edits("age").says("8")
    assert meta(talk)["meta/entity/id"] == before


@pytest.mark.parametrize(
    ("row", "age", "expected"),
    [
        ("| | trees | | | ${kind} | |", "7", {"update": "1"}),
        ("| | trees | | | ${kind} | ${age} > 5 |", "7", {"update": "1"}),
        ("| | trees | | | ${kind} | ${age} > 5 |", "3", None),
        ("| | trees | | ${age} < 5 | ${kind} | ${age} > 5 |", "3", {"create": "1"}),
        ("| | trees | | ${age} < 5 | ${kind} | ${age} > 5 |", "7", {"update": "1"}),
    ],
)
def test_with_an_id_it_is_updated(row: str, age: str, expected: dict[str, str] | None) -> None:
    head = "| entities |\n| | list_name | label | create_if | entity_id | update_if |\n"
    found = meta(read(SURVEY + head + row + "\n").says("lim", age))
    told = {
        path.removeprefix("meta/entity/"): value for path, value in found.items() if path.endswith(("create", "update"))
    }
    assert told == (expected or {})
    assert found.get("meta/entity/id") == (None if expected is None else "lim")


def test_in_a_repeat_each_instance_makes_its_own() -> None:
    talk = read(
        "| survey |\n| | type | name | label | save_to |\n| | begin repeat | tree | Cây | |\n| | text | kind | Loài? | species |\n"
        "| | end repeat | | | |\n| entities |\n| | list_name | label |\n| | trees | ${kind} |\n"
    )
    talk.says("lim").taps("add").says("xoan").taps("enough")
    found = meta(talk)
    assert (found["tree[1]/meta/entity/label"], found["tree[2]/meta/entity/label"]) == ("lim", "xoan")
    assert found["tree[1]/meta/entity/id"] != found["tree[2]/meta/entity/id"]


def test_of_several_lists_a_question_names_its_own() -> None:
    text = SURVEY.replace("| species |", "| trees#species |").replace("| age |\n| set", "| people#years |\n| set")
    found = meta(
        read(text + "| entities |\n| | list_name | label |\n| | trees | ${kind} |\n| | people | ${age} |\n").says(
            "lim", "7"
        )
    )
    assert found["meta/entity/properties/species"] == "lim"
    assert found["meta/entity_2/properties/years"] == 7
    assert "meta/entity/properties/years" not in found


def test_what_is_wrong_in_it_has_its_place() -> None:
    flow, _ = to_flow(read_markdown(SURVEY + TREES.replace("${age} > 5", "${agee} > 5")), "form")
    assert flow is not None
    with pytest.raises(BadFlow) as bad:
        compile(flow)
    assert {(p.code, p.place.sheet, p.place.row) for p in bad.value.problems} == {("unknown_name", "entities", 10)}
    assert [(p.code, p.place.row) for p in check(flow) if p.is_error] == [("unknown_name", 10)]


def test_saving_to_a_list_that_no_sheet_names_is_told() -> None:
    _, problems = to_flow(read_markdown(SURVEY), "form")
    assert [(p.code, p.facts["column"], p.place.row) for p in problems] == [("sheet_column_ignored", "save_to", 3)]


def test_odks_own_tools_meet_no_blank_row_in_it() -> None:
    [row] = plain_sheets(read_markdown(SURVEY + TREES))["entities"]
    assert row == {"list_name": "trees", "label": "concat(${kind}, ' ', ${age})", "create_if": "${age} > 5"}


def test_no_expression_can_name_what_is_recorded_beside() -> None:
    flow, _ = to_flow(read_markdown(SURVEY.replace("Tuổi?", "Tuổi ${instanceName}?") + TREES), "form")
    assert flow is not None
    with pytest.raises(BadFlow):
        compile(flow)


def test_it_is_in_the_exports_and_personal_where_its_questions_are() -> None:
    flow, _ = to_flow(read_markdown(SURVEY + TREES), "form")
    assert flow is not None
    book = Codebook(flow)
    fields = {field.path: book.may_leave(field) for field in book.fields}
    assert fields["meta/entity/label"] is False  # it tells the words of a text
    assert fields["meta/entity/properties/age"] is True
    assert fields["meta/entity/id"] is True


def test_it_goes_both_ways() -> None:
    flow, _ = to_flow(read_markdown(SURVEY + TREES), "form")
    assert flow is not None
    assert [e.but(place=flow.place) for e in flow.entities] == [
        Entity(list_name="trees", label="concat(${kind}, ' ', ${age})", create_if="${age} > 5", place=flow.place)
    ]
    assert by_sheets(flow) == without_places(flow)
    assert without_places(read_flow(flow_to_yaml(flow), file="f.yaml")) == without_places(flow)
