"""What people read: labels that are missing, not translated, too long, or with a hole that nothing fills."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from flows.checks.form import Form
from flows.model import SILENT, Question, Repeat, Text
from flows.problems import Place, Problem, problem


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can show."""

    channel: str
    button: int  # characters of an option's label
    card: int  # UTF-16 units of one message


TELEGRAM: Final = Limits("telegram", button=64, card=4096)
RECEIPT: Final = "receipt"  # known only once the answers are sent


def words(form: Form, placeholders: AbstractSet[str], limits: tuple[Limits, ...]) -> Iterator[Problem]:
    """Everything wrong with the words of the form."""
    flow = form.flow
    yield from _translated(form, flow.title, "title", flow.places, flow.place, needed=True)
    for key, text in (("welcome", flow.welcome), ("thank_you", flow.thank_you), ("declined", flow.declined)):
        yield from _translated(form, text, key, flow.places, flow.place)
        yield from _holes(
            text, key, placeholders | ({RECEIPT} if key == "thank_you" else set()), flow.places, flow.place
        )
        yield from _card(key, [text], limits, flow.places.get(key, flow.place))
    for node in form.nodes:
        item = node.item
        shown = isinstance(item, Repeat) or (isinstance(item, Question) and item.type not in SILENT)
        yield from _translated(form, item.label, "label", item.places, item.place, needed=shown, name=item.name)
        yield from _holes(item.label, "label", placeholders, item.places, item.place)
        if isinstance(item, Question):
            yield from _question(form, item, placeholders)
    yield from _cards(form, limits)
    yield from _buttons(form, limits)


def _question(form: Form, question: Question, placeholders: AbstractSet[str]) -> Iterator[Problem]:
    texts = {
        "hint": question.hint,
        "guidance_hint": question.guidance_hint,
        "required_message": question.required_message,
        "constraint_message": question.constraint_message,
    }
    if question.end is not None:
        texts["end.message"] = question.end.message
    for key, text in texts.items():
        yield from _translated(form, text, key, question.places, question.place, name=question.name)
        yield from _holes(text, key, placeholders, question.places, question.place)


def _translated(
    form: Form, text: Text, key: str, places: Mapping[str, Place], place: Place, *, needed: bool = False, name: str = ""
) -> Iterator[Problem]:
    """A text that is there in one language must be there in all; a label must be there."""
    there = {language for language, words in text.items() if words.strip()}
    spot = places.get(key, place)
    if not there:
        if needed:
            yield problem("missing_label", spot, name=name, cell=key)
        return
    for language in form.flow.languages:
        if language not in there:
            yield problem("missing_translation", spot, name=name, cell=key, language=language)


_HOLE: Final = re.compile(r"(?<!\$)\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _holes(
    text: Text, key: str, placeholders: AbstractSet[str], places: Mapping[str, Place], place: Place
) -> Iterator[Problem]:
    for language, words in text.items():
        for hole in dict.fromkeys(_HOLE.findall(words)):
            if hole not in placeholders:
                spot = places.get(f"{key}.{language}", places.get(key, place))
                allowed = ", ".join("{" + name + "}" for name in sorted(placeholders))
                yield problem("unknown_placeholder", spot, hole=hole, allowed=allowed)


def _cards(form: Form, limits: tuple[Limits, ...]) -> Iterator[Problem]:
    """Notes are said together with the question after them, so their lengths add up."""
    before: list[Text] = []
    for _, question in form.questions:
        if question.type in SILENT:
            continue
        if question.type == "note":
            before.append(question.label)
            continue
        texts = [*before, question.label, question.hint]
        yield from _card(question.name, texts, limits, question.places.get("label", question.place))
        before = []
    if before:
        yield from _card("note", before, limits, form.flow.place)


def _card(name: str, texts: list[Text], limits: tuple[Limits, ...], place: Place) -> Iterator[Problem]:
    languages = {language for text in texts for language in text}
    longest = max((sum(_units(text.get(language, "")) for text in texts) for language in languages), default=0)
    for limit in limits:
        if longest > limit.card:
            facts = {"name": name, "length": str(longest), "most": str(limit.card), "channel": limit.channel}
            yield problem("card_too_long", place, **facts)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _buttons(form: Form, limits: tuple[Limits, ...]) -> Iterator[Problem]:
    for name, options in form.flow.choices.items():
        for option in options:
            yield from _translated(form, option.label, "label", {}, option.place, needed=True, name=option.name)
            longest = max(option.label.values(), key=len, default="")
            for limit in limits:
                if len(longest) > limit.button:
                    facts = {"list": name, "choice": option.name, "length": str(len(longest)), "channel": limit.channel}
                    yield problem("label_too_long_for_button", option.place, most=str(limit.button), **facts)
