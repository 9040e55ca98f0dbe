"""Every view of every sample survey, in both languages, as Telegram takes it."""

import random
from collections.abc import Iterator

import pytest

from bot.channels.base import Address, Context, Incoming, Outgoing
from bot.channels.telegram.buttons import Buttons
from bot.channels.telegram.limits import BUTTONS_MAX, DATA_MAX, ENTITIES_MAX, PLACEHOLDER_MAX, ROW_MAX, TEXT_MAX
from bot.channels.telegram.paper import units
from bot.channels.telegram.render import Renderer
from bot.i18n import words
from bot.library import sample_flows
from flows.engine import step
from flows.session import OPEN, Effect, Event, Session, Show, Spoke, Started, Tapped, View
from tests.fake_telegram.entities import parse_html
from tests.founders import Clumsy, Willing
from tests.scenario import MONDAY, sample

FLOWS = [flow.name for flow in sample_flows()]
CHAT = Address("telegram", "1", "9007199254740991")
RENDERER = Renderer(words(), Buttons(b"s" * 32))
SESSION = "01hzzzzzzzzzzzzzzzzzabc123"
TALKS = 4  # of each flow and language: the way through it differs by what is answered
STEPS = 120


def talk(name: str, lang: str, seed: int) -> Iterator[tuple[Effect, ...]]:
    """What a founder sees who answers, errs, looks around in calendars and lists, and goes on."""
    machine = sample(name)
    willing, clumsy = Willing(seed, skips=seed % 2 == 1), Clumsy(random.Random(f"{name} {lang} {seed}"))
    session = Session("s", machine.name, machine.version, lang, seed=seed)
    event: Event = Started(MONDAY, lang)
    view = View(kind="message", lang=lang)
    for n in range(STEPS):
        session, effects = step(machine, session, event)
        yield effects
        if session.status not in OPEN:
            return
        view = next((e.view for e in reversed(effects) if isinstance(e, Show)), view)
        now = MONDAY + n * 1000
        if view.calendar is not None and n % 3 == 0:
            event = Tapped(now, "turn", view.path, ("2024-02", "2026", "2016s")[n // 3 % 3], session.card)
        elif n % 4 == 1:
            event = clumsy.act(view, session.card, now)
            event = Spoke(now, lang) if isinstance(event, Spoke) else event
        else:
            event = willing.answer(view, session.card, now)


def broken(outgoing: Outgoing) -> list[str]:
    """The limits that a request breaks."""
    found: list[str] = []
    if "text" in outgoing.body and outgoing.method != "answerCallbackQuery":
        formatted = parse_html(str(outgoing.body["text"]))
        if not 1 <= units(formatted.text) <= TEXT_MAX:
            found.append(f"{units(formatted.text)} units of text")
        if len(formatted.entities) > ENTITIES_MAX:
            found.append(f"{len(formatted.entities)} entities")
        found.extend(map(str, formatted.oddities))
    markup = outgoing.body.get("reply_markup", {})
    rows = markup.get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS_MAX:
        found.append(f"{len(buttons)} buttons")
    found.extend(f"{len(row)} in a row" for row in rows if not 1 <= len(row) <= ROW_MAX)
    found.extend(f"a button without words: {button}" for button in buttons if not button["text"].strip())
    found.extend(
        f"data of {button['text']}" for button in buttons if len(button.get("callback_data", "").encode()) > DATA_MAX
    )
    if len(markup.get("input_field_placeholder", "")) > PLACEHOLDER_MAX:
        found.append("placeholder")
    return found


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", FLOWS)
def test_every_view_of_a_sample_survey_is_inside_telegrams_limits(name: str, lang: str) -> None:
    context = Context(CHAT, SESSION, lang, Incoming(CHAT, ignored="x"))
    shown: set[str] = set()
    for seed in range(TALKS):
        for effects in talk(name, lang, seed):
            shown |= {effect.view.path for effect in effects if isinstance(effect, Show)}
            for outgoing in RENDERER.render(effects, context):
                assert broken(outgoing) == [], outgoing
    assert len(shown) > len(list(sample(name).flow.questions())) / 3
