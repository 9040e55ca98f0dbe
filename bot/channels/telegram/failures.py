"""What Telegram's "no" means for a message that waits to be sent."""

import re
from typing import Final

from telegram.error import NetworkError

from bot.channels.base import Locked, Lost, Moved, Refused, SendFailed, Throttled, Unchanged, Unreachable
from bot.channels.telegram_request import NotOk

RETRY_AFTER_S: Final = 5.0  # when a 429 does not say

# Telegram has no codes for these, only words. They are compared in lower case and as parts.
_DONE: Final = (
    "message is not modified",
    "message to delete not found",
    "message can't be deleted",  # after 48 hours; what it carried has long been used
    "query is too old",
)
_LOST: Final = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not specified",
)
_GONE: Final = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "group chat was deactivated",
)
_VARIABLE: Final = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'|\d+")
_REASON_MAX: Final = 100  # characters


def failure(error: Exception, *, known: bool) -> SendFailed | None:
    """What a failed call means; None when the fault is ours and not the world's.

    `known`: Telegram has accepted this token before, so that a 404 is about the method and not about the token.
    """
    if isinstance(error, NotOk):
        return _refusal(error, known=known)
    if isinstance(error, NetworkError):
        return Unreachable(str(error))
    return None


def _refusal(no: NotOk, *, known: bool) -> SendFailed:
    if no.migrate_to:
        return Moved(no.migrate_to)
    if no.retry_after is not None or no.code == 429:  # HTTP's own number, as all below
        return Throttled(no.retry_after if no.retry_after is not None else RETRY_AFTER_S)
    if no.code >= 500:
        return Unreachable(f"HTTP {no.code}")
    if no.code in {401, 409} or (no.code == 404 and not known):
        return Locked(f"HTTP {no.code}: {_reason(no)}")
    if no.code == 403:
        return Refused(_reason(no), gone=True)
    said = no.description.lower()
    if any(words in said for words in _DONE):
        return Unchanged(_reason(no))
    if any(words in said for words in _LOST):
        return Lost(_reason(no))
    return Refused(_reason(no), gone=any(words in said for words in _GONE))


def _reason(no: NotOk) -> str:
    """Telegram's words without what it quotes: that may be something a person wrote, or who they are."""
    return _VARIABLE.sub("…", no.description)[:_REASON_MAX] or f"HTTP {no.code}"
