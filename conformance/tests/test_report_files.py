"""The commands that begin with a report which somebody else may have written."""

import errno
import io
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from entity_conformance.commands import rerun
from entity_conformance.commands.cli import command_line
from entity_conformance.commands.driver import Ask, Job
from entity_conformance.deployment.settings import Settings
from entity_conformance.report import json as json_report
from entity_conformance.report.verdict import Outcome, Profile, Run, Verdict

from conformance.tests.report.samples import BASE, FAILED, REQUIREMENTS, exchange, run

SECRET = "sk_live_0123456789abcdefghij0123456789abcdefghij"


def report(path: Path, *, target: str = BASE, message: str = FAILED.message) -> str:
    stream = io.StringIO()
    json_report.render(run(replace(FAILED, message=message), target=target), REQUIREMENTS, stream)
    path.write_text(stream.getvalue(), "utf-8")
    return str(path)


def test_credentials_of_the_environment_go_where_its_url_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Job] = []

    def note(job: Job, _: Ask) -> None:
        asked.append(job)

    monkeypatch.setattr(rerun, "performed", note)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_URL", "https://shop.example.test")
    monkeypatch.setenv("CONFORMANCE_API_KEY", SECRET)

    command_line(["rerun", report(tmp_path / "foreign.json", target="https://elsewhere.test/api/v1")])

    assert [job.settings.url for job in asked] == ["https://shop.example.test"]


def test_a_secret_that_was_written_into_a_report_is_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = report(tmp_path / "a.json", target="https://ada:hunter2hunter2@shop.test/api/v1")

    assert command_line(["compare", before, report(tmp_path / "b.json", message=f"not {SECRET}")]) == 0
    told = capsys.readouterr().out
    assert "https://...@shop.test/api/v1" in told
    assert SECRET not in told
    assert "hunter2" not in told


def test_what_narrows_every_run_of_a_team_narrows_no_failure_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Settings] = []

    async def note(settings: Settings, **_: object) -> Run:
        asked.append(settings)
        return run(replace(FAILED, message="again"))

    monkeypatch.setattr("entity_conformance.suite.run.run", note)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conformance.toml").write_text('only = ["health"]\nskip = ["list"]\nentities = ["orders"]\n')

    assert command_line(["rerun", report(tmp_path / "a.json"), BASE]) == 1
    assert {(FAILED.requirement in one.only, one.skip, one.entities) for one in asked} == {(True, (), ("tasks",))}
    assert command_line(["rerun", report(tmp_path / "a.json"), BASE, "--skip=list"]) == 2
    assert "--only and --skip are the report's here" in capsys.readouterr().err


def test_what_was_compared_is_asked_again_on_each_of_its_entities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of orders was where others are not: with no orders in the run nothing would be wrong with the others."""
    of_orders = exchange("x1", check="sort.numbers [orders]", url=f"{BASE}/orders?sort=totalCents")
    of_tasks = exchange("x2", check="sort.nulls [tasks]", url=f"{BASE}/tasks?sort=description")
    failed = replace(FAILED, requirement="sort.nulls", entity="tasks", exchanges=("x1", "x2"))
    known = run(failed, exchanges=(of_orders, of_tasks), profile=Profile("full", ("key",), (), ("tasks", "orders")))
    with (tmp_path / "report.json").open("w", encoding="utf-8") as stream:
        json_report.render(known, REQUIREMENTS, stream)
    asked: list[Settings] = []

    async def ask(settings: Settings, **_: object) -> Run:
        asked.append(settings)
        return replace(known, verdict=Verdict("could-not-test", 4, "it is gone"))

    monkeypatch.setattr("entity_conformance.suite.run.run", ask)

    assert command_line(["rerun", str(tmp_path / "report.json"), BASE]) == 4
    with_parents = ("tasks", "customers", "orders")
    assert [(one.only, one.entities) for one in asked] == [(("sort.nulls", "sort.numbers"), with_parents)]


def test_waivers_are_written_by_a_run_and_not_by_what_repeats_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    waiving = ("--update-waivers", "--reason", "why", "--expires", "2099-12-31")

    assert command_line(["rerun", report(tmp_path / "a.json"), *waiving]) == 2
    assert capsys.readouterr().err.startswith("conformance: rerun writes no waivers; ")
    assert command_line(["run", "http://127.0.0.1:1", "--plan", *waiving]) == 2
    assert capsys.readouterr().err.startswith("conformance: --plan judges nothing that --update-waivers could write; ")
    assert not (tmp_path / "conformance.toml").exists()


class Closed(io.StringIO):
    """A standard output that takes nothing."""

    def __init__(self, reason: int) -> None:
        super().__init__()
        self._reason = reason

    def write(self, _: str, /) -> int:
        raise OSError(self._reason, os.strerror(self._reason))


@pytest.mark.parametrize("reason", [errno.EBADF, errno.ENOSPC, errno.EPIPE])
def test_new_failures_are_told_where_nobody_reads_standard_output(
    reason: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = tmp_path / "a.json", report(tmp_path / "b.json")
    stream = io.StringIO()
    json_report.render(run(replace(FAILED, outcome=Outcome.passed)), REQUIREMENTS, stream)
    before.write_text(stream.getvalue(), "utf-8")

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Closed(reason))
        codes = [command_line(["compare", str(before), after]), command_line(["doctor", "http://127.0.0.1:1"])]

    assert codes == [1, 4]
    told = capsys.readouterr().err
    assert "conformance: 1 new failure (exit 1)\n" in told
    assert "conformance: a run could not work: reachable: " in told


def test_a_run_does_not_go_on_with_the_report_of_another_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "model.json").open("w", encoding="utf-8") as stream:
        json_report.render(run(replace(FAILED, requirement="model.update", chapter="model")), REQUIREMENTS, stream)

    assert command_line(["run", BASE, "--resume", str(tmp_path / "model.json")]) == 2
    assert "model.json is of `conformance model`; name a report of `conformance run`" in capsys.readouterr().err
