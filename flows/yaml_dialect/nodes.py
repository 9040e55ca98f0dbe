"""YAML text → a tree of texts, lists and mappings that remember line and column, and nothing else.

YAML can do far more than a form needs, and most of the rest has hurt somebody: aliases that unfold to 9^9 nodes,
tags that build objects, `NO` that becomes false, a second key that silently wins. So only its grammar is used
(PyYAML's events); what the words mean is decided by whoever knows which kind is wanted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from flows.problems import Place, Problem

BYTES_MAX: Final = 1_000_000  # of a file; the largest of our own is 45 kB
DEPTH_MAX: Final = 20  # a question's label stands at depth 4, each nested group adds two
NODES_MAX: Final = 200_000

# libyaml where it is there: PyYAML's own scanner takes no "?" in `{label: How old?}`, and is twenty times slower.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE: Final = re.compile(
    "[^\\t\\n\\r -~\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
)  # YAML 1.2 §5.1

Spot: TypeAlias = tuple[int, int]  # (line, column), both from 1


@dataclass(frozen=True, slots=True)
class Scalar:
    """One word or text, never interpreted. `spot` is where its first character stands, behind a quote."""

    text: str
    plain: bool  # written without quotes, on its own: only such a one can be null, true or false
    spot: Spot

    @property
    def is_null(self) -> bool:
        """Whether nothing was written: YAML 1.2 core's null."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    spot: Spot
    nodes: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with texts as keys; `keys` says where each key stands."""

    spot: Spot
    nodes: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, Spot] = field(default_factory=dict)


Node: TypeAlias = Scalar | Items | Fields


def parse(text: str, *, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one document and everything wrong with it as YAML; None when there is no tree to speak of."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > BYTES_MAX:
        facts = {"bytes": str(size), "most": str(BYTES_MAX)}
        return None, [Problem(code="yaml_too_large", place=Place(file=file), facts=facts)]
    builder = _Builder(text, file)
    odd = _UNPRINTABLE.search(text)
    if odd:
        builder.note("bad_character", _spot_of(text, odd.start()), character=f"U+{ord(odd[0]):04X}")
        return None, builder.problems
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
            if builder.is_given_up:
                return None, builder.problems
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        what = wrong.problem or wrong.context or ""
        spot = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        builder.note("yaml_tab" if builder.is_tab(spot) else "yaml_syntax", spot, what=what)
        return None, builder.problems
    except (ValueError, yaml.YAMLError) as wrong:
        # PyYAML itself trips over escapes such as "\UFFFFFFFF" (ValueError from chr) instead of reporting them.
        builder.note("yaml_syntax", (1, 1), what=str(wrong))
        return None, builder.problems
    if builder.root is None and not builder.problems:
        builder.note("yaml_empty", (1, 1))
    return builder.root, builder.problems


def walk(node: Node) -> Iterator[Node]:
    """This node and every one below it, in the order of the text."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Items):
            stack.extend(reversed(node.nodes))
        elif isinstance(node, Fields):
            stack.extend(reversed(node.nodes.values()))


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    node: Items | Fields
    key: Scalar | None = None
    awaits_value: bool = False


class _Builder:
    """Takes events one by one, with a stack of its own: depth is counted before anything recurses."""

    def __init__(self, text: str, file: str) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.is_given_up = False
        self._lines = text.splitlines()
        self._file = file
        self._stack: list[_Open] = []
        self._count = 0
        self._documents = 0

    def note(self, code: str, spot: Spot, **facts: str) -> None:
        self.problems.append(
            Problem(code=code, place=Place(file=self._file, line=spot[0], column=spot[1]), facts=facts)
        )

    def is_tab(self, spot: Spot) -> bool:
        return spot[0] <= len(self._lines) and self._lines[spot[0] - 1][spot[1] - 1 : spot[1]] == "\t"

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._give_up("yaml_many_documents", _start(event))
            case yaml.AliasEvent():
                self.note("yaml_alias", _start(event), name=event.anchor or "")
                self._put(Scalar("", plain=True, spot=_start(event)))
            case yaml.ScalarEvent():
                self._refuse_extras(event)
                self._put(self._scalar(event))
            case yaml.SequenceStartEvent():
                self._refuse_extras(event)
                self._push(Items(_start(event)))
            case yaml.MappingStartEvent():
                self._refuse_extras(event)
                self._push(Fields(_start(event)))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._stack.pop()
            case _:
                pass

    def _give_up(self, code: str, spot: Spot, **facts: str) -> None:
        self.note(code, spot, **facts)
        self.is_given_up = True

    def _refuse_extras(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self.note("yaml_anchor", _start(event), name=event.anchor)
        if event.tag is not None:
            self.note("yaml_tag", _start(event), tag=event.tag)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        spot = self._content_spot(event)
        odd = _ODD.search(event.value)
        if odd:
            self.note("bad_character", spot, character=f"U+{ord(odd[0]):04X}")
        return Scalar(_ODD.sub("�", event.value), plain=not event.style, spot=spot)

    def _content_spot(self, event: yaml.ScalarEvent) -> Spot:
        line, column = _start(event)
        if event.style in {"'", '"'}:
            return line, column + 1
        if event.style in {"|", ">"} and event.end_mark is not None:
            for number in range(line, min(event.end_mark.line, len(self._lines))):
                if self._lines[number].strip():
                    return number + 1, len(self._lines[number]) - len(self._lines[number].lstrip()) + 1
        return line, column

    def _push(self, node: Items | Fields) -> None:
        if len(self._stack) >= DEPTH_MAX:
            self._give_up("yaml_too_deep", node.spot, most=str(DEPTH_MAX))
            return
        self._put(node)
        self._stack.append(_Open(node))

    def _put(self, node: Node) -> None:
        self._count += 1
        if self._count > NODES_MAX:
            self._give_up("yaml_too_many_nodes", node.spot, most=str(NODES_MAX))
        elif not self._stack:
            self.root = node
        elif isinstance((top := self._stack[-1]).node, Items):
            top.node.nodes.append(node)
        elif not top.awaits_value:
            top.awaits_value = True
            top.key = node if isinstance(node, Scalar) else None
            if top.key is None:
                self.note("yaml_key_not_text", node.spot)
        else:
            top.awaits_value = False
            self._add(top.node, top.key, node)

    def _add(self, fields: Fields, key: Scalar | None, node: Node) -> None:
        if key is None:
            return
        if key.plain and key.text == "<<":
            self.note("yaml_merge", key.spot)
        elif key.text in fields.nodes:
            line, column = fields.keys[key.text]
            self.note("yaml_duplicate_key", key.spot, key=key.text, line=str(line), column=str(column))
        else:
            fields.nodes[key.text] = node
            fields.keys[key.text] = key.spot


_ODD: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # can only come from escapes: "\0", "\ud800"


def _start(event: yaml.Event) -> Spot:
    if event.start_mark is None:
        return 1, 1
    return event.start_mark.line + 1, event.start_mark.column + 1


def _spot_of(text: str, position: int) -> Spot:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
