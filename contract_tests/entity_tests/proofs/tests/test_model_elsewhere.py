"""On another deployment: other people's records, choices, a budget, and nothing left behind."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from entity_conformance.deployment.settings import Misuse
from entity_contract import Contract
from entity_server.faults import chosen
from entity_tests.model import elsewhere
from entity_tests.model.deployment import Request, Unusable
from entity_tests.model.elsewhere import Ground
from entity_tests.model.running import Run, examples
from entity_tests.model.settings import from_environment
from entity_tests.proofs.model_in_process import BASE, Line, Stage, stage
from entity_tests.properties.settings import LiveSettings

BUDGET = 300


@pytest.fixture(scope="module")
def servers(contract: Contract) -> Iterator[Stage]:
    with stage(contract) as servers:
        yield servers


def line(servers: Stage, *faults: str) -> Line:
    """A server on which the same user's other records are."""
    made = servers.connected(chosen(faults))
    for title in ("somebody's", "somebody else's", "alpha"):
        answer = client(made).post("/tasks", json={"title": title})
        assert answer.status_code in (200, 201)
    return made


def client(line: Line) -> httpx.Client:
    return httpx.Client(base_url=BASE, headers={"Authorization": f"Bearer {line.keys[0]}"}, transport=line.transport)


def run(line: Line, contract: Contract, *, budget: int = BUDGET, strict: bool = False) -> tuple[Run, Ground]:
    settings = LiveSettings(BASE, line.keys[0], max_requests=budget, strict=strict)
    ground = elsewhere.opened(settings, contract, line.transport)
    return examples(ground.entities, lambda: ground.deployment, strict=strict), ground


def listed(line: Line, path: str) -> list[Any]:
    return list(client(line).get(path, params={"limit": 100}).json()["data"])


def test_a_right_deployment_is_compared_within_the_budget_and_left_as_it_was(
    contract: Contract, servers: Stage
) -> None:
    there = line(servers)
    before = listed(there, "/tasks")
    came, ground = run(there, contract)
    assert (came.found, came.warnings) == (None, ())
    assert BUDGET - 60 < ground.deployment.sent <= BUDGET
    assert came.stopped == "the budget of requests, or the deployment's rate limit, is spent"
    assert listed(there, "/tasks") == before
    assert [listed(there, f"/{name}") for name in ("comments", "products", "customers", "orders")] == [[]] * 4


def test_a_must_that_does_not_hold_is_found_and_nothing_is_left(contract: Contract, servers: Stage) -> None:
    there = line(servers, "list.has-prev-never")
    came, _ = run(there, contract)
    assert came.found is not None
    assert "pagination.hasPrev must be true, and is false" in came.found
    assert len(listed(there, "/tasks")) == 3


def test_a_should_that_does_not_hold_is_a_warning(contract: Contract, servers: Stage) -> None:
    came, _ = run(line(servers, "filter.ne-means-eq"), contract, budget=400)
    assert came.found is None
    assert any("$ne" in warning for warning in came.warnings)


def test_a_should_that_does_not_hold_fails_when_strict(contract: Contract, servers: Stage) -> None:
    came, _ = run(line(servers, "filter.ne-means-eq"), contract, budget=400, strict=True)
    assert came.found is not None
    assert "$ne" in came.found


def test_a_deployment_that_cannot_be_narrowed_is_not_compared(contract: Contract, servers: Stage) -> None:
    there = line(servers, "filter.ignored")
    with pytest.raises(Unusable, match="tasks cannot be narrowed to one id") as raised:
        run(there, contract)
    assert raised.value.code == 3
    assert len(listed(there, "/tasks")) == 3


def test_a_refused_key_is_told_without_the_key(contract: Contract, servers: Stage) -> None:
    there = line(servers)
    with pytest.raises(Unusable, match="the API key was refused") as raised:
        elsewhere.opened(LiveSettings(BASE, "sk_live_wrong"), contract, there.transport)
    assert raised.value.code == 4
    assert "sk_live_wrong" not in str(raised.value)


def test_another_api_is_told_from_this_one(contract: Contract) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
    with pytest.raises(Unusable, match="no v1 entity API at"):
        elsewhere.opened(LiveSettings(BASE, "sk_live_x"), contract, transport)


def test_an_unreachable_host_is_told(contract: Contract) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(Unusable, match=r"cannot reach .*: ConnectError"):
        elsewhere.opened(LiveSettings(BASE, "sk_live_x"), contract, httpx.MockTransport(refuse))


def test_an_entity_with_other_fields_is_left_out_with_what_needs_it(contract: Contract, servers: Stage) -> None:
    customers = contract.entity("customers")
    assert customers is not None
    fewer = replace(customers, fields=customers.fields[:-1])
    other = replace(contract, entities=tuple(fewer if one is customers else one for one in contract.entities))
    there = line(servers)
    ground = elsewhere.opened(LiveSettings(BASE, there.keys[0]), other, there.transport)
    assert ground.left_out == {
        "customers": "its fields are not the contract's",
        "orders": "its records need customers",
    }
    assert [entity.name for entity in ground.entities] == ["tasks", "comments", "products", "users"]
    assert all(one.entity != "orders" for entity in ground.entities for one in entity.relations)


def test_a_rate_limit_ends_the_run(contract: Contract, servers: Stage) -> None:
    there, allowed = line(servers), 60
    left = itertools.count(allowed - 1, -1)

    def limited(request: httpx.Request) -> httpx.Response:
        answer = there.transport.handle_request(request)
        answer.headers["X-RateLimit-Remaining"] = str(next(left))
        return answer

    ground = elsewhere.opened(LiveSettings(BASE, there.keys[0]), contract, httpx.MockTransport(limited))
    came = examples(ground.entities, lambda: ground.deployment)
    assert came.stopped is not None
    assert ground.deployment.sent <= allowed
    assert len(listed(there, "/tasks")) == 3


def test_a_request_is_told_without_credentials() -> None:
    told = Request("PATCH", "/tasks/tsk_1", "other", [("fields", "id")], body={"title": "T"}).text()
    assert told == 'the other user: PATCH /tasks/tsk_1\n    fields = id\n    body {"title": "T"}'


def test_the_variables_name_a_deployment() -> None:
    given = {"CONTRACT_TESTS_URL": "http://localhost:1/api", "CONTRACT_TESTS_API_KEY": "sk_live_x"}
    assert from_environment(
        {**given, "CONTRACT_TESTS_MAX_REQUESTS": "50", "CONTRACT_TESTS_STRICT": "1"}
    ) == LiveSettings("http://localhost:1/api/v1", "sk_live_x", strict=True, max_requests=50)
    assert from_environment({}) is None
    assert "sk_live_x" not in repr(from_environment(given))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"URL": "localhost", "API_KEY": "k"}, "http"),
        ({"URL": "http://localhost"}, "no API key"),
        ({"URL": "https://api.example.com", "API_KEY": "k"}, "ALLOW_WRITES=1"),
        ({"URL": "http://localhost", "API_KEY": "k", "MAX_REQUESTS": "many"}, "whole number"),
        ({"URL": "http://localhost", "API_KEY": "k", "STRICT": "perhaps"}, "say 1 or 0"),
        ({"URL": "http://localhost", "API_KEY": "k", "HEADER": "nonsense"}, "Name: value"),
    ],
)
def test_a_variable_that_cannot_be_is_misuse(given: dict[str, str], says: str) -> None:
    with pytest.raises(Misuse, match=says):
        from_environment({f"CONTRACT_TESTS_{name}": text for name, text in given.items()})
