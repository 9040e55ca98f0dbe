"""Cards as Telegram shows them: inside every limit whatever is in them, and laid out as people expect."""

import json
from collections.abc import Sequence
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.channels.base import Address, Context, Incoming, Outgoing
from bot.channels.telegram import paper
from bot.channels.telegram.buttons import Buttons, Press
from bot.channels.telegram.limits import BUTTONS_MAX, COPY_MAX, DATA_MAX, ROW_MAX, TEXT_MAX, TOAST_MAX
from bot.channels.telegram.paper import Block, Run, cut, messages, pieces, plain, units
from bot.channels.telegram.render import Renderer
from bot.i18n import words
from flows.session import (
    Action,
    Calendar,
    Cell,
    Consented,
    Effect,
    Ended,
    Line,
    Matrix,
    MatrixRow,
    Option,
    Say,
    Section,
    Settle,
    Show,
    Shown,
    Submitted,
    Tell,
    View,
)
from tests.fake_telegram.entities import Formatted, parse_html

BUTTONS = Buttons(b"s" * 32)
RENDERER = Renderer(words(), BUTTONS)
HERE = Address("telegram", "1", "42")
SESSION = "01hzzzzzzzzzzzzzzzzzabc123"


def context(*, tap: str = "", session: str = SESSION, lang: str = "vi", **extra: str) -> Context:
    incoming = Incoming(HERE, ignored="x", tap=tap) if tap else None
    return Context(HERE, session, lang, incoming, extra)


def rendered(*effects: Effect, tap: str = "", **extra: str) -> list[Outgoing]:
    return RENDERER.render(effects, context(tap=tap, **extra))


def shown(view: View, **extra: str) -> Outgoing:
    """The one message that a view makes."""
    (made,) = rendered(Show(3, view), **extra)
    return made


def read(outgoing: Outgoing) -> Formatted:
    return parse_html(str(outgoing.body["text"]))


def labels(outgoing: Outgoing) -> list[list[str]]:
    return [[button["text"] for button in row] for row in outgoing.body["reply_markup"]["inline_keyboard"]]


def presses(outgoing: Outgoing) -> dict[str, Press | None]:
    rows = outgoing.body["reply_markup"]["inline_keyboard"]
    return {b["text"]: BUTTONS.read("42", b["callback_data"]) for row in rows for b in row if "callback_data" in b}


def options(*names: str, on: Sequence[str] = ()) -> tuple[Option, ...]:
    return tuple(Option(f"o{n}", name, name in on) for n, name in enumerate(names))


def question(**fields: Any) -> View:
    given_options = fields.get("options", ())
    base: dict[str, Any] = {
        "kind": "question",
        "lang": "vi",
        "ref": "2f",
        "type": "select_one",
        "text": "Ngành?",
        "total": len(given_options),
    }
    return View(**(base | fields))


# Limits.

texts = (
    st.text(max_size=40)
    | st.text("aệ👩‍👧<>&\"'\n ", max_size=3000)
    | st.sampled_from(("", " ", "\u200b", "<b>", "&lt;", "x" * 5000))
)
short_texts = st.text(max_size=30) | st.sampled_from(("", "<i>", "Đồng ý", "5", "n" * 200))
values = st.one_of(
    st.just(Shown("none")),
    st.builds(Shown, st.just("text"), texts),
    st.builds(Shown, st.just("number"), st.integers(-(10**15), 10**15)),
    st.builds(Shown, st.just("options"), st.just("x"), st.lists(short_texts, max_size=4).map(tuple)),
    st.builds(Shown, st.just("file"), st.just("f1")),
)
lines = st.builds(Line, path=short_texts, ref=st.sampled_from(("1", "2f.1", "abc")), label=texts, shown=values)
sections = st.builds(Section, title=short_texts, lines=st.lists(lines, max_size=12).map(tuple))
many_sections = st.integers(0, 130).map(
    lambda n: (
        Section(
            "S",
            tuple(Line(f"p{i}", f"{i:x}", f"Câu {i} " + "dài " * 30, Shown("text", "trả lời " * 40)) for i in range(n)),
        ),
    )
)
listed = st.lists(
    st.builds(
        Option,
        name=st.text(min_size=1, max_size=40),
        label=short_texts,
        on=st.booleans(),
        place=st.none() | st.integers(1, 20),
    ),
    max_size=100,
)
views = st.builds(
    View,
    kind=st.sampled_from(get_args(View.__annotations__["kind"])),
    lang=st.sampled_from(("vi", "en", "fr")),
    ref=st.sampled_from(("", "1", "2f.1.ff")),
    type=st.sampled_from(("text", "select_one", "select_multiple", "rank", "acknowledge", "geopoint", "image", "file")),
    widget=st.sampled_from(("", "stars", "nps", "share_phone")),
    parse=st.sampled_from(("", "phone_vn")),
    heading=short_texts,
    heading_new=st.booleans(),
    notes=st.lists(texts, max_size=3).map(tuple),
    text=texts,
    hint=texts,
    why=texts,
    error_text=texts,
    options=listed.map(tuple),
    page=st.integers(-1, 40),
    pages=st.integers(1, 20),
    total=st.integers(0, 200),
    searchable=st.booleans(),
    least=st.integers(0, 3),
    most=st.integers(0, 3),
    shown=st.none() | values,
    raw=short_texts,
    quick=st.lists(st.text(min_size=1, max_size=80), max_size=12).map(tuple),
    accept=st.lists(st.sampled_from(("pdf", "jpg")), max_size=2).map(tuple),
    max_mb=st.none() | st.just(5.0),
    actions=st.lists(st.sampled_from(get_args(Action)), unique=True).map(tuple),
    progress=st.none() | st.tuples(st.integers(0, 50), st.integers(0, 50)),
    sections=st.lists(sections, max_size=4).map(tuple) | many_sections,
)


@settings(max_examples=200, deadline=None)
@given(views, st.sampled_from(("show", "replace", "settle")), st.booleans())
def test_whatever_is_in_a_view_telegram_takes_it(view: View, how: str, tapped: bool) -> None:
    effect: Effect = Settle(3, view) if how == "settle" else Show(3, view, replace=how == "replace")
    for outgoing in rendered(effect, tap="77" if tapped else ""):
        if "text" in outgoing.body:
            formatted = read(outgoing)
            assert 1 <= units(formatted.text) <= TEXT_MAX
            assert formatted.oddities == []
            assert len(formatted.entities) <= 100
        for row in outgoing.body.get("reply_markup", {}).get("inline_keyboard", []):
            assert 1 <= len(row) <= ROW_MAX
            for button in row:
                assert button["text"].strip()
                assert ("callback_data" in button) != ("copy_text" in button)
                assert len(button.get("callback_data", "x").encode()) <= DATA_MAX
                assert 1 <= len(button.get("copy_text", {"text": "x"})["text"]) <= COPY_MAX
        rows = outgoing.body.get("reply_markup", {}).get("inline_keyboard", [])
        assert sum(map(len, rows)) <= BUTTONS_MAX
        json.dumps(outgoing.body)


@settings(max_examples=50, deadline=None)
@given(views)
def test_keyboards_are_what_python_telegram_bot_takes_them_for(view: View) -> None:
    for outgoing in rendered(Show(3, view)):
        markup = outgoing.body.get("reply_markup")
        if markup is not None and "inline_keyboard" in markup:
            assert InlineKeyboardMarkup.de_json(markup, None).to_dict() == markup
        elif markup is not None:
            assert ReplyKeyboardMarkup.de_json(markup, None).to_dict()["keyboard"] == [
                [dict(k) for k in row] for row in markup["keyboard"]
            ]


@given(st.text(), st.integers(2, 50))
def test_pieces_of_a_text_are_short_enough_and_the_whole_text_when_joined(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert "".join(found) == text
    assert all(units(piece) <= limit for piece in found)


@pytest.mark.parametrize("character", ["👩‍👩‍👧", "🇻🇳", "👍🏽", "e\u0323\u0302", "1️⃣"])
def test_what_people_see_as_one_character_is_never_cut(character: str) -> None:
    text = character * 400
    for piece in pieces(text, 50):
        assert piece == character * (len(piece) // len(character))


@given(st.lists(st.lists(st.text(max_size=60), min_size=1, max_size=4), max_size=5), st.integers(20, 80), st.booleans())
def test_messages_hold_every_word_and_no_mark_crosses_from_one_to_the_next(
    said: list[list[str]], limit: int, quote: bool
) -> None:
    blocks = [Block(tuple((Run(line, "b"), Run(line, "i")) for line in block), quote) for block in said]
    made = [parse_html(html) for html in messages(blocks, limit)]
    assert all(units(m.text) <= limit for m in made)
    wanted = "".join(line + line for block in said for line in block)
    assert _letters("".join(m.text for m in made)) == _letters(wanted)


@given(st.lists(st.lists(st.text(max_size=60), min_size=1, max_size=4), max_size=5), st.integers(20, 900))
def test_the_short_way_of_writing_a_message_comes_to_the_same(said: list[list[str]], limit: int) -> None:
    blocks = [Block(tuple((Run(line, "b"), Run(line)) for line in block)) for block in said]
    sheet = paper._Sheet(limit)
    for block in blocks:
        sheet.between_blocks()
        for line in block.lines:
            for part in paper._fitting(line, limit):
                sheet.write(part, quote=block.quote)
    assert paper._together(blocks, limit) in (None, sheet.finished())


def _letters(text: str) -> list[str]:
    return [character for character in text if character.isalnum() and character.isascii()]


def test_a_text_that_is_cut_says_so() -> None:
    assert cut("Nông nghiệp  công nghệ cao", 12) == "Nông nghiệp…"
    assert cut("ngắn", 12) == "ngắn"


# What a question looks like.


def test_a_table_is_written_out_and_its_rows_can_be_gone_to() -> None:
    rows = (
        MatrixRow("g/a", "3", "Giá", "Cao", answered=True),
        MatrixRow("g/b", "4", "Tốc độ", here=True),
        MatrixRow("g/c", "5", "Vị"),
    )
    view = question(
        heading="Đánh giá", matrix=Matrix(rows, "high", "Cao"), text="Tốc độ", options=options("Thấp", "Cao")
    )
    made = shown(view)
    assert read(made).text.split("\n\n") == ["Đánh giá", "✓ 1. Giá: Cao\n▶ 2. Tốc độ\n· 3. Vị", "Tốc độ"]
    assert labels(made) == [["Thấp", "Cao"], ["Các dòng còn lại: Cao"], ["✓1", "▶2", "3"]]
    assert presses(made)["✓1"] == Press("edit", "3", 3, "", "abc123")
    assert presses(made)["Các dòng còn lại: Cao"] == Press("fill", "2f", 3, "high", "abc123")


def test_a_table_of_sixty_rows_still_fits() -> None:
    rows = tuple(MatrixRow(f"g/{n}", f"{n:x}", f"Dòng {n} " + "dài " * 60, "Cao", here=n == 40) for n in range(60))
    made = shown(question(matrix=Matrix(rows, "high", "Cao"), options=options("Thấp", "Cao")))
    assert units(read(made).text) <= TEXT_MAX
    assert "▶ 41. Dòng 40" in read(made).text
    assert sum(map(len, labels(made))) <= BUTTONS_MAX


@pytest.mark.parametrize("widget", ["stars", "rating"])
def test_a_rating_shows_stars(widget: str) -> None:
    made = shown(question(type="range", widget=widget, options=options("1", "2", "3")))
    assert labels(made) == [["1 ⭐", "2 ⭐", "3 ⭐"]]


def test_why_is_a_button_until_it_was_pressed() -> None:
    made = shown(question(why="Để chia nhóm.", options=options("A")))
    assert "Để chia nhóm." not in read(made).text
    assert presses(made)["❔ Vì sao hỏi?"] == Press("why", "2f", 3, "", "abc123")
    made = shown(question(why="Để chia nhóm.", why_told=True, options=options("A")))
    assert "Để chia nhóm." in read(made).text
    assert labels(made) == [["A"]]


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "Câu 7/12 ▓"), (20, "· còn chưa đầy một phút ▓"), (200, "· còn khoảng 3 phút ▓")]
)
def test_progress_tells_the_time_left(seconds: int, told: str) -> None:
    assert told in read(shown(question(progress=(7, 12), left_s=seconds))).text


def test_the_answer_that_stands_is_marked_among_the_options() -> None:
    assert labels(shown(question(options=options("A", "B", on=("B",))))) == [["A", "✓ B"]]


def test_done_counts_what_is_chosen_of_what_may_be() -> None:
    toggles = options("A", "B", "C", on=("A", "B"))
    made = shown(question(type="select_multiple", options=toggles, most=3, actions=("done",)))
    assert labels(made)[-1] == ["Xong (đã chọn 2/3)"]


def test_from_zero_to_ten_is_two_rows_and_the_ends_are_told() -> None:
    made = shown(question(type="range", widget="nps", options=options(*map(str, range(11)))))
    assert labels(made) == [["0", "1", "2", "3", "4", "5"], ["6", "7", "8", "9", "10"]]
    assert "10 là chắc chắn có" in read(made).text


def test_a_list_that_words_have_narrowed_can_be_shown_whole_again() -> None:
    made = shown(question(options=options("Ba Đình", "Ba Vì"), total=126))
    assert presses(made)["Hiện tất cả"] == Press("page", "2f", 3, "0", "abc123")


def test_a_calendar_has_chips_a_title_that_zooms_out_and_weeks_from_monday() -> None:
    cells = tuple(Cell(f"2026-11-{day:02}", free=day <= 23, on=day == 5) for day in range(1, 31))
    chips = (("today", "2026-11-23"), ("yesterday", "2026-11-22"))
    calendar = Calendar("day", "2026-11", cells, most="2026-11-23", chips=chips)
    made = shown(question(type="date", calendar=calendar, quick=("23/11/2026", "01/01/2026")))
    assert labels(made) == [
        ["01/01/2026"],
        ["Hôm nay", "Hôm qua"],
        ["◀", "Tháng 11/2026 ▾"],
        ["T2", "T3", "T4", "T5", "T6", "T7", "CN"],
        ["·", "·", "·", "·", "·", "·", "1"],
        ["2", "3", "4", "✓5", "6", "7", "8"],
        ["9", "10", "11", "12", "13", "14", "15"],
        ["16", "17", "18", "19", "20", "21", "22"],
        ["23", "×24", "×25", "×26", "×27", "×28", "×29"],
        ["×30", "·", "·", "·", "·", "·", "·"],
    ]
    pressed = presses(made)
    assert pressed["◀"] == Press("turn", "2f", 3, "2026-10", "abc123")
    assert pressed["Tháng 11/2026 ▾"] == Press("turn", "2f", 3, "2026", "abc123")
    assert pressed["✓5"] == Press("pick", "2f", 3, "2026-11-05", "abc123")


def test_a_calendar_of_months_takes_one_and_of_years_leads_to_months() -> None:
    months = Calendar("month", "2026", tuple(Cell(f"2026-{month:02}") for month in range(1, 13)))
    made = shown(question(type="date", calendar=months))
    assert labels(made)[1] == ["Tháng 1", "Tháng 2", "Tháng 3"]
    assert presses(made)["Tháng 2"] == Press("pick", "2f", 3, "2026-02", "abc123")
    years = Calendar("month", "2016s", tuple(Cell(f"{year}") for year in range(2016, 2028)))
    made = shown(question(type="date", calendar=years))
    assert labels(made)[:2] == [["◀", "2016–2027", "▶"], ["2016", "2017", "2018", "2019"]]
    assert presses(made)["2019"] == Press("turn", "2f", 3, "2019", "abc123")


def test_a_question_reads_from_heading_to_progress() -> None:
    made = read(shown(question(
        heading="Doanh nghiệp", heading_new=True, notes=("Lưu ý",), hint="Chọn một", why="Để <gửi> đúng nơi", why_told=True,
        error=Say("format.none"), progress=(7, 12), actions=("back", "skip", "later"), options=options("May mặc"),
    )))  # fmt: skip
    assert made.text.split("\n\n") == [
        "Doanh nghiệp", "Lưu ý", "Ngành?", "Chọn một", "Vì sao có câu hỏi này: Để <gửi> đúng nơi", "⚠️ chưa trả lời", "Câu 7/12 ▓▓▓▓░░░░",
    ]  # fmt: skip
    assert [entity["type"] for entity in made.entities] == ["bold", "italic", "expandable_blockquote"]


def test_a_heading_is_said_once() -> None:
    assert read(shown(question(heading="Doanh nghiệp"))).text == "Ngành?"


def test_the_navigation_is_the_last_row_and_always_in_the_same_order() -> None:
    made = shown(question(actions=("later", "back", "skip"), options=options("A rất dài dòng", "B rất là dài dòng")))
    assert labels(made)[-1] == ["⬅ Quay lại", "⏭ Bỏ qua", "⏸ Để sau"]
    assert labels(shown(question(actions=("later", "back"), type="text")))[-1] == ["⬅ Quay lại", "⏸ Để sau"]


def test_short_labels_stand_two_in_a_row_and_one_long_one_makes_them_all_stand_alone() -> None:
    assert labels(shown(question(options=options("May mặc", "Nông nghiệp", "Khác nhau")))) == [
        ["May mặc", "Nông nghiệp"],
        ["Khác nhau"],
    ]
    assert labels(shown(question(options=options("May mặc", "Công nghệ thông tin")))) == [
        ["May mặc"],
        ["Công nghệ thông tin"],
    ]


def test_small_numbers_stand_in_even_rows() -> None:
    nps = question(type="range", widget="nps", options=options(*(str(n) for n in range(11))))
    assert [len(row) for row in labels(shown(nps))] == [6, 5]
    stars = question(widget="stars", options=options("1", "2", "3", "4", "5"))
    assert labels(shown(stars)) == [["1 ⭐", "2 ⭐", "3 ⭐", "4 ⭐", "5 ⭐"]]


def test_a_label_too_long_for_a_button_is_also_written_out() -> None:
    long = "Hỗ trợ kết nối với các quỹ đầu tư mạo hiểm trong nước và quốc tế cho giai đoạn đầu"
    made = shown(question(options=options(long, "Khác")))
    assert labels(made)[0][0].endswith("…")
    assert f"• {long}" in read(made).text


def test_toggles_say_the_state_they_lead_to_and_done_counts_them() -> None:
    made = shown(question(type="select_multiple", options=options("Vốn", "Nhân lực", on=("Vốn",)), actions=("done",)))
    assert labels(made) == [["☑ Vốn", "☐ Nhân lực"], ["Xong (đã chọn 1)"]]
    found = presses(made)
    assert (found["☑ Vốn"], found["☐ Nhân lực"]) == (
        Press("off", "2f", 3, "o0", "abc123"),
        Press("on", "2f", 3, "o1", "abc123"),
    )
    assert labels(shown(question(type="select_multiple", options=options("Vốn"), actions=("done",)))) == [
        ["☐ Vốn"],
        ["Xong"],
    ]


def test_ranks_wear_their_place() -> None:
    ranked = (
        Option("a", "Vốn", on=True, place=2),
        Option("b", "Đất", on=True, place=10),
        Option("c", "Máy", on=True, place=12),
        Option("d", "Người"),
    )
    made = shown(question(type="rank", options=ranked, actions=("done",)))
    assert labels(made) == [["2️⃣ Vốn", "🔟 Đất"], ["(12) Máy", "Người"], ["Xong (đã chọn 3)"]]


@pytest.mark.parametrize(("count", "rows"), [(8, 8), (9, 8), (100, 8)])
def test_more_than_eight_options_come_in_pages_of_seven(count: int, rows: int) -> None:
    listed = options(*(f"Một lựa chọn dài số {n}" for n in range(count)))
    pages = -(-count // 7)
    made = shown(question(options=listed, pages=pages, searchable=count > 8))
    assert len(labels(made)) == rows
    assert ("gõ vài chữ để tìm" in read(made).text) == (count > 8)


def test_pages_turn_within_their_ends() -> None:
    listed = options(*(f"Một lựa chọn dài số {n}" for n in range(20)))
    first, middle, last = (shown(question(options=listed, pages=3, page=page)) for page in (0, 1, 7))
    assert labels(first)[-1] == ["1/3", "▶"]
    assert labels(middle)[-1] == ["◀", "2/3", "▶"]
    assert labels(last)[-1] == ["◀", "3/3"]
    assert [row[0] for row in labels(middle)[:7]] == [f"Một lựa chọn dài số {n}" for n in range(7, 14)]
    assert presses(middle)["▶"] == Press("page", "2f", 3, "2", "abc123")


def test_a_list_that_comes_page_by_page_is_not_cut_again() -> None:
    made = shown(
        question(options=options(*(f"Phường số {n} của Hà Nội" for n in range(7))), total=126, pages=18, page=4)
    )
    assert len(labels(made)) == 8
    assert labels(made)[-1] == ["◀", "5/18", "▶"]


def test_quick_replies_are_buttons_under_the_options() -> None:
    made = shown(question(type="date", quick=("23/11/2026", "22/11/2026")))
    assert labels(made) == [["23/11/2026", "22/11/2026"]]
    assert presses(made)["23/11/2026"] == Press("pick", "2f", 3, "23/11/2026", "abc123")


def test_consent_has_two_equal_buttons() -> None:
    made = shown(question(consent=True, options=options("Đồng ý", "Không đồng ý"), actions=()))
    (row,) = made.body["reply_markup"]["inline_keyboard"]
    assert [button["text"] for button in row] == ["Đồng ý", "Không đồng ý"]
    assert all("style" not in button for button in row)


def test_a_reading_is_read_back_with_yes_and_no() -> None:
    view = View(
        kind="confirm",
        lang="vi",
        ref="2f",
        text="Doanh thu?",
        shown=Shown("money", 1_500_000_000),
        actions=("yes", "no", "back"),
    )
    made = shown(view)
    assert "→ 1.500.000.000 đồng (1,5 tỷ)" in read(made).text
    assert labels(made) == [["Đúng", "Chưa đúng"], ["⬅ Quay lại"]]


def test_another_instance_is_offered_with_add_and_enough() -> None:
    made = shown(
        View(kind="add", lang="en", ref="5", text="Members", total=2, actions=("add", "enough", "back", "later"))
    )
    assert "2 so far" in read(made).text
    assert labels(made) == [["➕ Add one", "No more"], ["⬅ Back", "⏸ Later"]]


def test_an_answered_question_shrinks_to_a_line_with_one_button() -> None:
    view = View(
        kind="settled",
        lang="vi",
        ref="2f",
        text="Ngành <chính>",
        shown=Shown("options", "x", ("May mặc",)),
        actions=("edit",),
    )
    (made,) = rendered(Settle(3, view))
    assert read(made).text == "✔ Ngành <chính>: May mặc"
    assert labels(made) == [["✏ Sửa"]]
    assert presses(made)["✏ Sửa"] == Press("edit", "2f", 3, "", "abc123")
    assert (made.method, made.card, made.edit, made.drop_if_unsent) == ("editMessageText", f"{SESSION}:3", True, True)


def test_a_review_that_is_left_shrinks_to_a_line_of_our_own() -> None:
    (made,) = rendered(Settle(3, View(kind="settled", lang="vi", text="")))
    assert read(made).text == "✔ Đã xem lại các câu trả lời"
    assert "reply_markup" not in made.body


def test_a_card_is_sent_once_and_edited_in_place_afterwards() -> None:
    (new,) = rendered(Show(3, question()))
    (changed,) = rendered(Show(3, question(), replace=True))
    assert (new.method, new.card, new.edit) == ("sendMessage", f"{SESSION}:3", False)
    assert (changed.method, changed.card, changed.edit) == ("editMessageText", f"{SESSION}:3", True)
    assert new.body == changed.body


def test_a_long_card_keeps_the_question_beside_its_buttons() -> None:
    made = rendered(Show(3, question(notes=("Lưu ý. " * 700,), options=options("A", "B"))))
    assert len(made) == 3
    assert [bool(one.card) for one in made] == [False, False, True]
    assert read(made[-1]).text == "Ngành?"
    assert "reply_markup" not in made[0].body


# The end of a talk.


def review(count: int, **fields: Any) -> View:
    rows = tuple(Line(f"p{n}", f"{n:x}", f"Câu hỏi số {n}", Shown("text", f"đáp {n}")) for n in range(count))
    half = count // 2
    return View(
        kind="review",
        lang="vi",
        sections=(Section("Phần A", rows[:half]), Section("Phần B", rows[half:])),
        actions=("submit", "back", "later"),
        **fields,
    )


def test_the_review_shows_every_answer_with_a_button_and_submit_in_green() -> None:
    made = shown(review(5))
    assert labels(made) == [
        ["✏ Câu hỏi số 0", "✏ Câu hỏi số 1"],
        ["✏ Câu hỏi số 2", "✏ Câu hỏi số 3"],
        ["✏ Câu hỏi số 4"],
        ["Gửi phiếu"],
        ["⬅ Quay lại", "⏸ Để sau"],
    ]
    formatted = read(made)
    assert [formatted.text.count(f"đáp {n}") for n in range(5)] == [1] * 5
    assert [e["type"] for e in formatted.entities].count("expandable_blockquote") == 2
    styles = [
        b.get("style") for row in made.body["reply_markup"]["inline_keyboard"] for b in row if b["text"] == "Gửi phiếu"
    ]
    assert styles == ["success"]
    assert presses(made)["✏ Câu hỏi số 3"] == Press("edit", "3", 3, "", "abc123")


def test_many_answers_are_told_apart_by_number() -> None:
    made = shown(review(12))
    assert labels(made)[0] == ["✏ 1", "✏ 2", "✏ 3", "✏ 4", "✏ 5"]
    assert presses(made)["✏ 12"] == Press("edit", "b", 3, "", "abc123")
    assert "12. Câu hỏi số 11: đáp 11" in read(made).text


def test_a_review_of_a_hundred_answers_comes_in_pages_and_each_answer_is_on_one() -> None:
    seen: list[int] = []
    for page in range(3):
        made = shown(review(100, page=page))
        seen += [int(label.removeprefix("✏ ")) for row in labels(made) for label in row if label.startswith("✏ ")]
        assert f"{page + 1}/3" in {label for row in labels(made) for label in row}
        assert ["Gửi phiếu"] in labels(made)
    assert seen == list(range(1, 101))


@pytest.mark.parametrize("text", ["Cảm ơn! Mã phiếu {receipt} nhé.", "Cảm ơn!", "Cảm ơn! Mã phiếu HN-26-000123-C nhé."])
def test_the_receipt_number_is_code_and_can_be_copied(text: str) -> None:
    made = shown(View(kind="submitted", lang="vi", text=text), receipt="HN-26-000123-C")
    formatted = read(made)
    assert formatted.text.count("HN-26-000123-C") == 1
    assert [entity["type"] for entity in formatted.entities] == ["code"]
    assert made.body["reply_markup"]["inline_keyboard"] == [
        [{"text": "📋 Chép mã phiếu", "copy_text": {"text": "HN-26-000123-C"}}]
    ]


def test_a_receipt_number_may_also_come_with_the_view() -> None:
    made = shown(View(kind="submitted", lang="vi", text="Cảm ơn!", raw="HN-26-000123-C"))
    assert "Mã phiếu: HN-26-000123-C" in read(made).text


def test_a_pause_says_that_nothing_is_lost_and_how_to_go_on() -> None:
    made = shown(View(kind="paused", lang="vi", text="Nhu cầu hỗ trợ", actions=("resume",), progress=(3, 9)))
    assert "vẫn được giữ" in read(made).text
    assert labels(made) == [["▶ Tiếp tục"]]


def test_a_menu_opens_surveys_by_their_whole_name() -> None:
    view = View(
        kind="menu",
        lang="vi",
        text="Chọn khảo sát",
        error=Say("format.none"),
        options=(Option("startup_support_needs", "Nhu cầu"),),
        total=1,
    )
    (made,) = RENDERER.render((Show(0, view),), context(session=""))
    assert presses(made)["Nhu cầu"] == Press("open", arg="startup_support_needs")
    assert made.card == ""
    assert read(made).text == "⚠️ chưa trả lời\n\nChọn khảo sát"


def test_words_in_between_are_no_card() -> None:
    (made,) = rendered(Show(0, View(kind="message", lang="vi", heading="Khảo sát", text="Xin chào")))
    assert made.card == ""
    assert read(made).text == "Khảo sát\n\nXin chào"


# Sharing, telling, acknowledging.


@pytest.mark.parametrize(
    ("fields", "asks"),
    [
        ({"type": "text", "widget": "share_phone", "parse": "phone_vn"}, "request_contact"),
        ({"type": "geopoint", "locate": True}, "request_location"),
        ({"type": "select_one", "locate": True}, "request_location"),
    ],
)
def test_a_question_answered_by_sharing_has_a_short_message_with_that_key(fields: dict[str, Any], asks: str) -> None:
    card, sharing = rendered(Show(3, question(actions=("back",), **fields)))
    assert labels(card) == [["⬅ Quay lại"]]
    ((key,),) = sharing.body["reply_markup"]["keyboard"]
    assert key[asks] is True
    assert sharing.body["reply_markup"]["one_time_keyboard"] is True
    assert sharing.card == f"{SESSION}:3:share"
    (changed,) = rendered(Show(3, question(**fields), replace=True))
    assert changed.edit


def test_the_message_with_the_key_is_deleted_when_the_card_is_settled() -> None:
    view = View(
        kind="settled",
        lang="vi",
        ref="2f",
        type="text",
        parse="phone_vn",
        text="Điện thoại",
        shown=Shown("text", "+84912345678"),
    )
    _, deleted = rendered(Settle(3, view))
    assert (deleted.method, deleted.card, deleted.edit, deleted.drop_if_unsent) == (
        "deleteMessage",
        f"{SESSION}:3:share",
        True,
        True,
    )


def test_every_tap_is_acknowledged_exactly_once_and_never_kept() -> None:
    for effects in (
        (),
        (Show(3, question()),),
        (Tell(Say("format.none")), Show(3, question()), Tell(Say("telegram.done"))),
    ):
        made = rendered(*effects, tap="77")
        acknowledged = [one for one in made if one.method == "answerCallbackQuery"]
        assert len(acknowledged) == 1
        assert acknowledged[0] is made[0]
        assert not acknowledged[0].durable
        assert acknowledged[0].body["callback_query_id"] == "77"
        assert all(one.durable for one in made[1:])


def test_what_is_told_after_a_tap_floats_by_and_after_words_is_a_message() -> None:
    (toast,) = rendered(Tell(Say("format.none")), tap="77")
    assert toast.body["text"] == "chưa trả lời"
    (said,) = rendered(Tell(Say("format.none")))
    assert (said.method, said.body["text"], said.durable) == ("sendMessage", "chưa trả lời", True)


def test_what_is_too_long_to_float_by_is_a_message() -> None:
    long = Tell(Say("format.vnd", {"amount": "1" * TOAST_MAX}))
    toast, said = rendered(long, tap="77")
    assert "text" not in toast.body
    assert said.body["text"].startswith("1" * TOAST_MAX)


def test_evidence_and_records_are_nothing_to_send() -> None:
    effects = (
        Consented("c", given=True, text_shown="x", lang="vi", button="y"),
        Submitted({"a": 1}),
        Ended("ended", forget=False),
    )
    assert rendered(*effects) == []


def test_link_previews_are_off_and_nothing_a_person_wrote_becomes_a_tag() -> None:
    made = shown(question(text="<b>Tên</b> & https://example.vn", options=options("<i>x</i>")))
    assert made.body["link_preview_options"] == {"is_disabled": True}
    assert made.body["text"] == "&lt;b&gt;Tên&lt;/b&gt; &amp; https://example.vn"
    assert read(made).entities == []
    assert labels(made) == [["<i>x</i>"]]


def test_plain_text_keeps_its_line_breaks() -> None:
    assert messages([plain("a\nb\n\nc")]) == ["a\nb\n\nc"]


def test_a_card_sent_again_takes_the_buttons_from_its_copy_above() -> None:
    view = View(kind="question", lang="vi", path="q", ref="0", type="text", text="Tên?", actions=("back",))
    out = rendered(Show(3, view, again=True))
    assert [o.method for o in out] == ["editMessageReplyMarkup", "deleteMessage", "sendMessage"]
    assert all(o.edit and o.drop_if_unsent for o in out[:2])
    assert out[0].card == out[2].card
