"""All pages as one application, and the server that runs it inside our own event loop."""

import contextlib
import socket
from collections.abc import Iterator, Mapping, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

GRACE_S = 3  # for requests under way when we stop; streams end by themselves


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: `bot/app.py` owns the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Straight:
    """Applications by path, and one for everything else."""

    def __init__(self, rest: ASGIApp, by_path: Mapping[str, ASGIApp]) -> None:
        self._rest = rest
        self._by_path = by_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        await self._by_path.get(scope.get("path", ""), self._rest)(scope, receive, send)


class Web:
    """A running server."""

    def __init__(
        self, routes: Sequence[BaseRoute], host: str, port: int, straight: Mapping[str, ASGIApp] | None = None
    ) -> None:
        """The pages, and by path what is served before them."""
        self._app = _Straight(Starlette(routes=list(routes)), straight or {})
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._socket: socket.socket | None = None

    def bind(self) -> int:
        """Take the port, so that a second process hears of it before it has done anything; the port that it is.

        Raises:
            OSError: it is taken, or not ours to take.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, else asyncio sets no TCP_NODELAY
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((self._host, self._port))
        except OSError:
            found.close()
            raise
        self._socket = found
        return int(found.getsockname()[1])

    async def serve(self) -> None:
        """Until `stop` is called."""
        config = uvicorn.Config(
            self._app,
            http="httptools",
            loop="none",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = _Server(config)
        await self._server.serve(sockets=[self._socket] if self._socket is not None else None)

    def stop(self) -> None:
        """Take no further requests and end those under way."""
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """Let the port go."""
        if self._socket is not None:
            self._socket.close()
