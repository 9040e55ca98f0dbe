"""The staff console in a real browser: signing in, hostile words, a phone, and no JavaScript at all."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.app import opened, routes
from bot.config import Settings, read_settings
from bot.web.app import Web
from bot.web.staff.accounts import create_account
from tests.bot.conftest import Clock
from tests.bot.staff_desk import Desk
from tests.bot.test_summary import RECORD
from tests.browser.conftest import phone_page

PASSWORD = "bốn mùa hoa sữa nở"
NASTY = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202egnp.exe"


class Console:
    """A house with two submissions, served from a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = read_settings(
            {}, data_dir=folder, port=0, free_min_mb=0, signing_key="0123456789abcdef" * 2, samples=False
        )
        self.url = ""
        self.link = ""
        self.submission = ""
        self._ready, self._fault = threading.Event(), list[BaseException]()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(30), "the console did not start"
        if self._fault:
            raise self._fault[0]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        self._loop.close()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # told to the test, which waits in another thread
            self._fault.append(error)
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        clock = Clock()
        async with opened(self.settings, clock=clock) as house:
            desk = Desk(house, clock)
            await desk.publish()
            await desk.submit(RECORD)
            paths = ("about/venture", "about/phone", "about/needs", "member[1]/member_name", "no/such/question")
            nasty, _ = await desk.submit(
                {**RECORD, **dict.fromkeys(paths, NASTY)}, changed={"about/venture": NASTY + "!"}
            )
            self.submission = nasty.id
            web = Web(routes(house), "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{web.bind()}"
            self.link = await create_account(house.db, "mai", "Nguyễn Thị Mai", "admin", self.url, clock())
            server = asyncio.create_task(web.serve())
            self._ready.set()
            await self._stop.wait()
            web.stop()
            await server
            web.close()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    running = Console(tmp_path / "data")
    yield running
    running.close()


def joins(page: Page, console: Console) -> None:
    """Use the one-time link, as its owner does."""
    page.goto(console.link)
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đặt mật khẩu và đăng nhập").click()
    page.wait_for_url("**/staff/submissions")


def pages(console: Console) -> list[str]:
    places = ("submissions", f"submissions/{console.submission}", "consents", "failures", "dead", "export", "people")
    return [f"{console.url}/staff/{place}" for place in places]


def test_hostile_words_do_nothing_and_no_page_is_wider_than_a_phone(browser: Browser, console: Console) -> None:
    page, watch = phone_page(browser, console.url)
    joins(page, console)
    for where in pages(console):
        page.goto(where)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), where
        assert page.locator("img, main script").count() == 0
    page.goto(pages(console)[1])
    expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    expect(page.get_by_text("U+202E").first).to_be_visible()
    page.context.close()
    assert watch.faults == []


def test_signing_out_and_in_again_works_in_a_browser_that_names_its_origin(browser: Browser, console: Console) -> None:
    page, watch = phone_page(browser, console.url)
    watch.expected = ("403",)  # the wrong password's answer
    joins(page, console)
    page.get_by_role("button", name="Đăng xuất").click()
    page.goto(f"{console.url}/staff/submissions/{console.submission}")
    page.get_by_label("Tên đăng nhập").fill("mai")
    page.get_by_label("Mật khẩu").fill("không phải mật khẩu này")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("chưa đúng")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(f"**/staff/submissions/{console.submission}")
    page.context.close()
    assert watch.faults == []


def test_everything_works_without_javascript(browser: Browser, console: Console) -> None:
    page, watch = phone_page(browser, console.url, java_script_enabled=False)
    joins(page, console)
    for where in pages(console):
        page.goto(where)
        expect(page.locator("h1")).to_be_visible()
    page.goto(f"{console.url}/staff/export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Tải xuống").click()
    assert download.value.suggested_filename == "needs.zip"
    page.goto(f"{console.url}/staff/submissions")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Submissions")
    page.context.close()
    assert watch.faults == []


def test_the_cookie_comes_along_when_a_page_of_another_site_links_here(browser: Browser, console: Console) -> None:
    page, _ = phone_page(browser, console.url)
    joins(page, console)
    there = f"{console.url}/staff/submissions/{console.submission}"
    # "localhost" is another site than "127.0.0.1", as Telegram's web client would be.
    page.route(
        "http://localhost/**",
        lambda route: route.fulfill(body=f'<a href="{there}">mở</a>', content_type="text/html; charset=utf-8"),
    )
    page.goto("http://localhost/group")
    page.get_by_role("link", name="mở").click()
    expect(page.locator("h1")).to_contain_text("HN-")
    page.context.close()
