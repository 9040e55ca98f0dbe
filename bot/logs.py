"""Logs: structured, with ids and never a token, a name, a phone or an answer."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal

import structlog

# A bot token wherever it stands: in a Bot API address, in an exception's words. core.telegram.org/bots/api#authorizing-your-bot
_TOKEN: Final = re.compile(r"\b(bot)?\d{6,12}:[A-Za-z0-9_-]{30,}")
_LINK: Final = re.compile(r"/(c|join)/[A-Za-z0-9_-]{16,}")  # the link of a web chat, or to a staff account, is its key
_QUIET: Final = ("httpx", "httpcore", "aiohttp.access", "telegram", "uvicorn.access", "aiosqlite", "asyncio", "alembic")


def redact(text: str) -> str:
    """The text without tokens and links that open something.

    >>> redact("GET /bot123456789:AAHk3v5mY0aXq2WmV8bN1cD4eF6gH7iJ9kL/getMe")
    'GET /bot***/getMe'
    """
    return _LINK.sub(r"/\1/***", _TOKEN.sub(lambda found: f"{found[1] or ''}***", text))


def set_up(level: str, style: Literal["console", "json"]) -> None:
    """Send every library's and our own logs through one redacting formatter, to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redacting(renderer)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # its own set-up gives them handlers of their own
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _redacting(renderer: structlog.typing.Processor) -> structlog.typing.Processor:
    """A renderer whose whole line is redacted: a token may stand in a list, in an object, in a chained exception."""

    def render(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        return redact(str(renderer(logger, method, event)))

    return render
