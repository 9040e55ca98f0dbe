"""How fast a bot may write: 30/s in all, 1/s to one chat with short bursts, 20/min to a group.

Everything is counted always; only with `enforce` is the call answered by 429. What went over is a violation either way.
Sends count for all three, edits for the bot and the group; answers to taps, chat actions and questions count for none.
"""

from collections import deque
from dataclasses import dataclass, field
from math import ceil


@dataclass
class Bucket:
    """A token bucket: `rate_per_s` in the long run, `burst` at once. Times in seconds."""

    rate_per_s: float
    burst: float
    tokens: float = field(init=False)
    at: float | None = None

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def wait_s(self, now: float) -> float:
        """Seconds until one more may go; 0 when at once."""
        passed = 0.0 if self.at is None else max(0.0, now - self.at)
        self.tokens = min(self.burst, self.tokens + passed * self.rate_per_s)
        self.at = now
        return 0.0 if self.tokens >= 1 - 1e-9 else (1 - self.tokens) / self.rate_per_s

    def take(self) -> None:
        self.tokens = max(0.0, self.tokens - 1)


@dataclass
class Limits:
    """The settings; all may be changed while running."""

    enforce: bool = False
    bot_per_s: float = 30
    bot_burst: float = 30
    chat_per_s: float = 1
    chat_burst: float = 3  # Telegram: "short bursts may go over"; how short is not written anywhere
    group_per_min: int = 20


class Pace:
    """What the bot has written lately."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bot = Bucket(limits.bot_per_s, limits.bot_burst)
        self.chats: dict[int, Bucket] = {}
        self.groups: dict[int, deque[float]] = {}

    def over_s(self, now: float, chat: int, *, group: bool, is_edit: bool) -> float:
        """Seconds the bot should have waited before this call, 0 when it may; the call is counted when it may,
        and also when nothing is enforced."""
        wait = self.bot.wait_s(now)
        bucket = self.chats.setdefault(chat, Bucket(self.limits.chat_per_s, self.limits.chat_burst))
        if not is_edit:
            wait = max(wait, bucket.wait_s(now))
        recent = self.groups.setdefault(chat, deque()) if group else deque[float]()
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if group and len(recent) >= self.limits.group_per_min:
            wait = max(wait, recent[0] + 60 - now)
        if wait == 0 or not self.limits.enforce:
            self.bot.take()
            recent.append(now)
            if not is_edit:
                bucket.take()
        return wait


def whole_seconds(wait_s: float) -> int:
    """As `retry_after` says it: never less than asked, at least 1."""
    return max(1, ceil(wait_s))
