"""The server at a real socket: what HTTP clients do that httpx cannot.

It is long because requests are written as they stand on the wire.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Mapping

import pytest
from entity_contract import Contract
from entity_server.app import compose, create_app, served
from entity_server.http import serving
from entity_server.http.operations import CompiledContract
from entity_server.http.serving import LARGEST_BODY
from entity_server.running import listening
from entity_server.store import Store

from server.tests.http.served_api import ROOMY

pytestmark = pytest.mark.anyio
Talk = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def talk(contract: Contract, compiled: CompiledContract, store: Store) -> AsyncIterator[Talk]:
    with listening("127.0.0.1", 0) as sock:
        async with served(create_app(compose(contract, store, ROOMY, compiled=compiled)), sock):
            reader, writer = await asyncio.open_connection(*sock.getsockname())
            yield reader, writer
            writer.close()


async def _answer(talk: Talk, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes; the status, the headers and the body that come back."""
    reader, writer = talk
    writer.write(request)
    first, *lines = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)).decode().split("\r\n")[:-2]
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    no_body = request.startswith(b"HEAD") or headers.get("content-length") is None
    body = b"" if no_body else await reader.readexactly(int(headers["content-length"]))
    return int(first.split()[1]), headers, body


def _post(credentials: Mapping[str, str], *headers: str, body: bytes = b"") -> bytes:
    lines = ("POST /api/v1/tasks HTTP/1.1", "Host: x", f"Authorization: Bearer {credentials['key']}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"what is this\r\n\r\n",
        b"GET /api/v1/tasks HTTP/9\r\n\r\n",
        b"GET /api/v1/t\xc3\xa4sks HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/tasks HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 70_000 + b"\r\n\r\n",
        b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: a miracle\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused_in_the_envelope(talk: Talk, request_bytes: bytes) -> None:
    status, headers, body = await _answer(talk, request_bytes)

    assert (status, json.loads(body)["code"]) == (400, "VALIDATION_FAILED")
    assert "x-request-id" in headers


async def test_a_head_request_is_answered_as_get_without_a_body(talk: Talk) -> None:
    request = b"%b /api/health HTTP/1.1\r\nHost: x\r\nX-Request-ID: one\r\n\r\n"
    status, headers, body = await _answer(talk, request % b"GET")

    head_status, head_headers, nothing = await _answer(talk, request % b"HEAD")

    assert (head_status, nothing) == (status, b"")
    assert {**head_headers, "date": ""} == {**headers, "date": ""}
    assert headers["content-length"] == str(len(body))


async def test_a_head_request_is_refused_where_get_is(talk: Talk) -> None:
    status, headers, _ = await _answer(talk, b"HEAD /api/v1/tasks HTTP/1.1\r\nHost: x\r\n\r\n")
    next_status, _, body = await _answer(talk, b"GET /api/v1/tasks HTTP/1.1\r\nHost: x\r\n\r\n")

    assert (status, next_status) == (401, 401)
    assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize("host", [b"", b"Host: x\r\nHost: x\r\n", b"Host: x\r\nhost: y\r\n"])
@pytest.mark.parametrize("path", [b"/api/v1/tasks", b"/api/health", b"/docs"])
async def test_a_request_that_does_not_name_one_host_is_refused(talk: Talk, host: bytes, path: bytes) -> None:
    status, headers, body = await _answer(talk, b"GET %b HTTP/1.1\r\n%bX-Request-ID: one\r\n\r\n" % (path, host))

    assert (status, json.loads(body)["error"]) == (400, "The request must name its host, once")
    assert headers["x-request-id"] == "one"


async def test_http_1_0_knows_no_host(talk: Talk) -> None:
    status, _, _ = await _answer(talk, b"GET /api/health HTTP/1.0\r\n\r\n")

    assert status == 200


async def test_a_long_filter_is_judged_as_a_filter(talk: Talk, credentials: Mapping[str, str]) -> None:
    sent = b"%5B" * 20_000
    request = b"GET /api/v1/tasks?filter=%b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n\r\n"

    status, _, body = await _answer(talk, request % (sent, credentials["key"].encode()))

    assert (status, json.loads(body)["code"]) == (400, "INVALID_FILTER")


async def test_a_refusal_of_what_is_no_request_has_its_request_id(talk: Talk) -> None:
    _, headers, _ = await _answer(
        talk, b"GET /api/v1/tasks HTTP/1.1\r\nX-Request-ID: mine\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"
    )

    assert headers["x-request-id"] == "mine"


@pytest.mark.parametrize("coding", ["Chunked", "CHUNKED", "chunked  "])
async def test_a_transfer_coding_has_any_case(talk: Talk, credentials: Mapping[str, str], coding: str) -> None:
    chunks = b'e\r\n{"title": "x"}\r\n0\r\n\r\n'

    status, _, _ = await _answer(talk, _post(credentials, f"Transfer-Encoding: {coding}", body=chunks))

    assert status == 201


async def test_another_transfer_coding_is_refused(talk: Talk, credentials: Mapping[str, str]) -> None:
    status, headers, body = await _answer(
        talk, _post(credentials, "Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")
    )

    assert (status, headers["connection"]) == (400, "close")
    assert json.loads(body)["error"] == (
        "The request cannot be read: The only transfer coding that is taken is chunked"
    )


async def test_trailers_are_refused(talk: Talk, credentials: Mapping[str, str]) -> None:
    chunks = b'e\r\n{"title": "x"}\r\n0\r\nX-Sum: 1\r\n\r\n'

    status, headers, _ = await _answer(talk, _post(credentials, "Transfer-Encoding: chunked", body=chunks))

    assert (status, headers["connection"]) == (400, "close")


async def test_empty_lines_between_requests_are_nothing(talk: Talk, credentials: Mapping[str, str]) -> None:
    first, _, _ = await _answer(talk, b"\r\n\r\nGET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
    post = _post(credentials, "Content-Length: 14", body=b'{"title": "x"}\r\n')
    second, _, _ = await _answer(talk, post + b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")

    third, _, _ = await _answer(talk, b"")

    assert (first, second, third) == (200, 201, 200)


async def test_a_client_that_has_said_all_is_answered(talk: Talk, credentials: Mapping[str, str]) -> None:
    reader, writer = talk
    writer.write(_post(credentials, "Content-Length: 14", body=b'{"title": "x"}'))
    writer.write_eof()

    answer = await asyncio.wait_for(reader.read(), 60)

    assert answer.startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (gzip.compress(b'{"title": "squeezed"}', mtime=0), (201, None)),
        (gzip.compress(b'{"title": ', mtime=0) + gzip.compress(b'"squeezed"}', mtime=0), (201, None)),
        (gzip.compress(b'{"title": "x"}', mtime=0)[:-4], (400, "VALIDATION_FAILED")),
        (b'{"title": "plain"}', (400, "VALIDATION_FAILED")),
        (gzip.compress(b'{"title": "x"}', mtime=0) + b"more", (400, "VALIDATION_FAILED")),
        (gzip.compress(b" " * 50_000_000, mtime=0), (413, "PAYLOAD_TOO_LARGE")),
    ],
    ids=["whole", "in two members", "cut", "plain", "with a tail", "too large"],
)
async def test_a_gzip_body_is_unpacked_within_the_bound(
    talk: Talk, credentials: Mapping[str, str], body: bytes, told: tuple[int, str | None]
) -> None:
    request = _post(credentials, "Content-Encoding: GZIP", f"Content-Length: {len(body)}", body=body)

    status, _, answer = await _answer(talk, request)

    found = json.loads(answer)
    assert (status, found.get("code")) == told
    assert found.get("data", {"title": "squeezed"})["title"] == "squeezed"


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
async def test_a_body_in_another_content_coding_is_not_stored(
    talk: Talk, credentials: Mapping[str, str], coding: str
) -> None:
    request = _post(credentials, f"Content-Encoding: {coding}", "Content-Length: 14", body=b'{"title": "x"}')

    status, _, body = await _answer(talk, request)

    assert (status, json.loads(body)["code"]) == (422, "UNPROCESSABLE_ENTITY")


async def test_a_body_in_chunks_is_read(talk: Talk, credentials: Mapping[str, str]) -> None:
    chunks = b'8\r\n{"title"\r\n6\r\n: "x"}\r\n0\r\n\r\n'

    status, _, _ = await _answer(talk, _post(credentials, "Transfer-Encoding: chunked", body=chunks))

    assert status == 201


async def test_bad_chunks_are_refused(talk: Talk, credentials: Mapping[str, str]) -> None:
    status, _, body = await _answer(
        talk, _post(credentials, "Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n")
    )

    assert (status, json.loads(body)["code"]) == (400, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    "chunks",
    [
        b'0xe\r\n{"title": "x"}\r\n0\r\n\r\n',
        b' e\r\n{"title": "x"}\r\n0\r\n\r\n',
        b'e\r\n{"title": "x"}XX0\r\n\r\n',
        b'8\r\n{"title"XX6\r\n: "x"}\r\n0\r\n\r\n',
    ],
)
@pytest.mark.parametrize("expecting", [(), ("Expect: 100-continue",)])
async def test_chunks_that_others_read_otherwise_are_refused(
    talk: Talk, credentials: Mapping[str, str], chunks: bytes, expecting: tuple[str, ...]
) -> None:
    talk[1].write(_post(credentials, "Transfer-Encoding: chunked", *expecting, body=chunks))

    answered = await asyncio.wait_for(talk[0].read(), 60)

    assert b"HTTP/1.1 400 " in answered
    assert b"connection: close" in answered


@pytest.mark.parametrize(
    "line",
    [
        "Content-Length : 14", "Content-Length: ١٤", "Content-Length: +14", "X-Odd\tName: 1", ": 1", "X: a\x00b",
        "X: a\rContent-Length: 3", "X: a\nContent-Length: 3", "Transfer-Encoding : chunked",
    ],
)  # fmt: skip
async def test_header_lines_that_others_read_otherwise_are_refused(
    talk: Talk, credentials: Mapping[str, str], line: str
) -> None:
    status, headers, _ = await _answer(talk, _post(credentials, line, body=b'{"title": "x"}'))

    assert (status, headers["connection"]) == (400, "close")


async def test_http_1_0_knows_no_transfer_coding(talk: Talk, credentials: Mapping[str, str]) -> None:
    post = _post(credentials, "Transfer-Encoding: chunked", body=b'e\r\n{"title": "x"}\r\n0\r\n\r\n')

    status, _, _ = await _answer(talk, post.replace(b"HTTP/1.1", b"HTTP/1.0"))

    assert status == 400


async def test_a_large_body_is_refused_before_it_is_sent(talk: Talk, credentials: Mapping[str, str]) -> None:
    status, _, body = await _answer(talk, _post(credentials, f"Content-Length: {10**12}", "Expect: 100-continue"))

    assert (status, json.loads(body)["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_large_chunks_are_refused_when_they_are_too_many(talk: Talk, credentials: Mapping[str, str]) -> None:
    size = LARGEST_BODY + 1
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (size, b" " * size)

    status, _, _ = await _answer(talk, _post(credentials, "Transfer-Encoding: chunked", body=chunk))

    assert status == 413


async def test_a_connection_outlives_refusals_whose_body_was_not_read(
    talk: Talk, credentials: Mapping[str, str]
) -> None:
    refused = b'DELETE /api/v1/tasks/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"a": 12}'
    first, _, _ = await _answer(talk, refused)

    second, _, _ = await _answer(talk, _post(credentials, "Content-Length: 14", body=b'{"title": "x"}'))

    assert (first, second) == (401, 201)


async def test_a_body_that_never_comes_is_refused_and_the_connection_closed(
    talk: Talk, credentials: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_LONGEST_BODY", 0.05)

    status, headers, body = await _answer(talk, _post(credentials, "Content-Length: 14", body=b'{"tit'))

    assert (status, headers["connection"]) == (400, "close")
    assert json.loads(body)["error"] == "The body did not arrive in time"
    assert await asyncio.wait_for(talk[0].read(), 60) == b""


async def test_a_refusal_does_not_wait_for_a_body_that_never_comes(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_LONGEST_DRAIN", 0.05)

    status, headers, _ = await _answer(talk, b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")

    assert (status, headers["connection"]) == (401, "close")
    assert await asyncio.wait_for(talk[0].read(), 60) == b""


@pytest.mark.parametrize("sent", [b"GET /api/v1/ta", b"POST /api/v1/tasks HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"])
async def test_a_client_that_leaves_in_the_middle_is_not_worth_a_line_in_the_log(
    contract: Contract, store: Store, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    with listening("127.0.0.1", 0) as sock:
        async with served(create_app(compose(contract, store, ROOMY)), sock):
            reader, writer = await asyncio.open_connection(*sock.getsockname())
            writer.write(sent)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 60)
            writer.close()

    assert caplog.text == ""


async def test_a_server_that_stops_lets_a_busy_client_go(contract: Contract, store: Store) -> None:
    request = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"
    with listening("127.0.0.1", 0) as sock:
        async with served(create_app(compose(contract, store, ROOMY)), sock):
            reader, writer = await asyncio.open_connection(*sock.getsockname())
            writer.write(request + request[:9])
            first = await asyncio.wait_for(reader.readuntil(b"}"), 60)
            asyncio.get_running_loop().call_later(0.05, writer.write, request[9:])
    last = await asyncio.wait_for(reader.read(), 60)
    writer.close()

    assert (b"\r\nconnection: keep-alive\r\n" in first, b"\r\nconnection: close\r\n" in last) == (True, True)


async def test_a_server_that_stops_waits_for_no_idle_client(contract: Contract, store: Store) -> None:
    app = create_app(compose(contract, store, ROOMY))
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 600.0
    with listening("127.0.0.1", 0) as sock:
        async with asyncio.timeout(60):
            async with served(app, sock):
                reader, writer = await asyncio.open_connection(*sock.getsockname())
                writer.write(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
                await reader.readuntil(b"}")
            assert await reader.read() == b""
    writer.close()


async def test_no_header_is_sent_empty(talk: Talk) -> None:
    _, headers, _ = await _answer(talk, b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")

    assert headers["content-type"] == "application/json"
    assert all(headers.values())


async def test_header_lines_that_come_again_belong_to_the_request_that_has_them(
    talk: Talk, credentials: Mapping[str, str]
) -> None:
    lines = f"Host: x\r\nAuthorization: Bearer {credentials['key']}\r\n\r\n".encode()
    paths = (b"GET /api/health", b"GET /api/v1/tasks?limit=1", b"GET /api/v1/tasks/none", b"OPTIONS /api/v1/tasks")

    answers = [await _answer(talk, b"%b HTTP/1.1\r\n%b" % (path, lines)) for path in paths]

    assert [status for status, _, _ in answers] == [200, 200, 404, 200]
    assert len({headers["x-request-id"] for _, headers, _ in answers}) == 4
    assert json.loads(answers[1][2])["pagination"]["limit"] == 1


async def test_the_same_header_lines_do_not_carry_over_a_body(talk: Talk, credentials: Mapping[str, str]) -> None:
    bodies = [b'{"title": "one"}', b'{"title": "two"}', b'{"title": 12345}', b'{"title": "six"}']
    request = _post(credentials, "Content-Type: application/json", "Content-Length: 16")

    answers = [await _answer(talk, request + body) for body in bodies]

    assert [status for status, _, _ in answers] == [201, 201, 400, 201]
    titles = [json.loads(answers[number][2])["data"]["title"] for number in (0, 1, 3)]
    assert titles == ["one", "two", "six"]


async def test_a_body_that_comes_after_the_same_header_lines_is_waited_for(
    talk: Talk, credentials: Mapping[str, str]
) -> None:
    request = _post(credentials, "Content-Type: application/json", "Content-Length: 16")
    await _answer(talk, request + b'{"title": "one"}')
    talk[1].write(request + b'{"title": ')
    await talk[1].drain()
    await asyncio.sleep(0.01)

    status, _, body = await _answer(talk, b'"two"}')

    assert (status, json.loads(body)["data"]["title"]) == (201, "two")


async def test_other_header_lines_after_the_same_ones_are_read(talk: Talk, credentials: Mapping[str, str]) -> None:
    request = b"GET /api/v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n\r\n"
    known = request % credentials["key"].encode()

    answers = [await _answer(talk, sent) for sent in (known, known, request % b"sk_live_nobody", known)]

    assert [status for status, _, _ in answers] == [200, 200, 401, 200]


@pytest.mark.parametrize(
    "first", [b"GET /api/health HTTP/9", b"GET  /api/health HTTP/1.1", b"GET /api/h\xc3\xa4 HTTP/1.1"]
)
async def test_a_bad_request_line_before_known_header_lines_is_refused(talk: Talk, first: bytes) -> None:
    await _answer(talk, b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")

    status, _, body = await _answer(talk, first + b"\r\nHost: x\r\n\r\n")

    assert (status, json.loads(body)["code"]) == (400, "VALIDATION_FAILED")


async def test_http_1_0_with_known_header_lines_ends_the_connection(talk: Talk) -> None:
    await _answer(talk, b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")

    _, headers, _ = await _answer(talk, b"GET /api/health HTTP/1.0\r\nHost: x\r\n\r\n")

    assert headers["connection"] == "close"


async def test_requests_that_come_at_once_are_answered_in_their_order(talk: Talk) -> None:
    request = b"GET /api/%b HTTP/1.1\r\nHost: x\r\n\r\n"
    talk[1].write(b"".join(request % path for path in (b"health", b"none", b"health")))

    answers = [await _answer(talk, b"") for _ in range(3)]

    assert [status for status, _, _ in answers] == [200, 401, 200]
