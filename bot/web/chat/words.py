"""Words of the web chat: what its scripts say by themselves, and a form's own in the reader's language."""

import re
from typing import Final

from bot.i18n import LANGUAGES, Words
from flows.model import Text

# What the page's scripts say by themselves; the holes are filled there.
SCRIPT_WORDS: Final = (
    "acknowledge", "as_typed", "audio", "picture", "video", "at_least", "at_most", "begun", "between", "choose_audio", "choose_file", "choose_image",
    "choose_video", "continue", "copied", "copy", "copy_by_hand", "copy_link", "dark", "done", "done_n", "edit_line",
    "exactly", "file_failed", "file_limit", "file_limits", "file_sent", "file_too_large", "forget", "help", "link_copied",
    "link_gone", "menu", "no_place", "none_found", "offline", "other_language", "other_surveys", "page_after",
    "page_before", "pick_date", "pick_time", "place", "privacy", "problem.failed", "progress_label", "rank_done",
    "rank_more", "receipt", "send", "several", "share_place", "standing", "stars", "steps", "stop", "stop_no",
    "stop_sure", "stop_yes", "talk", "type_date", "type_datetime", "type_decimal", "type_email", "type_find", "type_free",
    "type_integer", "type_money", "type_reason", "type_search", "type_tel", "type_text", "type_time", "uploading", "uploading_name",
    "waiting", "why",
)  # fmt: skip
HOLES: Final = ("answer", "count", "kinds", "label", "least", "mb", "most", "name", "raw")


def script_words(words: Words) -> dict[str, dict[str, str]]:
    """What the scripts may have to say, by language and key, with the holes as the scripts fill them."""
    holes = {hole: "{" + hole + "}" for hole in HOLES}
    return {code: {f"web.{key}": words.say(code, f"web.{key}", **holes) for key in SCRIPT_WORDS} for code in LANGUAGES}


def first_words(text: str, least: int = 40) -> str:
    """The first sentence that says something, with the greeting before it.

    >>> first_words("Chào anh/chị! Khảo sát gồm khoảng 25 câu, mất chừng 7 phút. Anh/chị có thể dừng bất cứ lúc nào.")
    'Chào anh/chị! Khảo sát gồm khoảng 25 câu, mất chừng 7 phút.'
    """
    told = ""
    for sentence in re.split(r"(?<=[.!?…])\s+", text.strip()):
        told = f"{told} {sentence}".strip()
        if len(told) >= least:
            break
    return told


def in_language(text: Text, lang: str) -> str:
    """Words of a form in a language, else in ours, else in any."""
    return text.get(lang) or text.get("vi") or next((words for words in text.values() if words), "")
