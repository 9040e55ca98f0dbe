"""What a password must be, and how it is kept: argon2id."""

import unicodedata
from typing import Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_MIN: Final = 14  # letters, as long as there is no second factor
PASSWORD_MAX: Final = 256
DISTINCT_MIN: Final = 5

_HASHER: Final = PasswordHasher()  # argon2id: 64 MiB, 3 passes, 4 lanes (RFC 9106, the second choice)


class BadPassword(Exception):
    """`code`: "short" (or too long), or "plain" (easy to guess)."""

    def __init__(self, code: Literal["short", "plain"]) -> None:
        self.code = code
        super().__init__(code)


def check_password(password: str, login: str) -> None:
    """At least `PASSWORD_MIN` letters, some of them different, and not built around the login.

    Raises:
        BadPassword: it is not that.

    >>> check_password("xe đạp chở mưa", "mai")
    """
    whole = _normal(password)
    if not PASSWORD_MIN <= len(whole) <= PASSWORD_MAX:
        raise BadPassword("short")
    rest = whole.casefold().replace(login.casefold(), "") if login else whole
    if len(set(rest)) < DISTINCT_MIN or len(rest) < PASSWORD_MIN // 2:
        raise BadPassword("plain")


def hashed(password: str) -> str:
    """What is kept of a password. Takes 64 MiB and about a tenth of a second: run it in a thread."""
    return _HASHER.hash(_normal(password))


def verified(stored: str, password: str) -> bool:
    """Whether it is the password that `stored` was made from. As costly as `hashed`."""
    try:
        return _HASHER.verify(stored, _normal(password[: PASSWORD_MAX + 1]))
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """Keyboards write Vietnamese in two ways that look the same."""
    return unicodedata.normalize("NFC", password)
