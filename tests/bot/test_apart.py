"""Work in a child with bounds: what it gives and raises comes back, and what takes too much is ended."""

import os
import time
from pathlib import Path

import pytest

from bot.apart import TooMuch, apart


def test_what_it_gives_and_raises_comes_back_from_another_process() -> None:
    here = os.getpid()
    found, who = apart(lambda: ("x" * 3_000_000, os.getpid()))
    assert len(found) == 3_000_000
    assert who != here
    with pytest.raises(FileNotFoundError):
        apart(lambda: Path("/nowhere/at/all").read_text())


def test_what_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(TooMuch):
        apart(lambda: time.sleep(60), seconds=0.1)
    assert time.monotonic() - began < 10


def test_what_takes_too_much_memory_is_ended() -> None:
    with pytest.raises(TooMuch):
        apart(lambda: len(bytearray(300_000_000)), memory=100_000_000)
    assert apart(lambda: len(bytearray(300_000_000)), memory=400_000_000) == 300_000_000


def test_a_child_that_dies_is_told() -> None:
    with pytest.raises(TooMuch):
        apart(lambda: os._exit(3))
