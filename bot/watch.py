"""Looks again and again whether the house works, and tells staff when it does not: in the log, at /healthz, in their chat.

Each look writes to the database and reads what waits: a light that is only green because nobody looks is worse than
none. An alarm goes to the chat past the outbox, which lies in the database that may be what is wrong.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import structlog
from prometheus_client import Gauge

from bot.ballast import Ballast
from bot.channels.base import SendFailed
from bot.keeper import Keeper
from bot.lanes import TRIES_MAX
from storage import console, counters, inbox
from storage.db import Database, StorageUnavailable, Tx

Code: TypeAlias = Literal["storage", "space", "reserve", "stuck", "dead", "staff_chat", "day_lost", "copies"]
CODES: Final[tuple[Code, ...]] = ("storage", "space", "reserve", "stuck", "dead", "staff_chat", "day_lost", "copies")

LOOK_S: Final = 5.0
STORAGE_S: Final = 15.0  # for so long nothing could be written: more than another process's short lock
STUCK_S: Final = 120.0  # for so long the same update is the oldest that waits, though the database takes writes
GIVEN_UP_S: Final = 200.0  # then we stop beating, and the keeper begins anew
DAY_LOST_S: Final = (
    12 * 3600.0
)  # half of the 24 hours that Telegram keeps what people wrote (core.telegram.org/bots/api)
QUIET_S: Final = 600.0  # between two messages about the same thing
FULL_MB: Final = 16  # less is free, and the database takes no write: the disk is full
ANSWER_S: Final = 30.0  # for the database, or for Telegram

_ALARM: Final = Gauge("khaosat_alarm", "1 while this alarm is on", ["code"])
_log = structlog.get_logger(__name__)

Tell: TypeAlias = Callable[[str, int], Awaitable[None]]  # which alarm ("over": none any more), and how many or how much


async def _pulse(tx: Tx) -> None:
    """A small write: a disk that is full, or a lock that somebody holds, is met here as it is by an answer."""
    await counters.following(tx, "pulse")


@dataclass(frozen=True, slots=True)
class _Seen:
    oldest: int  # number of the oldest update that waits; 0: none does
    dead: int  # updates given up so far
    is_cut_off: bool  # staff did not get the last message to them


class Watch:
    """Knows what is wrong, and says it once."""

    def __init__(
        self,
        db: Database,
        tell: Tell,
        keeper: Keeper,
        *,
        line: Callable[[], str] = lambda: "",
        disk: Path | None = None,
        free_mb: int = 0,
        ballast: Ballast | None = None,
        copies_fail: Callable[[], bool] = lambda: False,
        staff: tuple[str, str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watches over `db` and over the updates in it.

        Args:
            db: what is asked.
            tell: says it to staff; raises `SendFailed` when it could not, and is asked again.
            keeper: told that all is well, or that it is not but beginning anew would not help.
            line: what is wrong with the line to Telegram, "" for nothing; "telegram_…" are its alarms.
            disk: the folder that must not run full; None: the database is elsewhere.
            free_mb: megabytes that must stay free there.
            ballast: given up when that disk is full, and put back when there is room again; None: none is kept.
            copies_fail: whether the last copy of the database could not be made.
            staff: channel, bot and chat where staff hear of submissions; None: nowhere.
            clock: seconds, on a clock that no change of the time of day moves.
        """
        self._db = db
        self._tell = tell
        self._keeper = keeper
        self._line = line
        self._disk = disk
        self._free_mb = free_mb
        self._ballast = ballast
        self._copies_fail = copies_fail
        self._staff = staff
        self._is_cut_off = False
        self._clock = clock
        self._fails_since: float | None = None
        self._oldest, self._oldest_since = 0, 0.0
        self._dead = -1  # given up so far; negative: not counted yet
        self._blamed = 0
        self._answers = True  # the database says yes or no; False: it says nothing
        self._counted: dict[str, int] = {}
        self._untold: dict[str, int] = {}  # what staff have not been told yet
        self._unheard_since: float | None = None  # the line to Telegram: nothing is heard from it
        self._told_at: dict[str, float] = {}
        self._bad_news = False  # staff have been told of something that is not over
        self.alarms: Mapping[str, int] = {}  # what is wrong, and how much or how many of it

    async def run(self) -> None:
        """Until cancelled."""
        self._keeper.start()
        try:
            while True:
                try:
                    await self.look()
                except Exception as error:  # no beat: when it goes on like this, we begin anew
                    _log.exception("watch_failed", error=type(error).__name__)
                await asyncio.sleep(LOOK_S)
        finally:
            self._keeper.stop()

    async def look(self) -> None:
        """Once: what is wrong now, and the alarms about it."""
        writes = await self._writes()
        if writes:
            await self._look_at_inbox()
        await self._balance(writes=writes)
        found = self._wrong(writes=writes)
        for code in found:
            if code not in self.alarms:
                _log.error("alarm", code=code, count=self._counted.get(code, 0))
                if code != "staff_chat":  # which is the chat that does not get it
                    self._untold[code] = 0
        for code in set(self.alarms) - set(found):
            _log.info("alarm_over", code=code)
            self._untold.pop(code, None)
        for each in CODES:
            _ALARM.labels(each).set(each in found)
        self.alarms = {code: self._counted.get(code, 0) for code in found}
        await self._say()
        is_given_up = "stuck" in found and self._clock() - self._oldest_since >= GIVEN_UP_S
        if self._answers and not is_given_up:
            self._keeper.beat()

    async def _writes(self) -> bool:
        """Whether the database takes a write."""
        now = self._clock()
        self._answers = True
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._db.write(_pulse)
        except (StorageUnavailable, TimeoutError) as error:
            self._answers = isinstance(error, StorageUnavailable)
            self._fails_since = now if self._fails_since is None else self._fails_since
            return False
        self._fails_since = None
        return True

    async def _balance(self, *, writes: bool) -> None:
        """Give up what is kept in reserve when the disk is full; put it back where it takes nothing that must be free."""
        ballast = self._ballast
        if ballast is None or self._disk is None or not self._free_mb:
            return
        free = shutil.disk_usage(self._disk).free // 1_000_000
        if not writes and free < FULL_MB:
            if await asyncio.to_thread(ballast.drop):
                _log.error("reserve_given_up", mb=ballast.size // 1_000_000)
        elif writes and not ballast.is_there and free >= self._free_mb + ballast.size // 1_000_000:
            await asyncio.to_thread(ballast.lay)

    async def _look_at_inbox(self) -> None:
        try:
            seen = await self._db.read(self._see)
        except StorageUnavailable:
            return
        now = self._clock()
        oldest, dead, self._is_cut_off = seen.oldest, seen.dead, seen.is_cut_off
        if oldest != self._oldest:
            self._oldest, self._oldest_since = oldest, now
        if 0 <= self._dead < dead:
            _log.error("alarm", code="dead", count=dead - self._dead)
            self._untold["dead"] = self._untold.get("dead", 0) + dead - self._dead
        self._dead = dead
        if oldest and now - self._oldest_since >= GIVEN_UP_S:
            await self._blame(oldest)

    async def _see(self, tx: Tx) -> _Seen:
        rows = await inbox.undone(tx, 1)
        is_cut_off = self._staff is not None and await console.is_cut_off(tx, *self._staff)
        return _Seen(rows[0].id if rows else 0, (await console.health(tx)).dead, is_cut_off)

    async def _blame(self, oldest: int) -> None:
        """Count against the update that nobody could finish that we begin anew; its third time it is buried."""

        async def put(tx: Tx) -> None:
            if await inbox.failed(tx, oldest, "StandsStill") >= TRIES_MAX:
                await inbox.bury(tx, oldest, "StandsStill", int(time.time() * 1000))

        if self._blamed != oldest:
            await self._db.write(put)
            self._blamed = oldest

    def _wrong(self, *, writes: bool) -> tuple[str, ...]:
        now = self._clock()
        found: list[str] = []
        if not writes and self._fails_since is not None and now - self._fails_since >= STORAGE_S:
            found.append("storage")
        if self._disk is not None and self._free_mb:
            free = shutil.disk_usage(self._disk).free // 1_000_000
            self._counted["space"] = free
            if free < self._free_mb:
                found.append("space")
        if self._ballast is not None and self._ballast.is_spent:
            found.append("reserve")
        if writes and self._oldest and now - self._oldest_since >= STUCK_S:
            found.append("stuck")
        if self._copies_fail():
            found.append("copies")
        if self._is_cut_off:
            found.append("staff_chat")
        trouble = self._line()
        if not trouble:
            self._unheard_since = None
        else:
            found.append(f"telegram_{trouble}")
            self._unheard_since = now if self._unheard_since is None else self._unheard_since
            if now - self._unheard_since >= DAY_LOST_S:
                found.append("day_lost")
        return tuple(found)

    async def _say(self) -> None:
        """Tell staff what they were not told yet; what cannot be said now is said at a later look."""
        now = self._clock()
        for code, count in list(self._untold.items()):
            if now - self._told_at.get(code, -QUIET_S) < QUIET_S:
                continue
            if not await self._said(code, count or self._counted.get(code, 0)):
                return
            del self._untold[code]
            self._told_at[code] = now
            self._bad_news = self._bad_news or code != "dead"
        if self._bad_news and not self.alarms and await self._said("over", 0):
            self._bad_news = False

    async def _said(self, code: str, count: int) -> bool:
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._tell(code, count)
        except (SendFailed, TimeoutError, OSError) as error:
            _log.warning("alarm_not_told", code=code, error=type(error).__name__)
            return False
        return True
