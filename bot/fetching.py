"""Fetches what somebody has sent, and asks again where once was bad luck: they should not have to send it twice for that."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bot.channels.base import SendFailed, Throttled

WAITS_S: Final = (0.5, 2.0, 5.0)  # before each further try
PATIENCE_S: Final = 30.0  # after which no further one is made: they look at the chat and wait

Fetch = Callable[[Mapping[str, Any]], Awaitable[tuple[bytes, str, str]]]


async def fetched(fetch: Fetch, media: Mapping[str, Any]) -> tuple[bytes, str, str]:
    """(content, name, MIME type) as the channel's `fetch` gives it.

    Raises:
        SendFailed: it cannot be had, or not soon.
    """
    began = time.monotonic()
    for wait_s in WAITS_S:
        try:
            return await fetch(media)
        except SendFailed as error:
            pause_s = max(wait_s, error.wait_s) if isinstance(error, Throttled) else wait_s
            if not error.retryable or time.monotonic() + pause_s - began > PATIENCE_S:
                raise
        await asyncio.sleep(pause_s)
    return await fetch(media)
