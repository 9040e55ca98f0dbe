"""Files that people send: kept outside the database and the web root, under names of our own."""

import asyncio
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.ids import new_id

NAME_MAX: Final = 120  # characters of the person's own file name that are remembered


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that is on disk."""

    id: str
    name: str  # as the person called it, shortened; shown, never used as a path
    mime: str
    size: int  # bytes
    sha256: str


class Files:
    """A folder of files, each named by its id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, content: bytes, name: str, mime: str) -> FileRef:
        """Write a file so that it survives a power cut; raises OSError when the disk will not."""
        ref = FileRef(new_id(), safe_name(name), mime, len(content), hashlib.sha256(content).hexdigest())
        await asyncio.to_thread(self._write, ref.id, content)
        return ref

    async def remove(self, ids: Iterable[str]) -> None:
        """Delete files; one that is gone already is no fault."""
        for id_ in ids:
            await asyncio.to_thread(self.path(id_).unlink, missing_ok=True)

    def path(self, id_: str) -> Path:
        """Where a file lies; `id_` is one of ours, checked here because it once came over a wire.

        Raises:
            ValueError: no id of ours.
        """
        if not id_.isalnum():
            raise ValueError("not a file id")
        return self._folder / id_[:2] / id_

    def _write(self, id_: str, content: bytes) -> None:
        path = self.path(id_)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def safe_name(name: str) -> str:
    """The last part of a name, without control characters and separators.

    >>> safe_name("../../etc/passwd"), safe_name("")
    ('passwd', 'file')
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isprintable()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    if len(kept) > NAME_MAX:
        kept = (stem[: NAME_MAX - 10] + dot + ending[:9]) if dot else kept[:NAME_MAX]
    return kept or "file"
