import json

import pytest

from server.tests.http.served_api import ServedApi


@pytest.mark.anyio
async def test_every_bad_field_has_its_sentence(api: ServedApi) -> None:
    body = {"title": "x" * 201, "status": "done", "priority": 3, "colour": "red", "id": "tsk_mine", "assigneeId": []}

    answer = await api.send("POST", "/tasks", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert answer.json()["details"] == {
        "title": "Must be at most 200 characters",
        "status": "Must be one of: todo, in_progress, completed",
        "priority": "Must be one of: low, medium, high",
        "colour": "Colour is not a field that can be written",
        "id": "Id is not a field that can be written",
        "assigneeId": "Must be a string or null",
    }


@pytest.mark.anyio
async def test_a_missing_field_is_required(api: ServedApi) -> None:
    answer = await api.send("POST", "/orders", json={"reference": "R1"})

    assert answer.json()["details"] == {
        "customerId": "Customer id is required",
        "totalCents": "Total cents is required",
    }


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body", [{}, {"title": None}, {"title": ""}, {"title": "  "}, {"title": "a\0b"}, {"createdAt": "x"}]
)
async def test_a_refused_change_changes_nothing(api: ServedApi, body: dict[str, object]) -> None:
    record = await api.created("/tasks", title="As it was")

    answer = await api.send("PATCH", f"/tasks/{record}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert (await api.send("GET", f"/tasks/{record}")).json()["data"]["title"] == "As it was"


@pytest.mark.anyio
async def test_a_body_without_a_media_type_is_taken_as_json(api: ServedApi) -> None:
    answer = await api.send("POST", "/tasks", content=json.dumps({"title": "x"}).encode())

    assert answer.status_code == 201


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
async def test_a_media_type_on_an_empty_body_harms_nothing(api: ServedApi, method: str) -> None:
    record = await api.created("/tasks", title="x")
    path = "/tasks" if method == "OPTIONS" else f"/tasks/{record}"

    answer = await api.send(method, path, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200
