"""How often somebody may do something: a bucket of tokens for each of them."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.requests import Request

_KNOWN_MAX: Final = 10_000  # buckets remembered; one that is forgotten is a full one


class Buckets:
    """Each key may do `burst` things at once, and `per_minute` in the long run."""

    def __init__(self, *, burst: int, per_minute: float, clock: Callable[[], int]) -> None:
        self._burst = burst
        self._per_ms = per_minute / 60_000
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, int]] = OrderedDict()  # tokens left, and when that was true

    def take(self, key: str) -> int:
        """Take a token. 0: it was there; else the seconds, at least 1, until there is one."""
        left, wait_s = self._left(key)
        if wait_s:
            return wait_s
        self._keep(key, left - 1)
        return 0

    def empty(self, key: str) -> int:
        """The same without taking any."""
        return self._left(key)[1]

    def _left(self, key: str) -> tuple[float, int]:
        now = self._clock()
        left, then = self._held.get(key, (float(self._burst), now))
        left = min(float(self._burst), left + max(0, now - then) * self._per_ms)
        return left, 0 if left >= 1 else max(1, round((1 - left) / self._per_ms / 1000))

    def _keep(self, key: str, left: float) -> None:
        self._held[key] = (left, self._clock())
        self._held.move_to_end(key)
        if len(self._held) > _KNOWN_MAX:
            self._held.popitem(last=False)


def client_of(request: Request, *, trust_proxy: bool) -> str:
    """The address a request comes from; behind a proxy of ours the last one that it has seen itself."""
    if trust_proxy:
        told = request.headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
        if told:
            return told
    return request.client.host if request.client is not None else ""
