"""Corrections in the chat itself: a message edited, an old card replied to."""

from flows.session import Corrected, Noted, Settle, Status, Typed
from tests.scenario import Scenario

FORM = """
flow: shop
version: "1"
title: {vi: Cửa hàng, en: Shop}
languages: [vi, en]
default_language: vi
questions:
  - {name: owner, type: text, required: true, label: {vi: "Ai là chủ?", en: "Who owns it?"}}
  - {name: people, type: integer, required: true, label: {vi: "Mấy người?", en: "How many people?"}, constraint: ". > 0", constraint_message: {vi: "Ít nhất một người.", en: "At least one."}}
  - {name: boss, type: text, required: true, relevant: "${people} > 10", label: {vi: "Ai quản lý?", en: "Who manages?"}}
  - {name: money, type: integer, required: true, label: {vi: "Doanh thu?", en: "Revenue?"}, chat: {parse: money_vi}}
  - {name: place, type: text, required: true, label: {vi: "Ở đâu?", en: "Where?"}}
"""


class Chat(Scenario):
    """A talk on a channel where each message has a number."""

    number = 0

    def writes(self, text: str, **more: object) -> int:
        """They write, and the message gets a number."""
        self.number += 1
        self.happens(Typed(self.at, text, message=str(self.number), **more))  # type: ignore[arg-type]
        return self.number

    def edits(self, number: int, text: str) -> None:
        """They change one of their messages."""
        self.happens(Corrected(self.at, text, str(number)))

    @property
    def noted(self) -> bool:
        """Whether the last edit got its quiet receipt."""
        return any(isinstance(effect, Noted) for effect in self.effects)


def test_editing_ones_own_message_corrects_its_answer_and_leaves_the_open_card() -> None:
    s = Chat(FORM)
    owner = s.writes("Lam")
    s.writes("3")
    s.bot_asks("Doanh thu?")
    card = s.session.card
    s.edits(owner, "Lan")
    assert s.noted
    assert s.answers["owner"] == "Lan"
    assert (s.session.card, s.session.at) == (card, "money")
    [receipt] = [effect for effect in s.effects if isinstance(effect, Settle)]
    assert receipt.card == 1
    assert receipt.view.raw == "Lan"


def test_an_edit_that_does_not_fit_keeps_the_old_answer_and_says_why() -> None:
    s = Chat(FORM)
    s.writes("Lan")
    people = s.writes("3")
    s.edits(people, "0")
    s.bot_says("Ít nhất một người.").bot_says("vẫn giữ")
    assert s.answers["people"] == 3
    s.edits(people, "quay lại")
    s.bot_says("vẫn giữ")
    assert s.answers["people"] == 3
    assert not s.noted


def test_an_edit_that_opens_another_branch_leads_there_and_hidden_answers_are_kept() -> None:
    s = Chat(FORM)
    s.writes("Lan")
    people = s.writes("12")
    s.bot_asks("Ai quản lý?")
    s.edits(people, "5")
    s.bot_asks("Doanh thu?")
    s.edits(people, "12")
    s.writes("1 tỷ")
    s.bot_asks("Ai quản lý?")
    s.writes("Hoa")
    s.writes("Hà Nội")
    s.bot_shows_review()
    s.edits(people, "2")
    assert s.session.status is Status.REVIEW
    assert s.answers["boss"] == "Hoa"
    s.press("submit")
    assert "boss" not in s.record
    assert s.record["people"] == 2


def test_an_edit_at_the_review_that_needs_a_further_answer_asks_for_it() -> None:
    s = Chat(FORM)
    s.writes("Lan")
    people = s.writes("2")
    s.writes("1 tỷ")
    s.writes("Hà Nội")
    s.bot_shows_review()
    s.edits(people, "20")
    s.bot_asks("Ai quản lý?")


def test_words_that_were_not_taken_may_be_edited_until_they_fit() -> None:
    s = Chat(FORM)
    s.writes("Lan")
    people = s.writes("0")
    s.bot_objects("Ít nhất một người.")
    s.edits(people, "4")
    assert s.answers["people"] == 4
    s.bot_asks("Doanh thu?")


def test_a_risky_edit_is_read_back_before_it_counts() -> None:
    s = Chat(FORM)
    s.writes("Lan")
    s.writes("2")
    money = s.writes("1 tỷ")
    s.bot_asks("Ở đâu?")
    s.edits(money, "1.500")
    if s.view.kind == "confirm":
        assert s.answers["money"] == 1_000_000_000
        s.press("yes")
    s.bot_asks("Ở đâu?")


def test_editing_what_answered_nothing_changes_nothing_and_is_answered() -> None:
    s = Chat(FORM)
    s.writes("Lan")
    before = s.session.answers
    s.edits(99, "Hùng")
    s.bot_says("chưa có gì thay đổi")
    assert s.session.answers is before


def test_replying_to_an_old_card_changes_its_answer_after_a_question() -> None:
    s = Chat(FORM)
    s.writes("Lan")
    ref = next(e.view.ref for e in s.effects if isinstance(e, Settle))
    s.writes("3")
    s.writes("Hùng", path=f"#{ref}", reply=True)
    s.bot_asks("Ai là chủ?").bot_reads_back("Hùng")
    assert s.answers["owner"] == "Lan"
    s.press("yes")
    assert s.answers["owner"] == "Hùng"
    s.bot_asks("Doanh thu?")


def test_replying_to_ones_own_old_message_is_meant_for_that_answer() -> None:
    s = Chat(FORM)
    owner = s.writes("Lan")
    s.writes("3")
    s.writes("Hùng", reply=True, reply_to=str(owner))
    s.bot_asks("Ai là chủ?").bot_reads_back("Hùng")
    s.press("no")
    assert s.answers["owner"] == "Lan"
    s.press("back")
    s.bot_asks("Doanh thu?")


def test_a_reply_that_does_not_fit_says_why_and_the_open_question_stands() -> None:
    s = Chat(FORM)
    s.writes("Lan")
    people = s.writes("3")
    s.writes("0", reply=True, reply_to=str(people))
    s.bot_says("Ít nhất một người.")
    s.bot_asks("Doanh thu?")
    assert s.answers["people"] == 3


def test_consent_is_never_changed_by_editing_a_message() -> None:
    s = Chat("startup_support_needs")
    assert s.view.consent
    said = s.writes("Tôi đồng ý")
    assert s.session.status is Status.ASKING
    s.edits(said, "Tôi không đồng ý")
    assert s.session.status is Status.ASKING
    assert not s.noted
    s.bot_says("chưa có gì thay đổi")
    s.writes("Tôi không đồng ý", reply=True, reply_to=str(said))
    assert s.session.status is Status.ASKING
    assert s.consents == [("consent_process", True)]
