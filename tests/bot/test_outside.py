"""The world fails under the real process: a full disk, a lock held by another program, a process that stands still.

Nothing that was acknowledged is lost, staff hear of it, and it goes on by itself when the world is well again.
"""

import asyncio
import resource
import sqlite3
import time
from pathlib import Path

from storage.driver import driver
from tests.bot.test_kill import RECORD, Founder, flows_in, stored
from tests.fake_telegram import Fake, Group, fake_telegram
from tests.fake_telegram.faults import FaultKind
from tests.process import Bot, start

STAFF = -1007
HASTY = """
import bot.watch as w, storage.db as d
w.LOOK_S, w.STORAGE_S, w.QUIET_S = 0.2, 0.5, 0.0
d.open_database.__kwdefaults__["busy_ms"] = 500
"""
WAIT_S = 30.0


async def told(group: Group, text: str) -> None:
    """Until staff read it in their chat."""
    end = time.monotonic() + WAIT_S
    while text not in await group.written():
        assert time.monotonic() < end, await group.written()
        await asyncio.sleep(0.05)


async def hasty(folder: Path, fake: Fake) -> Bot:
    settings = {
        "telegram_token": fake.token,
        "telegram_base_url": fake.url,
        "telegram_staff_chat": str(STAFF),
        "flows_dir": str(flows_in(folder)),
        "samples": "false",
        "telegram_sends_per_s": "0",
    }
    return await start(folder / "data", settings, before=HASTY)


async def test_a_disk_that_takes_nothing_loses_nothing_is_told_and_heals(tmp_path: Path) -> None:
    async with fake_telegram() as fake:
        group = await fake.group(STAFF)
        bot = await hasty(tmp_path, fake)
        try:
            founder = Founder(fake, fake.user(7))
            acts = founder.acts()
            await founder.user.starts()
            await founder.sees("Một từ?")
            await acts[0][0]()
            await founder.sees("Một số?")
            pid = bot.process.pid
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))  # every write to a file fails
            await acts[1][0]()
            await told(group, "không ghi được vào cơ sở dữ liệu")
            await founder.user.sees_nothing(0.3)  # not acknowledged, for it is not on disk
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
            await founder.sees("Màu nào?")
            await told(group, "bình thường trở lại")
            for act, asked in zip(acts[2:], ("Quả nào?", "Ngày nào?", "xem lại"), strict=True):
                for one in act:
                    await one()
                await founder.sees(asked)
            await founder.user.taps("Gửi phiếu")
            await founder.sees("Xong: ")
        finally:
            assert await bot.stop() == 0
    records, sequences, undone = stored(tmp_path)
    assert records == [RECORD]
    assert len(sequences) == len(set(sequences))
    assert undone == 0


async def test_a_lock_that_another_program_holds_delays_and_loses_nothing(tmp_path: Path) -> None:
    async with fake_telegram() as fake:
        group = await fake.group(STAFF)
        bot = await hasty(tmp_path, fake)
        try:
            founder = Founder(fake, fake.user(7))
            await founder.user.starts()
            await founder.sees("Một từ?")
            other = driver.connect(tmp_path / "data" / "khaosat.sqlite", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            await founder.user.sends("xin chào")
            await told(group, "không ghi được vào cơ sở dữ liệu")  # after some patience
            await founder.user.sees_nothing(0.2)
            other.execute("ROLLBACK")
            other.close()
            await founder.sees("Một số?")
            await told(group, "bình thường trở lại")
        finally:
            assert await bot.stop() == 0
    with sqlite3.connect(tmp_path / "data" / "khaosat.sqlite") as db:
        assert db.execute("select count(*) from inbox where done_at is null").fetchone() == (0,)
        [(kept,)] = db.execute("select count(*) from events").fetchall()
    assert kept > 0


async def test_a_process_that_stands_still_begins_anew_by_itself(tmp_path: Path) -> None:
    marker = tmp_path / "hung"
    hangs = f"""
import pathlib, time
import bot.keeper as k, bot.app as a
k.Keeper.__init__.__kwdefaults__.update(after_s=1.0, look_s=0.1)
async def hang(house):
    if not pathlib.Path({str(marker)!r}).exists():
        pathlib.Path({str(marker)!r}).touch()
        time.sleep(600)
a.TICKS["hangs"] = a._ticking("hangs", hang)
a.TICK_S = 0.5
"""
    async with fake_telegram() as fake:
        flows = str(flows_in(tmp_path))
        settings = {
            "telegram_token": fake.token,
            "telegram_base_url": fake.url,
            "flows_dir": flows,
            "samples": "false",
            "telegram_sends_per_s": "0",
        }
        bot = await start(tmp_path / "data", settings, wait=False, before=hangs)
        try:
            await bot.ready()
            founder = Founder(fake, fake.user(7))
            await founder.user.starts()
            await founder.sees("Một từ?")
            assert marker.exists()
            assert "stands_still_begins_anew" in bot.output
        finally:
            assert await bot.stop() == 0


async def test_whatever_the_bot_api_does_wrong_the_survey_is_finished_and_right(tmp_path: Path) -> None:
    async with fake_telegram() as fake:
        kinds: tuple[FaultKind, ...] = ("502", "500", "504", "html", "reset", "half", "latency", "hang", "429")
        for kind in kinds:
            await fake.fault(kind, p=0.02, seconds=0.2)
            await fake.fault(kind, "getUpdates", p=0.02, seconds=0.2)
        flows = str(flows_in(tmp_path))
        settings = {
            "telegram_token": fake.token,
            "telegram_base_url": fake.url,
            "flows_dir": flows,
            "samples": "false",
            "telegram_sends_per_s": "0",
        }
        bot = await start(tmp_path / "data", settings)
        try:
            founders = [Founder(fake, fake.user(n), wait_s=60.0) for n in range(7, 11)]
            await asyncio.gather(*(founder.answers_all() for founder in founders))
        finally:
            assert await bot.stop() == 0
        spoilt = [call for call in (await fake.log()).calls if call.get("fault")]
    records, sequences, undone = stored(tmp_path)
    assert records == [RECORD] * 4
    assert len(sequences) == len(set(sequences))
    assert undone == 0
    assert len(spoilt) > 10
