"""Options by button: picked, switched on and off, ranked; and what is left of an answer when options go."""

import re
from collections.abc import Sequence
from typing import Final

from flows.answers.text import fold
from flows.calendars import coarse, picked, precision_of
from flows.machine import Ids, Listed, Node, by_name, labelled
from flows.outcomes import Outcome, Refused, Taken, Toggled, Written, judged, named
from flows.session import Say, Session, Tapped, short
from flows.tracks import TRACKS, joined
from flows.views import choosable, limits, quick_replies
from flows.walk import Stop
from flows.world import World


def choose(world: World, session: Session, stop: Stop, event: Tapped) -> Outcome | Toggled | Written:
    """What a button about options says to the open question."""
    node = world.machine.nodes[stop.index]
    options = choosable(world, stop.index, stop.ids)
    kind = node.question.type
    if event.op == "pick":
        if kind == "acknowledge":
            return Taken("OK", "OK")
        return _picked(world, session, stop, node, options, event.arg)
    if event.op == "done" and kind == "text" and session.draft.voice:
        return Taken("", f"voice:{session.draft.voice}", "vague")
    if event.op == "done" and kind in TRACKS:
        whole = joined(kind, session.draft.chosen)
        if not whole:
            return Refused(Say("engine.send_points", {"n": TRACKS[kind]}))
        return judged(world, stop, "", whole)
    if kind not in {"select_multiple", "rank"}:
        return Refused(Say("engine.pick_one"))
    if event.op == "set":
        names = [o.name for o in (by_name(options, arg) for arg in event.arg.split()) if o is not None]
        return several(world, session, stop, node, options, names)
    if event.op == "done":
        return several(world, session, stop, node, options, list(session.draft.chosen))
    option = by_name(options, event.arg)
    if option is None:
        return Refused(Say("engine.stale"))
    return _toggled(session, node, options, option, on=event.op == "on")


def chosen_now(world: World, session: Session, stop: Stop) -> tuple[str, ...]:
    """The options that the standing answer has on: where a card starts from."""
    answer = session.answers.get(stop.path)
    if answer is None or not answer.value or stop.kind != "question":
        return ()
    match world.machine.nodes[stop.index].question.type:
        case "select_one":
            return (str(answer.value),)
        case "select_multiple" | "rank":
            return tuple(str(answer.value).split())
        case _:
            return ()


def still_standing(world: World, index: int, ids: Ids, value: str) -> str:
    """What is left of an answer after its options were filtered anew; "" when nothing is."""
    node = world.machine.nodes[index]
    names = {o.name for o in world.options(index, ids)}
    if not names and node.source is not None:  # there was nothing to choose from, and words were taken
        return value
    given = [value] if node.question.type == "select_one" else value.split()
    left = [name for name in given if name in names]
    if node.question.type == "rank":
        wanted = min(node.question.chat.top_n or len(names), len(names))
        return value if len(left) == len(given) == wanted else ""
    return " ".join(left)


def _picked(
    world: World, session: Session, stop: Stop, node: Node, options: Sequence[Listed], arg: str
) -> Outcome | Toggled | Written:
    option = by_name(options, arg)
    if option is None:
        if node.question.type == "date" and (cell := picked(arg, precision_of(node.question))) is not None:
            return judged(world, stop, cell[0], cell[1])
        if node.question.type == "date" and (period := picked(arg, coarse(arg))) is not None:
            verdict = judged(world, stop, period[0], period[1])  # a month or year that is crossed out says why
            return verdict if isinstance(verdict, Refused) else Refused(Say("engine.stale"))
        quick = next((q for q in quick_replies(world, node, stop.ids) if arg in {q, short(q)}), None)
        return Written(quick) if quick is not None else Refused(Say("engine.stale"))
    if node.question.type in {"select_multiple", "rank"}:
        return _toggled(session, node, options, option, on=option.name not in session.draft.chosen)
    label = labelled(option, world.lang, world.machine.flow.default_language)
    if node.question.type == "range":
        number = float(option.name)
        return judged(world, stop, option.name, int(number) if number.is_integer() else number)
    return judged(world, stop, label, option.name, exact=True)


def _toggled(session: Session, node: Node, options: Sequence[Listed], option: Listed, *, on: bool) -> Toggled:
    """Toggles say the state wanted, so that two quick taps do what one does."""
    chosen = [name for name in session.draft.chosen if any(o.name == name for o in options)]
    if on and option.name not in chosen:
        _, most = limits(node, options)
        rivals = exclusive(node, options)
        left = [] if option.name in rivals else [name for name in chosen if name not in rivals]
        if most and len(left) >= most:
            return Toggled(tuple(chosen), Say("engine.at_most", {"n": most}))
        chosen = [*left, option.name]
    elif not on and option.name in chosen:
        chosen.remove(option.name)
    if node.question.type == "select_multiple":
        order = {o.name: n for n, o in enumerate(options)}
        chosen.sort(key=lambda name: order[name])
    return Toggled(tuple(chosen))


MARKS: Final = frozenset({"yes", "true", "1", "x", "co"})  # what a cell of the column `exclusive` may say

_ALONE: Final = re.compile(
    r"not\(\s*selected\(\s*\.\s*,\s*'([^']+)'\s*\)\s+and\s+count-selected\(\s*\.\s*\)\s*>\s*1\s*\)"
)


def exclusive(node: Node, options: Sequence[Listed]) -> set[str]:
    """Options that go with no other ("none of these"): marked in the list's column `exclusive`, or by the constraint."""
    names = {o.name for o in options}
    return _marked(options) | {name for name in _ALONE.findall(node.question.constraint or "") if name in names}


def _marked(options: Sequence[Listed]) -> set[str]:
    return {o.name for o in options if fold(o.columns.get("exclusive", "")) in MARKS}


def several(
    world: World,
    session: Session,
    stop: Stop,
    node: Node,
    options: Sequence[Listed],
    names: Sequence[str],
    *,
    raw: str | None = None,
) -> Outcome:
    """Several options at once: in the list's order for a select, in their own for a rank."""
    del session
    known = [name for name in dict.fromkeys(names) if any(o.name == name for o in options)]
    least, most = limits(node, options)
    if node.question.type == "select_multiple":
        order = {o.name: n for n, o in enumerate(options)}
        known.sort(key=lambda name: order[name])
    else:
        known = known[:most]
        if len(known) < least:
            return Refused(Say("engine.rank_more", {"n": least}))
    if not known:
        return Refused(Say("engine.choose_some"))
    alone = next((name for name in known if name in _marked(options)), None)
    if alone is not None and len(known) > 1 and node.question.type == "select_multiple":
        return Refused(Say("widgets.goes_alone", {"option": named(world, stop, alone)}))
    labels = ", ".join(named(world, stop, name) for name in known)
    return judged(world, stop, raw if raw is not None else labels, " ".join(known))
