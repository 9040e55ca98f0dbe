"""What a button carries fits, comes back as it went, and cannot be made by anybody else."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.buttons import CARD_MAX, REF_MAX, TAG_MAX, Buttons, Press, PressOp
from bot.channels.telegram.limits import DATA_MAX
from flows.session import NAME_MAX, Op, short

SECRET = b"a secret of thirty-two bytes, so"
OPS: tuple[PressOp, ...] = (*get_args(Op), "open")

chats = st.integers(-(10**13), 10**13).map(str)
tags = st.text("0123456789abcdefghjkmnpqrstvwxyz", max_size=TAG_MAX)
refs = st.lists(st.integers(0, 0xFFF), max_size=4).map(lambda parts: ".".join(f"{n:x}" for n in parts))
presses = st.builds(
    Press, op=st.sampled_from(OPS), ref=refs, card=st.integers(0, CARD_MAX), arg=st.text(max_size=80), tag=tags
)


@given(chats, presses)
def test_what_a_button_asks_for_comes_back_as_it_went(chat: str, press: Press) -> None:
    buttons = Buttons(SECRET)
    data = buttons.data(chat, press)
    read = buttons.read(chat, data)
    assert read is not None
    assert (read.op, read.ref, read.card, read.tag) == (press.op, press.ref, press.card, press.tag)
    assert read.arg in {press.arg, short(press.arg)}


@given(chats, presses)
def test_a_button_is_never_longer_than_64_bytes(chat: str, press: Press) -> None:
    assert 1 <= len(Buttons(SECRET).data(chat, press).encode()) <= DATA_MAX


@pytest.mark.parametrize("op", OPS)
def test_the_longest_of_everything_still_fits(op: PressOp) -> None:
    longest = Press(op, "f" * REF_MAX, CARD_MAX, "n" * NAME_MAX, "t" * TAG_MAX)
    if op == "open":  # a menu belongs to no question, session or card
        longest = Press(op, arg="n" * 40)
    data = Buttons(SECRET).data("-1001234567890123", longest)
    assert len(data.encode()) <= DATA_MAX
    assert Buttons(SECRET).read("-1001234567890123", data) == longest


@given(chats, presses, st.data())
def test_a_button_with_one_character_changed_is_refused(chat: str, press: Press, data: st.DataObject) -> None:
    buttons = Buttons(SECRET)
    made = buttons.data(chat, press)
    at = data.draw(st.integers(0, len(made) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda character: character != made[at]))
    assert buttons.read(chat, made[:at] + other + made[at + 1 :]) is None


@given(chats, presses, st.data())
def test_a_button_cut_short_or_made_longer_is_refused(chat: str, press: Press, data: st.DataObject) -> None:
    buttons = Buttons(SECRET)
    made = buttons.data(chat, press)
    assert buttons.read(chat, made[: data.draw(st.integers(0, len(made) - 1))]) is None
    assert buttons.read(chat, made + data.draw(st.text("abc:0", min_size=1, max_size=3))) is None


@given(chats, chats, presses)
def test_a_button_of_one_chat_is_a_forgery_in_another(chat: str, other: str, press: Press) -> None:
    buttons = Buttons(SECRET)
    assert (buttons.read(other, buttons.data(chat, press)) is None) == (chat != other)


@given(chats, presses)
def test_a_button_made_with_another_secret_is_a_forgery(chat: str, press: Press) -> None:
    assert Buttons(b"x" * 32).read(chat, Buttons(SECRET).data(chat, press)) is None


@given(chats, st.text())
def test_no_text_makes_reading_a_button_raise(chat: str, data: str) -> None:
    assert Buttons(SECRET).read(chat, data) is None


def test_a_short_secret_is_not_taken() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Buttons(b"short")


@pytest.mark.parametrize(
    "press", [Press("back", ref="f" * (REF_MAX + 1)), Press("back", ref="a:b"), Press("back", card=CARD_MAX + 1)]
)
def test_what_no_flow_can_make_is_refused_when_a_button_is_written(press: Press) -> None:
    with pytest.raises(ValueError, match=r"a ref is|a card's number"):
        Buttons(SECRET).data("1", press)
