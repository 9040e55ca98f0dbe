"""Text, ids and receipt numbers."""

import doctest
import json
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import receipts, text
from storage.ids import new_id

ANY = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY)
@example("\x00\ud800\udfff\r\n\t\x1f\x7f")
def test_clean_text_can_be_stored_and_is_changed_no_further(odd: str) -> None:
    clean = text.clean(odd)
    clean.encode()
    assert not any(ord(letter) < 0x20 and letter not in "\n\t" for letter in clean)
    assert text.clean(clean) == clean
    kept = [letter for letter in odd if (letter >= " " and not "\ud800" <= letter <= "\udfff") or letter in "\n\t"]
    assert [letter for letter in clean if letter != "\ufffd"] == [letter for letter in kept if letter != "\ufffd"]
    lost = sum(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in odd)
    assert clean.count("\ufffd") == odd.count("\ufffd") + lost


@given(
    st.recursive(
        ANY | st.integers() | st.none() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(ANY, inner)
    )
)
def test_json_hides_no_odd_text_behind_an_escape(value: object) -> None:
    written = text.dumps(value)
    assert text.clean(written) == written
    assert every_text_is_clean(json.loads(written))


def every_text_is_clean(value: object) -> bool:
    match value:
        case str():
            return text.clean(value) == value
        case dict():
            return all(every_text_is_clean(key) and every_text_is_clean(item) for key, item in value.items())
        case list():
            return all(every_text_is_clean(item) for item in value)
        case _:
            return True


@pytest.mark.parametrize("module", [text, receipts])
def test_the_examples_are_true(module: object) -> None:
    ran = doctest.testmod(module)  # type: ignore[arg-type]
    assert ran.attempted > 0
    assert ran.failed == 0


@given(st.lists(st.integers(0, (1 << 48) - 1), min_size=2, max_size=20, unique=True))
def test_ids_sort_by_their_time(times: list[int]) -> None:
    made = {at: new_id(at) for at in times}
    assert sorted(made.values()) == [made[at] for at in sorted(times)]


def test_ids_are_many_short_and_safe_in_a_url() -> None:
    made = {new_id(1_790_000_000_000) for _ in range(5000)}
    assert len(made) == 5000
    assert {len(one) for one in made} == {26}
    assert set("".join(made)) <= set(string.ascii_lowercase + string.digits)
    assert new_id() > new_id(0)


SAMPLE = [
    receipts.receipt("HN", year, number) for year in (2026, 2031) for number in (1, 123, 99_999, 123_456, 1_234_567)
]


@pytest.mark.parametrize("receipt", SAMPLE)
def test_a_receipt_is_read_however_it_is_spaced(receipt: str) -> None:
    for typed in (receipt, receipt.lower(), receipt.replace("-", ""), f"  {receipt.replace('-', ' – ')} "):
        assert receipts.read_receipt(typed) == receipt


@pytest.mark.parametrize("receipt", SAMPLE)
def test_one_wrong_character_in_a_receipt_is_always_noticed(receipt: str) -> None:
    for place, right in enumerate(receipt):
        if right != "-":
            for wrong in set(string.ascii_uppercase + string.digits) - {right}:
                assert receipts.read_receipt(receipt[:place] + wrong + receipt[place + 1 :]) is None


@pytest.mark.parametrize("receipt", SAMPLE)
def test_two_swapped_digits_in_a_receipt_are_always_noticed(receipt: str) -> None:
    for place in range(len(receipt) - 1):
        left, right = receipt[place], receipt[place + 1]
        if left.isdigit() and right.isdigit() and left != right:
            assert receipts.read_receipt(receipt[:place] + right + left + receipt[place + 2 :]) is None


@pytest.mark.parametrize("typed", ["", "HN", "HN-26-12-3", "26-000123-8", "HN-26-000123", "HN-٢٦-000123-8"])
def test_what_is_no_receipt_is_told(typed: str) -> None:
    assert receipts.read_receipt(typed) is None
