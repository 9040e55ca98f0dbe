"""Coming back to a survey left half-way: what is offered, and when a reminder goes out.

A draft has one job (`storage.jobs`, kind "draft", keyed by the session), put there in the transaction that begins it.
What its body says is all that is known about its reminders; the job outlives them, so that nothing is counted anew.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal, get_args

from bot.hours import When, chosen, offered, opens_at
from bot.i18n import Words
from flows.answers.text import fold
from flows.engine import show_again
from flows.machine import Machine
from flows.session import OPEN, Option, Session, Show, Status, View
from storage import jobs
from storage.tx import Tx

KIND: Final = "draft"
REMINDERS_MAX: Final = 2  # of one draft, asked for or not
HOUR_MS: Final = 3_600_000
FIRST_AFTER_MS: Final = 20 * HOUR_MS  # of silence
SECOND_AFTER_MS: Final = 72 * HOUR_MS  # after the first
MARK: Final = "+"  # of a menu's option that is no survey: no flow's name begins so

What = Literal["go", "new", "else", "later", "drop", "evening", "morning", "monday", "days", "never"]
WHATS: Final[frozenset[str]] = frozenset(get_args(What))


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose about a draft."""

    what: What
    session: str  # the draft's: a button of another one means nothing any more


@dataclass(frozen=True, slots=True)
class Plan:
    """What a draft's job says."""

    sent: int = 0  # reminders, at most REMINDERS_MAX
    asked_at: int = 0  # when the person chose the moment; 0: they did not
    never: bool = False  # the person wants none


def read_choice(name: str) -> Choice | None:
    """What an option's name means; None: it is a survey's, or of nobody's making."""
    what, _, session = name.removeprefix(MARK).partition(":")
    if not name.startswith(MARK) or what not in WHATS:
        return None
    return Choice(next(one for one in get_args(What) if one == what), session)


def offer(words: Words, machine: Machine, session: Session, at: int) -> View:
    """Go on, begin anew, or another survey."""
    n, of, _ = _standing(machine, session, at)
    title = machine.words(machine.flow.title, session.lang)
    say, lang = words.say, session.lang
    if n:
        text = say(lang, "bot.draft.offer", title=title, at=n, of=of)
        go = say(lang, "bot.draft.go_at", at=n)
    else:
        text, go = say(lang, "bot.draft.offer_plain", title=title), say(lang, "bot.draft.go")
    return menu(
        session,
        text,
        {"go": go, "new": say(lang, "bot.draft.new"), "else": say(lang, "bot.draft.else")},
    )


CANCELS: Final = frozenset({"huy", "huy bo", "huy phieu", "huy khao sat", "cancel", "cancel survey"})  # folded


def is_cancel(session: Session, text: str) -> bool:
    """Whether somebody in the middle of a draft says "hủy", which may mean two things: later, or never."""
    said = fold(text).removeprefix("cho em ").removeprefix("da ").removesuffix(" a").removesuffix(" nhe")
    return session.status in {Status.ASKING, Status.REVIEW} and not session.amends and said in CANCELS


def cancel(words: Words, machine: Machine, session: Session) -> View:
    """What is meant by "hủy": nothing is deleted without this question."""
    say, lang = words.say, session.lang
    return menu(
        session,
        say(lang, "bot.cancel", title=machine.words(machine.flow.title, lang)),
        {"go": say(lang, "bot.draft.go"), "later": say(lang, "bot.cancel.later"), "drop": say(lang, "bot.cancel.drop")},
    )


def ask_when(words: Words, session: Session, at: int) -> View:
    """When to remind of the draft that was just put aside."""
    labels: dict[What, str] = {when: words.say(session.lang, f"bot.when.{when}") for when in offered(at)}
    labels["never"] = words.say(session.lang, "bot.when.never")
    return menu(session, words.say(session.lang, "bot.when"), labels)


def reminder(words: Words, machine: Machine, session: Session, at: int, *, last: bool) -> View:
    """The reminder: where the person stands, how long the rest takes, and three ways on."""
    n, of, left_s = _standing(machine, session, at)
    title = machine.words(machine.flow.title, session.lang)
    say, lang = words.say, session.lang
    text = (
        say(lang, "bot.remind", title=title, at=n, of=of, left=words.time_left(lang, left_s))
        if n
        else say(lang, "bot.remind_plain", title=title)
    )
    labels: dict[What, str] = {"go": say(lang, "bot.draft.go")}
    if not last and "evening" in offered(at):
        labels["evening"] = say(lang, "bot.remind.evening")
    labels["never"] = say(lang, "bot.remind.never")
    return menu(session, text, labels)


async def begin(tx: Tx, session: str, at: int) -> None:
    """A draft has begun: plan its first reminder."""
    await jobs.put(tx, KIND, session, opens_at(at + FIRST_AFTER_MS), write(Plan()))


async def plan_of(tx: Tx, session: str) -> Plan:
    """What is planned for a draft."""
    job = await jobs.get(tx, KIND, session)
    return Plan() if job is None else read(job.body)


async def remind(tx: Tx, session: str, when: When, at: int) -> int:
    """Remind at the moment chosen, which is given back."""
    return await remind_at(tx, session, chosen(when, at), at)


async def remind_at(tx: Tx, session: str, wanted: int, at: int) -> int:
    """Remind then, or at the next moment that reminders keep, which is given back."""
    due, plan = opens_at(wanted), await plan_of(tx, session)
    await jobs.put_again(tx, KIND, session, due, write(Plan(plan.sent, asked_at=at)))
    return due


async def never(tx: Tx, session: str, at: int) -> None:
    """No reminder of this draft any more."""
    plan = await plan_of(tx, session)
    await jobs.put_again(tx, KIND, session, at, write(Plan(plan.sent, never=True)))


def next_at(plan: Plan, touched_at: int, now: int) -> int | None:
    """When the reminder of a draft may go out, `now` or later; None when there is none to come.

    Nobody is reminded of what they are busy with: the first waits for hours of silence.
    """
    if plan.never or plan.sent >= REMINDERS_MAX:
        return None
    asked = plan.asked_at and touched_at <= plan.asked_at  # who has come back since has no need of it
    quiet = 0 if asked else touched_at + FIRST_AFTER_MS
    return opens_at(max(quiet, now))


def may_be_reminded(session: Session) -> bool:
    """Whether the draft can go on, and its person has agreed to be asked."""
    return session.status in OPEN and session.status is not Status.CONSENT


def read(body: str) -> Plan:
    """The plan in a job's body."""
    return Plan(**json.loads(body))


def write(plan: Plan) -> str:
    """The plan as a job's body."""
    return json.dumps(asdict(plan))


def menu(session: Session, text: str, labels: dict[What, str]) -> View:
    """Words and ways on with a draft, each a button that `read_choice` reads."""
    options = tuple(Option(f"{MARK}{what}:{session.id}", label) for what, label in labels.items())
    return View(kind="menu", lang=session.lang, text=text, options=options, total=len(options))


def _standing(machine: Machine, session: Session, at: int) -> tuple[int, int, int]:
    """(the open question's number, questions in all, seconds left); zeros where no question is open."""
    if session.status is Status.PAUSED and session.paused_from is not None:
        session = replace(session, status=session.paused_from, paused_from=None)
    if session.status is not Status.ASKING:
        return 0, 0, 0
    for effect in show_again(machine, session, at):
        if isinstance(effect, Show) and effect.view.progress is not None:
            return (*effect.view.progress, effect.view.left_s)
    return 0, 0, 0
