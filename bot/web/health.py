"""Is it well: `/healthz` for people and watchdogs, `/metrics` for Prometheus."""

from collections.abc import Callable, Mapping
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storage import console
from storage.db import Database, StorageUnavailable

STUCK_S = 120  # an update older than this and not processed: something is deaf

_OLDEST = Gauge("khaosat_oldest_unprocessed_seconds", "Age of the oldest update that nobody has processed")
_WAITING = Gauge("khaosat_outbox_waiting", "Messages waiting to be sent")
_FAILED = Gauge("khaosat_outbox_failed", "Messages given up")
_DEAD = Gauge("khaosat_inbox_dead", "Updates buried after three tries")


class HealthHouse(Protocol):
    """What these pages need."""

    @property
    def db(self) -> Database: ...  # noqa: D102

    @property
    def clock(self) -> Callable[[], int]: ...  # noqa: D102

    @property
    def telegram_trouble(self) -> str: ...  # noqa: D102

    @property
    def alarms(self) -> Mapping[str, int]: ...  # noqa: D102


async def health(house: HealthHouse) -> dict[str, int | float | str | list[str]]:
    """How far behind we are.

    `status` is "ok"; "storage_unavailable" when nothing can be written; "stuck" when an update has waited for STUCK_S;
    else "telegram_" and what is wrong with the line. `alarms`: what else staff are told of, such as a disk that runs full.
    """
    found = await house.db.read(console.health)
    oldest, waiting, failed, dead = found
    age_s = max(0, house.clock() - oldest) / 1000 if oldest is not None else 0.0
    _OLDEST.set(age_s)
    _WAITING.set(waiting)
    _FAILED.set(failed)
    _DEAD.set(dead)
    trouble = house.telegram_trouble
    status = "stuck" if age_s > STUCK_S else f"telegram_{trouble}" if trouble else "ok"
    if "storage" in house.alarms:
        status = "storage_unavailable"
    return {
        "status": status,
        "oldest_unprocessed_s": round(age_s, 1),
        "outbox_waiting": waiting,
        "outbox_failed": failed,
        "inbox_dead": dead,
        "alarms": list(house.alarms),
    }


def routes(house: HealthHouse) -> list[Route]:
    """The two pages. Neither tells anything about a person."""

    async def healthz(_: Request) -> Response:
        try:
            found = await health(house)
        except StorageUnavailable:
            return JSONResponse({"status": "storage_unavailable"}, status_code=503)
        return JSONResponse(found, status_code=200 if found["status"] == "ok" else 503)

    async def metrics(_: Request) -> Response:
        try:
            await health(house)
        except StorageUnavailable:
            return Response(status_code=503)
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/metrics", metrics)]
