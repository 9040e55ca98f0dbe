"""What a person sees, and what the log tells: plain records made from the fake's JSON."""

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Button:
    """An inline button; `data` is None for one that opens a page or copies a text. `raw` has everything."""

    text: str
    data: str | None
    raw: dict[str, Any]


@dataclass(frozen=True)
class Message:
    """A message as it is now. `edits` are its earlier states, oldest first: `{"at", "text", "buttons"}`."""

    id: int
    chat_id: int
    from_bot: bool
    text: str
    entities: list[dict[str, Any]]
    buttons: list[list[Button]]
    keyboard: list[list[Any]] | None
    removes_keyboard: bool
    media: str | None
    content: dict[str, Any]
    thread: int | None
    reply_to: int | None
    date: int
    deleted: bool
    reactions: dict[str, list[str]]
    edits: list[dict[str, Any]]

    @classmethod
    def of(cls, view: dict[str, Any]) -> Self:
        rows = [[Button(b["text"], b.get("callback_data"), b) for b in row] for row in view["buttons"]]
        names = cls.__dataclass_fields__.keys() - {"id", "buttons"}
        return cls(id=view["message_id"], buttons=rows, **{name: view[name] for name in names})

    @property
    def labels(self) -> list[str]:
        """The words on the inline buttons, row by row."""
        return [button.text for row in self.buttons for button in row]

    @property
    def keys(self) -> list[str]:
        """The words on the reply keyboard, row by row."""
        return [key if isinstance(key, str) else key["text"] for row in self.keyboard or [] for key in row]

    def button(self, label: str) -> Button:
        """The button with these words; raises `KeyError` naming those there are."""
        for row in self.buttons:
            for button in row:
                if button.text == label:
                    return button
        raise KeyError(f"{label!r} is not among {self.labels}")

    def parts(self, kind: str) -> list[str]:
        """The stretches of text that an entity of `kind` covers: `parts("bold")`."""
        raw = self.text.encode("utf-16-le")
        spans = [(e["offset"] * 2, (e["offset"] + e["length"]) * 2) for e in self.entities if e["type"] == kind]
        return [raw[start:stop].decode("utf-16-le") for start, stop in spans]


@dataclass(frozen=True)
class Tap:
    """A tap that went out; `update_id` is None when the bot does not want such updates."""

    query_id: str
    message_id: int
    update_id: int | None


@dataclass(frozen=True)
class Toast:
    """How the bot answered a tap."""

    text: str
    show_alert: bool
    url: str | None


@dataclass(frozen=True)
class Log:
    """Everything so far.

    `calls[n]`: number, at, method, params, chat, via, code (0: not answered), description, result, message_id, fault,
    applied, took_s. `updates[n]`: update_id, kind, chat, body, at, deliveries, fate, settled_at.
    `attempts[n]` (webhook): at, update_id, status, error. `violations[n]`: at, kind, what, method, chat.
    """

    now: float
    calls: list[dict[str, Any]]
    updates: list[dict[str, Any]]
    attempts: list[dict[str, Any]]
    violations: list[dict[str, Any]]

    def of(self, *methods: str) -> list[dict[str, Any]]:
        """The calls of these methods, in order."""
        return [call for call in self.calls if call["method"] in methods]
