import logging

import pytest
from entity_server.http.authentication import session_tokens

from server.tests.http.served_api import ServedApi

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("credential", ["key", "session"])
async def test_a_key_or_a_session_lets_a_caller_in(api: ServedApi, credential: str) -> None:
    answer = await api.send("GET", "/tasks", credential=credential)

    assert answer.status_code == 200


@pytest.mark.parametrize("credential", [None, "unknown", "expired session"])
async def test_bad_credentials_are_unauthorized_and_challenged(api: ServedApi, credential: str | None) -> None:
    headers = {"Cookie": f"better-auth.session_token={api.credentials['expired session']}"}
    sent = headers if credential == "expired session" else api.authentication(credential)

    answer = await api.client.get("/api/v1/tasks", headers=sent)

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_an_expired_key_says_so(api: ServedApi) -> None:
    answer = await api.send("GET", "/tasks", credential="expired")

    assert (answer.status_code, answer.json()["code"]) == (401, "EXPIRED_KEY")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic {key}", "{key}", "Bearer {key} x", "Bearer\t{key}"]
)
async def test_a_malformed_authorization_header_is_unauthorized(api: ServedApi, authorization: str) -> None:
    headers = {"Authorization": authorization.format(key=api.credentials["key"])}

    answer = await api.client.get("/api/v1/tasks", headers=headers)

    assert answer.status_code == 401


async def test_bytes_that_are_no_ascii_are_no_key(api: ServedApi) -> None:
    answer = await api.client.get("/api/v1/tasks", headers=[(b"Authorization", b"Bearer sk_live_\xff\xfe")])

    assert answer.status_code == 401


async def test_the_scheme_is_written_in_any_case(api: ServedApi) -> None:
    headers = {"Authorization": f"bEARER {api.credentials['key']}"}

    answer = await api.client.get("/api/v1/tasks", headers=headers)

    assert answer.status_code == 200


async def test_two_authorization_headers_are_unauthorized(api: ServedApi) -> None:
    value = f"Bearer {api.credentials['key']}"

    answer = await api.client.get("/api/v1/tasks", headers=[("Authorization", value), ("Authorization", value)])

    assert answer.status_code == 401


async def test_a_bad_key_is_not_rescued_by_a_good_session(api: ServedApi) -> None:
    headers = {**api.authentication("unknown"), **api.authentication("session")}

    answer = await api.client.get("/api/v1/tasks", headers=headers)

    assert answer.status_code == 401


async def test_the_key_decides_beside_a_session(api: ServedApi) -> None:
    headers = {**api.authentication("read"), **api.authentication("session")}

    answer = await api.client.post("/api/v1/tasks", headers=headers, json={"title": "x"})

    assert answer.status_code == 403


async def test_over_https_the_cookie_has_a_prefix(api: ServedApi) -> None:
    headers = {"Cookie": f"theme=dark; __Secure-better-auth.session_token={api.credentials['session']}"}

    answer = await api.client.get("/api/v1/tasks", headers=headers)

    assert answer.status_code == 200


def test_a_cookies_value_is_taken_verbatim() -> None:
    cookies = ['a=1; better-auth.session_token=abc%2Fd==.x%3D; __Secure-better-auth.session_token="q"']

    assert list(session_tokens(cookies)) == ["abc%2Fd==.x%3D", '"q"']


@pytest.mark.parametrize(
    ("credential", "method", "allowed"),
    [
        ("read", "GET", True),
        ("read", "POST", False),
        ("read", "DELETE", False),
        ("write", "GET", False),
        ("write", "POST", True),
        ("write", "DELETE", False),
        ("delete", "GET", False),
        ("delete", "POST", False),
        ("delete", "DELETE", True),
        ("session", "DELETE", True),
    ],
)
async def test_each_scope_stands_alone(api: ServedApi, credential: str, method: str, *, allowed: bool) -> None:
    record = await api.created("/tasks", title="Scoped")
    path = "/tasks" if method == "POST" else f"/tasks/{record}"
    body = {"json": {"title": "x"}} if method == "POST" else {}

    answer = await api.send(method, path, credential=credential, **body)

    assert (answer.status_code < 400) is allowed
    assert allowed or answer.json()["code"] == "INVALID_SCOPE"


async def test_metadata_needs_no_scope(api: ServedApi) -> None:
    answer = await api.send("OPTIONS", "/tasks", credential="delete")

    assert answer.status_code == 200
    assert answer.json()["data"]["permissions"] == {"read": False, "write": False, "delete": True}


async def test_a_preflight_needs_no_credentials(api: ServedApi) -> None:
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}

    answer = await api.send("OPTIONS", "/tasks", credential=None, headers=headers)

    assert (answer.status_code, answer.content) == (204, b"")


async def test_no_credential_is_logged(api: ServedApi, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="entity_server"):
        for credential in ("key", "unknown", "expired", "session"):
            await api.send("GET", "/tasks", credential=credential)

    assert not [secret for secret in api.credentials.values() if secret in caplog.text]
