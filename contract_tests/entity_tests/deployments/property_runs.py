"""A run on a served deployment, as the tests start it: in this process, or as the command in one of its own."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_contract import load

from entity_tests.deployments.serving import Served, environment
from entity_tests.properties import command


def run(served: Served, journals: Path, **options: Any) -> Run:
    """A run on it with both credentials, unless the options say otherwise."""
    given = Given(api_key=served.credentials["apiKey"], session=served.credentials["sessionToken"])
    settings = Settings(**{"url": served.base_url, "given": given, **options})
    return asyncio.run(command.run(settings, journals=journals, contract=load()))


def variables(served: Served, folder: Path, **options: object) -> dict[str, str]:
    """The environment of such a run in a process of its own."""
    given = {
        "URL": served.base_url,
        "API_KEY": served.credentials["apiKey"],
        "SESSION": served.credentials["sessionToken"],
        "STATE_DIR": folder / "state",
        **options,
    }
    return {**environment(), **{f"CONFORMANCE_{name}": str(value) for name, value in given.items()}}


def said(*command: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What a module's command said."""
    return subprocess.run(
        [sys.executable, "-P", "-m", *command],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def found(of: Run, *outcomes: Outcome) -> list[str]:
    """The requirements that ended so, with what was said."""
    return [f"{one.requirement}: {one.message}" for one in of.results if one.outcome in outcomes]
