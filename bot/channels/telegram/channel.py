"""The Telegram channel: one bot, its connections, and the parts that read, render and send for it."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot import quick_json
from bot.channels.base import (
    Context,
    Delivered,
    Incoming,
    Locked,
    Lost,
    Outgoing,
    Refused,
    SendFailed,
    Unreachable,
    Update,
)
from bot.channels.telegram.buttons import Buttons
from bot.channels.telegram.failures import failure
from bot.channels.telegram.limits import ALLOWED_UPDATES, DOWNLOAD_MAX, UPDATES_MAX
from bot.channels.telegram.media import METHODS, Uploads
from bot.channels.telegram.polling import POLL_S, Heard, Intake, Poller, nobody
from bot.channels.telegram.read import Reader, chat_of, key_of
from bot.channels.telegram.render import Renderer
from bot.channels.telegram_request import CONNECT_S, READ_S, AiohttpRequest, answered
from bot.channels.wire import NoAnswer, Wire
from bot.i18n import FALLBACK, LANGUAGES, Words
from flows.session import Effect

API_URL: Final = "https://api.telegram.org"
CONNECTIONS: Final = 512  # opened when needed: Telegram takes about 50 ms, so this is some 10,000 calls a second
COMMANDS: Final = ("start", "help", "language", "privacy", "status", "edit", "stop")
GROUP_COMMANDS: Final = ("start",)  # it is answered by an invitation to write privately
STAFF_COMMANDS: Final = ("status",)  # in the staff chat: how the day goes
COMMANDS_AGAIN_S: Final = 10.0  # between two tries to tell the commands
MAX_CONNECTIONS: Final = 40  # of Telegram to our webhook; its own default


# python-telegram-bot writes whole requests at DEBUG: answers, phone numbers.
logging.getLogger("telegram").setLevel(logging.WARNING)

_log = structlog.get_logger(__name__)


def _now() -> int:
    return time.time_ns() // 1_000_000


class FileTooBig(Refused):
    """A bot may not fetch files of more than 20 MB."""


class _Api(Bot):
    """python-telegram-bot's Bot, plus a call that takes our body as it is.

    `do_api_request` would do, but warns about every method that also has a wrapper, and those build an object of the
    message they sent, which nobody here looks at.
    """

    async def call(self, method: str, body: Mapping[str, Any], *, read_s: float | None = None) -> Any:
        """The "result" of one call."""
        if read_s is None:
            return await self._post(method, api_kwargs=dict(body))
        return await self._post(method, api_kwargs=dict(body), read_timeout=read_s)


class TelegramChannel:
    """One bot.

    Args:
        token: as @BotFather gives it.
        secret: seals the buttons, at least 16 bytes.
        words: our sentences.
        base_url: of the Bot API, for a server of one's own.
        webhook_secret: 1-256 letters, digits, _ or -; what Telegram shows us with each update it posts.
        staff_chat: where staff are told of submissions, "" without one: it has commands of its own.
        proxy: an http:// address that calls go through.
        clock: milliseconds since 1970, UTC.
        read_s: seconds to wait for an answer.
        poll_s: seconds that Telegram may hold a question for updates.
        media: where a file that a form shows lies, by the name it is kept under.
    """

    name = "telegram"

    def __init__(
        self,
        token: str,
        *,
        secret: bytes,
        words: Words,
        base_url: str = API_URL,
        webhook_secret: str = "",
        staff_chat: str = "",
        proxy: str | None = None,
        clock: Callable[[], int] = _now,
        read_s: float = READ_S,
        poll_s: int = POLL_S,
        media: Callable[[str], Path | None] = lambda _: None,
    ) -> None:
        number, _, rest = token.partition(":")
        if not number.isdigit() or not rest:
            raise ValueError("a bot token reads 123456:ABC…")
        self.bot = number
        self._clock = clock
        self._words = words
        self._poll_s = poll_s
        self._files_url = f"{base_url}/file/bot"
        self._token = token
        self.webhook_secret = webhook_secret
        self._staff_chat = staff_chat
        self._telling: asyncio.Task[None] | None = None
        self._requests = (
            AiohttpRequest(connections=1, proxy=proxy),
            AiohttpRequest(connections=CONNECTIONS, read_s=read_s, proxy=proxy),
        )
        straight = Wire(base_url, connections=CONNECTIONS, read_s=read_s, connect_s=CONNECT_S)
        self._wire = straight if proxy is None else None
        self._paths: dict[str, str] = {}
        polling, calling = self._requests
        self._api = _Api(
            token,
            base_url=f"{base_url}/bot",
            base_file_url=self._files_url,
            get_updates_request=polling,
            request=calling,
        )
        buttons = Buttons(secret)
        self._reader = Reader(buttons)
        self._renderer = Renderer(words, buttons)
        self._uploads = Uploads(media)
        self._known = False
        self._clock_then = 0  # ours when Telegram last said who we are

    @property
    def username(self) -> str:
        """Without "@"; "" until registered."""
        return self._reader.username

    @property
    def clock_off_s(self) -> float:
        """Seconds that our clock was ahead of Telegram's when it answered last (to a second); 0 before it has."""
        told = self._requests[1].answered_at
        return 0.0 if told is None or not self._clock_then else self._clock_then / 1000 - told

    async def close(self) -> None:
        """Close the connections; what is under way in them fails as `Unreachable`."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
        for request in self._requests:
            await request.shutdown()
        if self._wire is not None:
            await self._wire.close()

    async def register(self, *, webhook_url: str | None = None) -> None:
        """Learn the bot's name, say which commands it has, and choose how updates come: by webhook, or by polling.

        Raises:
            SendFailed: `Locked` for a wrong token, `Unreachable` when Telegram cannot be reached.
            ValueError: a webhook without a secret.
        """
        if webhook_url and not self.webhook_secret:
            raise ValueError("a webhook needs a secret: without one anybody could post updates")
        me = await self._call("getMe", {})
        self._clock_then = self._clock()
        self._known = True
        self._reader.username = str(me.get("username") or "")
        if webhook_url:
            body = {
                "url": webhook_url,
                "secret_token": self.webhook_secret,
                "allowed_updates": ALLOWED_UPDATES,
                "max_connections": MAX_CONNECTIONS,
            }
            await self._call("setWebhook", body)
        else:
            await self._call("deleteWebhook", {"drop_pending_updates": False})
        left = await self._tell_commands(self._commands())
        if left and (self._telling is None or self._telling.done()):
            self._telling = asyncio.create_task(self._tell_later(left), name="telegram-commands")

    def read(self, update: Update) -> Incoming:
        """What the update means. Never raises."""
        return self._reader.read(update)

    def render(self, effects: Sequence[Effect], context: Context) -> list[Outgoing]:
        """The requests that carry the effects out, in order. Pure."""
        return self._renderer.render(effects, context)

    async def send(self, outgoing: Outgoing, chat: str, message: str) -> Delivered:
        """Carry one out. An edit without a known message is sent as new; a delete without one is `Lost`.

        Raises:
            SendFailed: see there.
        """
        method, body = _addressed(outgoing, chat, message)
        if method in METHODS:
            asked = json.loads(body)
            result = await self._call(method, self._uploads.filled(asked))
            self._uploads.sent(asked, result)
        else:
            result = await self._posted(method, body)
        number = result.get("message_id") if isinstance(result, dict) else None
        return Delivered(str(number) if number is not None else "")

    async def fetch(self, media: Mapping[str, Any]) -> tuple[bytes, str, str]:
        """(content, name, MIME type) of a file that `read` has described in `Incoming.media`.

        Raises:
            FileTooBig: more than 20 MB.
            SendFailed: Telegram cannot be reached, or has the file no more.
        """
        if media["size"] > DOWNLOAD_MAX:
            raise FileTooBig("the file is larger than 20 MB")
        file = await self._call("getFile", {"file_id": media["file_id"]})
        if (file.get("file_size") or 0) > DOWNLOAD_MAX:
            raise FileTooBig("the file is larger than 20 MB")
        content = await self._load(str(file["file_path"]))
        return content, str(media["name"]), str(media["mime"])

    async def webhook_info(self) -> dict[str, Any]:
        """What Telegram says of our webhook (core.telegram.org/bots/api#webhookinfo).

        Raises:
            SendFailed: it cannot be asked.
        """
        info = await self._call("getWebhookInfo", {})
        return info if isinstance(info, dict) else {}

    async def poll(self, intake: Intake, heard: Heard = nobody) -> None:
        """Ask for updates and store them, until cancelled. `heard` is told each time Telegram answers, or does not.

        Raises:
            Locked: Telegram does not know the token.
        """
        await Poller(self._updates, self.update_of, intake, heard=heard).run()

    def update_of(self, raw: Mapping[str, Any], body: str | None = None) -> Update:
        """An update as the inbox keeps it. `body`: its JSON, where it is at hand."""
        text = body if body is not None else json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
        return Update(self.name, self.bot, key_of(raw), chat_of(raw), text, self._clock(), raw)

    async def _updates(self, offset: int | None) -> Sequence[Mapping[str, Any]]:
        body: dict[str, Any] = {"timeout": self._poll_s, "limit": UPDATES_MAX, "allowed_updates": ALLOWED_UPDATES}
        if offset is not None:
            body["offset"] = offset
        found = await self._api.call("getUpdates", body, read_s=self._poll_s + 10)
        return [raw for raw in found if isinstance(raw, dict)]

    def _commands(self) -> list[Mapping[str, Any]]:
        """What people see under "/": in Vietnamese for everybody, in English for clients set to English.

        In groups only /start, in the staff chat only how the day goes.
        """
        scopes: list[tuple[BotCommandScope, str, Sequence[str]]] = [
            (BotCommandScopeAllPrivateChats(), "command", COMMANDS),
            (BotCommandScopeAllGroupChats(), "command", GROUP_COMMANDS),
        ]
        if self._staff_chat:
            scopes.append((BotCommandScopeChat(self._staff_chat), "staff_command", STAFF_COMMANDS))
        bodies: list[Mapping[str, Any]] = []
        for lang in LANGUAGES:
            for scope, kind, names in scopes:
                commands = [
                    BotCommand(name, self._words.say(lang, f"telegram.{kind}.{name}")).to_dict() for name in names
                ]
                codes = {lang, ""} if lang == FALLBACK else {lang}
                told = {"commands": commands, "scope": scope.to_dict()}
                bodies += [{**told, "language_code": code or None} for code in codes]
        return bodies

    async def _tell_commands(self, bodies: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Tell them; those that Telegram did not take now. They are an ornament: nobody's answer has to wait for them.

        Raises:
            Locked: Telegram does not know the token.
        """
        for number, body in enumerate(bodies):
            try:
                await self._call("setMyCommands", body)
            except Locked:
                raise
            except Refused as error:  # never: a staff chat that the bot has not been let into; the others are told
                _log.warning("commands_refused", error=type(error).__name__)
            except SendFailed as error:
                _log.warning("commands_not_told", error=type(error).__name__)
                return list(bodies[number:])
        return []

    async def _tell_later(self, left: list[Mapping[str, Any]]) -> None:
        with contextlib.suppress(Locked):  # the line will meet it too, and say so
            while left:
                await asyncio.sleep(COMMANDS_AGAIN_S)
                left = await self._tell_commands(left)

    async def _call(self, method: str, body: Mapping[str, Any]) -> Any:
        """A call now and then: python-telegram-bot's way."""
        try:
            return await self._api.call(method, body)
        except TelegramError as e:
            failed = failure(e, known=self._known)
            if failed is None:
                raise
        raise failed  # out here, so that what it says is all it carries

    async def _posted(self, method: str, body: str) -> Any:
        """A call that each answer makes, of JSON that is written already: straight down the wire, a tenth of the work."""
        if self._wire is None:
            return await self._call(method, json.loads(body))
        failed: SendFailed | None
        try:
            code, answer = await self._wire.post(self._path(method), body.encode("utf-8", "replace"))
            return answered(code, answer)
        except NoAnswer as e:
            failed = Unreachable(str(e))
        except TelegramError as e:
            failed = failure(e, known=self._known)
            if failed is None:
                raise
        raise failed

    def _path(self, method: str) -> str:
        found = self._paths.get(method)
        if found is None:
            found = self._paths[method] = f"/bot{self._token}/{method}"
        return found

    async def _load(self, path: str) -> bytes:
        url = path if path.startswith(("http://", "https://")) else f"{self._files_url}{self._token}/{path}"
        try:
            return await self._requests[1].retrieve(url)
        except TelegramError as e:
            failed = failure(e, known=True)
            if failed is None:
                raise
        raise failed


def _addressed(outgoing: Outgoing, chat: str, message: str) -> tuple[str, str]:
    """Method and whole body of a request, as JSON."""
    if outgoing.method == "answerCallbackQuery":
        return outgoing.method, _written(outgoing)
    to = chat if chat.removeprefix("-").isdigit() and chat.isascii() else json.dumps(chat)
    if not outgoing.edit:
        return outgoing.method, _with(f'"chat_id":{to}', outgoing)
    if message:
        return outgoing.method, _with(f'"chat_id":{to},"message_id":{int(message)}', outgoing)
    if outgoing.method == "deleteMessage":
        raise Lost("there is nothing to delete")
    return "sendMessage", _with(f'"chat_id":{to}', outgoing)


def _with(first: str, outgoing: Outgoing) -> str:
    """The body with something before all else."""
    rest = _written(outgoing)[1:].lstrip()
    return f"{{{first}{rest}" if rest.startswith("}") else f"{{{first},{rest}"


def _written(outgoing: Outgoing) -> str:
    """The body as JSON.

    Raises:
        TelegramError: it is none, which is our fault. What it holds must not be told, and `TypeError` would.
    """
    if outgoing.written:
        return outgoing.written
    try:
        return quick_json.written(dict(outgoing.body))
    except (TypeError, ValueError, RecursionError) as e:
        why = type(e).__name__
    raise TelegramError(f"the request is no JSON: {why}")
