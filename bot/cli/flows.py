"""A flow by its file or its name, and what is wrong with it, in words."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.shared import ASKED_WRONGLY, COULD_NOT, complain, say

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.i18n import Words
    from flows.machine import Machine
    from flows.model import Flow
    from flows.problems import Problem


def draft(
    file: str, settings: "Settings", words: "Words", *, with_judge: bool = False
) -> "tuple[Flow | None, Sequence[Problem]]":
    """A flow by file or sample name, with all its problems; ends the command when there is no such file.

    A file is read and checked in a process of its own, with bounds.
    """
    from bot.apart import MEMORY_MAX, SECONDS_MAX, TooMuch, apart
    from bot.library import PLACEHOLDERS, read_file, sample_flows
    from bot.sheets import draft_beside, is_workbook
    from flows.checks import check as look
    from flows.problems import Place, problem

    path = Path(file)
    if not path.exists():
        found = next((f for f in sample_flows() if f.name == file), None)
        if found is not None:
            return found, look(found, placeholders=PLACEHOLDERS)
        complain(words.say(settings.language, "cli.no_such_flow", file=file))
        raise typer.Exit(ASKED_WRONGLY)
    try:
        if is_workbook(file) or path.suffix.lower() == ".xml":
            return apart(lambda: draft_beside(path, with_judge=with_judge))
        return apart(lambda: read_file(path))
    except TooMuch:
        most = {"seconds": str(SECONDS_MAX), "megabytes": str(MEMORY_MAX // 1_000_000)}
        return None, (problem("takes_too_much", Place(file=path.name), **most),)
    except (OSError, UnicodeDecodeError):
        complain(words.say(settings.language, "cli.unreadable", file=file))
        raise typer.Exit(ASKED_WRONGLY) from None


def machine_of(file: str, settings: "Settings", words: "Words") -> "Machine":
    """A flow by file or sample name, compiled; ends the command when it cannot be."""
    from bot.library import placeholders
    from flows.machine import compile

    flow, problems = draft(file, settings, words)
    if flow is None or any(p.is_error for p in problems):
        tell_problems(words, settings.language, problems)
        raise typer.Exit(COULD_NOT)
    return compile(flow, placeholders(settings))


def told(words: "Words", lang: str, problem: "Problem") -> tuple[str, str]:
    """(what is wrong, what to do about it)."""
    facts = {key: str(value) for key, value in problem.facts.items()}
    return words.say(lang, f"problem.{problem.code}", **facts), words.say(lang, f"remedy.{problem.code}", **facts)


def tell_problems(words: "Words", lang: str, problems: "Sequence[Problem]") -> None:
    """Every problem, its remedy, and how many there are."""
    for problem in problems:
        what, remedy = told(words, lang, problem)
        say(f"{problem.place}: {problem.severity.value}: {what}")
        say(f"    {remedy}")
        if "pyxform" in problem.facts:
            say(f"    pyxform: {problem.facts['pyxform']}")
    errors = sum(p.is_error for p in problems)
    say(words.say(lang, "cli.checked", errors=errors, warnings=len(problems) - errors))
