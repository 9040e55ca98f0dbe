"""Digests and base 64."""

import base64
import hashlib
import zlib
from collections.abc import Callable
from typing import Final

from flows.expressions.code import Kind
from flows.expressions.table import plain
from flows.expressions.values import TEXT_MAX


def _crc32(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "big")


ALGORITHMS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "SHA-1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "SHA-256": lambda data: hashlib.sha256(data).digest(),
    "SHA-384": lambda data: hashlib.sha384(data).digest(),
    "SHA-512": lambda data: hashlib.sha512(data).digest(),
    "CRC32": _crc32,
}


def digest(text: str, algorithm: str, encoding: str = "base64") -> str:
    """The digest of a text in UTF-8, in base64 or hex; blank for an algorithm or encoding there is not."""
    found = ALGORITHMS[algorithm.strip()](text.encode())
    return found.hex() if encoding == "hex" else base64.b64encode(found).decode() if encoding == "base64" else ""


def base64_decode(text: str) -> str:
    """The UTF-8 text that a base 64 text stands for; blank when it is none."""
    return base64.b64decode(text, validate=True).decode()[:TEXT_MAX]


FUNCTIONS: Final = (
    plain(
        "digest", "ttt", Kind.TEXT, digest, "digest('a', 'MD5', 'hex') = '0cc175b9c0f1b6a831c399e269772661'", least=2
    ),
    plain("base64-decode", "t", Kind.TEXT, base64_decode, "base64-decode('w6E=') = 'á'"),
)
