"""The wire over TLS, against a server on this machine with certificates made here."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from bot.channels.wire import NoAnswer, Wire
from tests.bot.test_wire import OK, Host, well


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs the server's certificate."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts it, as an operator would arrange it for a Bot API of their own."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@asynccontextmanager
async def hosted(
    authority: trustme.CA, name: str = "localhost", *, answer: object = well
) -> AsyncIterator[tuple[Host, Wire]]:
    """A server whose certificate is for `name`, and a wire to https://localhost."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    host = Host(answer)  # type: ignore[arg-type]
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=context)
    host.port = server.sockets[0].getsockname()[1]
    wire = Wire(f"https://localhost:{host.port}", connections=2, read_s=5.0, connect_s=5.0)
    try:
        yield host, wire
    finally:
        await wire.close()
        server.close()


@pytest.mark.usefixtures("trusted")
async def test_over_tls_a_connection_serves_many_requests(authority: trustme.CA) -> None:
    async with hosted(authority) as (host, wire):
        for _ in range(3):
            assert await wire.post("/bot1:x/sendMessage", b'{"text":"ph\xe1\xbb\x9f"}') == (200, b"ok")
    assert host.connections == 1
    assert host.asked[0].endswith(b'{"text":"ph\xe1\xbb\x9f"}')


async def test_a_certificate_that_nobody_we_trust_has_signed_is_refused_before_anything_is_said(
    authority: trustme.CA,
) -> None:
    async with hosted(authority) as (host, wire):
        with pytest.raises(NoAnswer, match="SSLCertVerificationError") as caught:
            await wire.post("/bot1:SECRET/getMe", b"{}")
        assert "SECRET" not in repr(caught.value)
        assert caught.value.__cause__ is None
    assert host.asked == []


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_for_another_name_is_refused(authority: trustme.CA) -> None:
    async with hosted(authority, "api.example.vn") as (host, wire):
        with pytest.raises(NoAnswer, match="SSLCertVerificationError"):
            await wire.post("/bot1:x/getMe", b"{}")
    assert host.asked == []


@pytest.mark.usefixtures("trusted")
async def test_a_connection_that_the_server_closed_while_idle_is_opened_anew(authority: trustme.CA) -> None:
    async def once(_: int, writer: asyncio.StreamWriter) -> bool:
        writer.write(OK)
        return False

    async with hosted(authority, answer=once) as (host, wire):
        for _ in range(3):
            assert await wire.post("/", b"{}") == (200, b"ok")
            await asyncio.sleep(0.05)
        assert host.connections == 3
