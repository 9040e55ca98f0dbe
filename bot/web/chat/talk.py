"""A talk: its page, and what the person says in it."""

import json
import re
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.web.chat.desk import Desk
from bot.web.chat.refusal import PRIVATE, Refusal, spend
from bot.web.limits import Buckets
from bot.web.pages import language_of
from bot.web.uploads import BadForm, TooLarge, read_upload
from storage.db import StorageUnavailable

BODY_MAX: Final = 64 * 1024  # bytes of one event: 10,000 characters of text and what stands around them
TYPES: Final = frozenset(
    {"open", "typed", "tapped", "located", "spoke", "command"}
)  # what a page may say; files come by /files
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MEGABYTE: Final = 1024 * 1024


class Talk:
    """Its handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._events_of_chat = Buckets(burst=40, per_minute=120, clock=desk.house.clock)
        self._files_of_chat = Buckets(burst=10, per_minute=10, clock=desk.house.clock)

    async def page(self, request: Request) -> Response:
        """The page of a talk; what was said comes by its stream."""
        lang = language_of(request, self._desk.house.words)
        try:
            await self._desk.chat_of(request)
        except Refusal as refusal:
            return self._desk.problem_page(lang, refusal)
        except StorageUnavailable:
            return self._desk.problem_page(lang, Refusal(503, "unavailable", retry_s=5))
        settings = self._desk.house.settings
        return self._desk.pages.page(
            "chat/chat.html",
            lang,
            title=settings.programme_name,
            programme=settings.programme_name,
            data=self._desk.data(lang),
        )

    async def events(self, request: Request) -> Response:
        """One event of the page; 200 once it is on disk."""
        chat = await self._desk.chat_of(request)
        spend(self._events_of_chat, chat)
        text = await _body(request)
        key = _checked(text)
        await self._desk.accept(chat, key, text)
        return JSONResponse({"ok": True}, headers=PRIVATE)

    async def file(self, request: Request) -> Response:
        """One file; 200 once it and the event that brings it are on disk."""
        chat = await self._desk.chat_of(request)
        spend(self._files_of_chat, chat)
        try:
            upload = await read_upload(request, max_bytes=self._desk.house.settings.upload_max_mb * _MEGABYTE)
        except TooLarge:
            raise Refusal(413, "too_large") from None
        except BadForm:
            raise Refusal(400, "bad_form") from None
        key = upload.fields.get("key", "")
        if not _KEY.fullmatch(key):
            raise Refusal(400, "bad_form")
        ref = await self._desk.house.files.keep(upload.content, upload.name, upload.mime)
        body = {
            "type": "sent",
            "media": upload.media,
            "file": ref.id,
            "name": ref.name,
            "mime": ref.mime,
            "size": ref.size,
            "sha256": ref.sha256,
            "caption": "",
            "card": upload.fields.get("card", ""),
        }
        await self._desk.accept(chat, key, json.dumps(body, ensure_ascii=False))
        return JSONResponse({"ok": True, "file": ref.id}, headers=PRIVATE)


async def _body(request: Request) -> str:
    """The body as text, read no further than it may be long."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > BODY_MAX:
            raise Refusal(413, "too_large")
    try:
        return read.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "bad_event") from None


def _checked(text: str) -> str:
    """The key of an event that a page may send."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(400, "bad_event") from None
    if not isinstance(event, dict) or event.get("type") not in TYPES:
        raise Refusal(400, "bad_event")
    key = event.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Refusal(400, "bad_event")
    return key
