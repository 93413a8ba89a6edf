"""A question that is refused, and whose parts others took."""

import pytest
from entity_conformance.suite.watch.refused import refused_together
from entity_contract import Contract

from conformance.tests.lists import listed, task
from conformance.tests.watched import Told

REFUSED = {"success": False, "error": "Validation failed", "code": "VALIDATION_FAILED"}
DATES = "startDate=2025-01-01T00:00:00Z&endDate=2025-01-20T00:00:00Z"


def found(v1: Contract, refused: str, *taken: str) -> list[str]:
    told = Told()
    for query in taken:
        listed(told, query, task())
    told.get(f"tasks?{refused}", REFUSED, status=400)
    return [one.seen.exchange for one, _ in refused_together(told.history(v1).lists)]


@pytest.mark.parametrize(
    ("refused", "taken"),
    [
        (f"search=milk&{DATES}", ("search=milk", DATES)),
        (f"search=buy%20milk&{DATES}&page=2", ("search=milk%20buy&page=1", DATES)),
        ("fields=id,title&sort=title&order=desc", ("fields=id,title,status", "sort=title", "sort=status&order=desc")),
        ('filter={"status":"todo","title":"x"}', ('filter={"status":"todo"}', 'filter={"title":"x","priority":"low"}')),
    ],
)
def test_what_is_refused_though_each_of_its_parts_was_taken_is_found(
    v1: Contract, refused: str, taken: tuple[str, ...]
) -> None:
    assert found(v1, refused, *taken) == [f"x{len(taken) + 1}"]


@pytest.mark.parametrize(
    ("refused", "taken"),
    [
        (f"search=milk&{DATES}", ("search=milk",)),
        (f"search=milk&{DATES}", ("search=milk", "startDate=2025-01-01T00:00:00Z", "endDate=2025-01-20T00:00:00Z")),
        ("search=milk&sort=nothing", ("search=milk", "sort=title")),
        ("search=milk&limit=0", ("search=milk", "limit=1")),
        ('filter={"title":{"$ne":"x","$gt":"y"}}', ('filter={"title":{"$ne":"x"}}',)),
        ("search=milk", ("search=milk",)),
        ("include=comments&include=assignee", ("include=comments,assignee",)),
    ],
)
def test_what_has_a_part_that_nobody_took_is_not(v1: Contract, refused: str, taken: tuple[str, ...]) -> None:
    assert found(v1, refused, *taken) == []
