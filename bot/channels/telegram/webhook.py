"""Takes updates that Telegram posts, and says 200 only when they are stored."""

import hmac
import json
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.limits import SECRET_HEADER, WEBHOOK_BODY_MAX
from bot.channels.telegram.polling import Intake
from storage.db import StorageUnavailable

RETRY_S: Final = 1  # Telegram waits as long as it is asked to, and doubles its own waits besides


def webhook_route(channel: TelegramChannel, intake: Intake, *, path: str = "/telegram/webhook") -> Route:
    """The route for `path`. While the channel has no webhook secret every post is refused.

    403 for a wrong secret, 413 for more than 1 MiB, 400 for what is no update, 503 while nothing can be stored.
    """

    async def take(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        wanted = channel.webhook_secret
        if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
            return _no(403, "forbidden")
        try:
            body = await _body(request)
        except ClientDisconnect:
            return _no(400, "half a body")
        if body is None:
            return _no(413, "too large")
        raw = _update(body)
        if raw is None:
            return _no(400, "not an update")
        try:
            await intake.accept([channel.update_of(raw, body.decode("utf-8", "replace"))])
        except StorageUnavailable:
            return PlainTextResponse("try again later", 503, headers={"Retry-After": str(RETRY_S)})
        return Response(status_code=200)

    return Route(path, take, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The body; None as soon as it is longer than allowed, whatever its header says."""
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > WEBHOOK_BODY_MAX:
            return None
        parts.append(part)
    return b"".join(parts)


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) and isinstance(raw.get("update_id"), int) else None


def _no(code: int, why: str) -> Response:
    return PlainTextResponse(why, code)
