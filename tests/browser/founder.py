"""A founder at the web chat: answers the main survey with the keyboard alone, one question after another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

TABS_MAX = 80  # to reach anything on the page

# What is focused, in words: a label, an aria-label or the text itself.
_FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  const label = e.labels && e.labels.length ? e.labels[0].innerText : "";
  return (e.getAttribute("aria-label") || label || e.innerText || e.placeholder || "").trim();
}"""
_IS_TEXT = "() => ['INPUT', 'TEXTAREA'].includes(document.activeElement.tagName) && !['checkbox', 'radio'].includes(document.activeElement.type)"

Say = str  # typed and sent
Press = tuple[str, ...]  # options or buttons, pressed in this order
Answer = Say | Press

# The main survey as a small company answers it: the beginning of each question, and what they do.
COMPANY: Mapping[str, Answer] = {
    "Anh/chị có đồng ý để chúng tôi xử lý": ("Tôi đồng ý",),
    "Anh/chị có đồng ý để chúng tôi chuyển": ("Tôi đồng ý",),
    "Tên doanh nghiệp": "Công ty An Phú",
    "Anh/chị đang hoạt động dưới hình thức": ("Công ty TNHH",),
    "Mã số thuế": "0199999991",
    "Đơn vị thành lập": "2023",
    "Lĩnh vực hoạt động chính": ("Nông nghiệp công nghệ cao",),
    "Trong một câu": "Giúp hợp tác xã rau sạch bán hàng trực tuyến.",
    "Anh/chị đang ở giai đoạn nào": ("Đã có doanh thu",),
    "Trụ sở": ("Hà Nội",),
    "Thuộc phường, xã nào": "xã hòa lạc",
    "Hiện có bao nhiêu người": "12",
    "Trong đó, bình quân": "8",
    "Tổng doanh thu": ("Trên 1 đến 3 tỷ đồng",),
    "Xin anh/chị cho biết họ tên": "Nguyễn Thị An",
    "Số điện thoại": "0912 345 678",
    "Email": "an@anphu.vn",
    "Trong 3 năm gần đây": ("Sản phẩm (hàng hóa) mới hoặc cải tiến", "Xong"),
    "Anh/chị đang cần hỗ trợ": ("Vốn, gọi vốn, tín dụng", "Chuyển đổi số", "Xong"),
    "Về vốn": ("Vay ngân hàng", "Xong"),
    "Về chuyển đổi số": ("Dữ liệu, ứng dụng AI", "Xong"),
    "Anh/chị tự đánh giá mức độ": ("Mức 2",),
    "Xin sắp xếp": ("Vốn, gọi vốn, tín dụng", "Chuyển đổi số", "Xong"),
    "Ước tính cần": "1,5 tỷ",
    "Đơn vị tự chi trả": "30",
    "Anh/chị cần hỗ trợ trong thời gian": ("Trong 1–3 tháng",),
    "Điều gì đang cản trở": "Thiếu vốn lưu động.",
    "Anh/chị có muốn cung cấp thêm": ("Không",),
    "Anh/chị muốn tham gia Techfest": ("Chỉ tham quan", "Xong"),
    "Đánh giá của anh/chị về khảo sát": ("stars 5",),
}


@dataclass
class Founder:
    """Answers by keyboard. `seen`: told each question before it is answered."""

    page: Page
    seen: Callable[[str], None] = lambda _: None
    asked: list[str] = field(default_factory=list)

    def begin(self, url: str, title: str = "Khảo sát nhu cầu hỗ trợ") -> None:
        """Open the first page and the survey of that title."""
        self.page.goto(url)
        card = self.page.locator("form", has=self.page.get_by_role("heading", name=title))
        if not card.count():
            card = self.page.locator("li, article, section, form").filter(has_text=title).last
        button = card.get_by_role("button", name="Bắt đầu").first
        button.focus()
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#talk > .card:last-child[data-kind=question]")).to_be_visible()

    def question(self) -> str:
        """The open card's question, once the talk has gone on."""
        last = self.page.locator("#talk > .card:last-child")
        expect(last).to_be_visible()
        return str(last.locator(".question").first.inner_text()) if last.locator(".question").count() else ""

    def answers(self, plan: Mapping[str, Answer]) -> None:
        """Answer until the review comes."""
        for _ in range(3 * len(plan)):
            kind = self.page.locator("#talk > .card:last-child").get_attribute("data-kind")
            before = self.page.locator("#talk > .card:last-child").get_attribute("id")
            if kind == "review":
                return
            if kind == "confirm":
                self.reach("Đúng", "Phải")
                self.page.keyboard.press("Enter")
            else:
                asked = self.question()
                self.asked.append(asked)
                self.seen(asked)
                known = [answer for start, answer in plan.items() if asked.startswith(start)]
                assert known, f"no answer is planned for {asked!r} ({kind})"
                self.give(known[0])
            self.went_on(before, kind)
        raise AssertionError(f"no review after {self.asked[-3:]}")

    def went_on(self, before: str | None, kind: str | None) -> None:
        """Until another card, or the same one read back, stands last."""
        self.page.wait_for_function(
            """([id, kind]) => {
              const last = document.querySelector("#talk > .card:last-child");
              return last && (last.id !== id || last.dataset.kind !== kind);
            }""",
            arg=[before, kind],
        )

    def give(self, answer: Answer) -> None:
        """Answer the open question."""
        if isinstance(answer, str):
            self.write(answer)
            return
        for label in answer:
            if label.startswith("stars "):
                self.rate(int(label.removeprefix("stars ")))
                continue
            self.reach(label)
            is_box = self.page.evaluate("() => document.activeElement.type === 'checkbox'")
            self.page.keyboard.press("Space" if is_box else "Enter")

    def rate(self, stars: int) -> None:
        """So many stars: arrows move, Enter sends."""
        self.to(lambda: bool(self.page.evaluate("() => document.activeElement.type === 'radio'")), "a star")
        for _ in range(stars - 1):
            self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("Enter")

    def write(self, text: str) -> None:
        """Type into the field and send it with Enter."""
        if not self.page.evaluate(_IS_TEXT):
            self.to(lambda: bool(self.page.evaluate(_IS_TEXT)))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def reach(self, *labels: str) -> None:
        """Move the focus to what is called so: Tab from control to control, arrows within a group of options."""
        self.to(lambda: str(self.page.evaluate(_FOCUSED)).startswith(labels), " or ".join(labels))

    def to(self, found: Callable[[], bool], what: str = "a text field") -> None:
        """Press Tab and arrows until it is found."""
        if found():
            return
        self.page.evaluate("() => document.querySelector('#talk > .card:last-child')?.focus()")
        for _ in range(TABS_MAX):
            self.page.keyboard.press("Tab")
            if found():
                return
            if self.page.evaluate("() => document.activeElement.getAttribute('role') === 'radio'"):
                group = self.page.evaluate("() => document.activeElement.parentElement.children.length")
                for _ in range(int(group)):
                    self.page.keyboard.press("ArrowDown")
                    if found():
                        return
        card = self.page.locator("#talk > .card:last-child").inner_text()
        raise AssertionError(f"{what} is not to be reached by keyboard on: {card}")

    def submits(self) -> str:
        """Send the form; the receipt number."""
        self.reach("Gửi phiếu")
        self.page.keyboard.press("Enter")
        last = self.page.locator("#talk > .card:last-child")
        expect(last).to_have_attribute("data-kind", "submitted")
        return str(last.inner_text())
