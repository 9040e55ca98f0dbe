"""When the current goes, what was acknowledged is on the disk; with a careless setting it would not be."""

import os
from pathlib import Path

import pytest

from tests.power.cuts import Disk, compiler, cut, record

needs_compiler = pytest.mark.skipif(
    compiler() is None and not os.environ.get("KHAOSAT_REQUIRE_COMPILER"),
    reason="no C compiler to build the recorder with",
)


@needs_compiler
def test_no_acknowledged_answer_is_lost_when_the_current_goes(tmp_path: Path) -> None:
    found = cut(record(tmp_path, people=8, answers=6), cuts=25)
    assert found.acknowledged > 200
    assert (found.lost, found.doubled, found.broken) == (0, 0, [])


@needs_compiler
def test_the_same_would_lose_answers_were_they_not_synced(tmp_path: Path) -> None:
    found = cut(record(tmp_path, people=8, answers=6, synchronous="NORMAL"), cuts=25)
    assert found.lost > 0


def test_a_disk_keeps_what_was_synced_and_perhaps_the_rest() -> None:
    disk = Disk()
    for one in (
        ("O", 0, 0, b"/x/khaosat.sqlite"),
        ("W", 0, 2, b"abc"),
        ("S", 0, 0, b""),
        ("T", 0, 3, b""),
        ("W", 0, 3, b"XY"),
    ):
        disk.play(one)
    assert bytes(disk.files[0].durable) == b"\0\0abc"
    disk.play(("S", 0, 0, b""))
    assert bytes(disk.files[0].durable) == b"\0\0aXY"
    disk.play(("D", 0, 0, b""))
    assert not disk.files[0].exists
