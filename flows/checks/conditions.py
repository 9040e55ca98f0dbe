"""Expressions as formulas: what of a condition can be decided by trying values."""

import math
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from flows.checks.expressions import Read
from flows.checks.form import Form
from flows.checks.space import (
    Formula,
    Numbers,
    Several,
    Truths,
    Value,
    Variable,
    Words,
    all_of,
    any_of,
    negated,
)
from flows.checks.syntax import is_dot, pieces
from flows.expressions.code import boolean_of, number_of
from flows.expressions.compiler import Compiler
from flows.expressions.env import Env
from flows.expressions.syntax import Call, Chain, Minus, Number, Path, Reference, Syntax, Text
from flows.model import Question

WORDS_MAX: Final = 60  # options of a list that are tried one by one
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_TURNED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PURE: Final = frozenset({  # functions that depend on nothing but the values of their arguments
    "selected", "count-selected", "selected-at", "not", "true", "false", "number", "int", "string", "string-length",
    "normalize-space", "coalesce", "if", "concat", "contains", "starts-with", "ends-with", "substr", "boolean", "round",
    "abs", "min", "max", "regex", "boolean-from-string",
})  # fmt: skip
_COUNTS: Final = frozenset({"string-length", "count-selected", "count", "position", "count-non-empty"})  # 0, 1, 2…
_CHANCE: Final = frozenset({"random", "uuid", "randomize", "once"})


class Conditions:
    """The conditions that must hold together, and the variables they are about."""

    def __init__(self, form: Form) -> None:
        self.variables: dict[str, Variable] = {}
        self._form = form
        self._count = 0

    def formula(self, read: Read, *, on_trial: bool = False) -> list[Formula]:
        """The parts of a condition that must all hold. `on_trial`: `.` is a candidate answer, which is never blank."""
        return [_Builder(self, self._form, read, on_trial=on_trial).formula(part) for part in _parts(read.syntax)]

    def unlike_any_other(self) -> str:
        """A name for a truth that is asked for only once."""
        self._count += 1
        return f"chance {self._count}"


def _parts(syntax: Syntax) -> list[Syntax]:
    if isinstance(syntax, Chain) and syntax.operators[0] == "and":
        return [part for operand in syntax.operands for part in _parts(operand)]
    return [syntax]


class _Builder:
    """Reads the syntax of one cell."""

    def __init__(self, conditions: Conditions, form: Form, read: Read, *, on_trial: bool) -> None:
        self._conditions = conditions
        self._variables = conditions.variables
        self._form = form
        self._read = read
        self._on_trial = on_trial

    def formula(self, syntax: Syntax) -> Formula:
        match syntax:
            case Chain(operators=("and", *_), operands=operands):
                return all_of([self.formula(operand) for operand in operands])
            case Chain(operators=("or", *_), operands=operands):
                return any_of([self.formula(operand) for operand in operands])
            case Call(name="not", args=(inner,)):
                return negated(self.formula(inner))
            case _:
                return self._atom(syntax)

    def _atom(self, syntax: Syntax) -> Formula:
        found = self._tried(syntax)
        if found is None and isinstance(syntax, Chain) and len(syntax.operators) == 1:
            left, right = syntax.operands
            sign = syntax.operators[0]
            if sign in _COMPARISONS:
                found = self._compared(left, sign, right) or self._compared(right, _TURNED[sign], left)
        if found is None and isinstance(syntax, Call) and syntax.name == "selected":
            found = self._selected(syntax)
        return found or self._unknown(syntax)

    # Everything about selects of few options, and about constants: worked out for each option.

    def _tried(self, syntax: Syntax) -> Formula | None:
        nodes: dict[int, str] = {}
        candidate: str | None = None
        for piece in pieces(syntax):
            if isinstance(piece, Reference | Path):
                variable = self._few(piece)
                if variable is None:
                    return None
                if isinstance(piece, Reference) and (ref := self._read.scope.name(piece.name)) is not None:
                    nodes[ref.node] = variable
                else:
                    candidate = variable
            elif isinstance(piece, Call) and piece.name not in _PURE:
                return None
        run = boolean_of(Compiler(self._read.scope).code(syntax))
        over = frozenset({*nodes.values(), *([candidate] if candidate is not None else [])})
        return Formula(over, lambda values: bool(run(_Guess(values, nodes, candidate))))

    def _few(self, syntax: Syntax) -> str | None:
        """The variable for a select_one of few options."""
        question, index, on_trial = self._question(syntax)
        if question is None or question.type != "select_one":
            return None
        options = self._form.options(question)
        if options is None or len(options) > WORDS_MAX:
            return None
        name = self._name(index, on_trial=on_trial)
        self._variables.setdefault(name, Words(options, may_be_blank=not on_trial))
        return name

    def _question(self, syntax: Syntax) -> tuple[Question | None, int, bool]:
        """The question a piece stands for as one value, its number, and whether it is the answer on trial."""
        if isinstance(syntax, Reference):
            ref = self._read.scope.name(syntax.name)
            if ref is None or ref.many or not ref.leaf:
                return None, -1, False
            return self._form.question(ref.node), ref.node, self._on_trial and ref.node == self._own
        if is_dot(syntax) and self._on_trial and self._own >= 0:
            return self._form.question(self._own), self._own, True
        return None, -1, False

    @property
    def _own(self) -> int:
        return self._read.cell.node.index if self._read.cell.node is not None else -1

    def _name(self, index: int, *, on_trial: bool) -> str:
        return f"trial {index}" if on_trial else f"item {index}"

    # Numbers against constants, texts against words.

    def _compared(self, left: Syntax, sign: str, right: Syntax) -> Formula | None:
        constant = self._constant(right)
        if constant is None:
            return None
        question, index, on_trial = self._question(left)
        name = self._name(index, on_trial=on_trial)
        if question is not None and question.type in {"integer", "decimal", "range", "date"}:
            if question.type == "date" and isinstance(constant, str) and constant:
                return None  # texts are held against dates in more ways than as numbers
            variable = self._variables.setdefault(name, _numbers(question, may_be_blank=not on_trial))
            return self._number(name, cast("Numbers", variable), sign, constant)
        if question is not None and question.type == "select_multiple" and constant == "" and sign in {"=", "!="}:
            several = self._several(question, name, may_be_blank=not on_trial)
            return (
                None
                if several is None
                else Formula(frozenset({name}), lambda values: (values[name] == "") == (sign == "="))
            )
        if question is not None and question.type == "text" and isinstance(constant, str) and sign in {"=", "!="}:
            words = cast("Words", self._variables.setdefault(name, Words(may_be_blank=not on_trial)))
            words.compared.add(constant)
            return Formula(frozenset({name}), lambda values: (values[name] == constant) == (sign == "="))
        if isinstance(left, Call):
            return self._measured(left, sign, constant)
        return None

    def _number(self, name: str, variable: Numbers, sign: str, constant: str | float) -> Formula | None:
        if constant == "" and sign in {"=", "!="}:
            return Formula(frozenset({name}), lambda values: math.isnan(cast("float", values[name])) == (sign == "="))
        mark = _float(constant)
        if mark is None:
            return None
        variable.compared.add(mark)
        compare = _COMPARISONS[sign]
        return Formula(frozenset({name}), lambda values: compare(values[name], mark))

    def _measured(self, call: Call, sign: str, constant: str | float) -> Formula | None:
        """A length or a count, which is a number of its own, whatever it measures."""
        mark = _float(constant)
        if mark is None or call.name not in _COUNTS:
            return None
        if call.name == "count-selected" and len(call.args) == 1:
            question, index, on_trial = self._question(call.args[0])
            if question is not None and question.type == "select_multiple":
                name = self._name(index, on_trial=on_trial)
                several = self._several(question, name, may_be_blank=not on_trial)
                if several is not None:
                    several.counted_to = max(several.counted_to, mark)
                    compare = _COMPARISONS[sign]
                    return Formula(frozenset({name}), lambda values: compare(len(str(values[name]).split()), mark))
        key = self._key(call)
        if key is None:
            return None
        variable = self._variables.setdefault(key, Numbers(whole=True, may_be_blank=False, least=0.0))
        return self._number(key, cast("Numbers", variable), sign, mark)

    def _selected(self, call: Call) -> Formula | None:
        if len(call.args) != 2 or not isinstance(call.args[1], Text):
            return None
        wanted = call.args[1].value.strip()
        question, index, on_trial = self._question(call.args[0])
        if question is None or question.type != "select_multiple" or not wanted or " " in wanted:
            return None
        name = self._name(index, on_trial=on_trial)
        several = self._several(question, name, may_be_blank=not on_trial)
        if several is None:
            return None
        several.mentioned.add(wanted)
        return Formula(frozenset({name}), lambda values: wanted in str(values[name]).split())

    def _several(self, question: Question, name: str, *, may_be_blank: bool) -> Several | None:
        options = self._form.options(question)
        if options is None:
            return None
        return cast("Several", self._variables.setdefault(name, Several(sorted(options), may_be_blank)))

    def _constant(self, syntax: Syntax) -> str | float | None:
        """What a piece is worth, when it depends on nothing."""
        match syntax:
            case Text(value=text):
                return text
            case Number(value=number):
                return number
            case _:
                pass
        for piece in pieces(syntax):
            if not isinstance(piece, Number | Text | Minus | Chain | Call):
                return None
            if isinstance(piece, Call) and piece.name not in _PURE | {"date"}:
                return None
        value = number_of(Compiler(self._read.scope).code(syntax))(cast("Env", _Guess({}, {}, None)))
        return value if math.isfinite(value) else None

    # The rest.

    def _unknown(self, syntax: Syntax) -> Formula:
        key = self._key(syntax) or self._conditions.unlike_any_other()
        self._variables.setdefault(key, Truths())
        return Formula(frozenset({key}), lambda values: bool(values[key]))

    def _key(self, syntax: Syntax) -> str | None:
        """The same for two pieces that always have the same value; None: there is no such."""
        names: list[str] = []
        for piece in pieces(syntax):
            match piece:
                case Call(name=name) if name in _CHANCE:
                    return None
                case Reference(name=name):
                    ref = self._read.scope.name(name)
                    names.append(f"{ref.node}{'*' if ref.many else ''}" if ref is not None else name)
                case Path():
                    names.append(f"from {self._own}{' on trial' if self._on_trial else ''}")
                case _:
                    pass
        return f"{_shape(syntax)} {names}"


def _shape(syntax: Syntax) -> str:
    """The syntax without where it stands."""
    match syntax:
        case Number(value=value) | Text(value=value):
            return repr(value)
        case Reference():
            return "${}"  # which one stands beside it, by number
        case Call(name=name, args=args):
            return f"{name}({', '.join(map(_shape, args))})"
        case Minus(operand=operand):
            return f"-{_shape(operand)}"
        case Chain(operators=operators, operands=operands):
            return f"({' '.join(operators)}: {', '.join(map(_shape, operands))})"
        case Path(start=start, filters=filters, steps=steps):
            inner = start if isinstance(start, str) or start is None else _shape(start)
            walked = "/".join(f"{step.axis}::{step.test}{[*map(_shape, step.predicates)]}" for step in steps)
            return f"{inner}{[*map(_shape, filters)]}/{walked}"


def _numbers(question: Question, *, may_be_blank: bool) -> Numbers:
    found = Numbers(whole=question.type in {"integer", "date"}, may_be_blank=may_be_blank)
    if question.type == "range":
        ends = [_float(question.parameters.get(key, default)) for key, default in (("start", "0"), ("end", "10"))]
        known = [end for end in ends if end is not None]
        if len(known) == len(ends):
            found.least, found.most = min(known), max(known)
    return found


def _float(value: str | float) -> float | None:
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


class _Guess:
    """As much of an `Env` as the functions of `_PURE` ask for: values that are tried."""

    now: Final = datetime(2026, 1, 1, tzinfo=UTC)  # none of them reads it

    def __init__(self, values: Mapping[str, Value], nodes: Mapping[int, str], candidate: str | None) -> None:
        self._values = values
        self._nodes = nodes
        self.candidate = values[candidate] if candidate is not None else ""

    def value(self, node: int) -> Value:
        return self._values[self._nodes[node]]
