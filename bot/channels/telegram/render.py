"""Effects as requests of the Bot API, in order. Pure.

A card is sent once and edited afterwards; what a person has answered shrinks to a receipt, and the next question comes
as a new message at the bottom. A tap is acknowledged exactly once, first and on the side.

**Sharing a phone number or a place** needs a reply keyboard, and one message has one keyboard. So the card keeps its
inline buttons, and one short message below it carries the reply keyboard. That message is deleted when the card is
settled, which takes the keyboard away with it: no further message is needed to remove it, and none stays in the chat.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.channels.base import Context, Outgoing
from bot.channels.telegram import media
from bot.channels.telegram.buttons import TAG_MAX, Buttons, Press
from bot.channels.telegram.cards import card
from bot.channels.telegram.keys import Key, Rows
from bot.channels.telegram.limits import PLACEHOLDER_MAX, TOAST_MAX
from bot.channels.telegram.paper import cut, messages, plain, units
from bot.i18n import Words
from flows.session import Effect, Noted, Settle, Show, Tell, View

SHARING: Final = ":share"  # ends the name under which the message with the reply keyboard is remembered

RECEIVED: Final = "👌"  # one of the emoji that a bot may react with; #reactiontypeemoji

_NO_PREVIEW: Final = {"is_disabled": True}


class Renderer:
    """Writes requests in the words and with the buttons it was given."""

    def __init__(self, words: Words, buttons: Buttons) -> None:
        self._words = words
        self._buttons = buttons

    def render(self, effects: Sequence[Effect], context: Context) -> list[Outgoing]:
        """The requests that carry the effects out. Evidence and records are for others and make none."""
        told = [effect for effect in effects if isinstance(effect, Tell)]
        found: list[Outgoing] = []
        tap = context.incoming.tap if context.incoming is not None else ""
        if tap:
            toast = "\n".join(self._words.tell(context.lang, tell.say) for tell in told)
            fits = units(toast) <= TOAST_MAX
            found.append(acknowledgement(tap, toast if fits else ""))
            told = [] if fits else told
        for effect in effects:
            match effect:
                case Show():
                    found.extend(self._shown(effect, context))
                case Settle():
                    found.extend(self._settled(effect, context))
                case Noted() if effect.message.isdecimal():
                    found.append(_reaction(int(effect.message)))
                case Tell() if effect in told:
                    found.extend(_said(self._words.tell(context.lang, effect.say)))
                case _:
                    pass
        return found

    def _shown(self, show: Show, context: Context) -> list[Outgoing]:
        made = card(show.view, self._words, context.extra)
        *before, last = made.messages
        markup = self._markup(made.rows, show.view.ref, show.card, context)
        name = _name(context.session, show.card)
        if show.replace:
            return [Outgoing("editMessageText", _body(last, markup), card=name, edit=True)]
        found = self._stripped(name) if show.again and name else []
        if not show.again:  # what goes before a card stands above already where it is sent once more
            found.extend(media.requests(show.view))
        found.extend(Outgoing("sendMessage", _body(html)) for html in before)
        found.append(Outgoing("sendMessage", _body(last, markup), card=name))
        return found + self._sharing(show.view, name)

    def _stripped(self, name: str) -> list[Outgoing]:
        """The copy of the card that stands above loses its buttons, and the sharing message goes."""
        return [
            Outgoing("editMessageReplyMarkup", {}, card=name, edit=True, drop_if_unsent=True),
            Outgoing("deleteMessage", {}, card=name + SHARING, edit=True, drop_if_unsent=True),
        ]

    def _settled(self, settle: Settle, context: Context) -> list[Outgoing]:
        made = card(settle.view, self._words, context.extra)
        name = _name(context.session, settle.card)
        markup = self._markup(made.rows, settle.view.ref, settle.card, context)
        found = [
            Outgoing("editMessageText", _body(made.messages[-1], markup), card=name, edit=True, drop_if_unsent=True)
        ]
        if name and _may_have_shared(settle.view):
            found.append(Outgoing("deleteMessage", {}, card=name + SHARING, edit=True, drop_if_unsent=True))
        return found

    def _sharing(self, view: View, name: str) -> list[Outgoing]:
        """The short message with the reply keyboard, for a question that can be answered by sharing."""
        what = _shares(view)
        if not what or not name:
            return []
        keyboard = {
            "keyboard": [[{"text": self._words.say(view.lang, f"telegram.share_{what}"), _REQUESTS[what]: True}]],
            "resize_keyboard": True,
            "one_time_keyboard": True,
            "input_field_placeholder": cut(
                self._words.say(view.lang, f"telegram.share_{what}_placeholder"), PLACEHOLDER_MAX
            ),
        }
        (html,) = messages([plain(self._words.say(view.lang, f"telegram.share_{what}_hint"))])
        return [Outgoing("sendMessage", _body(html, keyboard), card=name + SHARING)]

    def _markup(self, rows: Rows, ref: str, number: int, context: Context) -> dict[str, Any] | None:
        """The inline keyboard; None where there is nothing to tap, which also takes an old one away."""
        tag, chat = context.session[-TAG_MAX:], context.address.chat
        keyboard = [[self._button(key, ref, number, tag, chat) for key in row] for row in rows if row]
        return {"inline_keyboard": keyboard} if keyboard else None

    def _button(self, key: Key, ref: str, number: int, tag: str, chat: str) -> dict[str, Any]:
        button: dict[str, Any] = {"text": key.label}
        if key.copy:
            button["copy_text"] = {"text": key.copy}
        else:
            press = Press(key.op, ref if key.ref is None else key.ref, number, key.arg, tag)
            button["callback_data"] = self._buttons.data(chat, press)
        if key.style:
            button["style"] = key.style
        return button


_REQUESTS: Final[Mapping[str, str]] = {"phone": "request_contact", "place": "request_location"}


def acknowledgement(tap: str, text: str = "") -> Outgoing:
    """Stops the little clock on the button; `text` floats over the chat for a moment."""
    body = {"callback_query_id": tap, "text": text} if text else {"callback_query_id": tap}
    return Outgoing("answerCallbackQuery", body, durable=False)


def _reaction(message: int) -> Outgoing:
    """A mark under a message of the person's own: the quietest of receipts."""
    body = {"message_id": message, "reaction": [{"type": "emoji", "emoji": RECEIVED}]}
    return Outgoing("setMessageReaction", body, durable=False)


def _said(text: str) -> list[Outgoing]:
    return [Outgoing("sendMessage", _body(html)) for html in messages([plain(text)])]


def _body(html: str, markup: Mapping[str, Any] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"text": html, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
    if markup is not None:
        body["reply_markup"] = markup
    return body


def _name(session: str, number: int) -> str:
    """Under which the card's message is remembered; "" for words in between, which are number 0 and never change."""
    return f"{session}:{number}" if session and number else ""


def _shares(view: View) -> str:
    """What a question can be answered with by sharing it: "phone", "place", or "" for neither."""
    if view.kind != "question":
        return ""
    if view.widget == "share_phone":
        return "phone"
    return "place" if view.locate else ""


def _may_have_shared(view: View) -> bool:
    """A receipt no longer knows its widget, but the kind of answer tells enough; a needless delete is dropped unsent."""
    return view.type == "geopoint" or view.parse.startswith(("phone", "ward"))
