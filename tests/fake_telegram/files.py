"""Files on Telegram's side: known by an id, fetched by a path."""

from dataclasses import dataclass
from typing import Any, Final

from tests.fake_telegram.fields import Upload
from tests.fake_telegram.refusal import Refusal, bad_request

DOWNLOAD_MAX: Final = 20 << 20  # bytes; core.telegram.org/bots/api#getfile
UPLOAD_MAX: Final = 50 << 20  # bytes
PHOTO_MAX: Final = 10 << 20  # bytes
_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")


@dataclass(frozen=True)
class File:
    """`size` in bytes may be told larger than `data`, so that tests need not carry 20 MB."""

    id: str
    kind: str
    name: str
    mime: str
    data: bytes
    size: int

    @property
    def path(self) -> str:
        return f"{self.kind}s/{self.id}{'.' + self.name.rsplit('.', 1)[1] if '.' in self.name else ''}"

    def json(self) -> dict[str, Any]:
        """What every kind of file shows of itself."""
        return {"file_id": self.id, "file_unique_id": f"u{self.id}", "file_size": self.size}


class Files:
    """All files of one bot, kept in memory."""

    def __init__(self) -> None:
        self.by_id: dict[str, File] = {}

    def keep(self, kind: str, upload: Upload, *, size: int | None = None) -> File:
        number = len(self.by_id)
        real = len(upload.data) if size is None else size
        file = File(f"AgADfake{kind}{number}", kind, upload.name or f"file_{number}", upload.mime, upload.data, real)
        self.by_id[file.id] = file
        return file

    def sent(self, kind: str, value: Upload | str | None) -> File:
        """The file a bot sends, new or by id; raises `Refusal` as the server does."""
        if value is None:
            raise bad_request(f"there is no {kind} in the request")
        if isinstance(value, str):
            return self._known(value)
        if not value.data:
            raise bad_request("file must be non-empty")
        if len(value.data) > UPLOAD_MAX:
            raise Refusal(413, "Request Entity Too Large")
        if kind == "photo":
            _check_photo(value.data)
        return self.keep(kind, value)

    def _known(self, value: str) -> File:
        if value in self.by_id:
            return self.by_id[value]
        if value.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")  # the fake never goes out
        raise bad_request("wrong file identifier/HTTP URL specified")

    def wanted(self, file_id: str | None) -> File:
        """The file of a `getFile`; raises `Refusal` for one unknown or over 20 MB."""
        if not file_id:
            raise bad_request("file_id not specified")
        if file_id not in self.by_id:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if self.by_id[file_id].size > DOWNLOAD_MAX:
            raise bad_request("file is too big")
        return self.by_id[file_id]

    def at(self, path: str) -> File | None:
        return next((file for file in self.by_id.values() if file.path == path), None)


def content_of(file: File) -> dict[str, Any]:
    """The part of a message that shows `file`, by its kind."""
    body = file.json()
    match file.kind:
        case "photo":
            width, height = _dimensions(file.data)
            small = body | {"file_id": f"{file.id}", "width": max(1, width // 4), "height": max(1, height // 4)}
            return {"photo": [small, body | {"width": width, "height": height}]}
        case "voice":
            return {"voice": body | {"duration": 3, "mime_type": file.mime}}
        case "audio":
            return {"audio": body | {"duration": 3, "mime_type": file.mime, "file_name": file.name}}
        case "video" | "animation":
            shape = {"width": 640, "height": 480, "duration": 3}
            return {file.kind: body | shape | {"mime_type": file.mime, "file_name": file.name}}
        case "video_note":
            return {"video_note": body | {"length": 240, "duration": 3}}
        case "sticker":
            shape = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"sticker": body | shape | {"type": "regular", "emoji": "👍"}}
    return {"document": body | {"file_name": file.name, "mime_type": file.mime}}


def _check_photo(data: bytes) -> None:
    if len(data) > PHOTO_MAX:
        raise bad_request("file is too big")
    if not data.startswith(_IMAGES):
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = _dimensions(data)
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _dimensions(data: bytes) -> tuple[int, int]:
    """Width and height in pixels; read from PNG, supposed for the rest."""
    if data.startswith(_IMAGES[0]) and len(data) >= 24:
        return max(1, int.from_bytes(data[16:20])), max(1, int.from_bytes(data[20:24]))
    return 800, 600
