"""The real process under test: started, asked, killed, started again."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_S = 60.0  # generous: a busy machine imports slowly
_URL = re.compile(r"http://127\.0\.0\.1:(\d+)\s")


class Bot:
    """One run of `khaosat run`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.output = ""
        self.url = ""
        self._reading = asyncio.create_task(self._read())
        self._ready = asyncio.Event()

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.output += line.decode()
            found = _URL.search(line.decode())
            if found and not self.url:
                self.url = f"http://127.0.0.1:{found[1]}"
            if "Ctrl-C" in line.decode():
                self._ready.set()

    async def ready(self) -> None:
        """Until it has printed what to open."""
        waiting = [asyncio.ensure_future(self._ready.wait()), asyncio.ensure_future(self.process.wait())]
        await asyncio.wait(waiting, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        assert self._ready.is_set(), self.output

    async def ended(self, within_s: float = 30.0) -> int:
        """Its exit code, once it has ended by itself."""
        code = await asyncio.wait_for(self.process.wait(), within_s)
        await self._reading
        return code

    async def kill(self) -> None:
        """SIGKILL: nothing is flushed or closed."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._reading

    async def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C, or another way to ask; its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        return await self.ended()


CLOCK = """
import sys, time
import bot.app
from bot.cli import main

ahead = int(sys.argv.pop(1)) - time.time_ns() // 1_000_000
bot.app.opened.__wrapped__.__kwdefaults__["clock"] = lambda: time.time_ns() // 1_000_000 + ahead
main()
"""  # `khaosat` in a process whose clock begins elsewhere


def environ(folder: Path, settings: Mapping[str, str] = {}) -> dict[str, str]:
    """The environment of a process on a data folder; settings by name without the prefix."""
    found = {k: v for k, v in os.environ.items() if not k.startswith("KHAOSAT_")}
    found |= {
        "KHAOSAT_DATA_DIR": str(folder),
        "KHAOSAT_PORT": "0",
        "KHAOSAT_FREE_MIN_MB": "0",
        "KHAOSAT_LOG_FORMAT": "json",
    }
    return found | {f"KHAOSAT_{name.upper()}": value for name, value in settings.items()}


async def start(
    folder: Path,
    settings: Mapping[str, str] = {},
    *,
    wait: bool = True,
    clock_ms: int | None = None,
    before: str = "",
) -> Bot:
    """Start it on a data folder.

    Args:
        folder: its data.
        settings: by name without the prefix.
        wait: until it says that it is ready.
        clock_ms: what its clock shows when it starts, milliseconds since 1970; None: the time that it is.
        before: Python to run in it first, such as what makes it less patient than people want it.
    """
    how: tuple[str, ...] = ("-m", "bot", "run")
    if clock_ms is not None:
        how = ("-c", CLOCK, str(clock_ms), "run")
    elif before:
        how = ("-c", f"{before}\nfrom bot.cli import main; main()", "run")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *how),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env=environ(folder, settings),
        limit=1 << 20,
    )
    bot = Bot(process)
    if wait:
        await bot.ready()
    return bot
