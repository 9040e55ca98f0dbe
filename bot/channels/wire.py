"""Posts JSON to one host over HTTP/1.1, as cheaply as Python can: connections kept open, one request at a time on each.

aiohttp spends 150 to 350 µs on a call, which is more than a whole step of a survey; this spends about a fifth of that.
httptools, which also reads what comes to our own server, does the parsing. What this cannot do (files, proxies,
redirects) goes over `telegram_request`. Nothing raised here holds an address: a Bot API's address holds its token.
"""

import asyncio
import ssl
from collections import deque
from typing import Final, cast
from urllib.parse import urlsplit

import httptools

ANSWER_MAX: Final = 4 * 1024 * 1024  # bytes; a message that was sent comes back in a few thousand
IDLE_MAX_S: Final = 15.0  # servers close what is idle for longer, and a request could meet that
SWEEP_S: Final = 1.0  # how finely time-outs are kept


class NoAnswer(Exception):
    """Nobody answered, or not in HTTP. The request may have arrived all the same."""


class Wire:
    """A pool of connections to the host of `base_url`, opened when needed."""

    def __init__(self, base_url: str, *, connections: int, read_s: float, connect_s: float) -> None:
        """A pool.

        Args:
            base_url: "https://api.telegram.org"; a path in it goes before every path.
            connections: at most so many at once; who finds none free waits.
            read_s: seconds from a request to the end of its answer.
            connect_s: seconds for a new connection.
        """
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._path = parts.path.rstrip("/")
        self._headers = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: "
        self._connections = connections
        self._read_s = read_s
        self._connect_s = connect_s
        self._idle: list[_Line] = []
        self._busy: set[_Line] = set()
        self._opening = 0
        self._queue: deque[asyncio.Future[_Line | None]] = deque()
        self._sweeping: asyncio.TimerHandle | None = None
        self._closed = False

    async def post(self, path: str, body: bytes, *, read_s: float | None = None) -> tuple[int, bytes]:
        """(status, body) of the answer.

        Raises:
            NoAnswer: see there.
        """
        line = await self._line()
        head = f"POST {self._path}{path}{self._headers}{len(body)}\r\n\r\n"
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[int, bytes]] = loop.create_future()
        self._busy.add(line)
        line.ask(answer, head.encode() + body, loop.time() + (self._read_s if read_s is None else read_s))
        if self._sweeping is None:
            self._sweeping = loop.call_later(SWEEP_S, self._sweep)
        try:
            return await answer
        except asyncio.CancelledError:
            line.fail("given up")  # its answer must not be taken for that of the next request
            raise

    async def close(self) -> None:
        """Close every connection; what is under way fails, and so does what is asked later."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        for line in [*self._idle, *self._busy]:
            line.fail("the connections are closed")
        self._idle.clear()
        while self._queue:
            self._wake()

    async def _line(self) -> "_Line":
        """A connection that is free: one that is open, or a new one, or the next to become free."""
        while True:
            if self._closed:
                raise NoAnswer("the connections are closed")
            now = asyncio.get_running_loop().time()
            while self._idle:
                line = self._idle.pop()
                if line.is_open and now - line.since < IDLE_MAX_S:
                    return line
                line.fail("idle for too long")
            if len(self._busy) + self._opening < self._connections:
                return await self._opened()
            place: asyncio.Future[_Line | None] = asyncio.get_running_loop().create_future()
            self._queue.append(place)
            try:
                async with asyncio.timeout(self._read_s):
                    handed = await place
            except TimeoutError:
                raise NoAnswer("no connection became free") from None
            except asyncio.CancelledError:
                if place.done() and not place.cancelled() and (free := place.result()) is not None:
                    self.freed(free)
                raise
            if handed is not None and handed.is_open and not self._closed:
                return handed

    async def _opened(self) -> "_Line":
        self._opening += 1
        why = ""
        try:
            async with asyncio.timeout(self._connect_s):
                _, line = await asyncio.get_running_loop().create_connection(
                    lambda: _Line(self), self._host, self._port, ssl=self._tls
                )
        except TimeoutError:
            why = "no connection in time"
        except (OSError, ssl.CertificateError) as error:
            why = type(error).__name__
        finally:
            self._opening -= 1
        if why:
            self._wake()
            raise NoAnswer(why)
        return line

    def freed(self, line: "_Line") -> None:
        """A connection has its answer and stays open."""
        self._busy.discard(line)
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(line)
                return
        line.since = asyncio.get_running_loop().time()
        self._idle.append(line)

    def lost(self, line: "_Line") -> None:
        """A connection is gone: somebody who waits may open another."""
        self._busy.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        self._wake()

    def _wake(self) -> None:
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(None)
                return

    def _sweep(self) -> None:
        """Fail what has waited too long."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for line in [line for line in self._busy if line.until <= now]:
            line.fail("no answer in time")
        self._sweeping = loop.call_later(SWEEP_S, self._sweep) if self._busy else None


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, wire: Wire) -> None:
        self.since = 0.0  # idle since, on the loop's clock
        self.until = 0.0  # the answer must be whole by then
        self.is_open = False
        self._wire = wire
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parts: list[bytes] = []
        self._length = 0

    def ask(self, answer: "asyncio.Future[tuple[int, bytes]]", request: bytes, until: float) -> None:
        """Send a request; `answer` will be told."""
        self._answer, self.until = answer, until
        if self._transport is None or not self.is_open:
            self.fail("closed")
        else:
            self._transport.write(request)

    def fail(self, why: str) -> None:
        """Close it; whoever waits for an answer gets none."""
        self.is_open = False
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(NoAnswer(why))
        if self._transport is not None:
            self._transport.abort()
        self._wire.lost(self)

    # asyncio's callbacks.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is one without inheriting from it
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.fail("not an answer in HTTP")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # why it was lost does not matter
        """See `asyncio.Protocol`."""
        self.fail("closed")

    # httptools' callbacks.

    def on_body(self, part: bytes) -> None:
        """Some of the answer's body."""
        self._length += len(part)
        if self._length <= ANSWER_MAX:
            self._parts.append(part)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        answer, self._answer = self._answer, None
        parts, self._parts = self._parts, []
        length, self._length = self._length, 0
        if answer is None or length > ANSWER_MAX:
            self._answer = answer
            self.fail("an answer too long, or one that nobody asked for")
            return
        code = self._parser.get_status_code()
        if self._parser.should_keep_alive():
            self._wire.freed(self)
        else:
            self.fail("closed")
        if not answer.done():
            answer.set_result((code, parts[0] if len(parts) == 1 else b"".join(parts)))
