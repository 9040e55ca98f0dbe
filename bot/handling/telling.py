"""Who an update is from, and how they are answered: everything that is said goes through `out`."""

from collections.abc import Sequence
from itertools import count

import structlog

from bot import quick_json
from bot.channels.base import Context, Incoming, Update
from bot.done import Done
from bot.flood import Verdict
from bot.handling.parts import Parts
from bot.library import UnknownFlow
from flows.engine import show_again
from flows.machine import Machine
from flows.session import (
    OPEN,
    Effect,
    Option,
    Say,
    Session,
    Show,
    Status,
    Tell,
    View,
)
from storage import outbox, people, sessions
from storage.db import Tx

log = structlog.get_logger(__name__)


class Telling:
    """The person, their session, and the words."""

    def __init__(self, parts: Parts, tx: Tx, number: int, update: Update, incoming: Incoming, verdict: Verdict) -> None:
        self.verdict = verdict
        self.parts = parts
        self.tx = tx
        self.number = number  # of the update in the inbox
        self.update = update
        self.incoming = incoming
        self.numbers = count()  # of the messages it causes
        self.now = parts.clock()
        self.done = Done(incoming.address)
        self.requested_words = ""  # what is said of a correction that was asked for
        self.settings = parts.settings
        self.library = parts.library
        self.words = parts.words

    async def person(self) -> str:
        """The person behind the address, made known when new."""
        address = self.incoming.address
        found = await people.arrive(
            self.tx, address.channel, address.bot, address.chat, lang=self.lang(None), at=self.now
        )
        return found.id

    async def session(self) -> Session | None:
        """The session of the address that may go on."""
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
        """The language of a session, else of the client."""
        if session is not None:
            return session.lang
        return self.words.language(self.incoming.lang or self.settings.language)

    async def machine(self, session: Session) -> Machine | None:
        """The session's flow; None, which is said, when its version is gone."""
        try:
            return await self.library.machine(self.tx, session.flow, session.version)
        except UnknownFlow:
            log.exception("version_gone", flow=session.flow, version=session.version)
            await self.say_alone("bot.version_gone", contact=self.settings.programme_contact)
            return None

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

    async def said(self, session: Session, key: str, **holes: str | float) -> None:
        """Say something; a draft that is put aside shows its way back below, for the menu stood in its place."""
        if session.status is Status.PAUSED:
            await self.aside(session, key, **holes)
            return
        view = View(kind="message", lang=session.lang, text=self.words.say(session.lang, key, **holes))
        await self.out((Show(0, view),), session)

    async def say_alone(self, key: str, **holes: str | float) -> None:
        """One sentence outside any survey."""
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

    async def acknowledge(self) -> None:
        """Nothing to say, but a tap must stop spinning."""
        await self.out((), None)

    async def out(self, effects: Sequence[Effect], session: Session | None) -> None:
        """Render effects and put them into the outbox."""
        address = self.incoming.address
        channel = self.parts.channels.get((address.channel, address.bot))
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
