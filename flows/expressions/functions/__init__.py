"""The one table of functions that an expression may call."""

from collections.abc import Mapping
from typing import Final

from flows.expressions.functions import chance, choices, dates, digests, geo, logic, nodes, numbers, text
from flows.expressions.table import Function

FUNCTIONS: Final[Mapping[str, Function]] = {
    function.name: function
    for room in (logic, text, numbers, dates, choices, nodes, chance, geo, digests)
    for function in room.FUNCTIONS
}
