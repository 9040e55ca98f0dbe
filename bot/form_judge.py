"""Lets pyxform judge a form and prints what it says as JSON: run as a program of its own, with bounds, by `bot/judge.py`.

A form that somebody sent can cost pyxform seconds and a great deal of memory; here it can be ended and nobody feels it.
Reads `{"memory": bytes, "sheets": {name: rows}}` from its standard input; a row is its cells by header. Prints
`{"xform": XML, "warnings": [words]}`, `{"refused": words}` where it does not take the form, or `{"broke": class}` where it
breaks on it.
"""

import json
import resource
import sys
from typing import Any


def main() -> None:
    """Judge, and print."""
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from pyxform.errors import PyXFormError  # noqa: PLC0415  # after the bounds are set
    from pyxform.xls2xform import convert  # noqa: PLC0415

    told: dict[str, Any]
    try:
        made = convert(asked["sheets"], form_name="data")
        told = {"xform": made.xform, "warnings": made.warnings}
    except PyXFormError as wrong:
        told = {"refused": str(wrong)}
    except Exception as wrong:  # it is another's library, and forms are what people send
        told = {"broke": type(wrong).__name__}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
