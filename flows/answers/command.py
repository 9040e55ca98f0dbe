"""Words that steer the talk instead of answering: back, skip, stop, resume, submit, a person please, another language."""

from typing import Final

from flows.answers.courtesy import trimmed
from flows.answers.reading import Reading, confirm, none, sure
from flows.answers.text import plain
from flows.answers.tokens import Lexicon, Token, tokens

LONGEST: Final = 12  # tokens; who writes more is answering

COMMANDS: Final = {
    "skip": (
        "bỏ qua", "bỏ qua câu này", "skip", "qua câu", "qua câu khác", "câu khác", "câu tiếp", "câu tiếp theo", "không biết", "ko biết", "k biết", "k bik", "ko bik", "ko bít", "k bít", "hem bít", "hông biết", "không rõ", "ko rõ",
        "chưa rõ", "/boqua", "/skip", "không muốn trả lời", "không trả lời", "để trống", "next", "bỏ câu này", "cho qua",
    ),
    "back": (
        "quay lại", "quay lại câu trước", "câu trước", "sửa câu trước", "trở lại", "lùi lại", "/quaylai", "/back", "back", "go back", "previous",
        "về câu trước", "lùi",
    ),
    "stop": (
        "dừng", "dừng lại", "dừng khảo sát", "thôi không làm nữa", "không làm nữa", "hủy", "huỷ", "/dung", "/stop", "stop", "cancel", "để sau", "làm sau",
        "tạm dừng", "/huy", "/cancel", "thoát", "kết thúc", "quit", "exit", "không tham gia nữa", "pause",
    ),
    "resume": ("tiếp tục", "làm tiếp", "trả lời tiếp", "/tieptuc", "/resume", "resume", "continue", "tiếp"),
    "submit": ("gửi phiếu", "gửi", "gửi đi", "nộp phiếu", "nộp", "submit", "send"),
    "human": (
        "gặp người", "gặp cán bộ", "tư vấn viên", "nói chuyện với người", "/gapnguoi", "gặp nhân viên", "gặp người thật", "gặp tư vấn viên", "hỗ trợ viên",
        "cần gặp người", "cho gặp người", "cho gặp cán bộ", "talk to a human", "human", "agent", "gặp chuyên viên",
    ),
    "language:en": ("english", "tiếng anh", "/english", "in english", "nói tiếng anh", "/en", "speak english", "english please"),
    "language:vi": ("tiếng việt", "vietnamese", "/tiengviet", "nói tiếng việt", "/vi"),
}  # fmt: skip
_WORDS: Final = Lexicon([(word, name) for name, words in COMMANDS.items() for word in words])
_KEPT: Final = Lexicon({word: True for words in COMMANDS.values() for word in words})
_OTHERWISE: Final = {"dung", "huy", "lui", "tiep", "thoat", "qua cau"}  # without marks these are other words too


def read_command(text: str) -> Reading:
    """Such as "back", "skip", "stop", "resume", "submit", "human", "language:en" or "language:vi"; none if the text is an answer.

    Only a text that says nothing else is a command. Confirm: a word that means something else with other marks
    ("dung" may be "đúng").

    >>> read_command("dạ cho em quay lại câu trước ạ").value, read_command("dừng chân ở Hà Nội").value
    ('back', None)
    """
    row = tokens(plain(text), LONGEST + 1)
    if not row or len(row) > LONGEST or not _WORDS.stands_in(row):
        return none("read.command.again")
    slash = row[0].text == "/"
    core = row if slash else trimmed(row, _KEPT)
    found = _WORDS.at(core, 0) if core else None
    if found is None or not _nothing_else(core[found[1] :]):
        return none("read.command.again")
    said = " ".join(token.text for token in core[: found[1]])
    return confirm(found[0], "read.command.confirm", {"command": said}) if said in _OTHERWISE else sure(found[0])


def _nothing_else(rest: list[Token]) -> bool:
    """Whether politeness and signs are all that follows (a command may carry the bot's name: "/boqua@bot")."""
    return not trimmed(rest) or (rest[0].text == "@" and all(token.glued for token in rest))
