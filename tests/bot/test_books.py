"""Workbooks in the folder of flows are published at start like YAML, within bounds, and their faults told like its."""

import asyncio
from pathlib import Path

import pytest
import xlsxwriter

from bot import books
from bot.app import opened
from bot.config import Settings
from bot.media import MediaStore
from flows.problems import BadFlow

YAML = """\
flow: written
version: "1"
title: {vi: Phiếu}
questions:
  - {type: text, name: a, label: {vi: Tên?}}
"""


def workbook(path: Path, calculation: str = "1 + 1") -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("survey")
    rows = (
        ("type", "name", "label", "calculation"),
        ("select_one_from_file towns.csv", "town", "Ở đâu?", ""),
        ("calculate", "two", "", calculation),
    )
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    settings = book.add_worksheet("settings")
    settings.write_row(0, 0, ("form_id", "version"))
    settings.write_row(1, 0, (path.stem, "7"))
    book.close()


def test_a_workbook_in_the_folder_is_published_like_yaml(tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    workbook(folder / "booked.xlsx")
    (folder / "~$booked.xlsx").write_bytes(b"what an office program locks a file with")
    (folder / "towns.csv").write_text("name,label\nhn,Hà Nội\n", encoding="utf-8")
    (folder / "lines.csv").write_text("survey,,,\n,type,name,label\n,text,a,Tên?\n", encoding="utf-8")
    (folder / "written.yaml").write_text(YAML, encoding="utf-8")
    settings = Settings.model_validate({"data_dir": tmp_path / "data", "flows_dir": folder, "samples": False})

    async def names() -> dict[str, str]:
        async with opened(settings) as house:
            flows = (house.library.current(name) for name in ("booked", "lines", "written"))
            return {machine.name: machine.version for machine in flows if machine is not None}

    assert asyncio.run(names()) == {"booked": "7", "lines": "1", "written": "1"}


def test_what_is_wrong_with_every_file_is_told_at_once(tmp_path: Path) -> None:
    workbook(tmp_path / "sums.xlsx", "1 +")
    (tmp_path / "torn.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    (tmp_path / "noise.xls").write_bytes(bytes(range(256)))
    (tmp_path / "written.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(BadFlow) as bad:
        books.read_flows(tmp_path, MediaStore(tmp_path / "media"))
    assert {p.place.file for p in bad.value.problems} == {"sums.xlsx", "torn.xlsx", "noise.xls", "written.yaml"}
    assert "sums.xlsx, survey, row 3, calculation" in {str(p.place) for p in bad.value.problems}


def test_a_workbook_that_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook(tmp_path / "slow.xlsx")
    monkeypatch.setattr(books, "SECONDS_MAX", 0)
    with pytest.raises(BadFlow) as bad:
        books.read_flows(tmp_path, MediaStore(tmp_path / "media"))
    assert [(p.code, p.place.file) for p in bad.value.problems] == [("takes_too_much", "slow.xlsx")]
