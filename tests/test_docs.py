"""What the documents show works as they show it."""

import re
from pathlib import Path

from bot.library import draft
from flows.machine import compile
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
