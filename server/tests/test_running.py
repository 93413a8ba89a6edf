"""`reference-server run` as a process: from its first line to its end."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": os.pathsep.join(str(ROOT / face) for face in ("contract", "server")),
    "PYTHONUNBUFFERED": "1",
    "REFERENCE_SERVER_PORT": "0",
}


@contextmanager
def running(
    directory: Path, *arguments: str, within: Sequence[str] = ()
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its first line, which it prints when it accepts connections."""
    command = [*within, sys.executable, "-P", "-m", "entity_server", "run", *arguments]
    with subprocess.Popen(
        command,
        cwd=directory,
        env=ENVIRONMENT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """The exit status after a signal, and stderr."""
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def test_a_demo_serves_with_its_credentials_and_stops_when_told(tmp_path: Path) -> None:
    with running(tmp_path, "--demo", "--database", "sqlite://shop.sqlite3") as (process, line):
        file = tmp_path / "reference-server.credentials.json"
        credentials = json.loads(file.read_text(encoding="utf-8"))
        url = credentials.pop("baseUrl")
        mode = stat.S_IMODE(file.stat().st_mode)
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {credentials['apiKey']}"}) as client:
            tasks = client.get("/tasks")
            status, err = stopped(process, signal.SIGTERM)

    assert line == (
        f"Reference server on {url}; documentation on {url.removesuffix('/api/v1')}/docs; "
        "credentials in reference-server.credentials.json; stop it with Ctrl+C\n"
    )
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/api/v1")
    assert tasks.json()["pagination"]["total"] == 6
    assert (mode, file.exists()) == (0o600, False)
    assert not [secret for secret in credentials.values() if secret in line]
    assert (status, err) == (0, "")


def test_a_second_demo_on_one_file_is_refused_and_leaves_the_keys_of_the_first(tmp_path: Path) -> None:
    shop = ("--demo", "--database", "sqlite://shop.sqlite3")
    with running(tmp_path, *shop) as (_, _line):
        credentials = json.loads((tmp_path / "reference-server.credentials.json").read_text(encoding="utf-8"))
        with running(tmp_path, *shop, "--credentials", "other.json") as (second, nothing):
            _, err = second.communicate(timeout=60)
        bearer = {"Authorization": f"Bearer {credentials['apiKey']}"}
        asked = httpx.get(f"{credentials['baseUrl']}/tasks", headers=bearer)

    assert (second.returncode, nothing, err.count("\n")) == (2, "", 1)
    assert err.startswith("reference-server: another demo server serves this database, and its keys would be replaced")
    assert asked.status_code == 200


def test_a_demo_that_finds_no_room_is_told_in_a_line(tmp_path: Path) -> None:
    bounded = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000)); "
    within = (sys.executable, "-c", bounded + "os.execv(sys.argv[1], sys.argv[1:])")
    with running(tmp_path, "--demo", "--database", "sqlite://shop.sqlite3", within=within) as (process, line):
        _, err = process.communicate(timeout=60)

    assert (process.returncode, line, err.count("\n"), "Traceback" in err) == (2, "", 1, False)
    assert err.startswith("reference-server: the demo cannot be written to the database: ")


def test_an_interrupt_before_it_serves_is_no_traceback() -> None:
    importing = """
import builtins, os, signal
real = builtins.__import__
def interrupted(name, *rest):
    if name == "entity_server.commands":
        os.kill(os.getpid(), signal.SIGINT)
    return real(name, *rest)
builtins.__import__ = interrupted
from entity_server.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", importing], check=False, cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupt_and_the_end_of_the_terminal_are_clean_ends_too(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "--database", "sqlite://:memory:", "--credentials", "c.json") as (process, line):
        status, err = stopped(process, number)

    assert line.startswith("Reference server on http://127.0.0.1:")
    assert (status, err) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_to_outlive_its_terminal_does(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does; a child inherits it
    try:
        with running(tmp_path, "--database", "sqlite://:memory:") as (process, line):
            process.send_signal(signal.SIGHUP)
            alive = httpx.get(line.split()[3].removesuffix("/api/v1;") + "/livez")
            status, _ = stopped(process, signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert (alive.status_code, status) == (200, 0)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
def test_a_server_whose_standard_streams_are_closed_or_full_serves(tmp_path: Path, closed: str) -> None:
    file = tmp_path / "c.json"
    options = "run --port 0 --database sqlite://:memory: --demo --credentials c.json"
    shell = f'exec "{sys.executable}" -m entity_server {options} {closed}'
    with subprocess.Popen(["sh", "-c", shell], cwd=tmp_path, env=ENVIRONMENT) as process:
        try:
            deadline = time.monotonic() + 60
            while not (file.exists() and file.read_text(encoding="utf-8")):
                assert (process.poll(), time.monotonic() < deadline) == (None, True)
                time.sleep(0.02)
            known = json.loads(file.read_text(encoding="utf-8"))
            read = httpx.get(f"{known['baseUrl']}/tasks", headers={"Authorization": f"Bearer {known['apiKey']}"})
            process.send_signal(signal.SIGTERM)
            status = process.wait(60)
        finally:
            process.kill()

    assert (read.status_code, status, file.exists()) == (200, 0, False)


@pytest.mark.parametrize(
    ("host", "base"),
    [("127.0.0.1", "http://127.0.0.1"), ("0.0.0.0", "http://127.0.0.1"), ("localhost", "http://localhost")],
)
def test_the_base_url_can_be_reached_from_here(host: str, base: str) -> None:
    from entity_server.running import base_url, listening  # noqa: PLC0415 - the process above is the subject

    with listening(host, 0) as sock:
        port = sock.getsockname()[1]

        assert base_url(host, sock) == f"{base}:{port}/api/v1"


def test_files_with_the_names_of_the_folders_are_in_nobodys_way(tmp_path: Path) -> None:
    for name in ("server", "contract", "conformance", "contract_tests"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this file is not ours')\n")
    faces = (str(tmp_path), *(str(ROOT / face) for face in ("contract", "server")))

    shown = subprocess.run(
        [sys.executable, "-m", "entity_server", "faults"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(faces)},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "list.total-off-by-one  breaks list.total" in shown.stdout


def test_a_server_that_is_right_loads_nothing_that_nobody_asked_for() -> None:
    """Each costs time at the start, and none is on the path of a request."""
    unneeded = (
        *("openapi_core", "asyncpg", "redis", "prometheus_client"),
        *(
            "entity_server.faults",
            "entity_server.http.simulation.simulated",
            "entity_server.shared",
            "entity_server.metrics",
            "entity_server.http.plugins.endpoint",
        ),
    )
    code = f"import sys, entity_server.running; print([name for name in sys.modules if name.startswith({unneeded})])"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(ROOT / f) for f in ("contract", "server")),
    }

    shown = subprocess.run(
        [sys.executable, "-c", code], env=environment, text=True, capture_output=True, timeout=60, check=True
    )

    assert shown.stdout == "[]\n"
