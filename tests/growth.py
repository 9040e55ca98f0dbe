"""`python -m tests.growth`: what a step, a start and an idle conversation cost when there is much stored already.

Fills SQLite files with stored conversations (their answers, events, messages and updates, as a real one leaves them),
then takes further answers from some of them, and starts the real process on the largest. By hand: the largest file of
the bar, ten million answers, takes minutes and some gigabytes.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bot.app import House, opened
from bot.channels.base import Update
from bot.config import read_settings
from storage.driver import driver
from storage.ids import new_id
from tests.process import start

FLOW = "startup_support_needs"
ANSWERS_EACH = 20  # answers of a stored conversation
STEPS = 400  # answers taken for one figure
AT = 1_790_000_000_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--idle", type=int, default=20_000, help="conversations opened to see what one costs")
    parser.add_argument(
        "--open", type=int, help="only this: how fast the process is ready with so many open conversations"
    )
    parser.add_argument("--starts", type=int, default=10)
    given = parser.parse_args()
    if given.open:
        with tempfile.TemporaryDirectory() as folder:
            for name, figure in asyncio.run(begun(Path(folder), given.open, given.starts)).items():
                say(f"{given.open:>12,} open conversations  {name:<40} {figure}")
        return
    for answers in given.answers:
        with tempfile.TemporaryDirectory() as folder:
            for name, figure in asyncio.run(grown(Path(folder), answers)).items():
                say(f"{answers:>12,} answers  {name:<46} {figure}")
    with tempfile.TemporaryDirectory() as folder:
        say(
            f"{'':>12}          memory of an idle conversation, bytes {'':<8} {asyncio.run(idle(Path(folder), given.idle))}"
        )


def say(text: str) -> None:
    """One line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def begun(folder: Path, conversations: int, starts: int) -> dict[str, str]:
    """Fill, and start the real process again and again, each time after it was killed: it has a log to read back, too."""
    settings = read_settings({}, data_dir=folder, free_min_mb=0, flood_per_min=0)
    async with opened(settings) as house:
        state = await template(house)
    await asyncio.to_thread(fill, folder / "khaosat.sqlite", conversations, state)
    took: list[float] = []
    rss = 0
    await (await start(folder)).kill()  # the first start after an installation also compiles; it is not counted
    for _ in range(starts):
        began = time.perf_counter()
        bot = await start(folder)
        took.append(time.perf_counter() - began)
        rss = await asyncio.to_thread(_rss, str(bot.process.pid))
        await bot.kill()
    with sqlite3.connect(folder / "khaosat.sqlite") as db:
        (found,) = db.execute("SELECT count(*) FROM sessions WHERE status = ?", (state["status"],)).fetchone()
    return {
        "counted in the file": f"{found:,}",
        f"start until ready, s: median of {starts}": f"{statistics.median(took):.2f}",
        "  the fastest, the slowest": f"{min(took):.2f}, {max(took):.2f}",
        "memory after the start, MB": f"{rss / 1e6:.0f}",
    }


async def grown(folder: Path, answers: int) -> dict[str, str]:
    """Fill, take answers, start."""
    settings = read_settings({}, data_dir=folder, free_min_mb=0, flood_per_min=0)
    async with opened(settings) as house:
        state = await template(house)
    conversations = max(1, answers // ANSWERS_EACH)
    began = time.perf_counter()
    await asyncio.to_thread(fill, folder / "khaosat.sqlite", conversations, state)
    filled_s = time.perf_counter() - began
    size = await asyncio.to_thread(_size, folder)
    async with opened(settings) as house:
        took = await steps(house, conversations)
    bot_began = time.perf_counter()
    bot = await start(folder)
    ready_s = time.perf_counter() - bot_began
    rss = await asyncio.to_thread(_rss, str(bot.process.pid))
    await bot.stop()
    return {
        "open conversations": f"{conversations:,}",
        "file, MB (filled in s)": f"{size:,.0f} ({filled_s:.0f})",
        "CPU µs a step, one person at a time": f"{took[0]:.0f}",
        "CPU µs a step, 100 people at once": f"{took[1]:.0f}",
        "start until ready, s": f"{ready_s:.2f}",
        "memory after the start, MB": f"{rss / 1e6:.0f}",
    }


async def template(house: House) -> dict[str, object]:
    """A conversation that has begun: its rows, to be copied."""
    body = json.dumps({"type": "open", "flow": FLOW, "lang": "vi"})
    await house.intake.accept([Update("web", "web", "t", "t", body, AT)])
    agreed = {"type": "tapped", "op": "pick", "arg": "yes", "card": 1, "ref": ""}
    await house.intake.accept([Update("web", "web", "t2", "t", json.dumps(agreed), AT)])
    await house.lanes.settled()
    with sqlite3.connect(house.settings.data_dir / "khaosat.sqlite") as db:
        db.row_factory = sqlite3.Row
        return dict(db.execute("SELECT * FROM sessions").fetchone())


def fill(path: Path, conversations: int, template: dict[str, object]) -> None:
    """So many conversations, each with its answers, events, messages and updates."""
    db = driver.connect(str(path), isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")  # this file is not kept
    db.execute("PRAGMA cache_size=-400000")
    columns = list(template)
    state = json.loads(str(template["state"]))
    sql = f"INSERT INTO sessions ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for begin in range(0, conversations, 5000):
        db.execute("BEGIN")
        sessions: list[list[object]] = []
        answers, events, people, addresses, updates, messages = (list[tuple[object, ...]]() for _ in range(6))
        for n in range(begin, min(begin + 5000, conversations)):
            person, session, chat = new_id(AT + n), new_id(AT + n), f"g{n}"
            people.append((person, "vi", AT))
            addresses.append(("web", "web", chat, person, "reachable", None, "", "", AT, AT))
            row = template | {
                "id": session, "person": person, "chat": chat, "touched_at": AT + n, "state": json.dumps({**state, "id": session}),
            }  # fmt: skip
            sessions.append([row[name] for name in columns])
            for k in range(ANSWERS_EACH):
                answers.append(
                    (session, f"other/old_{k}", f"old_{k}", "một câu trả lời", '"x"', "sure", AT, AT, 1, k + 1)
                )
                events.append((session, 1000 + k, AT, '{"kind":"typed","at":1,"text":"một câu trả lời"}'))
            updates.extend(("web", "web", f"{chat}-{k}", chat, "{}", AT, AT, 0, "", 0) for k in range(4))
            messages.extend(
                ("web", "web", chat, f"{chat}:{k}", session, "card", "{}", f"{session}:{k}", 0, 0, 0, "sent", 0, 0, "m", "", AT, AT)
                for k in range(4)
            )  # fmt: skip
        db.executemany("INSERT INTO people (id, lang, created_at) VALUES (?,?,?)", people)
        db.executemany(
            "INSERT INTO addresses (channel, bot, chat, person, reach, name_hint, first_source, last_source, created_at,"
            " updated_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
            addresses,
        )
        db.executemany(sql, sessions)
        db.executemany("INSERT INTO answers VALUES (?,?,?,?,?,?,?,?,?,?)", answers)
        db.executemany("INSERT INTO events (session, seq, at, body) VALUES (?,?,?,?)", events)
        db.executemany(
            "INSERT INTO inbox (channel, bot, key, chat, body, at, done_at, tries, error, dead) VALUES (?,?,?,?,?,?,?,?,?,?)",
            updates,
        )
        db.executemany(
            "INSERT INTO outbox (channel, bot, chat, key, session, method, body, card, edit, drop_if_unsent, priority, state,"
            " tries, not_before, message, error, created_at, sent_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            messages,
        )
        db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


async def steps(house: House, conversations: int) -> tuple[float, float]:
    """CPU µs of a step: taken one after the other, and a hundred at once; each of somebody who was away."""
    number = 0

    async def wave(count: int) -> float:
        nonlocal number
        updates = []
        for _ in range(count):
            number += 1
            chat = f"g{(number * 7919) % conversations}"
            updates.append(
                Update(
                    "web",
                    "web",
                    f"n{number}",
                    chat,
                    json.dumps({"type": "typed", "text": "Công ty Ánh Dương"}),
                    AT + number,
                )
            )
        began = time.process_time()
        await asyncio.gather(*(house.intake.accept([each]) for each in updates))
        await house.lanes.settled()
        return time.process_time() - began

    await wave(50)
    alone = sum([await wave(1) for _ in range(STEPS)]) / STEPS
    together = sum([await wave(100) for _ in range(STEPS // 100)]) / STEPS
    return alone * 1e6, together * 1e6


async def idle(folder: Path, count: int) -> str:
    """Bytes of memory that a conversation costs once it is open and nothing happens in it."""
    settings = read_settings({}, data_dir=folder, free_min_mb=0, flood_per_min=0)
    async with opened(settings) as house:

        async def open_(begin: int, end: int) -> None:
            for n in range(begin, end, 200):
                body = json.dumps({"type": "open", "flow": FLOW, "lang": "vi"})
                await asyncio.gather(
                    *(
                        house.intake.accept([Update("web", "web", f"i{k}", f"i{k}", body, AT)])
                        for k in range(n, min(n + 200, end))
                    )
                )
            await house.lanes.settled()

        await open_(0, 4000)  # what is remembered of the latest people has its full size from here on
        before = _rss()
        await open_(4000, 4000 + count)
        return f"{(_rss() - before) / count:.0f}"


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.glob("khaosat.sqlite*")) / 1e6


def _rss(process: str = "self") -> int:
    return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
