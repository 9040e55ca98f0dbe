"""Submissions as tables (CSV, one per repeat) or as JSON Lines; without who said it unless that is asked for aloud.

CSV is for people and spreadsheets: UTF-8 with a byte order mark, RFC 4180, and no cell that a spreadsheet would run.
JSON Lines is for programs: values exactly as stored.

A form with repeats gives `FLOW.csv` and, beside it, `FLOW.<repeat>.csv` for each repeat, joined by `ref`.
"""

import csv
import getpass
import io
import json
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

from bot.amendments import Change, changes
from bot.config import Settings
from bot.exports.tables import (
    Entry,
    Format,
    Wanted,
    codebooks,
    corrections,
    corrections_header,
    headers,
    line,
    rows,
    sheets,
)
from bot.failpoints import Failpoints
from bot.i18n import LANGUAGES
from flows.model import Flow
from storage import amendments, audit, links, submissions, surveys
from storage.db import open_database
from storage.submissions import Submission
from storage.tx import Database, Tx, Work

__all__ = ["Asked", "BadExport", "Entry", "Told", "Wanted", "entries", "noted", "versions_of", "write", "write_export"]

CORRECTIONS: Final = "corrections"  # the table of what was corrected, beside the others
BOM: Final = "\ufeff"  # without it Excel reads Vietnamese as Windows-1252
CHUNK: Final = 500  # submissions read at a time


class BadExport(Exception):
    """An export was asked for that cannot be made: `key` and `holes` are the words for why."""

    def __init__(self, key: str, **holes: str) -> None:
        self.key = key
        self.holes = holes
        super().__init__(key)


@dataclass(frozen=True, slots=True)
class Asked:
    """An export as the command line asks for it."""

    flow: str
    form: str = "csv"
    out: Path | None = None  # None: the screen
    labels: str = ""
    named: bool = False
    reason: str = ""


@dataclass(slots=True)
class Told:
    """What an export came to."""

    submissions: int = 0
    files: list[Path] = field(default_factory=list)


async def write(settings: Settings, asked: Asked) -> int:
    """Carry out an export from the command line, once it is in the audit log; how many submissions it wrote.

    Raises:
        BadExport: no such flow, format or language; names without a reason; a file that cannot be written.
    """
    wanted = _wanted(asked)
    failpoints = Failpoints(settings.failpoint)

    def reached() -> None:
        failpoints.reach("in_export")

    db = await open_database(settings.database, free_mb=0)  # taking data out is what one does when a disk is full
    try:
        versions = await versions_of(db, asked.flow)
        await noted(db, asked.flow, wanted, by=f"command:{_account()}", at=time.time_ns() // 1_000_000)
        if asked.out is not None:
            return (
                await write_export(entries(db, asked.flow), versions, wanted, asked.out, reached=reached)
            ).submissions
        screen = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        try:
            return (await write_export(entries(db, asked.flow), versions, wanted, screen)).submissions
        finally:
            screen.flush()
            screen.detach()
    except OSError as error:
        raise BadExport(
            "export.unwritable", file=str(asked.out), reason=error.strerror or type(error).__name__
        ) from error
    finally:
        await db.close()


async def write_export(
    entries: AsyncIterator[Entry],
    versions: Sequence[Flow],
    wanted: Wanted,
    to: Path | TextIO,
    *,
    key: bytes | None = None,
    reached: Callable[[], None] = lambda: None,
) -> Told:
    """Write every entry to a file (repeats beside it), or the main table to a stream, one submission at a time.

    A file stands under its name only when it is whole: whoever dies in the middle leaves the one that was there before.

    Args:
        entries: oldest first.
        versions: of the flow, oldest first.
        wanted: what to write.
        to: the main file, or an open text stream (which has no "beside": repeats are then left out).
        key: what references are made with; a new one for each export, unless two are to be joined.
        reached: called when everything is written and nothing stands under its name yet.

    Raises:
        BadExport: names without a reason.
    """
    if not wanted.is_allowed:
        raise BadExport("export.no_reason")
    key = key or secrets.token_bytes(32)
    with ExitStack() as open_files:
        writer = _Writer(versions, wanted, key, to, open_files)
        try:
            async for entry in entries:
                writer.put(entry)
            reached()
            open_files.close()
            writer.keep()
        except BaseException:
            open_files.close()
            writer.throw_away()
            raise
    return writer.told


async def versions_of(db: Database, flow: str) -> list[Flow]:
    """Every published version of a flow, oldest first; `BadExport` when there is none."""
    published = await db.read(lambda tx: surveys.versions(tx, flow))
    found = [Flow.model_validate_json(version.body) for version in reversed(published)]
    if not found:
        raise BadExport("export.no_flow", flow=flow)
    return found


async def entries(db: Database, flow: str, *, chunk: int = CHUNK) -> AsyncIterator[Entry]:
    """Every submission of a flow, oldest first, read `chunk` at a time."""
    mark = (0, "")
    corrected: dict[str, list[tuple[int, tuple[Change, ...]]]] = {}
    for one in await db.read(lambda tx: amendments.accepted(tx, flow)):
        found = changes(json.loads(one.before), json.loads(one.record))
        corrected.setdefault(one.submission, []).append((one.decided_at or one.requested_at, found))
    while rows := await db.read(_chunk(flow, mark, chunk)):
        came = await db.read(_touches(flow, mark, chunk))
        for row in rows:
            yield Entry(
                receipt=row.receipt,
                version=row.version,
                lang=row.lang,
                channel=row.channel,
                submitted_at=row.submitted_at,
                record=json.loads(row.record),
                person=row.person,
                **dict(zip(("source", "campaign", "first_source"), came.get(row.id, ("", "", "")), strict=True)),
                corrected=tuple(corrected.get(row.id, ())),
            )
        mark = (rows[-1].submitted_at, rows[-1].id)


async def noted(db: Database, flow: str, wanted: Wanted, *, by: str, at: int) -> None:
    """Write to the audit log that an export is made, before it is: who, of what, with names or without, and why."""
    detail = {"format": wanted.format, "named": wanted.named, "reason": wanted.reason.strip()}

    async def put(tx: Tx) -> None:
        await audit.add(tx, at=at, actor=by, action="export", object=flow, detail=detail)

    await db.write(put)


class _Rows(Protocol):
    """What the csv module calls a writer."""

    def writerow(self, row: Sequence[str], /) -> Any: ...
    def writerows(self, rows: Iterable[Sequence[str]], /) -> Any: ...


class _Writer:
    """The open files of one export."""

    def __init__(
        self, versions: Sequence[Flow], wanted: Wanted, key: bytes, to: Path | TextIO, stack: ExitStack
    ) -> None:
        self.told = Told()
        self.wanted = wanted
        self.key = key
        self.to = to
        self.stack = stack
        self.parts: list[tuple[Path, Path]] = []  # what is written, and where it goes when it is whole
        self.books = {book.flow.version: book for book in codebooks(versions)}
        self.tables = sheets(versions, wanted, key) if wanted.format == "csv" else ()
        if not isinstance(to, Path):
            self.tables = self.tables[:1]
        self.streams = [self._open(name_beside(to, sheet.repeat)) for sheet in self.tables] or [self._open(to)]
        self.corrections: _Rows | None = None
        self.writers = [csv.writer(stream, dialect="excel") for stream in self.streams]
        for stream, writer, sheet in zip(self.streams, self.writers, self.tables, strict=False):
            stream.write(BOM)
            writer.writerow(headers(sheet, wanted))

    def put(self, entry: Entry) -> None:
        """Write one submission to every table."""
        self.told.submissions += 1
        if not self.tables:
            self.streams[0].write(line(self.books.get(entry.version), entry, self.wanted, self.key))
            return
        for writer, sheet in zip(self.writers, self.tables, strict=True):
            writer.writerows(rows(sheet, entry))
        if isinstance(self.to, Path) and (found := list(corrections(self.books, entry, self.wanted, self.key))):
            self._corrected().writerows(found)

    def _corrected(self) -> "_Rows":
        """The table of what was corrected: only made when something was."""
        if self.corrections is None:
            stream = self._open(name_beside(self.to, free_name([sheet.repeat for sheet in self.tables])))
            stream.write(BOM)
            self.corrections = csv.writer(stream, dialect="excel")
            self.corrections.writerow(corrections_header(self.wanted))
        return self.corrections

    def _open(self, to: Path | TextIO) -> TextIO:
        if not isinstance(to, Path):
            return to
        self.told.files.append(to)
        part = (
            to if to.exists() and not to.is_file() else to.with_name(f".{to.name}.part")
        )  # a pipe is no file to replace
        self.parts.append((part, to))
        return self.stack.enter_context(part.open("w", encoding="utf-8", newline=""))

    def keep(self) -> None:
        """Put the closed files where they were asked for."""
        for part, to in self.parts:
            if part != to:
                with part.open("rb") as stream:
                    os.fsync(stream.fileno())
                part.replace(to)

    def throw_away(self) -> None:
        """Leave nothing of what is not whole."""
        for part, to in self.parts:
            if part != to:
                part.unlink(missing_ok=True)


def free_name(repeats: Sequence[str]) -> str:
    """What the table of corrections is called: a form may have a repeat of that name."""
    name = CORRECTIONS
    while name in repeats:
        name += "_"
    return name


def name_beside(to: Path | TextIO, repeat: str) -> Path | TextIO:
    """Where a repeat's table goes: "out.csv" → "out.member.csv"; a nested repeat "out.household.member.csv"."""
    if not repeat or not isinstance(to, Path):
        return to
    return to.with_name(f"{to.stem}.{repeat.replace('/', '.')}{to.suffix}")


def _wanted(asked: Asked) -> Wanted:
    """What is asked for on the command line, if it can be had."""
    if asked.form not in {"csv", "jsonl"}:
        raise BadExport("export.bad_format", format=asked.form)
    if asked.labels and asked.labels not in LANGUAGES:
        raise BadExport("export.bad_labels", lang=asked.labels)
    form: Format = "csv" if asked.form == "csv" else "jsonl"
    wanted = Wanted(format=form, named=asked.named, labels=asked.labels or None, reason=asked.reason)
    if not wanted.is_allowed:
        raise BadExport("export.no_reason")
    return wanted


def _chunk(flow: str, mark: tuple[int, str], chunk: int) -> Work[list[Submission]]:
    return lambda tx: submissions.following_on(tx, flow, mark, chunk)


def _touches(flow: str, mark: tuple[int, str], chunk: int) -> Work[dict[str, tuple[str, str, str]]]:
    return lambda tx: links.touches(tx, flow, mark, chunk)


def _account() -> str:
    """Whose account on this machine runs the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user of that number
        return str(os.getuid())
