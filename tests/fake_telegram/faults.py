"""What goes wrong on purpose: which calls, how often, how."""

import random
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

FaultKind = Literal["429", "500", "502", "504", "html", "half", "reset", "hang", "latency", "refuse"]
KINDS: Final = ("429", "500", "502", "504", "html", "half", "reset", "hang", "latency", "refuse")
APPLIED: Final = {"half", "latency"}  # by default the call has taken effect before these


@dataclass
class Fault:
    """One rule.

    `methods` empty: every method but getUpdates, which is struck only by name. `chat` narrows to one chat.
    `p` is the chance per call; `times` how many calls are left to strike (None: without end); `skip` lets that many
    matching calls pass first. `seconds` is how long "hang" and "latency" take. `applied` says whether the call had
    taken effect before the answer went wrong: the case where nobody knows whether the message arrived.
    `code` and `description` are the answer of "refuse".
    """

    kind: FaultKind
    methods: tuple[str, ...] = ()
    chat: int | None = None
    p: float = 1.0
    times: int | None = None
    skip: int = 0
    seconds: float = 1.0
    retry_after: int = 1
    applied: bool | None = None
    code: int = 400
    description: str = "Bad Request: refused on purpose"

    @property
    def takes_effect(self) -> bool:
        return self.kind in APPLIED if self.applied is None else self.applied

    def json(self) -> dict[str, Any]:
        return asdict(self)

    def covers(self, method: str, chat: int | None) -> bool:
        if self.times == 0 or (self.chat is not None and self.chat != chat):
            return False
        return method in self.methods if self.methods else method != "getUpdates"


class Faults:
    """The rules in force; the first that strikes decides. Chance comes from a seed."""

    def __init__(self, seed: int = 1) -> None:
        self.rules: list[Fault] = []
        self.dice = random.Random(seed)

    def add(self, raw: dict[str, Any]) -> Fault:
        """A rule from JSON; raises `ValueError` for one that cannot be."""
        rule = Fault(**(raw | {"methods": tuple(raw.get("methods") or ())}))
        if rule.kind not in KINDS:
            raise ValueError(f"no fault is called {rule.kind}; there are {', '.join(KINDS)}")
        self.rules.append(rule)
        return rule

    def strike(self, method: str, chat: int | None) -> Fault | None:
        """The fault this call meets, if any."""
        for rule in self.rules:
            if not rule.covers(method, chat) or self.dice.random() >= rule.p:
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.times is not None:
                rule.times -= 1
            return rule
        return None
