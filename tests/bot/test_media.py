"""Pictures, sounds and films of a form: found beside it, kept by their content, sent before the card, served to browsers."""

import contextlib
import json
import zlib
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.base import Address, Context, Outgoing, Refused
from bot.channels.telegram import TelegramChannel
from bot.channels.web import WebChannel
from bot.i18n import words
from bot.library import read_file, read_folder
from bot.media import MediaStore, with_media
from bot.web.media import route
from flows.machine import compile
from flows.model import Flow
from flows.problems import Problem
from flows.session import Media, Option, Session, Show, Started, View
from flows.xlsform import read_markdown, to_flow
from flows.yaml_dialect import without_places
from flows.yaml_dialect.writer import flow_to_yaml
from tests.fake_telegram import fake_telegram
from tests.flows.test_xlsform_semantics import Talk, by_sheets
from tests.scenario import MONDAY


def png(shade: int = 0) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = (1).to_bytes(4) + (1).to_bytes(4) + bytes([8, 0, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes([0, shade])))
        + chunk(b"IEND", b"")
    )


SHEETS = """\
| survey |
| | type | name | label::vi | label::en | media::image::Tiếng Việt (vi) | media::image::English (en) | audio | big-image |
| | note | n | Đọc | Read | note.png | | | |
| | select_one fruit | f | Quả? | Fruit? | vi.png | en.png | said.mp3 | |
| | text | t | Gì? | What? | small.png | small.png | | large.png |
| choices |
| | list_name | name | label::vi | label::en | image |
| | fruit | a | Cam | Orange | a.png |
| | fruit | b | Bưởi | Pomelo | |
"""
FILES = ("note.png", "vi.png", "en.png", "small.png", "large.png", "a.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    beside = tmp_path / "forms"
    (beside / "house-media").mkdir(parents=True)
    for number, name in enumerate(FILES):
        (beside / ("house-media" if name == "a.png" else ".") / name).write_bytes(png(number))
    (beside / "said.mp3").write_bytes(b"ID3 sound")
    return beside


def kept(folder: Path) -> tuple[Flow, tuple[Problem, ...]]:
    flow, problems = to_flow(read_markdown(SHEETS), "house")
    assert flow is not None
    assert problems == ()
    return with_media(flow, folder, "house.md")


def test_each_file_is_found_beside_the_form_or_in_its_media_folder(folder: Path) -> None:
    flow, problems = kept(folder)
    assert problems == ()
    assert set(flow.media) == {*FILES, "said.mp3"}
    assert len(set(flow.media.values())) == 7


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("en.png", None, "media_missing"),
        ("en.png", b"", "media_unfit"),
        ("en.png", b"x" * 10_000_001, "media_unfit"),
    ],
)
def test_what_is_not_there_or_too_large_is_named_and_the_form_runs(
    folder: Path, name: str, content: bytes | None, code: str
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    flow, problems = kept(folder)
    [told] = problems
    assert (told.code, told.place.sheet, told.place.row, told.place.column, told.is_error) == (
        code, "survey", 4, "media::image::English (en)", False,
    )  # fmt: skip
    for lang in ("vi", "en"):
        for kind in ("problem", "remedy"):
            assert words().say(lang, f"{kind}.{code}", **told.facts)
    assert Talk(compile(flow)).view.options


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd.png", "x.exe", ".png"])
def test_no_name_leads_out_of_the_folder(folder: Path, name: str) -> None:
    (folder.parent / "secret.png").write_bytes(png())
    flow, _ = to_flow(read_markdown(SHEETS.replace("note.png", name)), "house")
    assert flow is not None
    flow, problems = with_media(flow, folder, "house.md")
    assert [p.facts["file"] for p in problems] == [name]
    assert name not in flow.media


def test_a_card_shows_what_its_notes_and_it_say_in_the_readers_language(folder: Path) -> None:
    flow, _ = kept(folder)
    talk = Talk(compile(flow))
    stored = flow.media
    assert talk.view.media == (
        Media("image", stored["note.png"]), Media("image", stored["vi.png"]), Media("audio", stored["said.mp3"]),
    )  # fmt: skip
    assert [option.media for option in talk.view.options] == [(Media("image", stored["a.png"]),), ()]
    asked = talk.taps("pick", "a").view
    assert asked.media == (Media("image", stored["large.png"]),)  # of two sizes the larger
    machine = compile(flow)
    english = Talk.__new__(Talk)
    english.form, english.session, english.told = machine, Session("s", "house", "1", "en", seed=1), []
    english.view = View(kind="message", lang="en")
    english.send(Started(MONDAY, "en"))
    assert Media("image", stored["en.png"]) in english.view.media


def test_it_goes_both_ways(folder: Path, tmp_path: Path) -> None:
    flow, _ = to_flow(read_markdown(SHEETS), "house")
    assert flow is not None
    assert by_sheets(flow) == without_places(flow)
    (folder / "house.yaml").write_text(flow_to_yaml(flow), encoding="utf-8")
    store = MediaStore(tmp_path / "kept")
    [back] = read_folder(folder, store)
    assert without_places(back).but(media={}) == without_places(flow)
    assert {name: store.path(one).read_bytes() for name, one in back.media.items() if store.path(one)} == {  # type: ignore[union-attr]
        **{name: png(number) for number, name in enumerate(FILES)}, "said.mp3": b"ID3 sound",
    }  # fmt: skip


def test_a_missing_file_of_yaml_is_told_with_its_line(folder: Path) -> None:
    flow, _ = to_flow(read_markdown(SHEETS), "house")
    assert flow is not None
    (folder / "house.yaml").write_text(flow_to_yaml(flow), encoding="utf-8")
    (folder / "vi.png").unlink()
    _, problems = read_file(folder / "house.yaml")
    [told] = [p for p in problems if p.code == "media_missing"]
    line = (folder / "house.yaml").read_text(encoding="utf-8").splitlines()[(told.place.line or 0) - 1]
    assert "vi.png" in line


# Telegram.


def shown(view: View, channel: TelegramChannel, *, again: bool = False) -> list[Outgoing]:
    context = Context(Address("telegram", channel.bot, "7001"), "s1", "vi")
    return channel.render([Show(1, view, again=again)], context)


async def test_media_go_before_the_card_and_only_with_a_new_one(tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    names = [f"{number:032x}.png" for number in range(12)]
    sound = "f" * 32 + ".mp3"
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(png(number))
    (tmp_path / sound).write_bytes(b"ID3 sound")
    options = tuple(Option(f"o{n}", f"Loại {n}", media=(Media("image", name),)) for n, name in enumerate(names[1:]))
    view = View(
        kind="question", lang="vi", type="select_one", text="Quả?", options=options, total=11,
        media=(Media("image", names[0]), Media("audio", sound)),
    )  # fmt: skip
    async with fake_telegram() as fake, contextlib.AsyncExitStack() as stack:
        channel = TelegramChannel(fake.token, secret=b"s" * 32, words=words(), base_url=fake.url, media=store.path)
        stack.push_async_callback(channel.close)
        lan = fake.user(7001)
        await lan.opens()
        sent = shown(view, channel)
        assert [o.method for o in sent] == ["sendPhoto", "sendAudio", "sendMediaGroup", "sendPhoto", "sendMessage"]
        assert [o.method for o in shown(view, channel, again=True) if o.method.startswith("send")] == ["sendMessage"]
        for _ in range(2):  # the second time Telegram has the files already
            for outgoing in sent:
                await channel.send(outgoing, "7001", "")
        calls = await fake.calls("sendPhoto", "sendAudio", "sendMediaGroup")
        assert [call["code"] for call in calls] == [200] * 8
        told = [str(call["params"]) for call in calls]
        assert all("AgADfake" not in one for one in told[:4])
        assert all("AgADfake" in one for one in told[4:])
        assert [item["caption"] for item in json.loads(calls[2]["params"]["media"])] == [f"Loại {n}" for n in range(10)]
        assert "Loại 10" in told[3]
        (tmp_path / names[0]).unlink()
        other = TelegramChannel(fake.token, secret=b"s" * 32, words=words(), base_url=fake.url, media=store.path)
        stack.push_async_callback(other.close)
        with pytest.raises(Refused):
            await other.send(sent[0], "7001", "")


# The web chat.


def test_a_browser_is_told_where_each_file_is() -> None:
    picture, sound = Media("image", "0" * 32 + ".png"), Media("audio", "1" * 32 + ".mp3")
    view = View(kind="question", lang="vi", media=(picture,), options=(Option("a", "Cam", media=(picture, sound)),))
    told = WebChannel(words()).view(view)
    assert told["media"] == [
        {"kind": "image", "src": f"/media/{picture.file}"},
        {"kind": "audio", "src": f"/media/{sound.file}", "label": "Cam"},
    ]
    assert told["options"][0]["media"][0] == {"kind": "image", "src": f"/media/{picture.file}"}


async def test_a_file_is_served_by_its_name_alone_and_kept_by_browsers(tmp_path: Path) -> None:
    stored = "0" * 32 + ".png"
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / stored).write_bytes(png())
    (tmp_path / "secret.png").write_bytes(b"no")
    transport = httpx.ASGITransport(Starlette(routes=[route(MediaStore(tmp_path / "kept").path)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get(f"/media/{stored}")
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, png(), "image/png")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        for wrong in ("1" * 32 + ".png", "..%2fsecret.png", "secret.png"):
            assert (await client.get(f"/media/{wrong}")).status_code == 404
