"""Sends the outbox: pace, order, retries, giving up."""

from bot.delivery.pace import Pace
from bot.delivery.sender import Delivery

__all__ = ["Delivery", "Pace"]
