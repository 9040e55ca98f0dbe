"""The line to Telegram: whatever becomes of it is told, it is put up again, and the rest of the house goes on."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import app
from bot.app import House
from bot.channels.base import Locked, Unreachable
from bot.channels.telegram.polling import Heard, Intake, nobody
from bot.line import DEAF_S, LATE_S, REFUSED_S, STATES, WATCH_S, Line
from bot.web.health import health
from tests.fake_telegram import fake_telegram
from tests.process import start


class Time:
    """Passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Bot:
    """Does what a test says, once for each time it is asked; then it hangs."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.registering: list[Exception | None] = []
        self.polling: list[Any] = []
        self.infos: list[dict[str, Any]] = []
        self.registered = 0
        self.clocks: list[float] = []
        self.done = asyncio.Event()

    @property
    def clock_off_s(self) -> float:
        return self.clocks[0] if self.clocks else 0.0

    async def register(self, *, webhook_url: str | None = None) -> None:
        del webhook_url
        self.registered += 1
        self.clocks = self.clocks[1:]
        error = self.registering.pop(0) if self.registering else None
        if error is not None:
            raise error

    async def poll(self, intake: Intake, heard: Heard = nobody) -> None:
        del intake
        act = self.polling.pop(0) if self.polling else "done"
        if isinstance(act, Exception):
            raise act
        if act == "done":
            self.done.set()
        elif act is not None:
            heard(act)
        await asyncio.Event().wait()

    async def webhook_info(self) -> dict[str, Any]:
        if not self.infos:
            self.done.set()
            await asyncio.Event().wait()
        return self.infos.pop(0)


class Nowhere:
    async def accept(self, updates: Any) -> None:
        del updates


async def through(bot: Bot, time: Time, webhook_url: str | None = None) -> Line:
    """The line, run until the bot has nothing left to do."""
    line = Line(bot, Nowhere(), webhook_url=webhook_url, clock=time, sleep=time.sleep)
    running = asyncio.create_task(line.run())
    async with asyncio.timeout(10):
        await bot.done.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return line


async def test_a_token_refused_in_the_middle_is_told_at_once_and_tried_again_later() -> None:
    time = Time()
    bot = Bot(time)
    bot.polling = [Locked("HTTP 401")]
    with structlog.testing.capture_logs() as told:
        line = await through(bot, time)
    assert [(e["state"], e["log_level"]) for e in told] == [("ok", "info"), ("refused", "error"), ("ok", "info")]
    assert time.slept == [REFUSED_S]
    assert (line.state, line.trouble) == ("ok", None)


async def test_with_a_clock_that_is_off_nothing_is_taken_until_it_is_set() -> None:
    time = Time()
    bot = Bot(time)
    bot.clocks = [0.0, -31.0, 3600.0, 29.0]
    with structlog.testing.capture_logs() as told:
        await through(bot, time)
    assert [(e["state"], e.get("ahead_s")) for e in told] == [("clock_off", "-31"), ("ok", None)]
    assert bot.registered == 3


async def test_while_telegram_cannot_be_reached_it_is_tried_ever_more_rarely() -> None:
    time = Time()
    bot = Bot(time)
    bot.registering = [Unreachable("x"), OSError(), Unreachable("x"), RuntimeError("ours")]
    with structlog.testing.capture_logs() as told:
        await through(bot, time)
    assert time.slept == [1.0, 2.0, 4.0, 8.0]
    assert [e["event"] for e in told if e["log_level"] == "error"] == ["telegram_line_failed"]


async def test_trouble_that_passes_is_not_told_and_trouble_that_lasts_is() -> None:
    time = Time()
    line = Line(Bot(time), Nowhere(), webhook_url=None, clock=time, sleep=time.sleep)
    told: list[str | None] = []
    for trouble, wait_s in (("telegram_unreachable", 0.0), ("telegram_unreachable", LATE_S + 1), ("", 0.0)):
        line._heard(trouble)
        time.now += wait_s
        told.append(line.trouble)
    line._heard("telegram_other_poller")
    time.now += LATE_S + 1
    assert [*told, line.trouble] == [None, "unreachable", None, "other_poller"]


async def test_a_line_that_neither_answers_nor_fails_is_put_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.line.LOOK_S", 0.001)
    time = Time()
    bot = Bot(time)
    bot.polling = [None, "done"]
    line = Line(bot, Nowhere(), webhook_url=None, clock=time, sleep=time.sleep)
    running = asyncio.create_task(line.run())
    await asyncio.sleep(0.02)
    assert bot.registered == 1
    time.now += DEAF_S + 1
    with structlog.testing.capture_logs() as told:
        async with asyncio.timeout(5):
            await bot.done.wait()
    assert [e["state"] for e in told] == ["deaf", "ok"]
    assert bot.registered == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_webhook_that_is_no_longer_ours_or_does_not_get_through_is_set_again() -> None:
    time = Time()
    bot = Bot(time)
    ours, failed = {"url": "https://a/b"}, {"pending_update_count": 3, "last_error_date": 5}
    bot.infos = [
        ours,
        ours | {"pending_update_count": 2},
        ours | failed | {"last_error_message": "Connection timed out"},
        ours | failed,  # the same failure is no news
        {"url": "https://somebody.else"},
    ]
    with structlog.testing.capture_logs() as told:
        await through(bot, time, "https://a/b")
    assert [e["state"] for e in told] == ["ok", "deaf", "ok", "other_poller", "ok"]
    assert bot.registered == 3
    assert set(time.slept) == {WATCH_S}


async def test_health_and_console_tell_what_is_wrong(house: House) -> None:
    assert (await health(house))["status"] == "ok"
    house.line = Line(Bot(Time()), Nowhere(), webhook_url=None, clock=Time())
    house.line._is("refused")
    assert (await health(house))["status"] == "telegram_refused"
    for state in set(STATES) - {"off", "ok"}:
        assert all(house.words.say(lang, f"staff.telegram_{state}") for lang in ("vi", "en"))


async def test_a_timer_that_fails_or_hangs_holds_up_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "TICK_S", 0.01)
    reminded = asyncio.Event()
    calls = 0

    async def fails(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            await asyncio.Event().wait()
        raise ZeroDivisionError

    async def reminds() -> None:
        reminded.set()

    monkeypatch.setattr(house.notifier, "due", fails)
    monkeypatch.setattr(house.timers, "run_due", reminds)
    with structlog.testing.capture_logs() as told:
        tasks = [asyncio.create_task(work(house)) for work in app.TICKS.values()]
        for _ in range(3):
            reminded.clear()
            async with asyncio.timeout(5):
                await reminded.wait()
        await app._ended(tasks)
    assert [e["timer"] for e in told] == ["digests"]


async def test_a_task_that_failed_before_does_not_keep_the_house_from_stopping() -> None:
    async def fails() -> None:
        raise Locked("401")

    async def runs() -> None:
        await asyncio.Event().wait()

    tasks = [asyncio.create_task(fails()), asyncio.create_task(runs())]
    await asyncio.sleep(0)
    with structlog.testing.capture_logs() as told:
        await app._ended(tasks)
    assert all(task.done() for task in tasks)
    assert [e["error"] for e in told] == ["Locked"]


def asked(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


async def test_a_revoked_token_leaves_the_web_chat_running_is_told_and_the_stop_is_clean(tmp_path: Path) -> None:
    async with fake_telegram() as fake:
        settings = {"telegram_token": fake.token, "telegram_base_url": fake.url, "telegram_mode": "polling"}
        bot = await start(tmp_path, settings)
        assert (await asyncio.to_thread(asked, f"{bot.url}/healthz"))[0] == 200
        await fake.fault("refuse", "getUpdates", code=401, description="Unauthorized")
        await fake.fault("refuse", "getMe", code=401, description="Unauthorized")
        await fake.user(7).sends("xin chào")  # ends the question that is held open
        async with asyncio.timeout(30):
            while (found := await asyncio.to_thread(asked, f"{bot.url}/healthz"))[0] == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert found == (503, found[1] | {"status": "telegram_refused"})
        page = await asyncio.to_thread(lambda: urllib.request.urlopen(bot.url, timeout=10).status)
        assert page == 200
        assert await bot.stop() == 0
        assert '"stopped"' in bot.output
        assert fake.token.partition(":")[2] not in bot.output
