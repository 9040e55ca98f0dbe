"""One entry of the table of functions, and how an ordinary Python function becomes one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from flows.expressions.code import OF, Code, Kind, Run
from flows.expressions.env import Atom, Ref, Scope
from flows.expressions.errors import ExpressionError

FAULTS: Final = (ArithmeticError, ValueError, TypeError, LookupError)  # what odd values can make a function raise
BLANK: Final[Mapping[Kind, Atom | tuple[()]]] = {
    Kind.NUMBER: float("nan"),
    Kind.TEXT: "",
    Kind.BOOLEAN: False,
    Kind.ANY: "",
    Kind.NODES: (),
}


class Site(Protocol):
    """Where a call stands, for the functions that need to know more than the values of their arguments."""

    @property
    def scope(self) -> Scope:
        """Names."""
        ...

    @property
    def in_predicate(self) -> bool:
        """Whether `position()` and `last()` mean a predicate's."""
        ...

    def here(self) -> Code:
        """The value of `.`."""
        ...

    def resolve(self, path: str) -> Ref | None:
        """The question that a path or `${name}` in quotes means; it counts as read."""
        ...

    def fault(self, code: str, argument: int | None = None, **facts: str) -> ExpressionError:
        """The error to raise, at an argument or at the call."""
        ...


Build: TypeAlias = Callable[[Sequence[Code], Site], Code]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the expression language. `example` is an expression that is true."""

    name: str
    least: int
    most: int | None  # None: no limit
    gives: Kind
    build: Build
    example: str
    volatile: bool = False  # may give another value though nothing it reads has changed


def plain(
    name: str,
    takes: str,
    gives: Kind,
    run: Callable[..., Any],
    example: str,
    *,
    least: int | None = None,
    volatile: bool = False,
) -> Function:
    """A function of values.

    `takes` has a letter for each argument: t text, n number, b truth, a any atom. "*" after the last means any number
    more of it, with node-sets laid out into their values; "E" first passes the env. Whatever `run` raises for odd
    values is a blank result.
    """
    letters = takes.removeprefix("E").removesuffix("*")
    with_env, spread = takes.startswith("E"), takes.endswith("*")
    needed = len(letters) if least is None else least
    builder = _spread(letters, gives, run) if spread else _fixed(letters, gives, run, with_env=with_env)
    return Function(name, needed, None if spread else len(letters), gives, builder, example, volatile)


def _fixed(letters: str, gives: Kind, run: Callable[..., Any], *, with_env: bool) -> Build:
    def build(args: Sequence[Code], _site: Site) -> Code:
        runs = [OF[letter](arg) for letter, arg in zip(letters, args, strict=False)]
        return Code(gives, _with_env(runs, run, BLANK[gives]) if with_env else _called(runs, run, BLANK[gives]))

    return build


def _called(args: Sequence[Run], run: Callable[..., Any], blank: object) -> Run:
    """A closure for a call; the numbers of arguments that matter have their own, which saves building a list."""
    match args:
        case [a]:

            def one(env: Any) -> Any:
                x = a(env)
                try:
                    return run(x)
                except FAULTS:
                    return blank

            return one
        case [a, b]:

            def two(env: Any) -> Any:
                x, y = a(env), b(env)
                try:
                    return run(x, y)
                except FAULTS:
                    return blank

            return two

    def any_number(env: Any) -> Any:
        values = [arg(env) for arg in args]
        try:
            return run(*values)
        except FAULTS:
            return blank

    return any_number


def _with_env(args: Sequence[Run], run: Callable[..., Any], blank: object) -> Run:
    def call(env: Any) -> Any:
        values = [arg(env) for arg in args]
        try:
            return run(env, *values)
        except FAULTS:
            return blank

    return call


def _spread(letters: str, gives: Kind, run: Callable[..., Any]) -> Build:
    """`run` gets the fixed arguments and then one list of all the rest."""
    fixed = len(letters) - 1

    def build(args: Sequence[Code], _site: Site) -> Code:
        heads = [OF[letter](arg) for letter, arg in zip(letters[:fixed], args, strict=False)]
        rest = values_of(args[fixed:])
        blank = BLANK[gives]

        def call(env: Any) -> Any:
            values = [head(env) for head in heads]
            atoms = rest(env)
            try:
                return run(*values, atoms)
            except FAULTS:
                return blank

        return Code(gives, call)

    return build


def values_of(args: Sequence[Code]) -> Callable[[Any], list[Atom]]:
    """All values of some arguments in order, node-sets laid out."""
    runs = [(arg.kind is Kind.NODES, arg.run) for arg in args]

    def values(env: Any) -> list[Atom]:
        found: list[Atom] = []
        for is_nodes, run in runs:
            if is_nodes:
                found.extend(node.value() for node in run(env))
            else:
                found.append(run(env))
        return found

    return values
