"""One event's way through the machine: where the talk stands, what is shown, and how it moves."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flows import choosing, matrix, views
from flows.machine import Ids, Machine
from flows.model import GIVEN
from flows.recall import recall_of
from flows.record import record_of, unmet
from flows.session import (
    OPEN,
    Answer,
    Draft,
    Effect,
    Ended,
    Say,
    Session,
    Settle,
    Show,
    Status,
    Submitted,
    Tell,
    View,
    moved_on,
    redrawn,
)
from flows.walk import Stop, Way, stop_at, walk, walk_on
from flows.world import World

TRAIL_MAX: Final = 200  # steps back that are remembered


class Turn:
    """The session as it becomes, and the effects as they gather."""

    def __init__(self, machine: Machine, session: Session, at: int) -> None:
        self.machine = machine
        self.session = session
        self.at = at
        self.effects: list[Effect] = []
        self._world: World | None = None
        self._way: Way | None = None
        self._before: dict[int, bool | None] | None = None
        # where answers have changed since `_way` was walked: the relevance then of what may have changed with them
        self._recall = recall_of(machine)
        if (known := self._recall.take(session)) is not None:
            self._world, self._way = known
            self._goes_on(set())
        self.card_before = session.card
        self.by_words = False  # the event is a message of the person's, which now stands below the open card

    # What is true now. Both are dropped when an answer changes.

    @property
    def world(self) -> World:
        """What is true now."""
        if self._world is None:
            self._world = World(self.machine, self.session, self.at)
        return self._world

    @property
    def way(self) -> Way:
        """The questions on the way as things look now."""
        if self._way is None:
            self._way = walk(self.world)
        elif self._before is not None:
            self._way = walk_on(self.world, self._way, self._before)
        self._before = None
        return self._way

    def retain(self) -> None:
        """Leave what is true now to the session's next step."""
        if self._world is not None and self._way is not None and self.session.status in OPEN:
            self._recall.keep(self.session, self._world, self.way)

    def become(self, *, fresh: bool = False, **changes: object) -> None:
        """Change the session; `fresh`: answers, repeats or language changed, so what was true is to be asked anew."""
        self.session = moved_on(self.session, **changes)
        if fresh and self._world is not None and not self._may_go_on():
            self._world = self._way = None

    def _may_go_on(self) -> bool:
        """Whether only answers have changed, and it can be told which: then only what follows from them is forgotten."""
        world, session = self._world, self.session
        if world is None or self._recall.reach.restless:
            return False
        if world.repeats is not session.repeats or world.lang != session.lang:
            return False
        paths = _others(world.answers, session.answers)
        if world.fixed is not session.fixed:
            paths.extend(_others(world.fixed, session.fixed))
        found = [self.machine.find(path) for path in paths]
        self._goes_on({index for index, _ in filter(None, found)})
        return True

    def _goes_on(self, changed: set[int]) -> None:
        if self._world is not None:
            before = self._world.goes_on(self.session, self.at, self._recall.reach, changed)
            self._before = {**before, **(self._before or {})}  # of two changes the first says what it was

    def tell(self, key: str, **holes: str | float) -> None:
        """Say something in passing."""
        self.effects.append(Tell(Say(key, holes)))

    def stop(self) -> Stop | None:
        """The open stop; None when none is, or when it is no longer on the way."""
        return stop_at(self.world, self.session.at) if self.session.at is not None else None

    def current(self, card: int, *, replace_it: bool = False) -> list[Effect]:
        """The effect that shows the open card as it stands."""
        return [Show(card, self.view(), replace_it, again=card == self.card_before and not replace_it)]

    def view(self) -> View:
        """The open card."""
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
        self.become(draft=redrawn(draft, reading=None, tries=draft.tries + count))
        if stop.kind == "more":
            view = replace(views.question_view(self.world, self.session, self.way, stop), error=error)
        else:
            view = views.question_view(self.world, self.session, self.way, stop, error=error, error_text=error_text)
        self.reshow(view)

    def settle(self, stop: Stop) -> None:
        """Shrink the open card to a receipt."""
        if self.session.card:
            self.effects.append(Settle(self.session.card, views.settled_view(self.world, self.session, self.way, stop)))

    def depart(self) -> None:
        """The open card is left without an answer: it must not keep its buttons."""
        stop = self.stop()
        if stop is not None:
            self.settle(stop)
        elif self.session.status is Status.REVIEW:
            view = View(kind="settled", lang=self.session.lang, text="", actions=())
            self.effects.append(Settle(self.session.card, view))

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

    def edit(self, path: str | None) -> None:
        """Open an earlier question again; its answer stands until another is given."""
        found = self.machine.find(path) if path is not None else None
        stop = next((s for s in self.way.stops if found == (s.index, s.ids) and s.kind == "question"), None)
        if stop is None or (self.session.amends and self.machine.nodes[stop.index].question.pii == "consent"):
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

    def pause(self) -> None:
        """Put aside for later."""
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

    def drop(self) -> None:
        """No correction after all: what was handed in stays as it is."""
        self.end("withdrawn", forget=True, words=Say("engine.amend_dropped"))

    def lapse(self) -> None:
        """Closed until somebody comes back to it: the open card loses its buttons, every answer is kept."""
        status = self.session.status
        if status is Status.PAUSED:
            self.effects.append(Settle(self.session.card, View(kind="settled", lang=self.session.lang, text="")))
        else:
            self.depart()
        self.become(paused_from=self.session.paused_from or status, status=Status.EXPIRED, draft=Draft())
        self.effects.append(Ended("expired", forget=False))

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

    def end(self, reason: str, *, forget: bool, words: Say | str | None = None) -> None:
        """Out, without a submission."""
        if reason != "declined" and self.session.status not in {Status.PAUSED, Status.EXPIRED}:
            self.depart()
        if reason == "declined":
            words = self.machine.words(self.machine.flow.declined, self.session.lang) or Say("engine.declined")
        status = Status.WITHDRAWN if reason == "withdrawn" else Status.ENDED_EARLY
        answers = {} if forget else self.session.answers
        fixed = {} if forget else self.session.fixed
        self.become(
            status=status, at=None, draft=Draft(), answers=answers, fixed=fixed, trail=(), card=self.session.card + 1,
            fresh=True,
        )  # fmt: skip
        if forget and self.session.known:
            self.become(known={})
        view = views.over_view(self.session, words if isinstance(words, str) else "")
        if isinstance(words, Say):
            view = replace(view, error=words)
        self.effects.append(Ended(reason, forget))  # type: ignore[arg-type]
        self.effects.append(Show(self.session.card, view))

    def submit(self) -> None:
        """Judge the whole form once more, then hand the record over."""
        for stop in self.way.stops:
            if stop.kind != "more" and (why := unmet(self.world, stop, as_given=bool(self.session.amends))) is not None:
                node = self.machine.nodes[stop.index]
                words = (
                    self.machine.words(node.question.constraint_message, self.session.lang)
                    if why.key == "engine.constraint"
                    else ""
                )
                if stop.kind == "note":  # nothing to answer here: it says what has to be changed elsewhere
                    told = words or self.world.label(stop.index, stop.ids)
                    self.reshow(replace(views.review_view(self.world, self.session, self.way), error_text=told))
                    return
                self.depart()
                self.open_card(stop, self.asking())
                self.effects.pop()
                self.again(stop, error=None if words else why, error_text=words)
                return
        if self.way.hole is not None:
            self.onward()
            return
        record = record_of(self.world)
        card = self.session.card
        self.become(status=Status.SUBMITTED, at=None, draft=Draft())
        words = self.machine.words(self.machine.flow.thank_you, self.session.lang)
        if not self.by_words:  # the review becomes the receipt where it stands: one message less
            self.effects.append(Submitted(record))
            self.effects.append(Show(card, views.over_view(self.session, words), replace=True))
            return
        settled = View(kind="settled", lang=self.session.lang, text="", actions=())
        self.effects.append(Settle(card, settled))
        self.effects.append(Submitted(record))
        self.become(card=card + 1)
        self.effects.append(Show(self.session.card, views.over_view(self.session, words)))

    def speak(self, lang: str) -> None:
        """Another language: the open card is shown again in it, the answers stay."""
        if lang not in self.machine.flow.languages:
            self.tell("engine.language_unknown")
            return
        self.become(lang=lang, fresh=True)
        if self.session.status in OPEN:
            self.effects.extend(self.current(self.session.card, replace_it=True))
        self.tell("engine.language_changed")


def _others(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """The paths under which something else stands now, or nothing any more."""
    paths = [path for path, one in after.items() if before.get(path) is not one]
    if len(before) + len(paths) > len(after):  # else none can have gone
        paths.extend(path for path in before if path not in after)
    return paths
