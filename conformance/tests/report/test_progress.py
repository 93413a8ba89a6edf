"""How far a run is, told to a log and to a terminal."""

import io
from dataclasses import replace

import pytest
from entity_conformance.report.formats import Progress
from entity_conformance.report.verdict import Result

from conformance.tests.report.samples import BROKEN, FAILED, PASSED, WARNED
from conformance.tests.report.test_terminal import Tty


def told(stream: io.StringIO, total: int, *results: Result) -> str:
    with Progress(total, stream=stream) as progress:
        for result in results:
            progress.started(result.requirement, result.entity)
            progress.finished(result)
    return stream.getvalue()


def test_a_log_gets_a_line_for_each_tenth() -> None:
    assert told(io.StringIO(), 300, *[PASSED] * 300).splitlines() == [
        *(f"{done} of 300 checks done" for done in range(30, 301, 30)),
        "",
    ]


def test_a_log_hears_of_what_is_wrong_at_once() -> None:
    assert told(io.StringIO(), 100, PASSED, FAILED, WARNED, BROKEN) == (
        "failed list.limit-caps-page [tasks]: data holds more records than asked for\n"
        "broken update.keeps-the-rest [tasks]: KeyError: 'title' in updating.py:41\n"
        "\n"
    )


def test_a_log_counts_what_is_wrong() -> None:
    assert told(io.StringIO(), 2, FAILED, PASSED).splitlines()[1:] == [
        "1 of 2 checks done, 1 of them wrong",
        "2 of 2 checks done, 1 of them wrong",
        "",
    ]


@pytest.mark.parametrize("total", [0, 1])
def test_nothing_to_do_says_nothing(total: int) -> None:
    assert told(io.StringIO(), total) == ""


def test_more_checks_than_were_planned_are_no_crash() -> None:
    assert told(io.StringIO(), 1, PASSED, PASSED).splitlines()[0] == "1 of 1 check done"


def test_a_log_holds_no_control_characters() -> None:
    hostile = replace(FAILED, message="\x1b[2J\r\n[bold]", entity="\x07")

    text = told(io.StringIO(), 1, hostile)

    assert all(line.isprintable() for line in text.splitlines())
    assert text.startswith(r"failed list.limit-caps-page [\x07]: \x1b[2J [bold]" + "\n")


@pytest.fixture
def tty(monkeypatch: pytest.MonkeyPatch) -> Tty:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    return Tty()


def test_a_terminal_gets_a_line_that_moves_and_is_gone_in_the_end(tty: Tty) -> None:
    text = told(tty, 2, PASSED, PASSED)

    assert "2/2" in text
    assert text.endswith("\x1b[?25h\r\x1b[1A\x1b[2K")


def test_a_terminal_shows_what_is_under_way(tty: Tty) -> None:
    with Progress(3, stream=tty) as progress:
        progress.started("list.limit-caps-page", "tasks")
        progress.started("keys.listed", None)
        progress.finished(replace(PASSED, requirement="keys.listed", entity=None))

    assert "list.limit-caps-page [tasks]" in tty.getvalue()


def test_a_terminal_keeps_what_is_wrong(tty: Tty) -> None:
    text = told(tty, 2, FAILED, PASSED)

    assert "\x1b[1;31mfailed\x1b[0m list.limit-caps-page [tasks]: data holds more records than asked for\n" in text


def test_an_interruption_leaves_the_terminal_whole(tty: Tty) -> None:
    with pytest.raises(KeyboardInterrupt), Progress(2, stream=tty):
        raise KeyboardInterrupt

    assert "\x1b[?25h" in tty.getvalue()
