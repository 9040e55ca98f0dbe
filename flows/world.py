"""What is true at one moment of a session: which questions are relevant, what they are worth, which options stand.

Everything is pulled and remembered for the length of one step: a value is worked out when somebody asks for it, so an
answer costs what the next question depends on and no more. A node that is not relevant reads as empty but keeps its
answer (xlsform-in-chat §3.2.13).
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

from flows import meta
from flows.expressions import Expression
from flows.expressions.env import Atom, Env
from flows.expressions.env import Node as TreeNode
from flows.expressions.functions.chance import shuffled
from flows.expressions.values import to_text
from flows.machine import (
    HANOI,
    ROOT,
    Ids,
    Kind,
    Listed,
    Machine,
    Node,
    Template,
    Way,
    by_name,
    is_shown,
    labelled,
)
from flows.model import NUMBERS
from flows.reach import Reach
from flows.session import Answer, Instances, Scalar, Session
from flows.tree import Place, TableRoot, TableRow

INSTANCES_MAX: Final = 1000  # of one repeat: more is a mistake or mischief


class World:
    """One session's answers, seen at one instant."""

    def __init__(self, machine: Machine, session: Session, at: int) -> None:
        """`at`: milliseconds since 1970, UTC; what now() and today() say."""
        self.machine = machine
        self.lang = session.lang
        self.answers: Mapping[str, Answer] = session.answers
        self.repeats: Mapping[str, Instances] = session.repeats
        self.fixed: Mapping[str, Scalar] = session.fixed
        self.now = _moment(at)
        self.seed = session.seed
        self.begun_at = session.started_at
        self.device = session.device
        self._values: dict[tuple[int, Ids], Atom] = {}
        self._relevant: dict[tuple[int, Ids], bool] = {}
        self._scenes: dict[tuple[int, Ids], Scene] = {}
        self._dice: random.Random | None = None
        self._counting: set[tuple[int, Ids]] = set()  # counts being worked out

    def goes_on(self, session: Session, at: int, reach: Reach, changed: set[int]) -> dict[int, bool | None]:
        """Other values of these nodes, and a later instant: forget what may be other than it was, and no more.

        Returns what was known of the relevance of the guarded nodes among those (None: nothing).
        """
        self.answers = session.answers
        self.fixed = session.fixed
        self.now = _moment(at)
        self._dice = None
        forget = reach.changed_by(changed)
        relevant, values = self._relevant, self._values
        before = {index: relevant.get((index, ())) for index in forget & reach.guarded}
        if reach.has_repeats:
            for known in (relevant, values):
                for key in [key for key in known if key[0] in forget]:
                    del known[key]
        else:
            for index in forget:
                relevant.pop((index, ()), None)
                values.pop((index, ()), None)
        return before

    def scene(self, index: int, ids: Ids) -> "Scene":
        """The world as an expression of that instance sees it."""
        key = (index, ids)
        found = self._scenes.get(key)
        if found is None:
            found = self._scenes[key] = Scene(self, index, ids)
        return found

    def relevant(self, index: int, ids: Ids) -> bool:
        """Whether the instance is asked for at all: its own guard and those of all it stands in."""
        key = (index, ids)
        found = self._relevant.get(key)
        if found is None:
            self._relevant[key] = False  # a cycle, which `check` refuses, reads as not relevant rather than for ever
            found = self._relevant[key] = self._is_relevant(self.machine.nodes[index], ids)
        return found

    def admits(self, node: Node, ids: Ids) -> bool:
        """The same for a node whose parent is known to be relevant: a walk from the top asks each guard once."""
        if node.relevant is None and not node.passed_by:
            return True
        key = (node.index, ids)
        found = self._relevant.get(key)
        if found is None:
            self._relevant[key] = False
            found = self._relevant[key] = self._guard(node, ids)
        return found

    def _is_relevant(self, node: Node, ids: Ids) -> bool:
        if node.parent != ROOT:
            parent = self.machine.nodes[node.parent]
            if not self.relevant(node.parent, ids[: len(parent.repeats)]):
                return False
        return self._guard(node, ids)

    def _guard(self, node: Node, ids: Ids) -> bool:
        """The node's own part: its `relevant`, and no earlier question's jump past it."""
        if node.relevant is not None and not node.relevant.boolean(self.scene(node.index, ids)):
            return False
        return not (node.passed_by and any(self._passes(way, node, ids) for way in node.passed_by))

    def _passes(self, way: Way, node: Node, ids: Ids) -> bool:
        """Whether an earlier question's jump leads past this node: the first of its jumps that holds is the one taken."""
        origin = self.machine.nodes[way.origin]
        theirs = ids[: len(origin.repeats)]
        if (
            node.kind is not Kind.QUESTION
            or self.answer(origin.index, theirs) is None
            or not self.relevant(origin.index, theirs)
        ):
            return False
        for taken in origin.ways:
            if taken.when is None or taken.when.boolean(self.scene(origin.index, theirs)):
                return origin.index < node.index < taken.target
        return False

    def answer(self, index: int, ids: Ids) -> Answer | None:
        """What was answered, relevant or not; None: nothing yet."""
        return self.answers.get(self.machine.path(index, ids))

    def value(self, index: int, ids: Ids) -> Atom:
        """What the instance is worth to an expression: "" when blank or not relevant."""
        key = (index, ids)
        found = self._values.get(key)
        if found is None:
            self._values[key] = ""
            found = self._values[key] = self._worth(self.machine.nodes[index], ids)
        return found

    def _worth(self, node: Node, ids: Ids) -> Atom:
        if node.kind is not Kind.QUESTION or not self.relevant(node.index, ids):
            return ""
        if node.meta is not None:
            return meta.worth(self, node.meta)
        answer = self.answers.get(self.machine.path(node.index, ids))
        if node.calculation is not None and (answer is None or not is_shown(node.question)):
            return stored_atom(node.calculation.value(self.scene(node.index, ids)))
        return atom(node, answer.value) if answer is not None else self.given(node.index, ids)

    def given(self, index: int, ids: Ids) -> Atom:
        """What an instance is worth before it is answered: what was put in, or its default."""
        node = self.machine.nodes[index]
        if node.fixed_once or node.sets is not None:
            path = self.machine.path(index, ids)
            if path in self.fixed:
                return atom(node, self.fixed[path])
        if node.default is None:
            return ""
        given = stored_atom(node.default.value(self.scene(index, ids)))
        return atom(node, given) if isinstance(given, str | int | float) else given

    def instances(self, index: int, ids: Ids) -> tuple[int, ...]:
        """The instance ids of a repeat. With a count they are 1…n; without, what people added, one to begin with."""
        node = self.machine.nodes[index]
        if node.count is not None:
            return self._counted(node, ids)
        held = self.repeats.get(self.machine.path(index, ids))
        if held is not None:
            return held.ids
        # As in JavaRosa, an instance that was added begins with no instance of a repeat within it.
        return (1,) if all(id_ == 1 for id_ in ids) else ()

    def _counted(self, node: Node, ids: Ids) -> tuple[int, ...]:
        """The instances that a count asks for; where it looks at its own repeat ("one more?") it sees those answered."""
        key = (node.index, ids)
        if key in self._counting:
            begun = self.machine.path(node.index, ids) + "["
            answered = (int(path[len(begun) :].partition("]")[0]) for path in self.answers if path.startswith(begun))
            return tuple(range(1, max(answered, default=0) + 1))
        self._counting.add(key)
        try:
            wanted = node.count.number(self.scene(node.index, ids)) if node.count is not None else 0.0
        finally:
            self._counting.discard(key)
        return tuple(range(1, int(min(wanted, INSTANCES_MAX)) + 1)) if wanted >= 1 else ()

    def every(self, repeats: Ids, ids: Ids) -> Iterator[Ids]:
        """The instances of what stands in these repeats, within the instances `ids`, which may be of fewer of them."""
        if len(ids) >= len(repeats):
            yield ids[: len(repeats)]
            return
        for id_ in self.instances(repeats[len(ids)], ids):
            yield from self.every(repeats, (*ids, id_))

    def exists(self, repeats: Ids, ids: Ids) -> bool:
        """Whether there are such instances of these repeats."""
        return all(ids[depth] in self.instances(repeat, ids[:depth]) for depth, repeat in enumerate(repeats))

    def options(self, index: int, ids: Ids) -> tuple[Listed, ...]:
        """The options that stand now: those of the list that pass the filter, in the list's order."""
        node = self.machine.nodes[index]
        found = self._standing(node, ids)
        return self._shuffled(node, ids, found) if node.shuffles and len(found) > 1 else found

    def _shuffled(self, node: Node, ids: Ids, options: Sequence[Listed]) -> tuple[Listed, ...]:
        """The order of ODK's engines for the seed; without one an order that stays this session's."""
        if node.seed is not None:
            return tuple(shuffled(options, node.seed.number(self.scene(node.index, ids))))
        seed = random.Random(f"{self.seed} {self.machine.path(node.index, ids)}")  # noqa: S311 — as in `dice`
        return tuple(shuffled(options, seed.randrange(2**31)))

    def _standing(self, node: Node, ids: Ids) -> tuple[Listed, ...]:
        index = node.index
        if node.source is not None:
            return self._answered(node, node.source, ids)
        listed = self.machine.listed(node)
        if node.choice_filter is None:
            return listed
        return tuple(o for o in listed if node.choice_filter.boolean(Row(self, index, ids, o)))

    def listed(self, index: int, ids: Ids) -> tuple[Listed, ...]:
        """Every option of a select, before its filter; of one that chooses from answers those that stand now."""
        node = self.machine.nodes[index]
        return self.machine.listed(node) if node.source is None else self.options(index, ids)

    def by_option(self, index: int, ids: Ids) -> Mapping[str, Listed]:
        """The same by name; of two of one name the last."""
        node = self.machine.nodes[index]
        return self.machine.by_option(node) if node.source is None else {o.name: o for o in self.options(index, ids)}

    def _answered(self, node: Node, source: int, ids: Ids) -> tuple[Listed, ...]:
        """What was answered in the instances of a repeat, blank ones left out and alike ones once."""
        asked = self.machine.nodes[source]
        depth = 0  # of the repeats that both stand in, but for the innermost: all its instances are meant
        while depth < min(len(node.repeats), len(asked.repeats) - 1) and node.repeats[depth] == asked.repeats[depth]:
            depth += 1
        found: dict[str, Listed] = {}
        for each in self.every(asked.repeats, ids[:depth]):
            told = to_text(self.value(source, each))
            if node.question.type != "select_one":
                told = "_".join(told.split())  # their names are joined by blanks
            if told and told not in found and self._passes_filter(node, ids, source, each):
                found[told] = Listed(told, {"": self._named(source, each) or told}, (), {})
        return tuple(found.values())

    def _passes_filter(self, node: Node, ids: Ids, source: int, each: Ids) -> bool:
        return node.choice_filter is None or node.choice_filter.boolean(Answered(self, source, each, (node.index, ids)))

    def _named(self, index: int, ids: Ids) -> str:
        """An answer as people read it: of a select its label."""
        value = to_text(self.value(index, ids))
        found = (
            by_name(self.listed(index, ids), value) if self.machine.nodes[index].question.type == "select_one" else None
        )
        return labelled(found, self.lang, self.machine.flow.default_language) if found is not None else value

    def constraint_holds(self, index: int, ids: Ids, candidate: Scalar) -> bool:
        """Whether a candidate answer may stand; a blank always may."""
        node = self.machine.nodes[index]
        if node.constraint is None or candidate is None or candidate == "":
            return True
        return node.constraint.boolean(Trial(self, index, ids, atom(node, candidate)))

    def constraint_held(self, index: int, ids: Ids, candidate: Scalar, at: int) -> bool:
        """Whether it might stand beside the answers of now at an earlier instant (milliseconds since 1970, UTC)."""
        now, self.now = self.now, _moment(at)
        try:
            return self.constraint_holds(index, ids, candidate)
        finally:
            self.now = now

    def required(self, index: int, ids: Ids) -> bool:
        """Whether it must be answered now."""
        return self._holds(self.machine.nodes[index].required, index, ids)

    def read_only(self, index: int, ids: Ids) -> bool:
        """Whether it is only shown."""
        return self._holds(self.machine.nodes[index].read_only, index, ids)

    def ends(self, index: int, ids: Ids) -> bool:
        """Whether the answered question's `end:` holds."""
        end = self.machine.nodes[index].end_when
        if end is None or self.answer(index, ids) is None:
            return False
        return end.boolean(Trial(self, index, ids, self.value(index, ids)))

    def _holds(self, guard: Expression | bool, index: int, ids: Ids) -> bool:
        return guard if isinstance(guard, bool) else guard.boolean(self.scene(index, ids))

    def words(self, templates: Mapping[str, Template], index: int, ids: Ids) -> str:
        """A label or hint in the session's language, `${name}` and {placeholders} filled in."""
        template = (
            templates.get(self.lang)
            or templates.get(self.machine.flow.default_language)
            or next(iter(templates.values()), None)
        )
        if template is None:
            return ""
        if template.whole is not None:
            return template.whole
        scene = self.scene(index, ids)
        told = (piece if isinstance(piece, str) else _told(piece.text(scene)) for piece in template.pieces)
        return self.machine.placed("".join(told), self.lang)

    def label(self, index: int, ids: Ids) -> str:
        """The label of a question, group or repeat."""
        return self.words(self.machine.nodes[index].labels, index, ids)

    def throw(self, by: str) -> None:
        """Other dice from here on: what is put in by one event must not be what another has put in."""
        self._dice = random.Random(f"{self.seed} {by}")  # noqa: S311 — as below

    def dice(self) -> random.Random:
        """The session's own dice: the same seed throws the same numbers."""
        if self._dice is None:
            self._dice = random.Random(self.seed)  # noqa: S311 — reproducible on purpose; nothing secret hangs on it
        return self._dice


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, tz=UTC).astimezone(HANOI)


class Scene:
    """The world as one instance's expressions see it (`flows.expressions.env.Env`)."""

    __slots__ = ("ids", "index", "world")

    def __init__(self, world: World, index: int, ids: Ids) -> None:
        self.world = world
        self.index = index
        self.ids = ids

    @property
    def now(self) -> datetime:
        """See Env."""
        return self.world.now

    @property
    def candidate(self) -> Atom:
        """See Env: the instance's own value."""
        return self.world.value(self.index, self.ids) if self.index != ROOT else ""

    def value(self, node: int) -> Atom:
        """See Env."""
        return self.world.value(node, self.ids[: len(self.world.machine.nodes[node].repeats)])

    def nodes(self, node: int) -> Sequence[TreeNode]:
        """See Env."""
        world = self.world
        wanted, here = world.machine.nodes[node], world.machine.nodes[self.index].repeats
        there = (*wanted.repeats, node) if wanted.kind is Kind.REPEAT else wanted.repeats
        shared, depth = 0, len(wanted.repeats)  # a repeat that is named within itself means all of its instances
        while shared < depth and shared < len(here) and there[shared] == here[shared]:
            shared += 1
        # JavaRosa leaves out of a node-set what is not relevant (XPathPathExpr.eval)
        return [
            Place(world, node, ids)
            for ids in world.every(there, self.ids[:shared])
            if world.relevant(node, ids[:depth])
        ]

    def here(self) -> TreeNode:
        """See Env."""
        return Place(self.world, self.index, self.ids)

    def current(self) -> TreeNode:
        """See Env."""
        return Place(self.world, self.index, self.ids)

    def root(self) -> TreeNode:
        """See Env."""
        return Place(self.world, ROOT, ())

    def at(self, node: TreeNode) -> Env:
        """See Env."""
        return Moved(self, node)

    def cell(self, column: str) -> str:  # noqa: ARG002 — only a choice has columns
        """See Env."""
        return ""

    def table(self, name: str) -> TreeNode | None:
        """See Env."""
        rows = _table_rows(self.world.machine, name)
        return None if rows is None else TableRoot(name, rows)

    def rows(self, table: str, column: str, key: str) -> Sequence[Mapping[str, str]]:
        """See Env."""
        return [row for row in _table_rows(self.world.machine, table) or () if row.get(column) == key]

    def choice_label(self, node: int, name: str) -> str:
        """See Env."""
        machine = self.world.machine
        found = by_name(self.world.listed(node, self.ids[: len(machine.nodes[node].repeats)]), name)
        return labelled(found, self.world.lang, machine.flow.default_language) if found else ""

    def text(self, key: str) -> str:
        """See Env; the words of a YAML flow have no ids."""
        return key

    def random(self) -> float:
        """See Env."""
        return self.world.dice().random()


class Trial(Scene):
    """A scene in which `.` is a candidate answer."""

    __slots__ = ("on_trial",)

    def __init__(self, world: World, index: int, ids: Ids, candidate: Atom) -> None:
        super().__init__(world, index, ids)
        self.on_trial = candidate

    @property
    def candidate(self) -> Atom:
        """See Env."""
        return self.on_trial

    def value(self, node: int) -> Atom:
        """`${self}` is the candidate too (xlsform-in-chat §3.2.15)."""
        return self.on_trial if node == self.index else super().value(node)


class Row(Scene):
    """A scene in which bare names are the columns of one choice."""

    __slots__ = ("choice",)

    def __init__(self, world: World, index: int, ids: Ids, choice: Listed) -> None:
        super().__init__(world, index, ids)
        self.choice = choice

    def cell(self, column: str) -> str:
        """See Env."""
        if column == "name":
            return self.choice.name
        if column == "label":
            return labelled(self.choice, self.world.lang, self.world.machine.flow.default_language)
        return self.choice.columns.get(column, "")

    def here(self) -> TreeNode:
        """The choice on trial, as a row of its list."""
        return TableRow("item", {**self.choice.columns, "name": self.choice.name}, 1)


class Answered(Scene):
    """A scene of one answer that may be an option: names are those of its instance, `current()` is the select."""

    __slots__ = ("chooser",)

    def __init__(self, world: World, index: int, ids: Ids, chooser: tuple[int, Ids]) -> None:
        super().__init__(world, index, ids)
        self.chooser = chooser

    def current(self) -> TreeNode:
        """See Env."""
        return Place(self.world, *self.chooser)


class Moved(Scene):
    """A scene whose `here()` is another node, while `current()` stays."""

    __slots__ = ("node", "origin")

    def __init__(self, origin: Scene, node: TreeNode) -> None:
        super().__init__(origin.world, origin.index, origin.ids)
        self.origin = origin
        self.node = node

    @property
    def candidate(self) -> Atom:
        """See Env."""
        return self.node.value()

    def here(self) -> TreeNode:
        """See Env."""
        return self.node

    def value(self, node: int) -> Atom:
        """See Env."""
        return self.origin.value(node)


def _table_rows(machine: Machine, name: str) -> Sequence[Mapping[str, str]] | None:
    table = machine.flow.table(name)
    if table is not None:
        return [dict(zip(table.columns, row, strict=False)) for row in table.rows]
    listed = machine.lists.get(name)
    if listed is None:
        return None
    return [{**o.columns, "name": o.name, "label": labelled(o, machine.flow.default_language, "")} for o in listed]


def atom(node: Node, stored: Scalar) -> Atom:
    """A stored answer as expressions see it: numbers as float, dates as dates, blank as ""."""
    if stored is None or stored == "":
        return ""
    kind = node.question.type
    if kind in NUMBERS or isinstance(stored, int | float):
        try:
            return float(stored)
        except ValueError:
            return str(stored)
    try:
        match kind:
            case "date":
                return date.fromisoformat(str(stored))
            case "time":
                return time.fromisoformat(str(stored))
            case "datetime":
                return datetime.fromisoformat(str(stored))
            case _:
                return str(stored)
    except ValueError:
        return str(stored)


_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.+:Z-]*")


def _told(text: str) -> str:
    """A value within words: of a moment the day, as ODK's engines show it; nobody wants its milliseconds."""
    return text[:10] if text[4:5] == "-" and _MOMENT.fullmatch(text) else text


def stored_atom(worth: object) -> Atom:
    """What a calculation came to, as it is to be read again: NaN and node-sets of nothing are blank."""
    if isinstance(worth, float):
        return "" if worth != worth else worth  # noqa: PLR0124 — only NaN differs from itself
    if isinstance(worth, str | bool | date | datetime | time):
        return worth
    first = next(iter(worth), None) if isinstance(worth, Sequence) else None
    return first.value() if first is not None else ""
