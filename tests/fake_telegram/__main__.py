"""`python -m tests.fake_telegram --port N`: the fake as a process of its own, that outlives the bot under test."""

import argparse
import asyncio
import signal
import sys

from tests.fake_telegram.server import Server
from tests.fake_telegram.serving import serve
from tests.fake_telegram.world import TOKEN


async def main(port: int, token: str) -> None:
    """Serve until SIGTERM or SIGINT; the first line written is the port."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with serve(Server(token), port) as bound:
        sys.stdout.write(f"{bound}\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    words = argparse.ArgumentParser(prog="tests.fake_telegram", description=__doc__)
    words.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one and prints it")
    words.add_argument("--token", default=TOKEN, help="the token the bot must show")
    asked = words.parse_args()
    asyncio.run(main(asked.port, asked.token))
