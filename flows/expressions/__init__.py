"""The expression language of XLSForm: what `relevant`, `constraint`, `calculation` and `choice_filter` are written in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flows.expressions.code import Kind, Run, atom_of, boolean_of, number_of
from flows.expressions.compiler import Compiler, Reached
from flows.expressions.env import Env, Scope, XValue
from flows.expressions.errors import ExpressionError
from flows.expressions.focus import Focus, Meter, OutOfWork
from flows.expressions.parser import DEPTH_MAX, parse
from flows.expressions.values import to_stored

__all__ = ["Expression", "ExpressionError", "compile_expression", "compile_leniently"]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression. To evaluate it never raises, whatever the values are; one serves all sessions at once."""

    source: str
    refs: frozenset[int]  # node numbers it reads; a group or repeat stands for what is in it
    names: tuple[str, ...]  # of `${name}`, each once, in the order they stand
    volatile: bool  # it may give another value though nothing it reads has changed
    walks: bool  # it goes through the tree of answers, so that `refs` may not name all it reads
    value: Callable[[Env], XValue]  # as it comes: an atom, NaN included, or a node-set
    boolean: Callable[[Env], bool]
    number: Callable[[Env], float]
    text: Callable[[Env], str]  # as it is stored and shown: NaN is blank, truths are 1 and 0
    late: tuple[ExpressionError, ...]  # calls that cannot be done, in arms that not every answer reaches
    reached: Callable[[Env], ExpressionError | None]  # the one of `late` that makes the result blank, here and now


def compile_expression(source: str, scope: Scope) -> Expression:
    """Make an expression ready to run.

    A call that cannot be done (an unknown function, a wrong number of arguments) is refused where every evaluation
    comes to it. In an arm of `if`, or after the first operand of `and` or `or`, it is one of `late`, and makes the
    whole result blank only when it is reached: JavaRosa refuses such a form at that moment, and not before.

    Raises:
        ExpressionError: it cannot be; see there for the codes.
    """
    compiler = Compiler(scope)
    try:
        code = compiler.code(parse(source))
    except RecursionError:  # called from so deep that even DEPTH_MAX levels do not fit on the stack any more
        raise ExpressionError("too_deep", 0, {"most": str(DEPTH_MAX)}) from None
    atom = atom_of(code)
    metered = _metered if compiler.walks else _guarded if compiler.late else _bare
    return Expression(
        source=source,
        refs=frozenset(compiler.refs),
        names=tuple(compiler.names),
        volatile=compiler.volatile,
        walks=compiler.walks,
        value=metered(code.run, () if code.kind is Kind.NODES else ""),
        boolean=metered(boolean_of(code), False),
        number=metered(number_of(code), float("nan")),
        text=metered(lambda env: to_stored(atom(env)), ""),
        late=tuple(compiler.late),
        reached=_reached(code.run) if compiler.late else _nothing,
    )


def _bare(run: Run, _blank: object) -> Run:
    return run


def _metered(run: Run, blank: object) -> Run:
    """With a limit to the nodes that one evaluation may visit, past which the result is blank."""

    def evaluate(env: Env) -> object:
        try:
            return run(Focus(env, Meter()))
        except (OutOfWork, Reached):
            return blank

    return evaluate


def _guarded(run: Run, blank: object) -> Run:
    def evaluate(env: Env) -> object:
        try:
            return run(env)
        except Reached:
            return blank

    return evaluate


def _nothing(_env: Env) -> None:
    return None


def _reached(run: Run) -> Callable[[Env], ExpressionError | None]:
    def reached(env: Env) -> ExpressionError | None:
        try:
            run(Focus(env, Meter()))
        except Reached as met:
            return met.error
        except OutOfWork:
            return None
        return None

    return reached


def compile_leniently(source: str, scope: Scope) -> tuple[Expression, tuple[ExpressionError, ...]]:
    """An expression in which a bare name that leads nowhere counts as blank, and what was passed over so.

    As in ODK's engines, where such a name is a path to no node: authors forget the quotes of an option, or write
    `null`. The name of a question is still refused: there `${…}` was forgotten, and blank would be wrong.

    Raises:
        ExpressionError: as `compile_expression`.
    """
    passed: list[ExpressionError] = []
    while True:
        try:
            return compile_expression(source, scope), tuple(passed)
        except ExpressionError as error:
            name = error.facts.get("reference", "")
            bare = error.code == "unknown_name" and source[error.at : error.at + len(name)] == name
            if not bare or scope.name(name) is not None or len(passed) >= NOWHERE_MAX:
                raise
            passed.append(error)
            source = f"{source[: error.at]}''{' ' * (len(name) - 2)}{source[error.at + len(name) :]}"


NOWHERE_MAX: Final = 50  # names of one expression that may lead nowhere
