"""What is put into a form without being answered, and stays: defaults that are expressions, and what triggers set.

These are JavaRosa's `setvalue` events and no calculations: each happens once, at its own moment, and what it has put in
does not follow later answers (xlsform-in-chat §3.2.17).
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from flows.expressions import Expression
from flows.machine import Ids, is_shown
from flows.record import computed, stored
from flows.session import Answer, Scalar
from flows.turn import Turn
from flows.walk import Stop
from flows.world import stored_atom

CHAIN_MAX: Final = 20  # triggers that set each other off, one after another

Instance: TypeAlias = tuple[int, Ids]


class Setting(Turn):
    """A turn in which changes set other values off."""

    def keep(self, answers: Mapping[str, Answer]) -> None:
        """Put answers in; where one is a trigger and has changed, what it sets is put in after it."""
        if not self.machine.triggers:
            super().keep(answers)
            return
        before = self.seen()
        super().keep(answers)
        self.fire(before)

    def onward(self) -> None:
        """On; a form or an instance that is entered now gets its defaults first."""
        if self.machine.fixed_once:
            self.begin()
        super().onward()

    def begin(self) -> None:
        """Work out the defaults of what has begun: of the form and of first instances at once, of others when entered."""
        for _ in range(CHAIN_MAX):  # a default may decide what is asked next, and so which instance is entered
            due = self.due(self.way.hole)
            if not due:
                return
            for index, ids in due:
                before = self.seen()
                self.put(index, ids, self.machine.nodes[index].default)
                self.fire(before)

    def due(self, hole: Stop | None) -> list[Instance]:
        """Instances that have begun and whose default has not been worked out yet, in the order of the form."""
        machine, fixed = self.machine, self.session.fixed
        return [
            (index, ids)
            for index in machine.fixed_once
            for ids in self.world.every(machine.nodes[index].repeats, ())
            if machine.path(index, ids) not in fixed and self.has_begun(index, ids, hole)
        ]

    def has_begun(self, index: int, ids: Ids, hole: Stop | None) -> bool:
        """Whether an instance is entered: the first ones with the form, others when something in them is asked."""
        depth = max((n + 1 for n, id_ in enumerate(ids) if id_ != 1), default=0)
        if depth == 0 or hole is None:
            return True
        node, there = self.machine.nodes[index], self.machine.nodes[hole.index]
        inside = (*there.repeats, hole.index) if hole.kind == "more" else there.repeats
        return inside[:depth] == node.repeats[:depth] and hole.ids[:depth] == ids[:depth]

    def seen(self) -> dict[Instance, Scalar]:
        """What the triggers are worth now, relevant or not; of calculations what they come to."""
        found: dict[Instance, Scalar] = {}
        for index in self.machine.triggers:
            node = self.machine.nodes[index]
            for ids in self.world.every(node.repeats, ()):
                path = self.machine.path(index, ids)
                answer = self.session.answers.get(path)
                if answer is not None:
                    found[index, ids] = answer.value
                elif path in self.session.fixed or is_shown(node.question):
                    found[index, ids] = self.session.fixed.get(path)
                else:
                    found[index, ids] = computed(self.world, node, ids)
        return found

    def fire(self, before: Mapping[Instance, Scalar]) -> None:
        """Put in what the triggers set that have changed since, and what that sets off in turn."""
        for _ in range(CHAIN_MAX):
            now = self.seen()
            changed = [one for one, worth in now.items() if _told(worth) != _told(before.get(one))]
            due = dict.fromkeys(target for one in changed for target in self.targets(*one))
            if not due:
                return
            for index, ids in sorted(due):
                self.put(index, ids, self.machine.nodes[index].sets)
            before = now

    def targets(self, trigger: int, ids: Ids) -> list[Instance]:
        """What a trigger sets: within its own instances of the repeats that both stand in."""
        nodes = self.machine.nodes
        found: list[Instance] = []
        for target in self.machine.triggers[trigger]:
            shared = 0
            for one, other in zip(nodes[trigger].repeats, nodes[target].repeats, strict=False):
                if one != other:
                    break
                shared += 1
            found.extend((target, each) for each in self.world.every(nodes[target].repeats, ids[:shared]))
        return found

    def put(self, index: int, ids: Ids, source: Expression | None) -> None:
        """Put in what an expression comes to. An answer that says something else gives way, and the person is told."""
        path = self.machine.path(index, ids)
        self.world.throw(f"{path} {self.session.revision}")
        worth = stored(stored_atom(source.value(self.world.scene(index, ids)))) if source is not None else ""
        answer = self.session.answers.get(path)
        fixed = {**self.session.fixed, path: worth}
        if source is self.machine.nodes[index].default or answer is None:
            self.become(fixed=fixed, fresh=True)
        elif _told(answer.value) != _told(worth):
            rest = {known: one for known, one in self.session.answers.items() if known != path}
            self.become(fixed=fixed, answers=rest, fresh=True)
            if is_shown(self.machine.nodes[index].question):
                self.tell("engine.set_anew", question=self.world.label(index, ids))


def _told(worth: Scalar) -> Scalar:
    """A value, with one word for nothing."""
    return "" if worth is None else worth
