"""What an answer issues is redacted, and nothing else."""

import json

import pytest
from entity_conformance.deployment.issued import issued

ASKED = json.dumps({"name": "mine", "scopes": ["read"]}).encode()


@pytest.mark.parametrize(
    "made",
    [
        "2026-11-28T10:00:00Z",
        "2026-11-28t10:00:00.250z",
        "2026-11-28t10:00:00+01:00",
        "-0001-01-01T00:00:00Z",
        "2026-11-30T24:00:00+23:59",
        "1736940600123",
        "2026-11-28T10:00:00+01:00[Europe/Paris]",
        "/Date(1736940600000)/",
        "2026-W48-6T10:00",
    ],
)
def test_a_time_in_any_spelling_is_no_secret(made: str) -> None:
    answer = {"data": {"id": "key_0123456789abcdef", "token": "tok-0123456789", "createdAt": made}}
    assert issued(ASKED, 201, json.dumps(answer).encode()) == ("tok-0123456789",)


@pytest.mark.parametrize(
    "content",
    [
        b'{"data": {"key": "k-0123456789"}}',
        b'{"data": {"\\u006bey": "k-0123456789"}}',
        '{"data": {"key": "k-0123456789"}}'.encode("utf-16"),
        '{"data": {"key": "k-0123456789"}}'.encode("utf-32-le"),
    ],
)
def test_a_key_is_found_however_it_is_spelt(content: bytes) -> None:
    assert issued(None, 201, content) == ("k-0123456789",)


@pytest.mark.parametrize(
    ("method", "asked", "secrets"),
    [
        ("POST", b'{"key": "north wing", "scopes": "all"}', ()),
        ("PATCH", b'{"name": "mine"}', ()),
        ("GET", None, ()),
        ("POST", b'{"name": "mine"}', ("north wing",)),
        ("POST", None, ("north wing",)),
    ],
)
def test_a_field_of_an_entity_may_be_called_a_key(method: str, asked: bytes | None, secrets: tuple[str, ...]) -> None:
    answer = {"success": True, "data": {"id": "apk_1", "key": "north wing"}}
    assert issued(asked, 200, json.dumps(answer).encode(), method=method) == secrets


def test_where_a_key_was_made_is_no_secret() -> None:
    url = "https://api.example/t/api/v1/keys"
    told = {"path": "/t/api/v1/keys", "self": f"{url}/key_0123456789", "token": "/t/api/v1/keysafe+0123"}

    assert issued(ASKED, 201, json.dumps(told).encode(), url=url) == ("/t/api/v1/keysafe+0123",)


@pytest.mark.parametrize(
    ("answer", "secrets"),
    [
        (
            {"success": False, "error": "Validation failed", "code": "VALIDATION_FAILED", "trace": "0af7651916cd43dd"},
            (),
        ),
        ({"status": "error", "code": "VALIDATION_FAILED"}, ()),
        ({"success": True, "code": "KEY_CREATED", "token": "QWERTYUIOPASDFGHJKLZ"}, ("QWERTYUIOPASDFGHJKLZ",)),
    ],
)
def test_a_refusal_issues_nothing_whatever_its_status(answer: dict[str, object], secrets: tuple[str, ...]) -> None:
    assert issued(ASKED, 200, json.dumps(answer).encode()) == secrets
