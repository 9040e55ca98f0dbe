"""Expectations about expressions that three reference engines share, and 53 traps, held against ours."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Final
from xml.dom import minidom

from flows.expressions import ExpressionError, compile_expression
from flows.expressions.env import Atom, Env, Node, Ref
from flows.expressions.values import to_atom, to_text
from tests.flows.test_expressions_world import World, compiled

ZONES: Final[Mapping[str, tzinfo]] = {
    "America/Phoenix": timezone(timedelta(hours=-7)),  # no summer time there
    "UTC": UTC,
    "GMT": UTC,
}


@dataclass(frozen=True)
class Xml:
    """A node of an XML document; its value is the text in it."""

    dom: Any

    @property
    def name(self) -> str:
        if self.dom.nodeType == self.dom.DOCUMENT_NODE:
            return ""
        return str(self.dom.nodeName) if self.dom.nodeType in (self.dom.ELEMENT_NODE, self.dom.ATTRIBUTE_NODE) else ""

    def parent(self) -> Node | None:
        dom = self.dom
        above = dom.ownerElement if dom.nodeType == dom.ATTRIBUTE_NODE else dom.parentNode
        return None if above is None else Xml(above)

    def children(self, name: str) -> Sequence[Node]:
        name = name.removeprefix("xhtml:")
        if name.startswith("@"):
            attributes = self.dom.attributes.values() if getattr(self.dom, "attributes", None) else ()
            return [Xml(each) for each in attributes if name == "@*" or each.nodeName == name[1:]]
        elements = (each for each in self.dom.childNodes if each.nodeType == each.ELEMENT_NODE)
        return [Xml(each) for each in elements if name in ("*", each.nodeName)]

    def value(self) -> Atom:
        return "".join(_texts(self.dom))

    def position(self) -> int:
        siblings = [each for each in self.dom.parentNode.childNodes if each.nodeName == self.dom.nodeName]
        return siblings.index(self.dom) + 1

    def key(self) -> str:
        return str(id(self.dom))


def _texts(dom: Any) -> Sequence[str]:
    if dom.nodeType in (dom.ELEMENT_NODE, dom.DOCUMENT_NODE):
        kinds = (dom.ELEMENT_NODE, dom.TEXT_NODE, dom.CDATA_SECTION_NODE)
        return [text for each in dom.childNodes if each.nodeType in kinds for text in _texts(each)]
    return [str(dom.value if dom.nodeType == dom.ATTRIBUTE_NODE else dom.data)]


class XmlWorld(World):
    """A document as scope and env at once."""

    def __init__(self, document: Xml, context: Xml, zone: tzinfo, clock: str) -> None:
        super().__init__(candidate=context.value())
        self.document = document
        self.paths: list[tuple[Sequence[str], bool]] = []
        self.context = context
        self.now = datetime.fromisoformat(f"{clock}T12:00:00").replace(tzinfo=zone)

    def name(self, name: str) -> Ref | None:
        return None

    def path(self, steps: Sequence[str], *, absolute: bool) -> Ref | None:
        self.paths.append((steps, absolute))
        return Ref(len(self.paths) - 1, steps[-1], many=True, leaf=False)  # whatever the path says: it has to be walked

    def nodes(self, node: int) -> Sequence[Node]:
        steps, absolute = self.paths[node]
        found: list[Node] = [self.document if absolute else self.context]
        for step in steps:
            if step == "..":
                found = [above for each in found if (above := each.parent())]
            else:
                found = [below for each in found for below in each.children(step)]
        return found

    def column(self, name: str) -> bool:
        return False

    def table(self, name: str) -> Any:
        found = [each for each in self.document.dom.getElementsByTagName("instance") if each.getAttribute("id") == name]
        return Xml(found[0]) if found else None

    def rows(self, table: str, column: str, key: str) -> Sequence[Mapping[str, str]]:
        items = [item for root in self.table(table).children("root") for item in root.children("item")]
        rows = [{cell.name: str(cell.value()) for cell in item.children("*")} for item in items]
        return [row for row in rows if row.get(column) == key]

    def here(self) -> Node:
        return self.context

    def current(self) -> Node:
        return self.context

    def root(self) -> Node:
        return self.document

    def at(self, node: Node) -> Env:
        raise AssertionError(node)


def _document(case: Mapping[str, Any], documents: Mapping[str, str]) -> Xml:
    return Xml(minidom.parseString(documents[case["doc"]] if case["doc"] else "<empty/>"))


def _context(document: Xml, path: str) -> Xml:
    """The node at "/*[1]/*[2]/text()[1]"."""
    dom = document.dom
    for test, place in re.findall(r"/(@?[\w:*-]+(?:\(\))?)(?:\[(\d+)\])?", path):
        if test.startswith("@"):
            dom = dom.getAttributeNode(test[1:])
            continue
        kind = {
            "*": dom.ELEMENT_NODE,
            "text()": dom.TEXT_NODE,
            "comment()": dom.COMMENT_NODE,
            "processing-instruction()": dom.PROCESSING_INSTRUCTION_NODE,
        }[test]
        kinds = (kind, dom.CDATA_SECTION_NODE) if kind == dom.TEXT_NODE else (kind,)
        dom = [each for each in dom.childNodes if each.nodeType in kinds][int(place) - 1]
    return Xml(dom)


def _is_met(case: Mapping[str, Any], world: XmlWorld) -> bool:
    """Whether a case comes out as expected; raises `ExpressionError` where it was not expected to."""
    expected = case["expected"]
    if case["kind"] == "throws":
        try:
            return compile_expression(case["expr"], world).reached(world) is not None
        except ExpressionError:
            return True
    expression = compile_expression(case["expr"], world)
    if (error := expression.reached(world)) is not None:
        raise error
    match case["kind"]:
        case "boolean":
            return expression.boolean(world) is bool(expected)
        case "number" | "number_rounded":
            return _is_number(expression.number(world), float(expected), case)
        case "date":
            return to_text(to_atom(expression.value(world)))[:10] == str(expected)
        case _:
            return to_text(to_atom(expression.value(world))) == str(expected)


def _is_number(found: float, expected: float, case: Mapping[str, Any]) -> bool:
    if math.isnan(expected) or math.isinf(expected):
        return repr(found) == repr(expected)
    if case["kind"] == "number_rounded":
        return math.isclose(round(found * case["factor"]) / case["factor"], expected, abs_tol=1e-9)
    return math.isclose(found, expected, rel_tol=1e-12, abs_tol=case.get("tolerance", 1e-9))


DECIDED: Final = {
    "c19": "a date in quotes counts as a date, as in Enketo and web-forms",
    "c22": "date(number) is stored as a date, as in web-forms; JavaRosa adds a midnight",
}


def run(folder: Path) -> tuple[dict[str, int | float], list[str]]:
    """The core cases of xpath_cases.json: figures, and a line per case that comes out otherwise."""
    corpus = json.loads((folder / "xpath_cases.json").read_text(encoding="utf-8"))
    cases = [case for case in corpus["cases"] if case["tier"] == "core" and not case.get("beyond_odk")]
    wrong: list[str] = []
    for case in cases:
        document = _document(case, corpus["docs"])
        world = XmlWorld(document, _context(document, case["context"]), ZONES[case["tz"]], corpus["meta"]["clock_date"])
        told = f"{case['id']} {case['expr']!r}: expected {case['expected']!r}"
        try:
            if not _is_met(case, world):
                wrong.append(f"{told}, came out otherwise")
        except ExpressionError as error:
            wrong.append(f"{told}, refused: {error}")
    right = len(cases) - len(wrong)
    figures: dict[str, int | float] = {
        "cases": len(cases),
        "right": right,
        "wrong": len(wrong),
        "share": round(right / len(cases), 4) if cases else 0.0,
    }
    return figures, wrong


def run_traps(folder: Path) -> tuple[dict[str, int | float], list[str]]:
    """tricky53.json: how many come out as JavaRosa stored them, and those that do not."""
    cases = json.loads((folder / "tricky53.json").read_text(encoding="utf-8"))["cases"]
    wrong = [
        f"{case['id']} {case['expr']}: JavaRosa {case['javarosa']!r}, web-forms {case['webforms']!r}, here {found!r}"
        for case in cases
        if (found := compiled(case["expr"]).text(World())) != case["javarosa"]
    ]
    decided = sum(line.split()[0] in DECIDED for line in wrong)
    return {
        "cases": len(cases),
        "as_javarosa": len(cases) - len(wrong),
        "decided": decided,
        "wrong": len(wrong) - decided,
    }, wrong
