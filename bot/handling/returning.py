"""Coming back to a draft: what is offered, what was chosen, and when to remind."""

from datetime import datetime
from typing import Final

from bot import comeback, expiry
from bot.handling.steps import Stepping
from bot.hours import HANOI
from flows.answers.moment import asks_to_be_reminded, read_moment
from flows.session import (
    OPEN,
    Say,
    Session,
    Status,
    Tapped,
    Tell,
    Withdrew,
)
from storage import sessions

MOMENTS: Final = frozenset({"date", "time", "datetime"})  # questions that a moment answers


class Returning(Stepping):
    """What somebody does with a draft they left."""

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
