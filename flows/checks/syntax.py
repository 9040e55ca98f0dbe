"""Small questions about the syntax of an expression."""

from collections.abc import Iterator

from flows.expressions.syntax import Call, Chain, Minus, Path, Syntax


def pieces(syntax: Syntax) -> Iterator[Syntax]:
    """The expression and every expression in it, predicates included."""
    todo = [syntax]
    while todo:
        piece = todo.pop()
        yield piece
        match piece:
            case Call(args=inner) | Chain(operands=inner):
                todo.extend(reversed(inner))
            case Minus(operand=operand):
                todo.append(operand)
            case Path(start=start, filters=filters, steps=steps):
                todo.extend(predicate for step in reversed(steps) for predicate in reversed(step.predicates))
                todo.extend(reversed(filters))
                if start is not None and not isinstance(start, str):
                    todo.append(start)
            case _:
                pass


def is_lagged(syntax: Syntax) -> bool:
    """Whether it picks an instance of a repeat, by indexed-repeat() or a predicate."""
    return any(
        (isinstance(piece, Call) and piece.name == "indexed-repeat")
        or (isinstance(piece, Path) and bool(piece.filters or any(step.predicates for step in piece.steps)))
        for piece in pieces(syntax)
    )


def keeps_itself(syntax: Syntax) -> bool:
    """Whether it may read its own last value, by once()."""
    return any(isinstance(piece, Call) and piece.name == "once" for piece in pieces(syntax))


def is_dot(syntax: Syntax) -> bool:
    """Whether it is `.`."""
    if not isinstance(syntax, Path) or syntax.start is not None or syntax.filters or len(syntax.steps) != 1:
        return False
    step = syntax.steps[0]
    return step.axis == "self" and not step.predicates


def numbers_equal(word: str, value: float) -> bool:
    """Whether a word is that number."""
    try:
        return float(word) == value
    except ValueError:
        return False
