"""What people see at each point: cards, made from a session and nothing else, so that they can be made again."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from typing import Final, Literal

from flows import media
from flows.calendars import calendar_of, precision_of
from flows.expressions.values import to_text
from flows.known import offered
from flows.machine import Ids, Listed, Node, labelled
from flows.matrix import matrix_of, summary, table_of
from flows.model import MEDIA, NUMBERS, SELECTS, Question
from flows.session import LIST_MAX, PAGE, Action, Line, Option, Say, Scalar, Section, Session, Shown, Status, View
from flows.tracks import TRACKS
from flows.walk import Stop, Way, heading, media_before, notes_before
from flows.world import World

RANGE_STEPS_MAX: Final = 11  # a range of more steps is typed, not tapped
_NAVIGATION: Final[tuple[Action, ...]] = ("back", "skip", "later")


def question_view(
    world: World, session: Session, way: Way, stop: Stop, *, error: Say | None = None, error_text: str = ""
) -> View:
    """The card of the question, note or "add another?" that is open."""
    if stop.kind == "more":
        return _more_view(world, session, way, stop)
    node = world.machine.nodes[stop.index]
    question = node.question
    answer = session.answers.get(stop.path)
    options = choosable(world, stop.index, stop.ids)
    visible, page, pages = _paged(options, session)
    required = world.required(stop.index, stop.ids)
    least, most = limits(node, options)
    actions = _actions(world, session, stop, required)
    offer = offered(world, session, stop, options) if session.known else None
    asks = session.status is not Status.CONSENT  # before that the way is not known yet
    return View(
        kind="question",
        lang=session.lang,
        path=stop.path,
        ref=world.machine.ref(stop.index, stop.ids),
        type=question.type,
        widget=question.chat.widget or question.appearance,
        parse=question.chat.parse or "",
        heading=heading(world, stop),
        heading_new=_heading_is_new(world, way, stop),
        notes=notes_before(world, way, stop),
        media=(*media_before(world, way, stop), *media.shown(world.machine, question.media, session.lang)),
        text=world.label(stop.index, stop.ids),
        hint=world.words(node.hints, stop.index, stop.ids),
        why=world.machine.words(question.guidance_hint, session.lang),
        why_told=session.draft.why,
        error=error,
        error_text=error_text,
        options=tuple(_option(world, o, session, question) for o in visible),
        page=page,
        pages=pages,
        total=len(options),
        searchable=len(options) > PAGE + 1,
        least=least,
        most=most,
        shown=shown(world, stop.index, stop.ids, answer.value)
        if answer is not None and answer.value is not None
        else None,
        raw=answer.raw if answer is not None else "",
        known=shown(world, stop.index, stop.ids, offer.value) if offer is not None else None,
        known_of=offer.of if offer is not None else "",
        voice=bool(session.draft.voice),
        quick=quick_replies(world, node, stop.ids),
        calendar=calendar_of(world, session, stop),
        matrix=matrix_of(world, session, way, stop),
        accept=question.chat.accept,
        max_mb=question.chat.max_mb,
        locate=question.type in {"geopoint", *TRACKS} or question.chat.accept_location,
        required=required,
        consent=question.pii == "consent",
        actions=("same", *actions) if offer is not None else actions,
        progress=_progress(way, stop) if asks else None,
        left_s=way.left_s if asks else 0,
    )


def confirm_view(world: World, session: Session, way: Way, stop: Stop, value: Scalar, ask: Say | None) -> View:
    """A reading is read back: is that it?"""
    base = question_view(world, session, way, stop)
    return View(
        kind="confirm",
        lang=session.lang,
        path=stop.path,
        ref=base.ref,
        type=base.type,
        parse=base.parse,
        heading=base.heading,
        text=base.text,
        error=ask,
        shown=shown(world, stop.index, stop.ids, value),
        raw=session.draft.reading[0] if session.draft.reading else "",
        required=base.required,
        actions=("yes", "no", *(a for a in base.actions if a in _NAVIGATION)),
        progress=base.progress,
    )


def settled_view(world: World, session: Session, way: Way, stop: Stop) -> View:
    """A card that has its answer, shrunk to a line."""
    if stop.kind == "more":
        return View(kind="settled", lang=session.lang, path=stop.path, text=world.label(stop.index, stop.ids))
    answer = session.answers.get(stop.path)
    node = world.machine.nodes[stop.index]
    if table_of(world.machine, stop.index) is not None:
        told = summary(world, session, way, stop)
        return View(
            kind="settled",
            lang=session.lang,
            path=stop.path,
            ref=world.machine.ref(stop.index, stop.ids),
            type=node.question.type,
            text=heading(world, stop),
            shown=Shown("text", told) if told else Shown("none"),
            actions=("edit",),
        )
    return View(
        kind="settled",
        lang=session.lang,
        path=stop.path,
        ref=world.machine.ref(stop.index, stop.ids),
        type=node.question.type,
        parse=node.question.chat.parse or "",
        text=world.label(stop.index, stop.ids),
        shown=shown(world, stop.index, stop.ids, answer.value if answer else None),
        raw=answer.raw if answer else "",
        consent=node.question.pii == "consent",
        actions=("edit",),
    )


def review_view(world: World, session: Session, way: Way) -> View:
    """Every answer by section, each open to change, and the button that submits."""
    sections: list[tuple[str, list[Line]]] = []
    for stop in way.stops:
        if stop.kind != "question" or (session.amends and world.machine.nodes[stop.index].question.pii == "consent"):
            continue
        title = heading(world, stop)
        answer = session.answers.get(stop.path)
        line = Line(
            path=stop.path,
            ref=world.machine.ref(stop.index, stop.ids),
            label=world.label(stop.index, stop.ids),
            shown=shown(world, stop.index, stop.ids, answer.value if answer else None),
        )
        if not sections or sections[-1][0] != title:
            sections.append((title, []))
        sections[-1][1].append(line)
    return View(
        kind="review",
        lang=session.lang,
        notes=notes_before(world, way, None),
        media=media_before(world, way, None),
        sections=tuple(Section(title, tuple(lines)) for title, lines in sections),
        page=session.draft.page,
        actions=("request", "drop") if session.amends else ("submit", "back", "later"),
        progress=None if session.amends else (way.answered, way.questions),
        amends=bool(session.amends),
        raw=session.reason,
    )


def paused_view(world: World, session: Session, way: Way) -> View:
    """Put aside for later."""
    return View(
        kind="paused",
        lang=session.lang,
        text=world.machine.words(world.machine.flow.title, session.lang),
        actions=("resume",),
        progress=(way.answered, way.questions),
    )


def over_view(session: Session, text: str) -> View:
    """The last card: thanks, or why it ends here."""
    return View(kind="submitted" if session.status is Status.SUBMITTED else "ended", lang=session.lang, text=text)


def _more_view(world: World, session: Session, way: Way, stop: Stop) -> View:
    return View(
        kind="add",
        lang=session.lang,
        path=stop.path,
        ref=world.machine.ref(stop.index, stop.ids),
        heading=heading(world, stop),
        notes=notes_before(world, way, stop),
        media=media_before(world, way, stop),
        text=world.label(stop.index, stop.ids),
        total=len(world.instances(stop.index, stop.ids)),
        actions=("add", "enough", *(("back",) if session.trail else ()), "later"),
        progress=_progress(way, stop),
    )


def _actions(world: World, session: Session, stop: Stop, required: bool) -> tuple[Action, ...]:
    question = world.machine.nodes[stop.index].question
    found: list[Action] = []
    if question.type in {"select_multiple", "rank", *TRACKS} or session.draft.voice:
        found.append("done")
    answer = session.answers.get(stop.path)
    if answer is not None and answer.value is not None and question.pii != "consent" and not session.draft.voice:
        found.append("keep")
    if session.trail or session.visiting:
        found.append("back")
    if not required and question.chat.skip is not False:
        found.append("skip")
    if session.status is not Status.CONSENT and not session.amends:
        found.append("later")
    return tuple(found)


def _progress(way: Way, stop: Stop) -> tuple[int, int] | None:
    """This question's number among all on the way as it looks now."""
    place = way.places.get(stop.path)
    return None if place is None else (place[1], way.questions)


def _heading_is_new(world: World, way: Way, stop: Stop) -> bool:
    """Whether the question before it stood under another heading."""
    at, _ = way.places.get(stop.path, (len(way.stops), 0))
    while at > 0:
        at -= 1
        before = way.stops[at]
        if before.kind != "note":
            return heading(world, before) != heading(world, stop)
    return True


def choosable(world: World, index: int, ids: Ids) -> tuple[Listed, ...]:
    """The options of a select, a rank, or a range of few steps; none for any other question."""
    question = world.machine.nodes[index].question
    if question.type in SELECTS:
        return world.options(index, ids)
    if question.type == "range":
        return _range_steps(question)
    return ()


def _range_steps(question: Question) -> tuple[Listed, ...]:
    start, end, step = range_of(question)
    count = int((end - start) / step) + 1 if step else 0
    if not 1 <= count <= RANGE_STEPS_MAX:
        return ()
    values = (start + n * step for n in range(count))
    return tuple(Listed(f"{v:g}", {"": f"{v:g}"}, (), {}) for v in values)


def range_of(question: Question) -> tuple[float, float, float]:
    """A range's start, end and step; XLSForm's defaults are 0, 10 and 1."""

    def number(name: str, default: float) -> float:
        try:
            return float(question.parameters.get(name, default))
        except ValueError:
            return default

    return number("start", 0.0), number("end", 10.0), number("step", 1.0)


def _paged(options: Sequence[Listed], session: Session) -> tuple[Sequence[Listed], int, int]:
    """The options to show now, the page people are on, and how many there are."""
    found = session.draft.found
    if found is not None:
        wanted = set(found)
        return [o for o in options if o.name in wanted], 0, 1
    pages = max(1, ceil(len(options) / PAGE))
    page = min(max(session.draft.page, 0), pages - 1)
    if len(options) <= LIST_MAX:
        return options, page, pages
    return options[page * PAGE : (page + 1) * PAGE], page, pages


def _option(world: World, listed: Listed, session: Session, question: Question) -> Option:
    label = labelled(listed, session.lang, world.machine.flow.default_language)
    chosen = session.draft.chosen
    on = listed.name in chosen
    place = chosen.index(listed.name) + 1 if on and question.type == "rank" else None
    files = media.shown(world.machine, listed.media, session.lang) if listed.media else ()
    return Option(listed.name, label, on, place, files)


_LEAST: Final = re.compile(r"count-selected\(\s*\.\s*\)\s*>=\s*(\d+)")
_MOST: Final = re.compile(r"count-selected\(\s*\.\s*\)\s*<=\s*(\d+)")


def limits(node: Node, options: Sequence[Listed]) -> tuple[int, int]:
    """How many options at least and at most, where the constraint says it plainly; (0, 0): it does not.

    A hint for the card only: the constraint itself still decides.
    """
    question = node.question
    if question.type == "rank":
        wanted = min(question.chat.top_n or len(options), len(options))
        return wanted, wanted
    if question.type != "select_multiple":
        return 0, 0
    source = question.constraint or ""
    if " or " in source:
        return 0, 0
    least, most = _LEAST.search(source), _MOST.search(source)
    return int(least.group(1)) if least else 0, int(most.group(1)) if most else 0


def quick_replies(world: World, node: Node, ids: Ids) -> tuple[str, ...]:
    """Texts worth one tap: the author's quick replies, the default, today."""
    question = node.question
    today = world.now.date()
    told = [_quick_words(word, today) for word in question.chat.quick_replies]
    if question.chat.default_last_complete_year:
        told.append(str(today.year - 1))
    if node.default is not None or node.sets is not None:
        value = to_text(world.given(node.index, ids))
        if value and value not in told and question.type not in SELECTS:
            told.append(value)
    return tuple(told)


def _quick_words(word: str, today: date) -> str:
    match word:
        case "today":
            return f"{today:%d/%m/%Y}"
        case "yesterday":
            return f"{today - timedelta(days=1):%d/%m/%Y}"
        case "last_month_end":
            return f"{today.replace(day=1) - timedelta(days=1):%d/%m/%Y}"
        case _:
            return word


def number_kind(question: Question) -> Literal["money", "number", "figure"]:
    """Thousands are marked only where the form asks for it, as in XLSForm: 2023 is a year more often than not."""
    if question.chat.parse == "money_vi":
        return "money"
    return "number" if question.chat.parse == "number_vi" or "thousands-sep" in question.appearance else "figure"


_VOICE: Final = re.compile(r"voice:\S+")


def shown(world: World, index: int, ids: Ids, value: Scalar) -> Shown:
    """An answer as it is to be shown."""
    node = world.machine.nodes[index]
    question = node.question
    if value is None or value == "":
        return Shown("none")
    if question.type in SELECTS:
        listed = world.by_option(index, ids)
        names = [str(value)] if question.type == "select_one" else str(value).split()
        fallback = world.machine.flow.default_language
        return Shown(
            "options", str(value), tuple(labelled(listed[n], world.lang, fallback) if n in listed else n for n in names)
        )
    if question.type in NUMBERS:
        return Shown(number_kind(question), value)
    if question.type in MEDIA:
        return Shown("file", str(value))
    match question.type:
        case "date":
            precision = precision_of(question)
            return Shown("date" if precision == "day" else precision, str(value))
        case "time" | "datetime":
            return Shown(question.type, str(value))
        case "geopoint":
            return Shown("place", " ".join(str(value).split()[:2]))
        case "geotrace" | "geoshape":
            return Shown("text", f"📍 × {len(str(value).split(';'))}")
        case _ if _VOICE.fullmatch(str(value)):
            return Shown("file", str(value))
        case _:
            return Shown("text", str(value))
