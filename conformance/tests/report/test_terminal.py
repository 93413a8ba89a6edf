"""What a stream can show."""

import io

import pytest
from entity_conformance.report.terminal import Terminal, ascii_only, terminal_of, write

from conformance.tests.report.streams import Tty


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "90")


def test_a_terminal_has_its_width_colours_and_lines_that_move() -> None:
    assert terminal_of(Tty()) == Terminal(width=90, colours="256", unicode=True, moves=True)


def test_a_very_wide_terminal_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")

    assert terminal_of(Tty()).width == 120


def test_a_pipe_is_plain() -> None:
    assert terminal_of(io.StringIO()) == Terminal(width=100, colours=None, unicode=True, moves=False, wraps=False)


def test_no_color_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert terminal_of(Tty()) == Terminal(width=90, colours=None, unicode=True, moves=True)


def test_a_dumb_terminal_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")

    found = terminal_of(Tty())

    assert (found.colours, found.moves) == (None, False)


def test_forced_colours_do_not_make_a_log_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")

    found = terminal_of(io.StringIO())

    assert (found.colours, found.moves, found.width) == ("256", False, 100)


def test_another_encoding_than_utf_is_ascii() -> None:
    assert terminal_of(io.TextIOWrapper(io.BytesIO(), encoding="latin-1")).unicode is False


def test_our_own_signs_have_ascii_likes() -> None:
    assert ascii_only("── a · b…") == "-- a - b..."


def test_what_an_encoding_cannot_say_is_escaped() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    write(stream, "é\n")

    stream.seek(0)
    assert stream.read() == "\\xe9\n"
