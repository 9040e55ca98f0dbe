"""The pictures, sounds and films of forms: found beside a form, kept by their content, fetched when a card shows them."""

import hashlib
import os
import re
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Final

from flows.media import ENDINGS, ending, named
from flows.model import Flow
from flows.problems import Place, Problem
from flows.session import Medium
from flows.xlsform.notes import sheet_problem

BYTES_MAX: Final[dict[Medium, int]] = {  # of one file; Telegram takes no larger picture
    "image": 10_000_000, "audio": 20_000_000, "video": 20_000_000,
}  # fmt: skip
_STORED: Final = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{2,4}")
TYPES: Final = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "oga": "audio/ogg", "wav": "audio/wav", "aac": "audio/aac",
    "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "m4v": "video/mp4",
}  # fmt: skip


def with_media(flow: Flow, beside: Traversable, form: str) -> tuple[Flow, tuple[Problem, ...]]:
    """The flow with the files that lie beside it, and a warning for each that does not: the form runs without it.

    Args:
        flow: as read.
        beside: the folder of the form; a folder `NAME-media` in it, as ODK's own tools want it, comes first.
        form: the form's file name.
    """
    folders = (beside / f"{PurePosixPath(form).stem}-media", beside)
    found: dict[str, str] = {}
    problems: dict[tuple[str, str], Problem] = {}
    for file, medium, place in named(flow):
        if file in found:
            continue
        told = _read(file, medium, folders, place)
        if isinstance(told, Problem):
            problems.setdefault((told.code, file), told)
        else:
            found[file] = _stored_as(file, told)
    return (flow.but(media=found) if found else flow), tuple(problems.values())


def _read(file: str, medium: Medium, folders: tuple[Traversable, ...], place: Place) -> bytes | Problem:
    """The file's content, or why it is not shown."""
    if ending(file) not in ENDINGS[medium]:
        endings = ", ".join(sorted(ENDINGS[medium]))
        return sheet_problem("media_unfit", place, file=file, endings=endings, mb=_mb(medium))
    path = _path(file, folders)
    if path is None:
        return sheet_problem("media_missing", place, file=file)
    try:
        with path.open("rb") as stream:
            content: bytes = stream.read(BYTES_MAX[medium] + 1)
    except OSError:
        return sheet_problem("media_missing", place, file=file)
    if not content or len(content) > BYTES_MAX[medium]:
        endings = ", ".join(sorted(ENDINGS[medium]))
        return sheet_problem("media_unfit", place, file=file, endings=endings, mb=_mb(medium))
    return content


def _path(file: str, folders: tuple[Traversable, ...]) -> Traversable | None:
    """Where it lies; a name that leads out of the folder means nothing."""
    if "/" in file or "\\" in file or file.startswith("."):
        return None
    return next((folder / file for folder in folders if (folder / file).is_file()), None)


def _mb(medium: Medium) -> str:
    return str(BYTES_MAX[medium] // 1_000_000)


def _stored_as(file: str, content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()[:32]}.{ending(file)}"


class MediaStore:
    """A folder of files, each named by its content: what a published version shows never changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, flow: Flow, beside: Traversable, form: str) -> None:
        """Keep the flow's files so that they survive a power cut; those that are here already stay.

        Raises:
            OSError: the disk will not.
        """
        folders = (beside / f"{PurePosixPath(form).stem}-media", beside)
        for file, stored in flow.media.items():
            path = _path(file, folders)
            if path is not None and not (self._folder / stored).exists():
                content = path.read_bytes()
                if _stored_as(file, content) == stored:
                    self._write(stored, content)

    def path(self, stored: str) -> Path | None:
        """Where a file lies; None when there is none of that name."""
        if not _STORED.fullmatch(stored):
            return None
        path = self._folder / stored
        return path if path.is_file() else None

    def _write(self, stored: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f"{stored}.part"
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(self._folder / stored)
        directory = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
