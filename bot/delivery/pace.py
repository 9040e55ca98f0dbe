"""How fast one bot may write: pure arithmetic over a clock that the caller reads."""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Telegram's rules (core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this), and our own bounds.

    "Avoid sending more than one message per second" to a chat, "short bursts" may go over: how short is written
    nowhere, so three at once, which is a receipt's worth of cards and no more. Edits count for the bot and the group
    but not for a private chat, where they follow a person's own taps.
    """

    bot_per_s: int = 30
    chat_per_s: float = 1.0
    chat_burst: int = 3
    group_per_min: int = 20
    in_flight: int = 64  # requests of a bot at the same time
    background_in_flight: int = 48  # of these, notices and broadcasts: replies always find room


def pace_of(per_s: int) -> Pace:
    """Telegram's pace with that many messages a second; 0: none, for a Bot API without limits, when it is measured."""
    return Pace(bot_per_s=per_s) if per_s else Pace(10**6, 1e6, 10**6, 10**6, in_flight=512, background_in_flight=384)


class Window:
    """At most `most` in any `span_s` seconds."""

    def __init__(self, most: int, span_s: float) -> None:
        self._span_s = span_s
        self._times: deque[float] = deque(maxlen=most)

    def wait_s(self, now: float) -> float:
        """Seconds until one more may go; 0 when at once."""
        if len(self._times) < (self._times.maxlen or 0):
            return 0.0
        return max(0.0, self._times[0] + self._span_s - now)

    def take(self, now: float) -> None:
        """One goes."""
        while self._times and self._times[0] + self._span_s <= now:  # where nearly all may go, all of them were kept
            self._times.popleft()
        self._times.append(now)


class Bucket:
    """`burst` at once, `rate_per_s` in the long run."""

    def __init__(self, rate_per_s: float, burst: int) -> None:
        self._apart_s = 1 / rate_per_s
        self._ahead_s = (burst - 1) / rate_per_s
        self._due = 0.0  # when it would be its turn if everything went evenly

    def wait_s(self, now: float) -> float:
        """Seconds until one more may go; 0 when at once."""
        return max(0.0, self._due - self._ahead_s - now)

    def take(self, now: float) -> None:
        """One goes."""
        self._due = max(self._due, now) + self._apart_s


def retry_after(tries: int, chance: float, *, first_s: float = 1.0, longest_s: float = 300.0) -> float:
    """Seconds to wait before the next try: twice as long each time, of which up to half is left to chance.

    Args:
        tries: made already, at least 1.
        chance: 0 ≤ x < 1; keeps many that failed together from coming back together.
        first_s: the first wait.
        longest_s: the longest.

    >>> [retry_after(n, 0.0) for n in (1, 2, 3, 20)]
    [1.0, 2.0, 4.0, 300.0]
    """
    return min(longest_s, first_s * 2.0 ** min(tries - 1, 30)) * (1 - chance / 2)
