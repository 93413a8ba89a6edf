"""Whether an answer is one of the API's, and what is said once of an answer that is none."""

import json
from typing import Any

import pytest
import requests
from entity_contract import load
from entity_tests.properties import envelope
from entity_tests.properties.consequences import is_told_already
from entity_tests.properties.generation import json_object
from entity_tests.properties.levels import Breach
from schemathesis import Response

CONTRACT = load()
PAGE = {"page": 1, "limit": 20, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": False}


def listed(**changes: Any) -> dict[str, Any]:
    return {"success": True, "data": [], "pagination": {**PAGE, **changes}}


def without(name: str) -> dict[str, Any]:
    return {"success": True, "data": [], "pagination": {key: value for key, value in PAGE.items() if key != name}}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (listed(), None),
        (listed(total=0.0), None),
        (without("limit"), "pagination.limit is missing"),
        (without("hasNext"), "pagination.hasNext is missing"),
        (listed(page="1"), 'pagination.page is "1", and no integer'),
        (listed(hasPrev=0), "pagination.hasPrev is 0, and no boolean"),
        (listed(totalPages=1), "pagination.totalPages is 1, and 0 by `total` and `limit`"),
        ({"success": False, "error": "no"}, "refusals answer 200, with success: false in the body"),
        ({"success": None, "data": [], "pagination": PAGE}, "success is not true"),
    ],
)
def test_what_is_wrong_with_a_page_names_the_member(body: dict[str, Any], problem: str | None) -> None:
    assert envelope.problem(200, body, CONTRACT.operation("listTasks")) == problem


def response(status: int, body: dict[str, Any]) -> Response:
    request = requests.Request("POST", "http://127.0.0.1/api/v1/tasks").prepare()
    content = json.dumps(body).encode()
    return Response(status, {}, content, request, elapsed=0.0, verify=False)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, {"success": False, "error": "no", "code": "VALIDATION_FAILED"}, {"envelope"}),
        (201, {"success": True, "data": {}}, {"envelope", "negative_data_rejection"}),
        (400, {"success": False, "error": "no", "code": "VALIDATION_FAILED"}, {"envelope", "negative_data_rejection"}),
    ],
)
def test_a_refusal_with_another_status_is_told_once(status: int, body: dict[str, Any], told: set[str]) -> None:
    operation, answer = CONTRACT.operation("createTask"), response(status, body)
    found = [Breach("createTask", name, name, ruling="E2.envelope") for name in ("envelope", "negative_data_rejection")]

    assert {one.check for one in found if not is_told_already(one, answer, operation)} == told


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b'{"success":true}', {"success": True}),
        (b'\xef\xbb\xbf{"success":true}', None),
        ('{"success":true}'.encode("utf-16"), None),
        (b'{"success":"\xff"}', None),
        (b"", None),
        (None, None),
    ],
)
def test_json_is_utf_8_without_a_byte_order_mark(content: bytes | None, body: dict[str, Any] | None) -> None:
    assert json_object(content) == body
