"""Plain `schemathesis run` on the reference server: with `entity_tests.hooks` it finds nothing, without them little.

What is found without them stands in docs/property-tests.md, each operation with its reason.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from entity_tests.deployments.serving import ROOT, UNLIMITED, Served, environment, serving

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
        line, cwd=folder, env={**clean, **variables}, capture_output=True, text=True, timeout=300, check=False
    )
    assert report.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    told: Mapping[str, Any] = json.loads(report.read_text())
    assert told["errors"] == []
    return told


def failing(told: Mapping[str, Any]) -> set[str]:
    return {operation for failure in told["failures"] for operation in failure["operations"]}


def named() -> set[str]:
    """The operations in the table of the documentation."""
    text = (ROOT / "docs" / "property-tests.md").read_text(encoding="utf-8")
    _, _, section = text.partition("## Plain schemathesis")
    return set(re.findall(r"`((?:GET|POST|PATCH|DELETE) /v1/[^`]+)`", section.partition("\n## ")[0]))


def test_with_the_hooks_all_phases_find_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "server", *UNLIMITED) as served:
        told = schemathesis(tmp_path, served, "--max-examples", "2", **HOOKS)

    assert (told["exit_code"], told["failures"]) == (0, [])
    assert {phase["status"] for phase in told["phases"].values()} == {"success"}
    assert (told["operations"]["tested"], told["operations"]["total"]) == (44, 44)
    assert told["test_cases"]["generated"] > 1000


def test_without_them_the_demo_shows_no_failure_within_its_limit(tmp_path: Path) -> None:
    with serving(tmp_path / "server") as served:
        told = schemathesis(tmp_path, served, "--phases", "examples,coverage")  # the others meet the limit alone

    assert told["failures"] == []
    assert told["test_cases"]["generated"] > 1000


def test_without_them_each_failure_of_the_demo_is_explained(tmp_path: Path) -> None:
    with serving(tmp_path / "server", *UNLIMITED) as served:
        told = schemathesis(tmp_path, served, "--phases", "coverage", "--include-tag", "Comments")

    assert failing(told)
    assert failing(told) <= named()


def test_the_hooks_let_no_fault_pass(tmp_path: Path) -> None:
    faults = ("--fault", "metadata.last-value-refused", "--fault", "list.bad-limit-accepted")
    with serving(tmp_path / "server", *UNLIMITED, *faults) as served:
        told = schemathesis(tmp_path, served, "--phases", "coverage", "--include-tag", "Products", **HOOKS)

    assert {"GET /v1/products", "PATCH /v1/products/{id}"} <= failing(told)
