import re
from datetime import UTC, datetime, timedelta

import pytest
from entity_server.domain.keys import (
    Key,
    KeyRequest,
    Session,
    digest,
    display,
    key_request,
    matches,
    new_key,
    present,
)
from entity_server.domain.problems import ValidationFailed

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KEY = Key("key_1", "usr_1", "CI", ("read", "write"), "sk_live_abc123...", NOW)


def test_a_new_key_has_its_prefix_and_forty_characters_of_its_own() -> None:
    one, other = new_key(), new_key()

    assert re.fullmatch(r"sk_live_[0-9A-Za-z]{40}", one)
    assert one != other


def test_a_digest_is_sha_256() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("secret", ["", "\0", "\ud800", "ü" * 10_000])
def test_any_text_has_a_digest(secret: str) -> None:
    assert len(digest(secret)) == 64


def test_only_equal_digests_match() -> None:
    assert (matches(digest("a"), digest("a")), matches(digest("a"), digest("b"))) == (True, False)


def test_a_displayed_key_is_its_beginning() -> None:
    assert display("sk_live_abc123xyzxyzxyz") == "sk_live_abc123..."


def test_a_key_is_good_until_the_moment_it_expires() -> None:
    key = Key("key_1", "usr_1", "CI", ("read",), "sk_live_...", NOW, expires_at=NOW)

    assert (key.expired(NOW - SECOND), key.expired(NOW), key.expired(NOW + SECOND)) == (False, True, True)


def test_a_key_without_expiry_never_expires() -> None:
    assert not KEY.expired(datetime.max.replace(tzinfo=UTC))


def test_a_session_expires() -> None:
    session = Session("usr_1", NOW)

    assert (session.expired(NOW - SECOND), session.expired(NOW)) == (False, True)


def test_a_presented_key_is_masked() -> None:
    assert present(KEY) == {
        "id": "key_1",
        "name": "CI",
        "key": "sk_live_abc123...",
        "scopes": ["read", "write"],
        "createdAt": "2025-01-15T10:30:00.000Z",
        "lastUsedAt": None,
        "expiresAt": None,
    }


def test_a_created_key_is_presented_whole() -> None:
    assert present(KEY, "sk_live_whole")["key"] == "sk_live_whole"


def test_a_request_has_each_scope_once_and_in_their_order() -> None:
    expires_at = datetime(2026, 1, 1, tzinfo=UTC)

    asked = key_request("CI", ["write", "read", "write"], expires_at, now=NOW)

    assert asked == KeyRequest("CI", ("read", "write"), expires_at)


def test_a_key_may_never_expire() -> None:
    assert key_request("CI", ["read"], None, now=NOW).expires_at is None


@pytest.mark.parametrize("expires_at", [NOW, NOW - SECOND])
def test_a_key_that_has_expired_already_is_refused(expires_at: datetime) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        key_request("CI", ["read"], expires_at, now=NOW)

    assert refusal.value.details == {"expiresAt": "Must be in the future"}
