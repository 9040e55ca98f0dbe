"""Killing the process at any step loses no acknowledged answer and doubles none.

The real process talks to a Bot API of our own in the test's process, which survives. The oracle joins that API's log with the
database: what was asked, what was answered, what is stored.
"""

import asyncio
import json
import random
import socket
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.failpoints import POINTS
from tests.fake_telegram import Fake, User, fake_telegram
from tests.process import Bot, start

SURVEY = """
flow: short
version: "1"
default_language: vi
languages: [vi]
title: {vi: "Ngắn"}
thank_you: {vi: "Xong: {receipt}"}
choices:
  colour: [{name: red, label: {vi: "Đỏ"}}, {name: blue, label: {vi: "Xanh"}}]
  fruit: [{name: apple, label: {vi: "Táo"}}, {name: plum, label: {vi: "Mận"}}, {name: pear, label: {vi: "Lê"}}]
questions:
  - {name: word, type: text, required: true, label: {vi: "Một từ?"}}
  - {name: number, type: integer, required: true, label: {vi: "Một số?"}}
  - {name: colour, type: select_one colour, required: true, label: {vi: "Màu nào?"}}
  - {name: fruits, type: select_multiple fruit, required: true, label: {vi: "Quả nào?"}}
  - {name: day, type: date, required: true, label: {vi: "Ngày nào?"}}
"""
ASKED = ["Một từ?", "Một số?", "Màu nào?", "Quả nào?", "Ngày nào?"]
RECORD = {"word": "xin chào", "number": 42, "colour": "blue", "fruits": "apple pear", "day": "2026-11-20"}
WAIT_S = 30.0  # for a message, on a busy machine


async def nothing() -> None:
    """The bot is not touched, or looked after by somebody else."""


class Founder:
    """One person at Telegram who answers the survey, whatever happens to the bot meanwhile."""

    asked = ASKED

    def __init__(self, fake: Fake, user: User, wait_s: float = WAIT_S) -> None:
        self.fake = fake
        self.user = user
        self.wait_s = wait_s

    async def sees(self, text: str) -> None:
        """The question stands in the chat, the last of all."""
        await self.user.sees(text, timeout_s=self.wait_s)

    async def answers_all(self, revive: Any = nothing) -> None:
        """The whole survey; `revive` is called whenever the bot may be down."""
        await self.user.starts()
        await revive()
        for asked, act in zip(self.asked, self.acts(), strict=True):
            await self.sees(asked)
            for one in act:
                await one()
                await revive()
        await self.user.sees("xem lại", timeout_s=self.wait_s)
        await self.user.taps("Gửi phiếu")
        await revive()
        await self.user.sees("Xong: ", timeout_s=self.wait_s)

    def acts(self) -> list[list[Any]]:
        """What they do at each question."""
        user = self.user
        return [
            [lambda: user.sends("xin chào")],
            [lambda: user.sends("42")],
            [lambda: user.taps("Xanh")],
            [lambda: user.taps("☐ Táo"), lambda: user.taps("☐ Lê"), lambda: user.taps("Xong")],
            [lambda: user.sends("20/11/2026")],
        ]


def flows_in(folder: Path) -> Path:
    flows = folder / "flows"
    flows.mkdir()
    (flows / "short.yaml").write_text(SURVEY, encoding="utf-8")
    return flows


async def bring_up(
    folder: Path, fake: Fake, failpoint: str = "", *, port: int = 0, clock_ms: int | None = None, **more: str
) -> Bot:
    """The bot on the data of before; `port`: where Telegram posts updates, 0: we ask for them."""
    # The user's token is the fake's; nothing of it may be printed.
    settings = {
        "telegram_token": fake.token,
        "telegram_base_url": fake.url,
        "flows_dir": str(folder / "flows"),
        "samples": "false",
        "failpoint": failpoint,
        **more,
    }
    if port:
        settings |= {"telegram_mode": "webhook", "telegram_webhook_secret": "secret-of-a-test", "port": str(port)}
        await fake.settings(hook_first_s=0.05, hook_longest_s=0.5)  # Telegram waits longer before it posts again
    return await start(folder / "data", settings, wait=not failpoint, clock_ms=clock_ms)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def stored(folder: Path) -> tuple[list[dict[str, Any]], list[str], int]:
    """(records, paths of events per session in order, undone updates)."""
    with sqlite3.connect(folder / "data" / "khaosat.sqlite") as db:
        records = [json.loads(row[0]) for row in db.execute("select record from submissions")]
        sequences = [str(row[0]) for row in db.execute("select session || ':' || seq from events")]
        undone = db.execute("select count(*) from inbox where done_at is null").fetchone()[0]
    return records, sequences, undone


async def prompts(fake: Fake) -> Counter[str]:
    """How often each question was sent as a new message."""
    sent = Counter[str]()
    for call in await fake.calls("sendMessage"):
        text = str(call["params"].get("text", ""))
        for asked in ASKED:
            if asked in text and "xem lại" not in text and call.get("ok", True):
                sent[asked] += 1
    return sent


WEBHOOK = ("before_commit", "after_commit")  # where the way in makes a difference


@pytest.mark.parametrize(("point", "mode"), [*((p, "polling") for p in POINTS), *((p, "webhook") for p in WEBHOOK)])
async def test_dying_at_a_named_point_loses_nothing(point: str, mode: str, tmp_path: Path) -> None:
    flows_in(tmp_path)
    port = free_port() if mode == "webhook" else 0
    async with fake_telegram() as fake:
        user = fake.user(7)
        bots = [await bring_up(tmp_path, fake, f"{point}:4", port=port)]

        async def revive() -> None:
            while True:
                assert await bots[-1].process.wait() == 137, bots[-1].output
                bots.append(await bring_up(tmp_path, fake, port=port))

        try:
            async with asyncio.TaskGroup() as both:
                reviving = both.create_task(revive())
                await Founder(fake, user).answers_all()
                reviving.cancel()
        finally:
            await bots[-1].stop()
        deaths = len(bots) - 1
        assert deaths == 1, f"{point} was never reached"
        records, sequences, undone = stored(tmp_path)
        assert records == [RECORD]
        assert len(sequences) == len(set(sequences))
        assert undone == 0
        repeated = {asked: n for asked, n in (await prompts(fake)).items() if n > 1}
        assert sum(n - 1 for n in repeated.values()) <= deaths, repeated
        for bot in bots:
            assert fake.token not in bot.output


async def test_killing_at_random_moments_loses_nothing(tmp_path: Path) -> None:
    flows_in(tmp_path)
    dice = random.Random(11)
    async with fake_telegram() as fake:
        user = fake.user(8)
        bots = [await bring_up(tmp_path, fake)]
        kills = 0

        async def revive() -> None:
            nonlocal kills
            if dice.random() < 0.5 and kills < 4:
                await bots[-1].kill()
                kills += 1
                bots.append(await bring_up(tmp_path, fake))

        try:
            await Founder(fake, user).answers_all(revive)
        finally:
            await bots[-1].stop()
        records, sequences, undone = stored(tmp_path)
        assert kills > 0
        assert records == [RECORD]
        assert len(sequences) == len(set(sequences))
        assert undone == 0
        assert sum(n - 1 for n in (await prompts(fake)).values()) <= kills
