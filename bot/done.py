"""What a transaction leaves to do once it is committed."""

from dataclasses import dataclass, field

from bot.channels.base import Address, Outgoing
from storage.outbox import Message


@dataclass(slots=True)
class Done:
    """What a transaction leaves to do once it is committed."""

    address: Address
    rows: list[Message] = field(default_factory=list)
    fire: list[Outgoing] = field(default_factory=list)  # worth one try, not kept
    forgotten: list[str] = field(default_factory=list)  # files to be deleted
    led_on: bool = False  # to a further card
