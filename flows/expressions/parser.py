"""Tokens to syntax, by precedence climbing (Pratt)."""

from collections.abc import Sequence
from typing import Final

from flows.expressions.errors import ExpressionError
from flows.expressions.lexer import Token, tokens
from flows.expressions.syntax import Call, Chain, Minus, Number, Path, Reference, Step, Syntax, Text

SOURCE_MAX: Final = 10_000  # characters
DEPTH_MAX: Final = 100  # levels of brackets, calls and predicates


def parse(source: str) -> Syntax:
    """Read an expression.

    Raises:
        ExpressionError: syntax and its kin, too_long, too_deep, unsupported_axis.
    """
    if len(source) > SOURCE_MAX:
        raise ExpressionError("too_long", SOURCE_MAX, {"length": str(len(source)), "most": str(SOURCE_MAX)})
    reader = _Reader(tokens(source))
    found = reader.expression(0)
    reader.expect_end()
    return found


# How tightly operators bind; those on one line are read from left to right. XPath 1.0 §3.5.
_BINDING: Final = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6, "|": 8,
}  # fmt: skip
_MINUS: Final = 7  # -a | b is -(a | b), -a * b is (-a) * b

_AXES: Final = frozenset({
    "child", "parent", "self", "attribute", "ancestor", "ancestor-or-self", "descendant", "descendant-or-self",
    "following-sibling", "preceding-sibling",
})  # fmt: skip
_TESTS: Final = frozenset({"node", "text", "comment", "processing-instruction"})
_ANY_BELOW: Final = "descendant-or-self"


class _Reader:
    def __init__(self, found: Sequence[Token]) -> None:
        self.tokens = found
        self.n = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.n]

    def take(self) -> Token:
        token = self.tokens[self.n]
        self.n += 1
        return token

    def sees(self, value: str) -> bool:
        """Whether this very sign stands here."""
        token = self.tokens[self.n]
        return token.value == value and token.kind in ("sign", "operator")

    def expect(self, value: str) -> Token:
        if not self.sees(value):
            raise self.unexpected()
        return self.take()

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise self.unexpected()

    def unexpected(self) -> ExpressionError:
        return ExpressionError("syntax", self.token.at, {"found": self.token.value})

    def expression(self, least: int) -> Syntax:
        """An expression of operators that bind more tightly than `least`."""
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise ExpressionError("too_deep", self.token.at, {"most": str(DEPTH_MAX)})
        left = self.operand()
        while self.token.kind == "operator" and (strength := _BINDING[self.token.value]) > least:
            left = self.chain(left, strength)
        self.depth -= 1
        return left

    def chain(self, first: Syntax, strength: int) -> Chain:
        operators, operands, at = [], [first], self.token.at
        while self.token.kind == "operator" and _BINDING[self.token.value] == strength:
            operators.append(self.take().value)
            operands.append(self.expression(strength))
        return Chain(tuple(operators), tuple(operands), at)

    def operand(self) -> Syntax:
        if self.sees("-"):
            at = self.take().at
            return Minus(self.expression(_MINUS), at)
        return self.path()

    def path(self) -> Syntax:
        token = self.token
        if self.sees("/"):
            self.take()
            return Path("/", (), self.steps() if self.begins_step() else (), token.at)
        if self.sees("//"):
            self.take()
            return Path("/", (), (Step(_ANY_BELOW, "node()", (), token.at), *self.steps()), token.at)
        if self.begins_primary():
            return self.from_primary()
        if self.begins_step():
            return Path(None, (), self.steps(), token.at)
        raise self.unexpected()

    def begins_primary(self) -> bool:
        token = self.token
        if token.kind in ("number", "text", "reference"):
            return True
        return self.sees("(") or self.calls()

    def calls(self) -> bool:
        token, after = self.token, self.tokens[min(self.n + 1, len(self.tokens) - 1)]
        return token.kind == "name" and after.value == "(" and after.kind == "sign" and token.value not in _TESTS

    def begins_step(self) -> bool:
        token = self.token
        return token.kind == "name" or (token.kind == "sign" and token.value in (".", "..", "@"))

    def from_primary(self) -> Syntax:
        at = self.token.at
        start = self.primary()
        filters = self.predicates()
        if self.sees("/") or self.sees("//"):
            below = self.take()
            deep = (Step(_ANY_BELOW, "node()", (), below.at),) if below.value == "//" else ()
            return Path(start, filters, (*deep, *self.steps()), at)
        return Path(start, filters, (), at) if filters else start

    def primary(self) -> Syntax:
        if self.calls():
            return self.call()
        token = self.take()
        match token.kind:
            case "number":
                return Number(float(token.value), token.at)
            case "text":
                return Text(token.value, token.at)
            case "reference":
                return Reference(token.value, token.at)
            case _:
                inner = self.expression(0)
                self.expect(")")
                return inner

    def call(self) -> Call:
        name = self.take()
        self.expect("(")
        args: list[Syntax] = []
        if not self.sees(")"):
            args.append(self.expression(0))
            while self.sees(","):
                self.take()
                args.append(self.expression(0))
        self.expect(")")
        return Call(name.value, tuple(args), name.at)

    def steps(self) -> tuple[Step, ...]:
        found = [self.step()]
        while self.sees("/") or self.sees("//"):
            token = self.take()
            if token.value == "//":
                found.append(Step(_ANY_BELOW, "node()", (), token.at))
            found.append(self.step())
        return tuple(found)

    def step(self) -> Step:
        token = self.take()
        if token.kind == "sign" and token.value in (".", ".."):
            axis = "self" if token.value == "." else "parent"
            return Step(axis, "node()", self.predicates(), token.at)
        if token.kind == "sign" and token.value == "@":
            return Step("attribute", self.test(self.take()), self.predicates(), token.at)
        if token.kind != "name":
            self.n -= 1
            raise self.unexpected()
        if not self.sees("::"):
            return Step("child", self.test(token), self.predicates(), token.at)
        if token.value not in _AXES:
            raise ExpressionError("unsupported_axis", token.at, {"axis": token.value})
        self.take()
        return Step(token.value, self.test(self.take()), self.predicates(), token.at)

    def test(self, token: Token) -> str:
        if token.kind != "name":
            self.n -= 1
            raise self.unexpected()
        if token.value in _TESTS and self.sees("("):
            self.take()
            self.expect(")")
            return f"{token.value}()"
        return token.value

    def predicates(self) -> tuple[Syntax, ...]:
        found: list[Syntax] = []
        while self.sees("["):
            self.take()
            found.append(self.expression(0))
            self.expect("]")
        return tuple(found)
