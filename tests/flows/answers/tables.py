"""Texts and what they mean, used by several tests; every row stands for a rule."""

from typing import Final

T: Final = 1_000_000_000
M: Final = 1_000_000

MONEY: Final = {
    # digits and units
    "1,5 tỷ": 1500 * M, "1.5 tỷ": 1500 * M, "1.5 ty": 1500 * M, "500 triệu": 500 * M, "500tr": 500 * M, "3 TỶ": 3 * T, "1tỉ": T,
    "750 nghìn": 750_000, "750 ngàn đồng": 750_000, "500k": 500_000, "500K": 500_000, "5 tỷ đồng": 5 * T, "25 củ": 25 * M,
    "12 củ": 12 * M, "5 tỏi": 5 * T, "5 xị": 500_000, "2 vạn": 20_000, "3 vạn 5": 35_000, "1,2 tỷ": 1200 * M, "0,5 tỷ": 500 * M,
    "0.500 tỷ": 500 * M, "2 nghìn tỷ": 2000 * T, "2 nghìn 500 tỷ": 2500 * T, "1.5 billion VND": 1500 * M, "0 đồng": 0, "đ500.000": 500_000, "VND 500,000,000": 500 * M,
    # grouping
    "1.500.000": 1_500_000, "1,500,000": 1_500_000, "1.500.000đ": 1_500_000, "1.500.000.000 VNĐ": 1500 * M, "1.500 triệu": 1500 * M,
    "1,500 triệu": 1500 * M, "2 500 000 đồng": 2_500_000, "1'500'000": 1_500_000, "12345678": 12_345_678,
    # what comes behind a unit
    "20tr5": 20_500_000, "1tr2": 1_200_000, "2 tỷ 3": 2300 * M, "3 tỷ 200": 3200 * M, "1 tỷ 050": 1050 * M, "2ty5": 2500 * M, "2tỷ3": 2300 * M,
    "5 triệu 2": 5_200_000, "5 tỷ 500 triệu": 5500 * M, "2 tỷ 300 triệu 500 nghìn": 2_300_500_000, "2 tỷ, 300 triệu": 2300 * M,
    "2 tỷ và 300 triệu": 2300 * M, "2 tỉ rưỡi": 2500 * M, "2 ti ruoi": 2500 * M, "2tỷrưỡi": 2500 * M, "3 củ rưỡi": 3_500_000, "tỷ rưỡi": 1500 * M,
    # words
    "một tỷ rưỡi": 1500 * M, "hai tỷ ba trăm triệu": 2300 * M, "hai tỷ ba": 2300 * M, "bảy tỷ tư": 7400 * M, "một triệu mốt": 1_100_000, "mười lăm triệu": 15 * M, "hai mươi mốt triệu": 21 * M,
    "hai lăm triệu": 25 * M, "ba mốt triệu": 31 * M, "hai tư triệu": 24 * M, "một trăm linh năm triệu": 105 * M, "một trăm lẻ năm triệu": 105 * M,
    "ba trăm triệu": 300 * M, "nam tram trieu": 500 * M, "trăm rưỡi triệu": 150 * M, "hai chục triệu": 20 * M, "nửa tỷ": 500 * M, "một nửa tỷ": 500 * M,
    "một phẩy năm tỷ": 1500 * M, "hai trăm ba mươi tư triệu": 234 * M, "5 trăm triệu": 500 * M, "một triệu không trăm linh năm nghìn": 1_005_000,
    # words around it
    "khoảng 2 tỷ": 2 * T, "tầm 500tr": 500 * M, "hơn 2 tỷ": 2 * T, "trên dưới 2 tỷ": 2 * T, "~2 tỷ": 2 * T, "em nghĩ chắc tầm 500tr thôi ạ": 500 * M,
    "dạ khoảng 2 tỷ ạ": 2 * T, "da khoang 2 ty a": 2 * T, "vốn điều lệ công ty em là 5 tỷ": 5 * T, "2 tỷ 💰!!": 2 * T, "năm ngoái 3 tỷ": 3 * T,
    "１，５ tỷ": 1500 * M, "3️⃣ tỷ": 3 * T, "1.500.000.000 đồng (1,5 tỷ)": 1500 * M,
}  # fmt: skip
MONEY_TO_CONFIRM: Final = {
    "5m": 5 * M, "2.5B": 2500 * M, "15 chai": 15 * M, "2.000 tỷ": 2000 * T, "500tr/năm": 500 * M, "2 tỷ sau thuế": 2 * T, "3 tỷ năm 2025": 3 * T,
    "1 triệu 500.000": 1_500_000, "chục triệu": 10 * M, "0": 0,
}  # fmt: skip
MONEY_RANGES: Final = {
    "1-2 tỷ": (T, 2 * T), "1–2 tỷ": (T, 2 * T), "1~2 tỷ": (T, 2 * T), "1 tới 2 tỷ": (T, 2 * T), "từ 500 triệu đến 1 tỷ": (500 * M, T), "tu 500 trieu den 1 ty": (500 * M, T),
    "500tr - 1,5 tỷ": (500 * M, 1500 * M), "300–500 triệu": (300 * M, 500 * M), "500-1 tỷ": (500 * M, T), "1 tỷ - 2": (T, 2 * T),
    "1tr5-2tr": (1_500_000, 2 * M), "1 tỷ 2 - 1 tỷ 5": (1200 * M, 1500 * M), "hai ba tỷ": (2 * T, 3 * T), "năm bảy triệu": (5 * M, 7 * M),
    "ba bốn trăm triệu": (300 * M, 400 * M), "dưới 1 tỷ": (None, T), "không quá 3 tỷ": (None, 3 * T), "tối đa 3 tỷ": (None, 3 * T), "chưa đến 1 tỷ": (None, T),
    "2 tỷ trở xuống": (None, 2 * T), "trên 5 tỷ": (5 * T, None), "ít nhất 500tr": (500 * M, None), "từ 2 tỷ trở lên": (2 * T, None), "5 tỷ+": (5 * T, None),
    "trên 1 đến 3 tỷ": (T, 3 * T), "500.000 - 1.000.000": (500_000, M), "một đến hai tỷ": (T, 2 * T), "tầm 1 tỷ đến 1 tỷ rưỡi": (T, 1500 * M),
}  # fmt: skip
MONEY_REFUSED: Final = (
    "vài trăm triệu", "mấy tỷ", "dăm triệu", "hàng tỷ", "mươi triệu", "tỷ lệ 5%", "1 trệt 2 lầu", "5 cây vàng", "10 cây", "2 lượng SJC", "2 tý", "2 tí",
    "chưa biết", "không biết", "nhiều lắm", "", " ", "5", "500", "1.500", "500.000", "500000", "0912345678", "0912 345 678", "20/11/2026", "12%", "10 km",
    "5m2", "5 củ khoai", "tỷ số 2-1", "đồng ý", "2 đồng chí", "2 công ty", "không phải 2 tỷ", "2 tỷ vay 500tr", "1 hoặc 2 tỷ", "500 nghìn 1 tỷ",
    "lỗ 200 triệu", "-200tr", "tránh 5", "1t2", "1 trăm phần trăm",
)  # fmt: skip
MONEY_FOREIGN: Final = {
    "50 nghìn đô": ("USD", 50_000), "$50k": ("USD", 50_000), "50,000 USD": ("USD", 50_000), "30 nghìn euro": ("EUR", 30_000), "50k usd": ("USD", 50_000),
    "1,2 triệu đô la Mỹ": ("USD", 1_200_000), "hai trăm nghìn đô": ("USD", 200_000), "€20": ("EUR", 20), "5 triệu yên": ("JPY", 5_000_000), "50 nghin do": ("USD", 50_000),
}  # fmt: skip
INTEGERS: Final = {
    "1200": 1200, "1.200": 1200, "mười hai": 12, "một trăm hai mươi": 120, "hai chục": 20, "tám người": 8, "05": 5, "hăm lăm": 25, "ba muoi tu": 34,
    "hai trăm linh ba": 203, "một nghìn hai trăm": 1200, "5️⃣": 5, "năm năm": 5, "hai năm": 2, "10 năm": 10, "hai mươi năm": 20, "mười lăm năm": 15,
    "khoảng 10 người": 10, "-5": -5, "âm 5": -5, "12 (mười hai)": 12, "team em có 5 bạn": 5,
    "tam nguoi": 8, "không người": 0,
}  # fmt: skip
DECIMALS: Final = {
    "12,5": 12.5,
    "12.5": 12.5,
    "1.200,5": 1200.5,
    "1,200.5": 1200.5,
    "hai phẩy năm": 2.5,
    "ba rưỡi": 3.5,
    "7": 7,
}
PHONES: Final = {
    "0912 345 678": "+84912345678", "0912.345.678": "+84912345678", "+84 912 345 678": "+84912345678", "84912345678": "+84912345678",
    "0084912345678": "+84912345678", "(024) 3812 3456": "+842438123456", "038-765-4321": "+84387654321", "+84 (0) 912 345 678": "+84912345678",
    "0203 3812 345": "+842033812345", "+1 650 253 0000": "+16502530000",
}  # fmt: skip
TAX_CODES: Final = {
    "0199999991": "0199999991", "0199999991-001": "0199999991-001", "0199999991001": "0199999991-001", "01 9999 9991": "0199999991",
    "0100233488": "0100233488", "0199999991 001": "0199999991-001",
}  # fmt: skip
DATES: Final = (  # on 25 November 2026, a Wednesday
    ("20/11/2026", None, "2026-11-20", "sure"), ("20-11-2026", None, "2026-11-20", "sure"), ("20.11.2026", None, "2026-11-20", "sure"),
    ("5/3/2026", None, "2026-03-05", "sure"), ("2026-11-20", None, "2026-11-20", "sure"), ("20 / 11 / 2026", None, "2026-11-20", "sure"),
    ("ngày 20 tháng 11 năm 2026", None, "2026-11-20", "sure"), ("ngay 20 thang 11 nam 2026", None, "2026-11-20", "sure"),
    ("ngày hai mươi tháng mười một năm 2026", None, "2026-11-20", "sure"), ("20/11 năm ngoái", None, "2025-11-20", "sure"),
    ("20/11", "past", "2026-11-20", "confirm"), ("20/11", "future", "2027-11-20", "confirm"), ("5/3", "past", "2026-03-05", "confirm"),
    ("20/11/26", None, "2026-11-20", "confirm"), ("11/20/2026", None, "2026-11-20", "confirm"), ("20112026", None, "2026-11-20", "confirm"),
    ("hôm nay", None, "2026-11-25", "sure"), ("hôm qua", None, "2026-11-24", "sure"), ("ngày mai", None, "2026-11-26", "sure"),
    ("3 ngày nữa", None, "2026-11-28", "confirm"), ("cách đây 2 tuần", None, "2026-11-11", "confirm"), ("thứ hai tuần sau", None, "2026-11-30", "confirm"),
    ("thứ 6", None, "2026-11-27", "confirm"), ("cuối tháng", None, "2026-11-30", "confirm"), ("đầu tháng sau", None, "2026-12-01", "confirm"),
    ("cuối năm sau", None, "2027-12-31", "confirm"), ("mùng 5 tháng 3", None, "2027-03-05", "confirm"), ("29/2", "past", "2024-02-29", "confirm"),
    ("ngày 5 tháng sau", None, "2026-12-05", "confirm"), ("ngày 30", None, "2026-11-30", "confirm"),
    ("15 tháng này", None, "2026-11-15", "confirm"),
    ("T2 tuần sau", None, "2026-11-30", "confirm"),
    ("cuối quý 2/2027", None, "2027-06-30", "confirm"),
    ("20 November 2026", None, "2026-11-20", "sure"),
)  # fmt: skip
PERIODS: Final = (
    ("tháng 11/2026", None, "2026-11-30", "month"), ("11/2026", None, "2026-11-30", "month"), ("T11/2026", None, "2026-11-30", "month"),
    ("tháng 5/2023", None, "2023-05-31", "month"), ("tháng 5", "past", "2026-05-31", "month"), ("tháng 5", "future", "2027-05-31", "month"),
    ("tháng sáu năm 2025", None, "2025-06-30", "month"), ("tháng sau", None, "2026-12-31", "month"), ("quý IV/2026", None, "2026-12-31", "quarter"),
    ("quý 2", "future", "2027-06-30", "quarter"), ("q3/2025", None, "2025-09-30", "quarter"), ("quý 3 năm sau", None, "2027-09-30", "quarter"),
    ("quý trước", None, "2026-09-30", "quarter"), ("năm 2026", None, "2026-12-31", "year"), ("năm ngoái", None, "2025-12-31", "year"),
    ("quý 1/2027", None, "2027-03-31", "quarter"),
    ("sang năm", None, "2027-12-31", "year"),
    ("tuần sau", None, "2026-12-06", "week"),
)  # fmt: skip
