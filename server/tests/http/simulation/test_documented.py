"""The documented answer of an operation and a status: what is sent on demand, before anything has happened."""

from datetime import UTC, datetime

import entity_contract as facts
import pytest
import yaml
from entity_contract import Contract
from entity_contract.document import find
from entity_contract.parsing import FAST_LOADER
from entity_server.http.operations import compile_contract
from entity_server.http.simulation import Undocumented, documented_answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
IN_AN_HOUR = "1772370000"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return facts.load()


@pytest.fixture(scope="module")
def without_examples() -> Contract:
    """The same contract, which gives no example of anything but of what a pattern describes."""

    def bare(node: object) -> object:
        match node:
            case dict():
                return {
                    name: value if name == "EntityMetadata" else bare(value)
                    for name, value in node.items()
                    if name not in ("example", "examples")
                }
            case list():
                return [bare(item) for item in node]
            case _:
                return node

    document = bare(yaml.load(find().read_text(encoding="utf-8"), Loader=FAST_LOADER))
    assert isinstance(document, dict)
    return Contract._of(document, source="a document without examples", sha256="")


@pytest.mark.parametrize("which", ["contract", "without_examples"])
def test_every_documented_status_of_every_operation_is_answered_as_the_contract_describes_it(
    which: str, request: pytest.FixtureRequest
) -> None:
    contract: Contract = request.getfixturevalue(which)
    compiled = compile_contract(contract)
    sent = [(one, response.status) for one in contract.operations for response in one.responses]

    broken = {
        (operation.id, status): found
        for operation, status in sent
        for answer in [documented_answer(contract, operation, status, now=NOW)]
        if (
            found := compiled.operations[operation.id].violations(
                status,
                answer.body,
                {
                    "x-request-id": "1",
                    "content-type": "application/json",
                    **{name.lower(): value for name, value in answer.headers.items()},
                },
                projected=True,
            )
        )
    }

    assert len(sent) > 300
    assert broken == {}


def test_an_error_is_the_contracts_example_with_its_headers(contract: Contract) -> None:
    answer = documented_answer(contract, contract.operation("listTasks"), 429, now=NOW)

    assert (answer.status, answer.body) == (
        429,
        {"success": False, "error": "Too many requests", "code": "RATE_LIMIT_EXCEEDED"},
    )
    assert answer.headers == {
        "X-RateLimit-Limit": "1000",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(NOW.timestamp()) + 1800),
        "Retry-After": "1800",
    }


def test_a_window_ends_in_the_future(contract: Contract) -> None:
    answer = documented_answer(contract, contract.operation("getTask"), 404, now=NOW)

    assert answer.headers["X-RateLimit-Reset"] == IN_AN_HOUR


def test_a_method_that_is_not_allowed_is_told_with_those_of_the_path(contract: Contract) -> None:
    answer = documented_answer(contract, contract.operation("getUser"), 405, now=NOW)

    assert answer.headers["Allow"] == "GET, HEAD"


def test_the_counts_of_a_page_are_its_bodys(contract: Contract) -> None:
    answer = documented_answer(contract, contract.operation("listTasks"), 200, now=NOW, path="/api/v1/tasks")

    assert answer.body is not None
    page = answer.body["pagination"]
    assert isinstance(page, dict)
    assert (answer.headers["X-Total-Count"], answer.headers["X-Page"], answer.headers["X-Per-Page"]) == (
        str(page["total"]),
        str(page["page"]),
        str(page["limit"]),
    )
    assert ("Link" in answer.headers) == (page["hasNext"] or page["hasPrev"])


def test_an_undocumented_status_is_refused_with_those_that_are_documented(contract: Contract) -> None:
    with pytest.raises(Undocumented) as refused:
        documented_answer(contract, contract.operation("getHealth"), 429, now=NOW)

    assert refused.value.documented == (200, 405, 500, 503)
    assert str(refused.value) == "getHealth documents no 429; it documents 200, 405, 500, 503"
