"""One update in: read it, ask the engine, save everything in one transaction, then let it be sent."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, Final, Protocol

import structlog

from bot import amendments, comeback, expiry, quick_json
from bot.channels.base import Address, Channel, Context, Incoming, SendFailed, Update
from bot.config import Settings
from bot.done import Done
from bot.failpoints import Failpoints
from bot.files import Files
from bot.flood import Floods, Verdict
from bot.hours import HANOI
from bot.i18n import Words
from bot.intake import Arrived, lane
from bot.known import known_of
from bot.lanes import TRIES_MAX
from bot.library import Library, UnknownFlow
from flows.answers.moment import asks_to_be_reminded, read_moment
from flows.engine import show_again, step
from flows.machine import Machine
from flows.session import (
    OPEN,
    Consented,
    Corrected,
    Effect,
    Ended,
    Event,
    Medium,
    Option,
    Say,
    Sent,
    Session,
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
from storage import consents, inbox, links, outbox, people, sessions, submissions
from storage import files as file_rows
from storage.consents import Consent
from storage.db import Database, StorageUnavailable, Tx
from storage.files import File
from storage.ids import new_id
from storage.links import Link
from storage.outbox import Message
from storage.submissions import Submission

log = structlog.get_logger(__name__)

MOMENTS: Final = frozenset({"date", "time", "datetime"})  # questions that a moment answers
FROM_GROUP: Final = "group"  # the payload of the link in the invitation to write privately
MEDIA_SIZE_MAX_MB: Final = 20  # what the Bot API lets a bot download; core.telegram.org/bots/api#getfile


class Notifier(Protocol):
    """Who tells staff of a submission, inside its transaction."""

    async def notify(self, tx: Tx, submission: Submission, machine: Machine, at: int) -> list[Message]:
        """Rows put into the outbox for staff."""
        ...

    async def asked(self, tx: Tx, submission: Submission, request: str, n: int, at: int) -> list[Message]:
        """The same of a request to correct so many answers of it."""
        ...


class Runner:
    """Handles updates, one transaction each."""

    def __init__(
        self,
        *,
        db: Database,
        channels: Mapping[tuple[str, str], Channel],
        library: Library,
        words: Words,
        settings: Settings,
        files: Files,
        notifier: Notifier,
        failpoints: Failpoints,
        floods: Floods,
        clock: Callable[[], int],
        committed: Callable[[Done], None],
    ) -> None:
        self._db = db
        self._channels = channels
        self._library = library
        self._words = words
        self._settings = settings
        self._files = files
        self._notifier = notifier
        self._failpoints = failpoints
        self._floods = floods
        self._clock = clock
        self._committed = committed

    def read(self, update: Update) -> Incoming | None:
        """What an update means, where it can be handled at once; None where a file has to be fetched first."""
        channel = self._channels.get((update.channel, update.bot))
        if channel is None:
            return Incoming(Address(update.channel, update.bot, update.chat), ignored="no_channel")
        incoming = channel.read(update)
        return None if incoming.media is not None and incoming.event is None else incoming

    async def handle(self, arrived: Arrived) -> None:
        """Handle one update: of the inbox, or one that this very transaction puts there.

        Raises:
            StorageUnavailable: nothing was changed; try again.
            Exception: a fault of ours; nothing was changed, but the update is in the inbox now.
        """
        if arrived.id or arrived.kept is None:
            await self._handled(arrived)
            return
        try:
            await self._handled(arrived)
        except StorageUnavailable as error:
            self._floods.forgives(lane(arrived.update), arrived.update.at)
            arrived.is_not_kept(error)  # whoever brought it will bring it again
        except Exception:
            if await self._kept(arrived):
                raise
        except BaseException as error:  # we are stopped: it comes again
            arrived.is_not_kept(StorageUnavailable(type(error).__name__))
            raise

    async def _kept(self, arrived: Arrived) -> bool:
        """Put into the inbox what could not be handled; False when that cannot be done either."""
        try:
            found = await self._db.write(lambda tx: inbox.add_many(tx, [arrived.update]))
        except StorageUnavailable as error:
            arrived.is_not_kept(error)
            return False
        arrived.id = found[0] or 0
        arrived.is_kept(new=bool(arrived.id))
        return bool(arrived.id)

    @staticmethod
    def dropped(arrived: Arrived) -> None:
        """We stop before its turn: what is in the inbox stays there, anything else comes again."""
        arrived.is_not_kept(StorageUnavailable("stopping"))

    async def _handled(self, arrived: Arrived) -> None:
        update = arrived.update
        incoming = arrived.incoming
        if incoming is None:
            channel = self._channels.get((update.channel, update.bot))
            incoming = self.read(update)
            if incoming is None and channel is not None:
                incoming = await self._fetched(channel, channel.read(update), update.at)
        if incoming is None:
            incoming = Incoming(Address(update.channel, update.bot, update.chat), ignored="no_channel")
        meant = incoming
        verdict = self._verdict(update, meant)

        async def put(tx: Tx) -> tuple[int, Done] | None:
            id_: int | None = arrived.id
            if not id_:
                id_ = await inbox.add_done(tx, update, self._clock())
            elif not await inbox.done(tx, id_, self._clock()):
                return None  # an earlier try was committed after all
            if id_ is None:
                return None  # it came before
            done = await _Handling(self, tx, id_, update, meant, verdict).run()
            self._failpoints.reach("before_commit")
            return id_, done

        found = await self._db.write(put)
        self._failpoints.reach("after_commit")
        if found is None:
            self._floods.forgives(lane(update), update.at)
        if found is not None and arrived.replies is not None and arrived.waited_for and found[1].fire:
            arrived.replies.append(found[1].fire.pop(0))
        arrived.is_kept(new=found is not None)
        if found is not None:
            arrived.id, done = found
            self._floods.handled(lane(update), update.at, led_on=done.led_on or not _is_message(meant))
            self._committed(done)
            if done.forgotten:
                await self._files.remove(done.forgotten)

    def _verdict(self, update: Update, incoming: Incoming) -> Verdict:
        """Whether a person still gets replies; taps do not count, they make no noise."""
        return self._floods.verdict(lane(update), update.at) if _is_message(incoming) else "answer"

    async def failed(self, arrived: Arrived, error: Exception) -> int:
        """Note that an update raised; buried after its last try. Only the error's class is kept: its words may hold answers."""

        async def put(tx: Tx) -> int:
            tries = await inbox.failed(tx, arrived.id, type(error).__name__)
            if tries >= TRIES_MAX:
                await inbox.bury(tx, arrived.id, type(error).__name__, self._clock())
            return tries

        return await self._db.write(put)

    async def _fetched(self, channel: Channel, incoming: Incoming, at: int) -> Incoming:
        """The file of a message, fetched from the channel and kept; a message about it when it cannot be had."""
        media = incoming.media or {}
        size = int(media.get("size") or 0)
        if size > min(self._settings.upload_max_mb, MEDIA_SIZE_MAX_MB) * 1024 * 1024:
            return replace(incoming, media=None, ignored="file_large")
        fetch: Callable[[Mapping[str, Any]], Awaitable[tuple[bytes, str, str]]] = channel.fetch
        try:
            content, name, mime = await fetch(media)
        except SendFailed as error:
            log.warning("file_not_fetched", error=type(error).__name__)
            return replace(incoming, media=None, ignored="file_failed")
        ref = await self._files.keep(content, str(media.get("name") or name), str(media.get("mime") or mime))
        kind = media.get("kind")
        medium: Medium = kind if kind in {"image", "audio", "video"} else "file"
        event = Sent(
            at,
            medium,
            ref.id,
            ref.name,
            ref.mime,
            ref.size,
            str(media.get("caption") or ""),
            str(media.get("group") or ""),
            incoming.message,
        )
        return replace(incoming, media={"sha256": ref.sha256}, event=event)


class _Handling:
    """One update inside its transaction."""

    def __init__(
        self, runner: Runner, tx: Tx, number: int, update: Update, incoming: Incoming, verdict: Verdict
    ) -> None:
        self.verdict = verdict
        self.runner = runner
        self.tx = tx
        self.number = number  # of the update in the inbox
        self.update = update
        self.incoming = incoming
        self.numbers = count()  # of the messages it causes
        self.now = runner._clock()  # noqa: SLF001 — a part of the runner, split off for length
        self.done = Done(incoming.address)
        self.requested_words = ""  # what is said of a correction that was asked for
        self.settings = runner._settings  # noqa: SLF001
        self.library = runner._library  # noqa: SLF001
        self.words = runner._words  # noqa: SLF001

    async def run(self) -> Done:
        incoming, address = self.incoming, self.incoming.address
        if incoming.reach:
            await people.reach(self.tx, address.channel, address.bot, address.chat, incoming.reach, self.now)
            return self.done
        if incoming.ignored in {"file_large", "file_failed"}:
            await self.say_alone("bot." + incoming.ignored, mb=self.settings.upload_max_mb)
        elif incoming.ignored == "forged":
            await self.out((Tell(Say("engine.stale")),), None)
        elif incoming.ignored:
            log.info("ignored", channel=address.channel, why=incoming.ignored)
            await self.acknowledge()
        elif not incoming.private:
            if incoming.invite:
                await self.say_alone("bot.group_invited", link=incoming.invite)
            else:
                await self.say_alone("bot.group")
        elif (choice := comeback.read_choice(incoming.open_flow)) is not None:
            await self.chosen(choice)
        elif incoming.open_flow:
            await self.open(incoming.open_flow)
        elif incoming.command:
            await self.command(incoming.command, incoming.argument)
        elif incoming.event is not None:
            await self.event(incoming.event)
        else:
            await self.acknowledge()
        return self.done

    # Who is it.

    async def person(self) -> str:
        """The person behind the address, made known when new."""
        address = self.incoming.address
        found = await people.arrive(
            self.tx, address.channel, address.bot, address.chat, lang=self.lang(None), at=self.now
        )
        return found.id

    async def session(self) -> Session | None:
        address = self.incoming.address
        return await sessions.open_of(self.tx, address.channel, address.bot, address.chat)

    async def latest(self) -> Session | None:
        """The session of the address touched last, whether it may go on or not."""
        address = self.incoming.address
        return await sessions.last_of(self.tx, address.channel, address.bot, address.chat)

    async def kept(self) -> Session | None:
        """The draft of the address that was closed for its age, if nothing has happened here since."""
        latest = await self.latest()
        return latest if latest is not None and latest.status is Status.EXPIRED else None

    def lang(self, session: Session | None) -> str:
        if session is not None:
            return session.lang
        return self.words.language(self.incoming.lang or self.settings.language)

    # What it wants.

    async def event(self, event: Event) -> None:
        session = await self.session()
        if isinstance(event, Tapped) and event.op == "amend":
            await self.amend(session, self.incoming.session)
            return
        if session is None and isinstance(event, Corrected):
            latest = await self.latest()
            handed_in = latest is not None and latest.status is Status.SUBMITTED
            key = "widgets.edit_after_submit" if handed_in else "widgets.edit_no_answer"
            await self.out((Tell(Say(key)),), None)
            return
        if session is None or self.is_of_another(session):
            if session is None and (kept := await self.kept()) is not None:
                await self.offer(kept)
            elif session is None and not isinstance(event, Spoke):
                await self.menu(None, Say("engine.nothing_open"))
            else:
                await self.out((Tell(Say("engine.stale")),), session)
            return
        if isinstance(event, Typed) and await self.snoozed(session, event.text):
            return
        if isinstance(event, Typed) and comeback.is_cancel(session, event.text):
            machine = await self.machine(session)
            if machine is not None:
                await self.out((Show(0, comeback.cancel(self.words, machine, session)),), session)
            return
        await self.take(session, event)

    def is_of_another(self, session: Session) -> bool:
        """A button of a session that is not the open one."""
        tag = self.incoming.session
        return bool(tag) and not session.id.endswith(tag)

    async def command(self, command: str, argument: str) -> None:
        session = await self.session()
        match command:
            case "start":
                await self.start(session, argument)
            case "help":
                await self.aside(session, "bot.help", contact=self.settings.programme_contact)
            case "privacy":
                retention = self.settings.retention_en if self.lang(session) == "en" else self.settings.retention
                await self.aside(
                    session,
                    "bot.privacy",
                    programme=self.settings.programme_name,
                    retention=retention,
                    contact=self.settings.programme_contact,
                )
            case "language":
                await self.language(session, argument)
            case "stop":
                if (given_up := session or await self.kept()) is None:
                    await self.menu(None, Say("engine.nothing_open"))
                else:
                    await self.take(given_up, Withdrew(self.update.at))
            case "amend":
                await self.amend(session, argument)
            case _:
                await self.status(session)

    async def amend(self, session: Session | None, wanted: str) -> None:
        """Open what was handed in once more, for changes to be asked for. A draft's answers are changed in the draft."""
        if session is not None and session.amends:
            await self.again(session)
            return
        if session is not None and not wanted:
            await self.aside(session, "bot.amend.draft_open")
            return
        submission = await amendments.of_person(self.tx, await self.person(), wanted)
        if submission is None:
            await self.aside(session, "bot.amend.none")
            return
        contact = self.settings.programme_contact
        if await amendments.is_often(self.tx, submission):
            await self.aside(session, "bot.amend.often", receipt=submission.receipt, contact=contact)
            return
        opened = await amendments.opened(self.tx, submission, self.incoming.address, self.now)
        if opened is None:
            await self.aside(session, "bot.amend.gone", receipt=submission.receipt, contact=contact)
        else:
            await self.again(opened)

    async def start(self, session: Session | None, payload: str) -> None:
        """A payload that names a flow opens it; of an open draft we ask; else the menu, or the only flow there is."""
        if payload and self.library.current(payload) is not None:
            await self.open(payload)
        elif payload not in {"", FROM_GROUP} and await self.follow(payload):
            return
        elif (draft := session or await self.kept()) is not None:
            await self.offer(draft)
        else:
            found = self.library.open(self.incoming.address.channel)
            if len(found) == 1:
                await self.open(found[0].name)
            else:
                await self.menu(None, None)

    async def follow(self, payload: str) -> bool:
        """Open what a deep link's token or code leads to; False when it leads nowhere, which is said."""
        person = await self.person()
        if await links.misses(self.tx, person, self.now) >= links.MISSES_MAX:
            await self.say_alone("bot.link.wait")
            return True
        link = await links.follow(self.tx, payload, person, self.now)
        if link is None:
            await self.say_alone("bot.link.unknown")
            return False
        address = self.incoming.address
        await people.arrive(
            self.tx, address.channel, address.bot, address.chat, lang=self.lang(None), at=self.now, source=link.source
        )
        await self.open(link.flow, link)
        return True

    async def language(self, session: Session | None, argument: str) -> None:
        wanted = argument.strip().lower()[:2]
        if wanted not in {"vi", "en"}:
            await self.aside(session, "bot.language")
        elif session is not None:
            await self.take(session, Spoke(self.update.at, wanted))
        else:
            self.incoming = replace(self.incoming, lang=wanted)
            await self.menu(None, Say("engine.language_changed"))

    async def status(self, session: Session | None) -> None:
        submitted = await submissions.of_person(self.tx, await self.person())
        if not submitted:
            await self.aside(session, "bot.no_status")
        else:
            latest = submitted[0]
            await self.aside(
                session,
                "bot.status",
                receipt=latest.receipt,
                at=self.words.moment(self.lang(session), latest.submitted_at),
            )

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
        lang = self.lang(None)
        lang = lang if lang in machine.flow.languages else machine.flow.default_language
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
        await self.take(new, Started(self.update.at, lang, known), before=(hello,) if welcome else ())

    # Through the engine.

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

    async def machine(self, session: Session) -> Machine | None:
        try:
            return await self.library.machine(self.tx, session.flow, session.version)
        except UnknownFlow:
            log.exception("version_gone", flow=session.flow, version=session.version)
            await self.say_alone("bot.version_gone", contact=self.settings.programme_contact)
            return None

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
        self.done.rows.extend(await self.runner._notifier.notify(self.tx, stored, machine, self.now))  # noqa: SLF001

    async def requested(self, effect: Submitted, session: Session, machine: Machine) -> None:
        """A correction is asked for: staff hear of it, and the person how many answers it is about."""
        submission = await submissions.get(self.tx, session.amends)
        if submission is None:
            return
        n = await amendments.requested(self.tx, session, submission, effect.record, machine, self.now)
        key, holes = ("bot.amend.sent", {"n": n}) if n else ("bot.amend.nothing", {})
        self.requested_words = self.words.say(session.lang, key, receipt=submission.receipt, **holes)
        if n:
            self.done.rows.extend(await self.runner._notifier.asked(self.tx, submission, session.id, n, self.now))  # noqa: SLF001

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

    # Coming back.

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

    async def snoozed(self, session: Session, text: str) -> bool:
        """Words that name a moment while the draft is put aside: remind then. Not where they may be the open answer."""
        if session.status is not Status.PAUSED or not comeback.may_be_reminded(session):
            return False
        machine = await self.machine(session)
        found = machine.find(session.at) if machine is not None and session.at is not None else None
        kind = machine.nodes[found[0]].question.type if machine is not None and found is not None else ""
        if kind in MOMENTS and not asks_to_be_reminded(text):
            return False
        moment = read_moment(text, datetime.fromtimestamp(self.now / 1000, HANOI))
        if moment is None:
            return False
        due = await comeback.remind_at(self.tx, session.id, round(moment.timestamp() * 1000), self.now)
        await self.said(session, "bot.remind.set", at=self.words.moment(session.lang, due))
        return True

    async def chosen(self, choice: comeback.Choice) -> None:
        """What somebody chose about the draft they left."""
        session = await sessions.load(self.tx, choice.session)
        held = await sessions.holder(self.tx, choice.session)
        address = self.incoming.address
        if (
            session is None
            or held is None
            or (held.channel, held.bot, held.chat) != (address.channel, address.bot, address.chat)
            or session.status not in {*OPEN, Status.EXPIRED}
        ):
            await self.out((Tell(Say("engine.stale")),), None)
            return
        match choice.what:
            case "go":
                await self.again(session)
                if session.status is Status.EXPIRED:
                    await expiry.reopened(self.tx, session.id, self.now)
            case "new":
                await self.take(session, Withdrew(self.update.at))
                await self.open(session.flow)
            case "later":
                await self.take(session, Tapped(self.update.at, "later"))
            case "drop":
                await self.take(session, Withdrew(self.update.at))
            case "else":
                await self.menu(session, None)
            case "never":
                await comeback.never(self.tx, session.id, self.now)
                await self.said(session, "bot.remind.stopped")
            case when:
                due = await comeback.remind(self.tx, session.id, when, self.now)
                await self.said(session, "bot.remind.set", at=self.words.moment(session.lang, due))

    async def said(self, session: Session, key: str, **holes: str | float) -> None:
        """Say something; a draft that is put aside shows its way back below, for the menu stood in its place."""
        if session.status is Status.PAUSED:
            await self.aside(session, key, **holes)
            return
        view = View(kind="message", lang=session.lang, text=self.words.say(session.lang, key, **holes))
        await self.out((Show(0, view),), session)

    # Words outside a flow.

    async def aside(self, session: Session | None, key: str, **holes: str | float) -> None:
        """Say something, then show the question again that it interrupted."""
        lang = self.lang(session)
        said = Show(0, View(kind="message", lang=lang, text=self.words.say(lang, key, **holes)))
        effects: list[Effect] = [said]
        if session is not None and session.status in OPEN:
            machine = await self.machine(session)
            if machine is not None:
                effects.extend(show_again(machine, session, self.update.at))
        await self.out(effects, session)

    async def say_alone(self, key: str, **holes: str | float) -> None:
        lang = self.lang(None)
        await self.out((Show(0, View(kind="message", lang=lang, text=self.words.say(lang, key, **holes))),), None)

    async def menu(self, session: Session | None, say: Say | None) -> None:
        """The surveys to choose from."""
        lang = self.lang(session)
        found = self.library.open(self.incoming.address.channel)
        options = tuple(Option(m.name, m.words(m.flow.title, lang)) for m in found)
        text = self.words.say(lang, "bot.menu" if options else "bot.menu_none")
        view = View(kind="menu", lang=lang, text=text, error=say, options=options, total=len(options))
        await self.out((Show(0, view),), session)

    # Out.

    async def acknowledge(self) -> None:
        """Nothing to say, but a tap must stop spinning."""
        await self.out((), None)

    async def out(self, effects: Sequence[Effect], session: Session | None) -> None:
        """Render effects and put them into the outbox."""
        address = self.incoming.address
        channel = self.runner._channels.get((address.channel, address.bot))  # noqa: SLF001
        if channel is None:
            return
        if self.verdict != "answer" and not self.done.led_on:  # handled like any other, but not replied to
            effects = [Tell(Say("widgets.flood"))] if self.verdict == "notice" else []
        context = Context(address, session.id if session is not None else "", self.lang(session), self.incoming)
        for outgoing in channel.render(effects, context):
            if not outgoing.durable:
                self.done.fire.append(outgoing)
                continue
            row = await outbox.enqueue(
                self.tx,
                channel=address.channel,
                bot=address.bot,
                chat=address.chat,
                key=f"{self.number}:{next(self.numbers)}",
                session=context.session,
                method=outgoing.method,
                body=quick_json.written(outgoing.body),
                card=outgoing.card,
                edit=outgoing.edit,
                drop_if_unsent=outgoing.drop_if_unsent,
                priority=outgoing.priority,
                created_at=self.now,
            )
            if row is not None:
                self.done.rows.append(row)


def _leads_on(before: Session, after: Session) -> bool:
    """Whether an event did something for the survey: another card or row, an answer, a voice, a reading to confirm."""
    return (
        (after.card, after.at, after.draft.voice) != (before.card, before.at, before.draft.voice)
        or after.answers is not before.answers
        or (after.draft.reading is not None and before.draft.reading is None)
    )


def _is_message(incoming: Incoming) -> bool:
    """Something a person wrote or sent, on a channel where we cannot refuse it at the door."""
    return bool(incoming.message) and not incoming.tap and not incoming.reach


def _seed(id_: str) -> int:
    """A session's dice: from its id, which is random."""
    return int.from_bytes(id_.encode()[-8:], "big")
