"""Where a chat follows JavaRosa in what a form means: defaults, counts, nested repeats, notes that block."""

import pytest

from flows.engine import step
from flows.machine import Machine, compile
from flows.model import Flow
from flows.record import record_of
from flows.session import Located, Session, Show, Started, Tapped, Tell, Typed, View
from flows.walk import walk
from flows.world import World
from flows.xlsform import flow_to_sheets, make_sheet, read_markdown, to_flow
from flows.yaml_dialect import without_places
from tests.scenario import MONDAY


def machine(rows: str) -> Machine:
    flow, problems = to_flow(read_markdown("| survey |\n| | type | name | label | " + rows), "form")
    assert flow is not None
    assert [p for p in problems if p.is_error] == []
    return compile(flow)


def by_sheets(flow: Flow) -> Flow:
    """What a workbook makes of a flow, without places; nothing is said of it on the way."""
    sheets = [
        make_sheet(s.name, [s.headers, *([row.get(h, "") for h in s.headers] for row in s.rows)])
        for s in flow_to_sheets(flow)
    ]
    again, problems = to_flow(sheets)
    assert problems == ()
    assert again is not None
    return without_places(again)


class Talk:
    """A talk with one form, told by what is typed and tapped."""

    def __init__(self, form: Machine) -> None:
        self.form = form
        self.session = Session("s", form.name, form.version, form.flow.default_language, seed=1)
        self.view = View(kind="message", lang="vi")
        self.told: list[str] = []
        self.send(Started(MONDAY, form.flow.default_language))

    def send(self, event: object) -> None:
        self.session, effects = step(self.form, self.session, event)  # type: ignore[arg-type]
        self.view = next((e.view for e in reversed(effects) if isinstance(e, Show)), self.view)
        self.told.extend(e.say.key for e in effects if isinstance(e, Tell))

    def says(self, *words: str) -> "Talk":
        for word in words:
            self.send(Typed(MONDAY, word))
        return self

    def taps(self, op: str, arg: str = "") -> "Talk":
        self.send(Tapped(MONDAY, op, self.view.path or None, arg, self.session.card))  # type: ignore[arg-type]
        return self

    def edits(self, path: str) -> "Talk":
        self.send(Tapped(MONDAY, "edit", path, card=self.session.card))
        return self

    @property
    def status(self) -> str:
        return str(self.session.status)

    @property
    def world(self) -> World:
        return World(self.form, self.session, MONDAY)


def test_a_default_counts_before_its_question_is_answered() -> None:
    form = machine(
        "default | relevant |\n| | text | country | Nước? | Việt Nam | |\n"
        "| | text | city | Tỉnh? | | ${country} = 'Việt Nam' |\n"
    )
    talk = Talk(form)
    assert [stop.path for stop in walk(talk.world).stops] == ["country", "city"]
    talk.says("Lào")
    assert talk.status == "review"


def test_a_repeat_within_an_added_instance_begins_empty() -> None:
    form = machine(
        "\n| | begin repeat | child | Con |\n| | text | name | Tên? |\n| | begin repeat | toy | Đồ chơi |\n"
        "| | text | what | Gì? |\n| | end repeat | | |\n| | end repeat | | |\n"
    )
    talk = Talk(form).says("An", "bóng").taps("enough").taps("add")
    talk.says("Bình")
    assert talk.view.kind == "add"
    assert talk.view.path == "child[2]/toy#more"


def test_a_count_that_looks_at_its_own_repeat_ends() -> None:
    form = machine(
        "repeat_count |\n| | begin repeat | x | X | count(${x}) + 1 |\n| | text | a | A? | |\n| | end repeat | | | |\n"
    )
    talk = Talk(form).says("một", "hai")
    assert talk.session.at == "x[3]/a"


def test_a_note_that_may_not_stand_says_so_before_the_form_is_sent() -> None:
    form = machine(
        "relevant | required |\n| | integer | a | A? | | |\n| | note | wrong | A phải lớn hơn 3. | ${a} <= 3 | yes |\n"
    )
    talk = Talk(form).says("2").taps("submit")
    assert talk.status == "review"
    assert talk.view.error_text == "A phải lớn hơn 3."
    talk.send(Tapped(MONDAY, "edit", "a"))
    talk.says("5").taps("submit")
    assert talk.status == "submitted"


def test_a_trace_grows_by_pins_and_a_shape_is_closed() -> None:
    form = machine("\n| | geotrace | way | Đường? |\n| | geoshape | field | Ruộng? |\n")
    talk = Talk(form)
    talk.send(Located(MONDAY, 21.0, 105.0))
    talk.taps("done")
    assert talk.view.error is not None
    talk.send(Located(MONDAY, 21.1, 105.1))
    talk.taps("done")
    talk.says("21, 105; 21, 106; 22, 106")
    record = record_of(talk.world)
    assert record["way"] == "21.000000 105.000000 0 0;21.100000 105.100000 0 0"
    assert str(record["field"]).split(";")[0] == str(record["field"]).split(";")[-1]


@pytest.mark.parametrize("words", ["Trạm 7", "cái thứ hai"])
def test_a_select_whose_file_is_not_there_takes_words(words: str) -> None:
    form = machine("\n| | select_one_from_file stations.csv | station | Trạm nào? |\n")
    talk = Talk(form).says(words)
    assert record_of(talk.world) == {"station": words}


def test_a_bare_name_that_leads_nowhere_is_blank_and_a_forgotten_mark_is_not() -> None:
    flow, _ = to_flow(
        read_markdown(
            "| survey |\n| | type | name | label | relevant |\n| | text | a | A? | |\n| | text | b | B? | ${a} != null |\n"
        ),
        "form",
    )
    assert flow is not None
    talk = Talk(compile(flow)).says("x")
    assert talk.session.at == "b"
