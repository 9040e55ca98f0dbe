"""XForm XML, as ODK's tools exchange it, is a flow like any other; what is left out of it is told."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.machine import compile
from flows.model import Group, Question, Repeat
from flows.xform import read_xform
from tests.scenario import Scenario

HEAD: Final = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" '
    'xmlns:jr="http://openrosa.org/javarosa">'
)
FORM: Final = (
    HEAD
    + """
<h:head><h:title>Hồ</h:title><model>
<itext>
 <translation lang="English (en)"><text id="/data/lake:label"><value>Which lake?</value></text></translation>
 <translation lang="Tiếng Việt (vi)" default="true()"><text id="/data/lake:label"><value>Hồ nào?</value></text></translation>
</itext>
<instance><data id="lakes" version="7"><lake/><deep>2.7</deep><all><boat jr:template=""><name>thuyền</name></boat></all>
<sum/><seen/><when>2026-11-23T10:00:00</when><meta><instanceID/></meta></data></instance>
<instance id="l"><root><item><name>g</name><label>Hồ Gươm</label><km>1</km></item><item><name>t</name><label>Hồ Tây</label><km>5</km></item></root></instance>
<bind nodeset="/data/lake" type="string" required="true()" jr:requiredMsg="Xin chọn"/>
<bind nodeset="/data/deep" type="int" constraint=". &lt; 10" jr:constraintMsg="Sâu quá" relevant="/data/lake = 't'"/>
<bind nodeset="/data/sum" calculate="count(/data/all/boat)"/>
<bind nodeset="/data/when" type="date"/>
<setvalue event="odk-instance-first-load" ref="/data/seen" value="2 * 3"/>
</model></h:head>
<h:body>
<select1 ref="/data/lake"><label ref="jr:itext('/data/lake:label')"/>
 <itemset nodeset="instance('l')/root/item[km &gt; 0]"><value ref="name"/><label ref="label"/></itemset></select1>
<input ref="/data/deep"><label>Sâu ở <output value="/data/lake"/>?</label><hint>mét</hint></input>
<group ref="/data/all"><label>Tất cả</label><group><label>Thuyền</label>
 <repeat nodeset="/data/all/boat"><input ref="name"><label>Tên?</label></input></repeat></group></group>
</h:body></h:html>"""
)


def test_a_form_is_read_with_its_rules_words_and_nests() -> None:
    flow, problems = read_xform(FORM, "lakes.xml")
    assert flow is not None
    assert problems == ()
    assert (flow.name, flow.version, flow.languages, flow.title) == ("lakes", "7", ("vi", "en"), {"vi": "Hồ"})
    by_name = {q.name: q for q in flow.questions()}
    assert set(by_name) == {"lake", "deep", "name", "sum", "seen", "when"}
    lake, deep, name = by_name["lake"], by_name["deep"], by_name["name"]
    assert (lake.type, lake.required, lake.label) == ("select_one", True, {"vi": "Hồ nào?", "en": "Which lake?"})
    assert (deep.type, deep.default, deep.hint, deep.label) == ("integer", "2", {"vi": "mét"}, {"vi": "Sâu ở ${lake}?"})
    assert (name.default, by_name["when"].default, by_name["sum"].type) == ("thuyền", "2026-11-23", "calculate")
    (group,) = (item for item in flow.items if isinstance(item, Group))
    (repeat,) = group.items
    assert isinstance(repeat, Repeat)
    assert (group.label, repeat.label, repeat.count) == ({"vi": "Tất cả"}, {"vi": "Thuyền"}, None)
    assert [item.name for item in repeat.items if isinstance(item, Question)] == ["name"]


def test_and_is_answered_like_any_other() -> None:
    flow, _ = read_xform(FORM)
    assert flow is not None
    s = Scenario(compile(flow))
    s.bot_asks("Hồ nào?").they_tap("Hồ Tây").bot_asks("Sâu ở t?").they_say("40").bot_asks("Sâu ở t?").they_say("4")
    s.bot_asks("Tên?").they_say("Rồng").they_press("enough").bot_shows_review().they_press("submit")
    assert {name: s.record[name] for name in ("lake", "deep", "sum", "seen")} == {
        "lake": "t", "deep": 4, "sum": 1, "seen": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("put", "name", "what"),
    [
        ("instance('nobody')/root/item", "lake", "instance('nobody')/root/item"),
        ("../all/boat", "lake", "../all/boat"),
    ],
)
def test_what_is_left_out_is_named(put: str, name: str, what: str) -> None:
    flow, (told,) = read_xform(FORM.replace("instance('l')/root/item[km &gt; 0]", put))
    assert flow is not None
    assert (told.code, told.is_error, told.facts["name"], told.facts["what"]) == ("xform_passed", False, name, what)


@pytest.mark.parametrize(
    "text", ["", "<a", HEAD + "</h:html>", "<!DOCTYPE a>" + FORM, FORM.replace("<data ", "<data><x>" + "<a>" * 900)]
)
def test_what_is_no_form_is_told(text: str) -> None:
    flow, problems = read_xform(text)
    assert flow is None
    assert [p.code for p in problems] == ["xform_unreadable"]


def test_a_form_of_elements_within_each_other_without_end_is_refused() -> None:
    deep = FORM.replace("<lake/>", "<lake/>" + "<a>" * 60 + "</a>" * 60)
    assert [p.code for p in read_xform(deep)[1]] == ["xform_unreadable"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(FORM)), st.integers(0, 40), st.text(max_size=12))
def test_nothing_in_a_torn_form_raises(at: int, cut: int, put: str) -> None:
    flow, problems = read_xform(FORM[:at] + put + FORM[at + cut :])
    assert flow is not None or [p.code for p in problems] == ["xform_unreadable"]
