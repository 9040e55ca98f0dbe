"""One button, before it knows which chat it will stand in."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from flows.session import Op

Style: TypeAlias = Literal["", "primary", "success", "danger"]


@dataclass(frozen=True, slots=True)
class Key:
    """One button. With `copy` it copies that text and does nothing else."""

    label: str
    op: Op | Literal["open"] = "show"
    arg: str = ""
    ref: str | None = None  # None: the card's own
    copy: str = ""
    style: Style = ""


Rows: TypeAlias = list[list[Key]]
