"""Registers: consents, deliveries that failed, updates that could not be processed; and how the system is."""

import contextlib
import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import Route

from bot.i18n import HANOI
from bot.web.staff.guard import Console, Visit
from storage import console as stored
from storage.consents import Consent
from storage.console import Health, Mark
from storage.tx import Row, Tx

PAGE: Final = 50
LATE_MS: Final = 60_000  # an update that waits longer than this is a sign of trouble


def routes(console: Console) -> list[Route]:
    """The pages of the registers."""
    return [
        Route("/staff/consents", console.open_to("staff", consented), methods=["GET"]),
        Route("/staff/drafts", console.open_to("staff", drafts), methods=["GET"]),
        Route("/staff/failures", console.open_to("staff", failures), methods=["GET"]),
        Route("/staff/dead", console.open_to("staff", dead), methods=["GET"]),
    ]


async def drafts(visit: Visit) -> Response:
    """Forms begun and not handed in: how far they came and when; never an answer, never whose. `?closed=1`: those given up on."""
    after, closed = _after(visit), visit.request.query_params.get("closed") == "1"

    async def read(tx: Tx) -> tuple[Sequence[Row], dict[tuple[str, str], str]]:
        rows = await stored.drafts(tx, closed=closed, after=after, limit=PAGE + 1)
        titles: dict[tuple[str, str], str] = {}
        for name, version in {(row["flow"], row["version"]) for row in rows}:
            with contextlib.suppress(LookupError):
                machine = await visit.house.library.machine(tx, name, version)
                titles[name, version] = machine.words(machine.flow.title, visit.lang)
        return rows, titles

    rows, titles = await visit.house.db.read(read)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    here = "/staff/drafts?closed=1" if closed else "/staff/drafts"
    told = [
        [
            titles.get((row["flow"], row["version"]), row["flow"]),
            row["channel"],
            visit.say(f"staff.draft.{row['status']}"),
            visit.house.words.number(visit.lang, row["answers"]),
            visit.moment(row["started_at"]) if row["started_at"] else "",  # rows of early versions do not know it
            visit.moment(row["touched_at"]),
        ]
        for row in rows[:PAGE]
    ]
    names = ("survey", "channel", "head.state", "head.answers", "head.begun", "head.touched")
    return visit.page(
        "drafts.html",
        visit.say("staff.drafts"),
        closed=closed,
        heads=[visit.say(f"staff.{name}") for name in names],
        rows=told,
        newest=here if after is not None else "",
        older=f"{here}{'&' if closed else '?'}after={last['touched_at']}.{last['id']}" if last is not None else "",
    )


def _after(visit: Visit) -> Mark | None:
    at, _, known = visit.request.query_params.get("after", "").partition(".")
    return Mark(int(at), known) if known and at.isdecimal() and len(at) <= 15 else None


async def consented(visit: Visit) -> Response:
    """The register of consents, newest first."""
    after = _after(visit)
    found = await visit.house.db.read(lambda tx: stored.consented(tx, after=after, limit=PAGE + 1))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return visit.page(
        "consents.html",
        visit.say("staff.consents"),
        consents=[consent_told(visit, one) for one in found[:PAGE]],
        newest="/staff/consents" if after is not None else "",
        older=f"/staff/consents?after={last.at}.{last.id}" if last is not None else "",
    )


async def failures(visit: Visit) -> Response:
    """Messages that no channel took: what, to which kind of chat, why and when; never their words, never whose."""
    rows = await visit.house.db.read(lambda tx: stored.undelivered(tx, before=_before(visit), limit=PAGE + 1))
    told = [
        [_what(visit, row), _whom(visit, row), row["error"], visit.moment(row["sent_at"] or row["created_at"])]
        for row in rows[:PAGE]
    ]
    heads = [visit.say(f"staff.head.{name}") for name in ("what", "to", "error", "when")]
    return await _troubles(visit, "failures", heads, told, rows)


async def dead(visit: Visit) -> Response:
    """Updates given up."""
    rows = await visit.house.db.read(lambda tx: stored.dead_letters(tx, before=_before(visit), limit=PAGE + 1))
    told = [
        [str(row["id"]), row["channel"], str(row["tries"]), row["error"], visit.moment(row["at"])]
        for row in rows[:PAGE]
    ]
    heads = [visit.say(f"staff.{name}") for name in ("head.id", "channel", "head.tries", "head.error", "head.when")]
    return await _troubles(visit, "dead", heads, told, rows)


def consent_told(visit: Visit, consent: Consent) -> dict[str, Any]:
    """One piece of evidence."""
    return {
        "purpose": consent.purpose,
        "given": consent.given,
        "text_shown": consent.text_shown,
        "button": consent.button,
        "lang": consent.lang,
        "channel": consent.channel,
        "sha": consent.notice_sha256,
        "when": visit.moment(consent.at),
        "iso": dt.datetime.fromtimestamp(consent.at / 1000, tz=HANOI).isoformat(timespec="seconds"),
    }


def health_told(visit: Visit, health: Health) -> dict[str, Any]:
    """How the system is, in words and numbers."""
    oldest = health.oldest_undone_at
    waits_ms = 0 if oldest is None else max(0, visit.house.clock() - oldest)
    return {
        "oldest": visit.say("staff.nothing_waits") if oldest is None else _span(visit, waits_ms),
        "is_late": waits_ms > LATE_MS,
        "waiting": visit.house.words.number(visit.lang, health.waiting),
        "failed": health.failed,
        "dead": health.dead,
        "alarms": [
            visit.say(f"alarm.{code}", free_mb=visit.house.words.number(visit.lang, count))
            for code, count in visit.house.alarms.items()
        ],
        "telegram": visit.say(f"staff.telegram_{trouble}") if (trouble := visit.house.telegram_trouble) else "",
    }


def _span(visit: Visit, ms: int) -> str:
    """How long that is, in the largest unit that fits."""
    seconds = ms // 1000
    if seconds < 120:
        return visit.say("staff.seconds", seconds)
    if seconds < 7200:
        return visit.say("staff.minutes", seconds // 60)
    return visit.say("staff.hours", seconds // 3600)


def _before(visit: Visit) -> int:
    text = visit.request.query_params.get("before", "")
    return int(text) if text.isdecimal() and len(text) <= 18 else stored.LATEST


async def _troubles(visit: Visit, name: str, heads: list[str], told: list[list[str]], rows: Any) -> Response:
    health = await visit.house.db.read(stored.health)
    more = len(rows) > PAGE
    return visit.page(
        "troubles.html",
        visit.say(f"staff.{name}"),
        about=visit.say(f"staff.{name}_about"),
        empty=visit.say(f"staff.no_{name}"),
        heads=heads,
        rows=told,
        health=health_told(visit, health),
        newest=f"/staff/{name}" if "before" in visit.request.query_params else "",
        older=f"/staff/{name}?before={rows[PAGE - 1]['id']}" if more else "",
    )


def _what(visit: Visit, row: Row) -> str:
    """What was to be sent, by its key: a notice, a digest, a change to a card, or a message of a talk."""
    kind = row["key"].partition(":")[0]
    if kind not in {"notice", "digest"}:
        kind = "edit" if row["edit"] else "message"
    return visit.say(f"staff.what.{kind}")


def _whom(visit: Visit, row: Row) -> str:
    """To which kind of chat: groups have negative ids on Telegram."""
    kind = "group" if row["chat"].startswith("-") else "person"
    if row["key"].startswith(("notice:", "digest:")):
        kind = "staff"
    return visit.say(f"staff.to.{kind}", channel=row["channel"])
