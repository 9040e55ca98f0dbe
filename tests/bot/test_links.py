"""Deep links and codes, as people follow them."""

from bot.app import House
from storage import links, people, sessions
from tests.bot.conftest import Clock
from tests.bot.test_runner import Web


async def made(house: House, clock: Clock, source: str) -> links.Made:
    return await house.db.write(
        lambda tx: links.create(tx, "article_rating", source=source, campaign="", days=1, single_use=False, at=clock())
    )


async def test_first_and_last_touch_are_kept(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    for source in ("fair", "poster"):
        link = await made(house, clock, source)
        await web.does(type="command", name="start", argument=link.code)
    session = await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1"))
    assert session is not None
    assert session.flow == "article_rating"
    holder = await house.db.read(lambda tx: sessions.holder(tx, session.id))
    person = await house.db.read(lambda tx: people.at_address(tx, "web", "web", "c1"))
    assert holder is not None
    assert person is not None
    assert (holder.source, person.first_source, person.last_source) == ("fair", "fair", "poster")


async def test_guessing_is_slowed_down(house: House, clock: Clock) -> None:
    link = await made(house, clock, "fair")
    web = Web(house, clock)
    for n in range(links.MISSES_MAX):
        await web.does(type="command", name="start", argument=f"GUESS{n}")
    await web.does(type="command", name="start", argument=link.token)
    assert await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1")) is None
    clock.passes(61)
    await web.does(type="command", name="start", argument=link.token)
    assert await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1")) is not None
