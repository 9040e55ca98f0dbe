"""A view as Telegram shows it: what is written, and the buttons below."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.channels.telegram import keyboard
from bot.channels.telegram.keys import Rows
from bot.channels.telegram.limits import COPY_MAX, TEXT_MAX
from bot.channels.telegram.paper import Block, Line, Run, cut, is_visible, messages, plain, units
from bot.i18n import Words
from flows import session as talk
from flows.session import View

BAR: Final = 8  # squares of the progress bar
BUTTON_READS: Final = (
    38  # characters that a phone shows of a button as wide as the chat; longer labels are also written out
)
RECEIPT_LABEL_MAX: Final = 120  # characters: a receipt is one glance
RECEIPT_VALUE_MAX: Final = 300
TABLE_ROWS: Final = 20  # rows of a table written out at once
REVIEW_LINES: Final = 40  # answers on a page of the review
REVIEW_UNITS: Final = TEXT_MAX - 600  # what is left beside the title and the progress


@dataclass(frozen=True, slots=True)
class Card:
    """HTML messages, of which the last carries the buttons."""

    messages: list[str]
    rows: Rows


def card(view: View, words: Words, extra: Mapping[str, str]) -> Card:
    """The card of a view. A submission's receipt number comes as its `raw`, or as `extra["receipt"]`."""
    made = _MAKERS[view.kind](view, words, extra)
    return made if made.messages else Card(["…"], made.rows)


def _question(view: View, words: Words, _: Mapping[str, str]) -> Card:
    before = [*_heading(view), *(plain(note) for note in view.notes)]
    core = [
        *_table(view),
        *_written(view.text),
        *_long_labels(view),
        *_hints(view, words),
        *_why(view, words),
        *_voice(view, words),
    ]
    return Card(
        _paged(before, [*core, *_standing(view, words), *_error(view, words), *_progress(view, words)]),
        keyboard.question_rows(view, words),
    )


def _confirm(view: View, words: Words, _: Mapping[str, str]) -> Card:
    reading = Block(((Run("→ "), Run(_value(view.lang, view.shown, words), "b")),))
    ask = words.tell(view.lang, view.error) if view.error else words.say(view.lang, "telegram.confirm")
    core = [*_written(view.text), reading, plain(ask), *_progress(view, words)]
    return Card(_paged([], core), keyboard.confirm_rows(view, words))


def _more(view: View, words: Words, _: Mapping[str, str]) -> Card:
    before = [*_heading(view), *(plain(note) for note in view.notes)]
    core = [
        *_written(view.text),
        *_written(words.say(view.lang, "telegram.add_another", view.total)),
        *_error(view, words),
    ]
    return Card(_paged(before, [*core, *_progress(view, words)]), keyboard.more_rows(view, words))


def _review(view: View, words: Words, _: Mapping[str, str]) -> Card:
    pages = _review_pages(view, words)
    page = min(max(view.page, 0), len(pages) - 1)
    title = plain(
        view.text or words.say(view.lang, "telegram.amend_title" if view.amends else "telegram.review_title"), "b"
    )
    before = [plain(note) for note in view.notes] if page == 0 else []
    reason = [plain(words.say(view.lang, "telegram.amend_reason", reason=view.raw), quote=True)] if view.raw else []
    blocks, lines = pages[page].blocks(), pages[page].lines
    rows = keyboard.review_rows(view, words, lines, page, len(pages))
    return Card(_paged(before, [title, *blocks, *reason, *_error(view, words)]), rows)


def _settled(view: View, words: Words, _: Mapping[str, str]) -> Card:
    text = view.text if is_visible(view.text) else words.say(view.lang, "telegram.reviewed")  # a review has no label
    label = cut(text, RECEIPT_LABEL_MAX)
    value = cut(_value(view.lang, view.shown, words), RECEIPT_VALUE_MAX)
    runs = (Run(label, "b"), Run(_before_value(label) + value)) if view.shown is not None else (Run(label, "b"),)
    return Card(messages([Block(((Run("✔ "), *runs),))]), keyboard.action_rows(view, words))


def _submitted(view: View, words: Words, extra: Mapping[str, str]) -> Card:
    receipt = (extra.get("receipt") or view.raw)[:COPY_MAX]
    text = view.text.replace("{receipt}", receipt) or words.say(view.lang, "telegram.submitted")
    blocks = [_with_code(text, receipt)]
    if receipt and receipt not in text:
        blocks.append(_with_code(words.say(view.lang, "telegram.receipt", receipt=receipt), receipt))
    return Card(messages(blocks), keyboard.receipt_rows(view, words, receipt))


def _paused(view: View, words: Words, _: Mapping[str, str]) -> Card:
    title = _written(view.text, mark="b")
    return Card(
        messages([*title, plain(words.say(view.lang, "telegram.paused")), *_progress(view, words)]),
        keyboard.action_rows(view, words),
    )


def _ended(view: View, words: Words, _: Mapping[str, str]) -> Card:
    return Card(
        messages([plain(view.text.strip() or words.say(view.lang, "telegram.ended"))]),
        keyboard.action_rows(view, words),
    )


def _message(view: View, words: Words, _: Mapping[str, str]) -> Card:
    blocks = [
        *_heading(view),
        *(plain(note) for note in view.notes),
        *_written(view.text),
        *_hints(view, words),
        *_error(view, words),
    ]
    return Card(messages(blocks), keyboard.action_rows(view, words))


def _menu(view: View, words: Words, _: Mapping[str, str]) -> Card:
    text = view.text.strip() or words.say(view.lang, "telegram.menu")
    blocks = [*_error(view, words), *(plain(note) for note in view.notes), plain(text), *_long_labels(view)]
    return Card(messages(blocks), keyboard.menu_rows(view) + keyboard.action_rows(view, words))


_MAKERS: Final[Mapping[str, Callable[[View, Words, Mapping[str, str]], Card]]] = {
    "question": _question,
    "confirm": _confirm,
    "add": _more,
    "review": _review,
    "paused": _paused,
    "settled": _settled,
    "submitted": _submitted,
    "ended": _ended,
    "message": _message,
    "menu": _menu,
}


def _paged(before: Sequence[Block], core: Sequence[Block]) -> list[str]:
    """One message when it fits; else the question stays whole in the last, beside its buttons."""
    together = messages([*before, *core])
    if len(together) <= 1 or not before:
        return together
    return messages(before) + messages(core)


def _heading(view: View) -> list[Block]:
    return _written(view.heading, mark="b") if view.heading_new or view.kind in {"add", "message"} else []


def _table(view: View) -> list[Block]:
    """The rows of a table with what was chosen, those around the open one where there are many."""
    if view.matrix is None:
        return []
    rows = list(enumerate(view.matrix.rows, 1))
    at = next((n for n, (_, row) in enumerate(rows) if row.here), 0)
    start = max(0, min(at - TABLE_ROWS // 2, len(rows) - TABLE_ROWS))
    lines: list[Line] = []
    for number, row in rows[start : start + TABLE_ROWS]:
        mark = "▶" if row.here else "✓" if row.answered else "·"
        label = cut(row.label, RECEIPT_LABEL_MAX)
        value = (Run(_before_value(label)), Run(cut(row.value, BUTTON_READS), "b")) if row.value else ()
        lines.append((Run(f"{mark} {number}. {label}"), *value))
    title = _written(view.heading, mark="b") if not view.heading_new else []
    return [*title, Block(tuple(lines))]


def _written(text: str, *, mark: str = "") -> list[Block]:
    if not text.strip():
        return []
    return [plain(text, "b" if mark == "b" else "")]


def _long_labels(view: View) -> list[Block]:
    """Options whose labels a button would cut, in full."""
    options, _, _ = keyboard.visible(view)
    if all(units(option.label) <= BUTTON_READS for option in options):
        return []
    return [Block(tuple((Run(f"• {' '.join(option.label.split())}"),) for option in options))]


def _hints(view: View, words: Words) -> list[Block]:
    """The author's hint, then ours: how to answer, said only where the buttons do not say it."""
    hints = [view.hint, *_ways_to_answer(view, words)]
    return (
        [plain("\n".join(hint.strip() for hint in hints if hint.strip()), "i")]
        if any(hint.strip() for hint in hints)
        else []
    )


def _ways_to_answer(view: View, words: Words) -> list[str]:
    if view.kind != "question":
        return []
    say = words.say
    if view.widget == "nps":
        return [say(view.lang, "telegram.nps_ends")]
    match view.type:
        case "select_multiple":
            found = [_how_many(view, words)]
        case "rank":
            found = [say(view.lang, "telegram.rank_hint")]
        case "image" | "audio" | "video" | "file":
            found = [say(view.lang, f"telegram.send_{view.type}")]
            if view.accept:
                found.append(say(view.lang, "telegram.accepts", kinds=", ".join(view.accept)))
            if view.max_mb is not None:
                found.append(say(view.lang, "telegram.at_most_mb", mb=view.max_mb))
        case _:
            found = []
    if view.searchable:
        found.append(say(view.lang, "telegram.search"))
    return found


def _how_many(view: View, words: Words) -> str:
    if view.least and view.most:
        return words.say(view.lang, "telegram.choose_between", least=view.least, most=view.most)
    if view.most:
        return words.say(view.lang, "telegram.choose_up_to", view.most)
    if view.least:
        return words.say(view.lang, "telegram.choose_at_least", view.least)
    return words.say(view.lang, "telegram.choose_any")


def _why(view: View, words: Words) -> list[Block]:
    """What the answer is for, once somebody asked."""
    told = view.why_told and view.why.strip()
    return [plain(words.say(view.lang, "telegram.why", why=told), quote=True)] if told else []


def _voice(view: View, words: Words) -> list[Block]:
    """A voice is kept; there is room for its words."""
    return [plain(words.say(view.lang, "telegram.voice_kept"))] if view.voice else []


def _standing(view: View, words: Words) -> list[Block]:
    """The answer that stands, when somebody comes back to the question; toggles show theirs themselves."""
    if view.matrix is not None or view.voice:
        return []
    if view.shown is None or view.type in {"select_multiple", "rank"}:
        return []
    value = cut(_value(view.lang, view.shown, words), RECEIPT_VALUE_MAX)
    return [plain(words.say(view.lang, "telegram.standing", value=value))]


def _error(view: View, words: Words) -> list[Block]:
    text = view.error_text.strip() or (words.tell(view.lang, view.error) if view.error else "")
    return [plain(f"⚠️ {text}")] if text else []


def _progress(view: View, words: Words) -> list[Block]:
    if view.progress is None or view.progress[1] <= 0:
        return []
    number, of = view.progress
    full = min(BAR, max(0, number * BAR // of))
    told = words.say(view.lang, "telegram.progress", number=number, of=of)
    if view.left_s:
        told += f" · {words.time_left(view.lang, view.left_s)}"
    return [plain(f"{told} {'▓' * full}{'░' * (BAR - full)}")]


def _value(lang: str, shown: talk.Shown | None, words: Words) -> str:
    if shown is not None and shown.kind == "file" and shown.value:
        files = len(str(shown.value).split())
        return words.say(lang, "telegram.file_kept") if files == 1 else words.say(lang, "telegram.files_kept", files)
    return words.shown(lang, shown)


def _before_value(label: str) -> str:
    """A colon between question and answer, unless the question ends with a mark of its own."""
    return " " if label.endswith(("?", "!", ":", ".")) else ": "


def _with_code(text: str, receipt: str) -> Block:
    """The text with the receipt number set as code, which one tap copies."""
    return Block(tuple(_coded(line, receipt) for line in text.strip().split("\n")))


def _coded(line: str, receipt: str) -> Line:
    if not receipt or receipt not in line:
        return (Run(line),)
    before, _, after = line.partition(receipt)
    return (Run(before), Run(receipt, "code"), Run(after))


class _Page:
    """A page of the review as it fills: sections of numbered answers."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, talk.Line]] = []
        self.units = 0
        self._sections: list[tuple[str, list[Line]]] = []

    def has_room(self, length: int) -> bool:
        return not self.lines or (len(self.lines) < REVIEW_LINES and self.units + length <= REVIEW_UNITS)

    def add(self, title: str, number: int, line: talk.Line, runs: Line, length: int) -> None:
        if not self._sections or self._sections[-1][0] != title:
            self._sections.append((title, []))
        self._sections[-1][1].append(runs)
        self.lines.append((number, line))
        self.units += length

    def blocks(self) -> list[Block]:
        """A title in bold and the answers in a blockquote that folds."""
        found: list[Block] = []
        for title, lines in self._sections:
            if title:
                found.append(plain(title, "b"))
            found.append(Block(tuple(lines), quote=True))
        return found


def _review_pages(view: View, words: Words) -> list[_Page]:
    pages = [_Page()]
    number = 0
    for section in view.sections:
        title = cut(section.title, RECEIPT_LABEL_MAX)
        for line in section.lines:
            number += 1
            value = cut(_value(view.lang, line.shown, words), RECEIPT_VALUE_MAX)
            label = cut(line.label, RECEIPT_LABEL_MAX)
            runs = (Run(f"{number}. {label}{_before_value(label)}"), Run(value, "b"))
            length = sum(units(run.text) for run in runs) + units(title) + 4
            if not pages[-1].has_room(length):
                pages.append(_Page())
            pages[-1].add(title, number, line, runs, length)
    return pages
