"""Every state of the web chat and every page of the console is read by axe, in both themes, and at 200 % zoom."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from flows.session import View
from tests.browser.conftest import PHONE, Watch, phone_page
from tests.browser.house import FLOWS, Served
from tests.browser.states import states
from tests.browser.test_staff_console import Console, joins, pages

VENDOR = Path(__file__).parent / "vendor"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("color-contrast", "link-in-text-block")  # the rules for which the theme makes a difference
ZOOMED = {"width": PHONE["width"] // 2, "height": PHONE["height"] // 2}  # CSS pixels of the same phone at 200 %

STATES = states("vi")
IN_ENGLISH = ("consent", "money", "confirm", "review", "submitted")  # the look is the same in every language


class Deck:
    """A talk of one card, which each test lays down for itself."""

    def __init__(self) -> None:
        self.card = STATES["text"]

    def __call__(self, lang: str) -> Sequence[View]:
        first = View(kind="question", lang=lang, path="before", type="text", text="Họ và tên?", actions=("skip",))
        return [first, replace(self.card, lang=lang)]


@pytest.fixture(scope="module")
def deck() -> Deck:
    return Deck()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, deck: Deck) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("chat"), deck, FLOWS) as served:
        yield served


@pytest.fixture(scope="module")
def shared(browser: Browser, served: Served) -> Iterator[tuple[Page, Watch]]:
    """One page for all states: what a page needs is fetched once, as a returning person has it."""
    page, watch = phone_page(browser, served.url)
    yield page, watch
    page.context.close()


@pytest.fixture
def phone(shared: tuple[Page, Watch]) -> Iterator[Page]:
    page, watch = shared
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    yield page
    assert watch.faults == []
    assert watch.expected == ()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    running = Console(tmp_path / "data")
    yield running
    running.close()


@cache
def axe() -> str:
    return (VENDOR / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands: "theme: rule: element", for every element at fault, in both themes.

    In the dark only the rules about colours are asked again. The text of axe is evaluated and not added as a
    script: the page's own policy stays as strict as people get it.
    """
    page.evaluate(axe())
    found = [f"light: {one}" for one in _at_fault(page, RULES)]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return found + [f"dark: {one}" for one in _at_fault(page, COLOURS)]


def _at_fault(page: Page, rules: Sequence[str]) -> list[str]:
    return page.evaluate(  # type: ignore[no-any-return]
        """async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ["violations"]})).violations
            .flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`))""",
        list(rules),
    )


def overflow(page: Page) -> list[str]:
    """What sticks out to the right on the same phone at 200 % zoom; nothing when the page needs no scrolling sideways."""
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    return page.evaluate(  # type: ignore[no-any-return]
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : ["page", ...[...document.querySelectorAll("body *")]
            .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5).map((node) => node.outerHTML.slice(0, 120))]"""
    )


def moving(page: Page) -> list[str]:
    """What has an animation or a transition, running or waiting for its occasion."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => [...document.querySelectorAll("body, body *")].filter((node) => {
            const {animationName, transitionDuration} = getComputedStyle(node);
            return animationName !== "none" || transitionDuration.split(", ").some((time) => parseFloat(time) > 0);
        }).map((node) => node.outerHTML.slice(0, 120))"""
    )


def lay(page: Page, served: Served, deck: Deck, card: View, lang: str = "vi") -> None:
    """Open a talk, pass over its first question, and stand before the card."""
    deck.card = card
    form: dict[str, str | float | bool] = {"flow": FLOWS[0][0], "lang": lang}
    page.goto(page.request.post(f"{served.url}/start", form=form, headers={"origin": served.url}).url)
    page.locator('.nav [data-op="skip"]').click()
    page.locator("#talk .receipt").wait_for()
    expect(page.locator(f'#talk [data-kind="{card.kind}"]').last).to_be_visible()


def faults(page: Page) -> list[str]:
    """All that is asked of a page: axe is content, nothing moves, and nobody scrolls sideways at 200 %."""
    return (
        violations(page) + [f"moves: {one}" for one in moving(page)] + [f"sticks out: {one}" for one in overflow(page)]
    )


@pytest.mark.parametrize("state", STATES)
def test_this_state_of_the_chat_is_without_fault(phone: Page, served: Served, deck: Deck, state: str) -> None:
    lay(phone, served, deck, STATES[state])
    assert faults(phone) == []


@pytest.mark.parametrize("state", IN_ENGLISH)
def test_this_state_is_without_fault_in_english_too(phone: Page, served: Served, deck: Deck, state: str) -> None:
    lay(phone, served, deck, states("en")[state], "en")
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    assert faults(phone) == []


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_first_page_is_without_fault(phone: Page, served: Served, deck: Deck, lang: str) -> None:
    lay(phone, served, deck, STATES["text"], lang)
    phone.goto(f"{served.url}/?lang={lang}")
    expect(phone.locator("#begun")).to_be_visible()  # with a talk to go on with
    assert faults(phone) == []


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_other_theme_is_without_fault_when_a_person_chose_it(
    browser: Browser, served: Served, deck: Deck, system: str
) -> None:
    page, watch = phone_page(browser, served.url, color_scheme=system)
    lay(page, served, deck, STATES["error of a choice"])
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.evaluate(axe())
    assert _at_fault(page, COLOURS) == []
    page.context.close()
    assert watch.faults == []


@pytest.mark.parametrize(
    ("state", "seen", "style"),
    [
        ("toggles", ".tick input", "appearance"),  # the system's own tick: ours is a picture on a fill that is gone
        ("stars", ".step", "color"),
        ("scale", ".step", "background-color"),
    ],
)
def test_what_is_chosen_can_be_seen_where_the_system_sets_the_colours(
    browser: Browser, served: Served, deck: Deck, state: str, seen: str, style: str
) -> None:
    page, watch = phone_page(browser, served.url, forced_colors="active")
    lay(page, served, deck, STATES[state])
    styles = page.locator(seen).evaluate_all(
        "(nodes, style) => nodes.map((node) => [node.matches(':has(:checked), .lit'), getComputedStyle(node)[style]])",
        style,
    )
    if style == "appearance":
        assert {value for _, value in styles} == {"auto"}
    else:
        assert {v for lit, v in styles if lit}.isdisjoint({v for lit, v in styles if not lit})
    page.context.close()
    assert watch.faults == []


def test_nothing_that_is_read_is_cut_at_twice_the_size(phone: Page, served: Served, deck: Deck) -> None:
    lay(phone, served, deck, STATES["date"])
    phone.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    room = "node => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight"
    assert phone.locator(".home").evaluate(room)
    assert phone.locator(".field").evaluate("node => node.clientWidth") > ZOOMED["width"] * 0.75


def test_what_opens_over_the_talk_is_without_fault(phone: Page, served: Served, deck: Deck) -> None:
    lay(phone, served, deck, STATES["text"])
    phone.locator(".why summary").click()
    phone.locator("#menu summary").click()
    expect(phone.locator("#copy-link")).to_be_visible()
    assert faults(phone) == []
    phone.locator("#stop").click()
    expect(phone.get_by_role("dialog")).to_be_visible()
    assert faults(phone) == []


def test_what_is_said_in_passing_is_without_fault(phone: Page, served: Served, deck: Deck) -> None:
    lay(phone, served, deck, STATES["short choice"])
    phone.locator("#language").click()
    expect(phone.locator("#toast")).to_be_visible()
    phone.context.set_offline(True)
    phone.evaluate("dispatchEvent(new Event('offline'))")
    expect(phone.locator("#notice")).to_be_visible()
    found = faults(phone)
    phone.context.set_offline(False)
    assert found == []


def test_an_answer_sent_back_is_without_fault(phone: Page, served: Served, deck: Deck) -> None:
    lay(phone, served, deck, STATES["number"])
    phone.locator(".field").fill("sai")
    phone.keyboard.press("Enter")
    expect(phone.locator(".error")).to_be_visible()
    expect(phone.locator(".bubble.mine").last).to_have_text("sai")
    assert faults(phone) == []


def test_the_page_of_a_link_that_is_gone_is_without_fault(
    phone: Page, shared: tuple[Page, Watch], served: Served
) -> None:
    shared[1].expected = ("404",)
    phone.goto(f"{served.url}/c/{'x' * 32}")
    expect(phone.locator("h1")).to_be_visible()
    shared[1].expected = ()
    assert faults(phone) == []


def test_the_console_is_without_fault(browser: Browser, console: Console) -> None:
    page, watch = phone_page(browser, console.url)
    found = {}

    def look(name: str) -> None:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        found[name] = faults(page)

    page.goto(f"{console.url}/staff/sign-in")
    look("sign-in")
    page.goto(console.link)
    look("join")
    joins(page, console)
    for where in pages(console):
        page.goto(where)
        look(where.removeprefix(f"{console.url}/staff/"))
    page.context.close()
    assert watch.faults == []
    assert {name: some for name, some in found.items() if some} == {}


def test_the_checks_find_what_is_planted(phone: Page, served: Served, deck: Deck) -> None:
    lay(phone, served, deck, STATES["short choice"])
    phone.evaluate(
        """() => {
            const style = new CSSStyleSheet();
            style.replaceSync(`
                h2.question { width: 400px; transition: opacity 1s !important; }
                @media (prefers-color-scheme: dark) { .hint { color: #222 !important; } }
            `);
            document.adoptedStyleSheets = [style];
            document.querySelector("main").append(document.createElement("button"));
        }"""
    )
    found = " ".join(faults(phone))
    for expected in ("light: button-name", "dark: color-contrast", "moves: <h2", "sticks out: <h2"):
        assert expected in found
    assert "light: color-contrast" not in found


def test_axe_is_the_file_that_was_looked_at() -> None:
    entries = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    for entry in entries:
        content = (VENDOR / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert entry["version"].encode() in content[:100]
    named = {entry[key] for entry in entries for key in ("file", "licence_file", "third_party_file")} | {"vendor.json"}
    assert named == {path.name for path in VENDOR.iterdir()}
