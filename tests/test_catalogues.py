"""Our own words: complete in both languages, all used, and nowhere but in the catalogues."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

import pytest
from babel.messages.catalog import Message

from bot.i18n import LANGUAGES, read_catalogues, words
from flows.answers import ASKS
from flows.problems import CODES
from tests.test_house import ROOT, modules, tree, where

ROOMS: Final = ("bot", "flows", "storage")
PAGES: Final = sorted(
    path for path in (ROOT / "bot" / "web").rglob("*") if path.suffix in {".html", ".js"} and "vendor" not in path.parts
)
MARKED: Final = re.compile("[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
SAME_IN_BOTH: Final = re.compile(
    r"(\W|\d|_|\{\w+\}|Telegram|khaosat|Email|CSV|Excel|JSON Lines|HTTP|MB|Zalo|SQLite|PostgreSQL|Logo)*"
)

# Where Vietnamese words may stand in code, and why.
VIETNAMESE_IN_CODE: Final = {
    "bot/config.py": "defaults of settings: whose survey it is and how long answers are kept, told in the consent",
    "bot/walker.py": "answers that somebody who answers by themselves gives",
    "bot/workbooks.py": "examples of a form's own words, and the name of the sheet that explains, in a workbook",
    "flows/xlsform/writer.py": "a language is called by its own name in headers",
    "flows/answers/": "the words that readers understand",
    "flows/checks/privacy.py": "the words by which a question for personal data is recognised",
    "flows/expressions/functions/": "examples that run",
    "flows/taking.py": "the words of the clock that are understood",
    "bot/web/templates/staff/layout.html": "a language is called by its own name in every language",
    "bot/web/static/dom.js": "a comment, and the letter đ that no normal form takes apart",
}


@cache
def catalogue(lang: str) -> dict[str, Message]:
    """Every message of a language by key."""
    found: dict[str, Message] = {}
    for domain in read_catalogues(lang):
        for message in domain:
            if message.id:
                key = message.id if isinstance(message.id, str) else message.id[0]
                assert key not in found, f"{key} stands in two catalogues"
                found[key] = message
    return found


def forms(message: Message) -> tuple[str, ...]:
    """The sentence, or its forms by number."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def holes(sentence: str) -> set[str]:
    """The names of what is filled in."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


# Both languages.


def test_the_same_sentences_stand_in_every_language() -> None:
    keys = [set(catalogue(lang)) for lang in LANGUAGES]
    assert keys[0] ^ keys[1] == set()
    files = [{p.name for p in (ROOT / "locales" / lang / "LC_MESSAGES").glob("*.po")} for lang in LANGUAGES]
    assert files[0] == files[1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_empty_or_fuzzy_and_every_number_has_its_form(lang: str) -> None:
    counts = {"vi": 1, "en": 2}
    for key, message in catalogue(lang).items():
        assert all(form.strip() for form in forms(message)), key
        assert not message.fuzzy, key
        if not isinstance(message.id, str):
            assert message.id == (key, key)
            assert len(forms(message)) == counts[lang], key


def test_a_sentence_counts_in_every_language_or_in_none() -> None:
    for key, message in catalogue("vi").items():
        assert isinstance(message.id, str) == isinstance(catalogue("en")[key].id, str), key


def test_the_same_holes_stand_in_every_language() -> None:
    for key, message in catalogue("vi").items():
        told = {lang: set().union(*map(holes, forms(catalogue(lang)[key]))) - {"n"} for lang in LANGUAGES}
        assert told["vi"] == told["en"], key
        assert "" not in told["vi"], f"{key}: every hole has a name"
        for form in forms(message):
            assert holes(form) - {"n"} == told["vi"], key


def test_a_translation_is_not_the_original() -> None:
    alike = {
        key
        for key, message in catalogue("vi").items()
        if forms(message)[0] == forms(catalogue("en")[key])[0] and not SAME_IN_BOTH.fullmatch(forms(message)[0])
    }
    assert alike == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_are_composed_and_spaced_as_people_write_them(lang: str) -> None:
    for key, message in catalogue(lang).items():
        for form in forms(message):
            assert unicodedata.normalize("NFC", form) == form, key
            assert not re.search(r"(?<=\S) {2,}(?=\S)", form) or key == "cli.ready", key  # that one is a table
            assert not re.search(r"\s[.,;?!:](\s|$)", form), key
            assert not re.search(r"[\u200b\u00ad\ufeff\t]", form), key


def test_english_sentences_hold_no_vietnamese_letters_but_names_and_examples() -> None:
    examples = re.compile(r"“[^”]*”|triệu|tỷ|đồng|Hà Nội|Tiếng Việt|Decree|NĐ-CP")
    told = {
        key: forms(m) for key, m in catalogue("en").items() if any(MARKED.search(examples.sub("", f)) for f in forms(m))
    }
    assert told == {}


# Used and there.


@cache
def texts() -> frozenset[str]:
    """Every text and whole number that stands in code or pages."""
    found = {
        str(node.value)
        for room in ROOMS
        for path in modules(room)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int)
    }
    for path in PAGES:
        found.update(re.findall(r"['\"]([\w.]+)['\"]", path.read_text(encoding="utf-8")))
        found.update(re.findall(r"data-[\w-]+=\"([\w.]+)\"", path.read_text(encoding="utf-8")))
    return frozenset(found)


@cache
def patterns() -> frozenset[str]:
    """Keys that are put together: f"web.action.{name}" and "staff.role." ~ role, as patterns with a group a hole."""
    found: set[str] = set()
    for room in ROOMS:
        for path in modules(room):
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.JoinedStr):
                    parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else "(.+)" for v in node.values]
                    found.add("".join(parts))
                elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
                    found.add(re.escape(str(node.left.value)) + "(.+)")
    for path in PAGES:
        words_of_page = path.read_text(encoding="utf-8")
        found.update(re.escape(p) + "(.+)" for p in re.findall(r"['\"]([a-z]+\.[\w.]*)['\"] ?[~+]", words_of_page))
        found.update(re.escape(p) + "(.+)" for p in re.findall(r"`([a-z]+\.[\w.]*)\$\{\w[\w.]*\}`", words_of_page))
    tops = {key.split(".")[0] for key in catalogue("vi")}
    return frozenset(p for p in found if p.split("\\")[0] in tops and "\\." in p)


def is_used(key: str) -> bool:
    """It stands in code whole, or what fills the hole of a pattern does."""
    if key in texts():
        return True
    for pattern in patterns():
        match = re.fullmatch(pattern, key)
        if match is not None and all(part in texts() for part in match.groups()):
            return True
    return False


def test_every_sentence_is_said_somewhere() -> None:
    kept_for = {f"{kind}.{code}" for kind in ("problem", "remedy") for code in CODES} | set(ASKS)
    assert {key for key in catalogue("vi") if key not in kept_for and not is_used(key)} == set()


def keys_in_code() -> Iterator[tuple[str, str]]:
    """(key, place) of every text that is handed to something that speaks."""
    for room in ROOMS:
        for path in modules(room):
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.Call):
                    yield from ((key, where(path, line, key)) for key, line in spoken(node))
    for path in PAGES:
        for key in re.findall(r"\b(?:t|word|say)\(\s*['\"]([^'\"]+)['\"]\s*[,)]", path.read_text(encoding="utf-8")):
            yield key, f"{path.name}: {key}"
        for key in re.findall(r"data-word(?:-label)?=\"([\w.]+)\"", path.read_text(encoding="utf-8")):
            yield key, f"{path.name}: {key}"


def spoken(call: ast.Call) -> Iterator[tuple[str, int]]:
    """(key, line) of the arguments of say, tell and Say that are keys: words with a dot and nothing else."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in {"say", "tell", "Say", "t", "confirm", "vague", "none", "_say"}:
        return
    for argument in call.args[:3]:
        for node in ast.walk(argument):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[a-z]+(\.\w*[a-z0-9])+", node.value)
            ):
                yield node.value, node.lineno


def test_every_sentence_that_is_said_is_there() -> None:
    said = list(keys_in_code())
    assert len({key for key, _ in said}) > 150  # the search still finds how we speak
    assert sorted(place for key, place in said if not words().has(key)) == []


def test_every_question_back_of_a_reader_has_its_words_and_only_its_holes() -> None:
    assert {key for key in catalogue("vi") if key.startswith("read.")} == set(ASKS)
    for lang in LANGUAGES:
        for key, may_use in ASKS.items():
            for form in forms(catalogue(lang)[key]):
                assert holes(form) <= set(may_use), key


def test_every_key_put_together_finds_at_least_one_sentence() -> None:
    keys = set(catalogue("vi"))
    assert {p for p in patterns() if not any(re.fullmatch(p, key) for key in keys)} == set()


# Nowhere else.


def allowed(path: Path) -> bool:
    """Whether Vietnamese words may stand in this file."""
    return str(path.relative_to(ROOT)).startswith(tuple(VIETNAMESE_IN_CODE))


def vietnamese(path: Path) -> Iterator[str]:
    """Texts with Vietnamese letters in a module, docstrings left out."""
    said = {id(n.value) for n in ast.walk(tree(path)) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
    for node in ast.walk(tree(path)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in said
            and MARKED.search(node.value)
        ):
            yield where(path, node.lineno, node.value[:40])


def test_no_vietnamese_sentence_is_hard_coded() -> None:
    found = [one for room in ROOMS for path in modules(room) if not allowed(path) for one in vietnamese(path)]
    found.extend(p.name for p in PAGES if not allowed(p) and MARKED.search(p.read_text(encoding="utf-8")))
    assert found == []


def test_every_exception_to_that_is_still_needed() -> None:
    files = [path for room in ROOMS for path in modules(room)]
    for start in VIETNAMESE_IN_CODE:
        inside = [path for path in (*files, *PAGES) if str(path.relative_to(ROOT)).startswith(start)]
        assert any(MARKED.search(path.read_text(encoding="utf-8")) for path in inside), start
