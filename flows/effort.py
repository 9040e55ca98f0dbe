"""How long questions take most people."""

from typing import Final

from flows.model import Question

SECONDS: Final = {
    "select_one": 7, "select_multiple": 14, "rank": 20, "range": 6, "acknowledge": 4, "integer": 10, "decimal": 10,
    "date": 10, "time": 8, "datetime": 14, "text": 15, "geopoint": 15, "image": 30, "file": 40, "audio": 30, "video": 40,
}  # fmt: skip
STORY_S: Final = 45  # a text of some lines


def seconds(question: Question) -> int:
    """Reading it, and answering by taps where there are any."""
    if question.type == "text" and question.chat.voice_ok:
        return STORY_S
    return SECONDS.get(question.type, 10)
