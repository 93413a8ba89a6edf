"""Whole runs on served servers: cut short, on faults, on choices, and where nothing can be tested.

What takes longer is in `proofs/soak_properties`.
"""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Result, Run
from entity_conformance.suite.course import Watcher
from entity_contract import Contract, load
from entity_tests.deployments.databases import dump
from entity_tests.deployments.property_runs import found, run, said, variables
from entity_tests.deployments.running import conformance_here
from entity_tests.deployments.serving import UNLIMITED, Served, serving
from entity_tests.properties import command as properties
from entity_tests.properties.tests.choosing import choosing

TASKS = ("listTasks", "createTask", "getTask", "updateTask", "deleteTask")
ISSUED = re.compile(r"sk_(live|test)_[A-Za-z0-9_-]{20,}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for the tests that leave it as it was."""
    with serving(tmp_path_factory.mktemp("runs"), *UNLIMITED) as running:
        yield running


def test_a_small_budget_names_what_it_did_not_reach(served: Served, tmp_path: Path) -> None:
    before = dump(served.database)
    ended = run(served, tmp_path, max_requests=60)
    assert dump(served.database) == before
    assert (ended.verdict.exit_code, ended.requests.total <= 60) == (3, True)
    blocked = found(ended, Outcome.blocked)
    assert any(" was not reached (the budget of 60 requests is used up)" in line for line in blocked), blocked


def test_a_small_limit_stops_the_run_which_says_so_and_cleans_up(folder: Path, tmp_path: Path) -> None:
    with serving(folder, "--key-limit", "80/hour") as limited:
        before = dump(limited.database)
        ended = run(limited, tmp_path)
        assert dump(limited.database) == before
    assert (ended.verdict.exit_code, ended.leftovers) == (3, ())
    assert ended.requests.key <= 80
    assert any("rate limit" in line for line in found(ended, Outcome.blocked))


OWN = {
    "errors.success-is-missing": "properties.envelope",
    "errors.code-of-another-status": "properties.error-code-of-status",
    "limits.no-limit-header": "properties.rate-limit-headers",
    "errors.same-request-id": "properties.request-id",
    "update.not-stored": "properties.record-read-back",
}
"""Faults, and the checks of our own that they trip."""
ALSO_WATCHED = {
    "errors.path-in-400": "errors.nothing-leaks",
    "list.per-page-of-the-last": "list.per-page-header",
}
"""Faults, and what `conformance run` watches on every answer."""


def ran(folder: Path, *faults: str, requests: int, **options: Any) -> Run:
    with serving(folder, *(f"--fault={fault}" for fault in faults)) as faulty:
        return run(faulty, folder / "journals", max_requests=requests, **options)


def failures(run: Run) -> dict[str, Result]:
    return {one.requirement: one for one in run.results if one.outcome is Outcome.failed}


def test_each_check_of_our_own_is_tripped_by_a_fault_and_shows_the_exchange(folder: Path) -> None:
    ended = ran(folder, *OWN, requests=300, only=TASKS)
    failed = failures(ended)
    assert set(OWN.values()) - set(failed) == set()
    assert ended.verdict.exit_code == 1
    exchanges = {one.id: one for one in ended.exchanges}
    assert all(one.exchanges and set(one.exchanges) <= set(exchanges) for one in failed.values())
    shown = exchanges[failed["properties.record-read-back"].exchanges[-1]]
    assert (shown.method, shown.status) == ("GET", 200)


def test_what_a_run_watches_is_watched_here_too_unless_a_check_of_our_own_tells_it(folder: Path) -> None:
    """A request id that is everybody's is both."""
    ended = ran(folder, *ALSO_WATCHED, "errors.same-request-id", requests=120)
    failed = failures(ended)
    assert set(failed) == {*ALSO_WATCHED.values(), "properties.request-id"}
    assert {failed[each].exchanges[-1] for each in ALSO_WATCHED.values()} <= {one.id for one in ended.exchanges}


def test_a_deployment_that_chooses_otherwise_fails_nowhere(served: Served, contract: Contract, tmp_path: Path) -> None:
    before = dump(served.database)
    only = ("*Task", "listTasks", "*Product", "*Record", "listCustomers", "generateText")
    with choosing(served, contract) as url:
        ended = run(served, tmp_path, url=url, max_requests=350, only=only)
    assert dump(served.database) == before
    assert found(ended, Outcome.failed, Outcome.warned, Outcome.blocked, Outcome.broken) == []
    assert {ruling.partition(".")[0] for _, ruling in ended.choices} >= {"R3", "R4"}
    (scope,) = (one.message for one in ended.results if one.requirement == "properties.scope")
    assert "listCustomers: the deployment does not have it" in scope
    assert "generateText: the deployment answers 404" in scope
    assert ended.verdict.exit_code == 0


def test_no_secret_is_in_any_output(folder: Path, tmp_path: Path) -> None:
    """Failing on purpose, where the answers hold issued keys."""
    junit = tmp_path / "junit.xml"
    with serving(folder, "--fault", "keys.no-warning", "--fault", "create.answers-200") as faulty:
        env = variables(faulty, tmp_path, MAX_REQUESTS=100, ONLY="createTask createApiKey")
        tests = said(
            "pytest", "--pyargs", "entity_tests.properties.suite", f"--junitxml={junit}", "--showlocals",
            folder=tmp_path, env=env,
        )  # fmt: skip
    assert tests.returncode == 1, tests.stdout
    for text in (tests.stdout + tests.stderr, junit.read_text()):
        assert "createTask: " in text
        assert "$CONFORMANCE_API_KEY" in text
        assert faulty.credentials["apiKey"] not in text
        assert faulty.credentials["sessionToken"] not in text
        assert not ISSUED.search(text)


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """A server that answers so, whatever is asked."""

    class Handler(BaseHTTPRequestHandler):
        do_GET = do_POST = do_OPTIONS = do_DELETE = answer  # noqa: N815  # the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's names
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def whole(status: int, media_type: str, body: bytes) -> Answer:
    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        to.send_header("Content-Type", media_type)
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    return answer


def page(to: BaseHTTPRequestHandler) -> None:
    """An empty list of the API."""
    pagination = {"page": 1, "limit": 1, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": False}
    body = json.dumps({"success": True, "data": [], "pagination": pagination}).encode()
    whole(200, "application/json", body)(to)


def drips_but_for_lists(to: BaseHTTPRequestHandler) -> None:
    """OPTIONS come a byte at a time, for ever."""
    if to.command == "GET":
        page(to)
        return
    to.send_response(200)
    to.end_headers()
    with suppress(OSError):
        while True:
            to.wfile.write(b" ")
            time.sleep(0.02)


def gateway(to: BaseHTTPRequestHandler) -> None:
    """Lists are the API's, OPTIONS are answered by what stands in front of it, and nothing can be created."""
    if to.command == "GET":
        page(to)
    elif to.command == "OPTIONS":
        whole(204, "text/plain", b"")(to)
    else:
        whole(403, "text/html", b"<html>no</html>")(to)


def lists_alone(to: BaseHTTPRequestHandler) -> None:
    """A deployment of another entity: tasks have fields that the contract does not know."""
    if to.command == "GET":
        page(to)
    else:
        fields = {"id": {"type": "string", "generated": True}, "place": {"type": "string", "required": True}}
        body = {"success": True, "data": {"entity": "x", "methods": ["GET", "OPTIONS"], "schema": fields}}
        whole(200, "application/json", json.dumps(body).encode())(to)


@pytest.mark.parametrize(
    ("answer", "timeout", "code", "message"),
    [
        (gateway, 10.0, 4, "give credentials with all scopes"),
        (lists_alone, 10.0, 4, "has no entity that can be tested"),
        (drips_but_for_lists, 1.0, 4, "the deployment stopped answering: no whole answer within 1 s"),
    ],
)
def test_what_answers_only_in_part_ends_in_one_line(  # noqa: PLR0917 - what a case is made of
    served: Served, tmp_path: Path, answer: Answer, timeout: float, code: int, message: str
) -> None:
    with answering(answer) as url:
        ended = run(served, tmp_path, url=url, timeout=timeout, max_requests=60)
    assert ended.verdict.exit_code == code, ended.verdict
    assert message in ended.verdict.reason
    assert ended.seconds < 60


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "http://127.0.0.1:9"}, "cannot reach http://127.0.0.1:9/api/v1: the connection was refused"),
        ({"given": Given(api_key="sk_live_" + "x" * 32)}, "the API key was refused"),
        ({"given": Given(session="x" * 32)}, "--session was refused"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_one_line(
    served: Served, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    ended = run(served, tmp_path, **options)
    assert (ended.verdict.exit_code, ended.results) == (4, ())
    assert message in ended.verdict.reason


@pytest.mark.parametrize(
    ("answer", "most"),
    [
        ((200, "text/html", b"<html>Welcome</html>"), 3),
        ((404, "application/json", b'{"success": false, "code": "NOT_FOUND", "error": "?"}'), 3),
    ],
)
def test_a_wrong_base_path_is_another_api(
    served: Served, tmp_path: Path, answer: tuple[int, str, bytes], most: int
) -> None:
    with answering(whole(*answer)) as url:
        ended = run(served, tmp_path, url=f"{url}/wrong")
    assert (ended.verdict.exit_code, ended.requests.total <= most) == (4, True)
    assert "no v1 entity API at" in ended.verdict.reason


def test_a_key_that_may_not_write_is_told_to_read_only(served: Served, tmp_path: Path) -> None:
    ended = run(served, tmp_path, given=Given(api_key=served.credentials["readKey"]))
    assert ended.verdict.exit_code == 4
    assert "the API key lacks the scope write and delete; give one with all scopes" in ended.verdict.reason
    assert "as --read-key" in ended.verdict.reason


class StopsAt(Watcher):
    """It asks the run to stop after so many requests."""

    def __init__(self, requests: int) -> None:
        self.stop, self._at = asyncio.Event(), requests

    def sent(self, requests: int) -> None:
        if requests >= self._at:
            self.stop.set()


def test_a_phase_that_a_stopped_run_did_not_come_to_says_so(served: Served, tmp_path: Path) -> None:
    watcher = StopsAt(60)
    given = Given(api_key=served.credentials["apiKey"])
    work = properties.run(
        Settings(served.base_url, given), journals=tmp_path, contract=load(), watcher=watcher, stop=watcher.stop
    )
    ended = asyncio.run(work)
    (fuzzing,) = (one.message for one in ended.results if one.requirement == "properties.fuzzing")
    assert ended.verdict.exit_code == 130
    assert fuzzing == "nothing was left to begin with (the run was stopped)"


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ({"API_KEY": ""}, "CONFORMANCE_API_KEY is empty; give it a value, or leave it out"),
        ({"ONLY": "listTask"}, "--only listTask: no such requirement, chapter or operation; did you mean listTasks?"),
        ({"ENTITY": "nothings"}, "--entity nothings: properties test the contract's entities alone"),
    ],
)
def test_wrong_usage_is_one_line(served: Served, tmp_path: Path, variable: dict[str, str], message: str) -> None:
    given = {"API_KEY": served.credentials["apiKey"], **variable}
    told = conformance_here(tmp_path, served.base_url, command="properties", **given)
    assert (told.code, told.output.count("\n")) == (2, 1)
    assert message in told.output
