"""Who of the staff may come in: invite, give a new link, disable. For administrators."""

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.web.sessions import role_of
from bot.web.staff.accounts import LINK_MS, AccountExists, BadLogin, create_account, disable, new_link
from bot.web.staff.guard import Console, Refused, Visit
from storage import staff
from storage.staff import Member

HERE = "/staff/people"


def routes(console: Console) -> list[Route]:
    """The page and what can be done on it."""
    return [
        Route(HERE, console.open_to("admin", show), methods=["GET"]),
        Route(HERE, console.open_to("admin", invite), methods=["POST"]),
        Route(HERE + "/{id}/link", console.open_to("admin", link), methods=["POST"]),
        Route(HERE + "/{id}/disable", console.open_to("admin", close), methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link, shown once."""

    name: str
    href: str
    minutes: int = LINK_MS // 60_000


async def show(visit: Visit) -> Response:
    """Everybody."""
    return await _page(visit)


async def invite(visit: Visit) -> Response:
    """Make an account and show its link."""
    fields = visit.fields
    login, name = fields.get("login", "").strip(), fields.get("name", "").strip()[:100]
    house = visit.house
    try:
        href = await create_account(
            house.db, login, name, fields.get("role", ""), house.settings.url, house.clock(), by=visit.who.id
        )
    except (AccountExists, BadLogin):
        return await _page(visit, 400, error="staff.login_bad")
    return await _page(visit, made=Link(name or login, href))


async def link(visit: Visit) -> Response:
    """A new link for an account; a disabled one is open again with it."""
    member, house = await _member(visit), visit.house
    href = await new_link(house.db, member.id, house.settings.url, house.clock(), by=visit.who.id)
    return await _page(visit, made=Link(member.name, href))


async def close(visit: Visit) -> Response:
    """Disable an account: whoever is signed in with it is out at once."""
    member = await _member(visit)
    await disable(visit.house.db, member.id, visit.house.clock(), by=visit.who.id)
    return RedirectResponse(HERE, 303)


async def _member(visit: Visit) -> Member:
    """The account of the address; one's own is left alone, so that nobody locks the door behind themselves."""
    known = visit.request.path_params["id"]
    found = await visit.house.db.read(lambda tx: staff.get(tx, known))
    if found is None:
        raise Refused(404)
    if found.id == visit.who.id:
        raise Refused(400)
    return found


async def _page(visit: Visit, status: int = 200, *, error: str = "", made: Link | None = None) -> Response:
    people = [
        {
            "id": member.id,
            "name": member.name,
            "login": member.login,
            "role": role_of(member),
            "is_disabled": not member.active,
            "last_in": visit.moment(member.last_in_at),
        }
        for member in await visit.house.db.read(staff.listing)
    ]
    told = visit.say(error) if error else ""
    return visit.page("people.html", visit.say("staff.people"), status, people=people, error=told, link=made)
