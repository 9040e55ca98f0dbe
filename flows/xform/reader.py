"""XForm XML → a flow: the primary instance gives the tree, binds the rules, the body what is asked and how.

Taken is what ODK's own tools make of a workbook: controls, groups, repeats, `itext`, secondary instances, `setvalue`. What
is something else is left out, and told.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

from flows.model import Choice, Flow, Group, Item, Question, Repeat, Text
from flows.problems import Place, Problem, problem
from flows.xform.words import Words, last_name, local

BYTES_MAX: Final = 10_000_000
DEEP_MAX: Final = 40  # elements of the instance within each other
_JR: Final = "{http://openrosa.org/javarosa}"


def read_xform(text: str, file: str = "form.xml") -> tuple[Flow | None, tuple[Problem, ...]]:
    """The flow that an XForm describes, and what of it is left out; None where it cannot be read at all.

    Nothing in the text raises.
    """
    place = Place(file=file)
    if (
        len(text) > BYTES_MAX or "<!DOCTYPE" in text or "<!ENTITY" in text
    ):  # no form needs one, and it can grow without end
        return None, (problem("xform_unreadable", place, what="DOCTYPE" if "<!" in text else str(BYTES_MAX)),)
    try:
        root = ET.fromstring(text)  # noqa: S314 — without a DOCTYPE nothing in it can stand for something else
        return _Reader(root, place).flow(file.rpartition(".")[0] or "form")
    except (ET.ParseError, ValueError, RecursionError) as wrong:
        return None, (problem("xform_unreadable", place, what=str(wrong)[:200]),)


class _Reader:
    """Reads one form."""

    def __init__(self, root: ET.Element, place: Place) -> None:
        self.place = place
        self.problems: list[Problem] = []
        self.root = root
        model, self.body = _first(root, "model"), _first(root, "body")
        if model is None or self.body is None:
            raise ValueError("model, body")
        self.words = Words(model)
        instances = [each for each in model if local(each.tag) == "instance"]
        if not instances or not len(instances[0]):
            raise ValueError("instance")
        self.primary = instances[0][0]
        self.top = local(self.primary.tag)
        self.binds: dict[str, dict[str, str]] = {}
        self.ids: dict[str, str] = {}
        for each in model:
            if local(each.tag) == "bind":
                at = self.names_of(each.get("nodeset", ""), ())
                self.ids[each.get("id", "")] = each.get("nodeset", "")
                self.binds.setdefault("/".join(at), {}).update({local(k): v for k, v in each.attrib.items()})
        self.choices: dict[str, tuple[Choice, ...]] = {}
        for each in instances[1:]:
            self.secondary(each)
        self.controls: dict[str, ET.Element] = {}
        self.repeats: dict[str, ET.Element] = {}
        self.headings: dict[str, ET.Element] = {}
        self.contexts: dict[str, tuple[str, ...]] = {}
        self.collect(self.body, (), None)
        self.sets: list[tuple[str, str, str, str]] = [  # where, event, value, what sets it off
            *self.events(model, "", ()),
            *(
                found
                for at, control in [*self.controls.items(), *self.repeats.items()]
                for found in self.events(control, at, self.contexts.get(at, ()))
            ),
        ]

    def names_of(self, path: str, here: tuple[str, ...]) -> tuple[str, ...]:
        """The names below the root that a path leads to."""
        path = path.strip()
        found = [] if path.startswith("/") else list(here)
        steps = [step for step in path.split("/") if step]
        for step in steps[1:] if path.startswith("/") else steps:
            if step == "..":
                found = found[:-1]
            elif step != ".":
                found.append(step.rpartition(":")[2])
        return tuple(found)

    def collect(self, element: ET.Element, here: tuple[str, ...], heading: ET.Element | None) -> None:
        """Every control, repeat and heading of the body by its path."""
        for each in element:
            tag = local(each.tag)
            named = each.get("ref") or each.get("nodeset")
            at = self.names_of(named, here) if named is not None else here
            path = "/".join(at)
            if tag == "repeat":
                self.repeats[path] = each
                self.headings.setdefault(path, heading if heading is not None else each)
                self.collect(each, at, None)
            elif tag == "group":
                if named is not None:
                    self.headings[path] = each
                self.collect(each, at, each)
            elif tag in _CONTROLS and named is not None:
                self.controls[path] = each
                self.contexts[path] = here

    def events(self, element: ET.Element, by: str, here: tuple[str, ...]) -> Iterator[tuple[str, str, str, str]]:
        """What `setvalue` puts in."""
        for each in element:
            if local(each.tag) == "setvalue":
                target = "/".join(self.names_of(each.get("ref") or self.ids.get(each.get("bind", ""), ""), here))
                value = each.get("value") or _quoted(each.text or "")
                for event in each.get("event", "").split():
                    yield target, event.rpartition(":")[2], value, by

    def secondary(self, instance: ET.Element) -> None:
        """A list out of a secondary instance: rows of the same shape."""
        rows = [item for root in instance for item in root if len(item)]
        if not rows:
            if instance.get("src"):
                self.passed(instance.get("id", ""), instance.get("src", ""))
            return
        found: list[Choice] = []
        for row in rows:
            columns = {local(cell.tag): "".join(cell.itertext()).strip() for cell in row}
            columns |= {f"@{local(key)}": value for key, value in row.attrib.items()}
            label: Text = {self.words.languages[0]: columns.get("label", "")}
            if "itextId" in columns:
                label = self.words.texts.get(columns["itextId"], {})
            name = columns.get("name") or columns.get("value") or next(iter(columns.values()))
            found.append(Choice(name=name, label=label, columns=columns))
        self.choices[instance.get("id", "")] = tuple(found)

    def passed(self, name: str, what: str) -> None:
        """Tells of something that is left out."""
        self.problems.append(problem("xform_passed", self.place, name=name, what=what))

    def flow(self, name: str) -> tuple[Flow, tuple[Problem, ...]]:
        """The whole form."""
        title = _first(self.root, "title")
        items = tuple(self.items(self.primary, (), 0))
        languages = self.words.languages
        flow = Flow(
            name=_plain_name(self.primary.get("id") or name),
            version=self.primary.get("version") or "1",
            title={languages[0]: " ".join("".join(title.itertext()).split())} if title is not None else {},
            default_language=languages[0],
            languages=languages,
            items=items,
            choices=self.choices,
            place=self.place,
        )
        return flow, tuple(self.problems)

    def items(self, element: ET.Element, at: tuple[str, ...], depth: int) -> Iterator[Item]:
        """What stands in an element of the instance; of a repeat's instances the template or the first."""
        if depth > DEEP_MAX:
            raise ValueError(str(DEEP_MAX))
        seen: set[str] = set()
        for each in element:
            tag = local(each.tag)
            if tag in seen or tag == "meta":
                continue
            seen.add(tag)
            same = [other for other in element if local(other.tag) == tag]
            template = next((other for other in same if other.get(f"{_JR}template") is not None), each)
            yield self.item(template, (*at, tag), depth)

    def item(self, element: ET.Element, at: tuple[str, ...], depth: int) -> Item:
        """One element."""
        path, name = "/".join(at), at[-1]
        bind = self.binds.get(path, {})
        heading = self.headings.get(path)
        label = self.words.of(heading, "label") if heading is not None else {}
        common: dict[str, Any] = {"name": name, "relevant": _rule(bind.get("relevant")), "place": self.place}
        if path in self.repeats:
            repeat = self.repeats[path]
            return Repeat(
                **common, label=label, count=repeat.get(f"{_JR}count"), items=tuple(self.items(element, at, depth + 1))
            )
        if len(element):
            return Group(**common, label=label, items=tuple(self.items(element, at, depth + 1)))
        return self.question(element, at, bind, common)

    def question(
        self, element: ET.Element, at: tuple[str, ...], bind: Mapping[str, str], common: dict[str, Any]
    ) -> Question:
        """A leaf: asked where the body has a control for it."""
        path = "/".join(at)
        control = self.controls.get(path)
        calculation = bind.get("calculate")
        default = _literal(_cast((element.text or "").strip(), bind.get("type", "").rpartition(":")[2]))
        trigger: tuple[str, ...] = ()
        for target, event, value, by in self.sets:
            if target != path:
                continue
            if event in _FIRST:
                default = value if _MARKED.search(value) else f"coalesce({value}, '')"
            elif event == "xforms-value-changed" and by:
                calculation, trigger = value, (last_name(by),)
        if default is None and bind.get("preload"):
            default = _PRELOADED.get((bind["preload"], bind.get("preloadParams", "")))
        rules: dict[str, Any] = {
            "calculation": calculation, "trigger": trigger, "default": default,
            "read_only": _truth(bind.get("readonly")), "required": _truth(bind.get("required")),
            "constraint": bind.get("constraint"), "constraint_message": self.words.said(bind.get("constraintMsg")),
            "required_message": self.words.said(bind.get("requiredMsg")),
        }  # fmt: skip
        whole = bind.get("type", "").rpartition(":")[2] in {"int", "integer"}
        if control is None and calculation and whole:
            rules["calculation"] = f"int({calculation})"
        if control is None:
            return Question(**common, type="calculate" if calculation and not trigger else "hidden", **rules)
        label = self.words.of(control, "label") or {self.words.languages[0]: at[-1]}
        shown: dict[str, Any] = {
            "label": label,
            "hint": self.words.of(control, "hint"),
            "appearance": control.get("appearance", ""),
        }
        return Question(**common, **rules, **shown, **self.kind(control, path, bind.get("type", "string")))

    def kind(self, control: ET.Element, path: str, type_: str) -> dict[str, Any]:
        """The type of a control, with its options or parameters."""
        tag = local(control.tag)
        if tag in _SELECTS:
            return {"type": _SELECTS[tag], **self.listed(control, path)}
        if tag == "upload":
            return {"type": _MEDIA.get(control.get("mediatype", "").partition("/")[0], "file")}
        if tag == "range":
            return {"type": "range", "parameters": {key: control.attrib[key] for key in ("start", "end", "step") if key in control.attrib}}  # fmt: skip
        if tag == "trigger":
            return {"type": "acknowledge"}
        return {"type": _TYPES.get(type_.rpartition(":")[2], "text")}

    def listed(self, control: ET.Element, path: str) -> dict[str, Any]:
        """Where the options of a select come from."""
        itemset = next((each for each in control if local(each.tag) == "itemset"), None)
        if itemset is None:
            items = [each for each in control if local(each.tag) == "item"]
            self.choices[path] = tuple(
                Choice(name=_value(each), label=self.words.of(each, "label") or {self.words.languages[0]: _value(each)})
                for each in items
            )
            return {"list_name": path}
        source = itemset.get("nodeset", "")
        named = _ITEMSET.fullmatch(source.strip())
        if named is None or named[1] not in self.choices:
            self.passed(path, source)
            return {"type": "text"}
        value = next((each.get("ref", "") for each in itemset if local(each.tag) == "value"), "name")
        label = next((each.get("ref", "") for each in itemset if local(each.tag) == "label"), "label")
        return {"list_name": self.as_listed(named[1], value, label), "choice_filter": named[2]}

    def as_listed(self, name: str, value: str, label: str) -> str:
        """The list under the columns that an itemset names."""
        column = label.partition("(")[2].rstrip(")") if "itext" in label else label
        if value == "name" and column in {"label", "itextId"}:
            return name
        key = f"{name}:{value}:{column}"
        first = self.words.languages[0]
        self.choices[key] = tuple(
            each.but(
                name=each.columns.get(value, ""),
                label=each.label if "itext" in label else {first: each.columns.get(column, "")},
            )
            for each in self.choices[name]
        )
        return key


def _first(root: ET.Element, tag: str) -> ET.Element | None:
    return next((each for each in root.iter() if isinstance(each.tag, str) and local(each.tag) == tag), None)


def _value(item: ET.Element) -> str:
    return next(((each.text or "").strip() for each in item if local(each.tag) == "value"), "")


def _quoted(words: str) -> str:
    return "'" + words.strip().replace("'", "’") + "'"


def _cast(words: str, type_: str) -> str:
    """A value as its type keeps it: of a moment the day, of a number the whole."""
    if type_ == "date":
        return words.partition("T")[0]
    if type_ in {"int", "integer"} and _FRACTION.fullmatch(words):
        return words.partition(".")[0]
    return words


def _literal(words: str) -> str | None:
    """A value as a default: in quotes where it would be taken for an expression."""
    return (_quoted(words) if _MARKED.search(words) else words) or None


def _rule(source: str | None) -> str | None:
    return None if source is None or source.strip() in {"true()", ""} else source


def _truth(source: str | None) -> bool | str:
    return {"true()": True, "false()": False, "": False}.get(source or "", source or False)


def _plain_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or "form"


_CONTROLS: Final = frozenset({"input", "select", "select1", "rank", "upload", "range", "trigger"})
_SELECTS: Final = {"select": "select_multiple", "select1": "select_one", "rank": "rank"}
_MEDIA: Final = {"image": "image", "audio": "audio", "video": "video"}
_TYPES: Final = {
    "int": "integer", "integer": "integer", "decimal": "decimal", "date": "date", "time": "time", "dateTime": "datetime",
    "geopoint": "geopoint", "geotrace": "geotrace", "geoshape": "geoshape",
}  # fmt: skip
_FIRST: Final = frozenset({"odk-instance-first-load", "odk-instance-load", "xforms-ready", "odk-new-repeat"})
_PRELOADED: Final = {
    ("date", "today"): "today()", ("timestamp", "start"): "now()", ("timestamp", "end"): "now()",
    ("uid", ""): "concat('uuid:', uuid())",
}  # fmt: skip
_FRACTION: Final = re.compile(r"-?\d+\.\d+")
_MARKED: Final = re.compile(r"\$\{|\(|'")  # what makes a default an expression (`flows.machine`)
_ITEMSET: Final = re.compile(
    r"(?:randomize\()?instance\(\s*['\"]([^'\"]+)['\"]\s*\)/[\w.-]+/[\w.-]+(?:\[(.*)\])?\)?", re.DOTALL
)
