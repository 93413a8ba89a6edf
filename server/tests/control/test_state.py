"""Reset, seed, snapshots and dump."""

import asyncio
import time
from typing import Any

import pytest

from server.tests.control.controlled_server import ControlledServer, milliseconds_of_a_reset

pytestmark = pytest.mark.anyio

ADA, BEN = "usr_demo_ada", "usr_demo_ben"


async def test_a_reset_brings_back_what_was_deleted_and_takes_away_what_was_made(server: ControlledServer) -> None:
    before = await server.titles()
    await server.ask("POST", "/tasks", json={"title": "New"})
    await server.ask("DELETE", "/tasks/tsk_demo_checkout")
    await server.ask("PATCH", "/tasks/tsk_demo_returns", json={"title": "Changed"})

    await server.control("POST", "/reset")

    assert await server.titles() == before


async def test_a_reset_brings_back_the_records_of_the_other_user(server: ControlledServer) -> None:
    before = (await server.ask("GET", "/products", key="otherApiKey")).json()
    await server.ask("POST", "/products", key="otherApiKey", json={"name": "New", "sku": "N1", "priceCents": 1})

    await server.control("POST", "/reset")

    assert (await server.ask("GET", "/products", key="otherApiKey")).json() == before


async def test_a_reset_brings_back_a_revoked_key_and_forgets_new_ones(server: ControlledServer) -> None:
    cookie = {"Cookie": f"better-auth.session_token={server.credentials['sessionToken']}"}
    keys = (await server.api.get("/api/v1/keys", headers=cookie)).json()["data"]
    for key in keys:
        await server.api.delete(f"/api/v1/keys/{key['id']}", headers=cookie)
    new = await server.control("POST", "/keys", status=201)

    await server.control("POST", "/reset")

    assert (await server.ask("GET", "/tasks")).status_code == 200
    assert (await server.ask("GET", "/tasks", key=new["key"])).status_code == 401


async def test_a_reset_forgets_new_sessions_and_keeps_the_old_one(server: ControlledServer) -> None:
    new = await server.control("POST", "/sessions", status=201)

    await server.control("POST", "/reset")

    old = {"Cookie": f"better-auth.session_token={server.credentials['sessionToken']}"}
    assert (await server.api.get("/api/v1/keys", headers={"Cookie": new["cookie"]})).status_code == 401
    assert (await server.api.get("/api/v1/keys", headers=old)).status_code == 200


async def test_a_reset_puts_limits_back(server: ControlledServer) -> None:
    first = await server.ask("GET", "/tasks")
    await server.ask("GET", "/tasks")

    await server.control("POST", "/reset")

    again = await server.ask("GET", "/tasks")
    assert first.headers["X-RateLimit-Remaining"] == again.headers["X-RateLimit-Remaining"] == "999"


async def test_a_reset_puts_credits_clock_rules_and_requests_back(server: ControlledServer) -> None:
    before = (await server.control("GET", "/dump"))["credits"]
    await server.control("PUT", "/credits", {"balance": 1})
    await server.control("POST", "/clock/move", {"days": 3})
    await server.control("POST", "/rules", {"status": 503}, status=201)
    await server.ask("GET", "/tasks")

    await server.control("POST", "/reset")

    assert (await server.control("GET", "/dump"))["credits"] == before
    assert (await server.control("GET", "/clock"))["offsetSeconds"] == 0
    assert await server.control("GET", "/rules") == []
    assert await server.requests() == []


async def test_requests_that_run_into_a_reset_are_answered(server: ControlledServer) -> None:
    async def create(number: int) -> int:
        return (await server.ask("POST", "/tasks", json={"title": f"Task {number}"})).status_code

    creations = [asyncio.create_task(create(number)) for number in range(30)]
    for _ in range(3):
        await server.control("POST", "/reset")
    statuses = await asyncio.gather(*creations)
    await server.control("POST", "/reset")

    assert set(statuses) == {201}
    assert not [title for title in await server.titles() if title.startswith("Task ")]


async def test_a_reset_lets_no_use_of_a_key_from_before_be_written_later(server: ControlledServer) -> None:
    before = (await server.control("GET", "/dump"))["keys"]
    await server.ask("GET", "/tasks")

    await server.control("POST", "/reset")

    assert (await server.control("GET", "/dump"))["keys"] == before


async def test_a_reset_takes_less_than_20_ms(server: ControlledServer) -> None:
    assert await milliseconds_of_a_reset(server, time.process_time) < 20


async def test_seeded_records_are_those_that_were_described(server: ControlledServer) -> None:
    described = {"title": "Buy milk", "status": "completed", "id": "tsk_milk", "createdAt": "2020-02-29T12:00:00Z"}

    seeded = await server.control("POST", "/seed", {"records": {"tasks": [described]}}, status=201)

    read = (await server.ask("GET", "/tasks/tsk_milk")).json()["data"]
    assert seeded == {"owner": ADA, "records": {"tasks": [read]}}
    assert (read["title"], read["status"], read["priority"]) == ("Buy milk", "completed", "medium")
    assert read["createdAt"] == read["updatedAt"] == "2020-02-29T12:00:00.000Z"


async def test_seeded_numbers_of_records_are_listed_with_the_last_one_first(server: ControlledServer) -> None:
    await server.control("POST", "/seed", {"records": {"tasks": 3}}, status=201)

    assert (await server.titles())[:3] == ["Task 3", "Task 2", "Task 1"]


@pytest.mark.parametrize("entity", ["tasks", "comments", "products", "customers", "orders", "users"])
async def test_every_entity_can_be_seeded_and_what_is_made_up_keeps_the_contract(
    server: ControlledServer, entity: str
) -> None:
    key = (await server.control("POST", "/keys", {"owner": "new@shop.example"}, status=201))["key"]

    seeded = await server.control("POST", "/seed", {"records": {entity: 2}, "owner": "new@shop.example"}, status=201)

    first, second = seeded["records"][entity]
    assert (await server.ask("GET", f"/{entity}/{first['id']}", key=key)).json()["data"] == first
    assert (await server.ask("GET", f"/{entity}/{second['id']}", key=key)).json()["data"] == second


async def test_records_of_one_request_may_refer_to_each_other_in_any_order(server: ControlledServer) -> None:
    comments = [{"taskId": "tsk_one", "text": "First"}, {"taskId": "tsk_one"}]

    await server.control("POST", "/seed", {"records": {"comments": comments, "tasks": [{"id": "tsk_one"}]}}, status=201)

    answer = await server.ask("GET", "/tasks/tsk_one", params={"include": "comments"})
    assert [comment["text"] for comment in answer.json()["data"]["comments"]] == ["First", "Comment 2"]


async def test_seeded_records_belong_to_whom_they_are_for(server: ControlledServer) -> None:
    seeded = await server.control("POST", "/seed", {"owner": "ben@shop.example", "records": {"tasks": 1}}, status=201)

    path = f"/tasks/{seeded['records']['tasks'][0]['id']}"
    assert (await server.ask("GET", path, key="otherApiKey")).status_code == 200
    assert (await server.ask("GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "place", "words"),
    [
        ({"records": {"tasks": [{}, {"titel": "x"}]}}, "records.tasks.1.titel", "is not a field"),
        ({"records": {"tasks": [{"status": "gone"}]}}, "records.tasks.0.status", "Must be one of"),
        ({"records": {"tasks": [{"assigneeId": "usr_nobody"}]}}, "records.tasks.0.assigneeId", "Names no record"),
        ({"records": {"tasks": [{"id": "tsk_demo_checkout"}]}}, "records.tasks.0.id", "already"),
        ({"records": {"tasks": [{"createdAt": "soon"}]}}, "records.tasks.0.createdAt", "RFC 3339"),
        ({"records": {"tasks": [{"id": ""}]}}, "records.tasks.0.id", "not empty"),
        ({"records": {"wizards": 1}}, "records.wizards", "it has tasks, comments"),
        ({"records": {"users": [{"email": "no email"}]}}, "records.users.0", "no user that the contract describes"),
        ({"records": {"users": [{"age": 3}]}}, "records.users.0.age", "no such field"),
        ({"records": {"tasks": 1}, "owner": "usr_nobody"}, "owner", "Nobody has this id"),
        ({"records": {"tasks": "many"}}, "records.tasks", "Must be"),
        ({"records": {}}, "records", "at least 1"),
        ({"record": {"tasks": 1}}, "record", "no such member"),
    ],
)
async def test_a_seed_that_is_not_well_said_is_refused_with_its_place_and_adds_nothing(
    server: ControlledServer, asked: dict[str, Any], place: str, words: str
) -> None:
    before = (await server.control("GET", "/dump"))["records"]

    refused = await server.refusal("POST", "/seed", asked)

    assert words in refused["details"][place]
    assert (await server.control("GET", "/dump"))["records"] == before


async def test_a_baseline_is_what_a_reset_goes_back_to(server: ControlledServer) -> None:
    demo = await server.control("POST", "/snapshots", status=201)
    await server.control("POST", "/seed", {"records": {"tasks": [{"title": "Kept"}]}, "baseline": True}, status=201)
    await server.ask("POST", "/tasks", json={"title": "New"})

    await server.control("POST", "/reset")

    kept = await server.titles()
    await server.control("POST", f"/snapshots/{demo['id']}/restore")
    await server.control("POST", "/seed", {"records": {"tasks": 0}, "baseline": True}, status=201)
    assert kept[0] == "Kept"
    assert "New" not in kept


async def test_a_snapshot_holds_the_whole_state_but_the_requests(server: ControlledServer) -> None:
    await server.control("POST", "/seed", {"records": {"tasks": [{"title": "Before"}]}}, status=201)
    await server.control("PUT", "/credits", {"balance": 5})
    await server.control("POST", "/clock/move", {"days": 1})
    await server.control("POST", "/rules", {"operationId": "getTask", "status": 404, "times": 2}, status=201)
    await server.ask("GET", "/tasks/tsk_demo_checkout")
    snapshot = await server.control("POST", "/snapshots", status=201)
    before = await server.control("GET", "/dump")
    await server.ask("DELETE", "/tasks/tsk_demo_checkout")
    await server.ask("GET", "/tasks/tsk_demo_checkout")
    await server.control("PUT", "/credits", {"balance": 6})
    await server.control("DELETE", "/clock")

    await server.control("POST", f"/snapshots/{snapshot['id']}/restore")

    after = await server.control("GET", "/dump")
    assert {**after, "clock": {}} == {**before, "clock": {}}
    assert after["clock"]["offsetSeconds"] == pytest.approx(86400)
    assert [rule["acted"] for rule in await server.control("GET", "/rules")] == [1]
    assert len(await server.requests()) == 3


async def test_a_snapshot_can_be_gone_back_to_again(server: ControlledServer) -> None:
    snapshot = await server.control("POST", "/snapshots", status=201)
    before = await server.titles()
    for title in ("First", "Second"):
        await server.ask("POST", "/tasks", json={"title": title})
        await server.control("POST", f"/snapshots/{snapshot['id']}/restore")

    assert await server.titles() == before
    assert [one["id"] for one in await server.control("GET", "/snapshots")] == [snapshot["id"]]


async def test_a_snapshot_that_is_deleted_is_gone(server: ControlledServer) -> None:
    snapshot = await server.control("POST", "/snapshots", status=201)
    await server.control("DELETE", f"/snapshots/{snapshot['id']}")

    refused = await server.refusal("POST", f"/snapshots/{snapshot['id']}/restore", status=404)

    assert refused["code"] == "NOT_FOUND"


async def test_there_are_at_most_100_snapshots(server: ControlledServer) -> None:
    for _ in range(100):
        await server.control("POST", "/snapshots", status=201)

    refused = await server.refusal("POST", "/snapshots")

    assert "delete one first" in refused["error"]


async def test_a_dump_tells_everything_and_no_secret(server: ControlledServer) -> None:
    await server.ask("GET", "/tasks")

    dump = await server.control("GET", "/dump")

    tasks = {one["record"]["id"]: one["owner"] for one in dump["records"]["tasks"]}
    assert tasks["tsk_demo_checkout"] == ADA
    assert {one["owner"] for one in dump["records"]["users"]} == {None}
    assert {key["owner"] for key in dump["keys"]} == {ADA, BEN}
    assert dump["sessions"] == [{"owner": ADA, "expiresAt": None}]
    assert dump["credits"] == [{"owner": ADA, "balance": 100_000}, {"owner": BEN, "balance": 100_000}]
    assert [(limit["used"], limit["limit"]) for limit in dump["limits"]] == [(1, 1000)]
    assert not [secret for secret in server.credentials.values() if secret in str(dump)]
