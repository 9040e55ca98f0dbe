"""The other side of the fake, for tests: `/_ctl/<verb>`, JSON in and out."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fake_telegram.acts import Impossible, act
from tests.fake_telegram.asking import new_topic, topic_json
from tests.fake_telegram.limits import Pace
from tests.fake_telegram.people import Chat
from tests.fake_telegram.webhook import Webhook
from tests.fake_telegram.world import World

Json = dict[str, Any]
WAIT_MAX_S: Final = 60.0


class Control:
    """Answers the verbs about one world and its webhook; `reset` makes both anew."""

    def __init__(
        self, world: Callable[[], World], hooks: Callable[[], Webhook], reset: Callable[[], Awaitable[None]]
    ) -> None:
        self._world = world
        self._hooks = hooks
        self._reset = reset
        self._verbs: dict[str, Callable[[Json], Awaitable[Any]]] = {
            name.removeprefix("_do_"): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    async def __call__(self, request: Request) -> Response:
        doing = self._verbs.get(request.path_params["verb"])
        if doing is None:
            return JSONResponse({"error": "no such verb", "verbs": sorted(self._verbs)}, 404)
        body = await request.body()
        try:
            told = await doing(json.loads(body) if body else {})
            # in ASCII: a bot may have sent a lone surrogate, which UTF-8 cannot carry
            return Response(json.dumps(told), media_type="application/json")
        except (Impossible, ValueError, KeyError, TypeError) as e:
            return JSONResponse({"error": f"{type(e).__name__}: {e}"}, 400)

    async def _do_act(self, body: Json) -> Any:
        return act(self._world(), body)

    async def _do_person(self, body: Json) -> Any:
        return asdict(self._world().person(body))

    async def _do_group(self, body: Json) -> Any:
        """`{"id", "kind", "title", "is_forum", "bot_status"}`."""
        chat = self._world().group(body["id"], body["kind"], body["title"], is_forum=body.get("is_forum", False))
        chat.bot_status = body.get("bot_status", chat.bot_status)
        return chat.json()

    async def _do_topic(self, body: Json) -> Any:
        """`{"chat", "name"}` makes one; `{"chat", "thread", "closed"}` opens or closes it."""
        chat = self._chat(body)
        if "thread" in body:
            chat.topics[body["thread"]].closed = bool(body["closed"])
            return topic_json(chat.topics[body["thread"]])
        return topic_json(new_topic(self._world(), chat, body["name"]))

    async def _do_transcript(self, body: Json) -> Any:
        """`{"chat"}`: every message with all it has been, and the number of the last change."""
        chat = self._world().chats.get(body["chat"])
        if chat is None:
            return {"messages": [], "change": 0, "pinned": []}
        shown = [message.view() for message in chat.messages.values()]
        return {"messages": shown, "change": len(chat.changes), "pinned": chat.pinned}

    async def _do_wait(self, body: Json) -> Any:
        """`{"chat", "after", "timeout_s"}`: changes numbered above `after`, waiting for the first of them."""
        world, chat = self._world(), self._chat(body)
        if len(chat.changes) <= body["after"] and not world.closing.is_set():
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            chat.waiters.append(waiter)
            await asyncio.wait({waiter}, timeout=min(WAIT_MAX_S, float(body["timeout_s"])))
        changes = chat.changes[body["after"] :]
        return {"changes": [asdict(c) | {"message": chat.messages[c.message_id].view()} for c in changes]}

    async def _do_query(self, body: Json) -> Any:
        """`{"id"}`: a tap and how it was answered."""
        return self._world().queries[body["id"]].json()

    async def _do_queries(self, body: Json) -> Any:
        """Every tap; one nobody answered has `answer` null."""
        return [query.json() for query in self._world().queries.values()]

    async def _do_fault(self, body: Json) -> Any:
        return self._world().faults.add(body).json()

    async def _do_calm(self, body: Json) -> Any:
        """No more faults, no disorder, no freeze."""
        world = self._world()
        world.faults.rules.clear()
        world.updates.mess.repeat, world.updates.mess.shuffle = 0.0, False
        world.thawed.set()
        return {}

    async def _do_freeze(self, body: Json) -> Any:
        """Every call of the bot hangs until `thaw` or `calm`."""
        self._world().thawed.clear()
        return {}

    async def _do_thaw(self, body: Json) -> Any:
        self._world().thawed.set()
        return {}

    async def _do_mess(self, body: Json) -> Any:
        """`{"repeat": chance, "shuffle": bool}`."""
        mess = self._world().updates.mess
        mess.repeat, mess.shuffle = float(body.get("repeat", 0)), bool(body.get("shuffle"))
        return asdict(mess)

    async def _do_limits(self, body: Json) -> Any:
        """Change the limits; what was counted so far is forgotten."""
        world = self._world()
        for name, value in body.items():
            if not hasattr(world.pace.limits, name):
                raise KeyError(name)
            setattr(world.pace.limits, name, value)
        world.pace = Pace(world.pace.limits)
        return asdict(world.pace.limits)

    async def _do_settings(self, body: Json) -> Any:
        """`query_life_s`, `privacy_mode`, `hook_first_s`, `hook_longest_s`."""
        world, backoff = self._world(), self._hooks().backoff
        world.query_life_s = float(body.get("query_life_s", world.query_life_s))
        world.privacy_mode = bool(body.get("privacy_mode", world.privacy_mode))
        backoff.first_s = float(body.get("hook_first_s", backoff.first_s))
        backoff.longest_s = float(body.get("hook_longest_s", backoff.longest_s))
        return {"query_life_s": world.query_life_s, "privacy_mode": world.privacy_mode} | asdict(backoff)

    async def _do_advance(self, body: Json) -> Any:
        """Move the clock on by `seconds`."""
        world = self._world()
        world.shift += float(body["seconds"])
        return {"now": world.now()}

    async def _do_jump(self, body: Json) -> Any:
        return {"next_id": self._world().updates.jump(body.get("to"))}

    async def _do_again(self, body: Json) -> Any:
        """Deliver the update `update_id` once more."""
        self._world().updates.push_again(int(body["update_id"]))
        return {}

    async def _do_log(self, body: Json) -> Any:
        """Calls numbered above `after`, all updates, webhook attempts and violations."""
        world = self._world()
        world.updates.expire()
        return {
            "now": world.now(),
            "calls": [call.json() for call in world.journal.calls[int(body.get("after", 0)) :]],
            "updates": [entry.json() for entry in world.updates.history],
            "attempts": [asdict(attempt) for attempt in self._hooks().attempts],
            "violations": [violation.json() for violation in world.journal.violations],
        }

    async def _do_counts(self, body: Json) -> Any:
        """Cheap to ask for often."""
        updates = self._world().updates
        return {
            "calls": len(self._world().journal.calls),
            "updates": len(updates.history),
            "pending": len(updates.pending) + len(updates.again),
            "violations": len(self._world().journal.violations),
        }

    async def _do_commands(self, body: Json) -> Any:
        """What the bot set as its commands, by "scope:chat:language"."""
        return self._world().commands

    async def _do_reset(self, body: Json) -> Any:
        await self._reset()
        return {}

    def _chat(self, body: Json) -> Chat:
        """The chat of that id; of a person not met so far it is empty. Raises `KeyError` for an unknown group."""
        world = self._world()
        if body["chat"] not in world.chats and body["chat"] > 0:
            world.person({"id": body["chat"]})
        return world.chats[body["chat"]]
