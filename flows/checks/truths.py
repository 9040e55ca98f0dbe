"""Questions nobody is ever asked, constraints nobody can meet, ways out nobody can take."""

from collections.abc import Iterator

from flows.checks.conditions import Conditions
from flows.checks.expressions import Read, Reading
from flows.checks.form import Form, Node
from flows.checks.space import Formula, all_of, can_hold, negated
from flows.model import Question
from flows.problems import Problem, problem


def truths(form: Form, reading: Reading) -> Iterator[Problem]:
    """What can never be, whatever people answer. Only what is certain is told."""
    yield from _Truths(form, reading).problems()


class _Truths:
    def __init__(self, form: Form, reading: Reading) -> None:
        self._form = form
        self._reading = reading
        self._reached: dict[int, bool] = {}  # by number of the item

    def problems(self) -> Iterator[Problem]:
        for node in self._form.nodes:
            above = node.parent < 0 or self._reached[node.parent]
            own = self._read(node, "relevant")
            self._reached[node.index] = above and (own is None or self._can_be(node, None))
            if above and own is not None and not self._reached[node.index]:
                code = "never_relevant" if own.expression.refs else "switched_off"
                yield problem(code, own.cell.place, name=node.item.name, source=own.cell.source)
            elif self._reached[node.index] and isinstance(node.item, Question):
                yield from self._question(node, node.item)
        yield from self._always_passed()

    def _question(self, node: Node, question: Question) -> Iterator[Problem]:
        constraint = self._read(node, "constraint")
        if constraint is not None and not self._can_be(node, constraint, on_trial=True):
            yield problem("constraint_never", constraint.cell.place, name=question.name, source=constraint.cell.source)
        for number in range(len(question.next)):
            when = self._read(node, f"next.{number}.when")
            if when is not None and not self._can_be(node, when):
                yield problem("jump_never", when.cell.place, name=question.name, source=when.cell.source)
        end = self._read(node, "end.when")
        if end is not None and not self._can_be(node, end):
            yield problem("end_never", end.cell.place, name=question.name, source=end.cell.source)
        elif end is not None and not self._can_fail(end):
            yield problem("ends_always", end.cell.place, name=question.name, source=end.cell.source)

    def _read(self, node: Node, cell: str) -> Read | None:
        return self._reading.by_cell.get((node.index, cell))

    def _can_be(self, node: Node, also: Read | None, *, on_trial: bool = False) -> bool:
        """Whether the item can be asked for, and a further condition of it hold then."""
        conditions = Conditions(self._form)
        parts: list[Formula] = []
        for each in self._form.lineage(node):
            relevant = self._read(each, "relevant")
            if relevant is not None:
                parts += conditions.formula(relevant)
        if also is not None:
            parts += conditions.formula(also, on_trial=on_trial)
        return can_hold(parts, conditions.variables)

    def _can_fail(self, read: Read) -> bool:
        conditions = Conditions(self._form)
        parts = conditions.formula(read)
        return can_hold([negated(all_of(parts))], conditions.variables)

    def _always_passed(self) -> Iterator[Problem]:
        """A jump without a condition passes over all up to its target; what is asked only when the jump is, is never."""
        for node, question in self._form.questions:
            if not question.next or question.next[0].when is not None or question.relevant is not None:
                continue
            targets = [i for i in self._form.by_name.get(question.next[0].to, ()) if i > node.index]
            if not targets or self._form.nodes[targets[0]].repeats != node.repeats:
                continue
            for index in range(node.index + 1, targets[0]):
                passed = self._form.nodes[index]
                if isinstance(passed.item, Question) and self._stands_beside(node, passed):
                    place = passed.item.place
                    yield problem("always_passed", place, name=passed.item.name, origin=question.name)

    def _stands_beside(self, node: Node, passed: Node) -> bool:
        """Whether whatever makes the passed one relevant makes the jumping one relevant too: it stands no deeper."""
        return node.parent < 0 or any(each.index == node.parent for each in self._form.lineage(passed))
