"""The tables of an export: which columns a flow has over all its versions, and the cells one submission fills."""

import datetime as dt
import hashlib
import hmac
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bot.amendments import Change
from bot.codebook import Codebook, Field, Record
from bot.i18n import HANOI, LANGUAGES, words
from flows.model import Flow
from flows.session import LIST_MAX, Scalar
from flows.value import Value

Format = Literal["csv", "jsonl"]
Cell = str | int | float | None

TRIGGERS: Final = "=+-@\t\r\n＝＋－＠"  # what a spreadsheet takes for the start of a formula

_INSTANCE: Final = re.compile(r"\[(\d+)\]")
_BLANK: Final = "".join(
    map(chr, (0x20, 0xA0, 0x200B, 0x200C, 0x200D, 0x2060, 0x3000, 0xFEFF))
)  # some readers trim these


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission as exports need it."""

    receipt: str
    version: str
    lang: str
    channel: str
    submitted_at: int  # milliseconds since 1970, UTC
    record: Record
    person: str | None = None
    source: str = ""  # of the deep link the session began with
    campaign: str = ""
    first_source: str = ""  # by which the person came first of all
    corrected: tuple[
        tuple[int, tuple[Change, ...]], ...
    ] = ()  # (when staff accepted it, what it changed), oldest first


class Wanted(Value):
    """What an export is to hold."""

    format: Format = "csv"
    named: bool = False  # with receipt, person, personal and free-text answers
    labels: str | None = None  # headers in that language; None: names
    reason: str = ""

    @property
    def is_allowed(self) -> bool:
        """Whether it may be made: who wants names says what for."""
        return not self.named or bool(self.reason.strip())


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its header, and how a submission's (or an instance's) values fill it."""

    name: str
    label: Mapping[str, str]
    of: Callable[[Entry, Record], Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. `repeat` "" has a row per submission, any other a row per instance of that repeat."""

    repeat: str
    columns: tuple[Column, ...] = ()


def safe(cell: Cell) -> str:
    """A cell's text that no spreadsheet runs. Numbers stay numbers; a text that looks like a formula gets a "'" before it.

    >>> safe("=1+1"), safe("+84912345678"), safe(-5), safe(2.0), safe(None)
    ("'=1+1", "'+84912345678", '-5', '2', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        rest = cell.lstrip(_BLANK)
        return f"'{cell}" if rest[:1] and rest[0] in TRIGGERS else cell
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return ""
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def reference(key: bytes, receipt: str) -> str:
    """A stand-in for a receipt: the same within one export, and nobody without the key finds the way back."""
    return hmac.new(key, receipt.encode(), hashlib.sha256).hexdigest()[:20]


def codebooks(versions: Sequence[Flow]) -> list[Codebook]:
    """A codebook per version, that all keep inside what any of them keeps: a mark that came late holds for what came early."""
    alone = [Codebook(flow) for flow in versions]
    kept = frozenset(f.name for book in alone for f in book.fields if not book.may_leave(f))
    return [Codebook(flow, kept) for flow in versions]


def sheets(versions: Sequence[Flow], wanted: Wanted, key: bytes) -> tuple[Sheet, ...]:
    """The tables of a flow whose versions are given oldest first: a table for the form and one for each repeat.

    Columns are the union over all versions. They stand as in the newest version; what only an older one asked stands
    after the question that it followed there.
    """
    books = codebooks(versions)
    fields = _union(books, wanted)
    clashing = _clashes(fields)
    repeats = list(dict.fromkeys(f.repeat for f, _ in fields))
    found = []
    for repeat in ["", *(r for r in repeats if r)]:
        mine = [(f, book) for f, book in fields if f.repeat == repeat]
        head = _instance_columns(repeat, wanted, key) if repeat else _submission_columns(wanted, key)
        columns = [column for f, book in mine for column in _columns(f, book, books, clashing)]
        found.append(Sheet(repeat, _distinct((*head, *columns))))
    return tuple(found)


def rows(sheet: Sheet, entry: Entry) -> Iterator[list[str]]:
    """The rows one submission gives a table, every cell safe."""
    if not sheet.repeat:
        yield [safe(column.of(entry, entry.record)) for column in sheet.columns]
        return
    for here, values in _instances(sheet.repeat, entry.record):
        record = {"": here, **values}
        yield [safe(column.of(entry, record)) for column in sheet.columns]


def headers(sheet: Sheet, wanted: Wanted) -> list[str]:
    """Names, or labels with the name behind where two are the same."""
    if wanted.labels is None:
        return [safe(column.name) for column in sheet.columns]
    labels = [" ".join((column.label.get(wanted.labels) or column.name).split()) for column in sheet.columns]
    return [
        safe(label if labels.count(label) == 1 else f"{label} ({column.name})")
        for label, column in zip(labels, sheet.columns, strict=True)
    ]


def corrections(books: Mapping[str, Codebook], entry: Entry, wanted: Wanted, key: bytes) -> Iterator[list[str]]:
    """A row for each corrected answer that may be told: whose, when, which, what was handed in, what stands now."""
    who = entry.receipt if wanted.named else reference(key, entry.receipt)
    for at, changed in entry.corrected:
        for one in changed:
            if wanted.named or _may_leave(books.get(entry.version), one.path):
                yield [safe(cell) for cell in (who, _date(at), one.path, one.was, one.now)]


def corrections_header(wanted: Wanted) -> list[str]:
    """The headers over `corrections`."""
    names = ("receipt" if wanted.named else "ref", "corrected", "path", "was", "now")
    return [_known(name)[wanted.labels] if wanted.labels else name for name in names]


def line(codebook: Codebook | None, entry: Entry, wanted: Wanted, key: bytes) -> str:
    """One submission as a line of JSON, values as stored; without `named` only what may leave."""
    record = {path: value for path, value in entry.record.items() if wanted.named or _may_leave(codebook, path)}
    known: dict[str, Any] = {"ref": reference(key, entry.receipt), "submitted": _day(entry)}
    if wanted.named:
        known = {"receipt": entry.receipt, "person": entry.person, "submitted": _instant(entry)}
    known |= {"version": entry.version, "lang": entry.lang, "channel": entry.channel, "answers": _finite(record)}
    touches = {"source": entry.source, "campaign": entry.campaign, "first_source": entry.first_source}
    known |= {name: touch for name, touch in touches.items() if touch}
    if entry.corrected:
        known["corrected"] = [
            {
                "at": _date(at),
                "changes": [
                    {"path": one.path, **_finite({"was": one.was, "now": one.now})}
                    for one in changed
                    if wanted.named or _may_leave(codebook, one.path)
                ],
            }
            for at, changed in entry.corrected
        ]
    return json.dumps(known, ensure_ascii=False, allow_nan=False) + "\n"


def _may_leave(codebook: Codebook | None, path: str) -> bool:
    """Whether a value may be told without a name; of a version nobody knows any more, none may."""
    found = codebook.field(path) if codebook is not None else None
    return codebook is not None and found is not None and codebook.may_leave(found)


def _union(books: Sequence[Codebook], wanted: Wanted) -> list[tuple[Field, Codebook]]:
    """Every field of any version that is to be shown, with the newest version that has it."""
    order: list[str] = []
    newest: dict[str, tuple[Field, Codebook]] = {}
    for book in reversed(books):
        before = -1
        for f in book.fields:
            if f.question.type == "note" or not (wanted.named or book.may_leave(f)):
                continue
            if f.path in newest:
                before = order.index(f.path)
                continue
            before += 1
            order.insert(before, f.path)
            newest[f.path] = (f, book)
    return [newest[path] for path in order]


def _clashes(fields: Iterable[tuple[Field, Codebook]]) -> frozenset[str]:
    """Names that more than one field bears; those columns are named by path."""
    names = [f.name for f, _ in fields]
    return frozenset(name for name in names if names.count(name) > 1)


def _columns(f: Field, book: Codebook, books: Sequence[Codebook], clashing: frozenset[str]) -> Iterator[Column]:
    """The column of a field, and of a select_multiple one more per option ("needs/capital": 1, 0, blank: not answered)."""
    name = f.path if f.name in clashing else f.name
    labels = {lang: book.label(f, lang) for lang in book.flow.languages}
    yield Column(name, labels, _value(f))
    if f.question.type != "select_multiple":
        return
    options: dict[str, Codebook] = {}
    for other in reversed(books):
        same = other.field(f.path)
        for option in other.options(same) if same is not None else ():
            options.setdefault(option, other)
    if len(options) > LIST_MAX:  # a gazetteer would make a table nobody can open
        return
    for option, origin in options.items():
        told = origin.field(f.path) or f
        both = {lang: f"{labels[lang]}: {origin.option(told, option, lang) or option}" for lang in labels}
        yield Column(f"{name}/{option}", both, _chosen(f, option))


def _value(f: Field) -> Callable[[Entry, Record], Cell]:
    return lambda _, record: record.get(f.path)


def _chosen(f: Field, option: str) -> Callable[[Entry, Record], Cell]:
    def value(_: Entry, record: Record) -> Cell:
        found = record.get(f.path)
        return None if found is None else int(option in str(found).split())

    return value


def _submission_columns(wanted: Wanted, key: bytes) -> list[Column]:
    """What stands before the answers: who (or a stand-in), when, which version, in which language, over which channel."""
    known = [
        Column("version", _known("version"), lambda e, _: e.version),
        Column("lang", _known("lang"), lambda e, _: e.lang),
        Column("channel", _known("channel"), lambda e, _: e.channel),
        Column("source", _known("source"), lambda e, _: e.source),
        Column("campaign", _known("campaign"), lambda e, _: e.campaign),
        Column("first_source", _known("first_source"), lambda e, _: e.first_source),
        Column("corrected", _known("corrected"), lambda e, _: _date(e.corrected[-1][0]) if e.corrected else None),
    ]
    if wanted.named:
        who = [
            Column("receipt", _known("receipt"), lambda e, _: e.receipt),
            Column("person", _known("person"), lambda e, _: e.person),
            Column("submitted", _known("submitted"), lambda e, _: _instant(e)),
        ]
        return [*who, *known]
    return [
        Column("ref", _known("ref"), lambda e, _: reference(key, e.receipt)),
        Column("submitted", _known("submitted"), lambda e, _: _day(e)),  # the minute would find the person again
        *known,
    ]


def _instance_columns(repeat: str, wanted: Wanted, key: bytes) -> list[Column]:
    """Whose instance it is, and which: "2", or "1.2" for the second inside the first."""
    who = Column(
        "receipt" if wanted.named else "ref", _known("receipt" if wanted.named else "ref"), lambda e, _: e.receipt
    )
    if not wanted.named:
        who = Column(who.name, who.label, lambda e, _: reference(key, e.receipt))
    del repeat
    return [who, Column("instance", _known("instance"), lambda _, record: record.get(""))]


def _instances(repeat: str, record: Record) -> Iterator[tuple[str, Record]]:
    """Each instance of a repeat with its values by plain path, in the order of the record."""
    depth = repeat.count("/") + 1
    found: dict[str, dict[str, Scalar]] = {}
    for path, value in record.items():
        steps = path.split("/")
        at, plain = "/".join(steps[:depth]), _INSTANCE.sub("", path)
        if len(steps) > depth and _INSTANCE.sub("", at) == repeat:
            inside = "/".join(steps[depth:])
            if not _INSTANCE.search(inside):  # a nested repeat has a table of its own
                found.setdefault(at, {})[plain] = value
    for at, values in found.items():
        yield ".".join(_INSTANCE.findall(at)), values


def _distinct(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The same columns, names made different by a number where a question is called like one of ours ("version")."""
    seen: dict[str, int] = {}
    found = []
    for column in columns:
        seen[column.name] = n = seen.get(column.name, 0) + 1
        found.append(column if n == 1 else Column(f"{column.name}_{n}", column.label, column.of))
    return tuple(found)


def _day(entry: Entry) -> str:
    return _date(entry.submitted_at)


def _date(at: int) -> str:
    return f"{dt.datetime.fromtimestamp(at / 1000, tz=HANOI):%Y-%m-%d}"


def _instant(entry: Entry) -> str:
    return _moment(entry).isoformat(timespec="seconds")


def _moment(entry: Entry) -> dt.datetime:
    return dt.datetime.fromtimestamp(entry.submitted_at / 1000, tz=HANOI)


def _finite(record: Record) -> dict[str, Scalar]:
    """JSON has no word for "not a number"; such a value was never an answer."""
    return {p: None if isinstance(v, float) and not math.isfinite(v) else v for p, v in record.items()}


def _known(name: str) -> Mapping[str, str]:
    """What a column of ours is called, in every language we have words in."""
    return {lang: words().say(lang, f"export.{name}") for lang in LANGUAGES}
