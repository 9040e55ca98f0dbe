"""Messages that belong together: three short lines in a row, a text the channel had to split, one forwarded after another."""

import re
from dataclasses import dataclass, replace
from typing import Final

from flows.outcomes import Outcome, Refused, Taken, judged
from flows.session import Answer, Session, Typed
from flows.walk import Stop, stop_at
from flows.world import World

TOGETHER_MS: Final = 4000  # who writes again within this has not read the next question yet
SPLIT_FROM: Final = 4000  # characters: a message as long as that was cut by the channel, and goes on in the next
LONG: Final = 200  # characters that a question leaves room for when it asks for more than a name

_ROOM: Final = re.compile(r"string-length\(\s*\.\s*\)\s*<=\s*(\d{1,6})")
_WORDS: Final = re.compile(
    r"[^\W\d_]{2,}\s+[^\W\d_]{2,}"
)  # two words side by side: signs and figures go on with nothing


@dataclass(frozen=True, slots=True)
class Continued:
    """Words that go on with an answer already taken: the answer as it becomes, and the card it was given to."""

    stop: Stop
    answer: Answer
    card: int


def continued(world: World, session: Session, event: Typed, outcome: Outcome) -> Continued | None:
    """Whether words go on with the answer just before; `outcome` is what they would say to the open question.

    Only a long text goes on, only while the next card is untouched, and only with words that are no answer to it.
    """
    if not event.message or not session.said or session.draft.tries or session.draft.reading is not None:
        return None
    path, card = tuple(session.said.values())[-1]
    answer = session.answers.get(path)
    if answer is None or card != session.card - 1 or not 0 <= event.at - answer.answered_at <= TOGETHER_MS:
        return None
    stop = stop_at(world, path)
    if stop is None or not is_long_text(world, stop) or not isinstance(answer.value, str):
        return None
    was_split = len(answer.raw.rpartition("\n")[2]) >= SPLIT_FROM
    if not was_split and (not isinstance(outcome, Refused) or _WORDS.search(event.text) is None):
        return None
    whole = judged(world, stop, f"{answer.raw}\n{event.text.strip()}", f"{answer.value}\n{event.text.strip()}")
    if not isinstance(whole, Taken):
        return None
    return Continued(stop, replace(answer, raw=whole.raw, value=whole.value, answered_at=event.at), card)


def is_long_text(world: World, stop: Stop) -> bool:
    """A question that asks for more than a name: several lines, a voice, or room for many letters."""
    question = world.machine.nodes[stop.index].question
    if question.type != "text" or question.chat.parse:
        return False
    room = _ROOM.search(question.constraint or "")
    return (
        question.chat.voice_ok
        or "multiline" in question.appearance.split()
        or (room is not None and int(room[1]) >= LONG)
    )


def with_line(raw: str, at: int, of: int, text: str) -> str | None:
    r"""An answer of `of` messages after the one at `at` was edited; None when its lines cannot be told apart.

    >>> with_line("một\nhai\nba", 1, 3, "hai rưỡi"), with_line("một\n\nhai", 1, 2, "x")
    ('một\nhai rưỡi\nba', None)
    """
    lines = raw.split("\n")
    if len(lines) != of:
        return None
    lines[at] = text.strip()
    return "\n".join(lines)
