"""Who may open a page of the staff console: session, role, and whether a form came from a page of ours."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.codebook import Codebook, Codebooks
from bot.i18n import LANGUAGES
from bot.inert import shown
from bot.web.house import WebHouse, WebSettings
from bot.web.pages import Pages, language_of
from bot.web.sessions import Me, Role, SignIn, csrf, is_csrf
from flows.machine import Machine
from storage.tx import StorageUnavailable, Tx

FORM_MAX: Final = 64 * 1024  # bytes of a form; the longest has a reason of 300 letters
HOME: Final = "/staff/submissions"
SIGN_IN: Final = "/staff/sign-in"

_OURS: Final = re.compile(r"/staff(?:[/?][\w\-./?=&%+~]*)?", re.ASCII)
_PLACES: Final[tuple[tuple[str, str, Role], ...]] = (
    (HOME, "staff.submissions", "staff"),
    ("/staff/drafts", "staff.nav.drafts", "staff"),
    ("/staff/consents", "staff.nav.consents", "staff"),
    ("/staff/failures", "staff.failures", "staff"),
    ("/staff/dead", "staff.nav.dead", "staff"),
    ("/staff/export", "staff.export", "admin"),
    ("/staff/people", "staff.people", "admin"),
)


class StaffSettings(WebSettings, Protocol):
    """What the console needs of the settings."""

    @property
    def data_dir(self) -> Path:
        """Where everything is kept."""
        ...

    @property
    def url(self) -> str:
        """Where people reach us, without a slash at its end."""
        ...

    @property
    def staff_idle_min(self) -> int:
        """Minutes without a page after which staff sign in again."""
        ...

    @property
    def language(self) -> str:
        """The console's language as long as nobody chose another."""
        ...

    @property
    def telegram_staff_chat(self) -> str:
        """The chat that hears of submissions; "" for none."""
        ...


class StaffLibrary(Protocol):
    """Published flows."""

    async def machine(self, tx: Tx, name: str, version: str) -> Machine:
        """A version; raises `LookupError` when there is none."""
        ...


class StaffFiles(Protocol):
    """Files people sent."""

    def path(self, id_: str) -> Any:
        """Where one lies; raises `ValueError` for what is no id."""
        ...


class StaffAmendments(Protocol):
    """Requests for corrections."""

    async def decide(self, submission: str, known: str, *, accepted: bool, by: str, words: str) -> bool:
        """Accept or refuse one; False when it is not waiting any more."""
        ...


class StaffHouse(WebHouse, Protocol):
    """What the console needs of the house."""

    @property
    def settings(self) -> StaffSettings: ...  # noqa: D102 — the type says it
    @property
    def library(self) -> StaffLibrary: ...  # noqa: D102
    @property
    def files(self) -> StaffFiles: ...  # noqa: D102
    @property
    def amendments(self) -> StaffAmendments: ...  # noqa: D102
    @property
    def telegram_trouble(self) -> str: ...  # noqa: D102
    @property
    def alarms(self) -> Mapping[str, int]: ...  # noqa: D102


class Refused(Exception):
    """A page that cannot be shown: `words` names the sentences under "staff.refused."."""

    def __init__(self, status: int, words: str = "") -> None:
        self.status = status
        self.words = words or str(status)
        super().__init__(self.words)


@dataclass(slots=True)
class Visit:
    """One request to the console, once it is known who makes it."""

    request: Request
    console: "Console"
    lang: str
    me: Me | None
    token: str  # of the cookie that forms are tied to
    fields: Mapping[str, str] = field(default_factory=dict)  # of the form that was sent

    @property
    def who(self) -> Me:
        """Who is signed in, on pages that nobody else gets to."""
        if self.me is None:
            raise Refused(403)
        return self.me

    @property
    def house(self) -> StaffHouse:
        """Everything else."""
        return self.console.house

    def say(self, key: str, /, n: int | None = None, **holes: str | float) -> str:
        """A sentence in the reader's language."""
        return self.house.words.say(self.lang, key, n, **holes)

    def moment(self, at: int | None) -> str:
        """An instant as the reader writes it; "" for none."""
        return "" if at is None else self.house.words.moment(self.lang, at)

    def page(self, template: str, title: str, status: int = 200, /, **context: Any) -> Response:
        """A page in the console's frame."""
        path = self.request.url.path
        role = self.me.role if self.me is not None else None
        places = [
            {"href": href, "words": words, "here": path.startswith(href)}
            for href, words, needed in _PLACES
            if role in {"admin", needed}
        ]
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        here = path + query if self.request.method == "GET" else HOME
        response = self.console.pages.page(
            f"staff/{template}",
            self.lang,
            status,
            title=title,
            me=self.me,
            csrf=csrf(self.token),
            places=places,
            programme=self.house.settings.programme_name,
            here=here if is_ours(here) else HOME,
            seen=shown,
            **context,
        )
        # With "no-referrer" a browser names no origin in a form it sends, and that origin is what we check.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def refusal(self, refused: Refused) -> Response:
        """A page that says why not, and what to do."""
        title, remedy = (self.say(f"staff.refused.{refused.words}.{part}") for part in ("title", "remedy"))
        return self.page("refusal.html", title, refused.status, remedy=remedy)

    async def book(self, tx: Tx, flow: str, version: str) -> Codebook | None:
        """The codebook of a version; None when it cannot be read any more."""
        found = self.console.books.get(flow, version)
        if found is not None:
            return found
        try:
            return self.console.books.of((await self.house.library.machine(tx, flow, version)).flow)
        except LookupError:
            return None


Handler = Callable[[Visit], Awaitable[Response]]


class Console:
    """Everything the pages of the console share."""

    def __init__(self, house: StaffHouse, sign_in: SignIn | None = None) -> None:
        self.house = house
        self.pages = Pages(house.words)
        self.books = Codebooks()
        self.sign_in = sign_in or SignIn(house.db, house.clock, idle_min=house.settings.staff_idle_min)
        self.is_https = house.settings.url.startswith("https://")
        prefix = "__Host-" if self.is_https else ""
        self.cookie = prefix + "khaosat-staff"
        self.early_cookie = prefix + "khaosat-visitor"  # ties the forms of people who are not signed in yet
        self.lang_cookie = "khaosat-lang"

    def open_to(self, role: Role | None, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint for that role ("staff": administrators too; None: anybody)."""

        async def endpoint(request: Request) -> Response:
            visit = self._visit(request)
            try:
                return await self._answer(visit, role, handler)
            except Refused as refused:
                return visit.refusal(refused)
            except StorageUnavailable:
                return visit.refusal(Refused(503))

        return endpoint

    async def _answer(self, visit: Visit, role: Role | None, handler: Handler) -> Response:
        request = visit.request
        session = request.cookies.get(self.cookie, "")
        if session:
            visit.me = await self.sign_in.me(session)
            if visit.me is not None:
                visit.token = session
        if request.method not in {"GET", "HEAD"}:
            visit.fields = await self._form(visit)
        if role is not None and visit.me is None:
            return self._outside(visit, had_session=bool(session))
        if role == "admin" and visit.who.role != "admin":
            raise Refused(403)
        response = await handler(visit)
        if visit.me is None and request.cookies.get(self.early_cookie) != visit.token:
            self.set_cookie(response, self.early_cookie, visit.token)
        return response

    def _visit(self, request: Request) -> Visit:
        lang = request.cookies.get(self.lang_cookie, "")
        if lang not in LANGUAGES:
            accepted = request.headers.get("accept-language")
            lang = language_of(request, self.house.words) if accepted else self.house.settings.language
        return Visit(request, self, lang, None, request.cookies.get(self.early_cookie) or secrets.token_urlsafe(32))

    def _outside(self, visit: Visit, *, had_session: bool) -> Response:
        """Somebody who is not signed in, or whose browser held the cookie back because a link on another site led here."""
        request = visit.request
        if request.method != "GET":
            return RedirectResponse(SIGN_IN, 303)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.headers.get("sec-fetch-site") == "cross-site" and not had_session:
            return visit.page("hop.html", visit.say("staff.hop_title"))
        return RedirectResponse(f"{SIGN_IN}?next={path}" if is_ours(path) and path != HOME else SIGN_IN, 303)

    async def _form(self, visit: Visit) -> Mapping[str, str]:
        """The fields of a form, if a page of ours sent it."""
        request = visit.request
        if not self._is_from_us(request):
            raise Refused(403, "csrf")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > FORM_MAX:
                raise Refused(400)
        try:
            fields = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50))
        except ValueError as error:
            raise Refused(400) from error
        if not is_csrf(visit.token, fields.get("csrf", "")):
            raise Refused(403, "csrf")
        return fields

    def _is_from_us(self, request: Request) -> bool:
        """Whether the browser says that the form stood on a page of this very host. One that says nothing is refused."""
        origin = urlsplit(request.headers.get("origin", ""))
        ours = urlsplit(self.house.settings.url)
        if (origin.scheme, origin.netloc) == (ours.scheme, ours.netloc):
            return True
        # Reached under another name (localhost for 127.0.0.1): a page of another site cannot choose our Host header.
        return origin.scheme in {"http", "https"} and origin.netloc == request.headers.get("host")

    def set_cookie(self, response: Response, name: str, value: str) -> None:
        """A cookie that scripts cannot read and no other site's page makes the browser send.

        SameSite=Strict also holds back the cookie when a link in a web page elsewhere (Telegram's web client) leads
        here; `hop.html` then comes back by itself, from our own page. Apps open links without a page: nothing is held back.
        """
        response.set_cookie(name, value, path="/", secure=self.is_https, httponly=True, samesite="strict")

    def drop_cookie(self, response: Response, name: str) -> None:
        """Have the browser forget a cookie."""
        response.delete_cookie(name, path="/", secure=self.is_https, httponly=True, samesite="strict")


def is_ours(path: str) -> bool:
    """Whether a path leads back into the console and nowhere else."""
    return _OURS.fullmatch(path) is not None and "//" not in path
