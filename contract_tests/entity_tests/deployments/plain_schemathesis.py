"""Plain `schemathesis run` on a served deployment, as its users start it; what its report says is a value."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from entity_tests.deployments.serving import Served, environment

HOOKS = {"SCHEMATHESIS_HOOKS": "entity_tests.hooks"}


def schemathesis(folder: Path, served: Served, *options: str, **variables: str) -> Mapping[str, Any]:
    """What the JSON report of a run says. The key goes to a process of this test, and the server ends with the test."""
    report = folder / "report.json"
    line = [sys.executable, "-P", "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run"]
    line += [f"{served.root.removesuffix('/api')}/openapi.yaml"]
    line += ["-H", f"Authorization: {served.bearer()['Authorization']}"]
    line += ["--seed", "1", "--report", "json", "--report-json-path", str(report), *options]
    clean = {name: value for name, value in environment().items() if not name.startswith("SCHEMATHESIS_")}
    done = subprocess.run(
        line, cwd=folder, env={**clean, **variables}, capture_output=True, text=True, timeout=600, check=False
    )
    assert report.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    told: Mapping[str, Any] = json.loads(report.read_text())
    assert told["errors"] == []
    return told
