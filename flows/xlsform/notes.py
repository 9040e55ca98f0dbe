"""What is met while a workbook is read: problems with sheet, row and column, all of them at once."""

from typing import Final

from flows.problems import Place, Problem, Severity
from flows.xlsform.sheets import Row

WARNINGS: Final = frozenset({
    "sheet_type_skipped", "sheet_type_replaced", "sheet_metadata", "sheet_column_ignored", "sheet_name_given",
    "sheet_function_dropped", "sheet_label_missing", "sheet_word", "sheet_language_unknown", "sheet_row_incomplete",
    "sheet_judge_refuses", "sheet_judge_warns", "media_missing", "media_unfit", "sheet_looks", "sheet_encrypted",
})  # fmt: skip
CODES: Final = WARNINGS | {
    "sheet_not_workbook", "sheet_too_large", "sheet_unreadable", "sheet_missing", "sheet_column_missing",
    "sheet_end_unexpected", "sheet_group_open", "sheet_groups_deep", "sheet_type_missing", "sheet_other_dialect",
}  # fmt: skip


def sheet_problem(code: str, place: Place | None = None, **facts: str) -> Problem:
    """A problem with the severity its code has here."""
    severity = Severity.WARNING if code in WARNINGS else Severity.ERROR
    return Problem(code=code, place=place or Place(), facts=facts, severity=severity)


# What an author of YAML has to mend, and what thousands of forms live with elsewhere: told, and the form runs.
LIVED_WITH: Final = frozenset({
    "choice_name_blank", "duplicate_choice", "unknown_choice", "never_relevant", "constraint_never", "missing_label",
    "used_before_asked", "unknown_table", "missing_table", "unknown_placeholder", "bad_range", "no_questions",
    "table_empty", "table_column", "table_row", "table_too_large", "table_syntax",
})  # fmt: skip


def lived_with(problem: Problem) -> Problem:
    """A problem of a workbook with the severity it has there."""
    return problem.but(severity=Severity.WARNING) if problem.code in LIVED_WITH else problem


class Notes:
    """The problems of one workbook, in the order they were met."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, code: str, place: Place, **facts: str) -> None:
        """Notes one of the problems of `CODES`."""
        self.problems.append(sheet_problem(code, place, **facts))


def place_of(sheet: str, row: Row, column: str | None = None) -> Place:
    """Where a cell stands; without a column the whole row."""
    return Place(sheet=sheet, row=row.number, column=column)
