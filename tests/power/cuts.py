"""Power cuts: what a disk holds when the current goes at any moment, and whether every acknowledged answer is on it.

`python -m tests.power.cuts --cuts 200` records one run of many people and cuts it 200 times. What was synced is there;
of what was written since, each piece is there whole, in part, or not at all, in any order, as the dice fall.
"""

import argparse
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.process import ROOT, environ

SECTOR = 512  # bytes that a disk writes whole or not at all
_HEAD = struct.Struct("<cIQI")


@dataclass
class File:
    """One file: what is surely on the disk, and what may be."""

    path: Path
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[str, int, bytes]] = field(default_factory=list)
    exists: bool = True

    def cut(self, dice: random.Random) -> bytes:
        """What is left of it."""
        left = bytearray(self.durable)
        chance = dice.choice((0.0, 0.5, 1.0))
        for kind, offset, data in self.pending:
            if dice.random() >= chance:
                continue
            torn = data[: dice.randrange(len(data) // SECTOR + 1) * SECTOR] if data and dice.random() < 0.2 else data
            apply(left, kind, offset, torn)
        return bytes(left)

    def sync(self) -> None:
        """Everything so far is there for good."""
        for kind, offset, data in self.pending:
            apply(self.durable, kind, offset, data)
        self.pending.clear()


@dataclass
class Disk:
    """Every file of one run, as far as the record has been played."""

    files: dict[int, File] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)

    def play(self, record: tuple[str, int, int, bytes]) -> None:
        """One thing that happened."""
        kind, number, offset, data = record
        if kind == "O":
            self.files[number] = File(Path(data.decode()))
            return
        file = self.files[number]
        if file.path.name == "acknowledged":
            self.acknowledged.extend(data.decode().split())
        elif kind == "S":
            file.sync()
        elif kind == "D":  # the directory is taken to keep this at once
            file.durable.clear()
            file.pending.clear()
            file.exists = False
        else:
            file.exists = True
            file.pending.append((kind, offset, data))


def apply(content: bytearray, kind: str, offset: int, data: bytes) -> None:
    """Write, or cut to a length."""
    if kind == "T":
        del content[offset:]
        content.extend(b"\0" * (offset - len(content)))
        return
    if len(content) < offset:
        content.extend(b"\0" * (offset - len(content)))
    content[offset : offset + len(data)] = data


def records(path: Path) -> Iterator[tuple[str, int, int, bytes]]:
    """What the recorder wrote."""
    data = path.read_bytes()
    at = 0
    while at + _HEAD.size <= len(data):
        kind, file, offset, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        yield kind.decode(), file, offset, data[at : at + length]
        at += length


def compiler() -> str | None:
    """A C compiler; None where there is none."""
    return shutil.which("cc") or shutil.which("gcc")


def record(folder: Path, *, people: int, answers: int, synchronous: str = "FULL") -> Path:
    """Let people answer, and write down what happens to the disk."""
    library, log, data = folder / "recorder.so", folder / "record", folder / "data"
    source = Path(__file__).with_name("recorder.c")
    subprocess.run([str(compiler()), "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    data.mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.power.worker", str(data), str(people), str(answers), synchronous],
        cwd=ROOT,
        env=environ(data) | {"LD_PRELOAD": str(library), "POWER_RECORD": str(log)},
        check=True,
    )
    return log


@dataclass
class Found:
    """What cuts came to."""

    cuts: int = 0
    acknowledged: int = 0  # updates, over all cuts
    lost: int = 0
    doubled: int = 0
    broken: list[str] = field(default_factory=list)  # files that SQLite could not make whole again


def cut(log: Path, cuts: int, seed: int = 1) -> Found:
    """Cut the run at so many moments."""
    dice = random.Random(seed)
    everything = list(records(log))
    first = next((n for n, one in enumerate(everything) if one[0] == "W" and one[3].startswith(b"c")), 0)
    moments = sorted(dice.randrange(first, len(everything)) for _ in range(cuts))
    found, disk, at = Found(), Disk(), 0
    for moment in moments:
        while at < moment:
            disk.play(everything[at])
            at += 1
        judge(disk, dice, found)
    return found


def judge(disk: Disk, dice: random.Random, found: Found) -> None:
    """Start again on what is left."""
    found.cuts += 1
    found.acknowledged += len(disk.acknowledged)
    with tempfile.TemporaryDirectory() as folder:
        for file in disk.files.values():
            if file.path.name != "acknowledged" and file.exists:
                (Path(folder) / file.path.name).write_bytes(file.cut(dice))
        main = Path(folder) / "khaosat.sqlite"
        db = sqlite3.connect(main)
        try:
            (whole,) = db.execute("PRAGMA integrity_check").fetchone()
            if whole != "ok":
                found.broken.append(whole)
                return
            kept = [str(row[0]) for row in db.execute("SELECT key FROM inbox")]
            taken = [str(row[0]) for row in db.execute("SELECT session || ':' || seq FROM events")]
            (torn,) = db.execute(
                "SELECT count(*) FROM sessions WHERE revision <> (SELECT max(seq) FROM events WHERE session = sessions.id)"
            ).fetchone()
        except sqlite3.DatabaseError as error:
            found.broken.append(str(error))
            return
        finally:
            db.close()
    lost = set(disk.acknowledged) - set(kept)
    found.lost += len(lost)
    found.doubled += len(kept) - len(set(kept)) + len(taken) - len(set(taken))
    if torn:
        found.broken.append(f"{torn} sessions are not where their journals end")


def main() -> None:
    """Read the command line, record, cut."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL"), default="FULL")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = record(Path(folder), people=20, answers=20, synchronous=given.synchronous)
        found = cut(log, given.cuts, given.seed)
    for name, figure in (
        (f"power cuts (synchronous={given.synchronous})", found.cuts),
        ("acknowledged updates, over all cuts", found.acknowledged),
        ("of these lost", found.lost),
        ("doubled", found.doubled),
        ("files not whole afterwards", len(found.broken)),
    ):
        sys.stdout.write(f"{name:<40}{figure}\n")
    sys.exit(1 if found.lost or found.doubled or found.broken else 0)


if __name__ == "__main__":
    main()
