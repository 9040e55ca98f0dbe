"""Dates by calendar: days, months and years to press; what the form forbids says why; words are always taken."""

from flows.session import Calendar, Tell
from tests.scenario import Scenario

FORM = """
flow: dates
version: "1"
title: {vi: Ngày tháng, en: Dates}
languages: [vi, en]
default_language: vi
questions:
  - {name: met, type: date, required: true, label: {vi: "Gặp ngày nào?", en: "Met when?"}, constraint: ". <= today() and . >= date('2024-03-10')", constraint_message: {vi: "Từ 10/03/2024 đến hôm nay.", en: "From 10/03/2024 to today."}}
  - {name: founded, type: date, appearance: month-year, required: true, label: {vi: "Lập tháng nào?", en: "Founded in?"}, constraint: ". <= today()", constraint_message: {vi: "Không sau hôm nay.", en: "Not later than today."}}
  - {name: licensed, type: date, appearance: year, required: true, label: {vi: "Năm cấp phép?", en: "Licensed in?"}}
  - {name: typed, type: date, appearance: no-calendar, label: {vi: "Ngày khác?", en: "Another day?"}}
"""


def shown(s: Scenario) -> Calendar:
    assert s.view.calendar is not None
    return s.view.calendar


def test_a_calendar_opens_at_this_month_and_closes_what_the_form_forbids() -> None:
    calendar = shown(Scenario(FORM))
    assert (calendar.precision, calendar.at) == ("day", "2026-11")
    assert (calendar.least, calendar.most) == ("2024-03-10", "2026-11-23")
    assert [int(cell.value[8:]) for cell in calendar.cells if cell.free] == list(range(1, 24))
    assert calendar.chips == (("today", "2026-11-23"), ("yesterday", "2026-11-22"), ("month_start", "2026-11-01"))


def test_it_zooms_out_to_months_and_years_and_in_again() -> None:
    s = Scenario(FORM)
    s.press("turn", "2026")
    assert [cell.free for cell in shown(s).cells] == [True] * 11 + [False]
    s.press("turn", "2016s")
    assert [cell.value for cell in shown(s).cells if cell.free] == ["2024", "2025", "2026"]
    s.press("turn", "2024").press("turn", "2024-03")
    assert [int(cell.value[8:]) for cell in shown(s).cells if cell.free] == list(range(10, 32))
    s.press("pick", "2024-03-10")
    assert s.answers["met"] == "2024-03-10"


def test_a_day_that_is_closed_says_why_and_the_card_stays() -> None:
    s = Scenario(FORM).press("pick", "2026-11-24")
    s.bot_says("Từ 10/03/2024 đến hôm nay.")
    assert all(isinstance(effect, Tell) for effect in s.effects)
    s.press("pick", "2027")
    s.bot_says("Từ 10/03/2024 đến hôm nay.")
    assert "met" not in s.answers
    assert s.session.draft.tries == 0


def test_a_month_and_a_year_are_kept_as_such() -> None:
    s = Scenario(FORM).press("pick", "2026-11-02")
    assert (shown(s).precision, shown(s).at) == ("month", "2026")
    s.press("pick", "2025-08")
    assert s.answers["founded"] == "2025-08-01"
    assert s.session.answers["founded"].raw == "08/2025"
    assert shown(s).precision == "year"
    s.press("pick", "2025")
    assert (s.answers["licensed"], s.session.answers["licensed"].raw) == ("2025-01-01", "2025")
    s.bot_asks("Ngày khác?")
    assert s.view.calendar is None
    s.press("skip")
    told = {line.label: (line.shown.kind, line.shown.value) for section in s.view.sections for line in section.lines}
    assert told["Lập tháng nào?"] == ("month", "2025-08-01")
    assert told["Năm cấp phép?"] == ("year", "2025-01-01")


def test_a_month_may_be_typed_in_many_ways() -> None:
    for text in ("8/2025", "08/2025", "tháng 8 năm 2025", "14/8/2025"):
        s = Scenario(FORM).press("pick", "2026-11-02").they_say(text)
        assert s.answers["founded"] == "2025-08-01", text
    s = Scenario(FORM).press("pick", "2026-11-02").they_say("tháng 8").bot_reads_back("08/2026").press("yes")
    assert s.answers["founded"] == "2026-08-01"
    s = Scenario(FORM).press("pick", "2026-11-02").they_say("2025").bot_objects("cả tháng và năm")
    s.they_say("8/2027").bot_objects("Không sau hôm nay.")
    s.they_say("1/2026").they_say("năm 2019")
    assert s.answers["licensed"] == "2019-01-01"


def test_the_calendar_opens_at_the_answer_that_stands() -> None:
    s = Scenario(FORM).press("pick", "2024-05-06").press("back")
    assert shown(s).at == "2024-05"
    assert [cell.value for cell in shown(s).cells if cell.on] == ["2024-05-06"]


def test_nonsense_turns_nothing() -> None:
    s = Scenario(FORM)
    for arg in ("", "x", "2026-13", "9999", "20s", "2026-11-01"):
        s.press("turn", arg)
        assert s.session.draft.turned == ""
        assert s.effects
