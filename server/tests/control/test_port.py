"""Who may come in at the control port, and how it refuses."""

import asyncio

import httpx
import pytest
from entity_server.app import served
from entity_server.control.document import ROOT, control_document
from entity_server.control.hosts import ForeignHost, Hosts
from entity_server.control.opening import pages_alone
from entity_server.domain.problems import ServiceUnavailable, ValidationFailed
from entity_server.store import Store

from server.tests.control.controlled_server import ControlledServer, listening, url

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic {token}", "{token}"])
@pytest.mark.parametrize("path", ["/reset", "/nothing", "/openapi.yaml", "/requests/stream"])
async def test_whoever_has_no_token_learns_nothing(server: ControlledServer, authorization: str, path: str) -> None:
    sent = {"Authorization": authorization.format(token=server.token)}

    answer = await server.port.post(ROOT + path, headers=sent)

    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHORIZED"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_an_api_key_is_no_token(server: ControlledServer) -> None:
    sent = {"Authorization": f"Bearer {server.credentials['apiKey']}"}

    assert (await server.port.post(f"{ROOT}/reset", headers=sent)).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example"]
)
async def test_a_foreign_host_is_refused_even_with_the_token(server: ControlledServer, host: str) -> None:
    answer = await server.port.get(f"{ROOT}/clock", headers={"Host": host})

    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1234", "127.0.0.1:9", "[::1]:80"])
async def test_this_machine_is_no_foreign_host(server: ControlledServer, host: str) -> None:
    assert (await server.port.get(f"{ROOT}/clock", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    ("bound", "host", "welcome"),
    [
        ("127.0.0.1", "192.168.1.7", False),
        ("127.0.0.1", "server", False),
        ("0.0.0.0", "192.168.1.7:5174", True),
        ("0.0.0.0", "[fe80::1]:5174", True),
        ("0.0.0.0", "server:5174", True),
        ("0.0.0.0", "evil.example", False),
        ("tests.internal", "tests.internal:5174", True),
        ("::1", "[::1]:5174", True),
        ("localhost", "127.0.0.1", True),
        ("0.0.0.0", "", False),
    ],
)
def test_which_hosts_are_the_servers_depends_on_where_it_listens(bound: str, host: str, *, welcome: bool) -> None:
    if welcome:
        Hosts(bound).judge([host])
    else:
        with pytest.raises(ForeignHost):
            Hosts(bound).judge([host])


@pytest.mark.parametrize("sent", [[], ["localhost", "localhost"]])
def test_a_request_names_one_host(sent: list[str]) -> None:
    with pytest.raises(ValidationFailed):
        Hosts("127.0.0.1").judge(sent)


async def test_no_answer_carries_a_cors_header(server: ControlledServer) -> None:
    page = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    answers = [
        await server.port.options(f"{ROOT}/reset", headers={**page, "Authorization": ""}),
        await server.port.options(f"{ROOT}/reset", headers=page),
        await server.port.get(f"{ROOT}/clock", headers=page),
        await server.port.get(f"{ROOT}/nothing", headers=page),
    ]

    assert [answer.status_code for answer in answers] == [401, 405, 200, 404]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control-")]


async def test_the_document_is_served(server: ControlledServer) -> None:
    answer = await server.port.get(f"{ROOT}/openapi.yaml")

    assert answer.headers["Content-Type"] == "application/yaml"
    assert answer.content == control_document().text


async def test_a_method_that_a_path_lacks_is_told_with_those_that_it_has(server: ControlledServer) -> None:
    answer = await server.port.put(f"{ROOT}/rules")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST, DELETE")


async def test_a_parameter_that_is_not_documented_is_refused(server: ControlledServer) -> None:
    refused = await server.refusal("GET", "/requests?operation=listTasks")

    assert refused["details"] == {"operation": "listRequests has no such parameter; it has since, operationId, limit"}


@pytest.mark.parametrize("path", ["/requests", "/requests/stream"])
async def test_requests_of_an_operation_that_does_not_exist_are_not_just_none(
    server: ControlledServer, path: str
) -> None:
    refused = await server.refusal("GET", f"{path}?operationId=listTask")

    assert "did you mean listTasks" in refused["details"]["operationId"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Is required: a JSON object"),
        (b"{", "Must be well-formed JSON"),
        (b"[]", "Must be a JSON object"),
        (b"\xff", "Must be well-formed JSON"),
        (b'{"records": {"tasks": [{"title": "\\ud800"}]}}', "Must be valid Unicode, without lone surrogates"),
        (b'{"a": ' * 5000 + b"1" + b"}" * 5000, "Must not be nested deeper than 100 levels"),
    ],
)
async def test_a_body_that_is_no_json_object_is_told_as_what_it_is(
    server: ControlledServer, content: bytes, words: str
) -> None:
    answer = await server.port.post(f"{ROOT}/seed", content=content)

    assert answer.status_code == 400
    assert answer.json()["details"] == {"body": words}


async def test_a_body_needs_no_content_type(server: ControlledServer) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert (await server.port.post(f"{ROOT}/clock/move", content=b'{"days": 1}', headers=form)).status_code == 200


async def test_a_body_that_is_too_large_is_refused(server: ControlledServer) -> None:
    reader, writer = await asyncio.open_connection(server.port.base_url.host, server.port.base_url.port)
    writer.write(b"POST /control/v1/seed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16777217\r\n\r\n")
    answer = await reader.read(10_000)
    writer.close()

    assert answer.startswith(b"HTTP/1.1 413")
    assert b"PAYLOAD_TOO_LARGE" in answer


async def test_a_database_that_is_gone_is_told(server: ControlledServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(_: Store) -> None:
        raise ServiceUnavailable

    monkeypatch.setattr(Store, "contents", gone)

    refused = await server.refusal("GET", "/dump", status=503)

    assert refused["code"] == "SERVICE_UNAVAILABLE"


async def test_a_port_for_pages_alone_says_so() -> None:
    async def page() -> tuple[str, bytes]:
        return "text/plain", b"one 1\n"

    app = pages_alone({"/metrics": page}, host="127.0.0.1", token="secret")
    with listening() as sock:
        headers = {"Authorization": "Bearer secret"}
        async with served(app, sock), httpx.AsyncClient(base_url=url(sock), headers=headers) as client:
            told = await client.get(f"{ROOT}/metrics")
            reset = await client.post(f"{ROOT}/reset")

    assert told.text == "one 1\n"
    assert (reset.status_code, reset.json()["code"]) == (404, "NOT_FOUND")
    assert reset.json()["error"] == "This control port is for /metrics alone: others serve too"
