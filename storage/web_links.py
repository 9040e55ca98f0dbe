"""Links that lead back into a web chat. Who holds the token may go on; only its hash is kept."""

import hashlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from storage.schema import web_links
from storage.statements import add_to
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads."""

    chat: str
    person: str | None  # None until they have said something
    created_at: int
    expires_at: int


def hash_of(token: str) -> str:
    """What is kept of a token, in hexadecimal. Tokens are random (≥ 128 bits), so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


async def add(tx: Tx, token_hash: str, *, chat: str, at: int, expires_at: int, person: str | None = None) -> None:
    """Remember a link."""
    await tx.run(_ADD, token_hash=token_hash, person=person, chat=chat, created_at=at, expires_at=expires_at)


async def find(tx: Tx, token_hash: str, at: int) -> Link | None:
    """Where it leads; None when there is none or it has expired."""
    row = await tx.one(_FIND, wanted=token_hash, now=at)
    return None if row is None else Link(row["chat"], row["person"], row["created_at"], row["expires_at"])


async def bind(tx: Tx, chat: str, person: str) -> None:
    """The links to this chat are that person's."""
    await tx.run(_BIND, in_chat=chat, to=person)


async def extend(tx: Tx, token_hash: str, expires_at: int) -> None:
    """Let it live until then."""
    await tx.run(_EXTEND, wanted=token_hash, until=expires_at)


async def revoke(tx: Tx, chat: str) -> int:
    """Remove every link to this chat: how many."""
    return await tx.run(_REVOKE, in_chat=chat)


async def purge(tx: Tx, before: int) -> int:
    """Remove those that expired before that instant: how many."""
    return await tx.run(_PURGE, before=before)


_WANTED: Final = web_links.c.token_hash == bindparam("wanted")
_CHAT: Final = web_links.c.chat == bindparam("in_chat")

_ADD: Final = add_to(web_links)
_FIND: Final = select(web_links).where(_WANTED, web_links.c.expires_at > bindparam("now"))
_BIND: Final = update(web_links).where(_CHAT).values(person=bindparam("to"))
_EXTEND: Final = update(web_links).where(_WANTED).values(expires_at=bindparam("until"))
_REVOKE: Final = delete(web_links).where(_CHAT)
_PURGE: Final = delete(web_links).where(web_links.c.expires_at < bindparam("before"))
