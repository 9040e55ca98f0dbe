"""Staff sign-in: sessions, and the limit on tries. All of it is in the database; when that is out, nobody gets in."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from bot.web.passwords import check_password, hashed, verified
from storage import audit, staff
from storage.tx import Database, Tx

Role = Literal["admin", "staff"]

TRIES_MAX: Final = 10  # per login and address within the window
TRIES_MAX_IP: Final = 60  # per address, whatever the login: each costs us 64 MiB for a tenth of a second
TRIES_MS: Final = 15 * 60_000
FREE_TRIES: Final = 5
DELAY_MAX_S: Final = 16.0
TOUCH_MS: Final = 60_000  # a session's last use is noted to the minute: reading a page seldom writes


class TooManyTries(Exception):
    """This login, from this address, has been tried too often."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in."""

    id: str
    login: str
    name: str
    role: Role


class SignIn:
    """Opens and closes sessions. A session is known by a token that only the browser has; we keep its hash."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], int],
        *,
        idle_min: int = 15,
        longest_h: int = 12,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`clock`: milliseconds since 1970, UTC. `idle_min`: minutes without a page after which a session is over."""
        self.db = db
        self.clock = clock
        self.idle_ms = idle_min * 60_000
        self.longest_ms = longest_h * 3_600_000
        self._pause = pause
        self._hashing = asyncio.Semaphore(2)  # two at once take 128 MiB; more wait

    async def enter(self, login: str, password: str, ip: str) -> str | None:
        """The token of a new session; None when login or password are wrong, and nothing tells which.

        An unknown login takes as long as a known one; from the sixth try on, a wrong one is answered late.

        Raises:
            TooManyTries: the password was not even looked at.
            StorageUnavailable: tries cannot be counted, so nobody gets in.
        """
        now, login = self.clock(), login.strip().lower()
        tried = _tried_as(login)

        async def counted(tx: Tx) -> tuple[int, int]:
            await staff.add_login_try(tx, tried, ip, now)
            since = now - TRIES_MS
            return await staff.count_login_tries(tx, tried, ip, since), await staff.count_login_tries_from(
                tx, ip, since
            )

        tries, from_ip = await self.db.write(counted)
        if tries > TRIES_MAX or from_ip > TRIES_MAX_IP:
            raise TooManyTries
        found = await self.db.read(lambda tx: staff.by_login(tx, login))
        stored = found.password_hash if found is not None and found.active else None
        async with self._hashing:
            is_right = await asyncio.to_thread(_is_right, stored, password)
        if found is None or not is_right:
            if tries > FREE_TRIES:
                await self._pause(min(2.0 ** (tries - FREE_TRIES - 1), DELAY_MAX_S))
            return None
        known = found.id

        async def opened(tx: Tx) -> str:
            await staff.clear_login_tries(tx, tried, ip)
            return await self._open(tx, known)

        return await self.db.write(opened)

    async def me(self, token: str) -> Me | None:
        """Whose session it is; None when it is over: signed out, idle or open too long, or the account disabled."""
        now, key = self.clock(), digest(token)
        found = await self.db.read(lambda tx: staff.session(tx, key, now))
        if found is None or now - found.seen_at > self.idle_ms:
            return None
        if now - found.seen_at >= TOUCH_MS:
            await self.db.write(lambda tx: staff.seen(tx, key, now))
        return _me(found.member)

    async def leave(self, token: str, me: Me) -> None:
        """Sign out: the token is worth nothing from now on."""
        now = self.clock()

        async def closed(tx: Tx) -> None:
            await staff.close_session(tx, digest(token))
            await audit.add(tx, at=now, actor=me.id, action="sign_out", object=me.id)

        await self.db.write(closed)

    async def invited(self, token: str) -> Me | None:
        """Whom a one-time link is for; None when it was used, is too old, or never was."""
        now = self.clock()
        found = await self.db.read(lambda tx: staff.invited(tx, digest(token), now))
        return None if found is None else _me(found)

    async def join(self, token: str, password: str) -> str | None:
        """Use a one-time link: set the password, end all other sessions, open one. None: the link is not good.

        Raises:
            BadPassword: the link is still good.
        """
        known = await self.invited(token)
        if known is None:
            return None
        check_password(password, known.login)
        async with self._hashing:
            kept = await asyncio.to_thread(hashed, password)
        now = self.clock()

        async def joined(tx: Tx) -> str | None:
            if await staff.use_invite(tx, digest(token), now) is None:
                return None  # another click was faster
            await staff.set_password(tx, known.id, kept)
            await audit.add(tx, at=now, actor=known.id, action="password", object=known.id)
            return await self._open(tx, known.id)

        return await self.db.write(joined)

    async def _open(self, tx: Tx, known: str) -> str:
        now, token = self.clock(), secrets.token_urlsafe(32)
        await staff.open_session(tx, digest(token), known, now, now + self.longest_ms)
        await audit.add(tx, at=now, actor=known, action="sign_in", object=known)
        return token


def role_of(member: staff.Member) -> Role:
    """What an account may do."""
    return "admin" if "admin" in member.roles else "staff"


def digest(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so one round of a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf(token: str) -> str:
    """What a form must send back: made from the cookie's token, which no other site can read."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf(token: str, sent: str) -> bool:
    """Whether a form sent the right one; compared in constant time."""
    return hmac.compare_digest(csrf(token).encode(), sent.encode())


def _me(member: staff.Member) -> Me:
    return Me(member.id, member.login, member.name, role_of(member))


def _tried_as(login: str) -> str:
    """A login as tries are counted. Hashed: people type passwords into the wrong field."""
    return hashlib.sha256(login.encode()).hexdigest()[:32]


@cache
def _nobody() -> str:
    """The hash an unknown login is compared with."""
    return hashed(secrets.token_urlsafe(32))


def _is_right(stored: str | None, password: str) -> bool:
    """Whether the password is that of the hash; as long about it when there is no hash."""
    return verified(stored or _nobody(), password) and stored is not None
