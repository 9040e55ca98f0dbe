"""A workbook as people write it becomes a flow, and what stands in the way is told with its cell."""

from importlib.resources import files

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.machine import compile as make
from flows.model import Flow, Group, Repeat
from flows.problems import BadFlow, Problem
from flows.xlsform import CODES, COLUMNS_MAX, READ, ROWS_MAX, make_sheet, read_csv, read_markdown, to_flow
from flows.xlsform.languages import language_code
from flows.xlsform.types import Asked, Begin, Finish, read_type

HEAD = "| survey |\n| | type | name | label |\n"
LISTS = "| choices |\n| | list_name | name | label |\n| | sex | 1 | Nam |\n| | sex | 2 | Nữ |\n"


def read(text: str) -> tuple[Flow, tuple[Problem, ...]]:
    flow, problems = to_flow(read_markdown(text), "house")
    assert flow is not None
    return flow, problems


def told(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


# Sheets.


def test_a_row_remembers_where_it_stood_over_blank_rows() -> None:
    sheet = make_sheet("Survey ", [[], ["type", "name"], [], ["text", " a\u00a0"], [None, ""], ["note", 1.0]])
    assert (sheet.name, sheet.headers) == ("survey", ("type", "name"))
    assert [(row.number, dict(row.cells)) for row in sheet.rows] == [
        (4, {"type": "text", "name": "a"}),
        (6, {"type": "note", "name": "1"}),
    ]


@pytest.mark.parametrize("lines", [[["a"]] * (ROWS_MAX + 2), [["a"] * (COLUMNS_MAX + 1)]], ids=["rows", "columns"])
def test_a_sheet_beyond_the_limits_is_a_problem(lines: list[list[str]]) -> None:
    with pytest.raises(BadFlow) as bad:
        make_sheet("survey", lines)
    assert told(bad.value.problems) == ["sheet_too_large"]


def test_a_csv_file_has_a_column_for_the_sheet() -> None:
    sheets = read_csv("\ufeffsurvey;;\n;type;name\n;text;a\nchoices;;\n;list_name;name\n;l;x\n")
    assert [(sheet.name, [row.number for row in sheet.rows]) for sheet in sheets] == [("survey", [3]), ("choices", [6])]


def test_a_csv_file_that_begins_with_type_is_a_survey() -> None:
    assert [sheet.name for sheet in read_csv("type,name\ntext,a\n")] == ["survey"]


# Types and headers in the wild.


@pytest.mark.parametrize(
    ("cell", "type_", "or_other"),
    [
        ("select one from sex", "select_one", False),
        ("select_multiple sex or_other", "select_multiple", True),
        ("Select all that apply from sex", "select_multiple", False),
        ("select one from sex or specify other", "select_one", True),
        ("select1 sex", "select_one", False),
        ("select_one_external sex", "select_one", False),
        ("add text prompt", "text", False),
        ("q integer", "integer", False),
        ("gps", "geopoint", False),
        ("tel", "text", False),
        ("calculate_here", "calculate", False),
    ],
)
def test_old_spellings_of_types_are_understood(cell: str, type_: str, or_other: bool) -> None:
    found = read_type(cell)
    assert isinstance(found, Asked)
    assert (found.kind.type, found.or_other) == (type_, or_other)


def test_a_list_may_be_called_prompt() -> None:
    found = read_type("select_one prompt")
    assert isinstance(found, Asked)
    assert found.kind.list_name == "prompt"


@pytest.mark.parametrize("cell", ["begin group", "begin_group", "Begin  Group", "begingroup"])
def test_groups_begin_in_many_ways(cell: str) -> None:
    assert read_type(cell) == Begin("group")
    assert read_type(cell.lower().replace("begin", "end")) == Finish("group")


def test_a_looped_group_is_a_repeat() -> None:
    assert (read_type("begin lgroup"), read_type("end looped group")) == (Begin("repeat"), Finish("repeat"))


@pytest.mark.parametrize(
    ("spelling", "code"),
    [("Tiếng Việt (vi)", "vi"), ("tiếng việt", "vi"), ("ENGLISH", "en"), ("pt_BR", "pt-BR"), ("Klingonish", None)],
)
def test_a_language_has_a_code(spelling: str, code: str | None) -> None:
    assert language_code(spelling) == code


# A whole form.


def test_headers_are_folded_and_the_language_of_words_is_known_by_its_code() -> None:
    flow, problems = read(
        "| survey |\n"
        "| | Type | NAME | Label:English (en) | label :: Tiếng Việt (vi) | Relevance | bind::required | Constraint Message::vi | read only |\n"
        "| | text | a | Name? | Tên? | ${b} = “x” | Yes | Sai | no |\n"
        "| | hidden | b | | | | | | |\n"
        "| settings |\n| | default_language | form title | id_string | version |\n| | Tiếng Việt (vi) | Phiếu | my form | 3 |\n"
    )
    question = next(flow.questions())
    assert problems == ()
    assert (flow.name, flow.version, flow.title) == ("my_form", "3", {"vi": "Phiếu"})
    assert (flow.default_language, flow.languages) == ("vi", ("vi", "en"))
    assert question.label == {"en": "Name?", "vi": "Tên?"}
    assert (question.relevant, question.required, question.read_only) == ('${b} = "x"', True, False)
    assert question.constraint_message == {"vi": "Sai"}
    place = question.places["relevant"]
    assert (place.sheet, place.row, place.column) == ("survey", 3, "Relevance")


def test_groups_and_repeats_stand_within_each_other() -> None:
    flow, problems = read(
        "| survey |\n| | type | name | label | jr:count |\n| | begin group | g | G | |\n| | begin_repeat | r | R | 2 |\n"
        "| | text | a | A | |\n| | end repeat | | | |\n| | text | b | B | |\n| | end_group | | | |\n"
    )
    group = flow.items[0]
    assert problems == ()
    assert isinstance(group, Group)
    repeat = group.items[0]
    assert isinstance(repeat, Repeat)
    assert (repeat.count, [item.name for item in repeat.items], group.items[1].name) == ("2", ["a"], "b")


def test_choices_keep_their_other_columns() -> None:
    flow, _ = read(
        HEAD
        + "| | select_one sex | s | Giới |\n| choices |\n| | list name | value | label | region |\n| | sex | 1 | Nam | hn |\n"
    )
    (option,) = flow.choices["sex"]
    assert (option.name, option.label, option.columns) == ("1", {"vi": "Nam"}, {"region": "hn"})


def test_or_other_adds_an_option_and_a_question_after_it() -> None:
    flow, problems = read(HEAD + "| | select_one sex or_other | s | Giới |\n" + LISTS)
    first, second = flow.questions()
    assert problems == ()
    assert first.list_name == "sex_or_other"
    assert [option.name for option in flow.choices["sex_or_other"]] == ["1", "2", "other"]
    assert (second.name, second.relevant) == ("s_other", "selected(${s}, 'other')")
    make(flow)


def test_chat_columns_say_how_a_question_behaves() -> None:
    flow, problems = read(
        "| survey |\n| | type | name | label | chat::parse | chat::confirm | chat::max_mb | chat::accept | chat::nonsense |\n"
        "| | text | a | A | money_vi | yes | 2.5 | pdf, jpg | 1 |\n"
    )
    chat = next(flow.questions()).chat
    assert (chat.parse, chat.confirm, chat.max_mb, chat.accept) == ("money_vi", True, 2.5, ("pdf", "jpg"))
    assert [(p.code, p.place.row, p.place.column) for p in problems] == [("sheet_word", 3, "chat::nonsense")]


def test_a_disabled_row_is_not_there() -> None:
    flow, _ = read(
        "| survey |\n| | type | name | label | disabled |\n| | text | a | A | yes |\n| | text | b | B | no |\n"
    )
    assert [question.name for question in flow.questions()] == ["b"]


def test_what_a_chat_cannot_ask_is_told_and_what_names_it_still_runs() -> None:
    flow, problems = read(
        HEAD + "| | barcode | code | Mã |\n| | osm | way | Đường |\n| | deviceid | device | |\n| | start | begun | |\n"
        "| | audit | | |\n| | note | n | ${code} ${way} ${device} ${begun} |\n"
    )
    assert [(q.name, q.type) for q in flow.questions()] == [
        ("code", "text"), ("way", "hidden"), ("device", "hidden"), ("begun", "hidden"), ("audit", "hidden"),
        ("n", "note"),
    ]  # fmt: skip
    assert told(problems) == ["sheet_type_replaced", "sheet_type_skipped"]
    assert problems[1].facts == {"type": "osm", "instead": "geopoint"}
    assert not any(problem.is_error for problem in problems)
    make(flow)


# Everything that can be wrong, with its place.

WRONG = {
    "sheet_missing": ("| settings |\n| | version |\n| | 1 |\n", None),
    "sheet_column_missing": ("| survey |\n| | name |\n| | a |\n", 1),
    "sheet_other_dialect": ("| survey |\n| | clause | type | name |\n| | if | text | a |\n", 1),
    "sheet_end_unexpected": (HEAD + "| | end group | | |\n", 3),
    "sheet_group_open": (HEAD + "| | text | a | A |\n| | begin group | g | G |\n", 4),
    "sheet_groups_deep": (
        HEAD + "".join(f"| | begin group | g{n} | G |\n" for n in range(21)) + "| | end group | | |\n" * 21,
        23,
    ),
    "sheet_type_missing": (HEAD + "| | | a | A |\n", 3),
    "sheet_type_skipped": (HEAD + "| | nonsense | a | A |\n", 3),
    "sheet_type_replaced": (HEAD + "| | barcode | a | A |\n", 3),
    "sheet_metadata": (HEAD + "| | imei | a | |\n", 3),
    "sheet_column_ignored": ("| survey |\n| | type | name | label | intent |\n| | text | a | A | x |\n", 1),
    "sheet_looks": ("| survey |\n| | type | name | label | appearance |\n| | image | a | A | draw |\n", 3),
    "sheet_encrypted": (HEAD + "| | text | a | A |\n| settings |\n| | public_key |\n| | MIIB |\n", 6),
    "sheet_name_given": (HEAD + "| | note | | A |\n", 3),
    "sheet_label_missing": (HEAD + "| | text | a | |\n", 3),
    "sheet_row_incomplete": (HEAD + "| | text | a | A |\n" + LISTS + "| | sex | | X |\n", 8),
    "sheet_function_dropped": (
        "| survey |\n| | type | name | label | relevant |\n| | text | a | A | duration() > 5 |\n",
        3,
    ),
    "sheet_word": ("| survey |\n| | type | name | label | chat::max_mb |\n| | text | a | A | big |\n", 3),
    "sheet_language_unknown": ("| survey |\n| | type | name | label::Klingonish |\n| | text | a | A |\n", None),
}
FROM_THE_JUDGE = {"sheet_judge_refuses", "sheet_judge_warns"}  # tests/bot/test_judge.py
FROM_MEDIA = {"media_missing", "media_unfit"}  # tests/bot/test_media.py
FROM_BYTES = {"sheet_not_workbook", "sheet_too_large", "sheet_unreadable"}


def test_every_code_has_a_test() -> None:
    assert set(WRONG) | FROM_BYTES | FROM_THE_JUDGE | FROM_MEDIA == CODES


@pytest.mark.parametrize("code", WRONG)
def test_a_fault_is_told_with_its_row_and_words(code: str) -> None:
    text, row = WRONG[code]
    _, problems = to_flow(read_markdown(text), "house")
    (problem,) = problems
    assert (problem.code, problem.place.row) == (code, row)
    for lang in ("vi", "en"):
        for kind in ("problem", "remedy"):
            assert _words(lang)[f"{kind}.{code}"].format(**problem.facts)


def test_all_faults_are_told_at_once() -> None:
    _, problems = to_flow(read_markdown(HEAD + "| | end group | | |\n| | nonsense | a | A |\n| | | b | B |\n"))
    assert told(problems) == ["sheet_end_unexpected", "sheet_type_skipped", "sheet_type_missing"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_code_has_its_words_and_remedy(lang: str) -> None:
    keys = {key for key in _words(lang) if key.startswith(("problem.", "remedy."))}
    assert keys == {f"{kind}.{code}" for kind in ("problem", "remedy") for code in CODES}


def _words(lang: str) -> dict[str, str]:
    with (files("locales") / lang / "LC_MESSAGES" / "xlsform.po").open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream, locale=lang) if message.id}


# Whatever comes.

_CELL = st.sampled_from(
    ["", "type", "name", "label", "text", "note", "a", "b", "begin group", "end group", "begin repeat", "end repeat", "select_one l or_other",
     "l", "list_name", "label::x", "label::vi", "chat::skip", "chat::top_n", "yes", "${a}", "disabled", "default_language", ":", "::", "media::"]
) | st.text(max_size=5)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(READ), st.lists(st.lists(_CELL, max_size=6), max_size=8)))
def test_any_cells_are_read_or_told(sheets: dict[str, list[list[str]]]) -> None:
    made = [make_sheet(name, [["type", "name", "label"], *lines]) for name, lines in sheets.items()]
    _, problems = to_flow(made)
    assert set(told(problems)) <= CODES
