"""Killing the process where no conversation passes: in the middle of a reminder, and of an export."""

import asyncio
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.bot.test_kill import RECORD, Founder, bring_up, flows_in
from tests.fake_telegram import Fake, User, fake_telegram
from tests.process import ROOT, Bot, environ

TEN = 1_795_662_000_000  # 2026-11-26 10:00 in Hanoi, a working Thursday: reminders may go out
DAY_MS = 24 * 3_600_000


async def sent(fake: Fake, words: str) -> int:
    """How often a message with these words was taken."""
    return sum(
        words in str(call["params"].get("text", "")) and call["code"] == 200 for call in await fake.calls("sendMessage")
    )


async def puts_aside(folder: Path, fake: Fake, user: User) -> None:
    """A draft, put aside the day before."""
    bot = await bring_up(folder, fake, clock_ms=TEN - DAY_MS)
    try:
        await user.starts()
        await user.sees("Một từ?", timeout_s=30)
        await user.sends("xin chào")
        await user.sees("Một số?", timeout_s=30)
        await user.taps("⏸ Để sau")
        await user.sees("nhắc", timeout_s=30)
    finally:
        await bot.stop()


@pytest.mark.parametrize("point", ["before_timer", "after_timer", "after_send"])
async def test_a_reminder_is_sent_whatever_dies_meanwhile_and_repeated_at_most_once_for_it(
    point: str, tmp_path: Path
) -> None:
    flows_in(tmp_path)
    async with fake_telegram() as fake:
        user = fake.user(7)
        await puts_aside(tmp_path, fake, user)
        dying = await bring_up(tmp_path, fake, f"{point}:1", clock_ms=TEN)
        assert await dying.ended(within_s=30) == 137, dying.output
        before = await sent(fake, "khi nào tiện")
        assert before == (point == "after_send")
        # a lease that a dead process held runs out after a minute
        bot: Bot = await bring_up(tmp_path, fake, clock_ms=TEN + 120_000)
        try:
            await user.sees("khi nào tiện", timeout_s=30)
            await asyncio.sleep(1.0)
        finally:
            await bot.stop()
        assert await sent(fake, "khi nào tiện") == 1 + before
        with sqlite3.connect(tmp_path / "data" / "khaosat.sqlite") as db:
            (told,) = db.execute("SELECT count(*) FROM outbox WHERE key LIKE 'remind:%'").fetchone()
        assert told == 1


async def test_an_export_that_dies_leaves_the_file_that_was_there_and_the_next_one_is_whole(tmp_path: Path) -> None:
    flows_in(tmp_path)
    out = tmp_path / "out.jsonl"
    out.write_text("from before\n", encoding="utf-8")

    async def export(failpoint: str = "") -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "export", "short", "--format", "jsonl", "--out", str(out)),
            cwd=ROOT,
            env=environ(tmp_path / "data", {"failpoint": failpoint, "samples": "false"}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        await process.communicate()
        return process.returncode or 0

    async with fake_telegram() as fake:
        bot = await bring_up(tmp_path, fake)
        try:
            await Founder(fake, fake.user(7)).answers_all()
            assert await export("in_export") == 137
            assert out.read_text(encoding="utf-8") == "from before\n"
            await Founder(fake, fake.user(8)).answers_all()  # the bot did not feel it
            assert await export() == 0
        finally:
            await bot.stop()
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 2
    assert all(line["answers"]["number"] == RECORD["number"] for line in lines)
