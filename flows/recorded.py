"""What a record holds beside the form's own questions: its name, and the entities that it creates or updates.

They are calculations like any other, in a group `meta` as in ODK's own records, so that whatever reads a record reads
them too; no expression can name them.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from flows.model import Entity, Flow, Group, Item, Question, Repeat

META: Final = "meta"


def recorded(flow: Flow) -> tuple[Item, ...]:
    """The items of a flow with what is recorded beside them at the end of the form, or of a repeat that entities stand in."""
    inner: dict[str, list[Item]] = {}
    for number, entity in enumerate(flow.entities, start=1):
        name = "entity" if number == 1 else f"entity_{number}"
        inner.setdefault(_home(flow, entity), []).append(_entity(flow, entity, name))
    if flow.instance_name is not None:
        place = flow.places.get("instance_name", flow.place)
        name_of = Question(name="instanceName", type="calculate", calculation=flow.instance_name, place=place)
        inner.setdefault("", []).insert(0, name_of)
    return _with(flow.items, inner, "") if inner else flow.items


def is_meta(path: str) -> bool:
    """Whether a node stands in such a group."""
    return META in path.split("/")[:-1]


def of_entity(question: Question, entity: Entity, flow: Flow) -> str:
    """The property of an entity that a question is saved to; "": none of its. `LIST#property` names one of several."""
    dataset, mark, name = question.save_to.rpartition("#")
    if mark:
        return name if dataset == entity.list_name else ""
    return name if entity is flow.entities[0] else ""


def _with(items: Iterable[Item], inner: dict[str, list[Item]], path: str) -> tuple[Item, ...]:
    found: list[Item] = []
    for item in items:
        if isinstance(item, Question):
            found.append(item)
        else:
            found.append(item.but(items=_with(item.items, inner, f"{path}{item.name}/")))
    if path in inner and all(item.name != META for item in found):
        found.append(Group(name=META, items=tuple(inner[path])))
    return tuple(found)


def _home(flow: Flow, entity: Entity) -> str:
    """The path of the innermost repeat that all questions of an entity stand in, with "/" at its end; "": none."""
    homes = [home for question, home in _placed(flow.items, "", "") if of_entity(question, entity, flow)]
    return max(homes, key=len) if homes and all(max(homes, key=len).startswith(home) for home in homes) else ""


def _placed(items: Iterable[Item], path: str, repeat: str) -> Iterator[tuple[Question, str]]:
    for item in items:
        if isinstance(item, Question):
            yield item, repeat
        else:
            here = f"{path}{item.name}/"
            yield from _placed(item.items, here, here if isinstance(item, Repeat) else repeat)


def _entity(flow: Flow, entity: Entity, name: str) -> Group:
    """ODK's own leaves, and beneath `properties` what the questions save.

    With an `entity_id` it is updated, without one created; with both conditions, whichever holds.
    """
    place = entity.place
    creates = (entity.create_if or "true()") if not entity.entity_id or entity.create_if else ""
    updates = (entity.update_if or "true()") if entity.entity_id else ""
    known = f"({updates})" if updates else ""

    def leaf(name: str, calculation: str, default: str | None = None) -> Question:
        return Question(name=name, type="calculate", calculation=calculation or None, default=default, place=place)

    found = [leaf("dataset", f"'{entity.list_name}'")]
    found.append(leaf("id", entity.entity_id) if entity.entity_id else leaf("id", "", "uuid()"))
    if creates:
        found.append(leaf("create", f"if({creates}, '1', '')"))
    if updates:
        found.append(leaf("update", f"if({updates}, '1', '')"))
    if entity.label:
        found.append(leaf("label", entity.label))
    saved = [(of_entity(question, entity, flow), question.name) for question in flow.questions()]
    properties = tuple(leaf(name, f"${{{question}}}") for name, question in saved if name)
    items: tuple[Item, ...] = (*found, Group(name="properties", items=properties)) if properties else tuple(found)
    conditions = " or ".join(filter(None, (f"({creates})" if creates else "", known)))
    relevant = None if "true()" in {creates, updates} else conditions
    return Group(name=name, relevant=relevant, items=items, place=place)
