"""The bounds within which requests are kept."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from entity_server.control.recording import Recorded, Requests
from entity_server.http.exchange import Sent

REQUEST = Recorded(
    id=0,
    time=datetime(2025, 1, 15, tzinfo=UTC),
    milliseconds=1.0,
    operation_id="getHealth",
    method="GET",
    path="/api/health",
    query="",
    headers={},
    credential=None,
    body=None,
    sent=Sent(200, {}, b""),
    problems=(),
    rules=(),
    began=0.0,
)


def added(requests: Requests, request: Recorded = REQUEST) -> None:
    requests.add(replace(request, id=requests.next_id()))


def test_the_last_1000_requests_are_kept_and_the_others_counted() -> None:
    requests = Requests()
    for _ in range(1003):
        added(requests)

    kept = requests.last()

    assert (len(kept), kept[0].id, requests.forgotten) == (1000, 4, 3)


def test_fewer_are_kept_where_bodies_are_large() -> None:
    requests = Requests()
    for _ in range(100):
        added(requests, replace(REQUEST, body=b"x" * 1024 * 1024))

    assert len(requests.last()) == 31
    assert requests.forgotten == 69


@pytest.mark.anyio
async def test_a_listener_that_does_not_read_is_cut_off() -> None:
    requests = Requests()
    listening = requests.listen(since=0)
    added(requests)
    await anext(listening)
    for _ in range(10_001):
        added(requests)

    heard = [one async for one in listening]

    assert len(heard) == 10_000
