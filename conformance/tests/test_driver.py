"""A run for a person at a terminal: reports, the last line, signals, the exit code."""

import asyncio
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from entity_conformance.commands.driver import Job, drive
from entity_conformance.deployment.problems import Leftover
from entity_conformance.deployment.settings import Settings
from entity_conformance.report import formats as report
from entity_conformance.report.formats import Destination, UnwritableError
from entity_conformance.report.verdict import Run, Verdict

from conformance.tests.miniature import BASE, CONTRACT
from conformance.tests.report.samples import KNOWN, PASSED, run, whole_run


def job(*destinations: Destination) -> Job:
    return Job(Settings(BASE), CONTRACT, Path("/nowhere"), destinations)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has the suite end with a Run, in no time."""

    def end(with_: Run) -> None:
        async def ended(*_: object, watcher: Any, **__: object) -> Run:
            watcher.planned(len(with_.results))
            for result in with_.results:
                watcher.started(result.requirement, result.entity)
                watcher.finished(result)
            return with_

        monkeypatch.setattr("entity_conformance.suite.run.run", ended)

    return end


def test_the_exit_code_is_the_verdicts(ends: Any) -> None:
    ends(whole_run())

    assert drive(job()) == whole_run().verdict.exit_code


def test_the_terminals_report_stands_on_standard_output_and_progress_does_not(
    ends: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ends(whole_run())

    drive(job())

    out, err = capsys.readouterr()
    assert out.startswith("Conformance of ")
    assert "checks done" in err


def test_a_report_in_a_file_stands_beside_the_terminals(
    ends: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends(whole_run())

    drive(job(Destination("json", tmp_path / "report.json")))

    assert json.loads((tmp_path / "report.json").read_text())["complete"] is True
    assert capsys.readouterr().out.startswith("Conformance of ")


def test_a_report_on_standard_output_stands_alone_and_the_last_line_on_stderr(
    ends: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ends(run(PASSED, verdict=Verdict("conforms", 0, "conforms, profile full: nothing out of scope")))

    drive(job(Destination("json")))

    out, err = capsys.readouterr()
    assert json.loads(out)["verdict"] == "conforms"
    assert err.splitlines()[-1] == "conformance: conforms, profile full: nothing out of scope (exit 0)"


def test_a_run_that_got_nowhere_is_one_line(ends: Any, capsys: pytest.CaptureFixture[str]) -> None:
    ends(run(verdict=Verdict("could-not-test", 4, "could not test: cannot reach it")))

    assert drive(job()) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == "conformance: could not test: cannot reach it (exit 4)"


def test_a_run_whose_time_ended_before_it_judged_anything_is_reported(
    ends: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    over = Verdict("inconclusive", 3, "inconclusive, profile full: the run's time of 3 s is used up (--max-time)")
    ends(run(verdict=over, exchanges=whole_run().exchanges))

    assert drive(job()) == 3
    out, err = capsys.readouterr()
    assert out.startswith("Conformance of ")
    assert out.rstrip().endswith(f"{over.reason} (exit 3)")
    assert over.reason not in err


def test_who_leaves_something_behind_is_told_how_to_remove_it(ends: Any, capsys: pytest.CaptureFixture[str]) -> None:
    ends(run(PASSED, leftovers=(Leftover("record", "tasks", "tsk_1", "why"),)))

    drive(job(Destination("json")))

    assert "`conformance cleanup http" in capsys.readouterr().err.splitlines()[-2]


def test_a_report_that_cannot_be_written_is_found_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[object] = []
    monkeypatch.setattr("entity_conformance.suite.run.run", lambda *args, **_: began.append(args))

    with pytest.raises(UnwritableError):
        drive(job(Destination("json", Path("/no/such/folder/report.json"))))

    assert began == []


def test_a_report_that_is_lost_keeps_back_neither_the_others_nor_the_verdict(
    ends: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends(run(PASSED, verdict=Verdict("conforms", 0, "conforms, profile full: nothing out of scope")))
    real = report.write

    def full(told: Run, destination: Destination, *rest: Any, **options: Any) -> None:
        if destination.format == "junit":
            raise UnwritableError("cannot write the report to report.xml: no space left", hint="name a file")
        real(told, destination, *rest, **options)

    monkeypatch.setattr("entity_conformance.report.formats.write", full)

    assert drive(job(Destination("junit", tmp_path / "report.xml"), Destination("json", tmp_path / "report.json"))) == 2

    out, err = capsys.readouterr()
    assert json.loads((tmp_path / "report.json").read_text())["exitCode"] == 2
    assert out.splitlines()[-1].endswith("but a report could not be written (exit 2)")
    assert err.splitlines()[-2:] == [
        "conformance: cannot write the report to report.xml: no space left; name a file",
        "conformance: conforms, profile full: nothing out of scope; but a report could not be written (exit 2)",
    ]


@pytest.mark.parametrize("destinations", [(), (Destination("json"),)])
def test_a_standard_output_that_takes_nothing_loses_no_verdict_and_changes_no_exit_code(
    ends: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    destinations: tuple[Destination, ...],
) -> None:
    ends(run(PASSED, verdict=Verdict("conforms", 0, "conforms, profile full: nothing out of scope")))

    def full(*_: object, **__: object) -> None:
        raise UnwritableError("cannot write the report to standard output: no space left", hint="name a file")

    monkeypatch.setattr("entity_conformance.report.formats.write", full)

    assert drive(job(*destinations)) == 0
    assert capsys.readouterr().err.splitlines()[-1] == (
        "conformance: conforms, profile full: nothing out of scope (exit 0)"
    )


def test_a_console_report_that_was_asked_for_tells_the_verdict_once(
    ends: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ends(run(PASSED, verdict=Verdict("conforms", 0, "conforms, profile full: nothing out of scope")))

    assert drive(job(Destination("console"))) == 0
    told = capsys.readouterr()
    assert "nothing out of scope (exit 0)" in told.out
    assert "nothing out of scope (exit 0)" not in told.err


@pytest.mark.parametrize("code", [130, 70, 4])
def test_a_lost_report_weighs_less_than_a_run_that_came_to_no_verdict(
    ends: Any, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    ends(run(PASSED, verdict=Verdict("inconclusive", code, "inconclusive: why")))

    def full(*_: object, **__: object) -> None:
        raise UnwritableError("cannot write the report", hint="name a file")

    monkeypatch.setattr("entity_conformance.report.formats.write", full)

    assert drive(job(Destination("json"))) == code


@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_takes_back_a_report_that_is_being_written(
    ends: Any, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    ends(whole_run())
    monkeypatch.setattr("entity_conformance.report.formats.write", lambda *_, **__: signal.raise_signal(number))

    with pytest.raises(KeyboardInterrupt):
        drive(job())


@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_asks_the_run_to_stop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    async def until_stopped(*_: object, stop: asyncio.Event, **__: object) -> Run:
        signal.raise_signal(number)
        await stop.wait()
        return run(PASSED, verdict=Verdict("inconclusive", 130, "inconclusive: interrupted after 1 check"))

    monkeypatch.setattr("entity_conformance.suite.run.run", until_stopped)

    assert drive(job()) == 130
    assert "interrupted: cleaning up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("is_temporary", "said"),
    [
        (False, "interrupted while cleaning up; `conformance cleanup` removes what is left"),
        (True, "interrupted while cleaning up"),
    ],
)
def test_the_second_signal_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_temporary: bool, said: str
) -> None:
    async def stubborn(*_: object, stop: asyncio.Event, **__: object) -> Run:
        signal.raise_signal(signal.SIGINT)
        await stop.wait()
        signal.raise_signal(signal.SIGINT)
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("entity_conformance.suite.run.run", stubborn)

    assert drive(replace(job(), is_temporary=is_temporary)) == 130
    assert capsys.readouterr().err.splitlines()[-1] == f"conformance: {said}"


def test_what_a_temporary_deployment_is_left_with_is_nothing_to_clean_up(
    ends: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ends(whole_run(leftovers=(Leftover("record", "tasks", "tsk_1", "DELETE answered 500"),)))

    drive(replace(job(), is_temporary=True))

    assert "tries again to remove it" not in capsys.readouterr().err


def test_signals_are_given_back(ends: Any) -> None:
    before = signal.getsignal(signal.SIGTERM)
    ends(whole_run())

    drive(job())

    assert signal.getsignal(signal.SIGTERM) is before


def test_waivers_that_are_new_are_written_and_told(
    ends: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = replace(KNOWN, waiver=replace(KNOWN.waiver, requirement="keys.*"))
    ends(run(PASSED, waivers=(known, KNOWN)))
    path = tmp_path / "conformance.toml"
    settings = Settings(BASE, waivers=(known.waiver,))

    assert drive(replace(job(), settings=settings, waivers_into=(path, None))) == 0

    assert path.read_text() == (
        '[[waiver]]\nrequirement = "list.limit-*"\nentity = "orders"\nreason = "fixed in 2.3"\nticket = "SHOP-7"\n'
        "expires = 2025-06-30\n"
    )
    assert capsys.readouterr().err.endswith(f"conformance: 1 waiver written to {path}\n")


def test_a_place_for_waivers_that_cannot_be_written_is_found_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError):
        drive(replace(job(), waivers_into=(tmp_path / "no" / "conformance.toml", None)))


def test_a_deployment_is_given_time_to_start(
    ends: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends(run(PASSED))

    async def started(settings: Settings, **_: object) -> bool:
        assert settings.wait == 30
        return False

    monkeypatch.setattr("entity_conformance.deployment.waiting.started", started)

    assert drive(replace(job(), settings=Settings(BASE, wait=30))) == 0
    assert "waiting 30 s at most for the deployment to answer\nconformance: it does not answer yet\n" in (
        capsys.readouterr().err
    )
