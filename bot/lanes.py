"""One person, one lane: what one person sends is handled in order, different people side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

import structlog

from storage.db import StorageUnavailable

T = TypeVar("T")
log = structlog.get_logger(__name__)

TRIES_MAX: Final = 3  # of one update that raises; then it is buried where staff see it, and the next one goes on
RETRY_FIRST_S: Final = 0.5
RETRY_LONGEST_S: Final = 30.0


class Lanes(Generic[T]):
    """Queues by key, each emptied by at most one task; a lane without work is forgotten."""

    def __init__(
        self,
        handle: Callable[[T], Awaitable[None]],
        failed: Callable[[T, Exception], Awaitable[int]],
        dropped: Callable[[T], None] = lambda _: None,
    ) -> None:
        """Lanes that hand every piece of work to `handle`.

        Args:
            handle: does one piece of work.
            failed: told when `handle` raised; says how often this piece has failed, TRIES_MAX buries it.
            dropped: told of each piece that is left when we stop.
        """
        self._handle = handle
        self._failed = failed
        self._dropped = dropped
        self._queues: dict[str, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def put(self, key: str, work: T) -> None:
        """Add work behind what waits under the same key."""
        queue = self._queues.get(key)
        if queue is not None:
            queue.append(work)
            return
        self._queues[key] = deque((work,))
        task = asyncio.create_task(self._run(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def is_free(self, key: str) -> bool:
        """Whether nothing waits or is under way there, and work is taken at all."""
        return key not in self._queues and not self._stopping.is_set()

    @property
    def waiting(self) -> int:
        """Pieces of work not done yet."""
        return sum(len(queue) for queue in self._queues.values())

    async def settled(self) -> None:
        """Until nothing is left to do; for tests and short commands."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self, within_s: float) -> None:
        """Finish the pieces under way and leave the rest, which are in the inbox, for the next start."""
        self._stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=within_s)
            for task in late:
                task.cancel()

    async def _run(self, key: str) -> None:
        queue = self._queues[key]
        while queue and not self._stopping.is_set():
            await self._one(queue[0])
            queue.popleft()
        del self._queues[key]
        for left in queue:
            self._dropped(left)

    async def _one(self, work: T) -> None:
        """Until it is done, buried, or we stop. What the database cannot take now waits; it is nobody's fault."""
        wait_s = RETRY_FIRST_S
        while not self._stopping.is_set():
            try:
                await self._handle(work)
            except StorageUnavailable as error:
                log.warning("storage_unavailable", error=type(error).__name__)
            except Exception as error:
                log.exception("update_failed", error=type(error).__name__)
                try:
                    if await self._failed(work, error) >= TRIES_MAX:
                        return
                except StorageUnavailable:
                    log.warning("storage_unavailable")
            else:
                return
            await self._pause(wait_s)
            wait_s = min(wait_s * 2, RETRY_LONGEST_S)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
