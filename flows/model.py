"""What a flow is: its questions, groups, repeats and choices, in XLSForm's own vocabulary."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from flows.problems import Place
from flows.value import Value

Text: TypeAlias = Mapping[str, str]  # words by language code, {"vi": "…", "en": "…"}; empty: there are none

QuestionType = Literal[
    "note", "text", "integer", "decimal", "range", "select_one", "select_multiple", "rank", "acknowledge",
    "date", "time", "datetime", "geopoint", "geotrace", "geoshape", "image", "audio", "video", "file", "calculate", "hidden",
]  # fmt: skip

Meta = Literal[
    "start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "start-geopoint",
]  # fmt: skip

MediaKind = Literal["image", "big-image", "audio", "video"]

SILENT: Final = frozenset({"calculate", "hidden"})  # never shown
SELECTS: Final = frozenset({"select_one", "select_multiple", "rank"})
NUMBERS: Final = frozenset({"integer", "decimal", "range"})
GIVEN: Final = frozenset({"yes", "agree", "accept", "ok", "1", "true", "co", "dong_y"})  # names of a consent given
MEDIA: Final = frozenset({"image", "audio", "video", "file"})


class Choice(Value):
    """One option of a list. `name` is what is stored and never changes; `label` is what people read."""

    name: str
    label: Text
    aliases: tuple[str, ...] = ()  # other words people use for it: old names, names without tone marks
    media: Mapping[MediaKind, Text] = Field(default_factory=dict)  # as of a question
    columns: Mapping[str, str] = Field(default_factory=dict)  # every other column, for choice_filter and instance()
    place: Place = Place()


class Table(Value):
    """Rows of a file that a question chooses from or looks up: `columns[i]` names `rows[r][i]`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Chat(Value):
    """How a question behaves in a chat; every key is optional and none changes what is stored.

    The keys are the `chat:` keys of the YAML dialect and the `chat::key` columns of a sheet.
    """

    widget: str | None = None  # buttons, stars, nps, likert, money, typeahead, rank_tap, share_phone, calendar
    parse: str | None = None  # money_vi, number_vi, phone_vn, phone_any, mst, date_vi, ward_vn
    confirm: bool = False  # read the answer back for one tap, however sure the reading was
    skip: bool | None = None  # None: a question may be skipped unless it is required
    voice_ok: bool = False
    quick_replies: tuple[str, ...] = ()
    prefill_from: str | None = None
    hide_if_prefilled: bool = False
    default_last_complete_year: bool = False
    accept: tuple[str, ...] = ()  # file endings without the dot
    max_mb: float | None = None
    accept_location: bool = False
    accept_range: tuple[str, ...] = ()  # (minimum question, maximum question) that a typed range fills
    allow_negative: bool = False
    no_default: bool = False
    log_evidence: bool = False
    top_n: int | None = None  # rank: only the first n are asked
    filter: str | None = None


class Jump(Value):
    """`next:` — when `when` holds (always, if absent), everything up to the later question `to` is passed over."""

    to: str
    when: str | None = None
    place: Place = Place()


class End(Value):
    """`end:` — when `when` holds once the question is answered, the talk ends with `message` and is not submitted."""

    when: str
    message: Text = Field(default_factory=dict)
    place: Place = Place()


class _Item(Value):
    name: str
    label: Text = Field(default_factory=dict)
    relevant: str | None = None
    appearance: str = ""
    place: Place = Place()

    @model_serializer(mode="wrap")
    def _with_kind(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """`kind` is written even where defaults are left out: it tells a reader which of the three it is."""
        return {"kind": getattr(self, "kind", ""), **plain(self)}


class Question(_Item):
    """One row of the form. Expressions are kept as their source; `compile` makes them run."""

    kind: Literal["question"] = "question"
    type: QuestionType
    meta: Meta | None = None  # hidden: what about the talk itself it records
    list_name: str | None = None  # selects and ranks over a list of the flow
    answers_of: str | None = None  # selects over what was answered to this question of a repeat
    file: str | None = None  # selects over the rows of a file, by its name
    parameters: Mapping[str, str] = Field(default_factory=dict)
    hint: Text = Field(default_factory=dict)
    guidance_hint: Text = Field(default_factory=dict)  # shown behind "why do you ask?"
    media: Mapping[MediaKind, Text] = Field(default_factory=dict)  # names of files beside the form, by language
    required: bool | str = False
    required_message: Text = Field(default_factory=dict)
    constraint: str | None = None  # judged on a candidate value `.`, never on blank
    constraint_message: Text = Field(default_factory=dict)
    calculation: str | None = None
    trigger: tuple[str, ...] = ()  # questions: when one changes, the calculation is put in, and at no other time
    choice_filter: str | None = None
    default: str | None = None
    read_only: bool | str = False
    save_to: str = ""  # the property of an entity; "list#property" where there are several entities
    chat: Chat = Chat()
    pii: str | None = None  # basic, sensitive, or consent (a consent question: its answer is kept as evidence)
    official: str | None = None
    indicator: str | None = None
    next: tuple[Jump, ...] = ()
    end: End | None = None
    places: Mapping[str, Place] = Field(default_factory=dict)  # of single cells: "relevant", "constraint", "label.en"…


class Group(_Item):
    """Questions under one heading; `relevant` holds for all of them."""

    kind: Literal["group"] = "group"
    items: tuple["Item", ...] = ()
    places: Mapping[str, Place] = Field(default_factory=dict)


class Repeat(_Item):
    """Questions asked once per instance. Without `count` people add instances themselves."""

    kind: Literal["repeat"] = "repeat"
    count: str | None = None
    items: tuple["Item", ...] = ()
    places: Mapping[str, Place] = Field(default_factory=dict)


Item: TypeAlias = Annotated[Question | Group | Repeat, Field(discriminator="kind")]


class Entity(Value):
    """What a record creates or updates in a list of another system; all but `list_name` are expressions."""

    list_name: str
    label: str | None = None
    create_if: str | None = None
    update_if: str | None = None
    entity_id: str | None = None
    place: Place = Place()


class Flow(Value):
    """One version of a questionnaire, as published."""

    name: str
    version: str
    title: Text
    default_language: str
    languages: tuple[str, ...]
    items: tuple[Item, ...]
    choices: Mapping[str, tuple[Choice, ...]] = Field(default_factory=dict)
    tables: Mapping[str, Table] = Field(default_factory=dict)  # by file name, "hanoi_units.csv"
    media: Mapping[str, str] = Field(default_factory=dict)  # files that it shows: by name, what each is kept as
    welcome: Text = Field(default_factory=dict)
    thank_you: Text = Field(default_factory=dict)
    declined: Text = Field(default_factory=dict)  # said when the consent to process is refused
    audience: str | None = None
    channels: tuple[str, ...] = ()  # empty: all
    staff_only: bool = False
    anonymous_allowed: bool = False
    one_open_per: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()  # questions that may leave for a staff chat; none of them personal or free text
    instance_name: str | None = None
    entities: tuple[Entity, ...] = ()
    place: Place = Place()
    places: Mapping[str, Place] = Field(default_factory=dict)  # of single cells: "welcome.en", "summary.2"…

    def table(self, name: str) -> Table | None:
        """The file that `instance('name')` means: the name may leave the ending out."""
        return next((self.tables[name + e] for e in ("", ".csv", ".xml", ".geojson") if name + e in self.tables), None)

    def questions(self) -> Iterator[Question]:
        """Every question in the order of the form, whatever groups and repeats it stands in."""
        stack: list[Item] = list(reversed(self.items))
        while stack:
            item = stack.pop()
            if isinstance(item, Question):
                yield item
            else:
                stack.extend(reversed(item.items))
