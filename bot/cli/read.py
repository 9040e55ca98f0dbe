"""`khaosat read`."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bot.cli.flows import machine_of
from bot.cli.shared import ASKED_WRONGLY, complain, say, settings_and_words

if TYPE_CHECKING:
    from flows.answers.kinds import Kind


def read(
    kind: Annotated[
        str,
        typer.Argument(
            help="money, number, integer, percent, date, phone, tax_code, email, ward, province, yes_no, option."
        ),
    ],
    text: Annotated[
        list[str], typer.Argument(help="What a person wrote, one answer each; -: one a line from the input.")
    ],
    date: Annotated[str, typer.Option("--date", help="Today, YYYY-MM-DD; the real one if not given.")] = "",
    flow: Annotated[str, typer.Option("--flow", help="For options: the flow.")] = "",
    question: Annotated[str, typer.Option("--question", help="For options: the question.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show how each reply is read: the value, how sure that is, and what would be asked back."""
    from bot.reading import KINDS, reader

    settings, words = settings_and_words()
    known = next((k for k in KINDS if k == kind), None)
    if known is None:
        complain(words.say(settings.language, "cli.unknown_kind", kind=kind, kinds=", ".join(KINDS)))
        raise typer.Exit(ASKED_WRONGLY)
    machine = machine_of(flow, settings, words) if flow else None
    try:
        read_one = reader(cast("Kind", known), date=date, machine=machine, question=question)
    except LookupError:
        complain(words.say(settings.language, "cli.unknown_question", question=question))
        raise typer.Exit(ASKED_WRONGLY) from None
    except ValueError:
        complain(words.say(settings.language, "cli.bad_date", date=date))
        raise typer.Exit(ASKED_WRONGLY) from None
    for said in _each(text):
        found, told = read_one(said)
        if as_json:
            say(json.dumps(told, ensure_ascii=False))
            continue
        value = json.dumps(told["value"], ensure_ascii=False)
        say(words.say(settings.language, "cli.reading", value=value, certainty=found.certainty))
        if found.ask:
            say(words.say(settings.language, found.ask, **found.facts))


def _each(texts: list[str]) -> Iterator[str]:
    """The texts; a single "-" stands for the lines of the input, read as they come."""
    if texts != ["-"]:
        yield from texts
        return
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")
