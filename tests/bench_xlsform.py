"""`python -m tests.bench_xlsform`: what forms in workbooks cost, and one expression beside lxml's precompiled XPath.

The bar of the expression is a ratio in one run, since the machine's speed drifts.
"""

import io
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from typing import Final

import xlsxwriter
from lxml import etree

from bot.sheets import draft_workbook
from flows.engine import step
from flows.machine import Machine, compile
from flows.model import Flow
from flows.session import OPEN, Answer, Session, Show, Started
from flows.world import World
from tests.founders import Willing
from tests.scenario import MONDAY

SOURCE: Final = "${a} > 18 and selected(${b}, 'x')"
QUESTIONS: Final = 1_000
CHOICES: Final = 5_000
LISTS: Final = 50
RUNS: Final = 7
TIMES: Final = 20_000


def main() -> None:
    """Measure and print."""
    say(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    ours, theirs = expression()
    say(f"{SOURCE}, 50 questions: {ours:.2f} µs; lxml, precompiled: {theirs:.2f} µs; {theirs / ours:.1f} times faster")
    took, steps = form()
    say(f"{QUESTIONS} questions, {CHOICES} choices: imported in {took:.2f} s")
    ninth = statistics.quantiles(steps, n=20)[-1]
    say(f"next question: median {statistics.median(steps):.2f} ms, 95 % {ninth:.2f} ms, slowest {max(steps):.2f} ms")


def say(text: str) -> None:
    """One line."""
    sys.stdout.write(text + "\n")


def expression() -> tuple[float, float]:
    """Microseconds of one evaluation, here and by lxml, on the same answers; the median of `RUNS` interleaved runs."""
    machine = _fifty()
    node = next(node for node in machine.nodes if node.name == "z")
    answers = {name: Answer("", said, "sure", MONDAY, MONDAY) for name, said in (("a", 20), ("b", "x y"))}
    session = Session("s", machine.name, machine.version, "vi", 1, answers=answers)
    assert node.relevant is not None
    holds, scene = node.relevant.boolean, World(machine, session, MONDAY).scene(node.index, ())
    path = etree.XPath("/data/a > 18 and selected(/data/b, 'x')", extensions={(None, "selected"): _selected})
    tree = etree.fromstring("<data><a>20</a><b>x y</b>" + "".join(f"<q{n}/>" for n in range(47)) + "<z/></data>")
    assert holds(scene) is True
    assert path(tree) is True
    runs = [(_each(lambda: holds(scene)), _each(lambda: path(tree))) for _ in range(RUNS)]
    return statistics.median(ours for ours, _ in runs), statistics.median(theirs for _, theirs in runs)


def _selected(_context: object, nodes: list[etree._Element], name: str) -> bool:
    return bool(nodes) and name in (nodes[0].text or "").split()


def _each(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        run()
    return (time.perf_counter() - began) / TIMES * 1e6


def _fifty() -> Machine:
    rows = [["integer", "a", "A?"], ["select_multiple l", "b", "B?"], *(["text", f"q{n}", f"{n}?"] for n in range(47))]
    survey = [["type", "name", "label", "relevant"], *rows, ["text", "z", "Z?", SOURCE]]
    return compile(
        _imported({"survey": survey, "choices": [["list_name", "name", "label"], ["l", "x", "X"], ["l", "y", "Y"]]})
    )


def form() -> tuple[float, list[float]]:
    """Seconds of an import with everything compiled, and milliseconds of each step of a person who answers all of it."""
    kinds = ("text", "integer", "select_one", "select_multiple", "date")
    survey: list[list[str]] = [["type", "name", "label", "relevant", "constraint"]]
    for n in range(QUESTIONS):
        kind = kinds[n % len(kinds)]
        listed = f"{kind} l{n % LISTS}" if kind.startswith("select") else kind
        relevant = f"${{q{n - 4}}} != 'nobody'" if n % 5 == 4 else ""
        survey.append([listed, f"q{n}", f"Câu {n}?", relevant, ". >= 0" if kind == "integer" else ""])
    choices = [["list_name", "name", "label"], *([f"l{n % LISTS}", f"c{n}", f"Mục {n}"] for n in range(CHOICES))]
    data = _workbook({"survey": survey, "choices": choices})
    began = time.perf_counter()
    machine = compile(_read(data))
    took = time.perf_counter() - began
    return took, list(_steps(machine))


def _steps(machine: Machine) -> list[float]:
    """Milliseconds of each step."""
    found: list[float] = []
    start = Session("s", machine.name, machine.version, "vi", 1)
    session, effects = step(machine, start, Started(MONDAY, "vi"))
    view = next(e.view for e in effects if isinstance(e, Show))
    person = Willing(1)
    while session.status in OPEN and len(found) < 2 * QUESTIONS:
        event = person.answer(view, session.card, MONDAY)
        began = time.perf_counter()
        session, effects = step(machine, session, event)
        found.append((time.perf_counter() - began) * 1e3)
        view = next((e.view for e in reversed(effects) if isinstance(e, Show)), view)
    return found


def _imported(sheets: dict[str, list[list[str]]]) -> Flow:
    return _read(_workbook(sheets))


def _read(data: bytes) -> Flow:
    flow, problems = draft_workbook(data, "form.xlsx")
    assert flow is not None, problems
    assert not any(p.is_error for p in problems), [p for p in problems if p.is_error][:3]
    return flow


def _workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


if __name__ == "__main__":
    main()
