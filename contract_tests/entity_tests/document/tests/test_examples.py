"""Each example of the document, sent to a demo server that has just begun, gets the answer that is documented."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import entity_contract as contract
import httpx
import pytest
from entity_contract.references import mapping
from entity_tests.deployments.serving import serving
from entity_tests.document.requests_of_examples import ExampleRequest, example_requests

V1 = contract.load()
REQUESTS = example_requests(V1)

Answers = Mapping[str, httpx.Response]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """The answers to all of them, one after the other, by the request."""
    with serving(tmp_path_factory.mktemp("examples")) as served, httpx.Client() as client:

        def sent(request: ExampleRequest) -> httpx.Response:
            headers = served.cookie if request.path.startswith("/v1/keys") else served.bearer()
            url = f"{served.root}{request.path}"
            return client.request(request.operation.method, url, headers=headers, json=request.body)

        yield {str(request): sent(request) for request in REQUESTS}


def example(request: ExampleRequest, status: int) -> Any:
    answer = request.operation.response(status)
    assert answer is not None
    return mapping(V1.target(f"{answer.pointer}/content/application~1json"))["example"]


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_an_example_gets_the_documented_answer(answers: Answers, request_: ExampleRequest) -> None:
    answer = answers[str(request_)]
    documented = min(response.status for response in request_.operation.responses)

    if "{entity}" in request_.operation.path:  # gadgets, which the demo has none of
        assert (answer.status_code, answer.json()["code"]) == (404, "ENTITY_NOT_FOUND")
    else:
        assert (answer.status_code, answer.text) == (documented, answer.text)


@pytest.mark.parametrize(
    "request_",
    [one for one in REQUESTS if one.operation.action == "read" and one.operation.entity and not one.shown],
    ids=str,
)
def test_a_record_is_what_its_example_shows(answers: Answers, request_: ExampleRequest) -> None:
    told = answers[str(request_)].text.replace(".000Z", "Z")  # the same moment, told to the millisecond

    assert json.loads(told) == example(request_, 200)


@pytest.mark.parametrize("included", ["TaskInclude", "CommentInclude", "OrderInclude"])
def test_an_example_of_include_is_of_the_entity(included: str) -> None:
    parameter = V1.target(f"#/components/parameters/{included}")
    relations = V1.target(f"#/components/schemas/{included.removesuffix('Include')}Relation")["enum"]

    assert set(parameter["example"]) <= set(relations)  # type: ignore[arg-type]


def test_every_operation_and_every_parameter_of_a_query_is_sent() -> None:
    asked = {(one.operation.id, one.shown) for one in REQUESTS}

    assert {(one.id, "") for one in V1.operations} <= asked
    assert {
        (one.id, parameter.name)
        for one in V1.operations
        for parameter in one.parameters
        if parameter.location == "query"
    } <= asked
