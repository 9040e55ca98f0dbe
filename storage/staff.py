"""Staff: who they are, what they may, their sign-ins and one-time links, and the sign-ins that failed."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, func, null, select, update

from storage.schema import invites, login_tries, staff, staff_sessions
from storage.statements import add_to
from storage.tx import Row, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of the staff."""

    id: str
    login: str
    name: str
    roles: frozenset[str]
    created_at: int
    password_hash: str | None = None  # None: never set
    disabled_at: int | None = None
    last_in_at: int | None = None

    @property
    def active(self) -> bool:
        """Whether they may sign in."""
        return self.disabled_at is None


@dataclass(frozen=True, slots=True)
class SignIn:
    """An open session of one of the staff."""

    member: Member
    created_at: int
    seen_at: int
    expires_at: int


async def add(tx: Tx, member: Member) -> bool:
    """Add somebody; False when the login is taken."""
    return await tx.run(_ADD, **_row(member)) == 1


async def get(tx: Tx, known: str) -> Member | None:
    """The one with that id."""
    row = await tx.one(_GET, known=known)
    return None if row is None else _member(row)


async def by_login(tx: Tx, login: str) -> Member | None:
    """The one with that login."""
    row = await tx.one(_BY_LOGIN, wanted=login)
    return None if row is None else _member(row)


async def listing(tx: Tx) -> list[Member]:
    """Everybody, by login."""
    return [_member(row) for row in await tx.all(_LIST)]


async def set_password(tx: Tx, known: str, password_hash: str) -> None:
    """They have a new password; whoever is signed in under the old one is not any more."""
    await tx.run(_SET_PASSWORD, known=known, to=password_hash)
    await tx.run(_CLOSE_ALL, of_staff=known)


async def set_roles(tx: Tx, known: str, roles: frozenset[str]) -> None:
    """What they may from now on."""
    await tx.run(_SET_ROLES, known=known, to=" ".join(sorted(roles)))


async def disable(tx: Tx, known: str, at: int) -> None:
    """They may not sign in any more, are signed out, and their one-time links are void."""
    await tx.run(_DISABLE, known=known, now=at)
    await tx.run(_CLOSE_ALL, of_staff=known)
    await tx.run(_VOID_INVITES, of_staff=known)


async def enable(tx: Tx, known: str) -> None:
    """They may sign in again, with a new one-time link."""
    await tx.run(_ENABLE, known=known)


async def open_session(tx: Tx, token_hash: str, known: str, at: int, expires_at: int) -> None:
    """They have signed in."""
    await tx.run(_OPEN, token_hash=token_hash, staff=known, created_at=at, seen_at=at, expires_at=expires_at)
    await tx.run(_LAST_IN, known=known, now=at)


async def session(tx: Tx, token_hash: str, at: int) -> SignIn | None:
    """Who holds this token; None when it was closed, has expired, or they may not sign in any more."""
    row = await tx.one(_SESSION, wanted=token_hash, now=at)
    return None if row is None else SignIn(_member(row), row["opened_at"], row["seen_at"], row["expires_at"])


async def seen(tx: Tx, token_hash: str, at: int) -> None:
    """They are still there."""
    await tx.run(_SEEN, wanted=token_hash, now=at)


async def close_session(tx: Tx, token_hash: str) -> None:
    """They have signed out."""
    await tx.run(_CLOSE, wanted=token_hash)


async def invite(tx: Tx, token_hash: str, known: str, expires_at: int) -> None:
    """A one-time link for them; those before it are void."""
    await tx.run(_VOID_INVITES, of_staff=known)
    await tx.run(_INVITE, token_hash=token_hash, staff=known, expires_at=expires_at, used_at=None)


async def invited(tx: Tx, token_hash: str, at: int) -> Member | None:
    """Who may use this link now, without using it."""
    row = await tx.one(_INVITED, wanted=token_hash, now=at)
    return None if row is None else _member(row)


async def use_invite(tx: Tx, token_hash: str, at: int) -> Member | None:
    """Who used this link just now; None when it was used before, has expired, or never was."""
    member = await invited(tx, token_hash, at)
    if member is None or await tx.run(_USE, wanted=token_hash, now=at) != 1:
        return None
    return member


async def add_login_try(tx: Tx, login: str, ip: str, at: int) -> None:
    """A sign-in failed."""
    await tx.run(_ADD_TRY, login=login, ip=ip, at=at)


async def count_login_tries(tx: Tx, login: str, ip: str, since: int) -> int:
    """How many failed for this login from this address since that instant."""
    row = await tx.one(_COUNT_TRIES, of_login=login, from_ip=ip, since=since)
    return 0 if row is None else int(row["n"])


async def count_login_tries_from(tx: Tx, ip: str, since: int) -> int:
    """How many failed from this address since that instant, whatever the login."""
    row = await tx.one(_COUNT_TRIES_FROM, from_ip=ip, since=since)
    return 0 if row is None else int(row["n"])


async def clear_login_tries(tx: Tx, login: str, ip: str) -> None:
    """One has succeeded."""
    await tx.run(_CLEAR_TRIES, of_login=login, from_ip=ip)


async def purge(tx: Tx, now: int, tries_before: int) -> None:
    """Delete sessions that have expired, and failed sign-ins before that instant."""
    await tx.run(_PURGE_SESSIONS, now=now)
    await tx.run(_PURGE_TRIES, before=tries_before)


def _row(member: Member) -> dict[str, object]:
    return {name: getattr(member, name) for name in _COLUMNS} | {"roles": " ".join(sorted(member.roles))}


def _member(row: Row) -> Member:
    return Member(**{name: row[name] for name in _COLUMNS} | {"roles": frozenset(row["roles"].split())})


_COLUMNS: Final = tuple(column.name for column in staff.columns)
_KNOWN: Final = staff.c.id == bindparam("known")
_TOKEN: Final = staff_sessions.c.token_hash == bindparam("wanted")
_FAILED: Final = (login_tries.c.login == bindparam("of_login"), login_tries.c.ip == bindparam("from_ip"))

_ADD: Final = add_to(staff).on_conflict_do_nothing(index_elements=["login"])
_GET: Final = select(staff).where(_KNOWN)
_BY_LOGIN: Final = select(staff).where(staff.c.login == bindparam("wanted"))
_LIST: Final = select(staff).order_by(staff.c.login)
_SET_PASSWORD: Final = update(staff).where(_KNOWN).values(password_hash=bindparam("to"))
_SET_ROLES: Final = update(staff).where(_KNOWN).values(roles=bindparam("to"))
_DISABLE: Final = update(staff).where(_KNOWN).values(disabled_at=bindparam("now"))
_ENABLE: Final = update(staff).where(_KNOWN).values(disabled_at=null())
_LAST_IN: Final = update(staff).where(_KNOWN).values(last_in_at=bindparam("now"))

_OPEN: Final = add_to(staff_sessions)
_SESSION: Final = (
    select(
        staff,
        staff_sessions.c.created_at.label("opened_at"),
        staff_sessions.c.seen_at,
        staff_sessions.c.expires_at,
    )
    .join_from(staff_sessions, staff)
    .where(_TOKEN, staff_sessions.c.expires_at > bindparam("now"), staff.c.disabled_at.is_(None))
)
_SEEN: Final = update(staff_sessions).where(_TOKEN).values(seen_at=bindparam("now"))
_CLOSE: Final = delete(staff_sessions).where(_TOKEN)
_CLOSE_ALL: Final = delete(staff_sessions).where(staff_sessions.c.staff == bindparam("of_staff"))

_INVITE: Final = add_to(invites)
_VALID: Final = (
    invites.c.token_hash == bindparam("wanted"),
    invites.c.used_at.is_(None),
    invites.c.expires_at > bindparam("now"),
)
_INVITED: Final = select(staff).join_from(invites, staff).where(*_VALID, staff.c.disabled_at.is_(None))
_USE: Final = update(invites).where(*_VALID).values(used_at=bindparam("now"))
_VOID_INVITES: Final = delete(invites).where(invites.c.staff == bindparam("of_staff"))

_ADD_TRY: Final = add_to(login_tries, leaving_out=("id",))
_COUNT_TRIES: Final = (
    select(func.count().label("n")).select_from(login_tries).where(*_FAILED, login_tries.c.at >= bindparam("since"))
)
_COUNT_TRIES_FROM: Final = (
    select(func.count().label("n")).select_from(login_tries).where(_FAILED[1], login_tries.c.at >= bindparam("since"))
)
_CLEAR_TRIES: Final = delete(login_tries).where(*_FAILED)
_PURGE_SESSIONS: Final = delete(staff_sessions).where(staff_sessions.c.expires_at <= bindparam("now"))
_PURGE_TRIES: Final = delete(login_tries).where(login_tries.c.at < bindparam("before"))
