"""The web chat as a channel: what its events mean, and what its cards say."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Address, Context, Incoming, Outgoing, Update
from bot.channels.web import WebChannel
from bot.i18n import words
from flows.session import (
    Action,
    Calendar,
    Cell,
    Effect,
    Event,
    Line,
    Located,
    Matrix,
    MatrixRow,
    Op,
    Option,
    Say,
    Section,
    Sent,
    Settle,
    Show,
    Shown,
    Spoke,
    Submitted,
    Tapped,
    Tell,
    Typed,
    View,
)

WEB = WebChannel(words())
HERE = Address("web", "web", "c1")
AT = 1_795_000_000_000

INCOMING: dict[str, tuple[object, Incoming]] = {
    "a survey is opened": ({"type": "open", "flow": "needs", "lang": "en"}, Incoming(HERE, open_flow="needs", lang="en")),
    "words": ({"type": "typed", "text": "1,5 tỷ", "card": "s1:3", "ref": "a"}, Incoming(HERE, event=Typed(AT, "1,5 tỷ", path="#a"), session="s1")),
    "words to nobody in particular": ({"type": "typed", "text": "chào"}, Incoming(HERE, event=Typed(AT, "chào"))),
    "a tapped option": ({"type": "tapped", "op": "pick", "arg": "seed", "card": "s1:3", "ref": "a.2"}, Incoming(HERE, event=Tapped(AT, "pick", "#a.2", "seed", 3), session="s1")),
    "checkboxes": ({"type": "tapped", "op": "set", "arg": "a b", "card": "s1:3"}, Incoming(HERE, event=Tapped(AT, "set", None, "a b", 3), session="s1")),
    "a button that no card has": ({"type": "tapped", "op": "drop table"}, Incoming(HERE, ignored="unknown")),
    "a place": ({"type": "located", "lat": 21.03, "lon": 105.85, "accuracy": 12}, Incoming(HERE, event=Located(AT, 21.03, 105.85, 12.0))),
    "a place of unknown accuracy": ({"type": "located", "lat": 21, "lon": 105}, Incoming(HERE, event=Located(AT, 21.0, 105.0, None))),
    "a place off the globe": ({"type": "located", "lat": 91, "lon": 105}, Incoming(HERE, ignored="unknown")),
    "a place that is no number": ({"type": "located", "lat": "21", "lon": True}, Incoming(HERE, ignored="unknown")),
    "another language": ({"type": "spoke", "lang": "en"}, Incoming(HERE, event=Spoke(AT, "en"))),
    "a file that is kept already": (
        {"type": "sent", "media": "image", "file": "f1", "name": "a.jpg", "mime": "image/jpeg", "size": 9, "sha256": "ab", "card": "s1:3"},
        Incoming(HERE, event=Sent(AT, "image", "f1", "a.jpg", "image/jpeg", 9), session="s1", media={"sha256": "ab"}),
    ),
    "a file of no kind": ({"type": "sent", "media": "exe", "file": "f1"}, Incoming(HERE, ignored="unknown")),
    "a command": ({"type": "command", "name": "privacy"}, Incoming(HERE, command="privacy")),
    "a typed command": ({"type": "typed", "text": "/language en"}, Incoming(HERE, command="language", argument="en")),
    "a typed command in Vietnamese": ({"type": "typed", "text": "/TroGiup"}, Incoming(HERE, command="help")),
    "an unknown command asks for help": ({"type": "typed", "text": "/xyz abc"}, Incoming(HERE, command="help")),
    "a lone slash is an answer": ({"type": "typed", "text": "/ "}, Incoming(HERE, event=Typed(AT, "/ "))),
    "an odd card number": ({"type": "tapped", "op": "done", "card": "s1:１２"}, Incoming(HERE, event=Tapped(AT, "done"), session="s1")),
    "nothing": ({}, Incoming(HERE, ignored="unknown")),
    "a list": ([1, 2], Incoming(HERE, ignored="unknown")),
}  # fmt: skip


def update(body: str) -> Update:
    return Update("web", "web", "k", "c1", body, AT)


def render(*effects: Effect, event: Event | None = None, lang: str = "vi") -> list[Outgoing]:
    return WEB.render(effects, Context(HERE, "s1", lang, Incoming(HERE, event=event)))


def card(view: View) -> dict[str, Any]:
    return dict(render(Show(1, view))[0].body)


@pytest.mark.parametrize("name", INCOMING)
def test_an_event_of_the_page_means(name: str) -> None:
    body, meaning = INCOMING[name]
    assert WEB.read(update(json.dumps(body))) == meaning


@pytest.mark.parametrize(
    "body", ["", "{", "[" * 100_000, '{"type": "located", "lat": NaN, "lon": 1e999}', '{"a": ' + "9" * 5000 + "}"]
)
def test_a_body_that_is_no_event_is_ignored(body: str) -> None:
    assert WEB.read(update(body)).ignored in {"malformed", "unknown"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "card", "ref", "op", "lat", "text"]), inner)
    ),
    max_leaves=8,
)
KINDS = ["open", "typed", "tapped", "located", "spoke", "sent", "command"]


@given(
    st.dictionaries(
        st.sampled_from(["text", "card", "ref", "op", "arg", "lat", "lon", "lang", "flow", "name", "media", "size"]),
        JSON,
    ),
    st.sampled_from(KINDS),
)
def test_reading_never_raises(body: dict[str, Any], kind: str) -> None:
    incoming = WEB.read(update(json.dumps({**body, "type": kind})))
    meanings = [incoming.event is not None, bool(incoming.command), bool(incoming.open_flow), bool(incoming.ignored)]
    assert sum(meanings) <= 1


def test_every_op_of_the_engine_can_be_tapped() -> None:
    for op in get_args(Op):
        assert WEB.read(update(json.dumps({"type": "tapped", "op": op}))).event == Tapped(AT, op)


def test_every_action_has_a_label_in_every_language() -> None:
    actions = get_args(Action)
    for lang in ("vi", "en"):
        shown = card(View(kind="question", lang=lang, actions=actions))
        assert [action["op"] for action in shown["actions"]] == list(actions)
        assert all(action["label"] and not action["label"].startswith("web.") for action in shown["actions"])


def test_a_new_card_is_a_card_and_a_changed_one_an_edit() -> None:
    view = View(kind="question", lang="vi", text="Tên?")
    new, changed, settled = render(
        Show(2, view), Show(2, view, replace=True), Settle(2, View(kind="settled", lang="vi", text="Tên?"))
    )
    assert [(o.method, o.card, o.edit) for o in (new, changed, settled)] == [
        ("card", "s1:2", False),
        ("edit", "s1:2", True),
        ("edit", "s1:2", True),
    ]


def test_words_beside_the_questions_are_never_edited() -> None:
    hello = render(Show(0, View(kind="message", lang="vi", heading="Khảo sát", text="Chào anh/chị!")))[0]
    assert (hello.method, hello.card, hello.body["heading"]) == ("card", "", "Khảo sát")


def test_what_belongs_to_the_books_is_not_shown() -> None:
    assert render(Submitted({"a": "b"})) == []


def test_words_that_were_not_taken_stand_as_a_bubble() -> None:
    again = Show(2, View(kind="question", lang="vi", path="a", text="Bao nhiêu?", error_text="Chưa rõ."), replace=True)
    echo, shown = render(again, event=Typed(AT, " nhiều lắm "))
    assert (echo.method, echo.body["text"], shown.body["error"]) == ("echo", "nhiều lắm", "Chưa rõ.")


def test_words_that_were_taken_stand_on_their_receipt_alone() -> None:
    settled = Settle(
        2,
        View(
            kind="settled", lang="vi", path="a", text="Doanh thu?", shown=Shown("money", 1_500_000_000), raw="1 tỷ rưỡi"
        ),
    )
    out = render(settled, Show(3, View(kind="question", lang="vi")), event=Typed(AT, "1 tỷ rưỡi"))
    assert [o.method for o in out] == ["edit", "card"]
    assert (out[0].body["answer"], out[0].body["raw"]) == ("1.500.000.000 đồng (1,5 tỷ)", "1 tỷ rưỡi")


def test_words_that_read_as_they_were_written_are_not_told_twice() -> None:
    out = render(
        Settle(
            2, View(kind="settled", lang="vi", path="a", text="Tên?", shown=Shown("text", "Sao Mai"), raw="Sao Mai ")
        )
    )
    assert out[0].body["raw"] == ""


def test_a_file_is_shown_by_its_name() -> None:
    settled = View(
        kind="settled", lang="vi", path="a", type="file", text="Hồ sơ?", shown=Shown("file", "01hx…"), raw="hồ sơ.pdf"
    )
    assert render(Settle(2, settled))[0].body["answer"] == "hồ sơ.pdf"


def test_a_question_passed_over_says_so() -> None:
    settled = View(kind="settled", lang="en", path="a", text="Name?", shown=Shown("none"))
    assert render(Settle(2, settled), lang="en")[0].body["answer"] == words().say("en", "format.none")


def test_what_is_said_after_a_tap_is_a_toast_and_after_words_a_message() -> None:
    say = Tell(Say("engine.stale"))
    assert render(say, event=Tapped(AT, "done"))[0].body["toast"] is True
    echo, told = render(say, event=Typed(AT, "abc"))
    assert (echo.method, told.method, told.body["toast"]) == ("echo", "tell", False)


def test_a_file_or_place_that_no_question_takes_is_shown_as_sent() -> None:
    again = Show(2, View(kind="question", lang="vi", text="Tên?"), replace=True)
    assert render(again, event=Sent(AT, "image", "f1", "ảnh.jpg", "image/jpeg", 9))[0].body == {
        "lang": "vi",
        "kind": "file",
        "text": "ảnh.jpg",
    }
    assert render(again, event=Located(AT, 21.0285, 105.8542))[0].body["text"] == "21.02850, 105.85420"


FIELDS = {
    "a name": (View(kind="question", lang="vi", type="text"), "text"),
    "a long text": (View(kind="question", lang="vi", type="text", widget="multiline"), "long"),
    "a phone": (View(kind="question", lang="vi", type="text", parse="phone_vn"), "tel"),
    "an address of mail": (View(kind="question", lang="vi", type="text", parse="email"), "email"),
    "a sum": (View(kind="question", lang="vi", type="integer", parse="money_vi"), "money"),
    "a whole number": (View(kind="question", lang="vi", type="integer"), "integer"),
    "a number": (View(kind="question", lang="vi", type="decimal"), "decimal"),
    "a date": (View(kind="question", lang="vi", type="date"), "date"),
    "a long list": (View(kind="question", lang="vi", type="select_one", searchable=True), "search"),
    "a short list": (View(kind="question", lang="vi", type="select_one"), "free"),
    "a consent takes no words": (View(kind="question", lang="vi", type="select_one", consent=True), "none"),
    "a photo takes no words": (View(kind="question", lang="vi", type="image"), "none"),
    "a reading may be said again": (View(kind="confirm", lang="vi"), "free"),
    "the review takes taps": (View(kind="review", lang="vi"), "none"),
}


@pytest.mark.parametrize("name", FIELDS)
def test_the_field_people_type_into_fits_the_question(name: str) -> None:
    view, field = FIELDS[name]
    assert card(view)["input"] == field


YES_NO = (Option("yes", "Có"), Option("no", "Không"))
THREE = (Option("a", "Một"), Option("b", "Hai"), Option("c", "Ba"))
LOOKS = {
    "one of several": (View(kind="question", lang="vi", type="select_one", options=THREE), "choices"),
    "yes or no": (View(kind="question", lang="vi", type="select_one", options=YES_NO), "equal"),
    "a consent": (
        View(kind="question", lang="vi", type="select_one", options=(*YES_NO, Option("x", "Chưa biết")), consent=True),
        "equal",
    ),
    "several of several": (View(kind="question", lang="vi", type="select_multiple", options=THREE), "toggles"),
    "an order": (View(kind="question", lang="vi", type="rank", options=THREE), "rank"),
    "stars": (View(kind="question", lang="vi", type="select_one", widget="stars", options=THREE), "stars"),
    "a range of figures": (
        View(kind="question", lang="vi", type="range", options=tuple(Option(str(n), str(n)) for n in range(11))),
        "scale",
    ),
    "a photo": (View(kind="question", lang="vi", type="image"), "upload"),
    "something to be read": (View(kind="question", lang="vi", type="acknowledge"), "acknowledge"),
    "words": (View(kind="question", lang="vi", type="text"), ""),
    "surveys to choose from": (View(kind="menu", lang="vi", options=THREE), "choices"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_options_look_like(name: str) -> None:
    view, look = LOOKS[name]
    assert card(view)["look"] == look


def test_a_list_that_is_sent_whole_is_not_paged() -> None:
    whole = View(kind="question", lang="vi", type="select_one", options=THREE, total=3, pages=1)
    part = View(kind="question", lang="vi", type="select_one", options=THREE, total=300, page=1, pages=43)
    assert (card(whole)["pages"], card(part)["pages"], card(part)["page"]) == (1, 43, 1)


def test_progress_is_told_in_words() -> None:
    assert card(View(kind="question", lang="vi", progress=(7, 12)))["progress"] == {
        "done": 7,
        "of": 12,
        "text": "Câu 7/12",
    }
    assert card(View(kind="question", lang="en", progress=(7, 12)))["progress"]["text"] == "Question 7 of 12"
    timed = card(View(kind="question", lang="en", progress=(7, 12), left_s=200))["progress"]["text"]
    assert timed == "Question 7 of 12 · about 3 minutes left"


def test_the_review_shows_answers_as_people_read_them() -> None:
    lines = (Line("a", "1", "Doanh thu?", Shown("money", 2_000_000)), Line("b", "2", "Ghi chú?", Shown("none")))
    section = card(View(kind="review", lang="vi", sections=(Section("Về doanh nghiệp", lines),)))["sections"][0]
    assert [(line["ref"], line["answer"], line["blank"]) for line in section["lines"]] == [
        ("1", "2.000.000 đồng (2 triệu)", False),
        ("2", "chưa trả lời", True),
    ]


def test_the_receipt_number_stands_by_itself() -> None:
    body = card(View(kind="submitted", lang="vi", text="Cảm ơn anh/chị!", raw="HN-26-000123-C"))
    assert (body["receipt"], body["raw"], body["title"] != "") == ("HN-26-000123-C", "", True)


def test_why_it_ended_is_said_when_the_form_has_no_words_for_it() -> None:
    assert card(View(kind="ended", lang="vi", error=Say("engine.withdrawn")))["text"] == words().say(
        "vi", "engine.withdrawn"
    )


def test_a_card_is_plain_json() -> None:
    view = View(
        kind="question",
        lang="vi",
        type="select_one",
        options=THREE,
        progress=(1, 2),
        actions=("back",),
        error=Say("engine.required"),
    )
    assert json.loads(json.dumps(card(view))) == card(view)


async def test_nothing_is_sent_behind_the_back_of_the_stream() -> None:
    with pytest.raises(RuntimeError, match="bell"):
        await WEB.send(render(Show(1, View(kind="message", lang="vi")))[0], "c1", "")


def test_a_date_tells_the_page_what_its_calendar_may_offer() -> None:
    calendar = Calendar("month", "2026", (Cell("2026-01"),), most="2026-11-23")
    told = WEB.view(View(kind="question", lang="vi", type="date", calendar=calendar))["calendar"]
    assert told == {"precision": "month", "least": "", "most": "2026-11-23"}
    assert WEB.view(View(kind="question", lang="vi", type="text"))["calendar"] is None


def test_a_row_of_a_table_shows_the_rows_answered_above_it() -> None:
    rows = (MatrixRow("g/a", "3", "Giá", "Cao", answered=True), MatrixRow("g/b", "4", "Tốc độ", here=True))
    view = View(kind="question", lang="vi", heading="Đánh giá", text="Tốc độ", matrix=Matrix(rows))
    told = WEB.view(view)
    assert (told["heading"], told["notes"], told["text"]) == ("Đánh giá", ["✓ Giá: Cao"], "Tốc độ")


def test_a_table_offers_one_option_for_all_rows_that_are_left() -> None:
    rows = (MatrixRow("q0", "0", "Giá", "Cao", answered=True), MatrixRow("q1", "1", "Tốc độ", here=True))
    view = View(kind="question", lang="vi", text="Tốc độ", matrix=Matrix(rows, fill="high", fill_label="Cao"))
    assert card(view)["fill"] == {"arg": "high", "label": "Các dòng còn lại: Cao"}
    assert card(View(kind="question", lang="vi", text="Tốc độ", matrix=Matrix(rows)))["fill"] is None
