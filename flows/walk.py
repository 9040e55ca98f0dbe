"""The order of the questions: which come, in the order of the form, as things look now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flows.machine import MORE, Ids, Kind, Machine, Node
from flows.media import shown
from flows.session import Media
from flows.world import INSTANCES_MAX, World


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing to show on the way: a question to answer, a note to read, or "add another?" after a repeat."""

    kind: Literal["question", "note", "more"]
    index: int
    ids: Ids
    path: str


@dataclass(frozen=True, slots=True)
class Way:
    """The whole way as it looks now.

    `hole`: the first stop that has no answer; None: all are answered. `ended`: the answered question whose `end:`
    holds, after which nothing is asked. `questions` and `answered` count what has to be or was answered.
    """

    stops: tuple[Stop, ...]
    hole: Stop | None
    ended: Stop | None
    questions: int
    answered: int
    left_s: int  # seconds that the questions without an answer take most people
    places: Mapping[str, tuple[int, int]]  # by path: where a stop stands among the stops, and its number as a question


def walk(world: World) -> Way:
    """Walk the form once."""
    stops: list[Stop] = []
    places: dict[str, tuple[int, int]] = {}
    hole: Stop | None = None
    ended: Stop | None = None
    questions = answered = left_s = 0
    nodes, efforts = world.machine.nodes, world.machine.efforts
    for stop in _stops(world, 0, len(nodes), ()):
        if stop.kind == "question":
            questions += 1
        places[stop.path] = (len(stops), questions)
        stops.append(stop)
        if stop.kind == "note":
            continue
        if stop.kind == "more":
            hole = hole or stop
        elif stop.path not in world.answers:
            hole = hole or stop
            left_s += efforts[stop.index]
        else:
            answered += 1
            if hole is None and nodes[stop.index].end_when is not None and world.ends(stop.index, stop.ids):
                ended = stop
                break
    return Way(tuple(stops), hole, ended, questions, answered, left_s, places)


def walk_on(world: World, way: Way, before: Mapping[int, bool | None]) -> Way:
    """The way after some answers have changed: the same stops where none has come or gone, else walked anew.

    `way` is what it was, `before` the relevance then of every guarded node that may have changed (None: not asked).
    """
    nodes, answers, efforts = world.machine.nodes, world.answers, world.machine.efforts
    if way.ended is not None:
        return walk(world)
    for index, was in before.items():
        node = nodes[index]
        if node.repeats or node.kind is Kind.REPEAT or node.stop == "perhaps":
            return walk(world)
        if was is not None and world.relevant(index, ()) != was:
            return walk(world)
    hole: Stop | None = None
    answered = left_s = 0
    for stop in way.stops:
        kind = stop.kind
        if kind == "question":
            if stop.path not in answers:
                hole = hole or stop
                left_s += efforts[stop.index]
                continue
            answered += 1
            if hole is None and nodes[stop.index].end_when is not None and world.ends(stop.index, stop.ids):
                return walk(world)
        elif kind == "more":
            hole = hole or stop
    return Way(way.stops, hole, None, way.questions, answered, left_s, way.places)


def stop_at(world: World, path: str) -> Stop | None:
    """The stop of that path, without walking there; None when it is not on the way as things look now."""
    machine = world.machine
    found = machine.find(path)
    if found is None:
        return None
    index, ids = found
    node = machine.nodes[index]
    if not world.exists(node.repeats, ids) or not world.relevant(index, ids):
        return None
    if path.endswith(MORE):
        asks = node.kind is Kind.REPEAT and _asks_more(world, node, ids, len(world.instances(index, ids)))
        return Stop("more", index, ids, path) if asks else None
    kind = _kind(world, node, ids) if node.stop == "perhaps" else node.stop
    return Stop(kind, index, ids, path) if kind else None


def _stops(world: World, start: int, end: int, ids: Ids) -> Iterator[Stop]:
    machine = world.machine
    nodes = machine.nodes
    while start < end:
        node = nodes[start]
        if node.kind is Kind.REPEAT:
            if world.admits(node, ids):
                instances = world.instances(start, ids)
                for id_ in instances:
                    yield from _stops(world, start + 1, node.end, (*ids, id_))
                if _asks_more(world, node, ids, len(instances)):
                    yield Stop("more", start, ids, machine.path(start, ids) + MORE)
            start = node.end
        elif node.kind is Kind.GROUP:
            start = start + 1 if world.admits(node, ids) else node.end
        else:
            if node.stop and world.admits(node, ids):
                kind = node.stop if node.stop != "perhaps" else _kind(world, node, ids)
                if kind:
                    yield Stop(kind, start, ids, node.pattern % ids if ids else node.path)
            start += 1


def _kind(world: World, node: Node, ids: Ids) -> Literal["question", "note", ""]:
    """A read-only question is read like a note: its label, and its value where it has one."""
    return "note" if world.read_only(node.index, ids) else "question"


def _asks_more(world: World, node: Node, ids: Ids, instances: int) -> bool:
    if node.count is not None or instances >= INSTANCES_MAX:
        return False
    held = world.repeats.get(world.machine.path(node.index, ids))
    return held is None or not held.closed


def notes_before(world: World, way: Way, stop: Stop | None) -> tuple[str, ...]:
    """The notes that stand directly before a stop (None: before the review), in order."""
    return tuple(filter(None, (_note(world, note) for note in _notes(way, stop))))


def media_before(world: World, way: Way, stop: Stop | None) -> tuple[Media, ...]:
    """The pictures, sounds and films of those notes."""
    nodes = world.machine.nodes
    return tuple(
        file
        for note in _notes(way, stop)
        for file in shown(world.machine, nodes[note.index].question.media, world.lang)
    )


def _notes(way: Way, stop: Stop | None) -> Sequence[Stop]:
    end = len(way.stops) if stop is None else way.places.get(stop.path, (0, 0))[0]
    start = end
    while start > 0 and way.stops[start - 1].kind == "note":
        start -= 1
    return way.stops[start:end]


def _note(world: World, stop: Stop) -> str:
    """A note's words; of a read-only question also the value."""
    label = world.label(stop.index, stop.ids)
    if world.machine.nodes[stop.index].question.type == "note":
        return label
    value = world.value(stop.index, stop.ids)
    return f"{label} {value}".strip()


def heading(world: World, stop: Stop) -> str:
    """The label of the nearest group or repeat around a stop; for a repeat with its number, "Người 2"."""
    machine: Machine = world.machine
    index, ids = machine.nodes[stop.index].parent, stop.ids
    while index >= 0:
        node = machine.nodes[index]
        depth = len(node.repeats)
        words = world.label(index, ids[:depth])
        if words:
            if node.kind is Kind.REPEAT and len(ids) > depth:
                instances = world.instances(index, ids[:depth])
                number = instances.index(ids[depth]) + 1 if ids[depth] in instances else 1
                return f"{words} {number}" if node.count is None else f"{words} {number}/{len(instances)}"
            return words
        index = node.parent
    return ""
