"""Corrections in the chat itself: a message edited, an old card replied to."""

from flows import bursts, choosing, taking, views
from flows.outcomes import Confirm, Narrow, Outcome, Refused, Taken, why_not
from flows.replies import STEERING, Replies
from flows.session import (
    Answer,
    Contacted,
    Corrected,
    Draft,
    Located,
    Noted,
    Odd,
    Say,
    Sent,
    Settle,
    Show,
    Status,
    Tell,
    Typed,
    moved_on,
)
from flows.walk import Stop, stop_at


class Corrections(Replies):
    """A turn that changes answers given before."""

    def answered(self, event: Typed | Sent | Located | Contacted | Odd) -> None:
        """What somebody sent; words in reply to an old card are about that one."""
        if isinstance(event, Typed) and event.reply:
            if self.session.status is Status.PAUSED:
                self.resume(show=False)
            path, stop = self.path_meant(event), self.stop()
            if path is not None and not self.is_meant(path, stop):
                self.replied(event, path)
                return
            if path is None and stop is not None and self.is_consent(stop):  # said to something else: no consent
                self.tell("engine.stale_words")
                self.effects.extend(self.current(self.session.card))
                return
        super().answered(event)

    def is_consent(self, stop: Stop) -> bool:
        """Whether a question is one that only its own words answer."""
        return stop.kind == "question" and self.machine.nodes[stop.index].question.pii == "consent"

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
        if target is None or self.is_consent(target):
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
        outcome = taking.typed(self.world, moved_on(self.session, draft=Draft()), stop, text)
        command = taking.command(text)
        steers = command in STEERING and not (isinstance(outcome, Taken) and self.is_answer(stop, outcome, command))
        return Refused(Say("engine.not_understood")) if steers else outcome

    def refuse_change(self, stop: Stop, outcome: Outcome) -> None:
        """Say why the answer stays as it was."""
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
                other=outcome.other if isinstance(outcome, Confirm) else "",
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
