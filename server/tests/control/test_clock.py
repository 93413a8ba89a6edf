"""The server's one clock: limits, expiry, `updatedAt` and dates follow it."""

from datetime import datetime
from typing import Any

import pytest

from server.tests.control.controlled_server import ControlledServer

pytestmark = pytest.mark.anyio

FROZEN = {"now": "2030-01-31T10:30:00Z", "frozen": True}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_records_are_created_and_changed_by_the_servers_clock(server: ControlledServer) -> None:
    await server.control("PUT", "/clock", FROZEN)
    created = (await server.ask("POST", "/tasks", json={"title": "New"})).json()["data"]
    await server.control("POST", "/clock/move", {"hours": 1, "minutes": 30})

    changed = (await server.ask("PATCH", f"/tasks/{created['id']}", json={"title": "Changed"})).json()["data"]

    assert created["createdAt"] == created["updatedAt"] == "2030-01-31T10:30:00.000Z"
    assert changed["updatedAt"] == "2030-01-31T12:00:00.000Z"


async def test_health_and_the_date_header_follow(server: ControlledServer) -> None:
    await server.control("PUT", "/clock", FROZEN)

    answer = await server.api.get("/api/health")

    assert answer.json()["timestamp"] == "2030-01-31T10:30:00.000Z"
    assert answer.headers["Date"] == "Thu, 31 Jan 2030 10:30:00 GMT"


async def test_a_limit_opens_when_its_window_is_over(server: ControlledServer) -> None:
    await server.control("PUT", "/clock", FROZEN)
    for _ in range(2):
        await server.ask("GET", "/tasks")

    await server.control("POST", "/clock/move", {"hours": 1})

    assert (await server.ask("GET", "/tasks")).headers["X-RateLimit-Remaining"] == "999"


async def test_a_key_expires_and_is_good_again_when_the_clock_goes_back(server: ControlledServer) -> None:
    await server.control("PUT", "/clock", FROZEN)
    key = (await server.control("POST", "/keys", {"expiresAt": "2030-02-01T00:00:00Z"}, status=201))["key"]
    statuses = []
    for days in (0, 1, -1):
        await server.control("POST", "/clock/move", {"days": days})
        statuses.append((await server.ask("GET", "/tasks", key=key)).status_code)

    assert statuses == [200, 401, 200]


async def test_a_clock_that_goes_back_lengthens_no_wait(server: ControlledServer) -> None:
    await server.control("PUT", "/clock", FROZEN)
    await server.ask("GET", "/tasks")
    await server.control("POST", "/clock/move", {"days": -30})

    answer = await server.ask("GET", "/tasks")

    now = moment((await server.control("GET", "/clock"))["now"]).timestamp()
    assert int(answer.headers["X-RateLimit-Reset"]) <= now + 3600


async def test_a_clock_that_is_set_runs_on(server: ControlledServer) -> None:
    told = await server.control("PUT", "/clock", {"now": "2030-01-31T10:30:00Z"})
    later = await server.control("GET", "/clock")

    assert told["frozen"] is False
    assert moment("2030-01-31T10:30:00Z") <= moment(told["now"]) <= moment(later["now"])
    assert later["offsetSeconds"] == pytest.approx(told["offsetSeconds"])


async def test_a_clock_is_moved_by_the_sum_of_its_parts(server: ControlledServer) -> None:
    parts = {"days": 1, "hours": -1, "minutes": 0.5, "seconds": 2, "milliseconds": 250}

    told = await server.control("POST", "/clock/move", parts)

    assert told["offsetSeconds"] == 86400 - 3600 + 30 + 2.25


async def test_the_machines_time_comes_back(server: ControlledServer) -> None:
    await server.control("PUT", "/clock", FROZEN)

    told = await server.control("DELETE", "/clock")

    assert (told["offsetSeconds"], told["frozen"]) == (0, False)


@pytest.mark.parametrize(
    ("method", "path", "body", "place"),
    [
        ("PUT", "/clock", {"now": "1969-12-31T23:59:59Z"}, "now"),
        ("PUT", "/clock", {"now": "9999-01-01T00:00:00Z"}, "now"),
        ("PUT", "/clock", {"now": "tomorrow"}, "now"),
        ("PUT", "/clock", {"frozen": True}, "now"),
        ("POST", "/clock/move", {"days": 1e12}, "body"),
        ("POST", "/clock/move", {"days": -30000}, "body"),
        ("POST", "/clock/move", {"years": 1}, "years"),
        ("POST", "/clock/move", {"days": "1"}, "days"),
        ("POST", "/clock/move", {}, "body"),
    ],
)
async def test_a_time_that_cannot_be_is_refused_and_the_clock_stays(
    server: ControlledServer, method: str, path: str, body: dict[str, Any], place: str
) -> None:
    refused = await server.refusal(method, path, body)

    assert list(refused["details"]) == [place]
    assert (await server.control("GET", "/clock"))["offsetSeconds"] == 0
