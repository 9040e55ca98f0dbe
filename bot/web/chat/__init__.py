"""The web chat's routes: a first page, a link that is a talk, events in, the talk as a stream out."""

from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.web.chat.desk import Desk
from bot.web.chat.front import Front
from bot.web.chat.house import ChatHouse
from bot.web.chat.refusal import Refusal
from bot.web.chat.stream import Stream
from bot.web.chat.talk import Talk
from storage.db import StorageUnavailable

Handler = Callable[[Request], Awaitable[Response]]


def routes(house: ChatHouse) -> list[BaseRoute]:
    """The web chat's routes; `bot.web.pages.static_route` serves what its pages load."""
    desk = Desk(house)
    front, talk, stream = Front(desk), Talk(desk), Stream(desk)
    return [
        Route("/", front.landing, methods=["GET"]),
        Route("/k/{link}", front.by_link, methods=["GET"]),
        Route("/start", front.start, methods=["POST"]),
        Route("/c/{token}", talk.page, methods=["GET"]),
        Route("/c/{token}/events", _told(desk, talk.events), methods=["POST"]),
        Route("/c/{token}/files", _told(desk, talk.file), methods=["POST"]),
        Route("/c/{token}/stream", _told(desk, stream.stream), methods=["GET"]),
    ]


def _told(desk: Desk, handler: Handler) -> Handler:
    """Refusals of a handler as a JSON problem (RFC 9457) with words in the reader's language."""

    async def wrapped(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            return desk.problem(request, refusal)
        except (StorageUnavailable, OSError):
            return desk.problem(request, Refusal(503, "unavailable", retry_s=5))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it

    return wrapped
