"""Offers and needs meet at Techfest."""

from tests.scenario import Scenario

FLOW = "techfest_matching"
DETAIL = "Cảm biến đo độ ẩm đất, gửi dữ liệu mỗi mười phút, pin dùng một năm, giá bằng một nửa hàng nhập."


def joining(side: str, *items: str) -> Scenario:
    """Up to the form of cooperation (an offer is asked for its readiness in between)."""
    s = Scenario(FLOW)
    s.bot_asks("Chương trình").they_tap("Tôi đồng ý")
    s.bot_asks("Anh/chị tham gia với vai trò nào?").they_tap(side)
    s.bot_asks("Anh/chị thuộc nhóm nào?").they_tap("Doanh nghiệp, nhóm khởi nghiệp")
    s.bot_asks("Tên tổ chức").they_say("Đất Ẩm JSC")
    s.bot_asks("Họ tên người liên hệ?").they_say("Phạm Thu Hà")
    s.bot_asks("Số điện thoại?").they_say("+65 9123 4567")
    s.bot_asks("Lĩnh vực").they_tap("Nông nghiệp công nghệ cao")
    s.bot_asks("Anh/chị giới thiệu hoặc cần tìm loại nào?").they_choose(*items)
    s.bot_asks("Một câu giới thiệu").they_say("Ngắn quá").bot_objects("từ 10 đến 140 ký tự")
    s.they_say("Tưới đúng lúc, tiết kiệm 30% nước.")
    return s.bot_asks("Xin anh/chị mô tả").they_say(DETAIL)


def test_an_offer_with_a_price_range_and_two_more_products() -> None:
    s = joining("Tôi CÓ", "Sản phẩm, thiết bị", "Phần mềm")
    s.bot_asks("Mức sẵn sàng công nghệ").they_tap("TRL 7")
    s.bot_asks("Tình trạng sở hữu").they_tap("Đã nộp đơn")
    s.bot_asks("Hình thức hợp tác").they_choose("Bán, mua", "Thử nghiệm")
    s.bot_asks("Giá hoặc ngân sách thấp nhất?").they_say("1-2 tỷ").bot_asks("Anh/chị muốn gặp nhóm nào?")
    s.they_choose("Doanh nghiệp nhỏ và vừa").bot_asks("Ngoài giải pháp trên").they_say("5").bot_objects("từ 0 đến 3")
    s.they_tap_quick("2")
    s.bot_asks("Tên sản phẩm").they_say("Trạm đo").bot_asks("Một câu giới thiệu về Trạm đo?")
    s.they_say("Trạm đo thời tiết nhỏ gọn.").bot_asks("Mức sẵn sàng công nghệ (TRL) của Trạm đo?").they_tap("TRL 9")
    s.bot_asks("Tên sản phẩm").they_say("Van tưới").they_say("Van tưới điều khiển từ xa.").they_press("skip")
    s.bot_asks("Anh/chị có cần gian trưng bày không?").they_tap("Có")
    s.bot_asks("Yêu cầu về điện").they_say("Một ổ điện, bàn 1 m.")
    s.bot_asks("Thời gian anh/chị gặp được?").they_choose("Ngày 1 – sáng", "Gặp trực tuyến")
    s.bot_asks("Ngôn ngữ gặp gỡ?").they_choose("Tiếng Việt", "Tiếng Anh")
    s.bot_asks("Mời anh/chị gửi logo").they_send("logo.png", "image/png")
    s.bot_asks("Mời anh/chị gửi tài liệu").they_send("deck.pptx", "application/vnd.ms-powerpoint").bot_objects("pdf")
    s.they_say("bỏ qua").bot_asks("Anh/chị có đồng ý đăng").they_tap("Tôi không đồng ý")
    s.bot_shows_review().they_press("submit")
    submitted = {path: value for e in s.everything if e.kind == "submitted" for path, value in e.record.items()}
    assert s.consents == [("consent_process", True), ("consent_publish", False)]
    assert submitted.pop("logistics/logo") == s.answers["logo"]
    assert submitted == {
        "consent/consent_process": "yes",
        "who/side": "offer",
        "who/org_type": "startup",
        "who/org_name": "Đất Ẩm JSC",
        "who/contact_name": "Phạm Thu Hà",
        "who/contact_phone": "+6591234567",
        "item/sector": "agritech",
        "item/item_types": "product software",
        "item/headline": "Tưới đúng lúc, tiết kiệm 30% nước.",
        "item/detail": DETAIL,
        "item/trl": "7",
        "item/ip_status": "filed",
        "item/deal_forms": "sale pilot",
        "item/amount_min_vnd": 1_000_000_000,
        "item/amount_max_vnd": 2_000_000_000,
        "item/partner_types": "sme",
        "item/more_products": 2,
        "products[1]/product_name": "Trạm đo",
        "products[1]/product_headline": "Trạm đo thời tiết nhỏ gọn.",
        "products[1]/product_trl": "9",
        "products[2]/product_name": "Van tưới",
        "products[2]/product_headline": "Van tưới điều khiển từ xa.",
        "logistics/booth": "yes",
        "logistics/booth_needs": "Một ổ điện, bàn 1 m.",
        "logistics/meeting_slots": "d1_am online",
        "logistics/meeting_language": "vi en",
        "logistics/consent_publish": "no",
    }


def test_a_need_has_a_deadline_that_is_not_past_and_no_booth() -> None:
    s = joining("Tôi CẦN", "Công nghệ, quy trình")
    s.bot_asks("Mức sẵn sàng tối thiểu").they_say("không biết")
    s.bot_asks("Hình thức hợp tác").they_choose("Chuyển giao")
    s.bot_asks("Giá hoặc ngân sách thấp nhất?").they_say("500 triệu").they_press("yes")
    s.bot_asks("Giá hoặc ngân sách cao nhất?").they_say("100 triệu").bot_objects("không được nhỏ hơn mức thấp nhất")
    s.they_say("1 tỷ").they_press("yes")
    s.bot_asks("Cần có giải pháp trước ngày nào?").they_say("01/10/2026").bot_objects("từ hôm nay trở đi")
    s.they_say("31/02/2027").bot_objects("Không có ngày")
    s.they_say("15/3/2027").bot_asks("Anh/chị muốn gặp nhóm nào?").they_choose("Viện, trường")
    s.bot_asks("Thời gian anh/chị gặp được?").they_choose("Ngày 2 – chiều").they_choose("Tiếng Việt")
    s.bot_asks("Mời anh/chị gửi tài liệu").they_press("skip").they_tap("Tôi đồng ý").bot_shows_review()
    s.they_press("submit")
    assert {name: s.record[name] for name in ("side", "amount_min_vnd", "amount_max_vnd", "deadline")} == {
        "side": "need",
        "amount_min_vnd": 500_000_000,
        "amount_max_vnd": 1_000_000_000,
        "deadline": "2027-03-15",
    }
    assert not {"trl", "trl_min", "ip_status", "booth", "logo", "more_products"} & set(s.record)


def test_who_offers_capital_is_not_asked_for_readiness() -> None:
    joining("Tôi CÓ", "Vốn đầu tư").bot_asks("Hình thức hợp tác")


def test_four_kinds_are_one_too_many() -> None:
    s = Scenario(FLOW).they_tap("Tôi đồng ý").they_tap("Tôi CÓ").they_tap("Viện").they_say("Viện A").they_say("An")
    s.they_say("0912345678").they_tap("Lĩnh vực khác").bot_asks("Anh/chị giới thiệu hoặc cần tìm loại nào?")
    s.they_say("1, 2, 3, 4").bot_objects("tối đa 3 mục").they_say("1 và 3").bot_asks("Một câu giới thiệu")
    assert s.answers["item_types"] == "technology software"


def test_an_english_speaking_investor_offers_capital() -> None:
    s = Scenario(FLOW, "en").bot_asks("Chương trình").they_tap("I agree").bot_asks("Which side").they_tap("I OFFER")
    s.they_tap("Investor").they_say("Red River Fund").they_say("Ada").they_say("+6591234567").they_tap("AI and data")
    s.they_choose("Investment capital").they_say("Seed tickets for deep technology")
    s.bot_asks("Please describe it").they_say("Seed money and board experience for Hanoi's deep-technology teams.")
    s.they_choose("Investment").bot_asks("Lowest price or budget?").they_say("VND 500 million to 2 billion")
    s.bot_asks("Whom do you want to meet?").they_choose("Startup").they_tap_quick("0").they_tap("No")
    s.they_choose("Online").they_choose("English").they_press("skip").they_press("skip").they_tap("I agree")
    s.bot_shows_review().they_press("submit")
    assert (s.record["amount_min_vnd"], s.record["amount_max_vnd"]) == (500_000_000, 2_000_000_000)
