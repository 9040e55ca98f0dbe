"""Finds our words in the reader's language, and writes numbers, money, dates and times as that language does."""

import datetime as dt
import io
from collections.abc import Iterable, Mapping
from functools import cache
from gettext import GNUTranslations
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from flows.session import Say, Shown

LANGUAGES: Final = ("vi", "en")  # of our own words; a form may have more
FALLBACK: Final = "vi"
HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")

UNMARKED: Final = 1000
_BILLION: Final = 1_000_000_000


class UnknownKey(KeyError):
    """A sentence was asked for that no catalogue has."""


class Words:
    """The catalogues, read once. Every method takes the language the reader wants, and falls back to Vietnamese."""

    def __init__(self, catalogues: Mapping[str, GNUTranslations]) -> None:
        self._catalogues = catalogues
        self._whole: dict[tuple[str, str], str] = {}  # sentences without holes, looked up before

    def language(self, wanted: str | None) -> str:
        """The nearest language we have words in: "en-US" is English, "fr" is Vietnamese."""
        if wanted is not None and wanted in self._catalogues:
            return wanted
        code = (wanted or "").replace("_", "-").split("-")[0].lower()
        return code if code in self._catalogues else FALLBACK

    def say(self, lang: str, key: str, n: int | None = None, /, **holes: str | float) -> str:
        """The sentence `key`, its holes filled; with `n`, also given as a hole, the form for that number.

        Raises:
            UnknownKey: no catalogue has it.
        """
        if n is None and not holes:
            wanted = (self.language(lang), key)
            known = self._whole.get(wanted)
            if known is None:
                known = self._whole[wanted] = self._said(lang, key, None, {})
            return known
        return self._said(lang, key, n, holes)

    def _said(self, lang: str, key: str, n: int | None, holes: dict[str, str | float]) -> str:
        catalogue = self._catalogues[self.language(lang)]
        counted = holes.pop("n", None)
        if n is None and counted is not None and not isinstance(counted, str):
            n = int(counted)
        found = catalogue.gettext(key) if n is None else catalogue.ngettext(key, key, n)
        if found == key:
            raise UnknownKey(key)
        told = {name: self.number(lang, hole) if not isinstance(hole, str) else hole for name, hole in holes.items()}
        return found.format(**told, **({} if n is None else {"n": self.number(lang, n)}))

    def tell(self, lang: str, say: Say) -> str:
        """A sentence that the engine named."""
        return self.say(lang, say.key, **say.holes)

    def has(self, key: str) -> bool:
        """Whether the sentence is there in every language."""
        return all(
            catalogue.gettext(key) != key or catalogue.ngettext(key, key, 1) != key
            for catalogue in self._catalogues.values()
        )

    def number(self, lang: str, value: float) -> str:
        """1234567.5 → "1.234.567,5" in Vietnamese, "1,234,567.5" in English."""
        if isinstance(value, int) and -UNMARKED < value < UNMARKED:
            return str(value)  # nothing to mark; "question 7 of 12" stands on every card
        return str(format_decimal(value, locale=self.language(lang), format="#,##0.######"))

    def money(self, lang: str, value: float) -> str:
        """VND, in full, and in billions or millions beside it where that reads better: "1.500.000.000 đồng (1,5 tỷ)"."""
        full = self.say(lang, "format.vnd", amount=self.number(lang, value))
        if abs(value) >= _BILLION and value % 10_000_000 == 0:
            return self.say(lang, "format.vnd_billion", full=full, short=self.number(lang, value / _BILLION))
        if abs(value) >= 1_000_000 and value % 10_000 == 0 and abs(value) < _BILLION:
            return self.say(lang, "format.vnd_million", full=full, short=self.number(lang, value / 1_000_000))
        return full

    def shown(self, lang: str, shown: Shown | None) -> str:
        """An answer as people read it; a dash-free "not answered" when there is none."""
        if shown is None or shown.kind == "none" or (shown.value is None and not shown.labels):
            return self.say(lang, "format.none")
        match shown.kind:
            case "options":
                return ", ".join(shown.labels)
            case "number":
                return self.number(lang, float(shown.value or 0))
            case "figure":
                if isinstance(shown.value, int):
                    return str(shown.value)
                return str(format_decimal(float(shown.value or 0), locale=self.language(lang), format="0.######"))
            case "money":
                return self.money(lang, float(shown.value or 0))
            case "month" | "year":
                return self.instant(lang, str(shown.value)[: len("2026-11") if shown.kind == "month" else len("2026")])
            case "date" | "time" | "datetime":
                return self.instant(lang, str(shown.value))
            case _:
                return str(shown.value)

    def instant(self, lang: str, iso: str) -> str:
        """An ISO date, time or date-time; also a bare year or year and month."""
        locale = self.language(lang)
        try:
            if len(iso) == len("2026"):
                return iso
            if len(iso) == len("2026-11"):
                year, month = iso.split("-")
                return f"{month}/{year}"
            if "T" in iso:
                return str(
                    format_datetime(dt.datetime.fromisoformat(iso), "HH:mm dd/MM/y", tzinfo=HANOI, locale=locale)
                )
            if ":" in iso:
                return str(format_time(dt.time.fromisoformat(iso), "HH:mm", locale=locale))
            return str(
                format_date(dt.date.fromisoformat(iso), "dd/MM/y" if locale == "vi" else "d MMM y", locale=locale)
            )
        except ValueError:
            return iso

    def time_left(self, lang: str, seconds: int) -> str:
        """About how long the rest takes, in whole minutes."""
        minutes = round(seconds / 60)
        return self.say(lang, "widgets.minutes_left", minutes) if minutes else self.say(lang, "widgets.nearly_done")

    def moment(self, lang: str, at: int) -> str:
        """Milliseconds since 1970 → the time and date in Hanoi."""
        return self.instant(lang, dt.datetime.fromtimestamp(at / 1000, tz=HANOI).isoformat())


def read_catalogues(lang: str) -> Iterable[Catalog]:
    """Every catalogue of a language, as it lies in `locales/`."""
    folder = files("locales") / lang / "LC_MESSAGES"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".po"):
            with file.open("rb") as stream:
                yield read_po(stream, locale=lang, domain=file.name.removesuffix(".po"))


@cache
def words() -> Words:
    """The catalogues in `locales/`, compiled in memory (16 ms for 600 sentences)."""
    return Words({lang: _compiled(lang) for lang in LANGUAGES})


def _compiled(lang: str) -> GNUTranslations:
    """All catalogues of one language as one."""
    whole = Catalog(locale=lang)
    for catalogue in read_catalogues(lang):
        for message in catalogue:
            if message.id:
                whole.add(message.id, message.string)
    buffer = io.BytesIO()
    write_mo(buffer, whole)
    buffer.seek(0)
    return GNUTranslations(buffer)
