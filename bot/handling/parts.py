"""What handling an update needs of the house."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.channels.base import Channel
from bot.config import Settings
from bot.i18n import Words
from bot.library import Library
from flows.machine import Machine
from storage.db import Tx
from storage.outbox import Message
from storage.submissions import Submission


class Notifier(Protocol):
    """Who tells staff of a submission, inside its transaction."""

    async def notify(self, tx: Tx, submission: Submission, machine: Machine, at: int) -> list[Message]:
        """Rows put into the outbox for staff."""
        ...

    async def asked(self, tx: Tx, submission: Submission, request: str, n: int, at: int) -> list[Message]:
        """The same of a request to correct so many answers of it."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The same for every update."""

    channels: Mapping[tuple[str, str], Channel]
    library: Library
    words: Words
    settings: Settings
    notifier: Notifier
    clock: Callable[[], int]
    restored_at: int = 0  # when the database was put back from a copy, milliseconds since 1970, UTC; 0: never
