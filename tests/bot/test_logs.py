"""Logs carry ids, and never a token or a link that opens a talk."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import redact, set_up

TOKEN = "123456789:" + "AAHk3v5mY0aXq2WmV8bN1cD4eF6gH7iJ9kL"
LINK = "CaNaRy-0123456789_abcdefghij"
CANARIES = (TOKEN.split(":")[1], LINK)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Put back what `set_up` changes for the whole process."""
    names = [None, *logging.Logger.manager.loggerDict]
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names}
    handlers = {name: list(logging.getLogger(name).handlers) for name in names}
    yield
    for name, (level, propagate) in before.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers[:] = handlers[name]
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"POST https://api.telegram.org/bot{TOKEN}/sendMessage", "POST https://api.telegram.org/bot***/sendMessage"),
        (f"token {TOKEN}.", "token ***."),
        (f"GET /c/{LINK}/stream", "GET /c/***/stream"),
        (f"http://127.0.0.1:8080/staff/join/{LINK}", "http://127.0.0.1:8080/staff/join/***"),
        ("at 12:30, 15 submissions", "at 12:30, 15 submissions"),
    ],
)
def test_tokens_and_links_are_taken_out_of_a_text(text: str, told: str) -> None:
    assert redact(text) == told


def unreachable() -> None:
    """As a library tells of a failed call."""
    raise ConnectionError(f"cannot reach https://api.telegram.org/bot{TOKEN}/getUpdates")


def chained() -> None:
    """The same behind an exception of ours."""
    try:
        unreachable()
    except ConnectionError as error:
        raise RuntimeError(f"/c/{LINK}/say") from error


def sentences(lines: str) -> list[dict[str, object]]:
    """Logged lines, read as JSON."""
    return [json.loads(line) for line in lines.splitlines()]


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_canary_is_logged_whichever_way_it_comes(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up("DEBUG", "json" if style == "json" else "console")
    ours, theirs = structlog.get_logger("bot.somewhere"), logging.getLogger("somebody.else")
    ours.info("asked", url=f"/bot{TOKEN}/getMe", link=f"/c/{LINK}/say")
    ours.warning(f"failed /bot{TOKEN}/getMe")
    ours.info("nested", tried=[f"/bot{TOKEN}/getMe"], facts={"link": f"/c/{LINK}"}, pair=(f"/c/{LINK}", 1))
    ours.error("given", error=RuntimeError(f"bot{TOKEN}"))
    theirs.warning("calling %s with %s", f"/bot{TOKEN}/getMe", f"/c/{LINK}")
    try:
        unreachable()
    except ConnectionError:
        ours.exception("unreachable")
        theirs.exception("their own words about /c/%s", LINK)
    told = capsys.readouterr().err
    assert told.count("\n") >= 7
    for canary in CANARIES:
        assert canary not in told
    assert "***" in told


def test_an_exception_chained_to_another_hides_both(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("INFO", "json")
    try:
        chained()
    except RuntimeError:
        structlog.get_logger("bot.somewhere").exception("chained")
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert "ConnectionError" in told
    for canary in CANARIES:
        assert canary not in told


def test_json_lines_carry_time_level_name_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("INFO", "json")
    structlog.get_logger("bot.runner").info("handled", key="tg:9", ms=12)
    [line] = sentences(capsys.readouterr().err)
    assert {name: line[name] for name in ("event", "level", "logger", "key", "ms")} == {
        "event": "handled",
        "level": "info",
        "logger": "bot.runner",
        "key": "tg:9",
        "ms": 12,
    }
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore", "aiohttp.access", "telegram.ext", "uvicorn.access", "asyncio", "aiosqlite"]
)
def test_a_library_that_tells_of_every_request_is_not_heard(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up("DEBUG", "json")
    logging.getLogger(name).info("GET /c/%s 200", LINK)
    assert capsys.readouterr().err == ""
    logging.getLogger(name).error("something failed")
    assert "something failed" in capsys.readouterr().err


def test_less_than_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("WARNING", "console")
    structlog.get_logger("bot.runner").info("handled")
    logging.getLogger("bot.runner").info("handled")
    assert capsys.readouterr().err == ""


def test_handlers_that_a_server_gave_its_loggers_are_taken_away(capsys: pytest.CaptureFixture[str]) -> None:
    access = logging.getLogger("uvicorn.access")
    access.addHandler(logging.StreamHandler())
    access.propagate = False
    set_up("INFO", "json")
    access.error("something failed")
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("something failed") == 1
