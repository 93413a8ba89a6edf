"""The runner as its users run it, in a process of its own; what came of it is a value.

Runs, judges nothing. Credentials go by the environment; the journal stays in the given folder.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entity_tests.deployments.serving import Served, environment


@dataclass(frozen=True, slots=True)
class Told:
    """What a run of `conformance` came to: exit code, JSON report (empty without one), both streams, seconds."""

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
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    line = [sys.executable, "-P", "-m", "entity_conformance", command, url, "--report", f"json={report}", *options]
    twins = {f"CONFORMANCE_{name}": value for name, value in variables.items()}
    started = time.monotonic()
    process = subprocess.run(
        line,
        cwd=folder,
        env={**environment(), **twins, "XDG_STATE_HOME": str(folder / "state")},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    told = json.loads(report.read_text()) if report.exists() else {}
    return Told(process.returncode, told, process.stdout + process.stderr, time.monotonic() - started)


def everything(served: Served) -> dict[str, str]:
    """The credentials of the whole suite."""
    return {
        "API_KEY": served.credentials["apiKey"],
        "SESSION": served.credentials["sessionToken"],
        "OTHER_API_KEY": served.credentials["otherApiKey"],
    }
