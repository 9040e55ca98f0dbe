"""What the commands share: exit codes, what they are asked, words out, and the settings."""

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.i18n import Words

DONE: Final = 0
COULD_NOT: Final = 1
ASKED_WRONGLY: Final = 2

FileArg = Annotated[str, typer.Argument(help="A flow's file, or a sample's name.")]
LangOption = Annotated[str, typer.Option("--lang", help="vi or en.")]
DateOption = Annotated[str, typer.Option("--date", help="Today, YYYY-MM-DD, at noon in Hanoi; now if not given.")]


def settings_and_words() -> "tuple[Settings, Words]":
    """What is set, and our words; ends the command when a setting is wrong."""
    from bot.config import BadSettings, read_settings
    from bot.i18n import words

    told = words()
    try:
        return read_settings(), told
    except BadSettings as error:
        for name, what in error.problems:
            complain(told.say("en", "cli.bad_setting", name=name, what=what))
        raise typer.Exit(ASKED_WRONGLY) from None


def clock_of(date: str, settings: "Settings", words: "Words") -> "Callable[[], int]":
    """What the time is: the real one, or noon of a day that stands still."""
    import datetime as dt

    from bot.app import now_ms
    from bot.i18n import HANOI

    if not date:
        return now_ms
    try:
        noon = dt.datetime.combine(dt.date.fromisoformat(date), dt.time(12), tzinfo=HANOI)
    except ValueError:
        complain(words.say(settings.language, "cli.bad_date", date=date))
        raise typer.Exit(ASKED_WRONGLY) from None
    at = int(noon.timestamp() * 1000)
    return lambda: at


def lines(told: Iterable[str]) -> None:
    """Lines to the output."""
    for line in told:
        say(line)


def say(text: str) -> None:
    """A line to the output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """A line for whoever typed the command, beside the output."""
    sys.stderr.write(text + "\n")
