"""Through the engine: one step, the session, its answers, the messages and everything that hangs on it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot import amendments, comeback, expiry
from bot.handling.telling import Telling
from bot.known import known_of
from flows.engine import step
from flows.machine import Machine
from flows.session import (
    Consented,
    Effect,
    Ended,
    Event,
    Say,
    Sent,
    Session,
    Show,
    Started,
    Status,
    Submitted,
    Tapped,
    View,
)
from storage import consents, inbox, outbox, people, sessions, submissions
from storage import files as file_rows
from storage.consents import Consent
from storage.files import File
from storage.ids import new_id
from storage.links import Link
from storage.submissions import Submission

log = structlog.get_logger(__name__)


class Stepping(Telling):
    """Steps, and what their effects mean to the database."""

    async def take(self, session: Session, event: Event, *, before: Sequence[Effect] = ()) -> None:
        """One step: the session, its answers, the messages and everything that hangs on it."""
        machine = await self.machine(session)
        if machine is None:
            return
        if isinstance(event, Sent):
            await self.filed(session, event)
        after, effects = step(machine, session, event)
        self.done.led_on = _leads_on(session, after)
        await sessions.save(self.tx, session, after, self.now)
        await sessions.add_event(self.tx, session.id, after.revision, event)
        told = [await self.carried(effect, session, after, machine) for effect in effects]
        await self.out([*before, *told], after)
        if after.status is Status.PAUSED and session.status is not Status.PAUSED and not after.amends:
            await self.ask_when(after)

    async def carried(self, effect: Effect, before: Session, after: Session, machine: Machine) -> Effect:
        """What an effect means to the database; the effect as it is to be shown."""
        match effect:
            case Consented():
                await self.consent(effect, after)
            case Ended(forget=True):
                await self.forget(before)
            case Submitted() if after.amends:
                await self.requested(effect, after, machine)
            case Show(view=View(kind="submitted")) if after.amends:
                return replace(effect, view=replace(effect.view, kind="ended", text=self.requested_words))
            case Submitted():
                await self.submitted(effect, after, machine)
            case Show(view=View(kind="submitted")):
                handed_in = await submissions.of_session(self.tx, after.id)
                receipt = handed_in.receipt if handed_in is not None else ""
                view = replace(
                    effect.view, text=effect.view.text.replace("{receipt}", receipt), raw=receipt, actions=("amend",)
                )
                return replace(effect, view=view)
            case _:
                pass
        return effect

    async def forget(self, session: Session) -> None:
        """What was said in the session, its files, its messages and the raw updates: nothing of it may be kept."""
        address = self.incoming.address
        await sessions.erase_answers(self.tx, session.id)
        self.done.forgotten.extend(await file_rows.forget(self.tx, session.id))
        await outbox.erase_session(self.tx, session.id)
        await inbox.erase_chat(self.tx, address.channel, address.bot, address.chat)

    async def consent(self, effect: Consented, session: Session) -> None:
        """Keep the evidence of a consent that was given or refused."""
        given = Consent(
            id=new_id(),
            session=session.id,
            person=await self.person(),
            purpose=effect.purpose,
            given=effect.given,
            notice_sha256=hashlib.sha256(effect.text_shown.encode()).hexdigest(),
            text_shown=effect.text_shown,
            lang=effect.lang,
            channel=self.incoming.address.channel,
            message=self.incoming.message or self.update.key,
            button=effect.button,
            at=self.update.at,
            action="give" if effect.given else "refuse",
        )
        await consents.add(self.tx, given)

    async def submitted(self, effect: Submitted, session: Session, machine: Machine) -> None:
        """Keep a submission, and let staff hear of it."""
        submission = Submission(
            id=new_id(),
            session=session.id,
            flow=session.flow,
            version=session.version,
            person=await self.person(),
            lang=session.lang,
            channel=self.incoming.address.channel,
            submitted_at=self.now,
            record=json.dumps(effect.record, ensure_ascii=False),
            summary="{}",  # the notifier keeps what may be shown
        )
        stored = await submissions.add(self.tx, submission)
        self.done.rows.extend(await self.parts.notifier.notify(self.tx, stored, machine, self.now))

    async def requested(self, effect: Submitted, session: Session, machine: Machine) -> None:
        """A correction is asked for: staff hear of it, and the person how many answers it is about."""
        submission = await submissions.get(self.tx, session.amends)
        if submission is None:
            return
        n = await amendments.requested(self.tx, session, submission, effect.record, machine, self.now)
        key, holes = ("bot.amend.sent", {"n": n}) if n else ("bot.amend.nothing", {})
        self.requested_words = self.words.say(session.lang, key, receipt=submission.receipt, **holes)
        if n:
            self.done.rows.extend(await self.parts.notifier.asked(self.tx, submission, session.id, n, self.now))

    async def filed(self, session: Session, event: Sent) -> None:
        """A file that the runner fetched is new to the database; one that came by the web is known already."""
        if await file_rows.get(self.tx, event.file) is None:
            sha256 = str((self.incoming.media or {}).get("sha256", ""))
            file = File(
                id=event.file,
                name=event.name,
                mime=event.mime,
                size=event.size,
                sha256=sha256,
                stored_as=event.file,
                at=self.now,
            )
            await file_rows.add(self.tx, file)
        album = session.album
        path = album[1] if album is not None and event.group and event.group == album[0] else session.at
        await file_rows.attach(self.tx, event.file, session.id, path or "")

    async def again(self, session: Session) -> None:
        """The open card once more, or back from a pause."""
        await self.take(session, Tapped(self.update.at, "resume"))

    async def offer(self, session: Session) -> None:
        """An open draft, and somebody who says /start: never begun anew without being asked."""
        machine = await self.machine(session)
        if machine is not None:
            if session.amends:
                view = amendments.offer(self.words, machine, session)
            elif session.status is Status.EXPIRED:
                view = expiry.offer(self.words, machine, session)
            else:
                view = comeback.offer(self.words, machine, session, self.update.at)
            await self.out((Show(0, view),), session)

    async def ask_when(self, session: Session) -> None:
        """Put aside: when may we remind?"""
        plan = await comeback.plan_of(self.tx, session.id)
        if comeback.may_be_reminded(session) and plan.sent < comeback.REMINDERS_MAX:
            await self.out((Show(0, comeback.ask_when(self.words, session, self.now)),), session)

    async def open(self, name: str, link: Link | None = None) -> None:
        """Begin a flow, or go on with the draft of it that this address has."""
        machine = self.library.current(name)
        address = self.incoming.address
        if machine is None or (machine.flow.channels and address.channel not in machine.flow.channels):
            await self.menu(None, Say("bot.unknown_flow"))
            return
        if machine.flow.staff_only:
            await self.menu(None, Say("bot.staff_only"))
            return
        person = await self.person()
        held = await sessions.open_in_flow(self.tx, person, name)
        if held is not None:
            await (self.offer(held) if held.amends else self.again(held))
            return
        closed = await sessions.closed_in_flow(self.tx, person, name, Status.EXPIRED)
        if closed is not None:
            await self.offer(closed)
            return
        lang = machine.language(self.incoming.lang)
        id_ = new_id()
        new = Session(id_, machine.name, machine.version, lang, seed=_seed(id_))
        met = await people.at_address(self.tx, address.channel, address.bot, address.chat)
        first_source = met.first_source if met is not None else ""
        await sessions.create(
            self.tx,
            new,
            channel=address.channel,
            bot=address.bot,
            chat=address.chat,
            person=person,
            source=link.source if link is not None else "",
            campaign=link.campaign if link is not None else "",
            first_source=first_source,
            at=self.now,
        )
        await comeback.begin(self.tx, id_, self.now)
        welcome = machine.words(machine.flow.welcome, lang)
        title = machine.words(machine.flow.title, lang)
        hello = Show(0, View(kind="message", lang=lang, heading=title, text=welcome))
        known = await known_of(self.tx, machine, person, link.prefill if link is not None else {})
        await self.take(
            new, Started(self.update.at, lang, known, device_name(name, person)), before=(hello,) if welcome else ()
        )


def _leads_on(before: Session, after: Session) -> bool:
    """Whether an event did something for the survey: another card or row, an answer, a voice, a reading to confirm."""
    return (
        (after.card, after.at, after.draft.voice) != (before.card, before.at, before.draft.voice)
        or after.answers is not before.answers
        or (after.draft.reading is not None and before.draft.reading is None)
    )


def device_name(flow: str, person: str) -> str:
    """A name for a person within one survey, from which nothing else of them can be found."""
    return hashlib.blake2b(f"{flow}:{person}".encode(), digest_size=8).hexdigest()


def _seed(id_: str) -> int:
    """A session's dice: from its id, which is random."""
    return int.from_bytes(id_.encode()[-8:], "big")
