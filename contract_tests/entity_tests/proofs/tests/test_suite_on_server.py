"""The runner on the reference server, as its users run it: both as commands, over HTTP.

The two readings of the contract meet here: what the server does, the suite must find right, and must leave no trace.
"""

import asyncio
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.report.verdict import Outcome
from entity_conformance.suite import run as suite
from entity_tests.deployments.databases import Rows, dump
from entity_tests.deployments.running import Told, conformance, conformance_here, everything
from entity_tests.deployments.serving import UNLIMITED, Served, serving


@dataclass(frozen=True, slots=True)
class Whole:
    """A run of the whole suite, and the database around it."""

    told: Told
    before: Rows = field(repr=False)
    after: Rows = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    with serving(folder / "server") as served:
        before = dump(served.database)
        told = conformance(folder, served.base_url, "--require-full", **everything(served))
        return Whole(told, before, dump(served.database), tuple(served.credentials.values()))


def test_the_reference_server_conforms_in_full(whole: Whole) -> None:
    assert whole.told.code == 0, whole.told.output[-3000:]


def test_nothing_is_skipped_blocked_warned_or_worse(whole: Whole) -> None:
    assert whole.told.outcomes("skipped", "blocked", "warned", "failed", "broken") == []


def test_a_hundred_requirements_and_more_are_proved(whole: Whole) -> None:
    passed = {one["requirement"] for one in whole.told.report["results"] if one["outcome"] == "passed"}
    assert len(passed) >= 100


def test_every_chapter_has_three_requirements_or_more(whole: Whole) -> None:
    chapters: dict[str, set[str]] = {}
    for one in whole.told.report["results"]:
        chapters.setdefault(one["chapter"], set()).add(one["requirement"])
    assert {chapter: len(ids) for chapter, ids in chapters.items() if len(ids) < 3} == {}


def test_the_run_stays_within_its_requests(whole: Whole) -> None:
    requests = whole.told.report["requests"]
    assert requests["key"] <= 900
    assert requests["session"] <= 80


def test_the_run_takes_less_than_fifteen_seconds_of_a_processor(whole: Whole) -> None:
    """With what the system needs to start it. How long it takes beside others is the machine's affair."""
    assert whole.told.seconds < 15


def test_records_and_keys_are_exactly_as_before(whole: Whole) -> None:
    assert whole.after == whole.before


def test_the_run_leaves_nothing_behind_by_its_own_account(whole: Whole) -> None:
    assert whole.told.report["leftovers"] == []


def test_no_credential_is_in_the_report_or_on_the_terminal(whole: Whole) -> None:
    told = json.dumps(whole.told.report) + whole.told.output
    assert [position for position, secret in enumerate(whole.secrets) if secret in told] == []


def test_the_last_line_says_the_verdict(whole: Whole) -> None:
    assert "conforms" in whole.told.output
    assert "(exit 0)" in whole.told.output


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for the tests that leave it as it was, and judge something else than limits."""
    with serving(tmp_path_factory.mktemp("served"), *UNLIMITED) as server:
        yield server


def test_an_api_key_alone_makes_a_smaller_profile(served: Served, tmp_path: Path) -> None:
    told = conformance_here(tmp_path, served.base_url, API_KEY=served.credentials["apiKey"])
    assert told.code == 0, told.output[-3000:]
    assert told.outcomes("blocked", "warned", "failed", "broken") == []
    assert told.report["profile"]["name"] == "api-key"
    assert "out of scope" in told.output


@pytest.mark.parametrize("variable", ["API_KEY", "READ_KEY"])
def test_a_key_that_may_only_read_accuses_nobody(served: Served, tmp_path: Path, variable: str) -> None:
    told = conformance_here(tmp_path, served.base_url, **{variable: served.credentials["readKey"]})
    assert told.code == 0, told.output[-3000:]
    assert told.outcomes("blocked", "warned", "failed", "broken") == []
    assert len(told.outcomes("passed", "observed")) > 50
    assert (
        told.report["profile"]["name"]
        == {"API_KEY": "api-key without write and delete", "READ_KEY": "read-key"}[variable]
    )


def test_samples_that_were_not_needed_accuse_nobody(served: Served, tmp_path: Path) -> None:
    samples = ("tasks.title=Sample title", "tasks.description=Hello", "products.name=Foo", "comments.text=foo")
    options = [text for sample in samples for text in ("--sample", sample)]
    told = conformance_here(tmp_path, served.base_url, *options, **everything(served))
    assert told.code == 0, told.output[-3000:]
    assert told.outcomes("blocked", "warned", "failed", "broken") == []
    assert told.report["profile"]["outOfScope"] == []


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        ("tasks.status=banana", "--sample tasks.status=banana: none of todo, in_progress, completed"),
        ("tasks.id=foo", "--sample tasks.id: the server sets it, and no body may name it"),
        ("tasks.assigneeId=foo", "--sample tasks.assigneeId: it names another record"),
        ("users.name=Foo", "--sample users.name: users takes no writes"),
    ],
)
def test_a_sample_that_no_request_could_carry_is_wrong_usage(
    served: Served, tmp_path: Path, sample: str, reason: str
) -> None:
    told = conformance_here(tmp_path, served.base_url, "--sample", sample, **everything(served))
    assert told.code == 2
    assert reason in told.output


class Elsewhere(httpx.AsyncHTTPTransport):
    """Real HTTP to this machine under the name of another one; remembers the methods that were sent."""

    def __init__(self) -> None:
        super().__init__()
        self.methods: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.methods[request.method] += 1
        request.url = request.url.copy_with(host="127.0.0.1")
        return await super().handle_async_request(request)


def test_a_host_that_is_not_this_machine_is_only_read(served: Served, tmp_path: Path) -> None:
    elsewhere = Elsewhere()
    before = dump(served.database)
    credentials = everything(served)
    given = Given(
        api_key=credentials["API_KEY"], session=credentials["SESSION"], other_api_key=credentials["OTHER_API_KEY"]
    )
    url = served.base_url.replace("127.0.0.1", "shop.example.com")
    told = asyncio.run(suite.run(Settings(url, given), journals=tmp_path / "journals", transport=elsewhere))
    assert dump(served.database) == before

    assert (told.verdict.exit_code, told.profile.name) == (0, "full, read-only")
    assert set(elsewhere.methods) == {"GET", "OPTIONS"}
    judged = [one for one in told.results if one.outcome in {Outcome.passed, Outcome.observed}]
    assert len({one.requirement for one in judged}) >= 80
    assert not (tmp_path / "journals").exists()


def test_a_session_of_another_user_is_refused_before_any_check(served: Served, tmp_path: Path) -> None:
    before = dump(served.database)
    told = conformance_here(
        tmp_path,
        served.base_url,
        API_KEY=served.credentials["otherApiKey"],
        SESSION=served.credentials["sessionToken"],
    )
    assert dump(served.database) == before
    assert told.code == 2
    assert "session and API key belong to different users" in told.output


def test_a_prefix_below_which_there_is_no_api_is_not_accused(served: Served, tmp_path: Path) -> None:
    told = conformance_here(tmp_path, f"{served.base_url}/more", API_KEY=served.credentials["apiKey"])
    assert told.code == 4
    assert "no v1 entity API at" in told.output


def test_what_is_out_of_profile_is_inconclusive_where_all_is_required(served: Served, tmp_path: Path) -> None:
    told = conformance_here(
        tmp_path, served.base_url, "--require-full", "--only", "keys", API_KEY=served.credentials["apiKey"]
    )
    assert told.code == 3, told.output[-3000:]


def test_a_key_that_nobody_made_is_refused(served: Served, tmp_path: Path) -> None:
    told = conformance_here(tmp_path, served.base_url, API_KEY="sk_live_" + "0" * 40)
    assert told.code == 4
    assert "refused" in told.output


def test_a_server_that_is_down_cannot_be_reached(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    told = conformance_here(tmp_path, url, API_KEY="sk_live_" + "0" * 40)
    assert told.code == 4


class _WebPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = b"<!doctype html><title>Welcome</title><h1>It works</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_POST = do_OPTIONS = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def web_page() -> Iterator[str]:
    """A web server that is no API."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _WebPage)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_web_page_is_not_this_api(tmp_path: Path) -> None:
    with web_page() as url:
        told = conformance_here(tmp_path, url, API_KEY="sk_live_" + "0" * 40)
    assert told.code == 4
    assert "no v1 entity API at" in told.output


def test_a_server_with_a_fault_does_not_conform(tmp_path: Path) -> None:
    with serving(tmp_path / "server", "--fault", "list.total-off-by-one") as served:
        told = conformance_here(tmp_path, served.base_url, "--only", "list.total", API_KEY=served.credentials["apiKey"])
    assert told.code == 1
    assert any(line.startswith("list.total ") for line in told.outcomes("failed"))
