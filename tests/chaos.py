"""`make chaos ROUNDS=… MODE=… SIGNAL=…`: kill the real process again and again while people answer, and count what was lost.

Several founders answer a survey of every kind of question over and over, against a Bot API of our own that survives. The
process is killed with SIGKILL at random moments and at every named point in turn. At the end the API's log is joined with
the database: each survey that a founder saw acknowledged must be there once, with every answer right, each update taken
once and in the order it was sent; and no chat may have been asked the same thing twice more often than once for a kill.
With SIGTERM in its place each stop must end with 0 within ten seconds, and nothing at all may be repeated.
"""

import argparse
import asyncio
import json
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.failpoints import POINTS
from tests.bot.test_kill import bring_up, free_port, stored
from tests.every_kind import ASKED, FILE, RECORD, SURVEY, Everybody
from tests.fake_telegram import Fake, NotSeen, fake_telegram_process
from tests.figures import told
from tests.process import Bot

PATIENCE_S = 120.0  # a founder who waits longer than this is stuck
STOP_WITHIN_S = 10.0
FIRST = 1000  # the founders' ids begin here


@dataclass
class Tally:
    """What happened."""

    finished: Counter[int] = field(default_factory=Counter)
    stuck: list[str] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)  # when, on the fake's clock
    points: Counter[str] = field(default_factory=Counter)
    stops: list[float] = field(default_factory=list)  # seconds that each clean stop took


async def answer_for_ever(fake: Fake, number: int, tally: Tally, stop: asyncio.Event) -> None:
    """One founder: survey after survey until told to stop, then to the end of this one."""
    user = fake.user(FIRST + number)

    async def nothing() -> None:
        return None

    while not stop.is_set():
        try:
            await Everybody(fake, user, wait_s=PATIENCE_S).answers_all(nothing)
        except NotSeen as missing:
            tally.stuck.append(f"founder {number}: {missing}")
            return
        tally.finished[number] += 1


async def kill_for(rounds: int, folder: Path, fake: Fake, port: int, tally: Tally, dice: random.Random) -> Bot:
    """Kill and revive; the last one lives."""
    points = list(POINTS)
    bot = await bring_up(folder, fake, port=port)
    while len(tally.kills) < rounds and not tally.stuck:
        if len(tally.kills) % 2:
            await asyncio.sleep(dice.uniform(0.05, 1.5))
            await bot.kill()
            tally.points["at random"] += 1
        else:
            await bot.stop()
            point = points[(len(tally.kills) // 2) % len(points)]
            bot = await bring_up(folder, fake, f"{point}:{dice.randint(1, 12)}", port=port)
            try:
                code = await bot.ended(within_s=20.0)
                assert code == 137, bot.output[-2000:]
                tally.points[point] += 1
            except TimeoutError:
                await bot.kill()
                tally.points["at random"] += 1
        tally.kills.append((await fake.log(10**9)).now)
        bot = await bring_up(folder, fake, port=port)
    return bot


async def stop_for(rounds: int, folder: Path, fake: Fake, port: int, tally: Tally, dice: random.Random) -> Bot:
    """Ask it to end, now in the middle of its start, now in the middle of its work, and start it again."""
    await fake.fault("latency", p=0.3, seconds=0.3)  # so that some stops come while a message is under way
    while len(tally.stops) < rounds and not tally.stuck:
        bot = await bring_up(folder, fake, port=port)
        await asyncio.sleep(dice.uniform(0.0, 1.5))
        began = time.monotonic()
        code = await bot.stop(signal.SIGTERM)
        tally.stops.append(time.monotonic() - began)
        if code != 0:
            tally.stuck.append(f"stop {len(tally.stops)} ended with {code}: {bot.output[-500:]}")
    late = [f"{took:.1f} s" for took in tally.stops if took > STOP_WITHIN_S]
    tally.stuck += [f"a stop took {took}" for took in late]
    return await bring_up(folder, fake, port=port)


async def run(rounds: int, founders: int, seed: int, mode: str, how: str = "kill") -> int:
    """One run; the number of faults found."""
    tally, stop, dice = Tally(), asyncio.Event(), random.Random(seed)
    port = free_port() if mode == "webhook" else 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "flows").mkdir()
        (folder / "flows" / "every.yaml").write_text(SURVEY, encoding="utf-8")
        async with fake_telegram_process() as fake:
            people = [asyncio.create_task(answer_for_ever(fake, n, tally, stop)) for n in range(founders)]
            again = kill_for if how == "kill" else stop_for
            bot = await again(rounds, folder, fake, port, tally, dice)
            stop.set()
            await asyncio.gather(*people)
            await bot.stop()
            faults = judge(folder, tally)
            repeated, too_often = repeats(await fake.calls("sendMessage"), tally.kills)
            faults += too_often
    tell(tally, repeated, faults, mode)
    return len(faults)


def judge(folder: Path, tally: Tally) -> list[str]:
    """Everything in the database that is not as promised."""
    faults = list(tally.stuck)
    records, sequences, undone = stored(folder)
    expected = sum(tally.finished.values())
    wrong = [
        record for record in records if {k: v for k, v in record.items() if k != FILE} != RECORD or not record[FILE]
    ]
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
        taken = db.execute("select chat, body from inbox where channel = 'telegram' order by id").fetchall()
        ragged = db.execute(
            "select count(*) from (select session, max(seq) - min(seq) + 1 - count(*) as gap from events group by session)"
            " where gap <> 0"
        ).fetchone()[0]
    if dead:
        faults.append(f"{dead} updates were buried")
    if ragged:
        faults.append(f"{ragged} journals have gaps")
    return faults + out_of_order(taken)


def out_of_order(taken: list[tuple[str, str]]) -> list[str]:
    """Updates of one chat that were taken before an earlier one of the same chat."""
    last: dict[str, int] = defaultdict(int)
    faults = []
    for chat, body in taken:
        number = int(json.loads(body).get("update_id", 0))
        if number <= last[chat]:
            faults.append(f"chat {chat}: update {number} was taken after {last[chat]}")
        last[chat] = max(last[chat], number)
    return faults


def repeats(calls: list[dict[str, Any]], kills: list[float]) -> tuple[int, list[str]]:
    """How many messages said the same as the one before in their chat, and where that was more than once for a kill."""
    said: dict[int, str] = {}
    since: Counter[tuple[int, int]] = Counter()  # by chat, and how many kills there had been
    for call in calls:
        if call["code"] != 200 or call["chat"] is None:  # HTTP's own number
            continue
        text = str(call["params"].get("text", ""))
        if said.get(call["chat"]) == text:
            since[call["chat"], sum(at <= call["at"] for at in kills)] += 1
        said[call["chat"]] = text
    faults = [
        f"chat {chat} was asked the same {n + 1} times after kill {kill}"
        for (chat, kill), n in since.items()
        if n > 1 or kill == 0
    ]
    return sum(since.values()), faults


def tell(tally: Tally, repeated: int, faults: list[str], mode: str) -> None:
    """The figures."""
    surveys = sum(tally.finished.values())
    kills = len(tally.kills)
    rows: list[tuple[str, Any]] = [
        (f"kills ({mode})", kills),
        ("  of these", ", ".join(f"{name} {n}" for name, n in sorted(tally.points.items()))),
        (f"clean stops ({mode})", f"{len(tally.stops)}, the longest {max(tally.stops, default=0.0):.1f} s"),
        ("surveys finished and acknowledged", surveys),
        ("answers in them", surveys * len(ASKED)),
        ("messages repeated", f"{repeated} ({repeated / max(kills, 1):.2f} a kill, over all chats)"),
    ]
    told(rows, faults)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--founders", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mode", choices=("polling", "webhook"), default="polling")
    parser.add_argument("--signal", choices=("kill", "term"), type=str.lower, default="kill")
    given = parser.parse_args()
    sys.exit(1 if asyncio.run(run(given.rounds, given.founders, given.seed, given.mode, given.signal)) else 0)


if __name__ == "__main__":
    main()
