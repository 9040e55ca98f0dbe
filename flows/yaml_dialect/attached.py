"""Files beside a form that are no CSV → tables: ODK's `<root><item>…` in XML, and the features of a GeoJSON file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

from flows.model import Table
from flows.problems import BadFlow, Place, Problem
from flows.yaml_dialect.tables import BYTES_MAX, ROWS_MAX, read_table

ENDINGS: Final = (".csv", ".xml", ".geojson")
COLUMNS_MAX: Final = 200


def read_attached(text: str, name: str) -> Table:
    """The rows of a file, by what its name ends with.

    In XML every child of an item is a column. Of a feature its properties and `id` are, and `geometry` as ODK stores it:
    "latitude longitude altitude accuracy", several parted by semicolons. A select reads `name` and `label`; a feature that
    has neither gives its `id` and `title` there, ODK's own choice for such files.

    Raises:
        BadFlow: table_empty, table_column, table_row, table_too_large or table_syntax.
    """
    ending = name.lower().rpartition(".")[2]
    if ending not in {"xml", "geojson"}:
        return read_table(text, name)
    if len(text) > BYTES_MAX:
        raise _bad("table_too_large", name, most=str(BYTES_MAX))
    rows = (
        _items(text.removeprefix("\ufeff"), name) if ending == "xml" else _features(text.removeprefix("\ufeff"), name)
    )
    if not rows:
        raise _bad("table_empty", name)
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    if len(rows) > ROWS_MAX or len(columns) > COLUMNS_MAX:
        raise _bad("table_too_large", name, most=str(ROWS_MAX))
    return Table(columns=columns, rows=tuple(tuple(row.get(column, "") for column in columns) for row in rows))


def _items(text: str, name: str) -> list[dict[str, str]]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # such a file can grow without end, and no form needs one
        raise _bad("table_syntax", name, what="DOCTYPE")
    try:
        root = ET.fromstring(text)  # noqa: S314 — without a DOCTYPE nothing in it can stand for something else
    except (ET.ParseError, ValueError, RecursionError) as wrong:
        raise _bad("table_syntax", name, what=str(wrong)) from None
    return [
        {_local(cell.tag): " ".join("".join(cell.itertext()).split()) for cell in item}
        for item in root.iter()
        if isinstance(item.tag, str) and _local(item.tag) == "item" and len(item)
    ]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _features(text: str, name: str) -> list[dict[str, str]]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise _bad("table_syntax", name, what=str(wrong)) from None
    features = told.get("features") if isinstance(told, Mapping) else None
    if not isinstance(features, list):
        raise _bad("table_syntax", name, what="FeatureCollection")
    return [_feature(each) for each in features if isinstance(each, Mapping)]


def _feature(feature: Mapping[str, Any]) -> dict[str, str]:
    given = feature.get("properties")
    row = {str(key): _cell(value) for key, value in (given.items() if isinstance(given, Mapping) else ())}
    if "id" in feature:
        row["id"] = _cell(feature["id"])
    geometry = feature.get("geometry")
    row["geometry"] = _places(geometry.get("coordinates")) if isinstance(geometry, Mapping) else ""
    return {"name": row.get("id", ""), "label": row.get("title", "") or row.get("id", ""), **row}


def _cell(value: object) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _places(found: object) -> str:
    """GeoJSON's longitude and latitude the way ODK has them; of a shape its outer line."""
    while (
        isinstance(found, list) and found and isinstance(found[0], list) and found[0] and isinstance(found[0][0], list)
    ):
        found = found[0]
    if not isinstance(found, list):
        return ""
    points: Iterable[Sequence[object]] = found if found and isinstance(found[0], list) else [found]
    return ";".join(
        f"{point[1]} {point[0]} {point[2] if len(point) > 2 else 0} 0"
        for point in points
        if isinstance(point, list) and len(point) > 1 and all(isinstance(n, int | float) for n in point)
    )


def _bad(code: str, name: str, **facts: str) -> BadFlow:
    return BadFlow([Problem(code=code, place=Place(file=name), facts=facts)])
