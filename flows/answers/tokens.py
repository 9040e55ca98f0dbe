"""A text cut into numbers, words and signs, and the vocabularies that say what words mean."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

from flows.answers.text import Spelling, may_be, spelling

T = TypeVar("T")

_TOKEN: Final = re.compile(r"(?P<num>\d+(?:[.,']\d+)*)|(?P<word>[^\W\d_]+)|(?P<sign>\S)")


class Token(NamedTuple):
    """One number ("1.500"), word or sign of a text in lower case."""

    kind: str  # num, word, sign
    text: str
    said: Spelling
    glued: bool  # stands right behind the token before it


_NO_LETTERS: Final = Spelling("", "", ())


def tokens(text: str, most: int = 200) -> list[Token]:
    """The tokens of a `plain` text, no more than `most`.

    >>> [token.text for token in tokens("khoảng 20tr5, nhé")]
    ['khoảng', '20', 'tr', '5', ',', 'nhé']
    """
    found: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        part = match.group()
        found.append(Token(kind, part, spelling(part) if kind == "word" else _NO_LETTERS, match.start() == end))
        end = match.end()
        if len(found) >= most:
            break
    return found


class Lexicon(Generic[T]):
    """Words and phrases with a meaning, found with all, some or none of their marks.

    Where several could be meant, the longest phrase wins, then the one spelt exactly so, then the one named first.
    """

    def __init__(self, meanings: Mapping[str, T] | Iterable[tuple[str, T]]) -> None:
        pairs = meanings.items() if isinstance(meanings, Mapping) else meanings
        self._by_first: dict[str, list[tuple[tuple[Spelling, ...], T]]] = {}
        for phrase, meaning in pairs:
            words = tuple(part.said if part.kind == "word" else Spelling(part.text, "", ()) for part in tokens(phrase))
            self._by_first.setdefault(words[0].bare, []).append((words, meaning))
        for several in self._by_first.values():
            several.sort(key=lambda one: -len(one[0]))

    def stands_in(self, row: list[Token]) -> bool:
        """Whether something may begin anywhere in the row; False is certain, and quicker than looking everywhere."""
        firsts = self._by_first
        return any((token.said.bare if token.kind == "word" else token.text) in firsts for token in row)

    def at(self, row: list[Token], i: int) -> tuple[T, int] | None:
        """What stands at `row[i]`, and how many tokens it takes."""
        if i >= len(row):
            return None
        token = row[i]
        several = self._by_first.get(token.said.bare if token.kind == "word" else token.text)
        if several is None:
            return None
        best: tuple[T, int] | None = None
        for words, meaning in several:
            if best is not None and len(words) < best[1]:
                break
            if i + len(words) > len(row):
                continue
            same = True
            for k, word in enumerate(words):
                other = row[i + k]
                if other.kind == "word":
                    if other.said == word:
                        continue
                    same = False
                    if not may_be(other.said, word):
                        break
                elif other.text != word.bare or word.tone:
                    break
            else:
                if same:
                    return meaning, len(words)
                best = best or (meaning, len(words))
        return best

    def word(self, said: Spelling) -> T | None:
        """The meaning of one word on its own."""
        found = self.at([Token("word", said.bare, said, glued=False)], 0)
        return found[0] if found else None
