"""The record that was changed is asked for by each value that it was given."""

from dataclasses import replace

import pytest
from entity_conformance.oracle.question import Condition
from entity_conformance.suite.questions.changed import of_changed
from entity_conformance.suite.questions.conditions import Subjects
from entity_conformance.suite.questions.filling import AT_MOST
from entity_contract import Contract

BEFORE = {
    "id": "id_1",
    "name": "a",
    "category": "books",
    "active": True,
    "stock": 1,
    "priceCents": 5,
    "description": "d",
}
NOW = {"id": "id_1", "name": "b", "category": "home", "active": False, "stock": 1, "priceCents": 0, "description": None}
OTHER = {**NOW, "id": "id_2", "category": "books", "description": "e"}


def subjects(contract: Contract) -> Subjects:
    (products,) = [one for one in contract.entities if one.name == "products"]
    unset = {field.name: None for field in products.fields}
    return Subjects(products, (unset | NOW, unset | OTHER), contract.operators, contract.entities)


def test_values_that_stayed_or_are_nothing_are_not_asked_about(contract: Contract) -> None:
    asked = [one.condition for one in of_changed(subjects(contract), BEFORE, NOW)]

    assert asked == [
        Condition("category", "$eq", "home"),
        Condition("active", "$eq", operand=False),
        Condition("priceCents", "$eq", 0),
        Condition("name", "$eq", "b"),
    ]


def test_what_each_selects_is_known(contract: Contract) -> None:
    category, active, *_ = of_changed(subjects(contract), BEFORE, NOW)

    assert (category.selects, active.selects) == (frozenset({0}), frozenset({0, 1}))
    assert category.requirement == "filter.eq"


def test_a_question_has_so_many_conditions_at_most(contract: Contract) -> None:
    of = subjects(contract)
    now = {field.name: 1 for field in of.entity.fields}

    assert len(of_changed(replace(of, records=(now,)), {}, now)) <= AT_MOST


def test_where_equality_cannot_be_spelled_nothing_is_asked(contract: Contract) -> None:
    assert of_changed(replace(subjects(contract), operators=()), BEFORE, NOW) == ()


@pytest.mark.parametrize(
    ("updated", "since"),
    [
        ("2025-01-15T10:30:00.100Z", ["2025-01-15T10:30:00.050000Z"]),
        ("2025-01-15T10:30:00.004Z", []),
        ("2025-01-15T10:30:03Z", []),
        (None, []),
    ],
)
def test_when_it_was_changed_is_asked_about_where_that_was_later_beyond_doubt(
    contract: Contract, updated: str | None, since: list[str]
) -> None:
    of = subjects(contract)
    times = {"createdAt": "2025-01-15T10:30:00.000Z", "updatedAt": updated}
    of = replace(of, records=tuple({**one, **times} for one in of.records))

    asked = [one.condition for one in of_changed(of, BEFORE, {**NOW, **times})]

    assert [one.operand for one in asked if one.field == "updatedAt"] == since
    assert Condition("category", "$eq", "home") in asked
