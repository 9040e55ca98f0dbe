"""Every state a card of the web chat can be in, in Vietnamese and English: for axe to read and for pictures."""

from collections.abc import Mapping
from functools import partial

from flows.session import Action, Calendar, Line, Matrix, MatrixRow, Option, Section, Shown, View
from tests.browser.house import options

NAVIGATION: tuple[Action, ...] = ("back", "skip", "later")


def states(lang: str) -> Mapping[str, View]:
    """The card on the page, by what it shows."""
    vi = lang == "vi"

    def w(vietnamese: str, english: str) -> str:
        return vietnamese if vi else english

    hint = w("Anh/chị viết ngắn gọn cũng được.", "A short answer will do.")
    ask = partial(View, kind="question", lang=lang, path="q0", progress=(3, 25))

    def question(text: str, **given: object) -> View:
        """A question with all that may stand around one."""
        return ask(text=text, **{"type": "text", "hint": hint, "actions": NAVIGATION, **given})  # type: ignore[arg-type]

    picks: tuple[Action, ...] = ("done", *NAVIGATION)
    which_stage = w("Giai đoạn nào?", "Which stage?")
    stages = options(w("Ý tưởng", "Idea"), w("Sản phẩm mẫu", "Prototype"), w("Có khách hàng đầu tiên", "First customers"), on=("o1",))  # fmt: skip
    needs = options(w("Vốn, gọi vốn, tín dụng", "Capital, fundraising, credit"), w("Chuyển đổi số", "Going digital"), w("Thị trường và xuất khẩu", "Markets and export"), on=("o0",))  # fmt: skip
    what_needs = w("Cần hỗ trợ gì?", "What support do you need?")
    stars = options(w("Rất kém", "Very poor"), w("Kém", "Poor"), w("Vừa", "Fair"), w("Tốt", "Good"), w("Rất tốt", "Very good"), on=("o3",))  # fmt: skip
    ranked = (Option("a", w("Vốn", "Capital"), place=1), Option("b", w("Nhân lực", "People")), Option("c", w("Thị trường", "Markets"), place=2))  # fmt: skip
    wards = options(*(w(f"Phường số {n}", f"Ward number {n}") for n in range(40)))
    which_ward = w("Phường nào?", "Which ward?")
    company = w("Tên doanh nghiệp của anh/chị?", "What is your company called?")
    staff = w("Số lao động?", "How many people work there?")
    capital = w("Vốn cần trong 12 tháng tới?", "Capital needed in the next 12 months?")
    sections = (
        Section(
            w("Doanh nghiệp", "Company"),
            (
                Line("q1", "1", company, Shown("text", w("Công ty Sao Mai", "Sao Mai Company"))),
                Line("q2", "2", staff, Shown("none")),
            ),
        ),
        Section("", (Line("q3", "3", capital, Shown("money", 1_500_000_000)),)),
    )
    return {
        "consent": question(w("Anh/chị có đồng ý để chúng tôi xử lý dữ liệu này không?", "Do you agree that we process these data?"), type="select_one", consent=True, required=True, options=options(w("Tôi đồng ý", "I agree"), w("Tôi không đồng ý", "I do not agree")), actions=(), notes=(w("Dữ liệu được giữ 24 tháng.", "The data are kept for 24 months."),)),
        "text": question(company, heading=w("Doanh nghiệp", "Company"), heading_new=True, why=w("Để gọi đúng tên khi liên hệ lại.", "To call you by your right name when we write back.")),
        "long text": question(w("Anh/chị kể thêm nhé?", "Would you tell us more?"), widget="multiline"),
        "standing answer": question(company, shown=Shown("text", "Cty Sao Mai"), raw="Cty Sao Mai"),
        "phone": question(w("Số điện thoại?", "Phone number?"), parse="phone_vn"),
        "email": question(w("Thư điện tử?", "E-mail?"), parse="email"),
        "number": question(staff, type="integer", quick=("1", "5", "10")),
        "money": question(capital, type="integer", parse="money_vi", quick=(w("500 triệu", "500 million"), w("1 tỷ", "1 billion"))),
        "date": question(w("Ngày thành lập?", "Date of founding?"), type="date", quick=(w("Hôm nay", "Today"),)),
        "time": question(w("Giờ nào tiện gọi?", "What time may we call?"), type="time"),
        "place": question(w("Trụ sở ở đâu?", "Where is your office?"), type="geopoint", locate=True),
        "month": question(w("Bắt đầu hoạt động từ tháng nào?", "Which month did it begin?"), type="date", calendar=Calendar("month", "2026", (), least="2020-01-01", most="2026-11-30")),
        "table": question(w("Tài chính", "Finance"), type="select_one", options=options(w("Chưa tốt", "Poor"), w("Được", "Fair"), w("Tốt", "Good")), matrix=Matrix((MatrixRow("q0", "0", w("Hỗ trợ pháp lý", "Legal support"), w("Tốt", "Good"), answered=True), MatrixRow("q1", "1", w("Tài chính", "Finance"), here=True), MatrixRow("q2", "2", w("Kết nối thị trường", "Market access"))), fill="o2", fill_label=w("Tốt", "Good"))),
        "short choice": question(which_stage, type="select_one", options=stages),
        "yes or no": question(w("Đã có doanh thu chưa?", "Any revenue yet?"), type="select_one", options=options(w("Có", "Yes"), w("Chưa", "Not yet"), on=("o1",))),
        "long choice": question(which_ward, type="select_one", options=wards, searchable=True, total=40),
        "paged choice": question(which_ward, type="select_one", options=wards[:7], searchable=True, total=200, pages=29, page=1),
        "toggles": question(what_needs, type="select_multiple", options=needs, most=2, actions=picks),
        "rank": question(w("Xin sắp xếp theo mức cần.", "Please rank by need."), type="rank", options=ranked, least=3, most=3, actions=picks),
        "stars": question(w("Đánh giá của anh/chị?", "Your rating?"), type="select_one", widget="stars", options=stars),
        "scale": question(w("Khả năng giới thiệu cho người khác?", "How likely to recommend us?"), type="range", options=options(*map(str, range(11)), on=("o7",))),
        "file": question(w("Hồ sơ giới thiệu?", "Pitch deck?"), type="file", accept=("pdf", "pptx"), max_mb=1.0),
        "photo": question(w("Ảnh sản phẩm?", "A photo of the product?"), type="image"),
        "acknowledge": question(w("Phần sau hỏi về vốn.", "The next part is about capital."), type="acknowledge"),
        "error": question(staff, type="integer", error_text=w("Xin anh/chị nhập một số từ 0 đến 10.000.", "Please give a number from 0 to 10,000.")),
        "error of a choice": question(what_needs, type="select_multiple", options=needs, most=2, error_text=w("Xin anh/chị chọn nhiều nhất 2 mục.", "Please choose at most 2."), actions=picks),
        "confirm": View(kind="confirm", lang=lang, path="q0", text=capital, shown=Shown("money", 1_500_000_000), raw="1,5 tỷ", progress=(9, 25), actions=("yes", "no", "back")),
        "add another": View(kind="add", lang=lang, path="member#more", heading=w("Thành viên", "Members"), text=w("Anh/chị có thêm một thành viên nữa không?", "Is there one more member?"), progress=(12, 25), actions=("add", "enough", "back")),
        "review": View(kind="review", lang=lang, sections=sections, notes=(w("Xin anh/chị xem lại trước khi gửi.", "Please look over your answers before sending."),), progress=(25, 25), actions=("submit", "back", "later")),
        "paused": View(kind="paused", lang=lang, text=w("Câu trả lời của anh/chị đã được giữ lại.", "Your answers have been kept."), progress=(9, 25), actions=("resume", "review")),
        "submitted": View(kind="submitted", lang=lang, text=w("Cảm ơn anh/chị! Chúng tôi sẽ liên hệ trong 5 ngày làm việc.", "Thank you! We shall be in touch within 5 working days."), raw="HN-2026-0042"),
        "ended": View(kind="ended", lang=lang, text=w("Cảm ơn anh/chị. Chúng tôi không giữ lại câu trả lời nào.", "Thank you. None of your answers were kept.")),
        "menu": View(kind="menu", lang=lang, text=w("Anh/chị muốn trả lời khảo sát nào?", "Which survey would you like to answer?"), options=options(w("Nhu cầu hỗ trợ", "Support needs"), w("Đánh giá bài viết", "Rate an article"))),
    }  # fmt: skip
