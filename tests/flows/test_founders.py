"""Founders who do everything wrong, and founders who answer as asked, in every sample flow."""

import random

import pytest
from pydantic import TypeAdapter

from bot.library import sample_flows
from flows.engine import step
from flows.machine import Machine
from flows.session import OPEN, Event, Session, Show, Started, Status, View
from tests.founders import Clumsy, Willing
from tests.scenario import MONDAY, sample

FLOWS = [flow.name for flow in sample_flows()]
LONGEST = 400  # steps; the longest flow has 49 questions


def begin(machine: Machine, lang: str = "vi") -> tuple[Session, View, list[Event]]:
    events: list[Event] = [Started(MONDAY, lang)]
    session, effects = step(machine, Session("s", machine.name, machine.version, lang, seed=3), events[0])
    return session, next(e.view for e in effects if isinstance(e, Show)), events


def finish(
    machine: Machine, session: Session, view: View, founder: Willing, events: list[Event] | None = None
) -> Session:
    """Answer on until it is submitted."""
    for n in range(LONGEST):
        if session.status not in OPEN:
            return session
        event = founder.answer(view, session.card, MONDAY + n * 1000)
        if events is not None:
            events.append(event)
        session, effects = step(machine, session, event)
        view = next((e.view for e in reversed(effects) if isinstance(e, Show)), view)
    raise AssertionError(
        f"not finished after {LONGEST} steps: {view.path} {view.text!r} {view.error} {view.error_text}"
    )


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("skips", [False, True])
def test_a_willing_founder_submits(name: str, lang: str, skips: bool) -> None:
    machine = sample(name)
    for seed in range(6):
        session, view, _ = begin(machine, lang)
        assert finish(machine, session, view, Willing(seed, skips=skips)).status is Status.SUBMITTED


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("seed", range(4))
def test_a_clumsy_founder_is_always_answered_and_can_still_finish(name: str, seed: int) -> None:
    machine = sample(name)
    session, view, events = begin(machine)
    clumsy, willing = Clumsy(random.Random(f"{name} {seed}")), Willing(seed)
    for n in range(250):
        if session.status not in OPEN:
            session, view, events = begin(machine)
        open_at, before, other = session.at, session.answers, session.draft.other
        corrected = {path for path, _ in session.said.values()}  # a message that answered them may be edited
        founder_slips = clumsy.dice.random() < 0.7
        event = (clumsy.act if founder_slips else willing.answer)(view, session.card, MONDAY + n * 1000)
        events.append(event)
        session, effects = step(machine, session, event)
        assert effects, event
        shown = [e.view for e in effects if isinstance(e, Show)]
        view = shown[-1] if shown else view
        changed = {p for p in {*before, *session.answers} if before.get(p) is not session.answers.get(p)}
        allowed = (
            {open_at}
            | {machine.path(i, ()) for i in machine.filtered}
            | siblings(machine, open_at)
            | {other}
            | corrected
        )
        assert session.status not in OPEN or changed <= allowed, (event, changed, open_at)
    if session.status not in OPEN:
        session, view, events = begin(machine)
    events_before = len(events)
    done = finish(machine, session, view, willing, events)
    assert done.status is Status.SUBMITTED
    assert len(events) > events_before
    assert replayed(machine, events) == TypeAdapter(Session).dump_json(done)


def siblings(machine: Machine, at: str | None) -> set[str]:
    """Other questions that the words to this one may fill: the maximum of a range."""
    found = machine.find(at) if at else None
    if found is None or at is None:
        return set()
    node = machine.nodes[found[0]]
    names = node.question.chat.accept_range if node.item.kind == "question" else ()
    return {at.removesuffix(node.name) + name for name in names}


def replayed(machine: Machine, events: list[Event]) -> bytes:
    """The session after the same events, read back from their JSON."""
    session = Session("s", machine.name, machine.version, "vi", seed=3)
    adapter: TypeAdapter[Event] = TypeAdapter(Event)
    for event in events:
        session, _ = step(machine, session, adapter.validate_python(adapter.dump_python(event)))
    return TypeAdapter(Session).dump_json(session)
