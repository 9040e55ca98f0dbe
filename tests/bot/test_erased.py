"""What is erased is gone from the process too: nothing that a step left behind for the next one still holds it."""

import gc
from typing import Any

from bot.app import House
from flows.session import Answer
from storage import inbox, outbox, sessions
from storage.db import Tx
from tests.bot.conftest import Clock
from tests.bot.test_runner import Web

SECRET = "Công ty Bí Mật Của Riêng Tôi"


def holders() -> list[Any]:
    """Everything in the process through which an answer with the secret can be reached."""
    gc.collect()
    return [one for one in gc.get_objects() if type(one) is Answer and SECRET in one.raw]


async def test_an_erasure_leaves_no_answer_in_memory(house: House, clock: Clock) -> None:
    web = Web(house, clock)
    await web.opens("startup_support_needs")
    await web.taps("pick", "yes")
    await web.taps("pick", "no")  # may be passed on
    await web.says(SECRET)
    assert holders() != []  # what was said is remembered for the next step, or this would show nothing
    session = await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", "c1"))
    assert session is not None
    known = session.id
    del session

    async def erase(tx: Tx) -> None:
        """As the console would, without a step of the session."""
        await sessions.erase_answers(tx, known)
        await outbox.erase_session(tx, known)
        await inbox.erase_chat(tx, "web", "web", "c1")

    await house.db.write(erase)
    assert holders() == []
