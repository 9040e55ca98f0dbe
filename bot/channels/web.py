"""The web chat as a channel: JSON events in, cards as JSON with every word already in the reader's language out."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, get_args

from bot.channels.base import Address, Command, Context, Delivered, Incoming, Outgoing, Update
from bot.i18n import Words
from bot.summary import shortened
from flows.session import (
    Action,
    Effect,
    Event,
    Line,
    Located,
    Media,
    Medium,
    Op,
    Option,
    Sent,
    Settle,
    Show,
    Shown,
    Spoke,
    Tapped,
    Tell,
    Typed,
    View,
)

CHANNEL: Final = "web"
BOT: Final = "web"  # there is one web chat: no accounts to tell apart

KNOWN_MAX: Final = 60  # letters of an answer from before on its button

Input = Literal[
    "none",
    "text",
    "long",
    "tel",
    "email",
    "integer",
    "decimal",
    "money",
    "date",
    "time",
    "datetime",
    "search",
    "free",
    "reason",
]

_OPS: Final = {str(op): op for op in get_args(Op)}
_COMMANDS: Final[Mapping[str, Command]] = {
    "start": "start", "batdau": "start",
    "help": "help", "trogiup": "help",
    "language": "language", "ngonngu": "language",
    "privacy": "privacy", "dulieu": "privacy",
    "stop": "stop", "dung": "stop",
    "status": "status", "trangthai": "status",
    "edit": "amend", "sua": "amend",
}  # fmt: skip
_MEDIA: Final[Mapping[str, Medium]] = {"image": "image", "audio": "audio", "video": "video", "file": "file"}


class WebChannel:
    """The web chat. Nothing is sent: the page's own stream reads the outbox, so a committed row is a delivered one."""

    name = CHANNEL
    bot = BOT

    def __init__(self, words: Words) -> None:
        self._words = words

    def read(self, update: Update) -> Incoming:
        """What an event of the page means; anything the page would not send is ignored, by name."""
        address = Address(update.channel, update.bot, update.chat)
        try:
            body = json.loads(update.body)
            return _meaning(address, body if isinstance(body, dict) else {}, update.at)
        except (ValueError, RecursionError):
            return Incoming(address, ignored="malformed")

    def render(self, effects: Sequence[Effect], context: Context) -> list[Outgoing]:
        """One outgoing per thing that changes in the talk, what the person said first."""
        out = [Outgoing("echo", body) for body in _echo(effects, context)]
        for effect in effects:
            match effect:
                case Show(card=card, view=view, replace=replaced):
                    out.append(self._card("edit" if replaced else "card", card, view, context))
                case Settle(card=card, view=view):
                    out.append(self._card("edit", card, view, context))
                case Tell(say=say):
                    body = {
                        "lang": context.lang,
                        "text": self._words.tell(context.lang, say),
                        "toast": _was_tapped(context),
                    }
                    out.append(Outgoing("tell", body))
                case _:
                    pass  # consents, submissions and endings are for the books; their cards come beside them
        return out

    async def fetch(self, media: Mapping[str, Any]) -> tuple[bytes, str, str]:  # noqa: ARG002 — a channel's signature
        """Never to be called: files come by the page's own upload and are on disk already."""
        raise RuntimeError("files of the web chat are uploaded, not fetched")

    async def send(self, outgoing: Outgoing, chat: str, message: str) -> Delivered:  # noqa: ARG002 — a channel's signature
        """Never to be called: ring the chat's bell (`bot/web/bell.py`) and the open page fetches the row itself."""
        raise RuntimeError("the web chat reads its outbox itself: ring the bell instead of sending")

    def _card(self, method: Literal["card", "edit"], card: int, view: View, context: Context) -> Outgoing:
        key = (
            f"{context.session}:{card}" if context.session and card else ""
        )  # card 0: words beside the questions, never edited
        body = {"session": context.session, "card": key, **self.view(view)}
        return Outgoing(method, body, card=key, edit=method == "edit")

    def view(self, view: View) -> dict[str, Any]:
        """A card as the page draws it: no word is left to be found there, and nothing of it is HTML."""
        lang, say = view.lang, self._words.say
        receipt = view.raw if view.kind == "submitted" else ""
        asked = self._words.tell(lang, view.error) if view.error is not None else ""
        answer = self._answer(lang, view)
        return {
            "lang": lang,
            "kind": view.kind,
            "path": view.path,
            "ref": view.ref,
            "type": view.type,
            "look": _look(view),
            "input": _input(view),
            "heading": view.heading
            if view.heading_new or view.matrix is not None or view.kind in {"add", "confirm", "message"}
            else "",
            "notes": [note for note in (*view.notes, *_rows(view), *self._request(view)) if note],
            "media": [*_media(view.media), *_heard(view.options)],
            "text": view.text or (asked if view.kind in {"ended", "message", "submitted"} else ""),
            "hint": view.hint,
            "why": view.why,
            "ask": asked if view.kind in {"confirm", "menu"} else "",
            "error": view.error_text or (asked if view.kind in {"question", "add", "review"} else ""),
            "options": [_option(option) for option in view.options],
            "page": view.page,
            "pages": view.pages if len(view.options) < view.total else 1,
            "searchable": view.searchable,
            "least": view.least,
            "most": view.most,
            "answer": answer,
            "raw": _raw(view, answer),
            "fill": self._fill(view),
            "quick": list(view.quick),
            "calendar": _calendar(view),
            "accept": [ending.lower().lstrip(".") for ending in view.accept],
            "max_mb": view.max_mb,
            "locate": view.locate,
            "required": view.required,
            "consent": view.consent,
            "actions": [{"op": action, "label": self._action(view, action)} for action in view.actions],
            "progress": self._progress(view),
            "sections": [
                {"title": section.title, "lines": [self._line(lang, line) for line in section.lines]}
                for section in view.sections
            ],
            "receipt": receipt,
            "title": say(lang, f"web.title.{'amend' if view.amends else view.kind}")
            if view.kind in {"review", "paused", "submitted"}
            else "",
        }

    def _fill(self, view: View) -> dict[str, str] | None:
        """The button of a table that gives one option to all rows that are left."""
        table = view.matrix
        if table is None or not table.fill:
            return None
        return {"arg": table.fill, "label": self._words.say(view.lang, "web.fill", value=table.fill_label)}

    def _action(self, view: View, action: Action) -> str:
        """What stands on a button."""
        if action != "same":
            return self._words.say(view.lang, f"web.action.{action}")
        value = shortened(self._words.shown(view.lang, view.known), KNOWN_MAX)
        return self._words.say(view.lang, "web.same_link" if view.known_of == "link" else "web.same_last", value=value)

    def _request(self, view: View) -> list[str]:
        """How to ask for a correction, and the reason once it was given."""
        if not view.amends:
            return []
        told = self._words.say(view.lang, "web.amend_how")
        return [told, self._words.say(view.lang, "web.amend_reason", reason=view.raw)] if view.raw else [told]

    def _line(self, lang: str, line: Line) -> dict[str, Any]:
        return {
            "ref": line.ref,
            "label": line.label,
            "answer": self._words.shown(lang, line.shown),
            "blank": _is_blank(line.shown),
        }

    def _answer(self, lang: str, view: View) -> str:
        """The standing answer in words; of a file its name, since its id says nothing."""
        if view.shown is None or (_is_blank(view.shown) and view.kind != "settled"):
            return ""
        if view.shown.kind == "file":
            return view.raw or str(view.shown.value)
        return self._words.shown(lang, view.shown)

    def _progress(self, view: View) -> dict[str, Any] | None:
        if view.progress is None:
            return None
        done, of = view.progress
        key = "web.progress" if view.kind in {"question", "confirm", "add"} else "web.progress_answered"
        text = self._words.say(view.lang, key, done=done, of=of)
        if view.left_s:
            text += f" · {self._words.time_left(view.lang, view.left_s)}"
        return {"done": done, "of": of, "text": text}


def _meaning(address: Address, body: Mapping[str, Any], at: int) -> Incoming:
    """One event of the page."""
    session, _, number = _text(body, "card").rpartition(":")
    card = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    match body.get("type"):
        case "open":
            return Incoming(
                address, open_flow=_text(body, "flow"), lang=_text(body, "lang"), argument=_text(body, "source")
            )
        case "command":
            return replace(_command(address, _text(body, "name"), _text(body, "argument")), lang=_text(body, "lang"))
        case "typed" if (words := _text(body, "text")).startswith("/") and words[1:].split():
            name, _, argument = words[1:].partition(" ")
            return _command(address, name, argument.strip())
        case _:
            event = _event(body, card, at)
            if event is None:
                return Incoming(address, ignored="unknown")
            kept = {"sha256": _text(body, "sha256")} if isinstance(event, Sent) else None
            return Incoming(address, event=event, session=session, media=kept)


def _event(body: Mapping[str, Any], card: int | None, at: int) -> Event | None:
    """The event for the open session; None: no page sends that."""
    ref = _text(body, "ref")
    match body.get("type"):
        case "typed":
            return Typed(at, _text(body, "text"), path="#" + ref if ref else None)
        case "tapped":
            op = _OPS.get(_text(body, "op"))
            return Tapped(at, op, "#" + ref if ref else None, _text(body, "arg"), card) if op is not None else None
        case "located":
            return _located(body, at)
        case "spoke":
            return Spoke(at, _text(body, "lang"))
        case "sent" if (media := _MEDIA.get(_text(body, "media"))) is not None:
            size = body.get("size")
            return Sent(
                at,
                media,
                file=_text(body, "file"),
                name=_text(body, "name"),
                mime=_text(body, "mime"),
                size=size if isinstance(size, int) else 0,
                caption=_text(body, "caption"),
            )
        case _:
            return None


def _command(address: Address, name: str, argument: str) -> Incoming:
    command = _COMMANDS.get(name.lower())
    return Incoming(address, command=command or "help", argument=argument if command else "")


def _located(body: Mapping[str, Any], at: int) -> Located | None:
    lat, lon, accuracy = (_number(body, name) for name in ("lat", "lon", "accuracy"))
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return Located(at, lat, lon, accuracy if accuracy is not None and accuracy >= 0 else None)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _number(body: Mapping[str, Any], name: str) -> float | None:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _echo(effects: Sequence[Effect], context: Context) -> list[dict[str, Any]]:
    """What the person said, as a bubble, unless the card they answered says it already: settled, or reading it back."""
    event = context.incoming.event if context.incoming is not None else None
    if any(
        (isinstance(e, Settle) and e.view.path) or (isinstance(e, Show) and e.view.kind == "confirm") for e in effects
    ):
        return []
    match event:
        case Typed(text=text) if text.strip():
            return [{"lang": context.lang, "kind": "text", "text": text.strip()}]
        case Sent(name=name, caption=caption):
            return [{"lang": context.lang, "kind": "file", "text": "\n".join(part for part in (name, caption) if part)}]
        case Located(lat=lat, lon=lon):
            return [{"lang": context.lang, "kind": "place", "text": f"{lat:.5f}, {lon:.5f}"}]
        case _:
            return []


def _calendar(view: View) -> dict[str, str] | None:
    """What a browser's own calendar needs: how much of a date is asked, and the first and last day allowed."""
    found = view.calendar
    return None if found is None else {"precision": found.precision, "least": found.least, "most": found.most}


def _rows(view: View) -> list[str]:
    """What was answered in the table of which the question is a row."""
    rows = view.matrix.rows if view.matrix is not None else ()
    return [f"✓ {row.label}: {row.value}" for row in rows if row.value]


def _was_tapped(context: Context) -> bool:
    return context.incoming is not None and isinstance(context.incoming.event, Tapped | Spoke)


def _option(option: Option) -> dict[str, Any]:
    found = {"name": option.name, "label": option.label, "on": option.on, "place": option.place}
    return {**found, "media": _media(option.media)} if option.media else found


def _heard(options: Sequence[Option]) -> list[dict[str, str]]:
    """Sounds and films of options, which have no room on a button."""
    return [
        {**_media([one])[0], "label": option.label} for option in options for one in option.media if one.kind != "image"
    ]


def _media(files: Sequence[Media]) -> list[dict[str, str]]:
    """Pictures, sounds and films, by the address that `bot/web/media.py` gives them."""
    return [{"kind": one.kind, "src": f"/media/{one.file}"} for one in files]


def _is_blank(shown: Shown) -> bool:
    return shown.kind == "none" or (shown.value is None and not shown.labels)


def _raw(view: View, answer: str) -> str:
    """The words as typed; on a receipt only where they differ from how they were understood."""
    if view.kind == "submitted" or view.amends:  # `raw` is the receipt number there, and stands in a field of its own
        return ""
    if view.kind in {"settled", "confirm"} and (
        view.raw.strip().casefold() == answer.strip().casefold()
        or view.type in {"geopoint", "image", "audio", "video", "file"}
    ):
        return ""
    return view.raw


def _look(view: View) -> str:
    """How options are drawn: choices (one of), toggles (several), rank, stars, scale (short numbers), yes_no; "" for none."""
    if view.kind != "question":
        return "choices" if view.options else ""
    if view.type == "acknowledge":
        return "acknowledge"
    if view.type in {"image", "audio", "video", "file"}:
        return "upload"
    if not view.options:
        return ""
    if view.type == "select_multiple":
        return "toggles"
    if view.type == "rank":
        return "rank"
    if view.consent:
        return "equal"
    widget = view.widget.split()[0] if view.widget else ""
    if widget == "stars":
        return "stars"
    if widget == "nps" or (view.type == "range" and all(len(o.label) <= 3 for o in view.options)):
        return "scale"
    if len(view.options) == 2 and all(len(o.label) <= 14 for o in view.options):
        return "equal"
    return "choices"


def _input(view: View) -> Input:
    """What kind of field people type into; words are taken nearly everywhere, except where only a button counts."""
    if view.kind == "confirm":
        return "free"
    if view.amends:
        return "reason"
    if view.kind != "question" or view.consent:
        return "none"
    by_parse: Mapping[str, Input] = {"phone_vn": "tel", "phone_any": "tel", "email": "email", "money_vi": "money"}
    if view.parse in by_parse and view.type in {"text", "integer", "decimal"}:
        return by_parse[view.parse]
    by_type: Mapping[str, Input] = {
        "text": "long" if "multiline" in view.widget else "text",
        "integer": "integer",
        "decimal": "decimal",
        "range": "free" if view.options else "decimal",
        "date": "date",
        "time": "time",
        "datetime": "datetime",
        "geopoint": "text",
    }
    if view.type in {"select_one", "select_multiple", "rank"}:
        return "search" if view.searchable else "free"
    return by_type.get(view.type, "none")
