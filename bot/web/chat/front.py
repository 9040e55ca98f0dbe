"""The first page: the surveys there are, or the one that a deep link leads to, and the way into a talk."""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.web.chat.desk import Desk
from bot.web.chat.refusal import Refusal, spend
from bot.web.chat.words import first_words, in_language
from bot.web.limits import Buckets, client_of
from bot.web.pages import HEADERS, language_of
from storage import links
from storage.db import StorageUnavailable

_LINK: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")  # a deep link's token or code


class Front:
    """Its handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        # A workshop of forty people may stand behind one address; a guesser of links needs far more than this.
        self._starts = Buckets(burst=60, per_minute=30, clock=desk.house.clock)

    async def landing(self, request: Request) -> Response:
        """The surveys that may be begun."""
        return self._landing(language_of(request, self._desk.house.words))

    async def by_link(self, request: Request) -> Response:
        """The survey that a deep link leads to; looking at the page does not use the link up, beginning does."""
        lang, link = language_of(request, self._desk.house.words), request.path_params["link"]
        try:
            flow = await self._led_to(request, link)
        except Refusal as refusal:
            return self._desk.problem_page(lang, refusal)
        except StorageUnavailable:
            return self._desk.problem_page(lang, Refusal(503, "unavailable", retry_s=5))
        return self._landing(lang, flow, link)

    async def _led_to(self, request: Request, link: str) -> str:
        """The open flow that a deep link's token or code leads to; whoever tries too many has to wait."""
        who = client_of(request, trust_proxy=self._desk.house.settings.trust_proxy)
        if wait_s := self._desk.guesses.empty(who):
            raise Refusal(429, "too_many", retry_s=wait_s)
        now, flow = self._desk.house.clock(), None
        if _LINK.fullmatch(link):
            flow = await self._desk.house.db.read(lambda tx: links.flow_of(tx, link, now))
        if flow is None or flow not in {name for name, _, _ in self._desk.house.library.open_flows()}:
            self._desk.guesses.take(who)
            raise Refusal(404, "no_deep_link")
        return flow

    def _landing(self, lang: str, only: str = "", link: str = "") -> Response:
        surveys = [
            {"name": name, "title": in_language(title, lang), "welcome": first_words(in_language(welcome, lang))}
            for name, title, welcome in self._desk.house.library.open_flows()
            if only in {"", name}
        ]
        settings = self._desk.house.settings
        return self._desk.pages.page(
            "chat/landing.html",
            lang,
            title=settings.programme_name,
            programme=settings.programme_name,
            contact=settings.programme_contact,
            telegram=self._desk.house.telegram_username,
            surveys=surveys,
            link=link,
            here=f"/k/{link}" if link else "/",
            data=self._desk.data(lang),
        )

    async def start(self, request: Request) -> Response:
        """Make a link, let the survey be opened as by any other update, and send the person there."""
        lang = language_of(request, self._desk.house.words)
        try:
            begin, lang = await self._start_form(request)
            token = await self._desk.begin(begin)
        except Refusal as refusal:
            return self._desk.problem_page(lang, refusal)
        except StorageUnavailable:
            return self._desk.problem_page(lang, Refusal(503, "unavailable", retry_s=5))
        return RedirectResponse(f"/c/{token}", 303, headers={**HEADERS, "Cache-Control": "no-store"})

    async def _start_form(self, request: Request) -> tuple[dict[str, str], str]:
        """(what begins the talk, language) of the form on the first page."""
        if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            raise Refusal(403, "foreign")
        length = request.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and int(length) <= 4096):
            raise Refusal(413, "too_large")
        if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
            raise Refusal(400, "bad_form")
        form = await request.form()
        flow, lang = form.get("flow"), form.get("lang")
        if not isinstance(flow, str) or flow not in {name for name, _, _ in self._desk.house.library.open_flows()}:
            raise Refusal(404, "no_survey")
        spend(self._starts, client_of(request, trust_proxy=self._desk.house.settings.trust_proxy))
        spoken = self._desk.house.words.language(lang if isinstance(lang, str) else None)
        link = form.get("link")
        if isinstance(link, str) and _LINK.fullmatch(link):
            return {"type": "command", "name": "start", "argument": link, "lang": spoken}, spoken
        return {"type": "open", "flow": flow, "lang": spoken}, spoken
