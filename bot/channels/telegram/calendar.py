"""A calendar as buttons: near dates, a title between two arrows, then the days of a month, or months, or years."""

from datetime import date
from typing import Final

from bot.channels.telegram.keys import Key, Rows
from bot.i18n import Words
from flows.calendars import beside, wider
from flows.session import Calendar, Cell

WEEK: Final = 7
MONTHS: Final = 3  # months a row
YEARS: Final = 4
CLOSED: Final = "×"  # stands before what the form forbids; pressing it says why
_NOTHING: Final = "·"  # Telegram refuses a button without a label


def calendar_rows(calendar: Calendar, lang: str, words: Words) -> Rows:
    """At most 61 buttons: three chips, four of the title, a week's names, six weeks."""
    chips = [Key(words.say(lang, f"telegram.calendar.{name}"), "pick", value) for name, value in calendar.chips]
    rows = [chips] if chips else []
    rows.append(_title(calendar, lang, words))
    if len(calendar.at) == len("2026-11"):
        return rows + _weeks(calendar, lang, words)
    columns = YEARS if calendar.at.endswith("s") else MONTHS
    keys = [_cell(calendar, cell, _named(cell.value, lang, words)) for cell in calendar.cells]
    return rows + [keys[at : at + columns] for at in range(0, len(keys), columns)]


def chip_text(value: str) -> str:
    """How a quick reply would write the same date.

    >>> chip_text("2026-11-23"), chip_text("2026-11")
    ('23/11/2026', '11/2026')
    """
    return "/".join(reversed(value.split("-")))


def _title(calendar: Calendar, lang: str, words: Words) -> list[Key]:
    """◀ 11/2026 ▶; the title zooms out. An arrow that leads to nothing that may be chosen is left out."""
    at = calendar.at
    if at.endswith("s"):
        label = f"{calendar.cells[0].value}–{calendar.cells[-1].value}"
    elif len(at) == len("2026"):
        label = at
    else:
        label = words.say(lang, "telegram.calendar.month", month=at[5:], year=at[:4])
    keys = [Key(label if not wider(at) else f"{label} ▾", "turn", wider(at) or at)]
    before, after = beside(at, -1), beside(at, 1)
    if before and not (calendar.least and calendar.cells[0].value <= calendar.least[: len(calendar.cells[0].value)]):
        keys.insert(0, Key("◀", "turn", before))
    if after and not (calendar.most and calendar.cells[-1].value >= calendar.most[: len(calendar.cells[-1].value)]):
        keys.append(Key("▶", "turn", after))
    return keys


def _weeks(calendar: Calendar, lang: str, words: Words) -> Rows:
    """Weeks from Monday to Sunday under their names."""
    blank = Key(_NOTHING, "turn", calendar.at)
    names = words.say(lang, "telegram.calendar.weekdays").split()
    days = [_cell(calendar, cell, str(int(cell.value[8:]))) for cell in calendar.cells]
    days = [blank] * date.fromisoformat(calendar.cells[0].value).weekday() + days
    days += [blank] * (-len(days) % WEEK)
    header = [Key(name, "turn", calendar.at) for name in names]
    return [header, *(days[at : at + WEEK] for at in range(0, len(days), WEEK))]


def _cell(calendar: Calendar, cell: Cell, label: str) -> Key:
    mark = f"✓{label}" if cell.on else label if cell.free else f"{CLOSED}{label}"
    finest = {"day": 10, "month": 7, "year": 4}[calendar.precision]
    return Key(mark, "pick" if len(cell.value) == finest or not cell.free else "turn", cell.value)


def _named(value: str, lang: str, words: Words) -> str:
    return (
        value
        if len(value) == len("2026")
        else words.say(lang, "telegram.calendar.short_month", month=str(int(value[5:])))
    )
