"""The file that is given up when the disk is full."""

import errno
import os
from pathlib import Path

import pytest

from bot.ballast import Ballast


def test_it_takes_its_room_and_gives_it_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 1 << 20)
    assert ballast.lay()
    told = (tmp_path / "ballast").stat()
    assert told.st_size == 1 << 20
    assert told.st_blocks * 512 >= 1 << 20  # a file with a hole in it would be no reserve
    assert ballast.drop()
    assert not ballast.is_there
    assert ballast.is_spent
    assert not ballast.drop()
    assert ballast.lay()
    assert not ballast.is_spent


def test_where_there_is_no_room_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    ballast = Ballast(tmp_path / "ballast", 1 << 20)
    assert not ballast.lay()
    assert list(tmp_path.iterdir()) == []
