"""How much a survey talks."""

import pytest

from bot.chatter import MESSAGES_PER_QUESTION, chatter_of
from bot.i18n import words
from bot.library import sample_flows
from tests.scenario import machine_of, sample

FLOWS = [flow.name for flow in sample_flows()]
WORDY = """
flow: wordy
version: "1"
title: {vi: Dài}
languages: [vi]
default_language: vi
questions:
  - {name: notice, type: note, label: {vi: "LONG"}}
  - {name: a, type: integer, required: true, label: {vi: "A?"}}
"""


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", FLOWS)
def test_a_sample_is_answered_with_few_messages(name: str, lang: str) -> None:
    told = chatter_of(sample(name), words(), lang)
    assert told.finished, told
    assert told.questions >= 3
    assert not told.is_too_much, told
    assert told.per_question <= MESSAGES_PER_QUESTION, told


def test_a_survey_that_lectures_is_told_so() -> None:
    told = chatter_of(machine_of(WORDY.replace("LONG", "dài dòng " * 1200)), words(), "vi")
    assert told.finished
    assert told.is_too_much
