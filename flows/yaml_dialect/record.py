"""One mapping of a form while it is read: what a key must hold, where it stood, and which keys nobody knows."""

from collections.abc import Iterable, Sequence
from typing import Final

from flows.nearest import nearest
from flows.problems import Place, Problem
from flows.yaml_dialect.nodes import Fields, Items, Node, Scalar, Spot


class Notes:
    """The problems of one file, in the order they were met."""

    def __init__(self, file: str, problems: Iterable[Problem] = ()) -> None:
        self.file = file
        self.problems = list(problems)

    def place(self, spot: Spot) -> Place:
        """A line and column of this file."""
        return Place(file=self.file, line=spot[0], column=spot[1])

    def add(self, code: str, spot: Spot, **facts: str) -> None:
        """Notes one problem."""
        self.problems.append(Problem(code=code, place=self.place(spot), facts=facts))

    def unknown(self, code: str, spot: Spot, word: str, known: Iterable[str], **facts: str) -> None:
        """Notes a word that is none of the known ones, and the nearest that is."""
        self.add(code, spot, word=word, nearest=nearest(word, known), **facts)


class Record:
    """A mapping; asking for a key makes it known, and `close` reports the rest.

    Every reader gives its default for a key that is absent or null, and notes a problem where the kind is wrong.
    `places` collects where each value stands, by key; "label.en" for one language of a text.
    """

    def __init__(self, notes: Notes, fields: Fields, languages: Sequence[str] = ()) -> None:
        self.places: dict[str, Place] = {}
        self.spot = fields.spot
        self.fields = fields
        self._notes = notes
        self._languages = languages
        self._known: set[str] = set()

    def take(self, key: str) -> Node | None:
        """What stands under a key, whatever it is."""
        self._known.add(key)
        node = self.fields.nodes.get(key)
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return None
        self.places[key] = self._notes.place(node.spot)
        return node

    def text(self, key: str) -> str | None:
        """A text; blank counts as absent."""
        node = self.take(key)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self._notes.add("not_a_text", node.spot, key=key)
            return None
        return node.text.strip() or None

    def word(self, key: str) -> str:
        """A text; "" where there is none."""
        return self.text(key) or ""

    def expression(self, key: str) -> str | None:
        """The source of an expression."""
        return self.text(key)

    def needed(self, key: str) -> str:
        """A text that must be there; "" when it is not."""
        found = self.text(key)
        if found is None and key not in self.places:
            self._notes.add("missing_key", self.spot, key=key)
        elif found is None and isinstance(self.fields.nodes[key], Scalar):
            self._notes.add("missing_key", self.fields.nodes[key].spot, key=key)
        return found or ""

    def truth(self, key: str) -> bool | None:
        """True or false, written as exactly that."""
        node = self.take(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.plain and node.text in _TRUTH:
            return _TRUTH[node.text]
        self._notes.add("not_a_boolean", node.spot, key=key)
        return None

    def rule(self, key: str) -> bool | str:
        """True, false, or an expression; `yes` and `no` count as true and false, as in a sheet."""
        found = self.text(key)
        if found is None:
            return False
        return _RULES.get(found.lower(), found)

    def number(self, key: str) -> float | None:
        """A number written with digits."""
        found = self.text(key)
        if found is None:
            return None
        try:
            value = float(found)
        except ValueError:
            value = float("nan")
        if abs(value) < _LARGEST:
            return value
        self._notes.add("not_a_number", self.fields.nodes[key].spot, key=key)
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single one may stand alone."""
        node = self.take(key)
        if node is None:
            return ()
        found: list[str] = []
        for number, entry in enumerate(node.nodes if isinstance(node, Items) else [node]):
            if isinstance(entry, Scalar) and entry.text.strip():
                found.append(entry.text.strip())
                self.places[f"{key}.{number}"] = self._notes.place(entry.spot)
            else:
                self._notes.add("not_a_text", entry.spot, key=key)
        return tuple(found)

    def words(self, key: str) -> dict[str, str]:
        """Words by language; a text without a language is in the default one, the first of `languages`."""
        node = self.take(key)
        if isinstance(node, Scalar):
            node = Fields(node.spot, {self._languages[0]: node}, {self._languages[0]: node.spot})
        if node is None:
            return {}
        if not isinstance(node, Fields):
            self._notes.add("not_words", node.spot, key=key)
            return {}
        return {lang: text for lang, entry in node.nodes.items() if (text := self._in(key, lang, node, entry))}

    def _in(self, key: str, lang: str, node: Fields, entry: Node) -> str | None:
        if lang not in self._languages:
            self._notes.unknown("unknown_language", node.keys[lang], lang, self._languages)
            return None
        if not isinstance(entry, Scalar):
            self._notes.add("not_a_text", entry.spot, key=f"{key}.{lang}")
            return None
        self.places[f"{key}.{lang}"] = self._notes.place(entry.spot)
        return None if entry.is_null else entry.text.strip()

    def record(self, key: str) -> "Record | None":
        """A mapping within this one."""
        node = self.take(key)
        if node is None or isinstance(node, Fields):
            return None if node is None else Record(self._notes, node, self._languages)
        self._notes.add("not_a_mapping", node.spot, key=key)
        return None

    def records(self, key: str) -> "list[Record]":
        """A list of mappings within this one; a single one may stand alone."""
        node = self.take(key)
        if node is None:
            return []
        found: list[Record] = []
        if isinstance(node, Scalar):
            self._notes.add("not_a_list", node.spot, key=key)
            return []
        for entry in node.nodes if isinstance(node, Items) else [node]:
            if isinstance(entry, Fields):
                found.append(Record(self._notes, entry, self._languages))
            else:
                self._notes.add("not_a_mapping", entry.spot, key=key)
        return found

    def rest(self) -> dict[str, str]:
        """The texts under all keys not asked for yet: free columns of an option."""
        found: dict[str, str] = {}
        for key in self.fields.nodes:
            if key not in self._known:
                found[key] = self.text(key) or ""
        return found

    def close(self) -> None:
        """Notes every key that nobody asked for."""
        for key, spot in self.fields.keys.items():
            if key not in self._known:
                self._notes.unknown("unknown_key", spot, key, self._known)


_TRUTH: Final = {"true": True, "false": False}
_RULES: Final = {"true": True, "true()": True, "yes": True, "false": False, "false()": False, "no": False}
_LARGEST: Final = 1e15  # whole numbers are exact up to here
