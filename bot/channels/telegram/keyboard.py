"""The buttons under a card, as keys that do not know yet which chat they will stand in."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from bot.channels.telegram.calendar import calendar_rows, chip_text
from bot.channels.telegram.keys import Key, Rows, Style
from bot.channels.telegram.limits import BUTTONS_MAX, LABEL_MAX
from bot.channels.telegram.paper import cut, units
from bot.i18n import Words
from flows.session import PAGE, Action, Line, Matrix, Option, View

WHOLE_LIST_MAX: Final = PAGE + 1  # options shown without pages
FOUND_MAX: Final = 20  # options shown of those that a typed word may mean
NARROW: Final = 14  # characters: two such labels stand beside each other on a phone
TINY: Final = 3  # characters: "10", "5 ⭐"
TINY_COLUMNS: Final = 6
NUMBER_COLUMNS: Final = 5
REVIEW_NAMED_MAX: Final = 8  # answers whose labels still make readable buttons; more are told apart by number

_KEYCAP: Final = "\ufe0f\u20e3"  # turns "1" into 1️⃣
_NAVIGATION: Final[tuple[Action, ...]] = ("back", "skip", "later")
_ONWARD: Final[tuple[tuple[Action, Style], ...]] = (
    ("keep", ""),
    ("review", ""),
    ("resume", "primary"),
    ("submit", "success"),
    ("request", "success"),
    ("drop", ""),
    ("edit", ""),
    ("amend", ""),
)


def question_rows(view: View, words: Words) -> Rows:
    """Options, quick replies, "done", and the navigation at the bottom, always in that order."""
    options, page, pages = visible(view)
    rows = _option_rows(view, options)
    if pages > 1:
        rows.append(pager(page, pages))
    elif len(options) < view.total:
        rows.append([Key(words.say(view.lang, "telegram.show_all"), "page", "0")])
    chips = {chip_text(value) for _, value in view.calendar.chips} if view.calendar is not None else set()
    rows.extend(_columns([Key(_label(text), "pick", text) for text in view.quick if text not in chips]))
    if view.calendar is not None:
        rows.extend(calendar_rows(view.calendar, view.lang, words))
    if view.type == "acknowledge" and not options:
        rows.append([Key(words.say(view.lang, "telegram.acknowledge"), "pick", "OK")])
    if view.matrix is not None:
        rows.extend(_table_rows(view.matrix, view.lang, words))
    if view.known is not None:
        value = words.shown(view.lang, view.known)
        rows.append([Key(_label(words.say(view.lang, f"telegram.same_{view.known_of}", value=value)), "same")])
    if "done" in view.actions:
        rows.append([Key(_done(view, words), "done")])
    why = [[Key(words.say(view.lang, "telegram.ask_why"), "why")]] if view.why.strip() and not view.why_told else []
    return _bounded(rows) + why + action_rows(view, words)


def confirm_rows(view: View, words: Words) -> Rows:
    """Yes and no to a reading."""
    return [_row(view, words, ("yes", "no")), *action_rows(view, words)]


def more_rows(view: View, words: Words) -> Rows:
    """One more instance of a repeat, or no more."""
    return [_row(view, words, ("add", "enough")), *action_rows(view, words)]


def review_rows(view: View, words: Words, lines: Sequence[tuple[int, Line]], page: int, pages: int) -> Rows:
    """A button per answer on this page of the review, then the pager, then "submit". `lines`: (number, answer)."""
    if len(lines) <= REVIEW_NAMED_MAX:
        rows = _columns([Key(_label(f"✏ {line.label}"), "edit", ref=line.ref) for _, line in lines])
    else:
        rows = _grid([Key(f"✏ {number}", "edit", ref=line.ref) for number, line in lines], NUMBER_COLUMNS)
    if pages > 1:
        rows.append(pager(page, pages))
    return rows + action_rows(view, words)


def menu_rows(view: View) -> Rows:
    """Surveys to open, one a row."""
    return _bounded([[Key(_label(option.label or option.name), "open", option.name)] for option in view.options])


def receipt_rows(view: View, words: Words, receipt: str) -> Rows:
    """A button that copies the receipt number."""
    copy = [[Key(words.say(view.lang, "telegram.copy_receipt"), copy=receipt)]] if receipt else []
    return copy + action_rows(view, words)


def action_rows(view: View, words: Words) -> Rows:
    """What leads elsewhere, each on its own row; then back, skip and later in one, same order every time."""
    rows = [
        [Key(words.say(view.lang, f"telegram.{action}"), action, style=style)]
        for action, style in _ONWARD
        if action in view.actions
    ]
    navigation = _row(view, words, _NAVIGATION)
    return [*rows, navigation] if navigation else rows


def visible(view: View) -> tuple[Sequence[Option], int, int]:
    """The options to show now, the page they are and how many pages there are.

    A view carries its whole list up to a hundred options; a longer one, or one that a typed word has narrowed, comes
    as it is to be shown.
    """
    options = view.options
    if len(options) <= WHOLE_LIST_MAX or (_all_tiny(options) and len(options) <= 2 * TINY_COLUMNS):
        return options, view.page, 1 if len(options) == view.total else view.pages
    if view.pages <= 1:
        return options[:FOUND_MAX], 0, 1
    pages = ceil(len(options) / PAGE)
    page = min(max(view.page, 0), pages - 1)
    return options[page * PAGE : (page + 1) * PAGE], page, pages


def pager(page: int, pages: int) -> list[Key]:
    """◀ 2/3 ▶, without an arrow that leads nowhere. The middle shows this page again, which changes nothing."""
    keys = [Key(f"{page + 1}/{pages}", "page", str(page))]
    if page > 0:
        keys.insert(0, Key("◀", "page", str(page - 1)))
    if page + 1 < pages:
        keys.append(Key("▶", "page", str(page + 1)))
    return keys


def _option_rows(view: View, options: Sequence[Option]) -> Rows:
    keys = [_option_key(view, option) for option in options]
    if _all_tiny(options):
        return _grid(keys, _even(len(keys)))
    return _columns(keys, [option.label for option in options])


def _option_key(view: View, option: Option) -> Key:
    label = option.label or option.name
    if view.type == "select_multiple":
        return Key(_label(f"{'☑' if option.on else '☐'} {label}"), "off" if option.on else "on", option.name)
    if view.type == "rank":
        place = f"{_place(option.place)} " if option.place else ""
        return Key(_label(place + label), "off" if option.on else "on", option.name)
    if view.widget in {"stars", "rating"} and label.isdigit():
        label = f"{label} ⭐"
    if option.on:
        label = f"✓ {label}"  # the answer that stands
    return Key(_label(label), "pick", option.name)


def _table_rows(matrix: Matrix, lang: str, words: Words) -> Rows:
    """One tap for all that is left, then a number for each row, to go there."""
    fill = [[Key(_label(words.say(lang, "telegram.fill", label=matrix.fill_label)), "fill", matrix.fill)]]
    keys = [
        Key(f"{'▶' if row.here else '✓' if row.answered else ''}{number}", "edit", ref=row.ref)
        for number, row in enumerate(matrix.rows, 1)
    ]
    return (fill if matrix.fill else []) + (_grid(keys, NUMBER_COLUMNS) if len(keys) > 1 else [])


def _place(place: int) -> str:
    """1 → 1️⃣; places of two digits have no character of their own but ten."""
    if place <= 9:
        return f"{place}{_KEYCAP}"
    return "🔟" if place == 10 else f"({place})"


def _done(view: View, words: Words) -> str:
    """Counts what is chosen, where the card knows: of a list over a hundred it has only one page."""
    chosen = sum(option.on for option in view.options)
    if not chosen or len(view.options) < view.total:
        return words.say(view.lang, "telegram.done")
    if view.most:
        return words.say(view.lang, "telegram.done_of", chosen=chosen, most=view.most)
    return words.say(view.lang, "telegram.done_chosen", chosen)


def _row(view: View, words: Words, actions: Sequence[Action]) -> list[Key]:
    return [Key(words.say(view.lang, f"telegram.{a}"), a) for a in actions if a in view.actions]


def _all_tiny(options: Sequence[Option]) -> bool:
    return all(len(option.label) <= TINY for option in options)


def _columns(keys: list[Key], labels: Sequence[str] | None = None) -> Rows:
    """Two a row when every label is short, else one. `labels`: what to measure, without the marks before it."""
    measured = labels if labels is not None else [key.label for key in keys]
    return _grid(keys, 2 if all(units(label) <= NARROW for label in measured) else 1)


def _even(count: int) -> int:
    """Columns for small labels so that the rows are nearly equal: 11 → 6 (and 5), 7 → 4 (and 3)."""
    rows = ceil(count / TINY_COLUMNS) or 1
    return ceil(count / rows) or 1


def _grid(keys: list[Key], columns: int) -> Rows:
    return [keys[at : at + columns] for at in range(0, len(keys), columns)]


def _bounded(rows: Rows) -> Rows:
    """Leaves room for every row that follows; what is cut off can still be typed."""
    kept: Rows = []
    room = BUTTONS_MAX - 12
    for row in rows:
        room -= len(row)
        if room < 0:
            break
        kept.append(row)
    return kept


def _label(text: str) -> str:
    return cut(text, LABEL_MAX) or "·"
