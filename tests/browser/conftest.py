"""A real browser for tests of pages, and a page of phone size that watches itself."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright

CHROMIUM = Path(os.environ.get("KHAOSAT_CHROMIUM", "/usr/bin/chromium"))
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium. Without it tests are skipped, unless KHAOSAT_REQUIRE_BROWSER=1 says that is a failure.

    One per module and not per run: while it is open, an event loop runs in this thread, and no other test may start one.
    """
    if not CHROMIUM.exists():
        if os.environ.get("KHAOSAT_REQUIRE_BROWSER") == "1":
            pytest.fail(f"there is no browser at {CHROMIUM}")
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGS))
        yield browser
        browser.close()


class Watch:
    """What a page must not do: log errors, throw, open dialogs, or ask another host for anything."""

    def __init__(self, page: Page, origin: str) -> None:
        self._origin = urlsplit(origin).netloc
        self.faults: list[str] = []
        self.expected: tuple[str, ...] = ()  # parts of console messages that a test provokes
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"thrown: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", self._request)

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(part in message.text for part in self.expected):
            self.faults.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in {"data", "blob"} and where.netloc != self._origin:
            self.faults.append(f"request: {request.url}")


def phone_page(browser: Browser, origin: str, **options: Any) -> tuple[Page, Watch]:
    """A page of phone size in a context of its own (its own storage), and its watch. `options`: as `new_context` takes."""
    usual = {"viewport": PHONE, "locale": "vi-VN", "reduced_motion": "reduce", "has_touch": True}
    context = browser.new_context(**{**usual, **options})
    page = context.new_page()
    page.set_default_timeout(8000)
    return page, Watch(page, origin)
