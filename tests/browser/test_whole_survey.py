"""The whole main survey in a real browser, against the real process: at phone width and by keyboard alone."""

import asyncio
import json
import re
import sqlite3
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import phone_page
from tests.browser.founder import COMPANY, Founder
from tests.process import Bot, start

T = TypeVar("T")


class Process:
    """The real process, run from a thread of its own so that a test may be synchronous."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.bot: Bot = self._wait(start(folder))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=90)

    @property
    def url(self) -> str:
        return self.bot.url

    def kill(self) -> None:
        self._wait(self.bot.kill())

    def again(self, port: str) -> None:
        self.bot = self._wait(start(self.folder, {"port": port}))

    def close(self) -> None:
        self._wait(self.bot.kill())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "data")
    yield process
    process.close()


def records(folder: Path) -> list[dict[str, object]]:
    with sqlite3.connect(folder / "khaosat.sqlite") as db:
        return [
            {k.rsplit("/", 1)[-1]: v for k, v in json.loads(row[0]).items()}
            for row in db.execute("select record from submissions")
        ]


def test_the_main_survey_is_answered_at_phone_width_by_keyboard_alone(browser: Browser, process: Process) -> None:
    page, watch = phone_page(browser, process.url, has_touch=False)
    founder = Founder(page)
    founder.begin(process.url)
    founder.answers(COMPANY)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    told = founder.submits()
    receipt = re.search(r"HN-\d\d-\d{6}-\w", told)
    assert receipt is not None, told
    [record] = records(process.folder)
    assert record["need_amount_vnd"] == 1_500_000_000
    assert record["contact_phone"] == "+84912345678"
    assert record["need_priority"] == "capital digital"
    assert record["priority_1"] == "capital"
    assert record["sme_class"] == "micro"
    assert "women_owned" not in record
    page.context.close()
    assert watch.faults == []


def test_killing_the_server_in_the_middle_loses_nothing(browser: Browser, process: Process) -> None:
    page, watch = phone_page(browser, process.url, has_touch=False)
    watch.expected = ("Failed to load resource", "ERR_CONNECTION", "net::", "ERR_INCOMPLETE")
    founder = Founder(page)
    port = process.url.rsplit(":", 1)[1]
    count = 0

    def kill_now_and_then(_: str) -> None:
        nonlocal count
        count += 1
        if count in {3, 9, 20}:
            process.kill()
            process.again(port)

    founder.seen = kill_now_and_then
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    founder.begin(process.url)
    founder.answers(COMPANY)
    founder.submits()
    expect.set_options(timeout=5_000)
    assert count > 20
    [record] = records(process.folder)
    assert record["venture_name"] == "Công ty An Phú"
    assert len(founder.asked) == len(set(founder.asked))
    page.context.close()
    assert watch.faults == []
