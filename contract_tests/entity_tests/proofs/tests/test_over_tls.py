"""The runner against a server with `--tls`: trusted by `--ca`, and not without."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from entity_tests.deployments.serving import ROOT, Served, environment, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("tls"), "--tls") as server:
        yield server


def _doctor(server: Served, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "entity_conformance", "doctor", server.base_url, *options]
    variables = {**environment(), "CONFORMANCE_API_KEY": server.credentials["apiKey"]}
    return subprocess.run(
        command, env=variables, cwd=ROOT / "docs", text=True, capture_output=True, timeout=60, check=False
    )


def test_a_run_could_work_when_the_authority_of_the_credentials_file_is_trusted(server: Served) -> None:
    done = _doctor(server, "--ca", server.credentials["ca"])

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_credential_is_given_to_who_is_not_trusted(server: Served) -> None:
    done = _doctor(server)

    assert done.returncode == 4, done.stdout + done.stderr
    assert "certificate" in (done.stdout + done.stderr)
