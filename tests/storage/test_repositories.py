"""What the repositories promise, on both databases."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import pytest

from flows.session import Answer, Draft, Instances, Session, Started, Status, Typed
from storage import (
    audit,
    consents,
    counters,
    files,
    inbox,
    jobs,
    outbox,
    people,
    sessions,
    staff,
    submissions,
    surveys,
    web_links,
)
from storage.db import Database, Stale, Tx
from storage.ids import new_id

CHAT = ("telegram", "1", "42")
NOW = 1_790_000_000_000  # 21 September 2026


class Asks:
    """Calls a repository's function in a transaction of its own: `await do(inbox.undone, 10)`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def __call__(self, function: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **named: Any) -> Any:
        async def work(tx: Tx) -> Any:
            return await function(tx, *args, **named)

        return await self.database.write(work)


@pytest.fixture
def do(database: Database) -> Asks:
    return Asks(database)


# The inbox


@dataclass(frozen=True)
class Update:
    channel: str
    bot: str
    key: str
    chat: str
    body: str
    at: int


async def test_an_update_is_kept_once_whatever_bot_and_channel_it_has(do: Asks) -> None:
    first = await do(inbox.add, "telegram", "1", "k", "42", "{}", NOW)
    assert isinstance(first, int)
    assert await do(inbox.add, "telegram", "1", "k", "42", '{"later": 1}', NOW + 1) is None
    assert await do(inbox.add, "telegram", "2", "k", "42", "{}", NOW) is not None
    assert await do(inbox.add, "web", "1", "k", "42", "{}", NOW) is not None
    kept = await do(inbox.undone, 10)
    assert [(one.channel, one.bot, one.body) for one in kept] == [
        ("telegram", "1", "{}"),
        ("telegram", "2", "{}"),
        ("web", "1", "{}"),
    ]


async def test_of_several_updates_the_known_ones_are_told_from_the_new(do: Asks) -> None:
    def update(key: str) -> Update:
        return Update("telegram", "1", key, "42", "{}", NOW)

    first = await do(inbox.add_many, [update("a"), update("b"), update("a")])
    assert [number is not None for number in first] == [True, True, False]
    second = await do(inbox.add_many, [update("b"), update("c")])
    assert [number is not None for number in second] == [False, True]
    assert [one.key for one in await do(inbox.undone, 10)] == ["a", "b", "c"]
    assert [one.key for one in await do(inbox.undone, 10, first[0])] == ["b", "c"]
    assert [one.key for one in await do(inbox.undone, 1)] == ["a"]


async def test_an_update_is_done_once(do: Asks) -> None:
    number = await do(inbox.add, *CHAT[:2], "k", CHAT[2], "{}", NOW)
    assert await do(inbox.is_undone, number)
    assert await do(inbox.oldest_undone_at) == NOW
    assert await do(inbox.done, number, NOW + 5)
    assert not await do(inbox.done, number, NOW + 6)
    assert not await do(inbox.is_undone, number)
    assert await do(inbox.oldest_undone_at) is None
    assert await do(inbox.count_undone) == 0


async def test_an_update_that_cannot_be_handled_is_buried_and_may_be_revived(do: Asks) -> None:
    number = await do(inbox.add, *CHAT[:2], "k", CHAT[2], "{}", NOW)
    assert [await do(inbox.failed, number, "ValueError") for _ in range(3)] == [1, 2, 3]
    await do(inbox.bury, number, "ValueError", NOW + 5)
    assert await do(inbox.undone, 10) == []
    (dead,) = await do(inbox.dead, 10)
    assert (dead.id, dead.tries, dead.error) == (number, 3, "ValueError")
    assert await do(inbox.purge, NOW + 100) == 0
    assert await do(inbox.revive, number)
    assert not await do(inbox.revive, number)
    (again,) = await do(inbox.undone, 10)
    assert (again.id, again.tries) == (number, 0)


async def test_what_was_handled_can_be_emptied_and_deleted(do: Asks) -> None:
    old = await do(inbox.add, *CHAT[:2], "old", CHAT[2], '{"text": "x"}', NOW)
    await do(inbox.add, *CHAT[:2], "new", CHAT[2], '{"text": "y"}', NOW)
    await do(inbox.done, old, NOW + 5)
    assert await do(inbox.erase_chat, *CHAT) == 1
    assert [one.body for one in await do(inbox.undone, 10)] == ['{"text": "y"}']
    assert await do(inbox.purge, NOW + 5) == 0
    assert await do(inbox.purge, NOW + 6) == 1
    assert await do(inbox.add, *CHAT[:2], "old", CHAT[2], "{}", NOW) is not None


# The outbox


def message(key: str, **more: Any) -> outbox.Message:
    given = {"channel": CHAT[0], "bot": CHAT[1], "chat": CHAT[2], "method": "sendMessage", "body": "{}"}
    return outbox.Message(key=key, created_at=NOW, **given | more)


async def test_a_message_is_enqueued_once_and_comes_back_with_its_number(do: Asks) -> None:
    added = await do(outbox.add, [message("a"), message("b"), message("a")])
    assert [one.key for one in added] == ["a", "b"]
    assert added == await do(outbox.waiting)
    assert await do(outbox.add, [message("a")]) == []
    assert await do(outbox.by_key, "b") == added[1]
    assert await do(outbox.by_key, "c") is None
    assert await do(outbox.waiting, 1) == added[:1]
    assert await do(outbox.waiting, 5, added[0].id) == added[1:]
    assert await do(outbox.count_waiting) == 2


async def test_a_message_keeps_every_field(do: Asks) -> None:
    given = message(
        "a", session="s", card="s:1", edit=True, drop_if_unsent=True, priority=5, not_before=NOW + 1, body='{"x":"đ"}'
    )
    (added,) = await do(outbox.add, [given])
    assert replace(added, id=0) == given
    assert await do(outbox.waiting) == [added]


async def test_each_end_of_a_message_is_told_apart_and_final(do: Asks) -> None:
    taken, lost, gone, wait, also = await do(outbox.add, [message(key) for key in "abcde"])
    await do(outbox.sent, taken.id, "900", NOW + 1)
    await do(outbox.sent_many, [(also.id, "901", NOW + 2)])
    await do(outbox.failed, lost.id, "too long", NOW + 3)
    await do(outbox.dropped, gone.id, NOW + 4)
    await do(outbox.later, wait.id, NOW + 5000)
    await do(outbox.later, wait.id, NOW + 9000)
    assert await do(outbox.waiting) == [replace(wait, not_before=NOW + 9000, tries=2)]
    await do(outbox.later, wait.id, NOW + 9500, 7)
    assert await do(outbox.waiting) == [replace(wait, not_before=NOW + 9500, tries=7)]
    assert await do(outbox.failures, 10) == [replace(lost, state="failed", error="too long", sent_at=NOW + 3)]
    await do(outbox.sent, lost.id, "902", NOW + 9)
    await do(outbox.failed, taken.id, "late", NOW + 9)
    assert [(one.key, one.state, one.message) for one in await do(outbox.transcript, *CHAT)] == [
        ("a", "sent", "900"),
        ("b", "failed", ""),
        ("d", "waiting", ""),
        ("e", "sent", "901"),
    ]


async def test_a_card_is_found_under_the_message_that_showed_it_last(do: Asks) -> None:
    first, edited, second = await do(
        outbox.add,
        [message("a", card="s:1"), message("b", card="s:1", edit=True), message("c", card="s:2")],
    )
    assert await do(outbox.message_of_card, "s:1") is None
    await do(outbox.sent, first.id, "900", NOW)
    assert await do(outbox.message_of_card, "s:1") == "900"
    await do(outbox.sent, edited.id, "901", NOW)
    await do(outbox.failed, second.id, "gone", NOW)
    assert await do(outbox.message_of_card, "s:1") == "901"
    assert await do(outbox.message_of_card, "s:2") is None
    assert await do(outbox.message_of_card, "") is None


async def test_a_transcript_is_of_one_chat_and_goes_on_where_it_was_left(do: Asks) -> None:
    added = await do(outbox.add, [message("a"), message("x", chat="43"), message("b"), message("c")])
    assert [one.key for one in await do(outbox.transcript, *CHAT)] == ["a", "b", "c"]
    assert [one.key for one in await do(outbox.transcript, *CHAT, added[0].id, 1)] == ["b"]


async def test_a_chat_that_is_gone_waits_for_nothing_and_one_that_moved_for_the_same(do: Asks) -> None:
    await do(outbox.add, [message("a"), message("b"), message("x", chat="43")])
    assert await do(outbox.moved, *CHAT, "-100") == 2
    assert [one.chat for one in await do(outbox.waiting)] == ["-100", "-100", "43"]
    assert await do(outbox.drop_chat, CHAT[0], CHAT[1], "-100", NOW) == 2
    assert [one.key for one in await do(outbox.waiting)] == ["x"]


async def test_a_session_can_be_emptied_and_old_messages_deleted(do: Asks) -> None:
    first, second, _ = await do(
        outbox.add,
        [message("a", session="s", body='{"x":1}'), message("b", body='{"x":2}'), message("c", session="s")],
    )
    await do(outbox.sent_many, [(first.id, "900", NOW), (second.id, "901", NOW + 1)])
    assert await do(outbox.erase_session, "s") == 2
    assert await do(outbox.erase_session, "") == 0
    assert [one.body for one in await do(outbox.transcript, *CHAT)] == ["{}", '{"x":2}']
    assert await do(outbox.waiting) == []
    assert await do(outbox.purge, NOW + 1) == 1
    assert [one.key for one in await do(outbox.transcript, *CHAT)] == ["b"]


# People


async def test_a_person_is_known_by_their_address(do: Asks) -> None:
    first = await do(people.arrive, *CHAT, lang="en", at=NOW, source="poster", name_hint="Lan")
    assert (first.lang, first.first_source, first.reach) == ("en", "poster", "reachable")
    again = await do(people.arrive, *CHAT, lang="vi", at=NOW + 1, source="mail")
    assert again == replace(first, last_source="mail")
    assert await do(people.at_address, *CHAT) == again
    other = await do(people.arrive, "web", "1", "42", lang="vi", at=NOW)
    assert other.id != first.id
    assert await do(people.at_address, "web", "1", "43") is None
    assert await do(people.count) == 2


async def test_who_blocked_us_is_reachable_again_when_they_come(do: Asks) -> None:
    await do(people.arrive, *CHAT, lang="vi", at=NOW)
    assert await do(people.reach, *CHAT, "blocked", NOW + 1)
    assert (await do(people.at_address, *CHAT)).reach == "blocked"
    assert (await do(people.arrive, *CHAT, lang="vi", at=NOW + 2)).reach == "reachable"
    assert (await do(people.at_address, *CHAT)).reach == "reachable"
    assert not await do(people.reach, "web", "1", "nobody", "blocked", NOW)


async def test_a_person_may_have_several_addresses_a_language_and_no_name(do: Asks) -> None:
    person = await do(people.arrive, *CHAT, lang="vi", at=NOW, name_hint="Lan")
    await do(people.arrive, "web", "1", "w", lang="vi", at=NOW)
    await do(people.join, "web", "1", "w", person.id, NOW + 5)
    assert await do(people.addresses_of, person.id) == [("web", "1", "w"), CHAT]
    await do(people.speak, person.id, "en")
    await do(people.forget, person.id, NOW + 6)
    assert await do(people.moved, *CHAT, "-100", NOW + 7)
    found = await do(people.at_address, CHAT[0], CHAT[1], "-100")
    assert (found.id, found.lang, found.name_hint) == (person.id, "en", None)


async def test_a_web_link_leads_to_its_chat_until_it_expires(do: Asks) -> None:
    token = web_links.hash_of("a secret")
    person = await do(people.arrive, "web", "1", "w", lang="vi", at=NOW)
    await do(web_links.add, token, chat="w", at=NOW, expires_at=NOW + 10)
    assert (await do(web_links.find, token, NOW + 9)).person is None
    await do(web_links.bind, "w", person.id)
    assert await do(web_links.find, token, NOW + 9) == web_links.Link("w", person.id, NOW, NOW + 10)
    assert await do(web_links.find, token, NOW + 10) is None
    assert await do(web_links.find, "a secret", NOW) is None
    await do(web_links.extend, token, NOW + 20)
    assert await do(web_links.find, token, NOW + 10) is not None
    assert await do(web_links.purge, NOW + 20) == 0
    assert await do(web_links.revoke, "w") == 1
    assert await do(web_links.find, token, NOW) is None


# Surveys


async def test_a_published_version_never_changes(do: Asks) -> None:
    assert await do(surveys.publish, "intake", "1", '{"a":1}', NOW)
    assert not await do(surveys.publish, "intake", "1", '{"a":1}', NOW + 1)
    with pytest.raises(surveys.VersionTaken):
        await do(surveys.publish, "intake", "1", '{"a":2}', NOW + 2)
    current = await do(surveys.current, "intake")
    assert (current.version, current.body, current.published_at) == ("1", '{"a":1}', NOW)


async def test_one_version_is_current_and_one_can_go_back(do: Asks) -> None:
    await do(surveys.publish, "intake", "1", "{}", NOW)
    await do(surveys.publish, "intake", "2", '{"a":2}', NOW + 1)
    await do(surveys.publish, "other", "1", "{}", NOW + 2)
    assert (await do(surveys.current, "intake")).version == "2"
    assert [one.version for one in await do(surveys.versions, "intake")] == ["2", "1"]
    assert await do(surveys.set_current, "intake", "1")
    assert not await do(surveys.set_current, "intake", "9")
    assert (await do(surveys.current, "intake")).version == "1"
    assert await do(surveys.publish, "intake", "2", '{"a":2}', NOW + 3)
    assert (await do(surveys.current, "intake")).version == "2"
    assert [(one.name, one.current_version, one.open, one.position) for one in await do(surveys.listing)] == [
        ("intake", "2", True, 1),
        ("other", "1", True, 2),
    ]


async def test_a_retired_version_begins_nothing_but_can_still_be_read(do: Asks) -> None:
    await do(surveys.publish, "intake", "1", "{}", NOW)
    assert await do(surveys.retire, "intake", "1", NOW + 1)
    assert not await do(surveys.retire, "intake", "1", NOW + 2)
    assert await do(surveys.current, "intake") is None
    assert (await do(surveys.get, "intake", "1")).retired_at == NOW + 1
    assert await do(surveys.get, "intake", "2") is None
    assert await do(surveys.publish, "intake", "1", "{}", NOW + 3)
    assert (await do(surveys.current, "intake")).retired_at is None


async def test_a_survey_can_be_closed_and_moved_in_the_menu(do: Asks) -> None:
    for name in ("a", "b"):
        await do(surveys.publish, name, "1", "{}", NOW)
    assert await do(surveys.set_open, "a", is_open=False)
    assert not await do(surveys.set_open, "c", is_open=False)
    await do(surveys.set_position, "a", 9)
    assert [(one.name, one.open) for one in await do(surveys.listing)] == [("b", True), ("a", False)]
    assert await do(surveys.set_open, "a", is_open=True)
    assert (await do(surveys.listing))[1].open


# Sessions


def answer(raw: str, value: str | float | None = None, at: int = NOW) -> Answer:
    return Answer(raw, raw if value is None else value, "sure", at - 5, at, 2)


async def begin(do: Asks, session: Session, chat: tuple[str, str, str] = CHAT, at: int = NOW) -> str:
    person = await do(people.arrive, *chat, lang="vi", at=NOW)
    channel, bot, name = chat
    await do(sessions.create, session, channel=channel, bot=bot, chat=name, person=person.id, source="poster", at=at)
    return str(person.id)


def a_session(status: Status = Status.ASKING, **more: Any) -> Session:
    given: dict[str, Any] = {
        "id": new_id(NOW),
        "flow": "intake",
        "version": "1",
        "lang": "vi",
        "seed": 7,
        "started_at": NOW,
    }
    return Session(status=status, **given | more)


RICH: dict[str, Any] = {
    "at": "household/member[2]/age",
    "card": 9,
    "trail": ("name", "household/member[1]/age"),
    "repeats": {"household/member": Instances((1, 2), closed=True, next_id=3)},
    "draft": Draft(("a", "b"), 2, ("x",), ("1,5 tỷ", 1_500_000_000), 3, NOW),
    "visiting": True,
    "paused_from": Status.REVIEW,
    "revision": 12,
    "answers": {
        "name": answer("Nguyễn Thị Lan"),
        "household/member[1]/age": answer("40", 40, NOW + 1),
        "share": answer("0,1", 0.1, NOW + 2),
        "whole": answer("5", 5.0, NOW + 3),
        "skipped": Answer("", None, "none", NOW, NOW + 4),
    },
}


async def test_a_session_is_read_as_it_was_stored(do: Asks) -> None:
    stored = a_session(**RICH)
    person = await begin(do, stored)
    read = await do(sessions.load, stored.id)
    assert read == stored
    assert {path: type(one.value) for path, one in read.answers.items()} == {
        path: type(one.value) for path, one in stored.answers.items()
    }
    assert list(read.answers) == list(stored.answers)
    assert await do(sessions.load, "nobody's") is None
    assert await do(sessions.holder, stored.id) == sessions.Holder(person, *CHAT, "poster")
    assert await do(sessions.holder, "nobody's") is None


async def test_saving_writes_what_changed_and_remembers_what_was(do: Asks) -> None:
    before = a_session(answers={"a": answer("1"), "b": answer("2"), "c": answer("3")})
    await begin(do, before)
    after = replace(
        before, revision=1, at="d", answers={"a": answer("1"), "b": answer("hai", 2, NOW + 9), "d": answer("4")}
    )
    await do(sessions.save, before, after, NOW + 10)
    assert await do(sessions.load, before.id) == after
    history = await do(sessions.answer_history_of, before.id)
    assert [(row["path"], row["revision"], row["raw"], json.loads(row["value"]), row["at"]) for row in history] == [
        ("b", 0, "2", "2", NOW + 10),
        ("c", 0, "3", "3", NOW + 10),
    ]


async def test_a_session_that_went_on_meanwhile_is_not_overwritten(do: Asks) -> None:
    before = a_session()
    await begin(do, before)
    one = replace(before, revision=1, answers={"a": answer("one")})
    other = replace(before, revision=1, answers={"a": answer("other")})
    ended = await asyncio.gather(
        do(sessions.save, before, one, NOW), do(sessions.save, before, other, NOW), return_exceptions=True
    )
    assert [type(end) for end in ended].count(Stale) == 1
    won = other if isinstance(ended[0], Stale) else one
    assert await do(sessions.load, before.id) == won
    assert await do(sessions.answer_history_of, before.id) == []


@pytest.mark.parametrize("status", Status)
async def test_only_what_has_not_ended_is_open(do: Asks, status: Status) -> None:
    stored = a_session(status)
    person = await begin(do, stored)
    is_open = status in {Status.NEW, Status.CONSENT, Status.ASKING, Status.REVIEW, Status.PAUSED}
    assert await do(sessions.open_of, *CHAT) == (stored if is_open else None)
    assert await do(sessions.open_in_flow, person, "intake") == (stored if is_open else None)
    assert await do(sessions.open_in_flow, person, "another") is None
    assert await do(sessions.last_of, *CHAT) == stored
    assert await do(sessions.count_open, "intake") == ({"1": 1} if is_open else {})
    assert await do(sessions.untouched_since, NOW, 10) == ([(stored.id, NOW)] if is_open else [])
    assert await do(sessions.untouched_since, NOW - 1, 10) == []
    assert await do(sessions.touched_at, stored.id) == NOW
    assert await do(sessions.touched_at, "unknown") == 0
    assert await do(sessions.untouched_since, NOW, 10, NOW) == []


async def test_of_several_open_sessions_the_one_touched_last_is_meant(do: Asks) -> None:
    first, second, elsewhere = a_session(), a_session(), a_session()
    await begin(do, first, at=NOW)
    await begin(do, second, at=NOW + 1)
    await begin(do, elsewhere, ("telegram", "1", "43"), at=NOW + 2)
    assert (await do(sessions.open_of, *CHAT)).id == second.id
    moved_on = replace(first, revision=1)
    await do(sessions.save, first, moved_on, NOW + 5)
    assert await do(sessions.open_of, *CHAT) == moved_on
    await do(sessions.save, moved_on, replace(moved_on, revision=2, status=Status.SUBMITTED), NOW + 6)
    assert (await do(sessions.open_of, *CHAT)).id == second.id
    assert (await do(sessions.last_of, *CHAT)).id == first.id


async def test_a_session_can_go_on_somewhere_else(do: Asks) -> None:
    stored = a_session()
    await begin(do, stored)
    await do(sessions.move, stored.id, "web", "1", "w")
    assert await do(sessions.open_of, *CHAT) is None
    assert await do(sessions.open_of, "web", "1", "w") == stored


async def test_the_journal_gives_back_the_events(do: Asks) -> None:
    stored = a_session()
    await begin(do, stored)
    said = [Started(NOW, "vi"), Typed(NOW + 1, "xin chào", "name"), Typed(NOW + 2, "ok")]
    for number, event in enumerate(said, 1):
        await do(sessions.add_event, stored.id, number, event)
    assert await do(sessions.events_of, stored.id) == said


async def test_odd_text_in_answers_drafts_and_events_is_cleaned_not_refused(do: Asks) -> None:
    odd = "a\x00b\ud800c\x07"
    stored = a_session(draft=Draft(reading=(odd, odd)), answers={"a": answer(odd)})
    await begin(do, stored)
    await do(sessions.add_event, stored.id, 1, Typed(NOW, odd))
    read = await do(sessions.load, stored.id)
    fine = "a\ufffdb\ufffdc"
    assert (read.draft.reading, read.answers["a"].raw, read.answers["a"].value) == ((fine, fine), fine, fine)
    assert await do(sessions.events_of, stored.id) == [Typed(NOW, fine)]


async def test_nothing_that_was_said_is_left_once_it_is_erased(do: Asks, database: Database) -> None:
    before = a_session(answers={"a": answer("secret-1")}, draft=Draft(reading=("secret-2", "secret-2")))
    await begin(do, before)
    after = replace(before, revision=1, answers={"a": answer("secret-3")}, status=Status.WITHDRAWN)
    await do(sessions.add_event, before.id, 1, Typed(NOW, "secret-4"))
    await do(sessions.save, before, after, NOW + 1)
    await do(sessions.erase_answers, before.id)
    await do(sessions.erase_answers, "nobody's")
    left = await do(sessions.load, before.id)
    assert (left.status, left.revision, left.answers, left.draft) == (Status.WITHDRAWN, 1, {}, Draft())
    assert await do(sessions.answer_history_of, before.id) == []
    assert await do(sessions.events_of, before.id) == []
    assert "secret" not in repr(left)


# Consents, submissions, files


async def test_the_register_of_consents_tells_what_was_said_last(do: Asks) -> None:
    given = consents.Consent(
        id=new_id(NOW), session="s", person="p", purpose="process", given=True, notice_sha256="ab", text_shown="…",
        lang="vi", channel="telegram", message="900", button="Đồng ý", at=NOW, action="give",
    )  # fmt: skip
    taken_back = replace(given, id=new_id(NOW + 1), given=False, at=NOW + 1, action="withdraw")
    await do(consents.add, given)
    assert await do(consents.stands, "s", "process")
    await do(consents.add, taken_back)
    assert not await do(consents.stands, "s", "process")
    assert not await do(consents.stands, "s", "contact")
    assert await do(consents.of_session, "s") == [given, taken_back]
    assert await do(consents.of_person, "p") == [given, taken_back]


def a_submission(session: str, at: int = NOW, **more: Any) -> submissions.Submission:
    given = {"flow": "intake", "version": "1", "person": "p", "lang": "vi", "channel": "web", "record": "{}"}
    return submissions.Submission(id=new_id(at), session=session, submitted_at=at, **{"summary": "{}"} | given | more)


async def test_receipts_follow_one_another_within_a_year(do: Asks) -> None:
    new_year = 1_798_736_400_000  # 1 January 2027 in Hanoi, while it is still 2026 in Greenwich
    added = [await do(submissions.add, a_submission(f"s{at}", at)) for at in (NOW, NOW + 1, new_year - 1, new_year)]
    assert [one.receipt[:-2] for one in added] == ["HN-26-000001", "HN-26-000002", "HN-26-000003", "HN-27-000001"]
    assert await do(submissions.by_receipt, added[1].receipt) == added[1]
    assert await do(submissions.get, added[2].id) == added[2]
    assert await do(submissions.get, "none") is None


async def test_a_session_is_submitted_once(do: Asks) -> None:
    first = await do(submissions.add, a_submission("s", record='{"a":1}'))
    assert await do(submissions.add, a_submission("s", NOW + 5, record='{"a":2}')) == first
    assert (await do(submissions.add, a_submission("t"))).receipt.startswith("HN-26-000002")
    assert await do(submissions.count_by_flow) == {"intake": 2}


async def test_a_submission_that_is_undone_gives_its_number_back(do: Asks, database: Database) -> None:
    async def work(tx: Tx) -> None:
        await submissions.add(tx, a_submission("s"))
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(work)
    assert (await do(submissions.add, a_submission("t"))).receipt.startswith("HN-26-000001")


async def test_submissions_are_paged_without_repeats_or_gaps(do: Asks) -> None:
    added = [await do(submissions.add, a_submission(f"s{n}", NOW + n // 3, flow="ab"[n % 2])) for n in range(20)]
    order = sorted(added, key=lambda one: (one.submitted_at, one.id), reverse=True)
    seen: list[submissions.Submission] = []
    while page := await do(
        submissions.page, limit=6, **({"before": (seen[-1].submitted_at, seen[-1].id)} if seen else {})
    ):
        seen += page
    assert seen == order
    assert await do(submissions.page, flow="a") == [one for one in order if one.flow == "a"]
    within = await do(submissions.page, since=NOW + 2, until=NOW + 4)
    assert within == [one for one in order if NOW + 2 <= one.submitted_at < NOW + 4]
    streamed: list[submissions.Submission] = []
    while chunk := await do(
        submissions.following_on, "b", (streamed[-1].submitted_at, streamed[-1].id) if streamed else (0, ""), 3
    ):
        streamed += chunk
    assert streamed == [one for one in reversed(order) if one.flow == "b"]
    assert await do(submissions.of_person, "p") == order


async def test_staff_are_told_of_a_submission_once(do: Asks) -> None:
    added = await do(submissions.add, a_submission("s"))
    await do(submissions.noticed, added.id, NOW + 1)
    await do(submissions.noticed, added.id, NOW + 2)
    assert (await do(submissions.of_session, "s")).noticed_at == NOW + 1


async def test_files_belong_to_a_session_and_can_be_forgotten(do: Asks) -> None:
    first = files.File(id="f1", name="ảnh.jpg", mime="image/jpeg", size=3, sha256="ab", stored_as="f1.jpg", at=NOW)
    second = replace(first, id="f2", session="s", path="photo", stored_as="f2.jpg", at=NOW + 1)
    for one in (first, second):
        await do(files.add, one)
    assert await do(files.unattached, NOW + 9, 10) == [first]
    await do(files.attach, "f1", "s", "photo")
    assert await do(files.of_session, "s") == [replace(first, session="s", path="photo"), second]
    assert await do(files.get, "f2") == second
    assert sorted(await do(files.forget, "s")) == ["f1.jpg", "f2.jpg"]
    assert await do(files.get, "f2") is None


# Jobs


async def test_a_job_is_there_once_and_done_by_one(do: Asks) -> None:
    assert await do(jobs.put, "remind", "s1", NOW, '{"n":1}')
    assert not await do(jobs.put, "remind", "s1", NOW + 99)
    assert await do(jobs.put, "remind", "s2", NOW + 50)
    assert await do(jobs.put, "digest", "d", NOW)
    assert await do(jobs.next_due_at) == NOW
    assert await do(jobs.claim, "remind", NOW - 1, 1000) == []
    (claimed,) = await do(jobs.claim, "remind", NOW, 1000)
    assert claimed == jobs.Job("remind", "s1", NOW, 1, '{"n":1}')
    assert await do(jobs.claim, "remind", NOW + 999, 1000) == [jobs.Job("remind", "s2", NOW + 50, 1, "{}")]
    again = await do(jobs.claim, "remind", NOW + 1000, 1000)
    assert again == [replace(claimed, tries=2)]
    await do(jobs.done, "remind", "s1")
    await do(jobs.later, "remind", "s2", NOW + 5000)
    assert await do(jobs.claim, "remind", NOW + 4999, 1000) == []
    assert [one.key for one in await do(jobs.claim, "remind", NOW + 5000, 1000)] == ["s2"]


async def test_a_job_put_again_is_due_anew(do: Asks) -> None:
    await do(jobs.put, "digest", "d", NOW)
    await do(jobs.claim, "digest", NOW, 1000)
    await do(jobs.put_again, "digest", "d", NOW + 10, '{"n":2}')
    assert await do(jobs.get, "digest", "d") == jobs.Job("digest", "d", NOW + 10, 0, '{"n":2}')
    assert await do(jobs.get, "digest", "e") is None
    assert len(await do(jobs.claim, "digest", NOW + 10, 1000)) == 1


async def test_no_job_is_claimed_by_two(do: Asks) -> None:
    for number in range(40):
        await do(jobs.put, "remind", f"{number:02}", NOW + number)
    claims = await asyncio.gather(*(do(jobs.claim, "remind", NOW + 99, 1000, 10) for _ in range(6)))
    keys = [one.key for claim in claims for one in claim]
    assert sorted(keys) == [f"{number:02}" for number in range(40)]
    assert all(claim == sorted(claim, key=lambda one: one.due_at) for claim in claims)


async def test_numbers_are_given_out_without_gap_or_repeat(do: Asks) -> None:
    given = await asyncio.gather(*(do(counters.following, "receipt") for _ in range(30)))
    assert sorted(given) == list(range(1, 31))
    assert await do(counters.last, "receipt") == 30
    assert await do(counters.last, "other") == 0


# Staff


def a_member(login: str = "lan", **more: Any) -> staff.Member:
    given: dict[str, Any] = {"name": "Lan", "roles": frozenset({"staff", "admin"}), "created_at": NOW}
    return staff.Member(id=new_id(NOW), login=login, **given | more)


async def test_a_login_is_given_once(do: Asks) -> None:
    member = a_member()
    assert await do(staff.add, member)
    assert not await do(staff.add, a_member())
    assert await do(staff.by_login, "lan") == member
    assert await do(staff.get, member.id) == member
    assert await do(staff.by_login, "mai") is None
    await do(staff.set_roles, member.id, frozenset())
    assert await do(staff.listing) == [replace(member, roles=frozenset())]


async def test_a_sign_in_lasts_until_it_expires_is_closed_or_the_password_changes(do: Asks) -> None:
    member = a_member()
    await do(staff.add, member)
    await do(staff.open_session, "t1", member.id, NOW, NOW + 100)
    await do(staff.open_session, "t2", member.id, NOW, NOW + 100)
    await do(staff.seen, "t1", NOW + 7)
    found = await do(staff.session, "t1", NOW + 99)
    assert found == staff.SignIn(replace(member, last_in_at=NOW), NOW, NOW + 7, NOW + 100)
    assert await do(staff.session, "t1", NOW + 100) is None
    await do(staff.close_session, "t1")
    assert await do(staff.session, "t1", NOW) is None
    assert await do(staff.session, "t2", NOW) is not None
    await do(staff.set_password, member.id, "hash")
    assert await do(staff.session, "t2", NOW) is None
    assert (await do(staff.get, member.id)).password_hash == "hash"


async def test_who_is_disabled_is_out_at_once(do: Asks) -> None:
    member = a_member()
    await do(staff.add, member)
    await do(staff.open_session, "t1", member.id, NOW, NOW + 100)
    await do(staff.invite, "i1", member.id, NOW + 100)
    await do(staff.disable, member.id, NOW + 1)
    assert await do(staff.session, "t1", NOW + 2) is None
    assert await do(staff.use_invite, "i1", NOW + 2) is None
    assert not (await do(staff.get, member.id)).active


async def test_an_invitation_is_used_once_in_time_and_the_newest_counts(do: Asks) -> None:
    member = a_member()
    await do(staff.add, member)
    await do(staff.invite, "old", member.id, NOW + 100)
    await do(staff.invite, "new", member.id, NOW + 100)
    assert await do(staff.invited, "old", NOW) is None
    assert await do(staff.invited, "new", NOW + 100) is None
    assert await do(staff.invited, "new", NOW + 99) == member
    used = await asyncio.gather(*(do(staff.use_invite, "new", NOW + 99) for _ in range(5)))
    assert [one for one in used if one is not None] == [member]


async def test_failed_sign_ins_are_counted_by_login_and_address(do: Asks) -> None:
    for number in range(3):
        await do(staff.add_login_try, "lan", "10.0.0.1", NOW + number)
    await do(staff.add_login_try, "mai", "10.0.0.1", NOW)
    assert await do(staff.count_login_tries, "lan", "10.0.0.1", NOW) == 3
    assert await do(staff.count_login_tries, "lan", "10.0.0.1", NOW + 1) == 2
    assert await do(staff.count_login_tries, "lan", "10.0.0.2", NOW) == 0
    await do(staff.clear_login_tries, "lan", "10.0.0.1")
    assert await do(staff.count_login_tries, "lan", "10.0.0.1", NOW) == 0
    await do(staff.purge, NOW, NOW + 1)
    assert await do(staff.count_login_tries, "mai", "10.0.0.1", NOW) == 0


# The audit


async def record(do: Asks, count: int) -> list[int]:
    return [
        await do(audit.add, at=NOW + n, actor="lan", action="view", object=f"submission:{n}", detail={"n": n})
        for n in range(count)
    ]


async def test_the_audit_is_a_chain_without_gaps_also_when_many_write(do: Asks) -> None:
    assert await record(do, 3) == [1, 2, 3]
    numbers = await asyncio.gather(
        *(do(audit.add, at=NOW, actor="mai", action="export", object="intake") for _ in range(20))
    )
    assert sorted(numbers) == list(range(4, 24))
    assert await do(audit.verify) is None
    latest = await do(audit.latest, 2)
    assert [one.seq for one in latest] == [23, 22]
    assert latest[0].previous_hash == latest[1].hash
    assert [one.seq for one in await do(audit.latest, 5, 4)] == [3, 2, 1]


@pytest.mark.parametrize("column", ["at", "actor", "action", "object", "detail", "previous_hash", "hash"])
async def test_a_changed_audit_row_is_found(do: Asks, database: Database, column: str) -> None:
    from sqlalchemy import update  # noqa: PLC0415  # only a forger writes to this table like that

    from storage.schema import audit as table  # noqa: PLC0415  # as above

    await record(do, 5)
    value: object = NOW + 77 if column == "at" else "forged"

    async def forge(tx: Tx) -> None:
        await tx.run(update(table).where(table.c.seq == 3).values({column: value}))

    await database.write(forge)
    assert await do(audit.verify) == 3


@pytest.mark.parametrize(("gone", "found"), [(1, 1), (3, 3), (5, 5)])
async def test_a_deleted_audit_row_is_found(do: Asks, database: Database, gone: int, found: int) -> None:
    from sqlalchemy import delete  # noqa: PLC0415  # only a forger

    from storage.schema import audit as table  # noqa: PLC0415  # as above

    await record(do, 5)

    async def forge(tx: Tx) -> None:
        await tx.run(delete(table).where(table.c.seq == gone))

    await database.write(forge)
    assert await do(audit.verify) == found


async def test_odd_text_does_not_break_the_chain(do: Asks) -> None:
    await do(audit.add, at=NOW, actor="a\x00", action="b\ud800", object="c\x07", detail={"d\x00": ["\ud800"]})
    assert await do(audit.verify) is None
