"""Telegram's limits, each with where it is written. Bot API: core.telegram.org/bots/api."""

from typing import Final

TEXT_MAX: Final = 4096  # UTF-16 units after entities are parsed; #sendmessage
ENTITIES_MAX: Final = 100  # of one message, further ones are dropped without a word; python-telegram-bot MessageLimit
BUTTONS_MAX: Final = 100  # of one inline keyboard; python-telegram-bot InlineKeyboardMarkupLimit, not in the docs
ROW_MAX: Final = 8  # buttons of a row, further ones vanish without a word; as above
DATA_MAX: Final = 64  # BYTES of callback_data ("ệ" is three of them); #inlinekeyboardbutton
LABEL_MAX: Final = 64  # characters of a button; no rule of Telegram's: no phone shows more
COPY_MAX: Final = 256  # characters of a copy_text button; #copytextbutton
TOAST_MAX: Final = 200  # characters; #answercallbackquery
PLACEHOLDER_MAX: Final = 64  # characters of input_field_placeholder; #replykeyboardmarkup
PAYLOAD_MAX: Final = 64  # characters of a deep link's payload; core.telegram.org/bots/features#deep-linking
DOWNLOAD_MAX: Final = 20_000_000  # bytes a bot may fetch; #getfile
UPDATES_MAX: Final = 100  # of one getUpdates; #getupdates
WEBHOOK_BODY_MAX: Final = 1 << 20  # bytes; an update is a few kilobytes, so more is not Telegram
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header; #setwebhook
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
