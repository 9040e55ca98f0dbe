"""A form that is published anew while people answer it: who has begun ends as they began."""

import json

import pytest

from bot.app import House
from storage import sessions, submissions
from tests.bot.conftest import Clock
from tests.bot.test_runner import Web
from tests.scenario import machine_of

FORM = """
flow: fair
version: "{version}"
default_language: vi
languages: [vi]
title: {{vi: "Hội chợ"}}
questions:
  - {{name: name, type: text, required: true, label: {{vi: "Tên?"}}}}
  - {{name: {second}, type: text, required: true, label: {{vi: "{asked}?"}}}}
  - {{name: city, type: text, required: true, label: {{vi: "Ở đâu?"}}}}
"""


async def publish(house: House, clock: Clock, version: str, second: str, asked: str) -> None:
    flow = machine_of(FORM.format(version=version, second=second, asked=asked)).flow
    await house.library.publish(house.db, [flow], clock())
    await house.library.load(house.db)


async def answers_all(web: Web, house: House, clock: Clock, at: int) -> list[str]:
    """What they are asked, while the next version comes before answer `at`."""
    asked = []
    for n, said in enumerate(("Lan", "hai", "Huế")):
        if n == at:
            await publish(house, clock, "2", "trade", "Ngành")
        asked.append((await web.cards())[-1]["title"] or (await web.cards())[-1]["text"])
        await web.says(said)
    if at == 3:
        await publish(house, clock, "2", "trade", "Ngành")
    await web.taps("submit")
    return asked


@pytest.mark.parametrize("at", [1, 3])
async def test_a_talk_that_has_begun_ends_on_the_version_it_began_with(at: int, house: House, clock: Clock) -> None:
    await publish(house, clock, "1", "year", "Năm")
    old = Web(house, clock, "old")
    await old.opens("fair")
    asked = await answers_all(old, house, clock, at)
    assert [text.strip() for text in asked] == ["Tên?", "Năm?", "Ở đâu?"]
    [first] = await house.db.read(submissions.page)
    assert (first.version, json.loads(first.record)) == ("1", {"name": "Lan", "year": "hai", "city": "Huế"})
    new = Web(house, clock, "new")
    new.number = old.number  # keys of updates are never given twice
    await new.opens("fair")
    begun = await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "new"))
    assert begun is not None
    assert begun.version == "2"
