"""Moments to come, as people name one when they put a survey aside."""

from datetime import datetime

import pytest

from flows.answers.moment import asks_to_be_reminded, read_moment
from flows.machine import HANOI

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=HANOI)  # a Thursday
MOMENTS = {
    "8h tối mai nhé": "2026-11-27 20:00", "2 tiếng nữa": "2026-11-26 12:00", "hai tiếng nữa ạ": "2026-11-26 12:00",
    "nửa tiếng nữa": "2026-11-26 10:30", "30 phút nữa": "2026-11-26 10:30", "3 ngày nữa": "2026-11-29 08:30",
    "1 tuần nữa": "2026-12-03 08:30", "sáng thứ hai": "2026-11-30 08:30", "thứ hai": "2026-11-30 08:30",
    "tuần sau": "2026-11-30 08:30", "20:00": "2026-11-26 20:00", "nhắc em lúc 20:00": "2026-11-26 20:00",
    "nhắc tôi sáng mai": "2026-11-27 08:30", "nhac toi sang mai": "2026-11-27 08:30", "tối nay": "2026-11-26 20:00",
    "mai": "2026-11-27 08:30", "ngày mai 9h30": "2026-11-27 09:30", "chiều thứ sáu 3h": "2026-11-27 15:00",
    "8 giờ rưỡi tối": "2026-11-26 20:30", "dạ 7 giờ sáng mai ạ": "2026-11-27 07:00", "25/12": "2026-12-25 08:30",
    "trưa nay": "2026-11-26 12:00", "tối thứ 7": "2026-11-28 20:00", "8h": "2026-11-26 20:00", "11h": "2026-11-26 11:00",
    "tomorrow 9am": "2026-11-27 09:00", "tonight": "2026-11-26 20:00", "monday morning": "2026-11-30 08:30",
    "thứ năm": "2026-12-03 08:30", "chiều thứ 5": "2026-12-03 14:00", "t6": "2026-11-27 08:30", "thursday": "2026-12-03 08:30",
    "1 tiếng rưỡi nữa": "2026-11-26 11:30", "tối": "2026-11-26 20:00",
    "in 2 hours": "2026-11-26 12:00", "remind me at 8pm": "2026-11-26 20:00",
}  # fmt: skip
OTHERS = (
    "rau sạch", "42", "Hà Nội", "500 triệu", "không", "tiếp tục", "bỏ qua", "An", "toi", "Tôi", "5 người", "3 năm nữa", "", "?", "25h", "hôm qua",
    "bên em đang cần vốn, mai mốt em kể thêm về tình hình của công ty cho anh chị nghe",
)  # fmt: skip


@pytest.mark.parametrize(("said", "meant"), MOMENTS.items())
def test_a_moment_is_read(said: str, meant: str) -> None:
    assert str(read_moment(said, NOW))[: len(meant)] == meant
    assert str(read_moment(said.upper(), NOW))[: len(meant)] == meant


@pytest.mark.parametrize("said", OTHERS)
def test_what_names_no_moment_to_come_is_none(said: str) -> None:
    assert read_moment(said, NOW) is None


def test_asking_for_it_is_told_from_an_answer() -> None:
    assert asks_to_be_reminded("dạ nhắc em mai nhé")
    assert not asks_to_be_reminded("mai")
