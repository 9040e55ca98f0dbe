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
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
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


@pytest.fixture
def phone(browser: Browser, served: Served) -> Iterator[tuple[Page, Watch]]:
    page, watch = phone_page(browser, served.url)
    yield page, watch
    page.context.close()
    assert watch.faults == []


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

    In the dark only the rules about colours are asked again. The text of axe is evaluated and not added as a script: the page's own policy stays as strict as people get it.
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
    page.goto(f"{served.url}/?lang={lang}")
    page.get_by_role("button", name="Bắt đầu" if lang == "vi" else "Start").first.click()
    page.locator('[data-kind="question"]').wait_for()
    page.locator('.nav [data-op="skip"]').click()
    expect(page.locator(f'#talk [data-kind="{card.kind}"]').last).not_to_contain_text("Họ và tên")
    expect(page.locator("#talk .receipt")).to_have_count(1)


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_this_state_of_the_chat(
    phone: tuple[Page, Watch], served: Served, deck: Deck, state: str
) -> None:
    page, _ = phone
    lay(page, served, deck, STATES[state])
    assert violations(page) == []
    assert moving(page) == []
    assert overflow(page) == []
