"""`khaosat run` and `khaosat config`."""

import typer

from bot.cli.flows import tell_problems
from bot.cli.shared import COULD_NOT, complain, say, settings_and_words


def run() -> None:
    """Start web chat, staff console and, with a token, the Telegram bot; Ctrl-C stops it."""
    import gc

    gc.disable()  # what is built now stays; a tenth of the start went into looking through it. On again when it is ready
    import uvloop

    from bot.app import House, PortTaken, now_ms
    from bot.app import run as serve
    from bot.logs import set_up
    from bot.web.staff.accounts import first_admin_link
    from flows.problems import BadFlow
    from storage.safety import Unsafe
    from storage.tx import StorageUnavailable

    settings, words = settings_and_words()
    set_up(settings.log_level, settings.log_format)

    async def ready(house: House, port: int) -> None:
        url = settings.base_url or f"http://{settings.host}:{port}"
        link = await first_admin_link(house.db, url, now_ms())
        say(words.say(settings.language, "cli.ready", url=url, staff=f"{url}/staff"))
        if link is not None:
            say(words.say(settings.language, "cli.first_admin", link=link))
        if house.telegram is None:
            say(words.say(settings.language, "cli.no_telegram"))
        say(words.say(settings.language, "cli.stop_with"))

    def refuse(code: str, **told: str) -> typer.Exit:
        complain(words.say(settings.language, f"unsafe.{code}", **told))
        complain(words.say(settings.language, f"unsafe.{code}.remedy", **told))
        return typer.Exit(COULD_NOT)

    try:
        code = uvloop.run(serve(settings, ready))
    except Unsafe as error:
        raise refuse(error.code, **{k: str(v) for k, v in error.facts.items()}) from None
    except StorageUnavailable as error:
        raise refuse("no_database", reason=str(error)) from None
    except BadFlow as error:
        tell_problems(words, settings.language, error.problems)
        raise typer.Exit(COULD_NOT) from None
    except PortTaken as error:
        complain(
            words.say(settings.language, "cli.port_taken", host=settings.host, port=str(settings.port), why=str(error))
        )
        raise typer.Exit(COULD_NOT) from None
    except OSError as error:
        where, why = str(error.filename or settings.data_dir), error.strerror or type(error).__name__
        raise refuse("unwritable", path=where, reason=why) from None
    raise typer.Exit(code)


def config() -> None:
    """Show every setting, its value and what it is; secrets as stars."""
    from rich.console import Console
    from rich.table import Table

    from bot.config import masked

    settings, words = settings_and_words()
    table = Table()
    for column in ("cli.setting", "cli.value", "cli.what"):
        table.add_column(words.say(settings.language, column), overflow="fold")
    for row in masked(settings):
        table.add_row(*row)
    Console().print(table)
