"""The statements that run all day find their rows by an index, also when the tables are full."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.sql.base import Executable

from storage import (
    amendments,
    audit,
    consents,
    console,
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
from storage.db import Database, Tx, open_database
from storage.statements import Statements

HOT: dict[str, Executable] = {
    "what waits in the inbox": inbox._UNDONE,
    "the oldest that waits": inbox._OLDEST,
    "how many wait": inbox._COUNT,
    "whether one waits": inbox._IS_UNDONE,
    "one is done": inbox._DONE,
    "one has failed": inbox._FAILED,
    "one is buried": inbox._BURY,
    "the dead": inbox._DEAD,
    "emptying a chat": inbox._ERASE,
    "old updates": inbox._PURGE,
    "what waits in the outbox": outbox._WAITING,
    "how many messages wait": outbox._COUNT,
    "one is sent": outbox._SENT,
    "one has failed for good": outbox._FAILED,
    "one waits longer": outbox._LATER,
    "the message of a card": outbox._OF_CARD,
    "a transcript": outbox._TRANSCRIPT,
    "the failures": outbox._FAILURES,
    "dropping a chat": outbox._DROP_CHAT,
    "a message by its key": outbox._BY_KEY,
    "emptying a session's messages": outbox._ERASE,
    "a session": sessions._LOAD,
    "saving a session": sessions._SAVE,
    "the open session": sessions._OPEN_OF,
    "the last session": sessions._LAST_OF,
    "the open session of a person": sessions._OPEN_IN_FLOW,
    "who has been silent": sessions._UNTOUCHED,
    "its answers": sessions._ANSWERS_OF,
    "an answer that falls away": sessions._DROP,
    "an answer that is remembered": sessions._REMEMBER,
    "the history": sessions._HISTORY_OF,
    "the journal": sessions._EVENTS_OF,
    "a person": people._AT,
    "the addresses of a person": people._ADDRESSES_OF,
    "a link": web_links._FIND,
    "the links of a chat": web_links._BIND,
    "the current version": surveys._CURRENT,
    "a version": surveys._GET,
    "the consents of a session": consents._OF_SESSION,
    "the submission of a session": submissions._OF_SESSION,
    "a submission by its receipt": submissions._BY_RECEIPT,
    "a page of submissions": submissions._PAGE,
    "a page of a flow's submissions": submissions._PAGE_OF_FLOW,
    "the next of a flow's submissions": submissions._FOLLOWING,
    "the requests about a submission": amendments._OF_SUBMISSION,
    "what waits for a decision": amendments._WAITING,
    "a closed draft": sessions._CLOSED_IN_FLOW,
    "the page of drafts": console._DRAFTS,
    "the page of closed drafts": console._DRAFTS_CLOSED,
    "how many drafts are open": console._DRAFTS_OPEN,
    "how many came today": console._CAME,
    "how many corrections wait": console._ASKED,
    "the files of a session": files._OF_SESSION,
    "the next job": jobs._NEXT,
    "claiming jobs": jobs._CLAIM,
    "a sign-in": staff._SESSION,
    "failed sign-ins": staff._COUNT_TRIES,
    "the last of the audit": audit._LATEST,
    "the audit in order": audit._AFTER,
}


@pytest.fixture
async def database(ready_file: Path) -> AsyncIterator[Database]:
    opened = await open_database(f"sqlite:///{ready_file}", free_mb=1)
    yield opened
    await opened.close()


@pytest.mark.parametrize("what", HOT)
async def test_sqlite_searches_by_an_index_and_scans_no_table(database: Database, what: str) -> None:
    plan = await explained(database, HOT[what])
    inner = {
        f"SCAN {line.split()[1]}" for line in plan if line.startswith("CO-ROUTINE")
    }  # rows found by an index already
    scans = [line for line in plan if line.startswith("SCAN") and " USING " not in line and line not in inner]
    assert scans == [], plan


@pytest.mark.parametrize(
    ("what", "index"),
    [
        ("what waits in the inbox", "ix_inbox_undone"),
        ("the oldest that waits", "ix_inbox_undone"),
        ("how many wait", "ix_inbox_undone"),
        ("the dead", "ix_inbox_dead"),
        ("what waits in the outbox", "ix_outbox_waiting"),
        ("how many messages wait", "ix_outbox_waiting"),
        ("the failures", "ix_outbox_failed"),
        ("the message of a card", "ix_outbox_card"),
        ("a transcript", "ix_outbox_chat"),
        ("who has been silent", "ix_sessions_open_touched_at"),
        ("claiming jobs", "ix_jobs_kind_due_at_key"),
        ("the next job", "ix_jobs_due_at"),
        ("old updates", "ix_inbox_done_at"),
    ],
)
async def test_what_must_stay_small_is_served_by_its_own_index(database: Database, what: str, index: str) -> None:
    plan = await explained(database, HOT[what])
    assert any(index in line for line in plan), plan


async def explained(database: Database, statement: Executable) -> list[str]:
    prepared = Statements("sqlite").prepared(statement)
    sql, names = f"EXPLAIN QUERY PLAN {prepared.sql}", iter(range(len(prepared.order)))
    while "?" in sql:
        sql = sql.replace("?", f":p{next(names)}", 1)
    given: dict[str, Any] = {f"p{number}": 1 for number in range(len(prepared.order))}

    async def read(tx: Tx) -> list[str]:
        return [row["detail"] for row in await tx.all(text(sql), **given)]

    return await database.read(read)
