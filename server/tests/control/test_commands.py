"""`--control-port` as a process."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from entity_tests.deployments.nursery import nursery

ROOT = Path(__file__).parents[3]
RUN = [sys.executable, "-P", "-m", "entity_server", "run", "--port", "0"]
NOTHING_LOADED = """
import sys
from entity_server import running
print([name for name in sys.modules if name.startswith(("entity_server.control", "entity_server.faults"))])
"""


def environment() -> dict[str, str]:
    paths = os.pathsep.join(str(ROOT / face) for face in ("contract", "server"))
    return {"PATH": os.environ["PATH"], "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"}


def test_the_credentials_file_has_url_and_token_and_the_server_ends_in_time(tmp_path: Path) -> None:
    command = [*RUN, "--demo", "--control-port", "0", "--database", "sqlite://:memory:"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        credentials = json.loads((tmp_path / "reference-server.credentials.json").read_text(encoding="utf-8"))
        token = {"Authorization": f"Bearer {credentials['controlToken']}"}
        with (
            httpx.Client(base_url=credentials["controlUrl"], headers=token, timeout=60) as control,
            control.stream("GET", "/requests/stream") as stream,
        ):
            reset = control.post("/reset")
            process.send_signal(signal.SIGTERM)
            streamed = stream.read()
        status = process.wait(timeout=60)

    assert "a control port beside it" in line
    assert credentials["controlToken"] not in line
    assert credentials["controlUrl"].endswith("/control/v1")
    assert (reset.status_code, streamed, status) == (200, b": the requests to the API\n\n", 0)


def test_a_control_port_without_the_demo_writes_a_credentials_file_too(tmp_path: Path) -> None:
    command = [*RUN, "--control-port", "0", "--database", "sqlite://:memory:"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        credentials = json.loads((tmp_path / "reference-server.credentials.json").read_text(encoding="utf-8"))
        token = {"Authorization": f"Bearer {credentials['controlToken']}"}
        with httpx.Client(base_url=credentials["controlUrl"], headers=token, timeout=60) as control:
            nobody = control.post("/keys").json()
            somebody = control.post("/keys", json={"owner": "ada@shop.example"})
        process.terminate()

    assert sorted(credentials) == ["baseUrl", "controlToken", "controlUrl"]
    assert "without --demo" in nobody["details"]["owner"]
    assert somebody.status_code == 201


def test_the_log_tells_which_rules_acted(tmp_path: Path) -> None:
    command = [*RUN, "--demo", "--control-port", "0", "--database", "sqlite://:memory:", "--access-log", "json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        credentials = json.loads((tmp_path / "reference-server.credentials.json").read_text(encoding="utf-8"))
        token = {"Authorization": f"Bearer {credentials['controlToken']}"}
        httpx.post(f"{credentials['controlUrl']}/rules", headers=token, json={"status": 503, "times": 1})
        for _ in range(2):
            httpx.get(f"{credentials['baseUrl']}/tasks", headers={"Authorization": f"Bearer {credentials['apiKey']}"})
        process.terminate()
        _, log = process.communicate(timeout=60)

    ruled, plain = map(json.loads, log.splitlines())
    assert (ruled["status"], ruled["operation"], ruled["rules"]) == (503, "listTasks", "rule_1")
    assert (plain["status"], "rules" in plain) == (200, False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--workers", "2"], "does not go with --workers"),
        (["--redis", "redis://localhost"], "does not go with --redis"),
        (["--control-host", "no such host"], "--control-host"),
        (["--control-host", "192.0.2.1"], "--control-host"),
    ],
)
def test_what_does_not_go_together_is_one_line_and_exit_2(tmp_path: Path, options: list[str], words: str) -> None:
    arguments = ["run", "--port", "0", "--control-port", "0", "--database", "sqlite://:memory:", *options]

    ended = nursery().ran("reference-server", arguments, tmp_path, environment())

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert words in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_server_without_a_control_port_loads_nothing_of_it(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-P", "-c", NOTHING_LOADED],
        cwd=tmp_path, env=environment(), text=True, capture_output=True, timeout=60, check=True,
    )  # fmt: skip

    assert ended.stdout == "[]\n"
