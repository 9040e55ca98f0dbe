"""Pictures, sounds and films that go before a card: which requests carry them, and how their content gets to Telegram."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from telegram import InputFile, InputMediaPhoto

from bot.channels.base import Outgoing, Refused
from flows.media import ending
from flows.session import Media, View

MARK: Final = "media:"  # in a body: the file of that name, to be sent along
GROUP_MAX: Final = 10  # pictures of one album
CAPTION_MAX: Final = 200  # letters of an option's label under its picture; Telegram takes 1,024
_PLAYED: Final = {"jpg": "photo", "jpeg": "photo", "png": "photo", "webp": "photo", "mp3": "audio", "m4a": "audio",
                  "ogg": "voice", "oga": "voice", "mp4": "video", "gif": "animation"}  # fmt: skip
_METHODS: Final = {
    "photo": "sendPhoto", "audio": "sendAudio", "voice": "sendVoice", "video": "sendVideo", "animation": "sendAnimation",
    "document": "sendDocument",
}  # fmt: skip
METHODS: Final = frozenset({*_METHODS.values(), "sendMediaGroup"})


def requests(view: View) -> Iterator[Outgoing]:
    """What goes before a card: the question's own one by one, the options' pictures as albums, each with its label."""
    yield from (_one(file) for file in view.media)
    told = [(file, option.label) for option in view.options for file in option.media]
    pictures = [each for each in told if _kind(each[0]) == "photo"]
    yield from (_one(file, label) for file, label in told if _kind(file) != "photo")
    for start in range(0, len(pictures), GROUP_MAX):
        yield _album(pictures[start : start + GROUP_MAX])


def _one(file: Media, label: str = "") -> Outgoing:
    kind = _kind(file)
    body = {kind: MARK + file.file} | ({"caption": label[:CAPTION_MAX]} if label else {})
    return Outgoing(_METHODS[kind], body)


def _album(pictures: list[tuple[Media, str]]) -> Outgoing:
    if len(pictures) == 1:
        return _one(*pictures[0])
    items = [{"type": "photo", "media": MARK + file.file, "caption": label[:CAPTION_MAX]} for file, label in pictures]
    return Outgoing("sendMediaGroup", {"media": items})


def _kind(file: Media) -> str:
    """How Telegram shows it: what it cannot play is a document."""
    return _PLAYED.get(ending(file.file), "document")


class Uploads:
    """Puts content where a body names a file; what Telegram has already goes by its own id."""

    def __init__(self, path: Callable[[str], Path | None]) -> None:
        self._path = path
        self._known: dict[str, str] = {}

    def filled(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with files in it.

        Raises:
            Refused: a file is gone.
        """
        found = dict(body)
        for key, value in body.items():
            if isinstance(value, str) and value.startswith(MARK) and key != "caption":
                found[key] = self._content(value)
        items = body.get("media")
        if isinstance(items, list):
            found["media"] = [
                InputMediaPhoto(self._content(item["media"], attach=True), caption=item["caption"]) for item in items
            ]
        return found

    def sent(self, body: Mapping[str, Any], result: Any) -> None:
        """Remember under which id Telegram keeps what was sent."""
        items = body.get("media")
        names = [item["media"] for item in items] if isinstance(items, list) else [
            value for key, value in body.items() if key != "caption" and isinstance(value, str) and value.startswith(MARK)
        ]  # fmt: skip
        messages = result if isinstance(result, list) else [result]
        for name, message in zip(names, messages, strict=False):
            if known := _file_id(message):
                self._known[name] = known

    def _content(self, name: str, *, attach: bool = False) -> InputFile | str:
        if name in self._known:
            return self._known[name]
        path = self._path(name.removeprefix(MARK))
        if path is None:
            raise Refused("a file of the form is gone")
        try:
            return InputFile(path.read_bytes(), filename=path.name, attach=attach)
        except OSError:
            raise Refused("a file of the form cannot be read") from None


def _file_id(message: Any) -> str:
    """The id of what a sent message holds: of a picture in several sizes the largest."""
    held = message if isinstance(message, dict) else {}
    for kind in _METHODS:
        content = held.get(kind)
        if isinstance(content, list) and content:
            content = content[-1]
        if isinstance(content, dict) and isinstance(content.get("file_id"), str):
            return str(content["file_id"])
    return ""
