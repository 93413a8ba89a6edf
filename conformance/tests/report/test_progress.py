"""How far a run is, told to a log and to a terminal."""

import io
from dataclasses import replace

import pytest
from entity_conformance.report.formats import Progress
from entity_conformance.report.verdict import Result

from conformance.tests.report.samples import BROKEN, FAILED, PASSED, WARNED
from conformance.tests.report.streams import Tty


def told(stream: io.StringIO, total: int, *results: Result) -> str:
    with Progress(total, stream=stream) as progress:
        for result in results:
            progress.started(result.requirement, result.entity)
            progress.finished(result)
    return stream.getvalue()


def test_a_log_gets_a_line_half_way_and_at_the_end() -> None:
    assert told(io.StringIO(), 300, *[PASSED] * 300).splitlines() == [
        "150 of 300 checks done",
        "300 of 300 checks done",
        "",
    ]


def test_a_log_counts_what_is_wrong() -> None:
    assert told(io.StringIO(), 4, FAILED, WARNED, BROKEN, PASSED).splitlines() == [
        "2 of 4 checks done, 1 of them wrong",
        "4 of 4 checks done, 2 of them wrong",
        "",
    ]


def test_a_log_is_no_longer_for_a_deployment_where_everything_is_wrong() -> None:
    assert len(told(io.StringIO(), 400, *[FAILED] * 400).splitlines()) == 3


@pytest.mark.parametrize("total", [0, 1])
def test_nothing_to_do_says_nothing(total: int) -> None:
    assert told(io.StringIO(), total) == ""


def test_more_checks_than_were_planned_are_no_crash() -> None:
    assert told(io.StringIO(), 1, PASSED, PASSED).splitlines()[0] == "1 of 1 check done"


def test_requests_are_counted_where_there_are_no_checks() -> None:
    stream = io.StringIO()

    with Progress(800, "request", stream=stream) as progress:
        for number in range(1, 900):
            progress.sent(number)
        progress.finished(PASSED)

    assert stream.getvalue().splitlines() == ["400 of 800 requests done", "800 of 800 requests done", ""]


def test_requests_are_no_checks() -> None:
    stream = io.StringIO()

    with Progress(2, stream=stream) as progress:
        progress.sent(2)

    assert stream.getvalue() == ""


def test_a_log_is_told_of_the_first_wait_and_whenever_the_time_waited_has_doubled() -> None:
    stream = io.StringIO()

    with Progress(4, stream=stream) as progress:
        for _ in range(9):
            progress.waits(10, "the rate limit is 60 per 10 s")

    assert stream.getvalue().splitlines() == [
        "waiting 10 s: the rate limit is 60 per 10 s",
        "waiting 10 s: the rate limit is 60 per 10 s (10 s so far)",
        "waiting 10 s: the rate limit is 60 per 10 s (20 s so far)",
        "waiting 10 s: the rate limit is 60 per 10 s (40 s so far)",
        "waiting 10 s: the rate limit is 60 per 10 s (80 s so far)",
        "",
    ]


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


def test_a_terminal_counts_what_is_wrong(tty: Tty) -> None:
    assert "2/2, 1 wrong" in told(tty, 2, FAILED, PASSED)


def test_a_hostile_name_stays_in_the_line_that_moves(tty: Tty) -> None:
    with Progress(3, stream=tty) as progress:
        progress.started("list.limit-caps-page", "\x07[bold]\n")

    assert r"list.limit-caps-page [\x07[bold]\n]" in tty.getvalue()


def test_an_interruption_leaves_the_terminal_whole(tty: Tty) -> None:
    with pytest.raises(KeyboardInterrupt), Progress(2, stream=tty):
        raise KeyboardInterrupt

    assert "\x1b[?25h" in tty.getvalue()
