"""What can be wrong with a form: a code, the place, and the facts; the words for each code live in `locales/`.

Every code is in `CODES`, and each has its words and its remedy in every language: a test proves it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from pydantic import Field

from flows.value import Value


class Severity(StrEnum):
    """An error stops the form from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Place(Value):
    """Where in a form something stands: a file's line and column, or a sheet's row and column. All count from 1."""

    file: str | None = None
    line: int | None = None
    column: int | str | None = None  # a number in a text file, a header such as "relevant" in a sheet
    sheet: str | None = None
    row: int | None = None

    def __str__(self) -> str:
        if self.sheet is not None:
            parts = [
                self.file or "",
                self.sheet,
                f"row {self.row}" if self.row else "",
                str(self.column) if self.column else "",
            ]
            return ", ".join(part for part in parts if part)
        return ":".join(str(part) for part in (self.file or "-", self.line, self.column) if part is not None)


class Problem(Value):
    """One thing wrong with a form.

    `problem.<code>` and `remedy.<code>` in the catalogues are its words, with `facts` in the holes,
    so that it can be told in any language and counted by code.
    """

    code: str
    place: Place = Place()
    facts: Mapping[str, str] = Field(default_factory=dict)
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Whether the form cannot be used as it is."""
        return self.severity is Severity.ERROR


def problem(code: str, place: Place | None = None, **facts: str) -> Problem:
    """A problem with the severity its code has."""
    severity = Severity.WARNING if code in WARNINGS else Severity.ERROR
    return Problem(code=code, place=place or Place(), facts=facts, severity=severity)


class BadFlow(Exception):
    """A form cannot be used; `problems` holds all of them, errors and warnings, in the order of the form."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.place} {p.code} {dict(p.facts)}" for p in self.problems))


_YAML: Final = frozenset({
    "yaml_syntax", "yaml_tab", "yaml_empty", "yaml_too_large", "yaml_too_deep", "yaml_too_many_nodes", "yaml_alias",
    "yaml_anchor", "yaml_tag", "yaml_merge", "yaml_duplicate_key", "yaml_key_not_text", "yaml_many_documents",
    "bad_character",
})  # fmt: skip
_TABLES: Final = frozenset({"table_empty", "table_column", "table_row", "table_too_large", "table_syntax"})
_READING: Final = frozenset({
    "missing_key", "unknown_key", "unknown_word", "unknown_language", "unknown_type", "unsupported_type",
    "type_without_list", "or_other", "bad_parameter", "not_a_text", "not_a_list",
    "not_a_mapping", "not_words", "not_a_boolean", "not_a_number", "list_redefined", "always_resumes",
    "unknown_group", "group_split", "group_in_nested", "groups_in_circle", "takes_too_much", "xform_unreadable",
})  # fmt: skip
_EXPRESSIONS: Final = frozenset({  # as `flows.expressions.errors` lists them
    "syntax", "unclosed_text", "unclosed_reference", "unknown_name", "unknown_table", "unknown_function",
    "vendor_function", "unsupported_function", "arity", "not_nodes", "not_literal", "unsupported_axis", "last_saved",
    "bad_regex", "too_long", "too_deep",
})  # fmt: skip
_SENSE: Final = frozenset({
    "no_questions", "too_many_questions", "bad_name", "bad_language", "duplicate_name", "ambiguous_name", "unknown_list", "choices_from_repeat", "missing_table",
    "missing_column", "bad_value", "empty_list", "duplicate_choice", "choice_name_blank", "unknown_choice",
    "unknown_target", "target_backwards", "target_in_repeat", "missing_label", "missing_calculation", "card_too_long",
    "unknown_placeholder", "bad_range", "used_before_asked", "reference_cycle", "never_relevant", "constraint_never",
    "jump_never", "end_never", "ends_always", "always_passed", "pii_before_consent", "pii_without_consent",
    "consent_not_choice", "consent_default", "consent_options", "summary_unknown", "summary_personal", "summary_free_text",
})  # fmt: skip
WARNINGS: Final = frozenset({
    "name_reused", "empty_group", "mixed_table", "list_unused", "single_choice", "exclusive_choice", "missing_translation",
    "label_too_long_for_button", "pii_unmarked", "switched_off", "call_unknown", "call_misgiven", "xform_passed",
})  # fmt: skip
CODES: Final = _YAML | _TABLES | _READING | _EXPRESSIONS | _SENSE | WARNINGS
