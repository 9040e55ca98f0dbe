"""The flows the project comes with: they read, they check, and they promise nothing that is not kept."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import cast

import pytest

from flows.checks import check
from flows.checks.expressions import read_all
from flows.checks.form import Form
from flows.expressions import Expression
from flows.expressions.env import Atom, Env
from flows.machine import compile
from flows.model import Flow, Question, Repeat, Table, Text
from flows.samples import FLOWS, SHARED_CHOICES, TABLES
from flows.yaml_dialect import flow_to_yaml, read_choices, read_flow, read_table, without_places

COMMANDS = {"/start", "/help", "/language", "/privacy", "/stop"}
FOLDER = files("flows.samples")


@cache
def tables() -> dict[str, Table]:
    return {name: read_table(FOLDER.joinpath(name).read_text("utf-8"), name) for name in TABLES}


@cache
def sample(name: str) -> Flow:
    shared = read_choices(FOLDER.joinpath(SHARED_CHOICES).read_text("utf-8"), SHARED_CHOICES)
    return read_flow(FOLDER.joinpath(name).read_text("utf-8"), file=name, shared=shared, tables=tables())


def texts(flow: Flow) -> Iterator[Text]:
    yield from (flow.title, flow.welcome, flow.thank_you, flow.declined)
    for question in flow.questions():
        yield from (question.label, question.hint, question.guidance_hint, question.constraint_message)
        if question.end is not None:
            yield question.end.message
    for options in flow.choices.values():
        for option in options:
            yield option.label


def test_the_names_are_those_of_the_files_that_are_there() -> None:
    there = {file.name for file in FOLDER.iterdir() if file.name.endswith((".yaml", ".csv"))}
    assert there == {*FLOWS, SHARED_CHOICES, *TABLES}


@pytest.mark.parametrize("name", FLOWS)
def test_a_sample_is_read_checked_and_compiled_without_a_word_of_complaint(name: str) -> None:
    flow = sample(name)
    assert check(flow) == ()
    assert compile(flow, {}).nodes


@pytest.mark.parametrize("name", FLOWS)
def test_a_sample_written_back_reads_as_the_same(name: str) -> None:
    flow = sample(name)
    again = read_flow(flow_to_yaml(flow), file="again.yaml", tables=flow.tables)
    assert without_places(again) == without_places(flow)


@pytest.mark.parametrize("name", FLOWS)
def test_a_sample_speaks_vietnamese_and_english_throughout(name: str) -> None:
    flow = sample(name)
    assert flow.languages == ("vi", "en")
    for text in texts(flow):
        assert set(text) in (set(), {"vi", "en"}), text
        assert all(unicodedata.is_normalized("NFC", words) for words in text.values())


@pytest.mark.parametrize("name", FLOWS)
def test_a_sample_names_only_commands_that_exist(name: str) -> None:
    said = " ".join(words for text in texts(sample(name)) for words in text.values())
    assert set(re.findall(r"(?<![\w/])/[a-z]{3,}", said)) <= COMMANDS


@pytest.mark.parametrize("name", FLOWS)
def test_every_sample_thanks_with_a_receipt_and_says_where_to_write(name: str) -> None:
    for words in sample(name).thank_you.values():
        assert "{receipt}" in words
        assert "{contact}" in words


@pytest.mark.parametrize("name", FLOWS)
def test_a_sample_that_asks_for_personal_data_explains_it_first_and_takes_no_for_an_answer(name: str) -> None:
    flow = sample(name)
    personal = [q for q in flow.questions() if q.pii in {"basic", "sensitive"}]
    consent = next((q for q in flow.questions() if q.pii == "consent"), None)
    assert (consent is not None) == bool(personal)
    if consent is None:
        return
    before: list[Question] = []
    for question in flow.questions():
        before.append(question)
        if question is consent:
            break
    for lang in flow.languages:
        shown = " ".join(q.label.get(lang, "") for q in before)
        assert all(hole in shown for hole in ("{organiser}", "{retention}", "{contact}"))
        assert flow.declined[lang]
    assert consent.required is True
    assert consent.default is None


def test_one_sample_asks_for_several_of_the_same_and_one_passes_over_a_question() -> None:
    flows = [sample(name) for name in FLOWS]
    assert [flow.name for flow in flows if any(isinstance(item, Repeat) for item in flow.items)] == [
        "techfest_matching"
    ]
    assert [flow.name for flow in flows if any(q.next for q in flow.questions())] == ["research_order"]


# Tables.


def column(table: str, name: str) -> list[str]:
    at = tables()[table].columns.index(name)
    return [row[at] for row in tables()[table].rows]


def test_hanoi_has_its_126_units_and_the_country_its_34_provinces() -> None:
    assert len(set(column("hanoi_units.csv", "code"))) == len(column("hanoi_units.csv", "code")) == 126
    assert sorted(column("hanoi_units.csv", "type")).count("phuong") == 51
    assert len(set(column("provinces.csv", "code"))) == 34


def test_every_old_ward_leads_to_a_unit_that_exists_and_one_of_them_is_the_likeliest() -> None:
    assert set(column("hanoi_old_ward_map.csv", "new_code")) <= set(column("hanoi_units.csv", "code"))
    old = list(
        zip(column("hanoi_old_ward_map.csv", "old_ward"), column("hanoi_old_ward_map.csv", "old_district"), strict=True)
    )
    likeliest = [
        key for key, mark in zip(old, column("hanoi_old_ward_map.csv", "is_default"), strict=True) if mark == "1"
    ]
    assert sorted(likeliest) == sorted(set(old))


def test_every_place_has_a_name_in_both_languages() -> None:
    for table in ("hanoi_units.csv", "provinces.csv"):
        assert all(column(table, "name"))
        assert all(column(table, "name_en"))


# Constraints and calculations, as they meet what the readers hand over.


class Answers:
    """What was answered, by name; the rest is blank. As much of an `Env` as the cells below read."""

    now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __init__(self, form: Form, candidate: Atom = "", **answers: Atom) -> None:
        self.candidate = candidate
        self._answers = {form.by_name[name][0]: value for name, value in answers.items()}

    def value(self, node: int) -> Atom:
        return self._answers.get(node, "")


def compiled(flow: str, name: str, cell: str) -> tuple[Form, Expression]:
    form = Form(sample(f"{flow}.yaml"))
    return form, next(r.expression for r in read_all(form).reads if (r.cell.owner, r.cell.name) == (name, cell))


def accepts(flow: str, name: str, candidate: Atom, **answers: Atom) -> bool:
    form, constraint = compiled(flow, name, "constraint")
    return constraint.boolean(cast("Env", Answers(form, candidate, **answers)))


def works_out(flow: str, name: str, **answers: Atom) -> str:
    form, calculation = compiled(flow, name, "calculation")
    return calculation.text(cast("Env", Answers(form, **answers)))


@pytest.mark.parametrize("flow", ["startup_support_needs", "research_order", "techfest_matching"])
def test_phone_numbers_are_taken_as_the_reader_stores_them(flow: str) -> None:
    assert accepts(flow, "contact_phone", "+84912345678")
    assert accepts(flow, "contact_phone", "+842438123456")
    assert not accepts(flow, "contact_phone", "+8491234567890123")
    assert not accepts(flow, "contact_phone", "0912 345 678 or so")


@pytest.mark.parametrize("flow", ["startup_support_needs", "innovation_activity"])
def test_tax_codes_are_taken_as_the_reader_stores_them(flow: str) -> None:
    assert accepts(flow, "tax_code", "0199999991")
    assert accepts(flow, "tax_code", "0199999991-001")
    assert not accepts(flow, "tax_code", "0199999990")
    assert not accepts(flow, "tax_code", "0199999991-000")


def test_only_founders_are_asked_to_skip_a_twelve_digit_code_and_may_still_give_it() -> None:
    assert accepts("startup_support_needs", "tax_code", "001099012345")
    assert not accepts("innovation_activity", "tax_code", "001099012345")


def test_none_cannot_be_chosen_beside_anything_else() -> None:
    for name in FLOWS:
        for q in sample(name).questions():
            options = sample(name).choices.get(q.list_name or "", ())
            if q.type == "select_multiple" and any(option.name == "none" for option in options):
                other = next(option.name for option in options if option.name != "none")
                assert accepts(sample(name).name, q.name, "none")
                assert accepts(sample(name).name, q.name, other)
                assert not accepts(sample(name).name, q.name, f"{other} none")


@pytest.mark.parametrize(
    ("section", "code", "core"),
    [("K", "", "1"), ("J", "5820", "1"), ("J", "58", "1"), ("C", "26100", "1"), ("C", "10", "0"), ("G", "4626", "0")],
)
def test_the_digital_core_is_told_by_section_or_the_first_digits_of_the_code(
    section: str, code: str, core: str
) -> None:
    assert works_out("innovation_activity", "is_core_digital", vsic_section=section, vsic_code=code) == core


@pytest.mark.parametrize(
    ("answers", "size"),
    [
        ({"is_enterprise": 0.0}, "not_enterprise"),
        ({"revenue_upper_bn": 3.0, "headcount_insured": 8.0}, "micro"),
        ({"revenue_upper_bn": 100.0, "headcount_insured": 30.0}, "small"),
        ({"revenue_upper_bn": 300.0, "headcount_insured": 90.0}, "medium"),
        ({"revenue_upper_bn": 300.0, "headcount_insured": 500.0}, "large"),
        ({"revenue_upper_bn": 99_999.0, "capital_upper_bn": 99_999.0, "revenue_band": "undisclosed"}, "unknown"),
    ],
)
def test_the_size_class_of_a_trading_company_follows_decree_80(answers: dict[str, Atom], size: str) -> None:
    known: dict[str, Atom] = {"is_enterprise": 1.0, "sme_field": "trade_service", "capital_upper_bn": 99_999.0}
    assert works_out("startup_support_needs", "sme_class", **(known | answers)) == size


@pytest.mark.parametrize(
    ("flow", "name", "answers"),
    [
        ("innovation_activity", "size_stratum", {"labour_t": 5.0}),
        ("innovation_activity", "size_stratum", {"labour_t": 70.0, "sme_field": "trade_service"}),
        ("innovation_activity", "size_stratum", {"labour_t": 150.0, "sme_field": "agri_industry"}),
        ("innovation_activity", "size_stratum", {"labour_t": 5_000.0}),
        ("task_progress", "is_late", {"status": "issued"}),
        (
            "task_progress",
            "is_late",
            {"status": "not_started", "period_end": date(2026, 11, 2), "due_date": date(2026, 11, 1)},
        ),
    ],
)
def test_what_is_worked_out_has_a_label_in_the_list_it_names(flow: str, name: str, answers: dict[str, Atom]) -> None:
    named = next(q for q in sample(f"{flow}.yaml").questions() if q.name == name)
    options = {option.name for option in sample(f"{flow}.yaml").choices[named.list_name or ""]}
    assert works_out(flow, name, **answers) in options


def test_the_first_priority_is_the_first_ranked_or_the_only_one_chosen() -> None:
    ranked = {"need_groups": "capital ip", "need_priority": "ip capital"}
    assert works_out("startup_support_needs", "priority_1", **ranked) == "ip"
    assert works_out("startup_support_needs", "priority_1", need_groups="legal") == "legal"
