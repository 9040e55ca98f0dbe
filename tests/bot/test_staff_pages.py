import json

import pytest

from bot.channels.base import Update
from flows.model import Question
from flows.session import Scalar
from storage import audit, inbox, outbox, people, sessions
from storage.db import Tx
from tests.bot.staff_desk import Desk, desk, header_faults, settings
from tests.bot.staff_forms import form, label
from tests.bot.test_summary import RECORD

__all__ = ["desk", "settings"]  # fixtures of this file's tests

SECRETS = ("Trà Sen Tây Hồ", "912345678", "Nguyễn Thị Mai")
NASTY = "<img src=x onerror=alert(1)>\u202egnp.exe\u200b{{7*7}}"


async def test_the_list_shows_the_newest_first_and_only_what_may_be_shown(desk: Desk) -> None:
    await desk.publish()
    for n in range(3):
        desk.clock.passes(60)
        await desk.submit({**RECORD, "about/staff": n})
    browser = await desk.signed_in()
    response = await browser.opens("/staff/submissions")
    assert response.status_code == 200
    assert header_faults(response) == []
    places = [browser.words.index(f"-00000{n}-") for n in (3, 2, 1)]
    assert places == sorted(places)
    assert "Vốn, Thị trường" in browser.words
    assert "Cầu Giấy" in browser.words
    assert not [secret for secret in SECRETS if secret in browser.here]


async def test_an_empty_list_says_so(desk: Desk) -> None:
    browser = await desk.signed_in()
    await browser.opens("/staff/submissions")
    assert "Chưa có phiếu nào" in browser.words
    await browser.opens("/staff/submissions?receipt=HN-26-999999")
    assert "Không có phiếu nào khớp" in browser.words


async def test_turning_pages_shows_every_submission_once(desk: Desk) -> None:
    await desk.publish()
    receipts = {(await desk.submit({"about/staff": n}))[0].receipt for n in range(70)}  # all in one millisecond
    browser = await desk.signed_in()
    seen: list[str] = []
    where = "/staff/submissions"
    while where:
        await browser.opens(where)
        seen += [receipt for receipt in receipts if receipt in browser.here]
        where = (
            browser.here.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
            if 'rel="next"' in browser.here
            else ""
        )
        where = where.replace("&amp;", "&")
    assert len(seen) == 70
    assert set(seen) == receipts


async def test_the_list_is_narrowed_by_survey_date_and_receipt(desk: Desk) -> None:
    await desk.publish()
    other = await desk.publish(form().but(name="other", title=label("Khác", "Other")))
    first, _ = await desk.submit(RECORD)
    desk.clock.passes(3 * 86_400)
    second, _ = await desk.submit(RECORD, flow=other)
    browser = await desk.signed_in()

    async def found(query: str) -> set[str]:
        await browser.opens(f"/staff/submissions?{query}")
        return {s.receipt for s in (first, second) if s.receipt in browser.words}

    day = browser_day(desk, second.submitted_at)
    assert await found("flow=needs") == {first.receipt}
    assert await found(f"from={day}") == {second.receipt}
    assert await found(f"until={day}") == {first.receipt, second.receipt}
    assert await found(f"receipt={second.receipt.lower()}") == {second.receipt}
    assert await found("receipt=1") == {first.receipt}
    assert await found("receipt=%25") == set()
    assert await found("from=yesterday&until=9999-12-31&after=x.y") == {first.receipt, second.receipt}


def browser_day(desk: Desk, at: int) -> str:
    day, month, year = desk.house.words.moment("vi", at).split(" ")[1].split("/")
    return f"{year}-{month}-{day}"


async def test_a_submission_is_shown_whole_with_what_was_written_and_how_sure_it_is(desk: Desk) -> None:
    await desk.publish()
    submission, _ = await desk.submit(RECORD, raws={"about/amount": "1,5 tỷ"}, changed={"about/venture": "Trà Sen"})
    browser = await desk.signed_in()
    response = await browser.opens(f"/staff/submissions/{submission.id}")
    assert header_faults(response) == []
    for shown in (
        *SECRETS[:1], "+84912345678", "Nguyễn Thị Mai", "1.500.000.000 đồng (1,5 tỷ)", "Nguyên văn: 1,5 tỷ",
        "Người trả lời đã xác nhận", "Trà Sen Tây Hồ cần gì?", "Thành viên · #2", "Quy mô Nhỏ", submission.receipt,
        "Anh/chị có đồng ý không?", "ab" * 32,
    ):  # fmt: skip
        assert shown in browser.words
    assert browser.words.count("Nguyên văn:") == 1
    assert browser.words.index("Tên dự án?") < browser.words.index("Số người?") < browser.words.index("Họ tên?")


async def test_a_submission_is_told_in_the_language_of_the_reader(desk: Desk) -> None:
    await desk.publish()
    submission, _ = await desk.submit(RECORD)
    browser = await desk.signed_in()
    browser.client.cookies.set("khaosat-lang", "en")
    await browser.opens(f"/staff/submissions/{submission.id}")
    assert "Capital, Market" in browser.words
    assert "What does Trà Sen Tây Hồ need?" in browser.words


async def test_words_of_strangers_are_shown_and_do_nothing(desk: Desk) -> None:
    await desk.publish()
    nasty: dict[str, Scalar] = dict.fromkeys(
        ("about/venture", "about/phone", "about/needs", "member[1]/member_name"), NASTY
    )
    submission, _ = await desk.submit({**nasty, "not/in/the/form": NASTY}, changed={"about/venture": NASTY + "?"})
    browser = await desk.signed_in()
    for path in ("/staff/submissions", "/staff/drafts", f"/staff/submissions/{submission.id}", "/staff/consents"):
        await browser.opens(path)
        assert "<img" not in browser.here
        assert "\u202e" not in browser.here
        assert "\u200b" not in browser.here
    await browser.opens(f"/staff/submissions/{submission.id}")
    assert "&lt;img src=x onerror=alert(1)&gt;" in browser.here
    assert "U+202E" in browser.here
    assert "{{7*7}}" in browser.here
    assert "<bdi>&lt;img" in browser.here


async def test_every_look_at_a_submission_stands_in_the_audit_log_without_an_answer(desk: Desk) -> None:
    await desk.publish()
    submission, _ = await desk.submit(RECORD)
    browser = await desk.signed_in()
    me = await desk.member("staff", "staff")
    await browser.opens("/staff/submissions")
    await browser.opens(f"/staff/submissions/{submission.id}")
    entries = await desk.house.db.read(lambda tx: audit.latest(tx, 10))
    assert [(e.actor, e.action, e.object) for e in entries] == [(me.id, "view", submission.id)]
    assert not [secret for secret in SECRETS for e in entries if secret in str(e)]


async def test_there_is_no_submission_that_is_not_there(desk: Desk) -> None:
    browser = await desk.signed_in()
    for path in (
        "/staff/submissions/none",
        "/staff/files/none",
        "/staff/files/..%2f..%2fetc%2fpasswd",
        "/staff/nowhere",
    ):
        assert (await browser.opens(path)).status_code == 404
        assert "Không tìm thấy" in browser.words


async def test_a_file_is_handed_over_to_be_saved_and_never_shown(desk: Desk) -> None:
    await desk.publish()
    kept = await desk.house.files.keep(b"<script>alert(1)</script>", "deck.html", "text/html")
    submission, _ = await desk.submit({"about/deck": kept.id}, sent={kept.id: 'gi"ới\r\nthiệu.html'})
    browser = await desk.signed_in()
    await browser.opens(f"/staff/submissions/{submission.id}")
    assert f'href="/staff/files/{kept.id}"' in browser.here
    response = await browser.opens(f"/staff/files/{kept.id}")
    assert response.content == b"<script>alert(1)</script>"
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"
    desk.house.files.path(kept.id).unlink()
    assert (await browser.opens(f"/staff/files/{kept.id}")).status_code == 404


async def test_a_failed_notice_is_marked_in_the_list_and_on_the_page(desk: Desk) -> None:
    await desk.publish()
    good, _ = await desk.submit(RECORD)
    desk.clock.passes(1)
    bad, [notice] = await desk.submit(RECORD)

    async def fail(tx: Tx) -> None:
        await outbox.failed(tx, notice.id, "chat not found", desk.clock())

    await desk.house.db.write(fail)
    browser = await desk.signed_in()
    await browser.opens("/staff/submissions")
    assert browser.words.count("Không báo được cho nhóm") == 1
    assert (
        browser.words.index(bad.receipt)
        < browser.words.index("Không báo được cho nhóm")
        < browser.words.index(good.receipt)
    )
    await browser.opens(f"/staff/submissions/{bad.id}")
    assert "Không báo được cho nhóm" in browser.words
    await browser.opens(f"/staff/submissions/{good.id}")
    assert "đang gửi" in browser.words


async def test_failed_deliveries_are_told_without_their_words_or_whose_they_were(desk: Desk) -> None:
    _, [notice] = await desk.submit(RECORD)
    now = desk.clock()

    async def put(tx: Tx) -> None:
        body = json.dumps({"text": "Chào chị Mai"})
        [talk] = await outbox.add(
            tx,
            [
                outbox.Message(
                    channel="telegram",
                    bot="1",
                    chat="84900001",
                    key="7:0",
                    method="sendMessage",
                    body=body,
                    created_at=now,
                )
            ],
        )
        await outbox.failed(tx, talk.id, "bot was blocked", now)
        await outbox.failed(tx, notice.id, "chat not found", now)

    await desk.house.db.write(put)
    browser = await desk.signed_in()
    await browser.opens("/staff/failures")
    for shown in (
        "bot was blocked",
        "Người trả lời (telegram)",
        "chat not found",
        "Nhóm cán bộ (telegram)",
        "Báo phiếu mới",
    ):
        assert shown in browser.words
    assert "chị Mai" not in browser.here
    assert "84900001" not in browser.here


async def test_dead_letters_are_told_without_what_stood_in_them(desk: Desk) -> None:
    update = Update("web", "web", "k1", "c1", json.dumps({"text": "Chào chị Mai"}), desk.clock())

    async def put(tx: Tx) -> None:
        known = await inbox.add(tx, update.channel, update.bot, update.key, update.chat, update.body, update.at)
        assert known is not None
        await inbox.bury(tx, known, "ValueError", desk.clock())

    await desk.house.db.write(put)
    browser = await desk.signed_in()
    await browser.opens("/staff/dead")
    assert "ValueError" in browser.words
    assert "chị Mai" not in browser.here


async def test_the_health_box_says_what_waits_and_for_how_long(desk: Desk) -> None:
    async def put(tx: Tx) -> None:
        await inbox.add(tx, "web", "web", "k1", "c1", "{}", desk.clock())

    browser = await desk.signed_in()
    await browser.opens("/staff/submissions")
    assert "không có tin đến chờ lâu nhất" in browser.words
    await desk.house.db.write(put)
    desk.clock.passes(30)
    await browser.opens("/staff/submissions")
    assert "30 giây tin đến chờ lâu nhất" in browser.words
    desk.clock.passes(600)
    await browser.opens("/staff/submissions")
    assert "10 phút tin đến chờ lâu nhất" in browser.words


async def test_consents_are_listed_with_the_words_that_were_shown(desk: Desk) -> None:
    await desk.submit(RECORD)
    browser = await desk.signed_in()
    await browser.opens("/staff/consents")
    for shown in ("Đồng ý", "Anh/chị có đồng ý không?", "Tôi đồng ý"):
        assert shown in browser.words


async def test_a_version_that_cannot_be_read_any_more_still_shows_its_answers(desk: Desk) -> None:
    submission, _ = await desk.submit(
        {"staff": 42}, flow=form("gone").but(items=(Question(type="integer", name="staff"),))
    )
    browser = await desk.signed_in()
    await browser.opens("/staff/submissions")
    assert submission.receipt in browser.words
    await browser.opens(f"/staff/submissions/{submission.id}")
    assert "42" in browser.words


@pytest.mark.parametrize(
    "query",
    ["before=-1", "before=x", "before=99999999999999999999", "after=1.", "after=x.y", "after=9999999999999999999.a"],
)
async def test_an_address_that_makes_no_sense_is_read_as_the_first_page(desk: Desk, query: str) -> None:
    browser = await desk.signed_in()
    for path in ("/staff/submissions", "/staff/consents", "/staff/failures", "/staff/dead"):
        assert (await browser.opens(f"{path}?{query}")).status_code == 200


async def test_whoever_has_blocked_us_is_told_of_on_the_page(desk: Desk) -> None:
    await desk.publish()
    submission, _ = await desk.submit(RECORD)
    browser = await desk.signed_in()
    path = f"/staff/submissions/{submission.id}"
    assert "đã chặn bot" not in (await browser.opens(path)).text

    async def blocks(tx: Tx) -> None:
        held = await sessions.holder(tx, submission.session)
        assert held is not None
        assert await people.reach(tx, held.channel, held.bot, held.chat, "blocked", desk.clock())

    await desk.house.db.write(blocks)
    assert "đã chặn bot" in (await browser.opens(path)).text
