"""HTML is read as the server reads it: the same text, the same entities, the same refusals."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fake_telegram.entities import parse_html, units
from tests.fake_telegram.refusal import Refusal


def test_entities_are_counted_in_utf_16_after_trimming() -> None:
    read = parse_html(
        ' 😀 <b>in <i>đậm</i></b> <a href="https://a.vn/?a=1&amp;b=2">đây</a> <blockquote expandable>q</blockquote>'
    )
    assert read.text == "😀 in đậm đây q"
    assert read.entities == [
        {"type": "bold", "offset": 3, "length": 6},
        {"type": "italic", "offset": 6, "length": 3},
        {"type": "text_link", "offset": 10, "length": 3, "url": "https://a.vn/?a=1&b=2"},
        {"type": "expandable_blockquote", "offset": 14, "length": 1},
    ]


@given(
    st.lists(
        st.sampled_from(["<b>", "</b>", "<i>", "</", "&amp;", "&x", "<", ">", "é😀", " ", "'", "<a href="]), max_size=9
    )
)
@settings(max_examples=300, deadline=None)
def test_any_html_is_read_or_refused_and_entities_lie_within_the_text(pieces: list[str]) -> None:
    try:
        read = parse_html("".join(pieces))
    except Refusal as e:
        assert e.description.startswith("Bad Request: can't parse entities: ")  # noqa: PT017  both ends are right
        return
    assert all(e["offset"] >= 0 and 0 < e["length"] <= units(read.text) - e["offset"] for e in read.entities)
