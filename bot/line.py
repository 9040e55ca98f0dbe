"""The line to Telegram: put up, listened to, and put up again when it has gone silent; and what state it is in.

A bot that does not hear is worse than one that is down: nobody notices. So whoever asks (`/healthz`, the console) is
told what the line is like, and a silence that cannot be is ended by beginning anew. The web chat and the console go on
whatever happens here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, Protocol, TypeAlias

import structlog
from prometheus_client import Enum
from telegram.error import TelegramError

from bot.channels.base import Locked, SendFailed
from bot.channels.telegram.polling import Heard, Intake

State: TypeAlias = Literal["off", "starting", "ok", "unreachable", "other_poller", "refused", "deaf", "clock_off"]
STATES: Final[tuple[State, ...]] = (
    "off",
    "starting",
    "ok",
    "unreachable",
    "other_poller",
    "refused",
    "deaf",
    "clock_off",
)

CERTAIN: Final = frozenset({"refused", "deaf", "clock_off"})  # told at once: it does not pass by itself

DEAF_S: Final = 120.0  # neither an answer nor an error: three times what one question may take
WATCH_S: Final = 60.0  # between two looks at what Telegram says of our webhook
LOOK_S: Final = 5.0
AGAIN_FIRST_S: Final = 1.0
AGAIN_LONGEST_S: Final = 60.0
CLOCK_OFF_S: Final = 30.0  # with a clock that is further off, reminders and receipts would lie
REFUSED_S: Final = 300.0  # a token that was refused is tried again: it may be put right at @BotFather
LATE_S: Final = 120.0  # trouble for longer than this is told by `/healthz`

_STATE: Final = Enum("khaosat_telegram_line", "What the line to Telegram is like", states=list(STATES))
_log = structlog.get_logger(__name__)


class Bot(Protocol):
    """What the line needs of the channel."""

    @property
    def clock_off_s(self) -> float:
        """Seconds that our clock is ahead of Telegram's."""
        ...

    async def register(self, *, webhook_url: str | None = None) -> None:
        """Say how updates come."""
        ...

    async def poll(self, intake: Intake, heard: Heard = ...) -> None:
        """Ask for updates, until cancelled."""
        ...

    async def webhook_info(self) -> dict[str, Any]:
        """What Telegram says of our webhook."""
        ...


class Line:
    """Owns the connection to one bot's updates."""

    def __init__(
        self,
        bot: Bot,
        intake: Intake,
        *,
        webhook_url: str | None,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """The line of `bot` into `intake`.

        Args:
            bot: the channel.
            intake: where updates go.
            webhook_url: where Telegram posts updates; None: we ask for them.
            clock: seconds, on a clock that no change of the time of day moves.
            sleep: waits so many seconds.
        """
        self._bot = bot
        self._intake = intake
        self._webhook_url = webhook_url
        self._clock = clock
        self._sleep = sleep
        self._heard_at = 0.0
        self._since = 0.0
        self._error_date = 0
        self.state: State = "starting"

    @property
    def trouble(self) -> State | None:
        """What is wrong, when it is certain or has lasted; None: nothing."""
        if self.state in {"ok", "off"}:
            return None
        lasts = self._clock() - self._since > LATE_S
        return self.state if lasts or self.state in CERTAIN else None

    async def run(self) -> None:
        """Until cancelled, whatever happens."""
        self._since = self._clock()
        wait_s = AGAIN_FIRST_S
        while True:
            try:
                await self._bot.register(webhook_url=self._webhook_url)
                wait_s = AGAIN_FIRST_S
                if abs(self._bot.clock_off_s) > CLOCK_OFF_S:
                    self._is("clock_off", ahead_s=f"{self._bot.clock_off_s:.0f}")
                    await self._sleep(AGAIN_LONGEST_S)
                    continue
                self._is("ok")
                await (self._watched() if self._webhook_url else self._polled())
                continue
            except Locked as error:
                self._is("refused", error=str(error))
                await self._sleep(REFUSED_S)
                continue
            except (SendFailed, TelegramError, OSError) as error:
                self._is("unreachable", error=type(error).__name__)
            except Exception as error:
                self._is("unreachable", error=type(error).__name__)
                _log.exception("telegram_line_failed", error=type(error).__name__)
            await self._sleep(wait_s)
            wait_s = min(wait_s * 2, AGAIN_LONGEST_S)

    async def _polled(self) -> None:
        """Poll until the line goes silent.

        Raises:
            Locked: Telegram does not know the token.
        """
        self._heard_at = self._clock()
        polling = asyncio.create_task(self._bot.poll(self._intake, self._heard), name="telegram-poll")
        try:
            while not polling.done():
                await asyncio.wait({polling}, timeout=LOOK_S)
                if not polling.done() and self._clock() - self._heard_at > DEAF_S:
                    self._is("deaf")
                    return
            polling.result()
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)

    def _heard(self, trouble: str = "") -> None:
        """Telegram has answered, or at least refused: we are not deaf."""
        self._heard_at = self._clock()
        match trouble:
            case "":
                self._is("ok")
            case "telegram_other_poller":
                self._is("other_poller")
            case "telegram_unreachable":
                self._is("unreachable")
            case _:
                pass  # our own trouble, which `/healthz` tells otherwise

    async def _watched(self) -> None:
        """Look now and then at what Telegram says of our webhook, until it is no longer ours or does not get through."""
        while True:
            await self._sleep(WATCH_S)
            info = await self._bot.webhook_info()
            failed_at = int(info.get("last_error_date") or 0)
            fails = bool(info.get("pending_update_count")) and failed_at > self._error_date
            self._error_date = max(failed_at, self._error_date)
            if info.get("url") != self._webhook_url:
                self._is("other_poller", error="the webhook was changed")
                return
            if fails:
                self._is("deaf", error=str(info.get("last_error_message") or "")[:100])
                return
            self._is("ok")

    def _is(self, state: State, **facts: str) -> None:
        if state != self.state:
            self._since = self._clock()
            log = _log.info if state == "ok" else _log.error if state in CERTAIN else _log.warning
            log("telegram_line", state=state, **facts)
        self.state = state
        _STATE.state(state)
