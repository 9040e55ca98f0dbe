"""What people say to the open question: weighed, kept, or asked about again."""

from dataclasses import replace
from typing import Final

from flows import bursts, choosing, known, taking, views
from flows.answers.text import fold
from flows.machine import MORE
from flows.model import GIVEN
from flows.outcomes import Confirm, Heard, Narrow, Outcome, Refused, Taken, Toggled, judged, named, why_not
from flows.session import (
    Answer,
    Consented,
    Contacted,
    Instances,
    Located,
    Noted,
    Odd,
    Say,
    Scalar,
    Sent,
    Settle,
    Status,
    Tapped,
    Tell,
    Typed,
    redrawn,
)
from flows.setting import Setting
from flows.walk import Stop, stop_at
from flows.world import INSTANCES_MAX

STEERING: Final = frozenset({"back", "skip", "stop", "human", "resume", "language:vi", "language:en"})
ALBUM_MAX: Final = 20  # files of one answer; a channel's album holds ten
REASON_MAX: Final = 500  # letters of the reason for a correction
SAID_MAX: Final = 200  # messages that can still be edited into another answer


class Replies(Setting):
    """A turn that takes answers."""

    def answered(self, event: Typed | Sent | Located | Contacted | Odd) -> None:
        """Words, a file, a place: meant for the open question."""
        if self.session.status is Status.PAUSED:
            self.resume(show=False)
            if isinstance(event, Typed) and taking.command(event.text) == "resume":
                self.effects.extend(self.current(self.session.card))
                return
        stop = self.stop()
        if isinstance(event, Sent) and event.group and self.further(event):
            return
        if isinstance(event, Typed):
            path = self.path_meant(event)
            if path is not None and not self.is_meant(path, stop):
                self.tell("engine.stale_words")
                self.effects.extend(self.current(self.session.card))
                return
        command = taking.command(event.text) if isinstance(event, Typed) else None
        if self.session.status is Status.REVIEW or stop is None:
            self.at_review(command, event.text if isinstance(event, Typed) else "")
        elif stop.kind == "more":
            self.at_more(stop, command)
        elif (
            isinstance(event, Typed) and self.session.draft.reading is not None and self.confirmed(stop, event, command)
        ):
            return
        else:
            message = event.message if isinstance(event, Typed) else ""
            if message != self.session.draft.message:
                self.become(draft=redrawn(self.session.draft, message=message))
            self.judge(stop, event, command)

    def path_meant(self, event: Typed) -> str | None:
        """The question that words say they are about: its card was replied to, or a message that answered it."""
        if event.path is None and event.reply_to in self.session.said:
            return self.session.said[event.reply_to][0]
        return event.path

    def is_meant(self, path: str, stop: Stop | None) -> bool:
        """Whether words that were written under one question, perhaps long ago, are meant for the open one."""
        return stop is not None and self.machine.find(path) == (stop.index, stop.ids)

    def judge(self, stop: Stop, event: Typed | Sent | Located | Contacted | Odd, command: str | None) -> None:
        """What somebody sent, against the open question, and against the one before that it may go on with."""
        voice = self.session.draft.voice
        if isinstance(event, Typed) and voice and command in {"yes", "skip", "submit"}:
            self.weigh(stop, Taken("", f"voice:{voice}", "vague"), None)
            return
        if isinstance(event, Typed) and stop.path in self.session.known and fold(event.text) in known.SAME:
            self.same(stop)
            return
        outcome = taking.take(self.world, self.session, stop, event)
        if isinstance(event, Typed):
            if command not in STEERING and (more := bursts.continued(self.world, self.session, event, outcome)):
                self.go_on(more, event.message)
                return
            if event.forwarded and isinstance(outcome, Taken) and not outcome.exact:
                self.become(draft=redrawn(self.session.draft, forwarded=True))
                outcome = Confirm(outcome.raw, outcome.value, Say("widgets.forwarded"))
        card = self.session.card
        self.weigh(stop, outcome, command)
        if isinstance(event, Sent) and event.group and isinstance(outcome, Taken | Refused):
            path = stop.path if isinstance(outcome, Taken) else ""  # "": said once that no photo is asked
            self.become(album=(event.group, path, card))

    def further(self, event: Sent) -> bool:
        """A further photo of an album that has answered a question: one more file of that answer, never the next one.

        Of one that was refused the others are passed over: the reason was told with the first.
        """
        if self.session.album is None or self.session.album[0] != event.group:
            return False
        _, path, card = self.session.album
        if not path:
            return True
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

    def at_review(self, command: str | None, text: str) -> None:
        """Words while all the answers are shown; of a request for corrections they are the reason."""
        match command:
            case "yes" | "submit":
                self.submit()
            case "no" | "stop" if self.session.amends:
                self.drop()
            case None if self.session.amends and text.strip():
                self.become(reason=text.strip()[:REASON_MAX])
                self.effects.extend(self.current(self.session.card))
            case "back":
                self.back()
            case "stop":
                self.pause()
            case _:
                self.tell("engine.at_review")
                self.effects.extend(self.current(self.session.card))

    def at_more(self, stop: Stop, command: str | None) -> None:
        """Words at "add another?"."""
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
        self.become(draft=redrawn(draft, reading=None, forwarded=False))
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
                reading = (outcome.raw, outcome.value)
                draft = redrawn(self.session.draft, reading=reading, other=outcome.other, found=None)
                self.become(draft=draft)
                self.reshow(views.confirm_view(self.world, self.session, self.way, stop, outcome.value, outcome.ask))
            case Narrow():
                self.become(draft=redrawn(self.session.draft, found=outcome.names, reading=None))
                self.again(stop, error=outcome.say, count=False)
            case Heard():
                asked_at, tries = self.session.draft.asked_at, self.session.draft.tries + 1
                self.keep({stop.path: Answer("", f"voice:{outcome.file}", "vague", asked_at, self.at, tries)})
                self.become(draft=redrawn(self.session.draft, voice=outcome.file))
                self.reshow(views.question_view(self.world, self.session, self.way, stop))
            case Toggled():
                self.become(draft=redrawn(self.session.draft, chosen=outcome.chosen))
                if outcome.say is not None:
                    self.effects.append(Tell(outcome.say))
                self.reshow(views.question_view(self.world, self.session, self.way, stop))
            case Refused():
                if outcome.noise:
                    self.become(draft=redrawn(self.session.draft, noise=outcome.noise))
                self.again(stop, error=outcome.say, error_text=outcome.words)

    def is_answer(self, stop: Stop, taken: Taken, command: str) -> bool:
        """Whether words that could steer are the answer all the same.

        The very words of an option are; so is "không biết" to a question in words that cannot be passed over.
        """
        unknown = command == "skip" and taking.is_not_knowing(taken.raw)
        return taken.exact or (unknown and self.world.required(stop.index, stop.ids))

    def steer(self, stop: Stop, command: str) -> None:
        """Go where the words lead."""
        match command:
            case "back":
                self.back()
            case "skip":
                self.skip(stop)
            case "stop":
                self.pause()
            case "human":
                self.tell("engine.human", contact=self.machine.words({"": "{contact}"}, self.session.lang))
            case "resume" if self.stands(stop):
                self.keep_on(stop)
            case "resume":
                self.effects.extend(self.current(self.session.card))
            case _:
                self.speak(command.removeprefix("language:"))

    def reading_is(self, stop: Stop, *, right: bool) -> None:
        """Yes or no to a reading that was read back."""
        reading = self.session.draft.reading
        if reading is None:
            return
        self.become(draft=redrawn(self.session.draft, reading=None))
        if right and self.session.draft.other:
            self.other_is(stop, *reading)
        elif right:
            raw, value = reading
            self.weigh(stop, judged(self.world, stop, raw, value, certainty="confirmed"), None)
        else:
            self.again(stop, error=Say("engine.say_again"))

    def other_is(self, stop: Stop, raw: str, value: Scalar) -> None:
        """Words that stand in no list: kept behind "other". Where several may be chosen, the card stays open for more."""
        draft = self.session.draft
        also = {draft.other: raw}
        if self.machine.nodes[stop.index].question.type == "select_one":
            self.weigh(stop, judged(self.world, stop, raw, value, certainty="confirmed", also=also), None)
            return
        self.keep({path: Answer(raw, words, "confirmed", draft.asked_at, self.at) for path, words in also.items()})
        choice = choosing.choose(self.world, self.session, stop, Tapped(self.at, "on", stop.path, str(value)))
        if isinstance(choice, Toggled):
            self.become(draft=redrawn(draft, reading=None, other="", chosen=choice.chosen))
            if choice.say is not None:
                self.effects.append(Tell(choice.say))
        self.reshow(views.question_view(self.world, self.session, self.way, stop))

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
        """Evidence of an answer to a consent question."""
        view = views.question_view(self.world, self.session, self.way, stop)
        words = "\n".join((*view.notes, view.text, view.hint)).strip()
        listed = named(self.world, stop, str(taken.value))
        given = taken.value in GIVEN
        self.effects.append(
            Consented(self.machine.nodes[stop.index].name, given, words, self.session.lang, taken.raw or listed)
        )

    def stands(self, stop: Stop) -> bool:
        """Whether the open question has an answer that may be left as it is."""
        answer = self.session.answers.get(stop.path)
        return answer is not None and answer.value is not None and stop.kind == "question"

    def same(self, stop: Stop) -> bool:
        """The answer known from before; False, and said so, where there is none that fits."""
        options = views.choosable(self.world, stop.index, stop.ids)
        found = known.offered(self.world, self.session, stop, options)
        if found is None:
            self.tell("engine.stale")
            return False
        self.weigh(stop, judged(self.world, stop, "", found.value, certainty="confirmed", exact=True), None)
        return True

    def keep_on(self, stop: Stop) -> None:
        """Leave the answer as it is, and go on."""
        if self.stands(stop) and self.machine.nodes[stop.index].question.pii != "consent":
            self.leave(stop)
        else:
            self.tell("engine.stale")

    def skip(self, stop: Stop) -> None:
        """Pass over the open question, where that may be."""
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
        """No further instance of a repeat."""
        path = stop.path.removesuffix(MORE)
        held = self.session.repeats.get(path) or Instances(self.world.instances(stop.index, stop.ids))
        self.become(repeats={**self.session.repeats, path: replace(held, closed=True)}, fresh=True)
        self.leave(stop)
