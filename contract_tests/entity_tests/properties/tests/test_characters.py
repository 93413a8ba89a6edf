"""What Hypothesis is told of UTF-8 is what it would find out."""

import sys

import pytest
from entity_tests.properties import characters
from hypothesis import strategies as st
from hypothesis.internal import charmap


def is_encodable(number: int) -> bool:
    try:
        return chr(number).encode().decode() == chr(number)
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize("edge", [0, 0xD7FF, 0xE000, sys.maxunicode])
def test_the_edges_are_those_of_utf_8(edge: int) -> None:
    within = any(first <= edge <= last for first, last in characters.ENCODABLE)
    beside = [one for one in (edge - 1, edge + 1) if 0 <= one <= sys.maxunicode]

    assert within
    assert is_encodable(edge)
    for one in beside:
        assert is_encodable(one) == any(first <= one <= last for first, last in characters.ENCODABLE)


def test_hypothesis_asks_for_what_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def found_out(codec: str) -> None:
        raise AssertionError(codec)

    monkeypatch.setattr(charmap, "intervals_from_codec", found_out)

    with characters.told():
        st.characters(codec="utf-8").validate()
    with pytest.raises(AssertionError, match="utf-8"):
        st.characters(codec="utf-8", exclude_characters="x").validate()
