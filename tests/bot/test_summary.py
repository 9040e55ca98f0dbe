import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.codebook import Codebook
from bot.i18n import words
from bot.summary import band, cut, masked, need, needs
from flows.model import Question
from flows.session import Scalar
from tests.bot.staff_forms import form

BOOK = Codebook(form())
RECORD: dict[str, Scalar] = {
    "about/consent": "yes",
    "about/venture": "Trà Sen Tây Hồ",
    "about/phone": "+84912345678",
    "about/needs": "capital market",
    "about/order": "market capital ip",
    "about/ward": "00166",
    "about/staff": 37,
    "about/amount": 1_500_000_000,
    "about/since": "2024-05-01",
    "about/where": "21.03 105.85",
    "about/deck": "01hfile",
    "about/size": "small",
    "about/greeting": "Chào Trà Sen Tây Hồ",
    "about/greeting_length": 19,
    "about/per_head": 40_540_540.5,
    "member[1]/member_name": "Nguyễn Thị Mai",
    "member[1]/age": 41,
    "member[1]/roles": "capital",
    "member[2]/age": 29,
    "member[2]/roles": "ip",
}


def lines(record: dict[str, Scalar], lang: str = "vi") -> dict[str, str]:
    return dict(masked(BOOK, record, lang, words()).lines)


def test_options_are_told_by_their_labels_in_the_readers_language() -> None:
    assert lines(RECORD)["… cần gì"] == "Vốn, Thị trường"
    assert lines(RECORD, "en")["Ward"] == "Cau Giay ward"
    assert lines(RECORD)["Xếp thứ tự"] == "1. Thị trường, 2. Vốn, 3. Sở hữu trí tuệ"


def test_a_calculation_is_told_by_the_list_that_bears_its_name() -> None:
    assert lines(RECORD)["Quy mô"] == "Nhỏ"


def test_numbers_are_told_as_a_span_of_round_ones() -> None:
    assert lines(RECORD)["Số người"] == "20 – 49"
    assert lines(RECORD)["Số vốn cần"] == "1.000.000.000 đồng (1 tỷ) – 2.000.000.000 đồng (2 tỷ)"


def test_a_date_is_told_by_its_month() -> None:
    assert lines(RECORD)["Từ ngày"] == "05/2024"
    assert "Từ ngày" not in lines({"about/since": "hôm sinh nhật chị Mai"})


def test_a_year_and_a_yes_or_no_are_told_as_they_are() -> None:
    flow = form().but(
        items=(
            Question(type="integer", name="founded", constraint=". <= int(format-date(today(), '%Y'))"),
            Question(type="calculate", name="is_young", calculation="if(${founded} > 2020, 1, 0)"),
            Question(type="calculate", name="age", calculation="2026 - ${founded}"),
        ),
        summary=("founded", "is_young", "age"),
    )
    told = masked(Codebook(flow), {"founded": 2021, "is_young": 1, "age": 5}, "vi", words()).lines
    assert told == (("founded", "2021"), ("is_young", "Có"), ("age", "5 – 9"))


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "0"), (1, "1"), (2, "2 – 4"), (9, "5 – 9"), (10, "10 – 19"), (-3, "-5 – -2"), (2.5, "2 – 5")],
)
def test_whole_numbers_have_spans_of_whole_numbers(value: float, told: str) -> None:
    assert lines({"about/staff": value})["Số người"] == told


def test_the_instances_of_a_repeat_are_told_together() -> None:
    assert lines(RECORD)["Lo việc gì"] == "Vốn, Sở hữu trí tuệ"


def test_what_is_personal_or_in_ones_own_words_is_not_told_even_when_the_form_names_it() -> None:
    told = set(lines(RECORD))
    assert not told & {"Đồng ý", "Tên dự án", "Số điện thoại", "Vị trí", "Tệp giới thiệu", "Họ tên"}
    assert not told & {"greeting", "greeting_length"}


def test_an_answer_outside_the_list_is_not_told() -> None:
    assert "Phường" not in lines({"about/ward": "nhà riêng ở Tây Hồ"})
    assert lines({"about/needs": "capital cần-gặp-chị-Mai"})["… cần gì"] == "Vốn"


def test_there_are_at_most_ten_lines() -> None:
    assert len(masked(BOOK, RECORD, "vi", words()).lines) <= 10


OPEN = {field.path for field in BOOK.fields if BOOK.may_leave(field)}
SECRETS = [field for field in BOOK.fields if not BOOK.may_leave(field)]
secret_words = (
    st.text(min_size=5, max_size=30).filter(lambda text: len(text.strip()) >= 5).map(lambda text: f"☂{text}☂")
)


@given(
    record=st.fixed_dictionaries({field.path.replace("member/", "member[1]/"): secret_words for field in BOOK.fields}),
    lang=st.sampled_from(["vi", "en", "fr"]),
)
def test_no_words_of_a_respondent_are_ever_told_wherever_they_wrote_them(record: dict[str, str], lang: str) -> None:
    told = " ".join(" ".join(line) for line in masked(BOOK, record, lang, words()).lines)
    assert "☂" not in told
    for value in record.values():
        assert value not in told


@given(value=st.integers(min_value=10_000_000, max_value=10**15))
def test_a_number_is_never_told_exactly_unless_it_is_an_edge_of_its_band(value: int) -> None:
    told = " ".join(lines({"about/staff": value}).values()).replace(".", "")
    low, high = band(value)
    assert str(value) not in told or value in {low, high - 1}


@given(
    record=st.dictionaries(
        st.sampled_from(sorted(RECORD)), st.sampled_from(["capital", "small", "00004", "yes", "Nguyễn Thị Mai"])
    )
)
def test_the_kept_part_of_a_record_tells_the_same_and_holds_nothing_that_is_kept_inside(
    record: dict[str, Scalar],
) -> None:
    kept = cut(BOOK, record)
    assert masked(BOOK, kept, "vi", words()) == masked(BOOK, record, "vi", words())
    assert not {path.replace("[1]", "").replace("[2]", "") for path in kept} - OPEN


@given(st.floats(min_value=1e-6, max_value=1e15))
def test_a_number_lies_within_its_band(value: float) -> None:
    low, high = band(value)
    assert low <= value < high
    assert high <= 2.5 * low * (1 + 1e-9)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0])
def test_what_is_no_number_has_an_empty_band(value: float) -> None:
    assert band(value) == (0, 0)


def test_a_digest_counts_the_first_select_of_the_summary() -> None:
    assert needs(BOOK, RECORD) == ("capital", "market")
    assert need(BOOK, "market", "en") == "Market"
    assert needs(Codebook(form(summary=("phone", "ward"))), RECORD) == ("00166",)
    assert needs(Codebook(form(summary=("consent", "phone"))), RECORD) == ()


def test_the_kept_part_fits_json() -> None:
    assert json.loads(json.dumps(cut(BOOK, RECORD))) == cut(BOOK, RECORD)
    assert SECRETS
