"""A table of questions: the select_ones of a group with the appearance `table-list`, on one card, a row each."""

from typing import Final

from flows.machine import Kind, Machine, Node, by_name, labelled
from flows.model import Question
from flows.session import Matrix, MatrixRow, Scalar, Session
from flows.walk import Stop, Way
from flows.world import World

TABLE: Final = "table-list"  # XLSForm's appearance of such a group


def table_of(machine: Machine, index: int) -> int | None:
    """The group of whose table the question is a row; None for any other question."""
    parent = machine.nodes[index].parent
    if parent < 0:
        return None
    group = machine.nodes[parent]
    if group.kind is not Kind.GROUP or TABLE not in group.item.appearance.split():
        return None
    return parent if _list(machine.nodes[index]) == _columns(machine, group) is not None else None


def same_table(machine: Machine, one: Stop, other: Stop) -> bool:
    """Whether two stops are rows of one table, of the same instance."""
    table = table_of(machine, one.index)
    return table is not None and one.ids == other.ids and table_of(machine, other.index) == table


def rows(machine: Machine, way: Way, stop: Stop) -> list[Stop]:
    """The rows of the table that a stop is in, as many as are relevant now."""
    return [each for each in way.stops if each.kind == "question" and same_table(machine, stop, each)]


def matrix_of(world: World, session: Session, way: Way, stop: Stop) -> Matrix | None:
    """The table on a card, with the open row marked; None where the question is no row."""
    machine = world.machine
    if table_of(machine, stop.index) is None:
        return None
    listed = machine.listed(machine.nodes[stop.index])
    found: list[MatrixRow] = []
    for row in rows(machine, way, stop):
        answer = session.answers.get(row.path)
        name = answer.value if answer is not None and isinstance(answer.value, str) else ""
        option = by_name(listed, name) if name else None
        label = labelled(option, session.lang, machine.flow.default_language) if option is not None else ""
        found.append(
            MatrixRow(
                row.path,
                machine.ref(row.index, row.ids),
                world.label(row.index, row.ids),
                label,
                here=row.path == stop.path,
                answered=answer is not None,
            )
        )
    left = sum(not row.answered for row in found)
    last = _last_said(session, {row.path for row in found}) if left > 1 else ""
    option = by_name(listed, last) if last else None
    fill_label = labelled(option, session.lang, machine.flow.default_language) if option is not None else ""
    return Matrix(tuple(found), last if option is not None else "", fill_label)


def summary(world: World, session: Session, way: Way, stop: Stop) -> str:
    """Every row with its answer, in words: what the card shrinks to."""
    matrix = matrix_of(world, session, way, stop)
    told = [f"{row.label}: {row.value}" for row in matrix.rows if row.value] if matrix is not None else []
    return "; ".join(told)


def _columns(machine: Machine, group: Node) -> str | None:
    """The list of the table's columns: that of its first row."""
    inside = range(group.index + 1, group.end)
    return next((found for i in inside if (found := _list(machine.nodes[i])) is not None), None)


def _list(node: Node) -> str | None:
    return list_of(node.item) if isinstance(node.item, Question) else None


def list_of(question: Question) -> str | None:
    """The list a row chooses from; None for what cannot be a row: another type, or options that depend on answers."""
    if (
        question.type != "select_one"
        or question.choice_filter
        or question.pii == "consent"
        or question.file
        or "randomize" in question.parameters
    ):
        return None
    return question.list_name


def _last_said(session: Session, paths: set[str]) -> str:
    """What was answered last in the table: the likely answer to the rest."""
    said: list[tuple[int, Scalar]] = [
        (answer.answered_at, answer.value) for path, answer in session.answers.items() if path in paths
    ]
    return str(max(said, key=lambda each: each[0])[1] or "") if said else ""
