"""Syntax to closures."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, Never

from flows.expressions import operators, paths
from flows.expressions.code import Code, Kind, Run, constant, many_refs, nodes_of, number_of, one_ref
from flows.expressions.env import Ref, Scope
from flows.expressions.errors import ExpressionError
from flows.expressions.functions import FUNCTIONS
from flows.expressions.functions.refused import UNSUPPORTED, VENDOR, VENDOR_PREFIXES
from flows.expressions.parser import DEPTH_MAX
from flows.expressions.syntax import Call, Chain, Minus, Number, Path, Reference, Step, Syntax, Text

LAST_SAVED: Final = "last-saved#"
LATE: Final = frozenset({"unknown_function", "vendor_function", "unsupported_function", "arity"})
FOLD_MAX: Final = 8  # operators in a row that may nest closures; more are done in a loop


class Inside(Enum):
    """What `here()` is."""

    NOTHING = auto()  # what the expression belongs to
    NODES = auto()  # an answer, repeat or group, in a predicate
    ROWS = auto()  # a row of a table, in a predicate


class Compiler:
    """One compilation; afterwards it knows what the expression reads."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.refs: set[int] = set()
        self.names: dict[str, None] = {}  # in the order they stand
        self.volatile = False
        self.walks = False
        self.late: list[ExpressionError] = []  # calls that cannot be done and stand where not every answer leads
        self._depth = 0
        self._arms = 0

    def code(self, syntax: Syntax, inside: Inside = Inside.NOTHING) -> Code:
        """Compile one piece. Raises `ExpressionError`."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise ExpressionError("too_deep", syntax.at, {"most": str(DEPTH_MAX)})
        found = self._code(syntax, inside)
        if found.kind is Kind.NODES:
            self.walks = True
        self._depth -= 1
        return found

    def _code(self, syntax: Syntax, inside: Inside) -> Code:
        match syntax:
            case Number(value) | Text(value):
                return constant(value)
            case Reference():
                return self._named(syntax, inside)
            case Call():
                return self._call(syntax, inside)
            case Minus(operand):
                return operators.negative(self.code(operand, inside))
            case Chain():
                return self._chain(syntax, inside)
            case Path():
                return self._path(syntax, inside)

    def _named(self, reference: Reference, inside: Inside) -> Code:
        name = reference.name
        if name.startswith(LAST_SAVED):
            raise ExpressionError("last_saved", reference.at, {"reference": name})
        ref = self.scope.name(name)
        if ref is None:
            raise ExpressionError("unknown_name", reference.at, {"reference": name})
        self.names[name] = None
        code = self.reads(ref)
        return paths.of_row(ref) if inside is Inside.NODES and ref.many else code

    def reads(self, ref: Ref) -> Code:
        """A question, group or repeat; it counts as read."""
        self.refs.add(ref.node)
        return one_ref(ref) if ref.leaf and not ref.many else many_refs(ref)

    def resolve(self, text: str) -> Ref | None:
        """What a path or `${name}` in quotes means, for jr:choice-name."""
        text = text.strip()
        if text.startswith("${") and text.endswith("}"):
            name = text[2:-1].strip()
            ref = self.scope.name(name)
            if ref is not None:
                self.names[name] = None
        else:
            steps = [step.strip() for step in text.split("/")]
            absolute = steps[:1] == [""]
            ref = self.scope.path(steps[1:] if absolute else steps, absolute=absolute)
        if ref is not None:
            self.refs.add(ref.node)
        return ref

    def _call(self, call: Call, inside: Inside) -> Code:
        try:
            return self._called(call, inside)
        except ExpressionError as error:
            if not self._arms or error.code not in LATE or error.at != call.at:
                raise
            self.late.append(error)
            return _failing(error)

    def _called(self, call: Call, inside: Inside) -> Code:
        function = FUNCTIONS.get(call.name)
        if function is None:
            raise _unknown(call)
        site = CallSite(self, call, inside)
        given = len(call.args)
        if given < function.least or (function.most is not None and given > function.most):
            raise site.fault("arity")
        self.volatile = self.volatile or function.volatile
        sure = 1 if call.name == "if" else given
        args = [self._operand(arg, inside, is_sure=n < sure) for n, arg in enumerate(call.args)]
        return function.build(args, site)

    def _operand(self, syntax: Syntax, inside: Inside, *, is_sure: bool) -> Code:
        """A piece of another one; `is_sure`: it is worked out whenever that is."""
        self._arms += not is_sure
        found = self.code(syntax, inside)
        self._arms -= not is_sure
        return found

    def _chain(self, chain: Chain, inside: Inside) -> Code:
        every = chain.operators[0] not in {"or", "and"}
        operands = [self._operand(each, inside, is_sure=every or n == 0) for n, each in enumerate(chain.operands)]
        match chain.operators[0]:
            case "or":
                return operators.either(operands)
            case "and":
                return operators.both(operands)
            case "|":
                for operand, at in zip(operands, chain.operands, strict=True):
                    if operand.kind is not Kind.NODES and operand.nodes is None:
                        raise ExpressionError("not_nodes", at.at, {"function": "|"})
                self.walks = True
                return operators.union(operands)
        if len(chain.operators) > FOLD_MAX:
            return self._long_chain(chain, operands)
        folded = operands[0]
        for sign, operand in zip(chain.operators, operands[1:], strict=True):
            folded = operators.binary(sign, folded, operand)
        return folded

    def _long_chain(self, chain: Chain, operands: Sequence[Code]) -> Code:
        """A sum of very many terms; comparisons in such a row mean nothing."""
        if not set(chain.operators) <= operators.ARITHMETIC.keys():
            raise ExpressionError("too_deep", chain.at, {"most": str(FOLD_MAX)})
        first, *rest = [number_of(operand) for operand in operands]
        return operators.long_sum(first, list(zip(chain.operators, rest, strict=True)))

    def _path(self, path: Path, inside: Inside) -> Code:
        if path.start is None or path.start == "/" or _is_current(path.start):
            known = self._known(path, inside)
            if known is not None:
                return known
        if _is_instance(path.start):
            indexed = self._by_index(path, inside)
            if indexed is not None:
                return indexed
        return self._walked(path, inside)

    def _known(self, path: Path, inside: Inside) -> Code | None:
        """A path that needs no walking: `.`, a column, or a plain path that the scope knows."""
        names = _plain_names(path.steps)
        if path.filters or names is None:
            return None
        if path.start is None and not names:
            return self.here(inside)
        if isinstance(path.start, Call) and not names:
            return self.code(path.start, inside)
        if not self._is_fixed(path, inside):
            return None
        bare = names[0] if path.start is None and len(names) == 1 and names[0] != ".." else None
        if bare is not None and self.scope.column(bare):
            column = bare
            return Code(Kind.TEXT, lambda env: env.cell(column))
        ref = self.scope.path(names, absolute=path.start == "/") if names else None
        if ref is not None:
            code = self.reads(ref)
            return code if ref.leaf else replace(self._walked(path, inside), ref=ref)
        if bare is not None:
            raise ExpressionError("unknown_name", path.at, {"reference": bare})
        return None

    @staticmethod
    def _is_fixed(path: Path, inside: Inside) -> bool:
        """Whether a path begins at the same place wherever it stands.

        In a table's predicate `../x` has nothing to lead to but the form, and is how some authors write
        `current()/../x`.
        """
        if path.start is not None or inside is Inside.NOTHING:
            return True
        return inside is Inside.ROWS and path.steps[0].axis == "parent"

    def here(self, inside: Inside) -> Code:
        """The value of `.`."""
        if inside is Inside.NOTHING:
            return Code(Kind.ANY, lambda env: env.candidate, nodes=lambda env: (env.here(),))
        return Code(Kind.ANY, lambda focus: focus.node.value(), nodes=lambda focus: (focus.node,))

    def _walked(self, path: Path, inside: Inside) -> Code:
        start, steps = self._start(path, inside)
        within = Inside.ROWS if _is_instance(path.start) else Inside.NODES
        filters = [paths.predicate(self.code(each, within)) for each in path.filters]
        if filters:
            start = paths.filtered(start, filters)
        runs = [
            paths.step(step.axis, step.test, [paths.predicate(self.code(each, within)) for each in step.predicates])
            for step in steps
        ]
        return Code(Kind.NODES, paths.walk(start, runs) if runs else start)

    def _start(self, path: Path, inside: Inside) -> tuple[Run, Sequence[Step]]:
        """Where a path begins, and the steps that are left."""
        if path.start is None:
            self._note(path.steps, absolute=False)
            return paths.from_here, path.steps
        if path.start == "/":
            self._note(path.steps, absolute=True)
            first = path.steps[0] if path.steps else None
            if first is not None and first.axis == "child" and not first.predicates and not first.test.endswith("()"):
                return paths.top(first.test), path.steps[1:]
            return paths.from_root, path.steps
        if _is_current(path.start):
            self._note(path.steps, absolute=False)
            return paths.from_current, path.steps
        if isinstance(path.start, str):
            raise TypeError(path.start)
        run = nodes_of(self.code(path.start, inside))
        if run is None:
            raise ExpressionError("not_nodes", path.start.at, {"function": "/" if path.steps else "["})
        return run, path.steps

    def _note(self, steps: Sequence[Step], *, absolute: bool) -> None:
        """Remember what a walked path reads, as far as it can be told without walking."""
        names = _plain_names(steps, with_predicates=True)
        ref = self.scope.path(names, absolute=absolute) if names else None
        if ref is not None:
            self.refs.add(ref.node)

    def _by_index(self, path: Path, inside: Inside) -> Code | None:
        """`instance('t')/root/item[column = key]/leaf`, when the key does not depend on the row."""
        found = _lookup(path)
        if found is None:
            return None
        table, column, key, leaf = found
        slow = self._walked(path, inside)
        return paths.looked_up(table, column, self.code(key, Inside.ROWS), leaf, slow.run)


@dataclass(frozen=True, slots=True)
class CallSite:
    """Where a call stands (`flows.expressions.table.Site`)."""

    compiler: Compiler
    call: Call
    inside: Inside

    @property
    def scope(self) -> Scope:
        """Names."""
        return self.compiler.scope

    @property
    def in_predicate(self) -> bool:
        """Whether `position()` and `last()` mean a predicate's."""
        return self.inside is not Inside.NOTHING

    def here(self) -> Code:
        """The value of `.`."""
        return self.compiler.here(self.inside)

    def resolve(self, path: str) -> Ref | None:
        """See Site."""
        return self.compiler.resolve(path)

    def fault(self, code: str, argument: int | None = None, **facts: str) -> ExpressionError:
        """See Site."""
        call = self.call
        if code == "arity":
            known = FUNCTIONS[call.name]
            most = "" if known.most is None else str(known.most)
            facts = {"given": str(len(call.args)), "least": str(known.least), "most": most}
        at = call.at if argument is None else call.args[argument].at
        return ExpressionError(code, at, {"function": call.name, **facts})


class Reached(Exception):
    """A call that cannot be done was reached."""

    def __init__(self, error: ExpressionError) -> None:
        self.error = error
        super().__init__(str(error))


def _failing(error: ExpressionError) -> Code:
    """A call that cannot be done: nothing comes of it but when it is reached."""

    def fail(_env: object) -> Never:
        raise Reached(error)

    return Code(Kind.ANY, fail, nodes=fail)


def _unknown(call: Call) -> ExpressionError:
    name = call.name
    if name in VENDOR or name.startswith(VENDOR_PREFIXES):
        return ExpressionError("vendor_function", call.at, {"function": name})
    if name in UNSUPPORTED:
        return ExpressionError("unsupported_function", call.at, {"function": name})
    nearest = difflib.get_close_matches(name[:100], FUNCTIONS, n=1)
    return ExpressionError("unknown_function", call.at, {"function": name, "nearest": nearest[0] if nearest else ""})


def _is_current(start: Syntax | str | None) -> bool:
    return isinstance(start, Call) and start.name == "current" and not start.args


def _is_instance(start: Syntax | str | None) -> bool:
    return isinstance(start, Call) and start.name == "instance"


def _plain_names(steps: Sequence[Step], *, with_predicates: bool = False) -> list[str] | None:
    """The steps as names and "..", without "."; None when there is anything else in them."""
    names: list[str] = []
    for step in steps:
        if step.predicates and not with_predicates:
            return None
        if step.axis == "child" and step.test != "*" and not step.test.endswith("()"):
            names.append(step.test)
        elif step.axis == "parent" and step.test == "node()":
            names.append("..")
        elif step.axis != "self" or step.test != "node()":
            return None
    return names


def _lookup(path: Path) -> tuple[str, str, Syntax, str] | None:
    """Table, column, key and leaf of a path that an index can answer."""
    if path.filters or len(path.steps) != 3 or not isinstance(path.start, Call) or len(path.start.args) != 1:
        return None
    table, (root, item, leaf) = path.start.args[0], path.steps
    if not isinstance(table, Text) or _plain_names((root, leaf)) != ["root", leaf.test] or leaf.axis != "child":
        return None
    if item.test != "item" or item.axis != "child" or len(item.predicates) != 1:
        return None
    match item.predicates[0]:
        case Chain(("=",), (Path(None, (), (column,)), key)) | Chain(("=",), (key, Path(None, (), (column,)))) if (
            _is_column(column) and _is_free(key)
        ):
            return table.value, column.test, key, leaf.test
    return None


def _is_column(step: Step) -> bool:
    return step.axis == "child" and not step.predicates and step.test != "*" and not step.test.endswith("()")


def _is_free(syntax: Syntax) -> bool:
    """Whether a key is the same for every row."""
    match syntax:
        case Number() | Text() | Reference():
            return True
        case Call(name, args):
            return bool(args) and name not in _OF_HERE and all(map(_is_free, args))
        case Path(start, (), steps):
            return _is_current(start) and _plain_names(steps) is not None
        case _:
            return False


_OF_HERE: Final = frozenset({"position", "once", "random", "uuid", "randomize"})
