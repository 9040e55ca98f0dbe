"""The HTTP side: `/bot<token>/<method>`, `/file/bot<token>/<path>`, `/_ctl/<verb>`."""

import asyncio
import json
import socket
import struct
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.fake_telegram import asking
from tests.fake_telegram.control import Control
from tests.fake_telegram.faults import Fault
from tests.fake_telegram.fields import Fields, read_fields
from tests.fake_telegram.journal import Call
from tests.fake_telegram.methods import finish, proper_name, run
from tests.fake_telegram.refusal import Refusal, too_many
from tests.fake_telegram.webhook import Webhook
from tests.fake_telegram.world import TOKEN, World

TRANSPORTS: Final[dict[tuple[str, int], asyncio.Transport]] = {}  # by the caller's address; filled by the protocol
GATEWAY_PAGE: Final = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>"
SERVER_WORDS: Final = {500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Timeout"}


class Server:
    """One fake Telegram with one bot; `app` is the ASGI application, `world` its state."""

    def __init__(self, token: str = TOKEN, world: World | None = None) -> None:
        self.token = token
        self.world = world or World(token=token)
        self.hooks = self._hooks_of(self.world)
        control = Control(lambda: self.world, lambda: self.hooks, self.reset)
        self.app = Starlette(
            routes=[
                Route("/_ctl/{verb}", control.__call__, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file),
                Route("/bot{token}/{method}", self._bot, methods=["GET", "POST"]),
            ]
        )

    async def reset(self) -> None:
        """Forget everything; whoever waits is let go."""
        await self.stop()
        self.world = World(token=self.token, clock=self.world.clock)
        self.hooks = self._hooks_of(self.world)

    async def stop(self) -> None:
        """Let go of all who wait, and stop bringing updates."""
        self.world.closing.set()
        self.world.thawed.set()
        self.world.updates.end_poll()
        for chat in self.world.chats.values():
            for waiter in chat.waiters:
                if not waiter.done():
                    waiter.set_result(None)
        await self.hooks.drop()

    def _hooks_of(self, world: World) -> Webhook:
        return Webhook(world.updates, self._run_reply, world.now)

    def _run_reply(self, method: str, params: dict[str, Any]) -> None:
        """Execute what the bot wrote as the answer to a webhook; nobody hears how it went."""
        fields = Fields(params)
        call = self.world.journal.call(self.world.now(), proper_name(method), params, _chat_of(fields), via="webhook")
        try:
            finish(self.world, call, None, run(self.world, call, fields))
        except Refusal as e:
            finish(self.world, call, e)

    async def _file(self, request: Request) -> Response:
        path = request.path_params["path"]
        file = self.world.files.at(path) if request.path_params["token"] == self.token else None
        if file is None:
            return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return Response(file.data, media_type="application/octet-stream")

    async def _bot(self, request: Request) -> Response:
        world = self.world
        method = proper_name(request.path_params["method"])
        try:
            fields = await read_fields(request)
        except Refusal as e:
            call = world.journal.call(world.now(), method, {}, None)
            return JSONResponse(finish(world, call, e), e.code)
        call = world.journal.call(world.now(), method, fields.logged(), _chat_of(fields))
        if request.path_params["token"] != self.token:
            return _answer(finish(world, call, Refusal(401, "Unauthorized")), 401)
        if not world.thawed.is_set() and not await self._thaws(request):
            call.fault = "freeze"
            return _Reset(request)
        fault = world.faults.strike(method, call.chat)
        if fault is None:
            return await self._carry_out(call, fields, request)
        call.fault = fault.kind
        return await self._spoil(fault, call, fields, request)

    async def _thaws(self, request: Request) -> bool:
        """Wait for the end of the freeze; False when the caller hung up before, and the call is lost."""
        thawed, gone = asyncio.ensure_future(self.world.thawed.wait()), asyncio.ensure_future(_hung_up(request))
        await asyncio.wait({thawed, gone}, return_when=asyncio.FIRST_COMPLETED)
        is_lost = gone.done()
        thawed.cancel()
        gone.cancel()
        return not is_lost

    async def _carry_out(self, call: Call, fields: Fields, request: Request) -> Response:
        world = self.world
        try:
            result = await self._result(call, fields, request)
        except Refusal as e:
            return _answer(finish(world, call, e), e.code)
        body = finish(world, call, None, result)
        if call.method == "getUpdates":
            call.result = [update["update_id"] for update in result]  # the updates themselves are in their own log
        return _answer(body, 200)

    async def _result(self, call: Call, fields: Fields, request: Request) -> Any:
        world = self.world
        match call.method:
            case "getUpdates":
                world.updates.allow(fields.document("allowed_updates", what="allowed updates"))
                offset, limit = fields.integer("offset"), fields.integer("limit", 100)
                return await world.updates.poll(offset, limit, fields.integer("timeout"), lambda: _hung_up(request))
            case "setWebhook" | "deleteWebhook":
                world.updates.end_poll(why=Refusal(409, "Conflict: terminated by setWebhook request"))
                given = fields if call.method == "setWebhook" else Fields(fields.values | {"url": ""})
                return await asking.set_webhook(world, given, self.hooks)
            case "getWebhookInfo":
                return self.hooks.info()
        return run(world, call, fields)

    async def _spoil(self, fault: Fault, call: Call, fields: Fields, request: Request) -> Response:
        """Answer the call wrongly, after it took effect or instead."""
        true_answer = await self._carry_out(call, fields, request) if fault.takes_effect else None
        match fault.kind:
            case "429":
                if call.chat is not None:
                    self.world.told_to_wait[call.chat] = self.world.now() + fault.retry_after
                return self._instead(call, too_many(fault.retry_after))
            case "500" | "502" | "504":
                code = int(fault.kind)
                return self._instead(call, Refusal(code, SERVER_WORDS[code]))
            case "refuse":
                return self._instead(call, Refusal(fault.code, fault.description))
            case "html":
                call.code = 502
                return Response(GATEWAY_PAGE, 502, media_type="text/html")
            case "half":
                return _Half((true_answer or _answer({"ok": True, "result": True}, 200)).body, request)
            case "reset":
                return _Reset(request)
        await self._wait(fault.seconds)
        if fault.kind == "hang":
            return _Reset(request)
        return true_answer or await self._carry_out(call, fields, request)

    def _instead(self, call: Call, refusal: Refusal) -> Response:
        """An answer made up: nothing the bot does is to blame for it."""
        call.code, call.description = refusal.code, refusal.description
        return _answer(refusal.json(), refusal.code)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.world.closing.wait(), seconds)
        except TimeoutError:
            return


def _answer(body: dict[str, Any], code: int) -> Response:
    # `ensure_ascii` as Telegram writes it: also a lone surrogate gets through
    return Response(json.dumps(body), code, media_type="application/json")


def _chat_of(fields: Fields) -> int | None:
    return fields.integer("chat_id") or None


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _break(scope: Scope) -> None:
    """Drop the connection with a TCP reset."""
    transport = TRANSPORTS.get(tuple(scope["client"]))
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class _Reset(Response):
    """No answer at all."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _break(scope)
        await _hung_up(self.request)


class _Half(Response):
    """The head, half of the body, and then nothing more."""

    def __init__(self, body: bytes | memoryview, request: Request) -> None:
        super().__init__(bytes(body), media_type="application/json")
        self.request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = bytes(self.body)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True})
        await asyncio.sleep(0.02)  # let it leave before the connection goes
        transport = TRANSPORTS.get(tuple(scope["client"]))
        if transport:
            transport.close()
        await _hung_up(self.request)
