"""`dataclasses.replace`, three times as fast: a step changes its session some eight times."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def changer(kind: type[T]) -> Callable[..., T]:
    """A function that makes a changed copy of a `kind`, a dataclass whose every field is given to `__init__`.

    >>> from flows.session import Draft
    >>> changer(Draft)(Draft(page=1), tries=2).page
    1
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # a dataclass, which no type says
    values_of = attrgetter(*names)
    place_of = {name: n for n, name in enumerate(names)}
    by_name = any(field.kw_only for field in fields(kind))  # type: ignore[arg-type]

    def changed(one: T, /, **changes: Any) -> T:
        values = list(values_of(one))
        for name, value in changes.items():
            values[place_of[name]] = value
        return kind(**dict(zip(names, values, strict=True))) if by_name else kind(*values)

    return changed
