"""Telegram: read what came, render what goes, send it."""

from bot.channels.telegram.channel import FileTooBig, TelegramChannel
from bot.channels.telegram.webhook import Webhook

__all__ = ["FileTooBig", "TelegramChannel", "Webhook"]
