"""What a button carries: 64 bytes that say what it does, for which card, and that we made it for this chat.

    <op><tag>:<ref>:<card>:<arg><mac>      "pk3f9qz:2f.1:c:capitalB7dQ_x1A"

`op` is one letter, `tag` the end of the session's id, `ref` the question's short stand-in, `card` a number in base 36,
`arg` an option's name or its `short`, and `mac` 48 bits over the chat and all before it, in base64url. No server
keeps a table of buttons, so a button works for as long as its card stands in the chat.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from bot.channels.telegram.limits import DATA_MAX
from flows.session import Op, short

PressOp: TypeAlias = Op | Literal["open"]  # "open": the survey named `arg`, from a menu

TAG_MAX: Final = 6  # characters of the session's id: enough to tell one person's sessions apart
REF_MAX: Final = 21  # what is left of 64 bytes beside 1 + 6 + 3 colons + 5 + 20 + 8
FLOW_MAX: Final = 40  # bytes of a survey's name, which is not looked up by its `short`
CARD_MAX: Final = 36**5 - 1
SECRET_MIN: Final = 16  # bytes
_MAC_BYTES: Final = 6
_MAC_CHARS: Final = 8
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"

_CODES: Final[Mapping[PressOp, str]] = {
    "pick": "p",
    "set": "=",
    "on": "1",
    "off": "0",
    "done": "d",
    "fill": "f",
    "page": "g",
    "turn": "u",
    "yes": "y",
    "no": "n",
    "add": "a",
    "enough": "e",
    "keep": "k",
    "same": "z",
    "back": "b",
    "skip": "s",
    "later": "l",
    "resume": "r",
    "edit": "c",
    "review": "v",
    "submit": "t",
    "amend": "m",
    "request": "q",
    "drop": "x",
    "show": "w",
    "why": "h",
    "open": "o",
}
_OPS: Final = {code: op for op, code in _CODES.items()}


@dataclass(frozen=True, slots=True)
class Press:
    """What pressing a button asks for."""

    op: PressOp
    ref: str = ""  # `View.ref`
    card: int = 0
    arg: str = ""  # an option's name, its `short`, or a page number
    tag: str = ""  # the last characters of the session's id; "" outside a session


class Buttons:
    """Writes and reads `callback_data`. The secret never leaves; with another one every button is a forgery."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_MIN:
            raise ValueError(f"a secret for buttons needs {SECRET_MIN} bytes or more")
        key = hashlib.blake2b(secret, digest_size=32, person=b"khaosat-button").digest()
        self._sealer = hashlib.blake2b(digest_size=_MAC_BYTES, key=key)  # copied for each seal

    def data(self, chat: str, press: Press) -> str:
        """The callback_data of a button shown in `chat`: at most 64 bytes, all ASCII.

        Raises:
            ValueError: the ref or the card number is longer than any flow can make it.
        """
        if len(press.ref) > REF_MAX or not press.ref.isascii() or ":" in press.ref:
            raise ValueError(f"a ref is up to {REF_MAX} plain characters")
        if not 0 <= press.card <= CARD_MAX:
            raise ValueError(f"a card's number is 0 to {CARD_MAX}")
        arg = press.arg if press.op == "open" and _stands(press.arg) else short(press.arg)
        body = f"{_CODES[press.op]}{press.tag[-TAG_MAX:]}:{press.ref}:{_base36(press.card)}:{arg}"
        return body + self._mac(chat, body)

    def read(self, chat: str, data: str) -> Press | None:
        """What a tap in `chat` asks for; None when we never made that button for that chat."""
        if not data.isascii() or not _MAC_CHARS < len(data) <= DATA_MAX:
            return None
        body, mac = data[:-_MAC_CHARS], data[-_MAC_CHARS:]
        if not hmac.compare_digest(mac, self._mac(chat, body)):
            return None
        head, ref, card, arg = body.split(":", 3)
        return Press(_OPS[head[0]], ref, int(card, 36), arg, head[1:])

    def _mac(self, chat: str, body: str) -> str:
        sealer = self._sealer.copy()
        sealer.update(f"{chat}\n{body}".encode())
        return base64.urlsafe_b64encode(sealer.digest()).decode()


def _stands(name: str) -> bool:
    """Whether a survey's name fits as it is: a menu's button has no ref to make room for."""
    return len(name) <= FLOW_MAX and name.isascii()


def _base36(number: int) -> str:
    digits = ""
    while number >= len(_DIGITS):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return _DIGITS[number] + digits


if set(_CODES) != {*get_args(Op), "open"} or len(_OPS) != len(_CODES):  # a new Op needs its letter
    raise AssertionError("every op has one letter of its own")
