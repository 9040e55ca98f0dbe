"""Programme staff report on a task."""

from tests.scenario import Scenario

FLOW = "task_progress"


def reporting(due: str) -> Scenario:
    """Up to the status, as of 20 November 2026."""
    s = Scenario(FLOW)
    s.bot_asks("Báo cáo nhiệm vụ nào?").they_say("P07-D01")
    s.bot_asks("Kỳ báo cáo?").they_tap("Tháng")
    s.bot_asks("Số liệu tính đến ngày nào?").they_say("31/12/2026").bot_objects("không được sau hôm nay")
    s.they_say("20/11/2026")
    s.bot_asks("Loại nhiệm vụ?").they_tap("Đề án")
    return s.bot_asks("Thời hạn được giao?").they_say(due).bot_asks("Tình trạng hiện nay?")


def test_a_task_not_submitted_after_its_deadline_is_late_by_the_days_between() -> None:
    s = reporting("31/10/2026").they_tap("Đang soạn thảo")
    s.bot_asks("Khối lượng hoàn thành").they_tap_quick("75")
    s.bot_asks("Dự kiến hoàn thành bước tiếp theo").they_say("30/11/2026")
    s.bot_asks("Kết quả nổi bật").they_say("Đã xong dự thảo 2, đang lấy ý kiến.")
    s.bot_asks("Mời anh/chị gửi tệp minh chứng").they_send("du-thao.docx", "application/msword")
    s.bot_asks("Kinh phí thực hiện?").they_tap("Đủ")
    s.bot_asks("Vướng mắc chính?").they_choose("Thiếu số liệu", "Phối hợp chậm")
    s.bot_asks("Kiến nghị với Ban Chỉ đạo?").they_say("Giao một đầu mối cung cấp số liệu.")
    s.bot_shows_review().they_press("submit")
    record = s.record
    assert record.pop("evidence") == s.answers["evidence"]
    assert record == {
        "task_code": "P07-D01",
        "report_period": "month",
        "period_end": "2026-11-20",
        "task_kind": "scheme",
        "due_date": "2026-10-31",
        "status": "not_submitted",
        "progress_pct": 75,
        "expected_date": "2026-11-30",
        "result_text": "Đã xong dự thảo 2, đang lấy ý kiến.",
        "funding_status": "enough",
        "blockers": "no_data coordination",
        "proposal": "Giao một đầu mối cung cấp số liệu.",
        "is_late": 1,
        "days_late": 20,
        "days_finalising": 0,
    }


def test_a_task_being_finalised_counts_the_days_since_the_comments() -> None:
    s = reporting("31/12/2026").they_tap("Đã trình, đang hoàn thiện")
    s.bot_asks("Ngày trình UBND").they_say("25/11/2026").bot_objects("không được sau hôm nay").they_say("01/10/2026")
    s.bot_asks("Ngày nhận ý kiến").they_say("30/09/2026").bot_objects("Phải sau ngày trình").they_say("10/11/2026")
    s.bot_asks("Khối lượng").they_say("90%").bot_reads_back("90").they_say("vâng").bot_asks("Dự kiến").they_say(
        "15/12/2026"
    ).they_say("Tiếp thu ý kiến.")
    s.they_press("skip").they_tap("Không cần").they_choose("Không vướng mắc").bot_shows_review().they_press("submit")
    assert {name: s.record[name] for name in ("is_late", "days_late", "days_finalising")} == {
        "is_late": 0,
        "days_late": 0,
        "days_finalising": 10,
    }
    assert "proposal" not in s.record


def test_an_issued_scheme_tells_its_number_and_is_not_late() -> None:
    s = reporting("30/09/2022").they_tap("Đã ban hành").bot_asks("Ngày trình").they_say("15/08/2022")
    s.bot_asks("Số, ký hiệu").they_say("345/KH-UBND ngày 30/12/2022").they_say("100").they_say("hôm nay")
    s.they_say("Đã ban hành.").they_press("skip").they_tap("Đủ").they_choose("Không vướng mắc").they_press("submit")
    assert (s.record["issued_no"], s.record["is_late"]) == ("345/KH-UBND ngày 30/12/2022", 0)
    assert s.record["expected_date"] == "2026-11-23"


def test_a_part_of_the_title_narrows_the_tasks() -> None:
    s = Scenario(FLOW).they_say("đã trình đang hoàn thiện").bot_objects("Có 4 mục")
    assert len(s.options) == 4
    s.they_tap("Nhiệm vụ mẫu 08").bot_asks("Kỳ báo cáo?")
    assert s.answers["task_code"] == "P07-D08"


def test_a_completed_task_is_asked_neither_for_progress_nor_for_the_next_date() -> None:
    s = reporting("31/12/2026").they_tap("Hoàn thành").they_say("01/11/2026").they_say("12/QĐ-UBND")
    s.bot_asks("Kết quả nổi bật")


def test_a_report_can_be_made_in_english() -> None:
    s = (
        Scenario(FLOW, "en")
        .bot_asks("Which task?")
        .they_say("P07-D09")
        .bot_asks("Reporting period?")
        .they_tap("Ad hoc")
    )
    s.bot_asks("As of which date?").they_say("today").bot_asks("Kind of task?").they_tap("Plan")
    s.bot_asks("Assigned deadline?").they_say("22/11/2026").they_tap("Not started")
    s.bot_asks("Expected date of the next step?").they_say("01/12/2026").they_say("Nothing yet.").they_press("skip")
    s.they_tap("Not allocated").they_choose("Funding difficulties").they_say("Allocate funds.").bot_shows_review()
    s.they_press("submit")
    assert (s.record["is_late"], s.record["days_late"]) == (1, 1)
