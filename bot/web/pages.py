"""HTML pages: templates filled with words, sent with the headers that keep a page to itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.i18n import Words

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # a link to a talk is the key to it: it must not travel
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}

_HERE: Final = Path(__file__).parent


class Pages:
    """Renders the templates of `bot/web/templates/`; each finds its words through `t(key, **holes)`."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, template: str, lang: str, status: int = 200, /, **context: Any) -> Response:
        """A page in `lang`, never kept by a cache."""
        text = self.render(template, lang, **context)
        return HTMLResponse(text, status, headers={**HEADERS, "Cache-Control": "no-store"})

    def render(self, template: str, lang: str, /, **context: Any) -> str:
        """The text of a page."""

        def t(key: str, **holes: str | float) -> str:
            return self.words.say(lang, key, **holes)

        return self._templates.get_template(template).render(lang=self.words.language(lang), t=t, **context)


def static_route() -> Mount:
    """Stylesheets and scripts, under /static."""
    return Mount("/static", _Static(), name="static")


def language_of(request: Request, words: Words) -> str:
    """The reader's language: asked for in the address (?lang=), else the browser's first that we speak, else ours."""
    asked = request.query_params.get("lang")
    if asked:
        return words.language(asked)
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip()
        found = words.language(code)
        if code[:2].lower() == found:
            return found
    return words.language(None)


class _Static(StaticFiles):
    """Our stylesheets and scripts. Asked for anew each time (a 304 mostly): a script never meets an older page."""

    def __init__(self) -> None:
        super().__init__(directory=_HERE / "static")

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or 404; with the headers of a page."""
        response = await super().get_response(path, scope)
        response.headers.update({**HEADERS, "Cache-Control": "no-cache"})
        return response
