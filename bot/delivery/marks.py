"""Writes back what became of messages, in groups: everything that finished while the last group was written."""

import asyncio
import traceback
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from bot.failpoints import Failpoints
from storage import outbox
from storage.db import Database, StorageUnavailable, Tx

RETRY_S: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one row."""

    row: int
    state: Literal["sent", "failed", "dropped", "later"]
    text: str  # sent: the channel's id of the message; failed: why
    at: int  # milliseconds since 1970, UTC; later: not before
    tries: int = 0  # later: made so far
    harmless: bool = False  # done again after a crash it would change nothing: an edit, or what was never sent


class Marks:
    """Keeps marks until they are on disk. While the database takes none, `failing` is true and nothing should be sent."""

    def __init__(self, db: Database, failpoints: Failpoints) -> None:
        self._db = db
        self._failpoints = failpoints
        self._waiting: list[tuple[Mark, asyncio.Future[bool] | None]] = []
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self.failing = False

    async def keep(self, mark: Mark) -> bool:
        """Returns when the mark is on disk; False when it could not be kept, so that the row still waits there."""
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._add(mark, kept)
        return await kept

    def note(self, mark: Mark) -> None:
        """Keep it with the next group; nobody waits for it."""
        self._add(mark, None)

    async def settled(self) -> None:
        """Until everything is on disk."""
        while self._task is not None and not self._task.done():
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        """Write what is left, once."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    def _add(self, mark: Mark, kept: asyncio.Future[bool] | None) -> None:
        self._waiting.append((mark, kept))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            is_kept = await self._kept([mark for mark, _ in group])
            for _, kept in group:
                if kept is not None and not kept.done():
                    kept.set_result(is_kept)

    async def _kept(self, marks: list[Mark]) -> bool:
        """Write one group, as often as it takes while we run."""
        while True:
            try:
                self._failpoints.reach("before_mark")
                await self._db.write(lambda tx: _put(tx, marks))
            except StorageUnavailable as e:
                if not self.failing:
                    _log.error("sent_marks_not_kept", error=type(e).__name__, marks=len(marks))
                self.failing = True
                if self._stopping.is_set():
                    return False
                await self._pause()
            except Exception as e:  # ours: the rows still wait on disk and are sent again after a restart
                _log.error("sent_marks_lost", marks=len(marks), **fault(e))  # `fault` says why
                return False
            else:
                self.failing = False
                return True

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(RETRY_S):
                await self._stopping.wait()
        except TimeoutError:
            return


def fault(error: Exception) -> dict[str, str]:
    """What a log may hold of an error: its class and where it came up. Its words may be what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "place": place}


async def _put(tx: Tx, marks: list[Mark]) -> None:
    sent = [(mark.row, mark.text, mark.at) for mark in marks if mark.state == "sent"]
    if sent:
        await outbox.sent_many(tx, sent)
    for mark in marks:
        if mark.state == "failed":
            await outbox.failed(tx, mark.row, mark.text, mark.at)
        elif mark.state == "dropped":
            await outbox.dropped(tx, mark.row, mark.at)
        elif mark.state == "later":
            await outbox.later(tx, mark.row, mark.at, mark.tries)
