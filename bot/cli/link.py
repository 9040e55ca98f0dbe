"""`khaosat link`: deep links into surveys."""

import asyncio
from typing import Annotated

import typer

from bot.cli.shared import ASKED_WRONGLY, COULD_NOT, complain, lines, say, settings_and_words


def create(
    flow: Annotated[str, typer.Argument(help="A published flow's name.")],
    source: Annotated[str, typer.Option("--source", help="Where it is shown; kept with who comes by it.")] = "",
    campaign: Annotated[str, typer.Option("--campaign")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="Days until it expires.")] = 30,
    bot: Annotated[str, typer.Option("--bot", help="The bot's username on Telegram, for a t.me link.")] = "",
    prefill: Annotated[
        list[str] | None, typer.Option("--prefill", help="question=value, for questions with prefill_from: deep_link.")
    ] = None,
    *,
    single_use: Annotated[bool, typer.Option("--single-use", help="Good for the first person only.")] = False,
) -> None:
    """Make a deep link and a code to type; neither can be shown again."""
    from bot import known
    from bot.app import now_ms
    from flows.model import Flow
    from storage import links, surveys
    from storage.db import open_database

    settings, words = settings_and_words()

    given = dict(one.partition("=")[::2] for one in prefill or ())

    async def make() -> links.Made | str | None:
        db = await open_database(settings.database)
        try:
            current = await db.read(lambda tx: surveys.current(tx, flow))
            if current is None:
                return None
            wrong = known.unfit(Flow.model_validate_json(current.body), given)
            if wrong:
                return wrong
            return await db.write(
                lambda tx: links.create(
                    tx,
                    flow,
                    source=source,
                    campaign=campaign,
                    days=days,
                    single_use=single_use,
                    at=now_ms(),
                    prefill=given,
                )
            )
        finally:
            await db.close()

    made = asyncio.run(make())
    if isinstance(made, str):
        complain(words.say(settings.language, "cli.link_no_prefill", question=made))
        raise typer.Exit(ASKED_WRONGLY)
    if made is None:
        complain(words.say(settings.language, "cli.link_no_flow", flow=flow))
        raise typer.Exit(COULD_NOT)
    url = f"https://t.me/{bot}?start={made.token}" if bot else f"/start {made.token}"
    at = words.moment(settings.language, made.expires_at)
    say(
        words.say(
            settings.language, "cli.link_made", link=url, web=f"{settings.url}/k/{made.token}", code=made.code, at=at
        )
    )


def list_links() -> None:
    """The deep links as tab-separated lines: flow, source, campaign, times opened, day of expiry."""
    from datetime import UTC, datetime

    from storage import links
    from storage.db import open_database

    settings, _ = settings_and_words()

    async def look() -> list[links.Link]:
        db = await open_database(settings.database)
        try:
            return await db.read(links.every)
        finally:
            await db.close()

    lines(
        "\t".join(
            (
                one.flow,
                one.source,
                one.campaign,
                str(one.opened),
                str(datetime.fromtimestamp(one.expires_at / 1000, UTC).date()),
            )
        )
        for one in asyncio.run(look())
    )
