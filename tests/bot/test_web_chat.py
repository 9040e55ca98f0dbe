"""The web chat's routes over real HTTP, and what its pages are made of."""

import asyncio
import contextlib
import gc
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from bot.i18n import LANGUAGES, read_catalogues, words
from bot.web import pages
from bot.web.bell import Bell
from bot.web.chat.desk import LINK_DAYS
from bot.web.chat.stream import STREAMS_MAX
from bot.web.chat.talk import BODY_MAX
from bot.web.chat.words import HOLES, SCRIPT_WORDS, first_words
from bot.web.limits import Buckets
from bot.web.uploads import TooLarge, media_of, mime_of, read_upload
from flows.session import View
from storage import outbox, web_links
from storage.tx import Tx
from tests.browser.house import FLOWS, Served, options

WEB = Path(pages.__file__).parent
KEY = "0123456789abcdef"


def talk(lang: str) -> Sequence[View]:
    return [
        View(
            kind="question",
            lang=lang,
            path="q0",
            type="select_one",
            text="Giai đoạn nào?",
            options=options("Ý tưởng", "Sản phẩm"),
        ),
        View(kind="question", lang=lang, path="q1", type="text", text="Tên?"),
    ]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("chat"), talk, FLOWS) as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, headers={"Accept-Language": "vi"}, trust_env=False) as client:
        yield client


@pytest.fixture
def link(client: httpx.Client) -> str:
    """The path of a new talk."""
    return client.post("/start", data={"flow": "support_needs", "lang": "vi"}).headers["location"]


def rows(client: httpx.Client, path: str, **headers: str) -> list[dict[str, object]]:
    """What the stream tells until it has told everything there is."""
    found: list[dict[str, object]] = []
    with client.stream("GET", path, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        event = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: ") and event == "row":
                found.append(json.loads(line.removeprefix("data: ")))
            elif event == "ready":
                break
    return found


def post(client: httpx.Client, link: str, **event: object) -> httpx.Response:
    return client.post(f"{link}/events", json={"key": KEY, **event})


# Links.


def test_a_link_is_made_and_only_its_hash_is_kept(client: httpx.Client, served: Served) -> None:
    answer = client.post("/start", data={"flow": "support_needs", "lang": "en"})
    token = answer.headers["location"].removeprefix("/c/")
    assert answer.status_code == 303
    assert len(token) >= 22  # 128 bits in base 64
    database = served._folder / "chat.sqlite"
    kept = b"".join(path.read_bytes() for path in database.parent.glob("chat.sqlite*"))
    assert token.encode() not in kept
    assert web_links.hash_of(token).encode() in kept


def test_the_survey_is_opened_by_an_update_like_any_other(client: httpx.Client, served: Served) -> None:
    client.post("/start", data={"flow": "rating", "lang": "en"})
    opened = served.house.taken[-1]
    assert json.loads(opened.body) == {"type": "open", "flow": "rating", "lang": "en"}
    assert (opened.channel, opened.bot) == ("web", "web")


def test_two_links_are_two_talks(client: httpx.Client, served: Served) -> None:
    for _ in range(2):
        client.post("/start", data={"flow": "rating", "lang": "vi"})
    one, other = served.house.taken[-2:]
    assert one.chat != other.chat


@pytest.mark.parametrize("path", ["/c/{}", "/c/{}/stream"])
def test_a_wrong_link_opens_nothing(client: httpx.Client, path: str) -> None:
    answer = client.get(path.format("x" * 32))
    assert answer.status_code == 404
    assert "hết hạn" in answer.text


def test_a_link_is_forgotten_when_nobody_has_come_for_a_month(tmp_path: Path) -> None:
    with Served(tmp_path, talk, FLOWS) as served, httpx.Client(base_url=served.url, trust_env=False) as client:
        house, began = served.house, served.house.clock()
        link = client.post("/start", data={"flow": "rating", "lang": "vi"}).headers["location"]
        day = 24 * 60 * 60 * 1000
        house.stands_at = began + 20 * day
        assert client.get(link).status_code == 200
        house.stands_at = began + (20 + LINK_DAYS - 1) * day
        assert client.get(link).status_code == 200  # the visit on day 20 counted
        house.stands_at = began + (20 + LINK_DAYS - 1 + LINK_DAYS + 1) * day
        assert client.get(link).status_code == 404


def test_whoever_guesses_links_has_to_wait(tmp_path: Path) -> None:
    with Served(tmp_path, talk, FLOWS) as served, httpx.Client(base_url=served.url, trust_env=False) as client:
        answers = [client.get(f"/c/{n:032}/stream") for n in range(30)]
        assert [a.status_code for a in answers[:20]] == [404] * 20
        assert {a.status_code for a in answers[20:]} == {429}
        assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("headers", "data", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, {"flow": "rating"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, {"flow": "rating"}, 303),
        ({}, {"flow": "no_such_survey"}, 404),
        ({}, {"lang": "vi"}, 404),
        ({"Content-Type": "text/plain"}, {"flow": "rating"}, 400),
        ({}, {"flow": "x" * 5000}, 413),
    ],
)
def test_a_survey_is_begun_from_our_own_page_only(
    client: httpx.Client, headers: dict[str, str], data: dict[str, str], status: int
) -> None:
    assert client.post("/start", data=data, headers=headers).status_code == status


# In.


def test_an_event_is_acknowledged_once_it_is_kept(client: httpx.Client, served: Served, link: str) -> None:
    assert post(client, link, type="typed", text="Ý tưởng").status_code == 200
    assert json.loads(served.house.taken[-1].body)["text"] == "Ý tưởng"


def test_the_same_event_twice_is_one(client: httpx.Client, served: Served, link: str) -> None:
    before = len(served.house.taken)
    for _ in range(2):
        assert post(client, link, type="typed", text="Ý tưởng").status_code == 200
    assert len(served.house.taken) == before + 1


def test_keys_of_one_talk_do_not_shadow_those_of_another(client: httpx.Client, served: Served, link: str) -> None:
    other = client.post("/start", data={"flow": "rating", "lang": "vi"}).headers["location"]
    before = len(served.house.taken)
    post(client, link, type="typed", text="a")
    post(client, other, type="typed", text="b")
    assert len({update.key for update in served.house.taken[before:]}) == 2


def test_what_cannot_be_kept_is_not_acknowledged(client: httpx.Client, served: Served, link: str) -> None:
    served.house.down = True
    try:
        answer = post(client, link, type="typed", text="a")
        begun = client.post("/start", data={"flow": "rating", "lang": "vi"})
    finally:
        served.house.down = False
    assert (answer.status_code, begun.status_code) == (503, 503)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:khaosat:unavailable"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 60_000,
        json.dumps({"type": "typed", "text": "no key"}).encode(),
        json.dumps({"type": "typed", "key": "short"}).encode(),
        json.dumps({"type": "typed", "key": "a key with blanks"}).encode(),
        json.dumps({"type": "sent", "key": KEY, "media": "file", "file": "another-ones"}).encode(),
        json.dumps({"type": "unheard-of", "key": KEY}).encode(),
    ],
)
def test_what_no_page_sends_is_refused(client: httpx.Client, served: Served, link: str, body: bytes) -> None:
    before = len(served.house.taken)
    assert client.post(f"{link}/events", content=body).status_code == 400
    assert len(served.house.taken) == before


def test_an_event_has_a_size(client: httpx.Client, link: str) -> None:
    assert post(client, link, type="typed", text="x" * BODY_MAX).status_code == 413


def test_a_flood_is_slowed_down_and_nobody_else_is(client: httpx.Client, served: Served, link: str) -> None:
    other = client.post("/start", data={"flow": "rating", "lang": "vi"}).headers["location"]

    def flood(n: int) -> int:
        return client.post(f"{link}/events", json={"key": f"{n:016}", "type": "spoke", "lang": "vi"}).status_code

    served.house.stands_at = served.house.clock()
    try:
        answers = [flood(n) for n in range(45)]
        assert (answers[0], answers[-1]) == (200, 429)
        assert post(client, other, type="typed", text="a").status_code == 200
        served.house.stands_at += 60_000
        assert flood(99) == 200
    finally:
        served.house.stands_at = None


# Files.


def send(client: httpx.Client, link: str, content: bytes, name: str = "a.pdf", **fields: str) -> httpx.Response:
    return client.post(f"{link}/files", files={"file": (name, content, "text/html")}, data={"key": KEY, **fields})


def test_a_file_is_kept_under_a_name_of_ours_and_told_by_its_content(
    client: httpx.Client, served: Served, link: str
) -> None:
    answer = send(client, link, b"%PDF-1.7 abc", "../../ke hoach.html", card="s1:3")
    assert answer.status_code == 200
    body = json.loads(served.house.taken[-1].body)
    assert (body["type"], body["media"], body["mime"], body["name"], body["card"]) == (
        "sent",
        "file",
        "application/pdf",
        "ke hoach.html",
        "s1:3",
    )
    kept = served.house.files.path(body["file"])
    assert kept.read_bytes() == b"%PDF-1.7 abc"
    assert kept.is_relative_to(served._folder / "files")


def test_no_route_gives_a_file_back(client: httpx.Client, link: str) -> None:
    file = send(client, link, b"%PDF-1.7 abc").json()["file"]
    assert client.get(f"{link}/files").status_code == 405
    assert client.get(f"{link}/files/{file}").status_code == 404


def test_a_file_too_large_is_refused(client: httpx.Client, served: Served, link: str) -> None:
    limit = served.house.settings.upload_max_mb * 1024 * 1024
    assert send(client, link, b"%PDF-" + b"x" * limit).status_code == 413


async def test_a_body_without_a_length_is_read_no_further_than_the_limit() -> None:
    read = 0

    async def receive() -> Message:
        nonlocal read
        first = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' if not read else b""
        read += 100_000
        return {"type": "http.request", "body": first + b"x" * 100_000, "more_body": read < 20_000_000}

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(TooLarge):
        await read_upload(request, max_bytes=3_000_000)
    assert read < 3_200_000
    gc.collect()  # a temporary file left open would be a warning here, and so a failure


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"key": KEY}},
        {"content": b"abc", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
        {"content": b"abc"},
    ],
)
def test_a_form_without_a_file_is_refused(client: httpx.Client, link: str, body: dict[str, object]) -> None:
    assert client.post(f"{link}/files", **body).status_code == 400  # type: ignore[arg-type]


def test_an_empty_file_is_refused(client: httpx.Client, link: str) -> None:
    assert send(client, link, b"").status_code == 400


CONTENTS = {
    "a photo": (b"\xff\xd8\xff\xe0abc", "a.txt", "image/jpeg"),
    "a document": (b"%PDF-1.4", "x", "application/pdf"),
    "a workbook": (b"PK\x03\x04abc", "a.XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "an archive that is called a photo": (b"PK\x03\x04abc", "a.jpg", "application/zip"),
    "a page is only text": (b"<html><script>alert(1)</script>", "a.html", "text/plain"),
    "a drawing is only text": (b"<svg onload=alert(1)>", "a.svg", "text/plain"),
    "a sound": (b"OggS\x00\x02", "a.ogg", "audio/ogg"),
    "a film": (b"\x00\x00\x00\x20ftypisom", "a.mp4", "video/mp4"),
    "a sound in a film's box": (b"\x00\x00\x00\x20ftypM4A ", "a.m4a", "audio/mp4"),
    "letters cut in the middle": ("ế".encode() * 5000, "a.txt", "text/plain"),
    "anything else": (bytes(range(256)), "a.pdf", "application/octet-stream"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_content_is_told_apart(name: str) -> None:
    content, called, mime = CONTENTS[name]
    assert mime_of(content, called) == mime


@given(st.binary(min_size=1, max_size=200), st.text(max_size=30))
def test_no_content_is_ever_html_or_svg(content: bytes, name: str) -> None:
    assert mime_of(content, name) not in {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"}


def test_a_voice_recorded_by_a_browser_is_a_sound() -> None:
    assert media_of("video/webm", "audio") == "audio"
    assert media_of("video/webm", "video") == "video"
    assert media_of("application/pdf", "audio") == "file"


# Out.


def test_the_stream_tells_the_whole_talk_in_order(client: httpx.Client, link: str) -> None:
    told = rows(client, f"{link}/stream")
    ids = [int(str(row["id"])) for row in told]
    assert [row["method"] for row in told] == ["card", "card"]
    assert ids == sorted(ids)


def test_the_stream_goes_on_where_the_page_stands(client: httpx.Client, link: str) -> None:
    first, second = rows(client, f"{link}/stream")
    assert rows(client, f"{link}/stream?after={first['id']}") == [second]
    assert rows(client, f"{link}/stream", **{"Last-Event-ID": str(first["id"])}) == [second]
    assert rows(client, f"{link}/stream?after=nonsense") == [first, second]


def test_no_talk_hears_of_another(client: httpx.Client, link: str) -> None:
    other = client.post("/start", data={"flow": "rating", "lang": "vi"}).headers["location"]
    post(client, other, type="typed", text="bí mật")
    assert "bí mật" not in json.dumps(rows(client, f"{link}/stream"), ensure_ascii=False)


def test_news_reaches_an_open_page_at_once(client: httpx.Client, served: Served, link: str) -> None:
    heard: list[str] = []

    def listen() -> None:
        with httpx.Client(base_url=served.url, trust_env=False) as ear, ear.stream("GET", f"{link}/stream") as response:
            for line in response.iter_lines():
                heard.append(line)
                if "Tên?" in line:
                    return

    thread = threading.Thread(target=listen)
    thread.start()
    wait_for(lambda: "event: ready" in heard)
    began = time.monotonic()
    post(client, link, type="tapped", op="pick", arg="o0")
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - began < 2


def test_rows_that_were_told_are_marked_as_sent(client: httpx.Client, served: Served, link: str) -> None:
    rows(client, f"{link}/stream")
    chat = served.house.taken[-1].chat

    async def states(tx: Tx) -> list[str]:
        return [row.state for row in await outbox.transcript(tx, "web", "web", chat)]

    def now() -> list[str]:
        return asyncio.run_coroutine_threadsafe(served.house.db.read(states), served.loop).result()

    wait_for(lambda: now() == ["sent", "sent"])


def test_a_talk_has_so_many_open_pages_at_most(client: httpx.Client, served: Served, link: str) -> None:
    with contextlib.ExitStack() as stack:
        open_pages = [
            stack.enter_context(client.stream("GET", f"{link}/stream")).iter_lines() for _ in range(STREAMS_MAX)
        ]
        for lines in open_pages:
            assert "event: ready" in lines
        assert client.get(f"{link}/stream").status_code == 429
    chat = served.house.taken[-1].chat
    wait_for(lambda: served.house.bell.listeners(chat) == 0)
    assert rows(client, f"{link}/stream")


def test_streams_end_at_once_when_the_house_stops(tmp_path: Path) -> None:
    with httpx.Client(trust_env=False) as client, contextlib.ExitStack() as stack:
        with Served(tmp_path, talk, FLOWS) as served:
            link = client.post(f"{served.url}/start", data={"flow": "rating", "lang": "vi"}).headers["location"]
            open_pages: list[Iterator[str]] = []
            for _ in range(3):
                open_pages.append(stack.enter_context(client.stream("GET", f"{served.url}{link}/stream")).iter_lines())
                assert "event: ready" in open_pages[-1]
        assert served.stop_s < 1


def wait_for(holds: object, within_s: float = 5.0) -> None:
    until = time.monotonic() + within_s
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.01)


# The bell.


async def test_a_bell_wakes_those_who_listen_to_that_chat() -> None:
    bell = Bell()
    one, other = asyncio.create_task(bell.wait("a", 5)), asyncio.create_task(bell.wait("b", 0.05))
    await asyncio.sleep(0)
    bell.ring("a")
    assert await one is True
    assert await other is False


async def test_a_ring_between_two_waits_is_not_lost() -> None:
    bell = Bell()
    with bell.listening("a") as ear:
        bell.ring("a")
        assert await ear.wait(1) is True
        assert await ear.wait(0.01) is False
    assert bell.listeners("a") == 0


async def test_everybody_is_woken_at_the_end() -> None:
    bell = Bell()
    waits = [asyncio.create_task(bell.wait(chat, 5)) for chat in "abc"]
    await asyncio.sleep(0)
    bell.ring_all()
    assert await asyncio.gather(*waits) == [True, True, True]


# Limits.


def test_a_bucket_fills_again_with_time() -> None:
    now = 0
    buckets = Buckets(burst=2, per_minute=60, clock=lambda: now)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    assert buckets.take("b") == 0
    now += 1000
    assert [buckets.take("a") for _ in range(2)] == [0, 1]


# Pages.


def test_pages_keep_to_themselves(client: httpx.Client, link: str) -> None:
    for path in ("/", link, "/c/nobody", "/static/chat.js", "/static/vendor/pico.min.css"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_page_of_a_talk_is_not_kept_by_caches(client: httpx.Client, link: str) -> None:
    assert client.get(link).headers["cache-control"] == "no-store"


def test_the_first_page_shows_open_surveys_in_the_readers_language(client: httpx.Client) -> None:
    assert "Khảo sát nhu cầu hỗ trợ doanh nghiệp" in client.get("/").text
    english = client.get("/", headers={"Accept-Language": "fr, en-GB;q=0.8"}).text
    assert "Support-needs survey" in english
    assert '<html lang="en">' in english
    assert "Đánh giá bài viết" in client.get("/?lang=vi", headers={"Accept-Language": "en"}).text


def test_telegram_is_offered_where_there_is_a_bot(client: httpx.Client, served: Served) -> None:
    assert "https://t.me/khaosat_bot?start=support_needs" in client.get("/").text
    served.house.telegram_username = ""
    try:
        assert "t.me" not in client.get("/").text
    finally:
        served.house.telegram_username = "khaosat_bot"


def test_only_what_lies_in_static_is_served(client: httpx.Client) -> None:
    for path in ("/static/../pages.py", "/static/%2e%2e/pages.py", "/static//etc/passwd", "/static/vendor"):
        assert client.get(path).status_code in {404, 405}


def test_the_start_of_a_welcome_is_told() -> None:
    assert (
        first_words("Xin chào! Rất ngắn. Và đủ dài để dừng lại ở đây thôi. Thêm nữa.")
        == "Xin chào! Rất ngắn. Và đủ dài để dừng lại ở đây thôi."
    )
    assert first_words("") == ""


# What pages are made of.


def files_of(*endings: str) -> list[Path]:
    return [path for path in WEB.rglob("*") if path.suffix in endings]


def test_vendored_files_are_what_they_say() -> None:
    vendor = WEB / "static" / "vendor"
    listed = json.loads((vendor / "vendor.json").read_text())
    for entry in listed:
        assert hashlib.sha256((vendor / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]
        assert (vendor / entry["licence_file"]).exists()
    known = {"vendor.json", *(e["file"] for e in listed), *(e["licence_file"] for e in listed)}
    assert {path.name for path in vendor.iterdir()} == known


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in files_of(".css"):
        text = path.read_text()
        assert "@import" not in text, path
        assert all(url.startswith(("data:", "'data:", '"data:')) for url in re.findall(r"url\(([^)]{1,12})", text)), (
            path
        )
    for path in files_of(".html"):
        loaded = re.findall(r'(?:src|srcset|data|<link[^>]*href)="([^"]*)"', path.read_text())
        assert all(url.startswith(("/static/", "data:")) for url in loaded), (path, loaded)
    for path in files_of(".js"):
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", path.read_text()), path


def test_no_page_has_scripts_or_styles_inside() -> None:
    for path in files_of(".html"):
        text = path.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), path
        for attributes, inside in re.findall(r"<script([^>]*)>(.*?)</script>", text, flags=re.DOTALL):
            assert not inside.strip() or "application/json" in attributes, path


def test_no_script_of_the_chat_makes_elements_of_text() -> None:
    scripts = [
        WEB / "static" / f"{name}.js"
        for name in ("cards", "chat", "dock", "dom", "landing", "post", "stream", "theme", "words")
    ]
    for path in scripts:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text()
        ), path


def used_by_scripts() -> set[str]:
    found: set[str] = set()
    for path in files_of(".js"):
        found.update(re.findall(r'"web\.([a-z_.]+)"', path.read_text()))
    marked = (WEB / "templates" / "chat" / "chat.html").read_text()
    found.update(re.findall(r'data-word(?:-label)?="web\.([a-z_.]+)"', marked))
    return found | {f"choose_{kind}" for kind in ("image", "audio", "video", "file")}


def test_scripts_are_given_every_word_they_say_and_no_other() -> None:
    assert used_by_scripts() == set(SCRIPT_WORDS)


def catalogue(lang: str) -> dict[str, str]:
    """Our words for the web chat: what is said by key."""
    web = next(found for found in read_catalogues(lang) if found.domain == "web")
    return {str(message.id): str(message.string) for message in web if message.id}


def test_both_catalogues_say_the_same_things() -> None:
    catalogues = {lang: catalogue(lang) for lang in LANGUAGES}
    assert catalogues["vi"].keys() == catalogues["en"].keys()
    for key, vietnamese in catalogues["vi"].items():
        english = catalogues["en"][key]
        assert vietnamese, key
        assert english, key
        assert set(re.findall(r"\{\w+\}", vietnamese)) == set(re.findall(r"\{\w+\}", english)), key


def test_every_word_in_the_catalogue_is_said_somewhere() -> None:
    keys = catalogue("vi").keys()
    sources = "\n".join(
        path.read_text()
        for path in [*files_of(".html"), *(WEB / "chat").glob("*.py"), WEB.parent / "channels" / "web.py"]
    )
    families = ("web.action.", "web.title.", "web.problem.")
    said = {f"web.{key}" for key in SCRIPT_WORDS}
    unsaid = {
        key
        for key in keys
        if key not in said and not key.startswith(families) and f'"{key}"' not in sources and f"'{key}'" not in sources
    }
    assert unsaid == set()


def test_every_refusal_has_words() -> None:
    told = "".join(path.read_text() for path in (WEB / "chat").glob("*.py"))
    codes = set(re.findall(r'Refusal\(\d+, "(\w+)"', told))
    assert len(codes) >= 8
    for code in codes:
        assert words().say("vi", f"web.problem.{code}", mb=20)


def test_every_hole_of_a_script_word_is_filled_there() -> None:
    holes = {
        hole
        for key in SCRIPT_WORDS
        for hole in re.findall(r"\{(\w+)\}", words().say("vi", f"web.{key}", **{h: f"{{{h}}}" for h in HOLES}))
    }
    assert holes == set(HOLES)
