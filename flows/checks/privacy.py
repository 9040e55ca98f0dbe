"""Personal data: marked as such, asked only after consent, and never on its way to a staff chat."""

import re
from collections.abc import Iterator
from typing import Final

from flows.checks.form import Form, Node
from flows.model import GIVEN, MEDIA, SILENT, Question
from flows.nearest import nearest
from flows.problems import Problem, problem


def privacy(form: Form) -> Iterator[Problem]:
    """What the law on personal data (91/2025/QH15) and the masking of staff notices need from a form."""
    for node, question in form.questions:
        if question.pii is None and (why := _looks_personal(question)) is not None:
            yield problem("pii_unmarked", node.item.place, name=question.name, why=why)
    yield from _consents(form)
    yield from _summary(form)


def _consents(form: Form) -> Iterator[Problem]:
    consent = next((n for n, q in form.questions if q.pii == "consent" and q.required is True), None)
    for node, question in form.questions:
        if question.pii in {"basic", "sensitive"} and question.type != "note":
            place = question.places.get("pii", question.place)
            if consent is None:
                yield problem("pii_without_consent", place, name=question.name)
            elif node.index < consent.index:
                yield problem("pii_before_consent", place, name=question.name, consent=consent.item.name)
        if question.pii == "consent":
            yield from _consent(form, question)


def _consent(form: Form, question: Question) -> Iterator[Problem]:
    place = question.places.get("pii", question.place)
    if question.type != "select_one":
        yield problem("consent_not_choice", place, name=question.name)
        return
    if question.default is not None:
        yield problem("consent_default", question.places.get("default", place), name=question.name)
    options = form.options(question)
    if options is not None and (not options & GIVEN or not options - GIVEN):
        facts = {"name": question.name, "given": ", ".join(sorted(GIVEN))}
        yield problem("consent_options", question.places.get("type", place), **facts)


_BY_NAME: Final = re.compile(
    r"(?:^|_)(?:phone|mobile|tel|telephone|sdt|so_dien_thoai|email|e_mail|mail|cccd|cmnd|cmt|can_cuoc|passport|ho_chieu|"
    r"ho_ten|ho_va_ten|full_?name|contact_name|person_name|your_name|respondent_name|dia_chi|address|dob|birth_?date|"
    r"ngay_sinh|date_of_birth|so_tai_khoan|bank_account|tax_code|mst|ma_so_thue)(?:_|$)"
)
_BY_LABEL: Final = re.compile(
    r"\bhọ (?:và )?tên\b|\bsố điện thoại\b|\bsđt\b|\be-?mail\b|\bthư điện tử\b|\bcăn cước\b|\bchứng minh nhân dân\b|\bcccd\b|"
    r"\bcmnd\b|\bsố định danh\b|\bhộ chiếu\b|\bngày sinh\b|\bnăm sinh\b|\bđịa chỉ (?:nhà|thường trú|liên hệ|của)\b|"
    r"\bsố tài khoản\b|\bdân tộc\b|\btôn giáo\b|\bphone number\b|\bfull name\b|\byour name\b|\bdate of birth\b|"
    r"\bidentity card\b|\bpassport\b|\bhome address\b|\bbank account\b|\breligion\b|\bethnic"
)
_PARSES: Final = frozenset({"phone_vn", "phone_any", "mst", "email"})
_TELLING: Final = frozenset(
    {"text", "integer", "decimal", "date", "geopoint", *MEDIA}
)  # types people put themselves into


def _looks_personal(question: Question) -> str | None:
    """The word or reader that gives it away; None when nothing does."""
    if question.type not in _TELLING:
        return None
    if question.chat.parse in _PARSES:
        return question.chat.parse
    if question.type == "geopoint":
        return "geopoint"
    found = _BY_NAME.search(question.name.lower())
    if found is None:
        found = next((hit for label in question.label.values() if (hit := _BY_LABEL.search(label.lower()))), None)
    return found[0].strip("_") if found is not None else None


def _summary(form: Form) -> Iterator[Problem]:
    flow = form.flow
    for number, name in enumerate(flow.summary):
        place = flow.places.get(f"summary.{number}", flow.place)
        found = [form.nodes[index] for index in form.by_name.get(name, ())]
        if not any(isinstance(node.item, Question) for node in found):
            yield problem("summary_unknown", place, name=name, nearest=nearest(name, _question_names(form)))
        for node in found:
            if isinstance(node.item, Question) and (code := _leak(form, node, node.item)) is not None:
                yield problem(code, place, name=name)


def _question_names(form: Form) -> set[str]:
    return {question.name for _, question in form.questions}


def _leak(form: Form, node: Node, question: Question) -> str | None:
    """Why an answer must not leave for a staff chat, its own or those a calculation is made of."""
    seen, todo = {node.index}, [question]
    while todo:
        each = todo.pop()
        if each.pii is not None:
            return "summary_personal"
        if each.type in _FREE or each.answers_of is not None:
            return "summary_free_text"
        if each.type in SILENT:
            for name in _REFERENCE.findall(each.calculation or ""):
                todo += _unseen(form, name, seen)
    return None


_FREE: Final = frozenset({"text", "hidden", "geopoint", "note", *MEDIA})
_REFERENCE: Final = re.compile(r"\$\{\s*([^}\s]+)\s*\}")


def _unseen(form: Form, name: str, seen: set[int]) -> list[Question]:
    found: list[Question] = []
    for index in form.by_name.get(name, ()):
        item = form.nodes[index].item
        if index not in seen and isinstance(item, Question):
            seen.add(index)
            found.append(item)
    return found
