"""An event, as an answer to one question: taken, read back for a "yes", narrowed down, or refused with the reason."""

import re
from collections.abc import Sequence
from typing import Final

from flows.answers.command import read_command
from flows.answers.dates import Prefers, read_date
from flows.answers.email import read_email
from flows.answers.money import read_money
from flows.answers.number import read_number
from flows.answers.option import read_option, read_options, read_rank
from flows.answers.phone import read_phone
from flows.answers.place import read_province, read_ward
from flows.answers.reading import Range, Reading
from flows.answers.tax_code import read_tax_code
from flows.answers.text import clean, fold, is_visible
from flows.answers.yes_no import read_yes_no
from flows.calendars import precision_of
from flows.choosing import several
from flows.machine import Listed, Node, Wordings
from flows.model import MEDIA
from flows.others import as_other
from flows.outcomes import Confirm, Heard, Narrow, Outcome, Refused, Taken, Toggled, judged
from flows.session import Contacted, Located, Odd, Precision, Say, Sent, Session, Typed
from flows.tracks import POINTS_MAX, TRACKS, joined, point, read_point, read_points
from flows.views import choosable, range_of
from flows.walk import Stop
from flows.world import World

TEXT_MAX: Final = 10_000  # characters of one answer that are kept; Telegram sends 4,096 at most
SMILED_AT: Final = frozenset({"sticker", "animation", "dice", "video_note"})
MEGABYTE: Final = 1024 * 1024


def command(text: str) -> str | None:
    """What the words steer, if they do: back, skip, stop, resume, yes, no or submit."""
    found = read_command(text)
    if found.certainty == "sure":
        return str(found.value)
    answer = read_yes_no(text)
    return str(answer.value) if answer.certainty == "sure" else None


def is_not_knowing(text: str) -> bool:
    """Whether somebody says that they do not know, which is not quite "skip this".

    >>> is_not_knowing("Dạ không biết ạ"), is_not_knowing("bỏ qua")
    (True, False)
    """
    return any(words in fold(text) for words in ("khong biet", "ko biet", "k biet", "chua ro", "khong ro"))


def take(world: World, session: Session, stop: Stop, event: Typed | Sent | Located | Contacted | Odd) -> Outcome:
    """What an event says to the open question."""
    node = world.machine.nodes[stop.index]
    match event:
        case Typed():
            return typed(world, session, stop, event.text)
        case Sent():
            return _sent(world, stop, node, event)
        case Located():
            return _located(world, session, stop, node, event)
        case Contacted():
            return _contacted(world, stop, node, event)
        case Odd(says=says) if says:
            meant = _thumb(world, stop, node, says)
            return meant if meant is not None else Refused(Say("widgets.sticker"))
        case _:
            return Refused(Say("widgets.sticker" if event.what in SMILED_AT else "engine.odd"))


# Words.


def typed(world: World, session: Session, stop: Stop, text: str) -> Outcome:
    """What words say to the open question."""
    node = world.machine.nodes[stop.index]
    text = clean(text)[:TEXT_MAX]
    question = node.question
    if not is_visible(text):
        return Refused(Say("engine.empty"))
    if question.pii == "consent":
        return _consent(world, stop, text)
    match question.type:
        case "text":
            return _text(world, session, stop, node, text)
        case "integer" | "decimal":
            return _number(world, stop, node, text)
        case "range":
            return _range(world, stop, node, text)
        case "select_one":
            return _select(world, session, stop, node, text)
        case "select_multiple" | "rank":
            return _selects(world, session, stop, node, text)
        case "date":
            return _date(world, stop, node, text)
        case "time" | "datetime":
            return _clock(world, stop, question.type, text)
        case "acknowledge":
            if (thumb := _thumb(world, stop, node, text)) is not None:
                return thumb
            return Taken(text, "OK") if command(text) == "yes" else Refused(Say("engine.acknowledge"))
        case "geopoint":
            return _coordinates(world, stop, text)
        case "geotrace" | "geoshape":
            return _points(world, session, stop, node, text)
        case kind if kind in MEDIA:
            return Refused(Say(f"engine.send_{kind}"))
        case _:
            return Taken(text, text)


def _consent(world: World, stop: Stop, text: str) -> Outcome:
    """Only the very words on a button count (law 91/2025, art. 9: silence and "ok" are not consent)."""
    said = fold(text)
    for option in choosable(world, stop.index, stop.ids):
        if any(fold(label) == said for label in option.labels.values()):
            return Taken(text, option.name, exact=True)
    return Refused(Say("engine.consent_buttons"))


def _text(world: World, session: Session, stop: Stop, node: Node, text: str) -> Outcome:
    match node.question.chat.parse:
        case "phone_vn" | "phone_any":
            return _reading(world, stop, node, text, read_phone(text, foreign=node.question.chat.parse == "phone_any"))
        case "mst":
            return _reading(world, stop, node, text, read_tax_code(text))
        case "email":
            return _reading(world, stop, node, text, read_email(text))
        case _:
            if not _says_something(text):
                if session.draft.noise != text.strip():
                    return Refused(Say("widgets.says_nothing"), noise=text.strip())
                return judged(world, stop, text, text.strip(), certainty="vague")
            return judged(world, stop, text, text.strip())


_CODE: Final = re.compile(r"=|--|\$\{|</")  # nobody writes a number or an option so
_MASHED: Final = re.compile(r"([^\W\d])\1{3,}|(?:asdf|qwer|zxcv)\w*")
_NOISE: Final = re.compile(r"(\w)\1{3,}|(?:asdf|qwer|zxcv|fdsa|sdfg|dfgh|jkl)\w*|test(?:ing)?|xyz|blah( blah)*")


def _says_something(text: str) -> bool:
    """False for keys pressed at random: asked once more, kindly, and then taken with a mark.

    >>> _says_something("asdf"), _says_something("???"), _says_something("aaaaaa"), _says_something("Hà Nội")
    (False, False, False, True)
    """
    said = fold(text)
    return bool(said) and _NOISE.fullmatch(said) is None


def _thumb(world: World, stop: Stop, node: Node, says: str) -> Outcome | None:
    """👍 or 👎 (a sticker or an emoji alone) to a question of yes and no: read back. None: it says nothing here."""
    if fold(says):
        return None
    heart = any(sign in says for sign in _HEARTS)
    reading = read_yes_no(says)
    meant = "yes" if heart else str(reading.value) if reading.certainty == "sure" else ""
    if node.question.pii == "consent" or meant not in {"yes", "no"}:
        return None
    if node.question.type == "acknowledge":
        return Confirm(says, "OK", None) if meant == "yes" else None
    if node.question.type == "range":
        return _mark(world, stop, says, meant, heart=heart)
    names = {o.name for o in choosable(world, stop.index, stop.ids)}
    name = next((name for name in _YES_NO[meant] if name in names), None)
    if node.question.type != "select_one" or name is None or not any(n in names for n in _YES_NO["no"]):
        return None
    verdict = judged(world, stop, says, name)
    return verdict if isinstance(verdict, Refused) else Confirm(says, name, None)


def _mark(world: World, stop: Stop, says: str, meant: str, *, heart: bool) -> Outcome | None:
    """A heart is the best mark of a scale, a thumb the one next to the end: read back, for nobody knows how much it is."""
    steps = [
        int(o.name) if o.name.lstrip("-").isdigit() else float(o.name) for o in choosable(world, stop.index, stop.ids)
    ]
    if len(steps) < 3:
        return None
    value = steps[-1] if heart else steps[-2] if meant == "yes" else steps[1]
    verdict = judged(world, stop, says, value)
    return verdict if isinstance(verdict, Refused) else Confirm(says, value, None)


_HEARTS: Final = ("\u2764", "\U0001f970", "\U0001f60d")
_YES_NO: Final = {"yes": ("yes", "co", "1", "true"), "no": ("no", "khong", "0", "false")}


def _number(world: World, stop: Stop, node: Node, text: str) -> Outcome:
    question = node.question
    if _CODE.search(text):
        return Refused(Say("engine.not_understood"))
    if question.chat.parse == "money_vi":
        reading = read_money(text, allow_negative=question.chat.allow_negative)
    else:
        reading = read_number(text, "integer" if question.type == "integer" else "decimal")
    return _reading(world, stop, node, text, reading)


def _range(world: World, stop: Stop, node: Node, text: str) -> Outcome:
    start, end, step = range_of(node.question)
    if (thumb := _thumb(world, stop, node, text)) is not None:
        return thumb
    if _CODE.search(text):
        return Refused(Say("engine.not_understood"))
    outcome = _reading(world, stop, node, text, read_number(text))
    if isinstance(outcome, Taken) and isinstance(outcome.value, int | float):
        off = abs((outcome.value - start) / step - round((outcome.value - start) / step)) if step else 0
        if not min(start, end) <= outcome.value <= max(start, end) or off > 1e-9:
            return Refused(Say("engine.range", {"start": start, "end": end, "step": step}))
    return outcome


def _date(world: World, stop: Stop, node: Node, text: str) -> Outcome:
    """A date without a year is the nearest to come for a deadline, else the nearest past, as the constraint tells."""
    source = (node.question.constraint or "").replace(" ", "")
    prefers: Prefers | None = "future" if ".>=today()" in source else "past" if ".<=today()" in source else None
    reading = read_date(text, today=world.now.date(), prefers=prefers)
    precision = precision_of(node.question)
    if precision == "day" or not isinstance(reading.value, str):
        return _reading(world, stop, node, text, reading)
    return _period(world, stop, text, reading, precision)


_YEAR_SAID: Final = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def _period(world: World, stop: Stop, text: str, reading: Reading, precision: Precision) -> Outcome:
    """A month or a year, kept as its first day. More than was asked is welcome, less is asked for again."""
    day = str(reading.value)
    if precision == "month" and reading.precision not in {"day", "week", "month"}:
        return Refused(Say("widgets.which_month"))
    value = f"{day[:7]}-01" if precision == "month" else f"{day[:4]}-01-01"
    if _YEAR_SAID.search(text) or reading.certainty == "sure":
        return judged(world, stop, text, value)
    verdict = judged(world, stop, text, value)
    return verdict if isinstance(verdict, Refused) else Confirm(text, value, None)


_CLOCK: Final = re.compile(r"^\s*(\d{1,2})\s*(?:[:hg]|giờ|gio)\s*(\d{1,2})?\s*(?:phút|phut)?\s*$", re.IGNORECASE)


def _clock(world: World, stop: Stop, kind: str, text: str) -> Outcome:
    day, _, rest = text.strip().rpartition(" ") if kind == "datetime" else ("", "", text.strip())
    found = _CLOCK.match(rest)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return Refused(Say(f"engine.{kind}"))
    clock = f"{int(found[1]):02}:{int(found[2] or 0):02}:00"
    if kind == "time":
        return judged(world, stop, text, clock)
    read = read_date(day, today=world.now.date(), prefers=None)
    if read.certainty not in {"sure", "confirm"} or not isinstance(read.value, str):
        return Refused(Say("engine.datetime"))
    return judged(world, stop, text, f"{read.value}T{clock}+07:00")


def _reading(world: World, stop: Stop, node: Node, raw: str, reading: Reading) -> Outcome:
    """What a reader made of the words."""
    value = reading.value
    ask = Say(reading.ask, dict(reading.facts)) if reading.ask else None
    if isinstance(value, Range):
        return _ranged(world, stop, node, raw, value)
    if value is None or reading.certainty in {"vague", "none"}:
        return Refused(ask or Say("engine.not_understood"))
    if reading.certainty == "confirm" or node.question.chat.confirm:
        verdict = judged(world, stop, raw, value)
        return verdict if isinstance(verdict, Refused) else Confirm(raw, value, ask)
    return judged(world, stop, raw, value)


def _ranged(world: World, stop: Stop, node: Node, raw: str, span: Range) -> Outcome:
    """A range where one number is asked: it fills two questions that say so, else one is asked for."""
    least, most = span.min, span.max
    wanted = node.question.chat.accept_range
    if len(wanted) == 2 and least is not None and most is not None and wanted[0] == node.name:
        sibling = stop.path.removesuffix(node.name) + wanted[1]
        return judged(world, stop, raw, least, certainty="sure", also={sibling: most})
    if least is not None and most is not None:
        half = (least + most) / 2
        middle = int(half) if half.is_integer() else half
        if world.constraint_holds(stop.index, stop.ids, middle):
            return Confirm(raw, middle, Say("engine.range_middle"))
    return Refused(Say("engine.one_number"))


# Options.


def _wordings(world: World, node: Node, shown: Sequence[Listed]) -> Wordings:
    """How people may call the options shown."""
    whole = world.machine.listed(node)  # none of a list made of answers
    return world.machine.wordings(node) if len(shown) == len(whole) else Wordings(shown)


def _select(world: World, session: Session, stop: Stop, node: Node, text: str) -> Outcome:
    question = node.question
    unlisted = question.file is not None and not world.machine.listed(node)  # its file is not here
    if unlisted or (node.source is not None and not world.options(stop.index, stop.ids)):  # what is said is the answer
        return judged(world, stop, text, text.strip())
    options = choosable(world, stop.index, stop.ids)
    found = session.draft.found
    words = _wordings(world, node, options if found is None else [o for o in options if o.name in found])
    worded = words.labelled(text)
    if (thumb := _thumb(world, stop, node, text)) is not None:
        return thumb
    if len(worded) == 1:  # the very words on a button: nothing is left to read
        return judged(world, stop, text, worded[0], exact=True)
    if _CODE.search(text) or _MASHED.fullmatch(fold(text)):
        return Refused(Say("engine.no_such_option"))
    if question.chat.parse == "ward_vn":
        return _option(world, stop, node, text, read_ward(text, world.machine.gazetteer), options)
    if question.chat.parse == "province_vn":
        return _option(world, stop, node, text, read_province(text, world.machine.gazetteer), options)
    outcome = _option(world, stop, node, text, read_option(text, words.options), options)
    return (as_other(world, stop, text) or outcome) if isinstance(outcome, Refused) else outcome


def _option(world: World, stop: Stop, node: Node, text: str, reading: Reading, options: Sequence[Listed]) -> Outcome:
    names = {o.name for o in options}
    candidates = tuple(str(c.value) for c in reading.candidates if str(c.value) in names)
    if isinstance(reading.value, str) and reading.value in names and reading.certainty in {"sure", "confirm"}:
        if reading.certainty == "confirm" and len(candidates) < 2:
            ask = Say(reading.ask, dict(reading.facts)) if reading.ask else None
            return Confirm(text, reading.value, ask)
        if reading.certainty == "sure":
            if node.question.chat.confirm:
                return Confirm(text, reading.value, None)
            return judged(world, stop, text, reading.value)
    if candidates:
        return Narrow(candidates, Say("engine.which_one", {"n": len(candidates)}))
    return _unfound(reading)


def _unfound(reading: Reading) -> Refused:
    """No option is meant; the reader's own reason where it has one: a place outside Hanoi, a number beyond the list."""
    if reading.certainty == "none" and reading.ask:
        return Refused(Say(reading.ask, dict(reading.facts)))
    return Refused(Say("engine.no_such_option"))


def _selects(world: World, session: Session, stop: Stop, node: Node, text: str) -> Outcome:
    options = choosable(world, stop.index, stop.ids)
    words = _wordings(world, node, options)
    if not words.labelled(text) and (_CODE.search(text) or _MASHED.fullmatch(fold(text))):
        return Refused(Say("engine.no_such_option"))
    top = node.question.chat.top_n
    is_rank = node.question.type == "rank"
    reading = read_rank(text, words.options, top) if is_rank else read_options(text, words.options)
    if reading.certainty == "sure" and isinstance(reading.value, str) and reading.value:
        outcome = several(world, session, stop, node, options, reading.value.split(), raw=text)
        if isinstance(outcome, Taken):
            return Taken(outcome.raw, outcome.value, outcome.certainty, bool(words.labelled(text)))
        return outcome
    candidates = tuple(str(c.value) for c in reading.candidates if any(o.name == c.value for o in options))
    if isinstance(reading.value, str) and reading.value and reading.certainty == "confirm":
        return Confirm(text, reading.value, Say(reading.ask, dict(reading.facts)) if reading.ask else None)
    if candidates:
        return Narrow(candidates, Say("engine.which_one", {"n": len(candidates)}))
    return (None if is_rank else as_other(world, stop, text)) or _unfound(reading)


# Things that are not words.


def _sent(world: World, stop: Stop, node: Node, event: Sent) -> Outcome:
    question = node.question
    if question.type == "text" and question.chat.voice_ok and event.media == "audio":
        return Heard(event.file)
    if event.media == "audio" and question.type not in MEDIA:
        return Refused(Say("widgets.type_instead"))
    if question.type not in MEDIA:
        return Refused(Say("engine.no_file_here"))
    if question.type != event.media and not (question.type == "file" or event.media == "file"):
        return Refused(Say(f"engine.send_{question.type}"))
    ending = event.name.rsplit(".", 1)[-1].lower() if "." in event.name else ""
    allowed = {"jpg" if e == "jpeg" else e for e in question.chat.accept}
    if allowed and ("jpg" if ending == "jpeg" else ending) not in allowed:
        return Refused(Say("engine.file_kind", {"kinds": ", ".join(question.chat.accept)}))
    if question.type == "image" and event.media == "file" and not event.mime.startswith("image/"):
        return Refused(Say("engine.send_image"))
    if question.chat.max_mb is not None and event.size > question.chat.max_mb * MEGABYTE:
        return Refused(Say("engine.file_size", {"mb": question.chat.max_mb}))
    return judged(world, stop, event.name, event.file)


def _located(world: World, session: Session, stop: Stop, node: Node, event: Located) -> Outcome:
    question = node.question
    if question.type in TRACKS:
        return _grown(session, (point(event.lat, event.lon, event.accuracy),))
    raw = f"{event.lat:.6f}, {event.lon:.6f}"
    if question.type == "geopoint":
        return judged(world, stop, raw, point(event.lat, event.lon, event.accuracy))
    if question.chat.accept_location:
        near = world.machine.gazetteer.nearest(event.lat, event.lon)
        if question.type != "text":
            return _option(world, stop, node, raw, near, choosable(world, stop.index, stop.ids))
        label = near.candidates[0].label if near.candidates else ""
        return Confirm(raw, f"{label} ({raw})" if label else raw, None)
    return Refused(Say("engine.no_place_here"))


def _contacted(world: World, stop: Stop, node: Node, event: Contacted) -> Outcome:
    if node.question.chat.parse not in {"phone_vn", "phone_any"}:
        return Refused(Say("engine.no_contact_here"))
    if not event.own:
        return Refused(Say("engine.not_your_contact"))
    reading = read_phone(event.phone, foreign=True)
    return (
        judged(world, stop, event.phone, reading.value)
        if isinstance(reading.value, str)
        else Refused(Say("engine.not_understood"))
    )


def _coordinates(world: World, stop: Stop, text: str) -> Outcome:
    """A pair such as "21.03, 105.85", or a map link that holds one."""
    found = read_point(text)
    return judged(world, stop, text, found) if found is not None else Refused(Say("engine.send_place"))


def _grown(session: Session, points: tuple[str, ...]) -> Toggled:
    """Points put to those that stand on the card already."""
    chosen = (*session.draft.chosen, *points)[:POINTS_MAX]
    return Toggled(chosen, Say("engine.points", {"n": len(chosen)}))


def _points(world: World, session: Session, stop: Stop, node: Node, text: str) -> Outcome:
    """Enough pairs at once are the answer; fewer are put to the pins that were sent."""
    points = read_points(text)
    if not points:
        return Refused(Say("engine.send_points", {"n": TRACKS[node.question.type]}))
    whole = joined(node.question.type, (*session.draft.chosen, *points))
    return judged(world, stop, text, whole) if whole and len(points) > 1 else _grown(session, points)
