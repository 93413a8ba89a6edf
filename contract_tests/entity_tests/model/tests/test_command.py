"""`python -m entity_tests.model`: what it prints, and how it ends."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from entity_tests.deployments.serving import UNLIMITED, Served, serving
from entity_tests.model.__main__ import main


def command(*arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(main, arguments, env={f"CONTRACT_TESTS_{name}": text for name, text in variables.items()})


def there(served: Served, **variables: str) -> Result:
    return command(URL=served.root, API_KEY=served.credentials["apiKey"], MAX_REQUESTS="200", **variables)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "API_KEY", "HEADER", "STRICT", "MAX_REQUESTS", "TIMEOUT", "SEED", "ALLOW_WRITES"):
        monkeypatch.delenv(f"CONTRACT_TESTS_{name}", raising=False)


def test_the_faults_that_are_found_are_counted() -> None:
    result = command("--minutes", "0", "--fault", "delete.says-nothing", "--fault", "delete.anything-*")
    assert "delete.says-nothing                        found" in result.output
    assert result.output.endswith("2 of 2 faults found (100%; 90% are wanted)\n")
    assert result.exit_code == 0


def test_a_served_deployment_is_compared(folder: Path) -> None:
    with serving(folder, *UNLIMITED) as served:
        result = there(served)
    assert result.output.endswith("nothing is wrong\n"), result.output
    assert result.exit_code == 0
    assert not [key for key in served.credentials.values() if key in result.output]


def test_a_served_fault_is_told_without_a_key(folder: Path) -> None:
    with serving(folder, *UNLIMITED, "--fault", "list.per-page-header-missing") as served:
        result = there(served)
    assert ", and is absent" in result.output
    assert "X-Per-Page must be " in result.output
    assert result.exit_code == 1
    assert not [key for key in served.credentials.values() if key in result.output]


def test_no_key_is_one_line_and_misuse() -> None:
    result = command(URL="http://localhost")
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "no API key was given" in result.output


def test_an_unreachable_deployment_is_one_line() -> None:
    result = command(URL="http://127.0.0.1:1", API_KEY="sk_live_x")
    assert result.exit_code == 4
    assert result.output == "cannot reach http://127.0.0.1:1/api/v1: ConnectError\n"
