"""Files beside a form that are no CSV are tables too; broken ones are told and do no harm."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.library import read_file, tables_beside
from bot.sheets import draft_beside, draft_workbook
from flows.machine import compile
from flows.problems import BadFlow
from flows.yaml_dialect import read_attached
from tests.scenario import Scenario

XML = "<root><item><name>hk</name><label>Hoàn Kiếm</label><km> 5 </km></item><item><name>bd</name><label>Ba Đình</label></item></root>"
GEO = json.dumps({
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature", "id": "g1", "properties": {"title": "Hồ Gươm", "deep": 1.5, "open": True, "by": None},
            "geometry": {"type": "Point", "coordinates": [105.85, 21.03]},
        },
        {
            "type": "Feature", "properties": {"id": "g2", "title": "Hồ Tây"},
            "geometry": {"type": "Polygon", "coordinates": [[[105.8, 21.0], [105.9, 21.1, 7], [105.8, 21.0]]]},
        },
    ],
})  # fmt: skip
FORM = """\
| survey |
| | type | name | label | calculation |
| | select_one_from_file wards.xml | ward | Phường nào? | |
| | select_one_from_file lakes.geojson | lake | Hồ nào? | |
| | calculate | km | | instance('wards')/root/item[name = ${ward}]/km |
| | calculate | where | | instance('lakes')/root/item[id = ${lake}]/geometry |
"""


def test_a_form_chooses_from_xml_and_geojson_beside_it(tmp_path: Path) -> None:
    (tmp_path / "wards.xml").write_text(XML, encoding="utf-8")
    (tmp_path / "lakes.geojson").write_text(GEO, encoding="utf-8")
    (tmp_path / "other.xml").write_text("<settings/>", encoding="utf-8")
    flow, problems = draft_workbook(FORM.encode(), "form.md", tables_beside(tmp_path)[0])
    assert flow is not None
    assert problems == ()
    s = Scenario(compile(flow))
    s.bot_asks("Phường nào?").they_tap("Hoàn Kiếm").bot_asks("Hồ nào?").they_tap("Hồ Gươm")
    s.bot_shows_review().they_press("submit")
    assert {name: s.record[name] for name in ("ward", "lake", "km", "where")} == {
        "ward": "hk", "lake": "g1", "km": "5", "where": "21.03 105.85 0 0",
    }  # fmt: skip


def test_a_file_named_by_a_row_is_looked_into_and_told_when_it_is_missing(tmp_path: Path) -> None:
    form = (
        "| survey |\n| | type | name | label | calculation |\n| | xml-external | wards | | |\n"
        "| | text | a | A? | |\n| | calculate | km | | instance('wards')/root/item[name = ${a}]/km |\n"
    )
    _, problems = draft_workbook(form.encode(), "form.md", {})
    told = next(p for p in problems if p.code == "missing_table")
    assert (told.place.row, told.facts["file"], told.is_error) == (3, "wards.xml", False)
    (tmp_path / "wards.xml").write_text(XML, encoding="utf-8")
    flow, problems = draft_workbook(form.encode(), "form.md", tables_beside(tmp_path)[0])
    assert flow is not None
    assert problems == ()
    assert [q.name for q in flow.questions()] == ["a", "km"]
    Scenario(compile(flow)).bot_asks("A?").they_say("hk").bot_shows_review()


def test_a_broken_file_is_told_with_its_place_and_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "wards.xml").write_text(XML, encoding="utf-8")
    (tmp_path / "lakes.geojson").write_text(GEO, encoding="utf-8")
    (tmp_path / "old.csv").write_text("name,label\na,A\nb\n", encoding="utf-8")
    (tmp_path / "odd.csv").write_bytes(b"name,label\n\xff\xfe")
    (tmp_path / "form.md").write_text(FORM, encoding="utf-8")
    flow, problems = draft_beside(tmp_path / "form.md")
    assert flow is not None
    assert {"wards.xml", "lakes.geojson"} <= set(flow.tables)
    assert sorted((str(p.place), p.code, p.is_error) for p in problems) == [
        ("odd.csv", "table_syntax", False), ("old.csv:3", "table_row", False),
    ]  # fmt: skip


@pytest.mark.parametrize(("ending", "error"), [("md", False), ("yaml", True)])
def test_a_form_that_looks_into_a_broken_file_tells_both(tmp_path: Path, ending: str, error: bool) -> None:
    (tmp_path / "wards.csv").write_text("name,label\na,A\nb\n", encoding="utf-8")
    sheet = "| survey |\n| | type | name | label |\n| | select_one_from_file wards.csv | w | W? |\n"
    text = "flow: f\nversion: '1'\nlanguages: [vi]\ntitle: F\nquestions:\n  - {name: w, type: select_one_from_file wards.csv, label: W?}\n"
    path = tmp_path / f"form.{ending}"
    path.write_text(sheet if ending == "md" else text, encoding="utf-8")
    _, problems = draft_beside(path) if ending == "md" else read_file(path)
    told = {p.code: (str(p.place), p.is_error) for p in problems}
    assert told["table_row"] == ("wards.csv:3", error)
    assert told["missing_table"][1] is error


def test_properties_are_columns_and_shapes_their_outer_line() -> None:
    table = read_attached(GEO, "lakes.geojson")
    first, second = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    assert (first["deep"], first["open"], first["by"]) == ("1.5", "true", "")
    assert (second["name"], second["label"]) == ("g2", "Hồ Tây")
    assert second["geometry"] == "21.0 105.8 0 0;21.1 105.9 7 0;21.0 105.8 0 0"


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("<root><item>", "a.xml", "table_syntax"),
        ('<!DOCTYPE x [<!ENTITY a "aa">]><root><item><n>&a;</n></item></root>', "a.xml", "table_syntax"),
        ("<root/>", "a.xml", "table_empty"),
        ("[]", "a.geojson", "table_syntax"),
        ("[" * 100_000, "a.geojson", "table_syntax"),
        ('{"features": []}', "a.geojson", "table_empty"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, name: str, code: str) -> None:
    with pytest.raises(BadFlow) as bad:
        read_attached(text, name)
    assert [p.code for p in bad.value.problems] == [code]


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda x: st.lists(x, max_size=4))


@settings(max_examples=60, deadline=None)
@given(JSON, JSON, st.text(max_size=60))
def test_nothing_in_such_a_file_raises_anything_else(coordinates: object, properties: object, text: str) -> None:
    feature = {"properties": {"a": properties}, "geometry": {"coordinates": coordinates}}
    read_attached(json.dumps({"features": [feature, {"properties": properties}]}), "a.geojson")
    for name in ("a.xml", "a.geojson"):
        with pytest.raises(BadFlow):
            read_attached(f"<{text}", name)
