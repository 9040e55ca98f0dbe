"""One update inside its transaction: who it is from, what it wants, what comes of it, and what is said."""

from bot.handling.parts import Notifier, Parts
from bot.handling.wants import Handling

__all__ = ["Handling", "Notifier", "Parts"]
