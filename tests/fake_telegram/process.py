"""Starting a fake: here, or as a process that lives on when the bot under test is killed."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.fake_telegram.client import Fake
from tests.fake_telegram.limits import Limits
from tests.fake_telegram.server import Server
from tests.fake_telegram.serving import serve
from tests.fake_telegram.world import TOKEN, World

ROOT = Path(__file__).parents[2]
END_WITHIN_S = 5.0


@asynccontextmanager
async def fake_telegram(
    *, token: str = TOKEN, clock: Callable[[], float] = time.time, limits: Limits | None = None, port: int = 0
) -> AsyncIterator[Fake]:
    """A fake in this process, until left. `clock`: seconds since 1970."""
    server = Server(token, World(token=token, clock=clock, limits=limits))
    async with serve(server, port) as bound, aiohttp.ClientSession() as http:
        yield Fake(f"http://127.0.0.1:{bound}", http, token)


@asynccontextmanager
async def fake_telegram_process(*, token: str = TOKEN, port: int = 0) -> AsyncIterator[Fake]:
    """A fake as a process of its own, ended when left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fake_telegram", "--port", str(port), "--token", token),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        bound = int((await process.stdout.readline()).decode() or 0)
        if not bound:
            raise RuntimeError("the fake did not start")
        async with aiohttp.ClientSession() as http:
            yield Fake(f"http://127.0.0.1:{bound}", http, token)
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
