"""The staff console: what came in, what could not be sent or read, exports, and who of the staff may see it."""

from starlette.routing import Route

from bot.web.sessions import SignIn
from bot.web.staff import door, people, registers, submissions, takeout
from bot.web.staff.guard import Console, StaffHouse

__all__ = ["StaffHouse", "routes"]


def routes(house: StaffHouse, sign_in: SignIn | None = None) -> list[Route]:
    """Every page under /staff. `sign_in`: other than the usual one, for tests.

    The last route answers every other address under /staff, so that nothing there is served unguarded.
    """
    console = Console(house, sign_in)
    return [
        *door.routes(console),
        *submissions.routes(console),
        *registers.routes(console),
        *takeout.routes(console),
        *people.routes(console),
        Route("/staff", console.open_to("staff", door.home), methods=["GET"]),
        Route("/staff/{rest:path}", console.open_to("staff", door.nowhere), methods=["GET"]),
    ]
