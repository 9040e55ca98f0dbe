"""What pyxform, which makes forms for ODK Collect and KoboCollect, says of a form: in its own words, with a place."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from flows.problems import Place, Problem
from flows.xlsform import Sheet, plain_sheets
from flows.xlsform.notes import sheet_problem

MEMORY_MAX: Final = 500_000_000  # bytes, of address space
SECONDS_MAX: Final = 30
_WORDS_MAX: Final = 500  # characters of one remark


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refused` is "" where the form is taken, and then `xform` is its XML."""

    xform: str = ""
    refused: str = ""
    warnings: tuple[str, ...] = ()


def ask_judge(sheets: Mapping[str, Sequence[Mapping[str, object]]]) -> Verdict:
    """Let pyxform judge, in a process with bounds to its time and memory. Nothing in the sheets raises."""
    command = [sys.executable, "-I", str(PurePath(__file__).with_name("form_judge.py"))]
    asked = json.dumps({"memory": MEMORY_MAX, "sheets": sheets})
    try:
        done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=SECONDS_MAX, check=True)  # noqa: S603 — our own words only
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as wrong:
        return Verdict(refused=type(wrong).__name__)
    if "xform" not in told:
        return Verdict(refused=str(told.get("refused") or told.get("broke")))
    return Verdict(told["xform"], warnings=tuple(told["warnings"]))


def judged(sheets: Iterable[Sheet], problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems with pyxform's words: beneath ours where both speak of one row, and the rest as warnings of their own.

    All are warnings: what ODK's tools refuse may well be answered in a chat.
    """
    found = list(problems)
    verdict = ask_judge(plain_sheets(sheets))
    remarks = [("sheet_judge_refuses", verdict.refused)] if verdict.refused else []
    for code, said in (*remarks, *(("sheet_judge_warns", each) for each in verdict.warnings)):
        words = " ".join(said.split())[:_WORDS_MAX]
        if not words or any(aside in words for aside in _ASIDE):
            continue
        place = place_in(words)
        at = next((n for n, p in enumerate(found) if place.row and _same_row(p.place, place)), None)
        if at is None or "pyxform" in found[at].facts:
            found.append(sheet_problem(code, place, pyxform=words))
        else:
            found[at] = found[at].but(facts={**found[at].facts, "pyxform": words})
    return tuple(found)


def _same_row(one: Place, other: Place) -> bool:
    return (one.sheet, one.row) == (other.sheet, other.row)


def place_in(words: str) -> Place:
    """Where pyxform's words point; a row without a sheet is of the survey.

    >>> str(place_in("[row : 7] On the 'choices' sheet, the 'name' value is invalid."))
    'choices, row 7, name'
    """
    row, sheet, column = _ROW.search(words), _SHEET.search(words), _COLUMN.search(words)
    return Place(
        sheet=(sheet[1] or sheet[2]).lower() if sheet else "survey",
        row=int(row[1]) if row else None,
        column=column[1] or column[2] if column else None,
    )


_ROW: Final = re.compile(r"\brow\s*:?\s*'?(\d+)", re.IGNORECASE)
_NAMES: Final = "survey|choices|settings|external_choices|entities|osm"
_SHEET: Final = re.compile(rf"'?\b({_NAMES})'? (?:sheet|worksheet)|sheet:? '({_NAMES})'", re.IGNORECASE)
_COLUMN: Final = re.compile(r"the '([\w:]+)' (?:column|value)|column '([\w:]+)'", re.IGNORECASE)
_ASIDE: Final = ("form will not work with", "max-pixels parameter")  # nothing to do with a chat
