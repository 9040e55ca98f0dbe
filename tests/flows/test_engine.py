"""How a talk goes: asking, taking, going back, jumping, skipping, repeating, reviewing, submitting."""

import pytest
from pydantic import TypeAdapter

from flows.engine import WrongFlow, step
from flows.machine import compile
from flows.session import Event, Session, Show, Started, Status, Tapped, Typed
from tests.scenario import MONDAY, Scenario, machine_of

HOUSE = """
flow: house
version: "1"
default_language: vi
languages: [vi, en]
title: {vi: "Nhà cửa", en: "House"}
thank_you: {vi: "Cảm ơn. Mã phiếu: {receipt}.", en: "Thanks. Receipt: {receipt}."}
choices:
  sex:
    - {name: male, label: {vi: "Nam", en: "Male"}}
    - {name: female, label: {vi: "Nữ", en: "Female"}}
  fruit:
    - {name: apple, label: {vi: "Táo", en: "Apple"}}
    - {name: plum, label: {vi: "Mận", en: "Plum"}}
    - {name: pear, label: {vi: "Lê", en: "Pear"}}
    - {name: none, label: {vi: "Không loại nào", en: "None"}}
groups:
  you: {label: {vi: "Về anh/chị", en: "About you"}}
questions:
  - {name: hello, type: note, label: {vi: "Xin chào.", en: "Hello."}}
  - {name: sex, group: you, type: select_one sex, required: true, label: {vi: "Giới tính?", en: "Your sex?"}}
  - {name: weeks, group: you, type: integer, relevant: "${sex} = 'female'", label: {vi: "Thai mấy tuần?", en: "Weeks pregnant?"}, constraint: ". <= 42", constraint_message: {vi: "Tối đa 42 tuần.", en: "At most 42 weeks."}}
  - {name: village, group: you, type: text, required: true, label: {vi: "Làng nào?", en: "Which village?"}}
  - name: fruits
    type: select_multiple fruit
    required: true
    label: {vi: "Thích quả gì?", en: "Which fruits?"}
    constraint: "not(selected(., 'none') and count-selected(.) > 1) and count-selected(.) <= 2"
  - {name: best, type: rank fruit, required: true, relevant: "count-selected(${fruits}) > 1", choice_filter: "selected(${fruits}, name)", label: {vi: "Xếp thứ tự.", en: "Rank them."}}
  - {name: best_one, type: calculate, calculation: "if(count-selected(${fruits}) > 1, selected-at(${best}, 0), ${fruits})"}
  - {name: note_end, type: note, label: {vi: "Hết rồi.", en: "That is all."}}
"""


def house(lang: str = "vi") -> Scenario:
    return Scenario(machine_of(HOUSE), lang)


def test_a_skipped_branch_leaves_no_answer() -> None:
    s = house()
    s.bot_asks("Giới tính?").they_tap("Nam")
    s.bot_asks("Làng nào?").they_say("An Phú")
    assert s.answers == {"sex": "male", "village": "An Phú"}


def test_notes_are_said_with_the_question_that_follows() -> None:
    s = house()
    assert s.view.notes == ("Xin chào.",)
    assert s.view.heading == "Về anh/chị"


def test_a_required_question_cannot_be_skipped() -> None:
    s = house()
    s.they_press("skip").bot_asks("Giới tính?").bot_objects("cần có câu trả lời")


def test_an_optional_question_is_skipped_by_button_or_by_word() -> None:
    s = house().they_tap("Nữ")
    s.bot_asks("Thai mấy tuần?").they_press("skip").bot_asks("Làng nào?")
    t = house().they_tap("Nữ").they_say("bỏ qua").bot_asks("Làng nào?")
    assert s.answers == t.answers == {"sex": "female", "weeks": None}


def test_a_constraint_is_told_in_the_authors_words_and_the_place_is_kept() -> None:
    s = house().they_tap("Nữ").they_say("50")
    s.bot_asks("Thai mấy tuần?").bot_objects("Tối đa 42 tuần.").they_say("20").bot_asks("Làng nào?")
    assert s.session.answers["you/weeks"].tries == 2


def test_back_returns_with_the_earlier_answer_and_goes_on_where_it_was() -> None:
    s = house().they_tap("Nam").they_say("An Phú").bot_asks("Thích quả gì?")
    s.they_press("back").bot_asks("Làng nào?")
    assert s.view.raw == "An Phú"
    s.they_say("Phú An").bot_asks("Thích quả gì?")
    assert s.answers["village"] == "Phú An"


def test_a_changed_branch_keeps_hidden_answers_and_cuts_them_from_the_record() -> None:
    s = house().they_tap("Nữ").they_say("20").they_say("An Phú").they_choose("Táo").bot_shows_review()
    s.they_edit("Giới tính?").bot_asks("Giới tính?").they_tap("Nam").bot_shows_review()
    assert s.answers["weeks"] == 20
    s.they_press("submit")
    assert s.record == {"sex": "male", "village": "An Phú", "fruits": "apple", "best_one": "apple"}
    assert s.session.status is Status.SUBMITTED


def test_toggles_say_the_state_wanted_so_a_double_tap_is_harmless() -> None:
    s = house().they_tap("Nam").they_say("An Phú")
    s.press("on", "apple").press("on", "apple")
    assert [o.on for o in s.view.options] == [True, False, False, False]
    s.press("off", "apple").press("off", "apple")
    assert not any(o.on for o in s.view.options)


def test_an_exclusive_option_clears_the_others_and_the_other_way_round() -> None:
    s = house().they_tap("Nam").they_say("An Phú")
    s.press("on", "apple").press("on", "none")
    assert [o.name for o in s.view.options if o.on] == ["none"]
    s.press("on", "plum")
    assert [o.name for o in s.view.options if o.on] == ["plum"]


def test_no_more_options_than_allowed_can_be_switched_on() -> None:
    s = house().they_tap("Nam").they_say("An Phú")
    s.press("on", "apple").press("on", "plum").press("on", "pear").bot_says("tối đa 2")
    assert [o.name for o in s.view.options if o.on] == ["apple", "plum"]


def test_a_rank_offers_only_what_was_chosen() -> None:
    s = house().they_tap("Nam").they_say("An Phú").they_choose("Táo", "Lê").bot_asks("Xếp thứ tự.")
    assert s.options == ["Táo", "Lê"]
    s.they_choose("Lê", "Táo").bot_shows_review().they_press("submit")
    assert s.record["best"] == "pear apple"
    assert s.record["best_one"] == "pear"


def test_a_choice_that_no_longer_stands_is_dropped_and_said() -> None:
    s = house().they_tap("Nam").they_say("An Phú").they_choose("Táo", "Lê").they_choose("Lê", "Táo").bot_shows_review()
    s.they_edit("Thích quả gì?")
    s.press("off", "pear").press("on", "plum").press("done").bot_says("không còn phù hợp").bot_asks("Xếp thứ tự.")


def test_an_option_is_taken_by_number_label_or_folded_label() -> None:
    for words in ("2", "Nữ", "nu", "NỮ"):
        assert house().they_say(words).answers == {"sex": "female"}, words


def test_a_number_question_takes_the_number_and_never_an_option() -> None:
    s = house().they_tap("Nữ").they_say("2").bot_asks("Làng nào?")
    assert s.answers["weeks"] == 2


def test_a_button_of_an_older_card_changes_nothing() -> None:
    s = house()
    old = s.session.card
    s.they_tap("Nam").bot_asks("Làng nào?")
    before = dict(s.session.answers)
    s.press("pick", "female", card=old, path="you/sex").bot_says("câu trước")
    assert s.session.answers == before
    assert s.session.at == "you/village"


def test_the_language_changes_at_any_moment_and_answers_stay() -> None:
    s = house().they_tap("Nữ").they_switch_to("en").bot_asks("Weeks pregnant?").bot_says("English")
    s.they_say("12").bot_asks("Which village?")
    assert s.answers == {"sex": "female", "weeks": 12}


def test_put_off_and_taken_up_again() -> None:
    s = house().they_tap("Nam").they_press("later")
    assert s.session.status is Status.PAUSED
    s.they_press("resume").bot_asks("Làng nào?").they_say("An Phú").bot_asks("Thích quả gì?")


def test_words_written_while_paused_answer_the_open_question() -> None:
    s = house().they_tap("Nam").they_press("later").they_say("An Phú").bot_asks("Thích quả gì?")
    assert s.answers["village"] == "An Phú"


def test_every_line_of_the_review_can_be_changed() -> None:
    s = house().they_tap("Nữ").they_press("skip").they_say("An Phú").they_choose("Táo").bot_shows_review()
    lines = [line.label for section in s.view.sections for line in section.lines]
    assert lines == ["Giới tính?", "Thai mấy tuần?", "Làng nào?", "Thích quả gì?"]
    assert s.view.notes == ("Hết rồi.",)
    s.they_edit("Làng nào?").they_say("Phú An").bot_shows_review()
    assert s.answers["village"] == "Phú An"


def test_submitting_twice_submits_once() -> None:
    s = house().they_tap("Nam").they_say("An Phú").they_choose("Táo")
    card = s.session.card
    s.they_press("submit").press("submit", card=card).bot_says("đã được gửi")
    assert s.record["village"] == "An Phú"


def test_withdrawing_forgets_the_answers() -> None:
    s = house().they_tap("Nam").they_withdraw()
    assert s.session.answers == {}
    assert s.ended == "withdrawn"


REPEATS = """
flow: family
version: "1"
default_language: en
languages: [en]
title: {en: "Family"}
groups:
  member: {label: {en: "Person"}, repeat: true}
  pet: {label: {en: "Pet"}, repeat: true, count: "${pets}"}
questions:
  - {name: name, group: member, type: text, required: true, label: {en: "Name?"}}
  - {name: age, group: member, type: integer, required: true, label: {en: "Age of ${name}?"}}
  - {name: oldest, type: calculate, calculation: "max(${age})"}
  - {name: people, type: calculate, calculation: "count(${member})"}
  - {name: pets, type: integer, required: true, label: {en: "How many pets?"}}
  - {name: pet_name, group: pet, type: text, required: true, label: {en: "Its name?"}}
  - {name: all_pets, type: calculate, calculation: "join(', ', ${pet_name})"}
"""


def test_a_repeat_asks_once_then_offers_another() -> None:
    s = Scenario(machine_of(REPEATS), "en")
    s.bot_asks("Name?").they_say("An").bot_asks("Age of An?").they_say("30")
    assert s.view.kind == "add"
    s.they_press("add").bot_asks("Name?").they_say("Bình").bot_asks("Age of Bình?").they_say("40")
    s.they_press("enough").bot_asks("How many pets?").they_say("2").bot_asks("Its name?").they_say("Mực")
    assert s.view.heading == "Pet 2/2"
    s.they_say("Vàng").bot_shows_review().they_press("submit")
    [submitted] = [e.record for e in s.everything if e.kind == "submitted"]
    assert submitted == {
        "member[1]/name": "An",
        "member[1]/age": 30,
        "member[2]/name": "Bình",
        "member[2]/age": 40,
        "oldest": 40,
        "people": 2,
        "pets": 2,
        "pet[1]/pet_name": "Mực",
        "pet[2]/pet_name": "Vàng",
        "all_pets": "Mực, Vàng",
    }


def test_a_count_that_shrinks_keeps_the_answers_but_not_in_the_record() -> None:
    s = Scenario(machine_of(REPEATS), "en")
    s.they_say("An").they_say("30").they_press("enough").they_say("2").they_say("Mực").they_say(
        "Vàng"
    ).bot_shows_review()
    s.they_edit("How many pets?").they_say("1").bot_shows_review().they_press("submit")
    assert "Vàng" not in s.record.values()
    assert "Vàng" in s.answers.values()


JUMPS = """
flow: jumps
version: "1"
default_language: en
languages: [en]
title: {en: "Jumps"}
choices:
  yn: [{name: "yes", label: {en: "Yes"}}, {name: "no", label: {en: "No"}}]
questions:
  - {name: adult, type: select_one yn, required: true, label: {en: "Are you over 16?"}, end: {when: ". = 'no'", message: {en: "This survey is for adults."}}}
  - {name: owner, type: select_one yn, required: true, label: {en: "Do you own a firm?"}, next: [{when: "${owner} = 'no'", to: hobby}]}
  - {name: firm, type: text, required: true, label: {en: "Which firm?"}}
  - {name: staff, type: integer, required: true, label: {en: "How many staff?"}}
  - {name: hobby, type: text, required: true, label: {en: "Your hobby?"}}
"""


def test_a_jump_passes_over_what_lies_between() -> None:
    s = Scenario(machine_of(JUMPS), "en").they_tap("Yes").they_tap("No").bot_asks("Your hobby?")
    assert s.view.progress == (3, 3)
    Scenario(machine_of(JUMPS), "en").they_tap("Yes").they_tap("Yes").bot_asks("Which firm?")


def test_an_end_ends_the_talk_without_a_submission() -> None:
    s = Scenario(machine_of(JUMPS), "en").they_tap("No")
    assert s.session.status is Status.ENDED_EARLY
    assert s.view.text == "This survey is for adults."
    assert s.ended == "ended"


CONSENT = """
flow: consented
version: "1"
default_language: vi
languages: [vi]
title: {vi: "Có đồng ý"}
declined: {vi: "Không lưu gì cả."}
choices:
  agree: [{name: "yes", label: {vi: "Tôi đồng ý"}}, {name: "no", label: {vi: "Tôi không đồng ý"}}]
questions:
  - {name: consent, type: select_one agree, required: true, pii: consent, label: {vi: "Anh/chị có đồng ý không?"}, chat: {no_default: true}}
  - {name: full_name, type: text, required: true, pii: basic, label: {vi: "Họ tên?"}, relevant: "${consent} = 'yes'"}
"""


@pytest.mark.parametrize("words", ["ok", "dạ", "vâng", "có", "👍", "1", "đồng ý thôi", "yes"])
def test_only_the_words_on_the_buttons_are_consent(words: str) -> None:
    s = Scenario(machine_of(CONSENT)).they_say(words).bot_asks("Anh/chị có đồng ý").bot_objects("hai nút")
    assert s.session.status is Status.CONSENT
    assert s.consents == []


def test_consent_is_recorded_with_the_words_that_were_shown() -> None:
    s = Scenario(machine_of(CONSENT)).they_say("tôi đồng ý").bot_asks("Họ tên?")
    assert s.consents == [("consent", True)]
    assert s.session.status is Status.ASKING


def test_refusing_consent_ends_the_talk_and_forgets_everything() -> None:
    s = Scenario(machine_of(CONSENT)).they_tap("Tôi không đồng ý")
    assert s.consents == [("consent", False)]
    assert s.session.answers == {}
    assert (s.ended, s.view.text) == ("declined", "Không lưu gì cả.")


def test_replaying_the_events_gives_the_same_end_byte_for_byte() -> None:
    s = house().they_tap("Nữ").they_say("50").they_say("20").they_say("An Phú").they_press("back").they_say("Phú An")
    s.they_choose("Táo", "Lê").they_choose("Lê", "Táo").they_press("submit")
    sessions, events = TypeAdapter(Session), TypeAdapter(list[Event])
    again = Session("s1", "house", "1", "vi", seed=7)
    for event in events.validate_json(events.dump_json(s.events)):
        again, _ = step(s.machine, again, event)
    assert sessions.dump_json(again) == sessions.dump_json(s.session)


def test_a_session_of_another_version_is_refused() -> None:
    machine = machine_of(HOUSE)
    with pytest.raises(WrongFlow):
        step(machine, Session("s", "house", "2", "vi", 1), Started(MONDAY, "vi"))


def test_a_machine_can_be_drawn() -> None:
    drawn = machine_of(JUMPS).dot()
    assert '"owner" -> "hobby"' in drawn
    assert '"adult" -> "ended_early"' in drawn
    assert drawn.count("{") == drawn.count("}")


def test_every_event_after_the_end_is_answered() -> None:
    s = house().they_tap("Nam").they_withdraw()
    for event in (Typed(MONDAY, "x"), Tapped(MONDAY, "back"), Tapped(MONDAY, "submit")):
        s.happens(event)
        assert s.effects


def test_a_card_is_shown_in_place_after_a_tap_and_below_after_words() -> None:
    s = house().they_tap("Nam").they_say("An Phú").press("on", "apple")
    [shown] = [e for e in s.effects if isinstance(e, Show)]
    assert shown.replace
    s.they_say("xyzxyz")
    [shown] = [e for e in s.effects if isinstance(e, Show)]
    assert not shown.replace


def test_a_flow_compiles_the_same_twice() -> None:
    machine = machine_of(HOUSE)
    assert compile(machine.flow).dot() == machine.dot()


def test_words_written_under_another_question_are_not_taken_for_the_open_one() -> None:
    s = house().they_tap("Nữ").bot_asks("Thai mấy tuần?")
    s.happens(Typed(s.at, "20", path="you/village")).bot_says("thuộc một câu khác").bot_asks("Thai mấy tuần?")
    assert s.answers == {"sex": "female"}
    s.happens(Typed(s.at, "20", path="#" + s.view.ref)).bot_asks("Làng nào?")
    assert s.answers == {"sex": "female", "weeks": 20}


def test_not_knowing_answers_a_question_in_words_that_cannot_be_passed_over() -> None:
    s = house().they_tap("Nam").bot_asks("Làng nào?").they_say("không biết").bot_asks("Thích quả gì?")
    assert s.answers["village"] == "không biết"


def test_what_is_not_relevant_is_not_counted() -> None:
    s = Scenario(
        machine_of(
            REPEATS.replace('pet: {label: {en: "Pet"}, ', 'pet: {label: {en: "Pet"}, relevant: "${people} = 1", ')
        ),
        "en",
    )
    s.they_say("An").they_say("30").they_press("enough").they_say("1").they_say("Mực").bot_shows_review()
    s.they_press("submit")
    assert s.record["all_pets"] == "Mực"
    t = Scenario(
        machine_of(
            REPEATS.replace('pet: {label: {en: "Pet"}, ', 'pet: {label: {en: "Pet"}, relevant: "${pets} = 1", ')
        ),
        "en",
    )
    t.they_say("An").they_say("30").they_press("enough").they_say("1").they_say("Mực").bot_shows_review()
    t.they_edit("How many pets?").they_say("0").bot_shows_review().they_press("submit")
    assert "all_pets" not in t.record
