"""Wards and provinces: the names of today, those before July 2025, and what became of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Final

from rapidfuzz import fuzz, process

from flows.answers.reading import Candidate, Reading, confirm, none
from flows.answers.text import alike, fold

KM_PER_DEGREE: Final = 111.2  # of latitude
FARTHEST_KM: Final = 25.0  # from the nearest centroid; farther is not in the city

_TYPES: Final = {
    "phuong": "phuong", "p": "phuong", "f": "phuong", "ward": "phuong", "xa": "xa", "x": "xa", "commune": "xa",
    "thi tran": "thi tran", "tt": "thi tran", "thi xa": "thi xa", "tx": "thi xa", "quan": "quan", "q": "quan", "huyen": "huyen", "h": "huyen",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A ward or commune of today."""

    code: str
    type: str  # phuong, xa
    name: str  # with its type, "Phường Hoàn Kiếm"
    districts: tuple[str, ...]  # keys of the old districts it was made of, the main one first
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class OldWard:
    """A ward, commune or town until June 2025, and the units it went to, the default one first."""

    name: str
    district: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Province:
    """A province or city of today."""

    code: str
    name: str
    merged: tuple[str, ...]  # names of the provinces it was made of


def key(name: str) -> str:
    """Name without type: "P. Hoà Lạc" → "hoa lac"."""
    return split_type(alike(fold(name)))[1]


def split_type(folded: str) -> tuple[str, str]:
    """("phuong", "hoan kiem") of "phuong hoan kiem"; ("", …) where no type is said."""
    words = folded.split(" ")
    for length in (2, 1):
        kind = _TYPES.get(" ".join(words[:length]))
        if kind is not None and len(words) > length:
            return kind, " ".join(words[length:])
    return "", folded


class Gazetteer:
    """Names by their folded keys. Rows are those of `hanoi_units.csv`, `hanoi_old_ward_map.csv`, `provinces.csv`.

    Units need the columns code, type, name, name_en, short_name, old_districts, lat, lon (old_district_main if there is
    one); old wards old_ward, old_district, new_code, is_default; provinces code, name, name_en, short_name, merged_from.
    """

    def __init__(
        self,
        units: Iterable[Mapping[str, str]] = (),
        old_wards: Iterable[Mapping[str, str]] = (),
        provinces: Iterable[Mapping[str, str]] = (),
    ) -> None:
        self.units: dict[str, Unit] = {}
        self.by_name: dict[str, list[str]] = {}  # codes
        self.old: dict[str, list[OldWard]] = {}
        self.districts: dict[str, str] = {}  # key → name with its type
        self.in_district: dict[str, list[str]] = {}
        self.provinces: dict[str, Province] = {}
        self.province_names: dict[str, list[str]] = {}
        self.merged_names: dict[str, str] = {}
        for row in units:
            self._add_unit(row)
        self._add_old(old_wards)
        for row in provinces:
            self._add_province(row)
        self._names = list(dict.fromkeys((*self.by_name, *self.old)))
        self._province_list = list(dict.fromkeys((*self.province_names, *self.merged_names)))

    def _add_unit(self, row: Mapping[str, str]) -> None:
        names = [name for name in row["old_districts"].split("|") if name]
        for name in names:
            self.districts.setdefault(key(name), name)
        main = key(row.get("old_district_main", "") or (names[0] if names else ""))
        districts = tuple(dict.fromkeys((main, *map(key, names)))) if main else ()
        unit = Unit(row["code"], row["type"], row["name"], districts, float(row["lat"]), float(row["lon"]))
        self.units[unit.code] = unit
        english = re.sub(r" (?:Ward|Commune|Town)$", "", row.get("name_en", ""))
        for name in (key(row["name"]), alike(fold(row.get("short_name", ""))), alike(fold(english))):
            if name and unit.code not in self.by_name.setdefault(name, []):
                self.by_name[name].append(unit.code)
        for district in districts:
            self.in_district.setdefault(district, []).append(unit.code)

    def _add_old(self, rows: Iterable[Mapping[str, str]]) -> None:
        grouped: dict[tuple[str, str], list[tuple[bool, str]]] = {}
        for row in rows:
            grouped.setdefault((row["old_ward"], row["old_district"]), []).append(
                (row["is_default"] != "1", row["new_code"])
            )
        for (name, district), codes in grouped.items():
            self.districts.setdefault(key(district), district)
            old = OldWard(name, district, tuple(code for _, code in sorted(codes, key=lambda pair: pair[0])))
            self.old.setdefault(key(name), []).append(old)

    def _add_province(self, row: Mapping[str, str]) -> None:
        merged = tuple(name for name in row.get("merged_from", "").split("|") if name)
        province = Province(row["code"], row["name"], merged)
        self.provinces[province.code] = province
        english = re.sub(r" (?:City|Province)$", "", row.get("name_en", ""))
        for name in (row["name"], row["short_name"], english, row["code"]):
            codes = self.province_names.setdefault(province_key(name), [])
            if province.code not in codes:
                codes.append(province.code)
        for name in merged:
            if province_key(name) != province_key(row["name"]):
                self.merged_names[province_key(name)] = province.code
                for part in name.split(" - ") if " - " in name else ():
                    self.merged_names[province_key(part)] = province.code

    def candidates(self, codes: Sequence[str]) -> tuple[Candidate, ...]:
        """Units as things to choose from."""
        return tuple(Candidate(code, self.units[code].name) for code in codes if code in self.units)

    def of_district(self, district: str) -> list[str]:
        """Codes of the units a former district went to, those mainly in it first."""
        codes = self.in_district.get(district, [])
        return sorted(codes, key=lambda code: self.units[code].districts[0] != district)

    def begins(self, folded: str) -> list[str]:
        """Names of which these are the first words: "my dinh" of "my dinh 1"."""
        return [name for name in self._names if name.startswith(folded + " ")]

    def near_names(self, folded: str) -> list[tuple[str, float]]:
        """Names of today and before by likeness in percent, from 75 on."""
        found = process.extract(folded, self._names, scorer=fuzz.ratio, score_cutoff=75, limit=6)
        return [(name, score) for name, score, _ in found]

    def near_provinces(self, folded: str) -> list[tuple[str, float]]:
        """The same for provinces."""
        found = process.extract(folded, self._province_list, scorer=fuzz.ratio, score_cutoff=75, limit=4)
        return [(name, score) for name, score, _ in found]

    def nearest(self, lat: float, lon: float) -> Reading:
        """The unit with the nearest centroid, always to be confirmed; degrees, WGS 84. None: farther than 25 km."""
        if not self.units or not (-90 <= lat <= 90 and -180 <= lon <= 180):
            return none("read.ward.outside")
        east = cos(radians(lat))
        by_distance = sorted(
            (hypot(unit.lat - lat, (unit.lon - lon) * east) * KM_PER_DEGREE, code) for code, unit in self.units.items()
        )[:4]
        km, code = by_distance[0]
        if km > FARTHEST_KM:
            return none("read.ward.outside")
        shown = self.candidates([each for _, each in by_distance])
        return confirm(code, "read.ward.nearest", {"ward": self.units[code].name, "km": round(km, 1)}, candidates=shown)


def province_key(name: str) -> str:
    """Name of a province without "tỉnh", "thành phố", "TP."."""
    return re.sub(r"^(?:tinh|thanh pho|tp|t p|city of|province of) (?=\S)", "", alike(fold(name)))
