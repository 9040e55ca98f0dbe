"""What was true after a session's last step, kept for its next one.

A step is pure all the same: what is recalled is only what would be worked out again, and it is recalled only for the
very answers it was worked out from. Whoever is not recalled costs a walk through the whole form.
"""

from typing import Final
from weakref import WeakKeyDictionary

from flows.machine import Machine
from flows.reach import Reach
from flows.session import Session
from flows.walk import Way
from flows.world import World

MOST: Final = 256  # sessions of a machine; those who answer at the same time, not all who have something open


class Recall:
    """Of one machine."""

    def __init__(self, machine: Machine) -> None:
        self.reach = Reach(machine)
        self._kept: dict[str, tuple[World, Way]] = {}

    def take(self, session: Session) -> tuple[World, Way] | None:
        """What was true for these very answers. It is given away: whoever takes it may change it."""
        found = self._kept.pop(session.id, None)
        if found is None:
            return None
        world = found[0]
        same = world.answers is session.answers and world.repeats is session.repeats and world.lang == session.lang
        return found if same and world.fixed is session.fixed else None

    def keep(self, session: Session, world: World, way: Way) -> None:
        """Keep what is true now."""
        if not self.reach.restless:
            self._kept[session.id] = (world, way)
            if len(self._kept) > MOST:
                self._kept.pop(next(iter(self._kept)), None)

    def forget(self, session: str) -> None:
        """Keep nothing of it any more."""
        self._kept.pop(session, None)


def forget(session: str) -> None:
    """What was said in the session has been erased: no machine may keep any of it."""
    for recall in list(_RECALLS.values()):
        recall.forget(session)


def recall_of(machine: Machine) -> Recall:
    """The machine's, made when first asked for."""
    found = _RECALLS.get(machine)
    if found is None:
        found = _RECALLS[machine] = Recall(machine)
    return found


_RECALLS: Final[WeakKeyDictionary[Machine, Recall]] = WeakKeyDictionary()
