"""What must be true before the first update is taken; otherwise the program refuses to start and says why."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

from storage import driver

FREE_MB: Final = 500  # megabytes that must be free beside the database
_MOUNTS: Final = Path("/proc/mounts")

# The WAL-reset bug can lose commits before 3.51.3; 3.50.7 and 3.44.6 carry the repair (sqlite.org/wal.html).
_REPAIRED: Final = (3, 51, 3)
_REPAIRED_BRANCHES: Final = {(3, 44): 6, (3, 50): 7}

# File systems without the shared memory or the locks that WAL needs (sqlite.org/wal.html, sqlite.org/faq.html#q5).
_NETWORK: Final = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.ceph", "fuse.curlftpfs", "fuse.davfs2", "fuse.gcsfuse",
    "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs",
    "smb2", "smb3", "smbfs",
})  # fmt: skip


class Unsafe(Exception):
    """The program may not start.

    `unsafe.<code>` and `unsafe.<code>.remedy` in the catalogues are its words, with `facts` in the holes.
    Codes: old_sqlite, network_disk, unwritable, little_space, in_use, not_durable, newer_schema. Beside them stand the words
    of no_database, for `StorageUnavailable` at the start.
    """

    def __init__(self, code: str, facts: Mapping[str, str | int] | None = None) -> None:
        self.code = code
        self.facts = dict(facts or {})
        super().__init__(f"{code} {self.facts}")


class Lock:
    """The sign beside a database file that a living process writes it; the system takes it away if the process dies."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.lock")
        self._file: TextIO | None = None

    @property
    def held(self) -> bool:
        """Whether this object has it."""
        return self._file is not None

    def take(self) -> None:
        """Take it; raises `Unsafe` in_use when another process (or another part of this one) has it."""
        file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "?"
            file.close()
            raise Unsafe("in_use", {"path": str(self._path), "pid": holder}) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    async def release(self) -> None:
        """The same as `let_go`, where something to be awaited is wanted."""
        self.let_go()

    def let_go(self) -> None:
        """Give it back. The file stays: removing it could take it from somebody who has just opened it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def check_sqlite(database: Path, *, free_mb: int = FREE_MB) -> None:
    """Everything about the SQLite library and the disk under `database`; makes its directory if there is none.

    Raises:
        Unsafe: old_sqlite, unwritable, network_disk, little_space.
    """
    check_version(driver.VERSION)
    check_directory(database.parent)
    check_disk(database.parent, _MOUNTS.read_text(encoding="utf-8") if _MOUNTS.exists() else "")
    check_space(database.parent, free_mb)


def check_version(version: tuple[int, ...]) -> None:
    """Raises `Unsafe` old_sqlite for a version that can lose commits."""
    branch = version[:2]
    if version >= _REPAIRED or version[2:] >= (_REPAIRED_BRANCHES.get((branch[0], branch[1]), 1 << 16),):
        return
    found, wanted = (".".join(map(str, number)) for number in (version, _REPAIRED))
    raise Unsafe("old_sqlite", {"found": found, "wanted": wanted})


def check_directory(directory: Path) -> None:
    """Raises `Unsafe` unwritable unless a file can be made in it; a look at its mode would not tell."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise Unsafe(
            "unwritable", {"path": str(directory), "reason": error.strerror or type(error).__name__}
        ) from error


def check_disk(directory: Path, mounts: str) -> None:
    """Raises `Unsafe` network_disk where `mounts`, in the format of /proc/mounts, says the directory is on one."""
    kind = _kind_of_disk(directory.resolve(), mounts)
    if kind in _NETWORK:
        raise Unsafe("network_disk", {"path": str(directory), "kind": kind})


def check_space(directory: Path, free_mb: int) -> None:
    """Raises `Unsafe` little_space below `free_mb` megabytes."""
    free = shutil.disk_usage(directory).free // 1_000_000
    if free < free_mb:
        raise Unsafe("little_space", {"path": str(directory), "free_mb": free, "wanted_mb": free_mb})


def _kind_of_disk(directory: Path, mounts: str) -> str:
    """The file system of the innermost mount that holds the directory, "" if none is told."""
    found = Path()
    kind = ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[1]))
        if directory.is_relative_to(point) and len(point.parts) >= len(found.parts):
            found, kind = point, fields[2]  # of two mounts on one point the later one is seen
    return kind
