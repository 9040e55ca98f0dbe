"""Wards and provinces as people name them → codes: new names, names before July 2025, districts, near misses."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from flows.answers.courtesy import COURTESY
from flows.answers.gazetteer import Gazetteer, OldWard, province_key, split_type
from flows.answers.reading import Candidate, Reading, confirm, none, sure, vague
from flows.answers.text import Spelling, alike, fold, plain
from flows.answers.tokens import tokens

LONGEST: Final = 300  # characters
NEAR: Final = 84  # likeness in percent from which one near miss is read back
MOST_OFFERED: Final = 8
LONGEST_NAME: Final = 40  # characters; longer ones are no slip of a name

_CITY: Final = re.compile(
    r"(?:^| )(?:(?:thanh pho|tp|t p) )?(?:ha noi|hanoi|hn)(?: (?:viet nam|vietnam|vn))?$|(?:^| )(?:viet nam|vietnam|vn)$"
)
_LEAD: Final = frozenset(
    [
        "dia",
        "chi",
        "tru",
        "so",
        "dc",
        "cong",
        "ty",
        "cty",
        "van",
        "phong",
        "nha",
        "co",
        "so",
        "hien",
        "dang",
        "song",
        "lam",
        "viec",
        "dat",
        "o",
        "tai",
        "thuoc",
        "cua",
        "chinh",
        "khu",
        "vuc",
        "moi",
        "cu",
        "nay",
        "gio",
        "truoc",
        "day",
        "xin",
        "gan",
        "quanh",
        "trong",
        "doanh",
        "nghiep",
        "to",
        "nhom",
        "la",
        "pho",
        "duong",
    ]
)
_TAIL: Final = frozenset(
    [
        "cu",
        "moi",
        "truoc",
        "day",
        "kia",
        "ngay",
        "xua",
        "hien",
        "nay",
        "ay",
        "do",
        "ward",
        "commune",
        "town",
        "district",
    ]
)
_POLITE: Final = frozenset(alike(fold(word)) for phrase in COURTESY for word in phrase.split())
_PROVINCE_TAIL: Final = _TAIL | _POLITE | {"city", "province", "viet", "nam", "vietnam", "vn"}
_MARKER: Final = re.compile(r" (?=(?:phuong|p|f|xa|x|thi tran|tt|quan|q|huyen|h|thi xa|tx) \S)")
_DISTRICT_TYPES: Final = {"quan", "huyen", "thi xa"}
_STREET: Final = re.compile(
    r"^(?:(?:so nha|so|ngo|ngach|hem|kiet|duong|pho|toa|tang|thon|xom|to|khu do thi|kdt|lo) )|^\d"
)

_UNKNOWN: Final = re.compile(r"(?:^| )(?:khong|ko|k|hok|chua|chang) (?:co |duoc )?(?:biet|ro|nho|chac)(?: |$)")
_REGION: Final = re.compile(
    r"\b(?:tay nguyen|mien (?:bac|nam|trung|tay|dong)|tay bac|dong bac|nam bo|bac bo|trung bo)\b"
)

_ON_STREET: Final = re.compile(r"(?:^| )(?:pho|duong|ngo) \S")

_PROVINCE_WORDS: Final = {
    "hn": "01", "ha noi": "01", "hnoi": "01", "thu do": "01", "thu do ha noi": "01", "ha tay": "01", "sg": "79", "sai gon": "79", "saigon": "79", "hcm": "79", "tphcm": "79",
    "hcmc": "79", "sgn": "79", "tp hcm": "79", "tp hochiminh": "79", "brvt": "79", "vung tau": "79", "ba ria": "79",
    "thu dau mot": "79", "thu duc": "79", "danang": "48", "da nang": "48", "dng": "48", "hoi an": "48", "tam ky": "48", "hp": "31", "haiphong": "31",
    "hue": "46", "tt hue": "46", "thua thien hue": "46", "ct": "92", "cantho": "92", "daklak": "66", "dak lak": "66", "dac lac": "66", "dac lak": "66",
    "daclac": "66", "buon ma thuot": "66", "bmt": "66", "tuy hoa": "66", "daknong": "68", "dak nong": "68", "dac nong": "68", "da lat": "68", "dalat": "68",
    "phan thiet": "68", "nha trang": "56", "phan rang": "56", "quy nhon": "52", "qui nhon": "52", "pleiku": "52", "vinh": "40", "ha long": "22",
    "viet tri": "25", "viet chi": "25", "vinh yen": "25", "bien hoa": "75", "dong xoai": "75", "tan an": "80", "my tho": "82", "mi tho": "82",
    "cao lanh": "82", "sa dec": "82", "rach gia": "91", "phu quoc": "91", "long xuyen": "91", "soc trang": "92", "dong hoi": "44", "dong ha": "44",
    "phu ly": "37", "phu li": "37", "sa pa": "15", "sapa": "15", "bac can": "19", "backan": "19", "kontum": "51", "kon tum": "51", "th": "38",
    "na": "40", "qn": "22", "hai duong": "31", "tp ho chi minh": "79",
}  # fmt: skip
_AMBIGUOUS: Final = {
    "dn": ("48", "75"), "bd": ("79", "52"), "qn": ("22", "48", "51"), "bt": ("86", "68"), "hg": ("08", "92"), "ha": ("08", "37"), "bl": ("96",),
    "bn": ("24",), "na": ("40",), "th": ("38",), "la": ("80",), "nd": ("37",), "tn": ("19", "80"), "hd": ("31",), "hy": ("33",), "vp": ("25",),
    "kh": ("56",), "tb": ("33",), "bp": ("75",), "qb": ("44",), "qt": ("44",), "ag": ("91",), "kg": ("91",), "bg": ("24",), "ld": ("68",),
    "ls": ("20",), "pt": ("25",), "py": ("66",), "tg": ("82",), "dt": ("82",), "st": ("92",), "tv": ("86",), "vl": ("86",), "hb": ("25",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """A text taken apart: the ward named, its type if said, and a former district."""

    ward: str
    type: str
    district: str | None
    rest: bool  # a street or more stands beside it


def read_ward(text: str, gazetteer: Gazetteer) -> Reading:
    """The code of a ward or commune of today.

    Sure: a name of today, or an old ward that went whole to one. Confirm: an old ward that was parted (all parts are
    candidates), a name that was also a district's, a near miss. Vague: a district alone, an old name found in several.
    """
    if len(text) > LONGEST:
        return none("read.ward.again")
    text = _with_districts(text)
    folded = alike(fold(text))
    if folded in gazetteer.units:
        return sure(folded)
    if _UNKNOWN.search(folded):
        return none("read.ward.again")
    last = none("read.ward.again")
    said = tuple(token.said for token in tokens(plain(text)) if token.kind != "sign")
    for place in _places(text, gazetteer):
        reading = _look_up(place, said, gazetteer)
        if reading is not None and reading.certainty != "none":
            return _less_sure(reading, gazetteer) if place.rest and not (place.type or place.district) else reading
        last = reading or last
    return last


_SHORT: Final = {
    "hbt": "Hai Bà Trưng", "hk": "Hoàn Kiếm", "bđ": "Ba Đình", "bd": "Ba Đình", "đđ": "Đống Đa", "dd": "Đống Đa", "cg": "Cầu Giấy",
    "tx": "Thanh Xuân", "hm": "Hoàng Mai", "lb": "Long Biên", "th": "Tây Hồ", "ntl": "Nam Từ Liêm", "btl": "Bắc Từ Liêm",
    "hđ": "Hà Đông", "hd": "Hà Đông",
}  # fmt: skip
_SHORT_SAID: Final = re.compile(rf"(?:\b(?:quận|quan|q)[. ]*)?\b({'|'.join(_SHORT)})\.?\s*(?=,|$)", re.IGNORECASE)


def _with_districts(text: str) -> str:
    """The letters that districts go by, in full: "bách khoa hbt" names the district Hai Bà Trưng."""
    return _SHORT_SAID.sub(lambda found: f"quận {_SHORT[found[1].lower()]}", unicodedata.normalize("NFC", text).strip())


def _less_sure(reading: Reading, gazetteer: Gazetteer) -> Reading:
    if reading.certainty != "sure":
        return reading
    return confirm(reading.value, "read.ward.confirm", {"ward": gazetteer.units[str(reading.value)].name})


def _places(text: str, gazetteer: Gazetteer) -> list[_Place]:
    """Ways to take the text apart, the likeliest first; near misses last."""
    said = [(part, bare) for part in _parts(text) if (bare := _bare(part, gazetteer))]
    street = any(_ON_STREET.search(part) and not _ON_STREET.search(bare) for part, bare in said)
    parts = [bare for _, bare in said]
    district: str | None = None
    if len(parts) > 1:
        district = _as_district(parts[-1], gazetteer)
        parts = parts if district is None else parts[:-1]
    rest = street or len(parts) > 1
    places: list[_Place] = []
    for part in reversed(parts):
        if not (_STREET.match(part) and rest):
            places += _taken_apart(part, district, gazetteer, rest=rest)
    if district is not None and not places:
        places.append(_Place(district, "quan", None, rest=True))
    return sorted(places, key=lambda place: place.type not in {"phuong", "xa", "thi tran"} and place.district is None)


def _taken_apart(part: str, district: str | None, gazetteer: Gazetteer, *, rest: bool) -> list[_Place]:
    """One part of an address: a ward, a ward and its former district, or a street and these without commas between."""
    known = _known_wards(part, gazetteer)
    cut = None if district is not None or known else _cut(part, gazetteer)
    if cut is not None:
        return [_Place(cut[1], cut[0], cut[2], rest)]
    if known:
        return [_Place(ward, kind, district, rest) for kind, ward in known]
    places: list[_Place] = []
    pieces = _MARKER.split(part)
    for piece in reversed(pieces):
        kind, name = split_type(piece)
        if kind in _DISTRICT_TYPES and name in gazetteer.districts and district is None and len(pieces) > 1:
            district = name
        else:
            places.append(_Place(name, kind, district, rest or len(pieces) > 1))
    return places


def _as_district(part: str, gazetteer: Gazetteer) -> str | None:
    """The former district a part names, if it can be one."""
    kind, name = split_type(part)
    if kind in _DISTRICT_TYPES and name in gazetteer.districts:
        return name
    return part if part in gazetteer.districts else None


def _known_wards(part: str, gazetteer: Gazetteer) -> list[tuple[str, str]]:
    """(type, name) for the ways to read a part as a known ward: "phuong mai" is Phường Mai, or Phương Mai."""
    kind, name = split_type(part)
    ways = [(kind, name)] if kind else []
    return [way for way in (*ways, ("", part)) if way[1] in gazetteer.by_name or way[1] in gazetteer.old]


def _parts(text: str) -> list[str]:
    """The folded text, cut at commas and lines."""
    return [folded for part in re.split(r"[,;\n/]", plain(text)) if (folded := alike(fold(part)))]


def _bare(part: str, gazetteer: Gazetteer) -> str:
    """A part of an address without the city, politeness and words that lead to it: as little off as makes a known name.

    Many names begin or end in such a word (Đông Anh, Liên Minh, Ô Diên), so what is known goes before what is polite.
    """
    for said in dict.fromkeys((part, _CITY.sub("", _CITY.sub("", part)).strip())):
        words = said.split(" ")
        most_begin = _run(words, _LEAD | _POLITE)
        most_end = len(words) - _run(words[::-1], _TAIL | _POLITE)
        for begin in range(most_begin + 1):
            for end in range(len(words), max(most_end, begin + 1) - 1, -1):
                name = " ".join(words[begin:end])
                if _is_known(name, gazetteer):
                    return name
    if gazetteer.begins(said):
        return said
    for begin in range(min(most_begin, 3) + 1):  # "cầu giấi": a slip, and "cầu" no politeness
        name = " ".join(words[begin:])
        near = gazetteer.near_names(name) if 6 <= len(name) <= LONGEST_NAME else []
        if near and near[0][1] >= NEAR:
            return name
    return " ".join(words[most_begin : max(most_end, most_begin)]) if said else ""


def _run(words: list[str], among: frozenset[str]) -> int:
    """How many words from the first on are among those."""
    return next((i for i, word in enumerate(words) if word not in among), len(words))


def _is_known(name: str, gazetteer: Gazetteer) -> bool:
    return (
        bool(_known_wards(name, gazetteer))
        or _as_district(name, gazetteer) is not None
        or _cut(name, gazetteer) is not None
    )


def _cut(words: str, gazetteer: Gazetteer) -> tuple[str, str, str] | None:
    """(type, ward, former district) in one run of words; a ward that was in that district goes first."""
    row = words.split(" ")
    found: list[tuple[bool, tuple[str, str, str]]] = []
    for i in range(1, len(row)):
        district = _as_district(" ".join(row[i:]), gazetteer)
        if district is None:
            continue
        for kind, ward in _known_wards(" ".join(row[:i]), gazetteer):
            there = any(old.district == gazetteer.districts[district] for old in gazetteer.old.get(ward, ()))
            found.append((not there, (kind, ward, district)))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _look_up(place: _Place, said: tuple[Spelling, ...], gazetteer: Gazetteer) -> Reading | None:
    if place.type in _DISTRICT_TYPES and place.district is None:
        return _district(place.ward, gazetteer)
    new = gazetteer.by_name.get(place.ward, [])
    old = gazetteer.old.get(place.ward, [])
    new_spelt = [code for code in new if _is_spelt(gazetteer.units[code].name, said)]
    old_spelt = [each for each in old if _is_spelt(each.name, said)]
    if new_spelt or old_spelt:  # "Xuân Đỉnh" with all its marks is not "Xuân Đình"
        new, old = new_spelt, old_spelt
    if place.district is not None:
        return _in_district(place, new, old, gazetteer)
    if place.type:
        same_type = [code for code in new if gazetteer.units[code].type == place.type]
        if same_type:
            return sure(same_type[0])
        typed = [each for each in old if split_type(fold(each.name))[0] == place.type]
        old = typed or old
        if typed:
            return _from_old(typed, gazetteer)
    if new:
        return _from_new(place, new, old, gazetteer)
    if old:
        return _from_old(old, gazetteer)
    if place.ward in gazetteer.districts:
        return _district(place.ward, gazetteer)
    return _near(place, gazetteer)


def _is_spelt(name: str, said: tuple[Spelling, ...]) -> bool:
    """Whether the name, with every mark it has and without its type, stands in what was said."""
    words = tuple(token.said for token in tokens(plain(name)) if token.kind != "sign")
    words = words[len(split_type(fold(name))[0].split(" ")) :] if split_type(fold(name))[0] else words
    return any(said[i : i + len(words)] == words for i in range(len(said) - len(words) + 1))


def _in_district(place: _Place, new: list[str], old: list[OldWard], gazetteer: Gazetteer) -> Reading:
    district = place.district or ""
    here = [each for each in old if gazetteer.districts.get(district) == each.district]
    if here:
        return _from_old(here, gazetteer)
    inside = [code for code in new if district in gazetteer.units[code].districts]
    if inside:
        return sure(inside[0])
    if new or old:  # the name is known, but not from that district
        codes = [*new, *(code for each in old for code in each.codes)]
        first = gazetteer.units[codes[0]].name
        return confirm(
            codes[0],
            "read.ward.confirm",
            {"ward": first},
            candidates=gazetteer.candidates(list(dict.fromkeys(codes))[:MOST_OFFERED]),
        )
    near = _near(place, gazetteer)
    return near if near.certainty != "none" else _district(district, gazetteer)


def _from_new(place: _Place, new: list[str], old: list[OldWard], gazetteer: Gazetteer) -> Reading:
    """A name of today, said without its type: was it also something else?"""
    code = new[0]
    others = [each for old_ward in old if code not in old_ward.codes for each in old_ward.codes]
    if place.ward in gazetteer.districts and not place.type:
        others += gazetteer.of_district(place.ward)
    if len(new) == 1 and not others:
        return sure(code)
    shown = gazetteer.candidates(list(dict.fromkeys((*new, *others)))[:MOST_OFFERED])
    return confirm(code, "read.ward.confirm", {"ward": gazetteer.units[code].name}, candidates=shown)


def _from_old(old: list[OldWard], gazetteer: Gazetteer) -> Reading:
    codes = list(dict.fromkeys(code for each in old for code in each.codes if code in gazetteer.units))
    if not codes:
        return none("read.ward.again")
    if len(codes) == 1:
        return sure(codes[0])
    shown = gazetteer.candidates(codes[:MOST_OFFERED])
    if len(old) > 1:
        return vague("read.ward.which_district", {"ward": old[0].name}, candidates=shown)
    facts = {"old": f"{old[0].name}, {old[0].district}", "ward": gazetteer.units[codes[0]].name}
    return confirm(codes[0], "read.ward.parted", facts, candidates=shown)


def _district(district: str, gazetteer: Gazetteer) -> Reading:
    codes = gazetteer.of_district(district)
    if not codes:
        return none("read.ward.again")
    shown = gazetteer.candidates(codes)
    return vague("read.ward.which_in_district", {"district": gazetteer.districts[district]}, candidates=shown)


def _near(place: _Place, gazetteer: Gazetteer) -> Reading:
    """A name with a slip, or the beginning of several."""
    if len(place.ward) < 4:
        return none("read.ward.again")
    begins = gazetteer.begins(place.ward)
    names = begins or [name for name, _ in gazetteer.near_names(place.ward)]
    codes: list[str] = []
    for name in names[:6]:
        old = [
            each
            for each in gazetteer.old.get(name, [])
            if place.district is None or gazetteer.districts.get(place.district) == each.district
        ]
        codes += gazetteer.by_name.get(name, []) or [code for each in old for code in each.codes]
    codes = [code for code in dict.fromkeys(codes) if code in gazetteer.units][:MOST_OFFERED]
    if not codes:
        return none("read.ward.again")
    shown = gazetteer.candidates(codes)
    near = gazetteer.near_names(place.ward)
    best = near[0][1] if near else 0.0
    if len(codes) == 1 or (not begins and best >= NEAR and (len(near) == 1 or best - near[1][1] >= 5)):
        return confirm(codes[0], "read.ward.confirm", {"ward": gazetteer.units[codes[0]].name}, candidates=shown)
    return vague("read.ward.which", {"count": len(shown)}, candidates=shown)


def read_province(text: str, gazetteer: Gazetteer) -> Reading:
    """The code of a province or city of today.

    Sure: its name, or what everybody calls it ("Sài Gòn", "TP.HCM", "hn"). Confirm: a province that was merged into it,
    a town in it, a near miss. Vague: letters that stand for several ("ĐN").
    """
    if len(text) > LONGEST:
        return none("read.province.again")
    parts = _parts(text)
    words = " ".join(parts).split(" ")
    begin, end = _run(words, _LEAD | _POLITE), len(words) - _run(words[::-1], _PROVINCE_TAIL)
    ways = [" ".join(words[i:j]) for i in range(min(begin, 8) + 1) for j in range(len(words), max(end, i + 1) - 1, -1)]
    for said in dict.fromkeys((*ways, *reversed(parts))):
        reading = _province(said, gazetteer) if said else None
        if reading is not None:
            return reading
    near = _near_province(ways, gazetteer)
    codes = list(dict.fromkeys(code for name, _ in near for code in _codes(name, gazetteer)))
    if not codes:
        return none("read.province.again")
    shown = [gazetteer.provinces[code] for code in codes]
    candidates = tuple(_candidate(gazetteer, province.code) for province in shown)
    if len(codes) == 1 or near[0][1] - near[1][1] >= 5:
        return confirm(codes[0], "read.province.confirm", {"province": shown[0].name}, candidates=candidates)
    return vague("read.province.which", {"count": len(codes)}, candidates=candidates)


def _near_province(ways: list[str], gazetteer: Gazetteer) -> list[tuple[str, float]]:
    """Names with a slip, for the way with the most words that has any: "da" of "da nag" is no politeness."""
    if any(_UNKNOWN.search(said) or _REGION.search(said) for said in ways[:1]):
        return []
    for said in ways[:MOST_OFFERED]:
        near = gazetteer.near_provinces(province_key(said)) if 4 <= len(said) <= LONGEST_NAME else []
        if near:
            return near
    return []


def _candidate(gazetteer: Gazetteer, code: str) -> Candidate:
    return Candidate(code, gazetteer.provinces[code].name)


def _codes(name: str, gazetteer: Gazetteer) -> list[str]:
    return gazetteer.province_names.get(name) or [gazetteer.merged_names[name]]


_SAYINGS: Final = frozenset(["hn", "hcm", "tphcm", "hcmc", "sg", "sgn"]) | {
    "sai gon",
    "saigon",
    "tp hcm",
    "thua thien hue",
    "hue",
    "danang",
    "thu do ha noi",
    "tt hue",
    "daklak",
    "dak lak",
}


def _province(said: str, gazetteer: Gazetteer) -> Reading | None:
    name = province_key(said)
    codes = gazetteer.province_names.get(name)
    if codes:
        return sure(codes[0])
    code = gazetteer.merged_names.get(name)
    if code is not None:
        facts = {"old": said, "province": gazetteer.provinces[code].name}
        return confirm(code, "read.province.merged", facts, candidates=(_candidate(gazetteer, code),))
    several = [each for each in _AMBIGUOUS.get(said, ()) if each in gazetteer.provinces]
    if len(several) > 1:
        return vague(
            "read.province.which",
            {"count": len(several)},
            candidates=tuple(_candidate(gazetteer, each) for each in several),
        )
    code = several[0] if several else _PROVINCE_WORDS.get(said) or _PROVINCE_WORDS.get(name)
    if code is None or code not in gazetteer.provinces:
        return None
    if said in _SAYINGS or name in _SAYINGS:
        return sure(code)
    return confirm(
        code,
        "read.province.confirm",
        {"province": gazetteer.provinces[code].name},
        candidates=(_candidate(gazetteer, code),),
    )
