"""/media/…: the pictures, sounds and films of forms. Named by their content, so a browser may keep them for good."""

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.media import TYPES
from bot.web.pages import HEADERS
from flows.media import ending


def route(path_of: Callable[[str], Path | None]) -> Route:
    """The one route; `path_of` finds a file by the name it is kept under."""

    async def media(request: Request) -> Response:
        name = str(request.path_params["name"])
        path = path_of(name)
        if path is None:
            return PlainTextResponse("", 404, headers=HEADERS)
        headers = {**HEADERS, "Content-Security-Policy": "default-src 'none'; sandbox"}
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return FileResponse(path, headers=headers, media_type=TYPES.get(ending(name), "application/octet-stream"))

    return Route("/media/{name}", media, methods=["GET"])
