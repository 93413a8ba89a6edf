"""The runner as its users run it, in a process of its own or as its command line in this one; the outcome is a value.

Runs, judges nothing. Credentials go by the environment; the journal stays in the given folder.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest.mock import patch

from entity_conformance.commands.cli import command_line

from entity_tests.deployments.serving import Served, environment


@dataclass(frozen=True, slots=True)
class Told:
    """What a run of `conformance` came to: exit code, JSON report (empty without one), both streams.

    `seconds` are those of processors: its own, and of what it waited for.
    """

    code: int
    report: Mapping[str, Any]
    output: str
    seconds: float

    def outcomes(self, *names: str) -> list[str]:
        """The results with one of these outcomes, each in a line."""
        return [
            f"{one['requirement']} [{one['entity']}] {one['outcome']}: {one['message']}"
            for one in self.report["results"]
            if one["outcome"] in names
        ]


def conformance(folder: Path, url: str, *options: str, command: str = "run", **variables: str) -> Told:
    """Run `conformance run`, or another command. Credentials go into the environment, as arguments: `API_KEY=...`."""
    report = _report(folder)
    before = _spent()
    process = subprocess.run(
        [sys.executable, "-P", "-m", "entity_conformance", command, url, "--report", f"json={report}", *options],
        cwd=folder,
        env=_variables(folder, variables),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return _told(process.returncode, report, process.stdout + process.stderr, before)


def conformance_here(folder: Path, url: str, *options: str, command: str = "run", **variables: str) -> Told:
    """As `conformance`, by its command line in this process: to start another takes as long as many a run."""
    report, said = _report(folder), TextIOWrapper(BytesIO(), "utf-8")
    before = _spent()
    with (
        patch.dict(os.environ, _variables(folder, variables), clear=True),
        chdir(folder),
        redirect_stdout(said),
        redirect_stderr(said),
    ):
        code = command_line([command, url, "--report", f"json={report}", *options])
    said.seek(0)
    return _told(code, report, said.read(), before)


def _report(folder: Path) -> Path:
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    return report


def _variables(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    twins = {f"CONFORMANCE_{name}": value for name, value in given.items()}
    return {**environment(), **twins, "XDG_STATE_HOME": str(folder / "state")}


def _told(code: int, report: Path, output: str, before: float) -> Told:
    known = json.loads(report.read_text()) if report.exists() else {}
    return Told(code, known, output, _spent() - before)


def _spent() -> float:
    """Seconds of processors that this process has used, with those of the children that it waited for."""
    return sum(os.times()[:4])


def everything(served: Served) -> dict[str, str]:
    """The credentials of the whole suite."""
    return {
        "API_KEY": served.credentials["apiKey"],
        "SESSION": served.credentials["sessionToken"],
        "OTHER_API_KEY": served.credentials["otherApiKey"],
    }
