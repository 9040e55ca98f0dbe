"""The flows that are published, compiled once each and kept ready."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, TypeAlias

import structlog

from bot.config import Settings
from bot.media import MediaStore, with_media
from flows.checks import check
from flows.machine import Machine, compile
from flows.model import Choice, Flow, Table, Text
from flows.problems import BadFlow, Place, Problem, Severity, problem
from flows.samples import FLOWS, SHARED_CHOICES
from flows.yaml_dialect import ATTACHED, read_attached, read_choices, read_draft, without_places
from storage import surveys
from storage.db import Database, Tx

log = structlog.get_logger(__name__)

Torn: TypeAlias = dict[str, tuple[Problem, ...]]  # what is wrong with files that cannot be read, by name
Around: TypeAlias = tuple[
    Mapping[str, tuple[Choice, ...]], dict[str, Table], Torn
]  # shared choices and tables, by name
FORM_CSV: Final = (
    r"(?im)^\ufeff?\"?survey\"?[,;\s]*\n[^\n]*\btype\b"  # a sheet's name on a line of its own, and its headers
)
PLACEHOLDERS: Final = frozenset({"organiser", "retention", "contact"})  # in any words of a flow; {receipt} in thank_you


class UnknownFlow(LookupError):
    """There is no such flow or version."""


def placeholders(settings: Settings) -> dict[str, Text]:
    """What {organiser}, {retention} and {contact} stand for."""
    return {
        "organiser": {"vi": settings.programme_name, "en": settings.programme_name},
        "retention": {"vi": settings.retention, "en": settings.retention_en},
        "contact": {"vi": settings.programme_contact, "en": settings.programme_contact},
    }


def read_folder(folder: Traversable, store: MediaStore | None = None) -> list[Flow]:
    """Every flow of a folder, with the tables and shared choices that lie beside them or among the samples.

    What the flows show is kept in `store`.

    Raises:
        BadFlow: the problems of all files at once, those that `check` finds too.
    """
    names = sorted((f.name for f in folder.iterdir()), key=lambda n: (_place(n), n))
    found: list[Flow] = []
    problems: list[Problem] = []
    around = _around(folder)  # once for all of them: the tables are the larger part of what is read at a start
    for name in names:
        if name.endswith((".yaml", ".yml")) and name != SHARED_CHOICES:
            flow, told = _draft((folder / name).read_text(encoding="utf-8"), name, around, folder)
            problems.extend(p for p in told if p.is_error)
            if flow is not None:
                found.append(flow)
                if store is not None:
                    store.take(flow, folder, name)
    if problems:
        raise BadFlow(problems)
    return found


def draft(text: str, name: str, beside: Traversable) -> tuple[Flow | None, tuple[Problem, ...]]:
    """A flow as far as it can be read, and everything that is wrong or doubtful about it.

    Args:
        text: of a file of the YAML dialect.
        name: of the file, for the places of problems.
        beside: the folder its tables and shared choices lie in; those of the samples are there too.
    """
    return _draft(text, name, _around(beside), beside)


def _draft(text: str, name: str, around: Around, beside: Traversable) -> tuple[Flow | None, tuple[Problem, ...]]:
    shared, tables, bad = around
    try:
        flow, problems = read_draft(text, file=name, shared=shared, tables=tables)
    except BadFlow as wrong:
        return None, wrong.problems
    if flow is not None:
        flow, missing = with_media(flow, beside, name)
        problems = (*problems, *check(flow, placeholders=PLACEHOLDERS), *missing)
    return flow, (*torn(bad, problems), *problems)


def _around(beside: Traversable) -> Around:
    """The shared choices and tables of the samples and of the folder, which wins; what is wrong with torn files, by name."""
    tables: dict[str, Table] = {}
    bad: Torn = {}
    shared: Mapping[str, tuple[Choice, ...]] = {}
    samples = files("flows.samples")
    for folder in (samples,) if beside == samples else (samples, beside):
        for entry in folder.iterdir():
            if entry.name.lower().endswith(ATTACHED):
                try:
                    text = entry.read_text(encoding="utf-8-sig")
                    if entry.name.lower().endswith(".csv") and re.search(FORM_CSV, text):
                        continue  # a form of its own, no table
                    tables[entry.name] = read_attached(text, entry.name)
                except BadFlow as wrong:
                    bad[entry.name] = wrong.problems[:_TOLD_MAX]
                except (OSError, UnicodeDecodeError) as wrong:
                    place = Place(file=entry.name)
                    bad[entry.name] = (problem("table_syntax", place, what=type(wrong).__name__),)
            elif entry.name == SHARED_CHOICES:
                shared = read_choices(entry.read_text(encoding="utf-8"), entry.name)
    return shared, tables, bad


_TOLD_MAX: Final = 5  # problems of one file


def torn(bad: Mapping[str, Sequence[Problem]], problems: Sequence[Problem]) -> Iterator[Problem]:
    """What is wrong with files that a form looks into and that cannot be read; of a `.csv` also when nothing looks into it.

    That is a warning then: the form does without. Any other file may be something else altogether.
    """
    missing = {p.facts.get("file") or p.facts.get("table") for p in problems if p.code in _MISSING}
    for name, told in bad.items():
        if name in missing or name.rpartition(".")[0] in missing:
            yield from told
        elif name.lower().endswith(".csv"):
            yield from (each.but(severity=Severity.WARNING) for each in told)


_MISSING: Final = frozenset({"missing_table", "unknown_table"})


def tables_beside(folder: Path) -> tuple[dict[str, Table], Torn]:
    """The tables in a folder, and those of the samples, by name; and what is wrong with those that cannot be read."""
    _, tables, bad = _around(folder)
    return tables, bad


def _place(name: str) -> int:
    """Where a flow stands in menus: the samples in their own order, then all others."""
    return FLOWS.index(name) if name in FLOWS else len(FLOWS)


def read_file(path: Path) -> tuple[Flow | None, tuple[Problem, ...]]:
    """The same of a file on disk; raises OSError or UnicodeDecodeError when it cannot be read."""
    return draft(path.read_text(encoding="utf-8"), path.name, path.parent)


@cache
def sample_flows() -> tuple[Flow, ...]:
    """The flows that come with the project."""
    return tuple(read_folder(files("flows.samples")))


class Library:
    """Published flows by name and version. Reading is by dictionary; a version not met yet is loaded and compiled once."""

    def __init__(self, settings: Settings) -> None:
        self._placeholders = placeholders(settings)
        self._machines: dict[tuple[str, str], Machine] = {}
        self._current: dict[str, str] = {}

    async def publish(self, db: Database, flows: Sequence[Flow], at: int) -> None:
        """Publish what is new; a version that is there already stays as it was published."""
        for flow in flows:
            body = without_places(flow).model_dump_json(exclude_defaults=True)

            async def put(tx: Tx, flow: Flow = flow, body: str = body) -> None:
                known = await surveys.get(tx, flow.name, flow.version)
                if known is None or known.body != body:
                    await surveys.publish(tx, flow.name, flow.version, body, at)

            try:
                await db.write(put)
            except surveys.VersionTaken:
                log.warning(
                    "version_published_already", flow=flow.name, version=flow.version, remedy="raise its version"
                )

    async def load(self, db: Database) -> None:
        """Make every flow's current version ready."""

        async def look(tx: Tx) -> list[surveys.Published]:
            found = [await surveys.current(tx, entry.name) for entry in await surveys.listing(tx) if entry.open]
            return [one for one in found if one is not None]

        current = await db.read(look)
        self._current = {one.name: one.version for one in current}
        for one in current:
            self._keep(one.name, one.version, one.body)

    async def machine(self, tx: Tx, name: str, version: str) -> Machine:
        """A version, compiled.

        Raises:
            UnknownFlow: it was never published, or cannot be compiled any more.
        """
        found = self._machines.get((name, version))
        if found is not None:
            return found
        row = await surveys.get(tx, name, version)
        if row is None:
            raise UnknownFlow(f"{name} {version}")
        return self._keep(name, version, row.body)

    def _keep(self, name: str, version: str, body: str) -> Machine:
        known = self._machines.get((name, version))
        if known is not None:
            return known
        try:
            machine = compile(Flow.model_validate_json(body), self._placeholders)
        except (BadFlow, ValueError) as error:
            raise UnknownFlow(f"{name} {version}") from error
        self._machines[name, version] = machine
        return machine

    def current(self, name: str) -> Machine | None:
        """A flow's current version; None: no such flow is open."""
        version = self._current.get(name)
        return self._machines.get((name, version)) if version is not None else None

    def flow(self, name: str, version: str) -> Flow:
        """A version that has been met in this process.

        Raises:
            UnknownFlow: it has not.
        """
        found = self._machines.get((name, version))
        if found is None:
            raise UnknownFlow(f"{name} {version}")
        return found.flow

    def open(self, channel: str) -> list[Machine]:
        """What people may choose from on a channel: current versions that are not for staff only."""
        found = (self.current(name) for name in self._current)
        return [
            m
            for m in found
            if m is not None and not m.flow.staff_only and (not m.flow.channels or channel in m.flow.channels)
        ]

    def open_flows(self) -> list[tuple[str, Text, Text]]:
        """(name, title, welcome) of what people may choose from on the web, in the order published."""
        return [(m.name, m.flow.title, m.flow.welcome) for m in self.open("web")]
