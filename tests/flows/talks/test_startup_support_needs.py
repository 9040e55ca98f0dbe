"""Founders tell what support they need."""

from flows.session import Status
from tests.scenario import Scenario

FLOW = "startup_support_needs"


def consenting(lang: str = "vi") -> Scenario:
    """A founder who has agreed to the processing and to the passing on."""
    s = Scenario(FLOW, lang)
    if lang == "en":
        s.bot_asks("Do you agree to our processing").they_tap("I agree")
        return s.bot_asks("Do you agree to our passing").they_tap("I agree")
    s.bot_asks("Anh/chị có đồng ý để chúng tôi xử lý").they_tap("Tôi đồng ý")
    return s.bot_asks("Anh/chị có đồng ý để chúng tôi chuyển").they_tap("Tôi đồng ý")


def company(s: Scenario) -> Scenario:
    """Up to the needs: a limited company of twelve people in the old ward of Dịch Vọng Hậu."""
    s.bot_asks("Tên doanh nghiệp").they_say("Công ty TNHH Sen Việt")
    s.bot_asks("Anh/chị đang hoạt động dưới hình thức nào?").they_tap("Công ty TNHH")
    s.bot_asks("Mã số thuế").they_say("0199999991")
    s.bot_asks("Đơn vị thành lập").they_say("2023")
    s.bot_asks("Lĩnh vực hoạt động chính?").they_tap("Thực phẩm, đồ uống")
    s.bot_asks("Trong một câu").they_say("Nước sen đóng chai cho các chuỗi cửa hàng.")
    s.bot_asks("Anh/chị đang ở giai đoạn nào?").they_tap("Đã có doanh thu")
    s.bot_asks("Trụ sở").they_tap("Hà Nội")
    s.bot_asks("Thuộc phường, xã nào").they_say("Dịch Vọng Hậu, Cầu Giấy")
    s.bot_objects("Có 2 mục").they_tap("Phường Cầu Giấy")  # an old ward that is in two new ones
    s.bot_asks("Hiện có bao nhiêu người").they_say("12 người")
    s.bot_asks("Trong đó, bình quân năm").they_say("10")
    s.bot_asks("Tổng doanh thu năm liền trước").they_tap("Trên 1 đến 3 tỷ đồng")
    s.bot_asks("Xin anh/chị cho biết họ tên").they_say("Nguyễn Thị Sen")
    s.bot_asks("Số điện thoại").they_say("0912 345 678")
    s.bot_asks("Email").they_say("sen@senviet.vn")
    return s.bot_asks("Trong 3 năm gần đây").they_choose("Sản phẩm (hàng hóa) mới", "Mô hình kinh doanh mới")


def test_an_idea_team_in_hoa_lac_is_done_in_24_questions() -> None:
    s = consenting()
    s.bot_asks("Tên doanh nghiệp").they_say("Rau Sạch 4.0")
    s.bot_asks("Anh/chị đang hoạt động dưới hình thức nào?").they_tap("Cá nhân/nhóm, chưa đăng ký")
    s.bot_asks("Đơn vị thành lập").they_say("2025")
    s.bot_asks("Lĩnh vực hoạt động chính?").they_tap("Nông nghiệp công nghệ cao")
    s.bot_asks("Trong một câu").they_say("Cảm biến giúp hợp tác xã tưới rau đúng lúc.")
    s.bot_asks("Anh/chị đang ở giai đoạn nào?").they_tap("Ý tưởng")
    s.bot_asks("Trụ sở").they_tap("Hà Nội")
    s.bot_asks("Thuộc phường, xã nào").they_say("xa hoa lac")
    s.bot_asks("Hiện có bao nhiêu người").they_say("ba người")
    s.bot_asks("Xin anh/chị cho biết họ tên").they_say("Trần Văn Bình")
    s.bot_asks("Số điện thoại").they_say("0987654321")
    s.bot_asks("Email").they_say("bỏ qua")
    s.bot_asks("Trong 3 năm gần đây").they_choose("Chưa có hoạt động nào")
    s.bot_asks("Anh/chị đang cần hỗ trợ").they_choose("Nhân lực", "Ươm tạo")
    s.bot_asks("Về ươm tạo").they_choose("Chương trình ươm tạo")
    s.bot_asks("Về nhân lực").they_choose("Cố vấn (mentor)", "Tìm đồng sáng lập")
    s.bot_asks("Xin sắp xếp").they_choose("Nhân lực", "Ươm tạo")
    s.bot_asks("Ước tính cần").they_press("skip")
    s.bot_asks("Anh/chị cần hỗ trợ trong thời gian nào?").they_tap("Cần ngay")
    s.bot_asks("Điều gì đang cản trở").they_press("skip")
    s.bot_asks("Anh/chị muốn tham gia Techfest").they_choose("Chỉ tham quan")
    s.bot_asks("Đánh giá của anh/chị").they_tap("★★★★★ Rất hài lòng")
    s.bot_shows_review().they_press("submit")
    assert len(s.asked) <= 24
    assert "tax_code" not in s.asked
    assert s.consents == [("consent_process", True), ("consent_share", True)]
    assert s.record == {
        "consent_process": "yes",
        "consent_share": "yes",
        "venture_name": "Rau Sạch 4.0",
        "legal_status": "idea_team",
        "is_enterprise": 0,
        "founded_year": 2025,
        "age_years": 1,
        "sector": "agritech",
        "product_line": "Cảm biến giúp hợp tác xã tưới rau đúng lúc.",
        "stage": "idea",
        "location_scope": "hanoi",
        "ward": "09988",
        "headcount": 3,
        "contact_name": "Trần Văn Bình",
        "contact_phone": "+84987654321",
        "innovation_types": "none",
        "need_groups": "incubation talent",
        "need_incubation": "incubator",
        "need_talent": "cofounder mentor",
        "need_priority": "talent incubation",
        "priority_1": "talent",
        "need_timing": "now",
        "techfest_roles": "visit",
        "satisfaction": "5",
        "sme_field": "agri_industry",
        "revenue_upper_bn": 99999,
        "capital_upper_bn": 99999,
        "sme_class": "not_enterprise",
        "startup_age_ok": 0,
    }


def test_a_company_that_needs_capital_and_matching_tells_its_whole_story() -> None:
    s = company(consenting())
    s.bot_asks("Anh/chị đang cần hỗ trợ").they_choose("Vốn", "Đổi mới, ứng dụng", "Kết nối cung – cầu")
    s.bot_asks("Về vốn").they_choose("Nhà đầu tư thiên thần", "Vay ngân hàng")
    s.bot_asks("Về công nghệ").they_choose("Đổi mới máy móc")
    s.bot_asks("Anh/chị muốn được kết nối với ai?").they_choose("Doanh nghiệp lớn")
    s.bot_asks("Xin sắp xếp").they_choose("Kết nối cung – cầu", "Vốn", "Đổi mới, ứng dụng")
    s.bot_asks("Ước tính cần").they_say("1,5 tỷ").bot_reads_back("1.500.000.000 đồng (1,5 tỷ)").they_press("yes")
    s.bot_asks("Đơn vị tự chi trả").they_tap_quick("30")
    s.bot_asks("Anh/chị cần hỗ trợ trong thời gian nào?").they_tap("Trong 1–3 tháng")
    s.bot_asks("Điều gì đang cản trở").they_say("Chưa có tài sản thế chấp để vay ngân hàng.")
    s.bot_asks("Anh/chị có muốn cung cấp thêm").they_tap("Có")
    s.bot_asks("Doanh nghiệp có do phụ nữ làm chủ").they_tap("Có")
    s.bot_asks("Tổng nguồn vốn").they_tap("Không quá 3 tỷ đồng")
    s.bot_asks("Số nhà, đường").they_say("Số 5 ngõ 82 Dịch Vọng Hậu")
    s.bot_asks("Doanh nghiệp đã có giấy tờ nào").they_choose("Nhãn hiệu, bản quyền")
    s.bot_asks("Anh/chị muốn tham gia Techfest").they_choose("Thi, thuyết trình", "Gặp 1–1")
    s.bot_asks("Anh/chị có đồng ý đưa tên đơn vị").they_tap("Tôi đồng ý")
    s.bot_asks("Nếu có, mời anh/chị gửi tệp giới thiệu").they_send("gioi-thieu.docx", "application/msword")
    s.bot_objects("pdf, pptx").they_send("gioi-thieu.pdf", "application/pdf", 21 * 1024 * 1024)
    s.bot_objects("tối đa 20 MB").they_send("gioi-thieu.pdf", "application/pdf")
    s.bot_asks("Đánh giá của anh/chị").they_tap("★★ Không hài lòng")
    s.bot_asks("Chúng tôi nên làm gì để tốt hơn?").they_say("Bớt câu hỏi đi ạ.")
    s.bot_shows_review().they_press("submit")
    assert s.consents == [("consent_process", True), ("consent_share", True), ("consent_publish", True)]
    record = s.record
    assert record.pop("pitch_deck") == s.answers["pitch_deck"]
    assert record == {
        "consent_process": "yes",
        "consent_share": "yes",
        "venture_name": "Công ty TNHH Sen Việt",
        "legal_status": "llc",
        "is_enterprise": 1,
        "tax_code": "0199999991",
        "founded_year": 2023,
        "age_years": 3,
        "sector": "food",
        "product_line": "Nước sen đóng chai cho các chuỗi cửa hàng.",
        "stage": "early_revenue",
        "location_scope": "hanoi",
        "ward": "00166",
        "headcount": 12,
        "headcount_insured": 10,
        "revenue_band": "b1_3",
        "contact_name": "Nguyễn Thị Sen",
        "contact_phone": "+84912345678",
        "contact_email": "sen@senviet.vn",
        "innovation_types": "product business_model",
        "need_groups": "capital technology connection",
        "need_capital": "angel bank_loan",
        "need_technology": "equipment",
        "need_connection": "corporate",
        "need_priority": "connection capital technology",
        "priority_1": "connection",
        "need_amount_vnd": 1_500_000_000,
        "cofund_pct": 30,
        "need_timing": "m1_3",
        "need_story": "Chưa có tài sản thế chấp để vay ngân hàng.",
        "wants_declaration": "yes",
        "women_owned": "yes",
        "capital_band": "le_3",
        "address_line": "Số 5 ngõ 82 Dịch Vọng Hậu",
        "startup_evidence": "other_ip",
        "techfest_roles": "pitch matching",
        "consent_publish": "yes",
        "satisfaction": "2",
        "satisfaction_comment": "Bớt câu hỏi đi ạ.",
        "sme_field": "agri_industry",
        "revenue_upper_bn": 3,
        "capital_upper_bn": 3,
        "sme_class": "micro",
        "startup_age_ok": 1,
    }


def test_an_english_speaking_team_abroad_is_asked_in_english() -> None:
    s = consenting("en")
    s.bot_asks("What is the name of your company").they_say("Lotus Labs")
    s.bot_asks("What is your legal form?").they_tap("Individual or team")
    s.bot_asks("In which year was it founded").they_say("1980").bot_objects("between 1986 and this year")
    s.they_say("2024")
    s.bot_asks("What is your main field?").they_tap("AI and data")
    s.bot_asks("In one sentence").they_say("Reads lotus fields from the air.")
    s.bot_asks("Which stage are you at?").they_tap("Building a prototype")
    s.bot_asks("Where is your head office").they_tap("Abroad")
    s.bot_asks("How many people work there now").they_say("four")
    s.bot_objects("whole number").they_say("4")
    s.bot_asks("May we have your full name?").they_say("Ada Nguyen")
    s.bot_asks("Contact phone number?").they_say("0912 345 678")
    s.bot_asks("Email").they_say("skip")
    s.bot_asks("In the last 3 years").they_choose("Research and development")
    s.bot_asks("Which kinds of support").they_choose("Market, export")
    s.bot_asks("On markets").they_choose("Finding first customers")
    s.bot_asks("Roughly how much money").they_say("VND 2 billion").bot_reads_back("2,000,000,000").they_say("yes")
    s.bot_asks("When do you need the support?").they_tap("After 12 months")
    s.bot_asks("What is holding you back").they_say("skip")
    s.bot_asks("How would you like to take part").they_choose("Not interested")
    s.bot_asks("How would you rate this survey?").they_tap("★★★★ Satisfied")
    s.bot_shows_review().they_say("submit")
    assert s.record["location_scope"] == "abroad"
    assert s.record["priority_1"] == "market"
    assert s.record["need_amount_vnd"] == 2_000_000_000
    assert not {"ward", "need_priority"} & set(s.record)


def test_refusing_the_first_consent_ends_it_and_keeps_nothing() -> None:
    s = Scenario(FLOW).bot_asks("Anh/chị có đồng ý").they_say("ok").bot_objects("hai nút").they_tap("Tôi không đồng ý")
    assert s.session.status is Status.ENDED_EARLY
    assert s.view.text.startswith("Vâng, cảm ơn anh/chị đã cho biết.")
    assert (s.ended, s.session.answers, s.consents) == ("declined", {}, [("consent_process", False)])


def test_refusing_to_pass_on_goes_on_without_the_phone_question() -> None:
    s = Scenario(FLOW).they_tap("Tôi đồng ý").they_tap("Tôi không đồng ý").bot_asks("Tên doanh nghiệp")
    s.they_say("Rau Sạch 4.0").they_tap("Cá nhân/nhóm").they_say("2025").they_tap("Nông nghiệp").they_say("Tưới rau.")
    s.they_tap("Ý tưởng").they_tap("Nước ngoài").they_say("2")
    s.bot_asks("Xin anh/chị cho biết họ tên").they_say("Bình").bot_asks("Email")
    assert s.consents == [("consent_process", True), ("consent_share", False)]


def test_no_longer_a_company_hides_its_tax_code_and_cuts_it_from_the_record() -> None:
    s = company(consenting())
    s.they_choose("Sở hữu trí tuệ").they_choose("Đăng ký nhãn hiệu").they_press("skip").they_tap("Sau 12 tháng")
    s.they_press("skip").bot_asks("Anh/chị có muốn cung cấp thêm").they_tap("Không")
    s.bot_asks("Anh/chị muốn tham gia Techfest").they_choose("Chưa quan tâm").they_tap("★★★★★").bot_shows_review()
    assert s.line("Mã số thuế").shown.value == "0199999991"
    s.they_edit("Anh/chị đang hoạt động dưới hình thức nào?").they_tap("Cá nhân/nhóm").bot_shows_review()
    labels = [line.label for section in s.view.sections for line in section.lines]
    assert not [label for label in labels if label.startswith(("Mã số thuế", "Trong đó, bình quân", "Tổng doanh thu"))]
    assert s.answers["tax_code"] == "0199999991"
    s.they_press("submit")
    assert not {"tax_code", "headcount_insured", "revenue_band", "wants_declaration"} & set(s.record)
    assert (s.record["legal_status"], s.record["sme_class"]) == ("idea_team", "not_enterprise")


def test_a_company_again_finds_its_tax_code_as_it_was() -> None:
    s = company(consenting())
    s.they_choose("Sở hữu trí tuệ").they_choose("Đăng ký nhãn hiệu").they_press("skip").they_tap("Sau 12 tháng")
    s.they_press("skip").they_tap("Không").they_choose("Chưa quan tâm").they_tap("★★★★★").bot_shows_review()
    s.they_edit("Anh/chị đang hoạt động").they_tap("Cá nhân/nhóm").bot_shows_review()
    s.they_edit("Anh/chị đang hoạt động").they_tap("Công ty cổ phần").bot_shows_review().they_press("submit")
    assert (s.record["legal_status"], s.record["tax_code"]) == ("jsc", "0199999991")


def test_another_language_mid_way_keeps_the_answers_and_asks_on_in_it() -> None:
    s = consenting().they_say("Rau Sạch 4.0").bot_asks("Anh/chị đang hoạt động dưới hình thức nào?")
    s.they_say("tiếng Anh").bot_says("Switched to English").bot_asks("What is your legal form?").they_tap("Individual")
    s.bot_asks("In which year").they_switch_to("vi").bot_asks("Đơn vị thành lập")
    assert s.answers["venture_name"] == "Rau Sạch 4.0"
    assert s.answers["legal_status"] == "idea_team"


def test_a_wrong_tax_code_is_told_why_and_may_be_skipped() -> None:
    s = consenting().they_say("Sen Việt").they_tap("Công ty TNHH").bot_asks("Mã số thuế")
    s.they_say("0199999990").bot_objects("số kiểm tra")
    s.they_say("01999999").bot_objects("10 hoặc 13")
    s.they_say("bỏ qua").bot_asks("Đơn vị thành lập")
    assert s.answers["tax_code"] is None


def test_more_insured_than_working_people_is_refused_in_the_authors_words() -> None:
    s = consenting().they_say("Sen Việt").they_tap("Công ty TNHH").they_press("skip").they_say("2023")
    s.they_tap("Thực phẩm").they_say("Nước sen.").they_tap("Đã có doanh thu").they_tap("Nước ngoài").they_say("12")
    s.bot_asks("Trong đó, bình quân năm").they_say("15").bot_objects("không thể lớn hơn tổng số người làm việc")
    s.they_say("mười").bot_asks("Tổng doanh thu")
    assert s.answers["headcount_insured"] == 10


def test_quay_lai_returns_to_the_question_before_and_khong_biet_is_no_answer() -> None:
    s = consenting().they_say("Sen Việt").they_tap("Công ty TNHH").they_press("skip").bot_asks("Đơn vị thành lập")
    s.they_say("không biết").bot_asks("Đơn vị thành lập").bot_objects("cần có câu trả lời")
    s.they_say("quay lại").bot_asks("Mã số thuế").they_say("quay lại").bot_asks("Anh/chị đang hoạt động")
    assert "founded_year" not in s.answers
    s.they_tap("Hộ kinh doanh").bot_asks("Đơn vị thành lập")


def test_a_required_question_cannot_be_skipped_by_words() -> None:
    s = consenting().they_say("bỏ qua").bot_asks("Tên doanh nghiệp").bot_objects("cần có câu trả lời")
    assert "venture_name" not in s.answers


def test_at_most_five_needs_can_be_chosen() -> None:
    s = company(consenting()).bot_asks("Anh/chị đang cần hỗ trợ")
    for label in ("Vốn", "Đổi mới", "Chuyển đổi số", "Tiêu chuẩn", "Công cụ"):
        s.press("on", s.option(label).name)
    s.press("on", s.option("Sở hữu trí tuệ").name).bot_says("tối đa 5")
    assert [o.name for o in s.view.options if o.on] == ["capital", "technology", "digital", "standards", "productivity"]


def test_an_amount_without_a_unit_is_asked_back_and_no_to_a_reading_asks_again() -> None:
    s = company(consenting()).they_choose("Sở hữu trí tuệ").they_choose("Đăng ký nhãn hiệu").bot_asks("Ước tính cần")
    s.they_say("500").bot_objects("nghìn, triệu hay tỷ")
    s.they_say("vài trăm triệu").bot_objects("ước chừng một con số")
    s.they_say("2 tỷ 3").bot_reads_back("2.300.000.000").they_say("không").bot_asks("Ước tính cần")
    s.they_say("500tr").bot_reads_back("500.000.000").they_say("đúng").bot_asks(
        "Anh/chị cần hỗ trợ trong thời gian nào?"
    )
    assert s.answers["need_amount_vnd"] == 500_000_000


def test_a_shared_place_offers_the_wards_around_it() -> None:
    s = consenting().they_say("Sen Việt").they_tap("Cá nhân/nhóm").they_say("2023").they_tap("Thực phẩm")
    s.they_say("Nước sen.").they_tap("Ý tưởng").they_tap("Hà Nội").bot_asks("Thuộc phường, xã nào")
    s.they_are_at(10.77, 106.70).bot_objects("ngoài Hà Nội")
    s.they_are_at(21.0226, 105.851).bot_objects("Có 4 mục")
    assert s.options[1] == "Phường Cửa Nam"
    s.they_tap("Phường Cửa Nam").bot_asks("Hiện có bao nhiêu người")
    assert s.answers["ward"] == "00082"


def test_ones_own_contact_card_is_the_phone_number_and_anothers_is_not() -> None:
    s = consenting().they_say("Sen Việt").they_tap("Cá nhân/nhóm").they_say("2023").they_tap("Thực phẩm")
    s.they_say("Nước sen.").they_tap("Ý tưởng").they_tap("Nước ngoài").they_say("2").they_say("Sen")
    s.bot_asks("Số điện thoại").they_share_phone("+84912345678", own=False).bot_objects("số của người khác")
    s.they_share_phone("84912345678").bot_asks("Email")
    assert s.answers["contact_phone"] == "+84912345678"
