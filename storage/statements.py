"""Statements: SQLAlchemy Core constructs made once at import, compiled once per dialect into SQL and parameter order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Dialect, Table, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg, insert
from sqlalchemy.dialects.postgresql.dml import Insert as Upsert
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from storage.text import clean

DialectName: TypeAlias = Literal["sqlite", "postgresql"]
_MANY: Final = 2000  # statements kept compiled; there are about a hundred, so more means somebody makes them in a loop


@dataclass(frozen=True, slots=True)
class Prepared:
    """SQL with "?" or "$1" in it, the parameters' names in its order, and the values that stand in the statement."""

    sql: str
    order: tuple[str, ...]
    fixed: Mapping[str, Any]
    asked: int  # how many different parameters the caller gives

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the SQL, texts cleaned.

        Raises:
            TypeError: a parameter is missing, or there is one that the statement does not have.
        """
        if len(given) != self.asked:
            raise TypeError(f"this statement has no parameter {sorted(given.keys() - set(self.order))}: {self.sql}")
        everything = {**self.fixed, **given} if self.fixed else given
        try:
            values = [everything[name] for name in self.order]
        except KeyError as missing:
            raise TypeError(f"parameter {missing} of this statement is missing: {self.sql}") from None
        texts = "".join(
            [value for value in values if type(value) is str]
        )  # looked at together: they are nearly always clean
        if clean(texts) is texts:
            return values
        return [clean(value) if type(value) is str else value for value in values]


class Statements:
    """The compiled statements of one dialect."""

    def __init__(self, dialect: DialectName) -> None:
        self._dialect = _DIALECTS[dialect]
        self._compiled: dict[Executable, Prepared] = {}

    def prepared(self, statement: Executable) -> Prepared:
        """The statement compiled; the second time it costs a look-up."""
        found = self._compiled.get(statement)
        if found is None:
            if len(self._compiled) >= _MANY:
                self._compiled.clear()
            found = self._compiled[statement] = _compile(statement, self._dialect)
        return found


def add_to(table: Table, *, leaving_out: tuple[str, ...] = ()) -> Upsert:
    """`INSERT` into every column but those left out, each from the parameter of its name; takes `on_conflict_…`."""
    names = [column.name for column in table.columns if column.name not in leaving_out]
    return insert(table).values({name: bindparam(name) for name in names})


def _compile(statement: Executable, dialect: Dialect) -> Prepared:
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every Core statement has it
    assert isinstance(compiled, SQLCompiler)  # noqa: S101  # for mypy
    order = tuple(compiled.positiontup or ())
    fixed = {name: compiled.binds[name].value for name in order if not compiled.binds[name].required}
    return Prepared(compiled.string, order, fixed, len(set(order) - set(fixed)))


_DIALECTS: Final[Mapping[str, Dialect]] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": asyncpg.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
}
