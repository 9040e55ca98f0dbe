"""Builds everything, starts it in order, and stops it in the opposite order."""

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from bot import notifications
from bot.amendments import Amendments
from bot.ballast import Ballast
from bot.books import read_flows
from bot.channels.base import Channel
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.webhook import PATH, Webhook
from bot.channels.web import WebChannel
from bot.config import Settings
from bot.copies import Copies
from bot.delivery import Delivery
from bot.delivery.pace import pace_of
from bot.done import Done
from bot.failpoints import Failpoints
from bot.files import Files
from bot.flood import Floods
from bot.i18n import Words, words
from bot.intake import Arrived, Intake
from bot.keeper import Keeper
from bot.lanes import Lanes
from bot.library import Library, sample_flows
from bot.line import Line
from bot.media import MediaStore
from bot.runner import Runner
from bot.timers import Timers
from bot.unasked import Parts
from bot.watch import Watch
from bot.web import chat, health, staff
from bot.web.app import Web
from bot.web.bell import Bell
from bot.web.media import route as media_route
from bot.web.pages import static_route
from bot.web.staff import takeout
from storage import counters, people
from storage.db import Database, Tx, open_database
from storage.safety import check_directory

log = structlog.get_logger(__name__)

STOP_WITHIN_S: Final = 8.0  # of the ten that Ctrl-C may take
TICK_S: Final = 5.0  # how often what is due because time passed is looked for


class PortTaken(Exception):
    """Nobody can listen at that address: why, in the system's words."""


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


@dataclass
class House:
    """Everything that runs, built once; pages and timers are handed what they need of it."""

    settings: Settings
    db: Database
    words: Words
    clock: Callable[[], int]
    library: Library
    intake: Intake
    lanes: Lanes[Arrived]
    timers: Timers
    amendments: Amendments
    delivery: Delivery
    bell: Bell
    files: Files
    media: MediaStore
    notifier: notifications.Notifications
    web_channel: WebChannel
    telegram: TelegramChannel | None
    line: Line | None
    watch: Watch
    copies: Copies | None
    stopping: asyncio.Event
    signing_key: bytes
    failpoints: Failpoints

    @property
    def telegram_username(self) -> str:
        """The bot's name on Telegram; "" when there is none."""
        return self.telegram.username if self.telegram is not None else ""

    @property
    def telegram_trouble(self) -> str:
        """What is wrong with the line to Telegram; "": nothing, or there is none."""
        return (self.line.trouble or "") if self.line is not None else ""

    @property
    def alarms(self) -> Mapping[str, int]:
        """What is wrong otherwise, as `bot/watch.py` names it, and how much of it."""
        return {code: count for code, count in self.watch.alarms.items() if not code.startswith("telegram_")}


@contextlib.asynccontextmanager
async def opened(settings: Settings, *, clock: Callable[[], int] = now_ms) -> AsyncIterator[House]:
    """The house, built and with its database open, nothing running yet.

    Raises:
        Unsafe: it is not safe to start, with what to do about it.
        BadFlow: a flow that should be published cannot be used.
    """
    with contextlib.suppress(OSError):  # why it cannot be is told by the check that follows
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_directory(settings.data_dir)
    db = await open_database(settings.database, sole=True, free_mb=settings.free_min_mb)
    try:
        yield await _built(settings, db, clock)
    finally:
        await db.close()


async def _built(settings: Settings, db: Database, clock: Callable[[], int]) -> House:
    library = Library(settings)
    media = MediaStore(settings.data_dir / "media")
    flows = list(sample_flows()) if settings.samples else []
    if settings.flows_dir is not None:
        flows += read_flows(settings.flows_dir, media)
    await library.publish(db, flows, clock())
    await library.load(db)
    key = signing_key(settings)
    told = words()
    failpoints = Failpoints(settings.failpoint)
    bell, files = Bell(), Files(settings.data_dir / "files")
    web_channel = WebChannel(told)
    telegram = None
    token = settings.telegram_token.get_secret_value()
    if token:
        telegram = TelegramChannel(
            token,
            secret=key,
            words=told,
            base_url=settings.telegram_base_url,
            webhook_secret=settings.telegram_webhook_secret.get_secret_value(),
            media=media.path,
            staff_chat=settings.telegram_staff_chat,
        )
    channels: dict[tuple[str, str], Channel] = {(web_channel.name, web_channel.bot): web_channel}
    if telegram is not None:
        channels[telegram.name, telegram.bot] = telegram
    sending = {key: channel for key, channel in channels.items() if key[0] != web_channel.name}

    async def gone(channel: str, bot: str, address: str) -> None:
        async def put(tx: Tx) -> None:
            await people.reach(tx, channel, bot, address, "blocked", clock())

        await db.write(put)

    pace = pace_of(settings.telegram_sends_per_s)
    delivery = Delivery(db, sending, clock, pace=pace, on_gone=gone, failpoints=failpoints)
    notifier = notifications.Notifications(
        settings, told, telegram_bot=telegram.bot if telegram is not None else "", detail=settings.notice_detail
    )

    def committed(done: Done) -> None:
        ours = [row for row in done.rows if row.channel == web_channel.name]
        for address in {row.chat for row in ours}:
            bell.ring(address)
        delivery.put([row for row in done.rows if row.channel != web_channel.name])
        for outgoing in done.fire:
            delivery.fire(outgoing, done.address)

    parts = Parts(db, channels, library, told, clock, committed)
    floods = Floods(settings.flood_per_min)
    runner = Runner(
        db=db,
        floods=floods,
        channels=channels,
        library=library,
        words=told,
        settings=settings,
        files=files,
        notifier=notifier,
        failpoints=failpoints,
        clock=clock,
        committed=committed,
        restored_at=await db.read(lambda tx: counters.last(tx, counters.RESTORED)),
    )
    lanes: Lanes[Arrived] = Lanes(runner.handle, runner.failed, runner.dropped)
    intake = Intake(db, lanes, failpoints, floods=floods, read=runner.read)
    line = None
    if telegram is not None:
        line = Line(telegram, intake, webhook_url=_webhook_url(settings), clock=time.monotonic)
    in_file, stopping = settings.database.startswith("sqlite"), asyncio.Event()
    copies = None
    if in_file and settings.backup_dir is not None:
        file, every = Path(settings.database.removeprefix("sqlite:///")), settings.backup_every_min
        to, who = settings.backup_dir, settings.backup_recipient
        copies = Copies(file, to, every, clock=clock, recipient=who, is_over=stopping.is_set)
    watch = Watch(
        db,
        _telling(notifier.chat, telegram, told),
        Keeper(),
        line=lambda: (line.trouble or "") if line is not None else "",
        disk=settings.data_dir if in_file else None,
        free_mb=settings.free_min_mb,
        ballast=Ballast(settings.data_dir / "ballast") if in_file else None,
        copies_fail=lambda: copies is not None and copies.failing,
        staff=(chat_.channel, chat_.bot, chat_.chat) if (chat_ := notifier.chat) is not None else None,
    )
    return House(
        settings=settings,
        db=db,
        words=told,
        clock=clock,
        library=library,
        intake=intake,
        lanes=lanes,
        timers=Timers(parts, failpoints, draft_days=settings.draft_days),
        amendments=Amendments(parts),
        delivery=delivery,
        bell=bell,
        files=files,
        media=media,
        notifier=notifier,
        web_channel=web_channel,
        telegram=telegram,
        line=line,
        watch=watch,
        copies=copies,
        stopping=stopping,
        signing_key=key,
        failpoints=failpoints,
    )


def _telling(
    chat: notifications.StaffChat | None, telegram: TelegramChannel | None, told: Words
) -> Callable[[str, int], Awaitable[None]]:
    """Says an alarm in the staff chat, where there is one."""

    async def tell(code: str, count: int) -> None:
        if chat is not None and telegram is not None:
            await telegram.send(notifications.alarm(chat, code, count, told), chat.chat, "")

    return tell


def routes(house: House) -> list[BaseRoute]:
    """Every page of the house."""
    return [
        *health.routes(house),
        static_route(),
        media_route(house.media.path),
        *staff.routes(house),
        *chat.routes(house),
    ]


def straight(house: House) -> dict[str, ASGIApp]:
    """What is asked for each answer of each person, by path: it is served without looking through the pages first."""
    if house.telegram is None or house.settings.telegram_mode != "webhook":
        return {}
    return {PATH: Webhook(house.telegram, house.intake)}


async def run(settings: Settings, ready: Callable[[House, int], Awaitable[None]]) -> int:
    """Serve until SIGINT or SIGTERM; the exit code.

    `ready` is told once everything runs, with the port.

    Raises:
        Unsafe: it is not safe to start.
        StorageUnavailable: the database cannot be opened.
        PortTaken: nobody can listen there.
    """
    async with opened(settings) as house:
        await asyncio.to_thread(takeout.sweep, settings.data_dir)
        web = Web(routes(house), settings.host, settings.port, straight(house))
        try:
            port = web.bind()
        except OSError as error:
            raise PortTaken(error.strerror or type(error).__name__) from error
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, house.stopping.set)
        try:
            return await _serve(house, web, port, ready)
        finally:
            web.close()


async def _serve(house: House, web: Web, port: int, ready: Callable[[House, int], Awaitable[None]]) -> int:
    await house.intake.take_up()  # before anything can be posted: what waits from before stands first in its lane
    server = asyncio.create_task(web.serve(), name="web")
    tasks = [asyncio.create_task(house.watch.run(), name="watch")]  # the first: it looks after the others
    tasks += [asyncio.create_task(work(house), name=name) for name, work in TICKS.items()]
    try:
        if house.line is not None:
            tasks.append(asyncio.create_task(house.line.run(), name="telegram"))
        await house.delivery.start()
        gc.freeze()  # what is built now stays: the collector need not look through it again
        gc.enable()
        await ready(house, port)
        await house.stopping.wait()
    finally:
        log.info("stopping")
        house.stopping.set()
        house.bell.ring_all()
        web.stop()
        await _ended(tasks)
        await asyncio.gather(house.lanes.stop(STOP_WITHIN_S / 2), house.delivery.stop(STOP_WITHIN_S / 2))
        await server
        if house.telegram is not None:
            await house.telegram.close()
        log.info("stopped")
    return 0


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel them; one that had failed before must not keep the rest of the house from stopping."""
    for task in tasks:
        task.cancel()
    for task, found in zip(tasks, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
        if isinstance(found, Exception):
            log.error("task_had_failed", task=task.get_name(), error=type(found).__name__)


def _webhook_url(settings: Settings) -> str | None:
    return f"{settings.url}{PATH}" if settings.telegram_mode == "webhook" else None


async def _digests(house: House) -> None:
    """Digests for staff whose time has come."""
    house.delivery.put(await house.notifier.due(house.db, house.clock()))


async def _drafts(house: House) -> None:
    """Reminders of drafts, and whatever else is due."""
    await house.timers.run_due()


async def _copies(house: House) -> None:
    """A copy of the database, when it is time for one."""
    if house.copies is not None:
        await house.copies.due()


def _ticking(name: str, once: Callable[[House], Awaitable[None]]) -> Callable[[House], Coroutine[Any, Any, None]]:
    """`once` again and again; each has a loop of its own, so that one that fails or hangs holds up no other."""

    async def work(house: House) -> None:
        while True:
            try:
                await once(house)
            except Exception as error:
                log.exception("timer_failed", timer=name, error=type(error).__name__)
            await asyncio.sleep(TICK_S)

    return work


TICKS: Final = {
    name: _ticking(name, once) for name, once in {"digests": _digests, "drafts": _drafts, "copies": _copies}.items()
}


def signing_key(settings: Settings) -> bytes:
    """The key that signs buttons and sessions: as set, or made once and kept in the data folder, readable by us only."""
    given = settings.signing_key.get_secret_value()
    if given:
        return given.encode()
    path: Path = settings.data_dir / "signing.key"
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii").strip().encode()
