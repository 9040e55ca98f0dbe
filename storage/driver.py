"""Which SQLite: pysqlite3's, or Python's own where that is new enough; and what its errors mean."""

import sqlite3
from typing import Any, Final

try:
    from pysqlite3 import dbapi2 as _driver
except ImportError:  # a platform without its wheel: storage/safety.py judges the version of what is left
    _driver = sqlite3

driver: Final[Any] = _driver

VERSION: Final[tuple[int, ...]] = tuple(int(part) for part in driver.sqlite_version.split("."))

READONLY: Final = 8
BUSY: Final = 5
# Primary result codes (sqlite.org/rescode.html) that are the world's fault: busy, locked, no memory, read-only,
# I/O error, corrupt, full, cannot open, protocol, not a database.
_UNAVAILABLE: Final = frozenset({BUSY, 6, 7, READONLY, 10, 11, 13, 14, 15, 26})


def code(error: BaseException) -> int:
    """The primary result code, 0 when it did not come from SQLite itself."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def is_unavailable(error: BaseException) -> bool:
    """Whether it is the disk's, the lock's or the connection's fault, not the statement's."""
    return code(error) in _UNAVAILABLE


def reason(error: BaseException) -> str:
    """SQLite's own words for it; they name tables at most, never a value."""
    return f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}"
