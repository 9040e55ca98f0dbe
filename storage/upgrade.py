"""Brings a database's schema up to this program's version."""

from sqlalchemy import URL

from storage.safety import Unsafe
from storage.schema import VERSION


async def migrate(address: URL, found: str) -> None:
    """Run the migrations that come after the one it was `found` at ("": none yet).

    Raises:
        Unsafe: newer_schema, it was written by a newer version of this program.
    """
    if found == VERSION:
        return
    if found > VERSION:
        raise Unsafe("newer_schema", {"found": found, "wanted": VERSION})
    from storage.migrations import upgrade  # noqa: PLC0415  # Alembic takes half a second to import, and is seldom needed

    await upgrade(address)
