"""What the writer remembers is what the database holds, whoever else writes and whatever is undone."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flows.session import Answer, Session, Status
from storage import people, sessions
from storage.db import Database, Tx
from storage.memory import Memory
from storage.sqlite import SqliteDatabase, connect, open_sqlite

AT = 1_790_000_000_000
ADDRESS = ("telegram", "1", "7")


def asking(id_: str = "s1") -> Session:
    return Session(id_, "f", "1", "vi", seed=1, status=Status.ASKING)


def answered(session: Session, said: str, path: str = "q") -> Session:
    one = Answer(said, said, "sure", AT, AT)
    return replace(session, answers={**session.answers, path: one}, revision=session.revision + 1)


@pytest.fixture
async def db(ready_file: Path) -> Any:
    async def nothing() -> None:
        return

    opened = await open_sqlite(ready_file, busy_ms=1000, readers=1, let_go=nothing)

    async def begin(tx: Tx) -> None:
        person = await people.arrive(tx, *ADDRESS, lang="vi", at=AT)
        await sessions.create(
            tx, asking(), channel=ADDRESS[0], bot=ADDRESS[1], chat=ADDRESS[2], person=person.id, at=AT
        )

    await opened.write(begin)
    yield opened
    await opened.close()


async def remembered(db: Database) -> Session | None:
    """As the writer sees it, from memory where it can."""
    return await db.write(lambda tx: sessions.open_of(tx, *ADDRESS))


async def stored(db: Database) -> Session | None:
    """As it lies in the file."""
    return await db.read(lambda tx: sessions.open_of(tx, *ADDRESS))


async def test_a_session_is_read_once_and_then_remembered(db: SqliteDatabase) -> None:
    first, second = await remembered(db), await remembered(db)
    assert first is second
    assert first == await stored(db)


async def test_what_was_rolled_back_is_not_remembered(db: SqliteDatabase) -> None:
    before = await remembered(db)
    assert before is not None

    async def fails(tx: Tx) -> None:
        await sessions.save(tx, before, answered(before, "lost"), AT)
        inside = await sessions.open_of(tx, *ADDRESS)
        assert inside is not None
        assert inside.answers["q"].raw == "lost"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.write(fails)
    assert await remembered(db) == before == await stored(db)


async def test_another_process_that_writes_is_noticed(db: SqliteDatabase) -> None:
    before = await remembered(db)
    assert before is not None
    with closing(connect(db.path)) as other:
        (state,) = other.execute("SELECT state FROM sessions").fetchone()
        changed = json.dumps({**json.loads(state), "lang": "en"})
        other.execute("UPDATE sessions SET state = ?", (changed,))
    now = await remembered(db)
    assert now is not None
    assert now.lang == "en"


async def test_the_session_touched_last_is_the_one_remembered(db: SqliteDatabase) -> None:
    first = await remembered(db)
    assert first is not None

    async def two(tx: Tx) -> None:
        person = await people.arrive(tx, *ADDRESS, lang="vi", at=AT)
        chat = {"channel": ADDRESS[0], "bot": ADDRESS[1], "chat": ADDRESS[2]}
        await sessions.create(tx, asking("s2"), **chat, person=person.id, at=AT + 1)

    await db.write(two)
    assert (await remembered(db)) == asking("s2")

    async def back(tx: Tx) -> None:
        await sessions.save(tx, first, answered(first, "again"), AT + 2)

    await db.write(back)
    found = await remembered(db)
    assert found is not None
    assert found.id == "s1"

    async def ends(tx: Tx) -> None:
        await sessions.save(tx, found, replace(found, status=Status.SUBMITTED, revision=found.revision + 1), AT + 3)

    await db.write(ends)
    assert (await remembered(db)) == asking("s2") == await stored(db)


@pytest.mark.parametrize("said", ["a\x00b", "a\x07b", "a\ud800b"], ids=["nul", "bell", "half a character"])
async def test_words_that_are_stored_cleaned_are_remembered_cleaned(db: SqliteDatabase, said: str) -> None:
    before = await remembered(db)
    assert before is not None

    async def put(tx: Tx) -> None:
        await sessions.save(tx, before, answered(before, said), AT)

    await db.write(put)
    found = await remembered(db)
    assert found == await stored(db)
    assert found is not None
    assert found.answers["q"].raw != said


async def test_what_is_erased_or_moved_is_forgotten(db: SqliteDatabase) -> None:
    before = await remembered(db)
    assert before is not None

    async def said(tx: Tx) -> None:
        await sessions.save(tx, before, answered(before, "secret"), AT)

    await db.write(said)
    await db.write(lambda tx: sessions.erase_answers(tx, "s1"))
    found = await remembered(db)
    assert found is not None
    assert found.answers == {}
    await db.write(lambda tx: sessions.move(tx, "s1", "web", "web", "c9"))
    assert await remembered(db) is None


def test_the_oldest_make_room() -> None:
    memory = Memory(2)
    for name in "abc":
        memory.put(name, name)
        memory.job_done()
        memory.group_done()
    assert [memory.get(name) for name in "abc"] == [None, "b", "c"]
