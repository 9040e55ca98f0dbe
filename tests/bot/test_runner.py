"""One update in, one transaction, and what is to be sent: with a real database."""

import json
from collections.abc import Sequence
from typing import Any

from bot import lanes
from bot.app import House
from bot.channels.base import Update
from flows.engine import show_again, step
from flows.session import OPEN, Session, View
from storage import consents, inbox, outbox, sessions, submissions
from storage.db import Tx
from tests.bot.conftest import Clock
from tests.founders import Willing


class Web:
    """A person at the web chat, without the web."""

    def __init__(self, house: House, clock: Clock, chat: str = "c1") -> None:
        self.house = house
        self.clock = clock
        self.chat = chat
        self.number = 0

    async def does(self, **body: Any) -> None:
        """One event of the page, and everything that follows from it."""
        self.number += 1
        self.clock.passes(1)
        await self.sends(f"k{self.number}", body)

    async def sends(self, key: str, body: Any) -> None:
        update = Update("web", "web", key, self.chat, json.dumps(body), self.clock())
        await self.house.intake.accept([update])
        await self.house.lanes.settled()

    async def opens(self, flow: str) -> None:
        await self.does(type="open", flow=flow, lang="vi")

    async def says(self, text: str) -> None:
        await self.does(type="typed", text=text)

    async def taps(self, op: str, arg: str = "") -> None:
        card = (await self.cards())[-1]
        await self.does(type="tapped", op=op, arg=arg, card=card["card"], ref=card["ref"])

    async def cards(self) -> list[dict[str, Any]]:
        return [
            json.loads(m.body)
            for m in await self.transcript()
            if m.method in {"card", "edit"} and json.loads(m.body)["kind"] != "settled"
        ]

    async def transcript(self) -> Sequence[outbox.Message]:
        async def look(tx: Tx) -> list[outbox.Message]:
            return await outbox.transcript(tx, "web", "web", self.chat)

        return await self.house.db.read(look)


async def test_opening_a_survey_asks_for_consent_first(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.opens("startup_support_needs")
    last = (await web.cards())[-1]
    assert last["consent"] is True
    assert [o["label"] for o in last["options"]] == ["Tôi đồng ý", "Tôi không đồng ý"]


async def test_consent_is_in_the_register_before_the_next_question_is(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.opens("startup_support_needs")
    await web.taps("pick", "yes")
    session = await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1"))
    assert session is not None
    [given] = await house.db.read(lambda tx: consents.of_session(tx, session.id))
    assert (given.purpose, given.given, given.action, given.button) == ("consent_process", True, "give", "Tôi đồng ý")
    assert "Thời gian lưu" in given.text_shown


async def test_refusing_leaves_no_answer_and_no_raw_words_behind(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.opens("startup_support_needs")
    await web.taps("pick", "no")

    async def look(tx: Tx) -> list[str]:
        return [kept.body for kept in await inbox.undone(tx, 10)]

    assert await house.db.read(look) == []
    assert await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1")) is None
    last = await house.db.read(lambda tx: sessions.last_of(tx, "web", "web", "c1"))
    assert last is not None
    assert last.answers == {}


async def test_the_same_update_twice_is_one_answer(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.opens("article_rating")
    card = (await web.cards())[-1]
    body = {"type": "tapped", "op": "pick", "arg": card["options"][0]["name"], "card": card["card"], "ref": card["ref"]}
    for _ in range(10):
        await web.sends("same", body)
    session = await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1"))
    assert session is not None
    assert len(await house.db.read(lambda tx: sessions.events_of(tx, session.id))) == 2


async def test_a_whole_survey_ends_with_a_receipt_and_a_record(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await finish(web, "startup_support_needs")
    [submission] = await house.db.read(submissions.page)
    record = json.loads(submission.record)
    assert record["consent/consent_process"] == "yes"
    last = (await web.cards())[-1]
    assert last["kind"] == "submitted"
    assert last["receipt"] == submission.receipt
    assert submission.receipt in last["text"]


async def test_the_journal_replays_to_the_stored_session(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.opens("article_rating")
    for _ in range(3):
        await web.says("không hiểu")
    await web.taps("later")
    await web.says("tiếp tục")
    stored = await house.db.read(lambda tx: sessions.last_of(tx, "web", "web", "c1"))
    assert stored is not None
    events = await house.db.read(lambda tx: sessions.events_of(tx, stored.id))
    again = Session(stored.id, stored.flow, stored.version, "vi", seed=stored.seed)
    machine = house.library.current("article_rating")
    assert machine is not None
    for event in events:
        again, _ = step(machine, again, event)
    assert again == stored


async def test_words_without_an_open_survey_bring_the_menu(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.says("xin chào")
    last = (await web.cards())[-1]
    assert last["kind"] == "menu"
    assert len(last["options"]) >= 4


async def test_help_shows_the_question_again(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.opens("article_rating")
    before = (await web.cards())[-1]
    await web.does(type="command", name="help", argument="")
    after = (await web.cards())[-1]
    assert after["text"] == before["text"]
    assert any("quay lại" in card["text"] for card in await web.cards())


async def test_an_update_that_raises_is_buried_and_the_next_goes_on(
    house: House, clock: Clock, monkeypatch: Any
) -> None:
    monkeypatch.setattr(lanes, "RETRY_FIRST_S", 0.001)
    web = Web(house, clock)
    await web.opens("article_rating")
    broken = house.library.current("article_rating")
    original = house.web_channel.read
    monkeypatch.setattr(
        house.web_channel,
        "read",
        lambda update: (_ for _ in ()).throw(RuntimeError("x")) if update.key == "bad" else original(update),
    )
    await web.sends("bad", {"type": "typed", "text": "x"})
    await web.says("bỏ qua")
    [dead] = await house.db.read(lambda tx: inbox.dead(tx, 10))
    assert (dead.key, dead.error, dead.tries) == ("bad", "RuntimeError", lanes.TRIES_MAX)
    assert broken is not None
    assert await house.db.read(inbox.count_undone) == 0


async def finish(web: Web, flow: str) -> None:
    """Answer a whole survey as asked."""
    await web.opens(flow)
    willing = Willing(3)
    for _ in range(200):
        session = await web.house.db.read(lambda tx: sessions.last_of(tx, "web", "web", web.chat))
        assert session is not None
        if session.status not in OPEN:
            return
        machine = web.house.library.current(flow)
        assert machine is not None
        view = _view(machine, session, web.clock())
        event = willing.answer(view, session.card, web.clock())
        if event.kind == "typed":
            await web.says(event.text)
        elif event.kind == "tapped":
            await web.taps(event.op, event.arg)
        else:
            await web.taps("skip")
    raise AssertionError("not finished")


def _view(machine: Any, session: Any, at: int) -> View:
    effect = show_again(machine, session, at)[0]
    assert effect.kind == "show"
    return effect.view


async def test_giving_up_deletes_the_files_that_were_sent(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.opens("research_order")
    ref = await house.files.keep(b"%PDF-1.7", "a.pdf", "application/pdf")
    sent = {"type": "sent", "media": "file", "file": ref.id, "name": ref.name, "mime": ref.mime, "size": ref.size}
    await web.does(**sent, sha256=ref.sha256)
    assert house.files.path(ref.id).exists()
    await web.does(type="command", name="stop", argument="")
    assert not house.files.path(ref.id).exists()
