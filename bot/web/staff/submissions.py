"""The list of submissions, masked, and one submission in full; every look at the latter is in the audit log."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.amendments import changes
from bot.codebook import Codebook, Field, Record, is_asked
from bot.i18n import HANOI
from bot.summary import masked
from bot.web.pages import HEADERS
from bot.web.staff.guard import HOME, Console, Refused, Visit
from bot.web.staff.registers import consent_told, health_told
from flows.session import Answer, Scalar
from storage import amendments, audit, consents, files, people, sessions, submissions, surveys
from storage import console as stored
from storage import staff as members
from storage.amendments import Amendment
from storage.console import Mark
from storage.files import File
from storage.tx import Row, Tx

PAGE: Final = 30
WORDS_MAX: Final = 500  # of staff to a person, with a decision
LINES_MAX: Final = 4  # of each submission in the list: what is asked for first; the rest is on its page


def routes(console: Console) -> list[Route]:
    """The pages about submissions."""
    return [
        Route(HOME, console.open_to("staff", listing), methods=["GET"]),
        Route(HOME + "/{id}", console.open_to("staff", one), methods=["GET"]),
        Route(HOME + "/{id}/amendments/{amendment}", console.open_to("staff", decide), methods=["POST"]),
        Route("/staff/files/{id}", console.open_to("staff", file), methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is narrowed to."""

    receipt: str = ""
    flow: str = ""
    since: str = ""
    until: str = ""
    after: Mark | None = None

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Asked":
        """From an address; what makes no sense is left out."""
        return cls(
            receipt=params.get("receipt", "").strip()[:40],
            flow=params.get("flow", ""),
            since=_day(params.get("from", "")),
            until=_day(params.get("until", "")),
            after=read_mark(params.get("after", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.receipt or self.flow or self.since or self.until)

    def query(self, after: Mark | None = None) -> str:
        """The address of the list from that mark on."""
        asked = {"receipt": self.receipt, "flow": self.flow, "from": self.since, "until": self.until}
        asked["after"] = f"{after.at}.{after.id}" if after is not None else ""
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{HOME}?{query}" if query else HOME


@dataclass(slots=True)
class Line:
    """One answer as staff see it."""

    label: str
    value: str | None  # None: not answered
    raw: str | None = None  # as it was written, when that says something else
    certainty: str = ""
    private: bool = False
    files: list[tuple[str, str]] = field(default_factory=list)  # (name, where to fetch it)
    was: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """Answers under one heading."""

    title: str
    lines: list[Line] = field(default_factory=list)


async def listing(visit: Visit) -> Response:
    """Submissions, newest first, with what may be seen of them by everybody on the staff."""
    asked = Asked.of(visit.request.query_params)

    async def read(
        tx: Tx,
    ) -> tuple[list[dict[str, Any]], Mark | None, list[dict[str, str]], Sequence[Row], stored.Health]:
        if asked.receipt:
            rows = await stored.by_receipt(tx, asked.receipt, PAGE + 1)
        else:
            rows = await stored.submitted(
                tx,
                flow=asked.flow,
                since=_midnight(asked.since) or 0,
                until=_midnight(asked.until, 1) or stored.LATEST,
                after=asked.after,
                limit=PAGE + 1,
            )
        shown = rows[:PAGE]
        more = not asked.receipt and len(rows) > PAGE
        mark = Mark(shown[-1]["submitted_at"], shown[-1]["id"]) if more else None
        return (
            [await _brief(visit, tx, row) for row in shown],
            mark,
            await flows_told(visit, tx),
            await amendments.waiting(tx),
            await stored.health(tx),
        )

    rows, mark, flows, waiting, health = await visit.house.db.read(read)
    return visit.page(
        "submissions.html",
        visit.say("staff.submissions"),
        rows=rows,
        flows=flows,
        waiting=[
            {"id": one["submission"], "receipt": one["receipt"], "when": visit.moment(one["requested_at"])}
            for one in waiting
        ],
        asked={
            "receipt": asked.receipt,
            "flow": asked.flow,
            "from": asked.since,
            "until": asked.until,
            "any": asked.is_narrowed,
        },
        newest=asked.query() if asked.after is not None else "",
        older=asked.query(mark) if mark is not None else "",
        health=health_told(visit, health),
    )


async def one(visit: Visit) -> Response:
    """A submission in full: every answer, the words it was given in, and the evidence of consent."""
    known = visit.request.path_params["id"]

    async def read(tx: Tx) -> dict[str, Any] | None:
        row = await stored.submission(tx, known)
        return None if row is None else await _whole(visit, tx, row)

    told = await visit.house.db.read(read)
    if told is None:
        raise Refused(404)
    await _audited(visit, "view", known)
    return visit.page("submission.html", visit.say("staff.submission", receipt=told["receipt"]), **told)


async def decide(visit: Visit) -> Response:
    """Accept or refuse what somebody asked to have corrected; a refusal says why."""
    known, amendment = visit.request.path_params["id"], visit.request.path_params["amendment"]
    verdict, words = visit.fields.get("verdict", ""), visit.fields.get("words", "").strip()[:WORDS_MAX]
    if verdict not in {"accept", "refuse"} or (verdict == "refuse" and not words):
        raise Refused(400, "amendment")
    decided = await visit.house.amendments.decide(
        known, amendment, accepted=verdict == "accept", by=visit.who.id, words=words
    )
    if not decided:
        raise Refused(409, "decided")
    return RedirectResponse(f"{HOME}/{known}", 303)


async def file(visit: Visit) -> Response:
    """A file somebody sent, to be saved and never shown: whatever it holds, it does not run here."""
    known = visit.request.path_params["id"]

    async def read(tx: Tx) -> File | None:
        found = await files.get(tx, known)
        # A draft's file is nobody's business yet.
        handed_in = found is not None and (
            await submissions.of_session(tx, found.session) is not None
            or await amendments.of_session(tx, found.session) is not None
        )
        return found if handed_in else None

    found = await visit.house.db.read(read)
    if found is None:
        raise Refused(404)
    try:
        path = visit.house.files.path(found.stored_as or found.id)
    except ValueError as error:
        raise Refused(404) from error
    if not path.is_file():  # erased on request
        raise Refused(404)
    await _audited(visit, "file", known)
    headers = {**HEADERS, "Cache-Control": "no-store"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream", filename=found.name)


async def flows_told(visit: Visit, tx: Tx) -> list[dict[str, str]]:
    """Every survey: its name, and its title in the reader's language."""
    found = []
    for entry in await surveys.listing(tx):
        book = await visit.book(tx, entry.name, entry.current_version)
        title = book.words(book.flow.title, visit.lang) if book is not None else ""
        found.append({"name": entry.name, "title": title or entry.name})
    return found


def read_mark(text: str) -> Mark | None:
    """Where a page ended, as an address spells it: "1790000000000.01abc"."""
    at, dot, known = text.partition(".")
    return Mark(int(at), known) if dot and at.isdecimal() and len(at) <= 15 else None


async def _brief(visit: Visit, tx: Tx, row: Row) -> dict[str, Any]:
    book = await visit.book(tx, row["flow"], row["version"])
    kept: Record = json.loads(row["summary"] or "{}")
    return {
        **_head(visit, row),
        "title": book.words(book.flow.title, visit.lang) if book is not None else row["flow"],
        "lines": masked(book, kept, visit.lang, visit.house.words).lines[:LINES_MAX] if book is not None else (),
    }


def _head(visit: Visit, row: Row) -> dict[str, Any]:
    at = row["submitted_at"]
    return {
        "id": row["id"],
        "receipt": row["receipt"],
        "when": visit.moment(at),
        "iso": dt.datetime.fromtimestamp(at / 1000, tz=HANOI).isoformat(timespec="seconds"),
        "notice": _notice(visit, row),
    }


def _notice(visit: Visit, row: Row) -> str:
    """Where its staff notice stands; "digest": it waits for one."""
    state = stored.notice_state(row)
    if state == "none" and row["noticed_at"] is None and visit.house.settings.telegram_staff_chat:
        return "digest"
    return state


async def _whole(visit: Visit, tx: Tx, row: Row) -> dict[str, Any]:
    session = await sessions.load(tx, row["session"])
    book = await visit.book(tx, row["flow"], row["version"])
    record: Record = json.loads(row["record"])
    answers = dict(session.answers) if session is not None else {}
    sent = {file.id: file for file in await files.of_session(tx, row["session"])}
    asked = await amendments.of_submission(tx, row["id"])
    requests = []
    for one in asked:
        changed = changes(json.loads(one.before), json.loads(one.record))
        given = await sessions.load(tx, one.session)
        theirs = dict(given.answers) if given is not None else {}
        sent |= {file.id: file for file in await files.of_session(tx, one.session)}
        told = _Told(visit, book, record, theirs, sent, ())
        requests.append(
            await _request(visit, tx, one, [(told.line(c.path, c.was), told.line(c.path, c.now)) for c in changed])
        )
        if one.state == "accepted":  # from here on they are the answers that the record is made of
            answers |= {c.path: theirs[c.path] for c in changed if c.path in theirs}
    told = _Told(visit, book, record, answers, sent, await sessions.answer_history_of(tx, row["session"]))
    held = await sessions.holder(tx, row["session"])
    person = await people.at_address(tx, held.channel, held.bot, held.chat) if held is not None else None
    return {
        **_head(visit, row),
        "blocked": person is not None and person.reach == "blocked",
        "flow_title": book.words(book.flow.title, visit.lang) if book is not None else row["flow"],
        "channel": row["channel"],
        "language": row["lang"],
        "version": row["version"],
        "sections": told.sections(),
        "requests": requests,
        "consents": [consent_told(visit, one) for one in await consents.of_session(tx, row["session"])],
    }


async def _request(visit: Visit, tx: Tx, asked: Amendment, changed: Sequence[tuple[Line, Line]]) -> dict[str, Any]:
    """A request for corrections: what was, what is to be, and where it stands."""
    by = await members.get(tx, asked.decided_by) if asked.decided_by else None
    return {
        "id": asked.id,
        "when": visit.moment(asked.requested_at),
        "reason": asked.reason,
        "state": asked.state,
        "decided": visit.moment(asked.decided_at),
        "by": by.name or by.login if by is not None else "",
        "words": asked.words,
        "changed": [{"was": was, "now": now} for was, now in changed],
    }


class _Told:
    """A record as sections of lines."""

    def __init__(
        self,
        visit: Visit,
        book: Codebook | None,
        record: Record,
        answers: Mapping[str, Answer],
        sent: Mapping[str, File],
        history: Iterable[Row],
    ) -> None:
        self.visit = visit
        self.book = book
        self.record = record
        self.answers = answers
        self.sent = sent
        self.was: dict[str, list[dict[str, str]]] = {}
        for old in history:
            self.was.setdefault(old["path"], []).append({"raw": old["raw"], "when": visit.moment(old["at"])})

    def sections(self) -> list[Section]:
        """Under the form's own headings; each instance of a repeat under its own; what the form works out comes last."""
        found: list[Section] = []
        computed = Section(self.visit.say("staff.computed"))
        lost = Section(self.visit.say("staff.other_answers"))
        for path, value in self._in_order():
            described = self.book.field(path) if self.book is not None else None
            if described is None or self.book is None:
                lost.lines.append(Line(path, None if value is None else str(value)))
            elif not is_asked(described):
                computed.lines.append(self._line(self.book, described, path, value))
            else:
                title = self._title(self.book, described, path)
                if not found or found[-1].title != title:
                    found.append(Section(title))
                found[-1].lines.append(self._line(self.book, described, path, value))
        return [*found, *(section for section in (computed, lost) if section.lines)]

    def line(self, path: str, value: Scalar) -> Line:
        """One value as it would stand under its question."""
        described = self.book.field(path) if self.book is not None else None
        if described is None or self.book is None:
            return Line(path, None if value is None else str(value))
        line = self._line(self.book, described, path, value)
        line.was, line.raw, line.certainty = [], None, ""
        return line

    def _in_order(self) -> Sequence[tuple[str, Scalar]]:
        """The record in the order of the form, the instances of a repeat one after the other."""
        if self.book is None:
            return list(self.record.items())
        places = {described.path: n for n, described in enumerate(self.book.fields)}
        book = self.book

        def key(item: tuple[str, Scalar]) -> tuple[int, tuple[int, ...], int]:
            described = book.field(item[0])
            if described is None:
                return len(places), (), 0
            inside = next(
                (places[f.path] for f in book.fields if described.repeat and f.repeat == described.repeat), None
            )
            instance = tuple(int(n.partition("]")[0]) for n in item[0].split("[")[1:])
            own = places[described.path]
            return (own, (), 0) if inside is None else (inside, instance, own)

        return sorted(self.record.items(), key=key)

    def _title(self, book: Codebook, described: Field, path: str) -> str:
        words = [book.words(text, self.visit.lang) for text in described.sections if text]
        instances = [part.partition("]")[0] for part in path.split("[")[1:]]
        return " · ".join([word for word in words if word] + [f"#{'.'.join(instances)}"] * bool(instances))

    def _line(self, book: Codebook, described: Field, path: str, value: Scalar) -> Line:
        visit = self.visit
        line = Line(
            book.label(described, visit.lang, self.record),
            None,
            private=described.question.pii not in {None, "consent"},
        )
        line.was = self.was.get(path, [])
        if value is None or value == "":
            return line
        shown = book.shown(described, value, visit.lang)
        line.value = visit.house.words.shown(visit.lang, shown)
        if shown.kind == "file":  # several photos sent together are one answer
            known = [self.sent[id_] for id_ in str(value).removeprefix("voice:").split() if id_ in self.sent]
            line.files = [(sent.name, f"/staff/files/{sent.id}") for sent in known]
            if known:
                return line
        answer = self.answers.get(path)
        if answer is not None:
            line.raw = answer.raw if answer.raw.strip() not in {"", line.value, str(value)} else None
            line.certainty = answer.certainty if line.raw is not None or answer.certainty == "vague" else ""
        return line


async def _audited(visit: Visit, action: str, known: str) -> None:
    at, who = visit.house.clock(), visit.who.id

    async def put(tx: Tx) -> None:
        await audit.add(tx, at=at, actor=who, action=action, object=known)

    await visit.house.db.write(put)


def _day(text: str) -> str:
    """An ISO date, or "" for anything else."""
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _midnight(day: str, later: int = 0) -> int | None:
    """When that day (or so many days later) begins in Hanoi, in milliseconds since 1970."""
    if not day:
        return None
    date = dt.date.fromisoformat(day)
    try:
        begins = dt.datetime.combine(date + dt.timedelta(days=later), dt.time(), tzinfo=HANOI)
    except OverflowError:
        return None
    return int(begins.timestamp() * 1000)
