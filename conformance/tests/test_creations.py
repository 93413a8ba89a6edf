"""What the checks say of a creation that is answered with an id that is not its own."""

import json
from pathlib import Path

import httpx
from entity_conformance.deployment.api import Api
from entity_conformance.suite import given
from entity_conformance.suite.checks.keys import created_key_is_shown

from conformance.tests.miniature import Miniature, data
from conformance.tests.running import check, results, run


async def lists_keys(api: Api, _: object) -> None:
    await given.key_list(api)


async def shows_a_key(api: Api, _: object) -> None:
    await created_key_is_shown(api)


def test_a_key_that_was_there_before_is_no_new_one_and_is_not_left_behind(journals: Path) -> None:
    deployment = Miniature()
    console: dict[str, object] = {
        "id": "key_0",
        "name": "Console",
        "key": "sk_test_console_0000000",
        "scopes": [],
        "expiresAt": None,
    }
    deployment.keys["key_0"] = {**console, "createdAt": "2024-01-15T10:30:00Z"}

    def old(request: httpx.Request) -> httpx.Response | None:
        is_creation = request.method == "POST" and request.url.path.endswith("/keys")
        if not is_creation or b" read_key" not in request.content:
            return None
        return data(201, {**json.loads(request.content), "id": "key_0", "key": "sk_test_made_of_nothing_00"})

    deployment.before = old
    ended = run(deployment, journals, check(shows_a_key), check(lists_keys, "create.two"))

    assert [message for *_, message in results(ended)] == [
        "the id is that of a key that was there before: POST /keys → 201",
        "the creation of a key was answered with the id of another",
    ]
    assert ended.leftovers == ()
    assert list(deployment.keys) == ["key_0"]
