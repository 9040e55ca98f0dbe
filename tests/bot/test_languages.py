"""Any number of languages: the person's choice, then the client's, then the form's own; what is missing falls back."""

from typing import Final

import pytest

from bot.app import House
from flows.checks import check
from flows.machine import compile
from flows.xlsform import read_markdown, to_flow
from flows.yaml_dialect import read_flow
from tests.bot.conftest import Clock
from tests.bot.test_runner import Web
from tests.scenario import Scenario

FORM: Final = """\
flow: lake
version: "1"
languages: [fr, vi, es]
default_language: fr
title: {fr: Le lac, vi: Hồ, es: El lago}
questions:
  - {name: a, type: text, label: {fr: Quel lac ?, vi: Hồ nào?, es: ¿Qué lago?}}
  - {name: b, type: text, label: {fr: Pourquoi ?, vi: Vì sao?}}
"""


@pytest.mark.parametrize(
    ("client", "asked"),
    [("es-MX", "¿Qué lago?"), ("VI", "Hồ nào?"), ("de", "Quel lac ?"), ("", "Quel lac ?"), ("fr", "Quel lac ?")],
)
async def test_a_talk_begins_in_the_client_s_language_or_the_form_s_own(
    house: House, clock: Clock, client: str, asked: str
) -> None:
    flow = read_flow(FORM, file="lake.yaml")
    await house.library.publish(house.db, [flow], clock())
    await house.library.load(house.db)
    web = Web(house, clock)
    await web.does(type="open", flow="lake", lang=client)
    assert (await web.cards())[-1]["text"] == asked


async def test_a_person_s_choice_goes_before_all_and_only_what_the_form_has_is_offered(
    house: House, clock: Clock
) -> None:
    await house.library.publish(house.db, [read_flow(FORM, file="lake.yaml")], clock())
    await house.library.load(house.db)
    web = Web(house, clock)
    await web.does(type="open", flow="lake", lang="vi")
    await web.does(type="command", name="language", argument="ES")
    assert (await web.cards())[-1]["text"] == "¿Qué lago?"
    await web.says("Xochimilco")
    assert (await web.cards())[-1]["text"] == "Pourquoi ?"  # there is no Spanish for it: the form's own
    await web.does(type="command", name="language", argument="ja")
    told = " ".join(m.body for m in await web.transcript())
    assert "fr, vi, es" in told
    assert (await web.cards())[-1]["lang"] == "es"


WORKBOOK: Final = """\
| survey |
| | type | name | label::Français (fr) | label::العربية (ar) | label::Kiswahili (sw) | hint::Français (fr) |
| | select_one l | a | Quel lac ? | - | Ziwa gani? | Le nom |
| | text | b | | لماذا؟ | Kwa nini? | |
| choices |
| | list_name | name | label::Français (fr) | label::Kiswahili (sw) |
| | l | x | Petit lac | - |
| | l | y | | Ziwa kubwa |
| settings |
| | default_language |
| | Français (fr) |
"""


def test_what_is_missing_in_a_workbook_falls_back_and_is_told_and_no_dash_is_shown() -> None:
    flow, _ = to_flow(read_markdown(WORKBOOK))
    assert flow is not None
    assert (flow.default_language, set(flow.languages)) == ("fr", {"fr", "ar", "sw"})
    missing = {(p.facts["name"], p.facts["language"]) for p in check(flow) if p.code == "missing_translation"}
    assert missing >= {("a", "ar"), ("b", "fr")}
    s = Scenario(compile(flow), lang="ar")
    s.bot_asks("Quel lac ?")
    assert [option.label for option in s.view.options] == ["Petit lac", "Ziwa kubwa"]
    s.they_tap("Petit lac").bot_asks("لماذا؟")
    s = Scenario(compile(flow), lang="sw")
    s.bot_asks("Ziwa gani?")
    assert [option.label for option in s.view.options] == ["Petit lac", "Ziwa kubwa"]
    s.they_tap("Ziwa kubwa").bot_asks("Kwa nini?")
    Scenario(compile(flow), lang="fr").bot_asks("Quel lac ?").they_tap("Petit lac").bot_asks("لماذا؟")
