"""Prints what a long run found: a table of names and figures, and the faults."""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

FAULTS_TOLD: Final = 20
_WIDTH: Final = 36  # characters of a name


def told(rows: Iterable[tuple[str, object]], faults: Sequence[str]) -> None:
    """Each figure beside its name, how many faults there are, and the first of them."""
    for name, figure in (*rows, ("faults", len(faults))):
        sys.stdout.write(f"{name:<{_WIDTH}}{figure}\n")
    for fault in faults[:FAULTS_TOLD]:
        sys.stdout.write(f"FAULT: {fault}\n")
    sys.stdout.flush()
