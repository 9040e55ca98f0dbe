"""Functions of choices: what was selected, what it is called, what a table says about it."""

from collections.abc import Sequence
from typing import Any, Final

from flows.expressions.code import Code, Kind, is_one, text_of
from flows.expressions.table import Function, Site, plain
from flows.expressions.values import to_text


def selected(text: str, name: str) -> bool:
    """Whether a name is among names joined by blanks; no name is among none."""
    wanted = name.strip()
    return wanted in text.split() if wanted else not text.strip()


def selected_at(text: str, place: float) -> str:
    """The name at a place from 0; blank where there is none."""
    names = text.split()
    return names[int(place)] if 0 <= place < len(names) else ""


def _selected(args: Sequence[Code], _site: Site) -> Code:
    names, name = args
    if is_one(names) and names.ref is not None and isinstance(name.literal, str) and name.literal.strip():
        return Code(Kind.BOOLEAN, _is_among(names.ref.node, name.literal.strip()))
    text, wanted = text_of(names), text_of(name)
    return Code(Kind.BOOLEAN, lambda env: selected(text(env), wanted(env)))


def _is_among(node: int, name: str) -> Any:
    """`selected(${a}, 'name')`: the commonest call in real forms."""

    def is_among(env: Any) -> bool:
        value = env.value(node)
        if value.__class__ is not str:
            value = to_text(value)
        return value == name or (name in value and name in value.split())

    return is_among


def _choice_name(args: Sequence[Code], site: Site) -> Code:
    """The second argument names the question, in quotes; some authors leave the quotes out."""
    name, question = args
    ref = site.resolve(question.literal) if isinstance(question.literal, str) else question.ref
    if ref is None:
        if isinstance(question.literal, str):
            raise site.fault("unknown_name", 1, reference=question.literal.strip())
        raise site.fault("not_literal", 1)
    node, chosen = ref.node, text_of(name)
    return Code(Kind.TEXT, lambda env: env.choice_label(node, chosen(env)))


def _itext(args: Sequence[Code], _site: Site) -> Code:
    key = text_of(args[0])
    return Code(Kind.TEXT, lambda env: env.text(key(env)))


def _pulldata(args: Sequence[Code], site: Site) -> Code:
    """`pulldata(table, column, key column, key)`: the first row whose key is that; blank without one."""
    name = args[0].literal
    if isinstance(name, str) and not site.scope.table(name):
        raise site.fault("unknown_table", 0, table=name)
    table = text_of(args[0])
    column, key_column, key = (text_of(arg) for arg in args[1:])

    def pulled(env: Any) -> str:
        rows = env.rows(table(env), key_column(env), key(env))
        found: str = rows[0].get(column(env), "") if rows else ""
        return found

    return Code(Kind.TEXT, pulled)


FUNCTIONS: Final = (
    Function("selected", 2, 2, Kind.BOOLEAN, _selected, "selected('a b', 'b') and not(selected('apple pie', 'app'))"),
    Function("is-selected", 2, 2, Kind.BOOLEAN, _selected, "is-selected('a b', 'b')"),
    plain("selected-at", "tn", Kind.TEXT, selected_at, "selected-at('a b', 1) = 'b' and selected-at('a b', 9) = ''"),
    plain("count-selected", "t", Kind.NUMBER, lambda text: float(len(text.split())), "count-selected('a b') = 2"),
    Function("jr:choice-name", 2, 2, Kind.TEXT, _choice_name, "jr:choice-name('x', '${b}') = 'X label'"),
    Function("jr:itext", 1, 1, Kind.TEXT, _itext, "jr:itext('greeting') = 'Xin chào'"),
    Function("pulldata", 4, 4, Kind.TEXT, _pulldata, "pulldata('l', 'price', 'name', 'y') = '30'"),
)
