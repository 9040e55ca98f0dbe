"""Signing in and out, one-time links, and the console's language."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.i18n import LANGUAGES
from bot.web.limits import client_of
from bot.web.passwords import PASSWORD_MIN, BadPassword
from bot.web.sessions import Me, TooManyTries
from bot.web.staff.guard import HOME, SIGN_IN, Console, Refused, Visit, is_ours

LANG_S = 365 * 24 * 3600  # the chosen language is remembered for a year


def routes(console: Console) -> list[Route]:
    """The pages that need no session, and the ways out."""
    return [
        Route(SIGN_IN, console.open_to(None, show_sign_in), methods=["GET"]),
        Route(SIGN_IN, console.open_to(None, sign_in), methods=["POST"]),
        Route("/staff/sign-out", console.open_to("staff", sign_out), methods=["POST"]),
        Route("/staff/join/{token}", console.open_to(None, show_join), methods=["GET"]),
        Route("/staff/join/{token}", console.open_to(None, join), methods=["POST"]),
        Route("/staff/language", console.open_to(None, language), methods=["POST"]),
    ]


async def home(visit: Visit) -> Response:
    """The console begins with the list of submissions."""
    del visit
    return RedirectResponse(HOME, 303)


async def nowhere(visit: Visit) -> Response:
    """No such page."""
    del visit
    raise Refused(404)


async def show_sign_in(visit: Visit) -> Response:
    """The form; who is signed in goes on."""
    wanted = visit.request.query_params.get("next", "")
    if visit.me is not None:
        return RedirectResponse(wanted if is_ours(wanted) else HOME, 303)
    return _sign_in_page(visit, wanted=wanted)


async def sign_in(visit: Visit) -> Response:
    """Let somebody in, with a new token: one planted before is worth nothing."""
    login, password, wanted = (visit.fields.get(name, "") for name in ("login", "password", "next"))
    client = client_of(visit.request, trust_proxy=visit.house.settings.trust_proxy)
    try:
        token = await visit.console.sign_in.enter(login, password, client)
    except TooManyTries:
        return _sign_in_page(visit, 429, login=login, wanted=wanted, error="staff.too_many")
    if token is None:
        return _sign_in_page(visit, 403, login=login, wanted=wanted, error="staff.wrong")
    return _let_in(visit, token, wanted if is_ours(wanted) else HOME)


async def sign_out(visit: Visit) -> Response:
    """End the session here and in the database."""
    await visit.console.sign_in.leave(visit.token, visit.who)
    response = RedirectResponse(SIGN_IN, 303)
    visit.console.drop_cookie(response, visit.console.cookie)
    return response


async def show_join(visit: Visit) -> Response:
    """The form of a one-time link; looking at it does not use it up."""
    return _join_page(visit, await _invited(visit))


async def join(visit: Visit) -> Response:
    """Set the password and go in."""
    known = await _invited(visit)
    password = visit.fields.get("password", "")
    if password != visit.fields.get("again", ""):
        return _join_page(visit, known, 400, error="staff.password_differs")
    try:
        token = await visit.console.sign_in.join(visit.request.path_params["token"], password)
    except BadPassword as bad:
        return _join_page(visit, known, 400, error=f"staff.password_{bad.code}")
    if token is None:
        raise Refused(404, "link")
    return _let_in(visit, token, HOME)


async def language(visit: Visit) -> Response:
    """Remember the language and come back."""
    lang, wanted = visit.fields.get("lang", ""), visit.fields.get("next", "")
    if lang not in LANGUAGES:
        raise Refused(400)
    response = RedirectResponse(wanted if is_ours(wanted) else HOME, 303)
    console = visit.console
    response.set_cookie(
        console.lang_cookie, lang, max_age=LANG_S, path="/staff", secure=console.is_https, httponly=True, samesite="lax"
    )
    return response


async def _invited(visit: Visit) -> Me:
    known = await visit.console.sign_in.invited(visit.request.path_params["token"])
    if known is None:
        raise Refused(404, "link")
    return known


def _let_in(visit: Visit, token: str, to: str) -> Response:
    response = RedirectResponse(to, 303)
    visit.console.set_cookie(response, visit.console.cookie, token)
    return response


def _sign_in_page(visit: Visit, status: int = 200, *, wanted: str = "", login: str = "", error: str = "") -> Response:
    return visit.page(
        "sign_in.html",
        visit.say("staff.sign_in"),
        status,
        next=wanted if is_ours(wanted) else "",
        login=login,
        error=visit.say(error) if error else "",
    )


def _join_page(visit: Visit, known: Me, status: int = 200, *, error: str = "") -> Response:
    told = ""
    if error:
        told = visit.say(error, least=PASSWORD_MIN) if error == "staff.password_short" else visit.say(error)
    return visit.page(
        "join.html",
        visit.say("staff.join_title"),
        status,
        name=known.name,
        login=known.login,
        least=PASSWORD_MIN,
        error=told,
    )
