"""One bot's desk: its chats in lanes, and the queue of those that may send now."""

import asyncio
from bisect import insort
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Final

import structlog
from prometheus_client import Counter

from bot.channels.base import Channel
from bot.delivery.pace import Bucket, Pace, Window
from storage.outbox import Message

LOCKED_FIRST_S: Final = 60.0  # a refused token may be put right in a minute; asking oftener would not help
LOCKED_LONGEST_S: Final = 600.0
HELD_S: Final = 1.0  # before looking again whether anything may be sent at all
IDLE_S: Final = 90.0  # a chat without work is forgotten once its pace no longer matters
TIDY_AT: Final = 256  # chats before it is first looked which of them can be forgotten
FLOODED: Final = 3  # different chats told to wait within a second: it is the bot that is too fast
SLACK: Final = 1.05  # seconds of ours for one of theirs: the network may bring later calls closer to earlier ones
GROUP_SPAN_S: Final = 60.5
CROWDED: Final = 10  # chats that wait for the bot's own pace: from then on questions go before receipts
RECEIPT: Final = 1  # urgency of a lane that has nothing but receipts: behind whatever a person waits for

SENT: Final = Counter("khaosat_delivery_sent", "Messages that a channel took.", ["channel"])

_log = structlog.get_logger(__name__)


def now() -> float:
    """Seconds on the loop's clock, which no change of the time of day moves."""
    return asyncio.get_running_loop().time()


@dataclass(eq=False, slots=True)
class Lane:
    """One chat's messages, in order."""

    chat: str  # where to send: the new one when the group has moved
    bucket: Bucket
    group: Window | None
    rows: list[Message] = field(default_factory=list)
    busy: bool = False
    until: float = 0.0  # on the loop's clock: nothing before
    ticket: int = 0  # of its place in the queue; an older one counts no more
    timer: asyncio.TimerHandle | None = None
    touched: float = 0.0

    def add(self, row: Message) -> None:
        """In the order of ids, though two transactions may hand over their rows the other way round."""
        if self.rows and row.id < self.rows[-1].id:
            first = 1 if self.busy else 0  # the one under way cannot be overtaken any more
            insort(self.rows, row, lo=first, key=lambda other: other.id)
        else:
            self.rows.append(row)

    def retry(self, row: Message, tries: int) -> None:
        """It stays where it is, one try older."""
        self.rows = [replace(row, tries=tries) if other.id == row.id else other for other in self.rows]

    def remove(self, row: Message) -> None:
        """It is over."""
        if self.rows and self.rows[0] is row:
            del self.rows[0]
            return
        self.rows = [other for other in self.rows if other.id != row.id]

    def wait_s(self, at: float) -> float:
        """Seconds until its first row may go."""
        wait = max(0.0, self.until - at)
        if not self.rows[0].edit:
            wait = max(wait, self.bucket.wait_s(at))
        return max(wait, self.group.wait_s(at)) if self.group is not None else wait

    def take(self, at: float) -> None:
        """Its first row goes."""
        self.busy = True
        self.touched = at
        if not self.rows[0].edit:
            self.bucket.take(at)
        if self.group is not None:
            self.group.take(at)

    def urgency(self) -> int:
        """That of its most urgent row: a reply must not wait because a broadcast to the same chat stands before it."""
        return _urgency(self.rows[0]) if len(self.rows) == 1 else min(map(_urgency, self.rows))

    def hurry(self, at: float) -> None:
        """Let the next question overtake the receipts before it, where it may go at once: they change other messages."""
        for place, row in enumerate(self.rows):
            if _is_receipt(row):
                continue
            if place and not row.edit and row.priority == 0 and self.bucket.wait_s(at) <= 0:
                self.rows.insert(0, self.rows.pop(place))
            return


def _is_receipt(row: Message) -> bool:
    """Whether it only changes a card that was answered: nobody waits for that."""
    return row.edit and row.drop_if_unsent


def _urgency(row: Message) -> int:
    return max(row.priority, RECEIPT) if _is_receipt(row) else row.priority


class Desk:
    """One bot: its chats, the queue of those that may send now, and its own pace."""

    def __init__(self, channel: Channel, pace: Pace, start: Callable[["Desk", Lane], bool]) -> None:
        self.channel = channel
        self.sent = SENT.labels(channel.name)
        self.in_flight = 0
        self._pace = pace
        self._start = start
        self._lanes: dict[str, Lane] = {}
        self._queue: list[tuple[int, int, Lane]] = []  # (urgency, ticket, lane)
        self._tickets = 0
        self._background = 0
        self._window = Window(pace.bot_per_s, SLACK)
        self._paused_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._throttled: OrderedDict[str, float] = OrderedDict()  # chat: when it was told to wait
        self._locks = 0
        self._tidy_at = TIDY_AT
        self._closed = False

    def lane(self, chat: str) -> Lane:
        """The chat's lane, made when there is none."""
        found = self._lanes.get(chat)
        if found is None:
            is_group = chat.startswith("-")  # so Telegram numbers them
            group = Window(self._pace.group_per_min, GROUP_SPAN_S) if is_group else None
            bucket = Bucket(self._pace.chat_per_s / SLACK, self._pace.chat_burst)
            found = self._lanes[chat] = Lane(chat, bucket, group, touched=now())
        return found

    def schedule(self, lane: Lane) -> None:
        """Queue a lane, now or when its time has come."""
        if self._closed or lane.busy or not lane.rows:
            return
        if lane.timer is not None:
            lane.timer.cancel()
            lane.timer = None
        wait = lane.wait_s(now())
        if wait > 0:
            lane.ticket = 0
            lane.timer = asyncio.get_running_loop().call_later(wait, self.schedule, lane)
            return
        self._tickets += 1
        lane.ticket = self._tickets
        heappush(self._queue, (lane.urgency(), lane.ticket, lane))
        self._pump()

    def freed(self, priority: int) -> None:
        """A request is over."""
        self.in_flight -= 1
        self._background -= priority > 0
        self._pump()

    def pause(self, wait_s: float) -> None:
        """Nothing of this bot goes out for so long."""
        self._paused_until = max(self._paused_until, now() + wait_s)

    def is_flooded(self, chat: str) -> bool:
        """Whether several chats were told to wait at the same time: then it is not about one of them."""
        at = now()
        self._throttled.pop(chat, None)
        self._throttled[chat] = at
        while next(iter(self._throttled.values())) < at - 1:
            self._throttled.popitem(last=False)
        return len(self._throttled) >= FLOODED

    def locked(self, why: str) -> None:
        """The bot itself is refused: wait long, and say so once."""
        if self._paused_until > now():
            return  # one of several that were under way
        if not self._locks:
            _log.error("bot_locked", channel=self.channel.name, bot=self.channel.bot, why=why)
        self.pause(min(LOCKED_LONGEST_S, LOCKED_FIRST_S * 2.0 ** min(self._locks, 10)))
        self._locks += 1

    def unlocked(self) -> None:
        """Something got through."""
        if self._locks:
            _log.info("bot_unlocked", channel=self.channel.name, bot=self.channel.bot)
        self._locks = 0

    def tidy(self) -> None:
        """Forget chats that have been silent for long; looked at each time their number has doubled."""
        if len(self._lanes) < self._tidy_at:
            return
        oldest = now() - IDLE_S
        self._lanes = {
            chat: lane for chat, lane in self._lanes.items() if lane.rows or lane.busy or lane.touched > oldest
        }
        self._tidy_at = max(TIDY_AT, 2 * len(self._lanes))

    def close(self) -> None:
        """Start nothing more."""
        self._closed = True
        for lane in self._lanes.values():
            if lane.timer is not None:
                lane.timer.cancel()
        if self._timer is not None:
            self._timer.cancel()

    def _pump(self) -> None:
        """Start as many as may go now; come back when more may."""
        most = 1 if self._locks else self._pace.in_flight  # after a lock, one tries for all
        while self._queue and not self._closed and self.in_flight < most:
            at = now()
            wait = max(self._paused_until - at, self._window.wait_s(at))
            if wait > 0:
                self._again(wait)
                return
            urgency, ticket, lane = self._queue[0]
            if ticket != lane.ticket or lane.busy or not lane.rows:
                heappop(self._queue)
                continue
            if urgency > 0 and self._background >= self._pace.background_in_flight:
                return  # whoever is first is background, so all are; one that ends comes here again
            if len(self._queue) >= CROWDED and len(lane.rows) > 1:
                lane.hurry(at)
            if not self._start(self, lane):
                self._again(HELD_S)
                return
            heappop(self._queue)
            self.in_flight += 1
            self._background += lane.rows[0].priority > 0
            self._window.take(at)
            lane.take(at)

    def _again(self, wait_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._pump)
