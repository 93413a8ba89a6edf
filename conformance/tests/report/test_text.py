"""Text of others is shown, never obeyed."""

import pytest
from entity_conformance.report.text import count, duration, excerpt, visible
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("", ""),
        ("héllo 日本 🎉", "héllo 日本 🎉"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("\x00", r"\x00"),
        ("\x9b31m", r"\x9b31m"),
        ("abc\u202edcba", r"abc\u202edcba"),
        ("\ud800", r"\ud800"),
        ("\ufffe", r"\ufffe"),
    ],
)
def test_what_does_not_print_becomes_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@settings(deadline=None)
@given(st.text())
def test_visible_text_is_one_printable_line(text: str) -> None:
    assert visible(text).isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("said ##vso[task.complete]", r"said #\x23vso[task.complete]"),
        ("##[error]no", r"#\x23[error]no"),
        ("###teamcity[x]", r"##\x23teamcity[x]"),
        ("::error::x", r":\x3aerror::x"),
        ("a ::warning file=a::x", r"a :\x3awarning file=a::x"),
        ("## heading [1]", "## heading [1]"),
        ("http://[::1]:80 and ::ffff:10.0.0.1", "http://[::1]:80 and ::ffff:10.0.0.1"),
    ],
)
def test_what_a_ci_system_would_obey_is_spelled_so_that_it_does_not(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_an_excerpt_folds_white_space() -> None:
    assert excerpt("  <html>\r\n\t<body>  hi\n", limit=100) == "<html> <body> hi"


def test_a_text_of_exactly_the_limit_is_whole() -> None:
    assert excerpt("x" * 10, limit=10) == "xxxxxxxxxx"


def test_a_longer_text_says_that_it_was_cut() -> None:
    assert excerpt("x" * 5_000_000, limit=3) == "xxx… (cut)"


def test_an_excerpt_of_mostly_white_space_still_says_that_it_was_cut() -> None:
    assert excerpt("a" + " " * 100, limit=10) == "a… (cut)"


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(min_value=1, max_value=50))
def test_an_excerpt_prints_and_is_bounded(text: str, limit: int) -> None:
    shown = excerpt(text, limit=limit)

    assert shown.isprintable()
    assert len(shown) <= 10 * limit + len("… (cut)")


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 records"), (1, "1 record"), (2, "2 records"), (1200, "1,200 records")]
)
def test_a_count_agrees_with_its_noun(number: int, said: str) -> None:
    assert count(number, "record") == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 ms"),
        (0.0124, "12 ms"),
        (0.9994, "999 ms"),
        (0.9999, "1.0 s"),
        (1.0, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125.4, "2 min 5 s"),
        (7199, "119 min 59 s"),
        (3 * 3600 + 1250, "3 h 20 min"),
        (218_217_835, "2,525 days"),
    ],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said
