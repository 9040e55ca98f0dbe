"""A small form with everything that must stay inside, and records of it, for the tests of what staff see and take out."""

from flows.model import Chat, Choice, Flow, Group, Question, Repeat, Table


def label(vi: str, en: str) -> dict[str, str]:
    return {"vi": vi, "en": en}


CHOICES = {
    "need": (
        Choice(name="capital", label=label("Vốn", "Capital")),
        Choice(name="market", label=label("Thị trường", "Market")),
        Choice(name="ip", label=label("Sở hữu trí tuệ", "Intellectual property")),
    ),
    "agree": (
        Choice(name="yes", label=label("Tôi đồng ý", "I agree")),
        Choice(name="no", label=label("Tôi không đồng ý", "I do not agree")),
    ),
    "size": (
        Choice(name="micro", label=label("Siêu nhỏ", "Micro")),
        Choice(name="small", label=label("Nhỏ", "Small")),
    ),
}
WARDS = Table(
    columns=("code", "name", "name_en"),
    rows=(("00004", "Ba Đình", "Ba Dinh ward"), ("00166", "Cầu Giấy", "Cau Giay ward")),
)


def form(version: str = "1", *, summary: tuple[str, ...] | None = None) -> Flow:
    """Every kind of question; by default `summary` names all of them, the personal ones too."""
    flow = Flow(
        name="needs",
        version=version,
        title=label("Nhu cầu hỗ trợ", "Support needs"),
        default_language="vi",
        languages=("vi", "en"),
        choices=CHOICES,
        tables={"wards.csv": WARDS},
        items=(
            Group(
                name="about",
                label=label("Về doanh nghiệp", "Your company"),
                items=(
                    Question(
                        type="select_one",
                        name="consent",
                        list_name="agree",
                        pii="consent",
                        label=label("Đồng ý?", "Agree?"),
                    ),
                    Question(type="text", name="venture", label=label("Tên dự án?", "Name of the project?")),
                    Question(
                        type="text",
                        name="phone",
                        pii="basic",
                        label=label("Số điện thoại?", "Phone?"),
                        chat=Chat(parse="phone_vn"),
                    ),
                    Question(
                        type="select_multiple",
                        name="needs",
                        list_name="need",
                        label=label("${venture} cần gì?", "What does ${venture} need?"),
                    ),
                    Question(
                        type="rank", name="order", list_name="need", label=label("Xếp thứ tự?", "In which order?")
                    ),
                    Question(
                        type="select_one",
                        name="ward",
                        file="wards.csv",
                        parameters={"value": "code", "label": "name"},
                        label=label("Phường?", "Ward?"),
                    ),
                    Question(type="integer", name="staff", label=label("Số người?", "How many people?")),
                    Question(
                        type="integer",
                        name="amount",
                        label=label("Số vốn cần?", "Amount needed?"),
                        chat=Chat(parse="money_vi"),
                    ),
                    Question(type="date", name="since", label=label("Từ ngày?", "Since when?")),
                    Question(type="geopoint", name="where", label=label("Vị trí?", "Where?")),
                    Question(type="file", name="deck", label=label("Tệp giới thiệu?", "Deck?")),
                    Question(
                        type="calculate",
                        name="size",
                        calculation="if(${staff} <= 10, 'micro', 'small')",
                        label=label("Quy mô", "Size"),
                    ),
                    Question(type="calculate", name="greeting", calculation="concat('Chào ', ${venture})"),
                    Question(type="calculate", name="greeting_length", calculation="string-length(../greeting)"),
                    Question(
                        type="calculate",
                        name="per_head",
                        calculation="${amount} div ${staff}",
                        label=label("Trên đầu người", "Per head"),
                    ),
                ),
            ),
            Repeat(
                name="member",
                label=label("Thành viên", "Member"),
                items=(
                    Question(type="text", name="member_name", pii="basic", label=label("Họ tên?", "Name?")),
                    Question(type="integer", name="age", label=label("Tuổi?", "Age?")),
                    Question(
                        type="select_multiple",
                        name="roles",
                        list_name="need",
                        label=label("Lo việc gì?", "Looks after?"),
                    ),
                ),
            ),
        ),
    )
    names = tuple(q.name for q in flow.questions())
    return flow.but(summary=names if summary is None else summary)
