"""`khaosat export` and `khaosat backup`: what is stored, taken out."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.shared import ASKED_WRONGLY, COULD_NOT, complain, say, settings_and_words


def export(
    flow: Annotated[str, typer.Argument(help="The flow's name.")],
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; the screen if not given.")] = None,
    labels: Annotated[str, typer.Option("--labels", help="vi or en: headers and options in words.")] = "",
    named: Annotated[bool, typer.Option("--named", help="With names, phones and free text; needs --reason.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")] = "",
) -> None:
    """Write the submissions of a flow; pseudonymised unless --named."""
    from bot.exports import Asked, BadExport, write

    settings, words = settings_and_words()
    try:
        count = asyncio.run(write(settings, Asked(flow, form, out, labels, named, reason)))
    except BadExport as error:
        complain(words.say(settings.language, error.key, **error.holes))
        raise typer.Exit(ASKED_WRONGLY) from None
    complain(words.say(settings.language, "cli.exported", n=count))


def backup(to: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the SQLite database into a new file while it is in use; copy the folder `files` and `signing.key` beside it."""
    from storage.backup import Damaged
    from storage.backup import backup as copy
    from storage.db import StorageUnavailable

    settings, words = settings_and_words()
    if not settings.database.startswith("sqlite:///"):
        complain(words.say(settings.language, "cli.backup_postgres"))
        raise typer.Exit(ASKED_WRONGLY)
    try:
        copied = copy(Path(settings.database.removeprefix("sqlite:///")), to)
    except FileExistsError:
        complain(words.say(settings.language, "cli.backup_exists", file=str(to)))
        raise typer.Exit(ASKED_WRONGLY) from None
    except Damaged as error:
        complain(words.say(settings.language, "cli.backup_damaged", why=str(error)))
        raise typer.Exit(COULD_NOT) from None
    except (FileNotFoundError, StorageUnavailable) as error:
        complain(words.say(settings.language, "cli.backup_failed", why=type(error).__name__))
        raise typer.Exit(COULD_NOT) from None
    lang = settings.language
    counts = {"submissions": words.number(lang, copied.submissions), "answers": words.number(lang, copied.answers)}
    mb = words.number(lang, round(copied.size / 1_048_576, 1))
    say(words.say(lang, "cli.backup_done", file=str(to), mb=mb, **counts))
