"""What is said of a form before anybody is asked a question of it: all that is wrong, and nothing that is not."""

import re
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.checks import Limits, check
from flows.checks.conditions import Conditions
from flows.checks.expressions import read_all
from flows.checks.form import Form
from flows.checks.space import can_hold
from flows.expressions import compile_expression
from flows.expressions.env import Atom
from flows.nearest import LISTED, nearest
from flows.problems import CODES, WARNINGS, Problem
from flows.yaml_dialect import read_draft, read_flow, read_table

HEAD = """\
flow: house
version: "1"
languages: [vi]
title: Nhà
"""
LISTS = """\
choices:
  sex: [{name: male, label: Nam}, {name: female, label: Nữ}]
  fruit: [{name: apple, label: Táo}, {name: plum, label: Mận}, {name: pear, label: Lê}]
  agree: [{name: "yes", label: Tôi đồng ý}, {name: "no", label: Tôi không đồng ý}]
"""
SEX = "  - {name: sex, type: select_one sex, label: Giới}\n"
AGE = "  - {name: age, type: integer, label: Tuổi}\n"
FRUITS = "  - {name: fruits, type: select_multiple fruit, label: Quả}\n"
CONSENT = "  - {name: agreed, type: select_one agree, required: true, pii: consent, label: Đồng ý?}\n"
TABLE = read_table("code,name,bad\n1,A,x\n2,B,x\n", "t.csv")


def form(questions: str, more: str = "", lists: str = LISTS) -> str:
    return HEAD + lists + more + "questions:\n" + questions


def problems(text: str) -> tuple[Problem, ...]:
    flow = read_flow(text, file="house.yaml", tables={"t.csv": TABLE})
    return tuple(p for p in check(flow) if p.code != "list_unused" or "spare" in p.facts["list"])


def marked(text: str) -> tuple[str, int, int]:
    """A text with the spot of the expected problem marked by "¶": the text without it, its line and column."""
    before = text[: text.index("¶")]
    return text.replace("¶", "", 1), before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


FOUND = {
    # names and lists
    "no_questions": form("  ¶[{name: a, type: hidden}]\n"),
    "bad_name": form('  - {name: "¶a/b", type: text, label: A}\n'),
    "duplicate_name": form(AGE + "  - {name: ¶age, type: text, label: A}\n"),
    "ambiguous_name": form(
        "  - {name: a, group: g, type: integer, label: A}\n  - {name: ¶a, type: integer, label: A}\n"
        '  - {name: b, type: text, label: B, relevant: "${a} = 1"}\n',
        "groups: {g: {label: G}}\n",
    ),
    "name_reused": form(
        "  - {name: a, group: g, type: integer, label: A}\n  - {name: ¶a, type: integer, label: A}\n",
        "groups: {g: {label: G}}\n",
    ),
    "empty_group": form(AGE, "groups: {g: ¶{label: G}}\n"),
    "unknown_list": form("  - {name: a, type: ¶select_one nowhere, label: A}\n"),
    "empty_list": form("  - {name: a, type: select_one l, label: A}\n", lists="choices: ¶{l: []}\n"),
    "list_unused": form(AGE, lists="choices: {spare: [¶{name: a, label: A}, {name: b, label: B}]}\n"),
    "duplicate_choice": form(SEX, lists="choices: {sex: [{name: a, label: A}, ¶{name: a, label: B}]}\n"),
    "choice_name_blank": form(SEX, lists="choices: {sex: [{name: a, label: A}, ¶{name: a b, label: B}]}\n"),
    "single_choice": form(
        "  - {name: sex, type: ¶select_one sex, label: A}\n", lists="choices: {sex: [{name: a, label: A}]}\n"
    ),
    "mixed_table": form(
        "  - {name: a, group: g, type: select_one sex, label: A}\n  - {name: b, group: g, type: ¶text, label: B}\n",
        "groups: {g: {label: Bảng, appearance: table-list}}\n",
    ),
    "exclusive_choice": form(
        "  - {name: a, type: ¶select_multiple l, label: A}\n",
        lists="choices: {l: [{name: none, label: Không}, {name: b, label: B}]}\n",
    ),
    "missing_table": form("  - {name: a, type: ¶select_one_from_file u.csv, label: A}\n"),
    "missing_column": form(
        '  - {name: a, type: select_one_from_file t.csv, parameters: "¶value=code label=nam", label: A}\n'
    ),
    "bad_value": form(
        '  - {name: a, type: select_one_from_file t.csv, parameters: "¶value=bad label=name", label: A}\n'
    ),
    "unknown_word": form("  - {name: a, type: text, label: A, chat: {parse: ¶phone_vm}}\n"),
    "bad_range": form('  - {name: a, type: range, label: A, parameters: "¶start=5 end=5"}\n'),
    "missing_calculation": form(AGE + "  - ¶{name: a, type: calculate}\n"),
    "unknown_target": form("  - {name: a, type: text, label: A, next: ¶nowhere}\n"),
    "target_backwards": form(AGE + "  - {name: a, type: text, label: A, next: [{when: 1 = 1, to: ¶age}]}\n"),
    "target_in_repeat": form(
        "  - {name: a, type: text, label: A, next: ¶b}\n  - {name: b, group: r, type: text, label: B}\n",
        "groups: {r: {label: R, repeat: true}}\n",
    ),
    # words
    "missing_label": form("  - ¶{name: a, type: text}\n"),
    "missing_translation": form("  - {name: a, type: text, label: ¶{vi: A}}\n", lists="").replace(
        "[vi]\ntitle: Nhà", "[vi, en]\ntitle: {vi: Nhà, en: House}"
    ),
    "bad_language": HEAD.replace("[vi]\ntitle: Nhà", "[vi, ¶Việt]\ntitle: {vi: Nhà, Việt: Nhà}")
    + "questions:\n  - {name: a, type: integer, label: {vi: A, Việt: A}}\n",
    "card_too_long": form(f'  - {{name: a, type: text, label: ¶A, hint: "{"😀" * 2048}"}}\n'),
    "label_too_long_for_button": form(
        SEX, lists=f"choices: {{sex: [{{name: a, label: A}}, ¶{{name: b, label: {'x' * 65}}}]}}\n"
    ),
    "unknown_placeholder": form('  - {name: a, type: text, label: "¶Mã {receipt}"}\n'),
    # expressions
    "syntax": form(AGE + '  - {name: a, type: text, label: A, relevant: "${age} >¶"}\n'),
    "unclosed_text": form('  - {name: a, type: text, label: A, constraint: ". = ¶\'x"}\n'),
    "unclosed_reference": form(AGE + '  - {name: a, type: text, label: A, relevant: "1 < ¶${age"}\n'),
    "choices_from_repeat": form(AGE + '  - {name: head, type: "¶select_one ${age}", label: Ai}\n'),
    "unknown_name": form(AGE + '  - {name: a, type: text, label: A, relevant: "1 = 1 and ¶${aeg} = 2"}\n'),
    "unknown_table": form(
        "  - {name: a, type: calculate, calculation: \"instance(¶'u')/root/item[name = 'a']/label\"}\n" + AGE
    ),
    "unknown_function": form('  - {name: a, type: text, label: A, constraint: "¶strlen(.) = 3"}\n'),
    "vendor_function": form('  - {name: a, type: text, label: A, constraint: "1 = ¶phone-call-log(.)"}\n'),
    "call_unknown": form('  - {name: a, type: text, label: A, constraint: ". = 1 or ¶strlen(.) = 3"}\n'),
    "call_misgiven": form('  - {name: a, type: text, label: A, constraint: ". = 1 or ¶string-length(., 2) = 3"}\n'),
    "arity": form('  - {name: a, type: text, label: A, constraint: "¶string-length(., 2) = 3"}\n'),
    "bad_regex": form("  - {name: a, type: text, label: A, constraint: \"regex(., ¶'(?=a)b')\"}\n"),
    "unknown_choice": form(SEX + "  - {name: a, type: text, label: A, relevant: \"${sex} != ¶'mael'\"}\n"),
    "used_before_asked": form('  - {name: a, type: text, label: A, relevant: "1 = 1 and ¶${age} = 2"}\n' + AGE),
    "reference_cycle": form(
        AGE
        + '  - {name: a, type: calculate, calculation: "¶${b} + 1"}\n  - {name: b, type: calculate, calculation: "${a}"}\n'
    ),
    # what can never be
    "never_relevant": form(
        SEX + "  - {name: a, type: text, label: A, relevant: \"¶${sex} = 'male' and ${sex} = 'female'\"}\n"
    ),
    "switched_off": form(AGE + '  - {name: a, type: text, label: A, relevant: "¶false()"}\n'),
    "constraint_never": form('  - {name: a, type: integer, label: A, constraint: "¶. > 5 and . < 6"}\n'),
    "jump_never": form(
        '  - {name: a, type: integer, label: A, next: [{when: "¶${a} > 5 and ${a} < 3", to: age}]}\n' + AGE
    ),
    "end_never": form('  - {name: a, type: integer, label: A, end: {when: "¶1 = 2"}}\n'),
    "ends_always": form('  - {name: a, type: integer, label: A, end: {when: "¶${a} > 3 or not(${a} > 3)"}}\n'),
    "always_passed": form(
        "  - {name: a, type: text, label: A, next: sex}\n  - ¶{name: age, type: integer, label: B}\n" + SEX
    ),
    # personal data
    "pii_unmarked": form(CONSENT + "  - ¶{name: a, type: text, label: Số điện thoại của anh/chị?}\n"),
    "pii_before_consent": form("  - {name: a, type: text, label: A, pii: ¶basic}\n" + CONSENT),
    "pii_without_consent": form("  - {name: a, type: text, label: A, pii: ¶basic}\n"),
    "consent_not_choice": form("  - {name: a, type: text, label: A, required: true, pii: ¶consent}\n"),
    "consent_default": form(
        "  - {name: a, type: select_one agree, label: A, required: true, default: ¶yes, pii: consent}\n"
    ),
    "consent_options": form("  - {name: a, type: ¶select_one sex, label: A, required: true, pii: consent}\n"),
    "summary_unknown": form(AGE, "summary: [¶aeg]\n"),
    "summary_personal": form(CONSENT + "  - {name: a, type: integer, label: A, pii: basic}\n", "summary: [¶a]\n"),
    "summary_free_text": form("  - {name: a, type: text, label: A}\n", "summary: [¶a]\n"),
}


@pytest.mark.parametrize("code", FOUND)
def test_what_is_wrong_is_found_at_its_place_and_nothing_else(code: str) -> None:
    text, line, column = marked(FOUND[code])
    assert [(p.code, str(p.place)) for p in problems(text)] == [(code, f"house.yaml:{line}:{column}")]


_ELSEWHERE = {  # codes with a test of their own here or in test_yaml_dialect.py
    "too_many_questions", "unsupported_function", "not_nodes", "not_literal", "unsupported_axis", "last_saved",
    "too_long", "too_deep",
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "source"),
    [
        ("unsupported_function", "¶extract-signed(., 'key')"),
        ("not_nodes", "count(¶1) = 1"),
        ("not_literal", "instance(¶.)/root/item/label"),
        ("unsupported_axis", "¶following::a = 1"),
        ("last_saved", "¶${last-saved#a} = 1"),
        ("too_deep", "(" * 100 + "¶1" + ")" * 100),
        ("too_long", "1" + " + 1" * 2_499 + "   ¶ + 1"),
    ],
)
def test_what_the_expression_language_refuses_is_told_with_its_column(code: str, source: str) -> None:
    at = source.index("¶")
    text = form(f'  - {{name: a, type: text, label: A, constraint: "{source.replace("¶", "")}"}}\n')
    (problem,) = problems(text)
    start = text.splitlines()[-1].index('constraint: "') + len('constraint: "') + 1
    assert (problem.code, problem.facts["cell"], problem.facts["name"]) == (code, "constraint", "a")
    assert problem.place.column == start + int(problem.facts["at"]) - 1
    assert int(problem.facts["at"]) - 1 == at


def test_a_form_of_too_many_questions_is_not_looked_at_further() -> None:
    flow = read_flow(form("".join(f"  - {{name: a{n}, type: note}}\n" for n in range(5_001))), file="f.yaml")
    assert [p.code for p in check(flow)] == ["too_many_questions"]


def test_every_code_of_these_checks_has_a_test() -> None:
    reading = {code for code in CODES if code.startswith(("yaml_", "table_"))} | _READING
    assert CODES - reading == set(FOUND) | _ELSEWHERE | {"bad_character"} - reading


_READING = {
    "bad_character", "missing_key", "unknown_key", "unknown_language", "unknown_type", "unsupported_type", "type_without_list",
    "or_other", "bad_parameter", "not_a_text", "not_a_list", "not_a_mapping", "not_words",
    "not_a_boolean", "not_a_number", "list_redefined", "always_resumes", "unknown_group", "group_split",
    "group_in_nested", "groups_in_circle", "takes_too_much", "xform_passed", "xform_unreadable",
}  # fmt: skip


def test_a_form_without_a_fault_is_met_with_silence() -> None:
    assert problems(form(CONSENT + SEX + AGE + FRUITS, "summary: [sex, age, fruits]\n")) == ()


def test_a_warning_is_told_as_one_and_an_error_as_one() -> None:
    for code in ("name_reused", "never_relevant"):
        (found,) = problems(FOUND[code].replace("¶", ""))
        assert found.is_error is (code not in WARNINGS)


# Names used before they are asked.


@pytest.mark.parametrize(
    "cells",
    [
        'label: "A ${age}"',
        'label: A, hint: "A ${age}"',
        'label: A, required: "${age} = 1"',
        'label: A, default: "${age}"',
        'label: A, constraint: ". != ${age}"',
        'label: A, relevant: "${twice} = 1"',
    ],
)
def test_whatever_shapes_a_question_may_only_use_what_was_asked_before(cells: str) -> None:
    doubled = '  - {name: twice, type: calculate, calculation: "${age} * 2"}\n'
    first = form(f"  - {{name: a, type: text, {cells}}}\n" + AGE + doubled)
    after = form(AGE + f"  - {{name: a, type: text, {cells}}}\n" + doubled)
    assert [(p.code, p.facts["reference"]) for p in problems(first)] == [("used_before_asked", "age")]
    assert problems(after) == ()


def test_a_calculation_may_look_ahead() -> None:
    assert problems(form('  - {name: a, type: calculate, calculation: "${age} * 2"}\n' + AGE)) == ()


def test_a_group_that_depends_on_what_is_in_it_is_a_circle() -> None:
    text = form("  - {name: q, group: g, type: integer, label: Q}\n", 'groups: {g: {label: G, relevant: "${q} = 1"}}\n')
    assert [(p.code, p.facts["names"]) for p in problems(text)] == [("reference_cycle", "g → q → g")]


def test_a_circle_is_told_once_with_all_its_questions() -> None:
    rows = "".join(f'  - {{name: a{n}, type: calculate, calculation: "${{a{(n + 1) % 4}}} + 1"}}\n' for n in range(4))
    (found,) = problems(form(AGE + rows))
    assert found.facts["names"] == "a0 → a1 → a2 → a3 → a0"


def test_a_long_chain_of_calculations_is_no_circle() -> None:
    rows = "".join(f'  - {{name: a{n}, type: calculate, calculation: "${{a{n + 1}}} + 1"}}\n' for n in range(3_000))
    assert problems(form(rows + '  - {name: a3000, type: calculate, calculation: "1"}\n' + AGE)) == ()


def test_to_copy_from_the_instance_before_is_no_circle() -> None:
    rows = '  - {name: c, group: r, type: calculate, calculation: "indexed-repeat(${c}, ${r}, position(..) - 1) + 1"}\n'
    rows += "  - {name: q, group: r, type: integer, label: Q}\n"
    assert problems(form(rows, "groups: {r: {label: R, repeat: true}}\n")) == ()


def test_a_value_may_keep_itself_once_it_is_there() -> None:
    assert problems(form(AGE + '  - {name: a, type: calculate, calculation: "once(random())"}\n')) == ()


# What can never be.


@pytest.mark.parametrize(
    "source",
    [
        "${sex} = 'male' and ${sex} != 'male'",
        "not(selected(${sex}, 'male')) and not(selected(${sex}, 'female')) and ${sex} != ''",
        "${age} > 5 and ${age} < 3",
        "${age} > 5 and ${age} < 6",
        "${age} = '' and ${age} > 0",
        "(${age} > 5 or ${sex} = 'male') and ${age} < 3 and ${sex} = 'female'",
        "selected(${fruits}, 'plum') and not(selected(${fruits}, 'plum'))",
        "count-selected(${fruits}) > 3",
        "selected(${fruits}, 'plum') and count-selected(${fruits}) = 0",
        "string-length(${name}) > 5 and string-length(${name}) < 3",
        "${name} = 'a' and ${name} = 'b'",
        "${born} > date('2020-01-01') and ${born} < date('2019-01-01')",
        "today() > ${born} and not(today() > ${born})",
        "number(${sex}) > 1",
        "1 = 2 and ${age} > 1",
    ],
)
def test_a_condition_that_contradicts_itself_is_found(source: str) -> None:
    assert [p.code for p in problems(_asked_when(source))] == ["never_relevant"]


@pytest.mark.parametrize(
    "source",
    [
        "${sex} = 'male' or ${sex} = 'female'",
        "${sex} != 'male' and ${sex} != 'female'",
        "not(${age} > 3) and not(${age} <= 3)",
        "${age} > 5 and ${age} < 7",
        "${weight} > 5 and ${weight} < 6",
        "${age} != 5",
        "selected(${fruits}, 'plum') and selected(${fruits}, 'pear')",
        "selected(${fruits}, 'plum') and count-selected(${fruits}) = 3",
        "string-length(normalize-space(${name})) < 2 and string-length(${name}) > 5",
        "regex(${name}, 'a') and regex(${name}, 'b')",
        "random() > 0.5 and not(random() > 0.5)",
        "${age} > ${weight} and ${age} < 3",
        "${name} != 'a' and ${name} != 'b'",
        "today() > ${born} and today() < ${born} + 5",
        "${name} = 5 and ${name} = '5.0'",
    ],
)
def test_a_condition_that_may_hold_is_left_alone(source: str) -> None:
    assert problems(_asked_when(source)) == ()


def _asked_when(source: str) -> str:
    names = "  - {name: name, type: text, label: N}\n  - {name: born, type: date, label: B}\n"
    weight = "  - {name: weight, type: decimal, label: W}\n"
    return form(SEX + AGE + FRUITS + names + weight + f'  - {{name: a, type: text, label: A, relevant: "{source}"}}\n')


def test_conditions_of_the_groups_around_count_too_and_only_the_outermost_fault_is_told() -> None:
    rows = SEX + "  - {name: q, group: g, type: text, label: Q, relevant: \"${sex} = 'female'\"}\n"
    rows += "  - {name: p, group: g, type: text, label: P}\n"
    males = 'groups: {g: {label: G, relevant: "' + "${sex} = 'male'" + '"}}\n'
    nobody = 'groups: {g: {label: G, relevant: "' + "${sex} = 'male' and ${sex} = ''" + '"}}\n'
    assert [(p.code, p.facts["name"]) for p in problems(form(rows, males))] == [("never_relevant", "q")]
    assert [(p.code, p.facts["name"]) for p in problems(form(rows, nobody))] == [("never_relevant", "g")]


def test_a_constraint_is_never_asked_about_a_blank() -> None:
    text = form("  - {name: a, type: select_one sex, label: A, constraint: \". != 'male' and . != 'female'\"}\n")
    assert [p.code for p in problems(text)] == ["constraint_never"]


def test_a_constraint_beyond_the_ends_of_a_range_cannot_be_met() -> None:
    text = form('  - {name: a, type: range, parameters: "start=1 end=5", label: A, constraint: ". > 5"}\n')
    assert [p.code for p in problems(text)] == ["constraint_never"]


_ATOMS = st.sampled_from(
    [
        "${sex} = 'male'", "${sex} != 'male'", "selected(${sex}, 'female')", "${sex} = ''", "number(${sex}) = 1",
        "${age} > 1", "${age} <= 1", "${age} = 2", "${age} != 2", "${age} = ''", "3 > ${age}", "string(${sex}) = 'male'",
        "selected(${fruits}, 'plum')", "count-selected(${fruits}) > 1", "count-selected(${fruits}) = 3", "${fruits} = ''",
        "count-selected(${fruits}) <= 2", "selected(${fruits}, 'pear')", "${weight} > 0.5", "${weight} < 0.5", "true()", "1 > 2",
    ]
)  # fmt: skip
_SOURCES = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
    ),
    max_leaves=6,
)
_LAND: dict[str, list[Atom]] = {  # all that people can answer, as far as these conditions can tell
    "sex": ["", "male", "female"],
    "age": ["", 0.0, 1.0, 2.0, 3.0, 4.0],
    "fruits": ["", "apple", "plum", "pear", "apple plum", "apple pear", "plum pear", "apple plum pear"],
    "weight": ["", 0.0, 0.5, 1.0],
}


class _World:
    """Answers by number of the question; as much of an `Env` as these conditions read."""

    candidate = ""
    now = datetime(2026, 11, 23, tzinfo=UTC)

    def __init__(self, answers: dict[int, Atom]) -> None:
        self.answers = answers

    def value(self, node: int) -> Atom:
        return self.answers[node]


@settings(max_examples=250, deadline=None)
@given(_SOURCES)
def test_what_is_called_impossible_is_so_for_every_answer_and_the_other_way_round(source: str) -> None:
    """The same question put to the real evaluator, for every combination of answers."""
    flow = read_flow(_asked_when(source), file="f.yaml")
    laid_out = Form(flow)
    read = next(read for read in read_all(laid_out).reads if read.cell.source == source)
    conditions = Conditions(laid_out)
    thought = can_hold(conditions.formula(read), conditions.variables)
    expression = compile_expression(source, read.scope)
    numbers = {name: laid_out.by_name[name][0] for name in _LAND}
    assert thought is any(expression.boolean(_World(answers)) for answers in _combined(numbers))  # type: ignore[arg-type]


def _combined(numbers: dict[str, int]) -> list[dict[int, Atom]]:
    found: list[dict[int, Atom]] = [{}]
    for name, values in _LAND.items():
        found = [{**one, numbers[name]: value} for one in found for value in values]
    return found


# Words, channels, personal data.


def test_what_another_channel_can_show_may_be_asked_instead() -> None:
    flow = read_flow(form(SEX), file="f.yaml")
    (found, *_) = [p for p in check(flow, channels=(Limits("tiny", button=2, card=3),)) if p.code == "card_too_long"]
    assert (found.facts["channel"], found.facts["most"]) == ("tiny", "3")


def test_notes_count_to_the_card_of_the_question_they_are_said_with() -> None:
    note = '  - {name: n, type: note, label: "' + "a" * 3000 + '"}\n'
    assert problems(form(note + AGE)) == ()
    assert [(p.code, p.facts["name"]) for p in problems(form(note * 1 + note.replace("name: n", "name: m") + AGE))] == [
        ("card_too_long", "age")
    ]


def test_the_receipt_is_known_in_the_thanks_and_nowhere_else() -> None:
    assert problems(form(AGE, 'thank_you: "Mã {receipt}, {contact}"\n')) == ()
    assert [p.code for p in problems(form(AGE, 'welcome: "Mã {receipt}"\n'))] == ["unknown_placeholder"]


def test_placeholders_are_those_the_caller_fills() -> None:
    flow = read_flow(form(AGE, 'welcome: "{house} {organiser}"\n'), file="f.yaml")
    assert [p.facts.get("hole") for p in check(flow, placeholders={"house"}) if p.is_error] == ["organiser"]


@pytest.mark.parametrize(
    "cells",
    [
        "name: contact_phone, type: text, label: A",
        "name: cccd, type: text, label: A",
        "name: ho_ten, type: text, label: A",
        "name: email, type: text, label: A",
        "name: home_address, type: text, label: A",
        "name: ngay_sinh, type: date, label: A",
        "name: a, type: text, label: Họ và tên của anh/chị?",
        "name: a, type: text, label: Xin cho biết số căn cước",
        "name: a, type: text, label: A, chat: {parse: phone_any}",
        "name: a, type: text, label: A, chat: {parse: mst}",
        "name: a, type: geopoint, label: A",
    ],
)
def test_personal_data_is_recognised_by_name_words_and_reader(cells: str) -> None:
    assert [p.code for p in problems(form(CONSENT + f"  - {{{cells}}}\n"))] == ["pii_unmarked"]
    assert problems(form(CONSENT + f"  - {{{cells}, pii: basic}}\n")) == ()


@pytest.mark.parametrize(
    "cells",
    [
        "name: product_name, type: text, label: Tên sản phẩm?",
        "name: telling, type: text, label: A",
        "name: a, type: text, label: Có bao nhiêu người?",
        "name: email_wanted, type: select_one sex, label: A",
    ],
)
def test_what_is_not_personal_is_not_taken_for_it(cells: str) -> None:
    assert problems(form(CONSENT + f"  - {{{cells}}}\n")) == ()


def test_a_calculation_made_of_personal_data_must_not_leave_either() -> None:
    rows = CONSENT + "  - {name: who, type: text, label: A, pii: basic}\n"
    rows += '  - {name: one, type: calculate, calculation: "concat(${who})"}\n'
    rows += '  - {name: two, type: calculate, calculation: "${one}"}\n'
    assert [p.code for p in problems(form(rows, "summary: [two]\n"))] == ["summary_personal"]


def test_an_exclusive_option_with_its_constraint_is_fine() -> None:
    constraint = "not(selected(., 'none') and count-selected(.) > 1)"
    text = form(
        f'  - {{name: a, type: select_multiple l, label: A, constraint: "{constraint}"}}\n',
        lists="choices: {l: [{name: none, label: Không}, {name: b, label: B}]}\n",
    )
    assert problems(text) == ()


# The words for it.


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_code_has_its_words_and_remedy_in_every_language_with_the_same_holes(lang: str) -> None:
    catalogue = {lang: _catalogue(lang), "vi": _catalogue("vi")}
    wanted = {f"{kind}.{code}" for kind in ("problem", "remedy") for code in CODES}
    assert set(catalogue[lang]) == wanted
    for key, words in catalogue[lang].items():
        assert _holes(words) == _holes(catalogue["vi"][key]), key


def test_every_problem_found_here_has_a_fact_for_every_hole_of_its_words() -> None:
    words = _catalogue("vi")
    found = [p for text in FOUND.values() for p in problems(text.replace("¶", ""))]
    assert {p.code for p in found} >= set(FOUND)
    for problem in found:
        for kind in ("problem", "remedy"):
            assert words[f"{kind}.{problem.code}"].format(**problem.facts)


def _catalogue(lang: str) -> dict[str, str]:
    with (files("locales") / lang / "LC_MESSAGES" / "problems.po").open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream, locale=lang) if message.id}


def _holes(words: str) -> set[str]:
    return set(re.findall(r"(?<!\{)\{([a-z_]+)\}(?!\})", words))


# Whatever comes.


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(0, 30),
    st.sampled_from(["", "'", "${", "(", " and ", "${a}", "[", "1", ", name: a"]),
)
def test_a_form_torn_apart_is_checked_all_the_same(at: int, cut: int, put: str) -> None:
    whole = form(
        CONSENT
        + SEX
        + AGE
        + FRUITS
        + '  - {name: a, type: text, label: "${sex}", relevant: "${age} > 3 and selected(${fruits}, \'plum\')", next: [{to: b}], end: {when: "${a} = \'x\'"}}\n'
        + '  - {name: b, type: calculate, calculation: "${age}"}\n',
        "summary: [b]\n",
    )
    at %= len(whole)
    flow, _ = read_draft(whole[:at] + put + whole[at + cut :], file="f.yaml")
    if flow is not None:
        assert {p.code for p in check(flow)} <= CODES


def test_the_nearest_of_very_many_names_is_found_without_comparing_them_all() -> None:
    known = [f"question_{n}" for n in range(5_000)]
    assert nearest("question_471x", known).startswith("question_47")
    assert nearest("zz", known).count(",") == LISTED - 1
