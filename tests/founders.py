"""Scripted founders: one who answers as asked, one who does everything wrong."""

import random
from dataclasses import dataclass

from flows.session import Contacted, Corrected, Event, Located, Odd, Sent, Spoke, Tapped, Typed, View

LONG = "Chúng em giúp các hợp tác xã rau sạch ở ngoại thành bán hàng trực tuyến và quản lý đơn đặt hàng."
TEXTS = (LONG, "An Phú", "0912 345 678", "an@anphu.vn", "0199999991", "62010", "345/KH-UBND ngày 30/12/2022")
NUMBERS = ("2020", "2025", "5", "2", "1", "0", "50", "12,5")
MONEY = ("500 triệu", "1 tỷ", "5 triệu", "0 đồng")
DATES = ("23/11/2026", "01/12/2026", "20/11/2026", "31/12/2026")
WRONG = (
    "", " ", "asdf", "???", "👍", "😀😀😀", "-1", "999999999999999999999999", "0", "1,5", "ba", "31/02/2026", "hôm qua",
    "quay lai", "bỏ qua", "dừng", "ok", "dạ vâng ạ", "<b>x</b>", "' or 1=1 --", "${sex}", "{receipt}", "\ud800", "\x00",
    "a" * 5000, "Hoà Lạc".encode().decode(), "1 2 3", "không biết", "vài trăm triệu", "tiếng anh", "/start", "\u202eabc",
)  # fmt: skip


@dataclass
class Willing:
    """Answers every card as it is asked, trying one plausible answer after another."""

    seed: int = 1
    tries: int = 0
    at: str = ""
    skips: bool = False  # passes over what may be passed over

    def answer(self, view: View, card: int, now: int) -> Event:
        """What they do about the open card."""
        self.tries = self.tries + 1 if view.path + view.kind == self.at else 0
        self.at = view.path + view.kind
        dice = random.Random(f"{self.seed} {view.path} {self.tries}")

        def tap(op: str, arg: str = "") -> Tapped:
            return Tapped(now, op, view.path or None, arg, card)  # type: ignore[arg-type]

        match view.kind:
            case "confirm":
                return tap("yes")
            case "add":
                return tap("add" if dice.random() < 0.3 and view.total < 3 else "enough")
            case "review":
                return tap("submit")
            case "paused":
                return tap("resume")
            case _:
                pass
        if view.consent:
            return tap("pick", view.options[0].name)
        if self.skips and "skip" in view.actions:
            return tap("skip")
        if view.type in {"select_multiple", "rank"}:
            most = view.most or (2 if self.tries < 4 else 1)
            least = max(view.least, 1)
            wanted = dice.sample(
                [o.name for o in view.options],
                min(
                    len(view.options),
                    max(least, most if view.type == "rank" else dice.randint(least, max(least, most))),
                ),
            )
            return tap("set", " ".join(wanted))
        if view.options:
            return tap("pick", dice.choice(view.options).name)
        return self._typed(view, now)

    def _typed(self, view: View, now: int) -> Event:
        if view.type in {"image", "audio", "video", "file"}:
            ending = view.accept[0] if view.accept else "jpg"
            mime = "image/jpeg" if view.type == "image" else "application/pdf"
            return Sent(now, "image" if view.type == "image" else "file", f"f{self.tries}", f"tep.{ending}", mime, 1000)
        if view.type == "geopoint":
            return Located(now, 21.03, 105.85)
        pool: tuple[str, ...] = TEXTS
        if view.parse == "money_vi":
            pool = MONEY
        elif view.type in {"integer", "decimal", "range"}:
            pool = NUMBERS
        elif view.type == "date":
            pool = DATES
        elif view.parse in {"phone_vn", "phone_any"}:
            pool = ("0912 345 678",)
        elif view.parse == "mst":
            pool = ("0199999991",)
        return Typed(now, pool[self.tries % len(pool)])


class Patient(Willing):
    """Also knows what time it is, and says yes where that is all one can say."""

    def _typed(self, view: View, now: int) -> Event:
        said = {"time": "08:30", "datetime": "23/11/2026 08:30", "acknowledge": "yes"}.get(view.type)
        return Typed(now, said) if said is not None else super()._typed(view, now)


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
