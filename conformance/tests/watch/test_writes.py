"""What a run wrote, and whether a field takes the values that are listed."""

import pytest
from entity_conformance.suite.sample import companies
from entity_conformance.suite.watch.writes import enum_values_are_taken
from entity_contract import Contract

from conformance.tests.watched import Told, problems


def write(told: Told, path: str, sent: dict[str, object], shown: str = "", *, named: str = "status") -> None:
    """A CREATE or an UPDATE that sends this; it is refused where it shows no status."""
    method = "PATCH" if "/" in path else "POST"
    entity = path.partition("/")[0]
    granted = {"success": True, "data": {"id": "t", **sent, named: shown}}
    refused = {"success": False, "code": "VALIDATION_FAILED", "details": {named: f"Not in {entity}"}}
    status = (200 if method == "PATCH" else 201) if shown else 400
    told.get(path, granted if shown else refused, status=status, method=method, body_sent=sent)


@pytest.mark.parametrize(
    ("held", "refused", "found"),
    [
        (["completed"], "in_progress", 0),
        (["completed", "in_progress"], "todo", 0),
        (["todo"], "completed", 1),
        (["in_progress", "todo"], "completed", 1),
        (["completed", "todo"], "in_progress", 1),
    ],
)
def test_a_workflow_of_tasks_may_leave_a_value_and_may_not_keep_one_out(
    v1: Contract, held: list[str], refused: str, found: int
) -> None:
    told = Told()
    write(told, "tasks", {"title": "x", "status": refused}, refused)
    for state in held:
        write(told, "tasks", {"title": "x", "status": state}, state)
        write(told, "tasks/t", {"status": refused})

    assert bool(problems(enum_values_are_taken, told.history(v1))) == bool(found)


def test_a_value_that_some_change_leads_to_is_taken(v1: Contract) -> None:
    told = Told()
    write(told, "tasks", {"title": "x"}, "todo")
    write(told, "tasks/t", {"status": "completed"})
    write(told, "tasks/t", {"status": "in_progress"}, "in_progress")
    write(told, "tasks/t", {"status": "completed"}, "completed")

    assert problems(enum_values_are_taken, told.history(v1)) == []


def test_a_new_task_takes_every_value(v1: Contract) -> None:
    told = Told()
    write(told, "tasks", {"title": "x", "status": "completed"})

    assert len(problems(enum_values_are_taken, told.history(v1))) == 1


@pytest.mark.parametrize(("shown", "found"), [("completed", 1), ("", 2)])
def test_a_new_task_takes_what_an_update_sets(v1: Contract, shown: str, found: int) -> None:
    told = Told()
    write(told, "tasks", {"title": "x", "status": "completed"})
    write(told, "tasks", {"title": "x", "status": "todo"}, "todo")
    write(told, "tasks/t", {"status": "completed"}, shown)

    assert len(problems(enum_values_are_taken, told.history(v1))) == found


@pytest.mark.parametrize(("tried_from", "found"), [([], 0), (["pending"], 0), (["pending", "paid"], 1)])
def test_where_a_new_order_is_pending_an_update_may_lead_to_the_others(
    v1: Contract, tried_from: list[str], found: int
) -> None:
    told, (orders,) = Told(), [one for one in v1.entities if one.name == "orders"]
    first: dict[str, object] = {"currency": "EUR", "gift": True}
    for beside in ({}, *companies(orders, "status", first)):
        write(told, "orders", {**first, **beside, "status": "shipped"})
    write(told, "orders", {**first, "status": "pending"}, "pending")
    for state in tried_from:
        write(told, "orders/t", {"status": state}, state)
        write(told, "orders/t", {"status": "shipped"})
    write(told, "orders/t", {"status": "paid"}, "paid")

    assert bool(problems(enum_values_are_taken, told.history(v1))) == bool(found)


@pytest.mark.parametrize(("parent", "found"), [({"productId": "prd_1"}, 0), ({"customerId": "cus_1"}, 1)])
def test_what_a_field_takes_may_hang_on_a_record_that_a_body_need_not_name(
    v1: Contract, parent: dict[str, object], found: int
) -> None:
    told, (orders,) = Told(), [one for one in v1.entities if one.name == "orders"]
    first: dict[str, object] = {"status": "pending", "gift": True}
    for beside in (first, *companies(orders, "currency", first)):
        write(told, "orders", {"currency": "GBP", **beside, **parent}, named="currency")

    assert bool(problems(enum_values_are_taken, told.history(v1))) == bool(found)


@pytest.mark.parametrize(
    ("currencies", "found"), [(["EUR"], 0), (["EUR", "USD"], 0), (["EUR", "USD", "GBP"], 1), ([], 0)]
)
def test_what_a_field_takes_may_hang_on_another_enum_beside_it(v1: Contract, currencies: list[str], found: int) -> None:
    told = Told()
    for currency in currencies:
        for active in (True, False):
            sent: dict[str, object] = {"category": "books", "currency": currency, "active": active}
            write(told, "products", sent, named="category")
    if not currencies:
        write(told, "products", {"category": "books"}, named="category")

    assert bool(problems(enum_values_are_taken, told.history(v1))) == bool(found)


@pytest.mark.parametrize(("others", "found"), [((), 1), (("currency",), 0), (("elsewhere",), 1)])
def test_a_refusal_that_names_several_fields_is_for_a_rule_of_them_all(
    v1: Contract, others: tuple[str, ...], found: int
) -> None:
    told, details = Told(), dict.fromkeys(("category", *others), "is not sold so")
    (products,) = [one for one in v1.entities if one.name == "products"]
    first: dict[str, object] = {"currency": "EUR", "active": True}
    for beside in (first, *companies(products, "category", first)):
        refused = {"success": False, "code": "VALIDATION_FAILED", "details": details}
        told.get("products", refused, status=400, method="POST", body_sent={"category": "books", **beside})

    assert bool(problems(enum_values_are_taken, told.history(v1))) == bool(found)
