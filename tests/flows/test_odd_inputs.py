"""Everything that is not an answer, at the moment it comes: told kindly, never stored as one, never in the way."""

from flows.engine import step
from flows.session import Located, Noted, Odd, Say, Sent, Settle, Show, Status, Tapped, Tell
from tests.flows.test_corrections import Chat

FORM = """
flow: odd
version: "1"
title: {vi: Lạ, en: Odd}
languages: [vi, en]
default_language: vi
choices:
  yes_no:
    - {name: "yes", label: {vi: Có, en: "Yes"}}
    - {name: "no", label: {vi: Không, en: "No"}}
questions:
  - {name: open, type: select_one yes_no, required: true, label: {vi: "Có mở cửa không?", en: "Is it open?"}}
  - {name: story, type: text, required: true, label: {vi: "Kể chuyện?", en: "Your story?"}, chat: {voice_ok: true}}
  - {name: people, type: integer, required: true, label: {vi: "Mấy người?", en: "How many people?"}}
  - {name: photos, type: image, required: true, label: {vi: "Ảnh?", en: "Photos?"}}
  - {name: address, type: text, required: true, label: {vi: "Địa chỉ?", en: "Address?"}, chat: {accept_location: true}}
  - {name: more, type: text, label: {vi: "Gì nữa?", en: "Anything else?"}}
"""


class Odds(Chat):
    """A talk with things that are no words."""

    def sends(self, media: str, **more: str) -> None:
        """They send a file."""
        name = {"image": "a.jpg", "audio": "a.ogg"}[media]
        mime = {"image": "image/jpeg", "audio": "audio/ogg"}[media]
        file = more.pop("file", f"file{len(self.events)}")
        self.happens(Sent(self.at, media, file, name, mime, 100, **more))  # type: ignore[arg-type]


def at_story() -> Odds:
    s = Odds(FORM)
    s.writes("có")
    s.bot_asks("Kể chuyện?")
    return s


def at_photos() -> Odds:
    s = at_story()
    s.writes("Một câu chuyện dài.")
    s.at += 10_000
    s.writes("3")
    s.bot_asks("Ảnh?")
    return s


def test_a_sticker_is_smiled_at_and_stored_nowhere() -> None:
    s = Odds(FORM)
    for what in ("sticker", "animation", "dice", "video_note"):
        s.happens(Odd(s.at, what))
        s.bot_objects("Cảm ơn anh/chị")
    s.happens(Odd(s.at, "poll"))
    assert s.answers == {}


def test_a_thumb_says_yes_or_no_once_that_was_confirmed() -> None:
    for says, meant in (("👍", "yes"), ("👍🏽", "yes"), ("👎", "no"), ("❤️", "yes")):
        s = Odds(FORM)
        s.happens(Odd(s.at, "sticker", says))
        assert s.view.kind == "confirm", says
        assert s.answers == {}
        s.press("yes")
        assert s.answers == {"open": meant}
        s = Odds(FORM)
        s.writes(says)
        assert s.view.kind == "confirm", says
    s = Odds(FORM)
    s.happens(Odd(s.at, "sticker", "🐱")).bot_objects("Cảm ơn anh/chị")


MARKS = """
flow: marks
version: "1"
default_language: vi
languages: [vi]
title: {vi: "Điểm"}
questions:
  - {name: nps, type: range, required: true, parameters: {start: "0", end: "10", step: "1"}, label: {vi: "Mấy điểm?"}, chat: {widget: nps}}
  - {name: why, type: text, label: {vi: "Vì sao?"}}
"""


def test_a_thumb_on_a_scale_is_read_back_as_a_mark_near_its_end() -> None:
    for says, mark in (("👍", 9), ("❤️", 10), ("👎", 1)):
        for way in ("sticker", "words"):
            s = Odds(MARKS)
            s.happens(Odd(s.at, "sticker", says)) if way == "sticker" else s.writes(says)
            assert s.view.kind == "confirm", (says, way)
            assert s.answers == {}
            s.press("yes")
            assert s.answers == {"nps": mark}


def test_an_album_where_no_picture_is_asked_is_refused_once() -> None:
    s = at_story()
    told = []
    for n in range(4):
        s.sends("image", file=f"p{n}", group="g1", message=str(100 + n))
        told.append(len(s.effects))
    assert told[0] > 0
    assert told[1:] == [0, 0, 0]
    s.bot_asks("Kể chuyện?")
    s.sends("image", file="q", group="g2")
    assert s.effects


def test_three_short_lines_are_one_long_answer() -> None:
    s = at_story()
    first = s.writes("Bên em bán rau")
    s.bot_asks("Mấy người?")
    second = s.writes("rau sạch ở ngoại thành")
    s.writes("giao tận nhà")
    assert s.answers["story"] == "Bên em bán rau\nrau sạch ở ngoại thành\ngiao tận nhà"
    assert any(isinstance(effect, Noted) for effect in s.effects)
    assert any(isinstance(effect, Settle) for effect in s.effects)
    assert "people" not in s.answers
    s.edits(second, "rau hữu cơ")
    assert s.answers["story"] == "Bên em bán rau\nrau hữu cơ\ngiao tận nhà"
    s.edits(first, "Em bán rau")
    assert s.answers["story"] == "Em bán rau\nrau hữu cơ\ngiao tận nhà"
    s.at += 10_000
    s.writes("12")
    assert s.answers["people"] == 12


def test_words_that_answer_the_next_question_are_its_answer_however_quick() -> None:
    s = at_story()
    s.writes("Bên em bán rau")
    s.writes("12")
    assert (s.answers["story"], s.answers["people"]) == ("Bên em bán rau", 12)


def test_signs_and_figures_and_short_names_go_on_with_nothing() -> None:
    s = at_story()
    s.writes("Bên em bán rau")
    for text in ("???", "asdf", "ba", "-1,5", "31/02/2026"):
        s.writes(text)
        assert s.answers["story"] == "Bên em bán rau", text
    s = at_photos()
    s.sends("image")
    s.writes("Số 5 phố Huế")
    s.sends("image")
    assert s.answers["address"] == "Số 5 phố Huế"


def test_words_that_come_later_belong_to_the_question_that_is_open() -> None:
    s = at_story()
    s.writes("Bên em bán rau")
    s.at += 10_000
    s.writes("rau sạch")
    assert s.answers["story"] == "Bên em bán rau"
    assert s.objection()


def test_a_text_that_the_channel_had_to_split_is_put_together() -> None:
    s = Odds(FORM.replace("people, type: integer", "people, type: text"))
    s.writes("có")
    s.writes("x y " * 1024)
    s.writes("phần còn lại")
    assert str(s.answers["story"]).endswith("y \nphần còn lại") or str(s.answers["story"]).endswith("y\nphần còn lại")
    assert "people" not in s.answers


def test_forwarded_words_are_asked_about_and_several_are_one_answer() -> None:
    s = at_story()
    s.writes("Hợp tác xã An Phú", forwarded=True)
    s.bot_reads_back("Hợp tác xã An Phú").bot_objects("chuyển tiếp")
    s.writes("ở Đông Anh", forwarded=True)
    s.bot_reads_back("Hợp tác xã An Phú\nở Đông Anh")
    assert "story" not in s.answers
    s.press("yes")
    assert s.answers["story"] == "Hợp tác xã An Phú\nở Đông Anh"
    assert s.session.answers["story"].certainty == "confirmed"


def test_keys_pressed_at_random_are_asked_about_once() -> None:
    for text in ("asdf", "???", "aaaaaaa", "test"):
        s = at_story()
        s.writes(text)
        s.bot_objects("chưa rõ ý")
        assert "story" not in s.answers
        s.writes(text)
        assert s.answers["story"] == text
        assert s.session.answers["story"].certainty == "vague"


def test_a_voice_leaves_room_for_its_words() -> None:
    s = at_story()
    s.sends("audio", file="v1")
    assert s.view.voice
    assert "done" in s.view.actions
    assert s.answers["story"] == "voice:v1"  # kept at once: whoever goes away now has answered
    s.bot_asks("Kể chuyện?")
    s.writes("Bên em bán rau sạch")
    assert s.answers["story"] == "Bên em bán rau sạch"


def test_a_voice_may_stand_without_words() -> None:
    for finish in ("press", "ok", "bỏ qua"):
        s = at_story()
        s.sends("audio", file="v1")
        s.press("done") if finish == "press" else s.writes(finish)
        answer = s.session.answers["story"]
        assert (answer.value, answer.certainty) == ("voice:v1", "vague"), finish
        s.bot_asks("Mấy người?")


def test_a_voice_is_still_the_answer_after_a_pause() -> None:
    s = at_story()
    s.sends("audio", file="v1")
    s.press("later").press("resume")
    s.bot_asks("Kể chuyện?")
    assert "keep" in s.view.actions
    s.press("keep")
    s.bot_asks("Mấy người?")
    assert s.answers["story"] == "voice:v1"


def test_a_voice_where_words_are_asked_is_asked_for_in_writing() -> None:
    s = at_story()
    s.writes("Bên em bán rau.")
    s.sends("audio")
    s.bot_objects("gõ câu trả lời")


def test_an_album_is_one_answer_and_never_moves_on_by_itself() -> None:
    s = at_photos()
    for n in range(4):
        s.sends("image", file=f"p{n}", group="g1", message=str(100 + n))
        s.bot_asks("Địa chỉ?")
    assert s.answers["photos"] == "p0 p1 p2 p3"
    assert "address" not in s.answers
    s.sends("image", file="other", group="g2")
    s.bot_objects("không cần tệp")
    assert s.answers["photos"] == "p0 p1 p2 p3"


def test_a_place_answers_an_address_once_it_was_confirmed() -> None:
    s = at_photos()
    s.sends("image")
    s.happens(Located(s.at, 21.03, 105.85))
    assert s.view.kind == "confirm"
    s.press("yes")
    assert "21.030000, 105.850000" in str(s.answers["address"])


def test_words_that_steer_work_in_the_middle_of_anything() -> None:
    s = at_story()
    s.sends("audio")
    s.writes("quay lại")
    s.bot_asks("Có mở cửa không?")
    s.writes("huỷ")
    assert s.session.status is Status.PAUSED
    s.writes("tiếp tục")
    s.bot_asks("Có mở cửa không?")
    s.writes("gặp người")
    assert any(isinstance(effect, Tell) and effect.say.key == "engine.human" for effect in s.effects)


def test_who_has_gone_further_than_a_restored_copy_is_told_so_once_and_goes_on_from_there() -> None:
    s = at_story()
    restored, ahead = s.session, s.session.card + 4
    s.writes("Một câu chuyện dài.")
    tap = Tapped(s.at, "pick", None, "yes", card=ahead)
    after, effects = step(s.machine, restored, tap)
    assert effects[0] == Tell(Say("engine.restored"))
    [shown] = [each for each in effects if isinstance(each, Show)]
    assert (shown.card, shown.view.text) == (ahead + 1, "Kể chuyện?")
    assert after.answers == restored.answers
    again, effects = step(s.machine, after, tap)
    assert [each for each in effects if isinstance(each, Tell)] == [Tell(Say("engine.stale"))]
    assert again.answers == restored.answers
