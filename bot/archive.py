"""Copies in one file, and what is made of them again: the database alone, or with everything that lies beside it.

The ending says what is in it. `.tar`: the database, `files`, `media` and `signing.key`; any other: the database alone.
With `.age` after that it is encrypted to a public key in the format of age (age-encryption.org/v1): whoever has the server
cannot read the copies, and any program for that format can, without this one.
"""

import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from storage.backup import Copied, backup, looked_through, mark_restored, version
from storage.safety import Lock, Unsafe
from storage.schema import VERSION
from storage.tx import StorageUnavailable

DATABASE: Final = "khaosat.sqlite"
KEY: Final = "signing.key"
OUT: Final = "out"
FOLDERS: Final = ("files", "media")
_OURS: Final = re.compile(
    rf"{re.escape(DATABASE)}|{re.escape(KEY)}|files/[0-9A-Za-z]{{2}}/[0-9A-Za-z]{{3,64}}|media/[0-9a-f]{{32}}\.[a-z0-9]{{2,4}}"
)
_PIECE: Final = 1 << 20  # bytes read at once


class BadKey(ValueError):
    """No key, none of ours, or not the one that it was encrypted to."""


class NotACopy(ValueError):
    """The file is nothing that `pack` wrote, or was cut short."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A copy that is whole."""

    copied: Copied
    files: int  # beside the database
    size: int  # bytes of the copy itself


def pack(
    database: Path, data: Path, to: Path, recipient: str = "", *, is_over: Callable[[], bool] = lambda: False
) -> Packed:
    """Copy into a new file, checked and on disk before it has its name.

    Nothing that can be read leaves the data folder when it is encrypted. The database is copied first: whatever file it
    speaks of was on disk before it spoke of it.

    Args:
        database: in use or not.
        data: the folder of everything else.
        to: what goes into it is said by its ending, see above.
        recipient: the public key, age1…; needed when `to` ends with `.age`.
        is_over: asked now and then; it is given up once this holds.

    Raises:
        FileExistsError, FileNotFoundError, StorageUnavailable, Damaged: as `storage.backup.backup`.
        BadKey: there is no such recipient.
    """
    if to.exists():
        raise FileExistsError(to)
    is_whole, is_secret = _kind(to)
    who = _recipient(recipient) if is_secret else None
    if not is_whole and not is_secret:
        copied = backup(database, to, is_over=is_over)
        return Packed(copied, 0, copied.size)
    part = to.with_name(f"{to.name}.part")
    try:
        with TemporaryDirectory(prefix=".backup-", dir=data) as name:
            inner = Path(name) / DATABASE
            copied = backup(database, inner, is_over=is_over)
            beside = list(_beside(data)) if is_whole else []
            taken: list[str] = []

            def write(stream: IO[bytes]) -> None:
                if not is_whole:
                    with inner.open("rb") as source:
                        shutil.copyfileobj(source, stream, _PIECE)
                    return
                with tarfile.open(fileobj=stream, mode="w|") as tar:
                    tar.add(inner, DATABASE, filter=_nobodys)
                    for path, within in beside:
                        if is_over():
                            raise StorageUnavailable("given up")
                        with suppress(FileNotFoundError):  # erased meanwhile
                            tar.add(path, within, recursive=False, filter=_nobodys)
                            taken.append(within)

            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as stream:
                if who is None:
                    write(stream)
                else:
                    _encrypted(write, stream, who)
                stream.flush()
                os.fsync(stream.fileno())
        part.rename(to)
        _synced(to.parent)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageUnavailable(error.strerror or type(error).__name__) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return Packed(copied, len(taken), to.stat().st_size)


def unpack(file: Path, database: Path, data: Path, secret: str = "", *, at: int) -> Packed:
    """Put a copy where there is no database, once it was looked through; until then nothing is put anywhere.

    Args:
        file: what `pack` wrote.
        database: where it belongs; its log of another time must be gone as well, or SQLite would write it into the copy.
        data: the folder of everything else; files that are there stay.
        secret: the content of the key file, for a copy that is encrypted.
        at: now, milliseconds since 1970, UTC; who has a survey open is told of it once.

    Raises:
        FileExistsError: there is a database, or its log.
        FileNotFoundError: there is no such copy.
        BadKey, NotACopy: see there.
        Damaged: the database in it is not sound.
        Unsafe: in_use; newer_schema, a later version of this program wrote it.
        StorageUnavailable: the disk is full or does not take it.
    """
    if not file.exists():
        raise FileNotFoundError(file)
    in_way = (database, *(database.with_name(database.name + ending) for ending in ("-wal", "-journal")))
    if any(path.exists() for path in in_way):
        raise FileExistsError(next(path for path in in_way if path.exists()))
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = Lock(database)
        lock.take()
        try:
            with TemporaryDirectory(prefix=".restore-", dir=data) as name:
                packed = _unpacked(file, secret, Path(name), at)
                _placed(Path(name) / OUT, database, data)
                return packed
        finally:
            lock.let_go()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageUnavailable(error.strerror or type(error).__name__) from error


def _unpacked(file: Path, secret: str, room: Path, at: int) -> Packed:
    """Everything of the copy in a folder of its own, looked through."""
    is_whole, is_secret = _kind(file)
    plain, out = file, room / OUT
    out.mkdir()
    if is_secret:
        plain = room / "plain"
        _decrypted(file, plain, secret)
    if is_whole:
        names = _untarred(plain, out)
    else:
        names = [DATABASE]
        shutil.copyfile(plain, out / DATABASE)
    if DATABASE not in names:
        raise NotACopy(DATABASE)
    copied = looked_through(out / DATABASE)
    if (found := version(out / DATABASE)) > VERSION:
        raise Unsafe("newer_schema", {"found": found, "wanted": VERSION})
    mark_restored(out / DATABASE, at)
    return Packed(copied, len(names) - 1, file.stat().st_size)


def _placed(out: Path, database: Path, data: Path) -> None:
    """Where it all belongs, the database last: with it everything is there."""
    names = [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()]
    for within in (*(one for one in names if one != DATABASE), DATABASE):
        target = database if within == DATABASE else data / within
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (out / within).chmod(0o600)
        _synced(out / within)
        (out / within).replace(target)
        _synced(target.parent)


def new_key() -> tuple[str, str]:
    """A new pair of keys: the secret one, and the public one that `pack` wants."""
    from pyrage import x25519  # noqa: PLC0415  # needed by few, and not at a start

    secret = x25519.Identity.generate()
    return str(secret), str(secret.to_public())


def _kind(file: Path) -> tuple[bool, bool]:
    """Whether everything is in it, and whether it is encrypted."""
    is_secret = file.name.endswith(".age")
    return file.name.removesuffix(".age").endswith(".tar"), is_secret


def _beside(data: Path) -> Iterator[tuple[Path, str]]:
    """Everything that lies beside the database and belongs to it, with its name in the copy."""
    if (data / KEY).is_file():
        yield data / KEY, KEY
    for folder in FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            within = path.relative_to(data).as_posix()
            if _OURS.fullmatch(within) and path.is_file():
                yield path, within


def _untarred(file: Path, out: Path) -> list[str]:
    """The names in it. Only names that we give are taken, so that none leads out of the folder."""
    names: list[str] = []
    try:
        with tarfile.open(file, mode="r:") as tar:
            for member in tar:
                if not member.isreg() or not _OURS.fullmatch(member.name):
                    raise NotACopy(member.name)
                source = tar.extractfile(member)
                (out / member.name).parent.mkdir(parents=True, exist_ok=True)
                with (out / member.name).open("wb") as stream:
                    shutil.copyfileobj(source, stream, _PIECE)  # type: ignore[arg-type]  # a regular file has a content
                names.append(member.name)
    except tarfile.TarError as error:
        raise NotACopy(str(error)) from error
    return names


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names of this machine's users."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _encrypted(write: Callable[[IO[bytes]], None], to: IO[bytes], who: Any) -> None:
    """What `write` writes, encrypted as it comes: it is on no disk in between."""
    import pyrage  # noqa: PLC0415  # as above

    out, into = os.pipe()

    def fill() -> None:
        with os.fdopen(into, "wb") as stream:
            write(stream)

    # The pool is left last: whoever fills hears from the closed pipe when nobody reads any more.
    with ThreadPoolExecutor(1) as pool, os.fdopen(out, "rb") as reader:
        filling = pool.submit(fill)
        try:
            pyrage.encrypt_io(reader, to, [who])
        except pyrage.EncryptError as error:
            raise StorageUnavailable(str(error)) from error
        filling.result()


def _decrypted(file: Path, to: Path, secret: str) -> None:
    import pyrage  # noqa: PLC0415  # as above

    keys = [line.strip() for line in secret.splitlines() if line.strip() and not line.startswith("#")]
    try:
        who = [pyrage.x25519.Identity.from_str(key) for key in keys]
    except pyrage.IdentityError as error:
        raise BadKey("secret") from error
    if not who:
        raise BadKey("secret")
    try:
        with file.open("rb") as source, to.open("wb") as stream:
            pyrage.decrypt_io(source, stream, who)
    except pyrage.DecryptError as error:
        if "key" in str(error).lower():
            raise BadKey("another") from error
        raise NotACopy(str(error)) from error
    except OSError as error:
        if error.errno is None:  # not the system's: a piece is missing, or its seal does not fit
            raise NotACopy(str(error)) from error
        raise


def _recipient(text: str) -> Any:
    import pyrage  # noqa: PLC0415  # as above

    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BadKey("recipient") from error


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
