"""Places where a test may let the process die, to show that dying there loses nothing.

`KHAOSAT_FAILPOINT=after_inbox:3` dies the third time the point is passed, as by SIGKILL: nothing is flushed or closed.
"""

import os
from typing import Final

POINTS: Final = (
    "after_fetch",  # updates are here, not in the inbox
    "after_inbox",  # in the inbox and committed, not acknowledged
    "before_commit",  # the answer's transaction is written, not committed
    "after_commit",  # committed, nothing sent
    "before_send",
    "after_send",  # the channel has it, the outbox does not know
    "before_mark",  # about to write "sent"
)
ASIDE_POINTS: Final = (  # where no conversation passes
    "before_timer",  # what was due is written, not committed
    "after_timer",  # committed, nothing sent
    "in_export",  # everything is written, nothing stands under its name
)


class Failpoints:
    """Counts passes through named points; the one set in the settings kills."""

    def __init__(self, spec: str = "") -> None:
        """`spec`: "name" or "name:n"; "" never dies.

        Raises:
            ValueError: there is no such point.
        """
        self._name, _, number = spec.partition(":")
        self._left = int(number or 1)
        if self._name and self._name not in POINTS + ASIDE_POINTS:
            raise ValueError(f"no such point: {self._name}; there are {', '.join(POINTS + ASIDE_POINTS)}")

    def may_reach(self, name: str) -> bool:
        """Whether passing that point could kill: then nobody may take a way around it."""
        return name == self._name and self._left > 0

    def reach(self, name: str) -> None:
        """Pass a point."""
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os._exit(137)  # what a shell shows for SIGKILL
