"""`khaosat try` and `khaosat paths`: a flow answered without a channel, by a person or by many that are made up."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.flows import machine_of
from bot.cli.shared import (
    COULD_NOT,
    DateOption,
    FileArg,
    LangOption,
    clock_of,
    complain,
    lines,
    say,
    settings_and_words,
)


def try_(
    file: FileArg,
    lang: LangOption = "vi",
    record: Annotated[bool, typer.Option("--record", help="Print the talk as a test at the end.")] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Answer by itself; another number, other answers.")] = None,
    date: DateOption = "",
) -> None:
    """Answer a flow in the terminal: an option by its number, :back :skip :later :submit :done for the buttons."""
    from bot.channels.console import Terminal, as_test
    from bot.walker import STEPS_MAX, Walker

    settings, words = settings_and_words()
    machine = machine_of(file, settings, words)
    clock = clock_of(date, settings, words)
    terminal = Terminal(machine, words, lang, clock)
    lines(terminal.begin())
    if seed is not None:
        walker = Walker(seed, machine)
        for _ in range(STEPS_MAX):
            if not terminal.open:
                break
            lines(terminal.does(walker.answer(terminal.view, terminal.session.card, clock())))
        if terminal.open:
            complain(words.say(lang, "cli.try_stuck", question=terminal.session.at or terminal.session.status))
            raise typer.Exit(COULD_NOT)
    else:
        for line in sys.stdin:
            lines(terminal.say(line))
            if not terminal.open:
                break
    if record:
        say("")
        say(as_test(machine, terminal, lang, file if Path(file).exists() else ""))


def paths(
    file: FileArg,
    walks: Annotated[int, typer.Option("--walks", min=1, max=10_000, help="How many people answer.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The first one's number; the same gives the same.")] = 1,
    date: DateOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Tell how many questions people meet, and which none of them does: seeded people answer the flow."""
    from bot.walker import paths_of

    settings, words = settings_and_words()
    found = paths_of(machine_of(file, settings, words), walks, seed, clock_of(date, settings, words)())
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    lang = settings.language
    counts = {key: found[key] for key in ("walks", "questions", "shortest", "median", "longest")}
    say(words.say(lang, "cli.paths", **counts))
    for how, count in found["ends"].items():
        say(words.say(lang, f"cli.paths_{how}", count=count))
    for where, count in found["stuck"].items():
        say(words.say(lang, "cli.paths_stuck_at", question=where, count=count))
    if found["never_met"]:
        say(words.say(lang, "cli.paths_never", names=", ".join(found["never_met"])))
