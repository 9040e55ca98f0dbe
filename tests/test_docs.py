"""What the documents show works as they show it."""

import re
from pathlib import Path

from bot.library import draft
from flows.machine import compile
from tests import xlsform_table
from tests.scenario import Scenario

ROOT = Path(__file__).parents[1]


def example() -> str:
    """The flow in docs/flows.md."""
    found = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "flows.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_flow_in_the_manual_can_be_used_as_it_stands() -> None:
    flow, problems = draft(example(), "flows.md", ROOT / "docs")
    assert problems == ()
    assert flow is not None
    s = Scenario(compile(flow))
    s.bot_asks("Anh/chị uống trà gì?").they_choose("Trà sen").bot_asks("Mấy người đi cùng?").they_say("2")
    s.bot_asks("Người ấy uống gì?").they_tap("Trà xanh").they_tap("Trà sen").bot_shows_review().they_press("submit")
    assert s.record["drinks"] == "lotus"


def test_every_test_that_the_page_on_reliability_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")))
    there = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert named - there == set()


def test_the_tables_on_workbooks_are_those_of_the_code() -> None:
    page = xlsform_table.PAGE.read_text(encoding="utf-8")
    assert xlsform_table.renewed(page) == page, "python -m tests.xlsform_table"
    assert page.count(xlsform_table.BEGIN) == page.count(xlsform_table.END) == 1


def test_links_between_the_pages_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {link}"
        for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md"))
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []
