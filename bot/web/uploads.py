"""Files that people send from a page: read up to a limit, and told apart by what is in them, not by what they are called."""

from dataclasses import dataclass
from typing import Final, Literal

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message

Media = Literal["image", "audio", "video", "file"]

FIELDS_MAX: Final = 8
FIELD_BYTES_MAX: Final = 4096
_AROUND: Final = 16 * 1024  # bytes of boundaries, headers and small fields around the file

_OFFICE: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
# (where, first bytes, type); registered signatures, see en.wikipedia.org/wiki/List_of_file_signatures
_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (0, b"%PDF-", "application/pdf"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"PK\x03\x04", "application/zip"),
)


class TooLarge(Exception):
    """More bytes than are taken."""


class BadForm(Exception):
    """Not a form with one file in it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file out of a form, and the small fields beside it."""

    content: bytes
    name: str  # as the person's device calls it: to be shown, never to be a path
    mime: str
    media: Media
    fields: dict[str, str]


async def read_upload(request: Request, *, max_bytes: int, wanted: str = "") -> Upload:
    """The file in field "file" of a multipart form.

    Args:
        request: its body not read yet.
        max_bytes: of the file.
        wanted: what the question asks for; a sound and a film may come in the same container (WebM, MP4).

    Raises:
        TooLarge: more than `max_bytes`, told from the header or while reading.
        BadForm: not such a form, or an empty file.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > max_bytes + _AROUND:
        raise TooLarge
    counted = _Counted(request, max_bytes + _AROUND)
    try:
        async with Request(request.scope, counted).form(
            max_files=1, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES_MAX
        ) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise BadForm("no file")
            content = await file.read()
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            name = file.filename or ""
    except (MultiPartException, HTTPException) as error:
        if counted.over:
            raise TooLarge from None
        raise BadForm("not a form") from error
    if len(content) > max_bytes:
        raise TooLarge
    if not content:
        raise BadForm("empty")
    mime = mime_of(content, name)
    return Upload(content, name, mime, media_of(mime, wanted or fields.get("kind", "")), fields)


class _Counted:
    """A request's `receive` that counts: a body without a length must not fill the disk either."""

    def __init__(self, request: Request, most: int) -> None:
        self._receive = request.receive
        self._left = most

    @property
    def over(self) -> bool:
        """Whether more came than may come."""
        return self._left < 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self.over:
            raise MultiPartException("too large")  # the one error on which the parser closes its temporary files
        return message


def mime_of(content: bytes, name: str) -> str:
    """The type by its first bytes; text when it reads as such (never HTML or SVG: those are only text to us)."""
    for at, signature, mime in _SIGNATURES:
        if content.startswith(signature, at):
            return _OFFICE.get(_ending(name), mime) if mime == "application/zip" else mime
    try:
        head = content[:4096].decode(
            "utf-8", errors="strict" if len(content) <= 4096 else "ignore"
        )  # a letter cut in two at the end is dropped
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if all(c.isprintable() or c in "\r\n\t" for c in head) else "application/octet-stream"


def media_of(mime: str, wanted: str = "") -> Media:
    """What kind of thing it is; a WebM or MP4 that was asked for as a sound is a sound."""
    kind = mime.split("/", 1)[0]
    if kind == "video" and wanted == "audio" and mime in {"video/webm", "video/mp4"}:
        return "audio"
    known: dict[str, Media] = {"image": "image", "audio": "audio", "video": "video"}
    return known.get(kind, "file")


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
