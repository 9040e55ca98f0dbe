"""What the web chat and the staff console both need of the house."""

from collections.abc import Callable
from typing import Protocol

from bot.i18n import Words
from storage.db import Database


class WebSettings(Protocol):
    """The settings that both read."""

    @property
    def programme_name(self) -> str:
        """Who collects the answers."""
        ...

    @property
    def trust_proxy(self) -> bool:
        """Whether a proxy of ours says where a request comes from."""
        ...


class WebHouse(Protocol):
    """The house, as in bot/app.py; each side adds what it alone needs."""

    @property
    def db(self) -> Database: ...  # noqa: D102 — the type says it
    @property
    def words(self) -> Words: ...  # noqa: D102
    @property
    def clock(self) -> Callable[[], int]: ...  # noqa: D102
