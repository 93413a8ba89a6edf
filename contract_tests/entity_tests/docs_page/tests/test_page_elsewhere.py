"""A page on another origin calls the server: what a browser lets it send, and read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from entity_tests.deployments.serving import Served, serving
from entity_tests.docs_page.browser import running
from entity_tests.docs_page.presence import needed
from playwright.sync_api import Browser, Page

ASK = """async ([url, options]) => {
    try {
        const answer = await fetch(url, options)
        const body = await answer.text()
        return {status: answer.status, headers: Object.fromEntries(answer.headers), body: body && JSON.parse(body)}
    } catch (error) {
        return {error: error.message}
    }
}"""
COUNTS = {"x-total-count", "x-page", "x-per-page", "link"}
LIMITS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id"}


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Shop</title>")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of a server of empty pages."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Empty) as pages:
        thread = threading.Thread(target=pages.serve_forever)
        thread.start()
        yield pages.server_port
        pages.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, elsewhere: int) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("elsewhere")
    with serving(place, "--cors", f"http://127.0.0.1:{elsewhere}", "--simulate") as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running(needed()) as browser:
        yield browser


@contextmanager
def opened(browser: Browser, elsewhere: int) -> Iterator[Page]:
    """A page on the origin that the server lets in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{elsewhere}/")
    yield page
    context.close()


@pytest.fixture
def page(browser: Browser, elsewhere: int) -> Iterator[Page]:
    with opened(browser, elsewhere) as page:
        yield page


@pytest.fixture(scope="module")
def open_page(browser: Browser, elsewhere: int) -> Iterator[Page]:
    """One for tests that leave it as it was."""
    with opened(browser, elsewhere) as page:
        yield page


def ask(page: Page, server: Served, path: str, **options: Any) -> dict[str, Any]:
    """What the page can read of an answer; `error` where its browser shows it none."""
    options["headers"] = {"Authorization": f"Bearer {server.credentials['apiKey']}", **options.get("headers", {})}
    answer: dict[str, Any] = page.evaluate(ASK, [f"{server.root}{path}", options])
    return answer


def test_a_page_reads_a_list_and_every_header_of_it(open_page: Page, server: Served) -> None:
    sent = {"X-Request-ID": "mine", "Accept-Language": "de", "X-API-Version": "v1"}

    answer = ask(open_page, server, "/v1/tasks?limit=1", headers=sent)

    assert (answer["status"], len(answer["body"]["data"])) == (200, 1)
    assert answer["headers"].keys() >= COUNTS | LIMITS
    assert answer["headers"]["x-request-id"] == "mine"


def test_a_page_makes_changes_and_deletes_a_record(open_page: Page, server: Served) -> None:
    as_json = {"Content-Type": "application/json"}

    made = ask(open_page, server, "/v1/tasks", method="POST", headers=as_json, body='{"title": "From a page"}')
    path = f"/v1/tasks/{made['body']['data']['id']}"
    changed = ask(open_page, server, path, method="PATCH", headers=as_json, body='{"title": "Changed"}')
    deleted = ask(open_page, server, path, method="DELETE")

    assert (made["status"], changed["status"], deleted["status"]) == (201, 200, 200)


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/v1/tasks/tsk_nothing", {}, 404),
        ("/v1/nothing/at/all", {}, 404),
        ("/v1/tasks", {"method": "PUT"}, 405),
        ("/v1/tasks", {"headers": {"Authorization": "Bearer no"}}, 401),
        ("/v1/tasks", {"method": "POST", "body": "{", "headers": {"Content-Type": "application/json"}}, 400),
        ("/v1/tasks", {"headers": {"Accept-Language": "x" * 70_000}}, 400),
        ("/health", {}, 200),
    ],
)
def test_a_page_reads_what_goes_wrong(
    open_page: Page, server: Served, path: str, options: dict[str, Any], status: int
) -> None:
    answer = ask(open_page, server, path, **options)

    assert answer.get("status") == status, answer.get("error")


def test_a_page_asks_for_a_429_and_reads_when_to_come_back(page: Page, server: Served) -> None:
    answer = ask(page, server, "/v1/tasks", headers={"Prefer": "code=429"})

    assert (answer["status"], answer["headers"]["retry-after"]) == (429, "1800")
    assert answer["headers"]["preference-applied"] == "code=429"


def test_a_page_asks_for_the_head_alone(open_page: Page, server: Served) -> None:
    answer = ask(open_page, server, "/v1/tasks?limit=1", method="HEAD")

    assert (answer["status"], answer["body"]) == (200, "")
    assert answer["headers"].keys() >= COUNTS


def test_a_page_sends_the_sessions_cookie(page: Page, server: Served) -> None:
    token = server.credentials["sessionToken"]
    page.context.add_cookies([{"name": "better-auth.session_token", "value": token, "url": server.root}])

    answer: dict[str, Any] = page.evaluate(ASK, [f"{server.root}/v1/keys", {"credentials": "include"}])

    assert answer.get("status") == 200, answer.get("error")


def test_a_page_on_another_origin_reads_nothing(page: Page, server: Served, elsewhere: int) -> None:
    page.goto(f"http://localhost:{elsewhere}/")

    simple: dict[str, Any] = page.evaluate(ASK, [f"{server.root}/health", {}])
    preflighted = ask(page, server, "/v1/tasks")

    assert (simple, preflighted) == ({"error": "Failed to fetch"}, {"error": "Failed to fetch"})
