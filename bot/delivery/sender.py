"""Sends what waits in the outbox: in order for each chat, side by side for different ones, no faster than allowed.

A row goes out when its commit is on disk, never before, and the next row of its chat goes out when the mark "sent" of
the one before is on disk too. So a crash repeats at most one message to a chat, and loses none. An edit's mark is not
waited for: made again it changes nothing. Where more has to go out than the bot may send, the next question overtakes the
receipts of cards before it: nobody waits for those.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Final, TypeAlias

import structlog
from prometheus_client import Counter

from bot.channels.base import (
    Address,
    Channel,
    Locked,
    Lost,
    Moved,
    Outgoing,
    Refused,
    SendFailed,
    Throttled,
    Unchanged,
    Unreachable,
)
from bot.delivery.desk import Desk, Lane, now
from bot.delivery.marks import Mark, Marks, fault
from bot.delivery.pace import Pace, retry_after
from bot.failpoints import Failpoints
from storage import outbox
from storage.db import Database, StorageUnavailable, Tx
from storage.outbox import Message

GIVE_UP_S: Final = 24 * 3600.0  # after this a message is failed and staff see it
STORAGE_WAIT_S: Final = 1.0
CARDS_REMEMBERED: Final = (
    4096  # message ids kept in memory, of those who answer now; the rest is looked up in the outbox
)
FIRES_MAX: Final = 256  # acknowledgements under way at once; more are not worth having
FIRE_S: Final = 15.0  # Telegram forgets a tap soon after
TURNS_MAX: Final = 4  # of one try: an edit that became a new message, a group that moved
FLOOD_PAUSE_MAX_S: Final = 30.0  # for chats that were told nothing; those that were wait as long as they were told

RETRIED: Final = Counter("khaosat_delivery_retried", "Tries that will be made again.", ["channel", "why"])
FAILED: Final = Counter("khaosat_delivery_failed", "Messages given up.", ["channel", "why"])
DROPPED: Final = Counter("khaosat_delivery_dropped", "Messages that had become pointless.", ["channel"])
UNFIRED: Final = Counter("khaosat_delivery_unfired", "Acknowledgements that did not arrive.", ["channel"])

_log = structlog.get_logger(__name__)
_DICE: Final = secrets.SystemRandom().random

Gone: TypeAlias = Callable[[str, str, str], Awaitable[None]]  # channel, bot, chat: it cannot be reached any more
Failed: TypeAlias = Callable[[Message, str], Awaitable[None]]  # the row, and why
Went: TypeAlias = Callable[[str, str, str, str], Awaitable[None]]  # channel, bot, chat, and the chat it became


class Delivery:
    """Owns every outgoing message of the channels it is given; rows of other channels are left alone."""

    def __init__(
        self,
        db: Database,
        channels: Mapping[tuple[str, str], Channel],
        clock: Callable[[], int],
        *,
        pace: Pace = Pace(),  # noqa: B008  # frozen
        on_gone: Gone | None = None,
        on_failed: Failed | None = None,
        on_moved: Went | None = None,
        failpoints: Failpoints | None = None,
        dice: Callable[[], float] = _DICE,
    ) -> None:
        self._db = db
        self._clock = clock
        self._failpoints = failpoints or Failpoints()
        self._on_gone, self._on_failed, self._on_moved = on_gone, on_failed, on_moved
        self._dice = dice
        self._marks = Marks(db, self._failpoints)
        self._cards = _Cards(db)
        self._desks = {key: Desk(channel, pace, self._start) for key, channel in channels.items()}
        self._known: set[int] = set()  # rows that wait here, so that none is taken up twice
        self._tasks: set[asyncio.Task[None]] = set()
        self._fires: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    @property
    def waiting(self) -> int:
        """Messages not sent yet."""
        return len(self._known)

    @property
    def in_flight(self) -> int:
        """Messages being sent now."""
        return sum(desk.in_flight for desk in self._desks.values())

    async def start(self) -> None:
        """Take up everything that waits. What is `put` meanwhile is not taken up twice."""
        after = 0
        while rows := await self._db.read(partial(outbox.waiting, after_id=after)):
            after = rows[-1].id
            self.put(rows)

    def put(self, rows: Iterable[Message]) -> None:
        """Send these rows, whose commit is on disk. Returns at once; order within a chat is the order of their ids."""
        touched: list[tuple[Desk, Lane]] = []
        for row in rows:
            desk = self._desks.get((row.channel, row.bot))
            if desk is None or row.id in self._known or self._stopping:
                continue
            self._known.add(row.id)
            self._idle.clear()
            lane = desk.lane(row.chat)
            lane.add(row)
            if row.not_before:
                lane.until = max(lane.until, now() + min(GIVE_UP_S, (row.not_before - self._clock()) / 1000))
            touched.append((desk, lane))
        for desk, lane in touched:
            desk.schedule(lane)

    def fire(self, outgoing: Outgoing, address: Address) -> None:
        """One try for what is not worth a row: an acknowledged tap. Never raises, and nothing waits for it."""
        desk = self._desks.get((address.channel, address.bot))
        if desk is None or self._stopping:
            return
        if len(self._fires) >= FIRES_MAX:
            UNFIRED.labels(address.channel).inc()
            return
        self._keep(self._fires, self._fired(desk.channel, outgoing, address))

    async def stop(self, within_s: float) -> None:
        """Finish what is under way; the rest stays in the outbox for the next start."""
        self._stopping = True
        for desk in self._desks.values():
            desk.close()
        under_way = self._tasks | self._fires
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._marks.stop()

    async def settled(self) -> None:
        """Until nothing waits here; for tests and short commands."""
        while self._known or self._fires:
            await asyncio.gather(self._idle.wait(), *self._fires, return_exceptions=True)
        await self._marks.settled()

    def _keep(self, tasks: set[asyncio.Task[None]], work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _fired(self, channel: Channel, outgoing: Outgoing, address: Address) -> None:
        try:
            async with asyncio.timeout(FIRE_S):
                await channel.send(outgoing, address.chat, "")
        except Unchanged:
            return
        except Exception as e:  # it is not worth more than a count
            UNFIRED.labels(address.channel).inc()
            _log.debug("not_acknowledged", error=type(e).__name__)

    # One row.

    def _start(self, desk: Desk, lane: Lane) -> bool:
        """Send the first row of a lane; False when this is no moment to send anything."""
        if self._stopping or self._marks.failing:
            return False
        self._keep(self._tasks, self._carry(desk, lane, lane.rows[0]))
        return True

    async def _carry(self, desk: Desk, lane: Lane, row: Message) -> None:
        """Try one row once, and let the lane go on when what became of it is on disk."""
        try:
            mark = await self._tried(desk, lane, row)
        except Exception as e:  # one row's fault must not hold up its chat
            _log.error("send_raised", row=row.id, method=row.method, **fault(e))  # `fault` says why
            mark = self._failed(row, "fault", f"a fault of ours: {type(e).__name__}")
        finally:
            desk.freed(row.priority)
        if mark is not None and mark.harmless:
            self._marks.note(mark)  # the next row need not wait until it is on disk
            self._forget(lane, row)
        elif mark is not None:
            await self._over(lane, row, mark)
        lane.busy = False
        desk.tidy()
        desk.schedule(lane)

    async def _tried(self, desk: Desk, lane: Lane, row: Message) -> Mark | None:
        """The mark to keep: sent, failed or dropped; None when the row has to wait and be tried again."""
        try:
            message = await self._cards.message(row.card) if row.edit else ""
        except StorageUnavailable:
            lane.until = now() + STORAGE_WAIT_S
            return None
        outgoing = _outgoing(row)
        for _ in range(TURNS_MAX):
            if row.edit and not message and row.drop_if_unsent:
                DROPPED.labels(row.channel).inc()
                return Mark(row.id, "dropped", "", self._clock(), harmless=True)
            try:
                self._failpoints.reach("before_send")
                delivered = await desk.channel.send(outgoing, lane.chat, message)
                self._failpoints.reach("after_send")
            except Lost:
                message = ""  # the next turn sends it as new, or drops it
            except Moved as e:
                await self._moved(desk, lane, e.chat)
            except Unchanged:
                return self._sent(desk, row, message, harmless=row.edit)
            except SendFailed as e:
                return await self._unsent(desk, lane, row, e)
            else:
                return self._sent(desk, row, delivered.message or message, harmless=row.edit and bool(message))
        return self._failed(row, "refused", "the channel goes round in circles")

    async def _unsent(self, desk: Desk, lane: Lane, row: Message, error: SendFailed) -> Mark | None:
        match error:
            case Throttled():
                if error.everywhere or desk.is_flooded(lane.chat):
                    desk.pause(min(error.wait_s, FLOOD_PAUSE_MAX_S))
                return self._later(lane, row, error.wait_s, "throttled", str(error))
            case Locked():
                desk.locked(str(error))
                RETRIED.labels(row.channel, "locked").inc()
                return None
            case Refused(gone=True):
                await self._gone(desk, lane, row)
                return self._failed(row, "gone", str(error))
            case Unreachable():
                return self._later(lane, row, retry_after(row.tries + 1, self._dice()), "unreachable", str(error))
            case _:
                return self._failed(row, "refused", str(error))

    def _sent(self, desk: Desk, row: Message, message: str, *, harmless: bool) -> Mark:
        desk.unlocked()
        if row.card and message:
            self._cards.put(row.card, message)
        desk.sent.inc()
        return Mark(row.id, "sent", message, self._clock(), harmless=harmless)

    def _failed(self, row: Message, why: str, error: str) -> Mark:
        FAILED.labels(row.channel, why).inc()
        _log.warning("message_failed", row=row.id, method=row.method, why=why, error=error)
        return Mark(row.id, "failed", error, self._clock())

    def _later(self, lane: Lane, row: Message, wait_s: float, why: str, error: str) -> Mark | None:
        """Try again later, unless it has been tried for a day."""
        at = self._clock()
        tried = row.tries + 1
        if at - row.created_at >= GIVE_UP_S * 1000:
            return self._failed(row, "given_up", f"given up after {tried} tries: {error}")
        RETRIED.labels(row.channel, why).inc()
        lane.until = now() + wait_s
        lane.retry(row, tried)
        self._marks.note(Mark(row.id, "later", "", at + int(wait_s * 1000), tried))
        return None

    async def _gone(self, desk: Desk, lane: Lane, row: Message) -> None:
        """Nobody is there: what else waits for them is dropped, and their address is marked."""
        rest = [other for other in lane.rows if other.id != row.id]
        DROPPED.labels(row.channel).inc(len(rest))
        await asyncio.gather(*(self._over(lane, other, Mark(other.id, "dropped", "", self._clock())) for other in rest))
        if self._on_gone is not None:
            await _told(self._on_gone(desk.channel.name, desk.channel.bot, row.chat))

    async def _moved(self, desk: Desk, lane: Lane, chat: str) -> None:
        """The group has a new id: what waits goes there, also after a restart."""
        name, bot, before = desk.channel.name, desk.channel.bot, lane.chat
        lane.chat = chat

        async def put(tx: Tx) -> int:
            return await outbox.moved(tx, name, bot, before, chat)

        await _told(self._db.write(put))
        if self._on_moved is not None:
            await _told(self._on_moved(name, bot, before, chat))

    async def _over(self, lane: Lane, row: Message, mark: Mark) -> None:
        """Keep the mark, then forget the row, also if it could not be kept: then the next start takes it up again."""
        kept = await self._marks.keep(mark)
        self._forget(lane, row)
        if kept and mark.state == "failed" and self._on_failed is not None:
            await _told(self._on_failed(row, mark.text))

    def _forget(self, lane: Lane, row: Message) -> None:
        lane.remove(row)
        self._known.discard(row.id)
        if not self._known:
            self._idle.set()


class _Cards:
    """Which message shows a card: the last ones in memory, the others in the outbox."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._messages: OrderedDict[str, str] = OrderedDict()

    async def message(self, card: str) -> str:
        """The channel's id of the card's message, "" when it was never sent; raises `StorageUnavailable`."""
        if not card:
            return ""
        found = self._messages.get(card)
        if found is None:

            async def look(tx: Tx) -> str | None:
                return await outbox.message_of_card(tx, card)

            found = await self._db.read(look) or ""
            if found:
                self.put(card, found)
        return found

    def put(self, card: str, message: str) -> None:
        """Remember."""
        self._messages[card] = message
        self._messages.move_to_end(card)
        if len(self._messages) > CARDS_REMEMBERED:
            self._messages.popitem(last=False)


def _outgoing(row: Message) -> Outgoing:
    return Outgoing(row.method, {}, row.card, row.edit, row.drop_if_unsent, row.priority, written=row.body)


async def _told(call: Awaitable[object]) -> None:
    """Tell somebody; what they make of it is theirs."""
    try:
        await call
    except Exception as e:
        _log.error("delivery_could_not_tell", **fault(e))  # `fault` says why
