"""Takes updates in: on disk first, then acknowledged, then into the lane of the person they are from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.channels.base import Update
from bot.failpoints import Failpoints
from bot.flood import Floods
from bot.lanes import Lanes
from storage import inbox
from storage.db import Database, Tx

BATCH: Final = 1000  # updates taken up at once at the start


@dataclass(frozen=True, slots=True)
class Arrived:
    """An update that lies in the inbox under a number."""

    id: int
    update: Update


class Intake:
    """The only way in. When `accept` returns, the updates are committed; only then may a channel acknowledge them."""

    def __init__(
        self,
        db: Database,
        lanes: Lanes[Arrived],
        failpoints: Failpoints,
        wanted: Callable[[], bool] = lambda: True,
        floods: Floods | None = None,
    ) -> None:
        self._db = db
        self._lanes = lanes
        self._failpoints = failpoints
        self._wanted = wanted
        self._floods = floods or Floods(0)

    async def accept(self, updates: Sequence[Update]) -> None:
        """Keep them, skipping those that are there already, and let them be handled.

        Raises:
            StorageUnavailable: nothing was kept; they must not be acknowledged.
        """
        updates = [each for each in updates if self._floods.arrives(lane(each), each.channel, each.at)]
        if not updates:
            return
        self._failpoints.reach("after_fetch")

        async def keep(tx: Tx) -> list[int | None]:
            return await inbox.add_many(tx, updates)

        try:
            kept = await self._db.write(keep)
        except BaseException:
            self._forgive(updates)  # they will come again, and are no flood for that
            raise
        self._failpoints.reach("after_inbox")
        for id_, update in zip(kept, updates, strict=True):
            if id_ is not None:
                self._lanes.put(lane(update), Arrived(id_, update))
        self._forgive([update for id_, update in zip(kept, updates, strict=True) if id_ is None])

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
