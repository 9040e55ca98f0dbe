"""Founders who do everything wrong at every question: nothing raises, nothing wrong is stored, all can still finish.

Two ways to know what is wrong. Beside each question of a talk, every odd input is tried on its own: it is answered, and
no answer appears. Within a talk, three odd inputs come before each answer: what is handed in at the end is what
somebody hands in who did nothing wrong.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.library import sample_flows
from flows.engine import step
from flows.machine import Machine
from flows.session import (
    OPEN,
    Contacted,
    Corrected,
    Effect,
    Event,
    Located,
    Odd,
    Scalar,
    Sent,
    Session,
    Show,
    Spoke,
    Started,
    Submitted,
    Tapped,
    Typed,
    View,
)
from tests.founders import Willing
from tests.scenario import MONDAY, sample

FLOWS = [flow.name for flow in sample_flows()]
STEPS_MAX = 300
NOISE = ("", "  ", "\u200b", "asdf", "???", "😀😀😀", "aaaaaaaa", "...", "\x00")
STEERING = ("quay lại", "dạ cho em quay lại ạ", "huỷ", "dừng lại", "tiếp tục", "gặp người", "Quay lai cau truoc")
FIGURES = ("-999999999999999999999999", "9e99", "1/0", "31/02/2026", "${x}", "' or 1=1 --")


def odd(view: View, card: int, now: int) -> list[Event]:
    """Everything that is no answer to this card."""
    found: list[Event] = [Typed(now, text, message="7001") for text in (*NOISE, *STEERING)]
    found += [Odd(now, what) for what in ("sticker", "dice", "animation", "poll", "command", "unknown")]
    found += [Odd(now, "sticker", "🐱"), Contacted(now, "0912345678", own=False), Spoke(now, "fr")]
    found += [Corrected(now, "5", "9999"), Corrected(now, "", "7001")]
    found += [Typed(now, "5", path="#zz"), Typed(now, "5", path="no/such", reply=True, message="7002")]
    found += [Tapped(now, "pick", view.path, "yes", card - 1), Tapped(now, "pick", "#0.9.9", "yes", card)]
    found += [
        Tapped(now, op, view.path, "~AAAAAA", card) for op in ("pick", "on", "off", "turn", "page", "edit", "why")
    ]
    found += [Tapped(now, "yes", view.path, "", card), Tapped(now, "add", view.path, "", card - 7)]
    if view.type != "text":
        found += [Typed(now, text, message="7003") for text in FIGURES]
        found.append(Typed(now, "x" * 5000, message="7004"))
    if view.type not in {"image", "audio", "video", "file"}:
        found += [Sent(now, media, "f", "a.jpg", "image/jpeg", 10) for media in ("image", "video", "file")]
        found += [Sent(now, "audio", "v", "a.ogg", "audio/ogg", 10)] if view.type != "text" else []
    if not view.locate:
        found.append(Located(now, 21.03, 105.85))
    return found


def values(session: Session) -> dict[str, Scalar]:
    return {path: answer.value for path, answer in session.answers.items()}


def talk(
    machine: Machine, lang: str, seed: int, *, accepted: dict[str, Event], dice: random.Random | None = None
) -> Iterator[tuple[Session, View, tuple[Effect, ...]]]:
    """A talk to its end, each moment before an answer; `dice`: three odd things are done before each.

    What answered each question in one talk goes into `accepted`, and answers it in the next.
    """
    said: set[tuple[str, str]] = set()
    willing = Willing(seed, skips=seed % 2 == 1)
    session = Session("s", machine.name, machine.version, lang, seed=seed)
    session, effects = step(machine, session, Started(MONDAY, lang))
    view = last(effects, View(kind="message", lang=lang))
    for n in range(1, STEPS_MAX):
        yield session, view, effects
        if session.status not in OPEN:
            return
        now = MONDAY + n * 60_000
        if dice is not None and view.kind != "confirm":
            session, view = done_wrong(machine, session, view, dice, now, said)
        event = willing.answer(view, session.card, now + 30_000)
        if view.kind == "question":
            event = again(accepted.get(view.path, event), session.card, now + 30_000)
            accepted[view.path] = event
        session, effects = step(machine, session, event)
        view = last(effects, view)
        if (view.kind == "question" and view.error is not None) or view.error_text:
            accepted.pop(view.path, None)
    raise AssertionError(f"not finished: {view.path} {view.text!r} {view.error} {view.error_text}")


def again(event: Event, card: int, now: int) -> Event:
    """The same, done now."""
    return replace(event, at=now, card=card) if isinstance(event, Tapped) else replace(event, at=now)


def done_wrong(
    machine: Machine, session: Session, view: View, dice: random.Random, now: int, said: set[tuple[str, str]]
) -> tuple[Session, View]:
    """Three odd things, one after another; what they made of the card is put right as a person would."""
    for _ in range(3):
        event = dice.choice(odd(view, session.card, now))
        if isinstance(event, Typed) and event.text in NOISE:
            if (view.path, event.text) in said:
                continue  # who says "asdf" twice means it
            said.add((view.path, event.text))
        session, effects = step(machine, session, event)
        assert effects, event
        view = last(effects, view)
        if view.kind == "confirm":
            session, effects = step(machine, session, Tapped(now, "no", view.path, "", session.card))
            view = last(effects, view)
        if len(view.options) < view.total and view.kind == "question":
            session, effects = step(machine, session, Tapped(now, "page", view.path, "0", session.card))
            view = last(effects, view)
    return session, view


def last(effects: tuple[Effect, ...], view: View) -> View:
    return next((effect.view for effect in reversed(effects) if isinstance(effect, Show)), view)


@pytest.mark.parametrize("name", FLOWS)
def test_every_odd_input_at_every_question_is_answered_and_stores_nothing(name: str) -> None:
    machine = sample(name)
    seen: set[str] = set()
    for seed in (2, 3, 5):
        for session, view, _ in talk(machine, "vi", seed, accepted={}):
            if view.kind != "question" or session.status not in OPEN or view.path in seen:
                continue
            seen.add(view.path)
            before = values(session)
            for event in odd(view, session.card, MONDAY + 86_400_000):
                after, effects = step(machine, session, event)
                assert effects, event
                assert values(after) == before, (view.path, event)
    assert len(seen) > 3


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_who_does_three_wrong_things_before_each_answer_hands_in_the_same(name: str, lang: str) -> None:
    machine = sample(name)
    for seed in (1, 2):
        accepted: dict[str, Event] = {}
        clean = handed_in(talk(machine, lang, seed, accepted=accepted))
        dice = random.Random(f"{name} {lang} {seed}")
        assert handed_in(talk(machine, lang, seed, accepted=accepted, dice=dice)) == clean


def handed_in(moments: Iterator[tuple[Session, View, tuple[Effect, ...]]]) -> dict[str, Scalar]:
    """The record at the end."""
    *_, (_, _, effects) = moments
    [submitted] = [effect for effect in effects if isinstance(effect, Submitted)]
    return dict(submitted.record)
