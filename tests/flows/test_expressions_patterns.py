"""Regular expressions of form authors."""

import time

import pytest

from flows.expressions.patterns import PATTERN_MAX, BadPattern, Pattern, pattern
from tests.flows.test_expressions_world import World, compiled


@pytest.mark.parametrize(
    ("source", "text", "fits"),
    [
        (r"[0-9]+", "123", True),
        (r"[0-9]+", "a123", False),
        (r"^(26|58)", "26110", False),  # the whole text has to fit
        (r"^(26|58).*$", "26110", True),
        (r"\w+", "Đạt", True),
        (r"\w+", "Đa\u0323t", True),  # the tone mark as a character of its own
        (r"\W", "Đ", False),
        (r"[\w ]+", "Nguyễn Văn Đạt", True),
        (r"[^\w]+", "Đ", False),
        (r"[^\w]+", "- -", True),
        (r"[\w.-]+@[\w-]+\.[a-z]{2,}", "đạt.n@thử-nghiệm.vn", True),
        (r"^[\w-\.]+@([\w-]+\.)+[\w-]{2,}$", "a-b.c@d-e.vn", True),
        (r"[\d-x]+", "1-x", True),
        (r"\d{10}", "0912345678", True),
        (r"\d+", "١٢٣", False),  # digits are ASCII
        (r"\p{Lu}\p{Ll}+", "Đạt", True),
        (r"\u0110.t", "Đạt", True),
        (r"[]a]+", "]a", True),
        (r"[[a]+", "[a", True),
        (r"[[:digit:]]+", "12", True),
        (r"(?i)đạt", "ĐẠT", True),
        (r"(?P<year>\d{4})-(?:0\d|1[0-2])", "2026-11", True),
        (r"a{2,3}", "aaa", True),
        (r"", "", True),
        (r".", "\ud800", False),
        (r"\bĐạt\b", "Đạt", True),
        (r".*\bĐạt\b.*", "anh Đạt ơi", True),
        (r".*\bạt\b.*", "anh Đạt ơi", False),
        (r"(\b\w+\b ?)+", "một hai ba", True),
        (r"\b[a-z]{2}-5$", "ab-5", True),
        (r"\b\w\W\w", "a b", True),
        (r"\b\w\W\w", "ab", False),
        (r"[^x]\b.", "a", False),
        (r"(a|b)\b", "b", True),
    ],
)
def test_a_pattern_fits_the_whole_text_or_not(source: str, text: str, *, fits: bool) -> None:
    assert Pattern(source).matches(text) is fits


@pytest.mark.parametrize(
    ("source", "construct"),
    [
        (r"(?=a)b", "(?="),
        (r"a(?!b)", "(?!"),
        (r"(?<=a)b", "(?<="),
        (r"(?<!a)b", "(?<!"),
        (r"(?>a)", "(?>"),
        (r"(a)\1", r"\1"),
        (r"(?<n>a)\k<n>", r"\k"),
        (r"a\Bb", r"\B"),
        (r"[a-z&&[^b]]", "&&"),
        (r"[\W]", r"[\W]"),
        (r"[a", "["),
        (r"(a", "missing ): (a"),
        (r"a++", "bad repetition operator: ++"),
        ("a" * (PATTERN_MAX + 1), f"{PATTERN_MAX + 1} > {PATTERN_MAX}"),
    ],
)
def test_what_is_not_supported_is_named(source: str, construct: str) -> None:
    with pytest.raises(BadPattern) as caught:
        Pattern(source)
    assert caught.value.construct == construct


def test_a_pattern_that_is_made_as_it_runs_fits_nothing_when_it_is_bad() -> None:
    world = World({"t": "(?=a)a", "b": "[a-z]+"})
    assert not compiled("regex('a', ${t})").boolean(world)
    assert compiled("regex('a', ${b})").boolean(world)
    assert pattern("(") is None


def test_a_pattern_that_explodes_elsewhere_is_fast_here() -> None:
    greedy = Pattern(r"^(a+)+$")
    bounded = Pattern(r"^(\ba+\b)+$")
    began = time.perf_counter()
    assert not greedy.matches("a" * 9_999 + "!")
    assert not bounded.matches("a" * 9_999 + "!")
    assert time.perf_counter() - began < 1.0
