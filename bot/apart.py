"""Runs a piece of work in a child of this process, with bounds to its time and memory: what people send costs what it likes.

The child is a fork, so it starts at once; use it from a command, never from a process that serves people. What it gives
back is pickled by ourselves on the other side of a pipe.
"""

import os
import pickle
import resource
import select
import signal
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")
MEMORY_MAX: Final = 500_000_000  # bytes of address space, beyond what this process has already
SECONDS_MAX: Final = 90  # more than a workbook's reader and pyxform, which have bounds of their own, take together
_CHUNK: Final = 1 << 20


class TooMuch(Exception):
    """It took more time or memory than it may, or the child died of it."""


def apart(run: Callable[[], T], *, memory: int = MEMORY_MAX, seconds: float = SECONDS_MAX) -> T:
    """What `run` gives, or raises, in a process of its own.

    Raises:
        TooMuch: see there.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: a command has none
        child = os.fork()
    if child == 0:
        os.close(reading)
        _work(run, writing, memory)
    os.close(writing)
    try:
        told = _read(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        _end(child)
    if told is None:
        raise TooMuch
    done, found = pickle.loads(told)  # noqa: S301 — our own child wrote it
    if not done:
        raise found
    return found  # type: ignore[no-any-return]  # what `run` gave


def _work(run: Callable[[], Any], writing: int, memory: int) -> None:
    """In the child: never returns."""
    try:
        os.setsid()  # what it starts can be ended with it
        most = _held() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            told = pickle.dumps((True, run()))
        except MemoryError:
            return
        except Exception as wrong:
            told = pickle.dumps((False, wrong))
        with open(writing, "wb") as pipe:
            pipe.write(told)
    finally:
        os._exit(0)


def _held() -> int:
    """Bytes of address space in use; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _read(pipe: int, until: float) -> bytes | None:
    """All that comes; None when nothing does, or not in time."""
    found = bytearray()
    while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(pipe, _CHUNK)
        if not part:
            return bytes(found) or None
        found += part
    return None


def _end(child: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
