"""Languages as headers spell them → codes."""

import re
import unicodedata
from typing import Final


def language_code(spelling: str) -> str | None:
    """The code of a language: the one in brackets, a code itself, or that of a name we know; None: unknown.

    >>> language_code("English (en)"), language_code("Swahili"), language_code("pt_BR"), language_code("Klingonish")
    ('en', 'sw', 'pt-BR', None)
    """
    words = " ".join(spelling.split())
    bracket = _BRACKET.search(words)
    if bracket:
        return _code(bracket[1])
    return NAMES.get(without_marks(words)) or _code(words)


def without_marks(words: str) -> str:
    """Words in small letters without accents and tone marks.

    >>> without_marks("Español")
    'espanol'
    """
    parted = unicodedata.normalize("NFD", words.lower())
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def made_code(spelling: str) -> str:
    """A code of the range for private use, the same for the same spelling.

    >>> made_code("Klingonish")
    'qaa-klingoni'
    """
    letters = re.sub("[^a-z0-9]", "", spelling.lower())[:8]
    if len(letters) < 2:
        letters = f"{sum(map(ord, spelling)) % 100_000:05}"
    return f"qaa-{letters}"


def _code(word: str) -> str | None:
    match = _CODE.fullmatch(word.strip())
    if match is None:
        return None
    return match[1].lower() + (f"-{match[2]}" if match[2] else "")


_BRACKET: Final = re.compile(r"\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?)\s*\)\s*$")
_CODE: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9]{2,8}))?")

NAMES: Final = {
    "vietnamese": "vi", "tieng viet": "vi", "viet": "vi",
    "english": "en", "eng": "en", "tieng anh": "en", "french": "fr", "francais": "fr",
    "spanish": "es", "espanol": "es", "portuguese": "pt", "portugues": "pt",
    "german": "de", "deutsch": "de", "italian": "it", "russian": "ru", "chinese": "zh", "japanese": "ja", "korean": "ko",
    "arabic": "ar", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629": "ar", "\u0639\u0631\u0628\u0649": "ar",
    "\u0639\u0631\u0628\u064a": "ar", "swahili": "sw", "kiswahili": "sw", "hindi": "hi", "bengali": "bn", "bangla": "bn",
    "urdu": "ur", "nepali": "ne", "burmese": "my", "thai": "th", "lao": "lo", "khmer": "km", "indonesian": "id",
    "bahasa indonesia": "id", "bahasa": "id", "malay": "ms", "tagalog": "tl", "filipino": "fil", "hiligaynon": "hil",
    "cebuano": "ceb", "luganda": "lg", "amharic": "am", "hausa": "ha", "somali": "so", "zulu": "zu", "xhosa": "xh",
    "kinyarwanda": "rw", "haitian creole": "ht", "dari": "prs", "pashto": "ps", "farsi": "fa", "persian": "fa",
    "turkish": "tr", "ukrainian": "uk", "dutch": "nl", "polish": "pl",
}  # fmt: skip
