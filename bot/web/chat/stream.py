"""A talk as it goes out: server-sent events, from the first row or from where the page left off."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.channels.web import BOT, CHANNEL
from bot.web.chat.desk import Desk
from bot.web.chat.refusal import PRIVATE, Refusal
from storage import outbox
from storage.db import StorageUnavailable, Tx
from storage.outbox import Message

BATCH: Final = 200  # rows of a talk read at once
HEARTBEAT_S: Final = (
    20.0  # proxies close what is silent for 30 or 60 seconds; also how often a talk is looked at unasked
)
RETRY_MS: Final = 2000  # after which a browser connects again
STREAMS_MAX: Final = 8  # open pages of one talk
_ERASED: Final = frozenset({"", "{}"})  # what is left of a message whose session was forgotten


class Stream:
    """Its handler."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def stream(self, request: Request) -> Response:
        """The talk as server-sent events: all of it, or what came after the last one that the page has."""
        chat = await self._desk.chat_of(request)
        if self._desk.house.bell.listeners(chat) >= STREAMS_MAX:
            raise Refusal(429, "too_many", retry_s=10)
        after = _after(request)
        return StreamingResponse(
            self._told_to(chat, after), media_type="text/event-stream", headers={**PRIVATE, "X-Accel-Buffering": "no"}
        )

    async def _told_to(self, chat: str, after: int) -> AsyncIterator[str]:
        """Rows as they are, then "ready", then rows as they come; ends when the house stops."""
        yield f"retry: {RETRY_MS}\n\n"
        with self._desk.house.bell.listening(chat) as ear:
            ready = False
            while not self._desk.house.stopping.is_set():
                try:
                    rows = await self._rows(chat, after)
                except StorageUnavailable:
                    return  # the browser comes again by itself
                for row in rows:
                    after = row.id
                    if row.body not in _ERASED:
                        yield _event(row)
                await self._mark(rows)
                if len(rows) == BATCH:
                    continue
                if not ready:
                    ready = True
                    yield "event: ready\ndata: {}\n\n"
                if not await _either(ear.wait(HEARTBEAT_S), self._desk.house.stopping):
                    yield ": still here\n\n"

    async def _rows(self, chat: str, after: int) -> Sequence[Message]:
        async def read(tx: Tx) -> Sequence[Message]:
            return await outbox.transcript(tx, CHANNEL, BOT, chat, after, BATCH)

        return await self._desk.house.db.read(read)

    async def _mark(self, rows: Sequence[Message]) -> None:
        """Note that the rows were shown; a page that was told them twice does no harm, so a failure here is none."""
        waiting = [(row.id, "", self._desk.house.clock()) for row in rows if row.state == "waiting"]
        if not waiting:
            return

        async def write(tx: Tx) -> None:
            await outbox.sent_many(tx, waiting)

        try:
            await self._desk.house.db.write(write)
        except StorageUnavailable:
            return


def _after(request: Request) -> int:
    """The last row that the page has: from the browser when it reconnects, else as the script says."""
    told = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 18 else 0


def _event(row: Message) -> str:
    """A row as a server-sent event; JSON has no line breaks of its own, so one data line holds it."""
    data = f'{{"id":{row.id},"method":{json.dumps(row.method)},"card":{json.dumps(row.card)},"body":{_one_line(row.body)}}}'
    return f"id: {row.id}\nevent: row\ndata: {data}\n\n"


def _one_line(body: str) -> str:
    """JSON as it was kept, without the line breaks that another writer may have laid it out with."""
    return body.replace("\r", " ").replace("\n", " ")


async def _either(heard: Awaitable[bool], stopping: asyncio.Event) -> bool:
    """Whether the bell rang or the house stops; False when neither happened in time."""
    ear, stop = asyncio.ensure_future(heard), asyncio.ensure_future(stopping.wait())
    try:
        done, _ = await asyncio.wait({ear, stop}, return_when=asyncio.FIRST_COMPLETED)
        return stop in done or ear.result()
    finally:
        ear.cancel()
        stop.cancel()
