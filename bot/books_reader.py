"""Reads the workbooks of a folder and prints each as a line of JSON: a program of its own, started by `bot/books.py`.

A server has threads, so it cannot fork a child for each workbook; this program can, and its imports are paid for once.

Reads one JSON object from its standard input: `folder`, `names`, and the bounds of one workbook, `seconds` and `memory`
(bytes). Prints, in the order of the names, `{"flow": body or "", "errors": [problem, …]}`, or `null` for a workbook that
took more than its bounds.
"""

import json
import sys
from pathlib import Path
from typing import Any

from bot.apart import TooMuch, apart
from bot.sheets import draft_beside
from flows.machine import compile
from flows.problems import BadFlow
from flows.yaml_dialect import without_places


def read(path: Path) -> dict[str, Any]:
    """The flow of a workbook that can be published, or every error in it."""
    flow, problems = draft_beside(path)
    errors = [one for one in problems if one.is_error]
    if flow is not None and not errors:
        try:
            compile(flow)
        except BadFlow as bad:
            errors = list(bad.problems)
    usable = flow is not None and not errors
    body = without_places(flow).model_dump_json(exclude_defaults=True) if flow is not None and usable else ""
    return {"flow": body, "errors": [one.model_dump(mode="json") for one in errors]}


def main() -> None:
    """Read them all, and print."""
    asked = json.load(sys.stdin)
    for name in asked["names"]:
        path = Path(asked["folder"], name)
        try:
            told = apart(lambda path=path: read(path), memory=asked["memory"], seconds=asked["seconds"])  # type: ignore[misc]
        except TooMuch:
            told = None
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
