"""`khaosat convert` and `khaosat graph`: a flow in another spelling."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.flows import draft, machine_of, tell_problems
from bot.cli.shared import ASKED_WRONGLY, COULD_NOT, FileArg, complain, say, settings_and_words


def convert(
    file: FileArg,
    to: Annotated[Path, typer.Argument(help="A new file: .yaml, .xlsx (an XLSForm) or .xml (an XForm).")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a flow in another spelling, by the ending of the new file: YAML, XLSForm or XForm XML."""
    from bot.convert import ENDINGS, NotConverted
    from bot.convert import convert as written

    settings, words = settings_and_words()
    lang = settings.language
    if to.suffix.lower() not in ENDINGS:
        complain(words.say(lang, "cli.convert_ending", ending=to.suffix, endings=", ".join(ENDINGS)))
        raise typer.Exit(ASKED_WRONGLY)
    if to.exists() and not force:
        complain(words.say(lang, "cli.convert_exists", file=str(to)))
        raise typer.Exit(ASKED_WRONGLY)
    flow, problems = draft(file, settings, words, with_judge=True)
    if problems:
        tell_problems(words, lang, problems)
    if flow is None or any(p.is_error for p in problems):
        raise typer.Exit(COULD_NOT)
    try:
        to.write_bytes(written(flow, to.suffix.lower(), words))
    except NotConverted as wrong:
        complain(words.say(lang, "cli.convert_refused", why=str(wrong)))
        raise typer.Exit(COULD_NOT) from None
    except OSError as wrong:
        complain(words.say(lang, "cli.convert_unwritten", file=str(to), why=wrong.strerror or type(wrong).__name__))
        raise typer.Exit(COULD_NOT) from None
    say(words.say(lang, "cli.converted", file=str(to)))
    if flow.tables and any(q.file for q in flow.questions()):
        names = ", ".join(sorted({q.file for q in flow.questions() if q.file}))
        say(words.say(lang, "cli.convert_tables", names=names))


def graph(file: FileArg) -> None:
    """Draw a flow as a state machine, in Graphviz' language: `khaosat graph FLOW | dot -Tsvg > flow.svg`."""
    settings, words = settings_and_words()
    say(machine_of(file, settings, words).dot().rstrip())
