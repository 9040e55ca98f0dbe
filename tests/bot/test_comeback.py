"""Coming back to a draft: what /start offers, when a reminder goes out, and that it goes out once."""

import json
from datetime import datetime
from typing import Any

import pytest

from bot import comeback, hours
from bot.app import House
from bot.hours import HANOI
from flows.session import Status
from storage import jobs, people, sessions
from tests.bot.conftest import Clock
from tests.bot.staff_desk import Desk
from tests.bot.test_runner import Web

HOUR_S = 3600
FLOW = "startup_support_needs"


def at(day: str) -> int:
    """Milliseconds of a moment by Hanoi's clock."""
    return round(datetime.fromisoformat(day).replace(tzinfo=HANOI).timestamp() * 1000)


@pytest.fixture
async def web(house: House, clock: Clock) -> Web:
    """Somebody who has agreed and is at the first question, on a Thursday at 10:00."""
    clock.at = at("2026-11-26 10:00")
    web = Web(house, clock)
    await web.opens(FLOW)
    await web.taps("pick", "yes")
    return web


async def reminders(web: Web) -> list[dict[str, Any]]:
    await web.house.timers.run_due()
    return [
        json.loads(one.body)
        for one in await web.transcript()
        if one.key.startswith("remind:") and json.loads(one.body)["kind"] == "menu"
    ]


async def chooses(web: Web, what: str) -> None:
    """Tap the newest option that stands for `what`."""
    option = next(
        o for card in reversed(await web.cards()) for o in card["options"] if o["name"].startswith(f"+{what}:")
    )
    await web.does(type="open", flow=option["name"])


async def draft(web: Web) -> Any:
    return await web.house.db.read(lambda tx: sessions.open_of(tx, "web", "web", web.chat))


@pytest.mark.parametrize(
    ("asked", "goes_out"),
    [
        ("2026-11-26 12:00", "2026-11-26 12:00"),
        ("2026-11-26 20:00", "2026-11-26 20:00"),
        ("2026-11-26 20:01", "2026-11-27 08:00"),
        ("2026-11-26 23:59", "2026-11-27 08:00"),
        ("2026-11-26 00:00", "2026-11-26 08:00"),  # 17:00 of the day before in UTC
        ("2026-12-31 21:00", "2027-01-02 08:00"),  # over New Year's Day
        ("2026-04-30 09:00", "2026-05-02 08:00"),  # two holidays in a row
    ],
)
def test_reminders_keep_hours_and_holidays(asked: str, goes_out: str) -> None:
    assert hours.opens_at(at(asked)) == at(goes_out)


def test_no_reminder_goes_out_at_tet() -> None:
    moment = datetime.fromtimestamp(hours.opens_at(at("2027-02-06 09:00")) / 1000, HANOI)  # the first day of Tết
    assert moment >= datetime(2027, 2, 9, tzinfo=HANOI)


def test_what_is_chosen_is_a_moment_to_come() -> None:
    now = at("2026-11-26 10:00")
    assert [hours.chosen(when, now) for when in hours.offered(now)] == [
        at("2026-11-26 20:00"), at("2026-11-27 08:30"), at("2026-11-30 08:30"), at("2026-11-29 08:30")
    ]  # fmt: skip
    assert "evening" not in hours.offered(at("2026-11-26 20:00"))


async def test_start_on_a_draft_asks_and_changes_nothing(web: Web) -> None:
    before = await draft(web)
    await web.does(type="command", name="start", argument="")
    card = (await web.cards())[-1]
    assert [o["name"].partition(":")[0] for o in card["options"]] == ["+go", "+new", "+else"]
    assert await draft(web) == before
    await chooses(web, "go")
    assert (await web.cards())[-1]["kind"] == "question"
    assert (await draft(web)).answers == before.answers


async def test_beginning_anew_needs_a_tap_and_drops_the_old_draft(web: Web) -> None:
    before = await draft(web)
    await web.does(type="command", name="start", argument="")
    await chooses(web, "new")
    after = await draft(web)
    assert after.id != before.id
    old = await web.house.db.read(lambda tx: sessions.load(tx, before.id))
    assert old is not None
    assert (old.status, old.answers) == (Status.WITHDRAWN, {})
    await web.does(type="open", flow=f"+new:{before.id}")  # the old button once more
    assert (await draft(web)).id == after.id


async def test_nobody_touches_another_persons_draft(web: Web) -> None:
    before = await draft(web)
    stranger = Web(web.house, web.clock, chat="c2")
    stranger.number = 1000
    await stranger.does(type="open", flow=f"+new:{before.id}")
    assert await draft(web) == before


async def test_two_reminders_and_no_third(web: Web, clock: Clock) -> None:
    assert await reminders(web) == []
    seen = []
    for _ in range(24 * 20):
        clock.passes(HOUR_S)
        seen.append(len(await reminders(web)))
        seen.append(len(await reminders(web)))
    assert seen[-1] == comeback.REMINDERS_MAX
    first, second = await reminders(web)
    assert "/" in first["text"]
    assert [o["name"].partition(":")[0] for o in first["options"]] == ["+go", "+evening", "+never"]
    assert [o["name"].partition(":")[0] for o in second["options"]] == ["+go", "+never"]


async def test_putting_aside_asks_when_and_keeps_to_it(web: Web, clock: Clock) -> None:
    await web.taps("later")
    await chooses(web, "monday")
    last = (await web.cards())[-1]
    assert (last["kind"], [a["op"] for a in last["actions"]]) == ("paused", ["resume"])  # the way back stays at hand
    clock.at = at("2026-11-30 08:29")
    assert await reminders(web) == []
    clock.at = at("2026-11-30 08:30")
    assert len(await reminders(web)) == 1


async def test_who_came_back_before_is_not_disturbed(web: Web, clock: Clock) -> None:
    await web.taps("later")
    await chooses(web, "evening")
    clock.at = at("2026-11-26 19:55")
    await web.says("tiếp tục")
    clock.at = at("2026-11-26 20:00")
    assert await reminders(web) == []


async def test_no_more_means_no_more(web: Web, clock: Clock) -> None:
    clock.at = at("2026-11-27 08:00")
    assert len(await reminders(web)) == 1
    await chooses(web, "never")
    clock.passes(24 * HOUR_S * 40)
    assert len(await reminders(web)) == 1


async def test_who_blocked_us_or_has_not_agreed_is_left_alone(web: Web, clock: Clock) -> None:
    other = Web(web.house, clock, chat="c2")
    other.number = 1000
    await other.opens(FLOW)  # consent not given
    await web.house.db.write(lambda tx: people.reach(tx, "web", "web", "c1", "blocked", clock()))
    for _ in range(5):
        clock.passes(12 * HOUR_S)
        assert await reminders(web) == await reminders(other) == []
    await web.house.db.write(lambda tx: people.reach(tx, "web", "web", "c1", "reachable", clock()))
    clock.at = at("2026-11-30 12:00")
    assert len(await reminders(web)) == 1


async def test_a_clock_that_jumps_neither_doubles_nor_loses(web: Web, clock: Clock) -> None:
    clock.at = at("2026-11-27 09:00")
    assert len(await reminders(web)) == 1
    clock.at = at("2026-11-26 09:00")  # set back a day
    assert len(await reminders(web)) == 1
    clock.at = at("2026-11-27 09:30")
    assert len(await reminders(web)) == 1
    clock.at = at("2026-12-01 09:30")
    assert len(await reminders(web)) == comeback.REMINDERS_MAX


async def test_dying_before_the_commit_sends_it_once_after_all(
    web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(name: str) -> None:
        if name == "before_timer":
            raise SystemError(name)

    clock.at = at("2026-11-27 09:00")
    with monkeypatch.context() as dying:
        dying.setattr(web.house.failpoints, "reach", die)
        assert await reminders(web) == []
    assert await reminders(web) == []  # leased still
    clock.passes(61)
    assert len(await reminders(web)) == 1
    clock.passes(61)
    assert len(await reminders(web)) == 1


async def test_the_job_of_a_finished_draft_goes(web: Web, clock: Clock) -> None:
    session = await draft(web)
    await web.does(type="command", name="stop", argument="")
    clock.passes(24 * HOUR_S)
    await web.house.timers.run_due()
    assert await web.house.db.read(lambda tx: jobs.get(tx, comeback.KIND, session.id)) is None


async def closings(web: Web) -> list[dict[str, Any]]:
    await web.house.timers.run_due()
    return [body for one in await web.transcript() if one.key.startswith("expired:") for body in [json.loads(one.body)]]


async def left_for(web: Web, clock: Clock, days: int) -> None:
    for _ in range(days * 6):
        clock.passes(4 * HOUR_S)
        await web.house.timers.run_due()


async def test_a_draft_is_closed_after_its_days_and_keeps_its_answers(web: Web, clock: Clock) -> None:
    before = await draft(web)
    await left_for(web, clock, 29)
    assert await closings(web) == []
    await left_for(web, clock, 2)
    settled, told = await closings(web)
    assert (settled["kind"], [o["name"].partition(":")[0] for o in told["options"]]) == (
        "settled",
        ["+go", "+new", "+else"],
    )
    assert "30 ngày" in told["text"]
    assert await draft(web) is None
    kept = await web.house.db.read(lambda tx: sessions.load(tx, before.id))
    assert kept is not None
    assert (kept.status, kept.answers) == (Status.EXPIRED, before.answers)
    await left_for(web, clock, 40)
    assert len(await closings(web)) == 2  # said once


@pytest.mark.parametrize("how", ["start", "writes", "opens"])
async def test_who_comes_back_to_a_closed_draft_goes_on_with_its_answers(web: Web, clock: Clock, how: str) -> None:
    before = await draft(web)
    await left_for(web, clock, 31)
    if how == "start":
        await web.does(type="command", name="start", argument="")
    elif how == "writes":
        await web.says("chào em")
    else:
        await web.opens(FLOW)
    assert "tạm đóng" in (await web.cards())[-1]["text"]
    await chooses(web, "go")
    assert ((await web.cards())[-1]["kind"], (await draft(web)).answers) == ("question", before.answers)
    await left_for(web, clock, 31)
    assert len(await closings(web)) == 4  # it may be closed again, and no reminder went out in between
    assert len(await reminders(web)) == comeback.REMINDERS_MAX


async def test_a_closed_draft_can_be_given_up_or_begun_anew(web: Web, clock: Clock) -> None:
    before = await draft(web)
    await left_for(web, clock, 31)
    await web.does(type="command", name="start", argument="")
    await chooses(web, "new")
    old = await web.house.db.read(lambda tx: sessions.load(tx, before.id))
    assert old is not None
    assert (old.status, old.answers) == (Status.WITHDRAWN, {})
    assert (await draft(web)).id != before.id


async def test_a_draft_may_wait_for_ever(web: Web, clock: Clock) -> None:
    web.house.timers._draft_days = 0
    await left_for(web, clock, 70)
    assert await closings(web) == []
    assert (await draft(web)) is not None


async def test_who_blocked_us_or_has_not_agreed_is_not_written_to(house: House, clock: Clock) -> None:
    clock.at = at("2026-11-26 10:00")
    web = Web(house, clock)
    await web.opens(FLOW)
    opened = await draft(web)
    await left_for(web, clock, 31)
    assert await closings(web) == []
    kept = await house.db.read(lambda tx: sessions.load(tx, opened.id))
    assert kept is not None
    assert kept.status is Status.EXPIRED


async def test_a_moment_typed_after_putting_aside_is_when_we_remind(web: Web, clock: Clock) -> None:
    await web.taps("later")
    await web.says("8h tối mai nhé")
    assert (await draft(web)).status is Status.PAUSED
    assert "27/11" in (await web.cards())[-2]["text"]
    clock.at = at("2026-11-27 19:59")
    assert await reminders(web) == []
    clock.at = at("2026-11-27 20:00")
    assert len(await reminders(web)) == 1


async def test_words_that_name_no_moment_go_on_with_the_survey(web: Web) -> None:
    await web.taps("later")
    await web.says("Công ty Ánh Dương")
    assert (await draft(web)).status is Status.ASKING


@pytest.mark.parametrize("said", ["hủy", "Huỷ", "huy", "dạ hủy ạ", "cancel"])
async def test_cancelling_asks_what_is_meant(web: Web, said: str) -> None:
    before = await draft(web)
    await web.says(said)
    card = (await web.cards())[-1]
    assert [o["name"].partition(":")[0] for o in card["options"]] == ["+go", "+later", "+drop"]
    assert await draft(web) == before
    await chooses(web, "later")
    assert (await draft(web)).status is Status.PAUSED


async def test_deleting_needs_the_button(web: Web) -> None:
    before = await draft(web)
    await web.says("hủy phiếu")
    await chooses(web, "drop")
    old = await web.house.db.read(lambda tx: sessions.load(tx, before.id))
    assert old is not None
    assert (old.status, old.answers) == (Status.WITHDRAWN, {})


async def test_staff_see_that_a_form_is_unfinished_and_nothing_of_it(web: Web, clock: Clock) -> None:
    await web.says("Trà Sen Tây Hồ")
    before = await draft(web)
    browser = await Desk(web.house, clock).signed_in()
    machine = web.house.library.current(FLOW)
    assert machine is not None
    await browser.opens("/staff/drafts")
    assert machine.flow.title["vi"] in browser.words
    assert f"Đang trả lời {len(before.answers)}" in browser.words
    assert ("10:00" in browser.words, "26/11/2026" in browser.words, "1970" in browser.words) == (True, True, False)
    assert "Trà Sen" not in browser.here
    await browser.opens("/staff/drafts?closed=1")
    assert "Không có phiếu nào." in browser.words
    await left_for(web, clock, 31)
    browser = await Desk(web.house, clock).signed_in("admin")
    await browser.opens("/staff/drafts")
    assert "Không có phiếu nào." in browser.words
    await browser.opens("/staff/drafts?closed=1")
    assert "Tạm đóng vì để lâu" in browser.words
