"""What ODK's own tools say of a form stands beneath what we say, in their words and with a place."""

import json
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from bot import judge
from bot.cli import app
from bot.judge import ask_judge, judged, place_in
from bot.sheets import draft_workbook
from flows.problems import Place
from flows.xlsform import make_sheet, plain_sheets, read_markdown

HEAD: Final = "| survey |\n| | type | name | Label:English (en) | relevance | image | chat::widget | pii |\n"
SEEN: Final = f"{HEAD}| | text | a | Name? | | | | basic |\n| | | | | | | | |\n"


def test_the_judge_is_given_one_spelling_of_each_header_and_every_row_in_its_place() -> None:
    sheets = plain_sheets(read_markdown(f"{SEEN}| | note | b | Hi | ${{a}} = 'x' | x.png | stars | |\n"))
    assert sheets["survey"] == [  # the headers stand in row 2 here, so the list begins with row 2
        {},
        {"type": "text", "name": "a", "label::English (en)": "Name?"},
        {},
        {
            "type": "note", "name": "b", "label::English (en)": "Hi", "relevant": "${a} = 'x'", "media::image": "x.png",
        },
    ]  # fmt: skip
    assert sheets["settings"] == [{"allow_choice_duplicates": "yes"}]


def test_the_judge_s_words_stand_beneath_ours_where_both_speak_of_one_row() -> None:
    text = f"{SEEN}| | text | c | Where? | ${{nobody}} = 1 | | | |\n"
    _, problems = draft_workbook(text.encode(), "form.md", with_judge=True)
    ours = next(p for p in problems if p.code == "unknown_name")
    assert ours.place == Place(sheet="survey", row=5, column="relevance")
    assert "nobody" in ours.facts["pyxform"]
    assert [p.code for p in problems].count("sheet_judge_refuses") == 0


def test_what_only_the_judge_sees_is_a_warning_and_the_form_still_runs() -> None:
    text = "| survey |\n| | type | name | label |\n| | text | a | A? |\n| | caseid | who | |\n| | text | b | B? |\n"
    flow, problems = draft_workbook(text.encode(), "form.md", with_judge=True)
    assert flow is not None
    assert not any(p.is_error for p in problems)
    assert any("caseid" in p.facts.get("pyxform", "") for p in problems)
    assert not any("pyxform" in p.facts for p in draft_workbook(text.encode(), "form.md")[1])


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("[row : 9] Repeat has no label: {'name': 'kids'}", Place(sheet="survey", row=9)),
        (
            "[row : 7] On the 'choices' sheet, the 'name' value is invalid.",
            Place(sheet="choices", row=7, column="name"),
        ),
        ("Unknown question type 'caseid'.", Place(sheet="survey")),
    ],
)
def test_the_judge_s_places_are_read(words: str, place: Place) -> None:
    assert place_in(words) == place


def test_a_judge_that_breaks_or_takes_too_long_is_told_and_nothing_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = make_sheet("survey", [["type", "name", "label"], ["text", "a", "A?"]])
    monkeypatch.setattr(judge, "SECONDS_MAX", 0.05)
    assert ask_judge(plain_sheets([survey])).refused == "TimeoutExpired"
    monkeypatch.setattr(judge, "SECONDS_MAX", 30)
    monkeypatch.setattr(judge, "MEMORY_MAX", 30_000_000)
    assert [p.code for p in judged([survey], ())] == ["sheet_judge_refuses"]


def test_check_prints_the_judge_s_words_under_ours(tmp_path: Path) -> None:
    form = tmp_path / "form.md"
    form.write_text(f"{SEEN}| | simserial | s | | | | | |\n", encoding="utf-8")
    shown = CliRunner().invoke(app, ["check", str(form)])
    lines = shown.output.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("survey, row 5, type"))
    assert lines[at + 2].startswith("    pyxform: [row : 5] simserial")
    told = [json.loads(line) for line in CliRunner().invoke(app, ["check", str(form), "--json"]).output.splitlines()]
    assert any("simserial" in each["facts"].get("pyxform", "") for each in told)
