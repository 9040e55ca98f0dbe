"""Deep links, on both databases."""

import re

from storage import links
from storage.db import Database

DAY_MS = 86_400_000


async def made(database: Database, *, single_use: bool = False) -> links.Made:
    return await database.write(
        lambda tx: links.create(tx, "f", source="fair", campaign="c", days=2, single_use=single_use, at=1000)
    )


async def follow(database: Database, payload: str, person: str = "p", at: int = 2000) -> links.Link | None:
    return await database.write(lambda tx: links.follow(tx, payload, person, at))


async def test_token_and_code_lead_to_the_same(database: Database) -> None:
    one = await made(database)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22,64}", one.token)
    by_token, by_code = await follow(database, one.token), await follow(database, one.code.lower())
    assert by_token is not None
    assert by_code is not None
    assert (by_token.flow, by_token.source, by_token.campaign) == ("f", "fair", "c")
    [kept] = await database.read(links.every)
    assert (kept.opened, kept.source) == (2, "fair")


async def test_a_link_expires(database: Database) -> None:
    one = await made(database)
    assert await follow(database, one.token, at=1000 + 2 * DAY_MS - 1) is not None
    assert await follow(database, one.token, at=1000 + 2 * DAY_MS) is None


async def test_a_single_use_link_is_the_first_persons(database: Database) -> None:
    one = await made(database, single_use=True)
    assert await follow(database, one.token, "first") is not None
    assert await follow(database, one.token, "first") is not None
    assert await follow(database, one.token, "second") is None
    assert await follow(database, one.code, "second") is None


async def test_misses_count_for_a_minute_and_for_one_person(database: Database) -> None:
    for n in range(3):
        assert await follow(database, f"guess{n}", "p", 5000) is None
    assert await database.read(lambda tx: links.misses(tx, "p", 5000)) == 3
    assert await database.read(lambda tx: links.misses(tx, "q", 5000)) == 0
    assert await database.read(lambda tx: links.misses(tx, "p", 5000 + links.MINUTE_MS)) == 0
