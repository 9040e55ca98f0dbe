"""What can be wrong with an expression before it ever runs."""

from collections.abc import Mapping


class ExpressionError(Exception):
    """The source cannot be compiled.

    `code` says what is wrong, `at` where in the source (from 0), `facts` what stands in the holes of the words for it:

    =====================  ==========================================================================
    syntax                 `found`: what stands there and does not belong; "" at the end
    unclosed_text          a quote that is never closed
    unclosed_reference     "${" without "}"
    unknown_name           `reference`: no question of that name
    unknown_table          `table`: no list or file of that name
    unknown_function       `function`, `nearest`: the known one that looks most like it, or ""
    vendor_function        `function`: of SurveyCTO's or CHT's dialect
    unsupported_function   `function`: ODK has it and a chat cannot
    arity                  `function`, `given`, `least`, `most` ("" without a limit)
    not_nodes              `function` or "/" or "[": needs questions or a repeat, not a value
    not_literal            `function`: needs a name in quotes
    unsupported_axis       `axis`
    last_saved             `reference`: needs an earlier record
    bad_regex              `pattern`, `construct`: what in it is not supported, or why it cannot be read
    too_long               `length`, `most`, in characters
    too_deep               `most`, in levels
    =====================  ==========================================================================
    """

    def __init__(self, code: str, at: int, facts: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.at = at
        self.facts = dict(facts or {})
        super().__init__(f"{code} at {at}: {self.facts}")
