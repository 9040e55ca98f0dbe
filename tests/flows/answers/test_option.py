import pytest

from flows.answers.option import Named, Options, read_option, read_options, read_rank

NEEDS = Options(
    Named(name, (label,))
    for name, label in {
        "capital": "Vốn, gọi vốn, tín dụng",
        "technology": "Đổi mới, ứng dụng, chuyển giao công nghệ",
        "digital": "Chuyển đổi số",
        "talent": "Nhân lực, đào tạo, cố vấn",
        "legal": "Pháp lý, thủ tục, thuế",
        "connection": "Kết nối cung – cầu, đối tác",
    }.items()
)
LEVELS = Options(
    Named(str(n), (f"Mức {n} – {word}",))
    for n, word in enumerate(("Chưa bắt đầu", "Khởi động", "Hình thành", "Dẫn dắt"))
)
BANDS = Options(
    Named(name, (label,))
    for name, label in {
        "a": "Dưới 300 triệu đồng",
        "b": "Từ 300 triệu đến 1 tỷ đồng",
        "c": "Trên 1 đến 3 tỷ đồng",
        "d": "Trên 3 đến 10 tỷ đồng",
    }.items()
)
AGREE = Options((Named("yes", ("Tôi đồng ý",)), Named("no", ("Tôi không đồng ý",))))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1", "capital"), ("2.", "technology"), ("số 3", "digital"), ("3️⃣", "digital"), ("thứ hai", "technology"), ("đầu tiên", "capital"), ("hai", "technology"),
        ("vốn", "capital"), ("von", "capital"), ("em cần vốn ạ", "capital"), ("nhân lực", "talent"), ("công nghệ", "technology"), ("chuyen doi so ạ", "digital"),
        ("chuyển đỗi số", "digital"), ("pháp lí", "legal"), ("PHÁP LÝ, THỦ TỤC, THUẾ", "legal"), ("talent", "talent"), ("cuối cùng", "connection"),
    ],
)  # fmt: skip
def test_an_option_is_known_by_number_label_part_or_near_miss(text: str, name: str) -> None:
    reading = read_option(text, NEEDS)
    assert (reading.value, reading.certainty) == (name, "sure")


@pytest.mark.parametrize("text", ["99", "0", "abcxyz", "", "🙂", "x"])
def test_what_is_no_option_gives_none(text: str) -> None:
    assert read_option(text, NEEDS).value is None


def test_a_number_that_is_a_label_and_a_place_is_asked_back() -> None:
    reading = read_option("2", LEVELS)
    assert reading.certainty == "vague"
    assert {each.value for each in reading.candidates} == {"2", "1"}
    assert read_option("mức 2", LEVELS).value == "2"


def test_figures_are_never_a_near_miss() -> None:
    assert read_option("trên 3 đến 10 tỷ", BANDS).value == "d"
    assert read_option("trên 3 đến 20 tỷ", BANDS).certainty != "sure"
    assert read_option("dưới 300 triệu", BANDS).value == "a"


@pytest.mark.parametrize(
    ("text", "name"), [("đồng ý", "yes"), ("không đồng ý", "no"), ("tôi đồng ý", "yes"), ("khong dong y", "no")]
)
def test_a_negation_is_never_overlooked(text: str, name: str) -> None:
    assert read_option(text, AGREE).value == name


def test_another_word_for_an_option_finds_it() -> None:
    options = [Named("hcm", ("Thành phố Hồ Chí Minh", "Sài Gòn", "tp hcm")), Named("hn", ("Hà Nội",))]
    assert read_option("sài gòn", options).value == "hcm"
    assert read_option("tp hcm", options).value == "hcm"


def test_marks_decide_between_two_options_that_differ_by_marks_alone() -> None:
    options = [Named("friend", ("bạn",)), Named("table", ("bàn",))]
    assert read_option("bàn", options).value == "table"
    assert [each.value for each in read_option("ban", options).candidates] == ["friend", "table"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1,3", "capital digital"), ("1 3 5", "capital digital legal"), ("3 và 1", "capital digital"), ("1, 3 và 5 ạ", "capital digital legal"),
        ("vốn và nhân lực", "capital talent"), ("Vốn, gọi vốn, tín dụng, Chuyển đổi số", "capital digital"), ("2", "technology"), ("vốn + công nghệ", "capital technology"),
    ],
)  # fmt: skip
def test_several_options_are_taken_in_the_order_of_the_question(text: str, names: str) -> None:
    reading = read_options(text, NEEDS)
    assert (reading.value, reading.certainty) == (names, "sure")


def test_all_and_a_span_are_read_back() -> None:
    assert (read_options("tất cả", LEVELS).value, read_options("tất cả", LEVELS).certainty) == ("0 1 2 3", "confirm")
    assert (read_options("1-3", NEEDS).value, read_options("1-3", NEEDS).certainty) == (
        "capital technology digital",
        "confirm",
    )


def test_the_piece_that_was_not_understood_is_told() -> None:
    reading = read_options("vốn, xyz", NEEDS)
    assert reading.value is None
    assert reading.facts["part"] == "xyz"


@pytest.mark.parametrize("text", ["2,1,3", "2 1 3", "2>1>3", "2 > 1 > 3", "công nghệ rồi đến vốn rồi chuyển đổi số"])
def test_a_ranking_keeps_its_order(text: str) -> None:
    reading = read_rank(text, NEEDS, 3)
    assert (reading.value, reading.certainty) == ("technology capital digital", "sure")


def test_a_ranking_must_be_whole() -> None:
    assert read_rank("1,1,2", NEEDS, 3).ask == "read.rank.twice"
    assert read_rank("1,2", NEEDS, 3).ask == "read.rank.missing"


def test_figures_without_anything_between_are_a_ranking_to_be_read_back() -> None:
    reading = read_rank("213", NEEDS, 3)
    assert (reading.value, reading.certainty) == ("technology capital digital", "confirm")
