"""The fields that a refusal names are read wherever others tell them, and nothing else is taken for a field."""

import pytest
from entity_conformance.deployment.named_fields import named_fields

SAID = "must not be blank"


@pytest.mark.parametrize(
    "body",
    [
        {"errors": {"title": [SAID]}},
        {"errors": {"Title": [SAID]}, "title": "One or more validation errors occurred.", "status": 400},
        {"title": [SAID]},
        {"detail": [{"type": "missing", "loc": ["body", "title"], "msg": SAID, "input": None}]},
        {
            "errors": [
                {"status": "400", "title": "Bad", "detail": SAID, "source": {"pointer": "/data/attributes/title"}}
            ]
        },
        {"errors": [{"detail": SAID, "source": {"parameter": "title"}}]},
        {"success": False, "error": {"issues": [{"code": "custom", "path": ["title", 0], "message": SAID}]}},
        {"error": {"code": 400, "details": [{"fieldViolations": [{"field": "title", "description": SAID}]}]}},
        {"violations": [{"propertyPath": "title", "message": SAID}]},
        {"details": [{"path": "$.title", "message": SAID}]},
        {"error": "Bad Request", "errors": [{"field": "body.title", "message": SAID}]},
    ],
)
def test_a_field_is_named_in_whatever_way(body: dict[str, object]) -> None:
    assert named_fields(body) == {"title": SAID}


def test_texts_that_begin_with_their_field_name_it() -> None:
    texts = ["title must not be blank", "'status' must be one of: todo, completed"]

    assert named_fields({"statusCode": 400, "message": texts, "error": "Bad Request"}) == {
        "title": texts[0],
        "status": texts[1],
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"detail": "Not found"},
        {"errors": {"detail": "Not Found"}},
        {"errors": {"message": "Bad", "detail": "Bad"}},
        {"message": ["Please send JSON", "The title is missing"]},
        {"message": ["must not be blank"]},
        {"message": ["title must not be blank", 7]},
        {"errors": [{"message": SAID}]},
        {"errors": [{"field": "title"}]},
        {"errors": [{"field": 7, "message": SAID}]},
        {"errors": [{"path": ["body", 0], "message": SAID}]},
        {"errors": {"title": []}},
        {"errors": []},
        {"errors": [{"field": "title", "message": SAID}] * 101},
        {"data": [], "records": [1]},
    ],
)
def test_what_names_no_field_is_left_alone(body: dict[str, object]) -> None:
    assert named_fields(body) == {}
