"""What a run that only reads asks about the records that are there: pure questions, by what a list shows."""

from entity_conformance.suite.standing import _questions
from entity_contract import load

TASKS = next(one for one in load().entities if one.name == "tasks")
RECORDS = [
    {
        "id": f"tsk_{number}",
        "title": f"garden harvest {number}",
        "description": None,
        "status": status,
        "priority": "low",
        "assigneeId": None,
        "createdAt": f"2025-01-0{number}T10:00:00.000Z",
        "updatedAt": f"2025-01-0{number}T10:00:00.000Z",
    }
    for number, status in ((1, "todo"), (2, "done"), (3, "todo"))
]


def test_values_that_are_there_are_asked_for() -> None:
    asked = dict(_questions(TASKS, RECORDS))

    assert asked["filter", "enum"] in ({"filter": {"status": "todo"}}, {"filter": {"priority": "low"}})
    assert asked["search", "words"] == {"search": "garden harvest"}
    assert asked["dates", "start"] == {"startDate": "2025-01-02T10:00:00.000Z"}
    assert asked["dates", "last day"] == {"endDate": "2025-01-01"}


def test_an_order_is_asked_about_where_values_differ() -> None:
    sorts = {str(question["sort"]) for _, question in _questions(TASKS, RECORDS) if "sort" in question}

    assert {"title", "status", "createdAt"} <= sorts
    assert "priority" not in sorts


def test_of_no_records_nothing_but_a_page_and_fields_is_asked() -> None:
    assert {kind for (kind, _), _ in _questions(TASKS, [])} <= {"page", "fields"}
