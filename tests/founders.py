"""Scripted founders: one who answers as asked, one who does everything wrong."""

import random
from dataclasses import dataclass

from bot.walker import DATES, MONEY, NUMBERS, TEXTS
from bot.walker import Walker as Willing
from flows.session import Contacted, Corrected, Event, Located, Odd, Sent, Spoke, Tapped, Typed, View

__all__ = ["DATES", "MONEY", "NUMBERS", "TEXTS", "WRONG", "Clumsy", "Willing"]

WRONG = (
    "", " ", "asdf", "???", "👍", "😀😀😀", "-1", "999999999999999999999999", "0", "1,5", "ba", "31/02/2026", "hôm qua",
    "quay lai", "bỏ qua", "dừng", "ok", "dạ vâng ạ", "<b>x</b>", "' or 1=1 --", "${sex}", "{receipt}", "\ud800", "\x00",
    "a" * 5000, "Hoà Lạc".encode().decode(), "1 2 3", "không biết", "vài trăm triệu", "tiếng anh", "/start", "\u202eabc",
)  # fmt: skip


@dataclass
class Clumsy:
    """Does one odd thing after another; the same seed does the same."""

    dice: random.Random

    def act(self, view: View, card: int, now: int) -> Event:
        """Something that is probably wrong here."""
        dice = self.dice
        options = [o.name for o in view.options] or ["x"]
        path = view.path or None
        kind = dice.randrange(15)
        match kind:
            case 0 | 1 | 2:
                return Typed(now, dice.choice(WRONG))
            case 3:
                return Typed(now, dice.choice(TEXTS + NUMBERS + MONEY + DATES))
            case 4:
                return Tapped(
                    now,
                    dice.choice(("on", "off", "pick")),
                    path,
                    dice.choice([*options, "nope", "~ABCDEF"]),
                    dice.choice((card, card, card - 1, 999)),
                )
            case 5:
                return Tapped(
                    now,
                    dice.choice(
                        (
                            "back",
                            "skip",
                            "later",
                            "resume",
                            "review",
                            "submit",
                            "add",
                            "enough",
                            "yes",
                            "no",
                            "show",
                            "done",
                        )
                    ),
                    dice.choice((path, None, "no/such", "#zz", "#0")),
                    "",
                    dice.choice((card, None, card - 1)),
                )
            case 6:
                return Tapped(now, "set", path, " ".join(dice.sample(options, dice.randint(0, len(options)))), card)
            case 7:
                return Tapped(now, "page", path, dice.choice(("0", "3", "-1", "99999", "x")), card)
            case 8:
                return Odd(now, dice.choice(("sticker", "dice", "poll")))
            case 9:
                return dice.choice(
                    (
                        Located(now, 91.0, 400.0),
                        Located(now, 21.03, 105.85),
                        Contacted(now, "0912345678", own=False),
                        Contacted(now, "+84912345678", own=True),
                    )
                )
            case 12:
                number = str(dice.randrange(30))
                return dice.choice(
                    (
                        Corrected(now, dice.choice(TEXTS + NUMBERS + WRONG), number),
                        Typed(now, dice.choice(TEXTS + WRONG), message=number, forwarded=True),
                        Typed(
                            now,
                            dice.choice(TEXTS + NUMBERS),
                            message=number,
                            reply=True,
                            reply_to=str(dice.randrange(30)),
                        ),
                        Typed(
                            now,
                            dice.choice(TEXTS + NUMBERS),
                            path=f"#{dice.randrange(40):x}",
                            message=number,
                            reply=True,
                        ),
                    )
                )
            case 13:
                return Tapped(
                    now,
                    dice.choice(("turn", "fill", "why", "keep", "pick")),
                    path,
                    dice.choice(("2026-11", "2026", "2016s", "2026-11-05", "x", *options)),
                    card,
                )
            case 14:
                return Typed(now, dice.choice(TEXTS + NUMBERS + MONEY + WRONG), message=str(dice.randrange(30)))
            case 10:
                return Sent(
                    now,
                    dice.choice(("image", "audio", "video", "file")),
                    "f",
                    dice.choice(("a.exe", "b.jpg", "c.pdf", "noending")),
                    "image/png",
                    dice.choice((0, 10**9)),
                )
            case _:
                return dice.choice(
                    (Spoke(now, "en"), Spoke(now, "vi"), Spoke(now, "fr"), Tapped(now, "edit", path, "", card))
                )
