"""What the writer remembers of rows it has written itself, so that it need not read them again.

Only what is committed is remembered, and only while no other process writes: SQLite's `data_version` tells. A memory
may be empty at any moment, and whoever uses it must be able to do without.
"""

from collections.abc import Hashable
from typing import Any, Final

MOST: Final = 1024  # things remembered: people who answer at the same time, not all who have something open


class Memory:
    """Things by key. What a transaction puts in counts from its commit; until then for itself and those in its group."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[Hashable, Any] = {}
        self._group: dict[Hashable, Any] = {}
        self._job: dict[Hashable, Any] = {}

    def get(self, key: Hashable) -> Any:
        """What is remembered under the key; None: nothing."""
        for layer in (self._job, self._group):
            if key in layer:
                return layer[key]
        return self._kept.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """Remember it, if the transaction is committed."""
        self._job[key] = value

    def drop(self, key: Hashable) -> None:
        """Forget it at once, whatever becomes of the transaction."""
        for layer in (self._job, self._group, self._kept):
            layer.pop(key, None)

    def clear(self) -> None:
        """Forget everything at once."""
        for layer in (self._job, self._group, self._kept):
            layer.clear()

    # The writer's part.

    def job_done(self) -> None:
        """One transaction of the group has come to its end."""
        self._group.update(self._job)
        self._job.clear()

    def job_undone(self) -> None:
        """It was rolled back, so what it dropped stays forgotten and what it put never was."""
        self._job.clear()

    def group_done(self) -> None:
        """The group is committed: its things are the newest, and the oldest make room."""
        for key, value in self._group.items():
            self._kept.pop(key, None)
            self._kept[key] = value
        self._group.clear()
        for key in list(self._kept)[: max(0, len(self._kept) - self._most)]:
            del self._kept[key]
