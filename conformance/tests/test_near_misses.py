"""What comes near to a credential differs in what means something, and is told by no report."""

import pytest
from entity_conformance.deployment.credentials import Secret
from entity_conformance.deployment.near_misses import NearMiss, as_key, empty, near, unformed

from conformance.tests.miniature import KEY
from conformance.tests.scene import Scene


def values(secret: Secret) -> dict[str, str]:
    return {one.how: one.hides for one in near(secret)}


def test_a_key_has_five_near_misses() -> None:
    assert values(Secret("sk_live_abcD1234")) == {
        "cut by one": "sk_live_abcD123",
        "last character changed": "sk_live_abcD123A",
        "the first half": "sk_live_",
        "other case": "SK_LIVE_ABCd1234",
        "with a tail": "sk_live_abcD1234x",
    }


@pytest.mark.parametrize(
    ("value", "cut", "changed"),
    [
        ("dG9rZW4=", "dG9rZW", "dG9rZWA="),
        ("token.c2ln%3D", "token.c2l", "token.c2lA%3D"),
        ("abc_", "abc", "abcA"),
        ("====", "===", "===A"),
    ],
)
def test_the_padding_of_a_token_means_nothing(value: str, cut: str, changed: str) -> None:
    found = values(Secret(value, "session"))

    assert (found["cut by one"], found["last character changed"]) == (cut, changed)


def test_a_secret_without_letters_has_no_other_case() -> None:
    assert "other case" not in values(Secret("1234567890"))


def test_a_header_may_hold_a_key_in_a_form_that_is_not_the_references() -> None:
    assert [one.header[1] for one in unformed(Secret("sk_1"))] == ["Bearer", "sk_1", "Basic sk_1", "Token sk_1"]


def test_an_empty_session_is_a_cookie_without_a_token() -> None:
    assert empty(Secret("token", "session", "sid")).header == ("Cookie", "sid=")


def test_a_session_may_stand_where_a_key_belongs() -> None:
    miss = as_key(Secret("token", "session", "sid"))

    assert (miss.header, miss.hides) == (("Authorization", "Bearer token"), "token")


def test_it_is_told_as_the_session_that_it_is() -> None:
    scene = Scene()
    session = scene.context.wallet.get("session")
    assert session is not None

    scene.does(lambda api: api.list("tasks", credential=as_key(session)))

    (exchange,) = scene.context.wire.log.exchanges()
    assert session.value not in repr(exchange)


@pytest.mark.parametrize("miss", near(Secret(KEY)), ids=lambda one: one.how)
def test_a_near_miss_is_sent_and_not_told(miss: NearMiss) -> None:
    scene = Scene()

    scene.does(lambda api: api.list("tasks", credential=miss))

    (exchange,) = scene.context.wire.log.exchanges()
    assert scene.requests[0].headers["authorization"] == f"Bearer {miss.hides}"
    assert ("Authorization", f"Bearer [key, {miss.how}]") in exchange.request_headers
    assert exchange.credential == "none"
    assert scene.context.wire.counted.key == 0
