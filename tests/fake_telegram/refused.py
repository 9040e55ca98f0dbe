"""Calls that Telegram refuses by 400, each with the beginning of its words after "Bad Request: "."""

from typing import Any, Final

LAN = 7
OLD = 1  # the message id of Lan's "/start"
CARD = 2  # a message of the bot with the button "Có"
BYE = 3  # a message of the bot with a reply keyboard
PHOTO = 5  # a photo of the bot
GONE = 6  # a message of the bot, deleted


def keyboard(*rows: Any) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


def button(text: str = "Có", **action: Any) -> dict[str, Any]:
    return {"text": text} | (action or {"callback_data": "y"})


def text(value: Any = "x", **more: Any) -> dict[str, Any]:
    return {"chat_id": LAN, "text": value} | more


def html(value: str) -> dict[str, Any]:
    return text(value, parse_mode="HTML")


def marked(markup: Any) -> dict[str, Any]:
    return text(reply_markup=markup)


def edit(message_id: int, value: str = "khác", **more: Any) -> dict[str, Any]:
    return {"chat_id": LAN, "message_id": message_id, "text": value} | more


PARSE: Final = "can't parse entities: "
BUTTON: Final = "can't parse inline keyboard button: "
REFUSED: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "no text": ("sendMessage", {"chat_id": LAN}, "message text is empty"),
    "an empty text": ("sendMessage", text(""), "message text is empty"),
    "only white space": ("sendMessage", text("  \n "), "text must be non-empty"),
    "nothing left of the tags": ("sendMessage", html("<b></b>"), "text must be non-empty"),
    "4097 letters": ("sendMessage", text("ệ" * 4097), "message is too long"),
    "2049 emoji, two units each": ("sendMessage", text("😀" * 2049), "message is too long"),
    "a lone surrogate": ("sendMessage", text("\ud800"), "strings must be encoded in UTF-8"),
    "Markdown": ("sendMessage", text("*x*", parse_mode="MarkdownV2"), "unsupported parse_mode"),
    "an unclosed tag": ("sendMessage", html("é<b>x"), PARSE + 'Can\'t find end tag corresponding to start tag "b"'),
    "a half tag": ("sendMessage", html("a <b"), PARSE + "Unclosed start tag at byte offset 2"),
    "a smaller-than sign": ("sendMessage", html("1 <2 và 3> 2"), PARSE + 'Unsupported start tag "2" at byte offset 2'),
    "an unknown tag": ("sendMessage", html("<br>"), PARSE + 'Unsupported start tag "br" at byte offset 0'),
    "an end without a start": ("sendMessage", html("x</b>"), PARSE + "Unexpected end tag at byte offset 1"),
    "crossed tags": (
        "sendMessage",
        html("<b><i>x</b></i>"),
        PARSE + 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    ),
    "a bare attribute value": ("sendMessage", html("<a href=x/y>k</a>"), PARSE + "Unexpected end of name token"),
    "an unclosed quote": ("sendMessage", html('<a href="x>k</a>'), PARSE + "Unclosed start tag at byte offset 0"),
    "a plain span": ("sendMessage", html('<span class="x">k</span>'), PARSE + 'Tag "span" must have class'),
    "an attribute without a name": ("sendMessage", html('<a ="x">k</a>'), PARSE + "Empty attribute name in the tag"),
    "no chat": ("sendMessage", {"text": "x"}, "chat_id is empty"),
    "a stranger": ("sendMessage", {"chat_id": 99, "text": "x"}, "chat not found"),
    "a chat that is no number": ("sendMessage", {"chat_id": "lan", "text": "x"}, "chat not found"),
    "a reply to nothing": (
        "sendMessage",
        text(reply_parameters={"message_id": 404}),
        "message to be replied not found",
    ),
    "a topic that is not there": ("sendMessage", text(message_thread_id=55), "message thread not found"),
    "markup that is no JSON": ("sendMessage", marked("{"), "can't parse reply keyboard markup JSON object"),
    "markup that is a list": ("sendMessage", marked("[]"), "object expected as reply markup"),
    "rows that are no rows": (
        "sendMessage",
        marked(keyboard(button())),
        'field "inline_keyboard" must be an Array of Arrays',
    ),
    "65 bytes of data": (
        "sendMessage",
        marked(keyboard([button(callback_data="ệ" * 21 + "ab")])),
        "BUTTON_DATA_INVALID",
    ),
    "no data": ("sendMessage", marked(keyboard([button(callback_data="")])), "BUTTON_DATA_INVALID"),
    "a button without an action": (
        "sendMessage",
        marked(keyboard([{"text": "Có"}])),
        BUTTON + "Text buttons are unallowed in the inline keyboard",
    ),
    "a button with two actions": (
        "sendMessage",
        marked(keyboard([button(url="https://a.vn", callback_data="y")])),
        BUTTON + "exactly one action expected",
    ),
    "a button without words": (
        "sendMessage",
        marked(keyboard([button(" ")])),
        "inline keyboard button text must be non-empty",
    ),
    "a button of no text": ("sendMessage", marked(keyboard([{"callback_data": "y"}])), BUTTON + 'Field "text" must be'),
    "a button to nowhere": (
        "sendMessage",
        marked(keyboard([button(url="xyz")])),
        "inline keyboard button URL 'xyz' is invalid",
    ),
    "257 letters to copy": (
        "sendMessage",
        marked(keyboard([button(copy_text={"text": "a" * 257})])),
        "BUTTON_COPY_TEXT_INVALID",
    ),
    "an unknown style": (
        "sendMessage",
        marked(keyboard([button() | {"style": "pink"}])),
        BUTTON + "invalid button style",
    ),
    "101 buttons": ("sendMessage", marked(keyboard(*[[button()]] * 101)), "reply markup is too long"),
    "a key without words": ("sendMessage", marked({"keyboard": [[""]]}), "keyboard button text must be non-empty"),
    "an edit to the same": (
        "editMessageText",
        edit(CARD, "Đúng?", reply_markup=keyboard([button()])),
        "message is not modified: ",
    ),
    "an edit of nothing": ("editMessageText", edit(404), "message to edit not found"),
    "an edit of a deleted one": ("editMessageText", edit(GONE), "message to edit not found"),
    "an edit of a person's message": ("editMessageText", edit(OLD), "message can't be edited"),
    "an edit of one with a reply keyboard": ("editMessageText", edit(BYE), "message can't be edited"),
    "an edit without a number": (
        "editMessageText",
        {"chat_id": LAN, "text": "x"},
        "message identifier is not specified",
    ),
    "a text for a photo": ("editMessageText", edit(PHOTO), "there is no text in the message to edit"),
    "a caption for a text": (
        "editMessageCaption",
        {"chat_id": LAN, "message_id": CARD, "caption": "x"},
        "there is no caption",
    ),
    "a reply keyboard by edit": (
        "editMessageText",
        edit(CARD, reply_markup={"keyboard": [["x"]]}),
        "inline keyboard expected",
    ),
    "the same keyboard": (
        "editMessageReplyMarkup",
        {"chat_id": LAN, "message_id": CARD, "reply_markup": keyboard([button()])},
        "message is not modified: ",
    ),
    "deleting a deleted one": ("deleteMessage", {"chat_id": LAN, "message_id": GONE}, "message to delete not found"),
    "a caption of 1025": (
        "sendPhoto",
        {"chat_id": LAN, "photo": "AgADfakephoto0", "caption": "x" * 1025},
        "message caption is too long",
    ),
    "a file nobody knows": (
        "sendDocument",
        {"chat_id": LAN, "document": "abc"},
        "wrong file identifier/HTTP URL specified",
    ),
    "no file": ("sendDocument", {"chat_id": LAN}, "there is no document in the request"),
    "a file of nowhere": ("getFile", {"file_id": "abc"}, "wrong file_id or the file is temporarily unavailable"),
    "an unknown tap": (
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        "query is too old and response timeout expired",
    ),
    "a toast of 201": ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
    "an unknown action": ("sendChatAction", {"chat_id": LAN, "action": "sing"}, "wrong parameter action in request"),
    "a reaction that is none": (
        "setMessageReaction",
        {"chat_id": LAN, "message_id": OLD, "reaction": [{"type": "emoji", "emoji": "🧮"}]},
        "REACTION_INVALID",
    ),
    "a command with an accent": (
        "setMyCommands",
        {"commands": [{"command": "trợ_giúp", "description": "x"}]},
        "BOT_COMMAND_INVALID",
    ),
    "a secret with a space": (
        "setWebhook",
        {"url": "https://a.vn", "secret_token": "a b"},
        "secret token contains unallowed characters",
    ),
    "a webhook that is no address": ("setWebhook", {"url": "ftp://a.vn"}, "invalid webhook URL specified"),
}
