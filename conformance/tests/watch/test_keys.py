"""What the creation of an API key is answered with, whoever needed the key."""

import pytest
from entity_conformance.suite.watch import keys
from entity_contract import Contract

from conformance.tests.watched import Told, judged, problems

NEW = {"id": "key_1", "name": "n", "scopes": ["read"], "expiresAt": None}


def made(
    told: Told, sent: dict[str, object], *, status: int = 201, credential: str = "session", **body: object
) -> Told:
    return told.get("keys", body, method="POST", status=status, body_sent=sent, credential=credential)


@pytest.mark.parametrize("expiry", [None, "2030-01-01T00:00:00Z"])
def test_every_new_key_comes_with_a_warning(v1: Contract, expiry: str | None) -> None:
    told = made(Told(), {"expiresAt": expiry}, data=NEW | {"expiresAt": expiry}, warning="Save it.")
    made(told, {"expiresAt": expiry}, data=NEW | {"expiresAt": expiry})

    assert [exchange for exchange, _ in problems(keys.comes_with_a_warning, told.history(v1))] == ["x2"]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (7, "data.key is no text"),
        (None, "data.key is no text"),
        ("  ", "data.key is no text"),
        ("sk_live_\r\nX-Owned: 1", "data.key cannot be sent in a header"),
        ("sk_live_é", "data.key cannot be sent in a header"),
        ("sk_live_1\n", "data.key cannot be sent in a header"),
        ("sk_live_" + "a" * 100_000, "data.key cannot be sent in a header"),
    ],
)
def test_every_new_key_can_be_sent(v1: Contract, key: object, why: str) -> None:
    told = made(Told(), {}, data=NEW | {"key": "sk_live_abc-123"})
    made(told, {}, data=NEW | {"key": key})

    assert problems(keys.can_be_sent, told.history(v1)) == [("x2", why)]


def test_what_is_no_new_key_needs_no_warning(v1: Contract) -> None:
    told = made(Told(), {}, status=400, code="VALIDATION_FAILED").get("keys", {"success": True, "data": [NEW]})
    told.get("keys/key_1", {"success": True}, method="DELETE")
    made(told, {}, data=None)

    assert judged(keys.comes_with_a_warning, told.history(v1)) == []


@pytest.mark.parametrize("sent", [{}, {"expiresAt": None}])
def test_a_key_that_was_not_to_expire_has_no_expiry(v1: Contract, sent: dict[str, object]) -> None:
    told = made(Told(), sent, data=NEW)
    made(told, sent, data={"id": "key_1"})
    made(told, sent, data=NEW | {"expiresAt": "2030-01-01T00:00:00Z"})

    assert [exchange for exchange, _ in problems(keys.never_expires, told.history(v1))] == ["x3"]


@pytest.mark.parametrize("status", [400, 422])
def test_it_is_not_refused_for_that(v1: Contract, status: int) -> None:
    told = made(Told(), {"expiresAt": None}, status=status, code="C", details={"expiresAt": "Must be a date-time"})

    assert problems(keys.never_expires, told.history(v1)) == [
        ("x1", "a key that never expires is refused for its expiry")
    ]


def test_other_keys_and_other_refusals_tell_nothing_of_it(v1: Contract) -> None:
    told = made(Told(), {"expiresAt": "soon"}, status=400, code="C", details={"expiresAt": "no date-time"})
    made(told, {"expiresAt": None}, status=400, code="C", details={"name": "missing"})
    made(told, {"expiresAt": None}, status=401, code="C", credential="none")
    made(told, {"expiresAt": "2030-01-01T00:00:00Z"}, data=NEW | {"expiresAt": "2030-01-01T00:00:00Z"})

    assert judged(keys.never_expires, told.history(v1)) == []


LONG = "n" * 100


@pytest.mark.parametrize("name", ["n", LONG])
def test_a_name_of_a_hundred_characters_is_taken(v1: Contract, name: str) -> None:
    told = made(Told(), {"name": name}, data=NEW)
    made(told, {"name": name}, status=400, code="C", details={"name": "Too long"})

    assert problems(keys.takes_a_long_name, told.history(v1)) == [
        ("x2", "a key is refused for a name that is not too long")
    ]


def test_names_that_are_none_and_other_refusals_tell_nothing_of_that(v1: Contract) -> None:
    told = made(Told(), {"name": f"{LONG}n"}, status=400, code="C", details={"name": "Too long"})
    made(told, {"name": " "}, status=400, code="C", details={"name": "Empty"})
    made(told, {"name": LONG}, status=400, code="C", details={"name": "Taken", "scopes": "Unknown"})
    made(told, {"name": LONG}, status=400, code="C", credential="api_key", details={"name": "Too long"})

    assert judged(keys.takes_a_long_name, told.history(v1)) == []


@pytest.mark.parametrize(("display", "found"), [("sk_live_abc...", []), ("sk_live_abcdef", ["x2"]), (None, [])])
def test_no_list_shows_a_key_whole_that_was_made_before(v1: Contract, display: str | None, found: list[str]) -> None:
    told = made(Told(), {}, data=NEW | {"key": "sk_live_abcdef"})
    told.get("keys", {"success": True, "data": [NEW | {"key": display}]}, credential="session")

    assert [exchange for exchange, _ in problems(keys.never_shown_again, told.history(v1))] == found


def test_a_key_of_before_may_be_shown_in_whatever_way(v1: Contract) -> None:
    told = Told().get("keys", {"success": True, "data": [NEW | {"key": "sk_live_abcdef"}]}, credential="session")

    assert judged(keys.never_shown_again, told.history(v1)) == []


def test_a_key_is_listed_with_the_scopes_that_its_creation_told(v1: Contract) -> None:
    told = made(Told(), {}, data=NEW | {"scopes": ["write", "delete"]})
    for scopes in (["delete", "write"], ["read", "delete", "write"], ["delete"], None):
        told.get("keys", {"success": True, "data": [NEW | {"scopes": scopes}]}, credential="session")

    assert problems(keys.keeps_its_creation, told.history(v1)) == [
        ("x3", "data[].scopes are others than the creation told"),
        ("x4", "data[].scopes are others than the creation told"),
    ]


def test_of_a_key_that_others_have_made_nobody_knows_the_scopes(v1: Contract) -> None:
    told = made(Told(), {}, data=NEW)
    told.get("keys", {"success": True, "data": [NEW | {"id": "key_2", "scopes": ["delete"]}]}, credential="session")

    assert judged(keys.keeps_its_creation, told.history(v1)) == []
