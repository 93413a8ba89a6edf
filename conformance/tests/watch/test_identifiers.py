"""X-Request-ID, on whatever answer."""

import pytest
from entity_conformance.suite.watch import identifiers
from entity_contract import Contract

from conformance.tests.watched import Told, judged, problems

UUID = "0e3b7f5a-2f7e-4f43-9d1c-7b8f3a1c2d4e"


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("DELETE", 200), ("OPTIONS", 200), ("POST", 201)])
def test_a_granted_request_has_an_id(v1: Contract, method: str, status: int) -> None:
    told = Told().get(method=method, status=status, X_Request_ID=None).history(v1)

    assert problems(identifiers.request_id, told) == [("x1", "the header X-Request-ID is missing")]


@pytest.mark.parametrize("status", [400, 401, 404, 405, 413])
def test_a_refusal_has_an_id(v1: Contract, status: int) -> None:
    told = Told().get(status=status, X_Request_ID=None).history(v1)

    assert problems(identifiers.request_id_of_a_refusal, told) == [("x1", "the header X-Request-ID is missing")]


def test_an_id_comes_once(v1: Contract) -> None:
    told = Told().get(X_Request_ID="one, another").history(v1)

    assert problems(identifiers.request_id, told) == [("x1", "the header X-Request-ID is there more than once")]


def test_a_preflight_is_no_operation(v1: Contract) -> None:
    sent = {"Origin": "https://a.test", "Access-Control-Request-Method": "POST"}
    told = Told().get(method="OPTIONS", sent=sent, X_Request_ID=None).history(v1)

    assert judged(identifiers.request_id, told) == []


def test_an_id_of_the_deployments_own_comes_once_in_a_run(v1: Contract) -> None:
    told = Told().get(X_Request_ID="a").get(X_Request_ID="b").get(X_Request_ID="a").history(v1)

    assert problems(identifiers.request_id_differs, told) == [("x3", "X-Request-ID is that of another exchange (x1)")]


def test_ids_that_the_client_sent_may_come_twice(v1: Contract) -> None:
    sent = {"X-Request-ID": "a"}
    told = Told().get(sent=sent, X_Request_ID="a").get(sent=sent, X_Request_ID="a").history(v1)

    assert judged(identifiers.request_id_differs, told) == []


def test_an_id_that_the_user_has_sent_with_every_request_is_not_compared(v1: Contract) -> None:
    told = Told().get(X_Request_ID="a").get(X_Request_ID="a").history(v1, always_sent=frozenset({"x-request-id"}))

    assert judged(identifiers.request_id_differs, told) == []


def test_a_uuid_comes_back_to_its_own_request(v1: Contract) -> None:
    other = UUID.replace("0e", "1e")
    told = Told().get(sent={"X-Request-ID": UUID}, at=(1, 4), X_Request_ID=other)
    told.get(sent={"X-Request-ID": other}, at=(2, 3), X_Request_ID=UUID)

    found = problems(identifiers.request_id_echoes_uuid, told.history(v1))

    assert found == [("x1", "X-Request-ID differs"), ("x2", "X-Request-ID differs")]


def test_another_text_comes_back_by_a_requirement_of_its_own(v1: Contract) -> None:
    told = Told().get(sent={"X-Request-ID": "mine~#1"}, X_Request_ID="yours").history(v1)

    assert judged(identifiers.request_id_echoes_uuid, told) == []
    assert problems(identifiers.request_id_echoes_text, told) == [("x1", "X-Request-ID differs")]
