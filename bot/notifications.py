"""Which of the staff hears of a submission, where, and how often at most: a card for each, or one message for many.

What is said stands in the outbox with the submission's own commit, in the staff chat's own lane: a chat that fails
holds up nobody. A rush is gathered (`jobs`, kind "digest") and told in one message, so that a group is neither flooded
nor throttled (Telegram: 20 messages a minute to a group).
"""

import html
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from bot.channels.base import Outgoing
from bot.codebook import Codebook, Codebooks, Record
from bot.config import Settings
from bot.i18n import Words
from bot.inert import told
from bot.summary import LABEL_MAX, cut, masked, need, needs, shortened
from flows.machine import Machine
from flows.model import Flow
from flows.value import Value
from storage import console, jobs, outbox, surveys
from storage.outbox import Message
from storage.submissions import Submission
from storage.text import dumps
from storage.tx import Database, Tx

KIND: Final = "digest"
PRIORITY: Final = 5
NEEDS_MAX: Final = 12  # kinds of need in a digest; the rest is counted together
TEXT_MAX: Final = 4096  # UTF-16 units of a message; core.telegram.org/bots/api#sendmessage
LOOKED_BACK: Final = 20  # messages to the staff chat among which the last digest is looked for
OVERLAP_MS: Final = 3_600_000  # a digest looks so far back, for what was committed late
LEASE_MS: Final = 60_000  # the digest is made in the transaction that claims it: any lease will do
DIGEST_MAX: Final = 5000  # submissions told of in one digest; more wait for the next

Detail = Literal["reference", "summary"]


class Pace(Value):
    """How often a staff chat may hear of single submissions, and of many at once."""

    cards_max: int = 5
    window_s: int = 60
    digest_every_s: int = 300


class StaffChat(Value):
    """Where staff hear of submissions, and how much may leave for there."""

    channel: str = "telegram"
    bot: str
    chat: str
    topic: int | None = None  # of a group with topics
    base_url: str  # of the console, without a slash at its end
    lang: str = "vi"
    detail: Detail = "summary"  # reference: the receipt number and a link only, nothing that was answered
    pace: Pace = Pace()

    @property
    def key(self) -> str:
        """It as one word."""
        return f"{self.channel}:{self.bot}:{self.chat}"


class Notifications:
    """Tells staff of submissions."""

    def __init__(
        self,
        settings: Settings,
        words: Words,
        *,
        telegram_bot: str,
        detail: Detail = "summary",
        books: Codebooks | None = None,
    ) -> None:
        """`telegram_bot`: which bot of ours writes to the staff chat; "": none, and nobody is told."""
        self._words = words
        self._books = books or Codebooks()
        self.chat: StaffChat | None = None
        if telegram_bot and settings.telegram_staff_chat:
            self.chat = StaffChat(
                bot=telegram_bot,
                chat=settings.telegram_staff_chat,
                topic=settings.telegram_staff_topic,
                base_url=settings.url,
                lang=settings.language,
                detail=detail,
                pace=Pace(cards_max=settings.notices_per_min, digest_every_s=settings.digest_every_min * 60),
            )

    async def notify(self, tx: Tx, submission: Submission, machine: Machine, at: int) -> list[Message]:
        """What staff are told of a submission, in its own transaction; the messages put into the outbox.

        In a rush nothing is put there: a digest is due instead. Staff or not, what may be shown of it is kept with it.
        """
        book = self._books.of(machine.flow)
        kept = cut(book, json.loads(submission.record))
        chat = self.chat
        is_told = chat is not None and not await self._is_rush(tx, chat, at)
        await console.summarised(tx, submission.id, dumps(kept), at if is_told else None)
        if chat is None:
            return []
        if not is_told:
            await self._gather(tx, chat, at)
            return []
        outgoing = card(chat, book, submission.id, submission.receipt, kept, self._words)
        return await outbox.add(tx, [_row(chat, outgoing, notice_key(submission.id), at)])

    async def asked(self, tx: Tx, submission: Submission, request: str, n: int, at: int) -> list[Message]:
        """Tell staff that somebody asks to have so many answers of a submission corrected: nothing of what they say."""
        chat = self.chat
        if chat is None:
            return []
        say = _saying(self._words, chat.lang)
        link = f"{chat.base_url}/staff/submissions/{submission.id}"
        lines = [f"<b>{say('notice.amend', n, receipt=submission.receipt)}</b>"]
        outgoing = _message(chat, [*lines, _open(self._words, chat.lang, "notice.amend_open", link)])
        return await outbox.add(tx, [_row(chat, outgoing, f"amend:{request}", at)])

    async def due(self, db: Database, now: int) -> list[Message]:
        """Put the digest into the outbox when its time has come; the messages put there."""
        chat = self.chat
        if chat is None:
            return []
        found = await db.read(lambda tx: jobs.get(tx, KIND, chat.key))
        if found is None or found.due_at > now:
            return []

        async def put(tx: Tx) -> list[Message]:
            return await self._digest(tx, chat, now)

        return await db.write(put)

    async def _is_rush(self, tx: Tx, chat: StaffChat, at: int) -> bool:
        """Whether this one is to wait for a digest: one is open already, or there were enough cards of late."""
        if await jobs.get(tx, KIND, chat.key) is not None:
            return True
        latest = await console.latest_to(tx, chat.channel, chat.bot, chat.chat, chat.pace.cards_max)
        return is_rush([row["created_at"] for row in latest if row["key"].startswith("notice:")], at, chat.pace)

    async def _gather(self, tx: Tx, chat: StaffChat, at: int) -> None:
        """Have a digest made, unless one is due already."""
        latest = await console.latest_to(tx, chat.channel, chat.bot, chat.chat, LOOKED_BACK)
        last = next((row["created_at"] for row in latest if row["key"].startswith("digest:")), None)
        due_at = digest_due(last, at, chat.pace)
        await jobs.put(tx, KIND, chat.key, due_at, dumps({"since": at - OVERLAP_MS}))

    async def _digest(self, tx: Tx, chat: StaffChat, now: int) -> list[Message]:
        job = next((one for one in await jobs.claim(tx, KIND, now, LEASE_MS) if one.key == chat.key), None)
        if job is None:  # another process was faster
            return []
        await jobs.done(tx, KIND, chat.key)
        rows = await console.unnoticed(tx, json.loads(job.body)["since"], DIGEST_MAX)
        gathered: list[tuple[Codebook, Record]] = []
        for row in rows:
            book = await self._book(tx, row["flow"], row["version"])
            if book is not None:
                gathered.append((book, json.loads(row["summary"] or "{}")))
        if not gathered:
            return []
        await console.noticed(tx, [row["id"] for row in rows], now)
        if len(rows) == DIGEST_MAX:
            await jobs.put(tx, KIND, chat.key, digest_due(now, now, chat.pace), job.body)
        return await outbox.add(tx, [_row(chat, digest(chat, gathered, self._words), digest_key(now), now)])

    async def _book(self, tx: Tx, flow: str, version: str) -> Codebook | None:
        found = self._books.get(flow, version)
        if found is None:
            stored = await surveys.get(tx, flow, version)
            found = None if stored is None else self._books.of(Flow.model_validate_json(stored.body))
        return found


def notice_key(submission: str) -> str:
    """The outbox key of a submission's own card."""
    return f"notice:{submission}"


def digest_key(at: int) -> str:
    """The outbox key of a digest: `at` is the `noticed_at` of every submission it tells of."""
    return f"digest:{at}"


def is_rush(cards: Sequence[int], now: int, pace: Pace) -> bool:
    """Whether one more card would be too many. `cards`: when the last ones were made, milliseconds."""
    return sum(now - at < pace.window_s * 1000 for at in cards) >= pace.cards_max


def digest_due(last: int | None, now: int, pace: Pace) -> int:
    """When the next digest may go: a window from now, so that it gathers something, and long enough after the last one."""
    soonest = now + pace.window_s * 1000
    return soonest if last is None else max(soonest, last + pace.digest_every_s * 1000)


def card(chat: StaffChat, book: Codebook, known: str, receipt: str, kept: Record, words: Words) -> Outgoing:
    """The message about one submission, in Telegram's HTML: nothing in it but our words and the form author's.

    `known` is the submission's id, `kept` the part of its record that may leave (`summary.cut`).
    """
    say = _saying(words, chat.lang)
    lines = [f"<b>{say('notice.new', receipt=receipt)}</b>"]
    if chat.detail == "summary":
        lines.append(told(shortened(book.words(book.flow.title, chat.lang), LABEL_MAX)))
        summary = masked(book, kept, chat.lang, words)
        lines.extend(say("notice.line", label=label, value=value) for label, value in summary.lines)
    link = f"{chat.base_url}/staff/submissions/{known}"
    return _message(chat, [*lines, _open(words, chat.lang, "notice.open", link)])


def digest(chat: StaffChat, gathered: Sequence[tuple[Codebook, Record]], words: Words) -> Outgoing:
    """The message about many: how many of each survey, and how many with each need."""
    say = _saying(words, chat.lang)
    lines = [f"<b>{say('notice.digest', len(gathered))}</b>"]
    titles = Counter(shortened(book.words(book.flow.title, chat.lang), LABEL_MAX) for book, _ in gathered)
    if chat.detail == "summary":
        lines.extend(say("notice.digest_flow", n, title=title) for title, n in titles.most_common(NEEDS_MAX))
        counted = Counter(need(book, name, chat.lang) for book, kept in gathered for name in needs(book, kept))
        lines.extend(say("notice.digest_need", n, need=label) for label, n in counted.most_common(NEEDS_MAX))
        if len(counted) > NEEDS_MAX:
            lines.append(say("notice.digest_more", len(counted) - NEEDS_MAX))
    return _message(chat, [*lines, _open(words, chat.lang, "notice.digest_open", f"{chat.base_url}/staff/submissions")])


def alarm(chat: StaffChat, code: str, count: int, words: Words) -> Outgoing:
    """The message that something is wrong: `code` as `bot/watch.py` names it, "over" when all is well again."""
    say = _saying(words, chat.lang)
    if code.startswith("telegram_"):
        what = say(f"staff.{code}")
    elif code == "space":
        what = say("alarm.space", free_mb=words.number(chat.lang, count))
    else:
        what = say("alarm.dead", count) if code == "dead" else say(f"alarm.{code}")
    page = {"over": "", "dead": "/staff/dead"}.get(code, "/healthz")
    lines = [f"<b>{say('alarm.over' if code == 'over' else 'alarm.title')}</b>"]
    if code != "over":
        lines += [what, _open(words, chat.lang, "alarm.open", f"{chat.base_url}{page}")]
    return _message(chat, lines)


def _row(chat: StaffChat, outgoing: Outgoing, key: str, at: int) -> Message:
    return Message(
        channel=chat.channel,
        bot=chat.bot,
        chat=chat.chat,
        key=key,
        method=outgoing.method,
        body=dumps(dict(outgoing.body)),
        created_at=at,
        priority=outgoing.priority,
    )


def _saying(words: Words, lang: str) -> Callable[..., str]:
    """Our sentences as Telegram's HTML, whatever stands in their holes."""

    def say(key: str, n: int | None = None, **holes: str) -> str:
        return words.say(lang, key, n, **{name: told(hole) for name, hole in holes.items()})

    return say


def _open(words: Words, lang: str, key: str, link: str) -> str:
    """The link spelt out as well: a chat makes none of "http://localhost", and it can still be copied."""
    address = html.escape(link)
    return words.say(lang, key, link=f'<a href="{address}">{address}</a>')


def _fitting(lines: Sequence[str]) -> list[str]:
    """The lines that Telegram takes in one message: the first, the last, and as many between them as there is room for."""
    room = TEXT_MAX - _units(lines[-1])
    kept: list[str] = []
    for line in lines[:-1]:
        room -= _units(line) + 1
        if room < 0 and kept:
            break
        kept.append(line)
    return [*kept, lines[-1]]


def _units(text: str) -> int:
    """A length as Telegram counts it. Of the markup too, so that a little less than is allowed may fit."""
    return len(text.encode("utf-16-le")) // 2


def _message(chat: StaffChat, lines: Sequence[str]) -> Outgoing:
    body: dict[str, Any] = {
        "text": "\n".join(_fitting(lines)),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "protect_content": True,  # not to be forwarded out of the group
    }
    if chat.topic is not None:
        body["message_thread_id"] = chat.topic
    return Outgoing(method="sendMessage", body=body, priority=PRIORITY)
