"""`make chaos ROUNDS=…`: kill the real process again and again while people answer, and count what was lost.

Several founders answer a survey of every common kind of question over and over, against a Bot API of our own that
survives. The process is killed with SIGKILL at random moments and at every named point in turn. At the end the API's log
is joined with the database: each survey that a founder saw acknowledged must be there once, with every answer right.
"""

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.failpoints import POINTS
from tests.bot.test_kill import ASKED, RECORD, Founder, bring_up, flows_in, stored
from tests.fake_telegram import Fake, NotSeen, fake_telegram_process
from tests.process import Bot

PATIENCE_S = 120.0  # a founder who waits longer than this is stuck


@dataclass
class Tally:
    """What happened."""

    finished: Counter[int] = field(default_factory=Counter)
    stuck: list[str] = field(default_factory=list)
    kills: int = 0
    points: Counter[str] = field(default_factory=Counter)


async def answer_for_ever(fake: Fake, number: int, tally: Tally, stop: asyncio.Event) -> None:
    """One founder: survey after survey until told to stop, then to the end of this one."""
    user = fake.user(1000 + number)

    async def nothing() -> None:
        return None

    while not stop.is_set():
        try:
            await Founder(fake, user, wait_s=PATIENCE_S).answers_all(nothing)
        except NotSeen as missing:
            tally.stuck.append(f"founder {number}: {missing}")
            return
        tally.finished[number] += 1


async def kill_for(rounds: int, folder: Path, fake: Fake, tally: Tally, dice: random.Random) -> Bot:
    """Kill and revive; the last one lives."""
    points = list(POINTS)
    bot = await bring_up(folder, fake)
    while tally.kills < rounds:
        if tally.kills % 2:
            await asyncio.sleep(dice.uniform(0.05, 1.5))
            await bot.kill()
            tally.points["at random"] += 1
        else:
            await bot.stop()
            point = points[(tally.kills // 2) % len(points)]
            bot = await bring_up(folder, fake, f"{point}:{dice.randint(1, 12)}")
            try:
                code = await bot.ended(within_s=20.0)
                assert code == 137, bot.output[-2000:]
                tally.points[point] += 1
            except TimeoutError:
                await bot.kill()
                tally.points["at random"] += 1
        tally.kills += 1
        bot = await bring_up(folder, fake)
    return bot


async def run(rounds: int, founders: int, seed: int) -> int:
    """One run; the number of faults found."""
    tally, stop, dice = Tally(), asyncio.Event(), random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flows_in(folder)
        async with fake_telegram_process() as fake:
            people = [asyncio.create_task(answer_for_ever(fake, n, tally, stop)) for n in range(founders)]
            bot = await kill_for(rounds, folder, fake, tally, dice)
            stop.set()
            await asyncio.gather(*people)
            await bot.stop()
            faults = judge(folder, tally)
            prompts = await prompts_of(fake)
    tell(tally, prompts, faults)
    return len(faults)


def judge(folder: Path, tally: Tally) -> list[str]:
    """Everything that is not as promised."""
    faults = list(tally.stuck)
    records, sequences, undone = stored(folder)
    expected = sum(tally.finished.values())
    wrong = [record for record in records if record != RECORD]
    if len(records) != expected:
        faults.append(f"{expected} surveys were acknowledged, {len(records)} are stored")
    if wrong:
        faults.append(f"{len(wrong)} records differ from what was answered, for example {wrong[0]}")
    if len(sequences) != len(set(sequences)):
        faults.append("an event was taken twice")
    if undone:
        faults.append(f"{undone} updates were never handled")
    with sqlite3.connect(folder / "data" / "khaosat.sqlite") as db:
        (dead,) = db.execute("select count(*) from inbox where dead").fetchone()
    if dead:
        faults.append(f"{dead} updates were buried")
    return faults


async def prompts_of(fake: Fake) -> Counter[str]:
    """How often each question was sent as a new message, by everybody."""
    sent = Counter[str]()
    for call in await fake.calls("sendMessage"):
        text = str(call["params"].get("text", ""))
        for asked in ASKED:
            sent[asked] += asked in text and "xem lại" not in text and bool(call.get("ok", True))
    return sent


def tell(tally: Tally, prompts: Counter[str], faults: list[str]) -> None:
    """The figures."""
    surveys = sum(tally.finished.values())
    answers = surveys * len(ASKED)
    repeated = sum(prompts.values()) - answers
    rows: list[tuple[str, Any]] = [
        ("kills", tally.kills),
        ("  of these", ", ".join(f"{name} {n}" for name, n in sorted(tally.points.items()))),
        ("surveys finished and acknowledged", surveys),
        ("answers in them", answers),
        ("prompts sent more than once", f"{repeated} ({repeated / max(tally.kills, 1):.2f} a kill)"),
        ("faults", len(faults)),
    ]
    for name, figure in rows:
        sys.stdout.write(f"{name:<36}{figure}\n")
    for fault in faults:
        sys.stdout.write(f"FAULT: {fault}\n")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--founders", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(1 if asyncio.run(run(given.rounds, given.founders, given.seed)) else 0)


if __name__ == "__main__":
    main()
