"""What the web chat needs of the house."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from bot.channels.base import Update
from bot.files import FileRef
from bot.web.bell import Bell
from bot.web.house import WebHouse, WebSettings
from flows.model import Text


class ChatSettings(WebSettings, Protocol):
    """The settings that the web chat reads."""

    @property
    def programme_contact(self) -> str: ...  # noqa: D102 — told where settings are
    @property
    def upload_max_mb(self) -> int: ...  # noqa: D102
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


class ChatHouse(WebHouse, Protocol):
    """What the web chat needs of the house."""

    @property
    def settings(self) -> ChatSettings: ...  # noqa: D102 — as in bot/app.py
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
