"""Drafts that were left for too long: closed courteously, their answers kept for whoever comes back.

A draft's job (`bot.comeback`) also says when it is looked at; this decides when that is too late.
"""

from collections.abc import Sequence
from typing import Final

from bot import comeback
from bot.hours import opens_at
from bot.i18n import Words
from flows.engine import step
from flows.machine import Machine
from flows.session import Effect, Lapsed, Session, Show, Status, View, Withdrew
from storage import jobs, sessions
from storage.tx import Tx

DAY_MS: Final = 24 * comeback.HOUR_MS


def closes_at(touched_at: int, days: int) -> int | None:
    """When a draft is closed that was touched last then: by day, since its person is told; None: never."""
    return opens_at(touched_at + days * DAY_MS) if days else None


async def close(tx: Tx, words: Words, machine: Machine, session: Session, days: int, now: int) -> Sequence[Effect]:
    """Close a draft: what its person is to see. Who has not agreed to the survey yet is not written to."""
    event = Withdrew(now) if session.amends else Lapsed(now)  # a correction nobody sent: all stays as it was handed in
    after, effects = step(machine, session, event)
    await sessions.save(tx, session, after, now)
    await sessions.add_event(tx, session.id, after.revision, event)
    if session.amends:
        await sessions.erase_answers(tx, session.id)
        return effects
    if session.status is Status.CONSENT or session.paused_from is Status.CONSENT:
        return ()
    title = machine.words(machine.flow.title, session.lang)
    text = words.say(session.lang, "bot.expired", title=title, n=days)
    return (*effects, Show(0, _ways_on(words, session, text)))


async def reopened(tx: Tx, session: str, at: int) -> None:
    """A closed draft goes on: it may be closed again, but has had its reminders."""
    plan = comeback.Plan(comeback.REMINDERS_MAX)
    await jobs.put_again(tx, comeback.KIND, session, at + comeback.SECOND_AFTER_MS, comeback.write(plan))


def offer(words: Words, machine: Machine, session: Session) -> View:
    """What somebody is asked who comes back to a closed draft."""
    title = machine.words(machine.flow.title, session.lang)
    return _ways_on(words, session, words.say(session.lang, "bot.expired.offer", title=title))


def _ways_on(words: Words, session: Session, text: str) -> View:
    say, lang = words.say, session.lang
    return comeback.menu(
        session,
        text,
        {
            "go": say(lang, "bot.expired.go"),
            "new": say(lang, "bot.draft.new"),
            "else": say(lang, "bot.draft.else"),
        },
    )
