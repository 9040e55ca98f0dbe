"""What a talk records of itself: when it began and ended, who by a name that tells nothing, and the log of its answers."""

from dataclasses import replace

from flows.engine import step
from flows.record import record_of
from flows.session import Session, Started, Typed
from flows.world import World
from flows.xlsform import flow_to_sheets, make_sheet, to_flow
from flows.yaml_dialect import flow_to_yaml, read_flow, without_places
from tests.flows.test_xlsform_semantics import machine
from tests.scenario import MINUTE, MONDAY

FORM = (
    "chat::widget |\n| | start | begun | | |\n| | end | ended | | |\n| | today | day | | |\n| | deviceid | who | | |\n"
    "| | username | login | | |\n| | phonenumber | phone | | |\n| | audit | | | |\n| | text | a | A? | |\n"
    "| | text | tel | Số? | share_phone |\n"
)


def talked(*events: object) -> tuple[Session, dict[str, object]]:
    form = machine(FORM)
    session = Session("s", form.name, form.version, "vi", seed=1)
    at = MONDAY
    for event in (Started(MONDAY, "vi", device="abc"), *events):
        at = getattr(event, "at", at)
        session, _ = step(form, session, event)  # type: ignore[arg-type]
    return session, dict(record_of(World(form, session, at)))


def test_the_record_tells_when_and_who() -> None:
    _, record = talked(Typed(MONDAY + MINUTE, "x"), Typed(MONDAY + 3 * MINUTE, "0912345678"))
    audit = record.pop("audit")
    assert record == {
        "begun": "2026-11-23T09:00:00.000+07:00", "ended": "2026-11-23T09:03:00.000+07:00", "day": "2026-11-23",
        "who": "abc", "phone": "0912345678", "a": "x", "tel": "0912345678",
    }  # fmt: skip
    assert audit == "\n".join([
        "event,node,start,end",
        f"form start,,{MONDAY},",
        f"question,/data/a,{MONDAY},{MONDAY + MINUTE}",
        f"question,/data/tel,{MONDAY + MINUTE},{MONDAY + 3 * MINUTE}",
    ])  # fmt: skip


def test_a_session_from_before_has_no_name_and_nobody_is_made_up() -> None:
    session, _ = talked()
    form = machine(FORM)
    assert "who" not in record_of(World(form, replace(session, device=""), MONDAY))


def test_it_goes_both_ways() -> None:
    flow = machine(FORM).flow
    assert [q.meta for q in flow.questions()][:7] == [
        "start",
        "end",
        "today",
        "deviceid",
        "username",
        "phonenumber",
        "audit",
    ]
    sheets = [
        make_sheet(s.name, [s.headers, *([row.get(h, "") for h in s.headers] for row in s.rows)])
        for s in flow_to_sheets(flow)
    ]
    again, problems = to_flow(sheets)
    assert again is not None
    assert without_places(again) == without_places(flow)
    assert [(p.code, p.facts["type"]) for p in problems] == [("sheet_metadata", "username")]
    assert without_places(read_flow(flow_to_yaml(flow), file="f.yaml")) == without_places(flow)
