"""E-mail addresses as people type them."""

import re
from typing import Final

from flows.answers.reading import Candidate, Reading, confirm, none, sure, vague
from flows.answers.text import clean, plain

LONGEST: Final = 400  # characters of a reply; an address itself has 254

_ADDRESS: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}@[a-z0-9.\-]{1,190}", re.IGNORECASE)
_LOCAL: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~\-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~\-]+)*", re.IGNORECASE)
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.IGNORECASE)
_SPOKEN: Final = (
    (r" ?(?:\(at\)|\[at\]| at | a còng | a cong | còng |@) ?", "@"),
    (r" ?(?: chấm | cham | dot |\(dot\)|\[dot\]) ?", "."),
)
_MEANT: Final = {
    "gmial.com": "gmail.com", "gmal.com": "gmail.com", "gmai.com": "gmail.com", "gamil.com": "gmail.com", "gmil.com": "gmail.com",
    "gmaill.com": "gmail.com", "gmail.con": "gmail.com", "gmail.co": "gmail.com", "gmail.cm": "gmail.com", "gmail.vn": "gmail.com",
    "gmail.com.vn": "gmail.com", "gmail.comm": "gmail.com", "gmail.om": "gmail.com", "gmail.cim": "gmail.com", "email.com.vn": "email.com",
    "yaho.com": "yahoo.com", "yahooo.com": "yahoo.com", "yahoo.con": "yahoo.com", "yhaoo.com": "yahoo.com", "yahoo.vn": "yahoo.com.vn",
    "hotmial.com": "hotmail.com", "hotmai.com": "hotmail.com", "hotmail.con": "hotmail.com", "outlok.com": "outlook.com",
    "outlook.con": "outlook.com", "iclould.com": "icloud.com", "icloud.con": "icloud.com",
}  # fmt: skip


def read_email(text: str) -> Reading:
    """The address, its domain in lower case.

    Confirm: a domain that looks mistyped ("gmial.com"), or an address that was written out ("a còng", "@ gmail.com").
    Vague: two addresses. Marks have no place in an address: none.

    >>> read_email("email em là An.Nguyen@Example.vn ạ.").value
    'An.Nguyen@example.vn'
    """
    said = clean(text)
    if len(said) > LONGEST:
        return none("read.email.again")
    found = _addresses(said)
    if not found:
        return _spoken(plain(text))
    if len(found) > 1:
        shown = tuple(Candidate(each, each) for each in found)
        return vague("read.email.which_one", {"count": len(shown)}, candidates=shown[:5])
    return _checked(found[0], typed=True)


def _addresses(said: str) -> list[str]:
    """Well-formed addresses in a text, each once."""
    found: dict[str, None] = {}
    for match in _ADDRESS.finditer(said):
        before = said[match.start() - 1 : match.start()]
        behind = said[match.end() : match.end() + 1]
        if (before.isalpha() and not before.isascii()) or (behind.isalpha() and not behind.isascii()):
            continue  # cut out of a word with marks
        local, _, domain = match.group().partition("@")
        local, domain = local.strip("'*/=|`{}"), domain.strip(".-").lower()
        if _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(local) + len(domain) < 254:
            found[f"{local}@{domain}"] = None
    return list(found)


def _spoken(said: str) -> Reading:
    """Such as "ten a còng gmail chấm com", "ten @ gmail.com": joined and read back."""
    for pattern, sign in _SPOKEN:
        said = re.sub(pattern, sign, said)
    found = _addresses(re.sub(r" ?\. ?(?=(?:com|vn|net|org|edu|gov|io|co)\b)", ".", said))
    return _checked(found[0], typed=False) if len(found) == 1 else none("read.email.again")


def _checked(address: str, *, typed: bool) -> Reading:
    local, _, domain = address.partition("@")
    meant = _MEANT.get(domain)
    if meant:
        return confirm(f"{local}@{meant}", "read.email.typo", {"typed": address, "email": f"{local}@{meant}"})
    return sure(address) if typed else confirm(address, "read.email.confirm", {"email": address})
