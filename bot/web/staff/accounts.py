"""Accounts of staff: made with a one-time link, on which their owner chooses a password."""

import asyncio
import re
import secrets
from typing import Final, Literal

from bot.web.passwords import check_password, hashed
from bot.web.sessions import digest
from storage import audit, staff
from storage.ids import new_id
from storage.tx import Database, Tx

Role = Literal["admin", "staff"]

LINK_MS: Final = 30 * 60_000
FIRST_LINK_MS: Final = 24 * 3_600_000  # of the first administrator, made at the first start: nobody waits beside it

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FIRST: Final = "admin"


class AccountExists(Exception):
    """The login is taken."""


class BadLogin(Exception):
    """Not a login: lower-case letters, digits, ".", "_" and "-", at most 64, the first a letter or digit."""


async def create_account(
    db: Database,
    login: str,
    name: str,
    role: str,
    base_url: str,
    now: int,
    *,
    by: str = "command",
    valid_ms: int = LINK_MS,
) -> str:
    """Make an account; the one-time link on which its password is chosen.

    Raises:
        AccountExists: the login is taken.
        BadLogin: it is no login, or `role` is none.
    """
    if not _LOGIN.fullmatch(login) or role not in {"admin", "staff"}:
        raise BadLogin(login)
    token, known = secrets.token_urlsafe(32), new_id(now)

    async def made(tx: Tx) -> None:
        member = staff.Member(
            id=known, login=login, name=name.strip() or login, roles=frozenset({role}), created_at=now
        )
        if not await staff.add(tx, member):
            raise AccountExists(login)
        await staff.invite(tx, digest(token), known, now + valid_ms)
        await audit.add(tx, at=now, actor=by, action="account", object=known, detail={"role": role})

    await db.write(made)
    return _link(base_url, token)


async def new_link(db: Database, known: str, base_url: str, now: int, *, by: str, valid_ms: int = LINK_MS) -> str:
    """A new one-time link for an account; links given before are worth nothing any more. A disabled account is open again."""
    token = secrets.token_urlsafe(32)

    async def made(tx: Tx) -> None:
        await staff.enable(tx, known)
        await staff.invite(tx, digest(token), known, now + valid_ms)
        await audit.add(tx, at=now, actor=by, action="link", object=known)

    await db.write(made)
    return _link(base_url, token)


async def first_admin_link(db: Database, base_url: str, now: int) -> str | None:
    """A link for the first administrator, as long as nobody can sign in; None once somebody can."""
    everybody = await db.read(staff.listing)
    if any(one.password_hash is not None and one.active for one in everybody):
        return None
    first = next((one for one in everybody if "admin" in one.roles), None)
    if first is None:
        return await create_account(db, _FIRST, _FIRST, "admin", base_url, now, by="start", valid_ms=FIRST_LINK_MS)
    return await new_link(db, first.id, base_url, now, by="start", valid_ms=FIRST_LINK_MS)


async def disable(db: Database, known: str, now: int, *, by: str) -> None:
    """Close an account: its sessions and links end at once."""

    async def closed(tx: Tx) -> None:
        await staff.disable(tx, known, now)
        await audit.add(tx, at=now, actor=by, action="disable", object=known)

    await db.write(closed)


async def set_password(db: Database, known: str, password: str, now: int, *, by: str) -> None:
    """Give an account a password and end its sessions.

    Raises:
        BadPassword: see `check_password`.
    """
    found = await db.read(lambda tx: staff.get(tx, known))
    check_password(password, found.login if found is not None else "")
    kept = await asyncio.to_thread(hashed, password)

    async def changed(tx: Tx) -> None:
        await staff.set_password(tx, known, kept)
        await audit.add(tx, at=now, actor=by, action="password", object=known)

    await db.write(changed)


def _link(base_url: str, token: str) -> str:
    return f"{base_url}/staff/join/{token}"
