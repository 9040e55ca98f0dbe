"""A whole house and raw updates of Telegram: whatever comes at whatever moment is handled, answered, and no obstacle."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import House, opened
from bot.channels.telegram.buttons import Press
from bot.config import read_settings
from flows.engine import show_again
from flows.session import Event, Located, Sent, Session, Show, Tapped, Typed, View
from storage import inbox, outbox, sessions, submissions
from tests.bot.conftest import Clock
from tests.founders import Willing

CHAT = 42
LAN = {"id": CHAT, "is_bot": False, "first_name": "Lan", "language_code": "vi"}
PRIVATE = {"id": CHAT, "type": "private", "first_name": "Lan"}
FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 10}
LONGEST = 120  # answers of one talk


@pytest.fixture
async def house(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house whose Telegram cannot be reached: updates are put in by hand, and what it says stays in the outbox."""
    monkeypatch.setattr("bot.fetching.WAITS_S", (0.0, 0.0, 0.0))  # every file is tried as often, without the pauses
    given = {"data_dir": tmp_path, "free_min_mb": 0, "flood_per_min": 0, "telegram_token": "1:x"}
    settings = read_settings({}, **given, telegram_base_url="http://127.0.0.1:9")
    async with opened(settings, clock=clock) as built:
        yield built
        assert built.telegram is not None
        await built.telegram.close()


class Chat:
    """One person's private chat, as raw updates."""

    def __init__(self, house: House, clock: Clock) -> None:
        assert house.telegram is not None
        self.house, self.clock, self.telegram = house, clock, house.telegram
        self.number = 0

    async def update(self, **raw: Any) -> None:
        """One update, and everything that follows from it."""
        self.clock.passes(30)
        self.number += 1
        await self.house.intake.accept([self.telegram.update_of({"update_id": self.number, **raw})])
        await self.house.lanes.settled()

    def message(self, **content: Any) -> dict[str, Any]:
        """A message of theirs."""
        date = self.clock() // 1000
        return {"message_id": 1000 + self.number, "date": date, "from": LAN, "chat": PRIVATE} | content

    async def sends(self, **content: Any) -> None:
        await self.update(message=self.message(**content))

    async def taps(self, data: str) -> None:
        card = {"message_id": 5, "date": 0, "chat": PRIVATE}
        await self.update(callback_query={"id": str(self.number), "from": LAN, "message": card, "data": data})

    async def session(self) -> Session | None:
        bot = self.telegram.bot
        return await self.house.db.read(lambda tx: sessions.open_of(tx, "telegram", bot, str(CHAT)))

    async def view(self, session: Session) -> View:
        machine = await self.house.db.read(lambda tx: self.house.library.machine(tx, session.flow, session.version))
        return next(e.view for e in show_again(machine, session, self.clock()) if isinstance(e, Show))

    def data(self, session: Session, view: View, op: Any, arg: str = "", card: int | None = None) -> str:
        """What a button carries."""
        press = Press(op, view.ref, session.card if card is None else card, arg, session.id[-6:])
        return self.telegram._renderer._buttons.data(str(CHAT), press)

    async def does(self, event: Event, session: Session, view: View) -> None:
        """An event of a willing founder, as Telegram would tell it."""
        match event:
            case Typed(text=text):
                await self.sends(text=text)
            case Located(lat=lat, lon=lon):
                await self.sends(location={"latitude": lat, "longitude": lon})
            case Tapped(op="set", arg=arg):
                for name in set(session.draft.chosen) - set(arg.split()):
                    await self.taps(self.data(session, view, "off", name))
                for name in arg.split():
                    await self.taps(self.data(session, view, "on", name))
                await self.taps(self.data(session, view, "done"))
            case Tapped(op=op, arg=arg):
                await self.taps(self.data(session, view, op, arg))
            case Sent():
                await self.taps(self.data(session, view, "skip"))  # files cannot be fetched here
            case _:
                raise AssertionError(event)

    async def odd(self, session: Session, view: View, dice: random.Random) -> None:
        """Something that is no answer."""
        reply = {"message_id": 5, "date": 0, "chat": PRIVATE}
        other = {"id": 9, "is_bot": True, "first_name": "Bot", "username": "b"}
        old = {"inline_keyboard": [[{"text": "x", "callback_data": self.data(session, view, "edit", card=1)}]]}
        kinds: list[dict[str, Any]] = [
            {"message": self.message(sticker={**FILE, "emoji": "🐱"})},
            {"message": self.message(dice={"emoji": "🎲", "value": 3})},
            {"message": self.message(animation=FILE, document=FILE)},
            {"message": self.message(voice=FILE)},
            {"message": self.message(video_note=FILE)},
            {"message": self.message(photo=[FILE], media_group_id="1")},
            {"message": self.message(poll={"id": "1"})},
            {"message": self.message(contact={"phone_number": "84912345678", "user_id": 7})},
            {"message": self.message(text="???", forward_origin={"type": "hidden_user"})},
            {"message": self.message(text="", reply_to_message=reply)},
            {"message": self.message(text="\u200b", reply_to_message=reply | {"reply_markup": old})},
            {"message": self.message(text="/help")},
            {"message": self.message(text="/language en")},
            {"message": self.message(text="/language vi")},
            {"message": self.message(text="/privacy")},
            {"message": self.message(text="/nonsense")},
            {"message": self.message(text="quay lại")},
            {"message": self.message(text="huỷ")},
            {"message": self.message(text="via", via_bot=other)},
            {"message": self.message(pinned_message=reply)},
            {"message": self.message(hologram={})},
            {"edited_message": self.message(text="5", message_id=999, edit_date=1)},
            {"channel_post": self.message(text="x")},
            {"my_chat_member": {"chat": PRIVATE, "from": LAN, "new_chat_member": {"status": "member"}}},
            {"poll_answer": {}},
        ]
        if dice.random() < 0.3:
            data = dice.choice(("x", "", self.data(session, view, "pick", "yes", card=0), "w" * 64))
            await self.taps(data)
        else:
            await self.update(**dice.choice(kinds))


@pytest.mark.parametrize("flow", ["article_rating", "startup_support_needs"])
async def test_whatever_comes_between_the_answers_the_survey_is_handed_in(
    flow: str, house: House, clock: Clock
) -> None:
    chat, willing, dice = Chat(house, clock), Willing(3, skips=True), random.Random(flow)
    await chat.sends(text=f"/start {flow}")
    for _ in range(LONGEST):
        session = await chat.session()
        if session is None:
            break
        for _ in range(3):
            await chat.odd(session, await chat.view(session), dice)
        session = await chat.session()
        assert session is not None
        view = await chat.view(session)
        await chat.does(willing.answer(view, session.card, clock()), session, view)
    bot = chat.telegram.bot
    said = await house.db.read(lambda tx: outbox.transcript(tx, "telegram", bot, str(CHAT)))
    assert await house.db.read(submissions.count_by_flow) == {flow: 1}
    assert await house.db.read(inbox.count_undone) == 0
    assert await house.db.read(lambda tx: inbox.dead(tx, 10)) == []
    assert len(said) > chat.number / 2
