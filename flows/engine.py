"""step(): the only place where a session changes."""

from typing import Final

from flows import calendars, choosing, known, matrix, taking, views
from flows.corrections import Corrections
from flows.machine import Machine
from flows.outcomes import Refused, Taken, Written, why_not
from flows.session import (
    OPEN,
    Answer,
    Contacted,
    Corrected,
    Draft,
    Effect,
    Event,
    Lapsed,
    Located,
    Odd,
    Say,
    Sent,
    Session,
    Spoke,
    Started,
    Status,
    Tapped,
    Tell,
    Typed,
    Withdrew,
    moved_on,
    redrawn,
)
from flows.turn import TRAIL_MAX
from flows.walk import Stop

AHEAD_MAX: Final = 10_000  # cards: what people could have been shown since a copy was made; more is not a copy's doing


class WrongFlow(Exception):
    """The machine is not the version the session began with: ours to mend, not the person's."""


def step(machine: Machine, session: Session, event: Event) -> tuple[Session, tuple[Effect, ...]]:
    """Move one session by one event, and say what must be done about it, in order.

    Pure: time is `event.at`, chance is a seed in the session; so stored events replay to the same end.
    Whatever a person does is answered with an effect; nothing they do raises.

    Raises:
        WrongFlow: `machine` is not the version `session` began with.
    """
    if (machine.name, machine.version) != (session.flow, session.version):
        raise WrongFlow(f"began with {session.flow} {session.version}, given {machine.name} {machine.version}")
    turn = _Turn(machine, session, event.at)
    turn.take(event)
    turn.retain()
    return moved_on(turn.session, revision=session.revision + 1), tuple(turn.effects)


def show_again(machine: Machine, session: Session, at: int) -> tuple[Effect, ...]:
    """The open card as a new message, changing nothing: after /help, or when somebody comes back."""
    turn = _Turn(machine, session, at)
    shown = tuple(turn.current(session.card))
    turn.retain()
    return shown


class _Turn(Corrections):
    """One event, whatever it is."""

    def take(self, event: Event) -> None:
        status = self.session.status
        self.by_words = not isinstance(event, Tapped)
        match event:
            case Started() if status is Status.NEW:
                self.become(lang=event.lang, started_at=event.at, known=event.known, device=event.device, fresh=True)
                if event.known and (given := known.begun_with(self.world, event.known, event.at)):
                    self.keep(given)
                self.onward()
            case Spoke() if status is not Status.NEW:
                self.speak(event.lang)
            case Lapsed() if status in OPEN:
                self.lapse()
            case Tapped(op="resume") if status is Status.EXPIRED:
                self.become(status=Status.PAUSED)
                self.resume()
            case Withdrew() if status in OPEN or status is Status.EXPIRED:
                words = "engine.amend_dropped" if self.session.amends else "engine.withdrawn"
                self.end("withdrawn", forget=True, words=Say(words))
            case Tapped() if status in OPEN:
                self.tap(event)
            case Corrected() if status in OPEN:
                self.corrected(event)
            case Typed() | Sent() | Located() | Contacted() | Odd() if status in OPEN:
                self.answered(event)
            case Tapped(op="submit") if status is Status.SUBMITTED:
                self.tell("engine.already_submitted")
            case _:
                self.tell("engine.nothing_open")

    def tap(self, event: Tapped) -> None:
        if event.card is not None and 0 < event.card - self.session.card <= AHEAD_MAX:
            self.catch_up(event.card)
            return
        if event.op == "edit":
            self.edit(event.path)
            return
        if event.op == "resume" or self.session.status is Status.PAUSED:
            self.resume()
            return
        stop = self.stop()
        if self.is_stale(event, stop):
            self.tell("engine.stale")
            return
        match event.op:
            case "back":
                self.back()
            case "later":
                self.pause()
            case "show":
                self.effects.extend(self.current(self.session.card))
            case "drop" if self.session.amends:
                self.drop()
            case "review" | "submit" | "request" if self.session.status is Status.REVIEW:
                self.submit() if event.op != "review" else self.reshow(
                    views.review_view(self.world, self.session, self.way)
                )
            case "page" if self.session.status is Status.REVIEW:
                self.turn_page(event.arg)
            case _ if stop is None:
                self.tell("engine.stale")
            case "add" if stop.kind == "more":
                self.add(stop)
            case "enough" if stop.kind == "more":
                self.enough(stop)
            case "skip" if stop.kind == "question":
                self.skip(stop)
            case "yes" | "no" if self.session.draft.reading is not None:
                self.reading_is(stop, right=event.op == "yes")
            case "page":
                self.turn_page(event.arg)
            case "turn" if stop.kind == "question" and (at := calendars.turned(event.arg)):
                self.become(draft=redrawn(self.session.draft, turned=at))
                self.effects.extend(self.current(self.session.card, replace_it=True))
            case "fill" if stop.kind == "question" and matrix.table_of(self.machine, stop.index) is not None:
                self.fill(stop, event.arg)
            case "keep" if stop.kind == "question":
                self.keep_on(stop)
            case "same" if stop.kind == "question":
                self.same(stop)
            case "why" if stop.kind == "question":
                self.become(draft=redrawn(self.session.draft, why=True))
                self.effects.extend(self.current(self.session.card, replace_it=True))
            case "on" | "off" | "done" | "pick" | "set" if stop.kind == "question":
                self.choose(stop, event)
            case _:
                self.tell("engine.stale")

    def catch_up(self, card: int) -> None:
        """A button of a card that we have not shown yet: we come from a copy that was restored.

        Said once, for what is shown now counts on from the newest card that they have.
        """
        self.become(card=card + 1)
        self.tell("engine.restored")
        self.effects.extend(self.current(self.session.card))

    def is_stale(self, event: Tapped, stop: Stop | None) -> bool:
        """A button of another card, or of a question that is not the open one."""
        if event.card is not None and event.card != self.session.card:
            return True
        if event.path is None or self.session.status is Status.REVIEW:
            return False
        if stop is None:
            return True
        found = self.machine.find(event.path)
        return found != (stop.index, stop.ids)

    def choose(self, stop: Stop, event: Tapped) -> None:
        """A button of the open question that is about options."""
        if self.session.draft.message:
            self.become(draft=redrawn(self.session.draft, message=""))
        outcome = choosing.choose(self.world, self.session, stop, event)
        if isinstance(outcome, Written):
            outcome = taking.typed(self.world, self.session, stop, outcome.text)
        if isinstance(outcome, Refused) and self.machine.nodes[stop.index].question.type == "date":
            self.effects.append(Tell(why_not(outcome)))  # a day that is crossed out: the calendar stays as it is
        else:
            self.weigh(stop, outcome, None)

    def turn_page(self, arg: str) -> None:
        page = int(arg) if arg.isascii() and arg.isdigit() and len(arg) < 5 else 0
        self.become(draft=redrawn(self.session.draft, page=page, found=None))
        self.effects.extend(self.current(self.session.card, replace_it=True))

    def fill(self, stop: Stop, arg: str) -> None:
        """The same option for every row of the table that has no answer yet."""
        filled: list[str] = []
        for row in matrix.rows(self.machine, self.way, stop):
            if row.path in self.session.answers:
                continue
            bare = moved_on(self.session, draft=Draft())
            outcome = choosing.choose(self.world, bare, row, Tapped(self.at, "pick", row.path, arg))
            if isinstance(outcome, Taken):
                asked_at = self.session.draft.asked_at
                answer = Answer(outcome.raw, outcome.value, outcome.certainty, asked_at, self.at)
                self.keep({row.path: answer})
                filled.append(row.path)
        if not filled:
            self.tell("engine.stale")
            return
        trail = (*(p for p in self.session.trail if p not in filled), *filled)[-TRAIL_MAX:]
        self.become(trail=trail)
        self.leave(stop)
