"""`make corpus DIR=…`: holds the engine against a folder of forms, walks and cases that others wrote.

One JSON line of figures per part that is there; what came out otherwise is listed in a file, whose path is printed last.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.corpus import expressions, forms, scenarios, traces

PARTS = (
    ("xpath", "xpath_cases.json", expressions.run),
    ("traps", "tricky53.json", expressions.run_traps),
    ("traces", "traces", traces.run),
    ("scenarios", "scenario_states.jsonl", scenarios.run),
    ("forms", "forms", forms.run),
)


def main() -> None:
    """Run every part that the folder has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="laid out like xpath_cases.json, tricky53.json, traces/, forms/")
    folder: Path = parser.parse_args().folder
    failing: list[str] = []
    for name, inside, run in PARTS:
        if not (folder / inside).exists():
            continue
        figures, lines = run(folder)
        sys.stdout.write(json.dumps({"part": name, **figures}) + "\n")
        sys.stdout.flush()
        failing += [f"{name}: {line}" for line in lines]
    with tempfile.NamedTemporaryFile("w", prefix="corpus-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write("\n".join(failing) + "\n")
    sys.stdout.write(json.dumps({"part": "failing", "count": len(failing), "file": file.name}) + "\n")


if __name__ == "__main__":
    main()
