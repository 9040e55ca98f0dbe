"""Readers rate an article in three taps."""

from tests.scenario import Scenario

FLOW = "article_rating"


def test_five_stars_are_asked_what_was_good() -> None:
    s = Scenario(FLOW).bot_asks("Anh/chị muốn đánh giá điều gì?").they_tap("Bài viết")
    s.bot_asks("Mã bài viết").they_say("bỏ qua")
    s.bot_asks("Anh/chị hài lòng ở mức nào?").they_tap("★★★★★")
    s.bot_asks("Điều gì làm anh/chị hài lòng?").they_choose("Hữu ích", "Rõ ràng")
    s.bot_asks("Anh/chị có góp ý gì thêm không?").they_say("Rất hay, cảm ơn ban biên tập.")
    s.bot_shows_review().they_press("submit")
    assert s.record == {
        "subject_type": "article",
        "stars": "5",
        "praise": "useful clear",
        "comment": "Rất hay, cảm ơn ban biên tập.",
    }


def test_two_stars_are_asked_what_was_wrong_and_whether_to_talk() -> None:
    s = Scenario(FLOW).they_say("sự kiện").bot_asks("Mã bài viết").they_say("TECHFEST-2026")
    s.bot_asks("Anh/chị hài lòng ở mức nào?").they_say("6 sao").bot_asks("Anh/chị hài lòng ở mức nào?")
    s.they_say("2").bot_asks("Điều gì cần cải thiện?").they_choose("Chậm, phải chờ lâu")
    s.bot_asks("Anh/chị có góp ý gì thêm không?").they_press("skip")
    s.bot_asks("Anh/chị có muốn trao đổi thêm").they_say("có ạ").bot_shows_review().they_say("gửi")
    assert s.record == {
        "subject_type": "event",
        "subject_ref": "TECHFEST-2026",
        "stars": "2",
        "complaint": "slow",
        "reply_wanted": "yes",
    }


def test_three_stars_are_a_complaint_without_a_call_back() -> None:
    s = Scenario(FLOW).they_tap("Trợ lý").they_press("skip").they_tap("★★★ ").bot_asks("Điều gì cần cải thiện?")
    s.they_press("skip").they_press("skip").bot_shows_review().they_press("submit")
    assert s.record == {"subject_type": "bot", "stars": "3"}


def test_other_stars_at_review_ask_the_other_question() -> None:
    s = Scenario(FLOW).they_tap("Trợ lý").they_press("skip").they_tap("★★★★★").they_choose("Nhanh").they_press("skip")
    s.bot_shows_review().they_edit("Anh/chị hài lòng").they_tap("★ ").bot_asks("Điều gì cần cải thiện?")
    s.they_choose("Lỗi kỹ thuật").bot_asks("Anh/chị có muốn trao đổi thêm").they_tap("Không").bot_shows_review()
    s.they_press("submit")
    assert s.record == {"subject_type": "bot", "stars": "1", "complaint": "technical", "reply_wanted": "no"}


def test_a_sticker_is_no_rating() -> None:
    s = Scenario(FLOW).they_tap("Bài viết").they_press("skip").they_send_a("sticker")
    s.bot_asks("Anh/chị hài lòng ở mức nào?").bot_objects("Cảm ơn anh/chị")
    assert "stars" not in s.answers


def test_a_reader_rates_in_english() -> None:
    s = Scenario(FLOW, "en").bot_asks("What would you like to rate?").they_tap("Article").they_say("skip")
    s.bot_asks("How satisfied are you?").they_tap("★★★★ Satisfied").bot_asks("What was good?").they_press("skip")
    s.bot_asks("Anything you would like to add?").they_say("More figures, please.").bot_shows_review()
    s.they_press("submit")
    assert s.record == {"subject_type": "article", "stars": "4", "comment": "More figures, please."}
