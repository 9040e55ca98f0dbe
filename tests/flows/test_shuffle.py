"""Options in an order of chance, and words without markup."""

import pytest

from flows.expressions.functions.chance import shuffled
from flows.machine import compile
from flows.markup import bare
from flows.session import Session, Started
from flows.xlsform import read_markdown, to_flow
from tests.flows.test_xlsform_semantics import Talk
from tests.scenario import MONDAY

NAMES = [f"o{n}" for n in range(8)]
FORM = (
    "| survey |\n| | type | name | label | parameters |\n| | integer | n | Số? | |\n| | select_one l | a | A? | PARAMETERS |\n"
    "| choices |\n| | list_name | name | label |\n" + "".join(f"| | l | {name} | **{name}** |\n" for name in NAMES)
)


def order(parameters: str, seed: int = 1) -> list[str]:
    flow, problems = to_flow(read_markdown(FORM.replace("PARAMETERS", parameters)), "form")
    assert flow is not None
    assert problems == ()
    talk = Talk(compile(flow))
    talk.session = Session("s", "form", "1", "vi", seed=seed)
    talk.send(Started(MONDAY, "vi"))
    names = [option.name for option in talk.says("42").view.options]
    talk.edits("n").says("42")
    talk.edits("a")
    assert [option.name for option in talk.view.options] == names  # the same each time it is shown
    return names


def test_without_the_parameter_the_lists_order_stays() -> None:
    assert order("") == order("randomize=false") == NAMES


def test_the_order_is_the_sessions_own() -> None:
    orders = {tuple(order("randomize=true", seed)) for seed in range(5)}
    assert len(orders) > 1
    assert all(sorted(one) == NAMES for one in orders)


@pytest.mark.parametrize("seed", ["42", "${n}"])
def test_with_a_seed_it_is_that_of_odks_engines(seed: str) -> None:
    assert order(f"randomize = true, seed={seed}", 3) == shuffled(NAMES, 42)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("**Tên** của *anh/chị*", "Tên của anh/chị"),
        ("# of days\n## Chung", "# of days\nChung"),
        ('<span style="color:red">Chú ý</span><br/>m<sup>2</sup>', "Chú ý\nm2"),
        ("[Trang](https://example.vn/a_b_c)", "Trang (https://example.vn/a_b_c)"),
        ("**${ho_ten}** và _${tuoi_}_", "${ho_ten} và ${tuoi_}"),
        ("a < b & c > d, x_y_z, 2 * 3 * 4, #1, * một\n* hai", "a < b & c > d, x_y_z, 2 * 3 * 4, #1, * một\n* hai"),
        (r"\*không\* &lt;b&gt; &amp;nbsp;", "*không* <b> &nbsp;"),
        ("Ghi ___ vào chỗ trống **", "Ghi ___ vào chỗ trống **"),
        ("", ""),
    ],
)
def test_markup_is_taken_out_and_nothing_else(words: str, told: str) -> None:
    assert bare(words) == told


def test_what_is_filled_in_stays_as_it_was_said() -> None:
    flow, _ = to_flow(
        read_markdown("| survey |\n| | type | name | label |\n| | text | a | A |\n| | text | b | **Chào** ${a} |\n"),
        "form",
    )
    assert flow is not None
    assert Talk(compile(flow)).says("*x* <b>").view.text == "Chào *x* <b>"
