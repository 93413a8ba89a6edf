"""Whole runs of the live property tests on served reference servers: cut short, interrupted, on faults, on choices.

What takes longer is in `soak_live`.
"""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from entity_contract import Contract
from entity_tests.deployments.databases import dump
from entity_tests.deployments.serving import ROOT, UNLIMITED, Served, environment, serving
from entity_tests.proofs.choosing import choosing
from entity_tests.properties.__main__ import main
from entity_tests.properties.run import run
from entity_tests.properties.summary import summary
from entity_tests.properties.tests.reference import of, variables

TASKS = "listTasks,createTask,getTask,updateTask,deleteTask"
ISSUED = re.compile(r"sk_(live|test)_[A-Za-z0-9_-]{20,}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for the tests that leave it as it was."""
    with serving(tmp_path_factory.mktemp("runs"), *UNLIMITED) as running:
        yield running


def told(folder: Path, served: Served, *command: str, **options: object) -> subprocess.CompletedProcess[str]:
    """What a command said that was given the deployment by its variables."""
    return subprocess.run(
        [sys.executable, "-P", "-m", *command],
        cwd=folder,
        env={**environment(), **variables(served, **options)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_a_small_budget_names_what_it_did_not_reach(contract: Contract, served: Served) -> None:
    before = dump(served.database)
    outcome = run(of(served, MAX_REQUESTS=60), contract)
    assert dump(served.database) == before
    assert outcome.verdict.exit_code == 3
    assert outcome.requests <= 60
    assert 0 < len(outcome.unreached) < len(contract.operations)
    assert outcome.stops == ("the budget of 60 requests is used up",)
    text = summary(outcome)
    assert all(f"not reached        {operation}: " in text for operation, _ in outcome.unreached)


def test_a_small_limit_stops_the_run_which_says_so_and_cleans_up(contract: Contract, folder: Path) -> None:
    with serving(folder, "--key-limit", "80/hour") as served:
        before = dump(served.database)
        outcome = run(of(served), contract)
        assert dump(served.database) == before
    assert outcome.verdict.exit_code == 3
    assert outcome.by_kind["key"] <= 80
    assert [stop for stop in outcome.stops if stop.startswith("the rate limit of the key is used up for ")]
    assert outcome.unreached
    assert outcome.leftovers == ()


def test_each_check_of_our_own_is_tripped_by_a_fault(contract: Contract, folder: Path) -> None:
    faults = {
        "errors.success-is-missing": "envelope",
        "errors.code-of-another-status": "error_code_of_status",
        "limits.no-limit-header": "rate_limit_headers",
        "errors.same-request-id": "request_id",
        "update.not-stored": "record_read_back",
    }
    options = [option for fault in faults for option in ("--fault", fault)]
    with serving(folder, *options) as served:
        outcome = run(of(served, MAX_REQUESTS=200, ONLY=TASKS), contract)
    assert set(faults.values()) <= {finding.check for finding in outcome.failures}
    assert outcome.verdict.exit_code == 1


def test_a_deployment_that_chooses_otherwise_fails_nowhere(contract: Contract, served: Served) -> None:
    before = dump(served.database)
    with choosing(served, contract) as url:
        outcome = run(
            of(served, URL=url, MAX_REQUESTS=350, ONLY="*Task,listTasks,*Product,*Record,listCustomers,generateText"),
            contract,
        )
    assert dump(served.database) == before
    assert (outcome.findings.of("must"), outcome.findings.of("should")) == ((), ())
    assert {"E1", "L19", "R3", "R4"} <= outcome.findings.choices.keys()
    assert dict(outcome.scope.out)["listCustomers"] == "the deployment does not have it"
    assert dict(outcome.scope.out)["generateText"] == "the deployment answers 404"
    assert outcome.verdict.exit_code == 0


def test_ctrl_c_removes_what_was_made(served: Served) -> None:
    before = dump(served.database)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "entity_tests.properties"],
        env={**environment(), **variables(served)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while len(dump(served.database)["entity_tasks"]) < len(before["entity_tasks"]) + 3:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=90)
    assert dump(served.database) == before
    assert process.returncode == 130, output
    assert output.endswith("interrupted (exit 130: interrupted)\n")
    assert "LEFT BEHIND" not in output


def test_no_secret_is_in_any_output(folder: Path) -> None:
    """Failing on purpose, where the answers hold issued keys."""
    report = folder / "junit.xml"
    with serving(folder, "--fault", "keys.no-warning", "--fault", "create.answers-200") as faulty:
        tests = told(
            folder, faulty, "pytest", str(ROOT / "contract_tests/live"), "-c", str(ROOT / "pyproject.toml"),
            f"--rootdir={ROOT}", f"--junitxml={report}", "--showlocals",
            MAX_REQUESTS=60, ONLY="createTask,createApiKey",
        )  # fmt: skip
    assert tests.returncode == 1
    for text in (tests.stdout + tests.stderr, report.read_text()):
        assert "createApiKey: envelope, MUST, E2" in text or "createApiKey: response_schema_conformance, MUST" in text
        assert "$CONTRACT_TESTS_SESSION" in text
        assert faulty.credentials["apiKey"] not in text
        assert faulty.credentials["sessionToken"] not in text
        assert not ISSUED.search(text)


@contextmanager
def web_page() -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>Welcome</html>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's names
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_what_cannot_be_tested_is_said_in_one_line_and_never_green(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "sk_live_" + "x" * 32
    with web_page() as page:
        cases = [
            (
                4,
                "could not test: cannot reach http://127.0.0.1:9/api/v1: the connection",
                {"URL": "http://127.0.0.1:9"},
            ),
            (4, f"could not test: no v1 entity API at {page}/api/v1: GET tasks answered 200 text/html", {"URL": page}),
            (4, "could not test: the API key (CONTRACT_TESTS_API_KEY) was refused", {"API_KEY": key}),
            (4, "could not test: the session (CONTRACT_TESTS_SESSION) was refused", {"SESSION": "x" * 32}),
            (4, "give credentials with all scopes", {"API_KEY": served.credentials["readKey"]}),
            (2, "no credential was given; set CONTRACT_TESTS_API_KEY", {"API_KEY": "", "SESSION": ""}),
            (2, "there is no variable CONTRACT_TESTS_ALOW_WRITES; did you mean", {"ALOW_WRITES": "1"}),
            (2, "CONTRACT_TESTS_ONLY: there is no operation listTask; did you mean listTasks?", {"ONLY": "listTask"}),
        ]
        for code, message, options in cases:
            given = main([], variables(served, **options))
            said = "".join(capsys.readouterr())
            assert (given, message in said, "Traceback" in said) == (code, True, False), said
