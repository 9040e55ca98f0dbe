"""uvicorn on a loopback port, without signal handlers and without its once-a-tenth-second loop."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.fake_telegram.server import TRANSPORTS, Server

STOP_WITHIN_S: Final = 2


class Protocol(HttpToolsProtocol):
    """Remembers its connections, so that a fault can break one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            TRANSPORTS[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client:
            TRANSPORTS.pop(self.client, None)
        super().connection_lost(exc)


@asynccontextmanager
async def serve(server: Server, port: int = 0) -> AsyncIterator[int]:
    """Serve until left; gives the port."""
    # with the protocol named: asyncio sets TCP_NODELAY only then, and without it every answer takes 40 ms
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    config = uvicorn.Config(
        server.app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=75,
    )
    config.load()
    running = uvicorn.Server(config)
    running.lifespan = config.lifespan_class(config)
    await running.startup(sockets=[sock])
    dating = asyncio.create_task(_date(running))
    try:
        yield sock.getsockname()[1]
    finally:
        dating.cancel()
        await server.stop()
        await _close(running)


async def _date(running: uvicorn.Server) -> None:
    """Telegram says in each answer what time it is."""
    while True:
        running.server_state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        await asyncio.sleep(0.5)


async def _close(running: uvicorn.Server) -> None:
    """Close the port and every connection; those still busy after `STOP_WITHIN_S` are cut.

    uvicorn's own shutdown sleeps a tenth of a second, which is most of what a short test takes.
    """
    for server in running.servers:
        server.close()
    state = running.server_state
    for connection in list(state.connections):
        connection.shutdown()
    end = time.monotonic() + STOP_WITHIN_S
    while (state.connections or state.tasks) and time.monotonic() < end:  # noqa: ASYNC110  uvicorn tells by no event
        await asyncio.sleep(0.001)
    for task in list(state.tasks):
        task.cancel()
    await asyncio.gather(*state.tasks, return_exceptions=True)
