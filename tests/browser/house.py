"""A small house for the web chat's tests: a real database and server, and a scripted talk in place of the engine."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import uvicorn
from starlette.applications import Starlette

from bot.channels.base import Context, Update
from bot.channels.web import WebChannel
from bot.files import Files
from bot.i18n import Words, words
from bot.web import chat, pages
from bot.web.bell import Bell
from flows.model import Text
from flows.session import Effect, Option, Say, Settle, Show, Shown, Spoke, Tapped, Tell, Typed, View
from storage import outbox
from storage.db import Database, StorageUnavailable, Tx, open_database

Script = Callable[[str], Sequence[View]]  # the cards of a talk, in a language


@dataclass
class Settings:
    programme_name: str = "Chương trình khởi nghiệp Hà Nội"
    programme_contact: str = "khaosat@example.vn"
    upload_max_mb: int = 1
    trust_proxy: bool = False
    web_base_url: str = "http://127.0.0.1"


@dataclass
class Library:
    flows: list[tuple[str, Text, Text]]

    def open_flows(self) -> list[tuple[str, Text, Text]]:
        return self.flows


@dataclass
class Talk:
    """One person's way through a script: the next card after each answer, any card again by "edit"."""

    script: Script
    session: str
    lang: str = "vi"
    at: int = 0  # which card of the script is open
    card: int = 0  # its number
    answers: dict[int, str] = field(default_factory=dict)

    def views(self) -> Sequence[View]:
        return self.script(self.lang)

    def show(self, *, again: bool = False, **changes: object) -> Show:
        view = replace(self.views()[self.at], ref=f"{self.at:x}", lang=self.lang, **changes)  # type: ignore[arg-type]
        if view.kind == "question" and self.at in self.answers:
            raw = self.answers[self.at]
            view = replace(view, raw=raw, shown=Shown("text", raw))
        return Show(self.card, view, replace=again)

    def settled(self) -> Settle:
        view = self.views()[self.at]
        said = self.answers.get(self.at)
        shown = Shown("none") if said is None else Shown("text", said)
        return Settle(
            self.card,
            View(
                kind="settled",
                lang=self.lang,
                path=view.path or str(self.at),
                ref=f"{self.at:x}",
                text=view.text,
                shown=shown,
                raw=said or "",
                actions=("edit",),
            ),
        )

    def go(self, at: int) -> list[Effect]:
        settled = self.settled()
        self.at, self.card = at, self.card + 1
        return [settled, self.show()]

    def begin(self, lang: str) -> list[Effect]:
        self.lang = lang
        self.card = 1
        hello = {"vi": "Chào anh/chị!", "en": "Hello!"}[lang]
        return [Show(0, View(kind="message", lang=lang, heading="Khảo sát thử", text=hello)), self.show()]

    def take(self, event: object) -> list[Effect]:
        view = self.views()[self.at]
        match event:
            case Spoke(lang=lang):
                self.lang = lang
                return [self.show(again=True), Tell(Say("engine.language_changed"))]
            case Tapped(op="edit", path=path) if path:
                return self.go(int(path.removeprefix("#"), 16))
            case Tapped(card=card) if card is not None and card != self.card:
                return [Tell(Say("engine.stale"))]
            case Tapped(op="back") if self.at:
                return self.go(self.at - 1)
            case Tapped(op="page", arg=arg):
                return [self.show(again=True, page=int(arg))]
            case Tapped(op="skip"):
                return self.go(self.at + 1)
            case Tapped(op="pick" | "set", arg=arg):
                labels = {o.name: o.label for o in view.options}
                return self.answer(", ".join(labels.get(name, name) for name in arg.split()))
            case Typed(text=text) if text == "sai":
                return [self.show(again=True, error_text="Xin anh/chị nhập lại.")]
            case Typed(text=text):
                return self.answer(text)
            case _ if hasattr(event, "name"):
                return self.answer(str(event.name))
            case _ if hasattr(event, "lat"):
                return self.answer(f"{event.lat:.3f}, {event.lon:.3f}")  # type: ignore[attr-defined]
            case _:
                return self.answer("…")

    def answer(self, said: str) -> list[Effect]:
        self.answers[self.at] = said
        return self.go(min(self.at + 1, len(self.views()) - 1))


class House:
    """What `bot.web.chat.routes` asks for. `taken` holds every update that was accepted, in order."""

    def __init__(self, db: Database, folder: Path, script: Script, flows: list[tuple[str, Text, Text]]) -> None:
        self.settings = Settings()
        self.db = db
        self.words: Words = words()
        self.library = Library(flows)
        self.files = Files(folder / "files")
        self.bell = Bell()
        self.stopping = asyncio.Event()
        self.telegram_username = "khaosat_bot"
        self.taken: list[Update] = []
        self.down = False  # as if the disk were full
        self.stands_at: int | None = None  # what the clock says when it is stopped
        self._channel = WebChannel(self.words)
        self._script = script
        self._talks: dict[str, Talk] = {}
        self._row = 0

    @property
    def intake(self) -> "House":
        return self

    def clock(self) -> int:
        return self.stands_at if self.stands_at is not None else time.time_ns() // 1_000_000

    async def accept(self, updates: Sequence[Update], /) -> None:
        if self.down:
            raise StorageUnavailable("full")
        for update in updates:
            if all((update.chat, update.key) != (u.chat, u.key) for u in self.taken):
                self.taken.append(update)
                await self._handle(update)

    async def _handle(self, update: Update) -> None:
        incoming = self._channel.read(update)
        talk = self._talks.setdefault(update.chat, Talk(self._script, f"s{len(self._talks)}"))
        if incoming.open_flow:
            effects = talk.begin(incoming.lang)
        elif incoming.command:
            effects = [
                Show(0, View(kind="message", lang=talk.lang, text=f"/{incoming.command}")),
                talk.show(again=True),
            ]
        elif incoming.event is not None:
            effects = talk.take(incoming.event)
        else:
            effects = []
        context = Context(incoming.address, talk.session, talk.lang, incoming)
        rendered = self._channel.render(effects, context)

        async def put(tx: Tx) -> None:
            await outbox.add(
                tx,
                [
                    outbox.Message(
                        channel="web",
                        bot="web",
                        chat=update.chat,
                        key=f"{self._row + n}",
                        session=talk.session,
                        method=o.method,
                        body=json.dumps(o.body, ensure_ascii=False),
                        card=o.card,
                        edit=o.edit,
                        created_at=self.clock(),
                    )
                    for n, o in enumerate(rendered)
                ],
            )

        await self.db.write(put)
        self._row += len(rendered)
        self.bell.ring(update.chat)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Served:
    """A house behind a real HTTP server on a loopback port, in a thread with a loop of its own."""

    def __init__(self, folder: Path, script: Script, flows: list[tuple[str, Text, Text]]) -> None:
        self._folder = folder
        self._script = script
        self._flows = flows
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._up = threading.Event()
        self._failure: BaseException | None = None
        self.stop_s = 0.0  # how long stopping took

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._up.wait(20) or self._failure is not None:
            raise RuntimeError("the server did not come up") from self._failure
        return self

    def __exit__(self, *_: object) -> None:
        began = time.monotonic()
        self.loop.call_soon_threadsafe(self._end)
        self._thread.join(20)
        self.stop_s = time.monotonic() - began

    def _end(self) -> None:
        self.house.stopping.set()
        self._server.should_exit = True

    async def _run(self) -> None:
        try:
            await self._serve()
        except BaseException as failure:
            self._failure = failure
            self._up.set()
            raise

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        db = await open_database(f"sqlite:///{self._folder / 'chat.sqlite'}", free_mb=1)
        try:
            self.house = House(db, self._folder, self._script, self._flows)
            app = Starlette(routes=[pages.static_route(), *chat.routes(self.house)])
            config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=3)
            self._server = _Server(config)
            listening = socket.create_server(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            task = asyncio.create_task(self._server.serve(sockets=[listening]))
            while not self._server.started and not task.done():  # noqa: ASYNC110 — uvicorn has no event for it
                await asyncio.sleep(0.01)
            self._up.set()
            await task
        finally:
            await db.close()


FLOWS: list[tuple[str, Text, Text]] = [
    (
        "support_needs",
        {"vi": "Khảo sát nhu cầu hỗ trợ doanh nghiệp khởi nghiệp đổi mới sáng tạo", "en": "Support-needs survey for innovative startups"},
        {"vi": "Chào anh/chị! Khảo sát gồm khoảng 25 câu, mất chừng 7 phút. Anh/chị có thể dừng bất cứ lúc nào.", "en": "Hello! About 25 questions, some 7 minutes. You can stop at any time."},
    ),
    ("rating", {"vi": "Đánh giá bài viết", "en": "Rate an article"}, {"vi": "Hai câu hỏi ngắn về bài viết anh/chị vừa đọc.", "en": "Two short questions on the article you have just read."}),
]  # fmt: skip


def options(*labels: str, on: Sequence[str] = ()) -> tuple[Option, ...]:
    """Options named o0, o1, …"""
    return tuple(Option(f"o{n}", label, on=f"o{n}" in on) for n, label in enumerate(labels))
