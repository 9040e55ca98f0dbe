"""A flow in YAML, in a workbook and back is the same flow; the workbook is one that people can work with."""

import io
import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner

from bot.cli import app
from bot.convert import convert
from bot.i18n import words
from bot.library import sample_flows
from bot.sheets import draft_workbook
from bot.walker import walk_through
from bot.workbooks import EXPLAINED, GUIDE, KINDS
from flows.machine import compile
from flows.model import Chat, Choice, End, Flow, Group, Item, Jump, Question, QuestionType, Repeat
from flows.xform import read_xform
from flows.xlsform import flow_to_sheets, make_sheet, to_flow
from flows.yaml_dialect import flow_to_yaml, read_flow, without_places
from tests.scenario import MONDAY

SAMPLES = {flow.name: flow for flow in sample_flows()}
SHARED = os.environ.get("KHAOSAT_SHARED", "")
WORKBOOKS = Path(__file__).parents[2] / "flows" / "samples" / "xlsx"


def again(flow: Flow) -> Flow:
    found, problems = draft_workbook(convert(flow, ".xlsx", words()), f"{flow.name}.xlsx", dict(flow.tables))
    assert found is not None, problems
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_in_a_workbook_is_the_same_flow(name: str) -> None:
    assert without_places(again(SAMPLES[name])) == without_places(SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_workbooks_that_come_with_us_are_those_flows(name: str) -> None:
    flow = SAMPLES[name]
    path = WORKBOOKS / f"{name}.xlsx"
    found, problems = draft_workbook(path.read_bytes(), path.name, dict(flow.tables))
    assert found is not None
    assert [p for p in problems if p.is_error] == []
    assert without_places(found) == without_places(flow), f"khaosat convert {name} {path} --force"


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=30).map(
    lambda text: "x" + " ".join(text.split())
)
TEXT = st.fixed_dictionaries({"vi": WORDS, "en": WORDS})
RULE = st.sampled_from([None, "${a0} = 'x'", "string-length(.) < 5", "1 = 1"])


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A small flow with everything the workbook has a place for."""
    names = iter(f"a{n}" for n in range(100))

    def question() -> Question:
        kinds: list[QuestionType] = ["text", "integer", "date", "select_one", "select_multiple", "rank", "note"]
        kind = draw(st.sampled_from(kinds))
        needed: list[bool | str] = [True, False, "1 = 1"]
        select = kind in {"select_one", "select_multiple", "rank"}
        return Question(
            name=next(names), type=kind, list_name="stages" if select else None, label=draw(TEXT),
            hint=draw(st.one_of(st.just({}), TEXT)), relevant=draw(RULE), constraint=draw(RULE),
            constraint_message=draw(st.one_of(st.just({}), TEXT)), required=draw(st.sampled_from(needed)),
            parameters=draw(st.sampled_from([{}, {"randomize": "true", "seed": "4"}])),
            pii=draw(st.sampled_from([None, "basic"])), guidance_hint=draw(st.one_of(st.just({}), TEXT)),
            required_message=draw(st.one_of(st.just({}), TEXT)), appearance=draw(st.sampled_from(["", "minimal"])),
            calculation=draw(st.sampled_from([None, "1 + 1"])), read_only=draw(st.sampled_from(needed)),
            choice_filter=draw(st.sampled_from([None, "k = 'v'"])) if select else None,
            default=draw(st.sampled_from([None, "o1"])), official=draw(st.sampled_from([None, "1.2"])),
            indicator=draw(st.sampled_from([None, "i_1"])),
            chat=Chat(
                confirm=draw(st.booleans()), skip=draw(st.sampled_from([None, False])),
                widget=draw(st.sampled_from([None, "buttons"])), parse=draw(st.sampled_from([None, "money_vi"])),
                voice_ok=draw(st.booleans()), prefill_from=draw(st.sampled_from([None, "a0"])),
                hide_if_prefilled=draw(st.booleans()), default_last_complete_year=draw(st.booleans()),
                accept=draw(st.sampled_from([(), ("pdf", "docx")])), accept_location=draw(st.booleans()),
                accept_range=draw(st.sampled_from([(), ("a0", "a1")])), allow_negative=draw(st.booleans()),
                no_default=draw(st.booleans()), log_evidence=draw(st.booleans()), top_n=draw(st.sampled_from([None, 2])),
                filter=draw(st.sampled_from([None, "x"])),
                quick_replies=draw(st.sampled_from([(), ("1 tỷ", "500 triệu")])), max_mb=draw(st.sampled_from([None, 2.5, 3.0])),
            ),
            next=draw(st.sampled_from([(), (Jump(to="last", when="1 = 1"), Jump(to="last"))])),
            end=draw(st.sampled_from([None, End(when="1 = 2", message={"vi": "Hết", "en": "Over"})])),
        )  # fmt: skip

    items: list[Item] = [question() for _ in range(draw(st.integers(1, 3)))]
    items.append(Group(name="g", label=draw(TEXT), relevant=draw(RULE), items=(question(),)))
    items.append(Repeat(name="r", label=draw(TEXT), count=draw(st.sampled_from([None, "2"])), items=(question(),)))
    items.append(Question(name="last", type="text", label=draw(TEXT)))
    stages = tuple(
        Choice(name=f"o{n}", label=draw(TEXT), aliases=("một", "hai")[:n], columns={"k": "v"}) for n in range(3)
    )
    return Flow(
        name=draw(NAMES), version="1", title=draw(TEXT), default_language="vi", languages=("vi", "en"), items=tuple(items),
        choices={"stages": stages}, thank_you=draw(st.one_of(st.just({}), TEXT)), summary=("a0",),
        channels=draw(st.sampled_from([(), ("telegram", "web")])), staff_only=draw(st.booleans()),
    )  # fmt: skip


@settings(max_examples=20)
@given(flows())
def test_a_small_flow_goes_there_and_back(flow: Flow) -> None:
    flow = flow.but(name=flow.name.strip("_") or "f")
    assert without_places(again(flow)) == without_places(flow)
    assert without_places(read_flow(flow_to_yaml(flow), file="f.yaml")) == without_places(flow)


@pytest.mark.skipif(not SHARED, reason="KHAOSAT_SHARED does not say where the shared folder is")
def test_real_forms_go_there_and_back() -> None:
    paths = sorted((Path(SHARED) / "corpus" / "xlsform" / "forms").glob("*.xls*"))[::4]
    lost = []
    for path in paths:
        flow, _ = draft_workbook(path.read_bytes(), path.name)
        assert flow is not None
        sheets = [
            make_sheet(s.name, [s.headers, *([row.get(h, "") for h in s.headers] for row in s.rows)])
            for s in flow_to_sheets(flow)
        ]
        found, _ = to_flow(sheets, "again", tables=flow.tables)
        if found is None or without_places(found) != without_places(flow):
            lost.append(path.name)
    assert len(paths) > 30
    assert lost == []


def test_the_workbook_is_made_for_people() -> None:
    book = load_workbook(io.BytesIO(convert(SAMPLES["techfest_matching"], ".xlsx", words())))
    assert book.sheetnames == ["survey", "choices", "settings", GUIDE, KINDS]
    assert book[KINDS].sheet_state == "hidden"
    survey = book["survey"]
    assert survey.freeze_panes == "C2"
    assert survey.column_dimensions["A"].width > 20
    (rule,) = survey.data_validations.dataValidation
    assert rule.formula1.startswith(f"{KINDS}!")
    assert any(str(cell.value).startswith("select_one ") for cell in book[KINDS]["A"])
    assert {cell.value for cell in book[GUIDE]["A"]} >= set(EXPLAINED)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}  # no cell became a formula, a number or a date


def test_what_looks_like_a_formula_stays_a_text() -> None:
    flow = Flow(name="f", version="1", title={"vi": "=1+1"}, default_language="vi", languages=("vi",), items=(Question(name="a", type="text", label={"vi": "=HYPERLINK(1)"}),))  # fmt: skip
    assert without_places(again(flow)) == without_places(flow)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_an_xform_that_pyxform_makes(name: str) -> None:
    tree = ET.fromstring(convert(SAMPLES[name], ".xml", words()))
    title = tree.find(".//{http://www.w3.org/1999/xhtml}title")
    assert title is not None
    assert title.text == SAMPLES[name].title["vi"]


def test_an_xform_is_checked_and_tried_like_any_flow(tmp_path: Path) -> None:
    form = tmp_path / "rating.xml"
    form.write_bytes(convert(SAMPLES["article_rating"], ".xml", words()))
    assert run("check", str(form))[0] == 0, run("check", str(form))[1]
    flow, _ = read_xform(form.read_text(encoding="utf-8"))
    assert flow is not None
    asked = {q.name: q.label.get("vi") for q in SAMPLES["article_rating"].questions()}
    assert {q.name: q.label.get("vi") for q in flow.questions()} == asked
    code, told = run("try", str(form), "--seed", "3")
    assert code == 0
    assert "> :submit" in told


def run(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(args))
    return result.exit_code, result.output


def test_the_command_writes_each_spelling_and_guards_what_is_there(tmp_path: Path) -> None:
    book, back = tmp_path / "a.xlsx", tmp_path / "a.yaml"
    assert run("convert", "article_rating", str(book))[0] == 0
    assert run("convert", "article_rating", str(book))[0] == 2
    assert run("convert", str(book), str(back))[0] == 0
    assert back.read_text(encoding="utf-8") == flow_to_yaml(SAMPLES["article_rating"])
    assert run("convert", "article_rating", str(tmp_path / "a.docx"))[0] == 2
    assert run("convert", "article_rating", str(tmp_path / "nowhere" / "a.yaml"))[0] == 1
    assert run("check", str(book), "--json")[0] == 0


def test_paths_tells_what_people_meet() -> None:
    code, told = run("paths", "article_rating", "--walks", "5", "--json")
    found = json.loads(told)
    assert code == 0
    assert found["walks"] == sum(found["ends"].values()) == 5
    assert 1 <= found["shortest"] <= found["median"] <= found["longest"] <= found["questions"]
    assert run("paths", "article_rating", "--walks", "5")[0] == 0


def test_a_question_nobody_can_meet_is_named(tmp_path: Path) -> None:
    form = tmp_path / "f.md"
    form.write_text(
        "| survey |\n| | type | name | label | relevant |\n| | text | a | A? | |\n| | text | b | B? | ${a} = 'never said' |\n"
    )
    found = json.loads(run("paths", str(form), "--json", "--walks", "3")[1])
    assert found["never_met"] == ["b"]


def test_a_seeded_walk_is_the_same_on_any_day_that_is_named() -> None:
    told = [run("paths", "task_progress", "--walks", "3", "--json", "--date", "2026-11-23")[1] for _ in range(2)]
    assert told[0] == told[1]
    assert run("paths", "task_progress", "--date", "tomorrow")[0] == 2


def test_try_says_where_it_could_not_go_on(tmp_path: Path) -> None:
    form = tmp_path / "f.md"
    form.write_text(
        "| survey |\n| | type | name | label | required | constraint |\n| | text | a | A? | yes | . = 'nobody says this' |\n"
    )
    code, told = run("try", str(form), "--seed", "1")
    assert code == 1
    assert "a." in told.splitlines()[-1]


def test_try_with_a_seed_answers_by_itself_and_says_the_same_again() -> None:
    code, told = run("try", "article_rating", "--seed", "3")
    assert code == 0
    assert "> :submit" in told
    assert told == run("try", "article_rating", "--seed", "3")[1]
    assert told != run("try", "article_rating", "--seed", "4")[1]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_walked_to_its_end(name: str) -> None:
    machine = compile(SAMPLES[name])
    assert {walk_through(machine, seed, MONDAY).end for seed in range(1, 5)} <= {"submitted", "ended_early"}
