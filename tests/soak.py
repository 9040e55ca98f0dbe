"""`python -m tests.soak --minutes N`: the real process under a light load with faults, and whether anything grows that must not.

People come one after the other, about five updates a second in all, and answer a survey of every kind of question against a
Bot API of our own that is slow, busy or broken now and then. Every few seconds the memory of the process, its open files
and threads and the size of the write-ahead log are noted. It fails when one of them grows beyond its bound after the first
quarter, in which caches fill, or when an answer that was acknowledged is not stored. By hand.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from tests.bot.test_kill import bring_up
from tests.chaos import FIRST, PATIENCE_S, Tally, judge
from tests.every_kind import ASKED, SURVEY, Everybody
from tests.fake_telegram import Fake, NotSeen, fake_telegram_process
from tests.figures import told

EVERY_S: Final = 5.0
STAFF: Final = -1007
RSS_MB_AN_HOUR: Final = 1.0  # the slope that a run of days may have
RSS_ROOM_MB: Final = 8.0  # what a short run may add to that: an allocator gives back when it likes
FILES_ROOM: Final = 8  # connections come and go
THREADS_ROOM: Final = 4
WAL_MB: Final = 64.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The process at one moment."""

    at: float  # seconds since the first
    rss_mb: float
    files: int
    threads: int
    wal_mb: float


def look(process: int, data: Path, at: float) -> Sample:
    """As the kernel tells it."""
    home = Path(f"/proc/{process}")
    pages = int((home / "statm").read_text(encoding="ascii").split()[1])
    wal = data / "khaosat.sqlite-wal"
    return Sample(
        at,
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        len(list((home / "fd").iterdir())),
        len(list((home / "task").iterdir())),
        wal.stat().st_size / 1e6 if wal.exists() else 0.0,
    )


def grown(samples: list[Sample]) -> list[str]:
    """What has grown beyond its bound since the first quarter."""
    end = samples[-1].at
    early = [one for one in samples if end / 4 <= one.at < end / 2]
    late = [one for one in samples if one.at >= end * 3 / 4]
    faults = []
    rss = statistics.median(one.rss_mb for one in late) - statistics.median(one.rss_mb for one in early)
    if rss > RSS_ROOM_MB + RSS_MB_AN_HOUR * end / 3600:
        faults.append(f"memory grew by {rss:.1f} MB from the second quarter to the last")
    for name, room in (("files", FILES_ROOM), ("threads", THREADS_ROOM)):
        before, after = (max(getattr(one, name) for one in part) for part in (early, late))
        if after > before + room:
            faults.append(f"open {name} grew from {before} to {after}")
    if (wal := max(one.wal_mb for one in samples)) > WAL_MB:
        faults.append(f"the write-ahead log had {wal:.0f} MB")
    return faults


def slope(samples: list[Sample]) -> float:
    """MB an hour of memory after the first quarter, as the straight line through the samples rises."""
    rest = [one for one in samples if one.at >= samples[-1].at / 4]
    return statistics.linear_regression([one.at for one in rest], [one.rss_mb for one in rest]).slope * 3600


async def come(fake: Fake, place: int, numbers: "count[int]", tally: Tally, stop: asyncio.Event) -> None:
    """One person after the other, each a whole survey."""

    async def nothing() -> None:
        return None

    await asyncio.sleep(place)  # not all at the same question
    while not stop.is_set():
        number = next(numbers)
        try:
            await Everybody(fake, fake.user(FIRST + number), wait_s=PATIENCE_S).answers_all(nothing)
        except NotSeen as missing:
            tally.stuck.append(f"person {number}: {missing}")
            return
        tally.finished[number] += 1


async def run(minutes: float, people: int, *, hurry: bool = False) -> int:
    """One run; the number of faults found. `hurry`: without our pace and without faults, as many surveys as go."""
    tally, stop, samples = Tally(), asyncio.Event(), list[Sample]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "flows").mkdir()
        (folder / "flows" / "every.yaml").write_text(SURVEY, encoding="utf-8")
        async with fake_telegram_process() as fake:
            await fake.group(STAFF)
            bot = await bring_up(
                folder, fake, telegram_staff_chat=str(STAFF), telegram_sends_per_s="0" if hurry else "30"
            )
            if not hurry:
                await fake.fault("latency", p=0.05, seconds=0.5)
                await fake.fault("429", p=0.01, retry_after=1)
                await fake.fault("502", p=0.01)
                await fake.fault("reset", p=0.005)
            numbers = count()
            places = [asyncio.create_task(come(fake, n, numbers, tally, stop)) for n in range(people)]
            began = time.monotonic()
            while (at := time.monotonic() - began) < minutes * 60 and not tally.stuck:
                samples.append(await asyncio.to_thread(look, bot.process.pid, folder / "data", at))
                if len(samples) % 12 == 0:
                    say(samples[-1], sum(tally.finished.values()))
                await asyncio.sleep(EVERY_S)
            updates = (await fake.counts())["updates"]
            stop.set()
            await asyncio.gather(*places)
            code = await bot.stop()
            faults = judge(folder, tally) + grown(samples)
            if code != 0:
                faults.append(f"the stop ended with {code}")
    tell(samples, tally, updates, faults)
    return len(faults)


def say(sample: Sample, surveys: int) -> None:
    """How it goes."""
    sys.stdout.write(
        f"{sample.at / 60:6.1f} min  {sample.rss_mb:6.1f} MB  {sample.files:3} files  {sample.threads:3} threads"
        f"  log {sample.wal_mb:5.1f} MB  {surveys} surveys\n"
    )
    sys.stdout.flush()


def tell(samples: list[Sample], tally: Tally, updates: int, faults: list[str]) -> None:
    """The figures."""
    end = samples[-1].at
    later = [one for one in samples if one.at >= end / 4]
    surveys = sum(tally.finished.values())

    def between(name: str) -> str:
        found = [getattr(one, name) for one in later]
        return f"{min(found):.0f} to {max(found):.0f}"

    rows = [
        ("minutes", f"{end / 60:.1f}"),
        ("updates a second", f"{updates / end:.1f}"),
        ("surveys finished and acknowledged", f"{surveys}"),
        ("answers in them", f"{surveys * len(ASKED)}"),
        ("memory after the first quarter, MB", between("rss_mb")),
        ("  its slope, MB an hour", f"{slope(samples):.1f}"),
        ("open files", between("files")),
        ("threads", between("threads")),
        ("write-ahead log at most, MB", f"{max(one.wal_mb for one in samples):.1f}"),
    ]
    told(rows, faults)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--people", type=int, default=10, help="who answer at the same time")
    parser.add_argument(
        "--hurry", action="store_true", help="without our pace and without faults: more surveys in less time"
    )
    given = parser.parse_args()
    sys.exit(1 if asyncio.run(run(given.minutes, given.people, hurry=given.hurry)) else 0)


if __name__ == "__main__":
    main()
