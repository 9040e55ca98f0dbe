"""`python -m tests.xlsform_table`: writes the tables of docs/xlsform.md anew from what the code reads.

Each type is read by the importer itself, so that a row says what really becomes of it.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from flows.expressions.functions import FUNCTIONS
from flows.expressions.functions.refused import UNSUPPORTED, VENDOR
from flows.model import Chat, Meta
from flows.xlsform import columns
from flows.xlsform.questions import UNSEEN, UNSEEN_PREFIXES, UNUSED
from flows.xlsform.types import (
    FILES,
    KNOWN_TYPES,
    METADATA,
    REPLACED,
    VENDORS,
    Asked,
    Attached,
    Cell,
    Noted,
    Passed,
    read_type,
)
from flows.yaml_dialect.kinds import METAS, BadKind

PAGE: Final = Path(__file__).parents[1] / "docs" / "xlsform.md"
BEGIN: Final = "<!-- made by `python -m tests.xlsform_table` -->"
END: Final = "<!-- made until here -->"
NESTS: Final = ("begin_group", "begin_repeat", "end_group", "end_repeat")
LISTED: Final = ("select_one", "select_multiple", "rank")


def tables() -> str:
    """Everything between the marks."""
    rows: dict[str, list[str]] = {}
    for word in types():
        rows.setdefault(becomes(word), []).append(word)
    body = [
        "| types | what becomes of them |", "|---|---|",
        *(f"| {code(words)} | {what} |" for what, words in sorted(rows.items())), "",
        "| columns | |", "|---|---|",
        f"| read in `survey` | {code(columns.SURVEY)} |",
        f"| read in `choices` | {code(columns.CHOICES)}, and any other for filters |",
        f"| read in `settings` | {code(columns.SETTINGS)} |",
        f"| told: looks and parameters that need what a chat has not | {code({*UNSEEN, *UNUSED, *UNSEEN_PREFIXES})} |",
        f"| other spellings | {', '.join(f'`{old}` = `{new}`' for old, new in sorted(columns.ALIASES.items()))} |",
        f"| in several languages | {code(columns.TRANSLATED)} |",
        f"| read in `entities` | {code(columns.ENTITIES)} |",
        f"| ours | `pii`, `official`, `indicator`, {code(f'chat::{key}' for key in Chat.model_fields)} |", "",
        "| functions | |", "|---|---|",
        f"| worked out | {code(FUNCTIONS)} |",
        f"| ODK's, refused by name | {code(UNSUPPORTED)} |",
        f"| of SurveyCTO and CHT, refused by name | {code(VENDOR)} |",
    ]  # fmt: skip
    return "\n".join(body)


def types() -> Iterator[str]:
    """Every word that a `type` cell may begin with."""
    listed = {f"{word} LIST" for word in (*LISTED, "select_one_external")}
    others = {*KNOWN_TYPES, *METADATA, *METAS, *REPLACED, *VENDORS, *FILES} - {*LISTED, *NESTS, "select_one_external"}
    yield from sorted(
        {*listed, *others, "select_one_from_file FILE", "select_one LIST or_other", "select_one ${repeat}"}
    )


def becomes(word: str) -> str:
    """What the importer makes of a `type` cell, in words."""
    try:
        found: Cell | None = read_type(word)
    except BadKind:
        return "refused without a list"
    match found:
        case Asked(kind, or_other=other, instead=instead):
            also = ", with a text after it" if other else ""
            return f"asked as `{kind.type}`, with a warning" if instead else f"`{kind.type}`{also}"
        case Noted(meta):
            return _META[meta] if meta is not None else "blank, with a warning"
        case Attached():
            return "no question: a file beside the form that `instance('name')` looks into"
        case Passed(instead):
            return (
                f"blank and not asked; the warning offers `{instead}`"
                if instead
                else "blank and not asked, with a warning"
            )
    return "unknown"


_META: Final[dict[Meta, str]] = {
    "start": "recorded: when the talk began",
    "end": "recorded: when the form was handed in",
    "today": "recorded: the day on which the talk began, in Hanoi",
    "deviceid": "recorded: a name for the person, the same in each of their forms of this survey and in no other",
    "phonenumber": "recorded: what was answered to the question with `chat::widget` = `share_phone`",
    "audit": "recorded: the log of the answers, as ODK writes `audit.csv`: event,node,start,end in milliseconds",
    **dict.fromkeys(("username", "email", "start-geopoint"), "blank, with a warning"),
}


def code(words: Iterable[str]) -> str:
    """Words in the type of code, in order."""
    return ", ".join(f"`{word}`" for word in sorted(words))


def renewed(page: str) -> str:
    """The page with its tables made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}\n")


if __name__ == "__main__":
    main()
