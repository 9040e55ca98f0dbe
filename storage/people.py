"""People, and the addresses they are reached at."""

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import bindparam, func, select, update

from storage.ids import new_id
from storage.schema import addresses, people
from storage.statements import add_to
from storage.tx import Row, Tx

Reach = Literal["reachable", "blocked"]


@dataclass(frozen=True, slots=True)
class Person:
    """A person, seen from one of their addresses."""

    id: str
    lang: str
    reach: Reach
    name_hint: str | None  # what the channel calls them
    first_source: str  # of the deep link they came by first, "" without one
    last_source: str
    created_at: int


async def arrive(
    tx: Tx, channel: str, bot: str, chat: str, *, lang: str, at: int, source: str = "", name_hint: str | None = None
) -> Person:
    """The person at this address, made known if they are not; they are reachable, for they have just come.

    `lang` counts only for somebody new; `source` and `name_hint` are remembered when they say something.
    """
    found = await at_address(tx, channel, bot, chat)
    if found is None:
        person = new_id(at)
        await tx.run(_ADD_PERSON, id=person, lang=lang, created_at=at)
        await tx.run(
            _ADD_ADDRESS,
            channel=channel, bot=bot, chat=chat, person=person, reach="reachable", name_hint=name_hint,
            first_source=source, last_source=source, created_at=at, updated_at=at,
        )  # fmt: skip
        return Person(person, lang, "reachable", name_hint, source, source, at)
    name = name_hint or found.name_hint
    first, latest = found.first_source or source, source or found.last_source
    if (name, latest, found.reach) != (found.name_hint, found.last_source, "reachable"):
        await tx.run(
            _TOUCH,
            in_channel=channel, of_bot=bot, in_chat=chat, name=name, first=first, source=latest, now=at, to="reachable",
        )  # fmt: skip
    return Person(found.id, found.lang, "reachable", name, first, latest, found.created_at)


async def at_address(tx: Tx, channel: str, bot: str, chat: str) -> Person | None:
    """The person at this address."""
    row = await tx.one(_AT, in_channel=channel, of_bot=bot, in_chat=chat)
    return None if row is None else _person(row)


async def addresses_of(tx: Tx, person: str) -> list[tuple[str, str, str]]:
    """(channel, bot, chat) of every address, the one used last first."""
    rows = await tx.all(_ADDRESSES_OF, of_person=person)
    return [(row["channel"], row["bot"], row["chat"]) for row in rows]


async def speak(tx: Tx, person: str, lang: str) -> None:
    """They want this language from now on."""
    await tx.run(_SPEAK, of_person=person, to=lang)


async def reach(tx: Tx, channel: str, bot: str, chat: str, to: Reach, at: int) -> bool:
    """They blocked or unblocked us here; False when nobody is known at this address."""
    return await tx.run(_REACH, in_channel=channel, of_bot=bot, in_chat=chat, to=to, now=at) == 1


async def moved(tx: Tx, channel: str, bot: str, chat: str, to: str, at: int) -> bool:
    """The channel has renumbered the chat; False when nobody is known there."""
    return await tx.run(_MOVED, in_channel=channel, of_bot=bot, in_chat=chat, to=to, now=at) == 1


async def join(tx: Tx, channel: str, bot: str, chat: str, person: str, at: int) -> None:
    """This address belongs to that person, whoever had it: they have shown it with a one-time code."""
    await tx.run(_JOIN, in_channel=channel, of_bot=bot, in_chat=chat, to=person, now=at)


async def forget(tx: Tx, person: str, at: int) -> None:
    """Clear what tells who they are: the names that channels gave. The addresses stay, or they would be strangers again."""
    await tx.run(_FORGET, of_person=person, now=at)


async def count(tx: Tx) -> int:
    """How many people there are."""
    row = await tx.one(_COUNT)
    return 0 if row is None else int(row["n"])


def _person(row: Row) -> Person:
    return Person(
        row["id"],
        row["lang"],
        row["reach"],
        row["name_hint"],
        row["first_source"],
        row["last_source"],
        row["created_at"],
    )


_ADDRESS: Final = (
    addresses.c.channel == bindparam("in_channel"),
    addresses.c.bot == bindparam("of_bot"),
    addresses.c.chat == bindparam("in_chat"),
)
_OF_PERSON: Final = addresses.c.person == bindparam("of_person")

_ADD_PERSON: Final = add_to(people)
_ADD_ADDRESS: Final = add_to(addresses)
_AT: Final = (
    select(
        people.c.id,
        people.c.lang,
        people.c.created_at,
        addresses.c.reach,
        addresses.c.name_hint,
        addresses.c.first_source,
        addresses.c.last_source,
    )
    .join_from(addresses, people)
    .where(*_ADDRESS)
)
_ADDRESSES_OF: Final = (
    select(addresses.c.channel, addresses.c.bot, addresses.c.chat)
    .where(_OF_PERSON)
    .order_by(addresses.c.updated_at.desc(), addresses.c.channel, addresses.c.bot, addresses.c.chat)
)
_TOUCH: Final = (
    update(addresses)
    .where(*_ADDRESS)
    .values(
        name_hint=bindparam("name"),
        first_source=bindparam("first"),
        last_source=bindparam("source"),
        reach=bindparam("to"),
        updated_at=bindparam("now"),
    )
)
_SPEAK: Final = update(people).where(people.c.id == bindparam("of_person")).values(lang=bindparam("to"))
_REACH: Final = update(addresses).where(*_ADDRESS).values(reach=bindparam("to"), updated_at=bindparam("now"))
_MOVED: Final = update(addresses).where(*_ADDRESS).values(chat=bindparam("to"), updated_at=bindparam("now"))
_JOIN: Final = update(addresses).where(*_ADDRESS).values(person=bindparam("to"), updated_at=bindparam("now"))
_FORGET: Final = update(addresses).where(_OF_PERSON).values(name_hint=None, updated_at=bindparam("now"))
_COUNT: Final = select(func.count().label("n")).select_from(people)
