"""How much a survey talks: messages that Telegram shows for each question, when people answer by taps where they can."""

from dataclasses import dataclass, replace
from typing import Final

from bot.channels.base import Address, Context
from bot.channels.telegram.buttons import Buttons
from bot.channels.telegram.render import Renderer
from bot.i18n import Words
from flows.engine import step
from flows.machine import Machine
from flows.session import (
    LIST_MAX,
    OPEN,
    Effect,
    Event,
    Located,
    Medium,
    Sent,
    Session,
    Show,
    Started,
    Tapped,
    Typed,
    View,
)

MESSAGES_PER_QUESTION: Final = 1.3  # more and a survey feels like a lecture
FRAME: Final = 3  # greeting, review and thanks: they weigh on a survey of five questions, not on one of thirty
STEPS_MAX: Final = 400
_WORDS: Final = (  # one of them is taken by nearly every question in words
    "We grow vegetables near Hanoi and help cooperatives to sell them online.", "500tr", "1", "2020", "50", "0", "100",
    "0912 345 678", "an@example.vn", "0199999991", "08:30", "01/06/2026 08:30", "31/12/2030", "62010", "345/KH-UBND",
)  # fmt: skip
_HERE: Final = Address("telegram", "1", "1")


@dataclass(frozen=True, slots=True)
class Chatter:
    """What one way through a survey came to. `finished`: False where an answer of ours was not taken, and it stops."""

    questions: int  # answered
    messages: int  # new ones, those before and after the questions counted
    finished: bool

    @property
    def per_question(self) -> float:
        """Messages a question."""
        return self.messages / max(1, self.questions)

    @property
    def is_too_much(self) -> bool:
        """Whether more is said than the questions and what frames them."""
        return self.per_question > MESSAGES_PER_QUESTION and self.messages - FRAME > self.questions


def chatter_of(machine: Machine, words: Words, lang: str) -> Chatter:
    """Answer a flow once, each question by the first thing that is taken, and count what Telegram shows."""
    renderer = Renderer(words, Buttons(bytes(32)))
    context = Context(_HERE, "chatter", lang)
    session = Session("chatter", machine.name, machine.version, lang, seed=1)
    at = 1_764_000_000_000  # any instant: what is asked does not hang on it
    session, effects = step(machine, session, Started(at, lang))
    questions = messages = 0
    for _ in range(STEPS_MAX):
        messages += sum(o.method == "sendMessage" and not o.edit for o in renderer.render(effects, context))
        view = next((e.view for e in reversed(effects) if isinstance(e, Show)), None)
        if session.status not in OPEN or view is None:
            return Chatter(questions, messages, session.status not in OPEN)
        at += 60_000
        taken = _taken(machine, session, view, at)
        if taken is None:
            break
        questions += view.kind == "question"  # one that is read back is counted once
        session, effects = taken
    return Chatter(questions, messages, finished=False)


def _taken(machine: Machine, session: Session, view: View, at: int) -> tuple[Session, tuple[Effect, ...]] | None:
    """The first answer that leads to another card; one that is read back only where there is no other."""
    read_back: tuple[Session, tuple[Effect, ...]] | None = None
    for event in _answers(view, session.card, at):
        after, effects = step(machine, session, event)
        if (after.card, after.at) != (session.card, session.at) or after.status is not session.status:
            return after, effects
        shown = next((e.view for e in effects if isinstance(e, Show)), None)
        if shown is not None and shown.kind == "confirm" and read_back is None:
            read_back = after, effects
    return read_back


def _answers(view: View, card: int, at: int) -> list[Event]:
    """What may be answered, taps first."""
    tap = Tapped(at, "done", view.path or None, "", card)
    match view.kind:
        case "confirm":
            return [replace(tap, op="yes")]
        case "add":
            return [replace(tap, op="enough")]
        case "review":
            return [replace(tap, op="submit")]
        case _:
            pass
    names = [option.name for option in view.options][:LIST_MAX]
    found: list[Event] = []
    if view.type in {"select_multiple", "rank"}:
        most = view.most or 1
        found += [replace(tap, op="set", arg=" ".join(names[n : n + most])) for n in range(len(names))]
    else:
        found += [replace(tap, op="pick", arg=name) for name in names]
    if view.calendar is not None:
        found += [replace(tap, op="pick", arg=value) for _, value in view.calendar.chips]
    found += [replace(tap, op="pick", arg=text) for text in view.quick]
    if view.type == "acknowledge":
        found.append(replace(tap, op="pick", arg="OK"))
    ending = view.accept[0] if view.accept else "jpg"
    media: dict[str, Medium] = {"image": "image", "audio": "audio", "video": "video", "file": "file"}
    if view.type in media:
        found.append(Sent(at, media[view.type], "file", f"file.{ending}", f"{view.type}/{ending}", 1000))
    if view.locate:
        found.append(Located(at, 21.03, 105.85))
    return [*found, *(Typed(at, text) for text in _WORDS), replace(tap, op="skip")]
