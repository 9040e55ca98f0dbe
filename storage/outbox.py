"""Messages to send, written in the transaction that causes them, sent after its commit, kept as the transcript."""

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from operator import attrgetter
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import bindparam, case, delete, func, literal_column, select, update

from flows.change import changer
from storage.schema import outbox
from storage.statements import add_to
from storage.tx import Row, Tx

State: TypeAlias = Literal["waiting", "sent", "failed", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, waiting or sent."""

    channel: str
    bot: str
    chat: str
    key: str  # enqueued twice, it is one row
    method: str  # the channel's own word for the request
    body: str  # JSON
    created_at: int  # milliseconds since 1970, UTC
    session: str = ""  # "" outside a session
    card: str = ""  # "<session>:<number>", "" when it is no card
    edit: bool = False  # of the card that was sent before
    drop_if_unsent: bool = False  # pointless when the card was never sent
    priority: int = 0  # 0: a person waits for it; 5: a notice; 9: a broadcast
    not_before: int = 0  # later than now when the channel said "wait"
    id: int = 0  # 0: not in the outbox yet
    state: State = "waiting"
    tries: int = 0  # made so far
    message: str = ""  # the channel's id of it, once sent
    error: str = ""
    sent_at: int | None = None  # or when it was given up


async def add(tx: Tx, messages: Iterable[Message]) -> list[Message]:
    """Enqueue messages: the same with their numbers, without those whose key was there already."""
    added = []
    for message in messages:
        row = await tx.one(_ADD, **dict(zip(_WRITTEN, _values(message), strict=True)))
        if row is not None:
            added.append(_changed(message, id=int(row["id"])))
    return added


async def enqueue(tx: Tx, **columns: Any) -> Message | None:
    """Enqueue one message, given as the fields of `Message` that are not its defaults; None: its key was there already."""
    row = await tx.one(_ADD, **{**_DEFAULTS, **columns})
    return None if row is None else Message(id=int(row["id"]), **columns)


async def waiting(tx: Tx, limit: int = 1000, after_id: int = 0) -> list[Message]:
    """What is to be sent, in the order it was enqueued, numbers above `after_id`."""
    return [_message(row) for row in await tx.all(_WAITING, after=after_id, most=limit)]


async def sent(tx: Tx, known: int, message: str, at: int) -> None:
    """The channel took it and calls it `message`."""
    await tx.run(_SENT, known=known, call=message, done=at)


async def sent_many(tx: Tx, taken: Sequence[tuple[int, str, int]]) -> None:
    """The channel took these: (number, the channel's id of it, when)."""
    await tx.many(_SENT, [{"known": known, "call": message, "done": at} for known, message, at in taken])


async def failed(tx: Tx, known: int, error: str, at: int) -> None:
    """It will never be sent. `error` says nothing that a person wrote."""
    await tx.run(_FAILED, known=known, reason=error, done=at)


async def dropped(tx: Tx, known: int, at: int) -> None:
    """It need not be sent any more."""
    await tx.run(_DROPPED, known=known, done=at)


async def drop_chat(tx: Tx, channel: str, bot: str, chat: str, at: int) -> int:
    """Drop everything that waits for this chat: how many."""
    return await tx.run(_DROP_CHAT, in_channel=channel, of_bot=bot, in_chat=chat, done=at)


async def later(tx: Tx, known: int, not_before: int, tries: int | None = None) -> None:
    """Try it again, but not before that instant; `tries`: made so far (left out: one more than it was)."""
    if tries is None:
        await tx.run(_ONCE_MORE, known=known, wait=not_before)
    else:
        await tx.run(_LATER, known=known, wait=not_before, made=tries)


async def moved(tx: Tx, channel: str, bot: str, chat: str, to: str) -> int:
    """Everything of this chat belongs to another one now (a group was renumbered): how many."""
    return await tx.run(_MOVED, in_channel=channel, of_bot=bot, in_chat=chat, to=to)


async def message_of_card(tx: Tx, card: str) -> str | None:
    """The channel's id of the message that shows this card; None when none was sent."""
    row = await tx.one(_OF_CARD, wanted=card)
    return None if row is None else str(row["message"])


async def transcript(tx: Tx, channel: str, bot: str, chat: str, after_id: int = 0, limit: int = 1000) -> list[Message]:
    """What this chat was told and is to be told, in order, numbers above `after_id`."""
    rows = await tx.all(_TRANSCRIPT, in_channel=channel, of_bot=bot, in_chat=chat, after=after_id, most=limit)
    return [_message(row) for row in rows]


async def failures(tx: Tx, limit: int) -> list[Message]:
    """What could not be sent, the newest first."""
    return [_message(row) for row in await tx.all(_FAILURES, most=limit)]


async def by_key(tx: Tx, key: str) -> Message | None:
    """The message with that key."""
    row = await tx.one(_BY_KEY, wanted=key)
    return None if row is None else _message(row)


async def count_waiting(tx: Tx) -> int:
    """How many wait."""
    row = await tx.one(_COUNT)
    return 0 if row is None else int(row["n"])


async def erase_session(tx: Tx, session: str) -> int:
    """Empty what was said in this session, and send nothing more of it, for nothing of it may be kept: how many."""
    return await tx.run(_ERASE, of_session=session)


async def purge(tx: Tx, before: int) -> int:
    """Delete what was sent or given up before that instant: how many. Web chats lose that part of their talk."""
    return await tx.run(_PURGE, before=before)


def _message(row: Row) -> Message:
    values = {name: row[name] for name in _COLUMNS}
    values["edit"], values["drop_if_unsent"] = bool(row["edit"]), bool(row["drop_if_unsent"])
    return Message(**values)


_COLUMNS: Final = tuple(column.name for column in outbox.columns)
_WRITTEN: Final = tuple(name for name in _COLUMNS if name != "id")
_DEFAULTS: Final = {
    field.name: field.default for field in fields(Message) if field.name != "id" and field.default is not MISSING
}
_values: Final = attrgetter(*_WRITTEN)
_changed: Final = changer(Message)
_KNOWN: Final = outbox.c.id == bindparam("known")
_WAITS: Final = outbox.c.state == literal_column("'waiting'")  # written out: only so do partial indexes serve it
_CHAT: Final = (
    outbox.c.channel == bindparam("in_channel"),
    outbox.c.bot == bindparam("of_bot"),
    outbox.c.chat == bindparam("in_chat"),
)

_ADD: Final = add_to(outbox, leaving_out=("id",)).on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.id)
_WAITING: Final = (
    select(outbox).where(_WAITS, outbox.c.id > bindparam("after")).order_by(outbox.c.id).limit(bindparam("most"))
)
_SENT: Final = (
    update(outbox)
    .where(_WAITS, _KNOWN)
    .values(state=literal_column("'sent'"), message=bindparam("call"), sent_at=bindparam("done"))
)
_FAILED: Final = (
    update(outbox)
    .where(_WAITS, _KNOWN)
    .values(state=literal_column("'failed'"), error=bindparam("reason"), sent_at=bindparam("done"))
)
_DROPPED: Final = (
    update(outbox).where(_WAITS, _KNOWN).values(state=literal_column("'dropped'"), sent_at=bindparam("done"))
)
_DROP_CHAT: Final = (
    update(outbox).where(_WAITS, *_CHAT).values(state=literal_column("'dropped'"), sent_at=bindparam("done"))
)
_LATER: Final = update(outbox).where(_WAITS, _KNOWN).values(not_before=bindparam("wait"), tries=bindparam("made"))
_ONCE_MORE: Final = (
    update(outbox)
    .where(_WAITS, _KNOWN)
    .values(not_before=bindparam("wait"), tries=outbox.c.tries + literal_column("1"))
)
_MOVED: Final = update(outbox).where(*_CHAT).values(chat=bindparam("to"))
_OF_CARD: Final = (
    select(outbox.c.message)
    .where(
        outbox.c.card == bindparam("wanted"),
        outbox.c.card != literal_column("''"),
        outbox.c.state == literal_column("'sent'"),
        outbox.c.message != literal_column("''"),
    )
    .order_by(outbox.c.id.desc())
    .limit(literal_column("1"))
)
_TRANSCRIPT: Final = (
    select(outbox)
    .where(*_CHAT, outbox.c.id > bindparam("after"), outbox.c.state != literal_column("'dropped'"))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_FAILURES: Final = (
    select(outbox)
    .where(outbox.c.state == literal_column("'failed'"))
    .order_by(outbox.c.id.desc())
    .limit(bindparam("most"))
)
_BY_KEY: Final = select(outbox).where(outbox.c.key == bindparam("wanted"))
_COUNT: Final = select(func.count().label("n")).select_from(outbox).where(_WAITS)
_ERASE: Final = (
    update(outbox)
    .where(
        outbox.c.session == bindparam("of_session"),
        outbox.c.session != literal_column("''"),
    )
    .values(
        body=literal_column("'{}'"),
        state=case((_WAITS, literal_column("'dropped'")), else_=outbox.c.state),
    )
)
_PURGE: Final = delete(outbox).where(outbox.c.sent_at < bindparam("before"))
