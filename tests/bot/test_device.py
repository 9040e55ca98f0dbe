"""The name under which a person's forms of one survey belong together."""

from bot.handling.steps import device_name


def test_it_is_the_same_in_a_survey_and_another_in_another() -> None:
    assert device_name("needs", "p1") == device_name("needs", "p1")
    assert len({device_name("needs", "p1"), device_name("needs", "p2"), device_name("other", "p1")}) == 3
    assert "p1" not in device_name("needs", "p1")
