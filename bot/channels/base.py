"""What a channel is: raw updates read, effects rendered, requests sent; and every way a send can fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from flows.session import Effect, Event


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person or a group is reached: unique as a whole."""

    channel: str  # "telegram", "web"
    bot: str  # which bot or account of ours, as the channel numbers it
    chat: str  # as the channel spells it


@dataclass(frozen=True, slots=True)
class Update:
    """One raw update as it came, before anybody has understood it. This is what the inbox keeps."""

    channel: str
    bot: str
    key: str  # the channel's own id of it: the same update sent twice has the same key
    chat: str  # whose lane it belongs to; "" when it belongs to nobody's
    body: str  # JSON, as it came
    at: int  # milliseconds since 1970, UTC, when we received it
    raw: Any = field(default=None, compare=False, repr=False)  # the body read, where whoever brought it has done that


Command = Literal["start", "help", "language", "privacy", "stop", "status", "amend"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an update means to us.

    Exactly one of: `event` (for the open session), `command` (for the router), `open_flow` (a survey was chosen),
    `reach` (the person blocked or unblocked us), `ignored` (why it means nothing).
    """

    address: Address
    event: Event | None = None
    command: Command | None = None
    argument: str = ""  # of the command: a deep link's payload, a language code
    open_flow: str = ""
    session: str = ""  # the session a button belongs to, where the channel knows; "" otherwise
    reach: Literal["", "blocked", "reachable"] = ""
    ignored: str = ""
    lang: str = ""  # the client's own language, where it tells one
    private: bool = True  # False in groups and channels: nothing personal is asked there
    invite: str = ""  # in groups: the address at which to write to us privately, where there is one
    message: str = ""  # the channel's id of the message the person sent, or tapped a button on
    tap: str = ""  # the channel's id of the tap, to be acknowledged
    media: Mapping[str, Any] | None = None  # what must be fetched before the event can be made: a file's id, name, size


@dataclass(frozen=True, slots=True)
class Context:
    """What a channel needs beside the effects to render them."""

    address: Address
    session: str  # its id; "" outside a session
    lang: str
    incoming: Incoming | None = None  # what the effects answer to
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request that waits in the outbox, in the channel's own words.

    `card` names the card it shows or changes, "<session>:<number>"; the message id that the channel gives the card is
    remembered under it, so that a later `edit` finds its message. `edit` without a known message is sent as new.
    """

    method: str  # the channel's own: "sendMessage", "editMessageText", "event"
    body: Mapping[str, Any]  # JSON
    card: str = ""
    edit: bool = False
    drop_if_unsent: bool = False  # an edit that is pointless when the card was never sent (a receipt)
    priority: int = 0  # 0: a person waits for it; 5: a notice; 9: a broadcast
    durable: bool = True  # False: worth one try, not worth a row (an acknowledged tap, "typing…")
    written: str = (
        ""  # the body as JSON, where it is written already: that of a row of the outbox, whose `body` is empty
    )


@dataclass(frozen=True, slots=True)
class Delivered:
    """The channel took it."""

    message: str = ""  # its id of the message, where there is one


class SendFailed(Exception):
    """The channel did not take a message.

    SendFailed
    ├── Throttled     try again after `wait_s`
    ├── Unreachable   try again later: it may have arrived
    ├── Unchanged     it says so already: as good as sent
    ├── Lost          the message to edit is gone: send it as a new one
    ├── Moved         the group became `chat`: send it there
    ├── Refused       never: malformed, too long; `gone` when the person blocked us or is no more
    └── Locked        the token is wrong, or another process polls: nothing of this bot can be sent
    """

    retryable: ClassVar[bool] = False


class Throttled(SendFailed):
    """Too many requests: this chat (or, `everywhere`, this bot) waits."""

    retryable = True

    def __init__(self, wait_s: float, *, everywhere: bool = False) -> None:
        self.wait_s = wait_s
        self.everywhere = everywhere
        super().__init__(f"try again in {wait_s} s")


class Unreachable(SendFailed):
    """No answer, or an answer that says nothing: time-outs, 5xx, broken connections."""

    retryable = True


class Unchanged(SendFailed):
    """The message says that already."""


class Lost(SendFailed):
    """There is no such message to edit."""


class Moved(SendFailed):
    """The group has a new id."""

    def __init__(self, chat: str) -> None:
        self.chat = chat
        super().__init__("the chat has moved")


class Refused(SendFailed):
    """The channel will never take this. The reason holds no token and nothing a person wrote."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        self.gone = gone
        super().__init__(reason)


class Locked(SendFailed):
    """The bot itself is refused."""


class Channel(Protocol):
    """A way to reach people. One object per bot account."""

    name: str
    bot: str

    def read(self, update: Update) -> Incoming:
        """What the update means. Never raises because of what is in it."""
        ...

    def render(self, effects: Sequence[Effect], context: Context) -> list[Outgoing]:
        """The requests that carry the effects out, in order. Pure."""
        ...

    async def fetch(self, media: Mapping[str, Any]) -> tuple[bytes, str, str]:
        """A file that a person sent, as `Incoming.media` told of it: its content, name and MIME type.

        Raises:
            SendFailed: it cannot be had, now or ever.
        """
        ...

    async def send(self, outgoing: Outgoing, chat: str, message: str) -> Delivered:
        """Carry one out. `message`: the channel's id of the card to edit, "" if unknown.

        Raises:
            SendFailed: see there.
        """
        ...
