"""Stopping: asked in the middle of work it finishes what is under way, says nothing twice, and ends with 0."""

import asyncio
import random
import signal
import time
from pathlib import Path

from tests.bot.test_kill import RECORD, Founder, bring_up, flows_in, prompts, stored
from tests.fake_telegram import fake_telegram
from tests.process import start

STOP_WITHIN_S = 10.0


async def test_asked_to_stop_in_the_middle_of_work_it_ends_with_0_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    flows_in(tmp_path)
    dice = random.Random(3)
    async with fake_telegram() as fake:
        await fake.fault("latency", p=0.3, seconds=0.2)
        bots = [await bring_up(tmp_path, fake, telegram_sends_per_s="0")]

        async def revive() -> None:
            if len(bots) > 2 or dice.random() < 0.5:
                return
            began = time.monotonic()
            assert await bots[-1].stop(signal.SIGTERM) == 0, bots[-1].output
            assert time.monotonic() - began < STOP_WITHIN_S
            bots.append(await bring_up(tmp_path, fake, telegram_sends_per_s="0"))

        try:
            await Founder(fake, fake.user(7)).answers_all(revive)
        finally:
            assert await bots[-1].stop(signal.SIGTERM) == 0
        records, sequences, undone = stored(tmp_path)
        assert len(bots) == 3
        assert records == [RECORD]
        assert len(sequences) == len(set(sequences))
        assert undone == 0
        assert {n for n in (await prompts(fake)).values() if n > 1} == set()


async def test_asked_to_stop_while_it_starts_it_ends_at_once_and_the_next_start_is_well(tmp_path: Path) -> None:
    for wait_s in (0.2, 1.0):
        bot = await start(tmp_path / "data", wait=False)
        await asyncio.sleep(wait_s)
        assert await bot.stop(signal.SIGTERM) in {0, -signal.SIGTERM}, bot.output
        assert "Traceback" not in bot.output
    bot = await start(tmp_path / "data")
    assert await bot.stop(signal.SIGTERM) == 0
