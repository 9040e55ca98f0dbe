"""`python -m tests.crowd`: ten thousand people at once, by webhook, against the real process; and twenty answers a second.

The Bot API here takes everything and writes down when it came. First everybody begins and answers as fast as Telegram's
40 connections carry it, with our pace off: how long until all of it is on disk and acknowledged. Then, with the pace as it
is for use, so many answers a second for a minute: how long until the next question is at the API. By hand; it takes minutes.
"""

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from bot.channels.telegram.limits import SECRET_HEADER
from bot.channels.telegram.webhook import PATH
from tests.bot.test_kill import ASKED, SURVEY, free_port
from tests.fake_telegram.world import TOKEN
from tests.process import Bot, start

CONNECTIONS: Final = 40  # of Telegram to a webhook, its own default
SECRET: Final = "secret-of-a-test"
FIRST: Final = 1_000_000
FLOODER: Final = 999


class Api:
    """Takes every call; remembers when each chat was sent what."""

    def __init__(self) -> None:
        self.sent: dict[int, list[tuple[float, str]]] = defaultdict(list)
        self.calls: list[float] = []
        self._number = 0

    async def call(self, request: web.Request) -> web.Response:
        """One."""
        body: dict[str, Any] = await request.json() if request.can_read_body else {}
        method = request.path.rpartition("/")[2]
        self._number += 1
        now = time.monotonic()
        result: Any = True
        if method == "getMe":
            result = {"id": 4242, "is_bot": True, "first_name": "B", "username": "b_bot"}
        elif method == "getWebhookInfo":
            result = {"url": "", "pending_update_count": 0}
        elif "chat_id" in body:
            self.calls.append(now)
            if method == "sendMessage":
                self.sent[int(body["chat_id"])].append((now, str(body.get("text", ""))))
            result = {"message_id": self._number, "date": 1, "chat": {"id": body["chat_id"], "type": "private"}}
        return web.json_response({"ok": True, "result": result})


@asynccontextmanager
async def serving(api: Api) -> Any:
    """Its address."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", api.call)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


class Telegram:
    """Posts updates to our webhook."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url + PATH
        self._number = 0
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def post(self, person: int, text: str) -> float:
        """What one person writes, until it is acknowledged; seconds that the post itself took."""
        self._number += 1
        user = {"id": person, "is_bot": False, "first_name": "An", "language_code": "vi"}
        message = {
            "message_id": self._number,
            "from": user,
            "chat": {"id": person, "type": "private"},
            "date": 1,
            "text": text,
        }
        async with self._places:
            began = time.monotonic()
            async with self._http.post(
                self._url, json={"update_id": self._number, "message": message}, headers={SECRET_HEADER: SECRET}
            ) as answer:
                await answer.read()
                assert answer.status == 200, answer.status
            return time.monotonic() - began


def share(values: Sequence[float], of: float) -> float:
    """The value that so many of them do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * of))]


def rss_mb(bot: Bot) -> float:
    """Memory of the process, in MB."""
    lines = Path(f"/proc/{bot.process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


async def bring_up(folder: Path, api_url: str, per_s: int) -> Bot:
    """The process, by webhook."""
    flows = folder / "flows"
    flows.mkdir(parents=True)
    (flows / "short.yaml").write_text(SURVEY, encoding="utf-8")
    port = free_port()
    settings = {
        "telegram_token": TOKEN,
        "telegram_base_url": api_url,
        "telegram_mode": "webhook",
        "telegram_webhook_secret": SECRET,
        "telegram_sends_per_s": str(per_s),
        "port": str(port),
        "flows_dir": str(flows),
        "samples": "false",
    }
    return await start(folder / "data", settings)


async def rush(folder: Path, people: int, tell: Callable[[str, str], None]) -> bool:
    """Everybody at once; whether every acknowledged answer is stored."""
    api = Api()
    async with serving(api) as url, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        bot = await bring_up(folder, url, 0)
        telegram = Telegram(http, bot.url)
        crowd = range(FIRST, FIRST + people)
        for what, text in (("begin", "/start"), ("answer", "xin chào")):
            began = time.monotonic()
            took = await asyncio.gather(*(telegram.post(person, text) for person in crowd))
            tell(f"{people:,} people {what}: all acknowledged after", f"{time.monotonic() - began:.1f} s")
            tell("  a post, p50 and p99", f"{share(took, 0.5) * 1000:.0f} ms, {share(took, 0.99) * 1000:.0f} ms")
        tell("  memory then", f"{rss_mb(bot):.0f} MB")
        await bot.kill()  # what is acknowledged is on disk, also now
    with sqlite3.connect(folder / "data" / "khaosat.sqlite") as db:
        (undone,) = db.execute("select count(*) from inbox where done_at is null").fetchone()
        (answers,) = db.execute("select count(*) from answers where raw = 'xin chào'").fetchone()
    tell("  answers on disk after kill -9, updates still to do", f"{answers:,}, {undone:,}")
    return bool(answers + undone == people)


async def steady(
    folder: Path, rate: float, for_s: float, tell: Callable[[str, str], None], *, flood: float = 0
) -> bool:
    """So many answers a second; whether everybody got the next question. `flood`: messages a second of one person beside."""
    api, people = Api(), int(rate * for_s)
    async with serving(api) as url, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        bot = await bring_up(folder, url, 30)
        telegram = Telegram(http, bot.url)
        crowd = range(FIRST, FIRST + people)
        await asyncio.gather(*(telegram.post(person, "/start") for person in crowd))
        while sum(len(api.sent[person]) for person in crowd) < people:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        wrote: dict[int, float] = {}
        posts = set()
        beside = asyncio.create_task(_floods(telegram, flood)) if flood else None
        for person in crowd:
            wrote[person] = time.monotonic()
            posts.add(asyncio.create_task(telegram.post(person, "xin chào")))
            await asyncio.sleep(1 / rate)
        await asyncio.gather(*posts)
        end = time.monotonic() + 120
        while min(len(api.sent[person]) for person in crowd) < 2 and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        waits = [at - wrote[p] for p in crowd for at, text in api.sent[p][1:2] if ASKED[1] in text]
        if beside is not None:
            beside.cancel()
            tell(f"  one person beside, {flood:g} messages a second: told", str(len(api.sent[FLOODER])))
        most = max(bisect_left(api.calls, at + 10) - n for n, at in enumerate(api.calls))
        await bot.stop()
    tell(
        f"{rate:g} answers a second for {for_s:g} s: next question, p50, p95, p99",
        ", ".join(f"{share(waits, q):.2f} s" for q in (0.5, 0.95, 0.99)),
    )
    tell("  calls of ours in the fullest ten seconds", str(most))
    return len(waits) == people


async def _floods(telegram: Telegram, rate: float) -> None:
    """One person who writes without end."""
    while True:
        await telegram.post(FLOODER, "xin chào")
        await asyncio.sleep(1 / rate)


async def run(people: int, rates: Sequence[float], for_s: float, flood: float = 0) -> int:
    """Both; 1 when something is missing."""

    def tell(name: str, figure: str) -> None:
        sys.stdout.write(f"{name:<72}{figure}\n")
        sys.stdout.flush()

    is_whole = True
    with tempfile.TemporaryDirectory() as name:
        if people:
            is_whole = await rush(Path(name) / "rush", people, tell)
        for number, rate in enumerate(rates):
            is_whole = await steady(Path(name) / f"steady{number}", rate, for_s, tell) and is_whole
            if flood:
                is_whole = await steady(Path(name) / f"flood{number}", rate, for_s, tell, flood=flood) and is_whole
    tell("nothing missing", str(is_whole))
    return 0 if is_whole else 1


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--rates", type=float, nargs="*", default=[14.0, 20.0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument(
        "--flood", type=float, default=0.0, help="each rate once more, with one person who writes so often a second"
    )
    given = parser.parse_args()
    sys.exit(asyncio.run(run(given.people, given.rates, given.seconds, given.flood)))


if __name__ == "__main__":
    main()
