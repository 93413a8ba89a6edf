"""The pytest plugin, as a project has it that installs the package: pytest in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

MOST_SECONDS = 60
SEED = """
import httpx
import pytest

def titles(v1_api):
    return {task["title"] for task in httpx.get(f"{v1_api.base_url}/tasks", headers=v1_api.bearer()).json()["data"]}

@pytest.mark.parametrize("number", range(3))
def test_nothing_is_left(v1_api, number):
    assert v1_api.requests == ()
    assert "Buy milk" not in titles(v1_api)
    answer = httpx.post(f"{v1_api.base_url}/tasks", headers=v1_api.bearer(), json={"title": "Buy milk"})
    assert answer.status_code == 201
    assert "Buy milk" in titles(v1_api)
    assert answer.headers["X-RateLimit-Remaining"] == "998"
    keys = httpx.get(f"{v1_api.base_url}/keys", headers=v1_api.cookie()).json()["data"]
    assert [one for one in keys if one["name"] == "Mine"] == []
    httpx.post(f"{v1_api.base_url}/keys", headers=v1_api.cookie(), json={"name": "Mine", "scopes": ["read"]})
    v1_api.clock.move(days=3)
    v1_api.fail_next("listTasks", status=503, times=100)
"""
"""Tests of which each would fail if one before it left something behind."""

INI = "[pytest]\nfilterwarnings = error\n"


def project(folder: Path, test: str, *, ini: str = INI, **files: str) -> Path:
    """A project with one test module, and what stands beside it."""
    (folder / "pytest.ini").write_text(ini)
    (folder / "test_it.py").write_text("import httpx\n\n" + test)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def checked(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*options), cwd=folder, env=environment(), capture_output=True, text=True, timeout=180, check=False
    )


def command(*options: str) -> list[str]:
    """Without plugins that a project need not have: to load them takes longer than to start the server."""
    without = [word for name in ("cacheprovider", "schemathesis", "respx") for word in ("-p", f"no:{name}")]
    return [sys.executable, "-P", "-m", "pytest", "-q", *without, *options]


def environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}


def ends(url: str) -> bool:
    """Whether the server at an address ends, within some seconds."""
    deadline = time.monotonic() + MOST_SECONDS
    while is_served(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_served(url)


def is_served(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as sock:
        return sock.connect_ex((parts.hostname or "", parts.port or 0)) == 0


def test_the_plugin_imports_nothing_but_pytest() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import entity_server.pytest_plugin; "
        "print(sorted(set(sys.modules) - before))"
    )

    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['entity_server', 'entity_server.pytest_plugin']"


def test_the_fixture_does_what_it_is_told_and_each_test_begins_with_the_seed(tmp_path: Path) -> None:
    test = """
import datetime
import pytest

def get(v1_api, path="/tasks", key=None, **what):
    return httpx.get(v1_api.base_url + path, headers=v1_api.bearer(key), **what)

def test_credentials(v1_api):
    assert v1_api.base_url.endswith("/api/v1")
    keys = (v1_api.api_key, v1_api.read_key, v1_api.write_key, v1_api.other_api_key, v1_api.expired_key)
    assert [get(v1_api, key=key).status_code for key in keys] == [200, 200, 403, 200, 401]
    assert httpx.get(f"{v1_api.base_url}/keys", headers=v1_api.cookie()).status_code == 200
    assert v1_api.api_key not in repr(v1_api) + repr(v1_api.requests)

def test_seed_snapshot_and_restore(v1_api):
    before = get(v1_api).json()["pagination"]["total"]
    made = v1_api.seed(tasks=[{"title": "Buy milk"}])
    assert get(v1_api, "/tasks/" + made["tasks"][0]["id"]).json()["data"]["title"] == "Buy milk"
    snapshot = v1_api.snapshot()
    v1_api.seed({"tasks": 3})
    assert get(v1_api).json()["pagination"]["total"] == before + 4
    v1_api.restore()
    assert get(v1_api).json()["pagination"]["total"] == before + 1
    v1_api.seed(tasks=1)
    v1_api.restore(snapshot)
    assert get(v1_api).json()["pagination"]["total"] == before + 1

def test_there_is_no_snapshot_of_another_test(v1_api):
    with pytest.raises(LookupError, match="no snapshot"):
        v1_api.restore()

def test_clock(v1_api):
    then = v1_api.clock.now
    assert v1_api.clock.move(days=1) - then >= datetime.timedelta(days=1)
    moment = datetime.datetime(2030, 1, 31, 10, 30, tzinfo=datetime.UTC)
    assert v1_api.clock.set(moment, frozen=True) == moment == v1_api.clock.now
    v1_api.clock.reset()
    assert v1_api.clock.now < moment

def test_fail_next(v1_api):
    v1_api.fail_next("listTasks", status=429, times=2)
    assert [get(v1_api).status_code for _ in range(3)] == [429, 429, 200]
    v1_api.fail_next("listTasks")
    assert [get(v1_api).status_code for _ in range(2)] == [500, 200]

def test_requests_and_verdicts(v1_api):
    get(v1_api, params={"page": 2})
    get(v1_api, params={"colour": "red"})
    first, second = v1_api.requests
    assert (first.operation, first.query, first.valid) == ("listTasks", {"page": "2"}, True)
    assert (second.valid, second.problems[0].name) == (False, "colour")

def test_expect_called(v1_api):
    get(v1_api, params={"page": 2})
    v1_api.expect_called("listTasks")
    v1_api.expect_called("listTasks", times=1, query={"page": 2}, status=200)
    v1_api.expect_called("createTask", times=0)
    with pytest.raises(AssertionError, match="expected createTask at least once"):
        v1_api.expect_called("createTask")
    with pytest.raises(ValueError, match="did you mean listTasks"):
        v1_api.expect_called("listTask", times=0)

def test_unknown_operations_are_refused(v1_api):
    with pytest.raises(Exception, match="listTask"):
        v1_api.fail_next("listTask", status=429)

def test_client_report(v1_api):
    v1_api.fail_next("listTasks", status=429)
    for _ in range(2):
        httpx.get(f"{v1_api.base_url}/tasks?colour=red", headers=v1_api.bearer())
    report = v1_api.client_report()
    assert {one["id"] for one in report["wrong"]} == {
        "client.undocumented-parameter", "client.asked-before-retry-after"
    }
    assert "client.never-met-503" in {one["id"] for one in report["notExercised"]}

def test_the_report_is_this_tests_own(v1_api):
    assert v1_api.client_report()["wrong"] == []

def test_a_mock_of_httpx_does_not_come_between(v1_api):
    import respx
    with respx.mock:
        v1_api.seed(tasks=1)
        assert v1_api.requests == ()
"""
    done = checked(project(tmp_path, test, test_seed=SEED), "-v")

    assert re.search(r"\d+ passed", done.stdout), done.stdout + done.stderr
    assert "test_seed.py ... " in done.stdout, done.stdout
    assert "failed" not in done.stdout, done.stdout
    assert done.returncode == 0


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    done = checked(project(tmp_path, "def test_it(v1_api):\n    pass\n"), "-p", "no:v1_api")

    assert done.returncode == 1
    assert "fixture 'v1_api' not found" in done.stdout


def test_without_the_server_it_says_how_to_install_it(tmp_path: Path) -> None:
    hidden = "import sys\nsys.modules['sanic'] = None\n"

    done = checked(project(tmp_path, "def test_it(v1_api):\n    pass\n", conftest=hidden))

    assert done.returncode == 1
    assert "run: pip install 'v1-entity-contract[server]'" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("ini", "said"),
    [
        ("v1_api_args = --colour red", "No such option '--colour'"),
        pytest.param("v1_api_contract = nowhere.yaml", "nowhere.yaml", marks=pytest.mark.soak),
    ],
)
def test_a_server_that_cannot_start_says_why(tmp_path: Path, ini: str, said: str) -> None:
    done = checked(project(tmp_path, "def test_it(v1_api):\n    pass\n", ini=f"{INI}{ini}\n"))

    assert done.returncode == 1
    assert "v1_api has no server" in done.stdout
    assert said in done.stdout


@pytest.mark.parametrize(
    "option", ["--client-report report.json", pytest.param("--client-report=report.json", marks=pytest.mark.soak)]
)
def test_each_worker_has_a_server_with_a_report_and_none_stays(tmp_path: Path, option: str) -> None:
    test = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(4))
def test_it(v1_api, number):
    pathlib.Path(os.environ["PYTEST_XDIST_WORKER"]).write_text(v1_api.base_url)
"""
    folder = project(tmp_path, test, ini=f"{INI}v1_api_args = {option}\n")

    done = checked(folder, "-n", "2", "--dist", "each")

    urls = {(tmp_path / name).read_text() for name in ("gw0", "gw1")}
    assert (done.returncode, len(urls)) == (0, 2), done.stdout
    assert [url for url in urls if is_served(url)] == []
    assert sorted(file.name for file in tmp_path.glob("*.json")) == ["report.gw0.json", "report.gw1.json"]


def test_options_of_the_server_are_an_ini_option_and_a_wrong_client_fails_the_run_where_that_is_asked_for(
    tmp_path: Path,
) -> None:
    test = """
def test_it(v1_api):
    statuses = [httpx.get(f"{v1_api.base_url}/tasks", headers=v1_api.bearer()).status_code for _ in range(2)]
    assert statuses == [200, 429]
    httpx.get(f"{v1_api.base_url}/tasks?colour=red", headers=v1_api.bearer(v1_api.read_key))
"""
    done = checked(project(tmp_path, test, ini=f"{INI}v1_api_args = --key-limit 1/hour --strict-clients\n"))

    assert (done.returncode, "1 passed, 1 error" in done.stdout) == (1, True), done.stdout
    assert "client.undocumented-parameter" in done.stdout


def test_the_server_ends_where_pytest_is_killed(tmp_path: Path) -> None:
    test = """
import pathlib, time

def test_it(v1_api):
    pathlib.Path("url").write_text(v1_api.base_url)
    pathlib.Path("there").touch()
    time.sleep(60)
"""
    folder = project(tmp_path, test)
    with subprocess.Popen(command(), cwd=folder, env=environment(), stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + MOST_SECONDS
        while not (folder / "there").exists():
            assert (process.poll(), time.monotonic() < deadline) == (None, True)
            time.sleep(0.02)
        url = (folder / "url").read_text()
        assert is_served(url)
        process.send_signal(signal.SIGKILL)

    assert ends(url)
