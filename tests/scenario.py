"""The language that talks are tested in: what the bot asks, what they say, and what is known after."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Self

from bot.config import read_settings
from bot.i18n import words
from bot.library import placeholders, read_file, sample_flows
from flows.engine import step
from flows.machine import Machine, compile
from flows.model import Flow
from flows.session import (
    Consented,
    Contacted,
    Effect,
    Ended,
    Event,
    Line,
    Located,
    Odd,
    Op,
    Option,
    Scalar,
    Sent,
    Session,
    Settle,
    Show,
    Spoke,
    Started,
    Status,
    Submitted,
    Tapped,
    Tell,
    Typed,
    View,
    Withdrew,
)
from flows.yaml_dialect import read_flow

MONDAY = 1_795_399_200_000  # 2026-11-23 09:00 in Hanoi, milliseconds
MINUTE = 60_000


@cache
def sample(name: str) -> Machine:
    """A sample flow, compiled."""
    flow = next(f for f in sample_flows() if f.name == name)
    return compile(flow, placeholders(read_settings({})))


def written(file: str) -> Machine:
    """A flow in a file."""
    flow, problems = read_file(Path(file))
    assert flow is not None, problems
    return compile(flow, placeholders(read_settings({})))


def machine_of(text: str) -> Machine:
    """A flow written in a test."""
    return compile(read_flow(text, file="test.yaml"))


class Scenario:
    """One talk, played against the engine alone."""

    def __init__(self, flow: str | Flow | Machine, lang: str = "vi", at: int = MONDAY) -> None:
        """`flow`: a sample's name, a flow in YAML, or one that is read or compiled already."""
        self.machine = _machine(flow)
        self.at = at
        self.lang = lang
        self.session = Session("s1", self.machine.name, self.machine.version, lang, seed=7)
        self.events: list[Event] = []
        self.effects: tuple[Effect, ...] = ()
        self.everything: list[Effect] = []
        self.view = View(kind="message", lang=lang)
        self.happens(Started(at, lang))

    # What they do.

    def happens(self, event: Event) -> Self:
        """One event, as it comes from a channel."""
        self.at += 1000
        event = replace(event, at=self.at)
        self.events.append(event)
        self.session, self.effects = step(self.machine, self.session, event)
        self.everything.extend(self.effects)
        for effect in self.effects:
            if isinstance(effect, Show):
                self.view = effect.view
        return self

    def they_say(self, text: str) -> Self:
        """They write."""
        return self.happens(Typed(self.at, text))

    def they_tap(self, label: str) -> Self:
        """They press an option, by its words."""
        return self.press("pick", self.option(label).name)

    def they_choose(self, *labels: str) -> Self:
        """They switch options on, one by one, and press Done."""
        for label in labels:
            self.press("on", self.option(label).name)
        return self.press("done")

    def they_tap_quick(self, text: str) -> Self:
        """They press one of the texts worth one tap."""
        assert text in self.view.quick, f"{text!r} is not among {self.view.quick} of {self.view.text!r}"
        return self.press("pick", text)

    def they_press(self, op: Op) -> Self:
        """They press a button that is no option: back, skip, later, yes, no, add, enough, submit, resume."""
        return self.press(op)

    def they_edit(self, label: str) -> Self:
        """They press a line of the review."""
        return self.happens(Tapped(self.at, "edit", self.line(label).path, card=self.session.card))

    def they_send(self, name: str, mime: str, size: int = 1000) -> Self:
        """They send a file."""
        media = mime.partition("/")[0]
        kind = media if media in {"image", "audio", "video"} else "file"
        return self.happens(Sent(self.at, kind, f"f{len(self.events)}", name, mime, size))  # type: ignore[arg-type]

    def they_are_at(self, lat: float, lon: float) -> Self:
        """They share a place."""
        return self.happens(Located(self.at, lat, lon))

    def they_share_phone(self, phone: str, *, own: bool = True) -> Self:
        """They share a contact card."""
        return self.happens(Contacted(self.at, phone, own))

    def they_send_a(self, what: str) -> Self:
        """They send something odd."""
        return self.happens(Odd(self.at, what))

    def they_switch_to(self, lang: str) -> Self:
        """They ask for another language."""
        return self.happens(Spoke(self.at, lang))

    def they_withdraw(self) -> Self:
        """They take their consent back."""
        return self.happens(Withdrew(self.at))

    def press(self, op: Op, arg: str = "", *, card: int | None = None, path: str | None = None) -> Self:
        """A button of the open card."""
        where = path if path is not None else (self.view.path or None)
        return self.happens(Tapped(self.at, op, where, arg, self.session.card if card is None else card))

    # What is true.

    def bot_asks(self, text: str) -> Self:
        """The open card's question begins so."""
        assert self.view.kind in {"question", "add", "confirm"}, (
            f"no question is open but {self.view.kind}: {self.view.text}"
        )
        assert self.view.text.startswith(text), f"the bot asks {self.view.text!r}, not {text!r}"
        return self

    def bot_reads_back(self, value: str) -> Self:
        """A reading waits for yes or no."""
        assert self.view.kind == "confirm", f"{self.view.kind}: {self.view.text}"
        told = words().shown(self.session.lang, self.view.shown)
        assert value in told, f"the bot reads back {told!r}, not {value!r}"
        return self

    def bot_objects(self, text: str) -> Self:
        """The last answer was not taken, and this is (a part of) the reason."""
        assert text in self.objection(), f"the bot says {self.objection()!r}"
        return self

    def bot_says(self, text: str) -> Self:
        """Something was said in passing."""
        told = [words().tell(self.session.lang, e.say) for e in self.effects if isinstance(e, Tell)]
        assert any(text in one for one in told), f"the bot says {told}"
        return self

    def bot_shows_review(self) -> Self:
        """All questions are answered."""
        assert self.session.status is Status.REVIEW, f"{self.session.status}: {self.view.text}"
        return self

    def objection(self) -> str:
        """Why the last answer was not taken; "" when it was."""
        if self.view.error_text:
            return self.view.error_text
        return words().tell(self.session.lang, self.view.error) if self.view.error is not None else ""

    def option(self, label: str) -> Option:
        """An option of the open card, by the beginning of its words."""
        found = [o for o in self.view.options if o.label.startswith(label)]
        assert found, f"{label!r} is not among {[o.label for o in self.view.options]} of {self.view.text!r}"
        return found[0]

    def line(self, label: str) -> Line:
        """A line of the review, by the beginning of its words."""
        return next(line for section in self.view.sections for line in section.lines if line.label.startswith(label))

    @property
    def options(self) -> list[str]:
        """The words on the open card's options."""
        return [o.label for o in self.view.options]

    @property
    def asked(self) -> list[str]:
        """The names of the questions that were put, each once, in order."""
        paths = dict.fromkeys(view.path for view in self.cards() if view.kind == "question")
        return [path.rsplit("/", 1)[-1] for path in paths]

    @property
    def answers(self) -> dict[str, Scalar]:
        """What is stored, by name."""
        return {path.rsplit("/", 1)[-1]: answer.value for path, answer in self.session.answers.items()}

    @property
    def record(self) -> dict[str, Scalar]:
        """What was submitted, by name."""
        found = [e for e in self.everything if isinstance(e, Submitted)]
        assert len(found) == 1, f"submitted {len(found)} times"
        return {path.rsplit("/", 1)[-1]: value for path, value in found[0].record.items()}

    @property
    def consents(self) -> list[tuple[str, bool]]:
        """(purpose, given) as they were recorded."""
        return [(e.purpose, e.given) for e in self.everything if isinstance(e, Consented)]

    @property
    def ended(self) -> str | None:
        """Why the talk ended without a submission."""
        return next((e.reason for e in self.everything if isinstance(e, Ended)), None)

    def settled(self) -> list[Settle]:
        """Cards that were shrunk to a receipt."""
        return [e for e in self.everything if isinstance(e, Settle)]

    def cards(self) -> Sequence[View]:
        """Every card shown, in order."""
        return [e.view for e in self.everything if isinstance(e, Show)]


def _machine(flow: str | Flow | Machine) -> Machine:
    if isinstance(flow, Machine):
        return flow
    if isinstance(flow, Flow):
        return compile(flow)
    return machine_of(flow) if "\n" in flow else sample(flow)
