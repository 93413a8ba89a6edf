"""Rules: documented statuses, faults and delays, on the n-th request, the next n, or a share."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from server.tests.control.controlled_server import ControlledServer

pytestmark = pytest.mark.anyio


async def statuses(server: ControlledServer, path: str = "/tasks", *, times: int) -> list[int]:
    return [(await server.ask("GET", path)).status_code for _ in range(times)]


async def test_the_next_requests_are_refused_as_documented(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "listTasks", "status": 429, "times": 2}, status=201)

    first = await server.ask("GET", "/tasks")

    assert first.json() == {"success": False, "error": first.json()["error"], "code": "RATE_LIMIT_EXCEEDED"}
    assert {"Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-ID"} <= {
        name.title().replace("Ratelimit", "RateLimit").replace("-Id", "-ID") for name in first.headers
    }
    assert await statuses(server, times=3) == [429, 200, 200]


async def test_the_nth_request_is_refused_and_no_other(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "listTasks", "status": 503, "nth": 3}, status=201)

    assert await statuses(server, times=5) == [200, 200, 503, 200, 200]


async def test_a_share_chooses_the_same_requests_for_the_same_seed(server: ControlledServer) -> None:
    chosen = []
    for seed in (7, 7, 8):
        rule = {"operationId": "listTasks", "status": 500, "share": 0.5, "seed": seed}
        made = await server.control("POST", "/rules", rule, status=201)
        chosen.append(await statuses(server, times=20))
        await server.control("DELETE", f"/rules/{made['id']}")

    assert chosen[0] == chosen[1] != chosen[2]
    assert set(chosen[0]) == {200, 500}


async def test_a_share_without_a_seed_tells_the_one_that_was_drawn(server: ControlledServer) -> None:
    made = await server.control("POST", "/rules", {"status": 500, "share": 1}, status=201)

    assert isinstance(made["seed"], int)


async def test_a_rule_for_one_operation_leaves_the_others_alone(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "listTasks", "status": 500}, status=201)

    assert await statuses(server, "/products", times=1) == [200]


async def test_a_rule_for_every_operation_counts_them_together(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"status": 503, "times": 2}, status=201)

    first, second = await server.ask("GET", "/tasks"), await server.ask("DELETE", "/tasks/tsk_demo_checkout")

    assert (first.status_code, second.status_code) == (503, 503)
    assert await statuses(server, "/tasks/tsk_demo_checkout", times=1) == [200]


async def test_a_status_changes_no_record_and_spends_no_limit(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "createTask", "status": 201, "times": 1}, status=201)
    before = await server.titles()

    answer = await server.ask("POST", "/tasks", json={"title": "New"})

    assert answer.status_code == 201
    assert answer.json()["data"]["id"]
    assert await server.titles() == before


async def test_a_status_needs_no_credential(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "listTasks", "status": 500}, status=201)

    assert (await server.api.get("/api/v1/tasks")).status_code == 500


async def test_documented_headers_may_have_other_values(server: ControlledServer) -> None:
    rule = {"operationId": "listTasks", "status": 429, "headers": {"Retry-After": "1"}}
    await server.control("POST", "/rules", rule, status=201)

    assert (await server.ask("GET", "/tasks")).headers.get_list("Retry-After") == ["1"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/v1/tasks"),
        ("patch", "/v1/tasks/{id}"),
        ("post", "/v1/keys"),
        ("post", "/v1/ai/generate"),
        ("get", "/health"),
    ],
)
async def test_every_documented_status_of_an_operation_can_be_asked_for(
    server: ControlledServer, method: str, path: str
) -> None:
    operation = (await server.api.get("/openapi.json")).json()["paths"][path][method]
    documented = [int(status) for status in operation["responses"]]
    for status in documented:
        rule = {"operationId": operation["operationId"], "status": status}
        await server.control("POST", "/rules", rule, status=201)

    answered = []
    for rule in await server.control("GET", "/rules"):
        answered.append((await server.api.request(method, f"/api{path.replace('{id}', 'x')}")).status_code)
        await server.control("DELETE", f"/rules/{rule['id']}")

    assert answered == documented


async def test_a_fault_makes_the_server_wrong_in_that_way(server: ControlledServer) -> None:
    rule = {"operationId": "listTasks", "fault": "list.total-off-by-one", "times": 1}
    await server.control("POST", "/rules", rule, status=201)

    wrong, right = await server.ask("GET", "/tasks"), await server.ask("GET", "/tasks")

    assert abs(wrong.json()["pagination"]["total"] - right.json()["pagination"]["total"]) == 1


async def test_a_fault_remembers_what_it_has_seen_until_a_reset(server: ControlledServer) -> None:
    rule = {"fault": "delete.still-readable"}
    await server.control("POST", "/rules", rule, status=201)
    await server.ask("DELETE", "/tasks/tsk_demo_checkout")
    still = await server.ask("GET", "/tasks/tsk_demo_checkout")

    await server.control("POST", "/reset")
    await server.control("POST", "/rules", rule, status=201)
    again = await server.ask("GET", "/tasks/tsk_demo_checkout")
    await server.control("POST", "/reset")
    await server.ask("DELETE", "/tasks/tsk_demo_checkout")

    assert (still.status_code, again.status_code) == (200, 200)
    assert (await server.ask("GET", "/tasks/tsk_demo_checkout")).status_code == 404


async def test_a_delay_holds_the_answer_back(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "listTasks", "delayMs": 300, "times": 1}, status=201)
    began = time.monotonic()

    answer = await server.ask("GET", "/tasks")

    assert answer.status_code == 200
    assert time.monotonic() - began >= 0.3
    assert (await server.requests())[0]["milliseconds"] >= 300


async def test_a_client_that_gave_up_waiting_has_been_served_all_the_same(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "createTask", "delayMs": 60_000}, status=201)

    with pytest.raises(httpx.ReadTimeout):
        await server.ask("POST", "/tasks", json={"title": "Twice?"}, timeout=httpx.Timeout(60, read=1))

    assert "Twice?" in await server.titles()
    assert (await server.requests())[0]["status"] == 201


async def test_a_reset_lets_go_of_what_is_held_back(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "listTasks", "delayMs": 60_000}, status=201)
    async with server.port.stream("GET", "/control/v1/requests/stream") as stream:
        asked = asyncio.create_task(server.ask("GET", "/tasks", timeout=60))
        async for line in stream.aiter_lines():
            if line.startswith("event: request"):
                break

    await server.control("POST", "/reset")

    assert (await asked).status_code == 200


async def test_the_next_answers_are_cut_off_and_what_was_asked_for_is_done(server: ControlledServer) -> None:
    rule = {"operationId": "createTask", "cut": True, "times": 2}
    made = await server.control("POST", "/rules", rule, status=201)

    for title in ("First", "Second"):
        with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection without sending complete"):
            await server.ask("POST", "/tasks", json={"title": title})
    third = await server.ask("POST", "/tasks", json={"title": "Third"})

    assert third.status_code == 201
    assert (await server.titles())[:3] == ["Third", "Second", "First"]
    assert (made["cut"], (await server.requests())[0]["rules"]) == (True, [made["id"]])


async def test_the_nth_answer_of_a_status_is_cut_off(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "listTasks", "status": 503}, status=201)
    await server.control("POST", "/rules", {"operationId": "listTasks", "cut": True, "nth": 2}, status=201)

    first = (await server.ask("GET", "/tasks")).status_code
    with pytest.raises(httpx.RemoteProtocolError):
        await server.ask("GET", "/tasks")
    third = (await server.ask("GET", "/tasks")).status_code

    assert (first, third) == (503, 503)


async def test_a_share_of_the_answers_is_cut_off(server: ControlledServer) -> None:
    rule = {"operationId": "getTask", "cut": True, "share": 0.5, "seed": 7}
    made = await server.control("POST", "/rules", rule, status=201)

    cut = 0
    for _ in range(20):
        try:
            await server.ask("GET", "/tasks/tsk_demo_checkout")
        except httpx.RemoteProtocolError:
            cut += 1

    told = await server.control("GET", f"/rules/{made['id']}")
    assert 0 < cut < 20
    assert (told["seen"], told["acted"]) == (20, cut)


async def test_an_answer_that_dribbles_comes_whole_in_its_time(server: ControlledServer) -> None:
    rule = {"operationId": "listTasks", "dribbleMs": 400, "times": 1}
    await server.control("POST", "/rules", rule, status=201)
    began = time.monotonic()
    pieces = 0

    async with server.api.stream(
        "GET", "/api/v1/tasks", headers={"Authorization": f"Bearer {server.credentials['apiKey']}"}
    ) as answer:
        async for _ in answer.aiter_raw():
            pieces += 1

    assert time.monotonic() - began >= 0.35  # a timer may be some milliseconds early
    assert pieces > 1
    assert (await server.requests())[0]["milliseconds"] >= 350


async def test_a_reset_lets_go_of_what_dribbles(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"operationId": "listTasks", "dribbleMs": 600_000}, status=201)
    async with server.api.stream(
        "GET", "/api/v1/tasks", headers={"Authorization": f"Bearer {server.credentials['apiKey']}"}
    ) as answer:
        await server.control("POST", "/reset")

        body = await answer.aread()

    assert len(body) == int(answer.headers["Content-Length"])


async def test_delays_add_up_and_the_oldest_status_answers(server: ControlledServer) -> None:
    for rule in ({"delayMs": 60}, {"status": 503, "delayMs": 60}, {"status": 500, "delayMs": 5000}):
        await server.control("POST", "/rules", {**rule, "operationId": "listTasks"}, status=201)

    answer = await server.ask("GET", "/tasks")

    recorded = (await server.requests())[0]
    assert answer.status_code == 503
    assert recorded["milliseconds"] >= 120
    assert len(recorded["rules"]) == 2


async def test_rules_for_the_next_requests_follow_one_another(server: ControlledServer) -> None:
    for status, times in ((429, 2), (503, 1)):
        rule = {"operationId": "listTasks", "status": status, "times": times}
        await server.control("POST", "/rules", rule, status=201)

    assert await statuses(server, times=4) == [429, 429, 503, 200]


async def test_a_fault_waits_for_a_request_that_reaches_the_api(server: ControlledServer) -> None:
    for rule in ({"fault": "list.total-off-by-one", "times": 1}, {"status": 503, "times": 1}):
        await server.control("POST", "/rules", {"operationId": "listTasks", **rule}, status=201)

    answers = [await server.ask("GET", "/tasks") for _ in range(3)]

    totals = [answer.json()["pagination"]["total"] for answer in answers[1:]]
    assert answers[0].status_code == 503
    assert abs(totals[0] - totals[1]) == 1


async def test_a_rule_tells_how_often_it_was_asked_and_has_acted(server: ControlledServer) -> None:
    made = await server.control("POST", "/rules", {"operationId": "listTasks", "status": 500, "nth": 2}, status=201)
    await statuses(server, times=3)

    told = await server.control("GET", f"/rules/{made['id']}")

    assert (told["seen"], told["acted"]) == (3, 1)
    assert await server.control("GET", "/rules") == [told]


async def test_a_rule_that_is_deleted_acts_no_more(server: ControlledServer) -> None:
    made = await server.control("POST", "/rules", {"status": 500}, status=201)
    await server.control("DELETE", f"/rules/{made['id']}")

    assert await statuses(server, times=1) == [200]
    assert (await server.refusal("GET", f"/rules/{made['id']}", status=404))["code"] == "NOT_FOUND"


async def test_all_rules_are_deleted_at_once(server: ControlledServer) -> None:
    for status in (500, 503):
        await server.control("POST", "/rules", {"status": status}, status=201)

    await server.control("DELETE", "/rules")

    assert await statuses(server, times=1) == [200]


@pytest.mark.parametrize(
    ("rule", "place", "words"),
    [
        ({"operationId": "listTask", "status": 500}, "operationId", "did you mean listTasks"),
        ({"operationId": "listTasks", "status": 418}, "status", "it documents 200, 400"),
        ({"status": 418}, "status", "documented are"),
        ({"fault": "list.total-of-by-one"}, "fault", "did you mean list.total-off-by-one"),
        ({"fault": "list.total-off-by-one", "status": 500}, "fault", "Does not go together with status"),
        ({"status": 500, "nth": 1, "times": 2}, "times", "Does not go together with nth"),
        ({"status": 500, "times": 1, "share": 0.5}, "share", "Does not go together with times"),
        ({"status": 500, "seed": 1}, "seed", "share"),
        ({"status": 500, "nth": 0}, "nth", "at least 1"),
        ({"status": 500, "share": 1.5}, "share", "at most 1"),
        ({"delayMs": -1}, "delayMs", "at least 0"),
        ({"dribbleMs": 0}, "dribbleMs", "at least 1"),
        ({"dribbleMs": 600_001}, "dribbleMs", "at most 600000"),
        ({"cut": "yes"}, "cut", "true or false"),
        ({"status": 429, "headers": {"X-Other": "1"}}, "headers.X-Other", "documented are"),
        ({"status": 429, "headers": {"Retry-After": "1\r\nX: 2"}}, "headers.Retry-After", "printable"),
        ({"delayMs": 1, "headers": {"Retry-After": "1"}}, "headers", "status"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(
    server: ControlledServer, rule: dict[str, Any], place: str, words: str
) -> None:
    refused = await server.refusal("POST", "/rules", rule)

    assert words in refused["details"][place]
    assert await server.control("GET", "/rules") == []


async def test_a_rule_that_does_nothing_is_refused(server: ControlledServer) -> None:
    refused = await server.refusal("POST", "/rules", {"operationId": "listTasks", "times": 2})

    assert "a fault, a status, a delayMs, a dribbleMs or a cut" in refused["error"]


async def test_a_rule_that_cuts_nothing_does_nothing(server: ControlledServer) -> None:
    refused = await server.refusal("POST", "/rules", {"operationId": "listTasks", "cut": False})

    assert "a fault, a status, a delayMs, a dribbleMs or a cut" in refused["error"]
