"""Corrections after submission: asked for in the chat, decided by staff, and kept beside what was handed in."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.exports import Wanted, entries, free_name, name_beside, versions_of, write_export
from storage import amendments, audit, outbox, sessions, submissions
from storage.outbox import Message
from storage.submissions import Submission
from tests.bot.conftest import Clock
from tests.bot.staff_desk import Desk, desk, settings  # noqa: F401 — fixtures
from tests.bot.test_runner import Web
from tests.bot.test_telegram_talk import FORM
from tests.scenario import machine_of


@pytest.fixture
async def web(desk: Desk) -> Web:  # noqa: F811
    """Somebody who has handed in a form of a shop."""
    await desk.publish(machine_of(FORM).flow)
    web = Web(desk.house, desk.clock)
    await web.opens("shop")
    for said in ("Lan", "3", "có", "Hà Đông"):
        await web.says(said)
    await web.taps("submit")
    return web


async def handed_in(web: Web) -> Submission:
    [found] = await web.house.db.read(submissions.page)
    return found


async def last(web: Web) -> dict[str, Any]:
    return (await web.cards())[-1]


async def edits(web: Web, label: str, answer: str) -> None:
    card = await last(web)
    line = next(line for section in card["sections"] for line in section["lines"] if line["label"] == label)
    await web.does(type="tapped", op="edit", arg="", card=card["card"], ref=line["ref"])
    await web.says(answer)


async def asks(web: Web, label: str = "Mấy người?", answer: str = "30") -> amendments.Amendment:
    await web.does(type="command", name="sua", argument="")
    await edits(web, label, answer)
    await web.taps("request")
    stored = await handed_in(web)
    return (await web.house.db.read(lambda tx: amendments.of_submission(tx, stored.id)))[-1]


async def test_the_receipt_offers_a_correction_and_nothing_changes_before_staff_decide(web: Web) -> None:
    receipt = await last(web)
    assert [a["op"] for a in receipt["actions"]] == ["amend"]
    await web.taps("amend")
    review = await last(web)
    assert (review["kind"], review["title"], [a["op"] for a in review["actions"]], review["input"]) == (
        "review", "Sửa phiếu đã gửi", ["request", "drop"], "reason"
    )  # fmt: skip
    await edits(web, "Mấy người?", "30")
    await web.says("em gõ nhầm ạ")
    assert "Lý do: em gõ nhầm ạ" in (await last(web))["notes"]
    await web.taps("request")
    stored = await handed_in(web)
    assert stored.receipt in (await last(web))["text"]
    assert json.loads(stored.record)["people"] == 3
    [asked] = await web.house.db.read(lambda tx: amendments.of_submission(tx, stored.id))
    assert (asked.state, asked.reason, json.loads(asked.record)["people"]) == ("waiting", "em gõ nhầm ạ", 30)


async def test_staff_hear_of_it_without_a_word_of_the_answers(web: Web) -> None:
    await asks(web, "Ai là chủ?", "Nguyễn Văn Bí Mật")

    async def look(tx: Any) -> list[Message]:
        return await outbox.waiting(tx, 100, 0)

    told = [one.body for one in await web.house.db.read(look) if one.key.startswith("amend:")]
    assert len(told) == 1
    assert "xin sửa 1 câu" in told[0]
    assert "Bí Mật" not in told[0]


async def test_an_accepted_correction_is_in_record_page_audit_and_exports(
    web: Web, desk: Desk, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    asked, stored = await asks(web), await handed_in(web)
    browser = await desk.signed_in()
    await browser.opens("/staff/submissions")
    assert "Yêu cầu sửa đang chờ" in browser.words
    await browser.opens(f"/staff/submissions/{stored.id}")
    assert "Mấy người? 3 30" in browser.words
    answer = await browser.sends(
        f"/staff/submissions/{stored.id}/amendments/{asked.id}", verdict="accept", words="Cảm ơn anh/chị"
    )
    assert answer.status_code == 303
    assert json.loads((await handed_in(web)).record)["people"] == 30
    told = (await last(web))["text"]
    assert stored.receipt in told
    assert "Cảm ơn anh/chị" in told
    await browser.opens(f"/staff/submissions/{stored.id}")
    assert "Đã sửa theo yêu cầu" in browser.words
    entry = (await web.house.db.read(lambda tx: audit.latest(tx, 10)))[1]
    assert (entry.action, json.loads(entry.detail)["paths"]) == ("amendment.accept", ["people"])
    versions = await versions_of(web.house.db, "shop")
    for wanted in (Wanted(), Wanted(format="jsonl"), Wanted(named=True, reason="x")):
        to = tmp_path / f"{wanted.named}.{wanted.format}"
        await write_export(entries(web.house.db, "shop"), versions, wanted, to)
    rows = (tmp_path / "False.corrections.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[1:] for row in rows] == [
        ["corrected", "path", "was", "now"],
        ["2026-11-23", "people", "3", "30"],
    ]
    [kept] = json.loads((tmp_path / "False.jsonl").read_text())["corrected"]
    assert kept["changes"] == [{"path": "people", "was": 3, "now": 30}]
    assert "2026-11-23" in (tmp_path / "False.csv").read_text(encoding="utf-8-sig").splitlines()[1]


async def test_free_text_stays_out_of_pseudonymised_corrections(web: Web, tmp_path: Path) -> None:
    asked, stored = await asks(web, "Ai là chủ?", "Bí Mật"), await handed_in(web)
    await web.house.amendments.decide(stored.id, asked.id, accepted=True, by="x", words="")
    versions = await versions_of(web.house.db, "shop")
    for wanted, seen in ((Wanted(), False), (Wanted(named=True, reason="x"), True)):
        to = tmp_path / f"{seen}.csv"
        await write_export(entries(web.house.db, "shop"), versions, wanted, to)
        assert (tmp_path / f"{seen}.corrections.csv").exists() is seen
        assert ("Bí Mật" in to.read_text()) is seen


async def test_a_refusal_needs_words_and_leaves_the_record(web: Web, desk: Desk) -> None:  # noqa: F811
    asked, stored = await asks(web), await handed_in(web)
    where = f"/staff/submissions/{stored.id}/amendments/{asked.id}"
    browser = await desk.signed_in()
    await browser.opens(f"/staff/submissions/{stored.id}")
    assert (await browser.sends(where, verdict="refuse", words=" ")).status_code == 400
    await browser.opens(f"/staff/submissions/{stored.id}")
    assert (await browser.sends(where, verdict="refuse", words="Cần giấy tờ")).status_code == 303
    assert "Cần giấy tờ" in (await last(web))["text"]
    assert json.loads((await handed_in(web)).record)["people"] == 3
    await browser.opens(f"/staff/submissions/{stored.id}")
    assert (await browser.sends(where, verdict="accept", words="")).status_code == 409  # decided once


async def test_a_later_request_replaces_one_that_waits_and_goes_on_from_it(web: Web, desk: Desk) -> None:  # noqa: F811
    first = await asks(web)
    second = await asks(web, "Ở đâu?", "Cầu Giấy")
    stored = await handed_in(web)
    states = [one.state for one in await web.house.db.read(lambda tx: amendments.of_submission(tx, stored.id))]
    assert states == ["replaced", "waiting"]
    assert not await web.house.amendments.decide(stored.id, first.id, accepted=True, by="x", words="")
    assert await web.house.amendments.decide(stored.id, second.id, accepted=True, by="x", words="")
    record = json.loads((await handed_in(web)).record)
    assert (record["people"], record["place"]) == (30, "Cầu Giấy")
    await (await desk.signed_in()).opens(f"/staff/submissions/{stored.id}")


async def test_nothing_changed_is_no_request_and_dropping_keeps_the_form(web: Web) -> None:
    await web.does(type="command", name="sua", argument="")
    await web.taps("request")
    assert "chưa thấy câu nào thay đổi" in (await last(web))["text"]
    await web.does(type="command", name="edit", argument="")
    await edits(web, "Mấy người?", "30")
    await web.taps("drop")
    assert "được giữ nguyên" in (await last(web))["text"]
    stored = await handed_in(web)
    assert await web.house.db.read(lambda tx: amendments.of_submission(tx, stored.id)) == []
    assert (await web.house.db.read(lambda tx: sessions.open_of(tx, "web", "web", web.chat))) is None
    assert json.loads(stored.record)["people"] == 3


async def test_a_change_must_meet_the_form_as_any_answer(web: Web) -> None:
    await web.does(type="command", name="sua", argument="")
    await edits(web, "Mấy người?", "0")
    assert (await last(web))["error"] == "Ít nhất một người."


async def test_nobody_corrects_another_persons_form(web: Web) -> None:
    receipt = await last(web)
    stranger = Web(web.house, web.clock, chat="c2")
    stranger.number = 1000
    await stranger.does(type="tapped", op="amend", arg="", card=receipt["card"], ref="")
    assert "chưa gửi phiếu nào" in (await last(stranger))["text"]


async def test_start_in_the_middle_of_a_correction_asks(web: Web) -> None:
    await web.does(type="command", name="sua", argument="")
    await web.does(type="command", name="start", argument="")
    offered = await last(web)
    assert [o["name"].partition(":")[0] for o in offered["options"]] == ["+go", "+new", "+else"]
    await web.does(type="open", flow=offered["options"][1]["name"])
    assert (await last(web))["text"] == "Ai là chủ?"


async def test_a_draft_is_corrected_in_the_draft(web: Web) -> None:
    await web.opens("shop")
    await web.does(type="command", name="sua", argument="")
    assert any("làm dở một phiếu" in card["text"] for card in await web.cards())
    assert (await last(web))["text"] == "Ai là chủ?"


async def test_requests_have_an_end(web: Web) -> None:
    for n in range(5):
        await asks(web, answer=str(10 + n))
    await web.does(type="command", name="sua", argument="")
    assert "đã có nhiều yêu cầu sửa" in (await last(web))["text"]


TO_COME = FORM.replace("flow: shop", "flow: fair").replace(
    "{name: place,",
    "{name: begins, type: date, required: true, label: {vi: Ngày mở?}, constraint: '. >= today()'}\n  - {name: place,",
)


async def test_a_day_that_was_to_come_still_stands_when_something_else_is_corrected(
    desk: Desk, clock: Clock  # noqa: F811
) -> None:  # fmt: skip
    await desk.publish(machine_of(TO_COME).flow)
    web = Web(desk.house, clock)
    await web.opens("fair")
    for said in ("Lan", "3", "có", "25/11/2026", "Hà Đông"):
        await web.says(said)
    await web.taps("submit")
    clock.passes(10 * 86_400)
    asked = await asks(web)
    assert json.loads(asked.record)["people"] == 30
    await web.does(type="command", name="sua", argument="")
    await edits(web, "Ngày mở?", "24/11/2026")  # given today, it is judged by today
    assert (await last(web))["error"]


def test_a_repeat_of_that_name_keeps_its_own_table(tmp_path: Path) -> None:
    assert name_beside(tmp_path / "x.csv", free_name(("", "corrections"))) == tmp_path / "x.corrections_.csv"
    assert free_name(("", "members")) == "corrections"
