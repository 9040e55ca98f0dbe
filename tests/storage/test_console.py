"""What the console reads, on every database."""

from storage import console, inbox, outbox, submissions
from storage.consents import Consent
from storage.consents import add as add_consent
from storage.console import LATEST, Mark
from storage.db import Database, Tx
from storage.outbox import Message
from storage.submissions import Submission

NOON = 1_790_000_000_000


def submission(n: int, *, flow: str = "needs", at: int = NOON) -> Submission:
    return Submission(
        id=f"{n:026}", session=f"s{n}", flow=flow, version="1", person="p", lang="vi", channel="web", submitted_at=at,
        record="{}", summary="{}",
    )  # fmt: skip


def message(key: str, **more: object) -> Message:
    known: dict[str, object] = {"channel": "telegram", "bot": "1", "chat": "-1", "method": "sendMessage", "body": "{}"}
    return Message(key=key, created_at=NOON, **(known | more))  # type: ignore[arg-type]


async def test_a_page_of_submissions_begins_after_the_mark_also_within_one_millisecond(database: Database) -> None:
    async def put(tx: Tx) -> None:
        for n in range(5):
            await submissions.add(tx, submission(n))

    async def pages(tx: Tx) -> list[list[str]]:
        first = await console.submitted(tx, limit=3)
        mark = Mark(first[-1]["submitted_at"], first[-1]["id"])
        second = await console.submitted(tx, limit=3, after=mark)
        return [[row["session"] for row in page] for page in (first, second)]

    await database.write(put)
    assert await database.read(pages) == [["s4", "s3", "s2"], ["s1", "s0"]]


async def test_submissions_are_narrowed_by_flow_and_time(database: Database) -> None:
    async def put(tx: Tx) -> None:
        for n, (flow, at) in enumerate([("needs", NOON), ("needs", NOON + 10), ("other", NOON)]):
            await submissions.add(tx, submission(n, flow=flow, at=at))

    async def found(tx: Tx) -> list[set[str]]:
        asked = ({"flow": "needs"}, {"since": NOON + 1}, {"until": NOON + 10}, {"flow": "other", "until": LATEST})
        return [{row["session"] for row in await console.submitted(tx, **one)} for one in asked]

    await database.write(put)
    assert await database.read(found) == [{"s0", "s1"}, {"s1"}, {"s0", "s2"}, {"s2"}]


async def test_a_receipt_is_found_by_how_it_begins_and_by_its_running_number(database: Database) -> None:
    async def put(tx: Tx) -> list[str]:
        return [(await submissions.add(tx, submission(n))).receipt for n in range(12)]

    receipts = await database.write(put)

    async def found(tx: Tx, asked: str) -> list[str]:
        return [row["receipt"] for row in await console.by_receipt(tx, asked)]

    assert await database.read(lambda tx: found(tx, receipts[3].lower())) == [receipts[3]]
    assert await database.read(lambda tx: found(tx, "12")) == [receipts[11]]
    assert await database.read(lambda tx: found(tx, receipts[0][:-4])) != []
    for nothing in ("%", "_", "!", "13", "x"):
        assert await database.read(lambda tx, asked=nothing: found(tx, asked)) == []  # type: ignore[misc]


async def test_a_notice_is_a_submissions_own_or_that_of_its_digest(database: Database) -> None:
    async def put(tx: Tx) -> None:
        own, together, untold = [await submissions.add(tx, submission(n)) for n in range(3)]
        await console.summarised(tx, own.id, '{"a":1}', NOON)
        await console.noticed(tx, [together.id], NOON + 5)
        rows = await outbox.add(tx, [message(f"notice:{own.id}"), message(f"digest:{NOON + 5}")])
        await outbox.sent(tx, rows[0].id, "m1", NOON)
        await outbox.failed(tx, rows[1].id, "chat not found", NOON)
        assert untold.noticed_at is None

    async def states(tx: Tx) -> list[str]:
        return [console.notice_state(row) for row in await console.submitted(tx)]

    await database.write(put)
    assert await database.read(states) == ["none", "failed", "sent"]
    one = await database.read(lambda tx: console.submission(tx, f"{0:026}"))
    assert one is not None
    assert (one["summary"], one["noticed_at"]) == ('{"a":1}', NOON)
    assert [row["id"] for row in await database.read(lambda tx: console.unnoticed(tx, 0, 10))] == [f"{2:026}"]


async def test_health_counts_what_waits_what_failed_and_what_was_given_up(database: Database) -> None:
    async def put(tx: Tx) -> None:
        rows = await outbox.add(tx, [message(f"k{n}") for n in range(4)])
        await outbox.failed(tx, rows[0].id, "no", NOON)
        for n in range(3):
            await inbox.add(tx, "web", "web", f"k{n}", "c", "{}", NOON + n)
        await inbox.bury(tx, 1, "ValueError", NOON)

    assert await database.read(console.health) == console.Health(None, 0, 0, 0)
    await database.write(put)
    assert await database.read(console.health) == console.Health(NOON + 1, 3, 1, 1)
    [failed] = await database.read(console.undelivered)
    [dead] = await database.read(console.dead_letters)
    assert (failed["key"], dead["error"]) == ("k0", "ValueError")
    assert await database.read(lambda tx: console.undelivered(tx, before=failed["id"])) == []


async def test_the_last_messages_to_a_chat_come_newest_first(database: Database) -> None:
    await database.write(lambda tx: outbox.add(tx, [message(f"k{n}", chat="-1" if n != 2 else "-2") for n in range(4)]))
    rows = await database.read(lambda tx: console.latest_to(tx, "telegram", "1", "-1", 2))
    assert [row["key"] for row in rows] == ["k3", "k1"]


async def test_the_register_of_consents_is_turned_by_key(database: Database) -> None:
    async def put(tx: Tx) -> None:
        for n in range(3):
            await add_consent(
                tx,
                Consent(
                    id=f"c{n}", session="s", person="p", purpose="x", given=n == 0, notice_sha256="", text_shown="?",
                    lang="vi", channel="web", message="", button="", at=NOON, action="give",
                ),
            )  # fmt: skip

    await database.write(put)
    first = await database.read(lambda tx: console.consented(tx, limit=2))
    rest = await database.read(lambda tx: console.consented(tx, after=Mark(NOON, first[-1].id)))
    assert [one.id for one in [*first, *rest]] == ["c2", "c1", "c0"]
    assert [one.given for one in rest] == [True]
