"""Updates are brought as Telegram brings them: secret, order per chat, again until 2xx, a reply executed."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.fake_telegram import Fake, fake_telegram

SECRET = "bi_mat-1"


@dataclass
class Ear:
    """A bot that only listens: `plan` are the statuses of the next answers, 0 breaks the connection; then 200."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    secrets: set[str | None] = field(default_factory=set)
    plan: list[int] = field(default_factory=list)
    reply: dict[str, Any] | None = None
    delay_s: float = 0.0
    now: int = 0
    most: int = 0
    url: str = ""

    async def hear(self, request: web.Request) -> web.Response:
        self.now += 1
        self.most = max(self.most, self.now)
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.heard.append(json.loads(await request.text()))
        await asyncio.sleep(self.delay_s)
        self.now -= 1
        status = self.plan.pop(0) if self.plan else 200
        if status == 0 and request.transport:
            request.transport.abort()
        return web.json_response(self.reply, status=status or 500) if self.reply else web.Response(status=status or 500)

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.heard]


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    made = Ear()
    app = web.Application()
    app.router.add_post("/hook", made.hear)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    async with fake_telegram() as made:
        yield made


async def call(fake: Fake, method: str, **params: Any) -> dict[str, Any]:
    async with fake.http.post(f"{fake.base_url}{fake.token}/{method}", json=params) as answer:
        told: dict[str, Any] = await answer.json()
        return told


async def settled(fake: Fake) -> None:
    for _ in range(300):
        if (await fake.counts())["pending"] == 0:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"still pending: {await fake.counts()}")


async def test_what_waited_comes_first_and_the_secret_goes_along(fake: Fake, ear: Ear) -> None:
    await fake.user(7).sends("trước")
    await call(fake, "setWebhook", url=ear.url, secret_token=SECRET)
    await fake.user(7).sends("sau")
    await settled(fake)
    assert (ear.texts(), ear.secrets) == (["trước", "sau"], {SECRET})
    assert {u["fate"] for u in (await fake.log()).updates} == {"confirmed"}


async def test_what_was_not_taken_comes_again_before_the_next_of_that_chat(fake: Fake, ear: Ear) -> None:
    ear.plan = [500, 0, 404]
    await call(fake, "setWebhook", url=ear.url)
    for text in ("một", "hai"):
        await fake.user(7).sends(text)
    await settled(fake)
    assert ear.texts() == ["một"] * 4 + ["hai"]
    assert [a["status"] for a in (await fake.log()).attempts] == [500, 0, 404, 200, 200]
    assert "404" in (await call(fake, "getWebhookInfo"))["result"]["last_error_message"]


async def test_one_chat_waits_for_itself_and_not_for_others(fake: Fake, ear: Ear) -> None:
    ear.delay_s = 0.05
    await call(fake, "setWebhook", url=ear.url, max_connections=3)
    for text in "abc":
        for person in range(1, 6):
            await fake.user(person).sends(text)
    await settled(fake)
    assert ear.most == 3
    for person in range(1, 6):
        assert [u["message"]["text"] for u in ear.heard if u["message"]["from"]["id"] == person] == ["a", "b", "c"]


async def test_the_method_in_the_reply_is_carried_out(fake: Fake, ear: Ear) -> None:
    ear.reply = {"method": "sendMessage", "chat_id": 7, "text": "Chào chị"}
    await call(fake, "setWebhook", url=ear.url)
    await fake.user(7).sends("alo")
    await fake.user(7).sees("Chào chị")
    assert [(c["method"], c["via"]) for c in await fake.calls("sendMessage")] == [("sendMessage", "webhook")]


async def test_polling_is_refused_until_the_webhook_is_gone(fake: Fake, ear: Ear) -> None:
    poll = asyncio.create_task(call(fake, "getUpdates", timeout=20))
    await asyncio.sleep(0.05)
    await call(fake, "setWebhook", url=ear.url)
    assert (await poll)["description"] == "Conflict: terminated by setWebhook request"
    assert (await call(fake, "getUpdates"))["error_code"] == 409
    ear.plan = [500] * 100
    await fake.user(7).sends("x")
    await asyncio.sleep(0.05)
    await call(fake, "deleteWebhook")
    assert [u["message"]["text"] for u in (await call(fake, "getUpdates"))["result"]] == ["x"]
    await call(fake, "deleteWebhook", drop_pending_updates=True)
    assert (await call(fake, "getUpdates"))["result"] == []


async def test_an_update_may_be_brought_twice(fake: Fake, ear: Ear) -> None:
    await call(fake, "setWebhook", url=ear.url)
    await fake.user(7).sends("x")
    await settled(fake)
    await fake.again(ear.heard[0]["update_id"])
    await settled(fake)
    assert ear.heard[0] == ear.heard[1]
