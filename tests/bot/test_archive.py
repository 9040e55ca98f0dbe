"""A copy of everything, encrypted or not, comes back as it was; what is not whole or not ours puts nothing anywhere."""

import io
import json
import tarfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import opened
from bot.archive import BadKey, NotACopy, new_key, pack, unpack
from bot.cli import ASKED_WRONGLY, COULD_NOT, DONE, app
from bot.config import read_settings
from bot.copies import Copies
from storage import sessions
from storage.backup import Damaged
from storage.db import open_database
from storage.driver import driver
from storage.safety import Lock, Unsafe
from storage.tx import StorageUnavailable
from tests.bot.conftest import Clock
from tests.bot.test_runner import Web

FLOW = "startup_support_needs"
FILE = "files/01/01JDABCDEFGHJKMNPQRSTVWXYZ"
PICTURE = f"media/{'a' * 32}.png"
AT = 1
SECRET, PUBLIC = new_key()


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A data folder with something of everything, and something that is no part of a copy."""
    data = tmp_path / "data"
    data.mkdir()
    await (await open_database(f"sqlite:///{data / 'khaosat.sqlite'}", free_mb=0)).close()
    with closing(driver.connect(str(data / "khaosat.sqlite"))) as db:
        db.execute("INSERT INTO people (id, lang, created_at) VALUES ('somebody', 'vi', 1)")
        db.commit()
    for name, content in ((FILE, b"a photo" * 50_000), (PICTURE, b"a picture"), ("signing.key", b"0123" * 16)):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)
    (data / "files/01/01JD.part").write_bytes(b"half of one")
    (data / "ballast").write_bytes(b"nothing")
    return data


def people(database: Path) -> list[str]:
    with closing(driver.connect(str(database))) as db:
        return [row[0] for row in db.execute("SELECT id FROM people")]


def put_back(copy: Path, to: Path, secret: str = SECRET) -> Path:
    unpack(copy, to / "khaosat.sqlite", to, secret, at=AT)
    return to


@pytest.mark.parametrize("name", ["copy.tar", "copy.tar.age", "copy.sqlite", "copy.sqlite.age"])
def test_what_was_copied_comes_back_as_it_was(data: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / name
    packed = pack(data / "khaosat.sqlite", data, copy, PUBLIC if name.endswith(".age") else "")
    is_whole = ".tar" in name
    assert packed.files == (3 if is_whole else 0)
    assert copy.stat().st_mode & 0o077 == 0
    back = put_back(copy, tmp_path / "new")
    assert people(back / "khaosat.sqlite") == ["somebody"]
    found = {str(path.relative_to(back)) for path in back.rglob("*") if path.is_file()} - {"khaosat.sqlite.lock"}
    beside = {FILE, PICTURE, "signing.key"}
    assert found == {"khaosat.sqlite"} | (beside if is_whole else set())
    for one in beside if is_whole else ():
        assert (back / one).read_bytes() == (data / one).read_bytes()
    assert [path.name for path in data.iterdir() if path.name.startswith(".")] == []  # nothing readable is left behind


def test_nothing_of_an_encrypted_copy_can_be_read_without_the_key(data: Path, tmp_path: Path) -> None:
    pack(data / "khaosat.sqlite", data, tmp_path / "copy.tar.age", PUBLIC)
    content = (tmp_path / "copy.tar.age").read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n")
    for word in (b"somebody", b"a photo", b"SQLite format", b"signing.key"):
        assert word not in content
    for secret in ("", "AGE-SECRET-KEY-1NONE", new_key()[0]):
        with pytest.raises(BadKey):
            put_back(tmp_path / "copy.tar.age", tmp_path / "new", secret)
    assert not (tmp_path / "new" / "khaosat.sqlite").exists()


def test_a_copy_that_was_cut_short_or_changed_puts_nothing_anywhere(data: Path, tmp_path: Path) -> None:
    for name, recipient in (("copy.tar", ""), ("copy.tar.age", PUBLIC), ("copy.sqlite", "")):
        copy = tmp_path / name
        pack(data / "khaosat.sqlite", data, copy, recipient)
        whole = copy.read_bytes()
        middle = len(whole) // 2
        for wrong in (whole[:middle], b"x" * 4096, b""):
            copy.write_bytes(wrong)
            with pytest.raises((NotACopy, Damaged)):
                put_back(copy, tmp_path / "new")
        if recipient:
            copy.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
            with pytest.raises(NotACopy):
                put_back(copy, tmp_path / "new")
    assert [path.name for path in (tmp_path / "new").rglob("*")] == ["khaosat.sqlite.lock"]


@pytest.mark.parametrize("name", ["../outside", "/etc/x", "files/../../x", "khaosat.sqlite-wal", "media/x.sh"])
def test_a_name_that_we_do_not_give_is_refused(data: Path, tmp_path: Path, name: str) -> None:
    pack(data / "khaosat.sqlite", data, tmp_path / "copy.tar")
    with tarfile.open(tmp_path / "copy.tar", "a") as tar:
        member = tarfile.TarInfo(name)
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(NotACopy):
        put_back(tmp_path / "copy.tar", tmp_path / "new")
    assert not (tmp_path / "new" / "khaosat.sqlite").exists()
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("there", ["khaosat.sqlite", "khaosat.sqlite-wal"])
def test_nothing_is_written_over(data: Path, tmp_path: Path, there: str) -> None:
    pack(data / "khaosat.sqlite", data, tmp_path / "copy.tar")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / there).write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        put_back(tmp_path / "copy.tar", tmp_path / "new")
    with pytest.raises(FileExistsError):
        pack(data / "khaosat.sqlite", data, tmp_path / "copy.tar")
    assert [path.name for path in (tmp_path / "new").iterdir()] == [there]


def test_a_copy_of_a_later_version_and_a_process_that_runs_are_refused(data: Path, tmp_path: Path) -> None:
    with closing(driver.connect(str(data / "khaosat.sqlite"))) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999_later'")
        db.commit()
    pack(data / "khaosat.sqlite", data, tmp_path / "copy.tar")
    with pytest.raises(Unsafe, match="newer_schema"):
        put_back(tmp_path / "copy.tar", tmp_path / "new")
    lock = Lock(tmp_path / "new" / "khaosat.sqlite")
    lock.take()
    with pytest.raises(Unsafe, match="in_use"):
        put_back(tmp_path / "copy.tar", tmp_path / "new")
    lock.let_go()


def test_one_that_is_given_up_or_finds_no_room_leaves_nothing(data: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        pack(data / "khaosat.sqlite", data, Path("/dev/full/copy.tar.age"), PUBLIC)
    with pytest.raises(StorageUnavailable):
        pack(data / "khaosat.sqlite", data, tmp_path / "c.tar.age", PUBLIC, is_over=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert [path.name for path in data.iterdir() if path.name.startswith(".")] == []


async def test_the_copies_that_are_made_by_themselves_are_encrypted_too(
    data: Path, tmp_path: Path, clock: Clock
) -> None:
    for _ in range(3):
        copies = Copies(data / "khaosat.sqlite", tmp_path / "c", 15, clock=clock, recipient=PUBLIC, kept=2)
        await copies.due()
        await copies.due()
        clock.passes(15 * 60)
    found = sorted((tmp_path / "c").iterdir())
    assert [path.name[-11:] for path in found] == [".sqlite.age"] * 2
    assert people(put_back(found[-1], tmp_path / "new") / "khaosat.sqlite") == ["somebody"]


def test_from_the_key_to_the_restored_house_by_the_commands_alone(data: Path, tmp_path: Path) -> None:
    def said(*command: str, folder: Path = data, more: Mapping[str, str] = {}) -> tuple[int, str]:
        env = {"KHAOSAT_DATA_DIR": str(folder), "KHAOSAT_LANGUAGE": "en", **more}
        found = CliRunner().invoke(app, list(command), env=env)
        assert "Traceback" not in found.output
        return found.exit_code, found.output

    key, copy = str(tmp_path / "key"), str(tmp_path / "copy.tar.age")
    code, output = said("backup-key", key)
    assert code == DONE
    recipient = {"KHAOSAT_BACKUP_RECIPIENT": output.strip().rpartition("=")[2]}
    assert "AGE-SECRET" not in output
    assert said("backup-key", key)[0] == ASKED_WRONGLY
    assert said("backup", copy)[0] == ASKED_WRONGLY  # no key is set
    assert said("backup", str(tmp_path / "copy.tar"), more=recipient)[0] == ASKED_WRONGLY  # it could be read by anybody
    assert said("backup", copy, more=recipient)[0] == DONE
    assert said("restore", copy, folder=tmp_path / "new")[0] == ASKED_WRONGLY  # no key
    assert said("restore", copy, "--key", key)[0] == ASKED_WRONGLY  # there is a database
    assert said("restore", str(tmp_path / "none.tar"), folder=tmp_path / "new")[0] == COULD_NOT
    code, output = said("restore", copy, "--key", key, folder=tmp_path / "new")
    assert (code, "3 files" in output) == (DONE, True)
    assert people(tmp_path / "new" / "khaosat.sqlite") == ["somebody"]


async def test_words_typed_after_a_restore_are_taken_for_no_question_that_they_may_not_answer(
    tmp_path: Path, clock: Clock
) -> None:
    old, new = (read_settings({}, data_dir=tmp_path / name, free_min_mb=0) for name in ("data", "new"))
    async with opened(old, clock=clock) as house:
        web, late = Web(house, clock), Web(house, clock, chat="c2")
        await web.opens(FLOW)
        await web.taps("pick", "yes")
        await web.taps("pick", "yes")
        asked = (await web.cards())[-1]["text"]
        pack(tmp_path / "data" / "khaosat.sqlite", tmp_path / "data", tmp_path / "copy.tar")
        await web.says("Công ty Ánh Dương")  # the copy does not know of it
        assert (await web.cards())[-1]["text"] != asked
    clock.passes(60)
    unpack(tmp_path / "copy.tar", tmp_path / "new" / "khaosat.sqlite", tmp_path / "new", at=clock())
    async with opened(new, clock=clock) as house:
        web.house = late.house = house
        before = await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", web.chat))
        web.number += 10
        await web.says("0912345678")
        after = await house.db.read(lambda tx: sessions.open_of(tx, "web", "web", web.chat))
        assert before is not None
        assert after is not None
        assert after.answers == before.answers
        told = [json.loads(row.body) for row in await web.transcript()]
        assert [one for one in told if "bản sao lưu" in str(one.get("text"))]
        assert (await web.cards())[-1]["text"] == asked
        await web.says("Công ty Ánh Dương")  # now they know which question it is
        assert (await web.cards())[-1]["text"] != asked
        late.number = 1000
        await late.opens(FLOW)  # who comes afterwards hears nothing of it
        await late.taps("pick", "yes")
        await late.taps("pick", "yes")
        await late.says("Công ty Ánh Dương")
        assert not [row for row in await late.transcript() if "bản sao lưu" in row.body]
