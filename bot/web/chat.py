"""The web chat's routes: a first page, a link that is a talk, events in, the talk as a stream out."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.channels.base import Update
from bot.channels.web import BOT, CHANNEL
from bot.files import FileRef
from bot.i18n import LANGUAGES, Words
from bot.web.bell import Bell
from bot.web.limits import Buckets, client_of
from bot.web.pages import HEADERS, Pages, language_of
from bot.web.uploads import BadForm, TooLarge, read_upload
from flows.model import Text
from storage import links, outbox, web_links
from storage.db import Database, StorageUnavailable, Tx
from storage.ids import new_id
from storage.outbox import Message

LINK_DAYS: Final = 30  # without a visit, after which a link is forgotten
BODY_MAX: Final = 64 * 1024  # bytes of one event: 10,000 characters of text and what stands around them
BATCH: Final = 200  # rows of a talk read at once
HEARTBEAT_S: Final = (
    20.0  # proxies close what is silent for 30 or 60 seconds; also how often a talk is looked at unasked
)
RETRY_MS: Final = 2000  # after which a browser connects again
STREAMS_MAX: Final = 8  # open pages of one talk
TYPES: Final = frozenset(
    {"open", "typed", "tapped", "located", "spoke", "command"}
)  # what a page may say; files come by /files
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LINK: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")  # a deep link's token or code
_ERASED: Final = frozenset({"", "{}"})  # what is left of a message whose session was forgotten
_DAY_MS: Final = 24 * 60 * 60 * 1000
_MEGABYTE: Final = 1024 * 1024

# What the page's scripts say by themselves; the holes are filled there.
SCRIPT_WORDS: Final = (
    "acknowledge", "as_typed", "at_least", "at_most", "begun", "between", "choose_audio", "choose_file", "choose_image",
    "choose_video", "continue", "copied", "copy", "copy_by_hand", "copy_link", "dark", "done", "done_n", "edit_line",
    "exactly", "file_failed", "file_limit", "file_limits", "file_sent", "file_too_large", "forget", "help", "link_copied",
    "link_gone", "menu", "no_place", "none_found", "offline", "other_language", "other_surveys", "page_after",
    "page_before", "pick_date", "pick_time", "place", "privacy", "problem.failed", "progress_label", "rank_done",
    "rank_more", "receipt", "send", "several", "share_place", "standing", "stars", "steps", "stop", "stop_no",
    "stop_sure", "stop_yes", "talk", "type_date", "type_datetime", "type_decimal", "type_email", "type_find", "type_free",
    "type_integer", "type_money", "type_reason", "type_search", "type_tel", "type_text", "type_time", "uploading", "uploading_name",
    "waiting", "why",
)  # fmt: skip
HOLES: Final = ("answer", "count", "kinds", "label", "least", "mb", "most", "name", "raw")


class ChatSettings(Protocol):
    """The settings that the web chat reads."""

    @property
    def programme_name(self) -> str: ...  # noqa: D102 — told where settings are
    @property
    def programme_contact(self) -> str: ...  # noqa: D102
    @property
    def upload_max_mb(self) -> int: ...  # noqa: D102
    @property
    def trust_proxy(self) -> bool: ...  # noqa: D102
    @property
    def web_base_url(self) -> str: ...  # noqa: D102


class Accepts(Protocol):
    """The way in."""

    async def accept(self, updates: Sequence[Update], /) -> None:
        """Returns once they are on disk; raises `StorageUnavailable` when they are not."""
        ...


class Offers(Protocol):
    """The surveys there are."""

    def open_flows(self) -> list[tuple[str, Text, Text]]:
        """(name, title, welcome) of each that people may begin here."""
        ...


class Keeps(Protocol):
    """Where files go."""

    async def keep(self, content: bytes, name: str, mime: str, /) -> FileRef:
        """On disk, under a name of our own; raises OSError when the disk will not."""
        ...


class ChatHouse(Protocol):
    """What the web chat needs of the house."""

    @property
    def settings(self) -> ChatSettings: ...  # noqa: D102 — as in bot/app.py
    @property
    def db(self) -> Database: ...  # noqa: D102
    @property
    def words(self) -> Words: ...  # noqa: D102
    @property
    def clock(self) -> Callable[[], int]: ...  # noqa: D102
    @property
    def intake(self) -> Accepts: ...  # noqa: D102
    @property
    def library(self) -> Offers: ...  # noqa: D102
    @property
    def files(self) -> Keeps: ...  # noqa: D102
    @property
    def bell(self) -> Bell: ...  # noqa: D102
    @property
    def stopping(self) -> asyncio.Event: ...  # noqa: D102
    @property
    def telegram_username(self) -> str: ...  # noqa: D102


def routes(house: ChatHouse) -> list[BaseRoute]:
    """The web chat's routes; `bot.web.pages.static_route` serves what its pages load."""
    chat = _Chat(house)
    return [
        Route("/", chat.landing, methods=["GET"]),
        Route("/k/{link}", chat.by_link, methods=["GET"]),
        Route("/start", chat.start, methods=["POST"]),
        Route("/c/{token}", chat.page, methods=["GET"]),
        Route("/c/{token}/events", chat.events, methods=["POST"]),
        Route("/c/{token}/files", chat.file, methods=["POST"]),
        Route("/c/{token}/stream", chat.stream, methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Refusal(Exception):
    """A request that is not taken: its status, the words for it, and when to come again."""

    status: int
    code: str
    retry_s: int = 0


Handler = Callable[["_Chat", Request], Awaitable[Response]]


def _told(handler: Handler) -> Handler:
    """Refusals of a handler as a JSON problem (RFC 9457) with words in the reader's language."""

    async def wrapped(self: "_Chat", request: Request) -> Response:
        try:
            return await handler(self, request)
        except _Refusal as refusal:
            return self.problem(request, refusal)
        except (StorageUnavailable, OSError):
            return self.problem(request, _Refusal(503, "unavailable", retry_s=5))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it

    return wrapped


class _Chat:
    """The handlers, and what they share."""

    def __init__(self, house: ChatHouse) -> None:
        self.house = house
        self.pages = Pages(house.words)
        # A workshop of forty people may stand behind one address; a guesser of links needs far more than this.
        self.starts = Buckets(burst=60, per_minute=30, clock=house.clock)
        self.guesses = Buckets(burst=20, per_minute=10, clock=house.clock)
        self.events_of_chat = Buckets(burst=40, per_minute=120, clock=house.clock)
        self.files_of_chat = Buckets(burst=10, per_minute=10, clock=house.clock)

    # Pages.

    async def landing(self, request: Request) -> Response:
        """The surveys that may be begun."""
        return self._landing(language_of(request, self.house.words))

    async def by_link(self, request: Request) -> Response:
        """The survey that a deep link leads to; looking at the page does not use the link up, beginning does."""
        lang, link = language_of(request, self.house.words), request.path_params["link"]
        try:
            flow = await self._led_to(request, link)
        except _Refusal as refusal:
            return self._problem_page(lang, refusal)
        except StorageUnavailable:
            return self._problem_page(lang, _Refusal(503, "unavailable", retry_s=5))
        return self._landing(lang, flow, link)

    async def _led_to(self, request: Request, link: str) -> str:
        """The open flow that a deep link's token or code leads to; whoever tries too many has to wait."""
        who = client_of(request, trust_proxy=self.house.settings.trust_proxy)
        if wait_s := self.guesses.empty(who):
            raise _Refusal(429, "too_many", retry_s=wait_s)
        now, flow = self.house.clock(), None
        if _LINK.fullmatch(link):
            flow = await self.house.db.read(lambda tx: links.flow_of(tx, link, now))
        if flow is None or flow not in {name for name, _, _ in self.house.library.open_flows()}:
            self.guesses.take(who)
            raise _Refusal(404, "no_deep_link")
        return flow

    def _landing(self, lang: str, only: str = "", link: str = "") -> Response:
        surveys = [
            {"name": name, "title": _in(title, lang), "welcome": first_words(_in(welcome, lang))}
            for name, title, welcome in self.house.library.open_flows()
            if only in {"", name}
        ]
        settings = self.house.settings
        return self.pages.page(
            "chat/landing.html",
            lang,
            title=settings.programme_name,
            programme=settings.programme_name,
            contact=settings.programme_contact,
            telegram=self.house.telegram_username,
            surveys=surveys,
            link=link,
            here=f"/k/{link}" if link else "/",
            data=self._data(lang),
        )

    async def start(self, request: Request) -> Response:
        """Make a link, let the survey be opened as by any other update, and send the person there."""
        lang = language_of(request, self.house.words)
        try:
            begin, lang = await self._start_form(request)
            token = await self._begin(begin)
        except _Refusal as refusal:
            return self._problem_page(lang, refusal)
        except StorageUnavailable:
            return self._problem_page(lang, _Refusal(503, "unavailable", retry_s=5))
        return RedirectResponse(f"/c/{token}", 303, headers={**HEADERS, "Cache-Control": "no-store"})

    async def page(self, request: Request) -> Response:
        """The page of a talk; what was said comes by its stream."""
        lang = language_of(request, self.house.words)
        try:
            await self._chat_of(request)
        except _Refusal as refusal:
            return self._problem_page(lang, refusal)
        except StorageUnavailable:
            return self._problem_page(lang, _Refusal(503, "unavailable", retry_s=5))
        settings = self.house.settings
        return self.pages.page(
            "chat/chat.html",
            lang,
            title=settings.programme_name,
            programme=settings.programme_name,
            data=self._data(lang),
        )

    # In.

    @_told
    async def events(self, request: Request) -> Response:
        """One event of the page; 200 once it is on disk."""
        chat = await self._chat_of(request)
        _spend(self.events_of_chat, chat)
        text = await _body(request)
        key = _checked(text)
        await self._accept(chat, key, text)
        return JSONResponse({"ok": True}, headers=_PRIVATE)

    @_told
    async def file(self, request: Request) -> Response:
        """One file; 200 once it and the event that brings it are on disk."""
        chat = await self._chat_of(request)
        _spend(self.files_of_chat, chat)
        try:
            upload = await read_upload(request, max_bytes=self.house.settings.upload_max_mb * _MEGABYTE)
        except TooLarge:
            raise _Refusal(413, "too_large") from None
        except BadForm:
            raise _Refusal(400, "bad_form") from None
        key = upload.fields.get("key", "")
        if not _KEY.fullmatch(key):
            raise _Refusal(400, "bad_form")
        ref = await self.house.files.keep(upload.content, upload.name, upload.mime)
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
        await self._accept(chat, key, json.dumps(body, ensure_ascii=False))
        return JSONResponse({"ok": True, "file": ref.id}, headers=_PRIVATE)

    async def _accept(self, chat: str, key: str, body: str) -> None:
        await self.house.intake.accept([Update(CHANNEL, BOT, f"{chat}:{key}", chat, body, self.house.clock())])

    # Out.

    @_told
    async def stream(self, request: Request) -> Response:
        """The talk as server-sent events: all of it, or what came after the last one that the page has."""
        chat = await self._chat_of(request)
        if self.house.bell.listeners(chat) >= STREAMS_MAX:
            raise _Refusal(429, "too_many", retry_s=10)
        after = _after(request)
        return StreamingResponse(
            self._told_to(chat, after), media_type="text/event-stream", headers={**_PRIVATE, "X-Accel-Buffering": "no"}
        )

    async def _told_to(self, chat: str, after: int) -> AsyncIterator[str]:
        """Rows as they are, then "ready", then rows as they come; ends when the house stops."""
        yield f"retry: {RETRY_MS}\n\n"
        with self.house.bell.listening(chat) as ear:
            ready = False
            while not self.house.stopping.is_set():
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
                if not await _either(ear.wait(HEARTBEAT_S), self.house.stopping):
                    yield ": still here\n\n"

    async def _rows(self, chat: str, after: int) -> Sequence[Message]:
        async def read(tx: Tx) -> Sequence[Message]:
            return await outbox.transcript(tx, CHANNEL, BOT, chat, after, BATCH)

        return await self.house.db.read(read)

    async def _mark(self, rows: Sequence[Message]) -> None:
        """Note that the rows were shown; a page that was told them twice does no harm, so a failure here is none."""
        waiting = [(row.id, "", self.house.clock()) for row in rows if row.state == "waiting"]
        if not waiting:
            return

        async def write(tx: Tx) -> None:
            await outbox.sent_many(tx, waiting)

        try:
            await self.house.db.write(write)
        except StorageUnavailable:
            return

    # Links.

    async def _chat_of(self, request: Request) -> str:
        """The talk that a link opens; whoever tries too many links has to wait."""
        who = client_of(request, trust_proxy=self.house.settings.trust_proxy)
        if wait_s := self.guesses.empty(who):
            raise _Refusal(429, "too_many", retry_s=wait_s)
        token_hash, now = web_links.hash_of(request.path_params["token"]), self.house.clock()

        async def read(tx: Tx) -> web_links.Link | None:
            return await web_links.find(tx, token_hash, now)

        link = await self.house.db.read(read)
        if link is None:
            self.guesses.take(who)
            raise _Refusal(404, "no_link")
        if link.expires_at - now < (LINK_DAYS - 1) * _DAY_MS:
            await self._extend(token_hash, now)
        return link.chat

    async def _extend(self, token_hash: str, now: int) -> None:
        """A link that is in use lives on: a draft of three weeks ago must not die in the middle of an answer."""

        async def write(tx: Tx) -> None:
            await web_links.extend(tx, token_hash, now + LINK_DAYS * _DAY_MS)

        await self.house.db.write(write)

    async def _start_form(self, request: Request) -> tuple[dict[str, str], str]:
        """(what begins the talk, language) of the form on the first page."""
        if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            raise _Refusal(403, "foreign")
        length = request.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and int(length) <= 4096):
            raise _Refusal(413, "too_large")
        if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
            raise _Refusal(400, "bad_form")
        form = await request.form()
        flow, lang = form.get("flow"), form.get("lang")
        if not isinstance(flow, str) or flow not in {name for name, _, _ in self.house.library.open_flows()}:
            raise _Refusal(404, "no_survey")
        _spend(self.starts, client_of(request, trust_proxy=self.house.settings.trust_proxy))
        spoken = self.house.words.language(lang if isinstance(lang, str) else None)
        link = form.get("link")
        if isinstance(link, str) and _LINK.fullmatch(link):
            return {"type": "command", "name": "start", "argument": link, "lang": spoken}, spoken
        return {"type": "open", "flow": flow, "lang": spoken}, spoken

    async def _begin(self, begin: Mapping[str, str]) -> str:
        token, chat, now = secrets.token_urlsafe(24), new_id(), self.house.clock()

        async def write(tx: Tx) -> None:
            await web_links.add(tx, web_links.hash_of(token), chat=chat, at=now, expires_at=now + LINK_DAYS * _DAY_MS)

        await self.house.db.write(write)
        await self._accept(chat, "begin", json.dumps(begin))
        return token

    # Words.

    def _data(self, lang: str) -> dict[str, Any]:
        """What the page's scripts need to know: words of every language of ours, and a few settings."""
        holes = {hole: "{" + hole + "}" for hole in HOLES}
        told = {
            code: {f"web.{key}": self.house.words.say(code, f"web.{key}", **holes) for key in SCRIPT_WORDS}
            for code in LANGUAGES
        }
        return {"lang": lang, "words": told, "settings": {"uploadMaxMb": self.house.settings.upload_max_mb}}

    def problem(self, request: Request, refusal: _Refusal) -> Response:
        """A refusal for a script."""
        title = self.house.words.say(
            language_of(request, self.house.words), f"web.problem.{refusal.code}", **self._facts()
        )
        body = {"type": f"urn:khaosat:{refusal.code}", "title": title, "status": refusal.status}
        return JSONResponse(
            body, refusal.status, headers={**_PRIVATE, **_retry(refusal)}, media_type="application/problem+json"
        )

    def _problem_page(self, lang: str, refusal: _Refusal) -> Response:
        say = self.house.words.say
        response = self.pages.page(
            "chat/problem.html",
            lang,
            refusal.status,
            title=say(lang, f"web.problem.{refusal.code}", **self._facts()),
            remedy=say(lang, "web.problem_remedy", contact=self.house.settings.programme_contact),
        )
        response.headers.update(_retry(refusal))
        return response

    def _facts(self) -> dict[str, str | int]:
        return {"mb": self.house.settings.upload_max_mb}


_PRIVATE: Final[Mapping[str, str]] = {**HEADERS, "Cache-Control": "no-store"}


def first_words(text: str, least: int = 40) -> str:
    """The first sentence that says something, with the greeting before it.

    >>> first_words("Chào anh/chị! Khảo sát gồm khoảng 25 câu, mất chừng 7 phút. Anh/chị có thể dừng bất cứ lúc nào.")
    'Chào anh/chị! Khảo sát gồm khoảng 25 câu, mất chừng 7 phút.'
    """
    told = ""
    for sentence in re.split(r"(?<=[.!?…])\s+", text.strip()):
        told = f"{told} {sentence}".strip()
        if len(told) >= least:
            break
    return told


def _retry(refusal: _Refusal) -> dict[str, str]:
    return {"Retry-After": str(refusal.retry_s)} if refusal.retry_s else {}


def _spend(buckets: Buckets, who: str) -> None:
    if wait_s := buckets.take(who):
        raise _Refusal(429, "too_many", retry_s=wait_s)


async def _body(request: Request) -> str:
    """The body as text, read no further than it may be long."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > BODY_MAX:
            raise _Refusal(413, "too_large")
    try:
        return read.decode()
    except UnicodeDecodeError:
        raise _Refusal(400, "bad_event") from None


def _checked(text: str) -> str:
    """The key of an event that a page may send."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        raise _Refusal(400, "bad_event") from None
    if not isinstance(event, dict) or event.get("type") not in TYPES:
        raise _Refusal(400, "bad_event")
    key = event.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise _Refusal(400, "bad_event")
    return key


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


def _in(text: Text, lang: str) -> str:
    """Words of a form in a language, else in ours, else in any."""
    return text.get(lang) or text.get("vi") or next((words for words in text.values() if words), "")
