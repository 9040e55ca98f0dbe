"""Draws every state of the web chat's cards, in both languages and both themes: `make shots` puts them in docs/pictures.

One picture a state with four phones side by side: Vietnamese and English by day, Vietnamese and English by night.
"""

import base64
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page

from flows.session import View
from tests.browser.conftest import phone_page
from tests.browser.house import FLOWS, Served
from tests.browser.states import states

SHOT: Final = {"width": 390, "height": 560}
PHONES: Final[tuple[tuple[str, Literal["light", "dark"]], ...]] = (
    ("vi", "light"),
    ("en", "light"),
    ("vi", "dark"),
    ("en", "dark"),
)


_LEAD: Final = """\
Each card of the web chat, in Vietnamese and English, by day and by night. `make shots` draws them from the same states
that axe-core reads in the tests.
"""


def draw(browser: Browser, out: Path) -> None:
    """A picture a state into `out`, and docs/widgets.md beside it that shows them all."""
    out.mkdir(parents=True, exist_ok=True)
    names = list(states("vi"))
    with tempfile.TemporaryDirectory() as folder:
        deck = _Deck()
        with Served(Path(folder), deck, FLOWS) as served:
            phones = [phone_page(browser, served.url, viewport=SHOT, color_scheme=theme)[0] for _, theme in PHONES]
            for minute, name in enumerate(names):
                served.house.stands_at = minute * 60_000  # so that no limit on new talks is met
                shots = [_shot(page, served, deck, lang, name) for page, (lang, _) in zip(phones, PHONES, strict=True)]
                _side_by_side(browser, shots, out / picture(name))
                sys.stdout.write(f"{out / picture(name)}\n")
            for page in phones:
                page.context.close()
    (out.parent.parent / "widgets.md").write_text(page_of(out.name, names), encoding="utf-8")


def page_of(folder: str, names: Sequence[str]) -> str:
    """The page that shows the pictures; a test holds it against the states there are."""
    parts = ["# What people see: every widget\n", _LEAD]
    parts += [f"## {name.capitalize()}\n\n![{name}](pictures/{folder}/{picture(name)})\n" for name in names]
    return "\n".join(parts)


def picture(name: str) -> str:
    """The file of a state's picture."""
    return name.replace(" ", "-") + ".png"


class _Deck:
    """A talk of one card."""

    def __init__(self) -> None:
        self.name = "text"

    def __call__(self, lang: str) -> Sequence[View]:
        before = View(kind="question", lang=lang, path="before", type="text", text="…", actions=("skip",))
        return [before, replace(states(lang)[self.name], lang=lang)]


def _shot(page: Page, served: Served, deck: _Deck, lang: str, name: str) -> bytes:
    deck.name = name
    form: dict[str, str | float | bool] = {"flow": FLOWS[0][0], "lang": lang}
    page.goto(page.request.post(f"{served.url}/start", form=form, headers={"origin": served.url}).url)
    page.locator('.nav [data-op="skip"]').click()
    page.locator("#talk .receipt").wait_for()
    page.locator("#talk > :last-child").scroll_into_view_if_needed()
    page.wait_for_timeout(150)  # the scroll to the card comes to rest
    return page.screenshot()


def _side_by_side(browser: Browser, shots: Sequence[bytes], file: Path) -> None:
    page = browser.new_page(viewport={"width": len(shots) * (SHOT["width"] + 12) + 12, "height": SHOT["height"] + 24})
    images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in shots)
    page.set_content(
        f'<body style="margin:12px;display:flex;gap:12px;background:#c9cfcc">{images}</body>', wait_until="load"
    )
    page.screenshot(path=file)
    page.close()
