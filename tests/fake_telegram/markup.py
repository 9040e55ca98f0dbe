"""Keyboards: what Telegram takes, refuses, and silently throws away."""

from dataclasses import dataclass
from typing import Any, Final

from tests.fake_telegram.fields import Fields
from tests.fake_telegram.refusal import bad_request

DATA_MAX: Final = 64  # bytes of callback_data; core.telegram.org/bots/api#inlinekeyboardbutton
BUTTONS_MAX: Final = 100  # of one inline keyboard; not in the documentation, seen in use
ROW_MAX: Final = 8  # more in a row vanish without a word; not in the documentation either
COPY_MAX: Final = 256  # characters of copy_text
KEYBOARD_MAX: Final = 300  # buttons of a reply keyboard
KEYBOARD_ROW_MAX: Final = 12
PLACEHOLDER_MAX: Final = 64  # characters of input_field_placeholder
STYLES: Final = {"primary", "success", "danger"}
ACTIONS: Final = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
}


@dataclass(frozen=True)
class Markup:
    """A keyboard as it will be shown, and what was lost on the way."""

    shown: dict[str, Any] | None
    oddities: tuple[str, ...] = ()

    @property
    def is_inline(self) -> bool:
        return bool(self.shown and "inline_keyboard" in self.shown)


def read_markup(fields: Fields, *, inline_only: bool = False) -> Markup:
    """The `reply_markup` of a call; raises `Refusal` for what Telegram does not take."""
    raw = fields.document("reply_markup", what="reply keyboard markup")
    if raw is None:
        return Markup(None)
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in raw:
        return _inline(raw["inline_keyboard"])
    if inline_only and raw:
        raise bad_request("inline keyboard expected")
    if "keyboard" in raw:
        return _reply(raw)
    if raw.get("remove_keyboard") or raw.get("force_reply"):
        return Markup(raw)
    return Markup(None)


def _rows(value: object, name: str) -> list[list[Any]]:
    if not isinstance(value, list):
        raise bad_request(f'field "{name}" of the {_title(name)} must be an Array')
    if not all(isinstance(row, list) for row in value):
        raise bad_request(f'field "{name}" must be an Array of Arrays')
    return value


def _title(name: str) -> str:
    return "InlineKeyboardMarkup" if name == "inline_keyboard" else "ReplyKeyboardMarkup"


def _inline(value: object) -> Markup:
    rows = _rows(value, "inline_keyboard")
    oddities: list[str] = []
    shown: list[list[dict[str, Any]]] = []
    for row in rows:
        buttons = [_inline_button(button) for button in row]
        if len(buttons) > ROW_MAX:
            oddities.append(f"{len(buttons)} buttons in a row, {len(buttons) - ROW_MAX} dropped")
        if buttons:
            shown.append(buttons[:ROW_MAX])
    if sum(map(len, shown)) > BUTTONS_MAX:
        raise bad_request("reply markup is too long")
    return Markup({"inline_keyboard": shown} if shown else None, tuple(oddities))


def _inline_button(button: object) -> dict[str, Any]:
    where = "can't parse inline keyboard button"
    if not isinstance(button, dict):
        raise bad_request(f"{where}: InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad_request(f'{where}: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [name for name in button if name in ACTIONS and button[name] is not None]
    if not actions:
        raise bad_request(f"{where}: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"{where}: exactly one action expected, found {', '.join(sorted(actions))}")
    _check_action(button, actions[0])
    if button.get("style") is not None and button["style"] not in STYLES:
        raise bad_request(f"{where}: invalid button style specified")
    return button


def _check_action(button: dict[str, Any], action: str) -> None:
    match action:
        case "callback_data":
            data = button["callback_data"]
            if not isinstance(data, str) or not 1 <= len(data.encode("utf-8", "surrogatepass")) <= DATA_MAX:
                raise bad_request("BUTTON_DATA_INVALID")
        case "url":
            url = str(button["url"])
            if "." not in url and not url.startswith(("tg://", "http://localhost", "http://[")):
                raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
        case "copy_text":
            copied = button["copy_text"]
            words = copied.get("text") if isinstance(copied, dict) else None
            if not isinstance(words, str) or not 1 <= len(words) <= COPY_MAX:
                raise bad_request("BUTTON_COPY_TEXT_INVALID")
        case "web_app":
            page = button["web_app"]
            url = str(page.get("url", "")) if isinstance(page, dict) else ""
            if not url.startswith("https://"):
                raise bad_request(
                    f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
                )


def _reply(raw: dict[str, Any]) -> Markup:
    rows = _rows(raw["keyboard"], "keyboard")
    for button in (b for row in rows for b in row):
        if not isinstance(button, str | dict):
            raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
        label = button if isinstance(button, str) else button.get("text")
        if not isinstance(label, str) or not label.strip():
            raise bad_request("keyboard button text must be non-empty")
    if any(len(row) > KEYBOARD_ROW_MAX for row in rows) or sum(map(len, rows)) > KEYBOARD_MAX:
        raise bad_request("reply markup is too long")
    placeholder = raw.get("input_field_placeholder") or ""
    odd = (f"placeholder of {len(placeholder)} characters is cut",) if len(placeholder) > PLACEHOLDER_MAX else ()
    return Markup(raw if any(rows) else None, odd)
