"""Requests that are not taken, and how that is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.web.limits import Buckets
from bot.web.pages import HEADERS

PRIVATE: Final[Mapping[str, str]] = {**HEADERS, "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """A request that is not taken: its status, the words for it, and when to come again."""

    status: int
    code: str
    retry_s: int = 0


def retry(refusal: Refusal) -> dict[str, str]:
    """The header that says when to come again, where one need not come at once."""
    return {"Retry-After": str(refusal.retry_s)} if refusal.retry_s else {}


def spend(buckets: Buckets, who: str) -> None:
    """Take one of their share; a refusal when there is none left."""
    if wait_s := buckets.take(who):
        raise Refusal(429, "too_many", retry_s=wait_s)
