"""Pictures, sounds and films of a form: which files it names, and which of them go with a card."""

from collections.abc import Iterator, Mapping
from typing import Final

from flows.machine import Machine
from flows.model import Choice, Flow, MediaKind, Question, Text
from flows.problems import Place
from flows.session import Media, Medium

ENDINGS: Final[Mapping[Medium, frozenset[str]]] = {
    "image": frozenset({"jpg", "jpeg", "png", "gif", "webp"}),
    "audio": frozenset({"mp3", "m4a", "ogg", "oga", "wav", "aac"}),
    "video": frozenset({"mp4", "webm", "mov", "m4v"}),
}
MEDIUMS: Final[Mapping[MediaKind, Medium]] = {
    "big-image": "image", "image": "image", "audio": "audio", "video": "video",
}  # fmt: skip


def named(flow: Flow) -> Iterator[tuple[str, Medium, Place]]:
    """Every file that questions and choices name: its name, what it should be, and where that is said."""
    for question in flow.questions():
        yield from _named(question)
    for options in flow.choices.values():
        for option in options:
            yield from _named(option)


def _named(item: Question | Choice) -> Iterator[tuple[str, Medium, Place]]:
    places = item.places if isinstance(item, Question) else {}
    for kind, files in item.media.items():
        for language, file in files.items():
            yield file, MEDIUMS[kind], places.get(f"{kind}.{language}", item.place)


def ending(file: str) -> str:
    """The ending of a file's name, in small letters and without the dot."""
    stem, dot, last = file.rpartition(".")
    return last.lower() if dot and stem else ""


def shown(machine: Machine, media: Mapping[MediaKind, Text], lang: str) -> tuple[Media, ...]:
    """The files of one question or choice in a language: of a picture in two sizes the larger; what is not here is left out."""
    found: dict[Medium, Media] = {}
    for kind, medium in MEDIUMS.items():
        file = machine.words(media[kind], lang) if kind in media else ""
        stored = machine.flow.media.get(file)
        if stored is not None and medium not in found:
            found[medium] = Media(medium, stored)
    return tuple(found.values())
