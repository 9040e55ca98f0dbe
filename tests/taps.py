"""`python -m tests.taps --rounds N`: two taps at once on one card, over and over, from Telegram and from the web chat.

Of each pair, on the same option or on two, up to ten milliseconds apart, exactly one may count: one answer more, and
one next question, sent once. The suite does sixty rounds; by hand it is thousands.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final, Protocol

from bot.app import House, opened
from bot.channels.base import Update
from bot.config import read_settings
from bot.logs import set_up
from flows.session import Session
from storage import outbox, sessions
from storage.db import Tx
from storage.outbox import Message

FLOW: Final = "article_rating"
APART_S: Final = 0.01  # at most


class Person(Protocol):
    """Somebody on one channel, told by the updates that they cause."""

    address: tuple[str, str, str]

    def starts(self, number: int) -> list[Update]:
        """They begin the survey, leaving what they had open."""
        ...

    def options(self, rows: list[Message]) -> list[str]:
        """The options of the newest card, as they are tapped; none where it is no question with options."""
        ...

    def taps(self, number: int, option: str) -> Update:
        """One tap on the newest card."""
        ...


@dataclass
class OnTelegram:
    """Somebody in Telegram."""

    house: House

    def __post_init__(self) -> None:
        assert self.house.telegram is not None
        self.telegram = self.house.telegram
        self.address = ("telegram", self.telegram.bot, "7")

    def starts(self, number: int) -> list[Update]:
        return [self._says(number * 10, "/stop"), self._says(number * 10 + 1, f"/start {FLOW}")]

    def options(self, rows: list[Message]) -> list[str]:
        cards = [json.loads(row.body) for row in rows if row.method == "sendMessage"]
        keyboard = cards[-1].get("reply_markup", {}).get("inline_keyboard", [])
        return [b["callback_data"] for row in keyboard for b in row if b.get("callback_data", "").startswith("p")]

    def taps(self, number: int, option: str) -> Update:
        message = {"message_id": 1, "chat": {"id": 7, "type": "private"}, "date": 1}
        tap = {"id": f"q{number}", "from": self._who(), "message": message, "data": option}
        return self.telegram.update_of({"update_id": number * 10 + 2, "callback_query": tap})

    def _says(self, number: int, text: str) -> Update:
        chat = {"id": 7, "type": "private"}
        message = {
            "message_id": number,
            "from": self._who(),
            "chat": chat,
            "date": 1_790_000_000 + number,
            "text": text,
        }
        return self.telegram.update_of({"update_id": number, "message": message})

    @staticmethod
    def _who() -> dict[str, Any]:
        return {"id": 7, "is_bot": False, "first_name": "An", "language_code": "vi"}


@dataclass
class OnTheWeb:
    """Somebody in the web chat, with the page open in two tabs."""

    house: House
    card: int = 0
    ref: str = ""

    def __post_init__(self) -> None:
        self.address = ("web", "web", "c7")

    def starts(self, number: int) -> list[Update]:
        stop = {"type": "command", "name": "stop", "argument": "", "lang": "vi"}
        return [
            self._update(f"s{number}", stop),
            self._update(f"o{number}", {"type": "open", "flow": FLOW, "lang": "vi"}),
        ]

    def options(self, rows: list[Message]) -> list[str]:
        cards = [json.loads(row.body) for row in rows if row.method in {"card", "edit"}]
        newest = [card for card in cards if card["kind"] != "settled"][-1]
        self.card, self.ref = newest["card"], newest["ref"]
        return [option["name"] for option in newest["options"]] if newest["kind"] == "question" else []

    def taps(self, number: int, option: str) -> Update:
        body = {"type": "tapped", "op": "pick", "arg": option, "card": self.card, "ref": self.ref}
        return self._update(f"t{number}", body)

    def _update(self, key: str, body: dict[str, Any]) -> Update:
        return Update("web", "web", key, "c7", json.dumps(body), self.house.clock())


async def double_taps(house: House, who: Person, rounds: int, dice: random.Random, apart_s: float = 0.0) -> list[str]:
    """So many pairs of taps, up to `apart_s` apart; what went otherwise than it must."""
    faults: list[str] = []
    numbers = count(1)
    done = 0
    while done < rounds:
        before, rows = await _now(house, who)
        options = who.options(rows) if before is not None and before.at else []
        if before is None or not options:
            for update in who.starts(next(numbers)):
                await house.intake.accept([update])
            await house.lanes.settled()
            continue
        pair = [who.taps(next(numbers), dice.choice(options)) for _ in range(2)]

        async def comes(update: Update, after_s: float) -> None:
            await asyncio.sleep(after_s)
            await house.intake.accept([update])

        await asyncio.gather(comes(pair[0], 0.0), comes(pair[1], dice.choice((0.0, dice.uniform(0.0, apart_s)))))
        await house.lanes.settled()
        done += 1
        after = await house.db.read(lambda tx: sessions.last_of(tx, *who.address))
        faults += [f"round {done}: {what}" for what in _wrong(before, after, (await _now(house, who))[1][len(rows) :])]
    return faults


async def _now(house: House, who: Person) -> tuple[Session | None, list[Message]]:
    async def look(tx: Tx) -> tuple[Session | None, list[Message]]:
        return await sessions.open_of(tx, *who.address), await outbox.transcript(tx, *who.address, 0, 1_000_000)

    return await house.db.read(look)


def _wrong(before: Session, after: Session | None, new: list[Message]) -> list[str]:
    """What is not as after exactly one tap."""
    if after is None or after.id != before.id:
        return ["the session is gone"]
    faults = []
    if (more := len(after.answers) - len(before.answers)) != 1:
        faults.append(f"{more} answers came of two taps")
    if after.card != before.card + 1:
        faults.append(f"{after.card - before.card} cards came of two taps")
    shown = [row.card for row in new if row.card == f"{after.id}:{after.card}" and not row.edit]
    if len(shown) != 1:
        faults.append(f"the next card was sent {len(shown)} times")
    return faults


async def run(rounds: int, seed: int) -> int:
    """Half of the rounds on each channel; the number of faults."""
    dice, found = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            {},
            data_dir=Path(folder) / "d",
            free_min_mb=0,
            telegram_token="123456:abc",  # nobody is asked with it
            telegram_base_url="http://127.0.0.1:1",
            flood_per_min=0,
        )
        async with opened(settings) as house:
            people: dict[str, Person] = {"Telegram": OnTelegram(house), "web chat": OnTheWeb(house)}
            for name, who in people.items():
                began = time.monotonic()
                faults = await double_taps(house, who, rounds // 2, dice, APART_S)
                found[name] = len(faults)
                sys.stdout.write(
                    f"{name:<10} {rounds // 2} pairs of taps in {time.monotonic() - began:.0f} s, faults {len(faults)}\n"
                )
                for fault in faults[:10]:
                    sys.stdout.write(f"FAULT: {fault}\n")
    return found.total()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    set_up("ERROR", "console")  # nobody is there to be told that a tap has arrived
    sys.exit(1 if asyncio.run(run(given.rounds, given.seed)) else 0)


if __name__ == "__main__":
    main()
