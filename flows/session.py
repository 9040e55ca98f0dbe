"""A session, the events that reach it, and the effects that leave it.

These are plain slotted dataclasses and not `Value`s: one step makes dozens of them, and a pydantic model costs
ten times as much to build. `pydantic.TypeAdapter` still reads and writes them as JSON at the edges.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from flows.change import changer

Scalar: TypeAlias = (
    str | int | float | None
)  # a stored answer; None: passed over. Selects: names joined by blanks. Dates: ISO.
Certainty: TypeAlias = Literal["sure", "confirmed", "vague", "none"]


class Status(StrEnum):
    """Where a session stands as a whole; within ASKING, `Session.at` says at which question."""

    NEW = "new"
    CONSENT = "consent"
    ASKING = "asking"
    REVIEW = "review"
    PAUSED = "paused"
    SUBMITTED = "submitted"
    ENDED_EARLY = "ended_early"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # left for too long: the answers are kept, and "resume" goes on with them


PAGE = 7  # options on a page of a long list: what a phone shows without scrolling
LIST_MAX = 100  # options that a view carries whole; a longer list goes page by page
NAME_MAX = 20  # bytes of an option's name that still fit a button's 64 bytes beside everything else there


def short(name: str) -> str:
    """The name, or a stand-in of seven characters for one that is too long or not ASCII; `step` takes either.

    >>> short("capital"), short("một lựa chọn")
    ('capital', '~JQGYP6')
    """
    if len(name) <= NAME_MAX and name.isascii() and ":" not in name:
        return name
    return "~" + base64.b32encode(hashlib.blake2b(name.encode(), digest_size=4).digest()).decode()[:6]


OPEN = frozenset({Status.CONSENT, Status.ASKING, Status.REVIEW, Status.PAUSED})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said to one question: as they said it, what it means, and how sure that reading is."""

    raw: str
    value: Scalar
    certainty: Certainty
    asked_at: int  # milliseconds since 1970, UTC
    answered_at: int
    tries: int = 1  # how often they answered until one was taken, this one counted


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances of one repeat, by an id that is never given twice, and whether people said "no more"."""

    ids: tuple[int, ...]
    closed: bool = False
    next_id: int = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands on the open card and is not an answer yet."""

    chosen: tuple[str, ...] = ()  # toggles that are on, or ranks in their order
    page: int = 0
    found: tuple[str, ...] | None = None  # options that a typed text may mean; None: all are shown
    reading: tuple[str, Scalar] | None = None  # (raw, value) waiting for "yes, that is it"
    tries: int = 0  # answers given to this card and not taken
    asked_at: int = 0
    turned: str = ""  # what a calendar is turned to: "2026-11", "2026" or "2020s"; "": where it opens
    message: str = ""  # the channel's id of the words that wait for "yes", or that were not taken last
    voice: str = ""  # our id of a voice that waits for its words, or for "done"
    why: bool = False  # "why do you ask?" was pressed
    noise: str = ""  # words that say nothing, asked about once: the same again is the answer
    other: str = ""  # the question that the words of the reading answer, where its value is the option "other"
    forwarded: bool = False  # the reading that waits for "yes" is somebody else's words


@dataclass(frozen=True, slots=True)
class Known:
    """An answer known before it is given."""

    value: Scalar
    of: Literal["last", "link"]  # the person's last form, or the link they came by
    hide: bool = False  # taken without a question, where it fits


@dataclass(frozen=True, slots=True)
class Session:
    """One person's way through one version of a flow.

    `at` and the keys of `answers` are instance paths: names joined by "/", a repeat's with its instance id in
    brackets: "household/member[2]/age". `at` ending in "#more" is the question "add another?" of a repeat.
    """

    id: str
    flow: str
    version: str
    lang: str
    seed: int
    status: Status = Status.NEW
    at: str | None = None
    card: int = 0  # number of the open card; a card is sent once and edited after
    trail: tuple[str, ...] = ()  # questions behind us, the last one last
    answers: Mapping[str, Answer] = field(default_factory=dict)
    repeats: Mapping[str, Instances] = field(default_factory=dict)
    fixed: Mapping[str, Scalar] = field(default_factory=dict)  # by path: what a default or a trigger has put in
    draft: Draft = Draft()
    visiting: bool = False  # jumped to from the review: go back there after this answer
    said: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # message that answered → (path, its card)
    album: tuple[str, str, int] | None = None  # (its id, path, card) of the photos taken last: more may come
    paused_from: Status | None = None
    revision: int = 0  # events taken
    started_at: int = 0
    amends: str = ""  # the submission that is to be corrected: what is handed in is a request; "": none
    known: Mapping[str, Known] = field(default_factory=dict)  # by path: offered beside the question
    device: str = ""  # as `Started` told it
    reason: str = ""  # of that request, in the person's words


redrawn: Final = changer(Draft)  # a changed copy: redrawn(draft, page=1)
moved_on: Final = changer(Session)


# Events: what happened, in the past tense. `at` is milliseconds since 1970, UTC.


@dataclass(frozen=True, slots=True)
class Started:
    """A person opened the flow."""

    at: int
    lang: str
    known: Mapping[str, Known] = field(default_factory=dict)
    device: str = ""  # a name for the person within this flow that tells nothing else of them
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class Typed:
    """A person wrote something."""

    at: int
    text: str
    path: str | None = None  # the question it answers, where the channel knows; None: the open one
    message: str = ""  # the channel's id of it, where people can edit what they sent; "" elsewhere
    reply: bool = False  # written in reply to the card of `path`, or to the message `reply_to`: it may be an old one
    reply_to: str = ""
    forwarded: bool = False  # somebody else's words
    kind: Literal["typed"] = "typed"


@dataclass(frozen=True, slots=True)
class Corrected:
    """A person edited a message that they had sent."""

    at: int
    text: str  # as it reads now
    message: str  # the channel's id of it
    kind: Literal["corrected"] = "corrected"


Op = Literal[
    "pick",  # the option named `arg`
    "set",  # exactly the options in `arg`, joined by blanks, and done (a form's checkboxes)
    "on", "off",  # the option named `arg`, on or off: said as the state wanted, so that a double tap is harmless
    "done",  # the toggles or ranks as they stand
    "fill",  # the rows of a table that have no answer yet, with the option named `arg`
    "page",  # page number `arg`, from 0
    "turn",  # the calendar to `arg`: "2026-11" its days, "2026" its months, "2020s" the years around
    "yes", "no",  # to a reading that was read back
    "add", "enough",  # a further instance of a repeat, or no more
    "back", "skip", "later", "resume",
    "keep",  # the answer that stands, and go on
    "same",  # the answer that is known from before
    "edit",  # re-open the question at `path`
    "review", "submit",
    "amend",  # ask for a correction of what was handed in
    "request", "drop",  # send that request, or leave things as they are
    "show",  # show the open card again
    "why",  # say what the answer is for
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tapped:
    """A person pressed a button. A button belongs to one card; one of an older card is told from it by `card`."""

    at: int
    op: Op
    path: str | None = None  # the question the button stood under, or "#" and its `View.ref`; None: the open one
    arg: str = ""  # an option's name or its `short` stand-in, a page number
    card: int | None = None  # the card the button stood on; None: a command
    kind: Literal["tapped"] = "tapped"


Medium: TypeAlias = Literal["image", "audio", "video", "file"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A person sent a photo, a voice, a video or a file; it is stored already."""

    at: int
    media: Medium
    file: str  # our id of it
    name: str
    mime: str
    size: int  # bytes
    caption: str = ""
    group: str = ""  # the channel's id of the album it is a part of
    message: str = ""  # the channel's id of the message
    kind: Literal["sent"] = "sent"


@dataclass(frozen=True, slots=True)
class Located:
    """A person shared a place, in degrees (WGS 84) and metres."""

    at: int
    lat: float
    lon: float
    accuracy: float | None = None
    kind: Literal["located"] = "located"


@dataclass(frozen=True, slots=True)
class Contacted:
    """A person shared a contact card."""

    at: int
    phone: str
    own: bool
    kind: Literal["contacted"] = "contacted"


@dataclass(frozen=True, slots=True)
class Spoke:
    """A person asked for another language."""

    at: int
    lang: str
    kind: Literal["spoke"] = "spoke"


@dataclass(frozen=True, slots=True)
class Odd:
    """Something no question takes: a sticker, a dice, an unknown kind of message."""

    at: int
    what: str
    says: str = ""  # the emoji that a sticker stands for
    kind: Literal["odd"] = "odd"


@dataclass(frozen=True, slots=True)
class Withdrew:
    """A person takes the consent back."""

    at: int
    kind: Literal["withdrew"] = "withdrew"


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Nothing was said for as long as a draft may wait."""

    at: int
    kind: Literal["lapsed"] = "lapsed"


Event: TypeAlias = Started | Typed | Corrected | Tapped | Sent | Located | Contacted | Spoke | Odd | Withdrew | Lapsed


# What people see, told without a channel in mind.


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence of ours, by its key in the catalogues and what stands in its holes."""

    key: str
    holes: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as it is to be shown; `bot/i18n.py` writes numbers and dates as the reader's language does."""

    kind: Literal[
        "text",
        "number",
        "figure",
        "money",
        "date",
        "month",
        "year",
        "time",
        "datetime",
        "place",
        "file",
        "options",
        "none",
    ]
    value: str | int | float | None = None
    labels: tuple[str, ...] = ()  # for options: their labels, in order


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, sound or film of the form's own, by the name it is kept under."""

    kind: Medium
    file: str


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose, as it stands on a card."""

    name: str
    label: str
    on: bool = False
    place: int | None = None  # its rank, from 1
    media: tuple[Media, ...] = ()


Precision: TypeAlias = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A day, month or year of a calendar: what `pick` (or, where a finer choice follows, `turn`) takes."""

    value: str  # "2026-11-23", "2026-11" or "2026"
    free: bool = True  # False: the form's constraint forbids it
    on: bool = False  # the answer that stands


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a date is chosen from. The answer has that precision; a month is kept as its first day, as in XLSForm."""

    precision: Precision
    at: str  # what is shown: the days of "2026-11", the months of "2026", the years of "2020s"
    cells: tuple[Cell, ...]
    least: str = ""  # the first day that may be chosen, where the constraint says so plainly; "": any
    most: str = ""
    chips: tuple[tuple[str, str], ...] = ()  # (name of a near date, what `pick` takes): "today", "yesterday"…


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A question that is a row of a table; `edit` with its path makes it the open one."""

    path: str
    ref: str
    label: str
    value: str = ""  # the label of what was chosen
    here: bool = False  # the open row: the card's options are its
    answered: bool = False  # also: passed over


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table of questions that share their options."""

    rows: tuple[MatrixRow, ...]
    fill: str = ""  # the option worth giving to all rows that are left; "": none
    fill_label: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One answer on the review card."""

    path: str
    ref: str  # a short stand-in for the path, good within this version of the flow
    label: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Section:
    """A group of answers on the review card."""

    title: str
    lines: tuple[Line, ...]


Action = Literal[
    "keep", "back", "skip", "later", "done", "yes", "no", "add", "enough", "review", "submit", "resume", "edit",
    "amend", "request", "drop", "same",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One card. A channel shows what it can of it and nothing that is not in it.

    Kinds: `question` (answer it), `confirm` (a reading is read back: yes or no), `add` (another instance?),
    `review` (all answers, then submit), `paused`, `settled` (a card that has its answer: a short receipt),
    `submitted` (thanks and the receipt number), `ended` (ended early, declined, withdrawn), `message` (words only),
    `menu` (surveys to open: each option names a flow).
    """

    kind: Literal["question", "confirm", "add", "review", "paused", "settled", "submitted", "ended", "message", "menu"]
    lang: str
    path: str = ""
    ref: str = ""  # a short stand-in for the path, good within this version of the flow
    type: str = ""  # the question's type
    widget: str = ""
    parse: str = ""
    heading: str = ""  # the group it stands in
    heading_new: bool = False  # the first question under that heading
    notes: tuple[str, ...] = ()  # said before the question, in order
    media: tuple[Media, ...] = ()  # of the notes and of the question, in order
    text: str = ""
    hint: str = ""
    why: str = ""  # behind "why do you ask?"
    why_told: bool = False  # which was pressed
    error: Say | None = None  # why the last answer was not taken
    error_text: str = ""  # the same in the flow author's own words
    options: tuple[
        Option, ...
    ] = ()  # all of them while `total` ≤ LIST_MAX (a channel may page them), else those of `page`
    page: int = 0  # where the person has turned to, in pages of PAGE options
    pages: int = 1
    total: int = 0  # options there are in all, shown or not
    searchable: bool = False  # typing finds options
    least: int = 0  # toggles or ranks: how many at least
    most: int = 0  # and at most; 0: any number
    shown: Shown | None = None  # the answer that stands, or the reading to confirm
    raw: str = ""  # of the answer that stands, as it was typed: to start an edit from
    known: Shown | None = None  # an answer from before that "same" takes
    known_of: Literal["", "last", "link"] = ""
    voice: bool = False  # a voice was kept: its words may be typed now, "done" leaves it as it is
    quick: tuple[str, ...] = ()  # texts worth one tap
    calendar: Calendar | None = None
    matrix: Matrix | None = None  # the table of which this question is the open row
    accept: tuple[str, ...] = ()
    max_mb: float | None = None
    locate: bool = False  # a shared place answers it
    required: bool = False
    consent: bool = False  # two equal buttons, nothing preselected, nothing else counts
    actions: tuple[Action, ...] = ()
    progress: tuple[int, int] | None = None  # (this question's number, questions on the way as it looks now)
    left_s: int = 0  # seconds that what is left on that way takes most people, this question counted; 0: not known
    sections: tuple[Section, ...] = ()
    amends: bool = False  # a review whose answers were handed in already: changes are a request, `raw` its reason


# Effects: orders to the world, in the order they are to be carried out.


@dataclass(frozen=True, slots=True)
class Show:
    """Put a card before the person.

    `replace`: it is the open card changed in place, not a new one. `again`: the open card is sent once more, below what
    the person wrote, so the copy that stands above must lose its buttons.
    """

    card: int
    view: View
    replace: bool = False
    again: bool = False
    kind: Literal["show"] = "show"


@dataclass(frozen=True, slots=True)
class Settle:
    """The card has its answer (or was left): shrink it to a receipt without buttons other than "edit"."""

    card: int
    view: View
    kind: Literal["settle"] = "settle"


@dataclass(frozen=True, slots=True)
class Tell:
    """Say something in passing: a toast after a tap, a short message after words."""

    say: Say
    kind: Literal["tell"] = "tell"


@dataclass(frozen=True, slots=True)
class Noted:
    """A quiet receipt for a message that people edited: what it says now is kept."""

    message: str  # the channel's id of it
    kind: Literal["noted"] = "noted"


@dataclass(frozen=True, slots=True)
class Consented:
    """Evidence for the register of consents: what was asked in which words, and what was answered."""

    purpose: str  # the question's name
    given: bool
    text_shown: str
    lang: str
    button: str  # the words on the button pressed, or as typed
    kind: Literal["consented"] = "consented"


@dataclass(frozen=True, slots=True)
class Submitted:
    """The record: every relevant answer and calculation by instance path, hidden ones cut."""

    record: Mapping[str, Scalar]
    kind: Literal["submitted"] = "submitted"


@dataclass(frozen=True, slots=True)
class Ended:
    """The talk is over without a submission. `forget`: nothing that was answered may be kept."""

    reason: Literal["declined", "ended", "withdrawn", "expired"]
    forget: bool
    kind: Literal["ended"] = "ended"


Effect: TypeAlias = Show | Settle | Tell | Noted | Consented | Submitted | Ended
