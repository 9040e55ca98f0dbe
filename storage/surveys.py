"""Published flows: every version as it was published, which one is current, and in which order menus show them."""

import hashlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, bindparam, false, func, literal_column, select, true, update

from storage.schema import flow_versions, flows
from storage.statements import add_to
from storage.text import clean
from storage.tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Published:
    """One version of a flow, as published."""

    name: str
    version: str
    sha256: str  # of body, in hexadecimal
    body: str  # canonical JSON of the flow
    published_at: int
    retired_at: int | None  # None: sessions may begin with it


@dataclass(frozen=True, slots=True)
class Entry:
    """A flow in the list."""

    name: str
    current_version: str
    open: bool  # whether sessions may begin
    position: int


class VersionTaken(Exception):
    """That version was published already, with other contents; nothing was saved."""


async def publish(tx: Tx, name: str, version: str, body: str, at: int) -> bool:
    """Make this version the current one, and open the flow if it is new; False when that is how it was already.

    Raises:
        VersionTaken: the same version with another body: a published version never changes.
    """
    body = clean(body)
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    before = await get(tx, name, version)
    if before is not None and before.sha256 != sha256:
        raise VersionTaken(f"{name} {version}")
    is_current = (await tx.one(_IS_CURRENT, named=name, in_version=version)) is not None
    await tx.run(_ADD_FLOW, name=name, current_version=version)
    if before is None:
        await tx.run(
            _ADD_VERSION, flow=name, version=version, sha256=sha256, body=body, published_at=at, retired_at=None
        )
    elif before.retired_at is not None:
        await tx.run(_REINSTATE, named=name, in_version=version)
    return not (is_current and before is not None and before.retired_at is None)


async def current(tx: Tx, name: str) -> Published | None:
    """The version that new sessions begin with; None when there is no such flow or its version is retired."""
    row = await tx.one(_CURRENT, named=name)
    return None if row is None else _published(row)


async def get(tx: Tx, name: str, version: str) -> Published | None:
    """One version, retired or not."""
    row = await tx.one(_GET, named=name, in_version=version)
    return None if row is None else _published(row)


async def versions(tx: Tx, name: str) -> list[Published]:
    """Every version of a flow, the newest first."""
    return [_published(row) for row in await tx.all(_VERSIONS, named=name)]


async def listing(tx: Tx) -> list[Entry]:
    """Every flow, in the order of the menus."""
    return [
        Entry(row["name"], row["current_version"], bool(row["open"]), row["position"]) for row in await tx.all(_LIST)
    ]


async def set_current(tx: Tx, name: str, version: str) -> bool:
    """New sessions begin with that version (also: back to an older one); False when there is no such version."""
    if await get(tx, name, version) is None:
        return False
    await tx.run(_REINSTATE, named=name, in_version=version)
    return await tx.run(_SET_CURRENT, named=name, to=version) == 1


async def set_open(tx: Tx, name: str, *, is_open: bool) -> bool:
    """Let sessions begin, or not; False when there is no such flow."""
    return await tx.run(_OPEN if is_open else _CLOSE, named=name) == 1


async def set_position(tx: Tx, name: str, position: int) -> None:
    """Where it stands in menus, from 1."""
    await tx.run(_SET_POSITION, named=name, to=position)


async def retire(tx: Tx, name: str, version: str, at: int) -> bool:
    """No session may begin with that version; those that have go on. False when it was retired or does not exist."""
    return await tx.run(_RETIRE, named=name, in_version=version, now=at) == 1


def _published(row: Row) -> Published:
    return Published(row["flow"], row["version"], row["sha256"], row["body"], row["published_at"], row["retired_at"])


_NAMED: Final = flows.c.name == bindparam("named")
_OF_FLOW: Final = flow_versions.c.flow == bindparam("named")
_VERSION: Final = (_OF_FLOW, flow_versions.c.version == bindparam("in_version"))
_NEXT_POSITION: Final[Select[int]] = select(
    func.coalesce(func.max(flows.c.position), literal_column("0")) + literal_column("1")
)

_ADD_FLOW: Final = (
    add_to(flows, leaving_out=("open", "position"))
    .values(open=true(), position=_NEXT_POSITION.scalar_subquery())
    .on_conflict_do_update(index_elements=["name"], set_={"current_version": bindparam("current_version")})
)
_ADD_VERSION: Final = add_to(flow_versions)
_IS_CURRENT: Final = select(flows.c.name).where(_NAMED, flows.c.current_version == bindparam("in_version"))
_CURRENT: Final = (
    select(flow_versions)
    .join_from(flows, flow_versions)
    .where(_NAMED, flow_versions.c.version == flows.c.current_version, flow_versions.c.retired_at.is_(None))
)
_GET: Final = select(flow_versions).where(*_VERSION)
_VERSIONS: Final = (
    select(flow_versions).where(_OF_FLOW).order_by(flow_versions.c.published_at.desc(), flow_versions.c.version.desc())
)
_LIST: Final = select(flows).order_by(flows.c.position, flows.c.name)
_SET_CURRENT: Final = update(flows).where(_NAMED).values(current_version=bindparam("to"))
_OPEN: Final = update(flows).where(_NAMED).values(open=true())
_CLOSE: Final = update(flows).where(_NAMED).values(open=false())
_SET_POSITION: Final = update(flows).where(_NAMED).values(position=bindparam("to"))
_RETIRE: Final = (
    update(flow_versions).where(*_VERSION, flow_versions.c.retired_at.is_(None)).values(retired_at=bindparam("now"))
)
_REINSTATE: Final = update(flow_versions).where(*_VERSION).values(retired_at=None)
