"""A survey with every kind of question that a chat can ask, and a founder who answers all of it, for tests that kill."""

from typing import Any

from tests.bot.test_kill import Founder

SURVEY = """
flow: every
version: "1"
default_language: vi
languages: [vi]
title: {vi: "Mọi loại"}
thank_you: {vi: "Xong: {receipt}"}
choices:
  colour: [{name: red, label: {vi: "Đỏ"}}, {name: blue, label: {vi: "Xanh"}}]
  fruit: [{name: apple, label: {vi: "Táo"}}, {name: plum, label: {vi: "Mận"}}, {name: pear, label: {vi: "Lê"}}]
groups:
  member: {label: {vi: "Thành viên"}, repeat: true, count: "2"}
questions:
  - {name: word, type: text, required: true, label: {vi: "Một từ?"}}
  - {name: number, type: integer, required: true, label: {vi: "Một số?"}}
  - {name: share, type: decimal, required: true, label: {vi: "Một số lẻ?"}}
  - {name: money, type: decimal, required: true, label: {vi: "Bao nhiêu tiền?"}, chat: {parse: money_vi}}
  - {name: colour, type: select_one colour, required: true, label: {vi: "Màu nào?"}}
  - {name: fruits, type: select_multiple fruit, required: true, label: {vi: "Quả nào?"}}
  - {name: order, type: rank fruit, required: true, label: {vi: "Thứ tự nào?"}}
  - {name: day, type: date, required: true, label: {vi: "Ngày nào?"}}
  - {name: hour, type: time, required: true, label: {vi: "Mấy giờ?"}}
  - {name: mark, type: range, required: true, parameters: {start: "1", end: "5", step: "1"}, label: {vi: "Mấy điểm?"}}
  - {name: read, type: acknowledge, required: true, label: {vi: "Đã đọc?"}}
  - {name: place, type: geopoint, required: true, label: {vi: "Ở đâu?"}}
  - {name: photo, type: image, required: true, label: {vi: "Ảnh nào?"}}
  - {name: called, group: member, type: text, required: true, label: {vi: "Tên là gì?"}}
"""
ASKED = [
    "Một từ?", "Một số?", "Một số lẻ?", "Bao nhiêu tiền?", "Màu nào?", "Quả nào?", "Thứ tự nào?", "Ngày nào?", "Mấy giờ?",
    "Mấy điểm?", "Đã đọc?", "Ở đâu?", "Ảnh nào?", "Tên là gì?", "Tên là gì?",
]  # fmt: skip
RECORD = {
    "word": "xin chào", "number": 42, "share": 2.5, "money": 1_500_000_000, "colour": "blue", "fruits": "apple pear",
    "order": "plum apple pear", "day": "2026-11-20", "hour": "14:30:00", "mark": 4, "read": "OK",
    "place": "21.030000 105.850000 0 0", "member[1]/called": "An", "member[2]/called": "Bình",
}  # fmt: skip


FILE = "photo"  # its value is an id of ours, another each time


class Everybody(Founder):
    """Answers every kind of question."""

    asked = ASKED

    async def taps(self, button: str) -> None:
        """Tap a button of the newest message: a kill may have left a copy of it above, or of one of the survey before."""
        messages = await self.user.chat.from_bot()
        await self.user.taps(button, message=next(m for m in reversed(messages) if m.buttons))

    def acts(self) -> list[list[Any]]:
        """What they do at each question."""
        user = self.user
        return [
            [lambda: user.sends("xin chào")],
            [lambda: user.sends("42")],
            [lambda: user.sends("2,5")],
            [lambda: user.sends("1,5 tỷ")],
            [lambda: self.taps("Xanh")],
            [lambda: self.taps("☐ Táo"), lambda: self.taps("☐ Lê"), lambda: self.taps("Xong")],
            [lambda: self.taps("Mận"), lambda: self.taps("Táo"), lambda: self.taps("Lê"), lambda: self.taps("Xong")],
            [lambda: user.sends("20/11/2026")],
            [lambda: user.sends("14:30")],
            [lambda: self.taps("4")],
            [lambda: self.taps("Tôi đã đọc và đồng ý")],
            [lambda: user.sends_location(21.03, 105.85)],
            [user.sends_photo],
            [lambda: user.sends("An")],
            [lambda: user.sends("Bình")],
        ]
