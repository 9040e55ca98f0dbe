"""A question out of a row, however the row is spelt: the one place where its fields are filled."""

from collections.abc import Mapping
from typing import Any, Protocol

from flows.model import Question, Text
from flows.problems import Place
from flows.yaml_dialect.kinds import names_in


class Row(Protocol):
    """One row of a form while it is read, by key."""

    places: dict[str, Place]  # where each value stands that was asked for

    def word(self, key: str) -> str:
        """A text; "" where there is none."""
        ...

    def words(self, key: str) -> Text:
        """Words by language."""
        ...

    def expression(self, key: str) -> str | None:
        """The source of an expression; None where there is none."""
        ...

    def rule(self, key: str) -> bool | str:
        """Yes, no, or the expression that decides it."""
        ...


def question_of(row: Row, place: Place, **own: Any) -> Question:
    """The question that a row describes.

    Args:
        row: what is the same in every spelling is taken from it.
        place: of the whole row.
        own: the fields that a spelling has a way of its own for: name, type, label, chat, next and so on.
    """
    shared: Mapping[str, Any] = {
        "relevant": row.expression("relevant"),
        "appearance": row.word("appearance"),
        "hint": row.words("hint"),
        "guidance_hint": row.words("guidance_hint"),
        "required": row.rule("required"),
        "required_message": row.words("required_message"),
        "constraint": row.expression("constraint"),
        "constraint_message": row.words("constraint_message"),
        "calculation": row.expression("calculation"),
        "trigger": names_in(row.word("trigger")),
        "choice_filter": row.expression("choice_filter"),
        "default": row.expression("default"),
        "read_only": row.rule("read_only"),
        "save_to": row.word("save_to"),
        "pii": row.word("pii") or None,
        "official": row.word("official") or None,
        "indicator": row.word("indicator") or None,
    }
    return Question(**{**shared, **own}, place=place, places=row.places)  # by now all values have been asked for
