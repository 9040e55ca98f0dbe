"""The words people put around an answer that do not change it: politeness, who speaks, what is being answered."""

from typing import Final

from flows.answers.tokens import Lexicon, Token

COURTESY: Final = (
    "dạ", "vâng", "ạ", "ah", "à", "ừ", "ừm", "uhm", "um", "thưa", "kính thưa", "em", "e", "anh", "a", "chị", "c", "mình", "m", "tôi",
    "tui", "cháu", "con", "bạn", "cô", "chú", "bác", "ad", "admin", "bot", "bên em", "bên mình", "bên tôi", "bên anh", "bên chị",
    "bên cháu", "tụi em", "bọn em", "chúng em", "chúng tôi", "nhóm em", "nhóm mình", "nhóm tôi", "phía em", "phía mình", "nhé",
    "nhá", "nha", "nhe", "nghen", "nghe", "hen", "hén", "luôn", "thôi", "đó", "đấy", "đây", "này", "nè", "ơi", "chào",
    "xin chào", "hello", "hi", "alo", "xin", "cảm ơn", "cám ơn", "thanks", "thank you", "tks", "please", "pls", "ok", "oke",
    "okie", "vậy", "thế", "thì", "là", "rằng", "mà", "hihi", "haha", "hehe", "hi hi", "ha ha", "kk", "kkk", "cho em", "giúp em", "giúp",
    "ghi", "ghi giúp", "ghi là", "điền", "điền là", "trả lời", "trả lời là", "câu trả lời", "đáp án", "em nghĩ", "nghĩ", "theo em", "theo tôi",
    "theo mình", "em chọn", "chọn", "lấy", "em xin", "xin phép", "được", "có", "hiện", "hiện tại", "hiện nay", "bây giờ", "giờ", "nay",
    "vẫn", "đang", "đã", "sẽ", "muốn", "cần", "của em", "của", "cái", "con số", "số", "khoản", "nó", "vào", "ở", "tại", "cũng",
    "rồi", "chứ", "chớ", "nữa", "với", "it is", "it's", "my", "i", "is", "the", "we", "our", "about it", "sir", "madam", "we have", "i think",
    "thật ra", "thực ra", "thực tế", "nói chung", "tính ra", "tổng cộng", "tổng", "cả thảy", "tất cả là", "toàn bộ", "quy ra", "khá",
)  # fmt: skip

_WORDS: Final = Lexicon(dict.fromkeys(COURTESY, True))


def is_sign(token: Token) -> bool:
    """Whether it is punctuation, an emoji or another sign."""
    return token.kind == "sign"


def courtesy_at(row: list[Token], i: int) -> int:
    """How many tokens of politeness stand at `i`."""
    found = _WORDS.at(row, i)
    return found[1] if found else 0


def trimmed(row: list[Token], keep: Lexicon[bool] | None = None) -> list[Token]:
    """The tokens without signs and politeness at both ends; words in `keep` stay."""
    begin, end = 0, len(row)
    while begin < end and not (keep and keep.at(row, begin)):
        taken = 1 if is_sign(row[begin]) else courtesy_at(row, begin)
        if not taken or begin + taken > end:
            break
        begin += taken
    while end > begin:
        taken = 1 if is_sign(row[end - 1]) else _courtesy_before(row, end, begin)
        if not taken or (keep and _kept_before(row, end, keep)):
            break
        end -= taken
    return row[begin:end]


def _kept_before(row: list[Token], end: int, keep: Lexicon[bool]) -> bool:
    """Whether words to be kept end right before `end`."""
    for length in range(1, min(end, 6) + 1):
        found = keep.at(row[:end], end - length)
        if found is not None and found[1] == length:
            return True
    return False


def _courtesy_before(row: list[Token], end: int, begin: int) -> int:
    """How many tokens of politeness end right before `end`."""
    for length in (3, 2, 1):
        start = end - length
        if start >= begin:
            found = _WORDS.at(row[:end], start)
            if found is not None and found[1] == length:
                return length
    return 0
