"""Every spelling that a text holds is found, as a search for each one after the other finds it."""

import pytest
from entity_conformance.deployment.searching import Search
from hypothesis import given
from hypothesis import strategies as st

LONG = "sk_live_abcdefghijklmnop"
LETTERS = st.text(alphabet="ab-_ %\\é\n", min_size=1, max_size=40)


def search(*spellings: str) -> Search:
    made = Search()
    for spelling in spellings:
        made.add(spelling)
    return made


@given(spellings=st.lists(LETTERS, max_size=4), texts=st.lists(LETTERS, max_size=4), data=st.data())
def test_what_is_found_is_what_each_text_holds(spellings: list[str], texts: list[str], data: st.DataObject) -> None:
    own = search(*spellings)
    for text in texts:
        inside = data.draw(st.sampled_from(["", *spellings]))
        whole = f"{text}{inside}{text}"

        assert own.found(whole) == [one for one in dict.fromkeys(spellings) if one in whole]


@pytest.mark.parametrize("text", [LONG, f"{LONG}q", f"x-{LONG}", f'{{"key": "{LONG}"}}', "-" * 20_000 + LONG])
def test_a_long_word_is_found_wherever_it_stands(text: str) -> None:
    assert search(LONG).found(text) == [LONG]


def test_a_word_is_found_though_it_came_before_it_was_a_secret() -> None:
    own = search("another_one_of_twelve")
    assert own.found(f"the id {LONG}") == []

    own.add(LONG)

    assert own.found(f"the id {LONG}") == [LONG]


def test_a_spelling_of_many_short_words_is_found() -> None:
    assert search("a b c d e f g").found("it says a b c d e f g here") == ["a b c d e f g"]


def test_what_only_holds_the_longest_word_of_a_spelling_is_not_found() -> None:
    assert search(f"{LONG}=+").found(f"{LONG}=") == []


def test_an_enormous_word_without_the_letters_is_not_found() -> None:
    assert search(LONG).found("x" * 1_000_000) == []
