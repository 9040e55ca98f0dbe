"""What a database and a transaction are, whichever of the two databases it is, and how they fail."""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy.sql.base import Executable

from storage.memory import Memory
from storage.statements import DialectName

T = TypeVar("T")


class StorageUnavailable(Exception):
    """Nothing was saved, and it was not the caller's fault: disk full, locked, connection lost. Try again later.

    One case is open: PostgreSQL, and the connection was lost while it committed. So what is tried again must be
    recognised if it is there already; updates are, by their keys.
    """


class ForeignAwait(Exception):
    """A transaction awaited something other than its `tx`; it was rolled back."""


class ReadOnly(Exception):
    """A reader tried to write."""


class Stale(Exception):
    """What was to be changed has changed since it was read; nothing was saved."""


class Row(Protocol):
    """One row, by column name. `dict(row)` makes a plain one."""

    def __getitem__(self, column: str, /) -> Any:
        """The value of that column."""
        ...

    def keys(self) -> Sequence[str]:
        """The columns' names, in order."""
        ...

    def __iter__(self) -> Iterator[Any]: ...

    def __len__(self) -> int: ...


class Tx(Protocol):
    """One transaction. Statements are Core constructs made once at module level, with a `bindparam` per parameter.

    Every text given is cleaned first (`storage.text.clean`).

    Raises:
        StorageUnavailable: see there.
        TypeError: a parameter too few or too many.
    """

    @property
    def memory(self) -> Memory | None:
        """What the writer remembers of earlier transactions; None where there is no single writer."""
        ...

    async def one(self, statement: Executable, /, **params: Any) -> Row | None:
        """The first row, None when there is none."""
        ...

    async def all(self, statement: Executable, /, **params: Any) -> Sequence[Row]:
        """Every row."""
        ...

    async def run(self, statement: Executable, /, **params: Any) -> int:
        """How many rows it touched."""
        ...

    async def many(self, statement: Executable, params: Sequence[Mapping[str, Any]], /) -> None:
        """The statement once for each set of parameters."""
        ...


Work: TypeAlias = Callable[[Tx], Coroutine[Any, Any, T]]


class Database(Protocol):
    """Where everything is kept.

    A transaction awaits nothing but its `tx`: on SQLite it runs whole in the database's thread, where anything else
    raises `ForeignAwait`; on PostgreSQL it may run again after a conflict, so it changes nothing outside but what it returns.
    """

    @property
    def dialect(self) -> DialectName:
        """Which of the two it is."""
        ...

    async def write(self, work: Work[T]) -> T:
        """Run `work` in one transaction: committed, on disk, when this returns; rolled back when `work` raises.

        A caller that is cancelled while it waits does not know: the transaction may still be committed.

        Raises:
            StorageUnavailable: nothing was saved.
        """
        ...

    async def read(self, work: Work[T]) -> T:
        """Run `work` over one unchanging view of the data; it may not write."""
        ...

    async def check(self) -> None:
        """One round trip through the writer and one through a reader; raises `StorageUnavailable`."""
        ...

    async def close(self) -> None:
        """Finish what was asked before, then let go. What is asked later raises `StorageUnavailable`."""
        ...
