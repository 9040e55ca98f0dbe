"""Who writes faster than anybody can read: one notice, then no more replies, then no more room."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from prometheus_client import Counter

WINDOW_MS: Final = 60_000
DROP_AT: Final = 10  # times the messages a minute that are answered; what is beyond is counted and let go
TIDY_AT: Final = 256  # chats before those that went quiet are first forgotten; then each time their number has doubled

DROPPED: Final = Counter(
    "khaosat_flood_dropped", "Updates that were not kept: their chat sent far too many.", ["channel"]
)

Verdict: TypeAlias = Literal["answer", "notice", "silence"]


@dataclass(slots=True)
class _Minute:
    """What one chat did since `since`."""

    since: int  # milliseconds since 1970, UTC
    came: int = 0  # updates that came and have led nowhere, or wait to be handled
    idle: int = 0  # messages that were handled and led nowhere
    told: bool = False


class Floods:
    """Counts by chat. Whoever answers what is asked, however fast, is no flood: an answer is taken off the count.

    `per_min`: messages a minute that lead nowhere and are still replied to; 0: no limit at all.
    """

    def __init__(self, per_min: int) -> None:
        self._per_min = per_min
        self._chats: dict[str, _Minute] = {}
        self._tidy_at = TIDY_AT

    def arrives(self, chat: str, channel: str, at: int) -> bool:
        """Note an update that came; False when it is one too many to be kept."""
        if not self._per_min:
            return True
        minute = self._minute(chat, at)
        if minute.came >= self._per_min * DROP_AT:
            DROPPED.labels(channel).inc()
            return False
        minute.came += 1
        return True

    def forgives(self, chat: str, at: int) -> None:
        """Take an update off the count: it was not kept, or had come before."""
        if self._per_min:
            minute = self._minute(chat, at)
            minute.came = max(0, minute.came - 1)

    def verdict(self, chat: str, at: int) -> Verdict:
        """Whether a message that leads nowhere is still to be replied to."""
        if not self._per_min:
            return "answer"
        minute = self._minute(chat, at)
        if minute.idle < self._per_min:
            return "answer"
        if minute.told:
            return "silence"
        minute.told = True
        return "notice"

    def handled(self, chat: str, at: int, *, led_on: bool) -> None:
        """Note what a message led to: to the next card, or nowhere."""
        if not self._per_min:
            return
        minute = self._minute(chat, at)
        if led_on:
            self.forgives(chat, at)
        else:
            minute.idle += 1

    def _minute(self, chat: str, at: int) -> _Minute:
        minute = self._chats.get(chat)
        if minute is not None and 0 <= at - minute.since < WINDOW_MS:
            return minute
        still = minute is not None and minute.idle >= self._per_min and at - minute.since < 2 * WINDOW_MS
        if len(self._chats) >= self._tidy_at:
            self._chats = {key: each for key, each in self._chats.items() if at - each.since < 2 * WINDOW_MS}
            self._tidy_at = max(TIDY_AT, 2 * len(self._chats))
        minute = self._chats[chat] = _Minute(at, told=still)  # who was told and goes on is not told again
        return minute
