"""Asks Telegram for updates, and confirms them only when they are stored.

Telegram keeps an update until it is asked with a higher `offset`. So the offset is sent only after `intake.accept` has
returned, and only once: afterwards Telegram has forgotten what it confirmed, and asking without one is right even if
the numbers start again from a lower one, as they do after an idle week.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog
from telegram.error import TelegramError

from bot.channels.base import Locked, Update
from bot.channels.telegram_request import NotOk

POLL_S: Final = 30  # how long Telegram may hold the question when there is nothing new
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0

_DICE: Final = secrets.SystemRandom().random

_log = structlog.get_logger(__name__)


class Intake(Protocol):
    """Where updates are stored."""

    async def accept(self, updates: Sequence[Update]) -> None:
        """Store them in one commit; those seen before are left out. Raises when they could not be stored."""
        ...


class Heard(Protocol):
    """Told each time Telegram has answered, or (`trouble`) why it has not: so that a silence can be told from both."""

    def __call__(self, trouble: str = "") -> None:
        """`trouble`: as it is logged; "": none."""
        ...


def nobody(trouble: str = "") -> None:
    """Listens to none of it."""
    del trouble


Ask = Callable[[int | None], Awaitable[Sequence[Mapping[str, Any]]]]
Understand = Callable[[Mapping[str, Any]], Update]


class Poller:
    """The loop that asks. Cancel it to stop: what was not confirmed comes again to whoever asks next."""

    def __init__(
        self,
        ask: Ask,
        understand: Understand,
        intake: Intake,
        *,
        heard: Heard = nobody,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        dice: Callable[[], float] = _DICE,
    ) -> None:
        self._ask = ask
        self._understand = understand
        self._intake = intake
        self._heard = heard
        self._sleep = sleep
        self._dice = dice
        self._offset: int | None = None
        self._fails = 0
        self._told = ""  # what has been said about the trouble we are in, so that it is said once

    async def run(self) -> None:
        """Until cancelled.

        Raises:
            Locked: Telegram does not know the token; asking on would be no use.
        """
        while True:
            wait_s = await self._once()
            if wait_s:
                await self._sleep(wait_s)

    async def _once(self) -> float:
        """Ask, store, remember what to confirm. Seconds to wait before the next time."""
        try:
            found = await self._ask(self._offset)
        except TelegramError as e:
            return self._trouble(e)
        self._offset = None
        if found:
            try:
                await self._intake.accept([self._understand(raw) for raw in found])
            except Exception as e:  # the loop must outlive whatever storing meets; nothing is confirmed meanwhile
                return self._wait("updates_not_stored", type(e).__name__)
            self._offset = _after(found)
        if self._told:
            _log.info("telegram_polling_again")
        self._fails, self._told = 0, ""
        self._heard()
        return 0.0

    def _trouble(self, error: TelegramError) -> float:
        if not isinstance(error, NotOk):
            return self._wait("telegram_unreachable", type(error).__name__)
        if error.code in {401, 404}:
            raise Locked(f"Telegram does not know this bot's token (HTTP {error.code})") from None
        if error.code == 409:  # HTTP's own number
            return self._wait("telegram_other_poller", "another process polls with this token, or a webhook is set")
        return max(error.retry_after or 0.0, self._wait("telegram_unreachable", f"HTTP {error.code}"))

    def _wait(self, what: str, why: str) -> float:
        """Twice as long each time up to a minute, and half of it by chance, so that two never keep step."""
        if self._told != what:
            _log.warning(what, why=why)
            self._told = what
        self._fails += 1
        self._heard(what)
        longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(self._fails - 1, 10))
        return float(longest * (0.5 + self._dice() / 2))


def _after(updates: Sequence[Mapping[str, Any]]) -> int | None:
    """What confirms them: one more than the last in the order they came, which need not be the highest."""
    last = updates[-1].get("update_id")
    return last + 1 if isinstance(last, int) else None
