"""Takes updates in: on disk first, then acknowledged. Handled in the order of the person they are from.

The short way: nothing of that person waits, so the update is put into the inbox and handled in one transaction, and
acknowledged when that is committed. The long way: it is committed to the inbox, acknowledged, and handled in its turn.
Either way it is on disk before it is acknowledged, and a person's updates reach the disk in the order they came.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from bot.channels.base import Incoming, Outgoing, Update
from bot.failpoints import Failpoints
from bot.flood import Floods
from bot.lanes import Lanes
from storage import inbox
from storage.db import Database, StorageUnavailable, Tx

BATCH: Final = 1000  # updates taken up at once at the start


@dataclass(slots=True)
class Arrived:
    """An update on its way: in the inbox under a number, or (0) about to be put there by whoever handles it."""

    id: int
    update: Update
    incoming: Incoming | None = None  # as it was read, where that is done already
    kept: asyncio.Future[bool] | None = field(default=None, compare=False)
    # of the short way: True when it is in the inbox, False when it had been there before
    replies: list[Outgoing] | None = None  # takes one request that goes back with the acknowledgement

    @property
    def waited_for(self) -> bool:
        """Whether somebody waits to acknowledge it."""
        return self.kept is not None and not self.kept.done()

    def is_kept(self, *, new: bool = True) -> None:
        """It is committed."""
        if self.kept is not None and self.waited_for:
            self.kept.set_result(new)

    def is_not_kept(self, error: BaseException) -> None:
        """It is not, and must not be acknowledged."""
        if self.kept is not None and self.waited_for:
            self.kept.set_exception(error)
            self.kept.exception()  # whoever waited may be gone


class Intake:
    """The only way in. When `accept` returns, the updates are committed; only then may a channel acknowledge them."""

    def __init__(
        self,
        db: Database,
        lanes: Lanes[Arrived],
        failpoints: Failpoints,
        floods: Floods | None = None,
        read: Callable[[Update], Incoming | None] = lambda _: None,
    ) -> None:
        """The way into `db` and `lanes`.

        Args:
            db: where the inbox is.
            lanes: where updates are handled.
            failpoints: where a test may let us die.
            floods: who is too fast to be let in.
            read: what an update means, where it can be handled at once; None: the long way, for a file must be fetched.
        """
        self._db = db
        self._lanes = lanes
        self._failpoints = failpoints
        self._floods = floods or Floods(0)
        self._read = read
        self._last: dict[str, asyncio.Future[bool]] = {}  # by lane: the last update that is not committed yet

    async def accept(self, updates: Sequence[Update], replies: list[Outgoing] | None = None) -> None:
        """Keep them, skipping those that are there already, and let them be handled.

        `replies`: given for a single update by who can send one request back with the acknowledgement of it; what is
        put there, if anything, is not worth a row and follows from what is committed.

        Raises:
            StorageUnavailable: not all were kept; they must not be acknowledged. Those that were are known when they
                come again.
        """
        updates = [each for each in updates if self._floods.arrives(lane(each), each.channel, each.at)]
        if not updates:
            return
        self._failpoints.reach("after_fetch")
        short: list[asyncio.Future[bool]] = []
        long: list[tuple[str, Update]] = []
        waits = not self._failpoints.may_reach("after_inbox")
        for update in updates:
            key = lane(update)
            incoming = self._meant(update) if waits and key not in self._last and self._lanes.is_free(key) else None
            if incoming is None:
                long.append((key, update))
                continue
            kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._last[key] = kept
            kept.add_done_callback(partial(self._over, key))
            self._lanes.put(key, Arrived(0, update, incoming, kept, replies))
            short.append(kept)
        error: BaseException | None = None
        if long:
            try:
                await self._keep(long)
            except BaseException as raised:  # those of the short way still have to be waited for
                error = raised
        for kept in short:
            try:
                await kept
            except StorageUnavailable as raised:
                error = error or raised
        if error is not None:
            raise error

    def _meant(self, update: Update) -> Incoming | None:
        try:
            return self._read(update)
        except Exception:  # a fault of ours: the lane counts its tries and buries it
            return None

    async def _keep(self, arrived: Sequence[tuple[str, Update]]) -> None:
        """The long way, each behind those of its lane that came before."""
        loop = asyncio.get_running_loop()
        before = [self._last[key] for key, _ in arrived if key in self._last]
        mine: asyncio.Future[bool] = loop.create_future()
        keys = {key for key, _ in arrived}
        for key in keys:
            self._last[key] = mine
        try:
            if before:
                await asyncio.wait(set(before))
            updates = [update for _, update in arrived]

            async def keep(tx: Tx) -> list[int | None]:
                return await inbox.add_many(tx, updates)

            try:
                kept = await self._db.write(keep)
            except BaseException:
                self._forgive(updates)  # they will come again, and are no flood for that
                raise
            self._failpoints.reach("after_inbox")
            for id_, (key, update) in zip(kept, arrived, strict=True):
                if id_ is not None:
                    self._lanes.put(key, Arrived(id_, update))
            self._forgive([update for id_, update in zip(kept, updates, strict=True) if id_ is None])
        finally:
            mine.set_result(True)
            for key in keys:
                self._over(key, mine)

    def _over(self, key: str, last: asyncio.Future[bool]) -> None:
        """An update is committed, or never will be."""
        if self._last.get(key) is last:
            del self._last[key]

    def _forgive(self, updates: Sequence[Update]) -> None:
        """Updates that will never be handled here: not kept, or seen before."""
        for update in updates:
            self._floods.forgives(lane(update), update.at)

    async def take_up(self) -> int:
        """What an earlier process left undone, in its order; how many there were."""
        count = last = 0
        while True:
            rows = await self._db.read(partial(inbox.undone, limit=BATCH, after_id=last))
            for row in rows:
                update = Update(row.channel, row.bot, row.key, row.chat, row.body, row.at)
                self._lanes.put(lane(update), Arrived(row.id, update))
                last = row.id
            count += len(rows)
            if len(rows) < BATCH:
                return count


def lane(update: Update) -> str:
    """Whose turn it is: a chat's updates are one lane."""
    return f"{update.channel}:{update.bot}:{update.chat}"
