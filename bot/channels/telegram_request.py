"""Carries python-telegram-bot's calls over aiohttp, and tells what went wrong without ever naming an address.

Every address of the Bot API holds the token, and exceptions of HTTP libraries hold addresses. So nothing that
aiohttp raises leaves this file, not even as the cause of something else.
"""

import json
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
from pydantic_core import from_json
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

READ_S: Final = 20.0  # Telegram mostly answers within 0.2 s; more than this is a broken line
CONNECT_S: Final = 10.0
WRITE_FILES_S: Final = 60.0  # for uploads, up to 50 MB
_JSON: Final = {"Content-Type": "application/json"}
_INT_MAX: Final = 20  # digits; Telegram's longest numbers have 19


class NotOk(TelegramError):
    """Telegram answered, and the answer is no.

    Raised in place of python-telegram-bot's own errors, which keep less: `code` is the HTTP status, `description`
    Telegram's words, `retry_after` seconds, `migrate_to` the new id of a group.
    """

    def __init__(self, code: int, description: str, retry_after: float | None = None, migrate_to: str = "") -> None:
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to
        super().__init__(f"{code} {description}")

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), (self.code, self.description, self.retry_after, self.migrate_to)


class AiohttpRequest(BaseRequest):
    """One pool of connections. `proxy`: an http:// address that calls go through."""

    def __init__(
        self, *, connections: int = 64, read_s: float = READ_S, connect_s: float = CONNECT_S, proxy: str | None = None
    ) -> None:
        self._connections = connections
        self._read_s = read_s
        self._connect_s = connect_s
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self.answered_at: float | None = None  # the server's own clock when it answered last, seconds since 1970

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer."""
        return self._read_s

    async def initialize(self) -> None:
        """Open the pool; the first call does so by itself. A second time does nothing."""
        self._closed = False
        self._pool()

    async def shutdown(self) -> None:
        """Close the pool and what is under way in it; calls fail from now on."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  # part of BaseRequest's signature; a full pool waits like a slow answer
    ) -> tuple[int, bytes]:
        """(200, body) of a call.

        Raises:
            NotOk: Telegram said no.
            NetworkError: nobody answered, or somebody who is not the Bot API.
            TelegramError: the request cannot be written, which is our fault; sending it again would not help.
        """
        if self._closed:
            raise NetworkError("the connections are closed")
        read_s = _seconds(read_timeout, self._read_s)
        total = read_s + _seconds(connect_timeout, self._connect_s)
        if request_data is not None and request_data.contains_files:
            total += _seconds(write_timeout, WRITE_FILES_S)
        timeout = aiohttp.ClientTimeout(total=total, sock_connect=self._connect_s, sock_read=read_s)
        payload = _payload(request_data)
        failed: TelegramError
        try:
            async with self._pool().request(
                method, url, timeout=timeout, proxy=self._proxy, allow_redirects=False, **payload
            ) as response:
                code, body = response.status, await response.read()
                self.answered_at = _moment(response.headers.get("Date")) or self.answered_at
        except TimeoutError:
            failed = TimedOut("no answer in time")
        except (aiohttp.ClientError, OSError) as e:
            failed = NetworkError(type(e).__name__)
        else:
            if 200 <= code < 300:  # HTTP's own range
                return code, body
            failed = _refusal(code, body)
        raise failed  # out here, so that it has no cause or context with the address in it

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=60)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as a dict with a "result".

        Raises:
            NetworkError: it is something else, such as the page of a proxy.
        """
        answer = _object(payload)
        if answer is None or "result" not in answer:
            raise NetworkError("not an answer of the Bot API")
        return answer


def _moment(date: str | None) -> float | None:
    """What a Date header says, seconds since 1970; None when it says nothing that can be read."""
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None


def _seconds(given: Any, default: float) -> float:
    return float(given) if isinstance(given, (int, float)) else default


def _payload(data: RequestData | None) -> dict[str, Any]:
    """The body: JSON, which is a third of the same Vietnamese text in a form; a form where there are files."""
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": _json(data), "headers": _JSON}
    form = aiohttp.FormData(quote_fields=False)  # Telegram shows the name of a file as it comes
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return {"data": form}


def _json(data: RequestData) -> bytes:
    """python-telegram-bot would put the words of a `TypeError`, and with them what a person wrote, into its own error."""
    try:
        return json.dumps(data.parameters, ensure_ascii=False).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError) as e:
        why = type(e).__name__
    raise TelegramError(f"the request is no JSON: {why}")


def answered(code: int, body: bytes) -> Any:
    """The "result" of an answer of the Bot API.

    Raises:
        NotOk: it says no.
        NetworkError: it is something else, such as the page of a proxy.
    """
    if 200 <= code < 300:  # HTTP's own range
        return AiohttpRequest.parse_json_payload(body)["result"]
    raise _refusal(code, body)


def _refusal(code: int, body: bytes) -> TelegramError:
    answer = _object(body)
    if answer is None or "ok" not in answer:
        return NetworkError(f"HTTP {code} from somebody who is not the Bot API")
    parameters = answer.get("parameters")
    told = parameters if isinstance(parameters, dict) else {}
    wait, moved = told.get("retry_after"), told.get("migrate_to_chat_id")
    return NotOk(
        code,
        str(answer.get("description") or ""),
        float(wait) if isinstance(wait, (int, float)) else None,
        str(moved) if isinstance(moved, int) else "",
    )


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = from_json(body)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    text = body.decode("utf-8", "replace")
    try:
        value = _loads(text, None)
    except ValueError:
        try:
            value = _loads(text, _small_int)  # Python refuses numbers of more than 4,300 digits
        except (ValueError, RecursionError):
            return None
    except RecursionError:
        return None
    return value if isinstance(value, dict) else None


def _loads(text: str, parse_int: Callable[[str], int] | None) -> Any:
    return json.loads(text, parse_int=parse_int)


def _small_int(digits: str) -> int:
    return int(digits) if len(digits) <= _INT_MAX else 0
