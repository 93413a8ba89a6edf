"""CRUD over HTTP: what the handlers add to domain and store."""

import pytest

from server.tests.http.served_api import NO_ID, ServedApi

pytestmark = pytest.mark.anyio


async def test_what_was_created_is_what_is_read(api: ServedApi) -> None:
    record = await api.created("/tasks", title="Grüße, 世界 🎈", description="one\ntwo", priority="high")

    answer = await api.send("GET", f"/tasks/{record}")

    data = answer.json()["data"]
    assert (data["title"], data["description"], data["priority"]) == ("Grüße, 世界 🎈", "one\ntwo", "high")
    assert (data["status"], data["assigneeId"], data["createdAt"]) == ("todo", None, "2025-06-01T12:00:00.000Z")


async def test_a_list_counts_in_its_body_and_in_its_headers(api: ServedApi) -> None:
    for number in range(3):
        await api.created("/products", name=f"Chair {number}", sku=f"CH-{number}", priceCents=100)

    answer = await api.send("GET", "/products", params={"limit": 2, "search": "chair", "sort": "sku", "x": "ü&"})

    assert [record["sku"] for record in answer.json()["data"]] == ["CH-0", "CH-1"]
    assert answer.json()["pagination"]["total"] == 3
    assert [answer.headers[name] for name in ("X-Total-Count", "X-Page", "X-Per-Page")] == ["3", "1", "2"]
    link = "/api/v1/products?limit=2&search=chair&sort=sku&x=%C3%BC%26&page=2"
    assert answer.headers["Link"] == f'<{link}>; rel="next"'


async def test_fields_and_relations_are_chosen_by_comma_list_or_repeated_key(api: ServedApi) -> None:
    customer = await api.created("/customers", name="Kim", email="kim@example.com")
    order = await api.created("/orders", reference="R1", customerId=customer, totalCents=5)

    answer = await api.send("GET", f"/orders/{order}?fields=reference&fields=status,gift&include=customer")

    data = answer.json()["data"]
    assert set(data) == {"id", "reference", "status", "gift", "customer"}
    assert data["customer"]["id"] == customer


async def test_a_change_touches_what_it_names_and_the_time(api: ServedApi) -> None:
    record = await api.created("/tasks", title="Before", description="kept")
    api.clock.pass_by(seconds=5)

    answer = await api.send("PATCH", f"/tasks/{record}", json={"title": "After"})

    data = answer.json()["data"]
    assert (data["title"], data["description"]) == ("After", "kept")
    assert (data["createdAt"], data["updatedAt"]) == ("2025-06-01T12:00:00.000Z", "2025-06-01T12:00:05.000Z")


async def test_a_deleted_record_is_gone(api: ServedApi) -> None:
    record = await api.created("/tasks", title="Short-lived")

    answer = await api.send("DELETE", f"/tasks/{record}")

    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "Task deleted successfully"})
    gone = [(await api.send(method, f"/tasks/{record}")).status_code for method in ("GET", "DELETE")]
    assert gone == [404, 404]


async def test_records_of_others_are_not_there(api: ServedApi) -> None:
    record = await api.created("/tasks", title="Private")

    read = await api.send("GET", f"/tasks/{record}", credential="other")
    deleted = await api.send("DELETE", f"/tasks/{record}", credential="other")

    assert (read.status_code, deleted.status_code) == (404, 404)


async def test_a_foreign_key_that_names_nobody_is_refused_on_its_field(api: ServedApi) -> None:
    answer = await api.send("POST", "/orders", json={"reference": "R", "customerId": NO_ID, "totalCents": 1})

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert answer.json()["details"] == {"customerId": "Customer id names no record"}


async def test_users_are_a_directory_that_nobody_writes(api: ServedApi) -> None:
    answer = await api.send("POST", "/users", json={"name": "x"})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("record", ["%00", "%ff", "%2F", "a%2Fb", "%F0%9F%8E%88", "x" * 3000, "..%2f..%2fetc"])
async def test_an_odd_id_is_nobodys(api: ServedApi, record: str) -> None:
    answer = await api.send("GET", f"/tasks/{record}")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_an_encoded_path_is_the_same_path(api: ServedApi) -> None:
    answer = await api.send("GET", "/%74asks")

    assert answer.status_code == 200
