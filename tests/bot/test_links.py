"""Deep links and codes, as people follow them."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot import known
from bot.app import House
from bot.exports import Wanted, entries, versions_of, write_export
from bot.web import chat
from storage import links, people, sessions, submissions
from storage.schema import sessions as session_rows
from tests.bot.conftest import Clock
from tests.bot.test_runner import Web, finish

_SESSIONS = select(session_rows)


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


async def prefilled(house: House, clock: Clock, **given: str) -> links.Made:
    return await house.db.write(
        lambda tx: links.create(
            tx, "article_rating", source="fair", campaign="c26", days=1, single_use=True, at=clock(), prefill=given
        )
    )


async def session(house: House, chat: str = "c1") -> Any:
    return await house.db.read(lambda tx: sessions.last_of(tx, "web", "web", chat))


async def test_a_link_fills_in_what_the_form_leaves_to_it(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.does(
        type="command",
        name="start",
        argument=(await prefilled(house, clock, subject_type="event", subject_ref="TF-26")).token,
    )
    held = await session(house)
    assert {path.rpartition("/")[2]: one.value for path, one in held.answers.items()} == {
        "subject_type": "event", "subject_ref": "TF-26"
    }  # fmt: skip
    assert all("Anh/chị muốn đánh giá điều gì?" not in card["text"] for card in await web.cards())


async def test_an_option_that_is_none_is_asked_all_the_same(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.does(type="command", name="start", argument=(await prefilled(house, clock, subject_type="nope")).token)
    assert (await session(house)).answers == {}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"subject_type": "event"}, ""),
        ({"subject_type": "nope"}, "subject_type"),
        ({"x": "1"}, "x"),
        ({"rating": "5"}, "rating"),
    ],
)
def test_a_link_that_cannot_fill_in_is_refused_when_it_is_made(house: House, given: dict[str, str], wrong: str) -> None:
    machine = house.library.current("article_rating")
    assert machine is not None
    assert known.unfit(machine.flow, given) == wrong


async def test_source_campaign_and_first_touch_are_in_the_exports(house: House, clock: Clock, tmp_path: Path) -> None:
    web = Web(house, clock)
    await web.does(type="command", name="start", argument=(await made(house, clock, "poster")).token)
    await web.does(type="command", name="stop", argument="")
    await web.does(type="command", name="start", argument=(await prefilled(house, clock)).token)
    await finish(web, "article_rating")
    versions = await versions_of(house.db, "article_rating")
    for form in ("csv", "jsonl"):
        await write_export(entries(house.db, "article_rating"), versions, Wanted(format=form), tmp_path / f"out.{form}")
    told = json.loads((tmp_path / "out.jsonl").read_text())
    assert (told["source"], told["campaign"], told["first_source"]) == ("fair", "c26", "poster")
    head, row = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()[:2]
    cells = dict(zip(head.split(","), row.split(","), strict=False))
    assert (cells["source"], cells["campaign"], cells["first_source"]) == ("fair", "c26", "poster")


async def test_last_times_answers_are_offered_but_no_opinion_and_no_consent(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await finish(web, "startup_support_needs")
    [stored] = await house.db.read(submissions.page)
    record = json.loads(stored.record)
    await web.opens("startup_support_needs")
    held = await session(house)
    machine = house.library.current("startup_support_needs")
    assert machine is not None
    kinds = {path: machine.nodes[place[0]].question for path in held.known if (place := machine.find(path))}
    assert len(kinds) >= 8
    assert all(one.value == record[path] for path, one in held.known.items())
    assert not any(question.pii in {"consent", "sensitive"} for question in kinds.values())
    card = (await web.cards())[-1]
    assert "same" not in [a["op"] for a in card["actions"]]  # the consent
    await web.taps("pick", "yes")
    for _ in range(12):
        card = (await web.cards())[-1]
        same = [a["label"] for a in card["actions"] if a["op"] == "same"]
        if same:
            break
        await web.taps("skip") if not card["required"] else await web.taps("pick", card["options"][0]["name"])
    assert same[0].startswith("Như lần trước: ")
    await web.taps("same")
    assert (await session(house)).answers.keys() & held.known.keys()


async def test_another_flows_answers_are_offered_where_the_form_says_so(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await finish(web, "startup_support_needs")
    [stored] = await house.db.read(submissions.page)
    names = {path.rpartition("/")[2]: value for path, value in json.loads(stored.record).items()}
    await web.opens("techfest_matching")
    known_now = {path.rpartition("/")[2]: one.value for path, one in (await session(house)).known.items()}
    assert known_now["org_name"] == names["venture_name"]


async def test_the_web_page_of_a_link_opens_the_same_survey(house: House, clock: Clock) -> None:
    link = await prefilled(house, clock, subject_type="event")
    transport = httpx.ASGITransport(app=Starlette(routes=chat.routes(house)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/k/" + "x" * 32)).status_code == 404
        page = await client.get(f"/k/{link.token}")
        assert page.text.count('name="flow"') == 1
        assert f'name="link" value="{link.token}"' in page.text
        again = await client.get(f"/k/{link.token}")  # looking does not use it up
        assert again.status_code == 200
        begun = await client.post("/start", data={"flow": "article_rating", "lang": "en", "link": link.token})
        assert begun.status_code == 303
    await house.lanes.settled()
    row = (await house.db.read(lambda tx: tx.all(_SESSIONS)))[0]
    assert (row["flow"], row["source"], row["campaign"]) == ("article_rating", "fair", "c26")
    assert '"lang":"en"' in row["state"]
