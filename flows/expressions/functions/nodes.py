"""Functions of node-sets: repeats, tables, places in them."""

from collections.abc import Sequence
from typing import Any, Final

from flows.expressions.code import Code, Kind, Run, nodes_of, number_of
from flows.expressions.env import Atom, Node
from flows.expressions.paths import below
from flows.expressions.table import Function, Site


def needed(args: Sequence[Code], site: Site, argument: int = 0) -> Run:
    """An argument that has to be a node-set. Raises `ExpressionError` not_nodes."""
    run = nodes_of(args[argument])
    if run is None:
        raise site.fault("not_nodes", argument)
    return run


def _count(args: Sequence[Code], site: Site) -> Code:
    nodes = needed(args, site)
    return Code(Kind.NUMBER, lambda env: float(len(nodes(env))))


def _count_non_empty(args: Sequence[Code], site: Site) -> Code:
    nodes = needed(args, site)
    return Code(Kind.NUMBER, lambda env: float(sum(node.value() != "" for node in nodes(env))))


def _position(args: Sequence[Code], site: Site) -> Code:
    """With an argument the place among same-named siblings, in a predicate the place in what is filtered; from 1."""
    if args:
        nodes = needed(args, site)

        def place(env: Any) -> float:
            found: Sequence[Node] = nodes(env)
            return float(found[0].position()) if found else float("nan")

        return Code(Kind.NUMBER, place)
    if site.in_predicate:
        return Code(Kind.NUMBER, lambda focus: float(focus.place))
    return Code(Kind.NUMBER, lambda env: float(env.here().position()))


def _last(_args: Sequence[Code], site: Site) -> Code:
    """How many nodes the predicate filters."""
    return Code(Kind.NUMBER, (lambda focus: float(focus.size)) if site.in_predicate else (lambda _env: 1.0))


def _name(args: Sequence[Code], site: Site) -> Code:
    nodes = needed(args, site) if args else (lambda env: (env.here(),))

    def name(env: Any) -> str:
        found: Sequence[Node] = nodes(env)
        return found[0].name if found else ""

    return Code(Kind.TEXT, name)


def _current(_args: Sequence[Code], _site: Site) -> Code:
    return Code(Kind.NODES, lambda env: (env.current(),), first=lambda env: env.candidate)


def _instance(args: Sequence[Code], site: Site) -> Code:
    """The root of a table; its rows are root/item."""
    table = args[0].literal
    if not isinstance(table, str):
        raise site.fault("not_literal", 0)
    if not site.scope.table(table):
        raise site.fault("unknown_table", 0, table=table)

    def root(env: Any) -> Sequence[Node]:
        found: Node | None = env.table(table)
        return () if found is None else (found,)

    return Code(Kind.NODES, root)


def _indexed_repeat(args: Sequence[Code], site: Site) -> Code:
    """`indexed-repeat(question, repeat, i, inner repeat, j, …)`: the question in the i-th instance, from 1."""
    wanted = args[0].ref
    if wanted is None:
        raise site.fault("not_nodes", 0)
    if len(args) % 2 == 0:
        raise site.fault("arity")
    repeats = []
    for n in range(1, len(args), 2):
        ref = args[n].ref
        if ref is None or ref.leaf:
            raise site.fault("not_nodes", n)
        repeats.append((ref, number_of(args[n + 1])))
    outermost = repeats[0][0].node

    def indexed(env: Any) -> Atom:
        reached: Sequence[Node] = env.nodes(outermost)
        for level, (ref, index) in enumerate(repeats):
            if level:
                reached = below(reached[0], ref.name, env.meter)
            place = index(env)
            if not 1 <= place <= len(reached):  # NaN too
                return ""
            reached = (reached[int(place) - 1],)
        found = below(reached[0], wanted.name, env.meter)
        return found[0].value() if found else ""

    return Code(Kind.ANY, indexed)


FUNCTIONS: Final = (
    Function("count", 1, 1, Kind.NUMBER, _count, "count(${r}) = 3"),
    Function("count-non-empty", 1, 1, Kind.NUMBER, _count_non_empty, "count-non-empty(${m}) = 2"),
    Function("position", 0, 1, Kind.NUMBER, _position, "${r}[position() = 2]/nm = 'N2'"),
    Function("last", 0, 0, Kind.NUMBER, _last, "${r}[position() = last()]/nm = 'N3'"),
    Function("name", 0, 1, Kind.TEXT, _name, "name(${a}) = 'a'"),
    Function("local-name", 0, 1, Kind.TEXT, _name, "local-name(${a}) = 'a'"),
    Function("current", 0, 0, Kind.NODES, _current, "current()/../a = 25"),
    Function("instance", 1, 1, Kind.NODES, _instance, "instance('l')/root/item[name = 'y']/price = 30"),
    Function("indexed-repeat", 3, 7, Kind.ANY, _indexed_repeat, "indexed-repeat(${nm}, ${r}, 2) = 'N2'"),
)
