"""Who may open what: every route of the console, for everybody."""

import csv
import io
import json
import zipfile

import pytest
from starlette.routing import Route

from bot.web import staff as console
from storage import audit, staff
from tests.bot.staff_desk import ORIGIN, Desk, desk, settings
from tests.bot.test_summary import RECORD

__all__ = ["desk", "settings"]  # fixtures of this file's tests

# (method, path): status for a stranger, for staff, for an administrator. 303 is the way to the sign-in page.
MATRIX = {
    ("GET", "/staff"): (303, 303, 303),
    ("GET", "/staff/sign-in"): (200, 303, 303),
    ("POST", "/staff/sign-in"): (403, 403, 403),
    ("POST", "/staff/sign-out"): (303, 303, 303),
    ("GET", "/staff/join/{token}"): (404, 404, 404),
    ("POST", "/staff/join/{token}"): (404, 404, 404),
    ("POST", "/staff/language"): (400, 400, 400),
    ("GET", "/staff/submissions"): (303, 200, 200),
    ("GET", "/staff/submissions/{id}"): (303, 404, 404),
    ("POST", "/staff/submissions/{id}/amendments/{amendment}"): (303, 400, 400),
    ("GET", "/staff/files/{id}"): (303, 404, 404),
    ("GET", "/staff/consents"): (303, 200, 200),
    ("GET", "/staff/drafts"): (303, 200, 200),
    ("GET", "/staff/failures"): (303, 200, 200),
    ("GET", "/staff/dead"): (303, 200, 200),
    ("GET", "/staff/export"): (303, 403, 200),
    ("POST", "/staff/export"): (303, 403, 400),
    ("GET", "/staff/people"): (303, 403, 200),
    ("POST", "/staff/people"): (303, 403, 400),
    ("POST", "/staff/people/{id}/link"): (303, 403, 404),
    ("POST", "/staff/people/{id}/disable"): (303, 403, 404),
    ("GET", "/staff/{rest:path}"): (303, 404, 404),
}


def declared(routes: list[Route]) -> list[tuple[str, str]]:
    return [(method, route.path) for route in routes for method in sorted(route.methods or ()) if method != "HEAD"]


async def test_every_route_of_the_console_stands_in_the_table(desk: Desk) -> None:
    assert sorted(declared(console.routes(desk.house))) == sorted(MATRIX)


@pytest.mark.parametrize(("method", "path"), MATRIX)
async def test_each_may_open_what_the_table_says(desk: Desk, method: str, path: str) -> None:
    where = (
        path.replace("{id}", "none")
        .replace("{token}", "none")
        .replace("{amendment}", "none")
        .replace("{rest:path}", "none")
    )
    statuses = []
    for browser in (desk.browser(), await desk.signed_in("staff"), await desk.signed_in("admin")):
        await browser.opens("/staff/submissions")  # a page with the form's token on it
        if not browser.here:
            await browser.opens("/staff/sign-in")
        response = await (browser.opens(where) if method == "GET" else browser.sends(where))
        statuses.append(response.status_code)
        if response.status_code == 303 and browser.client.cookies.get("khaosat-staff") is None:
            assert response.headers["location"].startswith("/staff/sign-in")
    assert tuple(statuses) == MATRIX[method, path]


POSTS = [path for method, path in MATRIX if method == "POST"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://127.0.0.1.evil.example"},
    ],
)
async def test_a_form_from_another_site_is_refused(desk: Desk, path: str, headers: dict[str, str]) -> None:
    browser = await desk.signed_in("admin")
    await browser.opens("/staff/submissions")
    where = path.replace("{id}", "none").replace("{token}", "none")
    assert (await browser.sends(where, headers)).status_code == 403
    assert "chưa được gửi" in browser.words


@pytest.mark.parametrize("path", POSTS)
async def test_a_form_without_our_token_is_refused(desk: Desk, path: str) -> None:
    browser = await desk.signed_in("admin")
    where = path.replace("{id}", "none").replace("{token}", "none")
    for token in ("", "0" * 64, "ừ"):
        response = await browser.client.post(where, data={"csrf": token}, headers={"origin": ORIGIN})
        assert response.status_code == 403


async def test_another_sessions_token_is_refused(desk: Desk) -> None:
    mine, theirs = await desk.signed_in("admin"), await desk.signed_in("staff")
    await theirs.opens("/staff/submissions")
    mine.here = theirs.here
    assert (await mine.sends("/staff/people", name="Lan", login="lan", role="staff")).status_code == 403
    assert await desk.house.db.read(lambda tx: staff.by_login(tx, "lan")) is None


async def test_a_form_without_end_is_refused(desk: Desk) -> None:
    browser = desk.browser()
    await browser.opens("/staff/sign-in")
    assert (await browser.sends("/staff/sign-in", login="x" * 100_000)).status_code == 400


async def test_an_administrator_invites_somebody_with_a_link_shown_once(desk: Desk) -> None:
    browser = await desk.signed_in("admin")
    await browser.opens("/staff/people")
    assert (await browser.sends("/staff/people", name="Trần Lan", login="lan", role="staff")).status_code == 200
    path = browser.here.partition(f'value="{ORIGIN}')[2].partition('"')[0]
    assert path.startswith("/staff/join/")
    assert (await desk.browser().opens(path)).status_code == 200
    await browser.opens("/staff/people")
    assert path not in browser.here
    assert "Trần Lan" in browser.words


async def test_a_disabled_account_can_be_opened_again_with_a_new_link(desk: Desk) -> None:
    lan = await desk.member("lan", "staff")
    browser = await desk.signed_in("admin")
    await browser.opens("/staff/people")
    assert (await browser.sends(f"/staff/people/{lan.id}/disable")).status_code == 303
    await browser.opens("/staff/people")
    assert "Đã khóa" in browser.words
    await browser.sends(f"/staff/people/{lan.id}/link")
    assert "Đã khóa" not in browser.words


async def test_nobody_disables_themselves(desk: Desk) -> None:
    browser = await desk.signed_in("admin")
    me = await desk.member("admin", "admin")
    await browser.opens("/staff/people")
    assert (await browser.sends(f"/staff/people/{me.id}/disable")).status_code == 400
    assert (await browser.opens("/staff/people")).status_code == 200


async def test_an_export_is_a_zip_of_tables_that_name_nobody(desk: Desk) -> None:
    await desk.publish()
    await desk.submit(RECORD)
    browser = await desk.signed_in("admin")
    await browser.opens("/staff/export")
    response = await browser.sends("/staff/export", flow="needs", format="csv", labels="vi")
    assert response.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(response.content)) as whole:
        assert whole.namelist() == ["needs.csv", "needs.member.csv"]
        text = whole.read("needs.csv").decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["Phường?"] == "00166"
    assert "Trà Sen" not in text


async def test_an_export_with_names_needs_a_reason_and_stands_in_the_audit_log(desk: Desk) -> None:
    await desk.publish()
    await desk.submit(RECORD)
    browser = await desk.signed_in("admin")
    await browser.opens("/staff/export")
    assert (
        await browser.sends("/staff/export", flow="needs", format="jsonl", named="1", reason=" ")
    ).status_code == 400
    response = await browser.sends("/staff/export", flow="needs", format="jsonl", named="1", reason="Gọi lại")
    assert json.loads(response.content)["answers"] == RECORD
    [entry] = await desk.house.db.read(lambda tx: audit.latest(tx, 10))
    assert (entry.action, entry.object, json.loads(entry.detail)) == (
        "export",
        "needs",
        {"format": "jsonl", "named": True, "reason": "Gọi lại"},
    )


async def test_an_export_of_no_survey_says_so(desk: Desk) -> None:
    browser = await desk.signed_in("admin")
    await browser.opens("/staff/export")
    assert (await browser.sends("/staff/export", flow="../../etc/passwd", format="csv")).status_code == 400
    assert "chưa có phiên bản" in browser.words
