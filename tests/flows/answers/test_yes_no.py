import pytest

from flows.answers.command import COMMANDS, read_command
from flows.answers.yes_no import read_consent, read_yes_no

YES = [
    "có",
    "co",
    "ok",
    "oke",
    "okê",
    "ừ",
    "uh",
    "ừm",
    "dạ",
    "vâng",
    "đồng ý",
    "dong y",
    "đúng",
    "đúng rồi",
    "chuẩn",
    "rồi",
    "yes",
    "y",
    "được",
    "👍",
    "👍🏽",
    "1",
]
NO = [
    "không",
    "khong",
    "ko",
    "k",
    "hông",
    "không đồng ý",
    "khong dong y",
    "chưa",
    "thôi",
    "no",
    "n",
    "sai",
    "👎",
    "không có",
    "chưa có",
    "không phải",
]
BUTTONS = ("Tôi đồng ý", "Tôi không đồng ý")


@pytest.mark.parametrize("text", [*YES, "dạ có ạ", "có em ơi", "vâng đúng rồi ạ", "Có!", "CÓ", "ok luôn"])
def test_yes_is_yes(text: str) -> None:
    reading = read_yes_no(text)
    assert (reading.value, reading.certainty) == ("yes", "sure")


@pytest.mark.parametrize("text", [*NO, "dạ không ạ", "chưa ạ", "dạ thôi ạ", "Không.", "vâng không ạ"])
def test_no_is_no(text: str) -> None:
    reading = read_yes_no(text)
    assert (reading.value, reading.certainty) == ("no", "sure")


@pytest.mark.parametrize(
    "text",
    ["có thể", "không hẳn", "có nhưng không nhiều", "có hay không", "không biết", "chưa rõ ạ", "tùy", "được không"],
)
def test_neither_yes_nor_no_is_asked_again(text: str) -> None:
    reading = read_yes_no(text)
    assert (reading.value, reading.certainty) == (None, "vague")


@pytest.mark.parametrize(("text", "value"), [("không, bên em chưa đăng ký", "no"), ("có, bên em có 2 bằng", "yes")])
def test_a_sentence_that_begins_with_the_answer_is_read_back(text: str, value: str) -> None:
    reading = read_yes_no(text)
    assert (reading.value, reading.certainty) == (value, "confirm")


@pytest.mark.parametrize("text", ["kinh doanh", "5", "2", "", "🙂", "Hà Nội"])
def test_what_is_no_answer_to_yes_or_no_gives_none(text: str) -> None:
    assert read_yes_no(text).value is None


@pytest.mark.parametrize(
    "text", ["Tôi đồng ý", "tôi đồng ý.", "toi dong y", "TÔI ĐỒNG Ý", "Dạ, tôi đồng ý ạ", "“Tôi đồng ý”"]
)
def test_consent_is_the_whole_phrase(text: str) -> None:
    assert read_consent(text, *BUTTONS).value == "yes"


@pytest.mark.parametrize("text", ["Tôi không đồng ý", "toi khong dong y", "dạ tôi không đồng ý ạ"])
def test_refusing_consent_is_the_whole_phrase_too(text: str) -> None:
    assert read_consent(text, *BUTTONS).value == "no"


@pytest.mark.parametrize(
    "text",
    [
        *YES,
        *NO,
        "tôi đồng ý 👍",
        "tôi đồng ý nhưng không chia sẻ",
        "không tôi đồng ý",
        "ai bảo tôi đồng ý",
        "",
        "tôi đồng ý?",
    ],
)
def test_nothing_else_counts_as_consent(text: str) -> None:
    assert read_consent(text, *BUTTONS).value is None


@pytest.mark.parametrize(
    ("command", "word"), [(command, word) for command, words in COMMANDS.items() for word in words]
)
def test_every_command_is_known_with_politeness_around(command: str, word: str) -> None:
    for text in (word, word.upper(), f"{word} ạ", f"dạ {word} nhé" if not word.startswith("/") else word):
        assert read_command(text).value == command


def test_a_command_that_may_be_another_word_is_read_back() -> None:
    assert read_command("dừng").certainty == "sure"
    assert (read_command("dung").value, read_command("dung").certainty) == ("stop", "confirm")


@pytest.mark.parametrize(
    "text",
    [
        "vốn",
        "có",
        "không",
        "dừng chân ở Hà Nội",
        "em bỏ qua giai đoạn thử nghiệm",
        "quay lại thị trường",
        "",
        "đúng",
        "👍",
        "đừng",
    ],
)
def test_an_answer_is_no_command(text: str) -> None:
    assert read_command(text).value is None


def test_a_command_may_carry_the_name_of_the_bot() -> None:
    assert read_command("/boqua@khaosat_bot").value == "skip"
