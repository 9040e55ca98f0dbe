"""The commands. Each imports what it needs when it runs, so that `khaosat --help` answers at once."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.i18n import Words
    from flows.answers.kinds import Kind
    from flows.machine import Machine
    from flows.model import Flow
    from flows.problems import Problem

app = typer.Typer(
    help="Surveys that people answer in the chat they already use.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
admin = typer.Typer(help="Staff accounts.", no_args_is_help=True)
app.add_typer(admin, name="admin")
link = typer.Typer(help="Deep links into surveys.", no_args_is_help=True)
app.add_typer(link, name="link")

DONE: Final = 0
COULD_NOT: Final = 1
ASKED_WRONGLY: Final = 2

FileArg = Annotated[str, typer.Argument(help="A flow's file, or a sample's name.")]
LangOption = Annotated[str, typer.Option("--lang", help="vi or en.")]


DateOption = Annotated[str, typer.Option("--date", help="Today, YYYY-MM-DD, at noon in Hanoi; now if not given.")]


def main() -> None:
    """Run a command; what a person did wrong ends with words, not with a traceback."""
    app()


@app.command()
def run() -> None:
    """Start web chat, staff console and, with a token, the Telegram bot; Ctrl-C stops it."""
    import uvloop

    from bot.app import House, PortTaken, now_ms
    from bot.app import run as serve
    from bot.logs import set_up
    from bot.web.staff.accounts import first_admin_link
    from flows.problems import BadFlow
    from storage.safety import Unsafe
    from storage.tx import StorageUnavailable

    settings, words = _settings()
    set_up(settings.log_level, settings.log_format)

    async def ready(house: House, port: int) -> None:
        url = settings.base_url or f"http://{settings.host}:{port}"
        link = await first_admin_link(house.db, url, now_ms())
        _say(words.say(settings.language, "cli.ready", url=url, staff=f"{url}/staff"))
        if link is not None:
            _say(words.say(settings.language, "cli.first_admin", link=link))
        if house.telegram is None:
            _say(words.say(settings.language, "cli.no_telegram"))
        _say(words.say(settings.language, "cli.stop_with"))

    def refuse(code: str, **told: str) -> typer.Exit:
        _complain(words.say(settings.language, f"unsafe.{code}", **told))
        _complain(words.say(settings.language, f"unsafe.{code}.remedy", **told))
        return typer.Exit(COULD_NOT)

    try:
        code = uvloop.run(serve(settings, ready))
    except Unsafe as error:
        raise refuse(error.code, **{k: str(v) for k, v in error.facts.items()}) from None
    except StorageUnavailable as error:
        raise refuse("no_database", reason=str(error)) from None
    except BadFlow as error:
        _tell_problems(words, settings.language, error.problems)
        raise typer.Exit(COULD_NOT) from None
    except PortTaken as error:
        _complain(
            words.say(settings.language, "cli.port_taken", host=settings.host, port=str(settings.port), why=str(error))
        )
        raise typer.Exit(COULD_NOT) from None
    except OSError as error:
        where, why = str(error.filename or settings.data_dir), error.strerror or type(error).__name__
        raise refuse("unwritable", path=where, reason=why) from None
    raise typer.Exit(code)


@app.command()
def config() -> None:
    """Show every setting, its value and what it is; secrets as stars."""
    from rich.console import Console
    from rich.table import Table

    from bot.config import masked

    settings, words = _settings()
    table = Table()
    for column in ("cli.setting", "cli.value", "cli.what"):
        table.add_column(words.say(settings.language, column), overflow="fold")
    for row in masked(settings):
        table.add_row(*row)
    Console().print(table)


@app.command()
def check(
    file: FileArg,
    lang: LangOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Tell everything that is wrong or doubtful in a flow: 0 nothing wrong, 1 problems, 2 no such file."""
    settings, words = _settings()
    flow, problems = _draft(file, settings, words, with_judge=True)
    language = lang or settings.language
    if as_json:
        for problem in problems:
            _say(json.dumps(_as_json(words, language, problem), ensure_ascii=False))
    else:
        _tell_problems(words, language, problems)
        if flow is not None and not any(p.is_error for p in problems):
            _tell_chatter(words, language, flow, settings)
    raise typer.Exit(COULD_NOT if any(p.is_error for p in problems) else DONE)


@app.command("try")
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

    settings, words = _settings()
    machine = _machine(file, settings, words)
    clock = _clock(date, settings, words)
    terminal = Terminal(machine, words, lang, clock)
    _lines(terminal.begin())
    if seed is not None:
        walker = Walker(seed, machine)
        for _ in range(STEPS_MAX):
            if not terminal.open:
                break
            _lines(terminal.does(walker.answer(terminal.view, terminal.session.card, clock())))
        if terminal.open:
            _complain(words.say(lang, "cli.try_stuck", question=terminal.session.at or terminal.session.status))
            raise typer.Exit(COULD_NOT)
    else:
        for line in sys.stdin:
            _lines(terminal.say(line))
            if not terminal.open:
                break
    if record:
        _say("")
        _say(as_test(machine, terminal, lang, file if Path(file).exists() else ""))


@app.command()
def paths(
    file: FileArg,
    walks: Annotated[int, typer.Option("--walks", min=1, max=10_000, help="How many people answer.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The first one's number; the same gives the same.")] = 1,
    date: DateOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Tell how many questions people meet, and which none of them does: seeded people answer the flow."""
    from bot.walker import paths_of

    settings, words = _settings()
    found = paths_of(_machine(file, settings, words), walks, seed, _clock(date, settings, words)())
    if as_json:
        _say(json.dumps(found, ensure_ascii=False))
        return
    lang = settings.language
    counts = {key: found[key] for key in ("walks", "questions", "shortest", "median", "longest")}
    _say(words.say(lang, "cli.paths", **counts))
    for how, count in found["ends"].items():
        _say(words.say(lang, f"cli.paths_{how}", count=count))
    for where, count in found["stuck"].items():
        _say(words.say(lang, "cli.paths_stuck_at", question=where, count=count))
    if found["never_met"]:
        _say(words.say(lang, "cli.paths_never", names=", ".join(found["never_met"])))


@app.command()
def convert(
    file: FileArg,
    to: Annotated[Path, typer.Argument(help="A new file: .yaml, .xlsx (an XLSForm) or .xml (an XForm).")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a flow in another spelling, by the ending of the new file: YAML, XLSForm or XForm XML."""
    from bot.convert import ENDINGS, NotConverted
    from bot.convert import convert as written

    settings, words = _settings()
    lang = settings.language
    if to.suffix.lower() not in ENDINGS:
        _complain(words.say(lang, "cli.convert_ending", ending=to.suffix, endings=", ".join(ENDINGS)))
        raise typer.Exit(ASKED_WRONGLY)
    if to.exists() and not force:
        _complain(words.say(lang, "cli.convert_exists", file=str(to)))
        raise typer.Exit(ASKED_WRONGLY)
    flow, problems = _draft(file, settings, words, with_judge=True)
    if problems:
        _tell_problems(words, lang, problems)
    if flow is None or any(p.is_error for p in problems):
        raise typer.Exit(COULD_NOT)
    try:
        to.write_bytes(written(flow, to.suffix.lower(), words))
    except NotConverted as wrong:
        _complain(words.say(lang, "cli.convert_refused", why=str(wrong)))
        raise typer.Exit(COULD_NOT) from None
    except OSError as wrong:
        _complain(words.say(lang, "cli.convert_unwritten", file=str(to), why=wrong.strerror or type(wrong).__name__))
        raise typer.Exit(COULD_NOT) from None
    _say(words.say(lang, "cli.converted", file=str(to)))
    if flow.tables and any(q.file for q in flow.questions()):
        names = ", ".join(sorted({q.file for q in flow.questions() if q.file}))
        _say(words.say(lang, "cli.convert_tables", names=names))


@app.command()
def graph(file: FileArg) -> None:
    """Draw a flow as a state machine, in Graphviz' language: `khaosat graph FLOW | dot -Tsvg > flow.svg`."""
    settings, words = _settings()
    _say(_machine(file, settings, words).dot().rstrip())


@app.command(context_settings={"ignore_unknown_options": True})  # "-5 triệu" is no option
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

    settings, words = _settings()
    known = next((k for k in KINDS if k == kind), None)
    if known is None:
        _complain(words.say(settings.language, "cli.unknown_kind", kind=kind, kinds=", ".join(KINDS)))
        raise typer.Exit(ASKED_WRONGLY)
    machine = _machine(flow, settings, words) if flow else None
    try:
        read_one = reader(cast("Kind", known), date=date, machine=machine, question=question)
    except LookupError:
        _complain(words.say(settings.language, "cli.unknown_question", question=question))
        raise typer.Exit(ASKED_WRONGLY) from None
    except ValueError:
        _complain(words.say(settings.language, "cli.bad_date", date=date))
        raise typer.Exit(ASKED_WRONGLY) from None
    for said in _each(text):
        found, told = read_one(said)
        if as_json:
            _say(json.dumps(told, ensure_ascii=False))
            continue
        value = json.dumps(told["value"], ensure_ascii=False)
        _say(words.say(settings.language, "cli.reading", value=value, certainty=found.certainty))
        if found.ask:
            _say(words.say(settings.language, found.ask, **found.facts))


def _each(texts: list[str]) -> Iterator[str]:
    """The texts; a single "-" stands for the lines of the input, read as they come."""
    if texts != ["-"]:
        yield from texts
        return
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


@admin.command()
def create(
    login: Annotated[str, typer.Argument(help="Name to sign in with.")],
    name: Annotated[str, typer.Option("--name")] = "",
    role: Annotated[str, typer.Option("--role", help="admin or staff.")] = "admin",
) -> None:
    """Make a staff account and print the one-time link on which its password is chosen."""
    from bot.app import now_ms
    from bot.web.staff.accounts import AccountExists, BadLogin, create_account
    from storage.db import open_database

    settings, words = _settings()

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
        _complain(words.say(settings.language, "cli.account_exists", login=login))
        raise typer.Exit(COULD_NOT) from None
    except BadLogin:
        _complain(words.say(settings.language, "cli.bad_login", login=login, role=role))
        raise typer.Exit(ASKED_WRONGLY) from None
    _say(words.say(settings.language, "cli.account_made", login=login, link=link))


@link.command("create")
def create_link(
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

    settings, words = _settings()

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
        _complain(words.say(settings.language, "cli.link_no_prefill", question=made))
        raise typer.Exit(ASKED_WRONGLY)
    if made is None:
        _complain(words.say(settings.language, "cli.link_no_flow", flow=flow))
        raise typer.Exit(COULD_NOT)
    url = f"https://t.me/{bot}?start={made.token}" if bot else f"/start {made.token}"
    at = words.moment(settings.language, made.expires_at)
    _say(
        words.say(
            settings.language, "cli.link_made", link=url, web=f"{settings.url}/k/{made.token}", code=made.code, at=at
        )
    )


@link.command("list")
def list_links() -> None:
    """The deep links as tab-separated lines: flow, source, campaign, times opened, day of expiry."""
    from datetime import UTC, datetime

    from storage import links
    from storage.db import open_database

    settings, _ = _settings()

    async def look() -> list[links.Link]:
        db = await open_database(settings.database)
        try:
            return await db.read(links.every)
        finally:
            await db.close()

    _lines(
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


@app.command()
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

    settings, words = _settings()
    try:
        count = asyncio.run(write(settings, Asked(flow, form, out, labels, named, reason)))
    except BadExport as error:
        _complain(words.say(settings.language, error.key, **error.holes))
        raise typer.Exit(ASKED_WRONGLY) from None
    _complain(words.say(settings.language, "cli.exported", n=count))


@app.command()
def backup(to: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the SQLite database into a new file while it is in use; copy the folder `files` and `signing.key` beside it."""
    from storage.backup import backup as copy
    from storage.db import StorageUnavailable

    settings, words = _settings()
    if not settings.database.startswith("sqlite:///"):
        _complain(words.say(settings.language, "cli.backup_postgres"))
        raise typer.Exit(ASKED_WRONGLY)
    try:
        size = copy(Path(settings.database.removeprefix("sqlite:///")), to)
    except FileExistsError:
        _complain(words.say(settings.language, "cli.backup_exists", file=str(to)))
        raise typer.Exit(ASKED_WRONGLY) from None
    except (FileNotFoundError, StorageUnavailable) as error:
        _complain(words.say(settings.language, "cli.backup_failed", why=type(error).__name__))
        raise typer.Exit(COULD_NOT) from None
    _say(words.say(settings.language, "cli.backup_done", file=str(to), mb=round(size / 1_048_576, 1)))


# What the commands share.


def _settings() -> "tuple[Settings, Words]":
    from bot.config import BadSettings, read_settings
    from bot.i18n import words

    told = words()
    try:
        return read_settings(), told
    except BadSettings as error:
        for name, what in error.problems:
            _complain(told.say("en", "cli.bad_setting", name=name, what=what))
        raise typer.Exit(ASKED_WRONGLY) from None


def _clock(date: str, settings: "Settings", words: "Words") -> "Callable[[], int]":
    """What the time is: the real one, or noon of a day that stands still."""
    import datetime as dt

    from bot.app import now_ms
    from bot.i18n import HANOI

    if not date:
        return now_ms
    try:
        noon = dt.datetime.combine(dt.date.fromisoformat(date), dt.time(12), tzinfo=HANOI)
    except ValueError:
        _complain(words.say(settings.language, "cli.bad_date", date=date))
        raise typer.Exit(ASKED_WRONGLY) from None
    at = int(noon.timestamp() * 1000)
    return lambda: at


def _draft(
    file: str, settings: "Settings", words: "Words", *, with_judge: bool = False
) -> "tuple[Flow | None, Sequence[Problem]]":
    """A flow by file or sample name, with all its problems; ends the command when there is no such file."""
    from bot.library import PLACEHOLDERS, read_file, sample_flows, tables_beside
    from bot.sheets import draft_workbook, is_workbook
    from flows.checks import check as look

    path = Path(file)
    if not path.exists():
        found = next((f for f in sample_flows() if f.name == file), None)
        if found is not None:
            return found, look(found, placeholders=PLACEHOLDERS)
        _complain(words.say(settings.language, "cli.no_such_flow", file=file))
        raise typer.Exit(ASKED_WRONGLY)
    try:
        if is_workbook(file):
            return draft_workbook(path.read_bytes(), path.name, tables_beside(path.parent), with_judge=with_judge)
        return read_file(path)
    except (OSError, UnicodeDecodeError):
        _complain(words.say(settings.language, "cli.unreadable", file=file))
        raise typer.Exit(ASKED_WRONGLY) from None


def _machine(file: str, settings: "Settings", words: "Words") -> "Machine":
    """A flow by file or sample name, compiled; ends the command when it cannot be."""
    from bot.library import placeholders
    from flows.machine import compile

    flow, problems = _draft(file, settings, words)
    if flow is None or any(p.is_error for p in problems):
        _tell_problems(words, settings.language, problems)
        raise typer.Exit(COULD_NOT)
    return compile(flow, placeholders(settings))


def _as_json(words: "Words", lang: str, problem: "Problem") -> dict[str, Any]:
    what, remedy = _told(words, lang, problem)
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "place": problem.place.model_dump(exclude_none=True),
        "facts": dict(problem.facts),
        "problem": what,
        "remedy": remedy,
    }


def _told(words: "Words", lang: str, problem: "Problem") -> tuple[str, str]:
    facts = {key: str(value) for key, value in problem.facts.items()}
    return words.say(lang, f"problem.{problem.code}", **facts), words.say(lang, f"remedy.{problem.code}", **facts)


def _tell_problems(words: "Words", lang: str, problems: "Sequence[Problem]") -> None:
    for problem in problems:
        what, remedy = _told(words, lang, problem)
        _say(f"{problem.place}: {problem.severity.value}: {what}")
        _say(f"    {remedy}")
        if "pyxform" in problem.facts:
            _say(f"    pyxform: {problem.facts['pyxform']}")
    errors = sum(p.is_error for p in problems)
    _say(words.say(lang, "cli.checked", errors=errors, warnings=len(problems) - errors))


def _tell_chatter(words: "Words", lang: str, flow: "Flow", settings: "Settings") -> None:
    """How many messages a question costs on Telegram."""
    from bot.chatter import MESSAGES_PER_QUESTION, chatter_of
    from bot.library import placeholders
    from flows.machine import compile

    told = chatter_of(compile(flow, placeholders(settings)), words, lang)
    figure = words.number(lang, round(told.per_question, 2))
    _say(words.say(lang, "cli.chatter", figure=figure, questions=told.questions, messages=told.messages))
    if told.is_too_much:
        _say("    " + words.say(lang, "cli.chatter_too_much", most=MESSAGES_PER_QUESTION))


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        _say(line)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")
