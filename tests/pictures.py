"""Makes the pictures in docs/pictures anew: `make shots`. The real process, a real browser, invented answers."""

import re
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests import gallery
from tests.browser.conftest import ARGS, CHROMIUM
from tests.browser.founder import COMPANY, Founder
from tests.browser.test_whole_survey import Process

OUT = Path(__file__).parents[1] / "docs" / "pictures"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1200, "height": 800}
PASSWORD = "mot cau dai de nho"
# A question is caught when its words begin so: file name by beginning.
CAUGHT = {
    "Anh/chị có đồng ý để chúng tôi xử lý": "chat-consent",
    "Anh/chị đang cần hỗ trợ": "chat-question",
    "Xin sắp xếp": "chat-rank",
    "Ước tính cần": "chat-money",
    "Đánh giá của anh/chị": "chat-stars",
}


def main() -> None:
    """Make them all."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGS))
        process = Process(Path(folder) / "data")
        try:
            talk(browser, process.url)
            talk_in_the_dark(browser, process.url)
            console(browser, process)
            gallery.draw(browser, OUT / "widgets")
        finally:
            process.close()
            browser.close()


def page_of(browser: Browser, size: ViewportSize, *, dark: bool = False) -> Page:
    """A page of that size, twice as sharp."""
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    context = browser.new_context(
        viewport=size, device_scale_factor=2, locale="vi-VN", reduced_motion="reduce", color_scheme=scheme
    )
    return context.new_page()


def shot(page: Page, name: str) -> None:
    """One picture."""
    page.wait_for_timeout(400)
    page.screenshot(path=OUT / f"{name}.png")
    sys.stdout.write(f"docs/pictures/{name}.png\n")


def talk(browser: Browser, url: str) -> None:
    """A company answers the main survey on a phone."""
    page = page_of(browser, PHONE)
    page.goto(url)
    shot(page, "chat-start")
    founder = Founder(page)

    def seen(asked: str) -> None:
        for start, name in CAUGHT.items():
            if asked.startswith(start):
                if name == "chat-question":
                    page.get_by_label("Vốn, gọi vốn, tín dụng").check()
                    page.get_by_label("Chuyển đổi số").check()
                    shot(page, name)
                    page.get_by_label("Vốn, gọi vốn, tín dụng").uncheck()
                    page.get_by_label("Chuyển đổi số").uncheck()
                else:
                    shot(page, name)

    founder.seen = seen
    founder.begin(url)
    founder.answers(COMPANY)
    shot(page, "chat-review")
    founder.submits()
    shot(page, "chat-receipt")
    page.context.close()


def talk_in_the_dark(browser: Browser, url: str) -> None:
    """The same in English and dark."""
    page = page_of(browser, PHONE, dark=True)
    page.goto(f"{url}/?lang=en")
    page.get_by_role("button", name="Start").first.click()
    page.locator("#talk > .card:last-child[data-kind=question]").wait_for()
    shot(page, "chat-dark-english")
    page.context.close()


def console(browser: Browser, process: Process) -> None:
    """The first admin signs in and looks at what came."""
    link = re.search(r"http://\S+/staff/\S+/\S+", process.bot.output)
    if link is None:
        raise RuntimeError("no one-time link was printed")
    page = page_of(browser, DESK)
    page.goto(link[0])
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    shot(page, "staff-join")
    page.locator("main form button").last.click()
    page.wait_for_load_state()
    page.goto(f"{process.url}/staff")
    shot(page, "staff-list")
    page.locator("a[href*='/staff/submissions/']").first.click()
    page.wait_for_load_state()
    shot(page, "staff-submission")
    page.goto(f"{process.url}/staff/drafts")
    shot(page, "staff-unfinished")
    page.context.close()


if __name__ == "__main__":
    main()
