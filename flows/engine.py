"""step(): the only place where a session changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flows import bursts, calendars, choosing, matrix, taking, views
from flows.machine import MORE, Ids, Machine
from flows.model import GIVEN
from flows.outcomes import Confirm, Heard, Narrow, Outcome, Refused, Taken, Toggled, Written, judged, named, why_not
from flows.record import record_of, unmet
from flows.session import (
    OPEN,
    Answer,
    Consented,
    Contacted,
    Corrected,
    Draft,
    Effect,
    Ended,
    Event,
    Instances,
    Located,
    Noted,
    Odd,
    Say,
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
from flows.walk import Stop, Way, stop_at, walk
from flows.world import INSTANCES_MAX, World

STEERING: Final = frozenset({"back", "skip", "stop", "human", "resume", "language:vi", "language:en"})
TRAIL_MAX: Final = 200  # steps back that are remembered
ALBUM_MAX: Final = 20  # files of one answer; a channel's album holds ten
SAID_MAX: Final = 200  # messages that can still be edited into another answer


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
    return replace(turn.session, revision=session.revision + 1), tuple(turn.effects)


def show_again(machine: Machine, session: Session, at: int) -> tuple[Effect, ...]:
    """The open card as a new message, changing nothing: after /help, or when somebody comes back."""
    turn = _Turn(machine, session, at)
    return tuple(turn.current(session.card))


class _Turn:
    """One event's way through the machine: the session as it becomes, and the effects as they gather."""

    def __init__(self, machine: Machine, session: Session, at: int) -> None:
        self.machine = machine
        self.session = session
        self.at = at
        self.effects: list[Effect] = []
        self._world: World | None = None
        self._way: Way | None = None
        self.card_before = session.card
        self.by_words = False  # the event is a message of the person's, which now stands below the open card

    # What is true now. Both are dropped when an answer changes.

    @property
    def world(self) -> World:
        if self._world is None:
            self._world = World(self.machine, self.session, self.at)
        return self._world

    @property
    def way(self) -> Way:
        if self._way is None:
            self._way = walk(self.world)
        return self._way

    def become(self, *, fresh: bool = False, **changes: object) -> None:
        """Change the session; `fresh`: answers, repeats or language changed, so what was true is to be asked anew."""
        self.session = replace(self.session, **changes)  # type: ignore[arg-type]
        if fresh:
            self._world = self._way = None

    def tell(self, key: str, **holes: str | float) -> None:
        self.effects.append(Tell(Say(key, holes)))

    # Events.

    def take(self, event: Event) -> None:
        status = self.session.status
        self.by_words = not isinstance(event, Tapped)
        match event:
            case Started() if status is Status.NEW:
                self.become(lang=event.lang, started_at=event.at, fresh=True)
                self.onward()
            case Spoke() if status is not Status.NEW:
                self.speak(event.lang)
            case Withdrew() if status in OPEN:
                self.end("withdrawn", forget=True, words=Say("engine.withdrawn"))
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

    def speak(self, lang: str) -> None:
        """Another language: the open card is shown again in it, the answers stay."""
        if lang not in self.machine.flow.languages:
            self.tell("engine.language_unknown")
            return
        self.become(lang=lang, fresh=True)
        if self.session.status in OPEN:
            self.effects.extend(self.current(self.session.card, replace_it=True))
        self.tell("engine.language_changed")

    def answered(self, event: Typed | Sent | Located | Contacted | Odd) -> None:
        """Words, a file, a place: meant for the open question."""
        if self.session.status is Status.PAUSED:
            self.resume(show=False)
        stop = self.stop()
        if isinstance(event, Sent) and event.group and self.further(event):
            return
        if isinstance(event, Typed):
            path = self.path_meant(event)
            if path is not None and not self.is_meant(path, stop):
                if event.reply:
                    self.replied(event, path)
                else:
                    self.tell("engine.stale_words")
                    self.effects.extend(self.current(self.session.card))
                return
        command = taking.command(event.text) if isinstance(event, Typed) else None
        if self.session.status is Status.REVIEW or stop is None:
            self.at_review(command)
        elif stop.kind == "more":
            self.at_more(stop, command)
        elif (
            isinstance(event, Typed) and self.session.draft.reading is not None and self.confirmed(stop, event, command)
        ):
            return
        else:
            message = event.message if isinstance(event, Typed) else ""
            if message != self.session.draft.message:
                self.become(draft=replace(self.session.draft, message=message))
            self.judge(stop, event, command)

    def judge(self, stop: Stop, event: Typed | Sent | Located | Contacted | Odd, command: str | None) -> None:
        """What somebody sent, against the open question, and against the one before that it may go on with."""
        voice = self.session.draft.voice
        if isinstance(event, Typed) and voice and command in {"yes", "skip", "submit"}:
            self.weigh(stop, Taken("", f"voice:{voice}", "vague"), None)
            return
        outcome = taking.take(self.world, self.session, stop, event)
        if isinstance(event, Typed):
            if command not in STEERING and (more := bursts.continued(self.world, self.session, event, outcome)):
                self.go_on(more, event.message)
                return
            if event.forwarded and isinstance(outcome, Taken) and not outcome.exact:
                self.become(draft=replace(self.session.draft, forwarded=True))
                outcome = Confirm(outcome.raw, outcome.value, Say("widgets.forwarded"))
        card = self.session.card
        self.weigh(stop, outcome, command)
        if isinstance(event, Sent) and event.group and isinstance(outcome, Taken):
            self.become(album=(event.group, stop.path, card))

    def further(self, event: Sent) -> bool:
        """A further photo of an album that has answered a question: one more file of that answer, never the next one."""
        if self.session.album is None or self.session.album[0] != event.group:
            return False
        _, path, card = self.session.album
        stop, answer = stop_at(self.world, path), self.session.answers.get(path)
        if stop is None or answer is None:
            return False
        outcome = taking.take(self.world, self.session, stop, event)
        if not isinstance(outcome, Taken):
            if isinstance(outcome, Refused):
                self.effects.append(Tell(why_not(outcome)))
            self.tell("widgets.edit_kept", question=self.world.label(stop.index, stop.ids))
            return True
        files = f"{answer.value} {outcome.value}"
        if len(files.split()) <= ALBUM_MAX:
            self.keep({path: replace(answer, value=files, answered_at=self.at)})
        self.effects.append(Noted(event.message))
        self.effects.append(Settle(card, views.settled_view(self.world, self.session, self.way, stop)))
        return True

    def go_on(self, more: bursts.Continued, message: str) -> None:
        """Words that belong to the answer before: it grows, and the open card stays as it is."""
        self.keep({more.stop.path: more.answer})
        self.become(said={**self.session.said, message: (more.stop.path, more.card)})
        self.effects.append(Noted(message))
        self.effects.append(Settle(more.card, views.settled_view(self.world, self.session, self.way, more.stop)))
        self.tell("widgets.went_on", question=self.world.label(more.stop.index, more.stop.ids))

    def path_meant(self, event: Typed) -> str | None:
        """The question that words say they are about: its card was replied to, or a message that answered it."""
        if event.path is None and event.reply_to in self.session.said:
            return self.session.said[event.reply_to][0]
        return event.path

    def is_meant(self, path: str, stop: Stop | None) -> bool:
        """Whether words that were written under one question, perhaps long ago, are meant for the open one."""
        return stop is not None and self.machine.find(path) == (stop.index, stop.ids)

    def at_review(self, command: str | None) -> None:
        match command:
            case "yes" | "submit":
                self.submit()
            case "back":
                self.back()
            case "stop":
                self.pause()
            case _:
                self.tell("engine.at_review")
                self.effects.extend(self.current(self.session.card))

    def at_more(self, stop: Stop, command: str | None) -> None:
        match command:
            case "yes":
                self.add(stop)
            case "no" | "skip":
                self.enough(stop)
            case "back":
                self.back()
            case "stop":
                self.pause()
            case _:
                self.again(stop, error=Say("engine.yes_or_no"))

    def confirmed(self, stop: Stop, event: Typed, command: str | None) -> bool:
        """Words while a reading waits for "yes": yes, no, or another answer. True: they were taken as yes or no.

        Of messages forwarded one after another the later ones go on with the first.
        """
        draft = self.session.draft
        if event.forwarded and draft.forwarded and draft.reading is not None and bursts.is_long_text(self.world, stop):
            whole = taking.typed(self.world, self.session, stop, f"{draft.reading[0]}\n{event.text}")
            if isinstance(whole, Taken):
                self.weigh(stop, Confirm(whole.raw, whole.value, Say("widgets.forwarded")), None)
                return True
        if command in {"yes", "no"} and not event.forwarded:
            self.reading_is(stop, right=command == "yes")
            return True
        self.become(draft=replace(draft, reading=None, forwarded=False))
        return False

    def weigh(self, stop: Stop, outcome: Outcome, command: str | None) -> None:
        """Act on what an answer turned out to be. Words that steer ("quay lại") count where they are no answer."""
        if command in STEERING and not (isinstance(outcome, Taken) and self.is_answer(stop, outcome, command)):
            self.steer(stop, command)
            return
        match outcome:
            case Taken():
                self.save(stop, outcome)
            case Confirm():
                draft = replace(self.session.draft, reading=(outcome.raw, outcome.value), found=None)
                self.become(draft=draft)
                self.reshow(views.confirm_view(self.world, self.session, self.way, stop, outcome.value, outcome.ask))
            case Narrow():
                self.become(draft=replace(self.session.draft, found=outcome.names, reading=None))
                self.again(stop, error=outcome.say, count=False)
            case Heard():
                self.become(draft=replace(self.session.draft, voice=outcome.file))
                self.reshow(views.question_view(self.world, self.session, self.way, stop))
            case Refused():
                if outcome.noise:
                    self.become(draft=replace(self.session.draft, noise=outcome.noise))
                self.again(stop, error=outcome.say, error_text=outcome.words)

    def is_answer(self, stop: Stop, taken: Taken, command: str) -> bool:
        """Whether words that could steer are the answer all the same.

        The very words of an option are; so is "không biết" to a question in words that cannot be passed over.
        """
        unknown = command == "skip" and taking.is_not_knowing(taken.raw)
        return taken.exact or (unknown and self.world.required(stop.index, stop.ids))

    def steer(self, stop: Stop, command: str) -> None:
        match command:
            case "back":
                self.back()
            case "skip":
                self.skip(stop)
            case "stop":
                self.pause()
            case "human":
                self.tell("engine.human", contact=self.machine.words({"": "{contact}"}, self.session.lang))
            case "resume":
                self.effects.extend(self.current(self.session.card))
            case _:
                self.speak(command.removeprefix("language:"))

    # Taps.

    def tap(self, event: Tapped) -> None:
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
            case "review" | "submit" if self.session.status is Status.REVIEW:
                self.submit() if event.op == "submit" else self.reshow(
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
                self.become(draft=replace(self.session.draft, turned=at))
                self.effects.extend(self.current(self.session.card, replace_it=True))
            case "fill" if stop.kind == "question" and matrix.table_of(self.machine, stop.index) is not None:
                self.fill(stop, event.arg)
            case "why" if stop.kind == "question":
                self.become(draft=replace(self.session.draft, why=True))
                self.effects.extend(self.current(self.session.card, replace_it=True))
            case "on" | "off" | "done" | "pick" | "set" if stop.kind == "question":
                self.choose(stop, event)
            case _:
                self.tell("engine.stale")

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
            self.become(draft=replace(self.session.draft, message=""))
        outcome = choosing.choose(self.world, self.session, stop, event)
        if isinstance(outcome, Written):
            outcome = taking.typed(self.world, self.session, stop, outcome.text)
        if isinstance(outcome, Toggled):
            self.become(draft=replace(self.session.draft, chosen=outcome.chosen))
            if outcome.say is not None:
                self.effects.append(Tell(outcome.say))
            self.reshow(views.question_view(self.world, self.session, self.way, stop))
        elif isinstance(outcome, Refused) and self.machine.nodes[stop.index].question.type == "date":
            self.effects.append(Tell(why_not(outcome)))  # a day that is crossed out: the calendar stays as it is
        else:
            self.weigh(stop, outcome, None)

    def turn_page(self, arg: str) -> None:
        page = int(arg) if arg.isascii() and arg.isdigit() and len(arg) < 5 else 0
        self.become(draft=replace(self.session.draft, page=page, found=None))
        self.effects.extend(self.current(self.session.card, replace_it=True))

    def reading_is(self, stop: Stop, *, right: bool) -> None:
        """Yes or no to a reading that was read back."""
        reading = self.session.draft.reading
        if reading is None:
            return
        self.become(draft=replace(self.session.draft, reading=None))
        if right:
            raw, value = reading
            self.weigh(stop, judged(self.world, stop, raw, value, certainty="confirmed"), None)
        else:
            self.again(stop, error=Say("engine.say_again"))

    # Answers.

    def save(self, stop: Stop, taken: Taken) -> None:
        """Keep an answer and go on."""
        draft = self.session.draft
        extra: dict[str, Answer] = {}
        for path, value in taken.also.items():
            extra[path] = Answer(taken.raw, value, taken.certainty, draft.asked_at, self.at, draft.tries + 1)
        answer = Answer(taken.raw, taken.value, taken.certainty, draft.asked_at, self.at, draft.tries + 1)
        self.keep({stop.path: answer, **extra})
        node = self.machine.nodes[stop.index]
        if draft.message and node.question.pii != "consent":
            self.remember(draft.message, stop.path)
        if node.question.pii == "consent":
            self.consented(stop, taken)
            if stop.index == self.machine.consent and taken.value not in GIVEN:
                self.settle(stop)
                self.end("declined", forget=True)
                return
        self.leave(stop)

    def remember(self, message: str, path: str) -> None:
        """Which message answered which question, so that editing the one changes the other."""
        kept = [(known, said) for known, said in self.session.said.items() if said[0] != path][-SAID_MAX:]
        self.become(said={**dict(kept), message: (path, self.session.card)})

    def consented(self, stop: Stop, taken: Taken) -> None:
        view = views.question_view(self.world, self.session, self.way, stop)
        words = "\n".join((*view.notes, view.text, view.hint)).strip()
        listed = named(self.world, stop, str(taken.value))
        given = taken.value in GIVEN
        self.effects.append(
            Consented(self.machine.nodes[stop.index].name, given, words, self.session.lang, taken.raw or listed)
        )

    def keep(self, answers: Mapping[str, Answer]) -> None:
        """Put answers in, and let go of those that the change has made impossible."""
        self.become(answers={**self.session.answers, **answers}, fresh=True)
        for index in self.machine.filtered:
            for ids in list(self.world.every(self.machine.nodes[index].repeats, ())):
                self.drop_filtered(index, ids, answers)

    def drop_filtered(self, index: int, ids: Ids, just: Mapping[str, Answer]) -> None:
        """A chosen option that no longer stands is cleared, and the person is told (xlsform-in-chat §3.2.19)."""
        path = self.machine.path(index, ids)
        answer = self.session.answers.get(path)
        if answer is None or not answer.value or path in just or not self.world.relevant(index, ids):
            return
        left = choosing.still_standing(self.world, index, ids, str(answer.value))
        if left == answer.value:
            return
        rest = {p: a for p, a in self.session.answers.items() if p != path}
        if left:
            rest[path] = replace(answer, value=left)
        self.become(answers=rest, fresh=True)
        self.tell("engine.choice_dropped", question=self.world.label(index, ids))

    def skip(self, stop: Stop) -> None:
        node = self.machine.nodes[stop.index]
        if stop.kind != "question" or self.world.required(stop.index, stop.ids) or node.question.chat.skip is False:
            self.again(stop, error=Say("engine.required"), count=False)
            return
        draft = self.session.draft
        self.keep({stop.path: Answer("", None, "none", draft.asked_at, self.at, draft.tries)})
        self.leave(stop)

    def add(self, stop: Stop) -> None:
        """A further instance of a repeat."""
        path = stop.path.removesuffix(MORE)
        held = self.session.repeats.get(path) or Instances(self.world.instances(stop.index, stop.ids))
        if len(held.ids) < INSTANCES_MAX:
            grown = Instances((*held.ids, held.next_id), next_id=held.next_id + 1)
            self.become(repeats={**self.session.repeats, path: grown}, fresh=True)
        self.leave(stop)

    def enough(self, stop: Stop) -> None:
        path = stop.path.removesuffix(MORE)
        held = self.session.repeats.get(path) or Instances(self.world.instances(stop.index, stop.ids))
        self.become(repeats={**self.session.repeats, path: replace(held, closed=True)}, fresh=True)
        self.leave(stop)

    # Moving.

    def stop(self) -> Stop | None:
        """The open stop; None when none is, or when it is no longer on the way."""
        return stop_at(self.world, self.session.at) if self.session.at is not None else None

    def leave(self, stop: Stop) -> None:
        """The open card has its answer: settle it and go on. A table is settled with its last row."""
        trail = (*(p for p in self.session.trail if p != stop.path), stop.path)[-TRAIL_MAX:]
        hole = self.way.hole
        if hole is not None and not self.session.visiting and matrix.same_table(self.machine, stop, hole):
            self.become(trail=trail)
            self.to_row(hole)
            return
        self.settle(stop)
        self.become(trail=trail, visiting=False)
        self.onward()

    def to_row(self, stop: Stop) -> None:
        """Another row of the table on the open card."""
        chosen = choosing.chosen_now(self.world, self.session, stop)
        self.become(at=stop.path, draft=Draft(chosen=chosen, asked_at=self.at))
        self.reshow(self.view())

    def fill(self, stop: Stop, arg: str) -> None:
        """The same option for every row of the table that has no answer yet."""
        filled: list[str] = []
        for row in matrix.rows(self.machine, self.way, stop):
            if row.path in self.session.answers:
                continue
            bare = replace(self.session, draft=Draft())
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

    def settle(self, stop: Stop) -> None:
        if self.session.card:
            self.effects.append(Settle(self.session.card, views.settled_view(self.world, self.session, self.way, stop)))

    def onward(self) -> None:
        """To the first question without an answer, else to the review, or out where an `end:` holds."""
        if self.way.ended is not None:
            end = self.machine.nodes[self.way.ended.index].question.end
            words = self.machine.words(end.message, self.session.lang) if end is not None else ""
            self.end("ended", forget=False, words=words)
        elif self.way.hole is None:
            self.open_card(None, Status.REVIEW)
        else:
            self.open_card(self.way.hole, self.asking())

    def asking(self) -> Status:
        """CONSENT until the consent to process is given, ASKING after."""
        consent = self.machine.consent
        if consent is None:
            return Status.ASKING
        answer = self.session.answers.get(self.machine.path(consent, ()))
        return Status.ASKING if answer is not None and answer.value in GIVEN else Status.CONSENT

    def open_card(self, stop: Stop | None, status: Status) -> None:
        """A new card, for a stop or (None) for the review."""
        chosen = choosing.chosen_now(self.world, self.session, stop) if stop is not None else ()
        self.become(
            at=stop.path if stop is not None else None,
            status=status,
            card=self.session.card + 1,
            draft=Draft(chosen=chosen, asked_at=self.at),
        )
        self.effects.extend(self.current(self.session.card))

    def current(self, card: int, *, replace_it: bool = False) -> list[Effect]:
        """The effect that shows the open card as it stands."""
        return [Show(card, self.view(), replace_it, again=card == self.card_before and not replace_it)]

    def view(self) -> View:
        stop = self.stop()
        if self.session.status is Status.PAUSED:
            return views.paused_view(self.world, self.session, self.way)
        if stop is None:
            return views.review_view(self.world, self.session, self.way)
        reading = self.session.draft.reading
        if reading is not None:
            return views.confirm_view(self.world, self.session, self.way, stop, reading[1], None)
        return views.question_view(self.world, self.session, self.way, stop)

    def reshow(self, view: View) -> None:
        """The open card as it is now: changed in place after a tap, sent anew below what a person wrote."""
        card = self.session.card
        self.effects.append(Show(card, view, not self.by_words, again=self.by_words and card == self.card_before))

    def again(self, stop: Stop, *, error: Say | None, error_text: str = "", count: bool = True) -> None:
        """The answer was not taken: the same card again, with the reason, as the last message."""
        draft = self.session.draft
        self.become(draft=replace(draft, reading=None, tries=draft.tries + count))
        if stop.kind == "more":
            view = replace(views.question_view(self.world, self.session, self.way, stop), error=error)
        else:
            view = views.question_view(self.world, self.session, self.way, stop, error=error, error_text=error_text)
        self.reshow(view)

    def back(self) -> None:
        """To the question before, with its answer; from a visit, back to where the person was."""
        if self.session.visiting:
            self.become(visiting=False)
            stop = self.stop()
            if stop is not None:
                self.settle(stop)
            self.onward()
            return
        known = {s.path: s for s in self.way.stops}
        trail = list(self.session.trail)
        while trail:
            path = trail.pop()
            stop = known.get(path)
            if stop is not None and path != self.session.at and stop.kind == "question":
                if (here := self.stop()) is not None and matrix.same_table(self.machine, here, stop):
                    self.become(trail=tuple(trail))
                    self.to_row(stop)
                    return
                self.depart()
                self.become(trail=tuple(trail))
                self.open_card(stop, self.asking() if stop.index != self.machine.consent else Status.CONSENT)
                return
        self.become(trail=())
        self.tell("engine.nothing_before")
        self.effects.extend(self.current(self.session.card, replace_it=True))

    def depart(self) -> None:
        """The open card is left without an answer: it must not keep its buttons."""
        stop = self.stop()
        if stop is not None:
            self.settle(stop)
        elif self.session.status is Status.REVIEW:
            view = View(kind="settled", lang=self.session.lang, text="", actions=())
            self.effects.append(Settle(self.session.card, view))

    def edit(self, path: str | None) -> None:
        """Open an earlier question again; its answer stands until another is given."""
        found = self.machine.find(path) if path is not None else None
        stop = next((s for s in self.way.stops if found == (s.index, s.ids) and s.kind == "question"), None)
        if stop is None:
            self.tell("engine.not_editable")
            return
        if stop.path == self.session.at and self.session.status in {Status.ASKING, Status.CONSENT}:
            self.effects.extend(self.current(self.session.card))
            return
        here = self.stop() if self.session.status is Status.ASKING else None
        if here is not None and matrix.same_table(self.machine, here, stop):
            self.to_row(stop)
            return
        if self.session.status is not Status.PAUSED:
            self.depart()
        status = Status.CONSENT if stop.index == self.machine.consent else self.asking()
        self.become(visiting=True, paused_from=None)
        self.open_card(stop, status)

    # Corrections in the chat itself: a message edited, an old card replied to.

    def corrected(self, event: Corrected) -> None:
        """A message was edited: the answer it gave is read anew, and stays as it was where that gives none."""
        path, card = self.session.said.get(event.message, ("", 0))
        stop = self.stop()
        is_open = stop is not None and (path == stop.path or (not path and event.message == self.session.draft.message))
        if is_open and self.session.status in {Status.ASKING, Status.CONSENT}:
            self.answered(Typed(event.at, event.text, message=event.message))
            return
        target = stop_at(self.world, path) if path else None
        if target is None or target.kind != "question":
            self.tell("widgets.edit_no_answer")
            return
        text = self.as_edited(path, event)
        outcome = self.said_to(target, text) if text is not None else Refused(Say("widgets.edit_lines"))
        if isinstance(outcome, Taken):
            self.amend(target, outcome, event.message, card)
        elif isinstance(outcome, Confirm):
            self.ask_change(target, outcome, event.message)
        else:
            self.refuse_change(target, outcome)

    def as_edited(self, path: str, event: Corrected) -> str | None:
        """The whole answer as it reads now; None when it came in several messages that cannot be told apart."""
        parts = [message for message, (answered, _) in self.session.said.items() if answered == path]
        if len(parts) <= 1:
            return event.text
        return bursts.with_line(self.session.answers[path].raw, parts.index(event.message), len(parts), event.text)

    def replied(self, event: Typed, path: str) -> None:
        """Words in reply to an old card: they change its answer once that was confirmed."""
        found = self.machine.find(path)
        target = next((s for s in self.way.stops if found == (s.index, s.ids) and s.kind == "question"), None)
        if target is None or self.machine.nodes[target.index].question.pii == "consent":
            self.tell("engine.stale_words")
            self.effects.extend(self.current(self.session.card))
            return
        outcome = self.said_to(target, event.text)
        if isinstance(outcome, Taken | Confirm):
            self.ask_change(target, outcome, event.message)
        else:
            self.refuse_change(target, outcome)
            self.effects.extend(self.current(self.session.card))

    def said_to(self, stop: Stop, text: str) -> Outcome:
        """What words say to a question that is not the open one; words that steer say nothing to it."""
        outcome = taking.typed(self.world, replace(self.session, draft=Draft()), stop, text)
        command = taking.command(text)
        steers = command in STEERING and not (isinstance(outcome, Taken) and self.is_answer(stop, outcome, command))
        return Refused(Say("engine.not_understood")) if steers else outcome

    def refuse_change(self, stop: Stop, outcome: Outcome) -> None:
        if isinstance(outcome, Refused | Narrow):
            self.effects.append(Tell(why_not(outcome)))
        self.tell("widgets.edit_kept", question=self.world.label(stop.index, stop.ids))

    def ask_change(self, stop: Stop, outcome: Taken | Confirm, message: str) -> None:
        """Open an earlier question with a new reading that waits for "yes"."""
        if self.session.status is not Status.PAUSED:
            self.depart()
        self.become(
            visiting=True,
            paused_from=None,
            at=stop.path,
            status=self.asking(),
            card=self.session.card + 1,
            draft=Draft(
                chosen=choosing.chosen_now(self.world, self.session, stop),
                reading=(outcome.raw, outcome.value),
                asked_at=self.at,
                message=message,
            ),
        )
        ask = (outcome.ask if isinstance(outcome, Confirm) else None) or Say("widgets.change_to")
        view = views.confirm_view(self.world, self.session, self.way, stop, outcome.value, ask)
        self.effects.append(Show(self.session.card, view))

    def amend(self, stop: Stop, taken: Taken, message: str, card: int) -> None:
        """Put another answer in the place of an earlier one, whatever is open now."""
        before = self.session.answers.get(stop.path)
        asked_at, tries = (before.asked_at, before.tries) if before is not None else (self.at, 0)
        seen, status = self.view(), self.session.status
        left = self.stop()
        made = {
            path: Answer(taken.raw, value, taken.certainty, asked_at, self.at, tries + 1)
            for path, value in {stop.path: taken.value, **taken.also}.items()
        }
        self.keep(made)
        self.effects.append(Noted(message))
        if card != self.session.card:  # else another row of the table that is open
            self.effects.append(Settle(card, views.settled_view(self.world, self.session, self.way, stop)))
        if status is Status.PAUSED:
            return
        if status is Status.REVIEW:
            strays = self.way.hole is not None or self.way.ended is not None
        else:
            strays = self.stop() is None or self.way.ended is not None
        if strays:
            if left is not None:
                self.effects.append(
                    Settle(self.session.card, views.settled_view(self.world, self.session, self.way, left))
                )
            else:
                self.depart()
            self.onward()
        elif self.view() != seen:
            self.effects.append(Show(self.session.card, self.view(), replace=True))

    def pause(self) -> None:
        if self.session.status is Status.CONSENT:
            self.tell("engine.later_before_consent")
            return
        self.depart()
        self.become(paused_from=self.session.status, status=Status.PAUSED, card=self.session.card + 1, draft=Draft())
        self.effects.extend(self.current(self.session.card))

    def resume(self, *, show: bool = True) -> None:
        """Back from a pause, or simply the open card again."""
        if self.session.status is Status.PAUSED:
            self.become(status=self.session.paused_from or Status.ASKING, paused_from=None)
            stop = self.stop()
            if stop is None:
                self.onward()
                return
            self.become(
                card=self.session.card + show,
                draft=Draft(chosen=choosing.chosen_now(self.world, self.session, stop), asked_at=self.at),
            )
            if show:
                self.effects.extend(self.current(self.session.card))
        else:
            self.effects.extend(self.current(self.session.card))

    # The end.

    def submit(self) -> None:
        """Judge the whole form once more, then hand the record over."""
        for stop in self.way.stops:
            if stop.kind == "question" and (why := unmet(self.world, stop)) is not None:
                self.depart()
                self.open_card(stop, self.asking())
                node = self.machine.nodes[stop.index]
                words = (
                    self.machine.words(node.question.constraint_message, self.session.lang)
                    if why.key == "engine.constraint"
                    else ""
                )
                self.effects.pop()
                self.again(stop, error=None if words else why, error_text=words)
                return
        if self.way.hole is not None:
            self.onward()
            return
        record = record_of(self.world)
        card = self.session.card
        self.become(status=Status.SUBMITTED, at=None, draft=Draft())
        settled = View(kind="settled", lang=self.session.lang, text="", actions=())
        self.effects.append(Settle(card, settled))
        self.effects.append(Submitted(record))
        self.become(card=card + 1)
        words = self.machine.words(self.machine.flow.thank_you, self.session.lang)
        self.effects.append(Show(self.session.card, views.over_view(self.session, words)))

    def end(self, reason: str, *, forget: bool, words: Say | str | None = None) -> None:
        """Out, without a submission."""
        if reason != "declined" and self.session.status is not Status.PAUSED:
            self.depart()
        if reason == "declined":
            words = self.machine.words(self.machine.flow.declined, self.session.lang) or Say("engine.declined")
        status = Status.WITHDRAWN if reason == "withdrawn" else Status.ENDED_EARLY
        answers = {} if forget else self.session.answers
        self.become(
            status=status, at=None, draft=Draft(), answers=answers, trail=(), card=self.session.card + 1, fresh=True
        )
        view = views.over_view(self.session, words if isinstance(words, str) else "")
        if isinstance(words, Say):
            view = replace(view, error=words)
        self.effects.append(Ended(reason, forget))  # type: ignore[arg-type]
        self.effects.append(Show(self.session.card, view))
