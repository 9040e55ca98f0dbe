"""Corrections after submission: the form is opened once more with its answers, and what is changed there is a request.

Staff accept or refuse it. An accepted one becomes the submission's record; what it was before stays beside it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot import comeback
from bot.channels.base import Address
from bot.codebook import Codebooks, Record, is_asked
from bot.done import Done
from bot.i18n import Words
from bot.summary import cut
from bot.unasked import Parts
from flows.machine import Machine
from flows.session import Scalar, Session, Show, Status, View
from storage import amendments, audit, console, jobs, people, sessions, submissions
from storage.amendments import Amendment
from storage.db import Tx
from storage.ids import new_id
from storage.submissions import Submission
from storage.text import dumps

REQUESTS_MAX: Final = 5  # of one submission; after that it takes a person to talk to


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that is to be another; None: there was none, or is to be none."""

    path: str
    was: Scalar
    now: Scalar


def changes(before: Record, after: Record, asked: Callable[[str], bool] = lambda _: True) -> tuple[Change, ...]:
    """What differs between two records, in the order of the first, what is new after it. `asked`: of which paths."""
    paths = [path for path in dict.fromkeys((*before, *after)) if asked(path)]
    return tuple(
        Change(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)
    )


async def of_person(tx: Tx, person: str, wanted: str) -> Submission | None:
    """The submission of theirs that they mean: by the end of its session's id, by its receipt, or ("") the latest."""
    theirs = await submissions.of_person(tx, person)
    if not wanted:
        return theirs[0] if theirs else None
    return next((one for one in theirs if one.session.endswith(wanted) or one.receipt == wanted.upper()), None)


async def opened(tx: Tx, submission: Submission, address: Address, at: int) -> Session | None:
    """The form with its answers as they stand, or as they were last asked to be; None where they are gone.

    It is put aside at its review: `resume` shows it.
    """
    asked = [one for one in await amendments.of_submission(tx, submission.id) if one.state in {"waiting", "accepted"}]
    last = await sessions.load(tx, asked[-1].session if asked else submission.session)
    if last is None or not last.answers:
        return None
    new = Session(
        new_id(), last.flow, last.version, last.lang, seed=last.seed, status=Status.PAUSED,
        paused_from=Status.REVIEW, answers=last.answers, repeats=last.repeats, fixed=last.fixed, device=last.device, started_at=at, amends=submission.id,
    )  # fmt: skip
    await sessions.create(
        tx, new, channel=address.channel, bot=address.bot, chat=address.chat, person=submission.person, at=at
    )
    await jobs.put(tx, comeback.KIND, new.id, at + comeback.SECOND_AFTER_MS, comeback.write(comeback.Plan(never=True)))
    return new


async def is_often(tx: Tx, submission: Submission) -> bool:
    """Whether there were so many requests that one more is not taken."""
    return len(await amendments.of_submission(tx, submission.id)) >= REQUESTS_MAX


async def requested(
    tx: Tx, session: Session, submission: Submission, record: Mapping[str, Scalar], machine: Machine, at: int
) -> int:
    """Keep what was changed as a request: how many answers; 0: none, and no request."""
    before: Record = json.loads(submission.record)
    book = Codebooks().of(machine.flow)

    def asked(path: str) -> bool:
        field = book.field(path)
        return field is not None and is_asked(field)

    found = changes(before, record, asked)
    if found:
        await amendments.add(
            tx,
            Amendment(
                id=new_id(),
                submission=submission.id,
                session=session.id,
                requested_at=at,
                before=submission.record,
                record=json.dumps(record, ensure_ascii=False),
                reason=session.reason,
            ),
        )
    return len(found)


def offer(words: Words, machine: Machine, session: Session) -> View:
    """What somebody is asked who says /start while a correction is open."""
    say, lang = words.say, session.lang
    title = machine.words(machine.flow.title, lang)
    return comeback.menu(
        session,
        say(lang, "bot.amend.offer", title=title),
        {"go": say(lang, "bot.amend.go"), "new": say(lang, "bot.amend.new"), "else": say(lang, "bot.draft.else")},
    )


class Amendments:
    """Decides on requests, and tells people."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._books = Codebooks()

    async def decide(self, submission: str, known: str, *, accepted: bool, by: str, words: str) -> bool:
        """Accept or refuse one; False when it is not waiting any more, or not of that submission.

        Raises:
            StorageUnavailable: nothing was changed.
        """
        at = self._parts.clock()

        async def put(tx: Tx) -> Done | None:
            amendment = await amendments.get(tx, known)
            if amendment is None or amendment.submission != submission:
                return None
            if not await amendments.decide(tx, known, accepted=accepted, by=by, words=words, at=at):
                return None
            changed = changes(json.loads(amendment.before), json.loads(amendment.record))
            detail: dict[str, Any] = {"amendment": known, "paths": [one.path for one in changed]}
            action = "amendment.accept" if accepted else "amendment.refuse"
            await audit.add(tx, at=at, actor=by, action=action, object=submission, detail=detail)
            stored = await submissions.get(tx, submission)
            if stored is None:
                return None
            if accepted:
                machine = await self._parts.library.machine(tx, stored.flow, stored.version)
                kept = cut(self._books.of(machine.flow), json.loads(stored.record))
                await console.summarised(tx, stored.id, dumps(kept), stored.noticed_at)
            return await self._told(tx, amendment, stored, accepted=accepted, words=words)

        done = await self._parts.db.write(put)
        if done is not None:
            self._parts.committed(done)
        return done is not None

    async def _told(self, tx: Tx, amendment: Amendment, stored: Submission, *, accepted: bool, words: str) -> Done:
        """The person hears of it where they asked."""
        holder, session = await sessions.holder(tx, amendment.session), await sessions.load(tx, amendment.session)
        if holder is None or session is None:
            return Done(Address("", "", ""))
        lang = session.lang
        key = "bot.amend.accepted" if accepted else "bot.amend.refused"
        text = self._parts.words.say(lang, key, receipt=stored.receipt)
        if words:
            text += "\n" + self._parts.words.say(lang, "bot.amend.words", words=words)
        person = await people.at_address(tx, holder.channel, holder.bot, holder.chat)
        shown = [Show(0, View(kind="message", lang=lang, text=text))]
        is_reached = person is not None and person.reach != "blocked"
        rows = await self._parts.put(tx, holder, shown, f"amended:{amendment.id}", lang=lang) if is_reached else []
        return Done(Address(holder.channel, holder.bot, holder.chat), rows)
