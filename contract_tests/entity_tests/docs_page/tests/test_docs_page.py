"""The documentation as people meet it: in a browser, from the server's own files, with requests that are answered."""

import json
from collections.abc import Iterator
from typing import cast

import pytest
from entity_contract import Contract
from entity_tests.deployments.serving import Served, serving
from entity_tests.docs_page.browser import Visit, running, visiting
from entity_tests.docs_page.presence import needed
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("docs")) as server:
        yield server


@pytest.fixture(scope="module")
def origin(server: Served) -> str:
    return server.root.removesuffix("/api")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser is closed with this module: while its driver is there, no test can have an event loop of its own."""
    with running(needed()) as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, origin: str) -> Iterator[Visit]:
    with visiting(browser, f"{origin}/docs") as visit:
        yield visit


@pytest.fixture(scope="module")
def shown(browser: Browser, origin: str) -> Iterator[Visit]:
    """The page as it opens, for tests that only look."""
    with visiting(browser, f"{origin}/docs") as visit:
        yield visit


def test_every_operation_of_the_contract_is_shown(shown: Visit, contract: Contract) -> None:
    assert shown.operations() == {(operation.method, operation.path) for operation in contract.operations}


def test_every_tag_is_a_heading_and_every_schema_is_listed(shown: Visit, contract: Contract) -> None:
    tags = cast("list[dict[str, str]]", contract.document["tags"])

    assert shown.tags() == [tag["name"] for tag in tags]
    assert shown.schemas() == list(contract.target("#/components/schemas"))


def test_the_page_names_the_api_and_only_the_server_that_it_may_speak_to(shown: Visit, origin: str) -> None:
    assert shown.page.title() == "v1 Entity API"
    assert shown.page.locator(".servers option").all_inner_texts() == [f"{origin}/api - This server"]


def test_a_request_to_another_host_would_be_stopped_and_noticed(shown: Visit) -> None:
    with shown.page.expect_console_message(lambda said: "elsewhere.invalid" in said.text):
        shown.page.evaluate("fetch('http://elsewhere.invalid/').catch(() => {})")

    assert "Content Security Policy" in shown.errors[0]


def test_requests_are_answered_and_no_other_host_is_asked_and_no_error_logged(
    visit: Visit, server: Served, origin: str
) -> None:
    visit.authorize({"apiKey": server.credentials["apiKey"]})

    listed, created = visit.execute("listTasks"), visit.execute("createTask")

    assert (listed.status, len(json.loads(listed.body)["data"])) == (200, 6)
    assert created.status == 201
    assert visit.hosts == {origin.removeprefix("http://")}
    assert visit.errors == []


def test_keys_are_shown_with_the_session_which_is_kept_nowhere_and_gone_when_it_is_taken_away(
    visit: Visit, server: Served
) -> None:
    visit.authorize({"session": server.credentials["sessionToken"]})
    with_it = visit.execute("listApiKeys")

    kept = visit.page.context.storage_state()
    visit.log_out("session")

    assert (with_it.status, json.loads(with_it.body)["success"]) == (200, True)
    assert (len(kept["cookies"]), len(kept["origins"])) == (0, 0)
    assert visit.execute("listApiKeys").status == 401
