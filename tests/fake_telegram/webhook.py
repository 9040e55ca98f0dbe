"""Updates brought to the bot: one POST each, in order per chat, again until the bot says 2xx."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from tests.fake_telegram.updates import Entry, Updates

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
REPLY_MAX: Final = 1 << 20  # bytes of a reply that are read


@dataclass
class Backoff:
    """Seconds between tries: at once, then `first_s` doubling up to `longest_s`; Telegram's own go up to 60–120 s."""

    first_s: float = 0.05
    longest_s: float = 1.0

    def after(self, failures: int) -> float:
        return 0.0 if failures <= 1 else min(self.longest_s, self.first_s * 2.0 ** (failures - 2))


@dataclass
class Attempt:
    """One POST and what came of it: `status` 0 when the connection broke."""

    at: float
    update_id: int
    status: int
    error: str = ""


@dataclass
class Hook:
    """What setWebhook said."""

    url: str
    secret: str | None = None
    max_connections: int = 40


@dataclass
class Webhook:
    """Brings updates while a hook is set. `run` executes the method a reply names; `now` gives seconds."""

    updates: Updates
    run: Callable[[str, dict[str, Any]], None]
    now: Callable[[], float]
    backoff: Backoff = field(default_factory=Backoff)
    hook: Hook | None = None
    attempts: list[Attempt] = field(default_factory=list)
    last_error: tuple[int, str] | None = None  # date, words; as getWebhookInfo tells
    lanes: dict[object, deque[Entry]] = field(default_factory=dict)
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    session: aiohttp.ClientSession | None = None
    slots: asyncio.Semaphore | None = None

    def __post_init__(self) -> None:
        self.updates.on_new = self._enqueue
        self.updates.webhook_is_set = lambda: self.hook is not None

    async def set(self, hook: Hook) -> None:
        """Begin to bring; what waits already goes first."""
        await self.drop()
        self.hook = hook
        self.slots = asyncio.Semaphore(hook.max_connections)
        connector = aiohttp.TCPConnector(limit=hook.max_connections)
        self.session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60))
        self.updates.expire()
        for entry in list(self.updates.pending.values()):
            self._enqueue(entry)

    async def drop(self) -> None:
        """Stop bringing; what was not confirmed waits again."""
        self.hook, session, self.session = None, self.session, None
        tasks, self.tasks = self.tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.lanes.clear()
        if session:
            await session.close()

    def info(self) -> dict[str, Any]:
        """As getWebhookInfo shows it."""
        self.updates.expire()
        body: dict[str, Any] = {
            "url": self.hook.url if self.hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.pending),
        }
        if self.hook:
            body |= {"max_connections": self.hook.max_connections, "ip_address": "127.0.0.1"}
        if self.hook and self.last_error:
            body |= {"last_error_date": self.last_error[0], "last_error_message": self.last_error[1]}
        if self.updates.allowed:
            body["allowed_updates"] = sorted(self.updates.allowed)
        return body

    def _enqueue(self, entry: Entry) -> None:
        if self.hook is None:
            return
        key: object = entry if self.updates.mess.shuffle or entry.chat is None else entry.chat
        if key in self.lanes:
            self.lanes[key].append(entry)
            return
        self.lanes[key] = deque([entry])
        task = asyncio.get_running_loop().create_task(self._walk(key))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _walk(self, key: object) -> None:
        """Bring one chat's updates one after the other."""
        lane = self.lanes[key]
        while lane:
            await self._bring(lane[0])
            lane.popleft()
        del self.lanes[key]

    async def _bring(self, entry: Entry) -> None:
        failures = 0
        while self.hook and self.slots:
            async with self.slots:
                status, wait_s = await self._post(self.hook, entry)
            if 200 <= status < 300:
                self._confirmed(entry)
                return
            failures += 1
            await asyncio.sleep(max(wait_s, self.backoff.after(failures)))

    def _confirmed(self, entry: Entry) -> None:
        if entry in self.updates.again:
            self.updates.again.remove(entry)
            return
        self.updates.settle(entry, "confirmed")
        if self.updates.dice.random() < self.updates.mess.repeat:
            self.updates.push_again(entry.update_id)

    async def _post(self, hook: Hook, entry: Entry) -> tuple[int, float]:
        """Status (0: broken connection) and the seconds the bot asked to wait."""
        headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: hook.secret} if hook.secret else {})
        attempt = Attempt(self.now(), entry.update_id, 0)
        self.attempts.append(attempt)
        entry.deliveries.append(attempt.at)
        wait_s = 0.0
        try:
            assert self.session is not None
            async with self.session.post(hook.url, data=json.dumps(entry.update()), headers=headers) as answer:
                body = await answer.content.read(REPLY_MAX)
                attempt.status = answer.status
                wait_s = _seconds(answer.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError) as e:
            attempt.error = type(e).__name__
            self.last_error = (int(self.now()), f"Connection broken: {attempt.error}")
            return 0, 0.0
        if 200 <= attempt.status < 300:
            self._execute(body)
        else:
            self.last_error = (int(self.now()), f"Wrong response from the webhook: {attempt.status}")
        return attempt.status, wait_s

    def _execute(self, body: bytes) -> None:
        """Carry out the method the bot answered with, if it did; its result is told to nobody."""
        try:
            reply = json.loads(body) if body else None
        except ValueError:
            return
        if isinstance(reply, dict) and isinstance(reply.get("method"), str):
            self.run(reply.pop("method"), reply)


def _seconds(value: str | None) -> float:
    return min(3600.0, float(value)) if value and value.isdigit() else 0.0
