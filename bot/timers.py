"""What happens because time passed: each thing due in a transaction of its own, once, whatever dies meanwhile."""

from collections.abc import Sequence
from typing import Final

import structlog

from bot import comeback, expiry
from bot.channels.base import Address
from bot.done import Done
from bot.failpoints import Failpoints
from bot.hours import opens_at
from bot.unasked import Parts
from flows.session import OPEN, Effect, Session, Show
from storage import jobs, people, sessions
from storage.db import Tx
from storage.jobs import Job
from storage.outbox import Message
from storage.sessions import Holder

log = structlog.get_logger(__name__)

LEASE_MS: Final = 60_000  # for one batch; one that raised is tried again after it
BATCH: Final = 20
UNREACHED_MS: Final = 24 * comeback.HOUR_MS  # until we look again whether somebody who blocked us has come back
QUIET_MS: Final = 30 * 24 * comeback.HOUR_MS  # until a draft without further reminders is looked at: is it done with?


class Timers:
    """Does what is due. Two processes may run it: a job is leased first, and looked at again in the transaction."""

    def __init__(self, parts: Parts, failpoints: Failpoints, *, draft_days: int) -> None:
        self._parts = parts
        self._failpoints = failpoints
        self._draft_days = draft_days  # without a word, after which a draft is closed; 0: never

    async def run_due(self) -> None:
        """One batch of what is due.

        Raises:
            StorageUnavailable: what was not done is due still.
        """
        now = self._parts.clock()
        due = await self._parts.db.write(lambda tx: jobs.claim(tx, comeback.KIND, now, LEASE_MS, BATCH))
        for job in due:
            try:
                await self._one(job)
            except Exception:  # one draft's fault must not hold up the others; its lease runs out and it is tried again
                log.exception("draft_job_failed", session=job.key, tries=job.tries)

    async def _one(self, claimed: Job) -> None:
        async def put(tx: Tx) -> Done | None:
            job = await jobs.get(tx, claimed.kind, claimed.key)
            if job is None or (job.due_at, job.tries) != (claimed.due_at, claimed.tries):
                return None  # changed since: the person has come back, or another process did it
            done = await self._remind(tx, job)
            self._failpoints.reach("before_timer")
            return done

        done = await self._parts.db.write(put)
        self._failpoints.reach("after_timer")
        if done is not None:
            self._parts.committed(done)

    async def _remind(self, tx: Tx, job: Job) -> Done | None:
        """Send the reminder of a draft, close it when it has waited for too long, or put the job where it belongs."""
        now, plan = self._parts.clock(), comeback.read(job.body)
        session, holder = await sessions.load(tx, job.key), await sessions.holder(tx, job.key)
        touched_at = await sessions.touched_at(tx, job.key)
        due = comeback.next_at(plan, touched_at, now)
        if session is None or holder is None or session.status not in OPEN:
            await jobs.done(tx, job.kind, job.key)
            return None
        closes_at = expiry.closes_at(touched_at, self._draft_days)

        def no_later(at: int) -> int:
            return at if closes_at is None else min(at, closes_at)

        person = await people.at_address(tx, holder.channel, holder.bot, holder.chat)
        is_reached = person is not None and person.reach != "blocked"
        if closes_at is not None and closes_at <= now:
            machine = await self._parts.library.machine(tx, session.flow, session.version)
            effects = await expiry.close(tx, self._parts.words, machine, session, self._draft_days, now)
            await jobs.done(tx, job.kind, job.key)
            key = f"expired:{session.id}:{session.revision}"
            rows = await self._put(tx, session, holder, effects, key) if is_reached else []
            return Done(Address(holder.channel, holder.bot, holder.chat), rows)
        if due is None or due > now:
            await jobs.later(tx, job.kind, job.key, no_later(now + QUIET_MS if due is None else due))
            return None
        if not comeback.may_be_reminded(session) or not is_reached:
            await jobs.later(tx, job.kind, job.key, no_later(opens_at(now + UNREACHED_MS)))
            return None
        sent = plan.sent + 1
        machine = await self._parts.library.machine(tx, session.flow, session.version)
        view = comeback.reminder(self._parts.words, machine, session, now, last=sent >= comeback.REMINDERS_MAX)
        rows = await self._put(tx, session, holder, (Show(0, view),), f"remind:{session.id}:{sent}")
        after = comeback.write(comeback.Plan(sent))
        await jobs.put_again(tx, job.kind, job.key, no_later(opens_at(now + comeback.SECOND_AFTER_MS)), after)
        return Done(Address(holder.channel, holder.bot, holder.chat), rows)

    async def _put(
        self, tx: Tx, session: Session, holder: Holder, effects: Sequence[Effect], key: str
    ) -> list[Message]:
        return await self._parts.put(tx, holder, effects, key, lang=session.lang, session=session.id)
