"""Every state of the web chat and every page of the console is read by axe, in both themes, and at 200 % zoom."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from flows.session import Action, Line, Option, Section, Shown, View
from tests.browser.conftest import PHONE, Watch, phone_page
from tests.browser.house import FLOWS, Served, options
from tests.browser.test_staff_console import Console, joins, pages

VENDOR = Path(__file__).parent / "vendor"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("color-contrast", "link-in-text-block")  # the rules for which the theme makes a difference
ZOOMED = {"width": PHONE["width"] // 2, "height": PHONE["height"] // 2}  # CSS pixels of the same phone at 200 %

NAVIGATION: tuple[Action, ...] = ("back", "skip", "later")
STAGES = options("Ý tưởng", "Sản phẩm mẫu", "Có khách hàng đầu tiên", on=("o1",))
NEEDS = options("Vốn, gọi vốn, tín dụng", "Chuyển đổi số", "Thị trường và xuất khẩu", on=("o0",))
STARS = options("Rất kém", "Kém", "Vừa", "Tốt", "Rất tốt", on=("o3",))
RANKED = (Option("a", "Vốn", place=1), Option("b", "Nhân lực"), Option("c", "Thị trường", place=2))
WARDS = options(*(f"Phường số {n}" for n in range(40)))
SECTIONS = (
    Section(
        "Doanh nghiệp",
        (
            Line("q1", "1", "Tên doanh nghiệp của anh/chị?", Shown("text", "Công ty Sao Mai")),
            Line("q2", "2", "Số lao động?", Shown("none")),
        ),
    ),
    Section("", (Line("q3", "3", "Vốn cần trong 12 tháng tới?", Shown("money", 1_500_000_000)),)),
)


def question(text: str, **given: object) -> View:
    """A question with all that may stand around one."""
    usual = {"path": "q0", "type": "text", "hint": "Anh/chị viết ngắn gọn cũng được.", "actions": NAVIGATION}
    return View(kind="question", lang="vi", text=text, progress=(3, 25), **{**usual, **given})  # type: ignore[arg-type]


# The card on the page, by what it shows.
STATES: Mapping[str, View] = {
    "consent": question("Anh/chị có đồng ý để chúng tôi xử lý dữ liệu này không?", type="select_one", consent=True, required=True, options=options("Tôi đồng ý", "Tôi không đồng ý"), actions=(), notes=("Dữ liệu được giữ 24 tháng.",)),
    "text": question("Tên doanh nghiệp của anh/chị?", heading="Doanh nghiệp", heading_new=True, why="Để gọi đúng tên khi liên hệ lại."),
    "long text": question("Anh/chị kể thêm nhé?", widget="multiline"),
    "standing answer": question("Tên doanh nghiệp của anh/chị?", shown=Shown("text", "Cty Sao Mai"), raw="Cty Sao Mai"),
    "phone": question("Số điện thoại?", parse="phone_vn"),
    "email": question("Thư điện tử?", parse="email"),
    "number": question("Số lao động?", type="integer", quick=("1", "5", "10")),
    "money": question("Vốn cần trong 12 tháng tới?", type="integer", parse="money_vi", quick=("500 triệu", "1 tỷ")),
    "date": question("Ngày thành lập?", type="date", quick=("Hôm nay",)),
    "time": question("Giờ nào tiện gọi?", type="time"),
    "place": question("Trụ sở ở đâu?", type="geopoint", locate=True),
    "short choice": question("Giai đoạn nào?", type="select_one", options=STAGES),
    "yes or no": question("Đã có doanh thu chưa?", type="select_one", options=options("Có", "Chưa", on=("o1",))),
    "long choice": question("Phường nào?", type="select_one", options=WARDS, searchable=True, total=40),
    "paged choice": question("Phường nào?", type="select_one", options=WARDS[:7], searchable=True, total=200, pages=29, page=1),
    "toggles": question("Cần hỗ trợ gì?", type="select_multiple", options=NEEDS, most=2, actions=("done", *NAVIGATION)),
    "rank": question("Xin sắp xếp theo mức cần.", type="rank", options=RANKED, least=3, most=3, actions=("done", *NAVIGATION)),
    "stars": question("Đánh giá của anh/chị?", type="select_one", widget="stars", options=STARS),
    "scale": question("Khả năng giới thiệu cho người khác?", type="range", options=options(*map(str, range(11)), on=("o7",))),
    "file": question("Hồ sơ giới thiệu?", type="file", accept=("pdf", "pptx"), max_mb=1.0),
    "photo": question("Ảnh sản phẩm?", type="image"),
    "acknowledge": question("Phần sau hỏi về vốn.", type="acknowledge"),
    "error": question("Số lao động?", type="integer", error_text="Xin anh/chị nhập một số từ 0 đến 10 000."),
    "error of a choice": question("Cần hỗ trợ gì?", type="select_multiple", options=NEEDS, most=2, error_text="Xin anh/chị chọn nhiều nhất 2 mục.", actions=("done", *NAVIGATION)),
    "confirm": View(kind="confirm", lang="vi", path="q0", text="Vốn cần trong 12 tháng tới?", shown=Shown("money", 1_500_000_000), raw="1,5 tỷ", progress=(9, 25), actions=("yes", "no", "back")),
    "add another": View(kind="add", lang="vi", path="member#more", heading="Thành viên", text="Anh/chị có thêm một thành viên nữa không?", progress=(12, 25), actions=("add", "enough", "back")),
    "review": View(kind="review", lang="vi", sections=SECTIONS, notes=("Xin anh/chị xem lại trước khi gửi.",), progress=(25, 25), actions=("submit", "back", "later")),
    "paused": View(kind="paused", lang="vi", text="Câu trả lời của anh/chị đã được giữ lại.", progress=(9, 25), actions=("resume", "review")),
    "submitted": View(kind="submitted", lang="vi", text="Cảm ơn anh/chị! Chúng tôi sẽ liên hệ trong 5 ngày làm việc.", raw="HN-2026-0042"),
    "ended": View(kind="ended", lang="vi", text="Cảm ơn anh/chị. Chúng tôi không giữ lại câu trả lời nào."),
    "menu": View(kind="menu", lang="vi", text="Anh/chị muốn trả lời khảo sát nào?", options=options("Nhu cầu hỗ trợ", "Đánh giá bài viết")),
}  # fmt: skip
IN_ENGLISH = ("consent", "money", "confirm", "review", "submitted")  # the words are ours; the look is the same


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
    lay(phone, served, deck, STATES[state], "en")
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
