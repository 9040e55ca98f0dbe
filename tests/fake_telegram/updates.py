"""What waits for the bot: kept until confirmed, for a day at most."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from tests.fake_telegram.journal import Journal
from tests.fake_telegram.refusal import Refusal, conflict

KEPT_S: Final = 24 * 3600  # "incoming updates … will not be kept longer than 24 hours"
BATCH_MAX: Final = 100
POLL_MAX_S: Final = 50
FUTURE: Final = 10  # an offset further ahead than this is taken for nonsense: everything is given from the head
ON_DEMAND: Final = {"chat_member", "message_reaction", "message_reaction_count"}  # only when asked for by name


@dataclass
class Entry:
    """One update and its fate. Times in seconds of the world's clock.

    `fate`: "waiting", "confirmed" (by a higher offset or a 2xx), "expired" (a day old), "dropped" (on the bot's order),
    "unwanted" (not in allowed_updates: never queued).
    """

    update_id: int
    kind: str
    chat: int | None
    body: dict[str, Any]
    at: float
    deliveries: list[float] = field(default_factory=list)
    fate: str = "waiting"
    settled_at: float | None = None

    def update(self) -> dict[str, Any]:
        return {"update_id": self.update_id, self.kind: self.body}

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Mess:
    """Disorder on purpose. `repeat`: the chance that a confirmed update is delivered once more, later.
    `shuffle`: batches come in any order."""

    repeat: float = 0.0
    shuffle: bool = False


class Updates:
    """The queue of one bot. `now` gives seconds; `on_new` is called when an update was queued (the webhook listens)."""

    def __init__(self, now: Callable[[], float], journal: Journal, seed: int = 1) -> None:
        self.now = now
        self.journal = journal
        self.dice = random.Random(seed)
        self.next_id = self.dice.randrange(10**8, 10**9)
        self.pending: dict[int, Entry] = {}  # by a running number, oldest first
        self.history: list[Entry] = []
        self.again: list[Entry] = []
        self.allowed: frozenset[str] = frozenset()
        self.mess = Mess()
        self.on_new: Callable[[Entry], None] | None = None
        self.webhook_is_set: Callable[[], bool] = bool
        self._poller: asyncio.Future[bool] | None = None
        self._serial = 0

    def push(self, kind: str, body: dict[str, Any], chat: int | None) -> Entry:
        """A new update; one the bot did not ask for is remembered but not queued."""
        entry = Entry(self.next_id, kind, chat, body, self.now())
        self.history.append(entry)
        if not self._is_wanted(kind):
            entry.fate = "unwanted"
            return entry
        self.next_id += 1
        self._queue(entry)
        return entry

    def push_again(self, update_id: int) -> None:
        """Deliver an update once more, whatever its fate; raises `KeyError` for an unknown id."""
        found = next((e for e in reversed(self.history) if e.update_id == update_id and e.fate != "unwanted"), None)
        if found is None:
            raise KeyError(update_id)
        self.again.append(found)
        self._wake()
        if self.on_new:
            self.on_new(found)

    def jump(self, to: int | None = None) -> int:
        """Number on from a lower, random id, as after a week without updates.

        Raises `ValueError` while updates wait: Telegram does it only with an empty queue.
        """
        if self.pending:
            raise ValueError(f"{len(self.pending)} updates wait still")
        self.next_id = to if to is not None else self.dice.randrange(1, max(2, self.next_id // 2))
        return self.next_id

    def allow(self, kinds: Any) -> None:
        """Remember `allowed_updates`; None changes nothing, an empty list means the default."""
        if isinstance(kinds, list):
            self.allowed = frozenset(map(str, kinds))

    def settle(self, entry: Entry, fate: str) -> None:
        """End the wait of one update."""
        for serial, waiting in self.pending.items():
            if waiting is entry:
                del self.pending[serial]
                break
        entry.fate, entry.settled_at = fate, self.now()

    def drop_all(self) -> None:
        for entry in list(self.pending.values()):
            self.settle(entry, "dropped")

    def expire(self) -> None:
        """Let go what is older than a day."""
        for entry in list(self.pending.values()):
            if entry.at > self.now() - KEPT_S:
                return
            self.settle(entry, "expired")

    async def poll(
        self, offset: int, limit: int, timeout_s: float, gone: Callable[[], Coroutine[Any, Any, None]]
    ) -> list[dict[str, Any]]:
        """One `getUpdates`: at most `limit` updates, waiting up to `timeout_s` real seconds for the first.

        `gone()` returns when the caller has hung up. Raises `Refusal` 409 when a webhook is set or a second poller came.
        """
        self._refuse_if_webhook()
        self._confirm(offset)
        self.end_poll(second=True)
        batch = self._batch(limit)
        if batch or timeout_s <= 0:
            return batch
        try:
            await self._wait(min(timeout_s, POLL_MAX_S), gone)
        except ConflictSeen as e:
            raise e.refusal from None
        return self._batch(limit)

    def end_poll(self, *, second: bool = False, why: Refusal | None = None) -> None:
        """Answer the poller that waits now: 409 when `second` or `why`, otherwise nothing new."""
        poller, self._poller = self._poller, None
        if poller is None or poller.done():
            return
        if second:
            why = conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
            self.journal.blame(self.now(), "second poller", "two getUpdates at the same time", "getUpdates")
        if why:
            poller.set_exception(ConflictSeen(why))
        else:
            poller.set_result(False)

    def _refuse_if_webhook(self) -> None:
        if self.webhook_is_set():
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )

    async def _wait(self, timeout_s: float, gone: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._poller = mine = asyncio.get_running_loop().create_future()
        hung_up = asyncio.ensure_future(gone())
        try:
            await asyncio.wait({mine, hung_up}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if mine.done():
                mine.result()
        finally:
            hung_up.cancel()
            if self._poller is mine:
                self._poller = None

    def _is_wanted(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in ON_DEMAND

    def _queue(self, entry: Entry) -> None:
        self._serial += 1
        self.pending[self._serial] = entry
        self._wake()
        if self.on_new:
            self.on_new(entry)

    def _wake(self) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(True)

    def _confirm(self, offset: int) -> None:
        """Forget everything below `offset`; a negative one keeps only so many from the end."""
        if offset < 0:
            for entry in list(self.pending.values())[:offset]:
                self.settle(entry, "dropped")
        if offset <= 0 or offset > self.next_id + FUTURE:
            return
        for entry in list(self.pending.values()):
            if entry.update_id >= offset:
                return
            self.settle(entry, "confirmed")
            if self.dice.random() < self.mess.repeat:
                self.again.append(entry)

    def _batch(self, limit: int) -> list[dict[str, Any]]:
        self.expire()
        count = min(BATCH_MAX, limit if limit > 0 else BATCH_MAX)
        again, self.again = self.again[:count], self.again[count:]
        chosen = again + [e for e, _ in zip(self.pending.values(), range(count - len(again)), strict=False)]
        for entry in chosen:
            entry.deliveries.append(self.now())
        if self.mess.shuffle:
            self.dice.shuffle(chosen)
        return [entry.update() for entry in chosen]


class ConflictSeen(Exception):
    """Carries a refusal to the poller that waits."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.description)
        self.refusal = refusal
