"""Names, lists, tables and jumps: whether what a form points at is there."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from flows.checks.form import Form, Node
from flows.matrix import TABLE, list_of
from flows.model import SELECTS, SILENT, Choice, Group, Question, Repeat, Table
from flows.nearest import nearest
from flows.problems import Place, Problem, problem

QUESTIONS_MAX: Final = 5_000  # of one flow; the largest real form seen has 1,554
WIDGETS: Final = frozenset({
    "buttons", "stars", "nps", "likert", "money", "typeahead", "rank_tap", "share_phone", "calendar",
})  # fmt: skip
PARSES: Final = frozenset({"money_vi", "number_vi", "phone_vn", "phone_any", "mst", "date_vi", "ward_vn", "email"})
PII: Final = frozenset({"basic", "sensitive", "consent"})


def structure(form: Form) -> Iterator[Problem]:
    """What is missing, twice there, or pointed at in vain."""
    yield from _flow(form)
    for node in form.nodes:
        if not _NAME.fullmatch(node.item.name) and node.item.name:
            yield problem("bad_name", _at(node, "name"), name=node.item.name)
        if isinstance(node.item, Question):
            yield from _question(form, node, node.item)
        elif not node.item.items:
            yield problem("empty_group", node.item.place, group=node.item.name)
        elif TABLE in node.item.appearance.split():
            yield from _table(node.item)
    yield from _names(form)
    yield from _lists(form)


_NAME: Final = re.compile(r"[^\W\d][\w.-]*")  # letters of any script; "/", "[" and "#" mean something in a path
_FLOW_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")  # part of a link that may have 64 characters in all
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _table(group: Group | Repeat) -> Iterator[Problem]:
    """What stands in a table and cannot be a row of it is asked on a card of its own."""
    asked = [item for item in group.items if isinstance(item, Question) and item.type not in SILENT | {"note"}]
    columns = next((found for item in asked if (found := list_of(item)) is not None), None)
    for item in asked:
        if list_of(item) != columns or columns is None:
            yield problem("mixed_table", _cell(item, "type"), name=item.name, group=group.name)


def _flow(form: Form) -> Iterator[Problem]:
    flow = form.flow
    if flow.name and not _FLOW_NAME.fullmatch(flow.name):
        yield problem("bad_name", flow.places.get("flow", flow.place), name=flow.name)
    for number, language in enumerate(flow.languages):
        if not _LANGUAGE.fullmatch(language):
            place = flow.places.get(f"languages.{number}", flow.place)
            yield problem("bad_language", place, language=language)
    if not any(question.type not in SILENT for _, question in form.questions):
        yield problem("no_questions", flow.places.get("questions", flow.place))
    for number, name in enumerate(flow.one_open_per):
        if name not in form.by_name and name not in {"chat_user", "person"}:
            place = flow.places.get(f"one_open_per.{number}", flow.place)
            near = nearest(name, form.by_name)
            yield problem("unknown_name", place, reference=name, nearest=near, name="", cell="one_open_per", at="1")


def _names(form: Form) -> Iterator[Problem]:
    """The same name twice side by side is an error; elsewhere it is one only where somebody refers to it."""
    referred = _referred(form)
    for name, found in form.by_name.items():
        if len(found) < 2 or not name:
            continue
        first = form.nodes[found[0]]
        parents = Counter(form.nodes[index].parent for index in found)
        for index in found[1:]:
            node = form.nodes[index]
            code = (
                "duplicate_name"
                if parents[node.parent] > 1
                else "ambiguous_name"
                if name in referred
                else "name_reused"
            )
            yield problem(code, _at(node, "name"), name=name, first=str(_at(first, "name")))


def _referred(form: Form) -> set[str]:
    found = set(form.flow.summary)
    for cell in form.cells:
        found.update(_REFERENCE.findall(cell.source))
    for node, question in form.questions:
        found.update(jump.to for jump in question.next)
        for words in (node.item.label, question.hint):
            for text in words.values():
                found.update(_REFERENCE.findall(text))
    return found


_REFERENCE: Final = re.compile(r"\$\{\s*([^}\s]+)\s*\}")


def _question(form: Form, node: Node, question: Question) -> Iterator[Problem]:
    given = question.calculation or question.default or "".join(question.trigger)
    if question.type == "calculate" and not given.strip():
        yield problem("missing_calculation", question.place, name=question.name)
    if question.type in SELECTS or question.list_name is not None:
        yield from _chooses(form, question)
    yield from _words(question)
    yield from _range(question)
    for number, jump in enumerate(question.next):
        place = question.places.get(f"next.{number}.to", jump.place)
        yield from _jump(form, node, jump.to, place)
    for number, name in enumerate(question.chat.accept_range):
        if name not in form.by_name:
            place = question.places.get(f"chat.accept_range.{number}", question.place)
            near = nearest(name, form.by_name)
            yield problem(
                "unknown_name",
                place,
                reference=name,
                nearest=near,
                name=question.name,
                cell="chat.accept_range",
                at="1",
            )


def _chooses(form: Form, question: Question) -> Iterator[Problem]:
    flow, place = form.flow, _cell(question, "list" if question.type in SILENT else "type")
    if question.answers_of is not None:
        found = form.by_name.get(question.answers_of, ())
        if not any(form.question(index) is not None and form.nodes[index].repeats for index in found):
            yield problem("choices_from_repeat", place, name=question.name, question=question.answers_of)
        return
    if question.file is None:
        if question.list_name not in flow.choices:
            name = question.list_name or ""
            yield problem("unknown_list", place, list=name, name=question.name, nearest=nearest(name, flow.choices))
        return
    table = flow.tables.get(question.file)
    if table is None:
        yield problem("missing_table", place, file=question.file, name=question.name)
        return
    yield from _columns(question, question.file, table)


def _columns(question: Question, file: str, table: Table) -> Iterator[Problem]:
    place = question.places.get("parameters", question.place)
    for key, otherwise in (("value", "name"), ("label", "label")):
        column = question.parameters.get(key, otherwise)
        if column not in table.columns:
            yield problem("missing_column", place, file=file, column=column, name=question.name)
    if not table.rows:
        yield problem("empty_list", place, list=file)
    column = question.parameters.get("value", "name")
    if column in table.columns:
        values = Counter(row[table.columns.index(column)] for row in table.rows)
        for value, times in values.items():
            if times > 1 or not value or " " in value:
                yield problem("bad_value", place, file=file, column=column, value=value)


def _words(question: Question) -> Iterator[Problem]:
    chat = question.chat
    cells = (("chat.widget", chat.widget, WIDGETS), ("chat.parse", chat.parse, PARSES), ("pii", question.pii, PII))
    for key, word, known in cells:
        if word is not None and word not in known:
            yield problem("unknown_word", _cell(question, key), key=key, word=word, nearest=nearest(word, known))


def _range(question: Question) -> Iterator[Problem]:
    if question.type != "range":
        return
    numbers: dict[str, float] = {}
    for key, otherwise in (("start", "0"), ("end", "10"), ("step", "1")):
        try:
            numbers[key] = float(question.parameters.get(key, otherwise))
        except ValueError:
            numbers[key] = float("nan")
    if not (
        numbers["start"] != numbers["end"] and numbers["step"] > 0 and all(abs(n) < 1e15 for n in numbers.values())
    ):
        facts = {key: question.parameters.get(key, "") for key in numbers}
        yield problem("bad_range", _cell(question, "parameters"), name=question.name, **facts)


def _jump(form: Form, node: Node, to: str, place: Place) -> Iterator[Problem]:
    found = [form.nodes[index] for index in form.by_name.get(to, ())]
    facts = {"name": node.item.name, "to": to}
    if not found:
        yield problem("unknown_target", place, nearest=nearest(to, form.by_name), **facts)
    elif not any(target.index > node.index for target in found):
        yield problem("target_backwards", place, **facts)
    elif not any(target.index > node.index and target.repeats == node.repeats for target in found):
        yield problem("target_in_repeat", place, **facts)


def _lists(form: Form) -> Iterator[Problem]:
    used = {question.list_name for _, question in form.questions}
    sources = " ".join(cell.source for cell in form.cells)
    for name, options in form.flow.choices.items():
        place = options[0].place if options else form.flow.places.get("choices", form.flow.place)
        if name not in used and name not in sources:
            yield problem("list_unused", place, list=name)
        if not options:
            yield problem("empty_list", place, list=name)
        yield from _options(name, options)
    for _, question in form.questions:
        own = form.flow.choices.get(question.list_name or "", ())
        if question.type in SELECTS and len(own) == 1:
            yield problem("single_choice", _cell(question, "type"), name=question.name, list=question.list_name or "")
        yield from _exclusive(question, own)


def _options(name: str, options: tuple[Choice, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for option in options:
        if option.name in seen and option.name:
            yield problem("duplicate_choice", option.place, list=name, choice=option.name)
        if any(letter.isspace() for letter in option.name):
            yield problem("choice_name_blank", option.place, list=name, choice=option.name)
        seen.add(option.name)


_EXCLUSIVE: Final = frozenset(
    {"none", "no_interest", "nothing", "not_applicable", "na", "dont_know", "khong", "khong_co"}
)


def _exclusive(question: Question, options: tuple[Choice, ...]) -> Iterator[Problem]:
    """An option such as "none" beside others: only a constraint keeps people from choosing both."""
    if question.type != "select_multiple":
        return
    for option in options:
        if option.columns.get("exclusive"):
            continue
        if option.name.lower() in _EXCLUSIVE and option.name not in (question.constraint or ""):
            yield problem("exclusive_choice", _cell(question, "type"), name=question.name, choice=option.name)


def _at(node: Node, cell: str) -> Place:
    return node.item.places.get(cell, node.item.place)


def _cell(question: Question, cell: str) -> Place:
    return question.places.get(cell, question.place)
