"""`khaosat admin`: staff accounts."""

import asyncio
from typing import Annotated

import typer

from bot.cli.shared import ASKED_WRONGLY, COULD_NOT, complain, say, settings_and_words


def create(
    login: Annotated[str, typer.Argument(help="Name to sign in with.")],
    name: Annotated[str, typer.Option("--name")] = "",
    role: Annotated[str, typer.Option("--role", help="admin or staff.")] = "admin",
) -> None:
    """Make a staff account and print the one-time link on which its password is chosen."""
    from bot.app import now_ms
    from bot.web.staff.accounts import AccountExists, BadLogin, create_account
    from storage.db import open_database

    settings, words = settings_and_words()

    async def make() -> str:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        db = await open_database(settings.database)
        try:
            return await create_account(db, login, name or login, role, settings.url, now_ms())
        finally:
            await db.close()

    try:
        link = asyncio.run(make())
    except AccountExists:
        complain(words.say(settings.language, "cli.account_exists", login=login))
        raise typer.Exit(COULD_NOT) from None
    except BadLogin:
        complain(words.say(settings.language, "cli.bad_login", login=login, role=role))
        raise typer.Exit(ASKED_WRONGLY) from None
    say(words.say(settings.language, "cli.account_made", login=login, link=link))
