"""A copy of a SQLite database while it is in use."""

from contextlib import closing
from pathlib import Path

from storage import driver
from storage.sqlite import connect
from storage.tx import StorageUnavailable


def backup(database: Path, to: Path) -> int:
    """Copy the whole database, as it is at one instant, into a new file; its size in bytes.

    With the library that writes it: an older SQLite beside it would bring the bug that safety.py refuses.

    Raises:
        FileExistsError: there is such a file; nothing is written over.
        FileNotFoundError: there is no such database.
        StorageUnavailable: the disk is full, or the database cannot be read.
    """
    if to.exists():
        raise FileExistsError(to)
    if not database.exists():
        raise FileNotFoundError(database)
    try:
        with closing(connect(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(to),))
    except driver.driver.Error as error:
        raise StorageUnavailable(driver.reason(error)) from error
    to.chmod(0o600)
    return to.stat().st_size
