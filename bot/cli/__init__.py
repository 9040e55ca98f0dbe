"""The commands. Each imports what it needs when it runs, so that `khaosat --help` answers at once."""

import typer

from bot.cli import admin, check, data, link, read, serve, spell, talk
from bot.cli.shared import ASKED_WRONGLY, COULD_NOT, DONE

__all__ = ["ASKED_WRONGLY", "COULD_NOT", "DONE", "app", "main"]

app = typer.Typer(
    help="Surveys that people answer in the chat they already use.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve.run)
app.command()(serve.config)
app.command()(check.check)
app.command("try")(talk.try_)
app.command()(talk.paths)
app.command()(spell.convert)
app.command()(spell.graph)
app.command(context_settings={"ignore_unknown_options": True})(read.read)  # "-5 triệu" is no option
app.command()(data.export)
app.command()(data.backup)
app.command()(data.restore)
app.command()(data.backup_key)

_admin = typer.Typer(help="Staff accounts.", no_args_is_help=True)
_admin.command()(admin.create)
app.add_typer(_admin, name="admin")

_link = typer.Typer(help="Deep links into surveys.", no_args_is_help=True)
_link.command("create")(link.create)
_link.command("list")(link.list_links)
app.add_typer(_link, name="link")


def main() -> None:
    """Run a command; what a person did wrong ends with words, not with a traceback."""
    app()
