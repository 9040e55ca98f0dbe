"""The base of every entity that is not in the hot path: frozen, nothing unknown, changed only by copy."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen record. `but(**changes)` copies it and validates the copy, which `model_copy(update=…)` does not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def but(self, **changes: Any) -> Self:
        """The same with some fields changed; raises `ValidationError` as the constructor would."""
        return type(self).model_validate({name: getattr(self, name) for name in type(self).model_fields} | changes)
