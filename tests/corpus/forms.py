"""Real forms of others: read, judged, and walked to the end by somebody who answers as asked."""

from collections.abc import Sequence
from pathlib import Path

from bot.i18n import words
from bot.sheets import draft_workbook
from bot.walker import walk_through
from flows.machine import Machine, compile
from flows.problems import BadFlow, Problem
from tests.scenario import MONDAY

STEPS_MAX = 800
SEEDS = (1, 2)


def run(
    folder: Path, *, seeds: Sequence[int] = SEEDS, steps: int = STEPS_MAX
) -> tuple[dict[str, int | float], list[str]]:
    """Every workbook of `folder`/forms: figures, and a line for each that is refused or not walked to the end.

    `seeds`: of the people who try each form; `steps`: how many answers each of them gives at most.
    """
    counts = {
        "forms": 0,
        "read": 0,
        "runs": 0,
        "without_errors": 0,
        "walked": 0,
        "refused_without_place_or_remedy": 0,
        "crashed": 0,
    }
    lines: list[str] = []
    for path in sorted((folder / "forms").glob("*.xls*")):
        counts["forms"] += 1
        try:
            _form(path, counts, lines, seeds, steps)
        except Exception as fault:
            counts["crashed"] += 1
            lines.append(f"{path.name}: crashed: {type(fault).__name__}: {fault}")
    return dict(counts), lines


def _form(path: Path, counts: dict[str, int], lines: list[str], seeds: Sequence[int], steps: int) -> None:
    flow, problems = draft_workbook(path.read_bytes(), path.name)
    errors = [problem for problem in problems if problem.is_error]
    counts["refused_without_place_or_remedy"] += sum(not _is_told(problem) for problem in errors)
    if errors:
        lines.append(f"{path.name}: errors: " + "; ".join(f"{p.place} {p.code} {dict(p.facts)}" for p in errors[:4]))
    if flow is None:
        return
    counts["read"] += 1
    counts["without_errors"] += not errors
    try:
        machine = compile(flow)
    except BadFlow as bad:
        lines.append(f"{path.name}: does not run: {bad}"[:400])
        return
    counts["runs"] += 1
    if any((stuck := walked_to(machine, seed, steps)) == "" for seed in seeds):
        counts["walked"] += 1
    else:
        lines.append(f"{path.name}: not walked to the end: {stuck}")


def _is_told(problem: Problem) -> bool:
    """Whether it says where (unless it is about the whole file) and what to do."""
    say = words().say("vi", f"remedy.{problem.code}", **problem.facts)
    return bool(say) and say != f"remedy.{problem.code}"


def walked_to(machine: Machine, seed: int, steps: int) -> str:
    """Where plausible answers get stuck; "" when they lead to the end."""
    walked = walk_through(machine, seed, MONDAY, steps)
    return walked.stuck_at and f"{walked.stuck_at} after {len(walked.met)} questions"
