"""Before and after a run: which entities it can test, and that everything it made is removed or named. No network."""

import pytest
import requests
from entity_contract import Contract, Entity
from entity_tests.properties.opening import admitted
from entity_tests.properties.tests.test_live_gate import Deployment, answered, gate, made
from entity_tests.properties.tidy import Leftover, tidied

GONE = {"success": True, "message": "deleted"}
MISSING = {"success": False, "error": "not found", "code": "NOT_FOUND"}


def listed(*records: dict[str, object]) -> requests.Response:
    return answered(200, {"success": True, "data": list(records)})


def described(entity: Entity, **others: object) -> requests.Response:
    facts = {
        field.name: {"type": field.type, "required": field.required, "values": list(field.values)}
        for field in entity.fields
    }
    return answered(200, {"success": True, "data": {"schema": {**facts, **others}}})


def sent(deployment: Deployment) -> list[tuple[str | None, str]]:
    return [(one.method, str(one.url).rpartition("/v1")[2]) for one in deployment.requests]


def test_what_was_made_is_removed_the_newest_first_and_looked_for() -> None:
    deployment = Deployment(
        made("tsk_1"),
        made("cmt_1"),
        answered(200, GONE),
        answered(200, GONE),
        listed(),
        listed(),
        answered(404, MISSING),
    )
    opened = gate(deployment)
    opened.ask("POST", "/tasks", body={})
    opened.ask("POST", "/comments", body={})
    assert tidied(opened) == ()
    assert sent(deployment)[2:] == [
        ("DELETE", "/comments/cmt_1"),
        ("DELETE", "/tasks/tsk_1"),
        ("GET", "/tasks?limit=100"),
        ("GET", "/comments?limit=100"),
        ("GET", "/comments/cmt_1"),
    ]


def test_what_was_made_without_an_answer_is_found_by_its_mark() -> None:
    records = listed({"id": "tsk_lost", "description": "contract-tests-xyz"}, {"id": "tsk_other", "description": "x"})
    deployment = Deployment(requests.ConnectionError("reset"), records, answered(200, GONE), answered(404, MISSING))
    opened = gate(deployment)
    with pytest.raises(requests.ConnectionError):
        opened.ask("POST", "/tasks", body={})
    assert tidied(opened) == ()
    assert [path for method, path in sent(deployment) if method == "DELETE"] == ["/tasks/tsk_lost"]


def test_what_cannot_be_removed_is_named() -> None:
    refusal = answered(500, {"success": False})
    deployment = Deployment(made("tsk_1"), *[refusal] * 2, listed({"id": "tsk_1"}), *[refusal] * 2)
    opened = gate(deployment)
    opened.ask("POST", "/tasks", body={})
    assert tidied(opened) == (Leftover("tasks", "tsk_1", "DELETE answered 500"),)


def test_keys_are_revoked_by_the_session() -> None:
    deployment = Deployment(made("key_1"), answered(200, GONE), listed())
    opened = gate(deployment)
    opened.ask("POST", "/keys", kind="session", body={})
    assert tidied(opened) == ()
    assert sent(deployment)[1:] == [("DELETE", "/keys/key_1"), ("GET", "/keys")]
    assert all("Cookie" in request.headers for request in deployment.requests)


def test_an_entity_that_is_absent_or_another_is_left_out_with_its_reason(contract: Contract) -> None:
    comments, products, customers, orders, users = contract.entities[1:]
    deployment = Deployment(
        listed(),
        listed(),
        described(comments),
        described(products, warehouse={"type": "string"}),
        answered(404, MISSING),
        described(orders, status={"type": "enum", "values": ["new"]}),
        described(users),
    )
    assert admitted(gate(deployment), contract) == {
        "products": "its own OPTIONS describes other fields than the contract: warehouse",
        "customers": "the deployment does not have it",
        "orders": "its own OPTIONS describes the field status otherwise than the contract",
    }
    assert (customers.name, len(sent(deployment))) == ("customers", 7)
