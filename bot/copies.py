"""Copies of the SQLite database, made by the process itself every so many minutes, the oldest removed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from bot.archive import BadKey, pack
from storage.backup import Damaged
from storage.tx import StorageUnavailable

KEPT: Final = 96  # copies: a day of them, one every quarter of an hour
AGAIN_MS: Final = 60_000  # after one that failed
_NAME: Final = "khaosat-%Y-%m-%dT%H-%M.sqlite"  # UTC, so that no two are of the same time when clocks change
_MINUTE_MS: Final = 60_000
_log = structlog.get_logger(__name__)


class Copies:
    """Makes them when they are due; `failing` while the last one could not be made."""

    def __init__(
        self,
        database: Path,
        folder: Path,
        every_min: int,
        *,
        clock: Callable[[], int],
        recipient: str = "",
        is_over: Callable[[], bool] = lambda: False,
        kept: int = KEPT,
    ) -> None:
        """Copies of `database` in `folder`, at most `kept` of them.

        Args:
            database: the file in use.
            folder: made where there is none; on another disk, or it is of little use.
            every_min: minutes between two.
            clock: milliseconds since 1970, UTC.
            recipient: the public key to which they are encrypted; "": they are not.
            is_over: a copy in the making is given up once this holds.
            kept: the newest so many are kept.
        """
        self._database = database
        self._folder = folder
        self._every_ms = every_min * _MINUTE_MS
        self._clock = clock
        self._recipient = recipient
        self._is_over = is_over
        self._kept = kept
        self._tried_at: int | None = None
        self.failing = False

    async def due(self) -> None:
        """Make one if it is time, in a thread."""
        await asyncio.to_thread(self._due)

    def _due(self) -> None:
        now = self._clock()
        if self._tried_at is not None and abs(now - self._tried_at) < AGAIN_MS:
            return
        made = self._made()
        # A copy of the future is one made before the clock was set back: it says nothing about now.
        if any(0 <= now - at < self._every_ms for at in made.values()):
            return
        self._tried_at = now
        to = self._folder / datetime.fromtimestamp(now / 1000, UTC).strftime(_NAME)
        if self._recipient:
            to = to.with_name(f"{to.name}.age")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            packed = pack(self._database, self._database.parent, to, self._recipient, is_over=self._is_over)
        except (StorageUnavailable, Damaged, BadKey, OSError) as error:
            if not self._is_over():
                self.failing = True
                _log.error("copy_failed", error=type(error).__name__, why=str(error)[:200])
            return
        self.failing = False
        _log.info("copy_made", file=to.name, bytes=packed.size, submissions=packed.copied.submissions)
        self._tidy([*made, to])

    def _made(self) -> dict[Path, int]:
        """When each copy was made that is there, by its name."""
        found: dict[Path, int] = {}
        for path in self._folder.glob("khaosat-*.sqlite*") if self._folder.is_dir() else ():
            with suppress(ValueError):
                found[path] = int(
                    datetime.strptime(path.name.removesuffix(".age"), _NAME).replace(tzinfo=UTC).timestamp() * 1000
                )
        return found

    def _tidy(self, copies: list[Path]) -> None:
        for path in sorted(copies, key=lambda one: one.name)[: -self._kept]:
            with suppress(OSError):
                path.unlink()
