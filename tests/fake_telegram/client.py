"""The handle a test holds: the same for a fake in this process and for one of its own."""

from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp

from tests.fake_telegram.actors import Group, User
from tests.fake_telegram.seen import Log
from tests.fake_telegram.world import TOKEN


class Impossible(Exception):
    """The fake would not do it; the words say why."""


@dataclass
class Fake:
    """Talks to a fake over HTTP; made by `fake_telegram()` or `fake_telegram_process()`.

    `url` is where it listens; python-telegram-bot wants `base_url` and `base_file_url`.
    """

    url: str
    http: aiohttp.ClientSession
    token: str = TOKEN
    users: dict[int, User] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self.url}/file/bot"

    def user(self, user_id: int, *, first_name: str = "Lan", language_code: str | None = "vi", **more: Any) -> User:
        """The person of that id; `more`: last_name, username, is_bot. Unknown to the bot until the first act."""
        if user_id not in self.users:
            self.users[user_id] = User(
                self, {"id": user_id, "first_name": first_name, "language_code": language_code} | more
            )
        return self.users[user_id]

    async def group(
        self,
        chat_id: int,
        title: str = "Nhóm cán bộ",
        *,
        kind: Literal["group", "supergroup"] = "supergroup",
        topics: bool = False,
        bot_is: Literal["member", "administrator", "left"] = "administrator",
    ) -> Group:
        """A group with the bot in it; `chat_id` below zero. No update tells of it: see `User.moves_bot`."""
        facts = {"id": chat_id, "kind": kind, "title": title, "is_forum": topics, "bot_status": bot_is}
        await self.ctl("group", facts)
        return Group(self, chat_id)

    async def fault(
        self,
        kind: Literal["429", "500", "502", "504", "html", "half", "reset", "hang", "latency", "refuse"],
        *methods: str,
        **how: Any,
    ) -> None:
        """Make calls go wrong: of `methods`, or of all but getUpdates. `how`: p, times, skip, seconds, retry_after,
        chat, applied, code, description; see `faults.Fault`. Rules add up; the first that strikes decides."""
        await self.ctl("fault", {"kind": kind, "methods": methods} | how)

    async def calm(self) -> None:
        """No more faults, disorder or freeze."""
        await self.ctl("calm")

    async def freeze(self) -> None:
        """Let every call of the bot hang until `thaw` or `calm`."""
        await self.ctl("freeze")

    async def thaw(self) -> None:
        await self.ctl("thaw")

    async def mess(self, *, repeat: float = 0.0, shuffle: bool = False) -> None:
        """Deliver updates in disorder: some again after they were confirmed, batches shuffled."""
        await self.ctl("mess", {"repeat": repeat, "shuffle": shuffle})

    async def again(self, update_id: int) -> None:
        """Deliver that update once more."""
        await self.ctl("again", {"update_id": update_id})

    async def jump(self, to: int | None = None) -> int:
        """Number updates on from a lower, random id (or `to`); Impossible while some wait."""
        return int((await self.ctl("jump", {"to": to}))["next_id"])

    async def limits(self, **changes: Any) -> None:
        """enforce, bot_per_s, bot_burst, chat_per_s, chat_burst, group_per_min."""
        await self.ctl("limits", changes)

    async def settings(self, **changes: Any) -> None:
        """query_life_s, privacy_mode, hook_first_s, hook_longest_s (seconds between webhook tries)."""
        await self.ctl("settings", changes)

    async def advance(self, seconds: float) -> None:
        """Move the fake's clock on: taps grow old, updates expire, limits refill. Sleeping calls do not wake."""
        await self.ctl("advance", {"seconds": seconds})

    async def reset(self) -> None:
        """Forget everything, as new."""
        await self.ctl("reset")
        self.users.clear()

    async def log(self, after: int = 0) -> Log:
        """Everything so far; of calls those numbered above `after`."""
        return Log(**await self.ctl("log", {"after": after}))

    async def calls(self, *methods: str) -> list[dict[str, Any]]:
        """The calls of these methods, of all when none is named."""
        log = await self.log()
        return log.of(*methods) if methods else log.calls

    async def violations(self, *, but: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """What a good bot does not do; kinds named in `but` are left out. Also taps nobody answered in time."""
        log = await self.log()
        queries = await self.ctl("queries")
        late = [q for q in queries if q["answer"] is None and log.now - q["at"] > TAP_ANSWER_S]
        silent = [
            {"at": q["at"], "kind": "unanswered tap", "what": q["data"], "method": "", "chat": q["chat"]} for q in late
        ]
        return [v for v in log.violations + silent if v["kind"] not in but]

    async def counts(self) -> dict[str, int]:
        """calls, updates, pending, violations: cheap."""
        counted: dict[str, int] = await self.ctl("counts")
        return counted

    async def commands(self) -> dict[str, list[dict[str, str]]]:
        """What the bot set as its commands, by "scope:chat:language"."""
        told: dict[str, list[dict[str, str]]] = await self.ctl("commands")
        return told

    async def ctl(self, verb: str, body: dict[str, Any] | None = None) -> Any:
        """Any control verb; raises `Impossible` with the fake's words."""
        async with self.http.post(f"{self.url}/_ctl/{verb}", json=body or {}) as answer:
            told = await answer.json()
            if answer.status != 200:
                raise Impossible(told["error"])
            return told


TAP_ANSWER_S = 10.0  # a tap without an answer for so long shows its clock face to the person
