"""What an update wants: a choice, a survey, a command, or something for the open question."""

from dataclasses import replace
from typing import Final

import structlog

from bot import amendments, comeback
from bot.done import Done
from bot.handling.returning import Returning
from bot.hours import midnight
from bot.i18n import LANGUAGES
from flows.session import (
    Contacted,
    Corrected,
    Event,
    Located,
    Say,
    Sent,
    Session,
    Show,
    Spoke,
    Status,
    Tapped,
    Tell,
    Typed,
    Withdrew,
)
from storage import console, links, people, sessions, submissions

log = structlog.get_logger(__name__)

FROM_GROUP: Final = "group"  # the payload of the link in the invitation to write privately


class Handling(Returning):
    """One update inside its transaction."""

    async def run(self) -> Done:
        """Do what the update wants; what is left to do once it is committed."""
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
            if incoming.command == "status" and self.is_staff_chat():
                await self.today()
            elif incoming.invite:
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

    def is_staff_chat(self) -> bool:
        """Whether it was said where staff are told of submissions."""
        address = self.incoming.address
        return address.channel == "telegram" and address.chat == self.settings.telegram_staff_chat

    async def today(self) -> None:
        """How the day goes, in numbers: nothing about anybody."""
        day = await console.day(self.tx, midnight(self.now))
        await self.say_alone(
            "bot.staff_day",
            submitted=day.submitted,
            unfinished=day.unfinished,
            corrections=day.corrections,
            failed=day.failed,
            url=f"{self.settings.url}/staff/submissions",
        )

    async def event(self, event: Event) -> None:
        """Something for the open question, or for what stands in its place."""
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
        if isinstance(event, (Typed, Sent, Located, Contacted)) and await self.is_of_before(session):
            if isinstance(event, Sent):
                self.done.forgotten.append(event.file)
            await self.take(session, Tapped(event.at, "resume"), before=(Tell(Say("engine.restored")),))
            return
        if isinstance(event, Typed) and await self.snoozed(session, event.text):
            return
        if isinstance(event, Typed) and comeback.is_cancel(session, event.text):
            machine = await self.machine(session)
            if machine is not None:
                await self.out((Show(0, comeback.cancel(self.words, machine, session)),), session)
            return
        await self.take(session, event)

    async def is_of_before(self, session: Session) -> bool:
        """Whether nothing was said in it since we were restored from a copy.

        A message does not say which question it answers, and theirs may be one that the copy does not know. So the first
        is taken for none: they are told, and shown the question that is open now.
        """
        restored = self.parts.restored_at
        return restored > 0 and await sessions.touched_at(self.tx, session.id) < restored

    def is_of_another(self, session: Session) -> bool:
        """A button of a session that is not the open one."""
        tag = self.incoming.session
        return bool(tag) and not session.id.endswith(tag)

    async def command(self, command: str, argument: str) -> None:
        """A command."""
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
        """Another language, of those that the form has or, without one, of our own; or the question which."""
        machine = await self.machine(session) if session is not None else None
        spoken = machine.flow.languages if machine is not None else tuple(LANGUAGES)
        wanted = argument.strip()
        code = next((lang for lang in spoken if lang.lower() in (wanted.lower(), wanted.lower()[:2])), None)
        if code is None:
            await self.aside(session, "bot.language", languages=", ".join(spoken))
        elif session is not None:
            await self.take(session, Spoke(self.update.at, code))
        else:
            wanted = code
            self.incoming = replace(self.incoming, lang=wanted)
            await self.menu(None, Say("engine.language_changed"))

    async def status(self, session: Session | None) -> None:
        """What was handed in last."""
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
