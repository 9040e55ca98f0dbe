"""Enterprises report innovation and productivity, from which the programme's indicators are computed."""

from flows.session import Status
from tests.scenario import Scenario

FLOW = "innovation_activity"


def reporting(section: str, lang: str = "vi") -> Scenario:
    """A unit that has agreed and told who it is."""
    s = Scenario(FLOW, lang)
    s.bot_asks("Bên thu thập").they_tap("Tôi đồng ý")
    s.bot_asks("Tên đơn vị?").they_say("HTX Rau Yên Sơn")
    s.bot_asks("Mã số thuế").they_say("không biết").bot_objects("cần có câu trả lời").they_say("0199999991")
    s.bot_asks("Trụ sở thuộc phường, xã nào").they_say("xã Hòa Lạc")
    s.bot_asks("Năm báo cáo?").they_say("2030").bot_objects("từ 2021 đến năm nay").they_tap_quick("2025")
    return s.bot_asks("Ngành chính").they_tap(section)


def test_a_farm_reports_value_added_by_its_components_and_its_high_technology() -> None:
    s = reporting("A. Nông nghiệp").bot_asks("Mã ngành chính").they_say("01181")
    s.bot_asks("Trong 3 năm tính đến hết năm báo cáo").they_choose("Hàng hóa mới")
    s.bot_asks("Trong cùng thời gian").they_choose("Tiếp thị, bán hàng")
    s.bot_asks("Mức độ mới cao nhất").they_tap("Mới với thị trường")
    s.bot_asks("Sản phẩm mới hoặc cải tiến chiếm").they_say("120").bot_objects("từ 0 đến 100").they_say("12,5%")
    s.bot_asks("Trong 3 năm đó").they_choose("Nghiên cứu và phát triển", "Mua, thuê máy móc")
    s.bot_asks("Tổng chi").they_say("350 triệu").bot_reads_back("350.000.000 đồng").they_press("yes")
    s.bot_asks("Trong đó chi cho R&D").they_say("1 tỷ").bot_objects("không thể lớn hơn tổng chi")
    s.they_say("100tr").bot_reads_back("100.000.000 đồng").they_say("đúng rồi")
    s.bot_asks("Số người làm R&D").they_say("2,5")
    s.bot_asks("Đơn vị có trích lập quỹ").they_tap("Chưa rõ")
    s.bot_asks("Khó khăn chính").they_choose("Chi phí cao", "Thiếu nhân lực")
    s.bot_asks("Số liệu tài chính").they_tap("Sổ sách nội bộ")
    s.bot_asks("Số lao động bình quân năm báo cáo?").they_say("0").bot_objects("lớn hơn 0").they_say("12,5")
    s.bot_asks("Số lao động bình quân năm liền trước?").they_say("10")
    s.bot_asks("Doanh thu thuần năm báo cáo?").they_say("10 tỷ").they_press("yes")
    s.bot_asks("Doanh thu thuần năm liền trước?").they_say("8 tỷ").they_press("yes")
    s.bot_asks("Để tính giá trị tăng thêm").they_tap("Tôi có các khoản")
    s.bot_asks("Tiền lương").they_say("2 tỷ")
    s.bot_asks("Khấu hao").they_say("300 triệu")
    s.bot_asks("Thuế sản xuất khác").they_say("50 triệu")
    s.bot_asks("Lợi nhuận thuần").they_say("lỗ 100 triệu")
    s.bot_asks("Giá trị tăng thêm năm liền trước").they_say("1,5 tỷ")
    s.bot_asks("Bao nhiêu phần trăm doanh thu").they_tap_quick("30")
    s.bot_asks("Mức độ chuyển đổi số").they_tap("Mức 1")
    s.bot_asks("Tiểu ngành chính?").they_tap("Trồng trọt")
    s.bot_asks("Tổng giá trị sản xuất").they_say("9 tỷ").bot_reads_back("9.000.000.000 đồng").they_press("yes")
    s.bot_asks("Đơn vị áp dụng công nghệ cao nào?").they_choose("Nhà kính", "Tưới, cho ăn")
    s.bot_asks("Giá trị sản phẩm").they_say("10 tỷ").bot_objects("lớn hơn tổng giá trị sản xuất")
    s.they_say("4,5 tỷ").they_press("yes")
    s.bot_asks("Đánh giá của anh/chị về phiếu này?").they_say("bỏ qua").bot_shows_review().they_press("submit")
    record = s.record
    growth = record.pop("lp_growth_nominal_pct")
    assert isinstance(growth, int | float)
    assert abs(growth - 20) < 1e-9  # 180 million a head after 150 million
    assert record == {
        "consent_process": "yes",
        "unit_name": "HTX Rau Yên Sơn",
        "tax_code": "0199999991",
        "ward": "09988",
        "ref_year": 2025,
        "vsic_section": "A",
        "vsic_code": "01181",
        "product_innovation": "goods",
        "process_innovation": "marketing_sales",
        "novelty": "market",
        "new_product_revenue_pct": 12.5,
        "innovation_work": "rnd equipment",
        "innovation_spend_vnd": 350_000_000,
        "rnd_spend_vnd": 100_000_000,
        "rnd_staff": 2.5,
        "st_fund": "unknown",
        "innovation_barrier": "cost people",
        "figures_source": "internal",
        "labour_t": 12.5,
        "labour_t1": 10,
        "revenue_t_vnd": 10_000_000_000,
        "revenue_t1_vnd": 8_000_000_000,
        "va_method": "components",
        "wages_t_vnd": 2_000_000_000,
        "depreciation_t_vnd": 300_000_000,
        "prod_tax_t_vnd": 50_000_000,
        "op_profit_t_vnd": -100_000_000,
        "va_t1_vnd": 1_500_000_000,
        "digital_revenue_pct": 30,
        "digital_level": "1",
        "agri_subsector": "crops",
        "agri_output_vnd": 9_000_000_000,
        "agri_tech": "greenhouse irrigation_auto",
        "agri_hightech_vnd": 4_500_000_000,
        "is_innovator": 1,
        "is_innovation_active": 1,
        "va_t_vnd": 2_250_000_000,
        "lp_t_vnd": 180_000_000,
        "is_core_digital": 0,
        "sme_field": "agri_industry",
        "size_stratum": "small",
    }


def test_a_software_house_without_innovation_is_asked_for_little() -> None:
    s = reporting("K. Viễn thông").bot_asks("Mã ngành chính").they_say("bỏ qua")
    s.they_choose("Không có").they_choose("Không có").bot_asks("Trong 3 năm đó").they_choose("Không có")
    s.bot_asks("Đơn vị có trích lập quỹ").they_press("skip").they_choose("Chưa thấy cần thiết")
    s.they_tap("Ước tính").they_say("8").bot_asks("Số lao động bình quân năm liền trước?").they_say("bỏ qua")
    s.bot_asks("Doanh thu thuần năm báo cáo?").they_say("5 tỷ").they_press("yes")
    s.bot_asks("Để tính giá trị tăng thêm").they_tap("Tôi chỉ có doanh thu")
    s.bot_asks("Bao nhiêu phần trăm doanh thu").they_tap_quick("100").they_tap("Mức 4")
    s.bot_asks("Đánh giá của anh/chị").they_tap("★★★★").bot_shows_review().they_say("gửi phiếu")
    assert len(s.asked) <= 22
    assert (s.record["is_innovator"], s.record["is_innovation_active"]) == (0, 0)
    assert not {"va_t_vnd", "lp_t_vnd", "lp_growth_nominal_pct"} & set(s.record)
    assert (s.record["is_core_digital"], s.record["size_stratum"]) == (1, "micro")
    assert not [name for name in s.record if name.startswith(("agri", "rnd", "wages"))]


def test_value_added_by_purchased_inputs_is_revenue_less_inputs() -> None:
    s = reporting("C. Công nghiệp").they_say("bỏ qua")
    s.they_choose("Không có").they_choose("Không có").they_choose("Không có").they_press("skip").they_choose("Chi phí")
    s.they_tap("Báo cáo tài chính đã kiểm toán").they_say("150").they_press("skip").they_say("5 tỷ").they_press("yes")
    s.they_tap("Tôi có doanh thu và chi phí").bot_asks("Chi phí mua ngoài").they_say("-2 tỷ").bot_objects("số âm")
    s.they_say("2 tỷ").they_say("0").they_tap("Mức 0").they_press("skip").bot_shows_review().they_press("submit")
    assert (s.record["va_t_vnd"], s.record["lp_t_vnd"]) == (3_000_000_000, 20_000_000)
    assert s.record["size_stratum"] == "medium"


def test_a_changed_section_hides_the_farm_questions_at_review() -> None:
    s = reporting("A. Nông nghiệp").they_press("skip").they_choose("Không có").they_choose("Không có")
    s.they_choose("Không có").they_press("skip").they_choose("Chi phí").they_tap("Ước tính").they_say("3")
    s.they_press("skip").they_say("1 tỷ").they_press("yes").they_tap("Tôi chỉ có doanh thu").they_say("0")
    s.they_tap("Mức 0").bot_asks("Tiểu ngành chính?").they_tap("Chăn nuôi").they_say("1 tỷ").they_press("yes")
    s.they_choose("Chưa áp dụng").they_press("skip").bot_shows_review()
    s.they_edit("Ngành chính").they_tap("I. Lưu trú").bot_shows_review().they_press("submit")
    assert not [name for name in s.record if name.startswith("agri")]
    assert s.record["sme_field"] == "trade_service"


def test_an_english_speaker_declines_and_nothing_is_kept() -> None:
    s = Scenario(FLOW, "en").bot_asks("Collected by").they_say("sure").bot_objects("two buttons")
    s.they_say("I do not agree")
    assert (s.session.status, s.ended, s.session.answers) == (Status.ENDED_EARLY, "declined", {})


def test_an_english_speaker_names_amounts_in_english() -> None:
    s = Scenario(FLOW, "en").they_tap("I agree").they_say("Pho Tech").they_say("0199999991").they_say("Cau Giay Ward")
    s.they_say("2025").bot_asks("Your main section").they_tap("I. Accommodation").they_press("skip")
    s.they_choose("None").they_choose("None").they_choose("Employee training")
    s.bot_asks("Total spending on innovation").they_say("1.2 billion").bot_reads_back("VND 1,200,000,000")
    s.they_press("no").bot_objects("enter it again").they_say("350 million").bot_reads_back("VND 350,000,000")
    s.they_say("yes").bot_asks("Do you set aside")
    assert s.answers["innovation_spend_vnd"] == 350_000_000
