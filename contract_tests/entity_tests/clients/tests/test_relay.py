"""The relay notes what a call was, and nothing that a report must not hold."""

import pytest
from entity_tests.clients.relay import noted


@pytest.mark.parametrize(
    ("method", "target", "body", "line"),
    [
        ("GET", "/v1/tasks?page=1&limit=20&order=asc", b"", "GET /v1/tasks by Authorization: 200"),
        (
            "GET",
            "/v1/tasks?include=a&include=b&filter=%7B%7D",
            b"",
            "GET /v1/tasks?filter&include by Authorization: 200",
        ),
        ("DELETE", "/v1/tasks/tsk_0198", b"", "DELETE /v1/tasks/{id} by Authorization: 200"),
        ("POST", "/v1/tasks", b'{"title": "x"}', "POST /v1/tasks by Authorization: 200"),
        (
            "PATCH",
            "/v1/tasks/tsk_0198",
            b'{"title":null}',
            'PATCH /v1/tasks/{id} {"title": null} by Authorization: 200',
        ),
    ],
)
def test_a_call_is_noted_without_ids_and_values(method: str, target: str, body: bytes, line: str) -> None:
    assert noted(method, target, "Authorization", body, 200) == line
