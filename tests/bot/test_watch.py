"""What is wrong is told to staff, once, in the log, at /healthz, in the console and in their chat; and when it is over."""

import asyncio
import shutil
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import structlog

from bot import keeper as keepers
from bot import watch as watches
from bot.app import House
from bot.ballast import Ballast
from bot.channels.base import Unreachable, Update
from bot.i18n import words
from bot.keeper import Keeper
from bot.line import STATES
from bot.notifications import StaffChat, alarm
from bot.watch import CODES, DAY_LOST_S, GIVEN_UP_S, QUIET_S, STORAGE_S, STUCK_S, Watch
from bot.web.health import health
from storage import inbox, outbox
from storage.db import StorageUnavailable, Tx
from storage.outbox import Message


class Ill:
    """A house's database that a test may make ill."""

    def __init__(self, house: House) -> None:
        self.db = house.db
        self.down = self.mute = False

    async def write(self, work: Any) -> Any:
        if self.mute:
            await asyncio.Event().wait()
        if self.down:
            raise StorageUnavailable("SQLITE_FULL")
        return await self.db.write(work)

    async def read(self, work: Any) -> Any:
        return await self.db.read(work)


class Counting(Keeper):
    def __init__(self) -> None:
        super().__init__(restart=lambda: None)
        self.beats = 0

    def beat(self) -> None:
        self.beats += 1


class Rig:
    """A watch whose clock stands still, and what it has told."""

    def __init__(self, house: House) -> None:
        self.now = 5000.0
        self.house = house
        self.ill = Ill(house)
        self.told: list[tuple[str, int]] = []
        self.no_line = False
        self.trouble = ""
        self.keeper = Counting()
        house.watch = self.watch = Watch(
            self.ill,  # type: ignore[arg-type]
            self.tell,
            self.keeper,
            line=lambda: self.trouble,
            disk=house.settings.data_dir,
            free_mb=100,
            staff=("telegram", "1", "-5"),
            clock=lambda: self.now,
        )

    async def tell(self, code: str, count: int) -> None:
        if self.no_line:
            raise Unreachable("no")
        self.told.append((code, count))

    async def after(self, seconds: float) -> list[str]:
        """The alarms so many seconds later."""
        self.now += seconds
        await self.watch.look()
        return list(self.watch.alarms)


@pytest.fixture
def rig(house: House) -> Rig:
    return Rig(house)


async def waits(house: House, key: str) -> int:
    """An update that nobody handles."""
    update = Update("web", "web", key, "c", "{}", 1)
    [number] = await house.db.write(lambda tx: inbox.add_many(tx, [update]))
    assert number is not None
    return number


async def test_while_all_is_well_nobody_is_told_anything(rig: Rig) -> None:
    for _ in range(3):
        assert await rig.after(60) == []
    assert rig.told == []
    assert rig.keeper.beats == 3


async def test_a_database_that_takes_no_writes_is_told_within_a_minute_and_once(rig: Rig) -> None:
    rig.ill.down = True
    assert await rig.after(0) == []  # another process may hold the lock for a moment
    assert await rig.after(STORAGE_S) == ["storage"]
    assert await rig.after(60) == ["storage"]
    assert (await health(rig.house))["status"] == "storage_unavailable"
    rig.ill.down = False
    assert await rig.after(5) == []
    assert rig.told == [("storage", 0), ("over", 0)]
    assert (await health(rig.house))["status"] == "ok"
    assert rig.keeper.beats == 4  # beginning anew makes no room on a disk


async def test_a_database_that_says_nothing_at_all_gets_no_beat(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "ANSWER_S", 0.01)
    rig.ill.mute = True
    await rig.after(0)
    assert await rig.after(STORAGE_S) == ["storage"]
    assert rig.keeper.beats == 0


async def test_a_disk_that_runs_full_is_told_before_it_is(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(99_000_000))
    assert await rig.after(0) == ["space"]
    assert (await health(rig.house))["alarms"] == ["space"]
    assert (await health(rig.house))["status"] == "ok"  # a watchdog that restarts us would not help
    assert rig.told == [("space", 99)]


async def test_a_full_disk_is_given_what_was_kept_in_reserve_and_it_is_put_back_when_there_is_room(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        free: int

    def free(mb: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(mb * 1_000_000))

    kept = rig.house.settings.data_dir / "ballast"
    rig.watch._ballast = Ballast(kept, 2_000_000)
    free(101)
    await rig.after(0)
    assert not kept.exists()  # with it less would be free than must be
    free(102)
    await rig.after(5)
    assert kept.exists()
    rig.ill.down = True
    await rig.after(5)
    assert kept.exists()  # it is not the disk that is full
    free(0)
    await rig.after(5)
    assert not kept.exists()
    rig.ill.down = False
    free(2)
    assert await rig.after(5) == ["space", "reserve"]
    free(300)
    await rig.after(5)
    assert kept.exists()
    assert await rig.after(5) == []
    assert [code for code, _ in rig.told] == ["space", "reserve", "over"]


async def test_half_a_day_without_telegram_is_told_before_it_forgets_what_people_wrote(rig: Rig) -> None:
    rig.trouble = "unreachable"
    await rig.after(0)
    assert await rig.after(DAY_LOST_S - 1) == ["telegram_unreachable"]
    rig.trouble = ""
    await rig.after(5)
    rig.trouble = "deaf"
    assert await rig.after(5) == ["telegram_deaf"]  # it was there in between
    assert await rig.after(DAY_LOST_S) == ["telegram_deaf", "day_lost"]
    assert rig.told[-1] == ("day_lost", 0)


async def test_an_update_that_nobody_finishes_is_told_then_blamed_and_no_beat_follows(rig: Rig) -> None:
    number = await waits(rig.house, "hangs")
    assert await rig.after(0) == []
    assert await rig.after(STUCK_S) == ["stuck"]
    assert rig.keeper.beats == 2
    await rig.after(GIVEN_UP_S - STUCK_S)
    await rig.after(5)
    assert rig.keeper.beats == 2
    [kept] = await rig.house.db.read(lambda tx: inbox.undone(tx, 2))
    assert (kept.id, kept.tries, kept.error) == (number, 1, "StandsStill")
    for _ in range(2):  # it hangs again each time that we have begun anew
        again = Rig(rig.house)
        await again.after(0)
        await again.after(GIVEN_UP_S)
    assert [row.id for row in await rig.house.db.read(lambda tx: inbox.dead(tx, 9))] == [number]


async def test_a_long_queue_that_moves_is_not_stuck(rig: Rig) -> None:
    for n in range(8):
        number = await waits(rig.house, f"k{n}")
        assert await rig.after(STUCK_S - 1) == []
        await rig.house.db.write(lambda tx, number=number: inbox.done(tx, number, 1))  # type: ignore[misc]


async def test_buried_updates_are_told_as_they_come_and_not_again_after_a_start(rig: Rig) -> None:
    async def bury(*keys: str) -> None:
        for key in keys:
            number = await waits(rig.house, key)
            await rig.house.db.write(lambda tx, number=number: inbox.bury(tx, number, "KeyError", 1))  # type: ignore[misc]

    await bury("a")
    await rig.after(0)
    assert rig.told == []
    await bury("b", "c")
    await rig.after(5)
    assert rig.told == [("dead", 2)]
    await bury("d")
    await rig.after(5)
    assert rig.told == [("dead", 2)]  # quiet for a while
    await rig.after(QUIET_S)
    assert rig.told == [("dead", 2), ("dead", 1)]


async def test_a_staff_chat_that_gets_nothing_is_told_elsewhere_until_it_gets_something_again(rig: Rig) -> None:
    async def row(key: str, failed: str) -> None:
        message = Message(
            channel="telegram", bot="1", chat="-5", key=key, method="sendMessage", body="{}", created_at=1
        )

        async def put(tx: Tx) -> None:
            [kept] = await outbox.add(tx, [message])
            if failed:
                await outbox.failed(tx, kept.id, failed, 2)
            else:
                await outbox.sent(tx, kept.id, "9", 2)

        await rig.house.db.write(put)

    await row("notice:1", "bot was kicked from the supergroup chat")
    assert await rig.after(5) == ["staff_chat"]
    assert (await health(rig.house))["alarms"] == ["staff_chat"]
    assert rig.told == []
    await row("notice:2", "")
    assert await rig.after(5) == []
    assert rig.told == []


async def test_what_cannot_be_said_now_is_said_later_and_what_is_over_by_then_is_not(rig: Rig) -> None:
    rig.no_line, rig.trouble = True, "unreachable"
    with structlog.testing.capture_logs() as logged:
        assert await rig.after(0) == ["telegram_unreachable"]
        rig.trouble = ""
        await rig.after(5)
        rig.ill.down = True
        await rig.after(5)
        await rig.after(STORAGE_S)
        rig.no_line = False
        await rig.after(5)
    assert rig.told == [("storage", 0)]
    assert [e["code"] for e in logged if e["event"] == "alarm"] == ["telegram_unreachable", "storage"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_alarm_has_words_and_says_where_to_look(lang: str) -> None:
    chat = StaffChat(bot="1", chat="-5", base_url="https://x.example", lang=lang, topic=3)
    codes = [*CODES, *(f"telegram_{state}" for state in STATES if state not in {"off", "ok"})]
    told = {code: alarm(chat, code, 2, words()) for code in [*codes, "over"]}
    texts = [str(one.body["text"]) for one in told.values()]
    assert len(set(texts)) == len(texts)
    assert all("https://x.example/" in str(told[code].body["text"]) for code in codes)
    assert {one.body["message_thread_id"] for one in told.values()} == {3}


async def test_the_console_shows_the_alarms(house: House) -> None:
    house.watch.alarms = {"space": 7, "telegram_deaf": 0}
    assert house.alarms == {"space": 7}
    assert "7" in house.words.say("vi", "alarm.space", free_mb="7")


def in_time(check: Callable[[], bool], within_s: float = 5.0) -> bool:
    end = time.monotonic() + within_s
    while not check() and time.monotonic() < end:
        time.sleep(0.01)
    return check()


def test_the_keeper_begins_anew_when_no_beat_comes_and_only_then(capfd: pytest.CaptureFixture[str]) -> None:
    restarts: list[int] = []
    keeper = Keeper(after_s=0.2, look_s=0.02, restart=lambda: restarts.append(1))
    keeper.start()
    for _ in range(20):
        time.sleep(0.02)
        keeper.beat()
    assert restarts == []
    assert in_time(lambda: restarts == [1])
    assert "test_watch.py" in capfd.readouterr().err  # where each thread stood
    stopped = Keeper(after_s=0.05, look_s=0.01, restart=lambda: restarts.append(2))
    stopped.start()
    stopped.stop()
    time.sleep(0.2)
    assert restarts == [1]


def test_systemd_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    import socket  # noqa: PLC0415

    keepers.tell_systemd("WATCHDOG=1")  # nobody there
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        Keeper().beat()
        assert line.recv(100) == b"WATCHDOG=1"
