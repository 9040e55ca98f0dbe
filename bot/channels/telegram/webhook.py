"""Takes updates that Telegram posts, and says 200 only when they are stored.

A plain ASGI application, for it runs once for each answer of each person. Where a tap is to be acknowledged, that goes
back as the answer to Telegram's own post (core.telegram.org/bots/api#making-requests-when-getting-updates), which
saves a call. Only what is not worth a second try may go that way: nobody tells us whether it arrived.
"""

import hmac
from collections.abc import Sequence
from typing import Any, Final, Protocol

from starlette.types import Receive, Scope, Send

from bot import quick_json
from bot.channels.base import Outgoing, Update
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.limits import SECRET_HEADER, WEBHOOK_BODY_MAX
from storage.db import StorageUnavailable

RETRY_S: Final = 1  # Telegram waits as long as it is asked to, and doubles its own waits besides
PATH: Final = "/telegram/webhook"

_SECRET: Final = SECRET_HEADER.lower().encode()
_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")
_JSON: Final = (b"content-type", b"application/json")
_LATER: Final = (b"retry-after", str(RETRY_S).encode())


class Intake(Protocol):
    """Where updates are stored."""

    async def accept(self, updates: Sequence[Update], replies: list[Outgoing] | None = None) -> None:
        """Store them in one commit; those seen before are left out. Raises when they could not be stored.

        `replies`: takes one request, not worth a row, that may go back with the answer to whoever posted the update.
        """
        ...


class Webhook:
    """The application for one bot. While the channel has no webhook secret every post is refused.

    403 for a wrong secret, 413 for more than 1 MiB, 400 for what is no update, 503 while nothing can be stored.
    """

    def __init__(self, channel: TelegramChannel, intake: Intake) -> None:
        self._channel = channel
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["method"] != "POST":
            await _answer(send, 405, b"only POST")
            return
        given = next((value for name, value in scope["headers"] if name == _SECRET), b"")
        wanted = self._channel.webhook_secret
        if not wanted or not hmac.compare_digest(given, wanted.encode()):
            await _answer(send, 403, b"forbidden")
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return  # gone in the middle of it
            body += message.get("body", b"")
            if len(body) > WEBHOOK_BODY_MAX:  # whatever its header says
                await _answer(send, 413, b"too large")
                return
            if not message.get("more_body"):
                break
        raw = _update(body)
        if raw is None:
            await _answer(send, 400, b"not an update")
            return
        replies: list[Outgoing] = []
        try:
            await self._intake.accept([self._channel.update_of(raw, body.decode("utf-8", "replace"))], replies)
        except StorageUnavailable:
            await _answer(send, 503, b"try again later", _LATER)
            return
        if replies:
            answer = {"method": replies[0].method, **replies[0].body}
            await _answer(send, 200, quick_json.written(answer).encode("utf-8", "replace"), kind=_JSON)
        else:
            await _answer(send, 200, b"")


async def _answer(
    send: Send, status: int, body: bytes, *more: tuple[bytes, bytes], kind: tuple[bytes, bytes] = _TEXT
) -> None:
    headers = [(b"content-length", str(len(body)).encode()), *more]
    if body:
        headers.append(kind)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        raw = quick_json.read(body)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) and isinstance(raw.get("update_id"), int) else None
