"""Minting keys and sessions, and setting credits."""

from typing import Any

import pytest

from server.tests.control.controlled_server import ControlledServer

pytestmark = pytest.mark.anyio


async def test_a_minted_key_has_the_scopes_that_were_asked_for(server: ControlledServer) -> None:
    key = (await server.control("POST", "/keys", {"scopes": ["read"]}, status=201))["key"]

    assert (await server.ask("GET", "/tasks", key=key)).status_code == 200
    assert (await server.ask("POST", "/tasks", key=key, json={"title": "New"})).status_code == 403


async def test_a_key_is_minted_without_a_body_and_holds_every_scope(server: ControlledServer) -> None:
    minted = await server.control("POST", "/keys", status=201)

    assert minted["scopes"] == ["read", "write", "delete"]
    assert minted["owner"] == "usr_demo_ada"


async def test_a_key_may_be_minted_that_has_expired(server: ControlledServer) -> None:
    expired = {"expiresAt": "2020-01-01T00:00:00Z"}

    key = (await server.control("POST", "/keys", expired, status=201))["key"]

    assert (await server.ask("GET", "/tasks", key=key)).json()["code"] == "EXPIRED_KEY"


async def test_an_email_that_nobody_has_makes_a_new_user_once(server: ControlledServer) -> None:
    first = await server.control("POST", "/keys", {"owner": "new@shop.example"}, status=201)
    second = await server.control("POST", "/sessions", {"owner": "new@shop.example"}, status=201)

    assert first["owner"] == second["owner"]
    assert (await server.ask("GET", f"/users/{first['owner']}")).json()["data"]["email"] == "new@shop.example"


async def test_a_minted_session_is_a_cookie(server: ControlledServer) -> None:
    session = await server.control("POST", "/sessions", {"owner": "ben@shop.example"}, status=201)

    answer = await server.api.get("/api/v1/keys", headers={"Cookie": session["cookie"]})

    assert answer.status_code == 200


async def test_a_minted_session_expires_by_the_servers_clock(server: ControlledServer) -> None:
    now = (await server.control("GET", "/clock"))["now"]
    expires = f"{int(now[:4]) + 1}{now[4:]}"
    session = await server.control("POST", "/sessions", {"expiresAt": expires}, status=201)
    await server.control("POST", "/clock/move", {"days": 367})

    answer = await server.api.get("/api/v1/keys", headers={"Cookie": session["cookie"]})

    assert answer.status_code == 401


@pytest.mark.parametrize(("balance", "status"), [(0, 402), (100_000, 200)])
async def test_credits_decide_whether_text_is_generated(server: ControlledServer, balance: int, status: int) -> None:
    told = await server.control("PUT", "/credits", {"balance": balance})

    answer = await server.ask("POST", "/ai/generate", json={"prompt": "Say hello"})

    assert told == {"owner": "usr_demo_ada", "balance": balance}
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "method", "body", "place"),
    [
        ("/keys", "POST", {"scopes": []}, "scopes"),
        ("/keys", "POST", {"scopes": ["admin"]}, "scopes.0"),
        ("/keys", "POST", {"expiresAt": "tomorrow"}, "expiresAt"),
        ("/keys", "POST", {"owner": "nobody"}, "owner"),
        ("/keys", "POST", {"owner": "no email@"}, "owner"),
        ("/keys", "POST", {"owner": "nul\0@shop.example"}, "owner"),
        ("/sessions", "POST", {"expires": None}, "expires"),
        ("/credits", "PUT", {"balance": -1}, "balance"),
        ("/credits", "PUT", {}, "balance"),
    ],
)
async def test_what_is_not_well_said_is_named(
    server: ControlledServer, path: str, method: str, body: dict[str, Any], place: str
) -> None:
    refused = await server.refusal(method, path, body)

    assert list(refused["details"]) == [place]
