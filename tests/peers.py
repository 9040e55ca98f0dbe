"""`python -m tests.peers HARNESS`: our real process and aiogram with Redis against one fake Telegram, in one run.

HARNESS is a folder with a fake Bot API in Node.js, its simulated users and peers (`lib.py`, `fakeapi/`, `peers/`); PYBIN
names an interpreter that has aiogram and redis. A copy of it is used in which the users leave alone what other bots do
not have: receipts that begin with ✔, the buttons Later and Why, and what the last message offers. Needs node and redis-server; loopback only.
"""

import importlib
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

PORT: Final = 8097
FLOWS: Final = Path(__file__).parent / "bench_flow"
ROOT: Final = Path(__file__).parents[1]


def main(harness: Path) -> None:
    """Print a line per bot, way of getting updates, and load."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "harness"
        shutil.copytree(harness, copy)
        _teach(copy / "fakeapi" / "users.mjs")
        os.environ.setdefault("RESULTS", f"{folder}/results")
        sys.path.insert(0, str(copy))
        lib = importlib.import_module("lib")
        fake = lib.fake()
        try:
            for mode in ("webhook", "poll"):
                _ours(lib, mode, Path(folder))
                _aiogram(lib, mode)
        finally:
            fake.stop(signal.SIGKILL)


def _teach(users: Path) -> None:
    text = users.read_text(encoding="utf-8").replace(r"RX_NAV = /\b(back", r"RX_NAV = /\b(later|why|back", 1)
    passed = "const text = msg.text || ''; if (/^\\s*(✔|<b>Service)/u.test(text)) return null;"
    text = text.replace("const text = msg.text || '';", passed, 1)
    # the last message is the end also where it offers something: ours takes requests to correct
    users.write_text(text.replace("if ((!kb || !kb.length) && RX_END", "if (RX_END", 1), encoding="utf-8")


def _ours(lib: Any, mode: str, folder: Path) -> None:
    data = folder / f"data-{mode}"
    lib.ctl("reset")
    lib.ctl("forget", token=lib.TOKEN)
    env = {
        "KHAOSAT_DATA_DIR": str(data),
        "KHAOSAT_FLOWS_DIR": str(FLOWS),
        "KHAOSAT_SAMPLES": "false",
        "KHAOSAT_LANGUAGE": "en",
        "KHAOSAT_PORT": str(PORT),
        "KHAOSAT_FREE_MIN_MB": "0",
        "KHAOSAT_FLOOD_PER_MIN": "10000",
        "KHAOSAT_TELEGRAM_TOKEN": lib.TOKEN,
        "KHAOSAT_TELEGRAM_BASE_URL": f"http://127.0.0.1:{lib.FAKE_PORT}",
        "KHAOSAT_TELEGRAM_MODE": "webhook" if mode == "webhook" else "polling",
        "KHAOSAT_TELEGRAM_WEBHOOK_SECRET": "only-for-measuring",
        "KHAOSAT_TELEGRAM_SENDS_PER_S": "0",
    }
    log = f"{folder}/ours-{mode}.log"
    bot = lib.Proc([sys.executable, "-m", "bot", "run"], env=env, log=log, cpus=lib.BOT_CPU, cwd=str(ROOT))
    try:
        until = time.monotonic() + 60
        while not (lib.ctl("bot", token=lib.TOKEN)["polling"] or lib.ctl("bot", token=lib.TOKEN)["webhook"]):
            if not bot.alive() or time.monotonic() > until:
                raise SystemExit(Path(log).read_text(encoding="utf-8")[-2000:])
            time.sleep(0.05)
        _tell("khaosat", mode, lib.load([bot], mode="closed", users=64, warmup=3, duration=8), bot)
        _tell("  200 steps/s", mode, lib.load([bot], mode="open", rate=200, pool=600, warmup=3, duration=12), bot)
        lib.ctl("inject", latency_ms=50)
        _tell("  Telegram +50 ms", mode, lib.load([bot], mode="closed", users=256, warmup=4, duration=8), bot)
        lib.ctl("inject", latency_ms=0, p429=0.02, retry_after=1, p5xx=0.01, methods=["sendMessage"])
        _tell("  2 % 429, 1 % 502", mode, lib.load([bot], mode="open", rate=30, pool=90, warmup=3, duration=12), bot)
        lib.ctl("inject", p429=0, p5xx=0)
    finally:
        bot.stop(signal.SIGKILL)


def _aiogram(lib: Any, mode: str) -> None:
    lib.wipe()
    lib.ctl("reset")
    store = lib.redis()
    bot = lib.bot("aiogram-redis", mode)
    try:
        _tell("aiogram + Redis", mode, lib.load([bot, store], mode="closed", users=64, warmup=3, duration=8), bot)
        _tell(
            "  200 steps/s", mode, lib.load([bot, store], mode="open", rate=200, pool=600, warmup=3, duration=12), bot
        )
    finally:
        bot.stop(signal.SIGKILL)
        store.stop()


def _tell(name: str, mode: str, found: dict[str, Any], bot: Any) -> None:
    times = found.get("latency_ms") or {}
    told = {
        "steps/s": found.get("steps_per_s"),
        **{f"{p} ms": round(times[p]) for p in ("p50", "p95", "p99") if times.get(p) is not None},
        "CPU us/step": round(found.get("cpu_us_per_step") or 0),
        "stuck": found.get("stuck_5s"),
        "RSS MB": bot.rss(),
    }
    line = "  ".join(f"{key} {value}" for key, value in told.items())
    sys.stdout.write(re.sub(r"\s+$", "", f"{name:<18} {mode:<8} {line}") + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
