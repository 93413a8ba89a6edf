"""`conformance model` as its users run it: exit codes and reports; `test_ended_runs` has signals."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from entity_tests.deployments.running import Told, conformance_here
from entity_tests.deployments.serving import UNLIMITED, Served, serving

ENTITIES = ("tasks", "comments", "products", "customers", "orders")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), *UNLIMITED) as served:
        yield served


def model(folder: Path, url: str, *options: str, **variables: str) -> Told:
    folder.mkdir(parents=True, exist_ok=True)
    return conformance_here(folder, url, *options, command="model", **variables)


def key(served: Served) -> str:
    return served.credentials["apiKey"]


def records(served: Served) -> dict[str, Any]:
    """Every record of the user, by its id."""
    with httpx.Client(headers=served.bearer()) as client:
        pages = [client.get(f"{served.base_url}/{name}", params={"limit": 100}).json()["data"] for name in ENTITIES]
    return {record["id"]: record for page in pages for record in page}


def test_a_right_deployment_conforms(served: Served, folder: Path) -> None:
    before = records(served)
    told = model(folder, served.root, API_KEY=key(served))
    assert told.code == 0, told.output
    assert told.report["verdict"] == "conforms"
    assert {one["chapter"] for one in told.report["results"]} == {"model"}
    assert key(served) not in told.output
    assert records(served) == before
    assert not list((folder / "state").rglob("*.jsonl"))


def test_an_entity_whose_every_text_has_a_sample_is_tested(served: Served, folder: Path) -> None:
    samples = ("--sample", "tasks.title=Sample title", "--sample", "tasks.description=Hello")
    told = model(folder, served.root, "--entity=tasks", "--max-requests=300", *samples, API_KEY=key(served))
    assert told.code == 0, told.output
    assert "tasks" in told.report["profile"]["entities"]


def test_a_fault_is_reported_in_every_format_without_a_key(folder: Path) -> None:
    with serving(folder, *UNLIMITED, "--fault", "list.per-page-header-missing") as faulty:
        told = model(folder, faulty.root, "--report", "junit=junit.xml", "--max-requests=250", API_KEY=key(faulty))
    junit = (folder / "junit.xml").read_text()
    assert told.code == 1
    assert told.outcomes("failed")
    assert "X-Per-Page is missing" in told.output
    assert "X-Per-Page is missing" in junit
    assert key(faulty) not in told.output + junit + str(told.report)


@pytest.mark.parametrize(
    ("url", "variables", "code", "says"),
    [
        ("http://localhost", {}, 2, "no API key was given, and no session; give one with all scopes (--api-key)"),
        ("https://api.example.com", {"API_KEY": "sk_live_x"}, 2, "--allow-writes"),
        ("http://localhost", {"API_KEY": "sk_live_x", "ONLY": "list.*"}, 2, "no such requirement"),
        ("http://127.0.0.1:1", {"API_KEY": "sk_live_x"}, 4, "cannot reach http://127.0.0.1:1/api/v1"),
    ],
)
def test_a_run_that_cannot_begin_says_why_in_one_line(
    folder: Path, url: str, variables: dict[str, str], code: int, says: str
) -> None:
    told = model(folder, url, **variables)
    assert (told.code, told.output.count("\n")) == (code, 1), told.output
    assert says in told.output


def test_a_refused_key_is_not_shown(served: Served, folder: Path) -> None:
    told = model(folder, served.root, API_KEY="sk_live_wrong")
    assert (told.code, told.output.count("\n")) == (4, 1)
    assert "the API key was refused" in told.output
    assert "sk_live_wrong" not in told.output


def test_users_alone_are_not_compared_and_it_is_said_why(served: Served, folder: Path) -> None:
    told = model(folder, served.root, "--entity", "users", API_KEY=served.credentials["apiKey"])
    assert (told.code, told.output.count("\n")) == (2, 1), told.output
    assert "can be compared: the records of users are nobody's own (exit 2)" in told.output


def test_a_key_that_may_not_write_and_delete_is_refused(served: Served, folder: Path) -> None:
    told = model(folder, served.root, API_KEY=served.credentials["readKey"])
    assert (told.code, told.output.count("\n")) == (4, 1), told.output
    assert "the API key lacks the scope write and delete; give one with all scopes (--api-key)" in told.output


def test_a_key_that_may_not_delete_is_refused_and_makes_nothing(served: Served, folder: Path) -> None:
    before = records(served)
    keys, wanted = f"{served.base_url}/keys", {"name": "no delete", "scopes": ["read", "write"]}
    made = httpx.post(keys, headers=served.cookie, json=wanted).json()["data"]
    told = model(folder, served.root, API_KEY=made["key"])
    assert (told.code, told.output.count("\n")) == (4, 1), told.output
    assert "the API key lacks the scope delete; give one with all scopes (--api-key)" in told.output
    assert records(served) == before


@contextmanager
def gateway(target: str, options: bytes) -> Iterator[str]:
    """A gateway in front of a deployment, which answers every OPTIONS itself."""

    class Handler(BaseHTTPRequestHandler):
        def forward(self) -> None:
            kept = ("Authorization", "Content-Type", "X-Request-ID")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            answer = client.request(self.command, target + self.path, headers=headers, content=body)
            self._send(answer.status_code, answer.headers, answer.content)

        do_GET = do_POST = do_PATCH = do_DELETE = forward  # noqa: N815 - the base class's names

        def do_OPTIONS(self) -> None:
            self._send(200, {}, options)

        def _send(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower().startswith(("x-", "link", "content-type")):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with httpx.Client() as client:
            yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "options",
    [b"<html>", *(pytest.param(body, marks=pytest.mark.soak) for body in (b"", b'{"success": true, "data": {}}'))],
)
def test_options_answered_by_a_gateway_is_one_finding_and_all_else_is_compared(
    served: Served, folder: Path, options: bytes
) -> None:
    with gateway(served.root.removesuffix("/api"), options) as url:
        told = model(folder, url, "--max-requests", "200", API_KEY=key(served))
    assert told.code == 1, told.output
    assert {line.split()[0] for line in told.outcomes("failed")} == {"metadata.describes-entity"}
    assert any(line.startswith("model.page ") for line in told.outcomes("passed"))


def test_a_wrong_base_path_is_told_in_one_line(served: Served, folder: Path) -> None:
    told = model(folder, served.root.removesuffix("/api") + "/elsewhere", API_KEY=key(served))
    assert (told.code, told.output.count("\n")) == (4, 1)
    assert "no v1 entity API at" in told.output
