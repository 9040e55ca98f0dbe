"""Begins the process anew when it has stopped working without ending: a loop that hangs, a database thread that waits.

A thread of its own keeps watch, since nothing that runs in the event loop can see that the loop stands still. Beginning
anew is as safe as `kill -9`, which is tested at every step. systemd is told as well (`WatchdogSec=`), in case this
thread hangs too.
"""

import faulthandler
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Final

import structlog

RESTART_S: Final = 90.0  # without a beat
LOOK_S: Final = 1.0

_log = structlog.get_logger(__name__)


def anew() -> None:
    """This very command again, in this very process; never returns."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 — our own command line


def tell_systemd(state: str) -> None:
    """Say something to the service manager, where there is one (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(state.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)


class Keeper:
    """Expects `beat()` now and then."""

    def __init__(
        self, *, after_s: float = RESTART_S, look_s: float = LOOK_S, restart: Callable[[], None] = anew
    ) -> None:
        """`after_s` without a beat, `restart` is called; `look_s` lies between two looks."""
        self._after_s = after_s
        self._look_s = look_s
        self._restart = restart
        self._silent_s = 0.0  # as this thread has lived it: while the whole process is halted, nobody is to blame
        self._stopped = Event()

    def start(self) -> None:
        """Begin to watch."""
        self.beat()
        Thread(target=self._run, name="keeper", daemon=True).start()

    def beat(self) -> None:
        """All is well now."""
        self._silent_s = 0.0
        tell_systemd("WATCHDOG=1")

    def stop(self) -> None:
        """Watch no more: we are stopping, which is nobody's fault."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._look_s):
            self._silent_s += self._look_s
            if self._silent_s <= self._after_s:
                continue
            _log.error("stands_still_begins_anew", silent_s=round(self._silent_s))
            with suppress(Exception):  # standard error may be closed or no file
                faulthandler.dump_traceback(all_threads=True)  # files and lines, no values
            self._restart()
            return
