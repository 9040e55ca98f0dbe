"""Reads one workbook and prints its sheets as JSON: run as a program of its own, with bounds, by `bot/sheets.py`.

A torn workbook can make the library ask for more memory than there is and abort, and a small package can unpack to
gigabytes. So everything that looks at such a file happens here, where it can be ended and nobody feels it. Nothing but the
standard library and the workbook reader is imported: the fewer, the sooner it starts.

Reads the workbook from its standard input. Arguments, as one JSON object: `memory` and `unpacked` in bytes, `cells` of a
sheet's rectangle, `rows` to read, `names` of the sheets that mean something. Prints `{"sheets": [[name, rows], …]}`,
`{"too_large": true}` or `{"unreadable": "why"}`.
"""

import io
import json
import re
import resource
import sys
import zipfile
import zlib
from typing import Any, Final

CHUNK: Final = 1 << 20
ZIP: Final = b"PK\x03\x04"

_FILLED: Final = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^<>]*(?<!/)>")
_UNPLACED: Final = re.compile(rb"<(?:\w+:)?c(?=[\s>])(?![^<>]*\sr=)[^<>]*(?<!/)>")
_LINE: Final = re.compile(rb"<(?:\w+:)?row(?=[\s>/])")
_LINE_NUMBER: Final = re.compile(rb"<(?:\w+:)?row\s(?:[^<>]*?\s)?r=[\"'](\d{1,7})[\"']")


class TooLarge(Exception):
    """It unpacks to too much, or its cells stand too far apart."""


def look_into(data: bytes, unpacked: int, cells: int) -> None:
    """Unpack every part once, counting what really comes out, whatever the package says of its sizes.

    Raises:
        TooLarge: see there.
        zipfile.BadZipFile, zlib.error, …: it is torn.
    """
    left = unpacked
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for info in package.infolist():  # whatever it is called: a workbook may keep its sheets anywhere
            kept = bytearray()
            with package.open(info) as stream:
                while part := stream.read(CHUNK):
                    left -= len(part)
                    if left < 0:
                        raise TooLarge
                    kept += part
            if b"sheetData" in kept:
                measure(bytes(kept), cells)


def measure(sheet: bytes, cells: int) -> None:
    """Refuse a sheet whose filled cells span too much; cells need not say where they are, then they follow each other."""
    rows = columns = 0
    for match in _FILLED.finditer(sheet):
        rows = max(rows, int(match[2]))
        columns = max(columns, number(match[1]))
    if _UNPLACED.search(sheet):
        lines = _LINE.split(sheet)[1:]
        columns = max(columns, *(len(_UNPLACED.findall(line)) for line in lines), 0)
        rows = max(rows, len(lines), *(int(digits) for digits in _LINE_NUMBER.findall(sheet)))
    if rows * columns > cells:
        raise TooLarge


def number(letters: bytes) -> int:
    """A column's number: A is 1, AA is 27."""
    found = 0
    for letter in letters:
        found = found * 26 + letter - 64
    return found


def sheets(data: bytes, names: list[str], rows: int) -> list[tuple[str, list[list[Any]]]]:
    """The cells of the sheets of these names."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # after the bounds are set

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    wanted = [name for name in book.sheet_names if name.strip().lower() in names]
    return [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=rows)) for name in wanted]


def main() -> None:
    """Read, and print."""
    asked = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    told: dict[str, Any]
    try:
        if data.startswith(ZIP):
            look_into(data, asked["unpacked"], asked["cells"])
        told = {"sheets": sheets(data, asked["names"], asked["rows"])}
    except TooLarge:
        told = {"too_large": True}
    except (
        zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error, OverflowError,
    ) as wrong:  # fmt: skip
        told = {"unreadable": str(wrong)[:300]}
    except Exception as wrong:  # the library's own errors have no common class
        told = {"unreadable": type(wrong).__name__}
    json.dump(told, sys.stdout, default=str)


if __name__ == "__main__":
    main()
