"""The register of consents: evidence of what was asked, in which words, and what was answered. It only grows."""

from dataclasses import asdict, dataclass
from typing import Final, Literal

from sqlalchemy import bindparam, select

from storage.schema import consents
from storage.statements import add_to
from storage.tx import Row, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One answer to one purpose."""

    id: str
    session: str
    person: str
    purpose: str
    given: bool
    notice_sha256: str  # of the notice shown, in hexadecimal
    text_shown: str
    lang: str
    channel: str
    message: str  # the channel's id of the message or tap it was given by
    button: str  # its words, or what was typed
    at: int  # milliseconds since 1970, UTC
    action: Literal["give", "refuse", "withdraw"]


async def add(tx: Tx, consent: Consent) -> None:
    """Write one down."""
    await tx.run(_ADD, **asdict(consent))


async def of_session(tx: Tx, session: str) -> list[Consent]:
    """Those of a session, in the order they were given."""
    return [_consent(row) for row in await tx.all(_OF_SESSION, wanted=session)]


async def of_person(tx: Tx, person: str) -> list[Consent]:
    """Those of a person, in the order they were given."""
    return [_consent(row) for row in await tx.all(_OF_PERSON, wanted=person)]


async def stands(tx: Tx, session: str, purpose: str) -> bool:
    """Whether the last word on this purpose in this session was yes."""
    words = [one for one in await of_session(tx, session) if one.purpose == purpose]
    return bool(words) and words[-1].given


def _consent(row: Row) -> Consent:
    values = {name: row[name] for name in _COLUMNS}
    values["given"] = bool(row["given"])
    return Consent(**values)


_COLUMNS: Final = tuple(column.name for column in consents.columns)
_ADD: Final = add_to(consents)
_ORDER: Final = (consents.c.at, consents.c.id)
_OF_SESSION: Final = select(consents).where(consents.c.session == bindparam("wanted")).order_by(*_ORDER)
_OF_PERSON: Final = select(consents).where(consents.c.person == bindparam("wanted")).order_by(*_ORDER)
