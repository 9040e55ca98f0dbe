"""`khaosat export`, `khaosat backup` and `khaosat restore`: what is stored, taken out and put back."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shared import ASKED_WRONGLY, COULD_NOT, complain, say, settings_and_words

if TYPE_CHECKING:
    from bot.archive import Packed
    from bot.config import Settings
    from bot.i18n import Words


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


def backup(
    to: Annotated[Path, typer.Argument(help="A new file: .tar for everything, .age after that to encrypt it.")],
) -> None:
    """Copy what is stored into a new file while it is in use: the database, and into a `.tar` all that lies beside it."""
    from bot.archive import BadKey, pack
    from storage.backup import Damaged
    from storage.db import StorageUnavailable

    settings, words = settings_and_words()
    lang = settings.language
    database = _sqlite(settings, words)
    if to.name.endswith(".age") is not bool(settings.backup_recipient):
        complain(words.say(lang, "cli.backup_no_recipient" if to.name.endswith(".age") else "cli.backup_plain"))
        raise typer.Exit(ASKED_WRONGLY)
    try:
        packed = pack(database, settings.data_dir, to, settings.backup_recipient)
    except FileExistsError:
        complain(words.say(lang, "cli.backup_exists", file=str(to)))
        raise typer.Exit(ASKED_WRONGLY) from None
    except BadKey:
        complain(words.say(lang, "cli.backup_no_recipient"))
        raise typer.Exit(ASKED_WRONGLY) from None
    except Damaged as error:
        complain(words.say(lang, "cli.backup_damaged", why=str(error)))
        raise typer.Exit(COULD_NOT) from None
    except (FileNotFoundError, StorageUnavailable) as error:
        complain(words.say(lang, "cli.backup_failed", why=type(error).__name__))
        raise typer.Exit(COULD_NOT) from None
    say(words.say(lang, "cli.backup_done", file=str(to), **_counts(packed, settings, words)))


def restore(
    file: Annotated[Path, typer.Argument(help="What `khaosat backup` or KHAOSAT_BACKUP_DIR made.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="The secret key's file, for a copy that ends with .age.")
    ] = None,
) -> None:
    """Put a copy where no database is, after looking it through; nothing that is there is written over."""
    from bot.app import now_ms
    from bot.archive import BadKey, NotACopy, unpack
    from storage.backup import Damaged
    from storage.safety import Unsafe
    from storage.tx import StorageUnavailable

    settings, words = settings_and_words()
    lang = settings.language
    database = _sqlite(settings, words)
    try:
        secret = key.read_text(encoding="utf-8") if key is not None else ""
        packed = unpack(file, database, settings.data_dir, secret, at=now_ms())
    except FileExistsError as error:
        complain(words.say(lang, "cli.restore_exists", file=str(error)))
        raise typer.Exit(ASKED_WRONGLY) from None
    except (BadKey, UnicodeDecodeError):
        complain(words.say(lang, "cli.restore_key"))
        raise typer.Exit(ASKED_WRONGLY) from None
    except (NotACopy, Damaged) as error:
        complain(words.say(lang, "cli.restore_damaged", why=str(error)))
        raise typer.Exit(COULD_NOT) from None
    except Unsafe as error:
        holes = {name: str(value) for name, value in error.facts.items()}
        complain(words.say(lang, f"unsafe.{error.code}", **holes))
        complain(words.say(lang, f"unsafe.{error.code}.remedy", **holes))
        raise typer.Exit(COULD_NOT) from None
    except (OSError, StorageUnavailable) as error:
        complain(words.say(lang, "cli.restore_failed", why=str(error) or type(error).__name__))
        raise typer.Exit(COULD_NOT) from None
    say(words.say(lang, "cli.restore_done", file=str(file), **_counts(packed, settings, words)))


def backup_key(to: Annotated[Path, typer.Argument(help="A new file for the secret key.")]) -> None:
    """Make the keys of encrypted copies: the secret one into a new file, to be kept elsewhere; the public one is printed."""
    import os

    from bot.archive import new_key

    settings, words = settings_and_words()
    secret, public = new_key()
    try:
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        complain(words.say(settings.language, "cli.backup_exists", file=str(to)))
        raise typer.Exit(ASKED_WRONGLY) from None
    except OSError as error:
        complain(words.say(settings.language, "cli.backup_failed", why=error.strerror or type(error).__name__))
        raise typer.Exit(COULD_NOT) from None
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(f"# public key: {public}\n{secret}\n")
    say(words.say(settings.language, "cli.backup_key", file=str(to), public=public))


def _sqlite(settings: "Settings", words: "Words") -> Path:
    """The database's file; ends the command where it is a server's."""
    if not settings.database.startswith("sqlite:///"):
        complain(words.say(settings.language, "cli.backup_postgres"))
        raise typer.Exit(ASKED_WRONGLY)
    return Path(settings.database.removeprefix("sqlite:///"))


def _counts(packed: "Packed", settings: "Settings", words: "Words") -> dict[str, str]:
    """What is in a copy, in the words' figures."""
    lang = settings.language
    return {
        "mb": words.number(lang, round(packed.size / 1_048_576, 1)),
        "submissions": words.number(lang, packed.copied.submissions),
        "answers": words.number(lang, packed.copied.answers),
        "files": words.number(lang, packed.files),
    }
