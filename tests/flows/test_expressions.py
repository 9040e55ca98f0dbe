"""What expressions mean, in tables."""

import doctest
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from types import ModuleType
from typing import Final

import pytest

from flows.expressions import ExpressionError, operators, values
from flows.expressions.code import Kind
from flows.expressions.compiler import FOLD_MAX
from flows.expressions.env import Atom, Node
from flows.expressions.focus import WORK_MAX
from flows.expressions.functions import FUNCTIONS, chance, numbers
from flows.expressions.functions.refused import UNSUPPORTED, VENDOR
from flows.expressions.parser import DEPTH_MAX, SOURCE_MAX
from flows.expressions.table import BLANK, Function
from flows.expressions.values import TEXT_MAX
from tests.flows.test_expressions_world import NAMES, ROWS, World, compiled

TRUE: Final = {
    "lexing": (
        "1div1 = 1",
        "-7 mod 2 = -1",
        "- 7 = -7 and --7 = 7",
        "(1=1)and(2=2)or(3=4)",
        "1 = 1\u00a0and\u200b 2 = 2",
        "‘a’ = 'a' and “b” = \"b\" and 'it’s' = \"it’s\"",
        ".5 + 5. = 5.5",
        "5 -3 = 2 and 5-3 = 2",
        "3 * 4 = 12 and 2 + 3 * 4 = 14 and (2 + 3) * 4 = 20",
        "10 - 3 - 2 = 5 and 100 div 10 div 2 = 5",
        "1 < 2 = true()",
        "${ a } = 25",
    ),
    "blank": (
        "not(${e} > 3) and not(${e} < 3)",
        "${e} = '' and ${e} != 5 and not(${e} = 0)",
        "string(${e} + 1) = ''",
        "coalesce(${e}, 0) + 1 = 1",
        "if(${e}, 'y', 'n') = 'n'",
        "not(${e}) and not(${e} and true()) and not(${e} or false())",
        "sum(${e}, 3, 4) = 7 and max(${e}, 3) = 3",
        "count-selected(${e}) = 0 and selected(${e}, '') and not(selected(${e}, 'x'))",
    ),
    "kinds": (
        "'10' = 10 and '10' != '10.0' and not('10' < '9')",
        "not('abc' < 'abd') and not('abc' > 'abd')",
        "0.1 + 0.2 = 0.3 and not(0.1 + 0.2 != 0.3)",
        "true() = 5 and true() = 'x' and false() = ''",
        "string(true()) = 'true' and true() + true() = 2",
        "if(${fls}, 'yes', 'no') = 'yes' and not(boolean-from-string(${fls}))",
        "1 div 0 > 10 and -1 div 0 < 0 and string(1 div 0) = 'Infinity'",
        "number('1e3') != 1000 and number(' 12 ') = 12 and string(number('x')) = ''",
        "string(12345678901234567890) = '12345678901234567000'",
    ),
    "dates": (
        "${d2} - ${d} = 998",
        "${d} > date('2024-02-28') and ${d} > '2024-02-28' and ${d} = '2024-02-29'",
        "date(${d} + 1) = date('2024-03-01')",
        "today() = date('2026-11-23') and today() > ${d} and now() > today() and now() - today() = 0.5",
        "date(now()) = today()",
        "int((today() - ${d}) div 365.25) = 2",
        "decimal-date-time(${d}) < ${d} and decimal-date-time(${d}) > ${d} - 1",
        "format-date(today(), '%d/%m/%Y %%') = '23/11/2026 %'",
        "format-date('hôm nay', '%Y') = '' and date('2024-02-30') = ''",
        "decimal-time('12:00') = 0.5 and decimal-time('25:00') != 0",
        "date(1000000000000) = '' and string(date('x') + 1) = ''",
    ),
    "selects": (
        "selected(${b}, 'x') and not(selected(${b}, 'xx')) and selected(${b}, ' x ')",
        "selected('llc jsc', 'llc') and selected-at(${b}, 0) = 'w' and selected-at(${b}, -1) = ''",
        "jr:choice-name(selected-at(${b}, 1), ' ${b} ') = 'X label' and jr:choice-name('x', '/data/b') = 'X label'",
        "jr:choice-name('nobody', '${b}') = ''",
    ),
    "repeats": (
        "count(${r}) = 3 and sum(${n}) = 6 and join(',', ${nm}) = 'N1,N2,N3' and concat(${nm}) = 'N1N2N3'",
        "sum(${m}) = 40 and count-non-empty(${m}) = 2 and min(${m}) = 10",
        "join('|', ${r}[n > 1]/nm) = 'N2|N3' and ${r}[position() = 3]/nm = 'N3' and ${r}[2]/nm = 'N2'",
        "${r}[last()]/nm = 'N3' and ${r}[n >= 2][1]/nm = 'N2' and count(${r}[m]) = 2",
        "count(/data/r/n | /data/r/nm | /data/r/n) = 6",
        "${n} = 3 and ${n} > 2 and not(${n} > 3)",
        "string(${nm}) = 'N1'",
        "indexed-repeat(${nm}, ${r}, 3) = 'N3' and indexed-repeat(${nm}, ${r}, 4) = '' and indexed-repeat(${nm}, ${r}, '') = ''",
        "count(/data/r[nm = 'N2']) = 1 and count(//nm) = 3 and count(/data/*) = 10",
        "count(${r}[position() = 2]/nm/..) = 1 and count(${nm}/..) = 3 and count(${r}/n/../..) = 1",
        "join('|', ${r}[${n} > 1]/nm) = 'N2|N3' and count(${r}[${a} > ${n}]) = 3 and count(${r}[sum(${n}) = 3]) = 1",
        "boolean(${r}) and not(boolean(${r}[n = 9]))",
        "name(${r}/*[1]) = 'n' and count(/data/r[1]/following-sibling::r) = 2 and count(//nm/ancestor::data) = 1",
        "string(${r}[n = 9]/nm) = '' and ${r}[n = 9]/nm = ''",
    ),
    "paths": (
        "../a = 25 and /data/a = 25 and current()/../a = 25",
        "sum(../r/n) = 6 and sum(/data/r/n) = 6",
        "count(../r[n = current()/../e]) = 0 and count(../r[n = 1 and /data/a = 25]) = 1",
    ),
    "tables": (
        "instance('l')/root/item[name = 'y']/price = 30",
        "instance('l')/root/item['y' = name]/price = '30'",
        "instance('l')/root/item[price = 30]/name = 'y'",
        "instance('l')/root/item[name = selected-at(${b}, 0)]/label = 'W label'",
        "instance('l')/root/item[name = selected-at(../b, 0)]/label = 'W label'",
        "instance('l')/root/item[price > 10 and price < 30]/name = 'x'",
        "count(instance('l')/root/item) = 4 and count(instance('l')/root/item[name != 'x']) = 3",
        "count(instance('l')/root/item[selected(${b}, name)]/name) = 3",
        "instance('l')/root/item[name = 'nobody']/price = ''",
        "sum(instance('l')/root/item/price) = 100",
        "pulldata('l', 'price', 'name', 'x') = 20 and pulldata('l', 'price', 'name', 'q') = ''",
        "pulldata('l', 'name', 'price', 20) = 'x'",
        "pulldata(${fls}, 'name', 'price', 20) = ''",
    ),
    "order of evaluation": (
        "true() or 1 div 0 = 'x'",
        "not(false() and true() or false())",
        "true() or false() and false()",
    ),
}


@pytest.mark.parametrize("source", [each for table in TRUE.values() for each in table])
def test_is_true(source: str) -> None:
    expression = compiled(source)
    assert expression.boolean(World()) is True
    assert expression.text(World()) == "1"
    assert expression.number(World()) == 1.0


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_every_function_does_what_its_example_says(function: Function) -> None:
    assert function.name in function.example
    assert compiled(function.example).boolean(World(candidate="")) is True


@pytest.mark.parametrize("module", [values, operators, numbers, chance], ids=lambda module: module.__name__)
def test_the_examples_in_docstrings_are_true(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("source", "number", "text"),
    [
        ("${a} + 0.5", 25.5, "25.5"),
        ("${e} + 1", math.nan, ""),
        ("${d}", 19782.0, "2024-02-29"),
        ("${b}", math.nan, "w x y"),
        ("1 div 3", 1 / 3, "0.3333333333333333"),
        ("10 div 4 * 2", 5.0, "5"),
        ("-0", 0.0, "0"),
        ("round(-0.4)", 0.0, "0"),
        ("false()", 0.0, "0"),
        ("concat(true(), '')", math.nan, "true"),
        ("100000000 * 100000000 * 1000000", 1e22, "10000000000000000000000"),
        ("now()", 20780 + 5 / 24, "2026-11-23T12:00:00.000+07:00"),
    ],
)
def test_a_result_as_number_and_as_stored_text(source: str, number: float, text: str) -> None:
    expression = compiled(source)
    assert expression.number(World()) == pytest.approx(number, nan_ok=True)
    assert expression.text(World()) == text


def test_a_dot_is_the_value_on_trial() -> None:
    constraint = compiled(". >= 0 and . <= 100")
    assert constraint.boolean(World(candidate=100.0))
    assert not constraint.boolean(World(candidate=100.5))
    assert compiled("selected(., 'a') or.='b'").boolean(World(candidate="b"))
    assert compiled("current()/. = 7").boolean(World(candidate=7.0))
    assert compiled("string-length() = 3").boolean(World(candidate="abc"))


def test_in_a_predicate_a_dot_is_the_node_on_trial() -> None:
    assert compiled("count(${n}[. > 1]) = 2").boolean(World(candidate=0.0))
    assert compiled("count(${n}[. > current()]) = 1").boolean(World(candidate=2.0))


def test_once_keeps_what_is_there() -> None:
    assert compiled("once(random())").value(World(candidate="kept")) == "kept"


def test_in_its_own_repeat_an_expression_sees_its_own_instance() -> None:
    second = World(instance=2)
    assert compiled("${n}", inside=True).value(second) == 2.0
    assert compiled("../n", inside=True).value(second) == 2.0
    assert compiled("position(..)", inside=True).value(second) == 2.0
    assert compiled("../../a", inside=True).value(second) == 25.0
    assert compiled("count(${r})", inside=True).value(second) == 3.0
    copied = "${r}[position() = position(current()/..) - 1]/nm"
    assert compiled(copied, inside=True).text(second) == "N1"
    assert compiled("indexed-repeat(${nm}, ${r}, position(..) - 1)", inside=True).value(second) == "N1"


def test_a_choice_filter_reads_the_columns_of_a_choice() -> None:
    world = World()
    chosen = compiled("selected(${b}, name) and price > 15", columns=["name", "price"])
    passed = []
    for row in ROWS:
        world.row = row
        if chosen.boolean(world):
            passed.append(row["name"])
    assert passed == ["x", "y"]


def test_an_expression_knows_what_it_reads() -> None:
    expression = compiled("if(${a} > ../e, jr:choice-name(${t}, '${b}'), sum(${n})) + ${a}")
    assert expression.names == ("a", "t", "b", "n")
    assert expression.refs == {NAMES.index(name) for name in ("a", "e", "t", "b", "n")}
    assert not expression.volatile
    assert compiled("position(..)", inside=True).refs == {NAMES.index("r")}
    assert compiled("count(../r[n > 1]/nm)").refs == {NAMES.index("nm")}


@pytest.mark.parametrize("source", ["random()", "uuid()", "now()", "today() > ${d}", "once(1)", "if(1, 2, random())"])
def test_what_may_change_by_itself_is_volatile(source: str) -> None:
    assert compiled(source).volatile


@pytest.mark.parametrize(
    ("source", "code", "at", "facts"),
    [
        ("", "syntax", 0, {"found": ""}),
        ("1 +", "syntax", 3, {"found": ""}),
        ("1 2", "syntax", 2, {"found": "2"}),
        ("${a} == 1", "syntax", 6, {"found": "="}),
        ("${a} && ${b}", "syntax", 5, {"found": "&"}),
        ("(1", "syntax", 2, {"found": ""}),
        ("1)", "syntax", 1, {"found": ")"}),
        ("f(1,", "syntax", 4, {"found": ""}),
        ("/data/", "syntax", 6, {"found": ""}),
        ("5abc", "syntax", 1, {"found": "abc"}),
        ("'a", "unclosed_text", 0, {}),
        ("1 + ${a", "unclosed_reference", 4, {}),
        ("${a ${b}", "unclosed_reference", 0, {}),
        ("${}", "syntax", 0, {"found": "${}"}),
        ("${zz} = 1", "unknown_name", 0, {"reference": "zz"}),
        ("age > 5", "unknown_name", 0, {"reference": "age"}),
        ("jr:choice-name('x', '${zz}')", "unknown_name", 20, {"reference": "${zz}"}),
        ("jr:choice-name('x', concat('a', 'b'))", "not_literal", 20, {}),
        ("${last-saved#a}", "last_saved", 0, {"reference": "last-saved#a"}),
        ("instance('zz')/root/item/a", "unknown_table", 9, {"table": "zz"}),
        ("pulldata('zz', 'a', 'b', 'c')", "unknown_table", 9, {"table": "zz"}),
        ("selectd(${b}, 'x')", "unknown_function", 0, {"function": "selectd", "nearest": "selected"}),
        ("duration('x')", "vendor_function", 0, {"function": "duration"}),
        ("cht:difference-in-months(1, 2)", "vendor_function", 0, {"function": "cht:difference-in-months"}),
        ("extract-signed('a', 'b')", "unsupported_function", 0, {"function": "extract-signed"}),
        ("1 + round()", "arity", 4, {"function": "round", "given": "0", "least": "1", "most": "2"}),
        ("coalesce()", "arity", 0, {"given": "0", "least": "1", "most": ""}),
        ("indexed-repeat(${nm}, ${r}, 1, ${r})", "arity", 0, {"given": "4"}),
        ("count(1)", "not_nodes", 6, {"function": "count"}),
        ("'a'/b", "not_nodes", 0, {"function": "/"}),
        ("1[2]", "not_nodes", 0, {"function": "["}),
        ("${r} | 1", "not_nodes", 7, {"function": "|"}),
        ("indexed-repeat('a', ${r}, 1)", "not_nodes", 15, {"function": "indexed-repeat"}),
        ("following::a", "unsupported_axis", 0, {"axis": "following"}),
        ("regex(., '(?=a)b')", "bad_regex", 9, {"pattern": "(?=a)b", "construct": "(?="}),
        ("1" * (SOURCE_MAX + 1), "too_long", SOURCE_MAX, {"length": str(SOURCE_MAX + 1), "most": str(SOURCE_MAX)}),
        ("(" * 200 + "1" + ")" * 200, "too_deep", DEPTH_MAX, {"most": str(DEPTH_MAX)}),
        ("-" * 5000 + "1", "too_deep", DEPTH_MAX, {"most": str(DEPTH_MAX)}),
        ("1" + " = 1" * 100, "too_deep", 2, {"most": str(FOLD_MAX)}),
    ],
)
def test_a_mistake_is_told_with_its_place(source: str, code: str, at: int, facts: dict[str, str]) -> None:
    with pytest.raises(ExpressionError) as caught:
        compiled(source)
    assert (caught.value.code, caught.value.at) == (code, at)
    assert facts.items() <= caught.value.facts.items()


def test_no_function_is_taken_and_refused_at_once() -> None:
    assert not FUNCTIONS.keys() & (VENDOR | UNSUPPORTED)


def test_nesting_within_the_limit_runs() -> None:
    deep = DEPTH_MAX // 2 - 2
    assert compiled("if(1 = 1, " * deep + "5" + ", 6)" * deep).value(World()) == 5.0


def test_long_rows_of_one_operator_cost_no_depth() -> None:
    assert compiled(" or ".join(["${a} = 1"] * 500)).boolean(World()) is False
    assert compiled(" + ".join(["1"] * 2000)).value(World()) == 2000.0
    assert compiled("10" + " - 1" * 20 + " + 5").value(World()) == -5.0


class Endless:
    """A tree of a million nodes that are made as they are asked for."""

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self.name = "data" if depth == 0 else "x"

    def parent(self) -> Node | None:
        return None

    def children(self, name: str) -> Sequence[Node]:
        return [Endless(self.depth + 1) for _ in range(100)] if self.depth < 3 and name in ("*", "x") else []

    def value(self) -> Atom:
        return 1.0

    def position(self) -> int:
        return 1

    def key(self) -> str:
        return str(id(self))


class Endlessly(World):
    """A world in which that tree is the form."""

    def root(self) -> Node:
        return Endless()


def test_past_its_work_an_evaluation_is_blank() -> None:
    assert 100 * 100 < WORK_MAX < 100 * 100 * 100
    assert compiled("count(/data/x/x)").value(Endlessly()) == 100.0 * 100.0
    for source in ("count(/data/x/x/x)", "sum(//x)", "/data/x/x[count(/data/x/x) > 1]"):
        expression = compiled(f"string({source})")
        assert expression.value(Endlessly()) == ""
        assert expression.boolean(Endlessly()) is False
        assert math.isnan(expression.number(Endlessly()))
        assert expression.text(Endlessly()) == ""


def test_no_text_grows_without_end() -> None:
    world = World({"t": "x" * 9000})
    assert compiled("concat(${t}, ${t})").text(world) == "x" * TEXT_MAX
    assert len(compiled("join(${t}, 'a', 'b', 'c')").text(world)) == TEXT_MAX
    assert len(compiled("format-date(today(), ${t})").text(World({"t": "%Y" * 4000}))) == TEXT_MAX


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (date(2024, 2, 29), datetime(2024, 2, 29, tzinfo=UTC), True),
        (date(2024, 2, 29), "2024-02-29", True),
        (date(2024, 2, 29), "29/2/2024", False),
        (time(8, 30), "08:30", True),
        (time(8, 30), "08:30:00.000", True),
        (0.0, "", False),
        (math.nan, math.nan, False),
        (math.inf, math.inf, True),
    ],
)
def test_values_that_are_equal(left: Atom, right: Atom, *, same: bool) -> None:
    assert values.equal(left, right) is same
    assert values.equal(right, left) is same


@pytest.mark.parametrize(
    ("seed", "order"),
    [
        (42.0, "AFCBDE"),
        (-42.0, "EDAFBC"),
        (1.1, "BFEACD"),
        (11111111.0, "ACDBFE"),
        (0.0, "CBEAFD"),
        (math.nan, "CBEAFD"),
    ],
)
def test_a_shuffle_is_the_one_of_odk(seed: float, order: str) -> None:
    """The orders that getodk/web-forms expects (packages/xpath/test/xforms/randomize.test.ts)."""
    assert "".join(chance.shuffled("ABCDEF", seed)) == order


def test_a_shuffle_keeps_all_and_follows_its_seed() -> None:
    items = list(range(50))
    assert sorted(chance.shuffled(items, 7.0)) == items
    assert chance.shuffled(items, 7.0) == chance.shuffled(items, 7.0) != chance.shuffled(items, 8.0)
    assert sorted(chance.shuffled(items, math.nan)) == sorted(chance.shuffled(items, -3.0)) == items


def test_every_kind_of_result_has_its_blank() -> None:
    assert set(BLANK) == set(Kind)


@pytest.mark.parametrize(
    ("source", "calm", "told"),
    [
        ("if(${e} = '', 'x', nosuch())", "x", "unknown_function"),
        ("true() or round()", "1", "arity"),
        ("false() and 1 + duration('x')", "0", "vendor_function"),
        ("if(true() or nosuch(), 'x', extract-signed('a', 'b'))", "x", "unknown_function unsupported_function"),
        ("if(true(), 'x', count(nosuch()))", "x", "unknown_function"),
    ],
)
def test_a_call_that_cannot_be_done_is_passed_over_where_nobody_reaches_it(source: str, calm: str, told: str) -> None:
    found = compiled(source)
    assert found.text(World()) == calm
    assert found.reached(World()) is None
    assert [error.code for error in found.late] == told.split()


@pytest.mark.parametrize(
    "source", ["if(false(), 'x', nosuch())", "concat('a', true() and round())", "count(${r}[true() and nosuch()])"]
)
def test_such_a_call_makes_the_whole_result_blank_where_it_is_reached(source: str) -> None:
    found, world = compiled(source), World()
    reached = found.reached(world)
    assert reached is not None
    assert source[reached.at :].startswith(reached.facts["function"])
    assert found.text(world) == ""
    assert found.boolean(world) is False
    assert math.isnan(found.number(world))
