"""What an answer issues is redacted, and nothing else."""

import json

import pytest
from entity_conformance.deployment.issued import issued

ASKED = json.dumps({"name": "mine", "scopes": ["read"]}).encode()


@pytest.mark.parametrize("made", ["2026-11-28T10:00:00Z", "2026-11-28t10:00:00.250z", "2026-11-28t10:00:00+01:00"])
def test_a_time_in_any_spelling_is_no_secret(made: str) -> None:
    answer = {"data": {"id": "key_0123456789abcdef", "token": "tok-0123456789", "createdAt": made}}
    assert issued(ASKED, 201, json.dumps(answer).encode()) == ("tok-0123456789",)
