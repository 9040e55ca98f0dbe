"""What an answer can change: which nodes' relevance and values follow from which others'.

From this a step works out anew what its answer can have changed, and no more. What cannot be told beforehand makes a
flow *restless*: then everything is worked out each time, as if nothing were known.
"""

import re
from collections.abc import Iterator
from typing import Final

from flows.expressions import Expression
from flows.machine import ROOT, Kind, Machine, Node

_DICE: Final = re.compile(
    r"\b(?:random|randomize|once|uuid)\b"
)  # their value hangs on the order of asking, or on before


class Reach:
    """Of one machine. Nodes are known by their numbers."""

    def __init__(self, machine: Machine) -> None:
        nodes = machine.nodes
        self._followers: list[set[int]] = [set() for _ in nodes]  # by node: those that read it
        self._of: dict[int, frozenset[int]] = {}
        always: set[int] = set()  # may change though no answer does: the clock, or a walk through the tree
        self.restless = False
        for node in nodes:
            if node.meta is not None:
                always.add(node.index)
            for read in _reads(machine, node):
                self._followers[read].add(node.index)
            for expression in _expressions(node):
                drawn_once = node.fixed_once and expression is node.default
                if expression.volatile and not drawn_once and _DICE.search(expression.source):
                    self.restless = True
                if expression.volatile or expression.walks:
                    always.add(node.index)
        self.restless = self.restless or self._goes_round()
        self.has_repeats = any(node.repeats or node.kind is Kind.REPEAT for node in nodes)
        self.guarded = frozenset(
            node.index
            for node in nodes
            if node.relevant is not None or node.passed_by or node.stop == "perhaps" or node.kind is Kind.REPEAT
        )
        self._always = frozenset().union(*(self.of(index) for index in always)) if not self.restless else frozenset()

    def of(self, index: int) -> frozenset[int]:
        """The node itself and all that follows from it."""
        found = self._of.get(index)
        if found is None:
            seen = {index}
            waits = [index]
            while waits:
                for other in self._followers[waits.pop()]:
                    if other not in seen:
                        seen.add(other)
                        waits.append(other)
            found = self._of[index] = frozenset(seen)
        return found

    def changed_by(self, indices: set[int]) -> frozenset[int]:
        """What may be other than it was once these nodes' answers have changed and time has passed."""
        return self._always.union(*(self.of(index) for index in indices))

    def _goes_round(self) -> bool:
        """Whether something follows from itself: then what is worked out first decides."""
        state = bytearray(len(self._followers))  # 0: not seen, 1: on the way down, 2: done
        for start in range(len(state)):
            if state[start]:
                continue
            state[start] = 1
            stack = [(start, iter(self._followers[start]))]
            while stack:
                at, rest = stack[-1]
                for other in rest:
                    if state[other] == 1:
                        return True
                    if state[other] == 0:
                        state[other] = 1
                        stack.append((other, iter(self._followers[other])))
                        break
                else:
                    state[at] = 2
                    stack.pop()
        return False


def _expressions(node: Node) -> Iterator[Expression]:
    """Those that decide whether a node is relevant, what it is worth without an answer, and how often it is asked."""
    for each in (node.relevant, node.calculation, node.default, node.count, node.read_only):
        if isinstance(each, Expression):
            yield each
    for way in node.passed_by:
        if way.when is not None:
            yield way.when


def _reads(machine: Machine, node: Node) -> Iterator[int]:
    """What those expressions read, and what the node stands in."""
    if node.parent != ROOT:
        yield node.parent
    for way in node.passed_by:
        yield way.origin
    for expression in _expressions(node):
        for ref in expression.refs:
            read = machine.nodes[ref]
            yield from range(ref, ref + 1 if read.kind is Kind.QUESTION else read.end)
