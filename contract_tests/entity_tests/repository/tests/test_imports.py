"""import-linter keeps every promise of ARCHITECTURE.md about imports: each is broken here, and it must say so.

One copy holds an import against each promise at once: a run of import-linter for each took most of the time.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]
FACES = ("contract", "server", "conformance", "contract_tests")


@dataclass(frozen=True, slots=True)
class Planted:
    """An import that breaks the promise `contract` (an id of pyproject.toml), written into the module `where`."""

    contract: str
    where: str
    imported: str


PLANTED = (
    Planted("readings", "server/entity_server/domain/paging.py", "entity_conformance.suite.expect"),
    Planted("readings", "conformance/entity_conformance/suite/sample/scalars.py", "entity_server.domain.text"),
    Planted("facts", "contract/entity_contract/entities.py", "entity_server.domain"),
    Planted("facts", "contract/entity_contract/references.py", "httpx"),
    Planted("by-name", "conformance/entity_conformance/commands/cli.py", "entity_tests.properties"),
    Planted("by-name", "server/entity_server/demo.py", "entity_tests.hooks"),
    Planted("products", "conformance/entity_conformance/oracle/records.py", "entity_server.domain.values"),
    Planted("products", "contract_tests/entity_tests/properties/strategies.py", "entity_tests.deployments.serving"),
    Planted("products", "contract_tests/entity_tests/hooks.py", "entity_tests.proofs.kill_matrix"),
    Planted("store", "server/entity_server/http/record.py", "tortoise"),
    Planted("redis", "server/entity_server/running.py", "redis.asyncio"),
    Planted("metrics", "server/entity_server/http/gateway.py", "prometheus_client"),
    Planted("http", "server/entity_server/faults/wrapping.py", "sanic"),
    Planted("domain", "server/entity_server/domain/keys.py", "time"),
    Planted("domain", "server/entity_server/domain/text.py", "os"),
    Planted("server-layers", "server/entity_server/store/records.py", "entity_server.http.services"),
    Planted("server-layers", "server/entity_server/http/gateway.py", "entity_server.faults"),
    Planted("runner-layers", "conformance/entity_conformance/report/findings.py", "entity_conformance.suite.plan"),
    Planted("runner-layers", "conformance/entity_conformance/suite/plan.py", "entity_conformance.commands.demo"),
    Planted("no-requirement", "conformance/entity_conformance/deployment/tidy.py", "entity_conformance.suite.ledger"),
    Planted("client", "conformance/entity_conformance/suite/preparation.py", "httpx"),
    Planted("client", "conformance/entity_conformance/oracle/answers.py", "httpx"),
    Planted("pure", "conformance/entity_conformance/report/console.py", "entity_conformance.deployment.wire"),
    Planted("pure", "conformance/entity_conformance/report/verdict.py", "time"),
    Planted("pure", "conformance/entity_conformance/suite/plan.py", "entity_conformance.deployment.wire"),
    Planted("pure", "conformance/entity_conformance/suite/expect/values.py", "entity_conformance.deployment.api"),
    Planted("pure", "conformance/entity_conformance/suite/sample/bodies.py", "entity_conformance.deployment.journal"),
    Planted("checks", "conformance/entity_conformance/suite/checks/keys.py", "entity_conformance.deployment.journal"),
    Planted("checks", "conformance/entity_conformance/suite/checks/keys.py", "entity_conformance.suite.runner"),
    Planted("received", "conformance/entity_conformance/suite/runner.py", "entity_conformance.suite.checks.keys"),
    Planted("terminal", "conformance/entity_conformance/commands/driver.py", "rich.console"),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and the rules, where an import can be planted."""
    root = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", root)
    for face in FACES:
        shutil.copytree(ROOT / face, root / face, ignore=shutil.ignore_patterns("__pycache__", "tests", "swagger_ui"))
    return root


def groups() -> tuple[tuple[Planted, ...], ...]:
    """What is planted in one copy: one import against each promise at most, and one in each module."""
    made: list[list[Planted]] = []
    for planted in PLANTED:
        for group in made:
            if all(planted.contract != other.contract and planted.where != other.where for other in group):
                group.append(planted)
                break
        else:
            made.append([planted])
    return tuple(map(tuple, made))


def linted(root: Path) -> tuple[int, dict[str, str]]:
    """The exit code of import-linter, and what it said of each broken promise, by the promise's id."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", "pyproject.toml"]
    paths = os.pathsep.join(str(root / face) for face in FACES)
    environment = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "300"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=120)
    _, _, broken = done.stdout.partition("Broken contracts")
    parts = re.split(r"^(\S.*)\n-+$", broken, flags=re.MULTILINE)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    return done.returncode, {each["id"]: told[each["name"]] for each in promises() if each["name"] in told}


def promises() -> list[dict[str, Any]]:
    rules: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    found: list[dict[str, Any]] = rules["contracts"]
    return found


@pytest.fixture(scope="module")
def said(copy: Path) -> dict[Planted, tuple[int, str]]:
    """import-linter's exit code, and what it said of the promise that an import breaks."""
    found = {}
    for group in groups():
        texts = {planted: (copy / planted.where).read_text("utf-8") for planted in group}
        for planted, text in texts.items():
            (copy / planted.where).write_text(f"{text}\nimport {planted.imported}\n", encoding="utf-8")
        code, broken = linted(copy)
        for planted, text in texts.items():
            (copy / planted.where).write_text(text, encoding="utf-8")
            found[planted] = code, broken.get(planted.contract, "")
    return found


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.contract}: {planted.imported}")
def test_an_import_against_a_promise_is_named(planted: Planted, said: dict[Planted, tuple[int, str]]) -> None:
    importer = ".".join(Path(planted.where).with_suffix("").parts[1:])
    code, broken = said[planted]

    assert code == 1
    assert f"{importer} -> {planted.imported.split('.')[0]}" in " ".join(broken.split())


def test_where_nothing_is_planted_no_promise_is_broken(copy: Path) -> None:
    assert linted(copy) == (0, {})


def test_every_promise_is_broken_once() -> None:
    assert {planted.contract for planted in PLANTED} == {promise["id"] for promise in promises()}
