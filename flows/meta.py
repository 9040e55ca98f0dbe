"""What a talk records of itself, where a form asks for it: ODK's metadata, as far as a chat knows it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Final, Protocol

from flows.expressions.env import Atom
from flows.machine import HANOI, Machine
from flows.model import Meta
from flows.session import Answer

AUDIT: Final = "event,node,start,end"  # the columns of ODK's audit.csv; moments in milliseconds since 1970


class Talk(Protocol):
    """What is asked about."""

    machine: Machine
    now: datetime
    begun_at: int
    device: str
    answers: Mapping[str, Answer]

    def relevant(self, index: int, ids: tuple[int, ...]) -> bool:
        """Whether the instance is asked for at all."""
        ...


def worth(talk: Talk, meta: Meta) -> Atom:
    """What such a value is now; "" where a chat cannot know it."""
    match meta:
        case "start":
            return _began(talk)
        case "end":
            return talk.now
        case "today":
            return _day(talk)
        case "deviceid":
            return talk.device
        case "phonenumber":
            return next(_phones(talk), "")
        case "audit":
            return _log(talk)
        case _:
            return ""


def _began(talk: Talk) -> datetime:
    return datetime.fromtimestamp(talk.begun_at / 1000, UTC).astimezone(HANOI) if talk.begun_at else talk.now


def _day(talk: Talk) -> date:
    return _began(talk).date()


def _answered(talk: Talk) -> Iterator[tuple[str, int, Answer]]:
    """Path, node and answer of what is relevant, in the order in which it was answered."""
    for path, answer in sorted(talk.answers.items(), key=lambda each: each[1].answered_at):
        found = talk.machine.find(path)
        if found is not None and talk.relevant(*found):
            yield path, found[0], answer


def _phones(talk: Talk) -> Iterator[str]:
    for _, index, answer in _answered(talk):
        if talk.machine.nodes[index].question.chat.widget == "share_phone" and answer.value:
            yield str(answer.value)


def _log(talk: Talk) -> str:
    """Of each question its last answer."""
    lines = [AUDIT, f"form start,,{int(_began(talk).timestamp() * 1000)},"]
    lines += [f"question,/data/{path},{one.asked_at},{one.answered_at}" for path, _, one in _answered(talk)]
    return "\n".join(lines)
