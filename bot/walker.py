"""Somebody who answers a form by themselves: for `khaosat try --seed`, `khaosat paths`, and tests over whole forms."""

import random
import re
import statistics
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from flows.engine import step
from flows.machine import Kind, Machine, is_shown
from flows.session import OPEN, Event, Located, Sent, Session, Show, Started, Status, Tapped, Typed, View

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_parse  # the shape of a pattern, to write words that fit it

TEXTS: Final = (
    "Chúng em giúp các hợp tác xã rau sạch ở ngoại thành bán hàng trực tuyến và quản lý đơn đặt hàng.",
    "An Phú", "0912 345 678", "an@anphu.vn", "0199999991", "62010", "345/KH-UBND ngày 30/12/2022", "A", "ABC", "12345",
)  # fmt: skip
NUMBERS: Final = ("2020", "2025", "5", "2", "1", "0", "50", "12,5", "100", "10")
MONEY: Final = ("500 triệu", "1 tỷ", "5 triệu", "0 đồng")
DATES: Final = ("23/11/2026", "01/12/2026", "20/11/2026", "31/12/2026", "15/03/1995")
PLACES: Final = "21.03, 105.85; 21.04, 105.86; 21.03, 105.87"
STEPS_MAX: Final = 2000


@dataclass
class Walker:
    """Answers every card as it is asked, trying one plausible answer after another; the same seed does the same.

    `machine`: whose constraints tell what may fit; without one only the card is known.
    """

    seed: int = 1
    machine: Machine | None = None
    tries: int = 0
    at: str = ""
    skips: bool = False  # passes over what may be passed over

    def answer(self, view: View, card: int, now: int) -> Event:
        """What they do about the open card."""
        self.tries = self.tries + 1 if view.path + view.kind == self.at else 0
        self.at = view.path + view.kind
        dice = random.Random(f"{self.seed} {view.path} {self.tries}")  # noqa: S311 — reproducible on purpose

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
        if "skip" in view.actions and (self.skips or self.tries > len(TEXTS)):
            return tap("skip")
        if view.type in {"select_multiple", "rank"} and view.options:
            return tap("set", " ".join(self._several(view, dice)))
        if view.options:
            return tap("pick", dice.choice(view.options).name)
        return self._written(view, now, dice)

    def _several(self, view: View, dice: random.Random) -> list[str]:
        most = view.most or (2 if self.tries < 4 else 1)
        least = max(view.least, 1)
        many = most if view.type == "rank" else dice.randint(least, max(least, most))
        return dice.sample([o.name for o in view.options], min(len(view.options), max(least, many)))

    def _written(self, view: View, now: int, dice: random.Random) -> Event:
        if view.type in {"image", "audio", "video", "file"}:
            ending = view.accept[0] if view.accept else "jpg"
            mime = "image/jpeg" if view.type == "image" else "application/pdf"
            return Sent(now, "image" if view.type == "image" else "file", f"f{self.tries}", f"tep.{ending}", mime, 1000)
        if view.type == "geopoint":
            return Located(now, 21.03, 105.85)
        fitting = self._fitting(view, dice)
        pool = (*fitting, *_pool(view), *TEXTS)
        return Typed(now, pool[self.tries % len(pool)])

    def _fitting(self, view: View, dice: random.Random) -> tuple[str, ...]:
        """What the constraint itself speaks of: words that fit its patterns, the numbers in it and those beside them."""
        found = self.machine.find(view.path) if self.machine is not None else None
        if self.machine is None or found is None:
            return ()
        source = self.machine.nodes[found[0]].question.constraint or ""
        if view.type in {"integer", "decimal", "range"}:
            near = [float(number) + by for number in re.findall(r"\d+(?:\.\d+)?", source) for by in (1, -1, 0)]
            return tuple(f"{number:g}" for number in near)
        patterns = re.findall(r"regex\(\s*\.\s*,\s*(?:'([^']*)'|\"([^\"]*)\")", source) if view.type == "text" else []
        return tuple(words for one, other in patterns if (words := written_like(one or other, dice)))


def _pool(view: View) -> tuple[str, ...]:
    if view.parse == "money_vi":
        return MONEY
    match view.type:
        case "integer" | "decimal" | "range":
            return NUMBERS
        case "date":
            return DATES
        case "time":
            return ("08:30", "17:00")
        case "datetime":
            return ("23/11/2026 08:30",)
        case "geotrace" | "geoshape":
            return (PLACES,)
        case "acknowledge":
            return ("yes",)
        case _:
            known = {"phone_vn": "0912 345 678", "phone_any": "0912 345 678", "mst": "0199999991"}.get(view.parse)
            return (known,) if known is not None else ()


def written_like(pattern: str, dice: random.Random) -> str:
    """Words that fit a pattern, as far as it is plain; "" where it is none.

    >>> written_like("^[A-C]{3}-[0-9]{2}$", random.Random(1))[3]
    '-'
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = sre_parse.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return ""
    return "".join(_letters(tree, dice))[:200]


def _letters(tree: Any, dice: random.Random) -> Iterator[str]:
    for op, given in tree:
        match str(op):
            case "LITERAL":
                yield chr(given)
            case "IN":
                yield _one_of(given, dice)
            case "ANY" | "NOT_LITERAL":
                yield "a"
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, inner = given
                for _ in range(dice.randint(least, min(most, least + 2, 50)) if least <= 50 else 0):
                    yield from _letters(inner, dice)
            case "SUBPATTERN":
                yield from _letters(given[-1], dice)
            case "BRANCH":
                yield from _letters(dice.choice(given[1]), dice)
            case _:
                pass  # an anchor, or what plain words cannot show


def _one_of(given: Any, dice: random.Random) -> str:
    kinds = {"CATEGORY_DIGIT": "7", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " "}
    if str(given[0][0]) == "NEGATE":
        return "a"
    op, value = dice.choice(given)
    match str(op):
        case "RANGE":
            return chr(dice.randint(*value))
        case "CATEGORY":
            return kinds.get(str(value), "-")
        case _:
            return chr(value)


@dataclass
class Walked:
    """One walk: the questions met, in order, and where it ended."""

    seed: int
    met: list[str] = field(default_factory=list)  # paths
    end: str = ""  # submitted, ended_early, or stuck
    stuck_at: str = ""


def walk_through(machine: Machine, seed: int, now: int, steps: int = STEPS_MAX) -> Walked:
    """Answer a form from beginning to end."""
    lang = machine.flow.default_language
    session = Session(f"walk{seed}", machine.name, machine.version, lang, seed)
    session, effects = step(machine, session, Started(now, lang))
    walker, walked = Walker(seed, machine), Walked(seed)
    view = next((e.view for e in reversed(effects) if isinstance(e, Show)), None)
    for n in range(steps):
        if session.status not in OPEN or view is None:
            break
        if view.kind == "question" and view.path not in walked.met:
            walked.met.append(view.path)
        session, effects = step(machine, session, walker.answer(view, session.card, now + n * 1000))
        view = next((e.view for e in reversed(effects) if isinstance(e, Show)), view)
    done = session.status in {Status.SUBMITTED, Status.ENDED_EARLY}
    walked.end = str(session.status) if done else "stuck"
    walked.stuck_at = "" if done else session.at or str(session.status)
    return walked


def paths_of(machine: Machine, walks: int, seed: int, now: int) -> dict[str, Any]:
    """How many questions people meet in `walks` seeded walks, and which of the form nobody met.

    Counts of questions (shortest, median, longest), `never_met` names in the order of the form, `ends` by how a walk
    ended, `stuck` by where.
    """
    all_walks = [walk_through(machine, seed + n, now) for n in range(walks)]
    counts = sorted(len(walked.met) for walked in all_walks) or [0]
    met = {re.sub(r"\[\d+\]", "", path) for walked in all_walks for path in walked.met}
    asked = [n for n in machine.nodes if n.kind is Kind.QUESTION and is_shown(n.question) and n.stop == "question"]
    ends: dict[str, int] = {}
    stuck: dict[str, int] = {}
    for walked in all_walks:
        ends[walked.end] = ends.get(walked.end, 0) + 1
        if walked.stuck_at:
            stuck[walked.stuck_at] = stuck.get(walked.stuck_at, 0) + 1
    return {
        "walks": walks,
        "shortest": counts[0],
        "median": statistics.median_low(counts),
        "longest": counts[-1],
        "questions": len(asked),
        "never_met": [node.name for node in asked if node.path not in met],
        "ends": ends,
        "stuck": stuck,
    }
