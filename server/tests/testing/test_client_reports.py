"""`--client-report` and `--strict-clients`: the file, the lines and the exit status."""

import asyncio
import concurrent.futures
import contextlib
import http.client
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from entity_server.testing import running
from entity_server.testing.api import Api
from entity_server.testing.server import ClientIsWrong

WRONG = "import os, urllib.request as u; u.urlopen(u.Request(os.environ['V1_API_URL'] + '/tasks?colour=red', headers={'Authorization': 'Bearer ' + os.environ['V1_API_KEY']}))"  # noqa: E501 - one program
RIGHT = WRONG.replace("colour=red", "limit=1")


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    with running() as api:
        yield api


@pytest.fixture
def api(served: Api) -> Api:
    """A server that knows of nothing, as one that has just begun."""
    served.reset()
    return served


def executed(folder: Path, program: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "entity_server", "exec", *options, "--", sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def ids(report: object) -> list[str]:
    assert isinstance(report, list)
    return [finding["id"] for finding in report]


@pytest.mark.parametrize(("program", "code"), [(RIGHT, 0), (WRONG, 1), (f"{WRONG}; raise SystemExit(7)", 7)])
def test_strict_clients_turns_a_success_into_a_failure_and_no_other(tmp_path: Path, program: str, code: int) -> None:
    done = executed(tmp_path, program, "--strict-clients")

    assert done.returncode == code, done.stderr
    assert ("client.undocumented-parameter (L22.unknown-parameter)" in done.stderr) == ("colour" in program)
    assert list(tmp_path.iterdir()) == []


def test_the_report_is_written_whatever_it_says(tmp_path: Path) -> None:
    done = executed(tmp_path, WRONG, "--client-report", "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert (done.returncode, done.stderr, report["requests"]) == (0, "", 1)
    assert ids(report["wrong"]) == ["client.undocumented-parameter"]
    assert ids(report["notExercised"])[:2] == ["client.never-met-429", "client.never-met-503"]


def test_the_report_needs_no_control_port(tmp_path: Path) -> None:
    credentials, report = tmp_path / "credentials.json", tmp_path / "report.json"
    options = ["--demo", "--port", "0", "--database", "sqlite://:memory:", "--strict-clients"]
    command = [sys.executable, "-P", "-m", "entity_server", "run", *options]
    command += ["--credentials", str(credentials), "--client-report", str(report)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it says where it is, once it is there
        known = json.loads(credentials.read_text())
        url = f"{known['baseUrl']}/tasks?api_key={known['apiKey']}"
        httpx.get(url, headers={"Authorization": f"Bearer {known['apiKey']}"})
        process.terminate()
        _, said = process.communicate(timeout=60)

    assert process.returncode == 1
    assert ids(json.loads(report.read_text())["wrong"]) == ["client.key-in-query"]
    assert "client.key-in-query" in said
    assert known["apiKey"] not in said + report.read_text()


def test_a_script_hears_of_a_client_that_is_wrong() -> None:
    with pytest.raises(ClientIsWrong, match=r"client\.undocumented-field"), running("--strict-clients") as api:
        httpx.post(f"{api.base_url}/tasks", headers=api.bearer(), json={"title": "Buy milk", "colour": "red"})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--client-report", "nowhere/report.json"), "cannot write the client report to nowhere/report.json"),
        (("--strict-clients", "--workers", "2"), "does not go with --workers"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    done = executed(tmp_path, RIGHT, *options)

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert said in done.stderr


OTHERWISE = {"client.never-met-other-choices", "client.never-met-added-members"}


@pytest.mark.parametrize(
    ("options", "met"),
    [
        pytest.param(("--choices", "L2=capped"), {"client.never-met-other-choices"}, marks=pytest.mark.soak),
        pytest.param(("--variant", "records-say-more"), {"client.never-met-added-members"}, marks=pytest.mark.soak),
        (("--choices", "other"), OTHERWISE),
    ],
)
def test_what_the_server_shows_is_not_told_as_never_met(options: tuple[str, ...], met: set[str]) -> None:
    with running(*options) as api:
        told = set(ids(api.client_report()["notExercised"]))

    assert OTHERWISE - told == met


def test_what_the_server_does_not_show_is_told_as_never_met(api: Api) -> None:
    assert set(ids(api.client_report()["notExercised"])) >= OTHERWISE


def test_a_server_with_a_certificate_is_one_as_well() -> None:
    with running("--tls") as api:
        context = ssl.create_default_context(cafile=api.ca)
        answer = httpx.get(f"{api.base_url}/tasks", headers=api.bearer(), verify=context)

        assert (api.base_url[:8], answer.status_code) == ("https://", 200)
        api.expect_called("listTasks", times=1)


def test_findings_of_several_tests_are_in_one_report(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with running("--client-report", str(report)) as api:
        for name in ("colour", "size"):
            api.reset()
            httpx.get(f"{api.base_url}/tasks?{name}=1", headers=api.bearer())
            assert len(api.client_report()["wrong"]) == 1

    assert [one["message"] for one in json.loads(report.read_text())["wrong"]] == [
        "listTasks has no parameter 'colour'",
        "listTasks has no parameter 'size'",
    ]


def test_a_parallel_client_is_not_accused_of_what_was_under_way(api: Api) -> None:
    api.fail_next("listTasks", status=429, times=1, delay_ms=2000)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(httpx.get, f"{api.base_url}/tasks", headers=api.bearer()) for _ in range(8)]
    assert sorted(one.result().status_code for one in asked) == [200] * 7 + [429]

    assert api.client_report()["wrong"] == []


def test_requests_that_are_sent_together_are_not_accused(api: Api) -> None:
    async def asked(api: Api) -> list[int]:
        async with httpx.AsyncClient(base_url=api.base_url, headers=api.bearer()) as client:
            await asyncio.gather(*(client.get("/tasks") for _ in range(10)))
            api.fail_next("listTasks", status=429, times=1)
            return [one.status_code for one in await asyncio.gather(*(client.get("/tasks") for _ in range(10)))]

    assert sorted(asyncio.run(asked(api))) == [200] * 9 + [429]

    assert api.client_report()["wrong"] == []


def test_requests_of_several_threads_are_not_accused(api: Api) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        api.fail_next("listTasks", status=429, times=1)
        place = urlsplit(api.base_url)
        started = threading.Barrier(8)

        def ask(_: int) -> int:
            with contextlib.closing(http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)) as sent:
                sent.connect()  # one that connects after the answer has been sent cannot be told from one that had it
                started.wait(60)
                sent.request("GET", "/api/v1/tasks", headers=api.bearer())
                return sent.getresponse().status

        assert sorted(pool.map(ask, range(8))) == [200] * 7 + [429]
        assert api.client_report()["wrong"] == []


def test_requests_that_are_sent_behind_one_another_are_not_accused(api: Api) -> None:
    api.fail_next("listTasks", status=429, times=1)
    place = urlsplit(api.base_url)
    request = f"GET /api/v1/tasks HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {api.api_key}\r\n\r\n"
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=60) as sock:
        sock.sendall(request.encode() * 2)
        said = b""
        while said.count(b"HTTP/1.1 ") < 2:
            said += sock.recv(65536)

    assert [one.status for one in api.requests] == [429, 200]
    assert api.client_report()["wrong"] == []


@pytest.mark.parametrize("headers", [{}, {"Connection": "close"}], ids=["on one connection", "on a new one"])
def test_a_client_that_asks_again_at_once_is_wrong(api: Api, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=api.base_url, headers=api.bearer()) as client:
        api.fail_next("listTasks", status=429, times=1)
        for _ in range(2):
            client.get("/tasks", headers=headers)

        assert ids(api.client_report()["wrong"]) == ["client.asked-before-retry-after"]


def test_a_client_that_gives_up_and_sends_again_is_fragile(api: Api) -> None:
    api.fail_next("createTask", delay_ms=60_000)
    url, body = f"{api.base_url}/tasks", {"title": "Buy milk"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, headers=api.bearer(), json=body, timeout=httpx.Timeout(60, read=1))
    httpx.post(url, headers=api.bearer(), json=body)

    assert ids(api.client_report()["fragile"]) == ["client.post-sent-again"]


def test_a_client_that_sends_again_what_was_cut_off_is_fragile(api: Api) -> None:
    with httpx.Client(base_url=api.base_url, headers=api.bearer()) as client:
        api.fail_next("createTask", cut=True)
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/tasks", json={"title": "Buy milk"})
        client.post("/tasks", json={"title": "Buy milk"})

        assert ids(api.client_report()["fragile"]) == ["client.post-sent-again"]


def test_a_client_that_sends_again_what_dribbled_is_fragile(api: Api) -> None:
    api.fail_next("createTask", dribble_ms=600_000)
    url, body = f"{api.base_url}/tasks", {"title": "Buy milk"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, headers=api.bearer(), json=body, timeout=httpx.Timeout(60, read=1))
    httpx.post(url, headers=api.bearer(), json=body)

    assert ids(api.client_report()["fragile"]) == ["client.post-sent-again"]


def test_a_page_after_the_last_one_is_fragile(api: Api) -> None:
    with httpx.Client(base_url=api.base_url, headers=api.bearer()) as client:
        client.get("/tasks", params={"limit": 100})
        client.get("/tasks", params={"limit": 100, "page": 2})

        assert ids(api.client_report()["fragile"]) == ["client.page-past-the-end"]
