"""The engine against a plain model of what a careful person expects, under any order of events."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from flows.session import OPEN, Status
from tests.scenario import Scenario, machine_of

FORM = """
flow: model
version: "1"
default_language: en
languages: [en, vi]
title: {en: "Model", vi: "Mẫu"}
choices:
  yn: [{name: "yes", label: {en: "Yes", vi: "Có"}}, {name: "no", label: {en: "No", vi: "Không"}}]
  fruit: [{name: apple, label: {en: "Apple", vi: "Táo"}}, {name: plum, label: {en: "Plum", vi: "Mận"}}, {name: pear, label: {en: "Pear", vi: "Lê"}}]
groups:
  child: {label: {en: "Child", vi: "Con"}, repeat: true, relevant: "${kids} = 'yes'"}
questions:
  - {name: adult, type: select_one yn, required: true, label: {en: "Adult?", vi: "Người lớn?"}}
  - {name: age, type: integer, relevant: "${adult} = 'yes'", constraint: ". >= 18 and . <= 120", label: {en: "Age?", vi: "Tuổi?"}}
  - {name: fruits, type: select_multiple fruit, required: true, label: {en: "Fruits?", vi: "Quả?"}}
  - {name: best, type: select_one fruit, required: true, choice_filter: "selected(${fruits}, name)", label: {en: "Best?", vi: "Nhất?"}}
  - {name: kids, type: select_one yn, required: true, label: {en: "Children?", vi: "Con?"}}
  - {name: called, group: child, type: text, required: true, label: {en: "Name?", vi: "Tên?"}}
  - {name: count_kids, type: calculate, calculation: "count(${called})"}
"""
MACHINE = machine_of(FORM)
SETTINGS = settings(max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))


class Talk(RuleBasedStateMachine):
    """Any order of taps and words; after each, what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.talk = Scenario(MACHINE, "en")

    @property
    def is_open(self) -> bool:
        return self.talk.session.status in OPEN

    def name(self) -> str:
        return (self.talk.session.at or "").rpartition("/")[2].partition("#")[0].partition("[")[0]

    @rule(data=st.data())
    def pick(self, data: Any) -> None:
        if self.talk.view.options:
            self.talk.press("pick", data.draw(st.sampled_from([o.name for o in self.talk.view.options])))

    @rule(data=st.data())
    def set_several(self, data: Any) -> None:
        names = [o.name for o in self.talk.view.options]
        if names:
            self.talk.press("set", " ".join(data.draw(st.lists(st.sampled_from(names), unique=True))))

    @rule(text=st.sampled_from(["20", "7", "An", "Yes", "no", "back", "skip", "apple", "stop", "", "xyz", "1"]))
    def say(self, text: str) -> None:
        self.talk.they_say(text)

    @rule(op=st.sampled_from(["back", "skip", "later", "resume", "add", "enough", "done", "show", "yes", "no"]))
    def press(self, op: Any) -> None:
        self.talk.they_press(op)

    @rule(back=st.integers(1, 5))
    def press_an_old_button(self, back: int) -> None:
        before = self.talk.session
        self.talk.press("pick", "yes", card=before.card - back, path="adult")
        assert self.talk.session.answers == before.answers
        assert self.talk.session.at == before.at

    @rule(lang=st.sampled_from(["en", "vi"]))
    def speak(self, lang: str) -> None:
        before = self.talk.session.answers
        self.talk.they_switch_to(lang)
        assert self.talk.session.answers == before

    @precondition(lambda self: self.talk.session.answers and self.is_open)
    @rule(data=st.data())
    def edit(self, data: Any) -> None:
        path = data.draw(st.sampled_from(sorted(self.talk.session.answers)))
        self.talk.press("edit", path=path)

    @precondition(lambda self: self.talk.session.status is Status.REVIEW)
    @rule()
    def submit(self) -> None:
        self.talk.they_press("submit")
        if self.talk.session.status is Status.SUBMITTED:
            record = self.talk.record
            assert record["adult"] in {"yes", "no"}
            assert ("age" in record) <= (record["adult"] == "yes")
            assert 18 <= int(record.get("age") or 18) <= 120
            assert str(record["best"]) in str(record["fruits"]).split()
            assert int(record.get("count_kids") or 0) == sum("called" in path for path in self.talk.session.answers) * (
                record["kids"] == "yes"
            )

    @invariant()
    def something_was_said(self) -> None:
        assert self.talk.effects

    @invariant()
    def the_open_question_is_relevant_and_without_a_hole_before_it(self) -> None:
        session = self.talk.session
        if session.status is not Status.ASKING:
            return
        answers = self.talk.answers
        if self.name() == "age":
            assert answers["adult"] == "yes"
        if self.name() == "best":
            assert answers.get("fruits")
        if self.name() in {"called", "child"}:
            assert answers["kids"] == "yes"
        order = ["adult", "fruits", "best", "kids"]
        if self.name() in order and not session.visiting and not session.answers.get(session.at or ""):
            assert all(answers.get(name) for name in order[: order.index(self.name())])

    @invariant()
    def stored_answers_meet_their_constraints(self) -> None:
        answers = self.talk.answers
        assert answers.get("adult") in {None, "yes", "no"}
        age = answers.get("age")
        assert age is None or 18 <= int(age) <= 120
        if answers.get("best") and answers.get("fruits"):
            assert str(answers["best"]) in str(answers["fruits"]).split()


def test_any_order_of_events_keeps_what_must_hold() -> None:
    run_state_machine_as_test(Talk, settings=SETTINGS)
