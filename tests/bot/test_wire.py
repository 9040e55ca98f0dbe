"""The HTTP client that carries every message out, against a server that does what servers do on bad days."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.channels.wire import NoAnswer, Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Host:
    """A server whose answers a test decides on, request by request."""

    answer: Callable[[int, asyncio.StreamWriter], Awaitable[bool]]  # request number → whether the connection stays open
    port: int = 0
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                if not await self.answer(len(self.asked), writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def hosted(
    answer: Callable[[int, asyncio.StreamWriter], Awaitable[bool]], *, connections: int = 4, read_s: float = 5.0
) -> AsyncIterator[tuple[Host, Wire]]:
    host = Host(answer)
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    wire = Wire(f"http://127.0.0.1:{host.port}/api", connections=connections, read_s=read_s, connect_s=5.0)
    try:
        yield host, wire
    finally:
        await wire.close()
        server.close()


async def well(_: int, writer: asyncio.StreamWriter) -> bool:
    writer.write(OK)
    return True


async def test_a_request_says_what_it_must_and_a_connection_serves_many() -> None:
    async with hosted(well) as (host, wire):
        for n in range(3):
            assert await wire.post("/bot1:x/sendMessage", b'{"text":"ph\xe1\xbb\x9f"}') == (200, b"ok"), n
    assert host.connections == 1
    assert host.asked[0].startswith(b"POST /api/bot1:x/sendMessage HTTP/1.1\r\nHost: 127.0.0.1:")
    assert host.asked[0].endswith(b'\r\n\r\n{"text":"ph\xe1\xbb\x9f"}')


async def test_whoever_finds_no_connection_waits_for_one_and_gets_the_answer_to_their_own_question() -> None:
    async def echo(n: int, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(0.005)
        said = host.asked[n - 1].partition(b"\r\n\r\n")[2]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
        return True

    async with hosted(echo, connections=3) as (host, wire):
        answers = await asyncio.gather(*(wire.post("/x", b"%d" % n) for n in range(40)))
        assert host.connections <= 3
    # each connection has one request under way, so an answer can only be that of the request before it
    assert sorted(int(body) for _, body in answers) == list(range(40))


async def test_answers_in_pieces_in_chunks_and_with_a_goodbye_are_read() -> None:
    async def odd(n: int, writer: asyncio.StreamWriter) -> bool:
        if n == 1:
            for byte in OK:
                writer.write(bytes([byte]))
                await writer.drain()
            return True
        if n == 2:
            writer.write(b"HTTP/1.1 429 Too Many\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nslo\r\n1\r\nw\r\n0\r\n\r\n")
            return True
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye")
        return False

    async with hosted(odd) as (host, wire):
        assert await wire.post("/", b"1") == (200, b"ok")
        assert await wire.post("/", b"2") == (429, b"slow")
        assert await wire.post("/", b"3") == (200, b"bye")
        assert await wire.post("/", b"4") == (200, b"bye")
        assert host.connections == 2  # the one that said goodbye is not used again


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-",
    ],
    ids=["nothing", "half a body", "another protocol", "half a head"],
)
async def test_a_connection_that_breaks_is_no_answer_and_the_next_call_opens_another(sent: bytes) -> None:
    async def breaks(n: int, writer: asyncio.StreamWriter) -> bool:
        writer.write(sent if n == 1 else OK)
        return n > 1

    async with hosted(breaks) as (host, wire):
        with pytest.raises(NoAnswer) as caught:
            await wire.post("/bot1:SECRET/x", b"1")
        assert "SECRET" not in repr(caught.value)
        assert caught.value.__cause__ is None
        assert await wire.post("/", b"2") == (200, b"ok")
        assert host.connections == 2


async def test_a_connection_that_was_closed_while_idle_is_not_used_again() -> None:
    async def once(_: int, writer: asyncio.StreamWriter) -> bool:
        writer.write(OK)
        return False

    async with hosted(once) as (host, wire):
        for _ in range(3):
            assert await wire.post("/", b"1") == (200, b"ok")
            await asyncio.sleep(0.02)
        assert host.connections == 3


async def test_an_answer_that_does_not_come_in_time_is_none_and_comes_to_nobody_else() -> None:
    late: list[asyncio.StreamWriter] = []

    async def hangs(n: int, writer: asyncio.StreamWriter) -> bool:
        if n == 1:
            late.append(writer)
        else:
            writer.write(OK)
        return True

    async with hosted(hangs, connections=1) as (_, wire):
        with pytest.raises(NoAnswer, match="in time"):
            await wire.post("/", b"1", read_s=0.1)
        late[0].write(OK.replace(b"ok", b"xx"))
        assert await wire.post("/", b"2") == (200, b"ok")


async def test_somebody_who_stops_waiting_leaves_no_answer_behind_for_the_next() -> None:
    async def slow(n: int, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(0.05 if n == 1 else 0)
        writer.write(OK if n > 1 else OK.replace(b"ok", b"xx"))
        return True

    async with hosted(slow, connections=1) as (_, wire):
        first = asyncio.create_task(wire.post("/", b"1"))
        waiting = asyncio.create_task(wire.post("/", b"2"))
        await asyncio.sleep(0.02)
        first.cancel()
        assert await waiting == (200, b"ok")
        await asyncio.sleep(0.1)
        assert await wire.post("/", b"3") == (200, b"ok")


async def test_nobody_there_and_closed_are_no_answer() -> None:
    wire = Wire("http://127.0.0.1:1", connections=1, read_s=1.0, connect_s=1.0)
    with pytest.raises(NoAnswer):
        await wire.post("/", b"")
    await wire.close()
    with pytest.raises(NoAnswer, match="closed"):
        await wire.post("/", b"")


async def test_closing_ends_what_is_under_way_and_what_waits() -> None:
    async def never(_: int, __: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(60)
        return True

    async with hosted(never, connections=1) as (_, wire):
        calls = [asyncio.create_task(wire.post("/", b"")) for _ in range(3)]
        await asyncio.sleep(0.05)
        await wire.close()
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in found] == [NoAnswer] * 3
