"""Walks that JavaRosa made through forms, replayed in our engine: the same questions, words, choices and verdicts?

A trace is a list of steps in the order in which JavaRosa met them. Ours is the way through the form as it looks after
each answer; what a chat does otherwise by design (notes come before the next question, a heading is no step of its own)
is the same sequence told otherwise, so stops are compared and not messages.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from bot.sheets import draft_workbook
from flows.engine import _Turn
from flows.expressions.values import to_stored
from flows.machine import MORE, Ids, Kind, Machine, compile, labelled
from flows.markup import bare
from flows.model import NUMBERS, SELECTS, Item, Question
from flows.problems import BadFlow
from flows.record import record_of, unmet
from flows.recorded import is_meta
from flows.session import Answer, Scalar, Session, Started, Status
from flows.views import choosable
from flows.walk import Stop, walk
from flows.world import World
from flows.xlsform.languages import language_code, made_code

CHOICES_SHOWN: Final = 60  # a trace holds no more of them


@dataclass(frozen=True)
class Otherwise(Exception):
    """Where a walk goes another way than JavaRosa's: a word for the kind of difference, and the details."""

    kind: str
    told: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.told}"


def run(folder: Path, *, every: int = 1) -> tuple[dict[str, int | float], list[str]]:
    """Replay the walks of `folder`/traces over `folder`/forms: figures, and a line per walk that goes otherwise.

    `every`: only each n-th file, where all of them take too long.
    """
    walks = same = chance = beyond = 0
    kinds: dict[str, int] = {}
    wrong: list[str] = []
    for file in sorted((folder / "traces").glob("*.json"))[::every]:
        trace = json.loads(file.read_text(encoding="utf-8"))
        form = folder / "forms" / file.name.removesuffix(".json")
        found = _machine(form, _typed_in(trace)) if form.is_file() else "no such form"
        for walked in trace["walks"]:
            walks += 1
            if isinstance(found, str):
                kinds["import"] = kinds.get("import", 0) + 1
                wrong.append(f"{file.name} seed {walked['seed']}: import: {found}")
                continue
            try:
                replay = _Replay(found, trace, walked)
                replay.run()
                same += 1
                beyond += bool(replay.beyond)
            except Otherwise as other:
                if other.kind == "by chance":
                    chance += 1
                    same += 1
                    continue
                kinds[other.kind] = kinds.get(other.kind, 0) + 1
                wrong.append(f"{file.name} seed {walked['seed']}: {other}")
    figures = {"walks": walks, "same": same, "share": round(same / walks, 4) if walks else 0.0}
    decided = {"of_these_with_instances_beyond_a_count": beyond, "of_these_led_by_chance": chance}
    return {**figures, **decided, **kinds}, wrong


def _typed_in(trace: Mapping[str, Any]) -> frozenset[str]:
    """Names of the questions that JavaRosa took as words: selects too, whose file did not lie beside the form."""
    steps = (step for walked in trace["walks"] for step in walked["steps"] if step["ev"] == "question")
    return frozenset(
        re.sub(r"\[\d+\]$", "", step["ref"]).rsplit("/", 1)[1] for step in steps if step["control"] == "input"
    )


_MADE: Final = re.compile(r"/(?:generated_table_list_label|reserved_name_for_field_list_labels)_\d+")


def _machine(form: Path, typed_in: frozenset[str]) -> Machine | str:
    flow, problems = draft_workbook(form.read_bytes(), form.name)
    if flow is None:
        return "; ".join(problem.code for problem in problems)
    try:
        return compile(flow.but(items=_as_words(flow.items, typed_in)))
    except BadFlow as bad:
        return "; ".join(f"{p.code} {dict(p.facts)}" for p in bad.problems[:3])


def _as_words(items: Sequence[Item], names: frozenset[str]) -> tuple[Item, ...]:
    return tuple(
        (item.but(type="text", choice_filter=None) if item.name in names and item.type in SELECTS else item)
        if isinstance(item, Question)
        else item.but(items=_as_words(item.items, names))
        for item in items
    )


class Beyond(Exception):
    """A step in an instance beyond the repeat's count: JavaRosa still visits it, we do not (a decision)."""


class _Replay:
    """One walk."""

    def __init__(self, machine: Machine, trace: Mapping[str, Any], walked: Mapping[str, Any]) -> None:
        self.machine = machine
        self.walked = walked
        self.at = int(datetime.fromisoformat(trace["clock"]).timestamp() * 1000)
        language = self._language(str(walked.get("language") or ""))
        session = Session("replay", machine.name, machine.version, language, seed=1)
        turn = _Turn(machine, session, self.at)
        turn.take(Started(self.at, language))
        self.session = replace(turn.session, status=Status.ASKING)
        self.by_chance = _by_chance(machine)
        self.beyond = 0
        self.last: str | None = None  # the stop that JavaRosa was at before this step

    def _language(self, spelled: str) -> str:
        code = language_code(spelled) or made_code(spelled)
        return code if code in self.machine.flow.languages else self.machine.flow.default_language

    def world(self) -> World:
        return World(self.machine, self.session, self.at)

    def run(self) -> None:
        for number, step in enumerate(self.walked["steps"]):
            try:
                if not _MADE.search(step["ref"]):
                    self._step(step)
            except Beyond:
                self.beyond += 1
            except Otherwise as other:
                raise Otherwise(other.kind, f"step {number} {step['ev']} {step['ref']}: {other.told}") from None
        self._end()

    def _step(self, step: Mapping[str, Any]) -> None:
        world = self.world()
        match step["ev"]:
            case "group" | "repeat":
                index, _ = self._found(world, step["ref"])
                told = self.machine.nodes[index]
                label = world.label(index, self._found(world, step["ref"])[1][: len(told.repeats)])
                if "table-list" not in told.item.appearance:  # pyxform makes a note of their label
                    self._same("heading", _plain(step.get("label", "")), _plain(label))
            case "new_repeat":
                self._grow(world, step)
            case "jump_back":
                stop = self._stop_of(world, step["ref"])
                self.last = stop.path
                self._try(world, stop, step)
            case _:
                self._question(world, step)

    def _question(self, world: World, step: Mapping[str, Any]) -> None:
        stop = self._next(world, step["ref"])
        self.last = stop.path
        node = self.machine.nodes[stop.index]
        told, ours = (
            _plain(step["label"].replace("found", "")),
            _plain(world.label(stop.index, stop.ids)),
        )  # "found": a device id
        # or_other: we ask in the reader's language. JavaRosa loses blanks between two values.
        by_chance = self.by_chance & {
            name for words in node.item.label.values() for name in re.findall(r"\$\{\s*([^}\s]+)", words)
        }
        if told != "Specify other." and not by_chance and told.replace(" ", "") != ours.replace(" ", ""):
            self._same("label", told, ours)
        readonly = stop.kind == "note"
        self._same("readonly", bool(step.get("readonly")), readonly)
        self._same("required", bool(step.get("required")), world.required(stop.index, stop.ids))
        if node.question.type in SELECTS:
            self._choices(world, stop, step)
        for tried in step["answers"]:
            self._try(self.world(), stop, tried)

    def _choices(self, world: World, stop: Stop, step: Mapping[str, Any]) -> None:
        ours = choosable(world, stop.index, stop.ids)
        told_n = step.get("n_choices", 0)
        if ["other", "Other"] in step.get("choices", ()) and all(o.name != "other" for o in ours):
            told_n -= 1  # pyxform's `or_other` elsewhere grows the list for everybody; here each question is its own
        self._same("n_choices", told_n, len(ours))
        fallback = self.machine.flow.default_language
        shown = [(o.name, _plain(labelled(o, world.lang, fallback))) for o in ours[:CHOICES_SHOWN]]
        words = dict(shown)
        told = [
            (name, words.get(name, label) if label in {"-", "Other"} else _plain(label))
            for name, label in step.get("choices", ())
            if name in words or name != "other"
        ]
        parameters = self.machine.nodes[stop.index].question.parameters
        if "randomize" in parameters and "seed" not in parameters:  # by chance
            told, shown = sorted(told), sorted(shown)
        self._same("choices", told, shown)

    def _try(self, world: World, stop: Stop, tried: Mapping[str, Any]) -> None:
        value = self._value(stop, tried["value"])
        verdict = "ok"
        if value is None:
            verdict = "required" if world.required(stop.index, stop.ids) else "ok"
        elif not world.constraint_holds(stop.index, stop.ids, value):
            verdict = "constraint"
        if verdict != tried["result"]:
            raise Otherwise("verdict", f"{tried['value']!r}: JavaRosa {tried['result']}, here {verdict}")
        if verdict == "ok":
            turn = _Turn(self.machine, self.session, self.at)
            raw = "" if value is None else str(tried["value"])
            turn.keep({stop.path: Answer(raw, value, "sure", self.at, self.at)})
            self.session = turn.session

    def _value(self, stop: Stop, value: str | None) -> Scalar:
        if value is None or value == "":
            return None
        if self.machine.nodes[stop.index].question.type in NUMBERS:
            number = float(value)
            return int(number) if number.is_integer() else number
        return value

    def _grow(self, world: World, step: Mapping[str, Any]) -> None:
        path, _ = self._path_of(world, re.sub(r"\[\d+\]$", "", step["ref"]))
        held = self.session.repeats.get(path)
        if held is not None and held.closed:  # JavaRosa asks each time one passes; a chat remembers "no more"
            self.session = replace(self.session, repeats={**self.session.repeats, path: replace(held, closed=False)})
            world = self.world()
        stop = self._next_of(world, path + MORE, step["ref"])
        self.last = stop.path
        turn = _Turn(self.machine, self.session, self.at)
        if step["add"]:
            turn.add(stop)
            here = [other.path for other in walk_all(world)].index(stop.path)
            self.last = walk_all(world)[here - 1].path if here else None
        else:
            turn.enough(stop)
        self.session = turn.session

    # Where we are.

    def _found(self, world: World, ref: str) -> tuple[int, Ids]:
        """The node and instance ids of "/data/group[1]/repeat[2]/name[1]"."""
        names: list[str] = []
        ids: list[int] = []
        index: int | None = None
        for name, place in re.findall(r"/([^/\[]+)(?:\[(\d+)\])?", ref)[1:]:
            names.append(name)
            index = self.machine.tops.get("/".join(names), (None,))[0]
            if index is None and name.startswith("generated_note_name_"):
                index = self._generated("/".join(names))
                names[-1] = self.machine.nodes[index].name
            if index is None:
                raise Otherwise("missing", f"there is no {'/'.join(names)}")
            if self.machine.nodes[index].kind is Kind.REPEAT and place:
                instances = world.instances(index, tuple(ids))
                if int(place) > len(instances) and self.machine.nodes[index].count is not None:
                    raise Beyond
                if int(place) > len(instances):
                    raise Otherwise("instance", f"{len(instances)} instances of {'/'.join(names)}, not {place}")
                ids.append(instances[int(place) - 1])
        if index is None:
            raise Otherwise("missing", ref)
        return index, tuple(ids)

    def _generated(self, path: str) -> int:
        """The note without a name that pyxform, which counts rows otherwise, calls by this one: the nearest number."""
        stem, _, number = path.rpartition("_")
        ours = [(p, i[0]) for p, i in self.machine.tops.items() if p.rpartition("_")[0] == stem]
        if not ours:
            raise Otherwise("missing", f"there is no {path}")
        return min(ours, key=lambda each: abs(int(each[0].rpartition("_")[2]) - int(number)))[1]

    def _path_of(self, world: World, ref: str) -> tuple[str, int]:
        index, ids = self._found(world, ref)
        node = self.machine.nodes[index]
        return self.machine.path(index, ids[: len(node.repeats)]), index

    def _stop_of(self, world: World, ref: str) -> Stop:
        path, _ = self._path_of(world, ref)
        found = next((stop for stop in walk_all(world) if stop.path == path), None)
        if found is None:
            raise Otherwise("not asked", path)
        return found

    def _next(self, world: World, ref: str) -> Stop:
        return self._next_of(world, self._path_of(world, ref)[0], ref)

    def _next_of(self, world: World, path: str, ref: str) -> Stop:
        """The stop after the last one, which must be this one."""
        stops = walk_all(world)
        places = {stop.path: n for n, stop in enumerate(stops)}
        if path not in places:
            found = self.machine.find(path)
            relevant = self.machine.nodes[found[0]].item.relevant if found else None
            if self.by_chance & set(re.findall(r"\$\{\s*([^}\s]+)", relevant or "")):
                raise Otherwise("by chance", path)  # nobody can follow from here on
            raise Otherwise("not asked", path)
        here = -1
        if self.last is not None and self.last in places:
            here = places[self.last]
        elif self.last is not None:  # the last one is gone: go on from where it stood
            here = places[path] - 1
        passed = [stop.path for stop in stops[here + 1 : places[path]]]
        if places[path] <= here:
            raise Otherwise("order", f"{path} stands before {self.last}")
        if passed:
            raise Otherwise("asked too", f"{passed[:3]} before {ref}")
        return stops[places[path]]

    def _same(self, kind: str, told: object, ours: object) -> None:
        if told not in (ours, "-"):  # a missing translation: JavaRosa shows a dash, we another language
            raise Otherwise(kind, f"JavaRosa {told!r}, here {ours!r}"[:500])

    # The end.

    def _end(self) -> None:
        world = self.world()
        if self.walked["status"] == "complete":
            verdict = self.walked.get("validate") or "ok"
            bad = [stop.path for stop in walk_all(world) if stop.kind != "more" and unmet(world, stop) is not None]
            if verdict != "ok" and not self._is_asked(verdict.split()[-1]):
                verdict = "ok"  # a calculation that is "required": nobody could mend it, so it stops nobody here
            if (verdict == "ok") != (not bad):
                raise Otherwise("validate", f"JavaRosa {self.walked.get('validate')}, here {bad[:3]}")
        if not self.walked.get("submission"):
            return
        theirs = dict(_leaves(self.machine, ET.fromstring(self.walked["submission"])))
        ours = {self._placed(world, path): value for path, value in self._record(world).items()}
        for path in sorted(theirs.keys() | ours.keys()):
            if self._is_beyond(world, path):
                continue
            one, other = theirs.get(path, ""), ours.get(path, "").strip()
            if one != other and not self._masked(path, one, other):
                raise Otherwise("record", f"{path}: JavaRosa {one!r}, here {other!r}"[:400])

    def _masked(self, path: str, one: str, other: str) -> bool:
        """Whether a difference is one of clock, chance, device or spelling of a number, and not of meaning."""
        name = path.rsplit("/", 1)[-1]
        if re.sub(r"\[\d+\]", "", path) not in self.machine.tops:
            return name.endswith("_count")  # pyxform's own node of a repeat's count
        node = self.machine.nodes[self.machine.tops[re.sub(r"\[\d+\]", "", path)][0]]
        if node.stop == "question" and node.calculation is not None:
            return True  # a decision: what a person typed over a calculation stays
        if self.beyond or name in self.by_chance or _MOMENT.search(one) or _MOMENT.search(other) or one == "found":
            return True
        try:
            return float(one) == float(other)
        except ValueError:
            return " ".join(one.split()) == " ".join(other.split())

    def _is_beyond(self, world: World, path: str) -> bool:
        """Whether a leaf stands in an instance beyond its repeat's count."""
        names: list[str] = []
        ids: list[int] = []
        for name, place in re.findall(r"([^/\[]+)(?:\[(\d+)\])?", path):
            names.append(name)
            index = self.machine.tops.get("/".join(names), (None,))[0]
            if index is None:
                return False
            node = self.machine.nodes[index]
            if node.kind is Kind.REPEAT and place:
                instances = world.instances(index, tuple(ids))
                if int(place) > len(instances):
                    return node.count is not None
                ids.append(instances[int(place) - 1])
        return False

    def _is_asked(self, ref: str) -> bool:
        found = self.machine.tops.get(re.sub(r"\[\d+\]", "", ref).split("/", 2)[-1])
        return found is None or bool(self.machine.nodes[found[0]].stop)

    def _record(self, world: World) -> dict[str, str]:
        """Without what both record beside the questions: the log and `meta` are told in no other tool's way."""
        logs = {node.path for node in self.machine.nodes if node.meta == "audit"}
        return {
            path: _stored(value) for path, value in record_of(world).items() if not is_meta(path) and path not in logs
        }

    def _placed(self, world: World, path: str) -> str:
        """A path with positions instead of ids."""
        found = self.machine.find(path)
        if found is None:
            return path
        index, ids = found
        places = [
            world.instances(r, ids[:n]).index(ids[n]) + 1 for n, r in enumerate(self.machine.nodes[index].repeats)
        ]
        return self.machine.path(index, tuple(places))


def walk_all(world: World) -> Sequence[Stop]:
    return walk(world).stops


def _plain(words: str | None) -> str:
    """Words without markup and with single blanks."""
    return " ".join(re.sub(r"<[^>]*>", "", bare(words or "").translate(_STRAIGHT)).split())


_STRAIGHT: Final = str.maketrans("‘’“”", "''\"\"")  # pyxform straightens them, we leave them as the author wrote


def _stored(value: Scalar) -> str:
    return to_stored(float(value)) if isinstance(value, int | float) else to_stored(value)


def _leaves(machine: Machine, tree: ET.Element, above: str = "", path: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf with words by its path; the instances of a repeat with their position in brackets."""
    seen: dict[str, int] = {}
    for child in tree:
        name = child.tag.rsplit("}", 1)[-1]
        if name in {"meta", "audit"} or _MADE.search("/" + name):
            continue
        seen[name] = seen.get(name, 0) + 1
        plain = f"{above}{name}"
        index = machine.tops.get(plain)
        place = f"[{seen[name]}]" if index is not None and machine.nodes[index[0]].kind is Kind.REPEAT else ""
        if len(child):
            yield from _leaves(machine, child, f"{plain}/", f"{path}{name}{place}/")
        elif (child.text or "").strip():
            yield f"{path}{name}", (child.text or "").strip()


_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT|\d\d:\d\d:\d\d|^[0-9a-f]{8}-[0-9a-f]{4}|uuid:")


_CHANCE: Final = re.compile(r"\b(?:uuid|now|random|today|decimal-date-time|decimal-time|once)\(|pulldata\(")


def _by_chance(machine: Machine) -> frozenset[str]:
    """Names whose value hangs on clock, chance or a file that was not there, by themselves or through another."""
    sources = {
        node.name: " ".join(filter(None, (node.question.calculation, node.question.default, node.meta and "now()")))
        for node in machine.nodes
        if node.kind is Kind.QUESTION
    }
    found = {name for name, source in sources.items() if _CHANCE.search(source)}
    while True:
        more = {
            name
            for name, source in sources.items()
            if name not in found and found & set(re.findall(r"\$\{\s*([^}\s]+)", source))
        }
        if not more:
            return frozenset(found)
        found |= more
