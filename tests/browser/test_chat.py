"""The web chat in a real browser, with a scripted talk behind it."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from flows.session import Action, Calendar, Cell, Line, Option, Section, Shown, View
from tests.browser.conftest import Watch, phone_page
from tests.browser.house import FLOWS, Served, options

NAVIGATION: tuple[Action, ...] = ("back", "skip", "later")
NASTY = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'><b>đậm</b> {{7*7}}"


def talk(lang: str) -> Sequence[View]:
    vi = lang == "vi"

    def question(n: int, **given: object) -> View:
        return View(kind="question", lang=lang, path=f"q{n}", progress=(n + 1, 6), **{"actions": NAVIGATION, **given})  # type: ignore[arg-type]

    return [
        question(0, type="select_one", text="Giai đoạn nào?" if vi else "Which stage?", options=options("Ý tưởng", "Sản phẩm mẫu", "Có khách hàng")),
        question(1, type="text", text="Tên doanh nghiệp?" if vi else "Company name?"),
        question(2, type="select_multiple", text="Cần gì?" if vi else "What do you need?", options=options("Vốn", "Công nghệ", "Thị trường"), most=2, actions=("done", *NAVIGATION)),
        question(3, type="rank", text="Thứ tự?" if vi else "Which order?", options=options("Một", "Hai", "Ba"), least=2, most=2, actions=("done", *NAVIGATION)),
        question(4, type="select_one", widget="stars", text="Hài lòng?" if vi else "Satisfied?", options=options("Rất kém", "Kém", "Vừa", "Tốt", "Rất tốt")),
        question(5, type="file", text="Hồ sơ?" if vi else "A file?", accept=("pdf", "txt")),
        View(kind="review", lang=lang, actions=("submit", "back"), sections=(Section("Phần một", (Line("q0", "0", "Giai đoạn nào?", Shown("text", "Ý tưởng")),)),)),
    ]  # fmt: skip


def nasty_talk(lang: str) -> Sequence[View]:
    choice = (Option("a", NASTY), Option("b", "Bình thường"))
    return [
        View(kind="question", lang=lang, path="q0", type="select_one", heading=NASTY, heading_new=True, notes=(NASTY,), text=NASTY, hint=NASTY, why=NASTY, options=choice, quick=(NASTY,), actions=NAVIGATION),
        View(kind="question", lang=lang, path="q1", type="text", text=NASTY, error_text=NASTY, actions=NAVIGATION),
        View(kind="review", lang=lang, notes=(NASTY,), sections=(Section(NASTY, (Line("q0", "0", NASTY, Shown("text", NASTY)),)),), actions=("submit",)),
    ]  # fmt: skip


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path, talk, FLOWS) as served:
        yield served


@pytest.fixture
def phone(browser: Browser, served: Served) -> Iterator[tuple[Page, Watch]]:
    page, watch = phone_page(browser, served.url)
    yield page, watch
    page.context.close()
    assert watch.faults == []


def begin(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.get_by_role("button", name="Bắt đầu").first.click()
    expect(page.get_by_role("heading", name="Giai đoạn nào?")).to_be_visible()


def question(page: Page, text: str) -> None:
    expect(page.locator("#talk > .card:last-child .question")).to_have_text(text)


def answers(page: Page) -> list[str]:
    return page.locator("[data-answer]").evaluate_all("nodes => nodes.map((node) => node.dataset.answer)")  # type: ignore[no-any-return]


def talk_of(page: Page) -> list[str]:
    return page.locator("#talk > *").all_inner_texts()


def taken(served: Served, kind: str) -> list[dict[str, object]]:
    bodies = [json.loads(update.body) for update in served.house.taken]
    return [body for body in bodies if body["type"] == kind]


def test_a_whole_talk_is_answered_by_touch(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_role("radio", name="Sản phẩm mẫu").tap()
    question(page, "Tên doanh nghiệp?")
    page.get_by_role("textbox").fill("Cty Sao Mai")
    page.get_by_role("button", name="Gửi").tap()
    question(page, "Cần gì?")
    page.get_by_label("Vốn").check()
    page.get_by_label("Thị trường").check()
    page.get_by_role("button", name="Xong (đã chọn 2)").tap()
    question(page, "Thứ tự?")
    page.get_by_role("button", name="Ba").tap()
    page.get_by_role("button", name="Một").tap()
    page.get_by_role("button", name="Xong (đã chọn 2)").tap()
    question(page, "Hài lòng?")
    page.locator(".step").nth(3).tap()
    question(page, "Hồ sơ?")
    page.locator("input[type=file]").set_input_files(
        {"name": "hồ sơ.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    expect(page.get_by_role("button", name="Gửi phiếu")).to_be_visible()
    assert answers(page) == ["Sản phẩm mẫu", "Cty Sao Mai", "Vốn, Thị trường", "Ba, Một", "Tốt", "hồ sơ.pdf"]
    assert taken(served, "sent")[0]["mime"] == "application/pdf"


def test_a_whole_talk_is_answered_by_keyboard_alone(browser: Browser, served: Served) -> None:
    page, watch = phone_page(browser, served.url, has_touch=False, viewport={"width": 1024, "height": 768})
    page.goto(served.url)
    while page.evaluate("document.activeElement.innerText") != "Bắt đầu":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Giai đoạn nào?")).to_be_visible()
    while page.evaluate("document.activeElement.getAttribute('role')") != "radio":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    question(page, "Tên doanh nghiệp?")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Cty Sao Mai")
    page.keyboard.press("Enter")
    question(page, "Cần gì?")
    expect(page.get_by_label("Vốn")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    question(page, "Thứ tự?")
    expect(page.get_by_role("button", name="Một")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    question(page, "Hài lòng?")
    expect(page.locator(".step input").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    question(page, "Hài lòng?")  # moving sends nothing
    page.keyboard.press("Enter")
    question(page, "Hồ sơ?")
    assert answers(page) == ["Có khách hàng", "Cty Sao Mai", "Vốn", "Một, Hai", "Vừa"]
    page.context.close()
    assert watch.faults == []


def test_a_refresh_in_the_middle_shows_the_same_talk(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_role("radio", name="Ý tưởng").tap()
    question(page, "Tên doanh nghiệp?")
    page.get_by_role("textbox").fill("sai")
    page.get_by_role("button", name="Gửi").tap()
    expect(page.locator(".error")).to_have_text("Xin anh/chị nhập lại.")
    expect(page.locator(".bubble.mine").last).to_have_text("sai")
    before = talk_of(page)
    page.reload()
    question(page, "Tên doanh nghiệp?")
    assert talk_of(page) == before


def test_what_is_being_typed_and_ticked_outlives_a_refresh(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_role("radio", name="Ý tưởng").tap()
    question(page, "Tên doanh nghiệp?")
    page.get_by_role("textbox").fill("Cty dở dang")
    page.reload()
    expect(page.get_by_role("textbox")).to_have_value("Cty dở dang")
    page.get_by_role("button", name="Gửi").tap()
    question(page, "Cần gì?")
    expect(page.get_by_role("textbox")).to_have_value("")
    page.get_by_label("Công nghệ").check()
    page.reload()
    expect(page.get_by_label("Công nghệ")).to_be_checked()


def test_an_answer_that_was_not_taken_stands_in_the_field_to_be_mended(
    phone: tuple[Page, Watch], served: Served
) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_role("radio", name="Ý tưởng").tap()
    question(page, "Tên doanh nghiệp?")
    page.get_by_role("textbox").fill("sai")
    page.keyboard.press("Enter")
    expect(page.locator(".error")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value("sai")
    expect(page.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")


def test_another_tab_and_another_device_go_on_with_the_same_talk(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    assert page.context.browser is not None
    elsewhere = page.context.browser.new_context()  # nothing of the first is known there but the link
    try:
        tab, device = page.context.new_page(), elsewhere.new_page()
        for each in (tab, device):
            each.goto(page.url)
            question(each, "Giai đoạn nào?")
        page.get_by_role("radio", name="Ý tưởng").tap()
        for each in (tab, device):
            question(each, "Tên doanh nghiệp?")
        device.get_by_role("textbox").fill("Cty B")
        device.keyboard.press("Enter")
        for each in (page, tab, device):
            question(each, "Cần gì?")
        assert answers(page) == answers(tab) == answers(device) == ["Ý tưởng", "Cty B"]
    finally:
        elsewhere.close()


def test_a_receipt_opens_its_question_again(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_role("radio", name="Ý tưởng").tap()
    question(page, "Tên doanh nghiệp?")
    page.get_by_role("button", name="Sửa").tap()
    question(page, "Giai đoạn nào?")
    page.get_by_role("radio", name="Có khách hàng").tap()
    question(page, "Tên doanh nghiệp?")
    assert answers(page) == ["Có khách hàng"]
    assert page.locator(".receipt").count() == 1


def test_a_line_of_the_review_opens_its_question(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    for text in ("Tên doanh nghiệp?", "Cần gì?", "Thứ tự?", "Hài lòng?", "Hồ sơ?"):
        page.get_by_role("button", name="Bỏ qua").tap()
        question(page, text)
    page.get_by_role("button", name="Bỏ qua").tap()
    page.get_by_role("button", name=re.compile("Giai đoạn nào")).last.tap()
    question(page, "Giai đoạn nào?")


def test_back_skip_and_later_keep_their_places(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)

    def places() -> list[float]:
        return [page.locator(f".nav [data-op={op}]").bounding_box()["x"] for op in NAVIGATION]  # type: ignore[index]

    before = places()
    page.get_by_role("button", name="Bỏ qua").tap()
    question(page, "Tên doanh nghiệp?")
    assert places() == before
    page.get_by_role("button", name="Quay lại").tap()
    question(page, "Giai đoạn nào?")


def test_a_double_tap_answers_once(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_role("radio", name="Ý tưởng").evaluate("button => { button.click(); button.click(); }")
    question(page, "Tên doanh nghiệp?")
    page.wait_for_timeout(200)
    assert len(taken(served, "tapped")) == 1


def test_an_answer_given_offline_is_sent_when_the_net_is_back(phone: tuple[Page, Watch], served: Served) -> None:
    page, watch = phone
    watch.expected = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")
    begin(page, served)
    page.context.set_offline(True)
    page.get_by_role("radio", name="Ý tưởng").tap()
    expect(page.locator("#notice")).to_contain_text("sẽ tự gửi")
    page.get_by_role("radio", name="Có khách hàng").evaluate("button => button.click()")  # held: one answer at a time
    assert taken(served, "tapped") == []
    page.context.set_offline(False)
    question(page, "Tên doanh nghiệp?")
    expect(page.locator("#notice")).to_be_hidden()
    assert answers(page) == ["Ý tưởng"]


def test_an_answer_waits_for_a_server_that_cannot_save(phone: tuple[Page, Watch], served: Served) -> None:
    page, watch = phone
    watch.expected = ("503",)
    begin(page, served)
    served.house.down = True
    page.get_by_role("radio", name="Ý tưởng").tap()
    expect(page.locator("#notice")).to_be_visible()
    page.reload()  # the answer is kept on the device, also through this
    served.house.down = False
    question(page, "Tên doanh nghiệp?")
    assert len(taken(served, "tapped")) == 1


def test_the_language_changes_at_once_and_stays(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_role("button", name="English").tap()
    question(page, "Which stage?")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Skip")).to_be_visible()
    page.reload()
    question(page, "Which stage?")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Tiếng Việt").tap()
    question(page, "Giai đoạn nào?")


def test_dark_and_light_follow_the_system_and_the_person(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)

    def paper() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")  # type: ignore[no-any-return]

    light = paper()
    page.emulate_media(color_scheme="dark")
    dark = paper()
    assert light != dark
    page.get_by_role("button", name="Giao diện tối").tap()
    assert paper() == light
    page.reload()
    question(page, "Giai đoạn nào?")
    assert paper() == light


def test_nothing_written_by_anybody_is_read_as_html(browser: Browser, tmp_path: Path) -> None:
    with Served(tmp_path, nasty_talk, [("f", {"vi": NASTY, "en": NASTY}, {"vi": NASTY, "en": NASTY})]) as served:
        page, watch = phone_page(browser, served.url)
        page.goto(served.url)
        expect(page.get_by_role("heading", name=NASTY)).to_be_visible()
        page.get_by_role("button", name="Bắt đầu").tap()
        question(page, NASTY)
        page.get_by_role("textbox").fill(NASTY)
        page.keyboard.press("Enter")
        expect(page.locator(".error")).to_have_text(NASTY)
        expect(page.locator("[data-answer] bdi")).to_have_text(NASTY)
        page.get_by_role("textbox").fill(NASTY)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Gửi phiếu")).to_be_visible()
        expect(page.locator(".line .told")).to_have_text(NASTY)
        assert page.locator("#talk img, #talk script, #talk b").count() == 0
        page.context.close()
        assert watch.faults == []


def test_everything_to_press_is_large_enough_and_nothing_overflows(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    for width in (390, 195):  # a phone, and the same at 200 % zoom
        page.set_viewport_size({"width": width, "height": 844 * width // 390})
        small = page.evaluate(
            """() => [...document.querySelectorAll("button, a, summary, label.option, .step, .field")]
                .map((node) => [node.innerText || node.className, node.getBoundingClientRect()])
                .filter(([, box]) => box.width && (box.height < 43.5 || box.width < 43.5))
                .map(([name, box]) => `${name} ${box.width}x${box.height}`)
                .filter((name) => !name.startsWith("Chương trình"))"""
        )
        assert small == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_new_question_is_told_to_those_who_listen(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_role("radio", name="Ý tưởng").tap()
    expect(page.locator("#live")).to_have_text("Câu 2/6. Tên doanh nghiệp?")


def test_a_place_is_shared_by_one_tap(browser: Browser, tmp_path: Path) -> None:
    def places(lang: str) -> Sequence[View]:
        return [
            View(
                kind="question",
                lang=lang,
                path=f"q{n}",
                type="geopoint",
                locate=True,
                text=f"Ở đâu {n}?",
                actions=NAVIGATION,
            )
            for n in range(2)
        ]

    with Served(tmp_path, places, FLOWS) as served:
        page, watch = phone_page(
            browser, served.url, geolocation={"latitude": 21.0285, "longitude": 105.8542}, permissions=["geolocation"]
        )
        page.goto(served.url)
        page.get_by_role("button", name="Bắt đầu").first.tap()
        question(page, "Ở đâu 0?")
        page.get_by_role("button", name="Chia sẻ vị trí").tap()
        question(page, "Ở đâu 1?")
        assert answers(page) == ["21.029, 105.854"]  # fmt: skip
        page.context.close()
        assert watch.faults == []


def test_a_long_list_is_searched_without_marks(browser: Browser, tmp_path: Path) -> None:
    def wards(lang: str) -> Sequence[View]:
        names = [*(f"Phường số {n}" for n in range(20)), "Phường Hòa Lạc"]
        return [
            View(
                kind="question",
                lang=lang,
                path=f"q{n}",
                type="select_one",
                text=f"Phường nào {n}?",
                options=options(*names),
                searchable=True,
                total=len(names),
                actions=NAVIGATION,
            )
            for n in range(2)
        ]

    with Served(tmp_path, wards, FLOWS) as served:
        page, watch = phone_page(browser, served.url)
        page.goto(served.url)
        page.get_by_role("button", name="Bắt đầu").first.tap()
        question(page, "Phường nào 0?")
        page.get_by_placeholder("Gõ để tìm").fill("hoa lac")
        expect(page.locator("[data-option]:visible")).to_have_count(1)
        page.get_by_role("radio", name="Phường Hòa Lạc").tap()
        question(page, "Phường nào 1?")
        expect(page.get_by_placeholder("Gõ để tìm")).to_have_value("")
        page.context.close()
        assert watch.faults == []


def test_the_first_page_offers_to_go_on_with_a_talk_begun_here(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    link = page.url
    page.goto(served.url)
    expect(page.locator("#begun")).to_contain_text("Khảo sát thử")
    page.get_by_role("button", name="Trả lời tiếp").tap()
    question(page, "Giai đoạn nào?")
    assert page.url == link


def test_the_server_stops_at_once_with_a_page_open(browser: Browser, tmp_path: Path) -> None:
    with Served(tmp_path, talk, FLOWS) as served:
        page, watch = phone_page(browser, served.url)
        watch.expected = ("ERR_",)
        begin(page, served)
    assert served.stop_s < 1.5
    page.context.close()
    assert watch.faults == []


def test_a_list_too_long_to_send_is_turned_page_by_page(browser: Browser, tmp_path: Path) -> None:
    def wards(lang: str) -> Sequence[View]:
        return [
            View(
                kind="question",
                lang=lang,
                path="q0",
                type="select_one",
                text="Phường nào?",
                options=options("Phường A", "Phường B"),
                searchable=True,
                total=200,
                pages=100,
                actions=NAVIGATION,
            )
        ]

    with Served(tmp_path, wards, FLOWS) as served:
        page, watch = phone_page(browser, served.url)
        page.goto(served.url)
        page.get_by_role("button", name="Bắt đầu").first.tap()
        question(page, "Phường nào?")
        expect(page.get_by_role("button", name="Trang trước")).to_be_disabled()
        page.get_by_role("button", name="Trang sau").tap()
        expect(page.locator(".pager")).to_contain_text("2/100")
        page.get_by_placeholder("Gõ tên rồi bấm gửi để tìm").fill("hoa lac")
        expect(page.locator("[data-option]:visible")).to_have_count(2)  # what is not here is not hidden either
        page.context.close()
        assert watch.faults == []


def test_consent_is_taken_back_only_after_a_second_thought(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_label("Thêm lựa chọn").tap()
    page.get_by_role("button", name="Rút lại sự đồng ý").tap()
    page.get_by_role("dialog").get_by_role("button", name="Trả lời tiếp").tap()
    assert taken(served, "command") == []
    page.get_by_label("Thêm lựa chọn").tap()
    page.get_by_role("button", name="Rút lại sự đồng ý").tap()
    page.get_by_role("dialog").get_by_role("button", name="Xóa và dừng").tap()
    expect(page.get_by_text("/stop")).to_be_visible()
    assert [body["name"] for body in taken(served, "command")] == ["stop"]


def test_help_is_said_and_the_question_stays_last(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    page.get_by_label("Thêm lựa chọn").tap()
    page.get_by_role("button", name="Trợ giúp").tap()
    expect(page.get_by_text("/help")).to_be_visible()
    question(page, "Giai đoạn nào?")


def test_the_focus_stays_with_who_types_or_changes_the_language(phone: tuple[Page, Watch], served: Served) -> None:
    page, _ = phone
    begin(page, served)
    field = page.get_by_role("textbox")
    field.fill("sai")
    page.keyboard.press("Enter")
    expect(page.locator(".error")).to_be_visible()
    expect(field).to_be_focused()
    page.locator("#language").focus()
    page.keyboard.press("Enter")
    question(page, "Which stage?")
    expect(page.locator("#language")).to_be_focused()


def month_talk(lang: str) -> Sequence[View]:
    calendar = Calendar("month", "2026", (Cell("2026-01"),), least="2020-03-10", most="2026-11-23")
    return [View(kind="question", lang=lang, path="q0", type="date", text="Tháng nào?", calendar=calendar, actions=NAVIGATION)]  # fmt: skip


def test_a_month_is_picked_within_what_the_form_allows(browser: Browser, tmp_path: Path) -> None:
    with Served(tmp_path, month_talk, FLOWS) as served:
        page, watch = phone_page(browser, served.url)
        page.goto(served.url)
        page.get_by_role("button", name="Bắt đầu").first.click()
        native = page.locator("input.native")
        assert [native.get_attribute(name) for name in ("type", "min", "max")] == ["month", "2020-03", "2026-11"]
        native.evaluate("one => { one.value = '2025-08'; one.dispatchEvent(new Event('change')); }")
        expect(page.locator(".field")).to_have_value("08/2025")
        page.context.close()
        assert watch.faults == []
