"""Raw updates as they came, kept before anything else happens to them, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import bindparam, delete, func, literal_column, select, true, update

from storage.schema import inbox
from storage.statements import add_to
from storage.tx import Row, Tx


class Arrival(Protocol):
    """What comes in; the same channel, bot and key are the same update."""

    @property
    def channel(self) -> str:
        """Such as "telegram" or "web"."""
        ...

    @property
    def bot(self) -> str:
        """Which account of ours."""
        ...

    @property
    def key(self) -> str:
        """The channel's own id of it."""
        ...

    @property
    def chat(self) -> str:
        """Whose lane it belongs to, "" for nobody's."""
        ...

    @property
    def body(self) -> str:
        """JSON, as it came."""
        ...

    @property
    def at(self) -> int:
        """When it came: milliseconds since 1970, UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """An update in the inbox."""

    id: int
    channel: str
    bot: str
    key: str
    chat: str
    body: str
    at: int
    tries: int  # that failed
    error: str  # of the last one


async def add(tx: Tx, channel: str, bot: str, key: str, chat: str, body: str, at: int) -> int | None:
    """Keep an update: its number, or None when it was seen before."""
    row = await tx.one(
        _ADD,
        channel=channel, bot=bot, key=key, chat=chat, body=body, at=at, done_at=None, tries=0, error="", dead=False,
    )  # fmt: skip
    return None if row is None else int(row["id"])


async def add_done(tx: Tx, arrival: Arrival, at: int) -> int | None:
    """Keep an update that this very transaction handles, at that instant: its number, or None when it was seen before."""
    row = await tx.one(
        _ADD,
        channel=arrival.channel, bot=arrival.bot, key=arrival.key, chat=arrival.chat, body=arrival.body, at=arrival.at,
        done_at=at, tries=0, error="", dead=False,
    )  # fmt: skip
    return None if row is None else int(row["id"])


async def add_many(tx: Tx, arrivals: Sequence[Arrival]) -> list[int | None]:
    """Keep several: for each its number, or None when it was seen before."""
    return [await add(tx, one.channel, one.bot, one.key, one.chat, one.body, one.at) for one in arrivals]


async def undone(tx: Tx, limit: int, after_id: int = 0) -> list[Kept]:
    """What waits to be handled, in the order it came, numbers above `after_id`."""
    return [_kept(row) for row in await tx.all(_UNDONE, after=after_id, most=limit)]


async def is_undone(tx: Tx, known: int) -> bool:
    """Whether that one still waits: asked in the transaction that is going to handle it."""
    return await tx.one(_IS_UNDONE, known=known) is not None


async def done(tx: Tx, known: int, at: int) -> bool:
    """It was handled; False when it was already, and so must not be handled again."""
    return await tx.run(_DONE, known=known, done=at) == 1


async def failed(tx: Tx, known: int, error: str) -> int:
    """Handling it failed: how often that is now. `error` says nothing that a person wrote."""
    row = await tx.one(_FAILED, known=known, reason=error)
    return 0 if row is None else int(row["tries"])


async def bury(tx: Tx, known: int, error: str, at: int) -> None:
    """Give it up: it waits no more and is kept to be looked at."""
    await tx.run(_BURY, known=known, reason=error, done=at)


async def revive(tx: Tx, known: int) -> bool:
    """Let one that was given up be handled once more; False when there is none."""
    return await tx.run(_REVIVE, known=known) == 1


async def dead(tx: Tx, limit: int) -> list[Kept]:
    """Those given up, the newest first."""
    return [_kept(row) for row in await tx.all(_DEAD, most=limit)]


async def oldest_undone_at(tx: Tx) -> int | None:
    """When the one came that has waited longest; None when none waits. Its age is the first sign of a deaf bot."""
    row = await tx.one(_OLDEST)
    return None if row is None else int(row["at"])


async def count_undone(tx: Tx) -> int:
    """How many wait."""
    row = await tx.one(_COUNT)
    return 0 if row is None else int(row["n"])


async def erase_chat(tx: Tx, channel: str, bot: str, chat: str) -> int:
    """Empty what this chat has sent and was handled: how many. The keys stay, so that nothing is taken twice."""
    return await tx.run(_ERASE, in_channel=channel, of_bot=bot, in_chat=chat)


async def purge(tx: Tx, before: int) -> int:
    """Delete what was handled before that instant, except what was given up: how many.

    A channel that repeats an update later than that would have it taken twice: Telegram keeps one for 24 hours.
    """
    return await tx.run(_PURGE, before=before)


def _kept(row: Row) -> Kept:
    return Kept(*(row[name] for name in _COLUMNS))


_COLUMNS: Final = ("id", "channel", "bot", "key", "chat", "body", "at", "tries", "error")
_SHOWN: Final = [inbox.c[name] for name in _COLUMNS]
_WAITS: Final = inbox.c.done_at.is_(None)
_KNOWN: Final = inbox.c.id == bindparam("known")

_ADD: Final = (
    add_to(inbox, leaving_out=("id",))
    .on_conflict_do_nothing(index_elements=["channel", "bot", "key"])
    .returning(inbox.c.id)
)
_UNDONE: Final = (
    select(*_SHOWN).where(_WAITS, inbox.c.id > bindparam("after")).order_by(inbox.c.id).limit(bindparam("most"))
)
_IS_UNDONE: Final = select(inbox.c.id).where(_WAITS, _KNOWN)
_DONE: Final = update(inbox).where(_WAITS, _KNOWN).values(done_at=bindparam("done"))
_FAILED: Final = (
    update(inbox)
    .where(_WAITS, _KNOWN)
    .values(tries=inbox.c.tries + literal_column("1"), error=bindparam("reason"))
    .returning(inbox.c.tries)
)
_BURY: Final = (
    update(inbox).where(_WAITS, _KNOWN).values(done_at=bindparam("done"), error=bindparam("reason"), dead=true())
)
_REVIVE: Final = (
    update(inbox)
    .where(inbox.c.dead.is_(True), _KNOWN)
    .values(done_at=None, tries=literal_column("0"), dead=literal_column("false"))
)
_DEAD: Final = select(*_SHOWN).where(literal_column("dead")).order_by(inbox.c.id.desc()).limit(bindparam("most"))
_OLDEST: Final = select(inbox.c.at).where(_WAITS).order_by(inbox.c.id).limit(literal_column("1"))
_COUNT: Final = select(func.count().label("n")).select_from(inbox).where(_WAITS)
_ERASE: Final = (
    update(inbox)
    .where(
        inbox.c.channel == bindparam("in_channel"),
        inbox.c.bot == bindparam("of_bot"),
        inbox.c.chat == bindparam("in_chat"),
        inbox.c.done_at.is_not(None),
    )
    .values(body=literal_column("'{}'"))
)
_PURGE: Final = delete(inbox).where(inbox.c.done_at < bindparam("before"), ~inbox.c.dead)
