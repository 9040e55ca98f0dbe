import asyncio
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters

from bot.app import House
from bot.config import read_settings
from bot.web import passwords
from bot.web.passwords import BadPassword, check_password
from bot.web.sessions import SignIn, TooManyTries, digest
from bot.web.staff.accounts import (
    AccountExists,
    BadLogin,
    create_account,
    disable,
    first_admin_link,
    new_link,
    set_password,
)
from bot.web.staff.guard import Console
from storage import audit, staff
from storage.db import Tx
from storage.tx import StorageUnavailable
from tests.bot.staff_desk import ORIGIN, Browser, Desk, desk, header_faults, settings

__all__ = ["desk", "settings"]  # fixtures of this file's tests

GOOD = "bốn mùa hoa sữa nở"


async def account(desk: Desk, login: str = "mai", role: str = "admin") -> str:
    return await create_account(desk.house.db, login, "Nguyễn Thị Mai", role, ORIGIN, desk.clock())


async def joined(desk: Desk, login: str = "mai", role: str = "admin") -> Browser:
    """Somebody who has used a one-time link."""
    path = (await account(desk, login, role)).removeprefix(ORIGIN)
    browser = desk.browser()
    await browser.opens(path)
    response = await browser.sends(path, password=GOOD, again=GOOD)
    assert response.status_code == 303
    return browser


async def enters(browser: Browser, login: str, password: str) -> int:
    await browser.opens("/staff/sign-in")
    return (await browser.sends("/staff/sign-in", login=login, password=password)).status_code


async def test_a_one_time_link_lets_its_owner_choose_a_password_and_come_in(desk: Desk) -> None:
    browser = await joined(desk)
    assert (await browser.opens("/staff/submissions")).status_code == 200
    assert "Nguyễn Thị Mai" in browser.words


async def test_a_one_time_link_works_once(desk: Desk) -> None:
    path = (await account(desk)).removeprefix(ORIGIN)
    first, second = desk.browser(), desk.browser()
    for browser in (first, second):
        assert (await browser.opens(path)).status_code == 200
    assert (await first.sends(path, password=GOOD, again=GOOD)).status_code == 303
    assert (await second.sends(path, password=GOOD + "!", again=GOOD + "!")).status_code == 404
    assert (await desk.browser().opens(path)).status_code == 404


async def test_a_one_time_link_is_good_for_half_an_hour(desk: Desk) -> None:
    path = (await account(desk)).removeprefix(ORIGIN)
    desk.clock.passes(30 * 60)
    assert (await desk.browser().opens(path)).status_code == 404


async def test_a_new_link_makes_the_old_one_void(desk: Desk) -> None:
    old = (await account(desk)).removeprefix(ORIGIN)
    member = await desk.house.db.read(lambda tx: staff.by_login(tx, "mai"))
    assert member is not None
    fresh = (await new_link(desk.house.db, member.id, ORIGIN, desk.clock(), by="test")).removeprefix(ORIGIN)
    assert (await desk.browser().opens(old)).status_code == 404
    assert (await desk.browser().opens(fresh)).status_code == 200


async def test_the_first_start_gives_a_link_for_a_day_and_later_ones_none(desk: Desk) -> None:
    link = await first_admin_link(desk.house.db, ORIGIN, desk.clock())
    assert link is not None
    desk.clock.passes(23 * 3600)
    path = link.removeprefix(ORIGIN)
    browser = desk.browser()
    await browser.opens(path)
    assert (await browser.sends(path, password=GOOD, again=GOOD)).status_code == 303
    assert await first_admin_link(desk.house.db, ORIGIN, desk.clock()) is None


async def test_a_start_without_an_administrator_gives_another_link_for_the_same_account(desk: Desk) -> None:
    first = await first_admin_link(desk.house.db, ORIGIN, desk.clock())
    second = await first_admin_link(desk.house.db, ORIGIN, desk.clock())
    assert first != second
    assert len(await desk.house.db.read(staff.listing)) == 1


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn quá", "short"),
        ("x" * 300, "short"),
        ("aaaaaaaaaaaaaaaaaa", "plain"),
        ("maimaimaimaimaimai", "plain"),
        ("12121212121212", "plain"),
    ],
)
def test_a_weak_password_is_refused(password: str, code: str) -> None:
    with pytest.raises(BadPassword) as refused:
        check_password(password, "mai")
    assert refused.value.code == code


async def test_a_weak_password_leaves_the_link_good(desk: Desk) -> None:
    path = (await account(desk)).removeprefix(ORIGIN)
    browser = desk.browser()
    await browser.opens(path)
    assert (await browser.sends(path, password="ngắn", again="ngắn")).status_code == 400
    assert "14" in browser.words
    assert (await browser.sends(path, password=GOOD, again=GOOD + "x")).status_code == 400
    assert (await browser.sends(path, password=GOOD, again=GOOD)).status_code == 303


async def test_a_password_typed_in_either_way_of_writing_vietnamese_is_the_same(desk: Desk) -> None:
    await joined(desk)
    other = unicodedata.normalize("NFD", GOOD)
    assert other != GOOD
    assert await enters(desk.browser(), "Mai ", other) == 303


async def test_an_unknown_login_is_answered_as_a_wrong_password_is(desk: Desk) -> None:
    await joined(desk)
    answers = []
    for login in ("mai", "nobody"):
        browser = desk.browser()
        status = await enters(browser, login, "wrong wrong wrong")
        answers.append((status, browser.words.replace(login, "…")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 403


async def test_an_unknown_login_costs_as_much_as_a_wrong_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await joined(desk)
    held: list[str] = []

    def verified(stored: str, password: str) -> bool:
        held.append(stored)
        return passwords.verified(stored, password)

    monkeypatch.setattr("bot.web.sessions.verified", verified)
    enter = SignIn(desk.house.db, desk.clock)
    for login in ("mai", "nobody"):
        assert await enter.enter(login, "wrong wrong wrong", "192.0.2.1") is None
    known, unknown = held  # one hash each, worked out with
    assert known != unknown
    assert extract_parameters(known) == extract_parameters(unknown)


def test_a_password_is_kept_as_rfc_9106_advises(dear_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", dear_hasher)
    kept = passwords.hashed(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.verified(kept, GOOD)
    assert not passwords.verified(kept, GOOD[:-1])


async def test_the_eleventh_try_within_a_quarter_of_an_hour_is_not_looked_at(desk: Desk) -> None:
    await joined(desk)
    browser = desk.browser()
    statuses = [await enters(browser, "mai", "wrong wrong wrong") for _ in range(10)]
    assert statuses == [403] * 10
    assert await enters(browser, "mai", GOOD) == 429
    assert await enters(desk.browser("192.0.2.77"), "mai", GOOD) == 303  # another address is not held up
    desk.clock.passes(15 * 60 + 1)
    assert await enters(browser, "mai", GOOD) == 303


async def test_wrong_tries_after_the_fifth_are_answered_late(desk: Desk) -> None:
    browser = desk.browser()
    for _ in range(8):
        await enters(browser, "mai", "wrong wrong wrong")
    assert desk.pauses == [1, 2, 4]


async def test_tries_made_at_the_same_moment_are_all_counted(desk: Desk) -> None:
    enter = SignIn(desk.house.db, desk.clock, pause=lambda _: asyncio.sleep(0))
    results = await asyncio.gather(
        *(enter.enter("mai", "wrong wrong wrong", "192.0.2.1") for _ in range(14)), return_exceptions=True
    )
    assert [type(r) for r in results].count(TooManyTries) == 4


async def test_nobody_gets_in_while_tries_cannot_be_counted(desk: Desk) -> None:
    await joined(desk)
    browser = desk.browser()
    await browser.opens("/staff/sign-in")

    async def out(work: object) -> None:
        raise StorageUnavailable

    desk.house.db.write = out  # type: ignore[method-assign, assignment]
    response = await browser.sends("/staff/sign-in", login="mai", password=GOOD)
    assert response.status_code == 503
    assert "khaosat-staff" not in browser.client.cookies


async def test_a_success_forgets_the_tries_before_it(desk: Desk) -> None:
    await joined(desk)
    for _ in range(3):
        browser = desk.browser()
        for _ in range(4):
            await enters(browser, "mai", "wrong wrong wrong")
        assert await enters(browser, "mai", GOOD) == 303


async def test_what_is_typed_into_the_login_field_is_not_kept(desk: Desk) -> None:
    await enters(desk.browser(), GOOD, GOOD)
    raw = b"".join(
        file.read_bytes() for file in desk.house.settings.data_dir.iterdir() if file.name.startswith("khaosat.sqlite")
    )
    assert GOOD.encode() not in raw


async def test_a_session_is_over_when_nothing_was_done_for_long(desk: Desk) -> None:
    browser = await desk.signed_in()
    idle = desk.house.settings.staff_idle_min * 60
    desk.clock.passes(idle - 1)
    assert (await browser.opens("/staff/submissions")).status_code == 200
    desk.clock.passes(idle - 1)
    assert (await browser.opens("/staff/submissions")).status_code == 200
    desk.clock.passes(idle + 1)
    assert (await browser.opens("/staff/submissions")).status_code == 303


async def test_a_session_ends_after_twelve_hours_whatever_was_done(desk: Desk) -> None:
    browser = await desk.signed_in()
    statuses = []
    for _ in range(25):
        desk.clock.passes(30 * 60)
        statuses.append((await browser.opens("/staff/submissions")).status_code)
    assert statuses == [200] * 23 + [303] * 2


async def test_a_token_is_worth_nothing_after_signing_out(desk: Desk) -> None:
    browser = await joined(desk)
    token = browser.client.cookies["khaosat-staff"]
    await browser.opens("/staff/submissions")
    assert (await browser.sends("/staff/sign-out")).status_code == 303
    again = desk.browser()
    again.client.cookies.set("khaosat-staff", token)
    assert (await again.opens("/staff/submissions")).status_code == 303


async def test_signing_in_gives_a_new_token_whatever_was_planted_before(desk: Desk) -> None:
    await joined(desk)
    browser = desk.browser()
    browser.client.cookies.set("khaosat-staff", "planted")
    assert await enters(browser, "mai", GOOD) == 303
    values = {cookie.value for cookie in browser.client.cookies.jar if cookie.name == "khaosat-staff"}
    fresh = (values - {"planted"}).pop()
    assert await desk.house.db.read(lambda tx: staff.session(tx, digest(str(fresh)), desk.clock())) is not None
    assert await desk.house.db.read(lambda tx: staff.session(tx, digest("planted"), desk.clock())) is None


async def test_a_new_password_ends_every_session(desk: Desk) -> None:
    browser = await joined(desk)
    member = await desk.house.db.read(lambda tx: staff.by_login(tx, "mai"))
    assert member is not None
    await set_password(desk.house.db, member.id, "năm mùa hoa sữa nở", desk.clock(), by="test")
    assert (await browser.opens("/staff/submissions")).status_code == 303
    assert await enters(desk.browser(), "mai", GOOD) == 403
    assert await enters(desk.browser(), "mai", "năm mùa hoa sữa nở") == 303


async def test_a_disabled_account_is_out_at_once(desk: Desk) -> None:
    browser = await joined(desk)
    member = await desk.house.db.read(lambda tx: staff.by_login(tx, "mai"))
    assert member is not None
    await disable(desk.house.db, member.id, desk.clock(), by="test")
    assert (await browser.opens("/staff/submissions")).status_code == 303
    assert await enters(desk.browser(), "mai", GOOD) == 403


async def test_a_login_is_taken_once_and_is_plain(desk: Desk) -> None:
    await account(desk)
    with pytest.raises(AccountExists):
        await account(desk)
    for login in ("", "Mai", "chị mai", "../x", "a" * 65):
        with pytest.raises(BadLogin):
            await account(desk, login)
    with pytest.raises(BadLogin):
        await account(desk, "lan", role="owner")


async def test_sign_ins_and_accounts_stand_in_the_audit_log(desk: Desk) -> None:
    await joined(desk)
    entries = await desk.house.db.read(lambda tx: audit.latest(tx, 10))
    assert [entry.action for entry in entries] == ["sign_in", "password", "account"]

    async def verified(tx: Tx) -> int | None:
        return await audit.verify(tx)

    assert await desk.house.db.read(verified) is None


async def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(desk: Desk) -> None:
    path = (await account(desk)).removeprefix(ORIGIN)
    browser = desk.browser()
    await browser.opens(path)
    response = await browser.sends(path, password=GOOD, again=GOOD)
    cookie = next(c for c in response.headers.get_list("set-cookie") if c.startswith("khaosat-staff="))
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {"httponly", "path=/", "samesite=strict"}


async def test_over_https_the_cookie_belongs_to_this_host_alone(house: House) -> None:
    house.settings = read_settings({}, base_url="https://khaosat.example.vn", signing_key="0123456789abcdef" * 2)
    made = Console(house)
    assert made.cookie.startswith("__Host-")
    assert made.is_https


async def test_a_link_from_another_site_comes_back_by_itself_with_the_cookie(desk: Desk) -> None:
    response = await desk.browser().opens("/staff/submissions/1", **{"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 200
    assert 'http-equiv="refresh"' in response.text
    assert "/staff/submissions/1" in response.text
    again = await desk.browser().opens("/staff/submissions/1", **{"Sec-Fetch-Site": "same-origin"})
    assert again.headers["location"] == "/staff/sign-in?next=/staff/submissions/1"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/staff//evil.example", "/other", "/staff\\evil"]
)
async def test_signing_in_never_leads_to_another_site(desk: Desk, wanted: str) -> None:
    await joined(desk)
    browser = desk.browser()
    await browser.opens("/staff/sign-in")
    response = await browser.sends("/staff/sign-in", login="mai", password=GOOD, next=wanted)
    assert response.headers["location"] == "/staff/submissions"


async def test_every_page_of_the_door_has_its_headers(desk: Desk) -> None:
    browser = desk.browser()
    for path in ("/staff/sign-in", "/staff/join/none"):
        assert header_faults(await browser.opens(path)) == []


async def test_the_console_speaks_the_language_that_was_chosen(desk: Desk) -> None:
    browser = desk.browser()
    await browser.opens("/staff/sign-in")
    assert "Đăng nhập" in browser.words
    await browser.sends("/staff/language", lang="en", next="/staff/sign-in")
    await browser.opens("/staff/sign-in")
    assert "Sign in" in browser.words
    assert 'lang="en"' in browser.here
