"""A Telegram Bot API that runs on this machine, refuses what Telegram refuses, fails on purpose, and tells afterwards.

    async with fake_telegram() as fake:          # or fake_telegram_process(): outlives a bot that is killed
        lan = fake.user(7, first_name="Lan")
        await lan.starts()                       # the bot under test talks to fake.base_url with fake.token
        card = await lan.sees("Ngành của anh/chị?")
        tap = await lan.taps("May mặc")
        assert await fake.violations() == []

One fake is one bot. Known to differ from Telegram: text modes other than HTML are refused, `http://` webhooks on this
machine are allowed, a second poller hears of its conflict at once (Telegram slows repeated ones down to 3 s).
"""

from tests.fake_telegram.actors import Group, NotSeen, Room, User
from tests.fake_telegram.client import Fake, Impossible
from tests.fake_telegram.limits import Limits
from tests.fake_telegram.process import fake_telegram, fake_telegram_process
from tests.fake_telegram.seen import Button, Log, Message, Tap, Toast
from tests.fake_telegram.world import TOKEN

__all__ = [
    "TOKEN",
    "Button",
    "Fake",
    "Group",
    "Impossible",
    "Limits",
    "Log",
    "Message",
    "NotSeen",
    "Room",
    "Tap",
    "Toast",
    "User",
    "fake_telegram",
    "fake_telegram_process",
]
