"""A question that is refused, and whose parts others took."""

from dataclasses import replace

import pytest
from entity_conformance.suite.watch.refused import refused_fields, refused_orders, refused_together
from entity_contract import Contract

from conformance.tests.lists import listed, task
from conformance.tests.watched import Told

REFUSED = {"success": False, "error": "Validation failed", "code": "VALIDATION_FAILED"}
DATES = "startDate=2025-01-01T00:00:00Z&endDate=2025-01-20T00:00:00Z"


def told(refused: str, *taken: str) -> Told:
    """The lists that were taken, and one that was refused."""
    seen = Told()
    for query in taken:
        listed(seen, query, task())
    seen.get(f"tasks?{refused}", REFUSED, status=400)
    return seen


def found(v1: Contract, refused: str, *taken: str) -> list[str]:
    return [one.seen.exchange for one, _ in refused_together(told(refused, *taken).history(v1).lists)]


@pytest.mark.parametrize(
    ("refused", "taken"),
    [
        (f"search=milk&{DATES}", ("search=milk", DATES)),
        (f"search=buy%20milk&{DATES}&limit=2", ("search=milk%20buy&page=1", DATES)),
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
        ("search=milk&sort=title&limit=0", ("search=milk", "sort=title&limit=1")),
        ("search=milk&sort=title&limit=101", ("search=milk", "sort=title&limit=100")),
        ("search=milk&sort=title&page=0", ("search=milk", "sort=title&page=1")),
        ("search=milk&sort=title&page=3", ("search=milk", "sort=title&page=3")),  # it may lie past the end
        ('filter={"title":{"$ne":"x","$gt":"y"}}', ('filter={"title":{"$ne":"x"}}',)),
        ("search=milk", ("search=milk",)),
        ("include=comments&include=assignee", ("include=comments,assignee",)),
    ],
)
def test_what_has_a_part_that_nobody_took_is_not(v1: Contract, refused: str, taken: tuple[str, ...]) -> None:
    assert found(v1, refused, *taken) == []


@pytest.mark.parametrize(
    ("refused", "taken", "names"),
    [
        ("sort=title", (), ["title"]),
        ("search=milk&sort=title&order=desc", ("search=milk", "sort=status&order=desc"), ["title"]),
        ("search=milk&sort=title&order=desc", ("search=milk",), []),  # nobody took the order
        ("search=milk&sort=title", ("search=milk", "sort=title"), []),
        ("sort=nothing", (), []),
    ],
)
def test_a_field_to_sort_by_is_to_blame_where_all_else_was_taken(
    v1: Contract, refused: str, taken: tuple[str, ...], names: list[str]
) -> None:
    assert [name for name, _, _ in refused_orders(told(refused, *taken).history(v1).lists, v1)] == names


@pytest.mark.parametrize(
    ("refused", "taken", "named", "is_found"),
    [
        (f'filter={{"status":"todo"}}&{DATES}&fields=id', (DATES,), "endDate", True),
        (f'filter={{"status":"todo"}}&{DATES}&fields=id', ("fields=id",), "endDate", False),
        (f'filter={{"status":"todo"}}&{DATES}', ('filter={"status":"todo"}',), "status", True),
        (f'filter={{"status":"todo"}}&{DATES}', ('filter={"status":"done"}', DATES), "filter", False),
        ("search=milk&sort=title", ("sort=title",), "search", False),
        ("search=milk&sort=title", ("sort=title",), "limit", False),  # which it does not name: any part may be why
    ],
)
def test_what_a_refusal_does_not_name_is_no_reason_for_it(
    v1: Contract, refused: str, taken: tuple[str, ...], named: str, *, is_found: bool
) -> None:
    seen = Told()
    for query in taken:
        listed(seen, query, task())
    details = {named: "is not valid"}
    seen.get(f"tasks?{refused}", {**REFUSED, "details": details}, status=400)

    assert bool([*refused_together(seen.history(v1).lists)]) == is_found


def test_what_the_contract_does_not_let_sort_by_may_be_refused(v1: Contract) -> None:
    tasks = v1.entity("tasks")
    assert tasks is not None
    unsorted = replace(tasks, sortable=())
    narrower = replace(v1, entities=(unsorted, *v1.entities[1:]))

    assert [*refused_orders(told("sort=title").history(v1).lists, narrower)] == []


@pytest.mark.parametrize(
    ("refused", "taken", "is_found"),
    [
        ("fields=id,title", ("fields=id",), True),
        ("fields=id,title&search=milk", ("fields=id", "search=milk"), True),
        ("fields=id,title&search=milk", ("fields=id,title",), False),
        ("fields=id,nothing", ("fields=id",), False),
    ],
)
def test_names_of_fields_are_to_blame_where_all_else_was_taken(
    v1: Contract, refused: str, taken: tuple[str, ...], *, is_found: bool
) -> None:
    assert bool([*refused_fields(told(refused, *taken).history(v1).lists)]) == is_found


def test_where_parameters_are_refused_together_no_single_one_is_to_blame(v1: Contract) -> None:
    seen = told("search=milk&sort=title", "search=milk", "sort=status")
    seen.get("tasks?search=milk&sort=status", REFUSED, status=400)

    assert [*refused_orders(seen.history(v1).lists, v1)] == []


@pytest.mark.parametrize(("named", "is_found"), [("sort", True), ("filter", False)])
def test_what_a_refusal_names_is_to_blame(v1: Contract, named: str, *, is_found: bool) -> None:
    seen = Told()
    seen.get("tasks?sort=title", {**REFUSED, "details": {named: "is wrong"}}, status=400)

    assert bool([*refused_orders(seen.history(v1).lists, v1)]) == is_found
