"""A desk in the staff console for tests: submissions put there, people signed in, pages asked for and read."""

import html
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.app import House
from bot.config import Settings, read_settings
from bot.web import staff as console
from bot.web.sessions import SignIn, digest
from flows.machine import compile
from flows.model import Flow
from flows.session import Answer, Scalar, Session, Status
from storage import consents, files, people, sessions, staff, submissions
from storage.db import Tx
from storage.ids import new_id
from storage.outbox import Message
from storage.submissions import Submission
from tests.bot.conftest import Clock
from tests.bot.staff_forms import form

ORIGIN = "http://127.0.0.1"


@dataclass
class Desk:
    """The console of one house, over HTTP and without a network."""

    house: House
    clock: Clock
    pauses: list[float] = field(default_factory=list)  # what wrong passwords had to wait, in seconds

    def __post_init__(self) -> None:
        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)

        sign_in = SignIn(self.house.db, self.clock, idle_min=self.house.settings.staff_idle_min, pause=pause)
        self.app = Starlette(routes=[*console.routes(self.house, sign_in)])

    def browser(self, ip: str = "192.0.2.1") -> "Browser":
        """A browser without cookies."""
        transport = httpx.ASGITransport(app=self.app, client=(ip, 1))
        return Browser(httpx.AsyncClient(transport=transport, base_url=ORIGIN))

    async def signed_in(self, role: str = "staff") -> "Browser":
        """A browser in which somebody of that role has signed in."""
        member = await self.member(role, role)
        token, now = secrets.token_urlsafe(16), self.clock()

        async def put(tx: Tx) -> None:
            await staff.open_session(tx, digest(token), member.id, now, now + 12 * 3_600_000)

        await self.house.db.write(put)
        browser = self.browser()
        browser.client.cookies.set("khaosat-staff", token)
        return browser

    async def member(self, login: str, role: str) -> staff.Member:
        """Somebody of the staff; the same one when asked for again."""
        member = staff.Member(
            id=new_id(), login=login, name=f"Chị {login}", roles=frozenset({role}), created_at=self.clock()
        )

        async def put(tx: Tx) -> staff.Member:
            await staff.add(tx, member)
            found = await staff.by_login(tx, login)
            assert found is not None
            return found

        return await self.house.db.write(put)

    async def publish(self, flow: Flow | None = None) -> Flow:
        """The little form, unless another is given."""
        flow = flow or form()
        await self.house.library.publish(self.house.db, [flow], self.clock())
        await self.house.library.load(self.house.db)
        return flow

    async def submit(
        self,
        record: Mapping[str, Scalar],
        *,
        raws: Mapping[str, str] | None = None,
        flow: Flow | None = None,
        sent: Mapping[str, str] | None = None,
        changed: Mapping[str, str] | None = None,
    ) -> tuple[Submission, list[Message]]:
        """A submission of that record, with the notices it led to.

        `raws`: what was written, by path; `sent`: names of files by id; `changed`: what was written first, by path.
        """
        flow = flow or form()
        now, chat = self.clock(), new_id()

        def answered(raw: str, value: Scalar) -> Answer:
            return Answer(raw, value, "confirmed" if raw != str(value) else "sure", now, now)

        answers = {path: answered((raws or {}).get(path, str(value)), value) for path, value in record.items()}
        before = Session(new_id(), flow.name, flow.version, "vi", 1, status=Status.ASKING, started_at=now)
        early = {path: answered(raw, raw) for path, raw in (changed or {}).items()}
        after = Session(
            before.id,
            flow.name,
            flow.version,
            "vi",
            1,
            status=Status.SUBMITTED,
            answers=answers,
            revision=2,
            started_at=now,
        )
        machine = compile(flow)

        async def put(tx: Tx) -> tuple[Submission, list[Message]]:
            person = await people.arrive(tx, "web", "web", chat, lang="vi", at=now)
            first = Session(
                before.id, flow.name, flow.version, "vi", 1, status=Status.ASKING, answers=early, started_at=now
            )
            await sessions.create(tx, first, channel="web", bot="web", chat=chat, person=person.id, at=now)
            await sessions.save(tx, first, after, now)
            for known, name in (sent or {}).items():
                file = files.File(
                    id=known, session=before.id, name=name, mime="text/html", size=1, sha256="", stored_as=known, at=now
                )
                await files.add(tx, file)
            await consents.add(
                tx,
                consents.Consent(
                    id=new_id(), session=before.id, person=person.id, purpose="consent", given=True, notice_sha256="ab" * 32,
                    text_shown="Anh/chị có đồng ý không?", lang="vi", channel="web", message="1", button="Tôi đồng ý", at=now,
                    action="give",
                ),
            )  # fmt: skip
            submission = Submission(
                id=new_id(now), session=before.id, flow=flow.name, version=flow.version, person=person.id, lang="vi",
                channel="web", submitted_at=now, record=json.dumps(record, ensure_ascii=False), summary="{}",
            )  # fmt: skip
            stored = await submissions.add(tx, submission)
            return stored, await self.house.notifier.notify(tx, stored, machine, now)

        return await self.house.db.write(put)


@dataclass
class Browser:
    """A browser that follows nothing by itself."""

    client: httpx.AsyncClient
    here: str = ""  # the text of the last page

    async def opens(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page."""
        return self._seen(await self.client.get(path, headers=headers))

    async def sends(self, path: str, headers: Mapping[str, str] | None = None, **fields: str) -> httpx.Response:
        """Send the form that stands on the last page, with its token and these fields."""
        found = re.search(r'name="csrf" value="(\w+)"', self.here)
        data = ({"csrf": found[1]} if found else {}) | fields
        return self._seen(await self.client.post(path, data=data, headers={"origin": ORIGIN} | dict(headers or {})))

    @property
    def words(self) -> str:
        """The last page without its tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.here)).split())

    def _seen(self, response: httpx.Response) -> httpx.Response:
        if response.headers.get("content-type", "").startswith("text/html"):
            self.here = response.text
        return response


def header_faults(response: httpx.Response) -> list[str]:
    """What is missing of the headers every page of the console has."""
    wanted: dict[str, Any] = {
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
    }
    faults = [name for name, value in wanted.items() if response.headers.get(name) != value]
    policy = response.headers.get("content-security-policy", "")
    return faults + [
        part for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'") if part not in policy
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a house without the sample flows, which take a second to read; with a staff chat."""
    return read_settings(
        {},
        data_dir=tmp_path / "data",
        port=0,
        free_min_mb=0,
        signing_key="0123456789abcdef" * 2,
        samples=False,
        telegram_token="1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        telegram_staff_chat="-1001",
        base_url=ORIGIN,
    )


@pytest.fixture
def desk(house: House, clock: Clock) -> Desk:
    """The console of that house."""
    return Desk(house, clock)
