"""What a deployment spells otherwise is sent in its words, and read in the contract's."""

import json

import httpx
import pytest
from entity_conformance.deployment.api import Reply, Secret
from entity_conformance.deployment.spelling import Spelling

from conformance.tests.scene import Scene

OWN = Spelling("/auth/api-keys", (("read", "tasks:read"), ("write", "tasks:write")))
MADE = {"success": True, "data": {"id": "key_1", "key": "sk_1", "scopes": ["tasks:read", "delete"]}}


def scene(answer: object = MADE, spelling: Spelling = OWN) -> Scene:
    return Scene(httpx.Response(201, json=answer), spelling=spelling)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/auth/api-keys", "/api/v1/auth/api-keys"),
        ("/api/auth/keys", "/api/auth/keys"),
        ("/keys", "/api/v1/keys"),
    ],
)
def test_keys_are_asked_for_where_the_deployment_has_them(path: str, sent: str) -> None:
    asked = scene(spelling=Spelling(path))

    asked.does(lambda api: api.list_keys())
    asked.does(lambda api: api.revoke_key("key_1"))

    assert [f"{request.method} {request.url.path}" for request in asked.requests] == [
        f"GET {sent}",
        f"DELETE {sent}/key_1",
    ]


def test_an_entity_whose_name_begins_so_is_none_of_it() -> None:
    asked = scene()

    asked.does(lambda api: api.list("keysets"))

    assert asked.line == "GET http://127.0.0.1:5173/api/v1/keysets"


def test_a_scope_is_sent_as_the_deployment_calls_it() -> None:
    asked = scene()

    asked.does(lambda api: api.create_key({"name": "a", "scopes": ["read", "delete", "admin", 5]}))

    assert json.loads(asked.requests[-1].content)["scopes"] == ["tasks:read", "delete", "admin", 5]


def test_an_answer_is_read_in_the_contracts_words() -> None:
    created: Reply = scene().does(lambda api: api.create_key({"name": "a", "scopes": ["read"]}))
    listed: Reply = scene({"success": True, "data": [MADE["data"]]}).does(lambda api: api.list_keys())

    assert created.record["scopes"] == ["read", "delete"]
    assert [key["scopes"] for key in listed.records] == [["read", "delete"]]


def test_what_is_no_key_is_left_as_it_is() -> None:
    asked = scene({"success": True, "data": {"id": "tsk_1", "scopes": ["tasks:read"]}})

    read: Reply = asked.does(lambda api: api.read("tasks", "tsk_1"))

    assert read.record["scopes"] == ["tasks:read"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"scopes": 1}', b'{"scopes": ["delete"] }'])
def test_a_body_without_such_a_scope_is_sent_to_the_letter(content: bytes) -> None:
    assert OWN.content(content) == content


def test_the_evidence_shows_what_was_sent() -> None:
    asked = scene()

    asked.does(lambda api: api.create_key({"name": "a", "scopes": ["read"]}))

    shown = asked.context.wire.log.exchanges()[-1]
    assert shown.url.endswith("/api/v1/auth/api-keys")
    assert "tasks:read" in str(shown.request_body)


def test_a_key_that_was_made_elsewhere_is_in_the_journal() -> None:
    asked = scene()

    asked.does(lambda api: api.create_key({"name": "a", "scopes": ["read"]}))

    assert asked.journal.told[-1] == ("made", 1, "key_1")


def test_the_secret_of_such_a_key_is_used_as_it_came() -> None:
    created: Reply = scene().does(lambda api: api.create_key({"name": "a", "scopes": ["read"]}))

    assert Secret(created.record["key"]).header == ("Authorization", "Bearer sk_1")
