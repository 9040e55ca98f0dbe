"""Commands: what they print, and how they end: 0 done, 1 could not, 2 asked wrongly."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import ASKED_WRONGLY, COULD_NOT, DONE, app
from bot.library import sample_flows
from flows.problems import CODES
from tests.scenario import Scenario
from tests.test_house import ROOT

TOKEN = "123456789:" + "AAHk3v5mY0aXq2WmV8bN1cD4eF6gH7iJ9kL"
KEY = "0123456789abcdef" * 3
SOUND = """
flow: tea
version: "1"
default_language: vi
languages: [vi, en]
title: {vi: "Trà", en: "Tea"}
choices:
  tea: [{name: green, label: {vi: "Trà xanh", en: "Green"}}, {name: black, label: {vi: "Trà đen", en: "Black"}}]
questions:
  - {name: tea, type: select_one tea, required: true, label: {vi: "Anh/chị uống trà gì?", en: "Which tea?"}}
  - {name: cups, type: integer, relevant: "${tea} = 'green'", label: {vi: "Mấy chén?", en: "How many cups?"}}
"""
BROKEN = SOUND.replace("${tea} = 'green'", "${tee} = 'green' and")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A wide terminal, a folder of its own, and no settings from outside."""
    monkeypatch.setenv("COLUMNS", "240")
    monkeypatch.setenv("KHAOSAT_DATA_DIR", str(tmp_path / "data"))


def run(*args: str, typed: str = "", **env: str) -> Result:
    """A command, with what is typed into it."""
    return CliRunner().invoke(app, list(args), input=typed, env=env)


def file(folder: Path, text: str) -> str:
    """A flow's file."""
    path = folder / "tea.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_config_shows_every_setting_and_no_secret() -> None:
    found = run("config", KHAOSAT_TELEGRAM_TOKEN=TOKEN, KHAOSAT_PORT="9001", KHAOSAT_SIGNING_KEY=KEY)
    assert found.exit_code == DONE
    assert "KHAOSAT_PORT" in found.output
    assert "9001" in found.output
    assert "********" in found.output
    assert TOKEN not in found.output
    assert KEY not in found.output


def test_a_misspelt_setting_ends_every_command_with_a_suggestion() -> None:
    found = run("config", KHAOSAT_PROT="9001")
    assert found.exit_code == ASKED_WRONGLY
    assert "KHAOSAT_PORT" in found.output


@pytest.mark.parametrize("name", [flow.name for flow in sample_flows()])
def test_check_finds_nothing_wrong_in_a_sample(name: str) -> None:
    found = run("check", name, "--lang", "en")
    assert found.exit_code == DONE, found.output
    assert "0 errors" in found.output


def test_check_tells_the_place_the_problem_and_the_remedy(tmp_path: Path) -> None:
    found = run("check", file(tmp_path, BROKEN), "--lang", "en")
    assert found.exit_code == COULD_NOT
    assert "tea.yaml:11:" in found.output
    assert "error" in found.output
    in_vietnamese = run("check", file(tmp_path, BROKEN), "--lang", "vi")
    assert in_vietnamese.output != found.output


def test_check_of_a_sound_file_is_done(tmp_path: Path) -> None:
    assert run("check", file(tmp_path, SOUND)).exit_code == DONE


def test_check_as_json_is_one_object_a_line(tmp_path: Path) -> None:
    found = run("check", file(tmp_path, BROKEN), "--json")
    told = [json.loads(line) for line in found.stdout.splitlines()]
    assert found.exit_code == COULD_NOT
    assert told
    assert {one["code"] for one in told} <= CODES
    assert all(one["problem"] and one["remedy"] and one["place"]["file"] == "tea.yaml" for one in told)
    assert run("check", "article_rating", "--json").stdout == ""


@pytest.mark.parametrize("command", ["check", "try", "graph"])
def test_an_unknown_flow_is_asked_wrongly(command: str) -> None:
    found = run(command, "no_such_flow", KHAOSAT_LANGUAGE="en")
    assert found.exit_code == ASKED_WRONGLY
    assert "no_such_flow" in found.stderr
    assert found.stdout == ""


def test_a_file_that_is_no_text_is_asked_wrongly(tmp_path: Path) -> None:
    path = tmp_path / "photo.yaml"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    assert run("check", str(path)).exit_code == ASKED_WRONGLY
    assert run("check", str(tmp_path)).exit_code == ASKED_WRONGLY


def test_try_plays_a_talk_and_prints_it_as_a_test_that_passes() -> None:
    found = run("try", "article_rating", "--record", typed="1\n:skip\n6\n2 sao\n2\n1, 3\nbỏ qua\ncó\n:submit\n")
    assert found.exit_code == DONE, found.output
    printed = found.stdout[found.stdout.index("from tests.scenario import Scenario") :]
    assert "assert talk.record ==" in printed
    place: dict[str, object] = {}
    exec(printed, place)  # the printed test is the thing under test
    test = place["test_a_talk_through_article_rating"]
    assert callable(test)
    test()
    place["Scenario"] = lambda *args, **kwargs: Scenario("research_order", "vi")
    with pytest.raises(AssertionError):
        test()


def test_a_printed_test_passes_for_money_dates_and_reading_back() -> None:
    typed = (
        "1\n2\n1\nĐất Ẩm\nHà\n0912 345 678\n1\n1\nTưới đúng lúc, ít tốn nước.\n"
        "Cần cảm biến đo độ ẩm đất cho mười héc ta rau.\n:skip\n1\n1-2 tỷ\n31/12/2027\n4\n1\n1\n:skip\n1\n:submit\n"
    )
    found = run("try", "techfest_matching", "--record", typed=typed)
    printed = found.stdout[found.stdout.index("from tests.scenario import Scenario") :]
    assert "'amount_max_vnd': 2000000000" in printed
    assert "'deadline': '2027-12-31'" in printed
    place: dict[str, object] = {}
    exec(printed, place)
    test = place["test_a_talk_through_techfest_matching"]
    assert callable(test)
    test()


def test_a_talk_through_a_file_is_printed_as_a_test_that_reads_the_file(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(
        'flow: one\nversion: "1"\nlanguages: [vi]\ntitle: T\nquestions:\n  - {name: a, type: text, required: true, label: "Một?"}\n'
    )
    found = run("try", str(file), "--record", typed="xin chào\n:submit\n")
    printed = found.stdout[found.stdout.index("from tests.scenario import Scenario") :]
    place: dict[str, object] = {}
    exec(printed, place)
    test = place["test_a_talk_through_one"]
    assert callable(test)
    test()


def test_a_workbook_is_checked_and_tried_like_any_flow(tmp_path: Path) -> None:
    file = tmp_path / "form.csv"
    file.write_text(
        "survey,,,,\n,type,name,label::English (en),required\n,text,word,One word?,yes\n"
        "settings,,\n,form_title,default_language\n,A form,English (en)\n"
    )
    assert run("check", str(file)).exit_code == DONE, run("check", str(file)).output
    found = run("try", str(file), "--lang", "en", typed="hello\n:submit\n")
    assert "One word?" in found.stdout
    assert found.exit_code == DONE


def test_try_speaks_the_language_asked_for(tmp_path: Path) -> None:
    found = run("try", file(tmp_path, SOUND), "--lang", "en", typed="Black\n:submit\n")
    assert found.exit_code == DONE
    assert "Which tea?" in found.output
    assert "Anh/chị uống trà gì?" not in found.output


def test_try_of_a_broken_flow_tells_its_problems(tmp_path: Path) -> None:
    found = run("try", file(tmp_path, BROKEN), typed="x\n")
    assert found.exit_code == COULD_NOT
    assert "tea.yaml:11:" in found.output


def test_graph_draws_in_the_language_of_graphviz(tmp_path: Path) -> None:
    drawn = run("graph", file(tmp_path, SOUND))
    assert drawn.exit_code == DONE
    assert drawn.stdout.startswith("digraph")
    assert '"tea" -> "cups"' in drawn.stdout
    assert drawn.stdout.count("{") == drawn.stdout.count("}")


def test_read_tells_the_value_and_how_sure_it_is() -> None:
    found = run("read", "money", "1,5 tỷ", "--json")
    assert json.loads(found.stdout) == {"value": 1_500_000_000, "certainty": "sure", "ask": None}
    asked = run("read", "money", "500", KHAOSAT_LANGUAGE="en")
    assert "thousand, million or billion" in asked.output
    assert run("read", "date", "hôm qua", "--date", "2026-11-23", "--json").stdout.startswith('{"value": "2026-11-22"')
    option = run("read", "option", "trà xanh", "--flow", "article_rating", "--question", "no_such")
    assert option.exit_code == ASKED_WRONGLY
    assert run("read", "colour", "red").exit_code == ASKED_WRONGLY
    assert run("read", "date", "hôm qua", "--date", "yesterday").exit_code == ASKED_WRONGLY


def test_an_account_is_made_once_and_its_link_is_printed() -> None:
    first = run("admin", "create", "lan", "--name", "Nguyễn Lan")
    assert first.exit_code == DONE, first.output
    assert "http://127.0.0.1:8080/staff/" in first.output
    assert run("admin", "create", "lan").exit_code == COULD_NOT


def test_export_of_a_flow_that_is_not_there_is_asked_wrongly() -> None:
    assert run("export", "no_such_flow").exit_code == ASKED_WRONGLY


def test_the_command_runs_as_a_module() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "bot", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert found.returncode == DONE
    assert "Traceback" not in found.stderr
    for command in ("run", "config", "check", "try", "graph", "read", "export", "admin"):
        assert command in found.stdout


def readings(*args: str, typed: str = "") -> list[dict[str, object]]:
    found = run("read", *args, "--json", typed=typed)
    assert found.exit_code == DONE, found.output
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_each_answer_to_be_read_is_a_line() -> None:
    told = readings("money", "dạ khoảng 2 tỷ ạ", "1-2 tỷ", "500", "-5 triệu")
    assert [each["value"] for each in told] == [2_000_000_000, {"min": 10**9, "max": 2 * 10**9}, None, None]
    assert [each["certainty"] for each in told] == ["sure", "confirm", "vague", "vague"]
    assert [each["ask"] is None for each in told] == [True, False, False, False]


def test_answers_are_read_from_the_input_as_well() -> None:
    told = readings("date", "-", "--date", "2026-11-23", typed="hôm qua\n\n8/2025\r\n")
    assert [each["value"] for each in told] == ["2026-11-22", None, "2025-08-31"]


def test_places_are_told_by_code_and_name() -> None:
    assert readings("ward", "hoà lạc")[0]["value"] == {"code": "09988", "name": "Xã Hòa Lạc"}
    assert readings("province", "sài gòn")[0]["value"] == {"code": "79", "name": "Thành phố Hồ Chí Minh"}


def test_options_are_read_for_the_question_they_belong_to() -> None:
    asked = ("--flow", "startup_support_needs", "--question", "need_groups")
    assert [each["certainty"] for each in readings("option", "1", "1, 3", "99", *asked)] == ["sure", "sure", "none"]


@pytest.mark.parametrize(
    "args", [("mony", "5"), ("date", "mai", "--date", "tomorrow"), ("option", "1"), ("option", "1", "--question", "x")]
)
def test_what_cannot_be_read_at_all_is_asked_wrongly(args: tuple[str, ...]) -> None:
    assert run("read", *args).exit_code == ASKED_WRONGLY
