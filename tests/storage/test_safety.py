"""The program refuses to start where data could be lost."""

import asyncio
import sys
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from storage import driver, safety
from storage.db import Unsafe, open_database
from storage.safety import Lock, check_directory, check_disk, check_space, check_sqlite, check_version

ROOT = Path(safety.__file__).parent.parent


@pytest.mark.parametrize(
    "version", [(3, 51, 3), (3, 51, 4), (3, 52, 0), (4, 0, 0), (3, 50, 7), (3, 50, 8), (3, 44, 6), driver.VERSION]
)
def test_a_repaired_sqlite_is_taken(version: tuple[int, ...]) -> None:
    check_version(version)


@pytest.mark.parametrize(
    "version", [(3, 51, 2), (3, 50, 6), (3, 44, 5), (3, 45, 9), (3, 49, 99), (3, 40, 1), (2, 99, 9)]
)
def test_a_sqlite_that_can_lose_commits_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(Unsafe) as refused:
        check_version(version)
    assert refused.value.code == "old_sqlite"
    assert refused.value.facts == {"found": ".".join(map(str, version)), "wanted": "3.51.3"}


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/srv/data/deep", "nfs4"),
        ("/srv/data", "nfs4"),
        ("/srv/data base", "cifs"),
        ("/mnt/c", "9p"),
        ("/srv/twice", "fuse.sshfs"),
    ],
)
def test_a_network_disk_is_refused(directory: str, kind: str) -> None:
    with pytest.raises(Unsafe) as refused:
        check_disk(Path(directory), MOUNTS)
    assert (refused.value.code, refused.value.facts["kind"]) == ("network_disk", kind)


@pytest.mark.parametrize("directory", ["/", "/srv", "/srv/database", "/srv/data/local", "/srv/data/local/x"])
def test_a_disk_of_its_own_is_taken(directory: str) -> None:
    check_disk(Path(directory), MOUNTS)
    check_disk(Path(directory), "")


MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
host:/x /srv/data nfs4 rw 0 0
/dev/sdb1 /srv/data/local xfs rw 0 0
//host/y /srv/data\040base cifs rw 0 0
C: /mnt/c 9p rw 0 0
/dev/sdc1 /srv/twice ext4 rw 0 0
me@host: /srv/twice fuse.sshfs rw 0 0
broken
"""


def test_a_directory_that_takes_no_file_is_refused(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    for directory in (in_the_way, in_the_way / "below", Path("/proc/self")):
        with pytest.raises(Unsafe) as refused:
            check_directory(directory)
        assert refused.value.code == "unwritable"


def test_a_missing_directory_is_made(tmp_path: Path) -> None:
    check_sqlite(tmp_path / "a" / "b" / "x.sqlite", free_mb=1)
    assert (tmp_path / "a" / "b").is_dir()


def test_little_space_is_refused(tmp_path: Path) -> None:
    check_space(tmp_path, 1)
    with pytest.raises(Unsafe) as refused:
        check_space(tmp_path, 1 << 40)
    assert refused.value.code == "little_space"
    assert refused.value.facts["wanted_mb"] == 1 << 40


async def test_opening_refuses_what_the_checks_refuse(tmp_path: Path) -> None:
    with pytest.raises(Unsafe) as refused:
        await open_database(f"sqlite:///{tmp_path / 'x.sqlite'}", free_mb=1 << 40)
    assert refused.value.code == "little_space"
    assert not (tmp_path / "x.sqlite").exists()


async def test_the_lock_of_another_process_holds_as_long_as_it_lives(tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    code = (
        "import sys; from pathlib import Path; from storage.safety import Lock;"
        "lock = Lock(Path(sys.argv[1])); lock.take(); print('taken', flush=True); sys.stdin.read()"
    )
    other = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        str(database),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"taken\n"
    lock = Lock(database)
    with pytest.raises(Unsafe) as refused:
        lock.take()
    assert refused.value.facts["pid"] == str(other.pid)
    other.kill()
    await other.wait()
    lock.take()
    with pytest.raises(Unsafe):
        Lock(database).take()
    await lock.release()
    lock.take()
    await lock.release()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_refusal_has_words_and_a_remedy_with_the_right_holes(lang: str) -> None:
    path = ROOT / "locales" / lang / "LC_MESSAGES" / "storage.po"
    with path.open("rb") as file:
        words = {str(one.id): str(one.string) for one in read_po(file) if one.id}
    assert set(words) == {f"unsafe.{code}{end}" for code in HOLES for end in ("", ".remedy")}
    for code, facts in HOLES.items():
        both = words[f"unsafe.{code}"] + words[f"unsafe.{code}.remedy"]
        assert {hole for _, hole, _, _ in Formatter().parse(both) if hole} == set(facts), code
        assert words[f"unsafe.{code}"]
        assert words[f"unsafe.{code}.remedy"]


HOLES: dict[str, dict[str, object]] = {
    "old_sqlite": {"found": "3.40.1", "wanted": "3.51.3"},
    "network_disk": {"path": "/srv", "kind": "nfs4"},
    "unwritable": {"path": "/srv", "reason": "Permission denied"},
    "little_space": {"path": "/srv", "free_mb": 20, "wanted_mb": 500},
    "in_use": {"path": "/srv/x.lock", "pid": "42"},
    "not_durable": {"setting": "fsync"},
    "newer_schema": {"found": "0009", "wanted": "0001"},
    "no_database": {"reason": "SQLITE_NOTADB"},
}
