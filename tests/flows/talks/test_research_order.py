"""A commune orders a solution for its problem."""

from flows.session import Status
from tests.scenario import Scenario

FLOW = "research_order"


def ordering(s: Scenario) -> Scenario:
    """Up to the question of earlier attempts."""
    s.bot_asks("Chương trình").they_tap("Tôi đồng ý")
    s.bot_asks("Anh/chị đại diện").they_tap("UBND phường, xã")
    s.bot_asks("Tên đơn vị đặt hàng?").they_say("UBND xã Hòa Lạc")
    s.bot_asks("Vấn đề xảy ra chủ yếu ở phường, xã nào?").they_say("xã hoà lạc")
    s.bot_asks("Họ tên, chức vụ").they_say("Lê Văn Minh, công chức kinh tế")
    s.bot_asks("Số điện thoại").they_say("12345").bot_objects("chưa đọc được số điện thoại").they_say("024 3812 3456")
    s.bot_asks("Xin anh/chị gọi tên vấn đề").they_say("Mùi").bot_objects("từ 10 đến 200 ký tự")
    s.they_say("Xử lý mùi và nước thải làng nghề bún")
    s.bot_asks("Thuộc lĩnh vực nào?").they_tap("Năng lượng, môi trường")
    s.bot_asks("Nhu cầu này xuất phát từ đâu?").they_choose("Phản ánh của người dân", "Chương trình, kế hoạch")
    s.bot_asks("Số, ngày văn bản").they_say("12/KH-UBND ngày 05/01/2026")
    s.bot_asks("Mức độ cấp thiết?").they_tap("Gấp")
    s.bot_asks("Vấn đề ảnh hưởng tới ai").they_say("Hôi lắm").bot_objects("từ 20 đến 2.000 ký tự")
    s.they_say("Khoảng ba trăm hộ quanh ao làng phải đóng cửa cả ngày.")
    s.bot_asks("Khoảng bao nhiêu người").they_say("1.200")
    return s


def test_a_commune_orders_with_photo_place_and_signed_file() -> None:
    s = ordering(Scenario(FLOW))
    s.bot_asks("Đơn vị đã thử giải pháp nào chưa?").they_tap("Có")
    s.bot_asks("Đã thử gì").they_say("Nạo vét ao, được vài tháng lại như cũ.")
    s.bot_asks("Mời anh/chị gửi ảnh hiện trạng").they_say("ảnh đây").bot_objects("một bức ảnh")
    s.they_send("ao.jpg", "image/jpeg", 11 * 1024 * 1024).bot_objects("tối đa 10 MB").they_send("ao.jpg", "image/jpeg")
    s.bot_asks("Mời anh/chị gửi vị trí").they_say("đầu làng").bot_objects("tọa độ").they_are_at(21.0, 105.5)
    s.bot_asks("Khi giải quyết xong").they_say("Ao làng hết mùi, nước thải đạt chuẩn.")
    s.bot_asks("Sản phẩm cần nhận được").they_choose("Công nghệ, quy trình", "Đào tạo, chuyển giao")
    s.bot_asks("Chỉ tiêu kỹ thuật").they_say("Nước thải đạt cột B QCVN 40")
    s.bot_asks("Ai, ở đâu").they_say("Tổ hợp tác làng bún")
    s.bot_asks("Cần xong trong bao lâu?").they_tap("6–12 tháng")
    s.bot_asks("Đơn vị có sẵn người").they_say("bỏ qua")
    s.bot_asks("Dự kiến kinh phí").they_say("800 triệu").bot_reads_back("800.000.000 đồng").they_press("yes")
    s.bot_asks("Nguồn đối ứng").they_choose("Ngân sách địa phương")
    s.bot_asks("Hiệu quả kinh tế").they_press("skip")
    s.bot_asks("Đề xuất này đã được lãnh đạo").they_tap("Đã có văn bản")
    s.bot_asks("Mời anh/chị gửi bản đã ký").they_press("skip").bot_objects("cần có câu trả lời")
    s.they_send("to-trinh.zip", "application/zip").bot_objects("pdf, jpg, png").they_send("to-trinh.jpeg", "image/jpeg")
    s.bot_asks("Có thể công bố vấn đề này").they_tap("Có").bot_shows_review().they_press("submit")
    files = {name: s.record[name] for name in ("site_photo", "signed_file")}
    assert len(set(files.values())) == 2
    assert {name: value for name, value in s.record.items() if name not in files} == {
        "consent_process": "yes",
        "proposer_type": "ward_commune",
        "proposer_name": "UBND xã Hòa Lạc",
        "ward": "09988",
        "contact_name": "Lê Văn Minh, công chức kinh tế",
        "contact_phone": "+842438123456",
        "problem_title": "Xử lý mùi và nước thải làng nghề bún",
        "tech_field": "energy_env",
        "need_origin": "citizen_feedback plan",
        "origin_doc": "12/KH-UBND ngày 05/01/2026",
        "urgency": "high",
        "impact_text": "Khoảng ba trăm hộ quanh ao làng phải đóng cửa cả ngày.",
        "affected_people": 1200,
        "tried_before": "yes",
        "tried_text": "Nạo vét ao, được vài tháng lại như cũ.",
        "site_location": "21.000000 105.500000 0 0",
        "objective": "Ao làng hết mùi, nước thải đạt chuẩn.",
        "result_types": "technology training",
        "result_metrics": "Nước thải đạt cột B QCVN 40",
        "application_place": "Tổ hợp tác làng bún",
        "duration": "m6_12",
        "budget_vnd": 800_000_000,
        "cofund_sources": "local_budget",
        "approval_status": "signed",
        "may_publish_problem": "yes",
    }


def test_who_has_tried_nothing_is_not_asked_what_they_tried() -> None:
    s = ordering(Scenario(FLOW))
    s.they_tap("Không").bot_asks("Mời anh/chị gửi ảnh hiện trạng")
    s.they_say("quay lại").bot_asks("Đơn vị đã thử").they_tap("Có").bot_asks("Đã thử gì")
    s.they_say("quay lại").they_say("2").bot_asks("Mời anh/chị gửi ảnh hiện trạng")
    assert s.answers["tried_before"] == "no"


def test_none_goes_with_no_other_counterpart() -> None:
    s = ordering(Scenario(FLOW))
    s.they_tap("Không").they_press("skip").they_press("skip").they_say("Ao làng hết mùi hôi.").they_choose("Thiết bị")
    s.they_say("Giảm 50% mùi").they_say("Làng bún").they_tap("Đến 6 tháng").they_press("skip").they_press("skip")
    s.bot_asks("Nguồn đối ứng").press("on", "community").press("on", "none").press("done").they_press("skip")
    s.bot_asks("Đề xuất này").they_tap("Mới là ý tưởng").bot_asks("Có thể công bố").they_tap("Không").bot_shows_review()
    s.they_press("submit")
    assert s.record["cofund_sources"] == "none"
    assert not {"signed_file", "site_photo", "site_location", "tried_text"} & set(s.record)


def test_an_order_put_aside_goes_on_where_it_was() -> None:
    s = ordering(Scenario(FLOW))
    s.they_say("để sau")
    assert s.session.status is Status.PAUSED
    s.they_press("resume").bot_asks("Đơn vị đã thử giải pháp nào chưa?")


def test_an_english_speaking_school_orders_too() -> None:
    s = Scenario(FLOW, "en").they_tap("I agree").bot_asks("What kind of unit").they_tap("Public service unit")
    s.bot_asks("Name of the ordering unit?").they_say("A high school").bot_asks("In which ward").they_say(
        "hoa lac commune"
    )
    s.bot_asks("Contact person").they_say("Mai, teacher").they_share_phone("+84912345678")
    s.bot_asks("Please name the problem").they_say("Classrooms too hot in June").they_tap("Urban")
    s.bot_asks("Where does this need come from?").they_choose("Other").bot_asks("How urgent is it?").they_tap("Normal")
    s.bot_asks("Whom does it affect").they_say("Nine hundred pupils and their teachers.").they_say("about 900")
    s.they_tap("No").they_press("skip").they_press("skip")
    s.bot_asks("Once solved").they_say("Rooms stay below 30 °C.").they_choose("Policy study").they_say("30 °C at noon")
    s.they_say("The school").they_tap("Up to 6 months").they_press("skip").they_press("skip").they_choose("None")
    s.they_press("skip").bot_asks("Have your unit’s leaders").they_tap("Leaders agree").they_tap(
        "Yes"
    ).bot_shows_review()
    s.they_press("submit")
    assert (s.record["ward"], s.record["affected_people"], s.record["duration"]) == ("09988", 900, "le_6")
