"""What the web chat's handlers share: the house, whose link this is, the way in, and refusals in words."""

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.base import Update
from bot.channels.web import BOT, CHANNEL
from bot.web.chat.house import ChatHouse
from bot.web.chat.refusal import PRIVATE, Refusal, retry
from bot.web.chat.words import script_words
from bot.web.limits import Buckets, client_of
from bot.web.pages import Pages, language_of
from storage import web_links
from storage.db import Tx
from storage.ids import new_id

LINK_DAYS: Final = 30  # without a visit, after which a link is forgotten
_DAY_MS: Final = 24 * 60 * 60 * 1000


class Desk:
    """Made once, handed to every handler."""

    def __init__(self, house: ChatHouse) -> None:
        self.house = house
        self.pages = Pages(house.words)
        self.guesses = Buckets(burst=20, per_minute=10, clock=house.clock)  # of links that are none

    async def accept(self, chat: str, key: str, body: str) -> None:
        """Take an event in; returns once it is on disk."""
        await self.house.intake.accept([Update(CHANNEL, BOT, f"{chat}:{key}", chat, body, self.house.clock())])

    # Links.

    async def chat_of(self, request: Request) -> str:
        """The talk that a link opens; whoever tries too many links has to wait."""
        who = client_of(request, trust_proxy=self.house.settings.trust_proxy)
        if wait_s := self.guesses.empty(who):
            raise Refusal(429, "too_many", retry_s=wait_s)
        token_hash, now = web_links.hash_of(request.path_params["token"]), self.house.clock()

        async def read(tx: Tx) -> web_links.Link | None:
            return await web_links.find(tx, token_hash, now)

        link = await self.house.db.read(read)
        if link is None:
            self.guesses.take(who)
            raise Refusal(404, "no_link")
        if link.expires_at - now < (LINK_DAYS - 1) * _DAY_MS:
            await self._extend(token_hash, now)
        return link.chat

    async def _extend(self, token_hash: str, now: int) -> None:
        """A link that is in use lives on: a draft of three weeks ago must not die in the middle of an answer."""

        async def write(tx: Tx) -> None:
            await web_links.extend(tx, token_hash, now + LINK_DAYS * _DAY_MS)

        await self.house.db.write(write)

    async def begin(self, begin: Mapping[str, str]) -> str:
        """A new talk, begun by that event: the token of its link."""
        token, chat, now = secrets.token_urlsafe(24), new_id(), self.house.clock()

        async def write(tx: Tx) -> None:
            await web_links.add(tx, web_links.hash_of(token), chat=chat, at=now, expires_at=now + LINK_DAYS * _DAY_MS)

        await self.house.db.write(write)
        await self.accept(chat, "begin", json.dumps(begin))
        return token

    # Words.

    def data(self, lang: str) -> dict[str, Any]:
        """What the page's scripts need to know: words of every language of ours, and a few settings."""
        settings = {"uploadMaxMb": self.house.settings.upload_max_mb}
        return {"lang": lang, "words": script_words(self.house.words), "settings": settings}

    def problem(self, request: Request, refusal: Refusal) -> Response:
        """A refusal for a script."""
        title = self.house.words.say(
            language_of(request, self.house.words), f"web.problem.{refusal.code}", **self._facts()
        )
        body = {"type": f"urn:khaosat:{refusal.code}", "title": title, "status": refusal.status}
        return JSONResponse(
            body, refusal.status, headers={**PRIVATE, **retry(refusal)}, media_type="application/problem+json"
        )

    def problem_page(self, lang: str, refusal: Refusal) -> Response:
        """A refusal for a person."""
        say = self.house.words.say
        response = self.pages.page(
            "chat/problem.html",
            lang,
            refusal.status,
            title=say(lang, f"web.problem.{refusal.code}", **self._facts()),
            remedy=say(lang, "web.problem_remedy", contact=self.house.settings.programme_contact),
        )
        response.headers.update(retry(refusal))
        return response

    def _facts(self) -> dict[str, str | int]:
        return {"mb": self.house.settings.upload_max_mb}
