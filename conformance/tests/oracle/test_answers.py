"""The model's own claims: what a question selects, in which order, on which page, and what is shown."""

from dataclasses import replace
from typing import Any

import pytest
from entity_conformance.oracle import answers
from entity_conformance.oracle.answers import Page
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED, Reading
from entity_conformance.oracle.records import Model, Record
from entity_contract import Contract, Entity


def product(number: int, **fields: object) -> Record:
    """A product that was created that many seconds after others."""
    return {
        "id": f"prd_{number}", "name": f"name {number}", "sku": f"sku-{number}", "description": None,
        "category": "other", "priceCents": 100, "currency": "EUR", "stock": 0, "weightKg": None, "active": True,
        "releasedOn": None, "createdAt": f"2025-03-01T10:00:{number:02}.000Z",
        "updatedAt": f"2025-03-01T10:00:{number:02}.000Z", **fields,
    }  # fmt: skip


@pytest.fixture
def products(contract: Contract) -> Entity:
    found = contract.entity("products")
    assert found is not None
    return found


def ids(records: tuple[Record, ...]) -> list[str]:
    return [record["id"] for record in records]


def holding(entity: Entity, field: str, values: list[Any], operator: str, operand: object) -> list[object]:
    """Which of these values of a field an operator selects."""
    records = tuple(product(number, **{field: value}) for number, value in enumerate(values))
    question = Question(entity, conditions=(Condition(field, operator, operand),))
    return [record[field] for record in answers.selected(records, question, DECIDED)]


@pytest.mark.parametrize(
    ("operator", "operand", "selects"),
    [
        ("$eq", 10, [10]),
        ("$ne", 10, [9, 11]),
        ("$gt", 9, [10, 11]),
        ("$gte", 10, [10, 11]),
        ("$lt", 10, [9]),
        ("$lte", 10, [9, 10]),
        ("$in", [9, 11], [9, 11]),
        ("$nin", [9, 11], [10]),
        ("$eq", 10.0, [10]),
    ],
)
def test_an_operator_compares_numbers_by_value(
    products: Entity, operator: str, operand: object, selects: list[int]
) -> None:
    assert holding(products, "priceCents", [9, 10, 11], operator, operand) == selects


@pytest.mark.parametrize(
    ("operator", "operand", "selects"),
    [
        ("$contains", "STRASSE", ["Hauptstraße 100%"]),
        ("$contains", "%", ["Hauptstraße 100%"]),
        ("$contains", "_", []),
        ("$startsWith", "haupt", ["Hauptstraße 100%"]),
        ("$startsWith", "a", ["axb"]),
        ("$endsWith", "B", ["axb"]),
        ("$gt", "a", ["axb"]),
    ],
)
def test_a_text_operator_is_literal_and_ignores_case(
    products: Entity, operator: str, operand: str, selects: list[str]
) -> None:
    assert holding(products, "name", ["Hauptstraße 100%", "axb"], operator, operand) == selects


@pytest.mark.parametrize(
    ("operator", "operand", "selects"),
    [
        ("$null", True, [None]),
        ("$null", False, [1, 2]),
        ("$ne", 1, [None, 2]),
        ("$nin", [1, 2], [None]),
        ("$eq", 1, [1]),
        ("$lt", 5, [1, 2]),
    ],
)
def test_a_null_is_equal_to_no_value_and_less_than_none(
    products: Entity, operator: str, operand: object, selects: list[object]
) -> None:
    assert holding(products, "weightKg", [None, 1, 2], operator, operand) == selects


def test_a_null_may_also_be_left_out_by_ne(products: Entity) -> None:
    records = (product(1, weightKg=None), product(2, weightKg=2))
    question = Question(products, conditions=(Condition("weightKg", "$ne", 1),))
    assert ids(answers.selected(records, question, replace(DECIDED, ne_null="no-match"))) == ["prd_2"]


def test_moments_are_compared_whatever_their_spelling(products: Entity) -> None:
    records = (product(1), product(2))
    question = Question(products, conditions=(Condition("createdAt", "$eq", "2025-03-01T12:00:01+02:00"),))
    assert ids(answers.selected(records, question, DECIDED)) == ["prd_1"]


def test_all_conditions_hold_together(products: Entity) -> None:
    records = (product(1, stock=1), product(2, stock=2), product(3, stock=2, active=False))
    question = Question(products, conditions=(Condition("stock", "$gt", 1), Condition("active", "$eq", operand=True)))
    assert ids(answers.selected(records, question, DECIDED)) == ["prd_2"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("lamp", ["prd_1", "prd_2"]),
        ("LAMP red", ["prd_1"]),
        ("amp \t oak", ["prd_2"]),
        ("lamp green", []),
        ("  ", ["prd_1", "prd_2", "prd_3"]),
        ("%", []),
    ],
)
def test_a_search_finds_every_word_in_some_field(products: Entity, search: str, found: list[str]) -> None:
    records = (
        product(1, name="Red lamp"),
        product(2, name="Table", description="for a Lamp; of oak"),
        product(3, name="Chair"),
    )
    assert ids(answers.selected(records, Question(products, search=search), DECIDED)) == found


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2025-03-01", None, ["prd_1", "prd_2"]),
        (None, "2025-03-01", ["prd_1", "prd_2"]),
        ("2025-03-02", None, []),
        (None, "2025-02-28", []),
        ("2025-03-01T10:00:02Z", None, ["prd_2"]),
        (None, "2025-03-01T10:00:01", ["prd_1"]),
        ("2025-03-01T19:00:02+09:00", "2025-03-01T10:00:02Z", ["prd_2"]),
        ("2025-03-01T10:00:01.001Z", "2025-03-01T10:00:01.999Z", []),
    ],
)
def test_both_borders_of_a_range_are_inclusive(
    products: Entity, start: str | None, end: str | None, found: list[str]
) -> None:
    records = (product(1), product(2))
    assert ids(answers.selected(records, Question(products, start=start, end=end), DECIDED)) == found


def order(entity: Entity, records: tuple[Record, ...], sort: str | None, way: str | None = None) -> list[str]:
    groups = answers.ranked(records, Question(entity, sort=sort, order=way), DECIDED)
    assert all(len(group) == 1 for group in groups)
    return [group[0]["id"] for group in groups]


def test_without_sort_the_newest_comes_first_and_ids_break_ties(products: Entity) -> None:
    same = product(2)["createdAt"]
    records = (product(3, createdAt=same), product(1), product(2))
    assert order(products, records, None) == ["prd_2", "prd_3", "prd_1"]


def test_an_enum_sorts_as_declared(products: Entity) -> None:
    records = (product(1, category="home"), product(2, category="electronics"), product(3, category="books"))
    assert order(products, records, "category") == ["prd_2", "prd_3", "prd_1"]


def test_nulls_come_last_and_first_in_descending_order(products: Entity) -> None:
    records = (product(1, weightKg=None), product(2, weightKg=10), product(3, weightKg=9))
    assert order(products, records, "weightKg") == ["prd_3", "prd_2", "prd_1"]
    assert order(products, records, "weightKg", "desc") == ["prd_1", "prd_2", "prd_3"]


def test_text_sorts_by_code_point(products: Entity) -> None:
    records = (product(1, name="b"), product(2, name="Z"), product(3, name="é"), product(4, name="a"))
    assert order(products, records, "name") == ["prd_2", "prd_4", "prd_1", "prd_3"]


def test_ties_go_up_by_id_in_either_order(products: Entity) -> None:
    records = (product(2, stock=1), product(1, stock=1), product(3, stock=2))
    assert order(products, records, "stock") == ["prd_1", "prd_2", "prd_3"]
    assert order(products, records, "stock", "desc") == ["prd_3", "prd_1", "prd_2"]


def test_undecided_ties_stand_together(products: Entity) -> None:
    records = (product(2, stock=1), product(1, stock=1), product(3, stock=0))
    groups = answers.ranked(records, Question(products, sort="stock"), Reading(ties="any"))
    assert [ids(group) for group in groups] == [["prd_3"], ["prd_1", "prd_2"]]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (Page(1, 20, 0), {"page": 1, "limit": 20, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": False}),
        (Page(1, 2, 3), {"page": 1, "limit": 2, "total": 3, "totalPages": 2, "hasNext": True, "hasPrev": False}),
        (Page(2, 2, 4), {"page": 2, "limit": 2, "total": 4, "totalPages": 2, "hasNext": False, "hasPrev": True}),
        (Page(9, 2, 3), {"page": 9, "limit": 2, "total": 3, "totalPages": 2, "hasNext": False, "hasPrev": True}),
    ],
)
def test_a_page_accounts_for_itself(page: Page, told: dict[str, object]) -> None:
    assert page.as_json() == told


def test_the_first_page_of_twenty_is_asked_for_unless_said_otherwise(products: Entity) -> None:
    assert answers.page_of(Question(products), 5) == Page(1, 20, 5)
    assert answers.page_of(Question(products, page=3, limit=7), 5) == Page(3, 7, 5)


@pytest.fixture
def shop(contract: Contract) -> Model:
    """A customer with two orders, one of them of a product; another user's customer."""
    model = Model(contract.entities, contract.operators, ({"id": "usr_1", "name": "Ada"},))
    for name, owner, record in (
        ("customers", "api_key", {"id": "cus_1", "name": "Zoe"}),
        ("customers", "other_api_key", {"id": "cus_2", "name": "Max"}),
        ("products", "api_key", {"id": "prd_1", "name": "Lamp"}),
        ("orders", "api_key", {"id": "ord_1", "reference": "A", "customerId": "cus_1", "productId": "prd_1"}),
        ("orders", "api_key", {"id": "ord_2", "reference": "B", "customerId": "cus_1", "productId": None}),
        ("tasks", "api_key", {"id": "tsk_1", "title": "T", "assigneeId": "usr_1"}),
    ):
        model.create(model.entity(name), owner, record)
    return model


def test_fields_shows_what_was_asked_for_and_the_id(shop: Model) -> None:
    orders = shop.entity("orders")
    record = shop.find(orders, "ord_1", "api_key")
    assert record is not None
    assert answers.shown(shop, orders, record, "api_key", fields=("reference",), include=()) == {
        "id": "ord_1",
        "reference": "A",
    }


def test_include_embeds_a_parent_or_null_and_keeps_the_foreign_key(shop: Model) -> None:
    orders = shop.entity("orders")
    record = shop.find(orders, "ord_2", "api_key")
    assert record is not None
    shown = answers.shown(shop, orders, record, "api_key", fields=("reference",), include=("customer", "product"))
    assert shown == {"id": "ord_2", "reference": "B", "customer": {"id": "cus_1", "name": "Zoe"}, "product": None}


def test_include_embeds_the_children(shop: Model) -> None:
    customers = shop.entity("customers")
    record = shop.find(customers, "cus_1", "api_key")
    assert record is not None
    shown = answers.shown(shop, customers, record, "api_key", fields=None, include=("orders",))
    assert ids(tuple(shown["orders"])) == ["ord_1", "ord_2"]


def test_an_empty_fields_shows_all(shop: Model) -> None:
    products = shop.entity("products")
    record = {one.name: None for one in products.fields}
    assert answers.shown(shop, products, record, "api_key", fields=(), include=()) == record


def test_another_users_records_are_invisible(shop: Model) -> None:
    customers = shop.entity("customers")
    assert ids(shop.visible(customers, "api_key")) == ["cus_1"]
    assert shop.find(customers, "cus_2", "api_key") is None


def test_everybody_sees_the_directory(shop: Model) -> None:
    users = shop.entity("users")
    assert ids(shop.visible(users, "api_key")) == ids(shop.visible(users, "other_api_key")) == ["usr_1"]


def test_a_deletion_takes_children_that_need_their_parent(shop: Model) -> None:
    loss = shop.delete(shop.entity("customers"), "cus_1")
    assert loss.gone == {"orders": ("ord_1", "ord_2")}
    assert shop.visible(shop.entity("orders"), "api_key") == ()
    assert shop.deleted(shop.entity("orders")) == ("ord_1", "ord_2")


def test_a_deletion_orphans_children_that_do_not(shop: Model) -> None:
    loss = shop.delete(shop.entity("products"), "prd_1")
    assert loss.orphaned == {"orders": ("ord_1",)}
    assert [one["productId"] for one in shop.visible(shop.entity("orders"), "api_key")] == [None, None]


def test_a_draft_fills_in_defaults_and_nulls(contract: Contract) -> None:
    model = Model(contract.entities, contract.operators)
    assert model.draft(model.entity("tasks"), {"title": "T"}) == {
        "title": "T", "description": None, "status": "todo", "priority": "medium", "assigneeId": None,
    }  # fmt: skip


def test_a_change_touches_what_it_names(shop: Model) -> None:
    orders = shop.entity("orders")
    shop.change(orders, "ord_1", {"reference": "C"})
    assert shop.find(orders, "ord_1", "api_key") == {
        "id": "ord_1", "reference": "C", "customerId": "cus_1", "productId": "prd_1",
    }  # fmt: skip


def test_a_question_spells_several_operators_of_a_field_in_one_object(products: Entity) -> None:
    question = Question(
        products,
        conditions=(Condition("stock", "$eq", 1, bare=True), Condition("stock", "$lt", 5)),
        fields=("id", "name"),
        page=2,
    )
    assert question.parameters() == [
        ("filter", '{"stock": {"$eq": 1, "$lt": 5}}'),
        ("fields", "id,name"),
        ("page", "2"),
    ]


def test_a_question_is_narrowed_to_some_ids(products: Entity) -> None:
    question = Question(products, only=("prd_1",), repeated=True, fields=("id", "name"))
    assert question.parameters() == [("filter", '{"id": {"$in": ["prd_1"]}}'), ("fields", "id"), ("fields", "name")]
    assert ids(answers.selected((product(1), product(2)), question, DECIDED)) == ["prd_1"]


@pytest.mark.parametrize(
    ("named", "is_open"), [(("tsk_1", "tsk_2"), False), (("-gt", "-TW"), True), (("a-c", "ab"), True)]
)
def test_ids_have_one_order_unless_collations_differ_about_them(
    products: Entity, named: tuple[str, str], *, is_open: bool
) -> None:
    records = [product(1, id=one) for one in named]
    groups = answers.ranked(records, Question(products, sort="id"), Reading(text="any"))
    assert [len(one) for one in groups] == ([2] if is_open else [1, 1])
