"""One door to all readers: `read_answer(kind, text, …)`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, Literal, get_args

from flows.answers.dates import Prefers, read_date
from flows.answers.email import read_email
from flows.answers.gazetteer import Gazetteer
from flows.answers.money import read_money
from flows.answers.number import read_number
from flows.answers.option import Named, Options, read_option
from flows.answers.phone import read_phone
from flows.answers.place import read_province, read_ward
from flows.answers.reading import Reading
from flows.answers.tax_code import read_tax_code
from flows.answers.yes_no import read_yes_no

Kind = Literal[
    "money", "number", "integer", "percent", "date", "phone", "tax_code", "ward", "province", "yes_no", "option", "email",
]  # fmt: skip
KINDS: Final[tuple[str, ...]] = get_args(Kind)

PARSERS: Final[Mapping[str, Kind]] = {  # what a form's `chat: parse:` names → the kind that reads it
    "money_vi": "money",
    "number_vi": "number",
    "date_vi": "date",
    "phone_vn": "phone",
    "phone_any": "phone",
    "mst": "tax_code",
    "ward_vn": "ward",
    "province_vn": "province",
    "email": "email",
}


def read_answer(
    kind: Kind,
    text: str,
    *,
    today: date | None = None,
    prefers: Prefers | None = None,
    options: Options | Sequence[Named] = (),
    gazetteer: Gazetteer | None = None,
    allow_negative: bool | None = None,
    foreign_phones: bool = True,
) -> Reading:
    """What `text` means as an answer of that kind; whatever the text is, there is a reading.

    Args:
        kind: which reader.
        text: as it was typed.
        today: for dates: the day it is where the person is.
        prefers: for dates without a year: deadlines lie ahead, reports behind.
        options: for options: all there are, in their order.
        gazetteer: for wards and provinces.
        allow_negative: for money (None: no) and numbers (None: yes).
        foreign_phones: whether numbers outside Vietnam are taken.

    Raises:
        ValueError: the kind is unknown, or a date has no `today`, a ward or province no `gazetteer`.
    """
    simple: dict[str, Callable[[], Reading]] = {
        "money": lambda: read_money(text, allow_negative=bool(allow_negative)),
        "number": lambda: read_number(text, allow_negative=allow_negative is not False),
        "integer": lambda: read_number(text, "integer", allow_negative=allow_negative is not False),
        "percent": lambda: read_number(text, "percent", allow_negative=allow_negative is not False),
        "phone": lambda: read_phone(text, foreign=foreign_phones),
        "tax_code": lambda: read_tax_code(text),
        "yes_no": lambda: read_yes_no(text),
        "option": lambda: read_option(text, options),
        "email": lambda: read_email(text),
    }
    if kind in simple:
        return simple[kind]()
    if kind == "date" and today is not None:
        return read_date(text, today, prefers)
    if kind == "ward" and gazetteer is not None:
        return read_ward(text, gazetteer)
    if kind == "province" and gazetteer is not None:
        return read_province(text, gazetteer)
    raise ValueError(f"cannot read {kind!r}: unknown, or without the `today` or `gazetteer` it needs")
