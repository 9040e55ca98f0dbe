"""Room kept in reserve: a file of nothing, given up when the disk is full, so that what waits can still be written."""

import contextlib
import os
from pathlib import Path
from typing import Final

SIZE: Final = 64 * 1024 * 1024  # bytes: hours of answers


class Ballast:
    """One file. Nobody reads it; `lay` and `drop` may be called in any order."""

    def __init__(self, path: Path, size: int = SIZE) -> None:
        self._path = path
        self.size = size
        self.is_spent = False  # given up, and not there again yet

    @property
    def is_there(self) -> bool:
        """Whether it takes up its room."""
        return self._path.exists()

    def lay(self) -> bool:
        """Put it there, its room really taken; False, and nothing left behind, where that cannot be."""
        if not hasattr(os, "posix_fallocate"):  # macOS, where nobody runs a server for a programme
            return False
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            return False
        try:
            os.posix_fallocate(handle, 0, self.size)
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink()
            return False
        finally:
            os.close(handle)
        self.is_spent = False
        return True

    def drop(self) -> bool:
        """Give the room back; False when there was nothing to give."""
        try:
            self._path.unlink()
        except OSError:
            return False
        self.is_spent = True
        return True
