"""What acts on the wire in front of the server: requests that are readdressed, answers that are rewritten."""

from dataclasses import dataclass, field

import httpx
import pytest
from entity_server.domain.problems import PayloadTooLarge, Problem
from entity_server.http.exchange import Headers, Received, Sent
from entity_server.http.httpx_headers import HttpxHeaders
from entity_server.variants import VARIANTS, Variant
from entity_server.variants.altered import altered

pytestmark = pytest.mark.anyio
LINKS = '</api/v1/tasks?page=1>; rel="prev", </api/v1/tasks?page=3>; rel="next"'


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class _Inner:
    sent: Sent
    seen: list[Received] = field(default_factory=list)
    bodies: list[bytes | str] = field(default_factory=list)

    async def answer(self, received: Received) -> Sent:
        self.seen.append(received)
        try:
            self.bodies.append(await received.read())
        except Problem as problem:
            self.bodies.append(problem.code)
        return self.sent

    def preflight(self, received: Received) -> Sent:
        self.seen.append(received)
        return self.sent

    def failure(self, problem: Problem, headers: Headers) -> Sent:  # noqa: ARG002 - the signature of `Answering`
        self.bodies.append(problem.code)
        return self.sent


def received(path: str, query: str = "", *, body: bytes | None = b"", **headers: str) -> Received:
    async def read() -> bytes:
        if body is None:
            raise PayloadTooLarge
        return body

    named = httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return Received("POST", path, query, HttpxHeaders(named), read)


def variants(*ids: str) -> list[Variant]:
    return [one for one in VARIANTS if one.id in ids]


def test_nothing_stands_in_front_where_nothing_acts_on_the_wire() -> None:
    inner = _Inner(Sent(200, {}, b""))

    assert altered(inner, variants("limit-is-capped")) is inner


async def test_each_link_is_a_header_of_its_own() -> None:
    inner = _Inner(Sent(200, {"Link": LINKS, "X-Page": "2"}, b"{}"))

    sent = await altered(inner, variants("links-in-headers-of-their-own")).answer(received("/api/v1/tasks"))

    assert [value for name, value in sent.headers.items() if name.lower() == "link"] == LINKS.split(", ")
    assert (sent.status, sent.headers["X-Page"], sent.body) == (200, "2", b"{}")


async def test_a_request_is_readdressed_and_its_links_are_those_of_what_was_asked() -> None:
    inner = _Inner(Sent(200, {"Link": '</api/v1/tasks?limit=2&page=2>; rel="next"'}, b"{}"))

    sent = await altered(inner, variants("the-first-of-two-counts")).answer(
        received("/api/v1/tasks", "limit=2&limit=3")
    )

    assert inner.seen[0].query == "limit=2"
    assert sent.headers["Link"] == '</api/v1/tasks?limit=2&limit=3&page=2>; rel="next"'


async def test_a_body_and_an_odd_path_reach_the_server_as_they_came() -> None:
    inner = _Inner(Sent(200, {}, b"{}"))
    asked = received(
        "/api/v1/tasks/a%2Fb%20c", "filter=%7B%7D", body=b'{"title": "\xc3\xbc"}', authorization="Bearer x"
    )

    await altered(inner, variants("session-decides")).answer(asked)

    seen = inner.seen[0]
    assert (seen.path, seen.query) == ("/api/v1/tasks/a%2Fb%20c", "filter=%7B%7D")
    assert inner.bodies == [b'{"title": "\xc3\xbc"}']
    assert list(seen.headers.getall("Authorization", ())) == ["Bearer x"]


async def test_a_body_that_is_too_large_is_refused_by_the_server_itself() -> None:
    inner = _Inner(Sent(413, {}, b'{"success": false, "error": "large", "code": "PAYLOAD_TOO_LARGE"}'))

    sent = await altered(inner, variants("large-bodies-fail-validation")).answer(received("/api/v1/tasks", body=None))

    assert inner.bodies == ["PAYLOAD_TOO_LARGE"]
    assert sent.status == 400
    assert b"VALIDATION_FAILED" in sent.body


def test_what_a_browser_asks_before_and_what_is_no_request_pass_as_they_are() -> None:
    inner = _Inner(Sent(204, {"Link": LINKS}, b""))
    front, asked = altered(inner, variants("links-in-headers-of-their-own")), received("/api/v1/tasks")

    assert front.preflight(asked) is inner.sent
    assert front.failure(PayloadTooLarge(), asked.headers) is inner.sent
    assert (inner.seen, inner.bodies) == ([asked], ["PAYLOAD_TOO_LARGE"])
