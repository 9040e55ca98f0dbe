"""Expressions: whether they can be read, what they refer to, and whether that is known by then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from flows.checks.form import HOLE, Cell, Form, FormScope, Node
from flows.checks.syntax import is_dot, is_lagged, keeps_itself, numbers_equal, pieces
from flows.expressions import Expression, ExpressionError, compile_expression
from flows.expressions.parser import parse
from flows.expressions.syntax import Call, Chain, Number, Path, Reference, Syntax, Text
from flows.model import SELECTS, SILENT, Question
from flows.nearest import nearest
from flows.problems import Problem, problem


@dataclass(frozen=True, slots=True)
class Read:
    """A cell whose expression can be read."""

    cell: Cell
    expression: Expression
    syntax: Syntax
    scope: FormScope


@dataclass(slots=True)
class Reading:
    """All expressions of a form, read once: those that can be, by cell, and the problems of the others."""

    reads: list[Read] = field(default_factory=list)
    holes: list[Read] = field(default_factory=list)  # `${name}` in words
    problems: list[Problem] = field(default_factory=list)
    by_cell: dict[tuple[int, str], Read] = field(default_factory=dict)  # (number of the item, name of the cell)


def read_all(form: Form) -> Reading:
    """Compile every expression and every `${name}` in words."""
    reading = Reading()
    for cell in form.cells:
        read = _read(form, cell, reading.problems)
        if read is not None:
            reading.reads.append(read)
            if cell.node is not None:
                reading.by_cell[cell.node.index, cell.name] = read
    for cell in _holes(form):
        read = _read(form, cell, reading.problems)
        if read is not None:
            reading.holes.append(read)
    return reading


def expressions(form: Form, reading: Reading) -> Iterator[Problem]:
    """What does not compile, options that no list has, and names used before they are asked."""
    yield from reading.problems
    for read in reading.reads:
        yield from _unknown_choices(form, read)
    cycles = _Cycles(form, reading)
    yield from cycles.problems()
    for read in [*reading.reads, *reading.holes]:
        yield from _too_early(form, reading, read, cycles)


def _read(form: Form, cell: Cell, problems: list[Problem]) -> Read | None:
    scope = FormScope(form, cell.node, filtering=cell.name == "choice_filter")
    if cell.name == "choice_filter" and cell.node is not None and (source := form.source(cell.node)) is not None:
        scope = FormScope(form, source)
    try:
        expression = compile_expression(cell.source, scope)
    except ExpressionError as wrong:
        facts = dict(wrong.facts)
        if wrong.code == "unknown_name":
            facts["nearest"] = nearest(facts.get("reference", ""), form.by_name)
        facts |= {"name": cell.owner, "cell": cell.name, "at": str(wrong.at + 1)}
        problems.append(problem(wrong.code, cell.spot(wrong.at), **facts))
        return None
    for late in expression.late:
        facts = {"function": late.facts["function"], "name": cell.owner, "cell": cell.name, "at": str(late.at + 1)}
        problems.append(problem(_LATE[late.code], cell.spot(late.at), **facts, nearest=late.facts.get("nearest", "")))
    return Read(cell, expression, parse(cell.source), scope)


_LATE: Final = {"arity": "call_misgiven"} | dict.fromkeys(
    ("unknown_function", "vendor_function", "unsupported_function"), "call_unknown"
)


def _holes(form: Form) -> Iterator[Cell]:
    for node in form.nodes:
        item = node.item
        texts = {"label": item.label}
        if isinstance(item, Question):
            texts |= {"hint": item.hint, "constraint_message": item.constraint_message}
        for key, text in texts.items():
            for language, words in text.items():
                place = item.places.get(f"{key}.{language}", item.place)
                for found in HOLE.finditer(words):
                    whole = Cell(node, f"{key}.{language}", words, place)
                    yield Cell(node, f"{key}.{language}", found[0], whole.spot(found.start()))


def _unknown_choices(form: Form, read: Read) -> Iterator[Problem]:
    for piece in pieces(read.syntax):
        match piece:
            case Chain(operators=("=",) | ("!=",), operands=(left, right)):
                pairs = [(left, right), (right, left)]
            case Call(name="selected", args=(left, right)):
                pairs = [(left, right), (right, left)]
            case _:
                continue
        for one, other in pairs:
            question = _select(form, read, one)
            options = form.options(question) if question is not None else None
            if question is not None and options is not None:
                yield from _not_among(read, question, options, other)


def _select(form: Form, read: Read, syntax: Syntax) -> Question | None:
    """The select that a piece of an expression stands for."""
    if isinstance(syntax, Reference):
        ref = read.scope.name(syntax.name)
        found = form.question(ref.node) if ref is not None else None
    elif isinstance(syntax, Path) and is_dot(syntax) and read.cell.name == "constraint" and read.cell.node is not None:
        found = form.question(read.cell.node.index)
    else:
        return None
    return found if found is not None and found.type in SELECTS else None


def _not_among(read: Read, question: Question, options: frozenset[str], other: Syntax) -> Iterator[Problem]:
    wrong: list[str] = []
    if isinstance(other, Text):
        wrong = [word for word in other.value.split() if word not in options]
    elif isinstance(other, Number) and not any(numbers_equal(option, other.value) for option in options):
        wrong = [f"{other.value:g}"]
    for word in wrong:
        facts = {"choice": word, "question": question.name, "nearest": nearest(word, options)}
        owner = {"name": read.cell.owner, "cell": read.cell.name, "at": str(other.at + 1)}
        yield problem("unknown_choice", read.cell.spot(other.at), **facts, **owner)


# Names used before they are asked.


def _too_early(form: Form, reading: Reading, read: Read, cycles: "_Cycles") -> Iterator[Problem]:
    """A calculation may look ahead; what decides whether, what or how to ask may not."""
    node = read.cell.node
    if node is None or read.cell.name in {"calculation", "trigger"}:
        return
    for index in sorted(_asked(form, reading, read.expression.refs)):
        if index > node.index and not cycles.together(node.index, index):
            later = form.nodes[index].item.name
            facts = {"name": read.cell.owner, "cell": read.cell.name, "reference": later}
            yield problem("used_before_asked", read.cell.spot(_where(read, later)), **facts)


def _where(read: Read, name: str) -> int:
    return next((piece.at for piece in pieces(read.syntax) if isinstance(piece, Reference) and piece.name == name), 0)


def _asked(form: Form, reading: Reading, refs: frozenset[int]) -> set[int]:
    """The questions people answer that these lead to, through calculations."""
    found: set[int] = set()
    seen: set[int] = set()
    todo = list(refs)
    while todo:
        index = todo.pop()
        if index in seen:
            continue
        seen.add(index)
        question = form.question(index)
        if question is None or question.type not in SILENT:
            found.add(index)
        elif (read := reading.by_cell.get((index, "calculation"))) is not None:
            todo.extend(read.expression.refs)
    return found


# Cycles.


class _Cycles:
    """What an item is worth, and whether it is relevant, as a graph; 2n and 2n + 1 are value and relevance of item n."""

    def __init__(self, form: Form, reading: Reading) -> None:
        self._form = form
        self._reading = reading
        self._edges: dict[int, list[int]] = {}
        for node in form.nodes:
            self._add(node)
        self._rings = [ring for ring in _components(self._edges) if len(ring) > 1 or ring[0] in self._edges[ring[0]]]
        self._ring_of = {index // 2: number for number, ring in enumerate(self._rings) for index in ring}

    def together(self, one: int, other: int) -> bool:
        """Whether two items stand in one cycle, which is told as that."""
        return one in self._ring_of and self._ring_of[one] == self._ring_of.get(other)

    def problems(self) -> Iterator[Problem]:
        """One for each cycle, at its first item."""
        for ring in self._rings:
            first = self._form.nodes[min(ring) // 2]
            names = [self._form.nodes[index // 2].item.name for index in self._round(ring)]
            line = " → ".join(name for n, name in enumerate(names) if n == 0 or name != names[n - 1])
            cell = "calculation" if (first.index, "calculation") in self._reading.by_cell else "relevant"
            place = first.item.places.get(cell, first.item.place)
            yield problem("reference_cycle", place, names=line, name=first.item.name)

    def _add(self, node: Node) -> None:
        value, relevance = 2 * node.index, 2 * node.index + 1
        self._edges[value] = [relevance]
        self._edges[relevance] = [] if node.parent < 0 else [2 * node.parent + 1]
        for name, origin in (("relevant", relevance), ("calculation", value), ("choice_filter", value)):
            read = self._reading.by_cell.get((node.index, name))
            if read is not None:
                self._edges[origin] += [
                    target for target in self._targets(node, read) if target != origin or target == value
                ]

    def _targets(self, node: Node, read: Read) -> list[int]:
        lagged = is_lagged(read.syntax)  # "the same of the previous instance" is no circle
        kept = keeps_itself(read.syntax)
        found: list[int] = []
        for index in read.expression.refs:
            other = self._form.nodes[index]
            if (lagged and other.repeats and other.repeats == node.repeats) or (index == node.index and kept):
                continue
            found.append(2 * index if isinstance(other.item, Question) else 2 * index + 1)
        return found

    def _round(self, ring: list[int]) -> list[int]:
        """The way once around, beginning and ending at the first item of the form."""
        start, inside = min(ring), set(ring)
        before: dict[int, int] = {}
        todo = [start]
        for index in todo:
            for target in self._edges[index]:
                if target == start:
                    way = [index]
                    while way[-1] != start:
                        way.append(before[way[-1]])
                    return [*way[::-1], start]
                if target in inside and target not in before:
                    before[target] = index
                    todo.append(target)
        return [start]


def _components(edges: dict[int, list[int]]) -> list[list[int]]:
    """Strongly connected components (Tarjan), without recursion: forms chain thousands of calculations."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for root, ways in edges.items():
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(ways))]
        while work:
            index, targets = work[-1]
            target = next(targets, None)
            if target is not None and target not in order:
                order[target] = low[target] = len(order)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(edges[target])))
            elif target is not None:
                if target in on_stack:
                    low[index] = min(low[index], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[index])
                if low[index] == order[index]:
                    found.append(_unwound(stack, on_stack, index))
    return found


def _unwound(stack: list[int], on_stack: set[int], index: int) -> list[int]:
    ring: list[int] = []
    while not ring or ring[-1] != index:
        ring.append(stack.pop())
        on_stack.discard(ring[-1])
    return ring
