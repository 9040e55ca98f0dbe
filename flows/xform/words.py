"""The words of an XForm: labels in place, and `itext` in every language."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from flows.model import Text
from flows.xlsform.languages import language_code, made_code

FALLBACK: Final = "vi"  # of words without a language where the form names none


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


class Words:
    """Every text of a form by id and language."""

    def __init__(self, model: ET.Element) -> None:
        self.texts: dict[str, dict[str, str]] = {}
        self.languages: tuple[str, ...] = (FALLBACK,)
        self.spelled: dict[str, str] = {}
        found = [each for each in model.iter() if local(each.tag) == "translation"]
        first = [each for each in found if each.get("default") is not None]
        for each in dict.fromkeys([*first, *found]):
            spelling = each.get("lang", "")
            code = language_code(spelling) or made_code(spelling)
            self.spelled[spelling] = code
            for text in each:
                value = next((v for v in text if local(v.tag) == "value" and v.get("form") is None), None)
                if value is not None:
                    self.texts.setdefault(text.get("id", ""), {})[code] = worded(value)
        if self.spelled:
            self.languages = tuple(dict.fromkeys(self.spelled.values()))

    def of(self, control: ET.Element, tag: str) -> Text:
        """The label or hint of a control."""
        found = next((each for each in control if local(each.tag) == tag), None)
        if found is None:
            return {}
        named = _ITEXT.fullmatch(found.get("ref", "").strip())
        if named:
            return self.texts.get(named[1], {})
        words = worded(found)
        return {self.languages[0]: words} if words else {}

    def said(self, told: str | None) -> Text:
        """A message that stands in an attribute."""
        if not told:
            return {}
        named = _ITEXT.fullmatch(told.strip())
        return self.texts.get(named[1], {}) if named else {self.languages[0]: told}


def worded(element: ET.Element) -> str:
    """Words with `${name}` for what is put in; blanks are single."""
    parts = [element.text or ""]
    for each in element:
        parts.append(f"${{{last_name(each.get('value', ''))}}}" if local(each.tag) == "output" else worded(each))
        parts.append(each.tail or "")
    return " ".join("".join(parts).split())


def last_name(path: str) -> str:
    """The name that a plain path leads to; the path itself where it is no plain one."""
    plain = path.strip()
    return plain.rpartition("/")[2] if _PLAIN.fullmatch(plain) else plain


_ITEXT: Final = re.compile(r"jr:itext\(\s*['\"]([^'\"]*)['\"]\s*\)")
_PLAIN: Final = re.compile(r"[\w/.:-]+")
