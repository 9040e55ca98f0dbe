"""Runs of web-forms' scenario tests, replayed in our engine on their own XForm: every value, relevance and rule after each act.

Of an engine's state only what a chat has is compared: values (but for clock and chance), relevance, whether an answer is
required or read-only, and the options of selects, of every question. The steps of its own way through a form are not.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from flows.engine import _Turn
from flows.expressions.values import to_stored
from flows.machine import Ids, Kind, compile
from flows.model import NUMBERS, SELECTS
from flows.problems import BadFlow
from flows.session import Answer, Instances, Scalar, Session, Started, Status
from flows.world import World
from flows.xform import read_xform
from flows.xform.words import local
from flows.xlsform.languages import language_code, made_code
from tests.corpus.traces import Otherwise
from tests.scenario import MONDAY


def run(folder: Path, *, every: int = 1) -> tuple[dict[str, int | float], list[str]]:
    """Every run of scenario_states.jsonl: figures, and a line for each that goes otherwise."""
    lines: list[str] = []
    kinds: Counter[str] = Counter()
    states = compared = 0
    rows = (folder / "scenario_states.jsonl").read_text(encoding="utf-8").splitlines()[::every]
    for number, line in enumerate(rows):
        told = json.loads(line)
        try:
            replay = Replay(told)
            replay.run()
        except Otherwise as other:
            kinds[other.kind] += 1
            lines.append(f"{number} {told['file'].rsplit('/', 1)[-1]} {told['name']}: {other}")
        else:
            states += replay.states
            compared += replay.compared
    same = len(rows) - len(lines)
    figures: dict[str, int | float] = {
        "runs": len(rows), "same": same, "share": round(same / len(rows), 4) if rows else 0.0,
        "states_in_those": states, "nodes_in_those": compared,
        **{f"other_{kind.replace(' ', '_')}": count for kind, count in sorted(kinds.items())},
    }  # fmt: skip
    return figures, lines


class Replay:
    """One run."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.ops: Sequence[Mapping[str, Any]] = told["ops"]
        flow, problems = read_xform(told["xml"])
        if flow is None:
            raise Otherwise("not read", "; ".join(str(dict(p.facts)) for p in problems))
        if problems:
            raise Otherwise("left out", "; ".join(f"{p.facts['name']}: {p.facts['what']}" for p in problems)[:200])
        try:
            self.machine = compile(flow)
        except BadFlow as bad:
            raise Otherwise("refused", "; ".join(f"{p.code} {dict(p.facts)}" for p in bad.problems[:2])) from None
        self.states = self.compared = 0
        lang = flow.default_language
        session = Session("replay", flow.name, flow.version, lang, seed=1)
        self.repeats: dict[str, Instances] = {}
        self.held_answers: dict[str, Answer] = {}
        self.begin(_primary(told["xml"]), (), ())
        session = replace(session, repeats=self.repeats, answers=self.held_answers)
        turn = _Turn(self.machine, session, MONDAY)
        turn.take(Started(MONDAY, lang))
        self.session = replace(turn.session, status=Status.ASKING)

    def begin(self, element: ET.Element, at: tuple[str, ...], ids: Ids) -> None:
        """The instances that the form begins with, and what stands in them; a chat begins with one of each repeat."""
        count: Counter[str] = Counter()
        for each in element:
            name = local(each.tag)
            found = self.machine.tops.get("/".join((*at, name)))
            if found is None:
                continue
            node = self.machine.nodes[found[0]]
            if node.kind is Kind.REPEAT:
                path = self.machine.path(node.index, ids)
                if node.count is not None:
                    continue
                held = self.repeats.setdefault(path, Instances((), next_id=1))
                if each.get(TEMPLATE) is not None:
                    continue
                count[name] += 1
                self.repeats[path] = Instances((*held.ids, held.next_id), next_id=held.next_id + 1)
                self.begin(each, (*at, name), (*ids, count[name]))
            elif node.kind is Kind.GROUP:
                self.begin(each, (*at, name), ids)
            elif ids and node.calculation is None and (each.text or "").strip() != (node.question.default or ""):
                words = (each.text or "").strip()
                if node.default is None or "(" not in (node.question.default or ""):
                    path = self.machine.path(node.index, ids)
                    self.held_answers[path] = Answer(words, words or None, "sure", MONDAY, MONDAY)

    def world(self) -> World:
        return World(self.machine, self.session, MONDAY)

    def run(self) -> None:
        for number, op in enumerate(self.ops):
            try:
                self.act(op)
            except Otherwise as other:
                raise Otherwise(other.kind, f"act {number} {op['op']}: {other.told}") from None

    def act(self, op: Mapping[str, Any]) -> None:
        args = op.get("args", [])
        match op["op"]:
            case "answer":
                kept = (op.get("changed") or {}).get(op["at"], {}).get("v")
                if kept == "" and any(v not in (None, "") for v in args[1 if len(args) > 1 else 0 :]):
                    raise Otherwise("odd value", f"{op['at']}: {args!r} is no such value: asked for again here")
                self.answer(op["at"], args[1:] if len(args) > 1 else args)
            case "createNewRepeat":
                self.grow(op["at"])
            case "removeRepeat":
                self.remove(args[0])
            case "setLanguage":
                code = language_code(args[0]) or made_code(args[0])
                self.session = replace(self.session, lang=code)
            case "answerOf":
                self.same("value", args[0], str(op["result"] or ""), self.value(*self.found(args[0])))
                return
            case "countRepeatInstancesOf":
                index, ids = self.found(args[0])
                ids = ids[: len(self.machine.nodes[index].repeats)]
                self.same("instances", args[0], int(op["result"]), len(self.world().instances(index, ids)))
                return
        for ref, node in (op.get("changed") or {}).items():
            self.compare(ref, node)
        self.states += "changed" in op

    # Acts.

    def answer(self, ref: str, values: Sequence[Any]) -> None:
        index, ids = self.found(ref)
        path = self.machine.path(index, ids)
        told = " ".join(str(int(v) if isinstance(v, bool) else v) for v in values if v is not None)
        question = self.machine.nodes[index].question
        if "[object" in told:
            raise Otherwise("odd value", f"{ref}: an object of the test's own")
        if question.type == "select_multiple":  # as a chat keeps them: in the order of the list
            places = {o.name: n for n, o in enumerate(self.world().options(index, ids))}
            told = " ".join(sorted(told.split(), key=lambda name: places.get(name, 0)))
        value: Scalar = told or None
        if told and question.type in NUMBERS:
            try:
                number = float(told)
            except ValueError:
                raise Otherwise("odd value", f"{ref}: {told!r} is asked for again here") from None
            value = int(number) if number.is_integer() else number
        turn = _Turn(self.machine, self.session, MONDAY)
        turn.keep({path: Answer(told, value, "sure", MONDAY, MONDAY)})
        self.session = turn.session

    def held(self, ref: str) -> tuple[str, Instances]:
        index, ids = self.found(ref)
        ids = ids[: len(self.machine.nodes[index].repeats)]
        path = self.machine.path(index, ids)
        here = self.world().instances(index, ids)
        return path, self.session.repeats.get(path) or Instances(here, next_id=max(here, default=0) + 1)

    def grow(self, ref: str) -> None:
        path, held = self.held(re.sub(r"\[\d+\]$", "", ref.removesuffix("#range")))
        grown = Instances((*held.ids, held.next_id), next_id=held.next_id + 1)
        turn = _Turn(self.machine, self.session, MONDAY)
        turn.become(repeats={**self.session.repeats, path: grown}, fresh=True)
        if self.machine.fixed_once:
            for _ in range(2):
                turn.begin()
        self.session = turn.session

    def remove(self, ref: str) -> None:
        place = int(re.findall(r"\[(\d+)\]$", ref)[0])
        path, held = self.held(re.sub(r"\[\d+\]$", "", ref))
        kept = tuple(id_ for n, id_ in enumerate(held.ids, 1) if n != place)
        turn = _Turn(self.machine, self.session, MONDAY)
        turn.become(repeats={**self.session.repeats, path: replace(held, ids=kept)}, fresh=True)
        self.session = turn.session

    # What is so.

    def found(self, ref: str) -> tuple[int, Ids]:
        names: list[str] = []
        ids: list[int] = []
        index: int | None = None
        for name, place in re.findall(r"/([^/\[]+)(?:\[(\d+)\])?", ref)[1:]:
            names.append(name.rpartition(":")[2])
            index = self.machine.tops.get("/".join(names), (None,))[0]
            if index is None:
                raise Otherwise("missing", f"there is no {'/'.join(names)}")
            if self.machine.nodes[index].kind is Kind.REPEAT and place:
                here = self.world().instances(index, tuple(ids))
                if int(place) > len(here):
                    raise Otherwise("instances", f"{ref}: there are {len(here)}")
                ids.append(here[int(place) - 1])
        if index is None:
            raise Otherwise("missing", ref)
        return index, tuple(ids)

    def value(self, index: int, ids: Ids) -> str:
        """What is kept, relevant or not."""
        world = self.world()
        if not world.relevant(index, ids):
            answer = self.session.answers.get(self.machine.path(index, ids))
            held = answer.value if answer is not None else None
            return str(to_stored(float(held)) if isinstance(held, int | float) else held or "")
        return to_stored(world.value(index, ids))

    def compare(self, ref: str, told: Mapping[str, Any]) -> None:
        if "/meta" in ref or ref.endswith("#range") or ":meta" in ref or told["t"] == "root":
            return
        index, ids = self.found(ref)
        world, node = self.world(), self.machine.nodes[index]
        ids = ids if node.kind is Kind.REPEAT and told["t"] == "repeat-instance" else ids[: len(node.repeats)]
        self.compared += 1
        if node.kind is not Kind.QUESTION:
            if node.kind is Kind.GROUP:
                self.same("relevance", ref, told.get("rel", True), world.relevant(index, ids))
            return
        self.same("relevance", ref, told.get("rel", True), world.relevant(index, ids))
        if told.get("rel", True):  # what is hidden is kept, and told by nobody
            self.same("value", ref, told.get("v", ""), self.value(index, ids))
            if told["t"] != "model-value":
                self.same("required", ref, bool(told.get("req")), world.required(index, ids))
            if node.question.type in SELECTS and "ch" in told:
                self.same("options", ref, [name for name, _ in told["ch"]], [o.name for o in world.options(index, ids)])

    def same(self, kind: str, ref: str, told: object, here: object) -> None:
        if told == here or (isinstance(told, str) and isinstance(here, str) and _alike(told, here)):
            return
        raise Otherwise(kind, f"{ref}: told {told!r}, here {here!r}"[:300])


def _alike(one: str, other: str) -> bool:
    """The same but for clock, chance, the spelling of a number, and of a truth (1 here, as in JavaRosa)."""
    if {one, other} in ({"true", "1"}, {"false", "0"}):
        return True
    if _BY_CHANCE.match(one) and _BY_CHANCE.match(other):
        return True
    if _MOMENT.match(one) and _MOMENT.match(other):
        at, there = _moment(one), _moment(other)
        today = all(each[:10] == "2026-11-23" for each in (one, other))  # the clock stood elsewhere
        return at == there or (today and "T" in one and "T" in other)
    try:
        return [float(each) for each in one.split()] == [float(each) for each in other.split()] and bool(one.split())
    except ValueError:
        return one.split() == other.split()


def _moment(words: str) -> object:
    try:
        return datetime.fromisoformat(words) if "T" in words else time.fromisoformat(words)
    except ValueError:
        return words


def _primary(xml: str) -> ET.Element:
    """The form's primary instance."""
    found = next(each for each in ET.fromstring(xml).iter() if local(each.tag) == "instance")
    return found[0]


TEMPLATE: Final = "{http://openrosa.org/javarosa}template"
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT|\d\d:\d\d")
_BY_CHANCE: Final = re.compile(r"uuid:|[0-9a-f]{8}-[0-9a-f]{4}-")
