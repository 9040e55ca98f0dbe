"""What happened: every call and every complaint, for oracles to read afterwards."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Call:
    """One call of the bot. `at` in seconds of the world's clock; `fault` is what was done to it on purpose."""

    number: int
    at: float
    method: str
    params: dict[str, Any]
    chat: int | None = None
    via: str = "http"  # or "webhook": executed from the reply to an update
    code: int = 0  # 0: not answered yet
    description: str = ""
    result: Any = None
    message_id: int | None = None
    fault: str | None = None
    applied: bool = False
    took_s: float = 0.0

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Violation:
    """Something a good bot does not do. Kinds: refused, pace, impatient, odd text, odd keyboard, write after 403,
    second poller, wrong token."""

    at: float
    kind: str
    what: str
    method: str
    chat: int | None = None

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Journal:
    calls: list[Call] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def call(self, at: float, method: str, params: dict[str, Any], chat: int | None, via: str = "http") -> Call:
        made = Call(len(self.calls) + 1, at, method, params, chat, via)
        self.calls.append(made)
        return made

    def blame(self, at: float, kind: str, what: str, method: str, chat: int | None = None) -> None:
        self.violations.append(Violation(at, kind, what, method, chat))
