"""`make bench`: what a step, a commit and a whole update cost here. Read ratios; the machine's speed drifts."""

import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bot.app import House, now_ms, opened
from bot.channels.base import Update
from bot.config import read_settings
from flows.engine import step
from flows.machine import Machine
from flows.session import OPEN, Session, Show, Started
from storage import inbox
from storage.db import Tx
from tests.founders import Willing
from tests.scenario import MONDAY, machine_of, sample

TALKS = 40
LONG = 1000
CHATS = 200
FLOW = "article_rating"


def main() -> None:
    """Measure and print a table."""
    rows = [*engine(), *asyncio.run(house())]
    width = max(len(name) for name, _ in rows)
    say(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name, figure in rows:
        say(f"{name:<{width}}  {figure}")


def say(text: str) -> None:
    """One line."""
    sys.stdout.write(text + "\n")


def engine() -> list[tuple[str, str]]:
    """Microseconds of one step: the main survey, and a form of LONG questions of which every third has a condition."""
    return [
        *_engine("main survey", sample("startup_support_needs"), TALKS),
        *_engine(f"{LONG} questions", machine_of(_long()), 1),
    ]


def _long() -> str:
    questions = "".join(
        f"  - {{name: q{n}, type: {'text' if n % 3 else 'select_one yn'}, label: {{vi: 'Câu {n}?'}}"
        + (f", relevant: \"${{q{n - n % 3}}} != 'no'\"" if n % 3 == 2 else "")
        + "}\n"
        for n in range(LONG)
    )
    return (
        "flow: long\nversion: '1'\ndefault_language: vi\nlanguages: [vi]\ntitle: {vi: Dài}\n"
        "choices:\n  yn: [{name: 'yes', label: {vi: Có}}, {name: 'no', label: {vi: Không}}]\n"
        f"questions:\n{questions}"
    )


def _engine(name: str, machine: Machine, talks: int) -> list[tuple[str, str]]:
    """Answered by a willing founder."""
    took: list[float] = []
    for seed in range(talks):
        session, effects = step(
            machine, Session(f"s{seed}", machine.name, machine.version, "vi", seed), Started(MONDAY, "vi")
        )
        view = next(e.view for e in effects if isinstance(e, Show))
        founder = Willing(seed)
        while session.status in OPEN:
            event = founder.answer(view, session.card, MONDAY)
            began = time.perf_counter()
            session, effects = step(machine, session, event)
            took.append(time.perf_counter() - began)
            view = next((e.view for e in reversed(effects) if isinstance(e, Show)), view)
    took.sort()
    return [
        (f"engine, {name}: steps", f"{len(took)}"),
        (f"engine, {name}: µs per step, median", f"{statistics.median(took) * 1e6:.0f}"),
        (f"engine, {name}: µs per step, p95", f"{took[int(len(took) * 0.95)] * 1e6:.0f}"),
    ]


async def house() -> list[tuple[str, str]]:
    """Commits, and whole updates (inbox, step, answers, outbox) of many people at once, synchronous=FULL."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({}, data_dir=Path(folder), free_min_mb=0)
        async with opened(settings) as built:
            return [("sqlite: commits per second, one at a time", f"{await commits(built):.0f}"), *await updates(built)]


async def commits(built: House) -> float:
    """One row into the inbox per transaction, each waited for: what an fsync costs here."""
    began = time.perf_counter()
    for n in range(500):

        async def one(tx: Tx, n: int = n) -> None:
            await inbox.add(tx, "bench", "b", str(n), "c", "{}", n)
            await inbox.done(tx, n + 1, n)

        await built.db.write(one)
    return 500 / (time.perf_counter() - began)


async def updates(built: House) -> list[tuple[str, str]]:
    """CHATS people open a survey and tap through it."""
    number = 0

    async def wave(body: dict[str, object]) -> float:
        nonlocal number
        number += 1
        began = time.perf_counter()
        sent = [
            Update("web", "web", f"{chat}-{number}", f"c{chat}", json.dumps(body), now_ms()) for chat in range(CHATS)
        ]
        await asyncio.gather(*(built.intake.accept([update]) for update in sent))
        await built.lanes.settled()
        return CHATS / (time.perf_counter() - began)

    opening = await wave({"type": "open", "flow": FLOW, "lang": "vi"})
    answering = [await wave({"type": "typed", "text": "1"}) for _ in range(4)]
    return [
        (f"updates per second, {CHATS} people open a survey", f"{opening:.0f}"),
        (f"updates per second, {CHATS} people answer", f"{statistics.median(answering):.0f}"),
    ]


if __name__ == "__main__":
    main()
