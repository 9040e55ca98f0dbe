"""The vectors that several projects share, where they are at hand: KHAOSAT_SHARED names the folder with `domain/data`."""

import csv
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.answers import (
    Gazetteer,
    Range,
    read_command,
    read_date,
    read_money,
    read_number,
    read_phone,
    read_province,
    read_tax_code,
    read_ward,
    read_yes_no,
)
from flows.answers.text import fold

FOLDER = os.environ.get("KHAOSAT_SHARED", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="KHAOSAT_SHARED is not set; the same rules stand in tables.py")


def data(name: str) -> Any:
    return yaml.safe_load((Path(FOLDER) / "domain" / "data" / name).read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    with (Path(FOLDER) / "domain" / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_amounts_agree() -> None:
    vectors = data("money_vi.yaml")
    assert {text: read_money(text).value for text in vectors["accept"]} == vectors["accept"]
    assert {text: read_money(text).value for text in vectors["ranges"]} == {
        text: Range(*ends) for text, ends in vectors["ranges"].items()
    }
    assert [text for text in vectors["refuse"] if read_money(text).value is not None] == []
    assert [
        text for text in vectors["foreign"] if read_money(text).value is not None or not read_money(text).currency
    ] == []
    for row in vectors["format"]:
        assert read_money(row["full"]).value == row["vnd"]


def test_the_numbers_and_dates_agree() -> None:
    vectors = data("answers_vi.yaml")
    assert {text: read_number(text).value for text in vectors["numbers"]} == vectors["numbers"]
    assert [text for text in vectors["dates"]["formats"] if read_date(text, date(2026, 11, 25)).value is None] == []


def test_the_short_replies_agree() -> None:
    vectors = data("answers_vi.yaml")
    assert {read_yes_no(str(text)).value for text in vectors["yes"]} == {"yes"}
    assert {read_yes_no(str(text)).value for text in vectors["no"]} == {"no"}
    for command in ("skip", "back", "stop", "resume", "human"):
        assert {read_command(text).value for text in vectors[command]} == {command}
    for language, words in vectors["language"].items():
        assert {read_command(word).value for word in words} == {f"language:{language}"}


def test_the_phone_numbers_and_tax_codes_agree() -> None:
    phones, codes = data("phones.yaml"), data("mst.yaml")
    assert [read_phone(row["raw"]).value for row in phones["valid"]] == [row["e164"] for row in phones["valid"]]
    assert [text for text in phones["invalid"] if read_phone(text).value is not None] == []
    assert [text for text in codes["valid"] if read_tax_code(text).certainty != "sure"] == []
    assert [row for row in codes["invalid"] if read_tax_code(row["value"]).value is not None] == []


def test_every_ward_of_today_and_before_is_found() -> None:
    units, old = rows("hanoi_units.csv"), rows("hanoi_old_ward_map.csv")
    gazetteer = Gazetteer(units, old)
    for row in units:
        assert read_ward(row["name"], gazetteer).certainty == "sure"
        for text in (row["name"], row["short_name"], row["name_en"], row["ascii"]):
            assert read_ward(text, gazetteer).value == row["code"]
    for row in old:
        if row["is_default"] == "1":
            for text in (f"{row['old_ward']}, {row['old_district']}", fold(f"{row['old_ward']} {row['old_district']}")):
                reading = read_ward(text, gazetteer)
                assert reading.value == row["new_code"]
                assert (reading.certainty == "confirm") == (row["kind"] == "part")


def test_every_province_of_today_and_before_is_found() -> None:
    provinces = rows("provinces.csv")
    gazetteer = Gazetteer(provinces=provinces)
    for row in provinces:
        for text in (row["name"], row["short_name"], row["name_en"], row["ascii"], *row["merged_from"].split("|")):
            assert read_province(text, gazetteer).value == row["code"]
