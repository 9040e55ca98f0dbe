"""Forms written in YAML: what is read, what is refused and where, and that nothing is lost on the way back."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.model import Choice, Flow, Group, Jump, Question, Repeat
from flows.problems import CODES, BadFlow, Problem
from flows.yaml_dialect import flow_to_yaml, read_choices, read_draft, read_flow, read_table, without_places

HEAD = """\
flow: house
version: "1"
default_language: vi
languages: [vi, en]
title: {vi: Nhà, en: House}
"""
QUESTION = "  - {name: age, type: integer, label: {vi: Tuổi, en: Age}}\n"


def form(questions: str = QUESTION, more: str = "") -> str:
    return HEAD + more + "questions:\n" + questions


def read(text: str) -> Flow:
    return read_flow(text, file="house.yaml")


def one(cells: str) -> Question:
    """The only question of a form, given what stands between its braces."""
    return next(read(form(f"  - {{name: q, {cells}}}\n")).questions())


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(BadFlow) as caught:
        read(text)
    return caught.value.problems


def marked(text: str) -> tuple[str, int, int]:
    """A text with the spot of the expected problem marked by "¶": the text without it, its line and column."""
    before = text[: text.index("¶")]
    return text.replace("¶", "", 1), before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


REFUSED = {
    "yaml_syntax": HEAD + "questions:\n  - {name: a\n¶",
    "yaml_tab": HEAD + "questions:\n¶\t- {name: a}\n",
    "yaml_alias": form("  - {name: age, type: integer, label: ¶*words}\n"),
    "yaml_anchor": form("  - {name: age, type: integer, label: ¶&words Tuổi}\n"),
    "yaml_tag": form("  - {name: age, type: integer, label: ¶!!python/name:os.system x}\n"),
    "yaml_merge": form("  - {name: age, type: integer, ¶<<: {label: x}}\n"),
    "yaml_duplicate_key": form("  - {name: age, type: integer, ¶name: years}\n"),
    "yaml_key_not_text": form("  - {name: age, type: integer, ? ¶[a, b] : c}\n"),
    "yaml_many_documents": form() + "¶---\nflow: other\n",
    "bad_character": form('  - {name: age, type: integer, label: "¶Tuổi\\0"}\n'),
    "missing_key": form("  - ¶{type: integer, label: Tuổi}\n"),
    "unknown_key": form("  - {name: age, type: integer, ¶requird: true}\n"),
    "unknown_word": form(more="auth: ¶somebody\n"),
    "unknown_language": form("  - {name: age, type: integer, label: {vi: Tuổi, ¶fr: Âge}}\n"),
    "unknown_type": form("  - {name: age, type: ¶integr, label: Tuổi}\n"),
    "unsupported_type": form("  - {name: road, type: ¶osm, label: Đường}\n"),
    "type_without_list": form("  - {name: sex, type: ¶select_one, label: Giới}\n"),
    "or_other": form("  - {name: sex, type: ¶select_one sex or_other, label: Giới}\n"),
    "bad_parameter": form('  - {name: n, type: range, label: Mấy, parameters: "¶start=1 end"}\n'),
    "not_a_text": form("  - {name: age, type: integer, relevant: ¶[a]}\n"),
    "not_a_list": HEAD + "questions: ¶age\n",
    "not_a_mapping": form("  - ¶age\n"),
    "not_words": form("  - {name: age, type: integer, label: ¶[Tuổi]}\n"),
    "not_a_boolean": form("  - {name: age, type: integer, chat: {confirm: ¶yes}}\n"),
    "not_a_number": form("  - {name: f, type: file, chat: {max_mb: ¶lots}}\n"),
    "always_resumes": form(more="resume: ¶false\n"),
    "unknown_group": form("  - {name: age, group: ¶yu, type: integer}\n", "groups: {you: {label: x}}\n"),
    "group_split": form(
        "  - {name: a, group: you, type: text}\n  - {name: b, type: text}\n  - ¶{name: c, group: you, type: text}\n",
        "groups: {you: {label: x}}\n",
    ),
    "group_in_nested": form(
        "  - {type: group, name: g, questions: [{name: a, type: text, group: ¶you}]}\n", "groups: {you: {label: x}}\n"
    ),
    "groups_in_circle": form(
        "  - {name: a, group: one, type: text}\n", "groups: {one: ¶{parent: two}, two: {parent: one}}\n"
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_wrong_is_told_by_code_and_place(code: str) -> None:
    text, line, column = marked(REFUSED[code])
    found = [(p.place.file, p.place.line, p.place.column) for p in refused(text) if p.code == code]
    assert found == [("house.yaml", line, column)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "yaml_empty"),
        ("# only a remark\n", "yaml_empty"),
        ("- a\n- b\n", "not_a_mapping"),
        ("\x00", "bad_character"),
    ],
)
def test_what_is_no_form_at_all_is_refused(text: str, code: str) -> None:
    assert [p.code for p in refused(text)] == [code]


def test_all_problems_are_told_at_once_in_the_order_they_were_met() -> None:
    problems = refused(form("  - {name: a, type: nteger, requird: true}\n  - {type: text, chat: {confirm: maybe}}\n"))
    assert {p.code for p in problems} == {"unknown_type", "unknown_key", "missing_key", "not_a_boolean"}
    assert all(p.is_error for p in problems)


def test_an_unknown_key_names_the_nearest_known_one() -> None:
    (problem,) = refused(form("  - {name: a, type: text, constrant: \". != ''\"}\n"))
    assert (problem.facts["word"], problem.facts["nearest"]) == ("constrant", "constraint")


def test_both_places_of_a_key_that_is_there_twice_are_named() -> None:
    (problem,) = refused(HEAD + "title: again\nquestions:\n" + QUESTION)
    assert (problem.place.line, problem.facts["line"], problem.facts["column"]) == (6, "5", "1")


def test_a_bomb_of_aliases_is_refused_unlit() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert {p.code for p in refused(bomb)} >= {"yaml_alias", "yaml_anchor"}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_twenty_thousand_levels_are_refused_without_falling_over(opening: str) -> None:
    assert "yaml_too_deep" in {p.code for p in refused(opening * 20_000)}


def test_a_file_of_more_than_a_megabyte_is_refused_by_its_bytes() -> None:
    (problem,) = refused("# " + "ế" * 400_000)
    assert (problem.code, problem.facts["bytes"]) == ("yaml_too_large", "1200002")


def test_more_than_two_hundred_thousand_nodes_are_refused() -> None:
    assert [p.code for p in refused("a: [" + "1," * 200_000 + "1]")] == ["yaml_too_many_nodes"]


@pytest.mark.parametrize("word", ["NO", "yes", "1.10", "22:30", "012", "0x1F", "1e3", "2026-11-23", "null_", "=", "on"])
def test_words_stay_texts_where_texts_are_wanted(word: str) -> None:
    text = form("  - {name: q, type: select_one l, label: Q}\n", f"choices: {{l: [{{name: {word}, label: {word}}}]}}\n")
    (choice,) = read(text).choices["l"]
    assert (choice.name, choice.label) == (word, {"vi": word})


def test_a_version_that_looks_like_a_number_keeps_its_zero() -> None:
    assert read(form().replace('"1"', "1.10")).version == "1.10"


@pytest.mark.parametrize(("cell", "meant"), [("true", True), ("yes", True), ("false", False), ("${a} = 1", "${a} = 1")])
def test_required_is_true_false_or_an_expression(cell: str, meant: bool | str) -> None:
    assert one(f'type: text, required: "{cell}"').required == meant


@pytest.mark.parametrize(
    ("cell", "kind", "list_name", "file"),
    [
        ("int", "integer", None, None),
        ("string", "text", None, None),
        ("dateTime", "datetime", None, None),
        ("photo", "image", None, None),
        ("gps", "geopoint", None, None),
        ("trigger", "acknowledge", None, None),
        ("select_one sex", "select_one", "sex", None),
        ("select one from sex", "select_one", "sex", None),
        ("select1 sex", "select_one", "sex", None),
        ("select all that apply from sex", "select_multiple", "sex", None),
        ("select_multiple sex", "select_multiple", "sex", None),
        ("rank sex", "rank", "sex", None),
        ("select_one_from_file wards.csv", "select_one", None, "wards.csv"),
        ("select_multiple_from_file wards.csv", "select_multiple", None, "wards.csv"),
    ],
)
def test_types_are_read_in_their_old_spellings_too(
    cell: str, kind: str, list_name: str | None, file: str | None
) -> None:
    found = one(f"type: {cell}")
    assert (found.type, found.list_name, found.file) == (kind, list_name, file)


def test_a_label_without_a_language_is_in_the_default_one() -> None:
    assert one("type: text, label: Tên").label == {"vi": "Tên"}


def test_a_question_mark_needs_no_quotes() -> None:
    found = one("type: text, label: {vi: Anh/chị bao nhiêu tuổi?, en: How old are you?}")
    assert found.label == {"vi": "Anh/chị bao nhiêu tuổi?", "en": "How old are you?"}


def test_questions_of_one_group_stand_in_it_and_groups_in_groups() -> None:
    flow = read(
        form(
            "  - {name: a, group: outer, type: text}\n"
            "  - {name: b, group: inner, type: text}\n"
            "  - {name: c, group: inner, type: text}\n"
            "  - {name: d, group: outer, type: text}\n"
            "  - {name: e, type: text}\n",
            'groups:\n  outer: {label: Ngoài, relevant: "1 = 1"}\n  inner: {parent: outer, repeat: true, count: "2"}\n',
        )
    )
    outer, last = flow.items
    assert isinstance(outer, Group)
    assert (outer.name, outer.relevant, last.name) == ("outer", "1 = 1", "e")
    inner = outer.items[1]
    assert isinstance(inner, Repeat)
    assert (inner.count, [item.name for item in inner.items]) == ("2", ["b", "c"])


def test_groups_may_be_nested_as_they_stand() -> None:
    nested = read(
        form(
            "  - {type: group, name: g, label: G, questions: [{type: repeat, name: r, questions: [{name: a, type: text}]}]}\n"
        )
    )
    flat = read(
        form("  - {name: a, group: r, type: text}\n", "groups: {g: {label: G}, r: {parent: g, repeat: true}}\n")
    )
    assert without_places(nested) == without_places(flat)


def test_ways_out_are_read_in_short_and_in_full() -> None:
    assert [(j.to, j.when) for j in one("type: text, next: last").next] == [("last", None)]
    found = one('type: text, next: [{when: "1 = 2", to: a}, {to: b}], end: {when: "1 = 1", message: Thôi}')
    assert [(j.to, j.when) for j in found.next] == [("a", "1 = 2"), ("b", None)]
    assert found.end is not None
    assert (found.end.when, found.end.message) == ("1 = 1", {"vi": "Thôi"})


def test_cells_know_where_their_first_letter_stands() -> None:
    found = read(form("  - name: age\n    type: integer\n    relevant: '1 = 2'\n    constraint: >-\n      . > 3\n"))
    places = next(found.questions()).places
    assert (places["relevant"].line, places["relevant"].column) == (9, 16)
    assert (places["constraint"].line, places["constraint"].column) == (11, 7)


def test_only_the_shared_lists_and_tables_that_are_used_become_part_of_the_flow() -> None:
    shared = read_choices(
        "choices: {yes_no: [{name: 'yes', label: Có}], colours: [{name: red, label: Đỏ}]}", "shared.yaml"
    )
    tables = {"wards.csv": read_table("code,name\n1,A\n", "wards.csv"), "other.csv": read_table("a\n1\n", "other.csv")}
    text = form("  - {name: q, type: select_one yes_no}\n  - {name: w, type: select_one_from_file wards.csv}\n")
    flow = read_flow(text, file="f.yaml", shared=shared, tables=tables)
    assert (set(flow.choices), set(flow.tables)) == ({"yes_no"}, {"wards.csv"})


def test_a_table_that_only_an_expression_looks_into_comes_along() -> None:
    tables = {"prices.csv": read_table("code,price\n1,5\n", "prices.csv")}
    text = form("  - {name: p, type: calculate, calculation: \"pulldata('prices', 'price', 'code', '1')\"}\n")
    assert set(read_flow(text, file="f.yaml", tables=tables).tables) == {"prices.csv"}


def test_a_shared_list_cannot_be_redefined_but_may_be_repeated_as_it_is() -> None:
    shared = read_choices("choices: {yes_no: [{name: 'yes', label: Có}]}", "shared.yaml")
    questions = "  - {name: q, type: select_one yes_no}\n"
    same = form(questions, "choices: {yes_no: [{name: 'yes', label: Có}]}\n")
    assert "yes_no" in read_flow(same, file="f.yaml", shared=shared).choices
    with pytest.raises(BadFlow) as caught:
        read_flow(same.replace("Có", "Vâng"), file="f.yaml", shared=shared)
    assert [(p.code, p.place.line) for p in caught.value.problems] == [("list_redefined", 6)]


def test_other_columns_of_an_option_are_kept_for_filters() -> None:
    text = form(
        "  - {name: q, type: select_one l}\n", "choices: {l: [{name: a, label: A, aliases: [á], district: 01}]}\n"
    )
    (choice,) = read(text).choices["l"]
    assert (choice.aliases, choice.columns) == (("á",), {"district": "01"})


def test_a_calculation_may_say_which_list_its_values_are_from() -> None:
    text = form(
        "  - {name: size, type: calculate, list: l, calculation: \"'a'\"}\n", "choices: {l: [{name: a, label: A}]}\n"
    )
    assert next(read(text).questions()).list_name == "l"
    assert "list: l" in flow_to_yaml(read(text))


def test_a_draft_can_be_had_in_spite_of_its_problems() -> None:
    flow, problems = read_draft(form("  - {name: a, type: nteger}\n" + QUESTION), file="f.yaml")
    assert flow is not None
    assert [q.name for q in flow.questions()] == ["a", "age"]
    assert [p.code for p in problems] == ["unknown_type"]


# Tables.


@pytest.mark.parametrize(
    "text", ["\ufeffcode,name\r\n01,A\r\n", "code;name\n01;A\n", "code\tname\n\n 01 \tA\n", 'code,"name"\n01,"A"']
)
def test_tables_are_read_as_spreadsheets_write_them(text: str) -> None:
    table = read_table(text, "t.csv")
    assert (table.columns, table.rows) == (("code", "name"), (("01", "A"),))


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "table_empty", None),
        ("a,b\n1,2\n1\n", "table_row", 3),
        ("a,a\n", "table_column", 1),
        ("a,\n", "table_column", 1),
        ('a,b\n"1,2\n', "table_syntax", 2),
        ("a\n" + "1\n" * 200_001, "table_too_large", 200_002),
    ],
)
def test_bad_tables_are_refused_by_line(text: str, code: str, line: int | None) -> None:
    with pytest.raises(BadFlow) as caught:
        read_table(text, "t.csv")
    assert [(p.code, p.place.file, p.place.line) for p in caught.value.problems] == [(code, "t.csv", line)]


# There and back.

FULL = form(
    """\
  - name: hello
    type: note
    label: {vi: "Dòng một\\nDòng hai: có dấu", en: "NO"}
  - type: repeat
    name: people
    label: {vi: Người, en: Person}
    count: "${n}"
    questions:
      - name: fruit
        type: select_multiple fruit
        label: {vi: "1.10", en: "22:30"}
        hint: {vi: "'nháy' \\"kép\\""}
        guidance_hint: {vi: vì sao}
        media: {big-image: a.png, audio: {vi: a.mp3, en: b.mp3}}
        required: "${n} > 1"
        required_message: {vi: cần}
        constraint: "count-selected(.) <= 2"
        constraint_message: {vi: tối đa 2}
        choice_filter: "size = '012'"
        default: apple
        save_to: kind
        trigger: "${n}"
        appearance: minimal
        parameters: {randomize: "true"}
        chat: {widget: buttons, skip: false, confirm: true, max_mb: 2.5, top_n: 3, accept: [pdf], quick_replies: ["1"]}
        pii: basic
        official: ND80.1
        indicator: x
        next: [{when: "1 = 2", to: last}]
        end: {when: "${n} = 9", message: {vi: "Thôi {contact}"}}
  - {name: last, type: calculate, list: fruit, calculation: "if(1 = 1, 'a', '')", read_only: true}
""",
    "choices: {fruit: [{name: apple, label: {vi: Táo, en: Apple}, aliases: [táo ta], media: {image: t.png}, size: '012'}, {name: 'NO', label: Không}]}\n"
    "summary: [last]\nchannels: [web]\none_open_per: [last]\nstaff_only: true\nanonymous_allowed: true\n"
    'welcome: Chào\nthank_you: Cảm ơn {receipt}\ndeclined: Vâng\naudience: ai đó\nentities: [{list_name: trees, label: "${last}", create_if: "1 = 1"}]\ninstance_name: "concat(\'a\', ${last})"\n',
)


def test_a_flow_written_back_reads_as_the_same_flow() -> None:
    flow = read(FULL)
    assert without_places(read(flow_to_yaml(flow))) == without_places(flow)


def test_every_field_of_a_question_and_a_flow_is_written_back() -> None:
    """The form above uses every one of them, so that none can be forgotten by the writer."""
    flow = read(FULL)
    fruit = next(q for q in flow.questions() if q.name == "fruit")
    unsaid = {"kind", "place", "places", "calculation", "read_only", "relevant", "file", "answers_of", "meta"}
    assert {name for name in Question.model_fields if not getattr(fruit, name)} <= unsaid
    assert {name for name in Flow.model_fields if not getattr(flow, name)} == {"tables", "media"}
    assert {name for name in Choice.model_fields if not getattr(flow.choices["fruit"][0], name)} == set()
    assert {name for name in Jump.model_fields if not getattr(fruit.next[0], name)} == set()


def test_nothing_of_a_line_is_left_without_places() -> None:
    assert "house.yaml" not in without_places(read(FULL)).model_dump_json()


def test_no_place_a_person_named_is_taken_for_one_of_ours() -> None:
    text = form(QUESTION, "choices: {l: [{name: a, label: A, place: here, places: there}]}\n")
    (choice,) = without_places(read(text)).choices["l"]
    assert choice.columns == {"place": "here", "places": "there"}


# Whatever comes.

_PIECES = st.sampled_from(
    [
        HEAD,
        FULL,
        QUESTION,
        "questions:\n",
        "- ",
        "  ",
        "\n",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "'",
        '"',
        "&a",
        "*a",
        "!!x",
        "<<: ",
        "|",
        ">",
        "~",
        "\t",
        "null",
        "${",
        "name",
        "type: group",
        "group: g",
        "groups:",
        "\ufeff",
        "\ud800",
        "\x85",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=12).map("".join)))
def test_any_text_is_a_flow_or_a_list_of_problems(text: str) -> None:
    flow, problems = read_draft(text, file="f.yaml")
    if flow is None or problems:
        assert problems
        assert {p.code for p in problems} <= CODES
    else:
        assert without_places(read(flow_to_yaml(flow))) == without_places(flow)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_flow_or_a_list_of_problems(data: bytes) -> None:
    for text in (data.decode("latin-1"), data.decode("utf-8", "surrogateescape")):
        with pytest.raises(BadFlow):  # by chance alone no form comes about
            read(text)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(FULL) - 1), st.integers(0, 40), st.one_of(_PIECES, st.text(max_size=4)))
def test_a_form_with_a_piece_torn_out_or_put_in_never_breaks_the_reader(at: int, cut: int, put: str) -> None:
    flow, problems = read_draft(FULL[:at] + put + FULL[at + cut :], file="f.yaml")
    assert flow is not None or problems


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_is_a_table_or_a_list_of_problems(text: str) -> None:
    with suppress(BadFlow):
        table = read_table(text, "t.csv")
        assert all(len(row) == len(table.columns) for row in table.rows)
