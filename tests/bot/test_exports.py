import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.exports import BOM, Asked, BadExport, Told, entries, write, write_export
from bot.exports.tables import Entry, Wanted, headers, reference, safe, sheets
from bot.i18n import words
from bot.web.staff import takeout
from flows.model import Choice, Flow, Group, Question, Repeat
from flows.session import Scalar
from storage import audit
from tests.bot.staff_desk import Desk, desk, settings
from tests.bot.staff_forms import form, label
from tests.bot.test_summary import RECORD

__all__ = ["desk", "settings"]  # fixtures of this file's tests

KEY = b"k" * 32
FORM = form()


def entry(record: dict[str, Scalar] | None = None, **changes: object) -> Entry:
    known: dict[str, object] = {
        "receipt": "HN-26-000123-C",
        "version": "1",
        "lang": "vi",
        "channel": "telegram",
        "submitted_at": 1_790_000_000_000,
        "person": "01person",
        "record": RECORD if record is None else record,
    }
    return Entry(**(known | changes))  # type: ignore[arg-type]


async def each(entries: Iterable[Entry]) -> AsyncIterator[Entry]:
    for one in entries:
        yield one


async def exported(entries: Iterable[Entry], to: Path, versions: tuple[Flow, ...] = (FORM,), **wanted: object) -> Told:
    return await write_export(each(entries), versions, Wanted.model_validate(wanted), to, key=KEY)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def whole(folder: Path, pattern: str) -> str:
    return "".join(file.read_text("utf-8") for file in folder.glob(pattern))


def simple_reader(text: str) -> list[list[str]]:
    """RFC 4180, read letter by letter: a second opinion beside the `csv` module."""
    table: list[list[str]] = []
    row: list[str] = []
    cell, n = "", 0
    while n < len(text):
        if text[n] == '"' and not cell:
            n += 1
            while text[n : n + 2] == '""' or text[n] != '"':
                step = 2 if text[n] == '"' else 1
                cell, n = cell + text[n], n + step
            n += 1
        if text[n : n + 2] == "\r\n":
            table.append([*row, cell])
            row, cell, n = [], "", n + 2
        elif text[n] == ",":
            row.append(cell)
            cell, n = "", n + 1
        else:
            cell, n = cell + text[n], n + 1
    return table


async def test_a_row_is_a_submission_and_a_column_a_question(tmp_path: Path) -> None:
    told = await exported([entry(), entry(receipt="HN-26-000124-A")], tmp_path / "needs.csv")
    table = read(tmp_path / "needs.csv")
    assert told.submissions == len(table) == 2
    assert table[0]["ward"] == "00166"
    assert table[0]["amount"] == "1500000000"
    assert table[0]["since"] == "2024-05-01"


async def test_a_file_begins_with_a_byte_order_mark_and_its_lines_end_as_rfc_4180_says(tmp_path: Path) -> None:
    await exported([entry()], tmp_path / "needs.csv")
    raw = (tmp_path / "needs.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\n") == raw.count(b"\r\n") == 2


async def test_a_select_multiple_is_told_whole_and_option_by_option(tmp_path: Path) -> None:
    await exported([entry(), entry({"about/staff": 3})], tmp_path / "needs.csv")
    first, second = read(tmp_path / "needs.csv")
    assert (first["needs"], first["needs/capital"], first["needs/market"], first["needs/ip"]) == (
        "capital market",
        "1",
        "1",
        "0",
    )
    assert (second["needs"], second["needs/capital"]) == ("", "")


async def test_the_instances_of_a_repeat_stand_in_a_table_beside(tmp_path: Path) -> None:
    told = await exported([entry()], tmp_path / "needs.csv")
    members = read(tmp_path / "needs.member.csv")
    assert told.files == [tmp_path / "needs.csv", tmp_path / "needs.member.csv"]
    assert [(m["instance"], m["age"]) for m in members] == [("1", "41"), ("2", "29")]
    assert members[0]["ref"] == read(tmp_path / "needs.csv")[0]["ref"]


async def test_instances_in_instances_are_numbered_through(tmp_path: Path) -> None:
    room = Repeat(name="room", items=(Question(type="integer", name="area"),))
    flow = FORM.but(items=(Repeat(name="house", items=(room,)),))
    record: dict[str, Scalar] = {"house[1]/room[1]/area": 10, "house[2]/room[3]/area": 30}
    await exported([entry(record)], tmp_path / "out.csv", (flow,))
    assert [(r["instance"], r["area"]) for r in read(tmp_path / "out.house.room.csv")] == [("1.1", "10"), ("2.3", "30")]


async def test_without_a_reason_nobody_is_named(tmp_path: Path) -> None:
    for reason in ("", "   "):
        with pytest.raises(BadExport):
            await exported([entry()], tmp_path / "needs.csv", named=True, reason=reason)
    assert whole(tmp_path, "*") == ""


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
async def test_who_it_was_and_what_they_wrote_is_left_out_unless_asked_for(tmp_path: Path, format_: str) -> None:
    secrets = ["HN-26-000123-C", "01person", "Trà Sen", "912345678", "Nguyễn Thị Mai", "21.03", "01hfile", "Tôi đồng ý"]
    await exported([entry()], tmp_path / "out", format=format_)
    await exported([entry()], tmp_path / "named", format=format_, named=True, reason="Gọi lại cho người cần vốn")
    without, named = whole(tmp_path, "out*"), whole(tmp_path, "named*")
    assert not [word for word in secrets if word in without]
    assert [word for word in secrets if word not in named] == ["Tôi đồng ý"]
    assert reference(KEY, "HN-26-000123-C") in without


async def test_a_reference_is_the_same_within_an_export_and_another_in_the_next(tmp_path: Path) -> None:
    for name in ("a", "b"):
        await write_export(each([entry(), entry(lang="en")]), (FORM,), Wanted(), tmp_path / f"{name}.csv")
    (a1, a2), (b1, _) = read(tmp_path / "a.csv"), read(tmp_path / "b.csv")
    assert a1["ref"] == a2["ref"] != b1["ref"]


async def test_json_lines_hold_the_values_as_they_are_stored(tmp_path: Path) -> None:
    await exported(
        [entry(), entry({"about/venture": "=1+1\n", "about/staff": 3})],
        tmp_path / "n.jsonl",
        format="jsonl",
        named=True,
        reason="x",
    )
    first, second = (json.loads(line) for line in (tmp_path / "n.jsonl").read_text("utf-8").splitlines())
    assert first["answers"] == RECORD
    assert second["answers"] == {"about/venture": "=1+1\n", "about/staff": 3}


async def test_a_telephone_number_stays_readable_and_is_no_formula(tmp_path: Path) -> None:
    await exported([entry()], tmp_path / "n.csv", named=True, reason="x")
    assert read(tmp_path / "n.csv")[0]["phone"] == "'+84912345678"


OLDER = form("0").but(
    items=(
        Group(
            name="about",
            label={},
            items=(
                Question(type="integer", name="staff"),
                Question(type="select_one", name="colour", list_name="agree"),
                Question(type="select_multiple", name="needs", list_name="need"),
            ),
        ),
    ),
    choices={"need": (Choice(name="land", label=label("Mặt bằng", "Premises")),), "agree": form().choices["agree"]},
)


async def test_columns_are_the_union_of_all_versions_with_the_old_ones_where_they_stood(tmp_path: Path) -> None:
    old = entry({"about/staff": 5, "about/colour": "yes", "about/needs": "land"}, version="0")
    await exported([old, entry()], tmp_path / "n.csv", (OLDER, FORM))
    first, second = read(tmp_path / "n.csv")
    names = list(first)
    assert names.index("colour") == names.index("staff") + 1
    assert (first["needs/land"], first["needs/capital"], second["needs/land"]) == ("1", "0", "0")
    assert (first["colour"], second["colour"]) == ("yes", "")


async def test_a_mark_that_came_late_hides_what_was_answered_before_it(tmp_path: Path) -> None:
    late = FORM.but(version="2", items=(Question(type="integer", name="staff", pii="basic"),))
    older = FORM.but(
        items=(
            Question(type="integer", name="staff"),
            Question(type="calculate", name="twice", calculation="${staff} * 2"),
        )
    )
    for format_ in ("csv", "jsonl"):
        await exported([entry({"staff": 424242, "twice": 848484})], tmp_path / "out", (older, late), format=format_)
        text = (tmp_path / "out").read_text("utf-8")
        assert "424242" not in text
        assert "848484" not in text


def test_labels_head_the_columns_in_the_language_asked_for() -> None:
    main = sheets((FORM,), Wanted(), KEY)[0]
    vi, en = (headers(main, Wanted(labels=lang)) for lang in ("vi", "en"))
    assert vi[:2] == ["Mã tham chiếu", "Ngày gửi"]
    assert "… cần gì?: Vốn" in vi
    assert "Ward?" in en
    assert len(set(vi)) == len(vi) == len(main.columns)


def test_two_questions_of_one_name_are_told_apart_by_their_paths() -> None:
    twice = (
        Group(name="a", items=(Question(type="integer", name="n"),)),
        Group(name="b", items=(Question(type="integer", name="n"),)),
    )
    assert [c.name for c in sheets((FORM.but(items=twice),), Wanted(), KEY)[0].columns][-2:] == ["a/n", "b/n"]


def test_a_question_called_like_a_column_of_ours_gets_a_number() -> None:
    main = sheets((FORM.but(items=(Question(type="integer", name="version"),)),), Wanted(), KEY)[0]
    assert [c.name for c in main.columns][-1] == "version_2"


texts = st.text(
    st.sampled_from("=+-@\t\r\n＝＋－＠ '\",;ạb1\ufeff\u200b\u00a0") | st.characters(exclude_categories=["Cs"]),
    max_size=12,
)


@given(texts)
def test_no_text_becomes_a_formula(text: str) -> None:
    cell = safe(text)
    assert not cell.lstrip(" \u00a0\u200b\ufeff\u3000").startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert cell in {text, f"'{text}"}


@given(st.lists(st.lists(texts, min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_is_written_is_what_any_reader_of_rfc_4180_reads(table: list[list[str]]) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, dialect="excel").writerows([[safe(cell) for cell in row] for row in table])
    expected = [[safe(cell) for cell in row] for row in table]
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == expected
    assert simple_reader(stream.getvalue()) == expected


@given(
    record=st.fixed_dictionaries(
        {"about/venture": texts, "about/phone": texts, "about/where": texts, "about/greeting": texts}
    )
)
async def test_no_cell_of_a_whole_export_is_a_formula(
    record: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("export") / "n.csv"
    await exported([entry(dict(record))], path, named=True, reason="x")
    for row in simple_reader(path.read_text("utf-8-sig")):
        assert not [cell for cell in row if cell.lstrip()[:1] in tuple("=+-@＝＋－＠") and cell.lstrip()]


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_stays_the_number_it_is(number: float) -> None:
    assert float(safe(number)) == float(number)


def test_what_is_no_number_leaves_a_blank() -> None:
    assert [safe(n) for n in (float("nan"), float("inf"), None)] == ["", "", ""]


async def test_an_export_to_a_stream_gives_the_main_table(tmp_path: Path) -> None:
    stream = io.StringIO(newline="")
    told = await write_export(each([entry()]), (FORM,), Wanted(), stream, key=KEY)
    assert told.files == []
    assert stream.getvalue().startswith(BOM)
    assert len(simple_reader(stream.getvalue()[1:])) == 2


async def test_an_export_holds_one_submission_at_a_time(tmp_path: Path) -> None:
    alive = 0
    most = 0

    class Counted(dict[str, Scalar]):
        def __init__(self) -> None:
            nonlocal alive, most
            super().__init__({"about/staff": 3})
            alive += 1
            most = max(most, alive)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    await exported((entry(Counted()) for _ in range(500)), tmp_path / "n.csv")
    assert most <= 3
    assert len(read(tmp_path / "n.csv")) == 500


async def test_the_command_writes_the_file_and_the_audit_log(desk: Desk, tmp_path: Path) -> None:
    await desk.publish()
    for n in range(3):
        desk.clock.passes(1)
        await desk.submit({**RECORD, "about/staff": n})
    out = tmp_path / "needs.csv"
    assert await write(desk.house.settings, Asked("needs", out=out, labels="en", named=True, reason="Gọi lại")) == 3
    assert [row["How many people?"] for row in read(out)] == ["0", "1", "2"]
    assert read(tmp_path / "needs.member.csv")[0]["Name?"] == "Nguyễn Thị Mai"
    [entry] = await desk.house.db.read(lambda tx: audit.latest(tx, 10))
    assert (entry.action, entry.object, json.loads(entry.detail)["reason"]) == ("export", "needs", "Gọi lại")
    assert entry.actor.startswith("command:")


async def test_the_command_writes_to_the_screen_and_leaves_it_open(
    desk: Desk, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    await desk.publish()
    await desk.submit(RECORD)
    assert await write(desk.house.settings, Asked("needs", form="jsonl")) == 1
    print("still open")  # noqa: T201 — whether it can be written to is what is tested
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert json.loads(lines[0])["answers"]["about/ward"] == "00166"
    assert lines[1] == "still open"


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (Asked("nowhere"), "export.no_flow"),
        (Asked("needs", form="xlsx"), "export.bad_format"),
        (Asked("needs", labels="fr"), "export.bad_labels"),
        (Asked("needs", named=True, reason=" "), "export.no_reason"),
        (Asked("needs", out=Path("/nowhere/at/all.csv")), "export.unwritable"),
    ],
)
async def test_what_cannot_be_exported_is_said_in_words(desk: Desk, asked: Asked, key: str) -> None:
    await desk.publish()
    with pytest.raises(BadExport) as refused:
        await write(desk.house.settings, asked)
    assert refused.value.key == key
    assert words().say("vi", refused.value.key, **refused.value.holes)


async def test_more_submissions_than_are_read_at_once_are_all_written_in_order(desk: Desk) -> None:
    await desk.publish()
    for n in range(7):
        await desk.submit({"about/staff": n})
    found = [one.record["about/staff"] async for one in entries(desk.house.db, "needs", chunk=3)]
    assert sorted(int(str(n)) for n in found) == list(range(7))


def test_what_an_export_that_died_has_left_is_swept_at_the_next_start(tmp_path: Path) -> None:
    folder = Path(takeout._folder(tmp_path))
    (folder / "f.csv").write_text("answers", encoding="utf-8")
    takeout.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
    takeout.sweep(tmp_path)  # nothing to do is nothing wrong
