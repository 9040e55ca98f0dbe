"""What holds for any source and any values."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.expressions import Expression, ExpressionError, compile_expression
from flows.expressions.functions import FUNCTIONS
from flows.expressions.patterns import BadPattern, Pattern
from flows.expressions.table import Function
from flows.expressions.values import TEXT_MAX, equal, number_text, to_boolean, to_moment, to_number, to_text
from tests.flows.test_expressions_world import QUESTIONS, Form, World, compiled

QUICK: Final = settings(max_examples=150, deadline=None)
ZONE: Final = timezone(timedelta(hours=7))

any_text: Final = st.text(st.characters(), max_size=40)  # lone surrogates among them
odd_texts: Final = st.sampled_from(
    ["0", "-1", "1e400", "9" * 400, " 12 ", "2024-02-29", "2024-02-30T25:00", "0001-01-01", "9999-12-31T23:59:59Z", "23:59", "-",
     "a b c", "\ud800", "\0", "%Y%%%", "(a", "[0-9]+", "1 2;3 4;5 6", "NaN", "Infinity", "x" * 12_000]
)  # fmt: skip
atoms: Final = st.one_of(
    any_text,
    odd_texts,
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([UTC, ZONE])),
    st.times(),
)
wrong: Final = st.sampled_from([None, 10**400, 7, b"x", [], {}, datetime(2024, 1, 1), object()])  # noqa: DTZ001 — wrong on purpose
worlds: Final = st.dictionaries(st.sampled_from(QUESTIONS), st.one_of(atoms, wrong))

PIECES: Final = (
    "${a}", "${b}", "${e}", "${d}", "${n}", "${r}", "${zz}", ".", "..", "/", "//", "*", "[", "]", "(", ")", ",", "1", "0.5", "'x'",
    "''", "+", "-", " div ", " mod ", "=", "!=", "<", ">=", " and ", " or ", "|", "not(", "count(", "if(", "selected(", "sum(",
    "position()", "today()", "@", "::", "child", "instance('l')", "name", "regex(", "'('", "“", "\u00a0", "-1", "or.",
)  # fmt: skip

leaves: Final = st.sampled_from(
    ["${a}", "${b}", "${e}", "${t}", "${d}", "${d2}", "${fls}", "${n}", "${nm}", "${r}", ".", "../a", "/data/r/n", "1", "-2.5", "0", "'x'",
     "''", "'2024-02-29'", "today()", "now()", "true()", "instance('l')/root/item[name = 'x']/price", "1 div 0", "number('x')",
     "random()"]
)  # fmt: skip


def _branches(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or"])
    called = st.sampled_from(sorted(FUNCTIONS.values(), key=lambda function: function.name)).flatmap(
        lambda function: st.lists(
            inner, min_size=function.least, max_size=min(function.most or 6, function.least + 2)
        ).map(lambda args: f"{function.name}({', '.join(args)})")
    )
    return st.one_of(
        st.tuples(inner, signs, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        inner.map(lambda part: f"-({part})"),
        inner.map(lambda part: f"${{r}}[{part}]/nm"),
        called,
    )


expressions: Final = st.recursive(leaves, _branches, max_leaves=8)


def _evaluate(source: str, world: World, *, inside: bool = False) -> None:
    """Evaluate in every way and look at the kinds of the results."""
    expression = compiled(source, inside=inside)
    expression.value(world)  # of any kind: a plain reference gives back what the world says
    assert isinstance(expression.boolean(world), bool)
    assert isinstance(expression.number(world), float)
    text = expression.text(world)
    assert isinstance(text, str)
    assert text != "nan"


@QUICK
@given(any_text)
def test_any_text_compiles_or_is_told_wrong(source: str) -> None:
    _compile_or_be_told(source)


@QUICK
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_row_of_tokens_compiles_or_is_told_wrong(source: str) -> None:
    _compile_or_be_told(source)


def _compile_or_be_told(source: str) -> None:
    found = _compiled_or_told(source)
    if isinstance(found, ExpressionError):
        assert 0 <= found.at <= len(source)
        assert found.code.isidentifier()
        assert all(isinstance(fact, str) for fact in found.facts.values())
    else:
        assert found.source == source
        _evaluate(source, World())


def _compiled_or_told(source: str) -> Expression | ExpressionError:
    try:
        return compile_expression(source, Form())
    except ExpressionError as error:
        return error


# What is wrong with a call whose arguments are any expressions, and not those that the function needs.
MISUSED: Final = {"not_nodes", "not_literal", "unknown_name", "unknown_table", "bad_regex", "arity", "too_deep"}


@QUICK
@given(expressions, worlds, st.one_of(atoms, wrong))
def test_to_evaluate_never_raises(source: str, answers: Mapping[str, Any], candidate: Any) -> None:
    found = _compiled_or_told(source)
    if isinstance(found, ExpressionError):
        assert found.code in MISUSED
    else:
        _evaluate(source, World(answers, candidate=candidate))


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())
@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.one_of(atoms, wrong), min_size=7, max_size=7))
def test_no_function_raises_for_odd_values(function: Function, values: list[Any]) -> None:
    holders = ["${a}", "${b}", "${e}", "${t}", "${d}", "${d2}", "${fls}"]
    for count in {function.least, function.most or function.least + 2}:
        source = f"{function.name}({', '.join(holders[:count])})"
        found = _compiled_or_told(source)
        if isinstance(found, ExpressionError):
            assert found.code in MISUSED
            continue
        _evaluate(source, World(dict(zip(QUESTIONS, values, strict=True))))


@QUICK
@given(st.floats(allow_nan=False))
def test_a_number_comes_back_from_its_text(number: float) -> None:
    text = number_text(number)
    assert "e" not in text
    assert not text.endswith(".0")
    if text.lstrip("-") != "Infinity":
        assert to_number(text) == number


@QUICK
@given(st.dates())
def test_a_date_comes_back_from_its_text_and_its_number(day: date) -> None:
    assert to_moment(to_text(day)) == day
    assert to_moment(to_number(day)) == day


@QUICK
@given(atoms, atoms)
def test_equality_is_the_same_from_both_sides(left: Any, right: Any) -> None:
    assert equal(left, right, ZONE) is equal(right, left, ZONE)


@QUICK
@given(atoms)
def test_truth_is_that_of_the_language(value: Any) -> None:
    assert to_boolean(value) is compiled("boolean(${t})").boolean(World({"t": value}))


@QUICK
@given(any_text, any_text)
def test_any_pattern_is_used_or_named(source: str, text: str) -> None:
    try:
        found = Pattern(source)
    except BadPattern as bad:
        named = bad.construct
    else:
        named = str(found.matches(text))
    assert named


@QUICK
@given(st.lists(atoms, max_size=7))
def test_concatenation_is_as_long_as_its_parts_up_to_the_limit(parts: list[Any]) -> None:
    answers = dict(zip(QUESTIONS, parts, strict=False))
    joined = compiled("concat(" + ", ".join(f"${{{name}}}" for name in QUESTIONS) + ")").text(World(answers))
    assert joined == "".join(to_text(answers.get(name, "")) for name in QUESTIONS)[:TEXT_MAX]
