import unicodedata

import pytest

from flows.answers.gazetteer import Gazetteer
from flows.answers.place import read_province, read_ward
from flows.answers.text import fold

UNITS = [
    dict(
        zip(
            ("code", "type", "name", "name_en", "short_name", "old_district_main", "old_districts", "lat", "lon"),
            row.split(";"),
            strict=True,
        )
    )
    for row in (
        "00070;phuong;Phường Hoàn Kiếm;Hoan Kiem Ward;Hoàn Kiếm;Quận Hoàn Kiếm;Quận Hoàn Kiếm|Quận Ba Đình;21.032;105.85",
        "00097;phuong;Phường Hồng Hà;Hong Ha Ward;Hồng Hà;Quận Tây Hồ;Quận Tây Hồ|Quận Hoàn Kiếm;21.0567;105.845",
        "00160;phuong;Phường Nghĩa Đô;Nghia Do Ward;Nghĩa Đô;Quận Cầu Giấy;Quận Cầu Giấy;21.046;105.797",
        "00166;phuong;Phường Cầu Giấy;Cau Giay Ward;Cầu Giấy;Quận Cầu Giấy;Quận Cầu Giấy;21.034;105.79",
        "00226;phuong;Phường Văn Miếu - Quốc Tử Giám;Van Mieu - Quoc Tu Giam Ward;Văn Miếu - Quốc Tử Giám;Quận Đống Đa;Quận Đống Đa;21.0199;105.837",
        "00229;phuong;Phường Kim Liên;Kim Lien Ward;Kim Liên;Quận Đống Đa;Quận Đống Đa;21.0057;105.832",
        "10273;xa;Xã Chương Dương;Chuong Duong Commune;Chương Dương;Huyện Thường Tín;Huyện Thường Tín;20.87;105.9",
        "00454;xa;Xã Đông Anh;Dong Anh Commune;Đông Anh;Huyện Đông Anh;Huyện Đông Anh;21.14;105.85",
        "09988;xa;Xã Hòa Lạc;Hoa Lac Commune;Hòa Lạc;Huyện Thạch Thất;Huyện Thạch Thất;20.99;105.52",
        "09784;xa;Xã Ô Diên;O Dien Commune;Ô Diên;Huyện Đan Phượng;Huyện Đan Phượng;21.11;105.67",
        "00602;phuong;Phường Đông Ngạc;Dong Ngac Ward;Đông Ngạc;Quận Bắc Từ Liêm;Quận Bắc Từ Liêm;21.08;105.78",
        "00256;phuong;Phường Hai Bà Trưng;Hai Ba Trung Ward;Hai Bà Trưng;Quận Hai Bà Trưng;Quận Hai Bà Trưng;21.0136;105.852",
    )
]
OLD = [
    dict(zip(("old_ward", "old_district", "new_code", "is_default"), row.split(";"), strict=True))
    for row in (
        "Phường Dịch Vọng Hậu;Quận Cầu Giấy;00160;0",
        "Phường Dịch Vọng Hậu;Quận Cầu Giấy;00166;1",
        "Phường Chương Dương;Quận Hoàn Kiếm;00097;1",
        "Phường Hàng Bạc;Quận Hoàn Kiếm;00070;1",
        "Phường Phương Mai;Quận Đống Đa;00229;1",
        "Phường Minh Khai;Quận Hai Bà Trưng;00256;1",
        "Phường Minh Khai;Quận Bắc Từ Liêm;00602;1",
        "Xã Tân Hội;Huyện Đan Phượng;09784;1",
        "Xã Song Phượng;Huyện Đan Phượng;09784;1",
    )
]
PROVINCES = [
    dict(zip(("code", "name", "name_en", "short_name", "merged_from"), row.split(";"), strict=True))
    for row in (
        "01;Thành phố Hà Nội;Hanoi City;Hà Nội;Thành phố Hà Nội",
        "48;Thành phố Đà Nẵng;Da Nang City;Đà Nẵng;Thành phố Đà Nẵng|Tỉnh Quảng Nam",
        "56;Tỉnh Khánh Hòa;Khanh Hoa Province;Khánh Hòa;Tỉnh Khánh Hòa|Tỉnh Ninh Thuận",
        "75;Thành phố Đồng Nai;Dong Nai City;Đồng Nai;Tỉnh Bình Phước|Tỉnh Đồng Nai",
        "79;Thành phố Hồ Chí Minh;Ho Chi Minh City;Hồ Chí Minh;Tỉnh Bình Dương|Tỉnh Bà Rịa - Vũng Tàu|Thành phố Hồ Chí Minh",
        "91;Tỉnh An Giang;An Giang Province;An Giang;Tỉnh An Giang|Tỉnh Kiên Giang",
    )
]
GAZETTEER = Gazetteer(UNITS, OLD, PROVINCES)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit["code"])
def test_a_name_of_today_is_known_however_it_is_spelt(unit: dict[str, str]) -> None:
    name, code = unit["name"], unit["code"]
    short = name.replace("Phường", "P.").replace("Xã", "X.")
    for text in (
        name,
        name.upper(),
        fold(name),
        unicodedata.normalize("NFD", name),
        short,
        f"dạ em ở {name} ạ",
        f"{name}, Hà Nội",
        code,
    ):
        assert (read_ward(text, GAZETTEER).value, read_ward(text, GAZETTEER).certainty) == (code, "sure")
    for text in (unit["short_name"], unit["name_en"], fold(unit["short_name"])):
        assert read_ward(text, GAZETTEER).value == code


@pytest.mark.parametrize("text", ["xa hoa lac", "Xã Hoà Lạc", "Hòa Lạc", "hoa lac"])
def test_where_the_tone_stands_does_not_matter(text: str) -> None:
    assert (read_ward(text, GAZETTEER).value, read_ward(text, GAZETTEER).certainty) == ("09988", "sure")


@pytest.mark.parametrize(
    "text",
    [
        "Dịch Vọng Hậu, Cầu Giấy", "P. Dịch Vọng Hậu Q. Cầu Giấy", "phường Dịch Vọng Hậu, quận Cầu Giấy, Hà Nội", "dich vong hau cau giay", "Dịch Vọng Hậu",
        "12 Trần Thái Tông, phường Dịch Vọng Hậu, quận Cầu Giấy, Hà Nội", "dạ Dịch Vọng Hậu cũ ạ",
    ],
)  # fmt: skip
def test_a_ward_that_was_parted_is_read_back_with_its_parts(text: str) -> None:
    reading = read_ward(text, GAZETTEER)
    assert (reading.value, reading.certainty) == ("00166", "confirm")
    assert [each.value for each in reading.candidates] == ["00166", "00160"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hàng Bạc", "00070"),
        ("Hàng Bạc, Hoàn Kiếm", "00070"),
        ("phuong phuong mai quan dong da", "00229"),
        ("Phương Mai, Đống Đa", "00229"),
        ("Song Phượng H. Đan Phượng", "09784"),
    ],
)
def test_an_old_ward_that_went_whole_is_its_new_one(text: str, code: str) -> None:
    assert (read_ward(text, GAZETTEER).value, read_ward(text, GAZETTEER).certainty) == (code, "sure")


def test_an_old_name_of_several_districts_is_asked_back_unless_the_district_is_said() -> None:
    assert read_ward("Minh Khai", GAZETTEER).ask == "read.ward.which_district"
    assert read_ward("Minh Khai, Hai Bà Trưng", GAZETTEER).value == "00256"
    assert read_ward("phường minh khai quận bắc từ liêm", GAZETTEER).value == "00602"


def test_the_type_tells_a_name_of_today_from_the_same_name_before() -> None:
    assert read_ward("xã Chương Dương", GAZETTEER).value == "10273"
    assert read_ward("phường Chương Dương", GAZETTEER).value == "00097"
    assert read_ward("Chương Dương", GAZETTEER).certainty == "confirm"


def test_a_district_alone_offers_what_it_became() -> None:
    reading = read_ward("quận Cầu Giấy", GAZETTEER)
    assert (reading.value, reading.ask) == (None, "read.ward.which_in_district")
    assert {each.value for each in reading.candidates} == {"00160", "00166"}


@pytest.mark.parametrize(
    ("text", "code"), [("hoan kien", "00070"), ("Nghĩa Đồ", "00160"), ("kim lien", "00229"), ("văn miếu", "00226")]
)
def test_a_slip_is_forgiven_but_read_back_when_letters_differ(text: str, code: str) -> None:
    assert read_ward(text, GAZETTEER).value == code


@pytest.mark.parametrize("text", ["", "Hà Nội", "abc xyz", "🙂", "5", "không biết"])
def test_what_is_no_ward_gives_none(text: str) -> None:
    assert read_ward(text, GAZETTEER).value is None


def test_the_nearest_ward_is_read_back_and_far_away_is_none() -> None:
    reading = GAZETTEER.nearest(21.0285, 105.8542)
    assert (reading.value, reading.certainty) == ("00070", "confirm")
    assert GAZETTEER.nearest(10.7, 106.6).value is None
    assert GAZETTEER.nearest(float("nan"), 0).value is None


@pytest.mark.parametrize("row", PROVINCES, ids=lambda row: row["code"])
def test_a_province_is_known_however_it_is_spelt(row: dict[str, str]) -> None:
    for text in (
        row["name"],
        row["short_name"],
        fold(row["short_name"]),
        row["name_en"],
        f"dạ em ở {row['short_name']} ạ",
        unicodedata.normalize("NFD", row["name"]),
    ):
        assert (read_province(text, GAZETTEER).value, read_province(text, GAZETTEER).certainty) == (row["code"], "sure")


@pytest.mark.parametrize(
    ("text", "code"),
    [("hn", "01"), ("sg", "79"), ("tp hcm", "79"), ("TP.HCM", "79"), ("Sài Gòn", "79"), ("HCMC", "79")],
)
def test_what_everybody_calls_a_city_is_sure(text: str, code: str) -> None:
    assert (read_province(text, GAZETTEER).value, read_province(text, GAZETTEER).certainty) == (code, "sure")


@pytest.mark.parametrize(
    ("text", "code"),
    [("Bình Dương", "79"), ("Vũng Tàu", "79"), ("tỉnh Quảng Nam", "48"), ("kien giang", "91"), ("Nha Trang", "56")],
)
def test_a_province_that_was_merged_is_read_back_as_the_new_one(text: str, code: str) -> None:
    assert (read_province(text, GAZETTEER).value, read_province(text, GAZETTEER).certainty) == (code, "confirm")


def test_letters_that_stand_for_two_provinces_are_asked_back() -> None:
    assert {each.value for each in read_province("ĐN", GAZETTEER).candidates} == {"48", "75"}
