import html
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.codebook import Codebook, Record
from bot.i18n import words
from bot.inert import told
from bot.notifications import Notifications, Pace, StaffChat, card, digest, digest_due, is_rush
from bot.summary import cut
from flows.model import Choice
from storage import jobs, outbox, submissions
from storage.outbox import Message
from tests.bot.staff_desk import ORIGIN, Desk, desk, settings
from tests.bot.staff_forms import CHOICES, form, label
from tests.bot.test_summary import RECORD
from tests.fake_telegram.entities import parse_html

__all__ = ["desk", "settings"]  # fixtures of this file's tests

CHAT = StaffChat(bot="1", chat="-1001", topic=7, base_url=ORIGIN)
BOOK = Codebook(form())
KEPT = cut(BOOK, RECORD)


class Markup(HTMLParser):
    """What Telegram would make of a message: its tags, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def text_of(message: Message) -> str:
    return str(json.loads(message.body)["text"])


def test_a_card_tells_the_receipt_what_may_be_told_and_where_to_read_on() -> None:
    outgoing = card(CHAT, BOOK, "01abc", "HN-26-000123-C", KEPT, words())
    text = Markup(outgoing.body["text"]).text
    assert text.startswith("Phiếu mới HN-26-000123-C\nNhu cầu hỗ trợ\n… cần gì: Vốn, Thị trường\n")
    assert text.endswith(f"Mở phiếu: {ORIGIN}/staff/submissions/01abc")
    assert outgoing.body["link_preview_options"] == {"is_disabled": True}
    assert outgoing.body["message_thread_id"] == 7
    assert outgoing.priority > 0


def test_a_chat_that_may_hear_references_only_hears_no_answer() -> None:
    chat = CHAT.but(detail="reference")
    one = card(chat, BOOK, "01abc", "HN-26-000123-C", KEPT, words()).body["text"]
    many = digest(chat, [(BOOK, KEPT)] * 3, words()).body["text"]
    for text in (one, many):
        assert not [word for word in ("Vốn", "Thị trường", "Cầu Giấy", "20 – 49", "Nhu cầu") if word in text]
    assert "HN-26-000123-C" in one
    assert "3 phiếu mới" in many


def test_a_digest_counts_surveys_and_needs() -> None:
    other = Codebook(form().but(name="other", title=label("Khác", "Other"), summary=("staff",)))
    gathered: list[tuple[Codebook, Record]] = [
        (BOOK, KEPT),
        (BOOK, {"about/needs": "capital"}),
        (other, {"about/staff": 3}),
    ]
    text = Markup(digest(CHAT.but(lang="en"), gathered, words()).body["text"]).text
    assert text.splitlines() == [
        "3 new submissions", "Support needs: 2", "Other: 1", "• Capital: 2", "• Market: 1",
        f"Open the list: {ORIGIN}/staff/submissions",
    ]  # fmt: skip


NASTY = [
    "<b>",
    "*_`",
    "[x](tg://user?id=1)",
    "</code>",
    "<a href='x'>",
    "&lt;",
    "@admin",
    "/start",
    "https://evil.example",
    "\u202e",
]


@given(st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=6).map("".join))
def test_no_words_put_into_a_message_become_markup_a_mention_a_command_or_a_link(text: str) -> None:
    book = Codebook(
        form().but(title={"vi": text}, choices=CHOICES | {"need": (Choice(name="capital", label={"vi": text}),)})
    )
    told_text = card(CHAT, book, "01abc", text, {"about/needs": "capital"}, words()).body["text"]
    as_telegram = parse_html(told_text)
    assert sorted(entity["type"] for entity in as_telegram.entities) == ["bold", "text_link"]
    assert as_telegram.oddities == []
    parsed = Markup(told_text)
    assert [tag for tag in parsed.tags if tag not in {"b", "a"}] == []
    assert parsed.tags.count("b") == parsed.tags.count("a") == 1
    before_link = parsed.text.rpartition("Mở phiếu")[0]
    assert not re.search(r"(?<!\w)[@/#]\w|://\w", before_link)
    assert "\u202e" not in parsed.text


@given(st.text())
def test_what_is_told_reads_as_it_was_written_but_for_what_cannot_be_seen(text: str) -> None:
    visible = html.unescape(told(text)).replace("\u2060", "")
    assert [c for c in visible if c.isalnum()] == [c for c in text.replace("\u2060", "") if c.isalnum()]


@given(
    summary=st.lists(st.text(alphabet="ạ@<&😀", min_size=1, max_size=300), min_size=1, max_size=3),
    n=st.integers(min_value=1, max_value=40),
)
def test_a_message_is_never_longer_than_telegram_takes(summary: list[str], n: int) -> None:
    choices = tuple(Choice(name=f"c{k}", label={"vi": summary[k % len(summary)] + str(k)}) for k in range(n))
    book = Codebook(form().but(title={"vi": summary[0]}, choices=CHOICES | {"need": choices}))
    kept = {"about/needs": " ".join(c.name for c in choices), "about/order": " ".join(c.name for c in choices)}
    for outgoing in (
        card(CHAT, book, "01abc", "HN-26-000123-C", kept, words()),
        digest(CHAT, [(book, kept)] * 3, words()),
    ):
        units = len(Markup(outgoing.body["text"]).text.encode("utf-16-le")) // 2
        assert units <= 4096


@given(st.lists(st.integers(min_value=0, max_value=300_000), max_size=60), st.integers(min_value=1, max_value=20))
def test_no_minute_sees_more_cards_than_the_pace_allows(gaps: list[int], most: int) -> None:
    pace, now, cards = Pace(cards_max=most), 0, list[int]()
    for gap in gaps:
        now += gap
        if not is_rush(cards[-most:], now, pace):
            cards.append(now)
        assert sum(now - at < 60_000 for at in cards) <= most


def test_a_digest_gathers_for_a_while_and_keeps_its_distance_from_the_last() -> None:
    pace = Pace(window_s=60, digest_every_s=300)
    assert digest_due(None, 1_000_000, pace) == 1_060_000
    assert digest_due(900_000, 1_000_000, pace) == 1_200_000
    assert digest_due(0, 1_000_000, pace) == 1_060_000


async def waiting(desk: Desk) -> list[Message]:
    return await desk.house.db.read(outbox.waiting)


async def test_a_notice_waits_in_the_staff_chats_own_lane_once_the_submission_is_committed(desk: Desk) -> None:
    await desk.publish()
    submission, told_rows = await desk.submit(RECORD)
    [notice] = await waiting(desk)
    assert told_rows == [notice]
    assert (notice.channel, notice.chat, notice.key) == ("telegram", "-1001", f"notice:{submission.id}")
    stored = await desk.house.db.read(lambda tx: submissions.get(tx, submission.id))
    assert stored is not None
    assert stored.noticed_at == desk.clock()


async def test_what_may_be_shown_is_kept_beside_the_submission(desk: Desk) -> None:
    submission, _ = await desk.submit(RECORD)
    stored = await desk.house.db.read(lambda tx: submissions.get(tx, submission.id))
    assert stored is not None
    assert json.loads(stored.summary) == KEPT


async def test_a_rush_is_told_in_one_message_after_a_few_cards(desk: Desk) -> None:
    await desk.publish()
    for _ in range(12):
        desk.clock.passes(1)
        await desk.submit(RECORD)
    assert len(await waiting(desk)) == 5
    assert await desk.house.notifier.due(desk.house.db, desk.clock()) == []
    desk.clock.passes(60)
    [made] = await desk.house.notifier.due(desk.house.db, desk.clock())
    assert "7 phiếu mới" in text_of(made)
    assert "Vốn: 7" in text_of(made)
    assert await desk.house.notifier.due(desk.house.db, desk.clock()) == []
    rows = await desk.house.db.read(submissions.page)
    assert all(row.noticed_at is not None for row in rows)


async def test_after_a_rush_single_cards_come_again_and_the_next_digest_keeps_its_distance(desk: Desk) -> None:
    await desk.publish()
    for _ in range(7):
        await desk.submit(RECORD)
    desk.clock.passes(61)
    assert len(await desk.house.notifier.due(desk.house.db, desk.clock())) == 1
    for _ in range(7):
        await desk.submit(RECORD)
    assert len(await waiting(desk)) == 5 + 1 + 5
    desk.clock.passes(60)
    assert await desk.house.notifier.due(desk.house.db, desk.clock()) == []
    desk.clock.passes(60 * desk.house.settings.digest_every_min)
    [second] = await desk.house.notifier.due(desk.house.db, desk.clock())
    assert "2 phiếu mới" in text_of(second)


async def test_what_a_digest_told_is_marked_when_the_digest_failed(desk: Desk) -> None:
    await desk.publish()
    for _ in range(6):
        await desk.submit(RECORD)
    desk.clock.passes(61)
    [made] = await desk.house.notifier.due(desk.house.db, desk.clock())
    await desk.house.db.write(lambda tx: outbox.failed(tx, made.id, "chat not found", desk.clock()))
    browser = await desk.signed_in()
    await browser.opens("/staff/submissions")
    assert browser.words.count("Không báo được cho nhóm") == 1


async def test_until_its_digest_a_submission_says_that_it_waits_for_one(desk: Desk) -> None:
    await desk.publish()
    for _ in range(5):
        await desk.submit(RECORD)
    last, rows = await desk.submit(RECORD)
    assert rows == []
    browser = await desk.signed_in()
    await browser.opens(f"/staff/submissions/{last.id}")
    assert "chờ bản gộp" in browser.words


async def test_without_a_staff_chat_nobody_is_told_and_nothing_waits(desk: Desk) -> None:
    plain = desk.house.settings.model_copy(update={"telegram_staff_chat": ""})
    desk.house.notifier = Notifications(plain, words(), telegram_bot="1")
    submission, rows = await desk.submit(RECORD)
    assert rows == []
    assert await desk.house.notifier.due(desk.house.db, desk.clock() + 10**9) == []
    assert await desk.house.db.read(jobs.next_due_at) is None
    assert submission.receipt


async def test_two_processes_send_one_digest(desk: Desk) -> None:
    await desk.publish()
    for _ in range(6):
        await desk.submit(RECORD)
    desk.clock.passes(61)
    found = await desk.house.db.read(lambda tx: jobs.get(tx, "digest", "telegram:1:-1001"))
    assert found is not None
    both = [await desk.house.notifier.due(desk.house.db, desk.clock()) for _ in range(2)]
    assert [len(made) for made in both] == [1, 0]


@pytest.mark.parametrize("value", ["Nguyễn Thị Mai", "+84912345678", "Trà Sen Tây Hồ", "21.03", "2024-05-01"])
async def test_nothing_personal_is_in_any_row_for_the_staff_chat(desk: Desk, value: str) -> None:
    await desk.publish()
    for _ in range(8):
        await desk.submit(RECORD)
    desk.clock.passes(61)
    await desk.house.notifier.due(desk.house.db, desk.clock())
    rows = [row for row in await waiting(desk) if row.channel == "telegram"]
    assert len(rows) == 6
    assert not [row for row in rows if value in json.dumps(json.loads(row.body), ensure_ascii=False)]
