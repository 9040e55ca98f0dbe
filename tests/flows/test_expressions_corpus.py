"""The shared corpora, written by others; they are read where KHAOSAT_SHARED says where the shared folder is."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
import yaml

from flows.expressions import compile_expression
from flows.expressions.env import Ref
from tests.corpus import expressions, scenarios, traces

SHARED: Final = os.environ.get("KHAOSAT_SHARED", "")
CORPUS: Final = Path(SHARED) / "corpus" / "xlsform"
pytestmark = pytest.mark.skipif(not SHARED, reason="KHAOSAT_SHARED does not say where the shared folder is")


def test_nearly_all_core_cases_of_three_engines_come_out_as_expected() -> None:
    figures, lines = expressions.run(CORPUS)
    tell(figures, lines)
    assert figures["cases"] > 1000
    assert figures["share"] >= 0.995, lines
    # date() of a day counts from midnight UTC here, and regex() matches the whole value, as JavaRosa's does
    assert {line.split()[0] for line in lines} == {"1767", "3897"}


def test_the_traps_come_out_as_in_javarosa() -> None:
    figures, lines = expressions.run_traps(CORPUS)
    tell(figures, lines)
    assert {line.split()[0] for line in lines} == set(expressions.DECIDED)


def test_walks_go_as_javarosa_went() -> None:
    figures, lines = traces.run(CORPUS, every=5)  # `make corpus` replays them all
    tell(figures, lines)
    assert figures["walks"] > 60
    assert figures["share"] >= 0.98, lines


def test_states_after_each_act_are_those_of_web_forms() -> None:
    figures, lines = scenarios.run(CORPUS)
    tell(figures, lines)
    assert figures["runs"] > 300
    assert figures["share"] >= 0.78, lines


def tell(figures: object, lines: Sequence[str]) -> None:
    """For `pytest -s`: what came out otherwise, and why."""
    sys.stdout.write("\n".join([str(figures), *lines]) + "\n")


class Anything:
    """A scope that knows every name."""

    def name(self, name: str) -> Ref | None:
        return Ref(0, name, many=False)

    def path(self, steps: Sequence[str], *, absolute: bool) -> Ref | None:
        return None if steps[-1] == ".." else Ref(0, steps[-1], many=False)

    def column(self, name: str) -> bool:
        return True

    def table(self, name: str) -> bool:
        return True


CELLS: Final = frozenset({"relevant", "constraint", "calculation", "choice_filter", "when", "required", "count"})


def _expressions(tree: object) -> Sequence[str]:
    if isinstance(tree, list):
        return [found for each in tree for found in _expressions(each)]
    if not isinstance(tree, dict):
        return []
    own = [each for key, each in tree.items() if key in CELLS and isinstance(each, str)]
    return [*own, *(found for each in tree.values() for found in _expressions(each))]


def test_every_expression_of_the_drafts_and_the_routing_compiles() -> None:
    domain = Path(SHARED) / "domain"
    files = [*sorted((domain / "flows").glob("*.yaml")), domain / "data/routing.yaml"]
    found = [source for file in files for source in _expressions(yaml.safe_load(file.read_text(encoding="utf-8")))]
    assert len(found) > 100
    for source in found:
        compile_expression(source, Anything())
