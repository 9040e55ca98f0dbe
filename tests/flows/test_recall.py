"""A step that recalls what was true before it is the step that works everything out."""

import random

import pytest

from flows.engine import step
from flows.machine import Machine
from flows.reach import Reach
from flows.recall import recall_of
from flows.session import OPEN, Effect, Session, Show, Spoke, Started, Tapped, View
from flows.walk import walk
from flows.world import World
from tests.founders import Clumsy, Willing
from tests.scenario import MINUTE, MONDAY, machine_of, sample

TWISTED = """
flow: twisted
version: "1"
default_language: en
languages: [en, vi]
title: {en: "Twisted", vi: "Rối"}
choices:
  yn: [{name: "yes", label: {en: "Yes", vi: "Có"}}, {name: "no", label: {en: "No", vi: "Không"}}]
  abc: [{name: a, label: {en: "A"}}, {name: b, label: {en: "B"}}, {name: c, label: {en: "C"}}]
groups:
  deep: {label: {en: "Deep"}, relevant: "${one} = 'yes'"}
  inner: {parent: deep, label: {en: "Inner"}, relevant: "${two} > 3"}
  child: {label: {en: "Child"}, repeat: true, relevant: "${kids} = 'yes'"}
  room: {label: {en: "Room"}, repeat: true, count: "${rooms}"}
questions:
  - {name: one, type: select_one yn, label: {en: "One?"}, next: [{to: letter, when: "${one} = 'no' and ${late} = 'x'"}]}
  - {name: two, type: integer, group: deep, label: {en: "Two?"}}
  - {name: three, type: text, group: inner, label: {en: "Three?"}, default: "today()"}
  - {name: twice, type: calculate, calculation: "${two} * 2"}
  - {name: four, type: text, relevant: "${twice} > 4", label: {en: "Four after ${twice}?"}}
  - {name: letter, type: select_one abc, required: true, label: {en: "Letter?"}}
  - {name: letters, type: select_multiple abc, label: {en: "Letters?"}}
  - {name: best, type: select_one abc, choice_filter: "selected(${letters}, name)", label: {en: "Best?"}}
  - {name: gate, type: text, label: {en: "Gate?"}, next: [{to: kids}]}
  - {name: passed, type: text, label: {en: "Passed by?"}}
  - {name: kids, type: select_one yn, label: {en: "Kids?"}}
  - {name: called, group: child, type: text, label: {en: "Name?"}}
  - {name: old, group: child, type: integer, relevant: "${called} != ''", label: {en: "Age of ${called}?"}}
  - {name: sum_old, type: calculate, calculation: "sum(${old})"}
  - {name: rooms, type: integer, constraint: ". <= 3", label: {en: "Rooms?"}}
  - {name: wide, group: room, type: integer, label: {en: "How wide?"}}
  - {name: seen, type: note, relevant: "count(${child}) > 1", label: {en: "Many"}}
  - {name: fixed, type: text, read_only: "${letter} = 'a'", label: {en: "Fixed?"}}
  - {name: end, type: select_one yn, label: {en: "End?"}, end: {when: ". = 'yes' and ${rooms} = 1", message: {en: "Over"}}}
  - {name: late, type: text, label: {en: "Late, with ${sum_old}?"}, relevant: "today() > '2020-01-01'"}
"""
DICE = """
flow: dice
version: "1"
default_language: en
languages: [en]
title: {en: "Dice"}
questions:
  - {name: a, type: text, label: {en: "A?"}}
  - {name: drawn, type: calculate, calculation: "random()"}
  - {name: b, type: text, relevant: "${drawn} > 0.5", label: {en: "B?"}}
"""
MACHINES = {"twisted": machine_of(TWISTED), "dice": machine_of(DICE)}
SAMPLES = ("startup_support_needs", "innovation_activity", "research_order", "task_progress", "techfest_matching")


def events(machine: Machine, seed: int, most: int) -> list[tuple[Session, object, tuple[Session, tuple[Effect, ...]]]]:
    """(session, event, what came of it) of a talk with somebody who answers, errs, goes back and changes their mind."""
    dice = random.Random(seed)
    willing, clumsy = Willing(seed), Clumsy(dice)
    session = Session(f"s{seed}", machine.name, machine.version, machine.flow.default_language, seed)
    view = View(kind="message", lang=session.lang)
    event: object = Started(MONDAY, session.lang)
    found = []
    for n in range(most):
        came = step(machine, session, event)  # type: ignore[arg-type]
        found.append((session, event, came))
        session, effects = came
        view = next((e.view for e in reversed(effects) if isinstance(e, Show)), view)
        if session.status not in OPEN:
            break
        now = MONDAY + n * MINUTE
        if dice.random() < 0.15 and session.answers:
            event = Tapped(now, "edit", dice.choice(sorted(session.answers)))
        elif dice.random() < 0.05:
            event = Spoke(now, dice.choice(machine.flow.languages))
        elif dice.random() < 0.25:
            event = clumsy.act(view, session.card, now)
        else:
            event = willing.answer(view, session.card, now)
    return found


@pytest.mark.parametrize("name", [*MACHINES, *SAMPLES])
def test_with_and_without_recalling_a_talk_goes_the_same_way(name: str) -> None:
    machine = MACHINES.get(name) or sample(name)
    recalled = 0
    for seed in range(12 if name in MACHINES else 3):
        for session, event, came in events(machine, seed, 60):
            kept = recall_of(machine)._kept
            kept.pop(session.id, None)
            assert step(machine, session, event) == came  # type: ignore[arg-type]
            recalled += session.id in kept
    assert (recalled > 50) is not recall_of(machine).reach.restless


@pytest.mark.parametrize("name", [*MACHINES, *SAMPLES])
def test_what_is_kept_is_what_a_walk_from_the_start_finds(name: str) -> None:
    machine = MACHINES.get(name) or sample(name)
    recall = recall_of(machine)
    for seed in range(8 if name in MACHINES else 2):
        dice = random.Random(seed)
        session = Session(f"k{seed}", machine.name, machine.version, machine.flow.default_language, seed)
        event: object = Started(MONDAY, session.lang)
        view = View(kind="message", lang=session.lang)
        willing = Willing(seed)
        for n in range(50):
            at = MONDAY + n * MINUTE
            session, effects = step(machine, session, event)  # type: ignore[arg-type]
            view = next((e.view for e in reversed(effects) if isinstance(e, Show)), view)
            if session.status not in OPEN:
                break
            if session.id in recall._kept:
                world, way = recall._kept[session.id]
                fresh = World(machine, session, getattr(event, "at", at))
                assert way == walk(fresh)
                for (index, ids), value in world._values.items():
                    assert fresh.value(index, ids) == value, machine.nodes[index].path
                for (index, ids), relevant in world._relevant.items():
                    assert (
                        not relevant
                        or not fresh.exists(machine.nodes[index].repeats, ids)
                        or fresh._guard(machine.nodes[index], ids)
                    ), machine.nodes[index].path
            if dice.random() < 0.2 and session.answers:
                event = Tapped(at, "edit", dice.choice(sorted(session.answers)))
            else:
                event = willing.answer(view, session.card, at)


def test_what_follows_from_an_answer_is_found_through_calculations_groups_and_jumps() -> None:
    machine = MACHINES["twisted"]
    reach = Reach(machine)
    number = {node.name: node.index for node in machine.nodes}
    names = {machine.nodes[index].name for index in reach.of(number["two"])}
    assert {"two", "inner", "three", "twice", "four"} <= names
    assert "letter" not in names
    assert {"two", "three", "four", "deep", "inner"} <= {machine.nodes[i].name for i in reach.of(number["one"])}


def test_a_form_that_throws_dice_is_worked_out_anew_each_time() -> None:
    assert Reach(MACHINES["dice"]).restless
