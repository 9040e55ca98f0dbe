"""Deep links: an opaque token, or a code to type, that opens a survey and says where its people come from."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import bindparam, delete, func, or_, select, tuple_, update

from storage.schema import link_misses, links, sessions, submissions
from storage.statements import add_to
from storage.tx import Row, Tx
from storage.web_links import hash_of

TOKEN_BYTES: Final = 24  # 192 bits, 32 characters of the 64 that a deep link may have
CODE_CHARS: Final = "ACDEFGHJKMNPQRTUVWXY34679"  # none that is mistaken for another
CODE_LENGTH: Final = 10  # 46 bits: enough where a person may guess ten times a minute
MISSES_MAX: Final = 10  # within MINUTE_MS
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads, and where those who follow it come from."""

    flow: str
    source: str
    campaign: str
    expires_at: int
    opened: int  # times
    prefill: Mapping[str, str] = field(default_factory=dict)  # text by question


@dataclass(frozen=True, slots=True)
class Made:
    """A new link: told once, for only a hash of the token is kept."""

    token: str
    code: str
    expires_at: int


async def create(
    tx: Tx, flow: str, *, source: str, campaign: str, days: int, single_use: bool, at: int,
    prefill: Mapping[str, str] | None = None,
) -> Made:  # fmt: skip
    """Make a link that is good for so many days."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    code = "".join(secrets.choice(CODE_CHARS) for _ in range(CODE_LENGTH))
    made = Made(token, code, at + days * DAY_MS)
    await tx.run(
        _ADD,
        token_hash=hash_of(token), code=code, flow=flow, source=source, campaign=campaign, created_at=at,
        expires_at=made.expires_at, single_use=single_use, used_by="", opened=0, prefill=json.dumps(dict(prefill or {}), ensure_ascii=False),
    )  # fmt: skip
    return made


async def follow(tx: Tx, payload: str, person: str, at: int) -> Link | None:
    """Where a token or code leads this person; None, and counted as a miss, when it is none of ours or not theirs."""
    row = await tx.one(_FIND, hashed=hash_of(payload), typed=payload.upper(), now=at)
    if row is None or (row["single_use"] and row["used_by"] not in {"", person}):
        await tx.run(_FORGET_MISSES, before=at - MINUTE_MS)
        await tx.run(_MISS, person=person, at=at)
        return None
    await tx.run(_OPENED, hashed=row["token_hash"], by=row["used_by"] or person)
    return _link(row)


async def flow_of(tx: Tx, payload: str, at: int) -> str | None:
    """The flow a token or code leads to, changing nothing: for a page that is only looked at."""
    row = await tx.one(_FIND, hashed=hash_of(payload), typed=payload.upper(), now=at)
    return None if row is None else str(row["flow"])


async def touches(tx: Tx, flow: str, after: tuple[int, str], limit: int) -> dict[str, tuple[str, str, str]]:
    """By submission, in the order of `submissions.following_on`: (source, campaign, first source) of its session."""
    rows = await tx.all(_TOUCHES, in_flow=flow, mark_at=after[0], mark_id=after[1], most=limit)
    return {row["id"]: (row["source"], row["campaign"] or "", row["first_source"] or "") for row in rows}


async def misses(tx: Tx, person: str, at: int) -> int:
    """How often this person has missed within the last minute."""
    row = await tx.one(_MISSES, of_person=person, since=at - MINUTE_MS)
    return 0 if row is None else int(row["n"])


async def every(tx: Tx) -> list[Link]:
    """All links, the newest first."""
    return [_link(row) for row in await tx.all(_EVERY)]


def _link(row: Row) -> Link:
    return Link(
        row["flow"],
        row["source"],
        row["campaign"],
        row["expires_at"],
        row["opened"],
        json.loads(row["prefill"] or "{}"),
    )


_ADD: Final = add_to(links)
_FIND: Final = select(links).where(
    or_(links.c.token_hash == bindparam("hashed"), links.c.code == bindparam("typed")),
    links.c.expires_at > bindparam("now"),
)
_OPENED: Final = (
    update(links)
    .where(links.c.token_hash == bindparam("hashed"))
    .values(opened=links.c.opened + 1, used_by=bindparam("by"))
)
_TOUCHES: Final = (
    select(submissions.c.id, sessions.c.source, sessions.c.campaign, sessions.c.first_source)
    .join(sessions, sessions.c.id == submissions.c.session)
    .where(
        submissions.c.flow == bindparam("in_flow"),
        tuple_(submissions.c.submitted_at, submissions.c.id)
        > tuple_(
            bindparam("mark_at", type_=submissions.c.submitted_at.type),
            bindparam("mark_id", type_=submissions.c.id.type),
        ),
    )
    .order_by(submissions.c.submitted_at, submissions.c.id)
    .limit(bindparam("most"))
)
_EVERY: Final = select(links).order_by(links.c.created_at.desc(), links.c.token_hash)
_MISS: Final = add_to(link_misses, leaving_out=("id",))
_FORGET_MISSES: Final = delete(link_misses).where(link_misses.c.at <= bindparam("before"))
_MISSES: Final = (
    select(func.count().label("n"))
    .select_from(link_misses)
    .where(link_misses.c.person == bindparam("of_person"), link_misses.c.at > bindparam("since"))
)
