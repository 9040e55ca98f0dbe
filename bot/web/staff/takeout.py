"""Exports from the console, for administrators: a ZIP of the tables, or JSON Lines."""

import asyncio
import contextlib
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bot.exports import BadExport, Wanted, entries, noted, versions_of, write_export
from bot.i18n import LANGUAGES
from bot.web.pages import HEADERS
from bot.web.staff.guard import Console, Visit
from bot.web.staff.submissions import flows_told

EXPORTS: Final = "unfinished-exports"  # folder in the data folder
CHUNK: Final = 25  # submissions written in one go, about 5 ms: between two reads the bot answers others


def routes(console: Console) -> list[Route]:
    """The page, and the export itself."""
    return [
        Route("/staff/export", console.open_to("admin", show), methods=["GET"]),
        Route("/staff/export", console.open_to("admin", export), methods=["POST"]),
    ]


async def show(visit: Visit) -> Response:
    """What can be had."""
    return await _page(visit)


async def export(visit: Visit) -> Response:
    """Make the export and send it; that it was made stands in the audit log before a line of it is written."""
    fields = visit.fields
    flow, labels = fields.get("flow", ""), fields.get("labels", "")
    wanted = Wanted(
        format="jsonl" if fields.get("format") == "jsonl" else "csv",
        named=fields.get("named") == "1",
        labels=labels if labels in LANGUAGES else None,
        reason=fields.get("reason", "")[:300],
    )
    if not wanted.is_allowed:
        return await _page(visit, 400, flow=flow, error="staff.reason_missing")
    db = visit.house.db
    try:
        versions = await versions_of(db, flow)
    except BadExport:
        return await _page(visit, 400, error="staff.no_versions")
    await noted(db, flow, wanted, by=visit.who.id, at=visit.house.clock())
    folder = await asyncio.to_thread(_folder, visit.house.settings.data_dir)
    background = BackgroundTask(_swept, Path(folder))
    try:
        to = Path(folder) / f"{flow}.{wanted.format}"
        told = await write_export(entries(db, flow, chunk=CHUNK), versions, wanted, to)
        whole = to if wanted.format == "jsonl" else await asyncio.to_thread(_zipped, told.files)
    except BaseException:
        await background()
        raise
    headers = {**HEADERS, "Cache-Control": "no-store"}
    kind = "application/octet-stream"
    return FileResponse(whole, headers=headers, media_type=kind, filename=whole.name, background=background)


async def _page(visit: Visit, status: int = 200, *, flow: str = "", error: str = "") -> Response:
    flows = await visit.house.db.read(lambda tx: flows_told(visit, tx))
    told = visit.say(error) if error else ""
    return visit.page("export.html", visit.say("staff.export"), status, flows=flows, asked={"flow": flow}, error=told)


def _folder(data_dir: Path) -> str:
    """A folder for one export; what a process that died has left there is swept at the next start."""
    exports = data_dir / EXPORTS
    exports.mkdir(mode=0o700, exist_ok=True)
    return tempfile.mkdtemp(dir=exports)


def sweep(data_dir: Path) -> None:
    """Remove what exports have left that never came to their end: answers lie in it."""
    shutil.rmtree(data_dir / EXPORTS, ignore_errors=True)


def _zipped(files: list[Path]) -> Path:
    whole = files[0].with_suffix(".zip")
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as stream:
        for file in files:
            stream.write(file, file.name)
    return whole


async def _swept(folder: Path) -> None:
    """Leave nothing of an export behind."""
    await asyncio.to_thread(_sweep, folder)


def _sweep(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()
