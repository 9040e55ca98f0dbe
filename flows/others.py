"""What is not in the list: the option "other", and the question in words that follows when it was chosen."""

import re
from typing import Final

from flows.answers.text import fold
from flows.machine import Listed, Node
from flows.model import Question
from flows.outcomes import Confirm, Taken, judged, named
from flows.session import Say
from flows.views import choosable
from flows.walk import Stop
from flows.world import World

LONGEST: Final = 200  # characters: who writes more is not naming an option

_WHEN: Final = re.compile(r"\s*(?:selected\(\s*\$\{([^}]+)\}\s*,\s*'([^']+)'\s*\)|\$\{([^}]+)\}\s*=\s*'([^']+)')\s*")
_NAMED: Final = re.compile(r"[^\W\d_]{3,}")


def as_other(world: World, stop: Stop, text: str) -> Confirm | None:
    """An offer to keep words that name no option as those behind "other"; None where the form has no place for them."""
    text = text.strip()
    if len(text) > LONGEST or _NAMED.search(text) is None or not fold(text):
        return None
    node = world.machine.nodes[stop.index]
    follower = _follower(world, node, choosable(world, stop.index, stop.ids))
    if follower is None:
        return None
    option, index = follower
    path = world.machine.path(index, stop.ids)
    if not isinstance(judged(world, Stop("question", index, stop.ids, path), text, text), Taken):
        return None
    ask = Say("widgets.as_other", {"option": named(world, stop, option), "text": text})
    return Confirm(text, option, ask, other=path)


def _follower(world: World, node: Node, options: tuple[Listed, ...]) -> tuple[str, int] | None:
    """(option, number of the question in words) where such a question is asked for that option alone."""
    names = {option.name for option in options}
    for later in world.machine.nodes[node.index + 1 :]:
        item = later.item
        if not isinstance(item, Question) or item.type != "text" or item.chat.parse or later.repeats != node.repeats:
            continue
        found = _WHEN.fullmatch(item.relevant or "")
        if found is not None and (found[1] or found[3]) == node.name and (found[2] or found[4]) in names:
            return found[2] or found[4], later.index
    return None
