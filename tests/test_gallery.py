from tests.browser.states import states
from tests.gallery import page_of, picture
from tests.pictures import OUT


def test_the_page_of_widgets_shows_every_state_there_is() -> None:
    page = (OUT.parent / "widgets.md").read_text(encoding="utf-8")
    assert page == page_of("widgets", list(states("vi")))
    missing = [name for name in states("vi") if not (OUT / "widgets" / picture(name)).is_file()]
    assert missing == [], "make shots draws them"


def test_every_state_stands_in_both_languages() -> None:
    vi, en = states("vi"), states("en")
    assert vi.keys() == en.keys()
    assert [name for name in vi if vi[name].text and vi[name].text == en[name].text] == []
