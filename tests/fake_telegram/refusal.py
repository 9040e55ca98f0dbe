"""A call that Telegram does not carry out."""

from typing import Any


class Refusal(Exception):
    """An answer with `ok: false`: the HTTP code, the words, and what goes beside them (`retry_after`, …)."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(description: str, **parameters: int) -> Refusal:
    """400 in Telegram's wording."""
    return Refusal(400, f"Bad Request: {description}", **parameters)


def forbidden(description: str) -> Refusal:
    """403 in Telegram's wording."""
    return Refusal(403, f"Forbidden: {description}")


def too_many(retry_after_s: int) -> Refusal:
    """429; `retry_after_s` whole seconds."""
    return Refusal(429, f"Too Many Requests: retry after {retry_after_s}", retry_after=retry_after_s)


def conflict(description: str) -> Refusal:
    """409 in Telegram's wording."""
    return Refusal(409, f"Conflict: {description}")
